//! The wire format, field by field, against the API's reference.
#![expect(clippy::unwrap_used, reason = "tests")]

use csr_model::*;
use serde_json::{Value, from_str, from_value, json, to_value};
use zeroize::Zeroizing;

fn create() -> Value {
    json!({
        "name": "web", "domain_name": "example.com", "sans": "www.example.com;a.example.com",
        "private_key_algo": "RSA_2048", "usage": "ENTERPRISE", "company_country": "CN",
        "company_province": "Beijing", "company_city": "Beijing", "company_name": "Ünïcode, Inc."
    })
}

fn read(body: &Value) -> Result<CreateCsrRequest, Faults> {
    request(body.to_string().as_bytes())
}

fn request(json: &[u8]) -> Result<CreateCsrRequest, Faults> {
    CreateCsrDraft::from_json(json)?.into_request()
}

fn is_of_the_body<T>(read: Result<T, Faults>) -> bool {
    read.is_err_and(|faults| faults.iter().all(|fault| fault.field == Field::Body))
}

fn refusal(body: &Value) -> String {
    read(body).unwrap_err().to_string()
}

#[test]
fn request_keeps_every_documented_field_and_ignores_others() {
    let mut body = create();
    body["enterprise_project_id"] = json!("0");
    let request = read(&body).unwrap();
    assert_eq!(to_value(&request).unwrap(), create());
}

#[test]
fn absent_and_null_optional_fields_are_empty_strings() {
    let body = json!({"name": "n", "domain_name": "d", "private_key_algo": "SM2", "usage": "PERSONAL", "sans": null});
    let echoed = to_value(read(&body).unwrap()).unwrap();
    for field in ["sans", "company_country", "company_province", "company_city", "company_name"] {
        assert_eq!(echoed[field], "", "{field}");
    }
}

#[test]
fn every_algorithm_and_usage_has_its_documented_name_and_no_other() {
    let names: Vec<_> = PrivateKeyAlgo::ALL.iter().map(|a| to_value(a).unwrap()).collect();
    assert_eq!(names, ["RSA_2048", "RSA_3072", "RSA_4096", "EC_P256", "EC_P384", "SM2"]);
    let names: Vec<_> = Usage::ALL.iter().map(|u| to_value(u).unwrap()).collect();
    assert_eq!(names, ["PERSONAL", "ENTERPRISE"]);
    assert_eq!(
        from_str::<PrivateKeyAlgo>(r#""RSA_1024""#).unwrap_err().to_string(),
        "must be one of RSA_2048, RSA_3072, RSA_4096, EC_P256, EC_P384, SM2, not \"RSA_1024\""
    );
    let long = "x\u{1b}".repeat(1_000).parse::<Usage>().unwrap_err().to_string();
    assert!(long.len() < 200 && !long.contains('\u{1b}'), "{long}");
    for wrong in ["rsa_2048", "RSA-2048", "", " SM2"] {
        assert!(wrong.parse::<PrivateKeyAlgo>().is_err(), "{wrong:?}");
    }
}

#[test]
fn all_faults_of_the_form_are_reported_at_once() {
    let body =
        json!({"domain_name": 7, "sans": ["a"], "private_key_algo": "DSA", "company_city": {"x": [1]}});
    assert_eq!(
        refusal(&body),
        "name: is required; domain_name: must be a string, not a number; sans: must be a string, not a list; \
         private_key_algo: \"DSA\" must be one of RSA_2048, RSA_3072, RSA_4096, EC_P256, EC_P384, SM2; \
         usage: is required; company_city: must be a string, not an object"
    );
    let mut body = create();
    body["usage"] = json!(true);
    assert_eq!(refusal(&body), "usage: must be a string, not a boolean");
}

#[test]
fn readable_fields_of_a_faulty_request_can_be_checked() {
    let body = r#"{"name":1,"domain_name":"-x","sans":"a;b","private_key_algo":"DSA","usage":"ENTERPRISE"}"#;
    let draft = CreateCsrDraft::from_json(body.as_bytes()).unwrap();
    let content = draft.content();
    assert_eq!((draft.name(), content.domain_name, content.sans), (None, "-x", "a;b"));
    assert_eq!((draft.private_key_algo(), content.usage), (None, Some(Usage::Enterprise)));
    assert!(!format!("{draft:?}").contains("-x"), "{draft:?}");
    let domain = Fault::new(Field::DomainName, "-x", Reason::HyphenAtEdge);
    let name = Fault::new(Field::Name, "", Reason::Missing);
    let found = Faults::check(vec![domain.clone(), name]).unwrap_err();
    let all = draft.refused_for(found);
    let fields: Vec<_> = all.iter().map(|fault| fault.field).collect();
    assert_eq!(fields, [Field::Name, Field::DomainName, Field::PrivateKeyAlgo], "none twice, in order");
    assert_eq!(all.as_slice()[0].reason, Reason::NotAString("a number"));
    assert_eq!(all.as_slice()[1], domain);
}

#[test]
fn an_enterprise_gets_what_it_leaves_out_from_a_profile() {
    let profile = Company { country: "CN".into(), city: "Beijing".into(), ..Company::default() };
    let completed = |usage: &str| {
        let body = json!({"name": "n", "domain_name": "d", "private_key_algo": "SM2", "usage": usage,
            "company_city": "Haidian"});
        let draft = CreateCsrDraft::from_json(body.to_string().as_bytes()).unwrap();
        let company = draft.completed_from(&profile).into_request().unwrap().company;
        [company.country, company.province, company.city, company.name]
    };
    assert_eq!(completed("ENTERPRISE"), ["CN", "", "Haidian", ""]);
    assert_eq!(completed("PERSONAL"), ["", "", "Haidian", ""]);
}

#[test]
fn repeated_field_is_refused_and_unknown_field_is_ignored() {
    let twice = r#"{"name":"a","x":1,"name":"b","x":2,"domain_name":"d","private_key_algo":"SM2","usage":7}"#;
    let faults = request(twice.as_bytes()).unwrap_err();
    assert_eq!(faults.to_string(), "name: must be given only once; usage: must be a string, not a number");
    assert_eq!(faults.as_slice().len(), 2);
}

#[test]
fn body_must_be_a_json_object() {
    for body in
        ["", "{", "null", "7", "\"x\"", r#"["n","a.example","","SM2","PERSONAL","","","",""]"#, "{} x"]
    {
        assert!(is_of_the_body(CreateCsrDraft::from_json(body.as_bytes())), "{body}");
    }
    assert!(is_of_the_body(UpdateCsrRequest::from_json(b"[]")));
    assert!(is_of_the_body(UploadCsrRequest::from_json(b"\xff")));
}

#[test]
fn fault_of_the_json_is_reported_with_its_position() {
    for (body, fault) in [
        ("", ": EOF while parsing a value at line 1 column 0"),
        ("\n  \"secret\"", ", not a string (line 2 column 3)"),
        ("[1]", ", not a list (line 1 column 1)"),
        ("null\n", ", not null (line 1 column 1)"),
        ("-7", ", not a number (line 1 column 1)"),
        ("name: web", ": expected ident at line 1 column 2"),
        ("true story", ", not a boolean (line 1 column 1)"),
        ("truth", ": expected ident at line 1 column 4"),
        ("-----BEGIN PRIVATE KEY-----", ": invalid number at line 1 column 2"),
        ("{\"name\": x", ": expected value at line 1 column 10"),
    ] {
        let error = request(body.as_bytes()).unwrap_err().to_string();
        assert_eq!(error, format!("body: must be a JSON object with the request's fields{fault}"));
    }
}

#[test]
fn request_may_be_utf_16_and_begin_with_a_byte_order_mark() {
    let json = create().to_string();
    let marked = format!("\u{feff}{json}");
    let utf16 =
        |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    for text in [&json, &marked] {
        for body in [text.as_bytes().to_vec(), utf16(text, u16::to_le_bytes), utf16(text, u16::to_be_bytes)] {
            assert_eq!(to_value(request(&body).unwrap()).unwrap(), create());
        }
    }
    let unpaired = utf16("{\"name\": \"", u16::to_le_bytes).into_iter().chain([0x00, 0xd8, b'"', 0, b'}', 0]);
    assert!(is_of_the_body(UpdateCsrRequest::from_json(&Vec::from_iter(unpaired))));
}

#[test]
fn escape_of_no_character_is_a_fault_of_its_field() {
    let error = UpdateCsrRequest::from_json(br#"{"name": "\ud800"}"#).unwrap_err();
    let fault = r"name: must not contain half a surrogate pair, such as \ud800 alone";
    assert_eq!(error.to_string(), fault);
    assert!(UpdateCsrRequest::from_json(br#"{"\ud800": 1, "name": "n"}"#).is_ok());
}

#[test]
fn no_refusal_of_a_body_shows_a_key() {
    let line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0aIYiG7O9Sn0mXKc";
    let key = format!("-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----\n");
    let quoted = json!(key).to_string();
    let digits = "1234567890".repeat(5);
    for body in [
        quoted.clone(),
        key.clone(),
        format!("[{quoted}]"),
        format!("{{{quoted}: 1}}"),
        format!("{{{quoted}}}"),
        format!("{{{quoted}: 1, {quoted}: 2}}"),
        json!({"private_key_algo": key, "usage": line, "name": [key], "domain_name": {line: key}})
            .to_string(),
        json!({"private_key_algo": key.replace('\n', " "), "usage": key.replace('\n', "")}).to_string(),
        format!("{{\"name\": {quoted}, \"name\": {quoted}, \"usage\": 1}}"),
        format!("{{\"name\": {digits}, \"usage\": -{digits}e{digits}, \"sans\": {digits}x}}"),
        format!("{{\"name\": {}", &quoted[..40]),
        format!("{{\"name\": {quoted}}} {quoted}"),
        format!("{{\"name\": \"{key}\"}}"),
        format!("{{\"private_key_algo\": \"\\ud800{line}\"}}"),
        digits.clone(),
        line.to_owned(),
    ] {
        let errors = [
            request(body.as_bytes()).unwrap_err(),
            UploadCsrRequest::from_json(body.as_bytes()).unwrap_err(),
            UpdateCsrRequest::from_json(body.as_bytes()).unwrap_err(),
        ];
        for error in errors {
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains(&line[..20]) && !shown.contains("1234567890123456789"),
                "{body}: {shown}"
            );
            assert!(shown.len() < 2_000, "{body}: {shown}");
        }
    }
}

#[test]
fn limits_count_characters_and_all_faults_are_reported() {
    let mut request = read(&create()).unwrap();
    request.name = "证".repeat(63);
    request.domain_name = "d".repeat(63);
    request.sans = "书".repeat(255);
    request.company.name = "司".repeat(255);
    let limited =
        |request: &CreateCsrRequest| CreateCsrDraft::from(request.clone()).within_api_limits().into_request();
    assert_eq!(limited(&request).as_ref(), Ok(&request));

    request.name.push('x');
    request.domain_name.clear();
    request.sans.push('x');
    request.company.country = "C".repeat(256);
    request.company.province = "C".repeat(256);
    request.company.city = "C".repeat(256);
    request.company.name.push('x');
    let faults = limited(&request).unwrap_err();
    let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
    assert_eq!(
        fields,
        [
            Field::Name,
            Field::DomainName,
            Field::Sans,
            Field::Country,
            Field::Province,
            Field::City,
            Field::Organization
        ]
    );
    let name = &faults.as_slice()[0];
    assert_eq!(name.message(), "must have at most 63 characters (the API's limit), not 64");
    assert_eq!(faults.as_slice()[1].message(), "is required");
    request.name = "\n".repeat(64);
    let parts = limited(&request).unwrap_err().by_field();
    assert!(parts[0].contains("not 64") && parts[0].contains("U+000A"), "{parts:?}");
    assert_eq!(parts.len(), 7, "one text per field");
}

#[test]
fn responses_have_the_documented_fields_and_integer_times() {
    let request = create();
    let mut body = request.clone();
    body["id"] = json!("0123456789abcdef0123456789abcdef");
    body["create_time"] = json!(1_764_000_000_123_i64);
    body["update_time"] = json!(1_764_000_000_456_i64);
    let created: CreateCsrResponse = from_value(body.clone()).unwrap();
    assert_eq!(to_value(&created).unwrap(), body);

    body["csr"] = json!("-----BEGIN CERTIFICATE REQUEST-----\n");
    let shown: ShowCsrResponse = from_value(body.clone()).unwrap();
    assert_eq!(shown.details, created);
    assert_eq!(to_value(&shown).unwrap(), body);

    let page = json!({"csr_list": [body], "total": 1});
    assert_eq!(to_value(from_value::<ListCsrResponse>(page.clone()).unwrap()).unwrap(), page);

    let uploaded = json!({"id": "0123456789abcdef0123456789abcdef", "name": "n", "create_time": 5});
    assert_eq!(to_value(from_value::<UploadCsrResponse>(uploaded.clone()).unwrap()).unwrap(), uploaded);
}

#[test]
fn list_query_has_defaults_and_three_page_sizes() {
    let query: ListCsrQuery = from_value(json!({})).unwrap();
    assert_eq!((u64::from(query.limit), query.offset, query.name), (10, 0, None));
    for size in [10, 20, 50] {
        assert_eq!(u64::from(from_value::<PageSize>(json!(size)).unwrap()), size);
    }
    assert_eq!(
        from_value::<PageSize>(json!(11)).unwrap_err().to_string(),
        "limit: must be 10, 20 or 50, not 11"
    );
}

#[test]
fn update_and_upload_report_every_fault() {
    assert!(UpdateCsrRequest::from_json(b"{}").unwrap_err().to_string().contains("name: is required"));
    let refused = UploadCsrRequest::from_json(br#"{"private_key": 1}"#).unwrap_err().to_string();
    assert_eq!(refused, "name: is required; csr: is required; private_key: must be a string, not a number");
    let faults = UploadCsrRequest::new("n".repeat(64), "", Zeroizing::default()).unwrap_err();
    assert_eq!(faults.as_slice().len(), 2);
    let faulty = UploadCsrRequest::from_json(br#"{"name": "a\nb", "csr": 1}"#).unwrap_err().to_string();
    assert_eq!(
        faulty,
        "name: must not contain the control character U+000A; csr: must be a string, not a number"
    );
    for name in ["", "a\0b", &"n".repeat(64)] {
        assert!(UpdateCsrRequest::new(name).is_err(), "{name:?}");
    }
    assert_eq!(UpdateCsrRequest::new("n".repeat(63)).unwrap().name().len(), 63);
}

#[test]
fn debug_leaves_private_keys_out() {
    let upload = UploadCsrRequest::new("n", "c", Zeroizing::new("SECRET".into())).unwrap();
    let shown = ShowCsrPrivateKeyResponse { private_key: Zeroizing::new("SECRET".into()) };
    assert!(!format!("{upload:?}{shown:?}").contains("SECRET"));
}

#[test]
fn many_faults_share_the_length_of_a_message() {
    let body = |parts: &[String]| ErrorBody::of_parts("SCM.0005", parts).error_msg;
    assert_eq!(body(&["a: b".into(), "c: d".into()]), "a: b; c: d");
    assert_eq!(body(&[]), "");
    // Nine fields, one of which has more faults than all of the others together.
    let mut parts: Vec<_> = (0..9).map(|field| format!("field_{field}: is required")).collect();
    parts[3] = format!("field_3: {}", "错".repeat(5_000));
    let message = body(&parts);
    assert_eq!(message.chars().count(), limits::ERROR_MSG);
    for (field, part) in parts.iter().enumerate() {
        assert!(message.contains(part.as_str()) || field == 3, "{message}");
    }
    assert!(message.contains("field_3: 错") && message.contains("错…; field_4"), "{message}");
    let all_long: Vec<_> = (0..9).map(|field| format!("field_{field}: {}", "x".repeat(500))).collect();
    let message = body(&all_long);
    assert!((1_000..=limits::ERROR_MSG).contains(&message.chars().count()), "{message}");
    assert!((0..9).all(|field| message.contains(&format!("field_{field}: xxx"))), "{message}");
}

#[test]
fn error_message_is_cut_at_its_documented_length() {
    let body = ErrorBody::new("SCM.0005", &"错".repeat(2_000));
    assert_eq!(body.error_msg.chars().count(), limits::ERROR_MSG);
    assert_eq!(
        to_value(ErrorBody::new("SCM.0005", "m")).unwrap(),
        json!({"error_code": "SCM.0005", "error_msg": "m"})
    );
}
