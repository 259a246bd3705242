//! The query of a list. It is read as this second reading of the rules reads it; every fault names its parameter, in the order
//! of `Field`, and quotes no more than an excerpt of the value.

#![no_main]

use csr_facade::fuzzing;
use csr_fuzz::form;
use csr_model::{Excerpt, PageSize, PrivateKeyAlgo};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(query) = core::str::from_utf8(data) else { return };
    let parameters = form::parameters(query);
    let mut faults = Vec::new();
    let mut value = |name: &str, rule: &str, is_good: &dyn Fn(&str) -> bool| -> Option<String> {
        let control = |text: &str| text.chars().find(|c| c.is_control());
        let mut values = parameters.iter().filter(|(key, _)| key == name.as_bytes()).map(|(_, value)| value);
        let first = values.next()?;
        let fault = match (values.next(), core::str::from_utf8(first)) {
            (Some(_), _) => "must be given only once".to_owned(),
            (None, Err(_)) => "must be UTF-8, percent-encoded".to_owned(),
            (None, Ok(text)) if is_good(text) => return Some(text.to_owned()),
            (None, Ok("")) => rule.to_owned(),
            (None, Ok(text)) if name == "name" => {
                let control = control(text).map(u32::from).expect("no other fault of a name");
                format!("{} must not contain the control character U+{control:04X}", Excerpt::of(text))
            }
            (None, Ok(text)) => format!("{} {rule}", Excerpt::of(text)),
        };
        faults.push(format!("{name}: {fault}"));
        None
    };
    let number = |text: &str| {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let significant = digits.trim_start_matches('0');
        // More digits than any i64 has.
        if all && significant.len() < 20 { format!("0{significant}").parse::<u128>().ok() } else { None }
    };
    let name = value("name", "", &|text| !text.contains(char::is_control)).filter(|name| !name.is_empty());
    let algorithm = value(
        "private_key_algo",
        "must be one of RSA_2048, RSA_3072, RSA_4096, EC_P256, EC_P384, SM2",
        &|text| PrivateKeyAlgo::ALL.iter().any(|known| known.as_str() == text),
    );
    let limit = value("limit", "must be 10, 20 or 50", &|text| matches!(number(text), Some(10 | 20 | 50)));
    let offset = value("offset", "must be a whole number from 0 to 9223372036854775807", &|text| {
        number(text).is_some_and(|offset| offset < 1 << 63)
    });
    match fuzzing::list_query(query) {
        Err(told) => {
            let told: Vec<_> = told.iter().map(ToString::to_string).collect();
            assert_eq!(told, faults);
            assert!(told.iter().all(|fault| fault.len() < 1_024 && !fault.contains(char::is_control)));
        }
        Ok(read) => {
            assert!(faults.is_empty(), "{faults:?}");
            let size = match limit.as_deref().and_then(number) {
                Some(20) => PageSize::Twenty,
                Some(50) => PageSize::Fifty,
                _ => PageSize::Ten,
            };
            assert_eq!(read.limit, size);
            assert_eq!(u128::from(read.offset), offset.as_deref().and_then(number).unwrap_or_default());
            assert_eq!(read.name, name);
            assert_eq!(read.private_key_algo.map(PrivateKeyAlgo::as_str), algorithm.as_deref());
        }
    }
});
