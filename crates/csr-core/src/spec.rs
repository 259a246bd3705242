//! The content of a CSR. All rejection happens here: every [`CsrSpec`] can be signed.

mod builder;
mod extension;
mod fingerprint;
mod renewal;

pub use builder::CsrSpecBuilder;
pub use extension::{
    BasicConstraints, ExtendedKeyUsage, ExtendedKeyUsageError, KeyUsage, RequestedAttribute,
    RequestedExtension,
};
pub use renewal::{LeftOut, Renewal, RenewalError};

use crate::Digest;
use crate::name::{San, Subject};
use crate::oid::SubjectAttribute;
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
    pub(crate) extensions: Vec<RequestedExtension>,
    pub(crate) attributes: Vec<RequestedAttribute>,
    pub(crate) signature: SignatureParameters,
}

impl CsrSpec {
    /// Starts a specification by hand.
    pub fn builder() -> CsrSpecBuilder {
        CsrSpecBuilder::default()
    }

    /// Starts a specification with the content of this one: what the builder is given replaces it, and names are added.
    pub fn to_builder(&self) -> CsrSpecBuilder {
        CsrSpecBuilder::from(self.clone())
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

    /// The requested extensions but for the subject alternative names, in order.
    #[must_use]
    pub fn extensions(&self) -> &[RequestedExtension] {
        &self.extensions
    }

    /// The attributes but for the requested extensions, sorted by type.
    #[must_use]
    pub fn attributes(&self) -> &[RequestedAttribute] {
        &self.attributes
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

    /// The host that would be the common name if it could be one: it is an IP address, or has over 64 characters
    /// (ub-common-name). `None` if there is a common name, or no such host.
    #[must_use]
    pub fn host_without_common_name(&self) -> Option<&San> {
        let common_name = self.subject.attributes().iter().any(|a| a.is(SubjectAttribute::CommonName));
        let host = self.sans.iter().find(|san| matches!(san, San::Dns(_) | San::Ip(_)))?;
        (!common_name && host.common_name().is_none()).then_some(host)
    }
}

#[cfg(test)]
mod tests;
