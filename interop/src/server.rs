//! A façade of our own, running in a process of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::tool::run;
use crate::{Error, Result};

/// `csr serve` on a loopback port, over a store of its own. It is stopped when this is dropped.
pub struct Server {
    process: Child,
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// A token with every right.
    pub token: String,
    /// An access key with every right.
    pub access_key: String,
    /// Its secret key.
    pub secret_key: String,
}

impl Server {
    /// Starts one that keeps its store in this folder, which is emptied before.
    ///
    /// # Errors
    ///
    /// When `csr` cannot be built or does not start.
    pub fn start(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let csr = csr_binary()?;
        let mut serve = Command::new(&csr);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder);
        let process = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        // From here on it is stopped, whatever happens.
        let (endpoint, token, access_key, secret_key) = Default::default();
        let mut server = Self { process, endpoint, token, access_key, secret_key };
        server.read_first_lines()?;

        let mut add = Command::new(&csr);
        add.args(["access", "add", "interop", "--credential", "--rights", "read,write,export-key", "--json"]);
        let added: Value = serde_json::from_str(&run(add.arg("--data-dir").arg(folder))?)?;
        let text = |name: &str| added[name].as_str().map(str::to_owned).ok_or("no credential");
        (server.access_key, server.secret_key) = (text("access_key")?, text("secret_key")?);
        Ok(server)
    }

    /// The address is in the first line, the first token in the third.
    fn read_first_lines(&mut self) -> Result<()> {
        let mut lines = BufReader::new(self.process.stdout.take().ok_or("no output")?).lines();
        let mut line = || lines.next().ok_or("the server ended")?.map_err(Error::from);
        let first = line()?;
        self.endpoint = first.split(' ').nth(2).ok_or("no address")?.to_owned();
        line()?;
        self.token = line()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with the test in any case: its store is the test's own.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The `csr` that `CSR_BIN` names; without it, one built beside this test.
pub(crate) fn csr_binary() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CSR_BIN") {
        return Ok(named.into());
    }
    let test = std::env::current_exe()?;
    let target = test.ancestors().nth(3).ok_or("a test outside its target folder")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "-p", "csr-cli", "--bin", "csr", "--target-dir"]).arg(target);
    run(command.current_dir(env!("CARGO_MANIFEST_DIR")))?;
    Ok(target.join("debug/csr"))
}
