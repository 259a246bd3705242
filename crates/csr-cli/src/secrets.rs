//! A private key in the place of every argument, and mangled in every file: no message shows anything of it.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use clap::{CommandFactory, FromArgMatches};
use proptest::prelude::*;

use crate::args::{Cli, Command};
use crate::failure::Refusals;
use crate::planted::{assert_nothing_leaks, fixed, mangled};
use crate::text::printable;
use crate::{batch, create, given, inspect, same_key};

/// What is told of a command line that is refused, after what it gives is taken out.
fn told(args: &[&str]) -> String {
    let told = match Cli::command().try_get_matches_from(args).and_then(|given| Cli::from_arg_matches(&given))
    {
        Err(error) => error.to_string(),
        Ok(cli) => {
            let refusal = match &cli.command {
                Command::Create(args) => create::refusal(args),
                Command::Batch(args) => batch::refusal(args),
                Command::Inspect(args) => inspect::refusal(&args.read),
                Command::Verify(args) => inspect::verify(args).err(),
                Command::Match(args) => same_key::read(args).err(),
                _ => None,
            };
            refusal.map_or_else(String::new, |error| match error.downcast_ref::<Refusals>() {
                Some(faults) => faults.to_string(),
                None => format!("{error:#}"),
            })
        }
    };
    let texts = args.iter().skip(1).map(|arg| (*arg).to_owned()).collect();
    printable(&given::without_secrets_of(&told, texts)).into_owned()
}

fn write(path: &Path, contents: &[u8]) {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path).unwrap().write_all(contents).unwrap();
}

/// A folder with this secret in a file.
struct Place {
    folder: tempfile::TempDir,
    file: String,
    passphrase: String,
}

impl Place {
    fn new(secret: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [file, passphrase] =
            [("given", secret), ("passphrase", b"pass phrase\n")].map(|(name, contents)| {
                let path = folder.path().join(name);
                write(&path, contents);
                path.to_str().unwrap().to_owned()
            });
        Self { folder, file, passphrase }
    }

    fn create(&self, more: &[&str]) {
        let out = self.folder.path().to_str().unwrap();
        let args = ["csr", "create", "--out", out, "--passphrase-file", &self.passphrase];
        assert_nothing_leaks(told(&[&args[..], more].concat()).as_bytes());
    }
}

const DOMAIN: [&str; 2] = ["--domain", "x.example.com"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_shows_a_key_that_is_mangled_in_a_file(program in proptest::collection::vec(any::<u8>(), 2..64)) {
        let place = Place::new(&mangled(&program));
        for command in ["inspect", "verify"] {
            assert_nothing_leaks(told(&["csr", command, &place.file]).as_bytes());
        }
        for files in [&[&*place.file][..], &[&*place.file, &*place.file]] {
            let args = [&["csr", "match", "--passphrase-file", &*place.passphrase], files].concat();
            assert_nothing_leaks(told(&args).as_bytes());
        }
        for flag in ["--key", "--challenge-password-file"] {
            place.create(&[&DOMAIN[..], &[flag, &place.file]].concat());
        }
        place.create(&["--request", &place.file]);
        place.create(&[&DOMAIN[..], &["--usage", "ENTERPRISE", "--config", &place.file]].concat());
    }

    #[test]
    fn no_message_shows_a_key_that_is_mangled_in_an_argument(
        program in proptest::collection::vec(any::<u8>(), 2..64),
        flag in proptest::sample::select(&FLAGS[..]),
    ) {
        let place = Place::new(b"none");
        let text = mangled(&program);
        let text = &*String::from_utf8_lossy(&text);
        for args in [["csr", "inspect", text], ["csr", "match", text], ["csr", "create", text]] {
            assert_nothing_leaks(told(&args).as_bytes());
        }
        place.create(&[&DOMAIN[..], &[flag, text]].concat());
        place.create(&[&DOMAIN[..], &[&format!("{flag}={text}")]].concat());
        place.create(&[&DOMAIN[..], &[text, text]].concat());
        place.create(&["x.example.com", text]);
        place.create(&[&DOMAIN[..], &[&format!("-{text}")]].concat());
        for short in SHORT_FLAGS {
            place.create(&["x.example.com", short, text]);
            place.create(&["x.example.com", &format!("{short}{text}")]);
        }
    }
}

#[test]
fn no_message_shows_a_key_that_is_given_as_an_argument() {
    let place = Place::new(b"none");
    for secret in fixed() {
        let text = &*String::from_utf8_lossy(&secret);
        for command in ["inspect", "verify", "match", "create"] {
            assert_nothing_leaks(told(&["csr", command, text]).as_bytes());
        }
        for flag in FLAGS.iter().chain(&FLAGS_OF_BATCH) {
            let args = ["csr", "batch", "--count", "1", "--domain", "x.example.com", flag, text];
            assert_nothing_leaks(told(&args).as_bytes());
            assert_nothing_leaks(told(&["csr", "batch", &place.file, flag, text]).as_bytes());
        }
        assert_nothing_leaks(told(&["csr", "batch", text]).as_bytes());
        assert_nothing_leaks(told(&["csr", "batch", "--count", "2", "--domain", text]).as_bytes());
        for flag in ["--passphrase-file", "--passphrase-env"] {
            assert_nothing_leaks(told(&["csr", "match", &place.file, flag, text]).as_bytes());
        }
        assert_nothing_leaks(told(&["csr", text]).as_bytes());
        place.create(&["x.example.com", text]);
        place.create(&[text, text]);
        for short in SHORT_FLAGS {
            place.create(&["x.example.com", short, text]);
            place.create(&["x.example.com", &format!("{short}{text}")]);
        }
        for flag in FLAGS {
            place.create(&[&DOMAIN[..], &[flag, text]].concat());
            place.create(&[&DOMAIN[..], &["--usage", "ENTERPRISE", flag, text]].concat());
            place.create(&[&DOMAIN[..], &[&format!("{flag}={text}")]].concat());
        }
    }
}

const FLAGS: [&str; 31] = [
    "--algorithm",
    "--attribute",
    "--challenge-password-file",
    "--city",
    "--common-name",
    "--config",
    "--country",
    "--digest",
    "--email-address",
    "--extended-key-usage",
    "--extension",
    "--format",
    "--from",
    "--key",
    "--key-usage",
    "--name",
    "--organization",
    "--organizational-unit",
    "--path-length",
    "--province",
    "--request",
    "--san",
    "--san-directory-name",
    "--san-email",
    "--san-other-name",
    "--san-registered-id",
    "--san-upn",
    "--san-uri",
    "--sm2-id",
    "--subject",
    "--usage",
];

const FLAGS_OF_BATCH: [&str; 9] = [
    "--count",
    "--id",
    "--jsonl",
    "--out",
    "--recipient",
    "--recipients-file",
    "--shard",
    "--shards",
    "--threads",
];

const SHORT_FLAGS: [&str; 6] = ["-a", "-d", "-k", "-n", "-o", "-s"];
