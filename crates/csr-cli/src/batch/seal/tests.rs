#![cfg(feature = "age")]

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use ::age::armor::ArmoredReader;
use ::age::secrecy::ExposeSecret;
use ::age::x25519::Identity;

use super::*;
use crate::given;

/// The key pair of the specification's test vectors.
const SECRET: &str = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
const RECIPIENT: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";

const NO_PASSPHRASE: Passphrase = Passphrase { file: None, env: None };

fn args<'a>(recipients: &'a [String], recipients_file: Option<&'a Path>) -> SealArgs<'a> {
    let (key_format, passphrase) = (KeyFormatName::Pkcs8, &NO_PASSPHRASE);
    SealArgs { key_format, der: false, encrypt: false, passphrase, recipients, recipients_file }
}

fn sealer(args: &SealArgs<'_>) -> Result<Sealer, String> {
    let mut faults = Refusals::default();
    let sealer = Sealer::new(args, &mut faults);
    assert_eq!(sealer.is_some(), faults.is_empty());
    sealer.ok_or_else(|| faults.to_string())
}

fn to(recipients: &[&str]) -> Result<Sealer, String> {
    let recipients: Vec<String> = recipients.iter().map(|text| (*text).to_owned()).collect();
    sealer(&args(&recipients, None))
}

fn open(sealed: &[u8], identity: &Identity) -> Vec<u8> {
    let mut plain = Vec::new();
    let decryptor = ::age::Decryptor::new(ArmoredReader::new(sealed)).unwrap();
    let mut reader = decryptor.decrypt(std::iter::once(identity as _)).unwrap();
    reader.read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn sealed_key_opens_for_each_recipient() {
    let identities = [Identity::generate(), SECRET.parse().unwrap()];
    let names = identities.each_ref().map(|identity| identity.to_public().to_string());
    for (der, beginning) in
        [(false, &b"-----BEGIN AGE ENCRYPTED FILE-----\n"[..]), (true, b"age-encryption.org/v1\n")]
    {
        let sealer = sealer(&SealArgs { der, ..args(&names, None) }).unwrap();
        assert_eq!(sealer.sealed_to()[..], names);
        for algorithm in [PrivateKeyAlgo::EcP256, PrivateKeyAlgo::Rsa2048] {
            let key = KeyPair::generate(algorithm).unwrap();
            let sealed = sealer.export(&key).unwrap();
            assert!(sealed.starts_with(beginning));
            assert_ne!(sealed, sealer.export(&key).unwrap(), "each file has a key of its own");
            for identity in &identities {
                let opened = open(&sealed, identity);
                assert_eq!(opened.starts_with(b"-----BEGIN PRIVATE KEY-----\n"), !der);
                let opened = KeyPair::import(&opened, None).unwrap();
                assert_eq!(opened.public_key_info(), key.public_key_info());
            }
            let other = Identity::generate();
            let decryptor = ::age::Decryptor::new(ArmoredReader::new(&sealed[..])).unwrap();
            assert!(decryptor.decrypt(std::iter::once(&other as _)).is_err());
        }
    }
}

#[test]
fn recipient_that_is_given_twice_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recipients.txt");
    std::fs::write(&path, format!("\u{feff}# who\r\n\r\n{RECIPIENT}\r\n  {RECIPIENT}\n")).unwrap();
    let given = [RECIPIENT.to_owned(), RECIPIENT.to_uppercase(), format!(" {RECIPIENT}\n")];
    let sealer = sealer(&args(&given[..1], Some(&path))).unwrap();
    assert_eq!(sealer.sealed_to()[..], [RECIPIENT.to_owned()]);
    assert_eq!(to(&[RECIPIENT, &given[2]]).unwrap().sealed_to().len(), 1);
}

#[test]
fn bad_recipient_is_refused_with_its_flag_and_line() {
    let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJyGMYcQHYdC3VUkHqqBJ2YkGyGZQMDBVnAxXPGwAtLn";
    for bad in ["", "alice", &RECIPIENT[..60], &RECIPIENT.replace("pa", "pp"), ssh] {
        let error = to(&[bad]).err().unwrap();
        assert!(error.starts_with("--recipient: must be a recipient as `age-keygen` makes it"), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recipients.txt");
    let told = |text: &str| {
        std::fs::write(&path, text).unwrap();
        sealer(&args(&[], Some(&path))).err().unwrap()
    };
    assert!(told("# none\n").ends_with("must name at least one recipient (age1…)"));
    let error = told(&format!("{RECIPIENT}\nbob\n\nalice\n"));
    assert!(error.contains("recipients.txt line 2: ") && error.contains("line 4: "), "{error}");
    let many: Vec<_> = (0..1_001).map(|_| Identity::generate().to_public().to_string()).collect();
    assert!(told(&many.join("\n")).contains("at most 1000 recipients"));
}

#[test]
fn secret_key_in_the_place_of_a_recipient_is_refused_and_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recipients.txt");
    let new = Identity::generate().to_string();
    for secret in [SECRET, new.expose_secret()] {
        for text in
            [secret.to_owned(), secret.to_lowercase(), secret[..50].to_owned(), secret[3..].to_owned()]
        {
            std::fs::write(&path, format!("{RECIPIENT}\n{text}\n")).unwrap();
            let errors = [to(&[&text]).err().unwrap(), sealer(&args(&[], Some(&path))).err().unwrap()];
            for error in errors {
                let shown = error.to_uppercase();
                assert!(
                    !secret
                        .as_bytes()
                        .windows(20)
                        .any(|run| { shown.contains(std::str::from_utf8(run).unwrap()) }),
                    "{error}"
                );
                let is_whole = text.len() > 71;
                assert!(!is_whole || error.contains("is a secret key of age"), "{error}");
            }
            // What clap quotes of a mistyped command line.
            for message in
                [text.clone(), format!("unexpected argument '{text}' found"), format!("--recip={text}")]
            {
                let shown =
                    given::without_secrets_of(&message, vec![text.clone(), format!("--recip={text}")]);
                assert!(!shown.to_uppercase().contains(&secret[20..40]), "{shown}");
            }
        }
    }
}

#[test]
fn pass_phrase_and_recipients_exclude_each_other() {
    let given = [RECIPIENT.to_owned()];
    let error = sealer(&SealArgs { encrypt: true, ..args(&given, None) }).err().unwrap();
    assert!(error.starts_with("--encrypt: the keys are encrypted to the recipients"), "{error}");
}

#[test]
fn encryption_under_a_pass_phrase_tells_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("phrase");
    std::fs::write(&path, "a pass phrase\n").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let passphrase = Passphrase { file: Some(path), env: None };
    let encrypted = SealArgs { encrypt: true, passphrase: &passphrase, ..args(&[], None) };
    let sealer = sealer(&encrypted).unwrap();
    let time = sealer.time_per_key().unwrap().unwrap();
    assert!((Duration::from_millis(1)..Duration::from_secs(60)).contains(&time), "{time:?}");
    let key = KeyPair::generate(PrivateKeyAlgo::Sm2).unwrap();
    let exported = sealer.export(&key).unwrap();
    let opened = KeyPair::import(&exported, Some(b"a pass phrase")).unwrap();
    assert_eq!(opened.public_key_info(), key.public_key_info());
    assert_eq!(to(&[RECIPIENT]).unwrap().time_per_key().unwrap(), None);
    let refused = key_form::check_format(KeyFormat::Sec1, PrivateKeyAlgo::Rsa2048);
    assert_eq!(refused.unwrap_err(), "--key-format: SEC1 cannot hold a key of RSA_2048: give pkcs8");
}

#[cfg(unix)]
#[test]
fn sealed_key_opens_with_the_age_tool() {
    let folder = tempfile::tempdir().unwrap();
    let identity = folder.path().join("identity");
    std::fs::write(&identity, SECRET).unwrap();
    if Command::new("age").arg("--version").output().is_err() {
        eprintln!("left out: the tool `age` is not installed");
        return;
    }
    for der in [false, true] {
        let recipients = [RECIPIENT.to_owned(), Identity::generate().to_public().to_string()];
        let sealer = sealer(&SealArgs { der, ..args(&recipients, None) }).unwrap();
        for algorithm in [PrivateKeyAlgo::EcP384, PrivateKeyAlgo::Rsa4096] {
            let key = KeyPair::generate(algorithm).unwrap();
            let mut tool = Command::new("age");
            tool.arg("--decrypt").arg("--identity").arg(&identity);
            let mut tool = tool.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            tool.stdin.take().unwrap().write_all(&sealer.export(&key).unwrap()).unwrap();
            let output = tool.wait_with_output().unwrap();
            assert!(output.status.success());
            let opened = KeyPair::import(&output.stdout, None).unwrap();
            assert_eq!(opened.public_key_info(), key.public_key_info());
        }
    }
}
