//! Misplaced and mangled private keys: no refusal shows any part of them.

use crate::bench::Bench;
use crate::planted::{SECRETS, assert_nothing_leaks, fixed};

#[test]
fn no_refusal_shows_a_planted_key() {
    let bench = Bench::new();
    let commands = [
        &["create", "--domain", "x.example.com", "--stdout", "--key", "given"][..],
        &["create", "--stdout", "--request", "given"],
        &["inspect", "given"],
        &["inspect", "--json", "given"],
        &["verify", "given"],
        &["verify", "--json", "given"],
        &["match", "given"],
        &["match", "--json", "given", "given"],
    ];
    let mut refused = 0;
    for given in fixed() {
        bench.write("given", given);
        for args in commands {
            let run = bench.run(args);
            refused += u32::from(run.status != 0);
            if run.status != 0 || args[0] != "create" {
                assert_nothing_leaks(run.to_string().as_bytes());
            }
        }
    }
    assert!(refused > 600, "{refused}");
}

/// The line ends of the key became blanks.
#[test]
fn key_that_lost_its_line_ends_is_used_and_not_shown() {
    let bench = Bench::new();
    for secret in &*SECRETS {
        let pem = String::from_utf8(secret.forms[0].clone()).unwrap();
        for line_end in [" ", "", "\r", "\\n"] {
            bench.write("k.key", pem.replace('\n', line_end));
            let args = ["create", "--domain", "x.example.com", "--key", "k.key", "--stdout"];
            let run = bench.run(&args);
            assert_eq!(run.status, 0, "{run}");
            let run = bench.run(&["verify", "k.key"]);
            run.refused("no CERTIFICATE REQUEST among the PEM blocks");
            assert_nothing_leaks(run.to_string().as_bytes());
            for args in [&["inspect", "k.key"][..], &["match", "k.key", "k.key"]] {
                let run = bench.run(args);
                assert_eq!(run.status, 0, "{run}");
                assert_nothing_leaks(run.to_string().as_bytes());
            }
        }
    }
}
