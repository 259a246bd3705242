//! A façade of our own, running in a process of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::tool::run;
use crate::{Error, Result};

/// A running façade on a loopback port, over a store of its own. It is stopped when this is dropped.
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
    /// When it cannot be built or does not start.
    pub fn start(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let mut process = Command::new(build()?).arg(folder).stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(process.stdout.take().ok_or("no output")?).lines();
        let mut line = || lines.next().ok_or("the server ended")?.map_err(Error::from);
        let endpoint = format!("http://{}", line()?);
        let token = line()?;
        let credential = line()?;
        let (access_key, secret_key) = credential.split_once(' ').ok_or("no credential")?;
        let (access_key, secret_key) = (access_key.to_owned(), secret_key.to_owned());
        Ok(Self { process, endpoint, token, access_key, secret_key })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with the test in any case: its store is the test's own.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Builds the server beside this test; gives its path.
fn build() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let profile = test.ancestors().nth(2).ok_or("a test outside its target folder")?;
    let target = profile.parent().ok_or("a test outside its target folder")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "-p", "csr-facade", "--example", "serve", "--target-dir"]).arg(target);
    run(command.current_dir(env!("CARGO_MANIFEST_DIR")))?;
    Ok(target.join("debug/examples/serve"))
}
