//! What a signature depends on besides the key: the hash function, RSA's scheme, SM2's identity.

use csr_keygen::rsa::Scheme;
use csr_model::{Fault, Faults, Field, Reason};

use crate::sm2_id::Sm2Identity;
use crate::{Digest, KeyAlgorithm};

/// The parameters of a signature. By default SHA-256 with PKCS#1 v1.5 for RSA, SHA-256 on P-256, SHA-384 on P-384, and
/// SM2's usual identity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SignatureParameters {
    /// `None` for the algorithm's default.
    pub(crate) digest: Option<Digest>,
    pub(crate) pss: bool,
    pub(crate) sm2_identity: Sm2Identity,
}

impl SignatureParameters {
    pub(crate) fn rsa_scheme(&self) -> Scheme {
        let digest = self.digest.unwrap_or(Digest::Sha256);
        if self.pss { Scheme::Pss(digest) } else { Scheme::Pkcs1v15(digest) }
    }
}

impl KeyAlgorithm {
    /// Checks that keys of this algorithm can sign with this hash function, and as RSASSA-PSS if `pss` is set.
    /// [`Csr::sign`](crate::Csr::sign) does it, too; this is for callers that have no key yet.
    ///
    /// ```
    /// use csr_core::{Digest, KeyAlgorithm, PrivateKeyAlgo};
    ///
    /// assert!(KeyAlgorithm::Rsa { bits: 3072 }.check_signature(Some(Digest::Sha384), true).is_ok());
    /// let faults = KeyAlgorithm::Sm2.check_signature(Some(Digest::Sha384), true).unwrap_err();
    /// assert_eq!(faults.iter().count(), 2);
    /// ```
    ///
    /// # Errors
    ///
    /// [`Faults`]: SM2 has a hash function of its own, and only RSA keys make signatures of RSASSA-PSS.
    pub fn check_signature(self, digest: Option<Digest>, pss: bool) -> Result<(), Faults> {
        let mut faults = Vec::new();
        if self == Self::Sm2 && digest.is_some() {
            faults.push(Fault::new(Field::Digest, "", Reason::Sm2HasItsDigest));
        }
        if pss && !matches!(self, Self::Rsa { .. }) {
            faults.push(Fault::new(Field::Pss, "", Reason::PssNeedsRsa { algorithm: self.to_string() }));
        }
        Faults::check(faults)
    }
}
