//! The content of a CSR. All rejection happens here: every [`CsrSpec`] can be signed.

mod builder;
mod extension;

pub use builder::CsrSpecBuilder;
pub use extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use crate::Digest;
use crate::name::{San, Subject};
use crate::signing::SignatureParameters;
use crate::sm2_id::Sm2Identity;

/// The content of a CSR: checked, normalised, ready to be signed.
///
/// ```
/// use csr_core::{CsrSpec, ExtendedKeyUsage, KeyUsage};
///
/// let spec = CsrSpec::builder()
///     .domain("例え.jp")
///     .san("192.0.2.7")
///     .uri("spiffe://example.org/web")
///     .country("JP")
///     .organization("例え, Inc.")
///     .key_usage([KeyUsage::DigitalSignature])
///     .extended_key_usage([ExtendedKeyUsage::ServerAuth])
///     .must_staple()
///     .build()?;
/// assert_eq!(spec.subject().to_string(), "CN=xn--r8jz45g.jp,O=例え\\, Inc.,C=JP");
/// assert_eq!(spec.sans().len(), 3);
/// # Ok::<(), csr_core::Faults>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrSpec {
    pub(crate) subject: Subject,
    pub(crate) sans: Vec<San>,
    pub(crate) key_usage: Vec<KeyUsage>,
    pub(crate) extended_key_usage: Vec<ExtendedKeyUsage>,
    pub(crate) basic_constraints: Option<BasicConstraints>,
    pub(crate) must_staple: bool,
    pub(crate) challenge_password: Option<ChallengePassword>,
    pub(crate) signature: SignatureParameters,
}

impl CsrSpec {
    /// Starts a specification by hand.
    pub fn builder() -> CsrSpecBuilder {
        CsrSpecBuilder::default()
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The subject alternative names without duplicates, the domain first.
    #[must_use]
    pub fn sans(&self) -> &[San] {
        &self.sans
    }

    /// The hash function to sign with; `None` for the default of the key's algorithm.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        self.signature.digest
    }

    /// Whether an RSA key signs as RSASSA-PSS.
    #[must_use]
    pub fn is_pss(&self) -> bool {
        self.signature.pss
    }

    /// The identity that an SM2 signature binds; other algorithms don't use it.
    #[must_use]
    pub fn sm2_identity(&self) -> &Sm2Identity {
        &self.signature.sm2_identity
    }
}

/// A challenge password (RFC 2985 §5.4.1). The CSR holds it in clear text, as the standard requires, but `Debug`
/// leaves it out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ChallengePassword(pub(crate) String);

impl core::fmt::Debug for ChallengePassword {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ChallengePassword(..)")
    }
}

#[cfg(test)]
mod tests;
