use std::net::IpAddr;
use std::time::Duration;

use csr_model::Excerpt;
use deadpool_postgres::{Manager, Pool, PoolError, Runtime};
use percent_encoding::percent_decode_str;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};

use super::tls;
use crate::store::contract::StoreError;

/// How long the server may take for one operation, including the connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// How long one attempt to connect may take, and how long to wait for a free connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the server may work on one statement. A rotation of the master key lifts this limit.
const STATEMENT_MILLISECONDS: u64 = 10_000;

/// The options that `tokio-postgres` knows, and `sslrootcert`.
const OPTIONS: [&str; 20] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

pub(super) fn pool(url: &str, connections: usize) -> Result<Pool, StoreError> {
    let Url { mut config, tls } = parse(url)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    config.tcp_user_timeout(PATIENCE);
    if config.get_application_name().is_none() {
        config.application_name("csr");
    }
    // Our options come first, so that those of the URL override them.
    let options = config.get_options().unwrap_or_default();
    let options = format!("-c statement_timeout={STATEMENT_MILLISECONDS} {options}");
    config.options(options);

    let manager = match tls {
        Tls::None => {
            config.ssl_mode(SslMode::Disable);
            Manager::new(config, NoTls)
        }
        Tls::Verified { authorities } => {
            config.ssl_mode(SslMode::Require);
            Manager::new(config, tls::Connector::new(authorities.as_deref())?)
        }
    };
    Pool::builder(manager)
        .max_size(connections.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(CONNECT))
        .create_timeout(Some(2 * CONNECT))
        .build()
        .map_err(|error| StoreError::Unusable(error.to_string()))
}

struct Url {
    config: Config,
    tls: Tls,
}

#[derive(Debug, PartialEq, Eq)]
enum Tls {
    None,
    /// Verified against the authorities in a file, or against the system's.
    Verified {
        authorities: Option<String>,
    },
}

/// Removes the TLS options from the URL, because `tokio-postgres` knows only some of them. No error
/// shows the URL, which may hold a password.
fn parse(url: &str) -> Result<Url, StoreError> {
    let unusable = |why: String| StoreError::Unusable(format!("the PostgreSQL URL: {why}"));
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return Err(unusable("must begin with postgres:// or postgresql://".into()));
    }
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut authorities, mut rest) = (None, None, Vec::new());
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        // The name of the option is not shown: if the password contains a ? or &, it is a piece of
        // it.
        if !OPTIONS.contains(&name) {
            return Err(unusable(
                "has an unknown option after the ?; in a password, write ? as %3F, & as %26, # as %23 and @ as %40"
                    .into(),
            ));
        }
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        match name {
            "sslmode" => mode = Some(value),
            "sslrootcert" => authorities = Some(value).filter(|path| path != "system"),
            _ => rest.push(option),
        }
    }
    let config: Config =
        format!("{address}?{}", rest.join("&")).parse().map_err(|error| unusable(text(&error)))?;
    if config.get_hosts().is_empty() {
        return Err(unusable("must name a host".into()));
    }
    let tls = match mode.as_deref() {
        Some("disable") => Tls::None,
        None if authorities.is_none() && connects_locally(&config) => Tls::None,
        None | Some("require" | "verify-ca" | "verify-full") => Tls::Verified { authorities },
        Some("allow" | "prefer") => {
            return Err(unusable(
                "sslmode allow and prefer protect nothing: use verify-full or disable".into(),
            ));
        }
        Some(other) => {
            let what = format!("unknown sslmode {}: use verify-full or disable", Excerpt::of(other));
            return Err(unusable(what));
        }
    };
    Ok(Url { config, tls })
}

/// Whether every address to connect to is local. If `hostaddr` is given, its addresses count, and
/// `host` only names the server.
fn connects_locally(config: &Config) -> bool {
    match config.get_hostaddrs() {
        [] => config.get_hosts().iter().all(is_local),
        addresses => addresses.iter().all(IpAddr::is_loopback),
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// The message of the server or the connection, without the details, which quote values.
pub(super) fn text(error: &tokio_postgres::Error) -> String {
    if let Some(server_error) = error.as_db_error() {
        return format!("{} ({})", server_error.message(), server_error.code().code());
    }
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

pub(super) fn pool_error(error: PoolError) -> String {
    match error {
        PoolError::Backend(error) => text(&error),
        other => other.to_string(),
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(text(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls_of(options: &str) -> Result<Tls, String> {
        parse(&format!("postgres://me:hunter2@{options}"))
            .map(|url| url.tls)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn tls_unless_the_server_is_here_or_it_is_switched_off() {
        let system = Ok(Tls::Verified { authorities: None });
        let file = Ok(Tls::Verified { authorities: Some("/etc/a b.pem".into()) });
        assert_eq!(tls_of("db.example.com/csr"), system);
        assert_eq!(tls_of("db.example.com/csr?sslmode=require"), system);
        assert_eq!(tls_of("db.example.com/csr?sslmode=verify-full&sslrootcert=system"), system);
        assert_eq!(tls_of("127.0.0.1/csr?sslrootcert=/etc/a%20b.pem"), file);
        assert_eq!(tls_of("127.0.0.1:5433/csr"), Ok(Tls::None));
        assert_eq!(tls_of("[::1]/csr"), Ok(Tls::None));
        assert_eq!(tls_of("%2Frun%2Fpostgresql/csr"), Ok(Tls::None));
        assert_eq!(tls_of("db.example.com,127.0.0.1/csr"), system);
        assert_eq!(tls_of("db.example.com/csr?sslmode=disable"), Ok(Tls::None));
    }

    #[test]
    fn tls_is_decided_by_the_address_that_is_connected_to() {
        let system = Ok(Tls::Verified { authorities: None });
        assert_eq!(tls_of("localhost/csr?hostaddr=192.0.2.7"), system);
        assert_eq!(tls_of("127.0.0.1/csr?hostaddr=192.0.2.7"), system);
        assert_eq!(tls_of("[::1]/csr?hostaddr=2001:db8::7"), system);
        assert_eq!(tls_of("%2Frun%2Fpostgresql/csr?hostaddr=192.0.2.7"), system);
        assert_eq!(tls_of("localhost,localhost/csr?hostaddr=127.0.0.1,192.0.2.7"), system);
        assert_eq!(tls_of("localhost/csr?host=db.example.com"), system);
        assert_eq!(tls_of("db.example.com/csr?hostaddr=127.0.0.1"), Ok(Tls::None));
        assert_eq!(tls_of("localhost,localhost/csr?hostaddr=127.0.0.1,::1"), Ok(Tls::None));
    }

    #[test]
    fn refusals_say_why_and_show_no_password() {
        for (options, why) in [
            ("db/csr?sslmode=prefer", "protect nothing"),
            ("db/csr?sslmode=verify", "unknown sslmode"),
            ("db/csr?colour=red", "unknown option"),
            ("part?of the hunter2@db/csr", "unknown option"),
            ("part?hunter2@db/csr", "write ? as %3F, & as %26"),
            ("part?hunter2=x@db/csr", "unknown option"),
            ("db/csr?sslmode=disable&hunter2", "unknown option"),
            ("db/csr?sslmode=-----BEGIN%20PRIVATE%20KEY-----hunter2", "unknown sslmode (a text that may be"),
        ] {
            let refusal = tls_of(options).err().unwrap_or_default();
            assert!(refusal.contains(why), "{options}: {refusal}");
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
    }
}
