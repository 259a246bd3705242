//! Input of every kind, good and bad, as the first pass sees it.

use std::fs;

use clap::Parser;

use super::*;
use crate::args::{Cli, Command};
use crate::batch::input::{Content, Input, check_standard_input};

/// What a command line says of these files.
struct Bench(tempfile::TempDir);

impl Bench {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, contents) in files {
            fs::write(folder.path().join(name), contents).unwrap();
        }
        Self(folder)
    }

    /// The plan for arguments in which `DIR/` stands for the folder.
    fn plan(&self, args: &[&str]) -> Result<Plan> {
        let (plan, _) = self.run(args)?;
        Ok(plan)
    }

    fn run(&self, args: &[&str]) -> Result<(Plan, Vec<Item>)> {
        let folder = format!("{}/", self.0.path().display());
        let args = args.iter().map(|arg| arg.replace("DIR/", &folder));
        let cli = Cli::try_parse_from(["csr".to_owned(), "batch".to_owned()].into_iter().chain(args))?;
        let Command::Batch(args) = cli.command else { panic!("another command") };
        check_standard_input(&args)?;
        let mut faults = Refusals::default();
        let shard = faults.take_chain(Shard::of(&args, |_| None));
        let defaults = Defaults::new(&args, &mut faults);
        faults.check()?;
        let (input, defaults) = (Input::open(&args)?, defaults.unwrap());
        let threads = args.threads.unwrap_or(NonZeroUsize::MIN);
        let options = Options { shard: shard.unwrap(), keep_going: args.keep_going, threads };
        let plan = run(&input, &defaults, options, |_, _| Standing::New)?;
        let mut items = Vec::new();
        for (index, record) in (0..).zip(input.records()?) {
            if plan.wants(index) {
                items.push(defaults.item(&record?).map_err(|bad| anyhow::anyhow!("{:?}", bad.faults))?);
            }
        }
        Ok((plan, items))
    }

    /// The faults, without the folder.
    fn faults(&self, args: &[&str]) -> Vec<String> {
        let Err(error) = self.plan(args) else { return Vec::new() };
        let folder = format!("{}/", self.0.path().display());
        let lines = match error.downcast::<Refusals>() {
            Ok(refusals) => refusals.texts(),
            Err(error) => vec![format!("{error:#}")],
        };
        lines.into_iter().map(|line| line.replace(&folder, "")).collect()
    }
}

/// The faults of one file.
fn faults_of(name: &str, contents: impl AsRef<[u8]>) -> Vec<String> {
    Bench::with(&[(name, contents.as_ref())]).faults(&[&format!("DIR/{name}")])
}

/// The items of one file: their ids and names.
fn items_of(name: &str, contents: impl AsRef<[u8]>) -> Vec<(String, String)> {
    let bench = Bench::with(&[(name, contents.as_ref())]);
    let (_, items) = bench.run(&[&format!("DIR/{name}")]).unwrap();
    items.iter().map(shown).collect()
}

fn shown(item: &Item) -> (String, String) {
    let sans: Vec<_> = item.spec.sans().iter().map(ToString::to_string).collect();
    (item.id.as_str().to_owned(), sans.join(" "))
}

fn utf16(text: &str, unit: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

fn pair(id: &str, sans: &str) -> (String, String) {
    (id.to_owned(), sans.to_owned())
}

#[test]
fn json_lines_and_arrays_give_the_same_items() {
    let expected = [pair("web-1", "a.example b.example"), pair("c.example", "c.example")];
    let [first, second] = [
        r#"{"id": "web-1", "domain_name": "a.example", "san": ["b.example"]}"#,
        r#"{"domain": "c.example", "private_key_algo": null, "sans": ""}"#,
    ];
    for text in [
        format!("{first}\n{second}\n"),
        format!("\n \r\n{first}\r\n\r\n{second}"),
        format!("\u{feff}{first}\n{second}\n"),
        format!("[{first},{second}]"),
        format!("\n\t[\n  {first}\n  ,\r\n {second}]\n\n"),
    ] {
        assert_eq!(items_of("requests", &text), expected, "{text}");
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(items_of("requests", utf16(&text, unit)), expected, "UTF-16 of {text}");
        }
    }
}

#[test]
fn tables_of_spreadsheets_are_read() {
    let expected = [pair("web-1", "a.example b.example c.example"), pair("web-2", "d.example")];
    for (comma, rows) in [
        (',', "id,domain_name,sans,ca\n\"web-1\",a.example,b.example;c.example,\nweb-2,d.example,,no\n"),
        (
            ';',
            "\u{feff}ID;Domain_Name ;SANs; CA\r\nweb-1;a.example;\"b.example;c.example\";\r\n;;;\r\n\r\nweb-2;d.example;;0",
        ),
        (
            '\t',
            "id\tdomain\tsan\tca\r\nweb-1\ta.example\tb.example; c.example\tFALSE\r\nweb-2\td.example\t\t\r\n",
        ),
        (
            ';',
            "sep=;\r\nid;domain;san;ca\r\nweb-1;a.example;\"b.example;c.example\";\r\nweb-2;d.example;;0\r\n",
        ),
        ('|', "sep=|\nid|domain|san|ca\nweb-1|a.example|b.example;c.example|\nweb-2|d.example||0\n"),
    ] {
        assert_eq!(items_of("table.csv", rows), expected, "{comma}");
        let marked = format!("\u{feff}{}", rows.trim_start_matches('\u{feff}'));
        assert_eq!(items_of("table.txt", utf16(&marked, u16::to_le_bytes)), expected, "UTF-16 with {comma}");
    }
    // A quoted cell may hold quotation marks and line ends.
    let bench = Bench::with(&[("t.csv", b"id,domain,subject\nx,a.example,\"O=A \"\"B\"\", C\"\n")]);
    let (_, items) = bench.run(&["DIR/t.csv"]).unwrap();
    assert!(items[0].spec.subject().to_string().contains("A \\\"B\\\"\\, C"), "{}", items[0].spec.subject());
}

#[test]
fn every_fault_of_every_line_is_told_with_its_place() {
    let lines = [
        r#"{"id": "a", "domain_name": "a.example", "sans": "b.example;_x.example"}"#,
        "",
        r#"{"id": "b", "domian_name": "a.example", "san": ["me@x.example"], "ca": 1}"#,
        r#"{"id": "c", "domain_name": "c.example", "domain": "c.example", "city": ["x"], "path_length": "1"}"#,
        r#"{"id": "d", "domain_name": "d.example", "id": "d"}"#,
        r#"{"id": "e", "domain_name": "e.example"} {}"#,
        r#"{"id": "f", "domain_name": "f.example""#,
        r#"{"id": "g", "domain_name": "\ud800", "private_key_algo": "EC_P265", "digest": "MD5"}"#,
        r#"["h"]"#,
        r#"{"id": "i", "from": "old.csr", "subject": "O"}"#,
        r#"{"id": "j", "domain_name": "j.example", "extension": ["1.2.3=file:/etc/passwd"], "sans": ["x"]}"#,
        r#"{"id": "k", "common_name": "K", "no_common_name": true, "key_usage": ["keyAgreement", "all"]}"#,
        r#"{"id": "l", "domain_name": "l.example", "private_key_algo": "SM2", "digest": "SHA256", "pss": true}"#,
        r#"{"id": "m"}"#,
        r#"{"san_email": "m@example.com"}"#,
        r#"{"id": "n", "sans": ";", "usage": "enterprise", "country": 1, "city": "C", "company_province": "P"}"#,
    ];
    let faults = faults_of("r.jsonl", lines.join("\n"));
    let expected = [
        r#"r.jsonl line 1 (id a): sans[1]: "_x.example" contains `_`, which host names don't have; allow_underscore takes it"#,
        r#"r.jsonl line 3 (id b): "domian_name" is not a field of a request: did you mean domain_name?"#,
        "r.jsonl line 3 (id b): ca: must be true or false, not a number",
        r#"r.jsonl line 3 (id b): san[0]: "me@x.example" contains '@', which host names don't have; a mail address is given by san_email"#,
        "r.jsonl line 4 (id c): domain: domain_name gives it already: give one of them",
        "r.jsonl line 4 (id c): city: must be a string, not a list",
        "r.jsonl line 4 (id c): path_length: must be a number from 0 to 255, not a string",
        "r.jsonl line 5: id: must be given only once",
        "r.jsonl line 6: must be a JSON object with the request's fields: trailing characters at column 41",
        "r.jsonl line 7: must be a JSON object with the request's fields: EOF while parsing an object at column 38; each line must hold a whole request (`jq -c` writes it so)",
        r"r.jsonl line 8 (id g): domain_name: must not contain half a surrogate pair, such as \ud800 alone",
        r#"r.jsonl line 8 (id g): private_key_algo: "EC_P265" must be one of RSA_2048, RSA_3072, RSA_4096, EC_P256, EC_P384, SM2"#,
        r#"r.jsonl line 8 (id g): digest: "MD5" must be SHA256, SHA384 or SHA512"#,
        "r.jsonl line 9: must be a JSON object with the request's fields, not a list (column 1)",
        r#"r.jsonl line 10 (id i): "from" must not stand in a request: give the flag --from, for all of them"#,
        "r.jsonl line 10 (id i): subject[0]: must be TYPE=VALUE, such as O=Example Ltd or serialNumber=A-7",
        "r.jsonl line 11 (id j): sans: must be a string, not a list; `san` takes a list",
        "r.jsonl line 11 (id j): extension[0]: must hold the value itself, such as base64:…, because only flags read files",
        r#"r.jsonl line 12 (id k): key_usage[1]: "all" must be one of digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, cRLSign, encipherOnly, decipherOnly"#,
        "r.jsonl line 12 (id k): no_common_name: must not be given with common_name: give one of them",
        "r.jsonl line 13 (id l): digest: needs an RSA or EC key, because SM2 always signs with SM3: take one, or leave it out",
        "r.jsonl line 13 (id l): pss: needs an RSA key, not one of SM2: take one, or leave it out",
        "r.jsonl line 14 (id m): domain_name: is required; common_name, subject or san can stand in for it",
        "r.jsonl line 15: id: is required where neither name, domain_name nor a common name can stand in for it",
        "r.jsonl line 16 (id n): country: must be a string, not a number",
        "r.jsonl line 16 (id n): company_name: is required when usage is ENTERPRISE; --country and the like, CSR_COUNTRY and the like or --config can give the company for all",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn faults_of_a_table_are_told_with_their_lines() {
    let rows = "id;domain;ca\r\nweb-1;a.example;maybe\r\n\r\n\"web\r\n2\";b.example;\r\nx;y\r\nz;c.example;1;2\r\nweb-3;_d.example;\r\n";
    assert_eq!(
        faults_of("t.csv", rows),
        [
            r#"t.csv line 2 (id web-1): ca: "maybe" must be true or false"#,
            r#"t.csv line 4: id: "web\r\n2" must be printable, but contains the character U+000D"#,
            "t.csv line 6: must have 3 cells, as the first line has, not 2",
            "t.csv line 7: must have 3 cells, as the first line has, not 4",
            r#"t.csv line 8 (id web-3): domain: "_d.example" contains `_`, which host names don't have; allow_underscore takes it"#,
        ]
    );
    assert_eq!(
        faults_of("t.csv", "id,domain,ID,domain_name,,domian\n1,a.example,2,b.example,,\n"),
        [
            r#"t.csv line 1: "ID" must be the name of one column only"#,
            r#"t.csv line 1: "domain_name" must be the name of one column only"#,
            "t.csv line 1: column 5 must have a name: the first line names the fields",
            r#"t.csv line 1: "domian" is not a field of a request: did you mean domain?"#,
        ]
    );
    assert_eq!(
        faults_of("t.csv", b"id,domain\nx,caf\xe9.example\n"),
        ["t.csv line 2 (id x): domain: must be UTF-8: save the table as \"CSV UTF-8\"",]
    );
    assert_eq!(
        faults_of("t.csv", b"id,caf\xe9\nx,y\n"),
        ["t.csv line 1: column 2 must have a name in UTF-8: save the table as \"CSV UTF-8\"",]
    );
    let no_end = [&b"id,domain\na,a.example\nb,\"b.example\n"[..], &vec![b'x'; 2 << 20]].concat();
    let faults = faults_of("t.csv", no_end);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(
        faults[0].ends_with("must have at most 1 MiB; perhaps a quotation mark is not closed"),
        "{faults:?}"
    );
}

#[test]
fn array_that_is_not_well_formed_is_refused() {
    let good = r#"{"domain": "a.example"}"#;
    for (text, fault) in [
        (format!("[{good}"), "r line 1: the list is cut off: it must end with `]`"),
        (format!("[{good},\n"), "r line 2: the list is cut off: it must end with `]`"),
        (format!("[{good},\n{{\"domain\": \"b.exam"), "r line 2: the list is cut off: it must end with `]`"),
        (format!("[{good},\n]"), "r line 2: a comma must be followed by another request: remove it"),
        (
            format!("[{good},\n,{{\"domain\": \"b.example\"}}]"),
            "r line 2: a comma must stand between two requests: remove it",
        ),
        (
            format!("[{good}]\n{good}"),
            "r line 2: the list must be all that the file holds, but more follows its `]`",
        ),
        (
            format!("[{good}\n{{}}]"),
            "r line 1: must be a JSON object with the request's fields: trailing characters in its line 2 column 1",
        ),
        (
            format!("[{good}, 7]"),
            "r line 1: must be a JSON object with the request's fields, not a number (column 1)",
        ),
        ("[]".to_owned(), "FILE: must hold at least one request, but there is none"),
        (String::new(), "r line 1: must hold at least one request, but there is none"),
        (" \n\t\r\n".to_owned(), "r line 1: must hold at least one request, but there is none"),
    ] {
        assert_eq!(faults_of("r", &text), [fault], "{text}");
    }
}

#[test]
fn record_has_at_most_1_mib() {
    let long = "x".repeat(1 << 20);
    let good = r#"{"id": "good", "domain": "_"}"#;
    let told = ["r line 1: must have at most 1 MiB", "r line 2 (id good): domain: \"_\" contains"];
    for text in [format!("{{\"id\": \"{long}\"}}\n{good}\n"), format!("[{{\"id\": \"{long}\"}},\n{good}]")] {
        let faults = faults_of("r", text);
        assert_eq!(faults.len(), 2, "{faults:?}");
        faults.iter().zip(told).for_each(|(fault, told)| assert!(fault.starts_with(told), "{fault}"));
    }
}

#[test]
fn odd_bytes_and_depth_are_refused_in_json() {
    let deep = format!("{{\"id\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for (name, contents, fault) in [
        ("r.jsonl", b"{\"id\": \"\xff\"}".to_vec(), "must be UTF-8, but byte 9 is not"),
        ("r.jsonl", b"{\"id\": \"a\0b\"}".to_vec(), "control character (\\u0000-\\u001F) found"),
        (
            "r.jsonl",
            b"{\"id\": \"a\\u0000b\"}".to_vec(),
            "id: \"a\\0b\" must be printable, but contains the character U+0000",
        ),
        ("r.jsonl", b"\0\0\0".to_vec(), "must be a JSON object"),
        (
            "r.jsonl",
            deep.clone().into_bytes(),
            "id: must be a string, not a list of other values than strings",
        ),
        (
            "r.json",
            format!("[{deep}]").into_bytes(),
            "id: must be a string, not a list of other values than strings",
        ),
        ("r.json", "[".repeat(100_000).into_bytes(), "the list is cut off"),
        ("r.csv", b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "column 1 must have a name in UTF-8"),
    ] {
        let faults = faults_of(name, contents);
        assert!(faults.iter().any(|told| told.contains(fault)), "{fault}: {faults:?}");
    }
}

#[test]
fn hostile_ids_are_refused() {
    for id in [
        "../x",
        "a/b",
        "a\\b",
        "CON",
        "lpt1.x",
        "a:b",
        "web.",
        "web ",
        "-rf",
        ".",
        "..",
        ".x",
        "a\u{202e}b",
        "a\u{1}b",
        "a\nb",
        &"x".repeat(300),
    ] {
        for field in ["id", "name"] {
            let line = serde_json::json!({ field: id, "domain_name": "a.example" }).to_string();
            let faults = faults_of("r.jsonl", line);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].starts_with(&format!("r.jsonl line 1: {field}: ")), "{faults:?}");
        }
    }
    // Some names of hosts are no names of files.
    let faults = faults_of("r.jsonl", r#"{"domain_name": "con.example"}"#);
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].starts_with("r.jsonl line 1: id: is required, because the domain cannot be one"),
        "{faults:?}"
    );
    assert_eq!(
        items_of("r.jsonl", r#"{"domain_name": "*.a.example"}"#),
        [pair("wildcard.a.example", "*.a.example")]
    );
    assert_eq!(items_of("r.jsonl", r#"{"common_name": "Router 7"}"#), [pair("Router 7", "")]);
}

#[test]
fn ids_are_unique_over_all_files_without_regard_to_case() {
    let a = r#"{"id": "web", "domain_name": "a.example"}
{"id": "other", "domain_name": "b.example"}
{"id": "WEB", "domain_name": "c.example"}
"#;
    let b = "id,domain\nother,d.example\nlast,e.example\nweb,f.example\n";
    let bench = Bench::with(&[("a.jsonl", a.as_bytes()), ("b.csv", b.as_bytes())]);
    let expected = [
        r#"a.jsonl line 3 (id WEB): id: must be unique without regard to case, but line 1 has "web""#,
        "b.csv line 2 (id other): id: must be unique, but a.jsonl line 2 has it, too",
        "b.csv line 4 (id web): id: must be unique, but a.jsonl line 1 has it, too",
    ];
    assert_eq!(bench.faults(&["DIR/a.jsonl", "DIR/b.csv"]), expected);
    let (plan, items) = bench.run(&["DIR/a.jsonl", "DIR/b.csv", "--keep-going"]).unwrap();
    assert_eq!((plan.items, plan.input_items, plan.bad, plan.to_make()), (3, 3, 3, 3));
    let ids: Vec<_> = items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["web", "other", "last"]);
    assert_eq!(plan.faults().count(), 3);
}

#[test]
fn faults_are_told_in_order_and_up_to_a_thousand_lines() {
    use std::fmt::Write;

    let mut lines = String::new();
    for n in 1..=2500 {
        let domain = if n % 2 == 0 { "_" } else { "a.example" };
        writeln!(lines, "{{\"id\": \"x{n}\", \"domain\": \"{domain}\"}}").unwrap();
    }
    let bench = Bench::with(&[("r.jsonl", lines.as_bytes())]);
    for threads in ["1", "2", "7"] {
        let faults = bench.faults(&["DIR/r.jsonl", "--threads", threads]);
        assert_eq!(faults.len(), 1001);
        for (at, fault) in faults[..1000].iter().enumerate() {
            let n = 2 * (at + 1);
            assert!(fault.starts_with(&format!("r.jsonl line {n} (id x{n}): ")), "{fault}");
        }
        assert_eq!(faults[1000], "250 more faults are not shown");
        let plan = bench.plan(&["DIR/r.jsonl", "--keep-going", "--threads", threads]).unwrap();
        assert_eq!((plan.items, plan.bad), (1250, 1250));
        assert!((0..2500).all(|index| plan.wants(index) == (index % 2 == 0)) && !plan.wants(2500));
    }
}

#[test]
fn shards_share_the_items_of_one_input() {
    let bench = Bench::with(&[]);
    let plan =
        |shard: &str| bench.run(&["--count", "300", "--domain", "d{n}.example", "--shard", shard]).unwrap();
    let (all, _) = bench.run(&["--count", "300", "--domain", "d{n}.example"]).unwrap();
    let mut ids = Vec::new();
    for shard in ["0/3", "1/3", "2/3"] {
        let (plan, items) = plan(shard);
        assert_eq!(plan.input_items, 300);
        assert_eq!(plan.items, items.len() as u64);
        assert_eq!(plan.input_sha256, all.input_sha256);
        ids.extend(items.iter().map(|item| item.id.as_str().to_owned()));
    }
    ids.sort();
    assert_eq!(ids.len(), 300);
    assert_eq!((&*ids[0], &*ids[299]), ("d1.example", "d99.example"));
}

#[test]
fn templates_give_each_item_its_own_texts() {
    let bench = Bench::with(&[]);
    let args = [
        "--count",
        "12",
        "--id",
        "dev-{n:04}",
        "--domain",
        "d{n:03}.example",
        "--san",
        "plain.example",
        "--subject",
        "serialNumber={n}",
        "--subject",
        "O={{x}}",
    ];
    let (_, items) = bench.run(&args).unwrap();
    assert_eq!(shown(&items[11]), pair("dev-0012", "d012.example plain.example"));
    let subject = items[11].spec.subject().to_string();
    assert!(subject.contains("=12") && subject.contains("O={x}"), "{subject}");
    for (more, fault) in [
        (["--id", "x"], "--id: must contain {n}, so that each item has an id of its own"),
        (["--san-email", "{x}"], "--san-email[0]: \"{x}\" must have {n}"),
        (["--sm2-id", "}"], "--sm2-id: \"}\" must have {n}"),
    ] {
        let faults = bench.faults(&[&["--count", "2", "--domain", "d{n}.example"][..], &more].concat());
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with(fault), "{faults:?}");
    }
    let faults = bench.faults(&["--count", "1", "--domain", "_{n}.example"]);
    assert_eq!(
        faults,
        [
            "item 1: --domain: \"_1.example\" contains `_`, which host names don't have; --allow-underscore takes it"
        ]
    );
}

#[test]
fn record_overrides_defaults_and_lists_as_a_whole() {
    let lines = r#"{"id": "a"}
{"id": "b", "san": ["c.example"], "company_city": "Bath", "ca": false, "subject": []}
{"id": "c", "sans": "d.example;e.example", "common_name": "C", "private_key_algo": "rsa_2048"}
{"id": "d", "san": [], "domain_name": "f.example"}
"#;
    let bench = Bench::with(&[("r.jsonl", lines.as_bytes())]);
    let args = [
        "DIR/r.jsonl",
        "--san",
        "a.example,b.example",
        "--city",
        "Ely",
        "--ca",
        "--subject",
        "serialNumber=7",
        "--no-common-name",
        "-a",
        "SM2",
    ];
    let (_, items) = bench.run(&args).unwrap();
    let shown: Vec<_> = items
        .iter()
        .map(|item| {
            format!(
                "{} {} {} {}",
                item.algorithm,
                shown(item).1,
                item.spec.subject(),
                item.spec.extensions().len()
            )
        })
        .collect();
    assert_eq!(shown.len(), 4);
    assert!(shown[0].starts_with("SM2 a.example b.example ") && shown[0].contains("L=Ely"), "{shown:?}");
    assert!(
        shown[1].contains(" c.example ") && shown[1].contains("L=Bath") && !shown[1].contains("=7"),
        "{shown:?}"
    );
    assert!(shown[0].ends_with('1') && shown[1].ends_with('0'), "{shown:?}");
    assert!(shown[2].starts_with("RSA_2048 d.example e.example ") && shown[2].contains("CN=C"), "{shown:?}");
    assert!(shown[3].contains(" f.example ") && !shown[3].contains("CN="), "{shown:?}");
    // What only a flag has wrong is told once, by the flag's name.
    assert_eq!(bench.faults(&["DIR/r.jsonl", "--san", "_.example"]).len(), 1);
    let faults =
        bench.faults(&["DIR/r.jsonl", "--domain", "a.example", "--extension", "x", "--country", "China"]);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("--extension[0]: must be OID"), "{faults:?}");
    assert!(faults[1].starts_with("--country: \"China\" must be"), "{faults:?}");
}

#[test]
fn files_that_cannot_be_read_are_refused() {
    let bench = Bench::with(&[("r.jsonl", b"{\"domain\": \"a.example\"}")]);
    let refused = |args: &[&str], starts: &[&str]| {
        let faults = bench.faults(args);
        assert_eq!(faults.len(), starts.len(), "{faults:?}");
        faults.iter().zip(starts).for_each(|(fault, start)| assert!(fault.starts_with(start), "{fault}"));
    };
    refused(&[], &["FILE: name a file with requests"]);
    refused(&["DIR/none", "DIR/r.jsonl", "DIR/"], &["cannot read none: ", "FILE: "]);
    refused(&["-", "-"], &["FILE and FILE cannot be read from the same standard input"]);
    refused(&["-", "--config", "-"], &["FILE and --config cannot be read from the same standard input"]);
    refused(&["DIR/r.jsonl", "--shard", "1/2", "--shards", "2"], &["--shards: is for `--shard auto` only"]);
}

#[test]
fn input_that_changes_is_noticed() {
    let bench = Bench::with(&[("r.jsonl", b"{\"domain\": \"a.example\"}")]);
    let path = bench.0.path().join("r.jsonl");
    let cli = Cli::parse_from(["csr", "batch", path.to_str().unwrap()]);
    let Command::Batch(args) = cli.command else { panic!("another command") };
    let input = Input::open(&args).unwrap();
    assert!(input.records().is_ok());
    fs::write(&path, "{\"domain\": \"another.example\"}").unwrap();
    assert!(
        input.records().is_err_and(|error| error.to_string().contains("has changed since it was opened"))
    );
}

#[cfg(unix)]
#[test]
fn pipe_is_read_twice() {
    use std::io::Write;

    let bench = Bench::with(&[]);
    let path = bench.0.path().join("pipe");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let writer = thread::spawn({
        let path = path.clone();
        move || {
            fs::OpenOptions::new()
                .write(true)
                .open(path)
                .unwrap()
                .write_all(b"id,domain\na,a.example\nb,b.example\n")
        }
    });
    let (plan, items) = bench.run(&["DIR/pipe"]).unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!((plan.items, items.len()), (2, 2));
}

#[cfg(unix)]
#[test]
fn no_fault_shows_a_private_key_in_any_field() {
    use crate::batch::fields::FIELDS;
    use crate::planted::{assert_nothing_leaks, fixed};

    for secret in fixed() {
        let text = &*String::from_utf8_lossy(&secret);
        let pieces: Vec<String> =
            text.chars().collect::<Vec<_>>().chunks(17).map(|piece| piece.iter().collect()).collect();
        let names = FIELDS.iter().flat_map(|field| [Some(field.name), field.alias]).flatten();
        let mut lines = Vec::new();
        for name in names.chain(["private_key", "key"]) {
            lines.push(serde_json::json!({ name: text }).to_string());
            lines.push(serde_json::json!({ "id": "x", "domain": "_", name: pieces }).to_string());
            lines.push(serde_json::json!({ name: pieces.join(";") }).to_string());
            lines.push(serde_json::json!({ name: { "key": text } }).to_string());
        }
        lines.push(serde_json::json!({ text: "x" }).to_string());
        lines.push(format!("{{\"id\": \"{text}"));
        lines.push(text.to_owned());
        for (name, contents) in [
            ("r.jsonl", lines.join("\n").into_bytes()),
            ("r.json", format!("[{}]", lines[..lines.len() - 2].join(",")).into_bytes()),
            ("t.csv", secret.clone()),
            ("t.csv", [b"id,domain,san\n", &*secret].concat()),
            ("t.csv", format!("id,domain,san\n\"{text}\",\"{text}\",\"{text}\"\n").into_bytes()),
            ("r", secret.clone()),
        ] {
            let faults = faults_of(name, contents);
            assert!(!faults.is_empty());
            assert_nothing_leaks(faults.join("\n").as_bytes());
        }
    }
}

#[test]
fn splitter_agrees_with_serde_json() {
    use proptest::prelude::*;

    let value = proptest::collection::vec(
        prop_oneof![
            Just("{\"a\": [1, {\"b\": \"]}\\\"\\\\\"}]}"),
            Just("\"x,]\\\"\""),
            Just(" 7 "),
            Just("[]"),
            Just("\n[[\"\\\\\"],{}]\n")
        ],
        0..6,
    );
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&value, |values| {
            let text = format!("[{}]", values.join(","));
            let expected: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
            let bench = Bench::with(&[("r", text.as_bytes())]);
            let path = bench.0.path().join("r");
            let cli = Cli::parse_from(["csr", "batch", path.to_str().unwrap()]);
            let Command::Batch(args) = cli.command else { panic!("another command") };
            let input = Input::open(&args).unwrap();
            let found: Vec<serde_json::Value> = input
                .records()
                .unwrap()
                .map(|record| match record.unwrap().content {
                    Content::Json(json) => serde_json::from_slice(&json).unwrap(),
                    _ => panic!("no JSON"),
                })
                .collect();
            prop_assert_eq!(found, expected);
            Ok(())
        })
        .unwrap();
}
