//! A request, as text: method and URI, headers, an empty line, the body. Nothing in it makes the reading of signatures panic,
//! and a signature that was not made with the key is not accepted. Signed here, by other code, it is accepted; and no
//! longer once the signature, the body, the query or a signed header is changed. The canonical request is what this second
//! reading of the rules makes of it, and is its own canonical form.

#![no_main]

use csr_facade::fuzzing;
use csr_fuzz::form;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use sm3::Sm3;

/// 2026-11-24T00:15:30Z.
const NOW: i64 = 1_795_479_330;
const DATE: &str = "20261124T001530Z";
const KEY: &[u8] = b"not-a-secret-0123456789abcdefghijklmnopq";

fuzz_target!(|data: &[u8]| {
    let Some((mut parts, body)) = request(data) else { return };
    let accepted = fuzzing::verify(&parts, body, NOW, KEY);
    assert!(accepted != Ok(true), "nobody knows the key");
    assert!(accepted.err().is_none_or(|told| told.len() < 1_000 && !told.contains(char::is_control)));

    for name in ["authorization", "x-sdk-content-sha256", "x-sdk-content-sm3"] {
        parts.headers.remove(name);
    }
    parts.headers.insert("x-sdk-date", HeaderValue::from_static(DATE));
    let mut names: Vec<String> = parts.headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.sort();
    if names.len() > 100 || names.iter().any(|name| name.len() > 128) {
        return;
    }
    for algorithm in ["SDK-HMAC-SHA256", "SDK-HMAC-SM3"] {
        let hash = |bytes: &[u8]| match algorithm {
            "SDK-HMAC-SM3" => hex(&Sm3::digest(bytes)),
            _ => hex(&Sha256::digest(bytes)),
        };
        let canonical = canonical(&parts, &names, &hash(body));
        assert_eq!(fuzzing::canonical_request(&parts, &names, &hash(body)).as_ref(), Some(&canonical));
        let again = canonical_of_canonical(&parts, &names, &canonical, &hash(body));
        assert_eq!(again.as_ref(), Some(&canonical));

        let text = format!("{algorithm}\n{DATE}\n{}", hash(&canonical));
        let signature = match algorithm {
            "SDK-HMAC-SM3" => mac::<Hmac<Sm3>>(&text),
            _ => mac::<Hmac<Sha256>>(&text),
        };
        let mut signed = parts.clone();
        let header = |signature: &str| {
            let value =
                format!("{algorithm} Access=AK, SignedHeaders={}, Signature={signature}", names.join(";"));
            HeaderValue::try_from(value).expect("names of headers and hexadecimal")
        };
        signed.headers.insert(AUTHORIZATION, header(&signature));
        assert_eq!(fuzzing::verify(&signed, body, NOW, KEY), Ok(true));

        assert_eq!(fuzzing::verify(&signed, body, NOW, &KEY[1..]), Ok(false));
        assert_eq!(fuzzing::verify(&signed, &[body, b"x"].concat(), NOW, KEY), Ok(false));
        assert!(fuzzing::verify(&signed, body, NOW + 901, KEY).is_err());
        let mut changed = signed.clone();
        let first: HeaderName = names[0].parse().expect("a header's name");
        changed.headers.append(first, HeaderValue::from_static("x"));
        assert!(fuzzing::verify(&changed, body, NOW, KEY) != Ok(true));
        let mut changed = signed.clone();
        let between = if signed.uri.query().is_some() { '&' } else { '?' };
        let path = signed.uri.path_and_query().map_or("/", |path| path.as_str());
        if let Ok(uri) = format!("{path}{between}a=1").parse() {
            changed.uri = uri;
            assert_eq!(fuzzing::verify(&changed, body, NOW, KEY), Ok(false));
        }
        let last = if signature.ends_with('0') { "1" } else { "0" };
        signed.headers.insert(AUTHORIZATION, header(&format!("{}{last}", &signature[..signature.len() - 1])));
        assert_eq!(fuzzing::verify(&signed, body, NOW, KEY), Ok(false));
    }
});

fn request(data: &[u8]) -> Option<(Parts, &[u8])> {
    let end = data.windows(2).position(|two| two == b"\n\n")?;
    let mut lines = data[..end].split(|byte| *byte == b'\n');
    let first = core::str::from_utf8(lines.next()?).ok()?;
    let (method, uri) = first.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(uri);
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        request = request.header(name, HeaderValue::from_bytes(&line[colon + 1..]).ok()?);
    }
    let parts = request.body(()).ok()?.into_parts().0;
    // CONNECT's authority, which no server of HTTP/1 routes, has no path.
    parts.uri.path().starts_with('/').then_some((parts, &data[end + 2..]))
}

/// The rules a second time.
fn canonical(request: &Parts, names: &[String], body_hash: &str) -> Vec<u8> {
    let mut path = String::new();
    for segment in request.uri.path().split('/') {
        path += &form::encode(&form::decode(segment.as_bytes()));
        path.push('/');
    }
    // The last segment's own slash, where it is empty, is the one at the end.
    if request.uri.path().ends_with('/') {
        path.pop();
    }
    let mut parameters = form::parameters(request.uri.query().unwrap_or_default());
    parameters.sort();
    let parameters: Vec<String> =
        parameters.iter().map(|(name, value)| form::encode(name) + "=" + &form::encode(value)).collect();
    let mut text = format!("{}\n{path}\n{}\n", request.method, parameters.join("&")).into_bytes();
    for name in names {
        let mut values: Vec<&[u8]> =
            request.headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        values.iter_mut().for_each(|value| *value = trim(value));
        values.sort();
        for value in values {
            text.extend([name.as_bytes(), b":", value, b"\n"].concat());
        }
    }
    text.extend(format!("\n{}\n{body_hash}", names.join(";")).into_bytes());
    text
}

fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// The canonical form of the request with the canonical URI and query.
fn canonical_of_canonical(
    request: &Parts,
    names: &[String],
    canonical: &[u8],
    body_hash: &str,
) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(canonical);
    let mut lines = text.split('\n').skip(1);
    let (path, query) = (lines.next()?, lines.next()?);
    let mut request = request.clone();
    request.uri = http::Uri::builder().path_and_query(format!("{path}?{query}")).build().ok()?;
    fuzzing::canonical_request(&request, names, body_hash)
}

fn mac<M: Mac + KeyInit>(text: &str) -> String {
    let mac = <M as KeyInit>::new_from_slice(KEY).expect("any length");
    hex(&mac.chain_update(text).finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
