//! What `csr serve` refuses, and how it tells.

use crate::bench::{Bench, Run};

/// The variables mean what they seem to, or are refused by name.
#[test]
fn variables_are_understood_or_refused() {
    let bench = Bench::new();
    // Refused only once everything else is understood.
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
        refused.refused(&format!("{name}: is not UTF-8"));
        assert!(!refused.stderr.contains("hunter2"), "{refused}");
    }
    // A path need not be.
    #[cfg(unix)]
    {
        let bytes: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"x\xff");
        let both = [("CSR_DATABASE", bytes), ("CSR_MASTER_KEY_FILE", bytes)];
        let refused = Run::new(&args, bench.command().args(args).envs(both).output().unwrap());
        refused.refused("CSR_DATABASE: is not UTF-8");
        assert!(!refused.stderr.contains("CSR_MASTER_KEY_FILE"), "{refused}");
    }
}

/// It may be a secret or a switch that got lost: a default in its place would serve another store, or keys.
#[test]
fn an_empty_variable_is_refused_by_name() {
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
        run(&serve, &[name]).refused(&format!("error: {name}: is empty"));
        run(&list, &[name]).refused(&format!("error: {name}: is empty"));
    }
    for name in of_serve {
        run(&serve, &[name]).refused(&format!("error: {name}: is empty"));
        run(&list, &[name]).refused("there is no store at data");
    }
    let all = run(&serve, &of_serve);
    assert_eq!(all.stderr.matches(": is empty").count(), of_serve.len(), "{all}");
    assert!(bench.names().is_empty());

    // A flag goes before the variable, and `create` has none.
    run(&[&list[..], &["--master-key-file", "k"]].concat(), &["CSR_MASTER_KEY", "CSR_MASTER_KEY_FILE"])
        .refused("there is no store at data");
    assert_eq!(run(&["create", "--domain", "a.example"], &of_every_store).status, 0);
}

/// Each message names the file once, and says what to do about it or what it should be.
#[test]
#[cfg(unix)]
fn files_that_will_not_do_are_named_once() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new();
    bench.write("empty.pem", "");
    bench.write("block.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    bench.write("endless.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
    std::fs::create_dir(bench.path("wide")).unwrap();
    std::fs::set_permissions(bench.path("wide"), std::fs::Permissions::from_mode(0o777)).unwrap();
    let tls = ["--tls-certificate", "--tls-key"];
    for (args, told) in [
        ([tls[0], "empty.pem", tls[1], "empty.pem"], "empty.pem: there is no certificate in it"),
        ([tls[0], "endless.pem", tls[1], "empty.pem"], "endless.pem: a PEM block in it does not end"),
        ([tls[0], "block.pem", tls[1], "empty.pem"], "empty.pem: there is no private key in it"),
        ([tls[0], "none.pem", tls[1], "empty.pem"], "none.pem: No such file"),
        (["--data-dir", "wide", "--max-connections", "1"], "wide: mode 0777 lets others change the folder"),
        (["--data-dir", "empty.pem", "--max-connections", "1"], "empty.pem: is not a folder"),
        (["--data-dir", "data", "--master-key-file", "wide"], "master key file wide: is a directory"),
    ] {
        let run = bench.run(&[&["serve", "--listen", "127.0.0.1:0"][..], &args].concat());
        run.refused(told);
        let file = told.split(':').next().unwrap();
        assert_eq!(run.stderr.matches(file).count(), 1, "{run}");
    }
}

#[test]
fn what_cannot_be_served_is_said_before_a_token_is_made() {
    let bench = Bench::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    bench.run(&["serve", "--data-dir", "data", "--listen", &address]).refused("cannot listen at");
    bench.run(&["serve", "--data-dir", "data", "--listen", "0.0.0.0:0"]).refused("--allow-plain-http");
    bench
        .run(&[
            "serve",
            "--data-dir",
            "data",
            "--listen",
            "127.0.0.1:0",
            "--tls-certificate",
            "none.pem",
            "--tls-key",
            "none.key",
        ])
        .refused("none.pem");
    bench
        .run(&["serve", "--database", "postgres://nobody@127.0.0.1:1/none", "--data-dir", "data"])
        .refused("PostgreSQL");
    assert!(!bench.names().contains(&"data".to_owned()));
}
