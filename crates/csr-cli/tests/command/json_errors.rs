//! With `--json`, a failure is one JSON object on standard output.

use serde_json::Value;

use crate::bench::{Bench, Run, assert_prints};

/// The faults of a command that fails.
#[track_caller]
fn faults(run: &Run) -> Vec<Value> {
    assert_eq!(run.status, 2, "{run}");
    let json: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    assert_eq!(json.as_object().unwrap().len(), 1, "{run}");
    json["error"]["faults"].as_array().unwrap().clone()
}

#[test]
fn all_faults_are_in_one_json_object() {
    let bench = Bench::new();
    let args = [
        "create",
        "a_b.example",
        "c@d",
        "--san",
        "*.com",
        "--country",
        "China",
        "--out",
        "nowhere",
        "--json",
    ];
    let run = bench.run(&args);
    assert_prints!(run);
    let faults = faults(&run);
    assert_eq!(faults.len(), run.stderr.lines().count());
    // Both tell the same.
    for (fault, line) in faults.iter().zip(run.stderr.lines()) {
        assert!(line.ends_with(&format!(": {}", fault["message"].as_str().unwrap())), "{line}: {fault}");
    }
}

#[test]
fn faults_of_a_request_name_its_fields() {
    let bench = Bench::new();
    let request = r#"{"name": "a/b", "domain_name": "-a.example", "sans": "ok.example;*.*.example",
        "private_key_algo": "DSA", "usage": "ENTERPRISE"}"#;
    let args = ["create", "--request", "-", "--json"];
    let of_request = bench.run_with(&args, request);
    assert_prints!(of_request);
    let found = faults(&of_request);
    assert!(found.iter().all(|fault| fault["field"].is_string()));
    let san = found.iter().find(|fault| fault["field"] == "sans").unwrap();
    assert_eq!(san["index"], 1);
    let command = |variable| {
        Run::new(
            &args,
            bench
                .command()
                .args(["create", "a.example", "--usage", "ENTERPRISE", "--json"])
                .env("CSR_COUNTRY", variable)
                .output()
                .unwrap(),
        )
    };
    assert_eq!(faults(&command("China"))[0]["variable"], "CSR_COUNTRY");
    assert_eq!(faults(&command(""))[0]["variable"], "CSR_COUNTRY");
}

#[test]
fn usage_errors_are_json_too() {
    let bench = Bench::new();
    assert_prints!(bench.run(&["create", "--json", "a.example", "--algorithm", "RSA_1024"]));
    assert_prints!(bench.run(&["create", "--json", "a.example", "--algoritm", "SM2"]));
    assert_prints!(bench.run(&["inspect", "--json"]));
    let mut commands = vec![&["create"][..], &["inspect"], &["verify"]];
    if cfg!(feature = "serve") {
        commands.extend([&["access", "add"][..], &["access", "list"]]);
    }
    for command in commands {
        let run = bench.run(&[command, &["--nonsense", "--json"]].concat());
        let found = faults(&run);
        assert_eq!((found.len(), &found[0]["flag"]), (1, &Value::from("--nonsense")), "{run}");
        let message = found[0]["message"].as_str().unwrap();
        assert!(message.starts_with("unexpected argument '--nonsense' found"), "{message}");
        assert!(run.stderr.starts_with("error: unexpected argument '--nonsense' found\n"), "{run}");
    }
}

#[test]
fn failures_beyond_the_command_line_are_json_too() {
    let bench = Bench::new();
    bench.write("no.csr", "nonsense");
    for command in ["inspect", "verify"] {
        for file in ["nowhere", "no.csr"] {
            let run = bench.run(&[command, file, "--json"]);
            let faults = faults(&run);
            assert_eq!(run.stderr, format!("error: {}\n", faults[0]["message"].as_str().unwrap()));
        }
    }
    #[cfg(feature = "serve")]
    for command in [&["access", "list"][..], &["access", "add", "me"]] {
        let run = bench.run(&[command, &["--json", "--config", "nowhere"]].concat());
        assert_eq!(faults(&run)[0]["flag"], "--config");
    }
}

/// A verdict that cannot be given has a result of its own.
#[test]
fn standard_output_holds_one_json_value_only() {
    let bench = Bench::new();
    bench.copy("ed448.csr");
    let run = bench.run(&["verify", "--json", "ed448.csr"]);
    assert_eq!(run.status, 2, "{run}");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["status"], "unsupported");
}

#[test]
fn only_commands_with_the_flag_answer_in_json() {
    let bench = Bench::new();
    bench.run(&["completions", "--json"]).refused("unexpected argument '--json'");
    bench.run(&["nonsense", "--json"]).refused("unrecognized subcommand");
    bench.run(&["create", "--", "--json"]).refused("DOMAIN: ");
    #[cfg(feature = "serve")]
    bench.run(&["serve", "--json"]).refused("unexpected argument '--json'");
}

#[test]
fn secret_given_as_an_argument_is_hidden_in_json_too() {
    const KEY: &str = "3082010a0282010100c0ffee0123456789abcdef0123456789abcdef";
    let bench = Bench::new();
    for args in [
        &["create", "a.example", "--key", KEY][..],
        &["create", &format!("--{KEY}")],
        &["create", KEY, "--algorithm", KEY],
    ] {
        let run = bench.run(&[args, &["--json"]].concat());
        let message = faults(&run)[0]["message"].as_str().unwrap().to_owned();
        assert_eq!(message.matches("(hidden: it may be a secret)").count(), 1, "{run}");
        assert!(!run.stdout.contains(&KEY[..20]) && !run.stderr.contains(&KEY[..20]), "{run}");
    }
}
