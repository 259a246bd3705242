//! Keys on the three curves (FIPS 186-5, SEC 1, GB/T 32918). `csr-keygen` does the arithmetic.

use csr_keygen::Digest;
use csr_keygen::curve::{Curve, CurveKey};
use der::asn1::ObjectIdentifier;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use super::import::OTHER_PUBLIC_KEY;
use super::{KeyAlgorithm, KeyImportError};
use crate::Error;
use crate::asn1::{Writer, tag};
use crate::oid::{self, KeyType, SignatureType};
use crate::signing::SignatureParameters;
use crate::sm2_id::sm2_digest;

/// What keys on every curve are named by (RFC 5480 §2.1.1), SM2's too (GB/T 35276).
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier = KeyType::Ec.oid();

/// The curve's object identifier.
pub(super) const fn curve_oid(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::P256 => oid::P256,
        Curve::P384 => oid::P384,
        Curve::Sm2 => oid::SM2P256V1,
    }
}

/// The curve with this object identifier, if it is one of the three.
pub(super) fn curve_named(oid: ObjectIdentifier) -> Option<Curve> {
    [Curve::P256, Curve::P384, Curve::Sm2].into_iter().find(|curve| curve_oid(*curve) == oid)
}

/// A private key on one of the three curves. The scalar is wiped on drop.
#[derive(Clone)]
pub(super) struct CurveKeyPair {
    key: CurveKey,
}

impl From<CurveKey> for CurveKeyPair {
    fn from(key: CurveKey) -> Self {
        Self { key }
    }
}

impl CurveKeyPair {
    /// Takes the scalar of a file. It should have the curve's width (SEC 1 C.4). Some tools leave
    /// leading zeros out or add one, which is accepted. A public key in the file must match it.
    pub(super) fn from_scalar(
        curve: Curve,
        scalar: &[u8],
        public: Option<&[u8]>,
    ) -> Result<Self, KeyImportError> {
        let out_of_range = KeyImportError::Malformed("the private scalar");
        let width = curve.octets();
        let excess = scalar.len().saturating_sub(width);
        if scalar.is_empty() || scalar[..excess].iter().any(|b| *b != 0) {
            return Err(out_of_range);
        }
        let scalar = &scalar[excess..];
        let mut secret = Zeroizing::new(vec![0; width]);
        secret[width - scalar.len()..].copy_from_slice(scalar);
        let key = Self { key: csr_keygen::curve::from_scalar(curve, &secret).map_err(|_| out_of_range)? };
        match public {
            Some(given) if !key.has_public_point(given) => Err(OTHER_PUBLIC_KEY),
            _ => Ok(key),
        }
    }

    /// Whether `given` is the public point, uncompressed or compressed (SEC 1 §2.3.3), or in the
    /// hybrid form of both (X9.62 §4.3.6), which OpenSSL can write.
    pub(super) fn has_public_point(&self, given: &[u8]) -> bool {
        let (point, width) = (self.key.public_point(), self.curve().octets());
        let is_odd = point[2 * width] & 1;
        let Some((form, coordinates)) = given.split_first() else { return false };
        match form {
            4 => coordinates == &point[1..],
            2 | 3 => *form == 2 + is_odd && coordinates == &point[1..=width],
            6 | 7 => *form == 6 + is_odd && coordinates == &point[1..],
            _ => false,
        }
    }

    pub(super) fn curve(&self) -> Curve {
        self.key.curve()
    }

    pub(super) fn algorithm(&self) -> KeyAlgorithm {
        match self.curve() {
            Curve::P256 => KeyAlgorithm::EcP256,
            Curve::P384 => KeyAlgorithm::EcP384,
            Curve::Sm2 => KeyAlgorithm::Sm2,
        }
    }

    /// The AlgorithmIdentifier of a SubjectPublicKeyInfo.
    pub(super) fn write_algorithm(&self, writer: &mut Writer) {
        writer.algorithm(EC_PUBLIC_KEY, |parameters| parameters.oid(curve_oid(self.curve())));
    }

    pub(super) fn write_signature_algorithm(&self, writer: &mut Writer, chosen: Option<Digest>) {
        let algorithm = match self.ecdsa_digest(chosen) {
            Some(Digest::Sha256) => SignatureType::EcdsaWithSha256,
            Some(Digest::Sha384) => SignatureType::EcdsaWithSha384,
            Some(Digest::Sha512) => SignatureType::EcdsaWithSha512,
            None => SignatureType::Sm2WithSm3,
        };
        writer.algorithm(algorithm.oid(), |_| ());
    }

    /// The hash function that ECDSA signs with; `None` for SM2, which has SM3.
    fn ecdsa_digest(&self, chosen: Option<Digest>) -> Option<Digest> {
        match self.curve() {
            Curve::P256 => chosen.or(Some(Digest::Sha256)),
            Curve::P384 => chosen.or(Some(Digest::Sha384)),
            Curve::Sm2 => None,
        }
    }

    /// The most octets of a private key in DER: the scalar, the point's two coordinates, and what stands around them.
    fn private_key_max(&self) -> usize {
        3 * self.curve().octets() + 42
    }

    /// ECPrivateKey (RFC 5915 §3), DER, with the public key and the name of the curve.
    pub(super) fn to_sec1_der(&self) -> Zeroizing<Vec<u8>> {
        Writer::secret_der(self.private_key_max(), |writer| self.write_private_key(writer, true))
    }

    /// PrivateKeyInfo (RFC 5958 §2), DER.
    pub(super) fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        Writer::secret_der(self.private_key_max(), |writer| {
            writer.sequence(|info| {
                info.unsigned(&[0]); // v1
                self.write_algorithm(info);
                info.element(tag::OCTET_STRING, |key| self.write_private_key(key, false));
            });
        })
    }

    /// The ECPrivateKey of RFC 5915 §3 with the public key. It names the curve if the surrounding
    /// structure does not.
    fn write_private_key(&self, writer: &mut Writer, name_curve: bool) {
        writer.sequence(|key| {
            key.unsigned(&[1]); // ecPrivkeyVer1
            key.primitive(tag::OCTET_STRING, self.key.scalar());
            if name_curve {
                key.element(tag::constructed(0), |parameters| parameters.oid(curve_oid(self.curve())));
            }
            key.element(tag::constructed(1), |public_key| public_key.bit_string(self.key.public_point()));
        });
    }

    /// The private scalar, as long as the curve's order.
    #[cfg(test)]
    pub(super) fn scalar(&self) -> &[u8] {
        self.key.scalar()
    }

    /// SEC 1 §2.3.3, uncompressed.
    pub(super) fn public_point(&self) -> &[u8] {
        self.key.public_point()
    }

    /// Signs a message with ECDSA (FIPS 186-5 §6.4.1, by default SHA-256, SHA-384 on P-384) or SM2 (GB/T 32918.2, SM3).
    pub(super) fn sign<R>(
        &self,
        message: &[u8],
        parameters: &SignatureParameters,
        rng: &mut R,
    ) -> Result<Vec<u8>, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        let mut sign = |digest: &[u8]| self.key.sign_digest(digest, rng);
        let signature = match self.ecdsa_digest(parameters.digest) {
            Some(digest) => digest.of(message, sign),
            None => sign(&sm2_digest(&parameters.sm2_identity, self.key.public_point(), message)),
        }?;
        // ECDSA-Sig-Value (RFC 3279 §2.2.3); SM2's signature (GM/T 0009 §7.3) has the same form.
        Ok(Writer::der(|writer| {
            writer.sequence(|value| {
                value.unsigned(signature.r());
                value.unsigned(signature.s());
            });
        }))
    }
}
