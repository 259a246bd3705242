//! The fields of a record: their names, and how their values are read.

use csr_core::{Digest, PrivateKeyAlgo, Usage};
use csr_model::{Excerpt, JsonValue};
use zeroize::Zeroizing;

use crate::args::{self, Content};

/// What is asked for, by the defaults and then by a record.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    /// The entries of `sans`.
    pub(super) sans: Vec<String>,
    pub(super) content: Content,
    pub(super) challenge_password: Option<Zeroizing<String>>,
    pub(super) algorithm: Option<PrivateKeyAlgo>,
    pub(super) digest: Option<Digest>,
    pub(super) pss: bool,
}

/// A field that a record may have.
pub(super) struct Field {
    pub(super) name: &'static str,
    /// Another name for it.
    pub(super) alias: Option<&'static str>,
    /// The flag that gives its default.
    pub(super) flag: Option<&'static str>,
    pub(super) slot: Slot,
}

/// Where a value goes, by its type.
pub(super) enum Slot {
    Text(fn(&mut Request) -> &mut Option<String>),
    List(fn(&mut Request) -> &mut Vec<String>),
    Switch(fn(&mut Request) -> &mut bool),
    Sans,
    Password,
    Usage,
    Algorithm,
    Digest,
    KeyUsage,
    ExtendedKeyUsage,
    PathLength,
}

use Slot::{List, Switch, Text};

pub(super) const FIELDS: [Field; 34] = [
    field("id", None, Text(|r| &mut r.id)),
    field("name", None, Text(|r| &mut r.name)),
    aliased("domain_name", "domain", "--domain", Text(|r| &mut r.content.domain)),
    field("sans", None, Slot::Sans),
    aliased("private_key_algo", "algorithm", "--algorithm", Slot::Algorithm),
    field("usage", Some("--usage"), Slot::Usage),
    aliased("company_country", "country", "--country", Text(|r| &mut r.content.country)),
    aliased("company_province", "province", "--province", Text(|r| &mut r.content.province)),
    aliased("company_city", "city", "--city", Text(|r| &mut r.content.city)),
    aliased("company_name", "organization", "--organization", Text(|r| &mut r.content.organization)),
    field("common_name", Some("--common-name"), Text(|r| &mut r.content.common_name)),
    field("no_common_name", Some("--no-common-name"), Switch(|r| &mut r.content.no_common_name)),
    field("san", Some("--san"), List(|r| &mut r.content.san)),
    field("san_email", Some("--san-email"), List(|r| &mut r.content.san_email)),
    field("san_uri", Some("--san-uri"), List(|r| &mut r.content.san_uri)),
    field("san_upn", Some("--san-upn"), List(|r| &mut r.content.san_upn)),
    field("san_other_name", Some("--san-other-name"), List(|r| &mut r.content.san_other_name)),
    field("san_directory_name", Some("--san-directory-name"), List(|r| &mut r.content.san_directory_name)),
    field("san_registered_id", Some("--san-registered-id"), List(|r| &mut r.content.san_registered_id)),
    field("allow_underscore", Some("--allow-underscore"), Switch(|r| &mut r.content.allow_underscore)),
    field("organizational_unit", Some("--organizational-unit"), List(|r| &mut r.content.organizational_unit)),
    field("subject", Some("--subject"), List(|r| &mut r.content.subject)),
    field("email_address", Some("--email-address"), Text(|r| &mut r.content.email_address)),
    field("key_usage", Some("--key-usage"), Slot::KeyUsage),
    field("extended_key_usage", Some("--extended-key-usage"), Slot::ExtendedKeyUsage),
    field("ca", Some("--ca"), Switch(|r| &mut r.content.ca)),
    field("path_length", Some("--path-length"), Slot::PathLength),
    field("must_staple", Some("--must-staple"), Switch(|r| &mut r.content.must_staple)),
    field("extension", Some("--extension"), List(|r| &mut r.content.extension)),
    field("attribute", Some("--attribute"), List(|r| &mut r.content.attribute)),
    field("challenge_password", Some("--challenge-password-file"), Slot::Password),
    field("sm2_id", Some("--sm2-id"), Text(|r| &mut r.content.sm2_id)),
    field("digest", Some("--digest"), Slot::Digest),
    field("pss", Some("--pss"), Switch(|r| &mut r.pss)),
];

const fn field(name: &'static str, flag: Option<&'static str>, slot: Slot) -> Field {
    Field { name, alias: None, flag, slot }
}

const fn aliased(name: &'static str, alias: &'static str, flag: &'static str, slot: Slot) -> Field {
    Field { name, alias: Some(alias), flag: Some(flag), slot }
}

/// The place in [`FIELDS`] of a field's name, and the name as it is documented. Columns of a table have names in any case.
pub(super) fn known(name: &str) -> Option<(usize, &'static str)> {
    FIELDS.iter().enumerate().find_map(|(at, field)| {
        let names = [Some(field.name), field.alias];
        names.into_iter().flatten().find(|known| *known == name).map(|known| (at, known))
    })
}

/// The place in [`FIELDS`] of the field with this flag.
pub(super) fn of_flag(flag: &str) -> Option<usize> {
    FIELDS.iter().position(|field| field.flag == Some(flag))
}

/// Why a name is no field's.
pub(super) fn why_unknown(name: &str) -> String {
    let lower = name.trim().to_lowercase().replace(['-', ' '], "_");
    let only_flags =
        ["from", "config", "challenge_password_file", "key_format", "encrypt", "recipient", "out", "der"];
    if only_flags.contains(&&*lower) {
        let flag = lower.replace('_', "-");
        return format!(
            "{} must not stand in a request: give the flag --{flag}, for all of them",
            Excerpt::of(name)
        );
    }
    let names = FIELDS.iter().flat_map(|field| [Some(field.name), field.alias]).flatten();
    let nearest = names
        .map(|known| (strsim::damerau_levenshtein(&lower, known), known))
        .min()
        .filter(|(distance, known)| lower.len() < 32 && *distance <= known.len().div_ceil(3));
    let remedy = match nearest {
        Some((_, known)) => format!("did you mean {known}?"),
        None => "`csr batch --help` lists the fields".to_owned(),
    };
    format!("{} is not a field of a request: {remedy}", Excerpt::of(name))
}

/// A value as it was given.
pub(super) enum Value {
    Json(JsonValue),
    /// Of a table, where all is text, and a list is separated by `;`.
    Cell(Zeroizing<String>),
}

impl Value {
    /// Whether it says that nothing is given.
    pub(super) fn is_absent(&self) -> bool {
        match self {
            Self::Json(JsonValue::Null) => true,
            Self::Json(JsonValue::Text(text)) => text.is_empty(),
            Self::Cell(text) => text.trim_matches(' ').is_empty(),
            Self::Json(_) => false,
        }
    }

    /// The entries of a list, together.
    pub(super) fn joined(&self) -> Option<String> {
        match self {
            Self::Json(JsonValue::Texts(texts)) if texts.len() > 1 => {
                Some(texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join(";"))
            }
            Self::Cell(text) if text.contains(';') => Some((**text).clone()),
            _ => None,
        }
    }

    fn not(&self, expected: &str) -> String {
        let found = match self {
            Self::Json(JsonValue::LoneSurrogate) => return csr_core::Reason::LoneSurrogate.to_string(),
            Self::Json(JsonValue::Twice) => return csr_core::Reason::GivenTwice.to_string(),
            Self::Cell(text) => return format!("{} must be {expected}", Excerpt::of(text)),
            Self::Json(JsonValue::Text(_)) => "a string",
            Self::Json(JsonValue::Texts(_)) => "a list",
            Self::Json(JsonValue::Boolean(_)) => "a boolean",
            Self::Json(JsonValue::Number(_)) => "a number",
            Self::Json(JsonValue::Other(found)) => found,
            Self::Json(_) => "null",
        };
        format!("must be {expected}, not {found}")
    }

    fn text(&self) -> Result<&str, String> {
        match self {
            Self::Json(JsonValue::Text(text)) => Ok(text),
            Self::Cell(text) => Ok(text.trim_matches(' ')),
            _ => Err(self.not("a string")),
        }
    }

    /// The texts of a list; a single text is a list of one.
    fn list(&self) -> Result<Vec<String>, String> {
        match self {
            Self::Json(JsonValue::Texts(texts)) => Ok(texts.iter().map(|text| (**text).clone()).collect()),
            Self::Json(JsonValue::Text(text)) => Ok(vec![(**text).clone()]),
            Self::Cell(text) => {
                let entries = text.split(';').map(|entry| entry.trim_matches(' '));
                Ok(entries.filter(|entry| !entry.is_empty()).map(str::to_owned).collect())
            }
            Self::Json(_) => Err(self.not("a list of strings")),
        }
    }

    fn switch(&self) -> Result<bool, String> {
        match self {
            Self::Json(JsonValue::Boolean(value)) => Ok(*value),
            Self::Cell(text) => match &*text.trim_matches(' ').to_ascii_lowercase() {
                "true" | "yes" | "1" => Ok(true),
                "false" | "no" | "0" => Ok(false),
                _ => Err(self.not("true or false")),
            },
            Self::Json(_) => Err(self.not("true or false")),
        }
    }

    fn number(&self) -> Result<u8, String> {
        const EXPECTED: &str = "a number from 0 to 255";
        let digits = match self {
            Self::Json(JsonValue::Number(digits)) => digits,
            Self::Cell(text) => text.trim_matches(' '),
            Self::Json(_) => return Err(self.not(EXPECTED)),
        };
        digits.parse().map_err(|_| format!("must be {EXPECTED}"))
    }
}

/// A fault of a value: which entry of a list, and what is wrong.
pub(super) type ValueFault = (Option<usize>, String);

impl Slot {
    /// Puts a value there. The faults name the entry of a list.
    pub(super) fn set(&self, request: &mut Request, value: &Value) -> Result<(), Vec<ValueFault>> {
        let whole = |message: String| vec![(None, message)];
        match self {
            Self::Text(slot) => *slot(request) = Some(value.text().map_err(whole)?.to_owned()),
            Self::List(slot) => *slot(request) = value.list().map_err(whole)?,
            Self::Switch(slot) => *slot(request) = value.switch().map_err(whole)?,
            Self::Sans => {
                let sans = value.text().map_err(|why| match value {
                    Value::Json(JsonValue::Texts(_)) => whole(format!("{why}; `san` takes a list")),
                    _ => whole(why),
                })?;
                request.sans = sans.split(';').map(str::to_owned).collect();
            }
            Self::Password => {
                let text = match value {
                    // A password may begin with a blank.
                    Value::Cell(text) => text,
                    _ => value.text().map_err(whole)?,
                };
                request.challenge_password = Some(Zeroizing::new(text.to_owned()));
            }
            Self::Usage => {
                request.content.usage = named(value, Usage::ALL, Usage::as_str).map_err(whole)?;
            }
            Self::Algorithm => {
                request.algorithm =
                    Some(named(value, PrivateKeyAlgo::ALL, PrivateKeyAlgo::as_str).map_err(whole)?);
            }
            Self::Digest => {
                let text = value.text().map_err(whole)?;
                let digest = args::digest_named(text);
                request.digest = Some(digest.map_err(|why| whole(format!("{} {why}", Excerpt::of(text))))?);
            }
            Self::KeyUsage => request.content.key_usage = each(value, args::key_usage_named)?,
            Self::ExtendedKeyUsage => request.content.extended_key_usage = each(value, str::parse)?,
            Self::PathLength => request.content.path_length = Some(value.number().map_err(whole)?),
        }
        Ok(())
    }
}

/// A value of a closed list of names, in any case.
fn named<T: Copy>(value: &Value, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    let text = value.text()?;
    let found = all.iter().copied().find(|known| name(*known).eq_ignore_ascii_case(text));
    found.ok_or_else(|| {
        let names: Vec<_> = all.iter().copied().map(name).collect();
        format!("{} must be one of {}", Excerpt::of(text), names.join(", "))
    })
}

/// The parsed entries of a list.
fn each<T, E: std::fmt::Display>(
    value: &Value,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, Vec<ValueFault>> {
    let texts = value.list().map_err(|why| vec![(None, why)])?;
    let (mut parsed, mut faults) = (Vec::new(), Vec::new());
    for (index, text) in texts.iter().enumerate() {
        match parse(text) {
            Ok(entry) => parsed.push(entry),
            Err(why) => faults.push((Some(index), format!("{} {why}", Excerpt::of(text)))),
        }
    }
    if faults.is_empty() { Ok(parsed) } else { Err(faults) }
}
