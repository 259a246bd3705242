use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use csr_facade::Rights;
use csr_facade::http::HostName;
use serde::Deserialize;

/// Where the CSRs are kept. Every command that opens the store shares these flags.
#[derive(Args)]
#[command(next_help_heading = "The store")]
pub(crate) struct StoreArgs {
    /// Read settings from this TOML file; flags and environment variables override them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "CSR_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Keep the embedded store in this folder [default: ~/.local/share/csr]
    ///
    /// $XDG_DATA_HOME replaces ~/.local/share if it is set. The first start makes the folder, with mode 0700, and
    /// the master key in it.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "CSR_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Keep the CSRs in this PostgreSQL database instead
    ///
    /// postgres://USER@HOST/DATABASE?sslmode=verify-full. Several servers may share one database. Give a password
    /// in the environment variable or the settings file.
    #[arg(long, value_name = "URL", env = "CSR_DATABASE")]
    pub(crate) database: Option<String>,
    /// Read the master key, which seals the private keys, from this file [default: DIR/master.key]
    ///
    /// DIR is the folder of --data-dir. The environment variable CSR_MASTER_KEY can hold the key itself instead.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "CSR_MASTER_KEY_FILE")]
    pub(crate) master_key_file: Option<PathBuf>,
}

#[derive(Args)]
#[command(after_help = SHORT_SERVE_HELP, after_long_help = SERVE_HELP)]
pub(crate) struct ServeArgs {
    /// Listen on this address and port [default: 127.0.0.1:8085]
    #[arg(long, value_name = "ADDRESS:PORT", env = "CSR_LISTEN", help_heading = "HTTP")]
    pub(crate) listen: Option<ListenAddress>,
    /// Read the certificate chain for TLS from this PEM file
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        env = "CSR_TLS_CERTIFICATE",
        help_heading = "HTTP"
    )]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// Read the private key for TLS from this PEM file
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        env = "CSR_TLS_KEY",
        help_heading = "HTTP"
    )]
    pub(crate) tls_key: Option<PathBuf>,
    /// Allow other machines to connect without TLS
    ///
    /// Anyone on the network path can then read tokens and private keys.
    #[arg(
        long,
        hide_short_help = true,
        value_name = "BOOL",
        num_args = 0..=1,
        default_missing_value = "true",
        require_equals = true,
        value_parser = BoolishValueParser::new(),
        env = "CSR_ALLOW_PLAIN_HTTP",
        help_heading = "HTTP"
    )]
    pub(crate) allow_plain_http: Option<bool>,
    /// Answer requests for this host too, such as the public name that a proxy passes on
    ///
    /// Without this flag, a server on a loopback address answers only requests for localhost and loopback
    /// addresses.
    #[arg(
        long,
        hide_short_help = true,
        value_name = "NAME,…",
        value_delimiter = ',',
        env = "CSR_ALLOW_HOST",
        help_heading = "HTTP"
    )]
    pub(crate) allow_host: Option<Vec<HostName>>,
    /// Keep at most this many connections open [default: 1024]
    ///
    /// For another connection, the one that has been idle longest is closed.
    #[arg(
        long,
        hide_short_help = true,
        value_name = "NUMBER",
        env = "CSR_MAX_CONNECTIONS",
        help_heading = "HTTP"
    )]
    pub(crate) max_connections: Option<usize>,
    /// Let at most this many keys wait to be generated [default: 256]
    ///
    /// A request for another key is asked to come back later.
    #[arg(
        long,
        hide_short_help = true,
        value_name = "NUMBER",
        env = "CSR_MAX_WAITING_KEYS",
        help_heading = "HTTP"
    )]
    pub(crate) max_waiting_keys: Option<usize>,
    /// Write log lines in this format to standard error [default: text]
    ///
    /// RUST_LOG filters the lines, except those that record that a private key was read.
    #[arg(
        long,
        hide_short_help = true,
        value_name = "FORMAT",
        env = "CSR_LOG_FORMAT",
        help_heading = "HTTP"
    )]
    pub(crate) log_format: Option<LogFormat>,

    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Never return private keys over the API
    ///
    /// `csr key export` on this host still does.
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

    /// Fill in this country (C) where an ENTERPRISE request leaves it out
    #[arg(
        long,
        hide_short_help = true,
        value_name = "CC",
        env = "CSR_COUNTRY",
        help_heading = "Organization profile"
    )]
    pub(crate) country: Option<String>,
    /// Fill in this province or state (ST)
    #[arg(
        long,
        hide_short_help = true,
        value_name = "TEXT",
        env = "CSR_PROVINCE",
        help_heading = "Organization profile"
    )]
    pub(crate) province: Option<String>,
    /// Fill in this city (L)
    #[arg(
        long,
        hide_short_help = true,
        value_name = "TEXT",
        env = "CSR_CITY",
        help_heading = "Organization profile"
    )]
    pub(crate) city: Option<String>,
    /// Fill in this name of the company or organization (O)
    #[arg(
        long,
        hide_short_help = true,
        value_name = "TEXT",
        env = "CSR_ORGANIZATION",
        help_heading = "Organization profile"
    )]
    pub(crate) organization: Option<String>,
}

/// Where to listen.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ListenAddress(pub(crate) SocketAddr);

impl FromStr for ListenAddress {
    type Err = &'static str;

    /// Accepts no name but `localhost`: a name can stand for many addresses, some of them beyond this machine.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = match text.strip_prefix("localhost:") {
            Some(port) => port.parse().map(|port| (Ipv4Addr::LOCALHOST, port).into()).ok(),
            None => text.parse().ok(),
        };
        address
            .map(Self)
            .ok_or("must be an IP address and a port, such as 127.0.0.1:8085 or [::]:8085; the only accepted name is localhost")
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
    /// One JSON object per line
    Json,
}

/// Who may call the server.
#[derive(Subcommand)]
pub(crate) enum AccessCommand {
    /// Make a token, or an access key and secret key, and print it once
    #[command(after_help = ACCESS_ADD_HELP)]
    Add {
        /// Note who it is for, in your own words
        #[arg(value_name = "LABEL")]
        label: String,
        /// Grant these rights, out of read, write and export-key
        #[arg(long, value_name = "RIGHT,…", default_value = "read,write")]
        rights: Rights,
        /// Make an access key and secret key (AK/SK), for the cloud's SDKs and Terraform, instead of a token
        #[arg(long)]
        credential: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List tokens and credentials, including revoked ones, without their secrets
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Revoke a token or credential, with immediate effect on running servers
    Revoke {
        /// The id that `csr access list` shows
        id: String,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// Private keys in the store.
#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Print a CSR's private key (PKCS#8 in PEM), or write it to a file with mode 0600
    Export {
        /// The CSR's id
        id: String,
        /// Write the key to this file
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
        /// Replace an existing file
        #[arg(short, long, requires = "out")]
        force: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// The key that seals the private keys.
#[derive(Subcommand)]
pub(crate) enum MasterKeyCommand {
    /// Seal everything again under a new master key, and replace its file
    ///
    /// Running servers that read that file switch to the new key. Older backups open only with the old
    /// key: if you keep any, copy its file first.
    Rotate {
        #[command(flatten)]
        store: StoreArgs,
    },
}

const SHORT_SERVE_HELP: &str = "\
Examples:
  csr serve
  csr serve --listen 0.0.0.0:443 --tls-certificate server.pem --tls-key server.key

The first start prints a token; `csr access add` makes more, and access keys for SDKs and Terraform.
`csr serve --help` lists all options: serving behind a proxy, limits, logs, an organization profile.";

const SERVE_HELP: &str = "\
Examples:
  csr serve
  csr serve --listen 0.0.0.0:443 --tls-certificate server.pem --tls-key server.key
  csr serve --database 'postgres://csr@db/csr?sslmode=verify-full' --master-key-file /etc/csr/master.key
  csr serve --country CN --province Beijing --city Beijing --organization 'Example, Inc.'

The first start makes the store, the master key and a token with every right, and prints the token
once. It makes no token if `csr access add` was run before. `csr access add` makes more tokens, and
access keys for SDKs and Terraform.

Settings in TOML have the flags' names; TLS and the organization profile may be tables:
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

Files with secrets (--config, --tls-key, the master key) must belong to you or root, and must not be
open to others: mode 0600, or 0640 to let a group read them. For a Kubernetes secret, set fsGroup
and defaultMode 0440.

Also served: /docs (the API), /openapi.json, /healthz, /readyz, /metrics (Prometheus).";

const ACCESS_ADD_HELP: &str = "\
Examples:
  csr access add terraform --credential
  csr access add auditor --rights read
  TOKEN=$(csr access add ci --rights read,write,export-key)
  curl -H \"X-Auth-Token: $TOKEN\" http://127.0.0.1:8085/v3/scm/csr";
