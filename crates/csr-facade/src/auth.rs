//! Who is calling: tokens (`X-Auth-Token`) and signatures (`Authorization: SDK-HMAC-SHA256 …`, `SDK-HMAC-SM3 …`).

mod canonical;
mod date;
mod failures;
mod signature;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use csr_model::limits;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub(crate) use self::canonical::decode_form;
use self::failures::Failures;
use self::signature::Signed;
use crate::{Caller, Error, Service};

const TOKEN: &str = "x-auth-token";
/// Signs in place of an unknown access key's secret, so that it takes as long.
const NO_SECRET_KEY: &[u8; 40] = &[0; 40];

/// Tells the time: [`SystemTime::now`], or what a test sets.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Recognises callers.
pub struct Authenticator {
    service: Service,
    clock: Clock,
    failures: Failures,
}

/// Why a caller was not recognised.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// No known caller made the request.
    #[error("{message}")]
    Unknown {
        /// What is wrong, for the client. No secret is in it.
        message: String,
        /// How long to wait with the answer: nothing at first, up to 2 s when the address or the access key has
        /// failed often.
        delay: Duration,
    },
    /// It could not be found out.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Why nobody was recognised.
enum Refusal<'a> {
    /// The request itself shows it; the text is for the client.
    Plain(String),
    /// The token is unknown or revoked.
    Token,
    /// The access key is unknown or revoked, or its secret key did not make this signature.
    Signature(Signed<'a>),
}

impl Authenticator {
    /// Recognises the callers that the service's store knows.
    #[must_use]
    pub fn new(service: Service) -> Self {
        Self { service, clock: Arc::new(SystemTime::now), failures: Failures::default() }
    }

    /// With another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The caller that made this request.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unknown`] when no known caller made it, which is logged (target `csr::auth`) with what explains
    /// it; [`AuthError::Failed`].
    pub async fn authenticate(
        &self,
        request: &Parts,
        body: &[u8],
        peer: Option<IpAddr>,
    ) -> Result<Caller, AuthError> {
        let refusal = match self.recognise(request, body).await? {
            Ok(caller) => return Ok(caller),
            Err(refusal) => refusal,
        };
        let access_key = match &refusal {
            Refusal::Signature(signed) => Some(signed.access_key),
            _ => None,
        };
        let (failures, delay) = self.failures.count(peer, access_key);
        let message = refusal.log(peer, failures);
        Err(AuthError::Unknown { message, delay })
    }

    async fn recognise<'a>(
        &self,
        request: &'a Parts,
        body: &[u8],
    ) -> Result<Result<Caller, Refusal<'a>>, Error> {
        let mut tokens = request.headers.get_all(TOKEN).iter();
        match (tokens.next(), tokens.next(), request.headers.get(AUTHORIZATION)) {
            (Some(token), None, _) => self.by_token(token).await,
            (Some(_), Some(_), _) => refused("X-Auth-Token is there twice"),
            (None, _, Some(authorization)) => self.by_signature(authorization, request, body).await,
            (None, _, None) => refused("X-Auth-Token is missing, and so is a signature in Authorization"),
        }
    }

    async fn by_token<'a>(&self, token: &HeaderValue) -> Result<Result<Caller, Refusal<'a>>, Error> {
        let token = token.as_bytes();
        // What is no UTF-8 has no characters to count, and is nobody's token.
        let length = core::str::from_utf8(token).map_or(0, |text| text.chars().count());
        if !(limits::TOKEN_MIN..=limits::TOKEN_MAX).contains(&length) {
            let (min, max) = (limits::TOKEN_MIN, limits::TOKEN_MAX);
            return refused(format!("X-Auth-Token has not between {min} and {max} characters"));
        }
        let hash: [u8; 32] = Sha256::digest(token).into();
        let [a, b, c, d, ..] = hash;
        let candidates = self.service.vault().tokens([a, b, c, d]).await?;
        let caller = candidates.into_iter().find(|(_, stored)| bool::from(stored.ct_eq(&hash)));
        Ok(caller.map(|(caller, _)| caller).filter(is_active).ok_or(Refusal::Token))
    }

    async fn by_signature<'a>(
        &self,
        authorization: &'a HeaderValue,
        request: &Parts,
        body: &[u8],
    ) -> Result<Result<Caller, Refusal<'a>>, Error> {
        let read = Signed::read(authorization.to_str().unwrap_or_default(), request, body, self.now());
        let signed = match read {
            Ok(signed) => signed,
            Err(malformed) => return refused(malformed.to_string()),
        };
        let known = self.service.vault().credential(signed.access_key).await?;
        let Some((caller, secret_key)) = known.filter(|(caller, _)| is_active(caller)) else {
            let _ = core::hint::black_box(signed.verify(NO_SECRET_KEY));
            return Ok(Err(Refusal::Signature(signed)));
        };
        Ok(if signed.verify(&secret_key) { Ok(caller) } else { Err(Refusal::Signature(signed)) })
    }

    /// Seconds since the Unix epoch.
    fn now(&self) -> i64 {
        let since = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
}

fn is_active(caller: &Caller) -> bool {
    caller.revoke_time.is_none()
}

#[expect(clippy::unnecessary_wraps, reason = "the arms beside it can fail")]
fn refused<'a>(message: impl Into<String>) -> Result<Result<Caller, Refusal<'a>>, Error> {
    Ok(Err(Refusal::Plain(message.into())))
}

impl Refusal<'_> {
    /// Writes what explains the refusal to the log; gives what the client may know.
    fn log(self, peer: Option<IpAddr>, failures: u32) -> String {
        let peer = peer.map(|peer| peer.to_string());
        match self {
            Self::Plain(message) => {
                tracing::warn!(target: "csr::auth", peer, failures, "refused: {message}");
                message
            }
            Self::Token => {
                let message = "the token is unknown or revoked";
                tracing::warn!(target: "csr::auth", peer, failures, "refused: {message}");
                message.to_owned()
            }
            Self::Signature(signed) => {
                let message = "the access key is unknown or revoked, or the signature does not match";
                let (canonical_request, string_to_sign) = signed.explained();
                tracing::warn!(
                    target: "csr::auth",
                    peer,
                    failures,
                    access_key = ?signed.access_key,
                    ?canonical_request,
                    ?string_to_sign,
                    "refused: {message}"
                );
                message.to_owned()
            }
        }
    }
}
