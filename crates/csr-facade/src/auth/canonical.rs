//! The canonical request that an `SDK-HMAC` signature covers.

use axum::extract::OriginalUri;
use axum::http::Uri;
use axum::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// Encodes every byte except RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A signed header is missing from the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MissingHeader(pub(super) String);

/// The URI that the client sent and signed. A router nested under a prefix sees it without the
/// prefix.
pub(super) fn sent_uri(request: &Parts) -> &Uri {
    request.extensions.get().map_or(&request.uri, |OriginalUri(uri)| uri)
}

/// The canonical request: method, URI, query, the signed headers with their values, their names, and the body's
/// hash, each on its own line.
pub(super) fn request(request: &Parts, signed: &[String], body_hash: &str) -> Result<Vec<u8>, MissingHeader> {
    let mut text = Vec::with_capacity(512);
    let mut line = |part: &[u8]| {
        text.extend_from_slice(part);
        text.push(b'\n');
    };
    let sent = sent_uri(request);
    line(request.method.as_str().as_bytes());
    line(uri(sent.path()).as_bytes());
    line(query(sent.query().unwrap_or_default()).as_bytes());
    for name in signed {
        for value in header(request, name)? {
            line(&[name.as_bytes(), b":", value].concat());
        }
    }
    line(b"");
    line(signed.join(";").as_bytes());
    text.extend_from_slice(body_hash.as_bytes());
    Ok(text)
}

/// The path, with each segment encoded once, and always with a `/` at its end.
fn uri(path: &str) -> String {
    let mut encoded: Vec<String> = path.split('/').map(|segment| recode(segment.as_bytes())).collect();
    if encoded.last().is_none_or(|last| !last.is_empty()) {
        encoded.push(String::new());
    }
    encoded.join("/")
}

/// The parameters, sorted by their decoded names, then by their values.
fn query(query: &str) -> String {
    let mut parameters: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            (decode_form(name), decode_form(value))
        })
        .collect();
    parameters.sort_unstable();
    let encoded: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    encoded.join("&")
}

/// The values of a header as the client sent them, trimmed and sorted.
fn header<'a>(request: &'a Parts, name: &str) -> Result<Vec<&'a [u8]>, MissingHeader> {
    let values = request.headers.get_all(name).iter();
    let mut values: Vec<&[u8]> = values.map(|value| value.as_bytes().trim_ascii()).collect();
    values.sort_unstable();
    if values.is_empty() { Err(MissingHeader(name.to_owned())) } else { Ok(values) }
}

/// In a query, `+` means a space; a plus sign is sent as `%2B`.
pub(crate) fn decode_form(text: &str) -> Vec<u8> {
    percent_decode(text.replace('+', " ").as_bytes()).collect()
}

fn recode(text: &[u8]) -> String {
    encode(&percent_decode(text).collect::<Vec<u8>>())
}

fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Result<Parts, axum::http::Error> {
        let builder =
            headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        Ok(builder.body(())?.into_parts().0)
    }

    #[test]
    fn canonical_uri_is_encoded_once_and_ends_in_a_slash() {
        for (path, canonical) in [
            ("/", "/"),
            ("/v3/scm/csr", "/v3/scm/csr/"),
            ("/v3/scm/csr/", "/v3/scm/csr/"),
            ("/a%20b/c~d", "/a%20b/c~d/"),
            ("/a b*", "/a%20b%2A/"),
            ("/%e4%b8%ad/%2f", "/%E4%B8%AD/%2F/"),
        ] {
            assert_eq!(uri(path), canonical, "{path}");
        }
    }

    #[test]
    fn canonical_query_is_sorted_by_decoded_names() {
        for (given, canonical) in [
            ("", ""),
            ("offset=0&limit=10", "limit=10&offset=0"),
            ("name=a+b&name=a%2Bb&name", "name=&name=a%20b&name=a%2Bb"),
            ("b=2&&a=1=1", "a=1%3D1&b=2"),
            ("name=%E4%B8%AD~*", "name=%E4%B8%AD~%2A"),
        ] {
            assert_eq!(query(given), canonical, "{given}");
        }
    }

    #[test]
    fn canonical_request_has_every_part_on_its_line() -> Result<(), Box<dyn std::error::Error>> {
        let request = parts(
            "/v3/scm/csr?offset=0&limit=10",
            &[
                ("Host", "127.0.0.1:8080"),
                ("X-Two", "b "),
                ("x-two", " a"),
                ("X-Sdk-Date", "20261124T001530Z"),
            ],
        )?;
        let signed = ["host", "x-sdk-date", "x-two"].map(str::to_owned);
        let canonical = super::request(&request, &signed, "HASH").map_err(|missing| missing.0)?;
        assert_eq!(
            String::from_utf8(canonical)?,
            "GET\n/v3/scm/csr/\nlimit=10&offset=0\nhost:127.0.0.1:8080\nx-sdk-date:20261124T001530Z\n\
             x-two:a\nx-two:b\n\nhost;x-sdk-date;x-two\nHASH"
        );
        Ok(())
    }

    #[test]
    fn missing_signed_header_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let request = parts("/", &[])?;
        let missing = super::request(&request, &["host".to_owned()], "");
        assert_eq!(missing, Err(MissingHeader("host".to_owned())));
        Ok(())
    }
}
