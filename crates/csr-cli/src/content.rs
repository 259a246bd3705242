//! The content of a CSR, from what the flags of `csr create`, or a record of `csr batch` and its defaults, ask for.

mod renewal;
mod typed;

use std::path::Path;

use anyhow::{Context, Result};
use csr_core::{BasicConstraints, Company, CsrSpec, CsrSpecBuilder, Digest, Field, Reason};
use zeroize::Zeroizing;

use crate::args::{self, Content as Given};
use crate::input;
use crate::profile::Profile;

pub(crate) use renewal::Old;
pub(crate) use typed::{Files, Typed, files_of_values};

/// A fault of the content, to be told under the name by which its value was given.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// The flag that gives such a value.
    pub(crate) flag: &'static str,
    /// Which value, counted from 0 among those of its kind.
    pub(crate) index: Option<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<Hint>,
}

/// What could be given instead, to be told by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    Email,
    Uri,
    AllowUnderscore,
    Profile,
}

impl Fault {
    /// A fault that the builder found.
    pub(crate) fn new(found: &csr_core::Fault, typed: &Typed) -> Self {
        let flag = args::flag(found.field).unwrap_or_else(|| found.field.as_str());
        let index = found.index.map(|index| typed.place(found.field, index));
        let is_host = matches!(found.field, Field::DomainName | Field::Sans);
        let may_have = is_host || found.reason == Reason::MissingForEnterprise;
        let hint = if may_have { Hint::of(&found.reason) } else { None };
        Self { flag, index, message: found.message(), hint }
    }
}

impl Hint {
    fn of(reason: &Reason) -> Option<Self> {
        Some(match reason {
            Reason::ForbiddenCharacter('@')
            | Reason::KindInFront { prefix: "email:" | "mailto:" | "rfc822Name:", .. } => Self::Email,
            Reason::Underscore => Self::AllowUnderscore,
            Reason::MissingForEnterprise => Self::Profile,
            Reason::Url(_) | Reason::KindInFront { prefix: "URI:" | "URL:", .. } => Self::Uri,
            _ => return None,
        })
    }
}

/// Everything that the CSR shall hold.
pub(crate) struct Wanted<'a> {
    pub(crate) domain: Option<&'a str>,
    /// The host names in front of those of `--san`.
    pub(crate) names: &'a [String],
    pub(crate) given: &'a Given,
    /// What is parsed of `given`.
    pub(crate) typed: &'a Typed,
    pub(crate) company: Company,
    pub(crate) challenge_password: Option<&'a str>,
    pub(crate) digest: Option<Digest>,
    pub(crate) pss: bool,
}

impl Wanted<'_> {
    /// Builds upon what is taken over.
    pub(crate) fn build(self, builder: CsrSpecBuilder) -> Result<CsrSpec, csr_core::Faults> {
        let Self { domain, names, given, typed, company, challenge_password, digest, pss } = self;
        let mut builder = builder
            .sans(names.iter().chain(&given.san))
            .usage(given.usage)
            .key_usage(given.key_usage.iter().copied())
            .extended_key_usage(given.extended_key_usage.iter().cloned());
        builder = given.san_email.iter().fold(builder, |b, address| b.email(address));
        builder = given.san_uri.iter().fold(builder, |b, uri| b.uri(uri));
        builder = given.san_upn.iter().fold(builder, |b, name| b.upn(name));
        builder = given.san_directory_name.iter().fold(builder, |b, name| b.directory_name(name));
        builder = typed.add_to(builder);
        if let Some(domain) = domain {
            builder = builder.domain(domain);
        }
        if let Some(text) = &given.common_name {
            builder = builder.common_name(text);
        }
        if given.no_common_name {
            builder = builder.no_common_name();
        }
        if given.allow_underscore {
            builder = builder.allow_underscores();
        }
        builder = given.organizational_unit.iter().fold(builder, |b, unit| b.organizational_unit(unit));
        builder = builder.company(company).email_address(given.email_address.as_deref().unwrap_or_default());
        if given.ca || given.path_length.is_some() {
            builder =
                builder.basic_constraints(BasicConstraints { ca: given.ca, path_length: given.path_length });
        }
        if given.must_staple {
            builder = builder.must_staple();
        }
        if let Some(password) = challenge_password {
            builder = builder.challenge_password(password);
        }
        if let Some(identity) = &given.sm2_id {
            builder = builder.sm2_identity(identity);
        }
        builder = digest.into_iter().fold(builder, |b, digest| b.digest(digest));
        if pss {
            builder = builder.pss();
        }
        builder.build()
    }
}

/// The company fields that are given neither by their own flags nor by the subject, nor taken over.
pub(crate) fn missing_company_fields(given: &Given, typed: &Typed, old: Option<&Old>) -> Vec<Field> {
    let Given { country, province, city, organization, .. } = given;
    let fields = [
        (Field::Country, country),
        (Field::Province, province),
        (Field::City, city),
        (Field::Organization, organization),
    ];
    let mut by_type: Vec<_> = typed.company_fields().collect();
    if !typed.has_subject() {
        let taken = old.into_iter().flat_map(|old| old.spec.subject().attributes());
        by_type.extend(taken.filter_map(|attribute| typed::company_field(attribute.name()?)));
    }
    let is_missing = |(field, given): &&(Field, &Option<String>)| given.is_none() && !by_type.contains(field);
    fields.iter().filter(is_missing).map(|(field, _)| *field).collect()
}

/// The company of the flags, completed from the profile in these fields.
pub(crate) fn company(given: &Given, profile: &Profile, missing: &[Field]) -> Company {
    let Given { country, province, city, organization, .. } = given;
    let or = |flag: &Option<String>, field| match flag {
        Some(given) => given.clone(),
        None if missing.contains(&field) => profile.value(field).unwrap_or_default().to_owned(),
        None => String::new(),
    };
    Company {
        country: or(country, Field::Country),
        province: or(province, Field::Province),
        city: or(city, Field::City),
        name: or(organization, Field::Organization),
    }
}

/// What to know about `--sm2-id` where no key is one of SM2.
pub(crate) const SM2_ID_UNUSED: &str = "--sm2-id: not used, as only an SM2 signature binds an identity";

/// Reads the first line of a file as challenge password.
pub(crate) fn challenge_password(path: &Path) -> Result<Zeroizing<String>> {
    let line = input::first_line(path)?;
    let text = std::str::from_utf8(&line).with_context(|| format!("{} is not UTF-8", input::name(path)))?;
    Ok(Zeroizing::new(text.to_owned()))
}
