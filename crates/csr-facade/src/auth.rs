//! Authenticates callers by token (`X-Auth-Token`) or signature (`Authorization: SDK-HMAC-SHA256
//! …`, `SDK-HMAC-SM3 …`).

mod canonical;
mod date;
mod failures;
mod signature;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use csr_model::{Excerpt, limits};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub(crate) use self::canonical::decode_form;
use self::failures::Failures;
use self::signature::{Malformed, Signed, SignedHead};
use crate::caller::Caller;
use crate::error::Error;
use crate::vault::Vault;

const TOKEN: &str = "x-auth-token";
/// Replaces the secret key of an unknown access key, so that the check takes as long.
const NO_SECRET_KEY: &[u8; 40] = &[0; 40];

/// The clock: [`SystemTime::now`], or a time that a test sets.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Authenticates callers.
pub struct Authenticator {
    vault: Vault,
    clock: Clock,
    failures: Failures,
}

/// Why a caller was not authenticated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// No known caller made the request.
    #[error("{message}")]
    Unknown {
        /// What is wrong, for the client. Contains no secret.
        message: String,
        /// How long to delay the answer: not at all at first, up to 2 s if the address or the
        /// access key has failed often.
        delay: Duration,
    },
    /// The check itself failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The caller that a request's head claims to be from.
pub(crate) struct Claim<'a>(Claimed<'a>);

enum Claimed<'a> {
    /// The token's caller.
    Token(Caller),
    /// The request is signed, so the body decides.
    Signature(SignedHead<'a>),
    Refused(Refusal<'a>),
}

impl Claim<'_> {
    /// Whether the body is needed: the caller is known, or the request is signed.
    pub(crate) const fn is_credible(&self) -> bool {
        !matches!(self.0, Claimed::Refused(_))
    }
}

/// Why no caller was authenticated.
enum Refusal<'a> {
    /// The request itself is at fault; the text is for the client.
    Plain(String),
    /// The token is unknown or revoked.
    Token,
    /// The access key is unknown or revoked, or its secret key did not make this signature.
    Signature {
        signed: Signed<'a>,
        /// The access key, if the store knows it; then the log may show it whole.
        stored: Option<String>,
    },
}

impl From<Malformed> for Refusal<'_> {
    fn from(malformed: Malformed) -> Self {
        Self::Plain(malformed.to_string())
    }
}

impl Authenticator {
    /// Authenticates the callers in this vault.
    #[must_use]
    pub fn new(vault: Vault) -> Self {
        Self { vault, clock: Arc::new(SystemTime::now), failures: Failures::default() }
    }

    /// Uses another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Returns the caller that made this request. A signature must cover the path that the client
    /// sent, so within a nested axum router it is checked over the request's `OriginalUri`.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unknown`] if no known caller made it. The log (target `csr::auth`) explains
    /// why. [`AuthError::Failed`].
    pub async fn authenticate(
        &self,
        request: &Parts,
        body: &[u8],
        peer: Option<IpAddr>,
    ) -> Result<Caller, AuthError> {
        let claim = self.claim(request).await?;
        self.decide(claim, request, body, peer).await
    }

    /// Checks the head alone; [`decide`](Self::decide) continues with the body.
    pub(crate) async fn claim<'a>(&self, request: &'a Parts) -> Result<Claim<'a>, Error> {
        let mut tokens = request.headers.get_all(TOKEN).iter();
        let claimed = match (tokens.next(), tokens.next(), request.headers.get(AUTHORIZATION)) {
            (Some(token), None, _) => self.by_token(token).await?,
            (Some(_), Some(_), _) => refused("X-Auth-Token must be given once"),
            (None, _, Some(authorization)) => {
                let authorization = authorization.to_str().unwrap_or_default();
                match SignedHead::read(authorization, request, self.now()) {
                    Ok(signed) => Claimed::Signature(signed),
                    Err(malformed) => Claimed::Refused(malformed.into()),
                }
            }
            (None, _, None) => refused("the request must have X-Auth-Token, or a signature in Authorization"),
        };
        Ok(Claim(claimed))
    }

    /// Returns the caller that made this request, whose head made this claim.
    pub(crate) async fn decide(
        &self,
        Claim(claimed): Claim<'_>,
        request: &Parts,
        body: &[u8],
        peer: Option<IpAddr>,
    ) -> Result<Caller, AuthError> {
        let refusal = match claimed {
            Claimed::Token(caller) => return Ok(caller),
            Claimed::Refused(refusal) => refusal,
            Claimed::Signature(head) => match head.with_body(request, body) {
                Err(malformed) => malformed.into(),
                Ok(signed) => match self.by_signature(signed).await? {
                    Ok(caller) => return Ok(caller),
                    Err(refusal) => refusal,
                },
            },
        };
        let access_key = match &refusal {
            Refusal::Signature { signed, .. } => Some(signed.access_key),
            _ => None,
        };
        let (failures, delay) = self.failures.count(peer, access_key);
        let message = refusal.log(request, peer, failures);
        Err(AuthError::Unknown { message, delay })
    }

    async fn by_token<'a>(&self, token: &HeaderValue) -> Result<Claimed<'a>, Error> {
        let token = token.as_bytes();
        // A value that isn't UTF-8 has no characters to count, and is no valid token.
        let length = core::str::from_utf8(token).map_or(0, |text| text.chars().count());
        if !(limits::TOKEN_MIN..=limits::TOKEN_MAX).contains(&length) {
            let (min, max) = (limits::TOKEN_MIN, limits::TOKEN_MAX);
            return Ok(refused(format!("X-Auth-Token must have between {min} and {max} characters")));
        }
        let hash: [u8; 32] = Sha256::digest(token).into();
        let [a, b, c, d, ..] = hash;
        let candidates = self.vault.tokens([a, b, c, d]).await?;
        let caller = candidates.into_iter().find(|(_, stored)| bool::from(stored.ct_eq(&hash)));
        let caller = caller.map(|(caller, _)| caller).filter(is_active);
        Ok(caller.map_or(Claimed::Refused(Refusal::Token), Claimed::Token))
    }

    async fn by_signature<'a>(&self, signed: Signed<'a>) -> Result<Result<Caller, Refusal<'a>>, Error> {
        let known = self.vault.credential(signed.access_key).await?;
        let stored = known.as_ref().map(|(caller, _)| caller.id.clone());
        let Some((caller, secret_key)) = known.filter(|(caller, _)| is_active(caller)) else {
            let _ = core::hint::black_box(signed.verify(NO_SECRET_KEY));
            return Ok(Err(Refusal::Signature { signed, stored }));
        };
        Ok(if signed.verify(&secret_key) { Ok(caller) } else { Err(Refusal::Signature { signed, stored }) })
    }

    /// Seconds since the Unix epoch.
    fn now(&self) -> i64 {
        let since = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
}

/// For the fuzz targets: whether a secret key made a request's signature.
#[cfg(feature = "fuzzing")]
pub(crate) fn verify(request: &Parts, body: &[u8], now: i64, secret_key: &[u8]) -> Result<bool, String> {
    let authorization = request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let signed = SignedHead::read(authorization.unwrap_or_default(), request, now)
        .and_then(|head| head.with_body(request, body))
        .map_err(|malformed| malformed.to_string())?;
    Ok(signed.verify(secret_key))
}

/// For the fuzz targets: the canonical request.
#[cfg(feature = "fuzzing")]
pub(crate) fn canonical_request(request: &Parts, signed: &[String], body_hash: &str) -> Option<Vec<u8>> {
    canonical::request(request, signed, body_hash).ok()
}

fn is_active(caller: &Caller) -> bool {
    caller.revoke_time.is_none()
}

fn refused<'a>(message: impl Into<String>) -> Claimed<'a> {
    Claimed::Refused(Refusal::Plain(message.into()))
}

/// An excerpt of what a caller sent, of at most this many bytes. Bytes that JSON escapes count
/// twice, because one line of the log holds several excerpts.
fn excerpt(text: &str, most: usize) -> String {
    let shown = Excerpt::of(text).to_string();
    let mut bytes = 0;
    let end = shown.char_indices().find_map(|(at, c)| {
        bytes += if matches!(c, '"' | '\\') { 2 } else { c.len_utf8() };
        (bytes > most).then_some(at)
    });
    match end {
        Some(end) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

impl Refusal<'_> {
    /// Logs what explains the refusal, in at most 1 KiB including the request line, and returns the
    /// message for the client. The log shows the names of the headers, and the value of `Host`
    /// only, which proxies change: the other values may be secrets.
    fn log(self, request: &Parts, peer: Option<IpAddr>, failures: u32) -> String {
        let peer = peer.map(|peer| peer.to_string());
        match self {
            Self::Plain(message) => {
                tracing::warn!(target: "csr::auth", peer, failures, "refused: {message}");
                message
            }
            Self::Token => {
                let message = "X-Auth-Token is unknown or revoked";
                tracing::warn!(target: "csr::auth", peer, failures, "refused: {message}");
                message.to_owned()
            }
            Self::Signature { signed, stored } => {
                let Signed { access_key, signed_headers, body_hash, string_to_sign, .. } = signed;
                let why = match stored {
                    None => "unknown access key",
                    Some(_) => "wrong signature, or revoked access key",
                };
                let host = request.headers.get(HOST).and_then(|host| host.to_str().ok());
                tracing::warn!(
                    target: "csr::auth",
                    peer,
                    failures,
                    access_key = %stored.unwrap_or_else(|| excerpt(access_key, 30)),
                    method = %excerpt(request.method.as_str(), 12),
                    path = %excerpt(canonical::sent_uri(request).path(), 60),
                    host = %excerpt(host.unwrap_or_default(), 34),
                    signed_headers = %excerpt(&signed_headers.join(";"), 72),
                    body_hash,
                    ?string_to_sign,
                    "refused: {why}"
                );
                let message = "Authorization: the access key is unknown or revoked, or the signature does not match; \
                               the server's log has the hash of what must be signed";
                message.to_owned()
            }
        }
    }
}
