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

fn read(body: &Value) -> Result<CreateCsrRequest, RequestError> {
    CreateCsrRequest::from_json(body.to_string().as_bytes())
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
         private_key_algo: must be one of RSA_2048, RSA_3072, RSA_4096, EC_P256, EC_P384, SM2, not \"DSA\"; \
         usage: is required; company_city: must be a string, not an object"
    );
    let mut body = create();
    body["usage"] = json!(true);
    assert_eq!(refusal(&body), "usage: must be a string, not a boolean");
}

#[test]
fn readable_fields_of_a_faulty_request_can_be_checked() {
    let body = r#"{"name":1,"domain_name":"-x","sans":"a;b","private_key_algo":"DSA","usage":"ENTERPRISE"}"#;
    let (request, violations) = CreateCsrRequest::read(body.as_bytes()).unwrap();
    assert_eq!(violations.unwrap().as_slice().len(), 2);
    assert_eq!((&*request.name, &*request.domain_name, &*request.sans), ("", "-x", "a;b"));
    assert_eq!(request.usage, Usage::Enterprise);
    let whole = create().to_string();
    let (request, violations) = CreateCsrRequest::read(whole.as_bytes()).unwrap();
    assert_eq!((Ok(request), violations), (CreateCsrRequest::from_json(whole.as_bytes()), None));
    assert!(matches!(CreateCsrRequest::read(b"[]"), Err(RequestError::Json(_))));
}

#[test]
fn repeated_field_is_refused_and_unknown_field_is_ignored() {
    let twice = r#"{"name":"a","x":1,"name":"b","x":2,"domain_name":"d","private_key_algo":"SM2","usage":7}"#;
    let error = CreateCsrRequest::from_json(twice.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "name: is given twice; usage: must be a string, not a number");
    let RequestError::Violations(violations) = error else { panic!("{error:?}") };
    assert_eq!(violations.as_slice().len(), 2);
}

#[test]
fn body_must_be_a_json_object() {
    for body in
        ["", "{", "null", "7", "\"x\"", r#"["n","a.example","","SM2","PERSONAL","","","",""]"#, "{} x"]
    {
        let error = CreateCsrRequest::from_json(body.as_bytes()).unwrap_err();
        assert!(matches!(error, RequestError::Json(_)), "{body}: {error}");
    }
    assert!(matches!(UpdateCsrRequest::from_json(b"[]"), Err(RequestError::Json(_))));
    assert!(matches!(UploadCsrRequest::from_json(b"\xff"), Err(RequestError::Json(_))));
}

#[test]
fn fault_of_the_json_is_reported_with_its_position() {
    for (body, fault) in [
        ("", ": EOF while parsing a value at line 1 column 0"),
        ("\n  \"secret\"", ", not a string (line 2 column 3)"),
        ("[1]", ", not a list (line 1 column 1)"),
        ("null", ", not null (line 1 column 1)"),
        ("{\"name\": x", ": expected value at line 1 column 10"),
    ] {
        let error = CreateCsrRequest::from_json(body.as_bytes()).unwrap_err().to_string();
        assert_eq!(error, format!("must be a JSON object with the request's fields{fault}"));
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
            assert_eq!(to_value(CreateCsrRequest::from_json(&body).unwrap()).unwrap(), create());
        }
    }
    let unpaired = utf16("{\"name\": \"", u16::to_le_bytes).into_iter().chain([0x00, 0xd8, b'"', 0, b'}', 0]);
    assert!(matches!(UpdateCsrRequest::from_json(&Vec::from_iter(unpaired)), Err(RequestError::Json(_))));
}

#[test]
fn escape_of_no_character_is_a_fault_of_its_field() {
    let error = UpdateCsrRequest::from_json(br#"{"name": "\ud800"}"#).unwrap_err();
    let fault = r"name: must not have an escape that stands for no character, such as \ud800 alone";
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
            CreateCsrRequest::from_json(body.as_bytes()).unwrap_err(),
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
fn limits_count_characters_and_all_violations_are_reported() {
    let mut request = read(&create()).unwrap();
    request.name = "证".repeat(63);
    request.domain_name = "d".repeat(63);
    request.sans = "书".repeat(255);
    request.company_name = "司".repeat(255);
    assert_eq!(request.validate(), Ok(()));

    request.name.push('x');
    request.domain_name.clear();
    request.sans.push('x');
    request.company_country = "C".repeat(256);
    request.company_province = "C".repeat(256);
    request.company_city = "C".repeat(256);
    request.company_name.push('x');
    let violations = request.validate().unwrap_err();
    let fields: Vec<_> = violations.as_slice().iter().map(|v| v.field).collect();
    assert_eq!(
        fields,
        [
            "name",
            "domain_name",
            "sans",
            "company_country",
            "company_province",
            "company_city",
            "company_name"
        ]
    );
    assert_eq!(violations.as_slice()[0].fault, "has 64 characters, at most 63 are allowed");
    assert_eq!(violations.as_slice()[1].fault, "is required");
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
    let upload =
        UploadCsrRequest { name: "n".repeat(64), csr: String::new(), private_key: Zeroizing::default() };
    assert_eq!(upload.validate().unwrap_err().as_slice().len(), 2);
}

#[test]
fn debug_leaves_private_keys_out() {
    let upload =
        UploadCsrRequest { name: "n".into(), csr: "c".into(), private_key: Zeroizing::new("SECRET".into()) };
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
