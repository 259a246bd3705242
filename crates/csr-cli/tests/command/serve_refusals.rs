//! What `csr serve` refuses, and with which messages.

use crate::bench::{Bench, Run, assert_prints};

/// A variable has its obvious meaning, or is refused by name.
#[test]
fn variables_are_used_or_refused() {
    let bench = Bench::new();
    // The address is refused only after everything else was understood.
    let args = ["serve", "--data-dir", "data", "--listen", "0.0.0.0:0"];
    let run = |name: &str, value: &std::ffi::OsStr| {
        Run::new(&args, bench.command().args(args).env(name, value).output().unwrap())
    };
    for value in ["1", "0", "true", "yes", "off"] {
        run("CSR_NO_KEY_EXPORT", value.as_ref()).refused("--allow-plain-http");
    }
    run("CSR_NO_KEY_EXPORT", "maybe".as_ref()).refused("--no-key-export");
    #[cfg(unix)]
    for name in ["CSR_MASTER_KEY", "CSR_COUNTRY", "CSR_DATABASE"] {
        let refused = run(name, std::os::unix::ffi::OsStrExt::from_bytes(b"hunter2\xff"));
        refused.refused(&format!("{name}: must be UTF-8"));
        assert!(!refused.stderr.contains("hunter2"), "{refused}");
    }
    // Paths need not be UTF-8.
    #[cfg(unix)]
    {
        let bytes: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"x\xff");
        let both = [("CSR_DATABASE", bytes), ("CSR_MASTER_KEY_FILE", bytes)];
        let refused = Run::new(&args, bench.command().args(args).envs(both).output().unwrap());
        refused.refused("CSR_DATABASE: must be UTF-8");
        assert!(!refused.stderr.contains("CSR_MASTER_KEY_FILE"), "{refused}");
    }
}

/// The variable may be a secret or a switch that got lost. A default in its place would serve another store, or keys.
#[test]
fn empty_variable_is_refused_by_name() {
    let bench = Bench::new();
    let run = |args: &[&str], variables: &[&str]| {
        let set = variables.iter().map(|name| (name, ""));
        Run::new(args, bench.command().args(args).envs(set).output().unwrap())
    };
    let serve = ["serve", "--data-dir", "data", "--listen", "0.0.0.0:0"];
    let list = ["access", "list", "--data-dir", "data"];
    let of_every_store = ["CSR_CONFIG", "CSR_DATABASE", "CSR_MASTER_KEY", "CSR_MASTER_KEY_FILE"];
    let of_serve =
        ["CSR_NO_KEY_EXPORT", "CSR_MAX_CONNECTIONS", "CSR_LOG_FORMAT", "CSR_TLS_KEY", "CSR_COUNTRY"];
    for name in of_every_store {
        run(&serve, &[name]).refused(&format!("error: {name}: must not be empty"));
        run(&list, &[name]).refused(&format!("error: {name}: must not be empty"));
    }
    for name in of_serve {
        run(&serve, &[name]).refused(&format!("error: {name}: must not be empty"));
        run(&list, &[name]).refused("there is no store at data");
    }
    let all = run(&serve, &of_serve);
    assert_eq!(all.stderr.matches(": must not be empty").count(), of_serve.len(), "{all}");
    assert!(bench.names().is_empty());

    // A flag overrides the variable, and `create` has no variables.
    run(&[&list[..], &["--master-key-file", "k"]].concat(), &["CSR_MASTER_KEY", "CSR_MASTER_KEY_FILE"])
        .refused("there is no store at data");
    assert_eq!(run(&["create", "--domain", "a.example"], &of_every_store).status, 0);
}

/// Each message names the file once, and says what to do or what it must be.
#[test]
#[cfg(unix)]
fn refused_file_is_named_once() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new();
    bench.write("empty.pem", "");
    bench.write("block.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    bench.write("endless.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
    std::fs::create_dir(bench.path("wide")).unwrap();
    std::fs::set_permissions(bench.path("wide"), std::fs::Permissions::from_mode(0o777)).unwrap();
    let tls = ["--tls-certificate", "--tls-key"];
    for (args, message) in [
        ([tls[0], "empty.pem", tls[1], "empty.pem"], "empty.pem: it must hold a certificate in PEM"),
        ([tls[0], "endless.pem", tls[1], "empty.pem"], "endless.pem: a PEM block in it has no end"),
        ([tls[0], "block.pem", tls[1], "empty.pem"], "empty.pem: it must hold a private key in PEM"),
        ([tls[0], "none.pem", tls[1], "empty.pem"], "none.pem: No such file"),
        (["--data-dir", "wide", "--max-connections", "1"], "`chmod 700 wide`"),
        (["--data-dir", "empty.pem", "--max-connections", "1"], "empty.pem: is not a folder"),
        (["--data-dir", "data", "--master-key-file", "wide"], "master key file wide: is a directory"),
    ] {
        let run = bench.run(&[&["serve", "--listen", "127.0.0.1:0"][..], &args].concat());
        run.refused(message);
        let file = message.split(':').next().unwrap();
        // And once more in the command that fixes it.
        let named = run.stderr.replace(&format!("`chmod 700 {file}`"), "");
        assert_eq!(named.matches(file).count(), 1, "{run}");
    }
}

/// The rule for the master key's file holds for every file with a secret.
#[test]
#[cfg(unix)]
fn files_with_secrets_must_be_private() {
    let bench = Bench::new();
    bench.write("secret", "database = \"postgres://me:hunter2@127.0.0.1:1/csr\"\n");
    let serve = ["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"];
    let tls = ["--tls-certificate", "none.pem", "--tls-key", "secret"];
    let encrypt = ["create", "--domain", "a.example", "--encrypt", "--passphrase-file", "secret"];
    let challenge = ["create", "--domain", "a.example", "--challenge-password-file", "secret"];
    for args in [
        &[&serve[..], &["--config", "secret"]].concat()[..],
        &["access", "list", "--config", "secret"],
        &[&serve[..], &tls].concat(),
        &encrypt,
        &challenge,
    ] {
        for mode in [0o644, 0o604, 0o660, 0o602] {
            bench.set_mode("secret", mode);
            let run = bench.run(args);
            run.refused(&format!("mode {mode:04o} lets others use it: `chmod 600 secret`\n"));
            assert!(!run.stderr.contains("hunter2"), "{run}");
        }
        // Kubernetes makes secrets readable for a group.
        for mode in [0o600, 0o400, 0o640, 0o440] {
            bench.set_mode("secret", mode);
            let run = bench.run(args);
            assert!(!run.stderr.contains("chmod"), "{run}");
            for made in ["a.example.csr", "a.example.key"] {
                let _ = std::fs::remove_file(bench.path(made));
            }
        }
    }
    bench.set_mode("secret", 0o644);
    assert_prints!(bench.run(&encrypt));
    assert_prints!(bench.run(&["access", "list", "--config", "secret"]));
    // For a link, the mode of its target counts. A pipe cannot be read by others.
    std::os::unix::fs::symlink("secret", bench.path("link")).unwrap();
    bench.run(&["access", "list", "--config", "link"]).refused("--config: mode 0644");
    let piped = bench.run_with(&[&encrypt[..5], &["/dev/stdin"]].concat(), "sesame\n");
    assert_eq!(piped.status, 0, "{piped}");
}

/// No piece of the URL is shown: if the password contains a `?`, the parser takes its rest for an option.
#[test]
fn password_of_the_database_is_not_shown() {
    let bench = Bench::new();
    for url in [
        "postgres://me:hun?ter2@127.0.0.1:1/csr",
        "postgres://me:x?y=1&hunter2=1@127.0.0.1:1/csr",
        "postgres://me:hunter2@127.0.0.1:1/csr",
        "postgres://me:hunter2@@127.0.0.1:1/csr",
        "postgres://me:a/hunter2@127.0.0.1:1/csr",
        "postgres//me:hunter2@127.0.0.1:1/csr",
        "hunter2",
    ] {
        let args = ["access", "list"];
        let run = Run::new(&args, bench.command().args(args).env("CSR_DATABASE", url).output().unwrap());
        run.refused("error: ");
        assert!(!run.stderr.contains("ter2"), "{run}");
    }
}

#[test]
fn failures_come_before_a_token_is_made() {
    let bench = Bench::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    bench.run(&["serve", "--data-dir", "data", "--listen", &address]).refused("cannot listen on");
    bench.run(&["serve", "--data-dir", "data", "--listen", "0.0.0.0:0"]).refused("--allow-plain-http");
    let serve = ["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"];
    let tls = ["--tls-certificate", "none.pem", "--tls-key", "none.key"];
    bench.run(&[&serve[..], &tls].concat()).refused("none.pem");
    bench
        .run(&[&serve[..], &["--database", "postgres://nobody@127.0.0.1:1/none"]].concat())
        .refused("PostgreSQL");
    assert!(!bench.names().contains(&"data".to_owned()));
}
