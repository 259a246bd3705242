//! The settings file, in TOML.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use csr_core::CsrSpec;
use csr_facade::http::HostName;
use csr_model::Excerpt;
use serde::{Deserialize, Deserializer, de};

use crate::args::{self, ListenAddress, LogFormat};
use crate::{given, input};

/// The settings file. Relative paths in it start at its folder.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SettingsFile {
    pub(super) data_dir: Option<PathBuf>,
    pub(super) database: Option<String>,
    pub(super) master_key_file: Option<PathBuf>,
    pub(super) no_key_export: Option<bool>,
    pub(super) listen: Option<ListenAddress>,
    pub(super) allow_plain_http: Option<bool>,
    #[serde(deserialize_with = "hosts")]
    pub(super) allow_host: Option<Vec<HostName>>,
    pub(super) max_connections: Option<usize>,
    pub(super) max_waiting_keys: Option<usize>,
    pub(super) log_format: Option<LogFormat>,
    pub(super) tls: TlsTable,
    pub(super) organization: OrganizationTable,
}

fn hosts<'de, D: Deserializer<'de>>(file: D) -> Result<Option<Vec<HostName>>, D::Error> {
    let hosts = Vec::<String>::deserialize(file)?.iter().map(|host| host.parse()).collect::<Result<_, _>>();
    hosts.map(Some).map_err(|error| de::Error::custom(format_args!("allow-host: {error}")))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table with `certificate` and `key`")]
pub(super) struct TlsTable {
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

/// The organization profile. Fields that are not set are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table with `country`, `province`, `city` and `name`")]
pub(crate) struct OrganizationTable {
    pub(crate) country: String,
    pub(crate) province: String,
    pub(crate) city: String,
    pub(crate) name: String,
}

impl OrganizationTable {
    /// The faults of the profile, by setting. Without this check, the requests that it completes would be refused.
    pub(super) fn faults(&self) -> Vec<String> {
        let Self { country, province, city, name } = self;
        // The profile may be empty, and a CSR without any name would be a fault.
        let spec = CsrSpec::builder().san("localhost");
        let spec = spec.country(country).province(province).city(city).organization(name).build();
        let found = spec.err();
        let found = found.iter().flat_map(|faults| faults.as_slice());
        found
            .map(|fault| {
                let setting = args::flag(fault.field).unwrap_or(fault.field.as_str());
                format!("{setting}: {}", fault.message())
            })
            .collect()
    }
}

impl SettingsFile {
    pub(super) fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let mut text = input::read_private(path).context("--config")?;
        input::expect_utf8(&mut text).context("--config")?;
        let text = str::from_utf8(&text).context("--config: must be UTF-8")?;
        // The parser's message quotes the faulty line, which may hold the database's password.
        let mut file: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            anyhow::anyhow!("{}, line {line}: {}", path.display(), without_values(error.message()))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let paths =
            [&mut file.data_dir, &mut file.master_key_file, &mut file.tls.certificate, &mut file.tls.key];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
            given::add(&path.to_string_lossy());
        }
        if let Some(database) = &file.database {
            given::add(database);
        }
        Ok(file)
    }
}

/// The parser's message, in words that don't need Rust, without the value that it quotes: that may be meant for another
/// setting. An unknown setting is quoted as an excerpt only, because the file may be no settings file at all.
fn without_values(message: &str) -> String {
    let setting = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, expected "));
    if let Some((name, expected)) = setting {
        return format!("unknown field {}, expected {expected}", Excerpt::of(name));
    }
    let variant = message.strip_prefix("unknown variant `").and_then(|rest| rest.rsplit_once("`, expected "));
    let message = match (variant, message.split_once(" string \"")) {
        (Some((_, expected)), _) => format!("unknown variant, expected {expected}"),
        (None, Some((before, rest))) => {
            format!("{before} string{}", rest.rsplit_once('"').map_or("", |(_, after)| after))
        }
        (None, None) => message.to_owned(),
    };
    message.replace("expected usize", "expected a number from 0")
}
