//! What the error of a refused key says to do, done: the command must work as it stands and write a key that is read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use csr_core::KeyPair;

use crate::Result;
use crate::fixture::empty;
use crate::tool::run;

/// A file of csr-core's test data that is refused with a command.
#[derive(Debug, Clone, Copy)]
pub struct Refused {
    /// Its name.
    pub file: &'static str,
    /// The programs that the command consists of.
    programs: &'static [&'static str],
}

const OPENSSL: &[&str] = &["openssl"];

/// At least one for each command.
pub const REFUSED: &[Refused] = &[
    Refused { file: "p256-encrypted-aria.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-aes-cfb.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-camellia.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-cast5.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-des.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-rc2.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-seed.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-pbes1.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-pbes1-md5-des.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-pbes1-md5-rc2.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-pbes1-sha1-rc2.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-pkcs12-rc2-128.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-pkcs12-rc2-40.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-pkcs12-rc4-128.pem", programs: OPENSSL },
    Refused { file: "p256-encrypted-pkcs12-rc4-40.pem", programs: OPENSSL },
    Refused { file: "p256-legacy-aria-256.pem", programs: OPENSSL },
    Refused { file: "p256-legacy-bf.pem", programs: OPENSSL },
    Refused { file: "p256-legacy-des.pem", programs: OPENSSL },
    Refused { file: "p256-legacy-rc2.pem", programs: OPENSSL },
    Refused { file: "p256-explicit-parameters.pem", programs: OPENSSL },
    Refused { file: "p256-sec1-explicit-parameters.pem", programs: OPENSSL },
    Refused { file: "not-a-key-legacy.p12", programs: OPENSSL },
    Refused { file: "other-key.p12", programs: OPENSSL },
    Refused { file: "other-key.pvk", programs: OPENSSL },
    Refused { file: "other-key.blob", programs: OPENSSL },
    Refused { file: "other-key.base64", programs: &["openssl", "tr"] },
    Refused { file: "other-key.jks", programs: &["keytool", "openssl"] },
    Refused { file: "other-key.jceks", programs: &["keytool", "openssl"] },
    Refused { file: "other-key-openssh-plain.pem", programs: &["ssh-keygen"] },
    Refused { file: "other-key-openssh-encrypted.pem", programs: &["ssh-keygen"] },
    Refused { file: "other-key-sshcom", programs: &["ssh-keygen", "puttygen"] },
    Refused { file: "other-key-plain.ppk", programs: &["puttygen"] },
    Refused { file: "other-key-encrypted.ppk", programs: &["puttygen"] },
];

const PASSPHRASE: &str = "secret";

impl Refused {
    /// Why the command cannot run here, if it cannot.
    #[must_use]
    pub fn missing(&self) -> Option<String> {
        // Not all of them have an option that does nothing.
        let is_missing =
            |program: &&str| run(Command::new("sh").args(["-c", "command -v \"$0\"", program])).is_err();
        self.programs
            .iter()
            .find(|program| is_missing(program))
            .map(|program| format!("`{program}` is not installed"))
    }

    /// Runs what the error says, in an empty folder, and reads what comes of it.
    ///
    /// # Errors
    ///
    /// When the file is not refused, a command fails, or the key is not the one that the file has.
    pub fn follow_advice(&self, folder: &Path) -> Result<()> {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/csr-core/tests/data/keys");
        let read = |file: &Path| -> Result<Vec<u8>> {
            fs::read(file).map_err(|error| format!("{}: {error}", file.display()).into())
        };
        let bytes = read(&data.join(self.file))?;
        let Err(refusal) = KeyPair::import(&bytes, Some(PASSPHRASE.as_bytes())) else {
            return Err(format!("{}: is read as it stands", self.file).into());
        };
        empty(folder)?;
        let file = folder.join("FILE");
        fs::write(&file, &bytes)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        fs::write(folder.join("PASSPHRASE"), PASSPHRASE)?;

        let message = refusal.to_string();
        let commands: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        if commands.is_empty() {
            return Err(format!("{}: no command in {message:?}", self.file).into());
        }
        for command in &commands {
            let command = format!("{command}{}", self.answers(command));
            run(Command::new("sh").args(["-c", &command]).current_dir(folder))?;
        }
        let written = ["NEW_FILE", "KEY_FILE", "FILE"].map(|name| folder.join(name)).into_iter();
        let written = written.filter(|file| file.exists()).map(|file| read(&file)).next();
        let key = KeyPair::import(&written.ok_or("nothing written")??, Some(PASSPHRASE.as_bytes()))
            .map_err(|error| format!("{}: after {commands:?}: {error}", self.file))?;
        let plain = if self.file.starts_with("p256") { "p256-sec1.der" } else { "rsa2048-pkcs1.der" };
        let plain = KeyPair::import(&read(&data.join(plain))?, None)?;
        if key.public_key_info() != plain.public_key_info() {
            return Err(format!("{}: another key after {commands:?}", self.file).into());
        }
        Ok(())
    }

    /// What a person would be asked for.
    fn answers(&self, command: &str) -> &'static str {
        let is_plain = self.file.contains("plain");
        match command.split(' ').take(2).collect::<Vec<_>>()[..] {
            ["openssl", "pkcs8" | "pkcs12"] => " -passin pass:secret -passout pass:secret",
            ["openssl", "rsa"] => " -passin pass:secret",
            ["keytool", _] => " -srcstorepass secret -deststorepass secret -noprompt",
            ["ssh-keygen", "-p"] if is_plain => " -P '' -N ''",
            ["ssh-keygen", "-p"] => " -P secret -N secret",
            ["puttygen", _] if self.file.contains("encrypted") => {
                " --old-passphrase PASSPHRASE --new-passphrase PASSPHRASE"
            }
            _ => "",
        }
    }
}
