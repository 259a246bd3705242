//! Signatures by access key and secret key, as the cloud's SDKs make them: `SDK-HMAC-SHA256` and `SDK-HMAC-SM3`.

use axum::http::request::Parts;
use csr_model::Excerpt;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::canonical::{self, MissingHeader};
use super::date;

/// How far a request's date may be from ours, in seconds.
const MAX_SKEW: i64 = 15 * 60;
/// The largest number of headers in a request.
const MAX_SIGNED_HEADERS: usize = 100;
/// The longest access key, and the longest name of a signed header, in bytes.
const MAX_NAME: usize = 128;
const DATE: &str = "x-sdk-date";
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The two algorithms, which differ in the hash only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Sm3,
}

impl Algorithm {
    const ALL: [Self; 2] = [Self::Sha256, Self::Sm3];

    const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SDK-HMAC-SHA256",
            Self::Sm3 => "SDK-HMAC-SM3",
        }
    }

    /// The header with the body's hash.
    const fn content_header(self) -> &'static str {
        match self {
            Self::Sha256 => "x-sdk-content-sha256",
            Self::Sm3 => "x-sdk-content-sm3",
        }
    }

    fn hash(self, bytes: &[u8]) -> String {
        match self {
            Self::Sha256 => hex::lower::encode_string(&Sha256::digest(bytes)),
            Self::Sm3 => hex::lower::encode_string(&Sm3::digest(bytes)),
        }
    }

    /// Whether this is the signature of this text under this key, compared in constant time.
    fn verify(self, key: &[u8], text: &str, signature: &[u8]) -> bool {
        match self {
            Self::Sha256 => verify_mac::<Hmac<Sha256>>(key, text, signature),
            Self::Sm3 => verify_mac::<Hmac<Sm3>>(key, text, signature),
        }
    }
}

fn verify_mac<M: Mac + KeyInit>(key: &[u8], text: &str, signature: &[u8]) -> bool {
    M::new_from_slice(key).is_ok_and(|mac| mac.chain_update(text.as_bytes()).verify_slice(signature).is_ok())
}

/// A fault of a signed request, found before its signature is checked. The text is for the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error(
        "Authorization must be `SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…` (or SDK-HMAC-SM3)"
    )]
    Authorization,
    #[error("X-Sdk-Date must be given once, as YYYYMMDDTHHMMSSZ in UTC")]
    Date,
    #[error("X-Sdk-Date must be within 15 minutes of the server's time; check both clocks")]
    Skew,
    #[error("SignedHeaders must name x-sdk-date")]
    DateUnsigned,
    #[error("SignedHeaders must name headers of the request: it has no {0}")]
    MissingHeader(Excerpt),
    #[error("the body must be signed: UNSIGNED-PAYLOAD is allowed for an empty body only")]
    UnsignedBody,
    #[error("{0} must be the body's hash, hexadecimal")]
    BodyHash(&'static str),
}

/// The signature in a request's head, checked as far as possible without the body.
pub(super) struct SignedHead<'a> {
    authorization: Authorization<'a>,
    date: &'a str,
}

impl<'a> SignedHead<'a> {
    /// Reads the `Authorization` header. `now` is in seconds since the epoch.
    pub(super) fn read(authorization: &'a str, request: &'a Parts, now: i64) -> Result<Self, Malformed> {
        let authorization = Authorization::read(authorization).ok_or(Malformed::Authorization)?;
        let date = single_header(request, DATE).ok_or(Malformed::Date)?;
        let seconds = date::parse(date).ok_or(Malformed::Date)?;
        if seconds.abs_diff(now) > MAX_SKEW.unsigned_abs() {
            return Err(Malformed::Skew);
        }
        if !authorization.signed_headers.iter().any(|name| name == DATE) {
            return Err(Malformed::DateUnsigned);
        }
        Ok(Self { authorization, date })
    }

    /// Adds the body, and builds the text that should have been signed.
    pub(super) fn with_body(self, request: &Parts, body: &[u8]) -> Result<Signed<'a>, Malformed> {
        let Self { authorization: Authorization { algorithm, access_key, signed_headers, signature }, date } =
            self;
        let body_hash = body_hash(algorithm, request, body)?;
        let canonical = canonical::request(request, &signed_headers, &body_hash)
            .map_err(|MissingHeader(name)| Malformed::MissingHeader(Excerpt::of(&name)))?;
        let string_to_sign = format!("{}\n{date}\n{}", algorithm.name(), algorithm.hash(&canonical));
        Ok(Signed { access_key, algorithm, signature, signed_headers, body_hash, string_to_sign })
    }
}

/// A signed request, ready to be compared with a secret key.
pub(super) struct Signed<'a> {
    pub(super) access_key: &'a str,
    algorithm: Algorithm,
    signature: Vec<u8>,
    pub(super) signed_headers: Vec<String>,
    /// The body's hash in its signed form: hexadecimal, or `UNSIGNED-PAYLOAD`.
    pub(super) body_hash: String,
    /// The algorithm's name, the date, and the canonical request's hash.
    pub(super) string_to_sign: String,
}

impl Signed<'_> {
    /// Whether the secret key made the signature.
    pub(super) fn verify(&self, secret_key: &[u8]) -> bool {
        self.algorithm.verify(secret_key, &self.string_to_sign, &self.signature)
    }
}

/// The signed hash of the body. If a header gives it, it must be the body's hash.
fn body_hash(algorithm: Algorithm, request: &Parts, body: &[u8]) -> Result<String, Malformed> {
    let hash = algorithm.hash(body);
    let name = algorithm.content_header();
    if !request.headers.contains_key(name) {
        return Ok(hash);
    }
    match single_header(request, name) {
        Some(UNSIGNED_PAYLOAD) if body.is_empty() => Ok(UNSIGNED_PAYLOAD.to_owned()),
        Some(UNSIGNED_PAYLOAD) => Err(Malformed::UnsignedBody),
        Some(given) if given.eq_ignore_ascii_case(&hash) => Ok(given.to_owned()),
        _ => Err(Malformed::BodyHash(name)),
    }
}

/// The value of a header that must appear exactly once.
fn single_header<'a>(request: &'a Parts, name: &str) -> Option<&'a str> {
    let mut values = request.headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then(|| value.trim_ascii())
}

/// The parts of the `Authorization` header.
struct Authorization<'a> {
    algorithm: Algorithm,
    access_key: &'a str,
    signed_headers: Vec<String>,
    signature: Vec<u8>,
}

impl<'a> Authorization<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.trim_ascii().split_once(' ')?;
        let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == scheme)?;
        let (mut access_key, mut names, mut signature) = (None, None, None);
        for part in rest.split(',') {
            let (key, value) = part.trim_ascii().split_once('=')?;
            let place = match key {
                "Access" => &mut access_key,
                "SignedHeaders" => &mut names,
                "Signature" => &mut signature,
                _ => return None,
            };
            if value.is_empty() || place.replace(value).is_some() {
                return None;
            }
        }
        Some(Self {
            algorithm,
            access_key: access_key.filter(|key: &&str| key.len() <= MAX_NAME)?,
            signed_headers: header_names(names?)?,
            signature: hex::mixed::decode_vec(signature?).ok()?,
        })
    }
}

/// The names of the signed headers: few, and each of them once, because the canonical request
/// repeats their values.
fn header_names(text: &str) -> Option<Vec<String>> {
    let names: Vec<String> =
        text.split(';').take(MAX_SIGNED_HEADERS + 1).map(str::to_ascii_lowercase).collect();
    let few = names.len() <= MAX_SIGNED_HEADERS;
    (few && names
        .iter()
        .enumerate()
        .all(|(i, name)| (1..=MAX_NAME).contains(&name.len()) && !names[..i].contains(name)))
    .then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorization_header_has_each_part_once() {
        for good in [
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=00ff",
            "SDK-HMAC-SHA256 Access=AK,SignedHeaders=Host;X-Sdk-Date,Signature=00FF",
            " SDK-HMAC-SHA256  Signature=00ff , Access=AK, SignedHeaders=host;x-sdk-date ",
        ] {
            let read = Authorization::read(good);
            assert!(
                read.is_some_and(|read| read.algorithm == Algorithm::Sha256
                    && read.access_key == "AK"
                    && read.signed_headers == ["host", "x-sdk-date"]
                    && read.signature == [0x00, 0xff]),
                "{good}"
            );
        }
        for bad in [
            "",
            "Bearer abc",
            "SDK-HMAC-SHA256",
            "SDK-HMAC-MD5 Access=AK, SignedHeaders=a, Signature=00",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=a",
            "SDK-HMAC-SHA256 Access=, SignedHeaders=a, Signature=00",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=a;a, Signature=00",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=a;;b, Signature=00",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=a, Signature=0g",
            "SDK-HMAC-SHA256 Access=AK, Access=AK, SignedHeaders=a, Signature=00",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=a, Signature=00, More=1",
        ] {
            assert!(Authorization::read(bad).is_none(), "{bad}");
        }
        let long = "x".repeat(MAX_NAME + 1);
        for bad in [
            format!("SDK-HMAC-SHA256 Access={long}, SignedHeaders=a, Signature=00"),
            format!("SDK-HMAC-SHA256 Access=AK, SignedHeaders={long}, Signature=00"),
        ] {
            assert!(Authorization::read(&bad).is_none());
        }
        let many: Vec<String> = (0..=MAX_SIGNED_HEADERS).map(|i| format!("h{i}")).collect();
        assert!(header_names(&many.join(";")).is_none());
        assert!(header_names(&many[1..].join(";")).is_some());
    }
}
