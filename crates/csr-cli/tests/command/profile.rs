//! The organization profile of `csr create`.

use serde_json::{Value, json};

use crate::bench::{Bench, Run, assert_prints};

/// Settings that `csr serve` refuses: the profile is all that counts here.
const SETTINGS: &str = r#"
listen = "nonsense"
setting-of-a-later-version = [1]
[organization]
country = "DE"
province = "Bayern"
city = "Nürnberg"
name = "Example, Inc."
"#;
const ENTERPRISE: [&str; 4] = ["create", "a.example", "--usage", "ENTERPRISE"];

fn run(bench: &Bench, variables: &[(&str, &str)], args: &[&str]) -> Run {
    Run::new(args, bench.command().args(args).envs(variables.iter().copied()).output().unwrap())
}

fn json(bench: &Bench, variables: &[(&str, &str)], args: &[&str]) -> Value {
    let run = run(bench, variables, &[args, &["--json", "--stdout"]].concat());
    assert_eq!(run.status, 0, "{run}");
    serde_json::from_str(&run.stdout).unwrap()
}

fn subject(json: &Value) -> &str {
    json["subject"]["one_line"].as_str().unwrap()
}

#[test]
fn flag_overrides_variable_and_that_the_settings_file() {
    let bench = Bench::new();
    bench.write("csr.toml", SETTINGS);
    let config = ("CSR_CONFIG", "csr.toml");
    let by_variable = json(&bench, &[config], &ENTERPRISE);
    assert_eq!(subject(&by_variable), r"CN=a.example,O=Example\, Inc.,L=Nürnberg,ST=Bayern,C=DE");
    let by_flag =
        json(&bench, &[("CSR_CONFIG", "nowhere")], &[&ENTERPRISE[..], &["--config", "csr.toml"]].concat());
    assert_eq!(by_flag["profile"], by_variable["profile"]);
    let variables = [config, ("CSR_CITY", "Fürth"), ("CSR_COUNTRY", "nonsense")];
    let mixed = json(&bench, &variables, &[&ENTERPRISE[..], &["--country", "at"]].concat());
    assert_eq!(subject(&mixed), r"CN=a.example,O=Example\, Inc.,L=Fürth,ST=Bayern,C=AT");
    let file = json!({"file": "csr.toml"});
    let sources = json!({"province": file, "city": {"variable": "CSR_CITY"}, "organization": file});
    assert_eq!(mixed["profile"], sources);
}

#[test]
fn summary_says_what_came_from_the_profile() {
    let bench = Bench::new();
    bench.write("csr.toml", SETTINGS);
    assert_prints!(run(&bench, &[("CSR_CITY", "Fürth"), ("CSR_CONFIG", "csr.toml")], &ENTERPRISE));
}

#[test]
fn request_of_an_enterprise_is_completed() {
    let bench = Bench::new();
    bench.write("csr.toml", SETTINGS);
    let request = |usage| {
        format!(
            r#"{{"name": "n", "domain_name": "a.example", "private_key_algo": "EC_P256", "usage": "{usage}",
                "company_city": "Fürth"}}"#
        )
    };
    bench.write("enterprise.json", request("ENTERPRISE"));
    bench.write("personal.json", request("PERSONAL"));
    let made = |file| json(&bench, &[], &["create", "--request", file, "--config", "csr.toml"]);
    let enterprise = made("enterprise.json");
    assert_eq!(subject(&enterprise), r"CN=a.example,O=Example\, Inc.,L=Fürth,ST=Bayern,C=DE");
    assert_eq!(enterprise["profile"].as_object().unwrap().len(), 3);
    let personal = made("personal.json");
    assert_eq!((subject(&personal), &personal["profile"]), ("CN=a.example,L=Fürth", &json!({})));
}

#[test]
fn person_takes_nothing_of_the_profile() {
    let bench = Bench::new();
    let variables = [("CSR_COUNTRY", ""), ("CSR_CITY", "Fürth"), ("CSR_CONFIG", "nowhere")];
    let made = json(&bench, &variables, &["create", "a.example"]);
    assert_eq!((subject(&made), &made["profile"]), ("CN=a.example", &json!({})));
    let noted = run(&bench, &[], &["create", "a.example", "--config", "nowhere"]);
    assert_eq!(noted.status, 0, "{noted}");
    assert_eq!(
        noted.stderr,
        "note: --config: not used, as only an ENTERPRISE CSR takes the profile: add --usage ENTERPRISE\n"
    );
}

#[test]
fn settings_that_are_not_needed_are_not_read() {
    let bench = Bench::new();
    let flags = ["--country", "DE", "--province", "P", "--city", "C", "--organization", "O"];
    let variables = [("CSR_COUNTRY", ""), ("CSR_CONFIG", "nowhere")];
    let made = json(&bench, &variables, &[&ENTERPRISE[..], &flags].concat());
    assert_eq!(made["profile"], json!({}));
    let variables = [("CSR_ORGANIZATION", "O"), ("CSR_CONFIG", "")];
    assert_eq!(
        json(&bench, &variables, &[&ENTERPRISE[..], &flags[..6]].concat())["profile"]["organization"]["variable"],
        "CSR_ORGANIZATION"
    );
}

/// The faults name the place of the value, and no field is called missing because its value was refused.
#[test]
fn faults_of_the_profile_name_the_variable_or_the_file() {
    let bench = Bench::new();
    bench.write("csr.toml", SETTINGS.replace("DE", "GER"));
    bench.write("typo.toml", "[organization]\ncountri = \"DE\"\n");
    bench.write("line.toml", "\n[organization]\ncountry \"DE\"\n");
    let config = ("CSR_CONFIG", "csr.toml");
    assert_prints!(run(&bench, &[config, ("CSR_CITY", "x\u{202e}"), ("CSR_PROVINCE", "")], &ENTERPRISE));
    assert_prints!(run(&bench, &[("CSR_CONFIG", "")], &ENTERPRISE));
    for file in ["typo.toml", "line.toml", "nowhere"] {
        assert_prints!(run(&bench, &[], &[&ENTERPRISE[..], &["--config", file]].concat()));
    }
    let request = r#"{"name": "n", "domain_name": "a.example", "private_key_algo": "EC_P256",
        "usage": "ENTERPRISE", "company_city": ["x"]}"#;
    bench.write("request.json", request);
    let variables = [config, ("CSR_CITY", "Fürth")];
    assert_prints!(run(&bench, &variables, &["create", "--request", "request.json"]));
    #[cfg(unix)]
    {
        let bytes: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"hunter2\xff");
        let refused = bench.command().args(ENTERPRISE).env("CSR_CITY", bytes).output().unwrap();
        Run::new(&ENTERPRISE, refused).refused("error: CSR_CITY: must be UTF-8\n");
    }
    assert_eq!(bench.names(), ["csr.toml", "line.toml", "request.json", "typo.toml"]);
}

#[test]
fn all_faults_of_one_value_of_the_profile_are_told() {
    let bench = Bench::new();
    bench.write("csr.toml", SETTINGS);
    let organization = format!("{}\u{202e}", "x".repeat(64));
    let variables = [("CSR_CONFIG", "csr.toml"), ("CSR_ORGANIZATION", organization.as_str())];
    let refused = run(&bench, &variables, &ENTERPRISE);
    assert_eq!(refused.stderr.matches("error: CSR_ORGANIZATION: ").count(), 2, "{refused}");
}

/// It is the file of everybody on a machine, and `csr create` takes no secret from it.
#[cfg(unix)]
#[test]
fn settings_file_for_a_profile_may_be_open_to_all() {
    let bench = Bench::new();
    bench.write("csr.toml", SETTINGS);
    bench.set_mode("csr.toml", 0o644);
    json(&bench, &[("CSR_CONFIG", "csr.toml")], &ENTERPRISE);
}
