//! The settings file, in TOML.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use csr_facade::http::HostName;
use serde::{Deserialize, Deserializer, de};

use crate::args::{ListenAddress, LogFormat};
use crate::profile::OrganizationTable;
use crate::{given, input, settings_file};

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

impl SettingsFile {
    pub(super) fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let content = input::read_private(path).context("--config")?;
        let mut file: Self = settings_file::parse("--config", path, content)?;
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
