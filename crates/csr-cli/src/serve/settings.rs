//! What to serve and how: flags before the environment, before the file of settings, before the defaults.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use csr_core::{CsrSpec, Field};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::args::{ListenAddress, LogFormat, ServeArgs, StoreArgs};
use crate::failure::Faults;

/// Where the CSRs are, and what opens their keys.
pub(crate) struct StoreSettings {
    pub(crate) place: StorePlace,
    pub(crate) master_key: MasterKeySource,
}

pub(crate) enum StorePlace {
    /// The folder of the embedded store.
    Folder(PathBuf),
    /// PostgreSQL's URL, which may hold a password.
    Database(Zeroizing<String>),
}

/// Where the master key is.
pub(crate) enum MasterKeySource {
    /// In the variable `CSR_MASTER_KEY`; its text.
    Environment(Zeroizing<String>),
    File(PathBuf),
}

/// What `csr serve` does.
pub(crate) struct Settings {
    pub(crate) store: StoreSettings,
    pub(crate) no_key_export: bool,
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) max_connections: usize,
    pub(crate) max_waiting_keys: usize,
    pub(crate) log_format: LogFormat,
    pub(crate) organization: OrganizationTable,
}

pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The organization profile; empty where nothing is said.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table with `country`, `province`, `city` and `name`")]
pub(crate) struct OrganizationTable {
    pub(crate) country: String,
    pub(crate) province: String,
    pub(crate) city: String,
    pub(crate) name: String,
}

impl OrganizationTable {
    /// What is wrong with it, by setting. Otherwise the requests that it fills in would be refused.
    fn faults(&self) -> Vec<String> {
        let Self { country, province, city, name } = self;
        // A name of its own, for a profile may be empty.
        let spec = CsrSpec::builder().san("localhost");
        let spec = spec.country(country).province(province).city(city).organization(name).build();
        let found = spec.err();
        let found = found.iter().flat_map(|faults| faults.as_slice());
        found
            .map(|fault| {
                let setting = match fault.field {
                    Field::Country => "--country",
                    Field::Province => "--province",
                    Field::City => "--city",
                    Field::Organization => "--organization",
                    other => other.as_str(),
                };
                let told = fault.to_string();
                let (_, what) = told.split_once(": ").unwrap_or_default();
                format!("{setting}: {what}")
            })
            .collect()
    }
}

/// The parser's message without a text that it quotes, which may have been meant for another setting, and in other
/// words than Rust's.
fn without_values(message: &str) -> String {
    let message = match message.split_once(" string \"") {
        Some((before, rest)) => {
            format!("{before} string{}", rest.rsplit_once('"').map_or("", |(_, after)| after))
        }
        None => message.to_owned(),
    };
    message.replace("usize", "a number from 0")
}

/// The file of settings. Relative paths in it start at its own folder.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct SettingsFile {
    data_dir: Option<PathBuf>,
    database: Option<String>,
    master_key_file: Option<PathBuf>,
    no_key_export: Option<bool>,
    listen: Option<ListenAddress>,
    allow_plain_http: Option<bool>,
    max_connections: Option<usize>,
    max_waiting_keys: Option<usize>,
    log_format: Option<LogFormat>,
    tls: TlsTable,
    organization: OrganizationTable,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table with `certificate` and `key`")]
struct TlsTable {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8085);
const DEFAULT_CONNECTIONS: usize = 1024;
const DEFAULT_WAITING_KEYS: usize = 256;

impl SettingsFile {
    fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = Zeroizing::new(
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
        );
        // The parser's message quotes the line at fault, which may hold the database's password.
        let mut file: Self = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            anyhow::anyhow!("{}, line {line}: {}", path.display(), without_values(error.message()))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let paths =
            [&mut file.data_dir, &mut file.master_key_file, &mut file.tls.certificate, &mut file.tls.key];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
        Ok(file)
    }

    fn store(&mut self, args: &StoreArgs) -> Result<StoreSettings> {
        let data_dir = args.data_dir.clone().or(self.data_dir.take()).or_else(default_data_dir);
        let data_dir = data_dir.context("there is no home folder to keep the data in: say --data-dir DIR");
        let given = env::var_os("CSR_MASTER_KEY").filter(|text| !text.is_empty());
        let master_key = match (&args.master_key_file, given, self.master_key_file.take()) {
            (Some(file), ..) => MasterKeySource::File(file.clone()),
            (None, Some(text), _) => match text.into_string() {
                Ok(text) => MasterKeySource::Environment(Zeroizing::new(text)),
                Err(_) => bail!("CSR_MASTER_KEY: is not UTF-8, let alone a master key"),
            },
            (None, None, Some(file)) => MasterKeySource::File(file),
            (None, None, None) => match &data_dir {
                Ok(folder) => MasterKeySource::File(folder.join("master.key")),
                Err(error) => bail!("{error}"),
            },
        };
        let place = match args.database.clone().or(self.database.take()) {
            Some(url) => StorePlace::Database(Zeroizing::new(url)),
            None => StorePlace::Folder(data_dir?),
        };
        Ok(StoreSettings { place, master_key })
    }
}

fn default_data_dir() -> Option<PathBuf> {
    let folder = |variable| env::var_os(variable).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let data = folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")))?;
    Some(data.join("csr"))
}

impl StoreSettings {
    pub(crate) fn new(args: &StoreArgs) -> Result<Self> {
        SettingsFile::read(args.config.as_deref())?.store(args)
    }
}

impl Settings {
    /// Everything that is wrong with the settings is told at once.
    pub(crate) fn new(args: &ServeArgs) -> Result<Self> {
        let mut file = SettingsFile::read(args.store.config.as_deref())?;
        let mut faults = Faults::default();
        let store = faults.take_chain(file.store(&args.store));

        let certificate = args.tls_certificate.clone().or(file.tls.certificate);
        let key = args.tls_key.clone().or(file.tls.key);
        let tls = match (certificate, key) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            (Some(_), None) => {
                faults.push("--tls-certificate needs --tls-key");
                None
            }
            (None, Some(_)) => {
                faults.push("--tls-key needs --tls-certificate");
                None
            }
        };
        let listen = args.listen.or(file.listen).map_or(DEFAULT_LISTEN, |ListenAddress(address)| address);
        let plain_http = args.allow_plain_http.or(file.allow_plain_http).unwrap_or(false);
        if !listen.ip().is_loopback() && tls.is_none() && !plain_http {
            faults.push(format!(
                "--listen {listen} is not loopback: give --tls-certificate and --tls-key, or --allow-plain-http \
                 where something else encrypts"
            ));
        }
        let max_connections = args.max_connections.or(file.max_connections).unwrap_or(DEFAULT_CONNECTIONS);
        if max_connections == 0 {
            faults.push("--max-connections is at least 1");
        }
        let OrganizationTable { country, province, city, name } = file.organization;
        let organization = OrganizationTable {
            country: args.country.clone().unwrap_or(country),
            province: args.province.clone().unwrap_or(province),
            city: args.city.clone().unwrap_or(city),
            name: args.organization.clone().unwrap_or(name),
        };
        faults.extend(organization.faults());
        match store {
            Some(store) if faults.is_empty() => Ok(Self {
                store,
                no_key_export: args.no_key_export.or(file.no_key_export).unwrap_or(false),
                listen,
                tls,
                max_connections,
                max_waiting_keys: args
                    .max_waiting_keys
                    .or(file.max_waiting_keys)
                    .unwrap_or(DEFAULT_WAITING_KEYS),
                log_format: args.log_format.or(file.log_format).unwrap_or_default(),
                organization,
            }),
            _ => Err(faults.into()),
        }
    }
}

#[cfg(test)]
mod tests;
