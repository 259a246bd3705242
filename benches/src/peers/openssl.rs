//! `openssl`: the system's OpenSSL through the crate of that name. A key comes from `RSA_generate_key_ex`
//! or `EC_KEY_generate_key`, a CSR from `X509_REQ_sign`; for SM2 that binds the empty identity, which costs the same
//! as the usual one. With OpenSSL 3.0 a key from `EVP_PKEY_keygen` takes a little longer to make, and a CSR for it
//! 0.4 ms longer, as its public half is encoded by the slow new way: these calls are the faster ones.

use csr_core::PrivateKeyAlgo;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509Name, X509NameBuilder, X509ReqBuilder};

use super::rsa_bits;
use crate::{CsrMaker, Keygen, names};

const ID: &str = "openssl";

/// `Rsa::generate` or `EcKey::generate`, as a `PKey`.
#[must_use]
pub fn keygen(algorithm: PrivateKeyAlgo) -> Keygen {
    let info = |key: &PKey<Private>| key.public_key_to_der().expect("SPKI");
    Keygen::new(ID, move || generate(algorithm).expect("a key"), info)
}

/// A key as in [`keygen`], an `X509_REQ` signed with it.
#[must_use]
pub fn csr_maker(algorithm: PrivateKeyAlgo) -> CsrMaker {
    CsrMaker::new(ID, move || csr(algorithm).expect("a CSR"))
}

fn generate(algorithm: PrivateKeyAlgo) -> Result<PKey<Private>, ErrorStack> {
    if let Some(bits) = rsa_bits(algorithm) {
        return PKey::from_rsa(Rsa::generate(bits)?);
    }
    let curve = match algorithm {
        PrivateKeyAlgo::EcP384 => Nid::SECP384R1,
        PrivateKeyAlgo::Sm2 => Nid::SM2,
        _ => Nid::X9_62_PRIME256V1,
    };
    let group = EcGroup::from_curve_name(curve)?;
    PKey::from_ec_key(EcKey::generate(&group)?)
}

fn csr(algorithm: PrivateKeyAlgo) -> Result<Vec<u8>, ErrorStack> {
    let key = generate(algorithm)?;
    let mut builder = X509ReqBuilder::new()?;
    builder.set_version(0)?;
    let subject = subject()?;
    builder.set_subject_name(&subject)?;
    builder.set_pubkey(&key)?;
    let mut sans = SubjectAlternativeName::new();
    for name in names::DNS_NAMES {
        sans.dns(name);
    }
    sans.ip(&names::ADDRESS.to_string());
    let sans = sans.build(&builder.x509v3_context(None))?;
    let mut extensions = Stack::new()?;
    extensions.push(sans)?;
    builder.add_extensions(&extensions)?;
    let digest = match algorithm {
        PrivateKeyAlgo::EcP384 => MessageDigest::sha384(),
        PrivateKeyAlgo::Sm2 => MessageDigest::sm3(),
        _ => MessageDigest::sha256(),
    };
    builder.sign(&key, digest)?;
    builder.build().to_der()
}

fn subject() -> Result<X509Name, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_nid(Nid::COUNTRYNAME, names::COUNTRY)?;
    name.append_entry_by_nid(Nid::STATEORPROVINCENAME, names::PROVINCE)?;
    name.append_entry_by_nid(Nid::LOCALITYNAME, names::CITY)?;
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, names::ORGANIZATION)?;
    name.append_entry_by_nid(Nid::COMMONNAME, names::DOMAIN)?;
    Ok(name.build())
}
