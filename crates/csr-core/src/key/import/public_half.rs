//! The public key in a private key that cannot be imported, because nothing is signed with keys of its kind here: what is
//! told of it is its public key.

use der::Encode;
use der::asn1::ObjectIdentifier;
use pkcs8::PrivateKeyInfoRef;
use zeroize::Zeroizing;

use super::{RSA, RSA_PSS};
use crate::asn1::{Writer, tag};
use crate::key::curve::EC_PUBLIC_KEY;
use crate::key::rsa_public_key_info;
use crate::oid::{self, KeyType};

const ED25519: ObjectIdentifier = KeyType::Ed25519.oid();

/// The SubjectPublicKeyInfo of a private key of another size or algorithm, in plain PKCS#8, PKCS#1 or SEC1: computed for
/// Ed25519 and P-521, and for RSA and other curves as it stands in the key.
pub(super) fn info(bytes: &[u8]) -> Option<Vec<u8>> {
    /// More bytes of the stack than the curves use.
    const STACK: usize = 16_384;
    let info = info_unwiped(bytes);
    zeroize::zeroize_stack::<STACK>();
    info
}

#[inline(never)]
fn info_unwiped(bytes: &[u8]) -> Option<Vec<u8>> {
    let Ok(info) = PrivateKeyInfoRef::try_from(bytes) else {
        if let Some(public_key) = rsa(bytes) {
            return Some(rsa_public_key_info(&public_key));
        }
        let key = sec1::EcPrivateKey::try_from(bytes).ok()?;
        let curve = key.parameters.and_then(sec1::EcParameters::named_curve)?;
        let algorithm = Writer::der(|writer| writer.algorithm(EC_PUBLIC_KEY, |curves| curves.oid(curve)));
        return Some(encode(&algorithm, &point(&key, curve)?));
    };
    let octets = info.private_key.as_bytes();
    let public_key = match info.algorithm.oid {
        RSA | RSA_PSS => rsa(octets)?,
        // CurvePrivateKey ::= OCTET STRING (RFC 8410 §7).
        ED25519 => {
            let [tag::OCTET_STRING, 32, seed @ ..] = octets else { return None };
            let seed = Zeroizing::new(<[u8; 32]>::try_from(seed).ok()?);
            ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes().to_vec()
        }
        EC_PUBLIC_KEY => {
            let curve = info.algorithm.parameters?.decode_as::<ObjectIdentifier>().ok()?;
            point(&sec1::EcPrivateKey::try_from(octets).ok()?, curve)?
        }
        _ => return None,
    };
    Some(encode(&info.algorithm.to_der().ok()?, &public_key))
}

fn encode(algorithm: &[u8], public_key: &[u8]) -> Vec<u8> {
    Writer::der(|writer| {
        writer.sequence(|info| {
            info.raw(algorithm);
            info.bit_string(public_key);
        });
    })
}

fn rsa(pkcs1: &[u8]) -> Option<Vec<u8>> {
    pkcs1::RsaPrivateKeyRef::try_from(pkcs1).ok()?.public_key().to_der().ok()
}

fn point(key: &sec1::EcPrivateKey<'_>, curve: ObjectIdentifier) -> Option<Vec<u8>> {
    if curve == oid::P521 {
        let key = p521::SecretKey::from_slice(key.private_key).ok()?;
        return Some(key.public_key().to_sec1_bytes().to_vec());
    }
    oid::other_curve(curve)?;
    key.public_key.map(<[u8]>::to_vec)
}
