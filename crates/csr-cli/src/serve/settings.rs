//! The settings of the server. Flags override environment variables, these override the settings file, and that overrides
//! the defaults.

mod file;

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use csr_core::Company;
use csr_facade::http::HostName;
use zeroize::Zeroizing;

use self::file::SettingsFile;
use crate::args::{self, ListenAddress, LogFormat, ServeArgs, StoreArgs};
use crate::failure::Refusals;
use crate::profile::{self, OrganizationTable};
use crate::{input, variables};

/// The store of the CSRs, and the master key that opens their keys.
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
    /// The value of the variable `CSR_MASTER_KEY`.
    Environment(Zeroizing<String>),
    File(PathBuf),
}

/// The settings of `csr serve`.
pub(crate) struct Settings {
    pub(crate) store: StoreSettings,
    pub(crate) no_key_export: bool,
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) allow_host: Vec<HostName>,
    pub(crate) max_connections: usize,
    pub(crate) max_waiting_keys: usize,
    pub(crate) log_format: LogFormat,
    pub(crate) organization: Company,
}

pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The variable that holds the master key itself. There is no flag for it: everybody on the host can see a command line.
const MASTER_KEY: &str = "CSR_MASTER_KEY";
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8085);
const DEFAULT_CONNECTIONS: usize = 1024;
const DEFAULT_WAITING_KEYS: usize = 256;

impl SettingsFile {
    fn store(&mut self, args: &StoreArgs) -> Result<StoreSettings> {
        let data_dir = args.data_dir.clone().or(self.data_dir.take()).or_else(default_data_dir);
        let data_dir = data_dir.context("there is no home folder to keep the data in: pass --data-dir DIR");
        let given = env::var_os(MASTER_KEY);
        let master_key = match (&args.master_key_file, given, self.master_key_file.take()) {
            (Some(file), ..) => MasterKeySource::File(file.clone()),
            (None, Some(text), _) => match text.into_string() {
                Ok(text) if text.is_empty() => bail!(variables::empty(MASTER_KEY)),
                Ok(text) => MasterKeySource::Environment(Zeroizing::new(text)),
                Err(_) => bail!("{MASTER_KEY}: must be UTF-8"),
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
    /// Reads and checks the settings, and reports all of their faults at once.
    pub(crate) fn new(args: &ServeArgs) -> Result<Self> {
        let mut file = SettingsFile::read(args.store.config.as_deref())?;
        let mut faults = Refusals::default();
        let store = faults.take_chain(file.store(&args.store));

        let certificate = args.tls_certificate.clone().or(file.tls.certificate);
        let key = args.tls_key.clone().or(file.tls.key);
        let tls = match (certificate, key) {
            (Some(certificate), Some(key)) => {
                faults.take_chain(input::check_private(&key).context("--tls-key"));
                Some(TlsFiles { certificate, key })
            }
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
                "--listen: other machines can reach {listen}: pass --tls-certificate and --tls-key, or \
                 --allow-plain-http if something else encrypts"
            ));
        }
        let max_connections = args.max_connections.or(file.max_connections).unwrap_or(DEFAULT_CONNECTIONS);
        if max_connections == 0 {
            faults.push("--max-connections: must be at least 1");
        }
        let OrganizationTable { country, province, city, name } = file.organization;
        let organization = Company {
            country: args.country.clone().unwrap_or(country),
            province: args.province.clone().unwrap_or(province),
            city: args.city.clone().unwrap_or(city),
            name: args.organization.clone().unwrap_or(name),
        };
        faults.extend(profile::faults(organization.clone()).iter().map(|fault| {
            let setting = args::flag(fault.field).unwrap_or(fault.field.as_str());
            format!("{setting}: {}", fault.message())
        }));
        match store {
            Some(store) if faults.is_empty() => Ok(Self {
                store,
                no_key_export: args.no_key_export.or(file.no_key_export).unwrap_or(false),
                listen,
                tls,
                allow_host: args.allow_host.clone().or(file.allow_host).unwrap_or_default(),
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
