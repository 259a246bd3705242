use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use csr_facade::Rights;
use csr_facade::http::HostName;
use serde::Deserialize;

/// Where the CSRs are. Shared by everything that opens the store.
#[derive(Args)]
#[command(next_help_heading = "The store")]
pub(crate) struct StoreArgs {
    /// Settings in TOML; flags and the environment go before them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "CSR_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of the embedded store and its master key, made on first start with mode 0700
    /// [default: csr in $XDG_DATA_HOME or ~/.local/share]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "CSR_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Keep the CSRs in PostgreSQL instead: postgres://USER@HOST/DATABASE?sslmode=verify-full. Several servers
    /// may share one database. A password belongs in the environment or the settings
    #[arg(long, value_name = "URL", env = "CSR_DATABASE")]
    pub(crate) database: Option<String>,
    /// The file of the master key that seals private keys [default: master.key in the data folder]. The
    /// variable CSR_MASTER_KEY can hold the key itself instead
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "CSR_MASTER_KEY_FILE")]
    pub(crate) master_key_file: Option<PathBuf>,
}

#[derive(Args)]
#[command(after_help = SERVE_HELP)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Never give private keys out over the API; `csr key export` on this host still does
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        default_missing_value = "true",
        require_equals = true,
        value_parser = BoolishValueParser::new(),
        env = "CSR_NO_KEY_EXPORT",
        help_heading = "The store"
    )]
    pub(crate) no_key_export: Option<bool>,

    /// The address and port to listen at [default: 127.0.0.1:8085]
    #[arg(long, value_name = "ADDRESS:PORT", env = "CSR_LISTEN", help_heading = "HTTP")]
    pub(crate) listen: Option<ListenAddress>,
    /// The certificate chain for TLS, PEM
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        env = "CSR_TLS_CERTIFICATE",
        help_heading = "HTTP"
    )]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The private key for TLS, PEM
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        env = "CSR_TLS_KEY",
        help_heading = "HTTP"
    )]
    pub(crate) tls_key: Option<PathBuf>,
    /// Listen beyond this machine without TLS: tokens and private keys can then be read on the way
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        default_missing_value = "true",
        require_equals = true,
        value_parser = BoolishValueParser::new(),
        env = "CSR_ALLOW_PLAIN_HTTP",
        help_heading = "HTTP"
    )]
    pub(crate) allow_plain_http: Option<bool>,
    /// Answer requests for this host as well, such as the public name that a proxy passes on. On a loopback
    /// address, only localhost and loopback addresses are answered otherwise
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', env = "CSR_ALLOW_HOST", help_heading = "HTTP")]
    pub(crate) allow_host: Option<Vec<HostName>>,
    /// How many connections are open at once; for one more, the one idle longest is closed [default: 1024]
    #[arg(long, value_name = "NUMBER", env = "CSR_MAX_CONNECTIONS", help_heading = "HTTP")]
    pub(crate) max_connections: Option<usize>,
    /// How many keys may wait to be made; a request for one more is told to come back later [default: 256]
    #[arg(long, value_name = "NUMBER", env = "CSR_MAX_WAITING_KEYS", help_heading = "HTTP")]
    pub(crate) max_waiting_keys: Option<usize>,
    /// How log lines are written, to standard error [default: text]. RUST_LOG filters them,
    /// but for those of private keys read
    #[arg(long, value_name = "FORMAT", env = "CSR_LOG_FORMAT", help_heading = "HTTP")]
    pub(crate) log_format: Option<LogFormat>,

    /// C of the organization profile, which fills what an ENTERPRISE request leaves out
    #[arg(long, value_name = "CC", env = "CSR_COUNTRY", help_heading = "Organization profile")]
    pub(crate) country: Option<String>,
    /// ST of the profile
    #[arg(long, value_name = "TEXT", env = "CSR_PROVINCE", help_heading = "Organization profile")]
    pub(crate) province: Option<String>,
    /// L of the profile
    #[arg(long, value_name = "TEXT", env = "CSR_CITY", help_heading = "Organization profile")]
    pub(crate) city: Option<String>,
    /// O of the profile
    #[arg(long, value_name = "TEXT", env = "CSR_ORGANIZATION", help_heading = "Organization profile")]
    pub(crate) organization: Option<String>,
}

/// Where to listen.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ListenAddress(pub(crate) SocketAddr);

impl FromStr for ListenAddress {
    type Err = &'static str;

    /// A name can stand for many addresses, some of them beyond this machine: only `localhost` is taken.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = match text.strip_prefix("localhost:") {
            Some(port) => port.parse().map(|port| (Ipv4Addr::LOCALHOST, port).into()).ok(),
            None => text.parse().ok(),
        };
        address.map(Self).ok_or(
            "must be an IP address and a port, e.g. 127.0.0.1:8085 or [::]:8085; of names only localhost is known",
        )
    }
}

impl TryFrom<String> for ListenAddress {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// An object a line
    Json,
}

/// Who may call the server.
#[derive(Subcommand)]
pub(crate) enum AccessCommand {
    /// Make a token, or an access key and secret key, and print it: it cannot be shown again
    #[command(after_help = ACCESS_ADD_HELP)]
    Add {
        #[command(flatten)]
        store: StoreArgs,
        /// Who it is for, a note of your own
        #[arg(value_name = "LABEL")]
        label: String,
        /// What it may do: read, write, export-key
        #[arg(long, value_name = "RIGHT,…", default_value = "read,write")]
        rights: Rights,
        /// An access key and secret key (AK/SK), as the cloud's SDKs and Terraform sign with, instead of a token
        #[arg(long)]
        credential: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List tokens and credentials, revoked ones too, without their secrets
    List {
        #[command(flatten)]
        store: StoreArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token or credential at once, also in servers that run
    Revoke {
        #[command(flatten)]
        store: StoreArgs,
        /// The id that `csr access list` shows
        id: String,
    },
}

/// Private keys in the store.
#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Print the private key of a CSR, PKCS#8 in PEM, or write it to a file with mode 0600
    Export {
        #[command(flatten)]
        store: StoreArgs,
        /// The CSR's id
        id: String,
        /// Write to this file
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
        /// Replace the file if it is there
        #[arg(long, requires = "out")]
        force: bool,
    },
}

/// The key that seals the others.
#[derive(Subcommand)]
pub(crate) enum MasterKeyCommand {
    /// Seal everything anew under a fresh master key, and replace its file. Servers that read that file take it
    /// up as they run. Older backups open with the old key only: copy its file before, if you keep those
    Rotate {
        #[command(flatten)]
        store: StoreArgs,
    },
}

const SERVE_HELP: &str = "\
Examples:
  csr serve
  csr serve --listen 0.0.0.0:443 --tls-certificate server.pem --tls-key server.key
  csr serve --database 'postgres://csr@db/csr?sslmode=verify-full' --master-key-file /etc/csr/master.key
  csr serve --country CN --province Beijing --city Beijing --organization 'Example, Inc.'

The first start makes the store, the master key and a token with every right, which it prints once;
no token where `csr access add` was first. That makes more, and access keys for SDKs and Terraform.

Settings in TOML have the flags' names; the profile and TLS may stand in tables:
  listen = \"127.0.0.1:8085\"
  no-key-export = true
  [tls]
  certificate = \"server.pem\"
  key = \"server.key\"
  [organization]
  country = \"CN\"
  province = \"Beijing\"
  city = \"Beijing\"
  name = \"Example, Inc.\"

Files with secrets (--config, --tls-key, the master key) must belong to you or root, and others must
not have access: mode 0600, or 0640 to let a group read them. For a Kubernetes secret, set fsGroup
and defaultMode 0440.

Also served: /docs (the API), /openapi.json, /healthz, /readyz, /metrics (Prometheus).";

const ACCESS_ADD_HELP: &str = "\
Examples:
  csr access add terraform --credential
  csr access add auditor --rights read
  TOKEN=$(csr access add ci --rights read,write,export-key)
  curl -H \"X-Auth-Token: $TOKEN\" http://127.0.0.1:8085/v3/scm/csr";
