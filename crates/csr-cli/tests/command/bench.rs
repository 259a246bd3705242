//! A folder to run the command in, and the result of a run.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub(crate) struct Bench(TempDir);

pub(crate) struct Run {
    line: String,
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file that only its owner can use, as required for secrets.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), contents).unwrap();
        #[cfg(unix)]
        self.set_mode(name, 0o600);
    }

    #[cfg(unix)]
    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// Puts a committed key, certificate or CSR into the folder.
    pub(crate) fn copy(&self, file: &str) {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let own = root.join("tests/data").join(file);
        let core = |folder| root.join("../csr-core/tests/data").join(folder).join(file);
        let path = [own, core("certificates"), core("keys")].into_iter().find(|path| path.exists());
        let path = path.unwrap_or_else(|| panic!("there is no {file}"));
        self.write(file, std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
    }

    /// The sorted names in the folder, including hidden ones.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The command, set up to run in the folder without a terminal.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_csr"));
        command.current_dir(self.0.path()).stdin(Stdio::null()).env_remove("COLUMNS");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::new(args, self.command().args(args).output().unwrap())
    }

    /// Runs the command after some shell code.
    #[cfg(unix)]
    pub(crate) fn after(&self, shell: &str, args: &[&str]) -> Run {
        Run::new(args, self.command_after(shell, args).output().unwrap())
    }

    /// The command after some shell code.
    #[cfg(unix)]
    pub(crate) fn command_after(&self, shell: &str, args: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("{shell}; exec \"$0\" \"$@\""))
            .arg(env!("CARGO_BIN_EXE_csr"))
            .args(args);
        command.current_dir(self.path("")).stdin(Stdio::null());
        command
    }

    pub(crate) fn run_with(&self, args: &[&str], input: impl AsRef<[u8]>) -> Run {
        let mut command = self.command();
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The command may already have refused and closed its end.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Run::new(args, child.wait_with_output().unwrap())
    }

    /// Runs the command, which must succeed and print JSON.
    pub(crate) fn json(&self, args: &[&str]) -> serde_json::Value {
        let run = self.run(args);
        assert_eq!(run.status, 0, "{run}");
        serde_json::from_str(&run.stdout).unwrap()
    }
}

impl Run {
    pub(crate) fn new(args: &[&str], output: Output) -> Self {
        let quoted: Vec<_> = args
            .iter()
            .map(|arg| {
                let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=@+".contains(c);
                if !arg.is_empty() && arg.chars().all(plain) { (*arg).to_owned() } else { format!("{arg:?}") }
            })
            .collect();
        Self {
            line: format!("csr {}", quoted.join(" ")),
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts that the command refused with a message that contains this text.
    #[track_caller]
    pub(crate) fn refused(&self, message: &str) {
        assert_eq!(self.status, 2, "{self}");
        assert!(self.stderr.contains(message), "{message:?} is not in\n{self}");
        assert_eq!(self.stdout, "", "{self}");
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}\n{}", self.line, self.stdout)?;
        if !self.stderr.is_empty() {
            writeln!(f, "--- standard error\n{}", self.stderr)?;
        }
        write!(f, "--- exit status {}", self.status)
    }
}

/// Compares with the committed snapshot, except for what differs with every key.
macro_rules! assert_prints {
    ($run:expr) => {
        insta::with_settings!({
            filters => vec![
                (r"[0-9a-f]{64}", "[SHA-256]"),
                (r"-----BEGIN ([A-Z ]+)-----(\\n|\n)[A-Za-z0-9+/=\n\\]+-----END [A-Z ]+-----", "[PEM of a $1]"),
            ],
            omit_expression => true,
            prepend_module_to_snapshot => true,
        }, { insta::assert_snapshot!($run.to_string()) })
    };
}
pub(crate) use assert_prints;
