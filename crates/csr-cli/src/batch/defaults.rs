//! From a record, and the defaults that the flags give, to an item.

use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::Context;
use csr_core::{CsrSpec, Field as Part, KeyAlgorithm, KeyFormat, PrivateKeyAlgo, Reason, Usage};
use csr_model::{Excerpt, JsonValue, json_fields, may_be_secret};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::fields::{FIELDS, Request, Slot, Value, known, of_flag, why_unknown};
use super::input::template::Template;
use super::input::{Content, Place, Record};
use super::item::{Id, Item};
use crate::args::{self, BatchArgs, DEFAULT_ALGORITHM};
use crate::content::{self, Fault, Files, Hint, Old, Typed, Wanted};
use crate::failure::{self, Refusals};
use crate::key_form;
use crate::profile::Profile;

/// What the flags and the organization profile give to all items.
pub(super) struct Defaults {
    request: Request,
    typed: Typed,
    old: Option<Old>,
    /// Whether a flag gives the field.
    has_flag: [bool; FIELDS.len()],
    /// What is rendered for each item of `--count`.
    templates: Vec<(usize, Templates)>,
    id: Option<Template>,
    key_format: KeyFormat,
    config: Option<PathBuf>,
    /// What is read, and the faults of it, once an item needs it.
    profile: OnceLock<(Profile, String)>,
}

enum Templates {
    One(Template),
    List(Vec<Template>),
}

/// A record that makes no item.
#[derive(Debug)]
pub(super) struct BadRecord {
    pub(super) place: Place,
    /// The identifier, if it is good and surely no secret.
    pub(super) id: Option<String>,
    /// Never empty.
    pub(super) faults: Vec<RecordFault>,
}

/// A fault of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RecordFault {
    /// The field, or the flag that gives its default; `None` if it is about the whole record.
    pub(super) field: Option<&'static str>,
    pub(super) index: Option<usize>,
    pub(super) message: String,
}

impl BadRecord {
    /// A record that is good but for its identifier, which cannot be used.
    pub(super) fn of_id(place: Place, id: &Id, message: String) -> Self {
        let id = Some(id.as_str()).filter(|id| !may_be_secret(id)).map(str::to_owned);
        Self { place, id, faults: vec![RecordFault::of_field("id", message)] }
    }

    /// One line for each fault: `FILE line 3 (id web-1): domain_name: …`.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let id = self.id.as_ref().map_or_else(String::new, |id| format!(" (id {id})"));
        self.faults.iter().map(move |fault| format!("{}{id}: {fault}", self.place))
    }
}

impl RecordFault {
    fn of_field(field: &'static str, message: String) -> Self {
        Self { field: Some(field), index: None, message }
    }

    pub(super) fn of_record(message: impl Into<String>) -> Self {
        Self { field: None, index: None, message: message.into() }
    }
}

/// As other faults in JSON. The help documents the fields.
impl Serialize for RecordFault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        failure::json_fault(self.field, self.index, &self.message).serialize(serializer)
    }
}

impl std::fmt::Display for RecordFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.field, self.index) {
            (Some(field), Some(index)) => write!(f, "{field}[{index}]: {}", self.message),
            (Some(field), None) => write!(f, "{field}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

impl Defaults {
    /// Reads what the flags name, and checks it as far as this is possible without a record.
    pub(super) fn new(args: &BatchArgs, faults: &mut Refusals) -> Option<Self> {
        let before = faults.len();
        let old =
            args.content.from.as_deref().map(|path| faults.take_chain(Old::read(path).context("--from")));
        let is_old_missing = matches!(old, Some(None));
        let old = old.flatten();
        let algorithm = match (&old, args.algorithm) {
            (Some(old), None) => faults.take_chain(old.algorithm().context("--from")),
            (_, algorithm) => algorithm,
        };
        let file = args.content.challenge_password_file.as_deref();
        let challenge_password = file.and_then(|path| {
            faults.take_chain(content::challenge_password(path).context("--challenge-password-file"))
        });
        let mut request = Request {
            id: None,
            name: None,
            sans: Vec::new(),
            content: args.content.clone(),
            challenge_password,
            algorithm,
            digest: args.digest,
            pss: args.pss,
        };
        let mut has_flag = std::array::from_fn(|at| is_given(&FIELDS[at].slot, &mut request));
        let mut templates = Vec::new();
        let mut id = None;
        if let Some(count) = args.count {
            templates = take_templates(&mut request, &mut has_flag, faults);
            if let Some(template) = &args.id {
                id = faults.take(template.parse().map_err(|why: String| format!("--id: {why}")));
                if count.get() > 1 && id.as_ref().is_some_and(|id: &Template| !id.has_number()) {
                    faults.push("--id: must contain {n}, so that each item has an id of its own");
                }
            } else if !names_files(&templates, &request) {
                id = Some(Template::number(1));
            }
        } else {
            refuse_templates(&mut request, faults);
        }
        let (mut typed, mut mistyped) = (Typed::default(), Vec::new());
        typed.update(&request.content, Files::Read, |_| true, &mut mistyped);
        let defaults = Self {
            request,
            typed,
            old,
            has_flag,
            templates,
            id,
            key_format: args.key_format.into(),
            config: args.config.clone(),
            profile: OnceLock::new(),
        };
        mistyped.extend(defaults.faults_of_flags());
        let names = |fault: Fault| {
            let Fault { flag, index, message, hint } = fault;
            let index = index.map_or_else(String::new, |index| format!("[{index}]"));
            format!("{flag}{index}: {message}{}", hint.map_or("", hint_of_flag))
        };
        faults.extend(mistyped.into_iter().map(names));
        if defaults.request.content.usage == Usage::Enterprise && !is_old_missing {
            let missing = content::missing_company_fields(
                &defaults.request.content,
                &defaults.typed,
                defaults.old.as_ref(),
            );
            if !missing.is_empty() {
                let mut found = Refusals::default();
                let profile = Profile::read(args.config.as_deref(), COMPANY, &mut found);
                faults.append(found);
                // It is not set before.
                let _ = defaults.profile.set((profile, String::new()));
            }
        }
        (faults.len() == before).then_some(defaults)
    }

    /// The faults that every record would have: those of the content that the flags give, if a name is added.
    fn faults_of_flags(&self) -> Vec<Fault> {
        let Request { content, digest, pss, algorithm, .. } = &self.request;
        let domain = content.domain.as_deref().or((!content.names_something()).then_some("localhost"));
        let missing = content::missing_company_fields(content, &self.typed, self.old.as_ref());
        let built = Wanted {
            domain,
            names: &[],
            given: content,
            typed: &self.typed,
            company: content::company(content, &Profile::default(), &missing),
            challenge_password: self.request.challenge_password.as_deref().map(String::as_str),
            digest: *digest,
            pss: *pss,
        }
        .build(self.builder(algorithm.unwrap_or(DEFAULT_ALGORITHM)));
        let signature = algorithm
            .and_then(|algorithm| KeyAlgorithm::from(algorithm).check_signature(*digest, *pss).err());
        let is_final = |fault: &&csr_core::Fault| {
            !matches!(fault.reason, Reason::MissingForEnterprise)
                && (fault.field, &fault.reason) != (Part::DomainName, &Reason::Missing)
        };
        let found: Vec<_> = built.err().into_iter().chain(signature).flatten().collect();
        found.iter().filter(is_final).map(|fault| Fault::new(fault, &self.typed)).collect()
    }

    /// What the user should know of the file of `--from`.
    pub(super) fn notes(&self) -> Vec<String> {
        let algorithm = self.request.algorithm.unwrap_or(DEFAULT_ALGORITHM);
        self.old.as_ref().map_or_else(Vec::new, |old| old.notes(Some(algorithm)))
    }

    /// Whether an item lacked fields of the company, which the profile is there to complete.
    pub(super) fn has_read_profile(&self) -> bool {
        self.profile.get().is_some()
    }

    fn builder(&self, algorithm: PrivateKeyAlgo) -> csr_core::CsrSpecBuilder {
        self.old.as_ref().map_or_else(CsrSpec::builder, |old| old.builder(Some(algorithm)))
    }

    fn profile(&self) -> &(Profile, String) {
        self.profile.get_or_init(|| {
            let mut faults = Refusals::default();
            let profile = Profile::read(self.config.as_deref(), COMPANY, &mut faults);
            (profile, faults.to_string())
        })
    }

    /// The item that a record asks for, or everything that is wrong with the record.
    pub(super) fn item(&self, record: &Record) -> Result<Item, BadRecord> {
        let mut draft = Draft {
            defaults: self,
            request: self.request.clone(),
            given: [None; FIELDS.len()],
            lists: Vec::new(),
            faults: Vec::new(),
        };
        let item = draft.read(&record.content).then(|| draft.item()).flatten();
        match item {
            Some(item) if draft.faults.is_empty() => Ok(item),
            _ => {
                if draft.faults.is_empty() {
                    draft.faults.push(RecordFault::of_record("a fault went unnoticed; please report this"));
                }
                Err(BadRecord { place: record.place.clone(), id: draft.shown_id(), faults: draft.faults })
            }
        }
    }
}

/// The fields that can say what the certificate is for.
const NAMING: [&str; 12] = [
    "domain_name",
    "common_name",
    "san",
    "sans",
    "san_email",
    "san_uri",
    "san_upn",
    "san_other_name",
    "san_directory_name",
    "san_registered_id",
    "no_common_name",
    "subject",
];

const COMPANY: [Part; 4] = [Part::Country, Part::Province, Part::City, Part::Organization];

/// Whether a flag gives the value.
fn is_given(slot: &Slot, request: &mut Request) -> bool {
    match slot {
        Slot::Text(slot) => slot(request).is_some(),
        Slot::List(slot) => !slot(request).is_empty(),
        Slot::Switch(slot) => *slot(request),
        Slot::Sans => false,
        Slot::Password => request.challenge_password.is_some(),
        Slot::Usage => request.content.usage == Usage::Enterprise,
        Slot::Algorithm => request.algorithm.is_some(),
        Slot::Digest => request.digest.is_some(),
        Slot::KeyUsage => !request.content.key_usage.is_empty(),
        Slot::ExtendedKeyUsage => !request.content.extended_key_usage.is_empty(),
        Slot::PathLength => request.content.path_length.is_some(),
    }
}

/// Takes the values with templates out of the defaults. In the others, doubled braces become single ones.
fn take_templates(
    request: &mut Request,
    has_flag: &mut [bool; FIELDS.len()],
    faults: &mut Refusals,
) -> Vec<(usize, Templates)> {
    let mut taken = Vec::new();
    for (at, field) in FIELDS.iter().enumerate() {
        let flag = field.flag.unwrap_or(field.name);
        let parse = |text: &String| text.parse::<Template>();
        match field.slot {
            Slot::Text(slot) => {
                let Some(text) = slot(request).as_ref() else { continue };
                let parsed = faults.take(parse(text).map_err(|why| format!("{flag}: {why}")));
                match parsed {
                    Some(template) if template.has_number() => {
                        *slot(request) = None;
                        has_flag[at] = false;
                        taken.push((at, Templates::One(template)));
                    }
                    Some(template) => *slot(request) = Some(template.render(0)),
                    None => {}
                }
            }
            Slot::List(slot) => {
                let mut parsed = Vec::new();
                for (index, text) in slot(request).iter().enumerate() {
                    let template = parse(text).map_err(|why| format!("{flag}[{index}]: {why}"));
                    parsed.extend(faults.take(template));
                }
                if parsed.iter().any(Template::has_number) {
                    slot(request).clear();
                    has_flag[at] = false;
                    taken.push((at, Templates::List(parsed)));
                } else {
                    *slot(request) = parsed.iter().map(|template| template.render(0)).collect();
                }
            }
            _ => {}
        }
    }
    taken
}

/// Whether the names that files get without an id hold the item's number.
fn names_files(templates: &[(usize, Templates)], request: &Request) -> bool {
    let is_template = |name| templates.iter().any(|(at, _)| FIELDS[*at].name == name);
    is_template("domain_name") || request.content.domain.is_none() && is_template("common_name")
}

/// Refuses templates where there is no number to put into them.
fn refuse_templates(request: &mut Request, faults: &mut Refusals) {
    let is_template = |text: &String| text.parse::<Template>().is_ok_and(|template| template.has_number());
    for field in &FIELDS {
        let found = match field.slot {
            Slot::Text(slot) => slot(request).iter().any(is_template),
            Slot::List(slot) => slot(request).iter().any(is_template),
            _ => false,
        };
        if found {
            let flag = field.flag.unwrap_or(field.name);
            faults.push(format_args!(
                "{flag}: {{n}} stands for an item's number with --count only: leave it out"
            ));
        }
    }
}

fn hint_of_flag(hint: Hint) -> &'static str {
    match hint {
        Hint::Email => "; a mail address is given by --san-email",
        Hint::Uri => "; a URI is given by --san-uri",
        Hint::AllowUnderscore => "; --allow-underscore takes it",
        Hint::Profile => "",
    }
}

fn hint_of_field(hint: Hint) -> &'static str {
    match hint {
        Hint::Email => "; a mail address is given by san_email",
        Hint::Uri => "; a URI is given by san_uri",
        Hint::AllowUnderscore => "; allow_underscore takes it",
        Hint::Profile => {
            "; --country and the like, CSR_COUNTRY and the like or --config can give the company for all"
        }
    }
}

/// A record on its way to an item.
struct Draft<'a> {
    defaults: &'a Defaults,
    request: Request,
    /// The name by which each field was given.
    given: [Option<&'static str>; FIELDS.len()],
    /// The lists that were given, to look whether their entries are the pieces of a secret.
    lists: Vec<(usize, String)>,
    faults: Vec<RecordFault>,
}

impl Draft<'_> {
    /// Reads the fields; `false` if there are none to read.
    fn read(&mut self, content: &Content) -> bool {
        match content {
            Content::Json(json) => {
                if let Err(error) = std::str::from_utf8(json) {
                    let at = error.valid_up_to() + 1;
                    self.faults.push(RecordFault::of_record(format!("must be UTF-8, but byte {at} is not")));
                    return false;
                }
                match json_fields(json) {
                    Ok(fields) => {
                        for (name, value) in fields {
                            let name = name.as_ref().map_or("\u{fffd}", |name| name.as_str());
                            self.set(name, &Value::Json(value));
                        }
                    }
                    Err(refused) => {
                        let why: Vec<_> = refused.iter().map(csr_core::Fault::message).collect();
                        self.faults.push(RecordFault::of_record(why_malformed(&why.join("; "), json)));
                        return false;
                    }
                }
            }
            Content::Row { columns, cells } => {
                for (name, cell) in columns.iter().zip(cells) {
                    // The line end of a table from Windows.
                    let cell = cell.strip_suffix(b"\r").unwrap_or(cell);
                    match str::from_utf8(cell) {
                        Ok(text) => self.set_known(*name, &Value::Cell(Zeroizing::new(text.to_owned()))),
                        Err(_) => {
                            self.given[name.0] = Some(name.1);
                            let why = "must be UTF-8: save the table as \"CSV UTF-8\"".to_owned();
                            self.faults.push(RecordFault::of_field(name.1, why));
                        }
                    }
                }
            }
            Content::Number(number) => {
                if let Some(id) = &self.defaults.id {
                    self.request.id = Some(id.render(*number));
                    self.given[0] = Some("--id");
                }
                let text = |template: &Template| Zeroizing::new(template.render(*number));
                for (at, templates) in &self.defaults.templates {
                    let value = match templates {
                        Templates::One(template) => JsonValue::Text(text(template)),
                        Templates::List(list) => JsonValue::Texts(list.iter().map(text).collect()),
                    };
                    let field = &FIELDS[*at];
                    self.set_known((*at, field.flag.unwrap_or(field.name)), &Value::Json(value));
                }
            }
            Content::Faulty(why) => {
                self.faults.push(RecordFault::of_record(why.clone()));
                return false;
            }
        }
        true
    }

    fn set(&mut self, name: &str, value: &Value) {
        match known(name) {
            Some(field) => self.set_known(field, value),
            None => self.faults.push(RecordFault::of_record(why_unknown(name))),
        }
    }

    fn set_known(&mut self, (at, name): (usize, &'static str), value: &Value) {
        if value.is_absent() {
            return;
        }
        if let Some(earlier) = self.given[at] {
            let why = format!("{earlier} gives it already: give one of them");
            self.faults.push(RecordFault::of_field(name, why));
            return;
        }
        self.given[at] = Some(name);
        let slot = &FIELDS[at].slot;
        if !matches!(slot, Slot::Password)
            && let Some(joined) = value.joined()
        {
            self.lists.push((at, joined));
        }
        if let Err(faults) = slot.set(&mut self.request, value) {
            let hidden = self.hidden(at);
            self.faults.extend(faults.into_iter().map(|(index, message)| {
                let message =
                    hidden.as_ref().map_or(message.clone(), |hidden| without_quoted(&message, hidden));
                RecordFault { field: Some(name), index, message }
            }));
        }
    }

    /// The excerpt to show for every entry of a list whose entries together may be a secret.
    fn hidden(&self, at: usize) -> Option<Excerpt> {
        let (_, joined) = self.lists.iter().find(|(of, _)| *of == at)?;
        Some(Excerpt::of(joined)).filter(|excerpt| excerpt.as_str().is_none())
    }

    /// Whether something is missing only because a value of one of these fields has a fault, which is told already.
    fn is_known_why(&self, names: &[&str]) -> bool {
        let given = names.iter().filter_map(|name| self.given[known(name)?.0]);
        given.into_iter().any(|given| self.faults.iter().any(|fault| fault.field == Some(given)))
    }

    /// Whether the record gives the field of this name.
    fn gives(&self, name: &str) -> bool {
        known(name).is_some_and(|(at, _)| self.given[at].is_some())
    }

    /// The value of the record wins over a default that contradicts it.
    fn settle(&mut self) {
        let content = &mut self.request.content;
        let [common_name, no_common_name, san, sans] =
            ["common_name", "no_common_name", "san", "sans"].map(|name| known(name).map_or(0, |(at, _)| at));
        let is_given = |at: usize| self.given[at].is_some();
        if is_given(common_name) && is_given(no_common_name) && content.no_common_name {
            let why = "must not be given with common_name: give one of them".to_owned();
            self.faults.push(RecordFault::of_field("no_common_name", why));
        } else if is_given(common_name) {
            content.no_common_name = false;
        } else if content.no_common_name {
            content.common_name = None;
        }
        if is_given(sans) && !is_given(san) {
            content.san.clear();
        }
    }

    /// Checks the whole.
    fn item(&mut self) -> Option<Item> {
        self.settle();
        let Defaults { request: default, old, key_format, .. } = self.defaults;
        let mut typed = self.defaults.typed.clone();
        let mut mistyped = Vec::new();
        let is_changed = |flag: &str| of_flag(flag).is_some_and(|at| self.given[at].is_some());
        typed.update(&self.request.content, Files::Refused, is_changed, &mut mistyped);
        for fault in mistyped {
            let fault = self.named(fault);
            self.faults.push(fault);
        }
        let content = &self.request.content;
        let mut company = content::company(content, &Profile::default(), &[]);
        let mut profile = None;
        if content.usage == Usage::Enterprise {
            let missing = content::missing_company_fields(content, &typed, old.as_ref());
            if !missing.is_empty() {
                let read = self.defaults.profile();
                company = content::company(content, &read.0, &missing);
                profile = Some(read);
            }
        }
        let algorithm = self.request.algorithm.or(default.algorithm).unwrap_or(DEFAULT_ALGORITHM);
        let built = Wanted {
            domain: content.domain.as_deref(),
            names: &self.request.sans,
            given: content,
            typed: &typed,
            company,
            challenge_password: self.request.challenge_password.as_deref().map(String::as_str),
            digest: self.request.digest,
            pss: self.request.pss,
        }
        .build(self.defaults.builder(algorithm));
        let signature =
            KeyAlgorithm::from(algorithm).check_signature(self.request.digest, self.request.pss).err();
        let (spec, refused) = match built {
            Ok(spec) => (Some(spec), None),
            Err(refused) => (None, Some(refused)),
        };
        let refused: Vec<_> = refused.into_iter().chain(signature).flatten().collect();
        let mut found = Vec::new();
        for mut fault in refused {
            if (fault.field, &fault.reason) == (Part::DomainName, &Reason::Missing) {
                if !self.is_known_why(&NAMING) {
                    let why = "is required; common_name, subject or san can stand in for it".to_owned();
                    self.faults.push(RecordFault::of_field("domain_name", why));
                }
                continue;
            }
            let flag = args::flag(fault.field).unwrap_or_default();
            if fault.reason == Reason::MissingForEnterprise
                && of_flag(flag).is_some_and(|at| self.is_known_why(&[FIELDS[at].name]))
            {
                continue;
            }
            if let Some((profile, why)) = profile
                && profile.explains(&fault)
                && !why.is_empty()
            {
                self.faults.push(RecordFault::of_record(why.clone()));
                continue;
            }
            let shown = Fault::new(&fault, &typed);
            let (is_of_sans, hidden) = match of_flag(shown.flag) {
                Some(at) => (shown.flag == "--san", self.hidden(at)),
                None => (false, None),
            };
            let hidden = hidden.or_else(|| {
                let sans = || Excerpt::of(&self.request.sans.join(";"));
                is_of_sans.then(sans).filter(|excerpt| excerpt.as_str().is_none())
            });
            if let (Some(hidden), Some(_)) = (hidden, &fault.text) {
                fault.text = Some(hidden);
            }
            found.push(Fault::new(&fault, &typed));
        }
        for fault in found {
            let fault = self.named(fault);
            self.faults.push(fault);
        }
        if let Some(why) = key_form::why_unfit(*key_format, algorithm) {
            self.faults.push(RecordFault::of_field("--key-format", why));
        }
        let id = match self.id(spec.as_ref()) {
            Ok(id) => id,
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        };
        Some(Item { id: id?, algorithm, spec: spec? })
    }

    /// The fault under the name by which the value was given.
    fn named(&self, fault: Fault) -> RecordFault {
        let Fault { flag, index, message, hint } = fault;
        let (flag, index) = match (flag, index.map(|index| index.checked_sub(self.request.sans.len()))) {
            ("--san", Some(None)) => ("sans", index),
            ("--san", Some(behind)) => (flag, behind),
            _ => (flag, index),
        };
        let at = of_flag(flag);
        let message = match at.and_then(|at| self.hidden(at)) {
            Some(hidden) => without_quoted(&message, &hidden),
            None => message,
        };
        let field = match at {
            Some(at) => {
                let of_defaults = self.defaults.has_flag[at].then_some(flag);
                self.given[at].or(of_defaults).unwrap_or(FIELDS[at].name)
            }
            None => flag,
        };
        let hint = hint.map_or("", if field.starts_with("--") { hint_of_flag } else { hint_of_field });
        RecordFault { field: Some(field), index, message: format!("{message}{hint}") }
    }

    /// The identifier, or that of the files that `csr create` would write; `None` where a fault says why already.
    fn id(&self, spec: Option<&CsrSpec>) -> Result<Option<Id>, RecordFault> {
        let own = [("id", &self.request.id), ("name", &self.request.name)];
        for (field, text) in own {
            if let Some(text) = text {
                let field = if field == "id" { self.given[0].unwrap_or(field) } else { field };
                let remedy = if field == "name" { "; an id can be given instead" } else { "" };
                return Id::new(text).map(Some).map_err(|why| {
                    RecordFault::of_field(field, format!("{} {why}{remedy}", Excerpt::of(text)))
                });
            }
            if self.gives(field) {
                // Its value has a fault.
                return Ok(None);
            }
        }
        let Some(spec) = spec else { return Ok(None) };
        let domain = self.request.content.domain.as_ref().and_then(|_| spec.sans().first());
        let text = match domain {
            Some(domain) => Some(domain.to_string()),
            None => spec.subject().common_name().map(|name| name.to_string()),
        };
        let Some(text) = text else {
            let why = "is required where neither name, domain_name nor a common name can stand in for it";
            return Err(RecordFault::of_field("id", why.to_owned()));
        };
        Id::from_domain(&text).map(Some).map_err(|why| {
            let from = if domain.is_some() { "the domain" } else { "the common name" };
            RecordFault::of_field("id", format!("is required, because {from} cannot be one: {why}"))
        })
    }

    /// The identifier to tell with the faults.
    fn shown_id(&self) -> Option<String> {
        let text = self.request.id.as_ref().or(self.request.name.as_ref())?;
        (Id::new(text).is_ok() && !may_be_secret(text)).then(|| text.clone())
    }
}

/// The message with this excerpt in place of the one that it begins with.
fn without_quoted(message: &str, hidden: &Excerpt) -> String {
    match message.strip_prefix('"').and_then(|rest| rest.split_once("\" ")) {
        Some((_, rest)) => format!("{hidden} {rest}"),
        None => message.to_owned(),
    }
}

/// The message about malformed JSON. A record of several lines is part of a list.
fn why_malformed(message: &str, json: &[u8]) -> String {
    if json.contains(&b'\n') {
        return message.replace(" at line ", " in its line ");
    }
    let is_cut_off = message.contains("EOF while parsing");
    let remedy = if is_cut_off { "; each line must hold a whole request (`jq -c` writes it so)" } else { "" };
    format!(
        "{}{remedy}",
        message.replace(" at line 1 column ", " at column ").replace("(line 1 column ", "(column ")
    )
}
