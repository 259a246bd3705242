//! Runs a PostgreSQL server on loopback, in a temporary folder, and tests what applies to
//! PostgreSQL only.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use csr_facade::Store;
use csr_facade::store::{PostgresStore, StoreError};
use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::{NamedTrial, Result, ensure, runtime};

/// The folder with the programs of the newest server.
pub(crate) fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    let mut found: Vec<PathBuf> = folders.filter(|folder| folder.join("pg_ctl").is_file()).collect();
    found.sort();
    found.pop()
}

/// A running server. Dropping it stops it.
pub(crate) struct Server {
    binaries: PathBuf,
    folder: TempDir,
    /// PostgreSQL refuses to run as root.
    user: Option<(u32, u32)>,
    port: u16,
}

impl Server {
    pub(crate) fn start(binaries: &Path) -> Result<Self> {
        Self::start_with(binaries, |_| Ok(String::new()))
    }

    /// `configure` gets the data folder before the first start, and returns further settings.
    fn start_with(binaries: &Path, configure: impl FnOnce(&Path) -> Result<String>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let is_root = fs::metadata("/proc/self")?.uid() == 0;
        let user = if is_root { Some(unprivileged()?) } else { None };
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid))?;
        }
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let server = Self { binaries: binaries.to_owned(), folder, user, port };
        let data = server.data();
        server.run(server.command("initdb").arg("-D").arg(&data).args([
            "--username=csr",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]))?;
        let further = configure(&data)?;
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nmax_connections = 200\n{further}\n"
        );
        let file = data.join("postgresql.conf");
        fs::write(&file, fs::read_to_string(&file)? + &settings)?;
        server.start_again()?;
        Ok(server)
    }

    pub(crate) fn start_again(&self) -> Result<()> {
        let log = self.folder.path().join("log");
        self.run(self.command("pg_ctl").arg("-D").arg(self.data()).arg("-l").arg(log).args(["-w", "start"]))
    }

    /// Stops it as a kill would, without a checkpoint or a message to its clients.
    pub(crate) fn stop_immediately(&self) -> Result<()> {
        self.run(self.command("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]))
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://csr@127.0.0.1:{}/{database}", self.port)
    }

    pub(crate) async fn create_database(&self, name: &str) -> Result<()> {
        self.execute(&format!("CREATE DATABASE {name}")).await
    }

    async fn execute(&self, sql: &str) -> Result<()> {
        execute(&self.url("postgres"), sql).await
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.current_dir(self.folder.path()).env("LC_ALL", "C.UTF-8");
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Output goes to a file, because the server keeps its standard streams open, and a pipe would
    /// never end.
    fn run(&self, command: &mut Command) -> Result<()> {
        let output = self.folder.path().join("output");
        let file = fs::File::create(&output)?;
        let done = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).status()?;
        if done.success() {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        Err(format!("{command:?}: {done}: {}{log}", fs::read_to_string(output)?).into())
    }
}

/// Runs statements as another user than the store.
pub(crate) async fn execute(url: &str, sql: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await?;
    drop(client);
    Ok(connection.await??)
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be stopped already, and errors have nowhere to go.
        let _ = self.stop_immediately();
    }
}

/// The user and group of Debian's package, or else `nobody`.
fn unprivileged() -> Result<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Ok(ids("postgres").or_else(|| ids("nobody")).ok_or("there is no unprivileged user")?)
}

fn server() -> Result<Server> {
    Server::start(&binaries().ok_or("PostgreSQL is not installed")?)
}

/// Trials for PostgreSQL only.
pub(crate) const TRIALS: &[NamedTrial] = &[
    ("replicas that start together make the tables once", start_together),
    ("no tables are made if the store must exist", existing_only),
    ("an immediate stop is an error, and the store recovers", reconnect),
    ("TLS is verified", verified_tls),
    ("a server without durable commits is refused", refused_servers),
];

fn start_together() -> Result<()> {
    let server = server()?;
    runtime()?.block_on(async {
        server.create_database("together").await?;
        let url = server.url("together");
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { PostgresStore::connect(&url, 2).await })
            })
            .collect();
        for start in starts {
            start.await??.ready().await?;
        }
        Ok(())
    })
}

fn existing_only() -> Result<()> {
    let server = server()?;
    runtime()?.block_on(async {
        server.create_database("mistyped").await?;
        let url = server.url("mistyped");
        for _ in 0..2 {
            let refused = PostgresStore::connect_existing(&url, 1).await.err();
            ensure!(
                matches!(&refused, Some(StoreError::Missing(place)) if place.contains("mistyped")),
                "{refused:?}"
            );
        }
        PostgresStore::connect(&url, 1).await?;
        PostgresStore::connect_existing(&url, 1).await?.ready().await?;
        Ok(())
    })
}

fn reconnect() -> Result<()> {
    let server = server()?;
    runtime()?.block_on(async {
        let store = PostgresStore::connect(&server.url("postgres"), 4).await?;
        store.ready().await?;
        server.stop_immediately()?;
        ensure!(matches!(store.ready().await, Err(StoreError::Database(_))), "ready without a server");
        server.start_again()?;
        // The next user of a broken connection may be the one to notice.
        for _ in 0..4 {
            if store.ready().await.is_ok() {
                return Ok(());
            }
        }
        Ok(store.ready().await?)
    })
}

fn verified_tls() -> Result<()> {
    let server = Server::start_with(&binaries().ok_or("PostgreSQL is not installed")?, |data| {
        let (certificate, key) = (data.join("server.crt"), data.join("server.key"));
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        fs::write(&certificate, made.cert.pem())?;
        fs::write(&key, made.signing_key.serialize_pem())?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
        let owner = fs::metadata(data)?;
        std::os::unix::fs::chown(&key, Some(owner.uid()), Some(owner.gid()))?;
        fs::write(data.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n")?;
        Ok("ssl = on".to_owned())
    })?;
    let port = server.port;
    let certificate = server.data().join("server.crt").display().to_string();
    let connect = |host: &str, options: &str| {
        let url = format!("postgres://csr@{host}:{port}/postgres?{options}");
        async move { PostgresStore::connect(&url, 1).await.map(drop).map_err(|error| error.to_string()) }
    };
    runtime()?.block_on(async {
        connect("localhost", &format!("sslrootcert={certificate}")).await?;
        connect("localhost", &format!("sslmode=require&sslrootcert={certificate}")).await?;
        for (host, options, why) in [
            // The certificate is for another name.
            ("127.0.0.1", format!("sslrootcert={certificate}"), "not valid for"),
            // No authority has issued it.
            ("localhost", "sslmode=require".to_owned(), "certificate"),
            // The server accepts TLS only.
            ("localhost", "sslmode=disable".to_owned(), "pg_hba.conf"),
        ] {
            let refusal = connect(host, &options).await.err().unwrap_or_default();
            ensure!(refusal.contains(why), "{host} {options}: {refusal:?}");
        }
        Ok(())
    })
}

fn refused_servers() -> Result<()> {
    let server = server()?;
    runtime()?.block_on(async {
        server.execute("ALTER ROLE csr SET synchronous_commit = off").await?;
        let refusal = PostgresStore::connect(&server.url("postgres"), 1).await.err();
        ensure!(matches!(refusal, Some(StoreError::Unusable(_))), "synchronous_commit off: {refusal:?}");
        server.execute("ALTER ROLE csr RESET synchronous_commit").await?;
        server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0").await?;
        let refusal = PostgresStore::connect(&server.url("latin"), 1).await.err();
        ensure!(matches!(refusal, Some(StoreError::Unusable(_))), "LATIN1: {refusal:?}");
        Ok(())
    })
}
