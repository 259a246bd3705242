//! The organization profile: the company that an ENTERPRISE CSR is for, where flags or the request leave it out. It is that
//! of `csr serve`: environment variables override the settings file.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use csr_core::{Company, CsrSpec, Fault, Field};
use serde::{Deserialize, Serialize};

use crate::failure::Refusals;
use crate::{input, settings_file, variables};

/// The organization profile in a settings file. Fields that are not set are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table with `country`, `province`, `city` and `name`")]
pub(crate) struct OrganizationTable {
    pub(crate) country: String,
    pub(crate) province: String,
    pub(crate) city: String,
    pub(crate) name: String,
}

/// The part of a settings file that matters here. What `csr serve` makes of the rest is no concern of `csr create`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SettingsFile {
    organization: OrganizationTable,
}

/// The faults of a company's fields. Without this check, the requests that a profile completes would be refused.
pub(crate) fn faults(company: Company) -> Vec<Fault> {
    // The company may be empty, and a CSR without any name would be a fault.
    let found = CsrSpec::builder().san("localhost").company(company).build().err();
    found.into_iter().flatten().collect()
}

/// The company fields, and the variables that hold them.
const FIELDS: [(Field, &str); 4] = [
    (Field::Country, "CSR_COUNTRY"),
    (Field::Province, "CSR_PROVINCE"),
    (Field::City, "CSR_CITY"),
    (Field::Organization, "CSR_ORGANIZATION"),
];
const CONFIG: &str = "CSR_CONFIG";

/// The name of a company field among the settings, in the summary and in JSON.
const fn name(field: Field) -> &'static str {
    match field {
        Field::Country => "country",
        Field::Province => "province",
        Field::City => "city",
        _ => "organization",
    }
}

/// Where a value was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    Variable(&'static str),
    File(String),
}

impl Source {
    fn place(&self) -> &str {
        match self {
            Self::Variable(name) => name,
            Self::File(path) => path,
        }
    }
}

/// The values of the profile that a CSR takes.
#[derive(Default)]
pub(crate) struct Profile {
    values: Vec<(Field, String, Source)>,
    /// The fields whose values were refused.
    refused: Vec<Field>,
}

/// The fields of a company, which are those of the API's requests.
pub(crate) fn of_company(company: &Company) -> [(Field, &str); 4] {
    let Company { country, province, city, name } = company;
    let values = [country, province, city, name];
    std::array::from_fn(|at| (FIELDS[at].0, values[at].as_str()))
}

fn field_of(company: &mut Company, field: Field) -> &mut String {
    match field {
        Field::Country => &mut company.country,
        Field::Province => &mut company.province,
        Field::City => &mut company.city,
        _ => &mut company.name,
    }
}

impl Profile {
    /// Finds the values of the wanted fields. Other variables are not looked at, nor is the settings file if no field
    /// needs it. The file need not be private: secrets in it are not for this command.
    pub(crate) fn read(
        config: Option<&Path>,
        wanted: impl IntoIterator<Item = Field>,
        faults: &mut Refusals,
    ) -> Self {
        let mut profile = Self::default();
        let mut missing = Vec::new();
        for field in wanted {
            match variable(field) {
                Ok(Some((value, source))) => profile.values.push((field, value, source)),
                Ok(None) => missing.push(field),
                Err(error) => {
                    faults.push(error);
                    profile.refused.push(field);
                }
            }
        }
        if !missing.is_empty() {
            match from_file(config) {
                Ok(found) => {
                    profile.values.extend(found.into_iter().filter(|(field, ..)| missing.contains(field)))
                }
                Err(error) => {
                    faults.push(format_args!("{error:#}"));
                    profile.refused.append(&mut missing);
                }
            }
        }
        for fault in self::faults(profile.company()) {
            profile.refuse(&fault, faults);
        }
        profile.values.retain(|(field, ..)| !profile.refused.contains(field));
        profile
    }

    fn refuse(&mut self, fault: &Fault, faults: &mut Refusals) {
        let Some((field, _, source)) = self.values.iter().find(|(field, ..)| *field == fault.field) else {
            return;
        };
        self.refused.push(*field);
        match source {
            Source::Variable(name) => faults.push(format_args!("{name}: {}", fault.message())),
            Source::File(file) => {
                let key = if *field == Field::Organization { "name" } else { name(*field) };
                faults.push(format_args!("{file}, [organization] {key}: {}", fault.message()));
            }
        }
    }

    /// The found values. The other fields are empty.
    pub(crate) fn company(&self) -> Company {
        let mut company = Company::default();
        for (field, value, _) in &self.values {
            value.clone_into(field_of(&mut company, *field));
        }
        company
    }

    /// The value of a field.
    pub(crate) fn value(&self, field: Field) -> Option<&str> {
        self.values.iter().find(|(of, ..)| *of == field).map(|(_, value, _)| value.as_str())
    }

    /// Whether a fault of the CSR's content is only that a refused value of the profile is missing.
    pub(crate) fn explains(&self, fault: &Fault) -> bool {
        fault.reason == csr_core::Reason::MissingForEnterprise && self.refused.contains(&fault.field)
    }

    /// What comes from where, in one line for each place.
    pub(crate) fn lines(&self) -> Vec<String> {
        let by_source = self.values.chunk_by(|(.., a), (.., b)| matches!(a, Source::File(_)) && a == b);
        by_source
            .map(|values| {
                let names: Vec<_> = values.iter().map(|(field, ..)| name(*field)).collect();
                let place = values[0].2.place();
                format!("{}: {place}", names.join(", "))
            })
            .collect()
    }
}

/// The names of the fields that come from the profile, with their sources.
impl Serialize for Profile {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.values.iter().map(|(field, _, source)| (name(*field), source)))
    }
}

/// The value of a field's variable.
fn variable(field: Field) -> Result<Option<(String, Source)>> {
    let Some((_, name)) = FIELDS.iter().find(|(of, _)| *of == field) else { return Ok(None) };
    let Some(value) = env::var_os(name) else { return Ok(None) };
    if value.is_empty() {
        anyhow::bail!(variables::empty(name));
    }
    let value = value.into_string().map_err(|_| anyhow::anyhow!("{name}: must be UTF-8"))?;
    Ok(Some((value, Source::Variable(name))))
}

/// The values in the settings file, if there is one.
fn from_file(config: Option<&Path>) -> Result<Vec<(Field, String, Source)>> {
    let (given_by, path) = match (config, env::var_os(CONFIG)) {
        (Some(path), _) => ("--config", path.to_owned()),
        (None, Some(path)) if path.is_empty() => anyhow::bail!(variables::empty(CONFIG)),
        (None, Some(path)) => (CONFIG, PathBuf::from(path)),
        (None, None) => return Ok(Vec::new()),
    };
    let content = input::read(&path).context(given_by)?;
    let SettingsFile { organization } = settings_file::parse(given_by, &path, content)?;
    let OrganizationTable { country, province, city, name } = organization;
    let company = Company { country, province, city, name };
    let found = of_company(&company).into_iter().filter(|(_, value)| !value.trim().is_empty());
    Ok(found.map(|(field, value)| (field, value.to_owned(), Source::File(input::name(&path)))).collect())
}
