//! `rcgen` over `aws-lc-rs`, which lets it make RSA keys; it encodes them as PKCS#8 at once. It has no SM2.

use std::net::IpAddr;

use csr_core::PrivateKeyAlgo;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize, SanType,
};

use crate::{CsrMaker, Keygen, names};

const ID: &str = "rcgen";

/// `KeyPair::generate_for` or `generate_rsa_for`.
#[must_use]
pub fn keygen(algorithm: PrivateKeyAlgo) -> Option<Keygen> {
    if algorithm == PrivateKeyAlgo::Sm2 {
        return None;
    }
    Some(Keygen::new(ID, move || key(algorithm).expect("a key"), PublicKeyData::subject_public_key_info))
}

/// A key as in [`keygen`], and `CertificateParams::serialize_request`.
#[must_use]
pub fn csr_maker(algorithm: PrivateKeyAlgo) -> Option<CsrMaker> {
    if algorithm == PrivateKeyAlgo::Sm2 {
        return None;
    }
    Some(CsrMaker::new(ID, move || csr(algorithm).expect("a CSR")))
}

/// PKCS#8 and CSR for a domain, both as PEM.
pub type KeyAndCsr = Box<dyn Fn(&str) -> (String, String)>;

/// A key as in [`keygen`] and a CSR for one domain, encoded as PEM.
#[must_use]
pub fn key_and_csr(algorithm: PrivateKeyAlgo) -> Option<KeyAndCsr> {
    if algorithm == PrivateKeyAlgo::Sm2 {
        return None;
    }
    Some(Box::new(move |domain| {
        let key = key(algorithm).expect("a key");
        let mut params = CertificateParams::new([domain.to_owned()]).expect("a domain");
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, domain);
        let csr = params.serialize_request(&key).and_then(|csr| csr.pem()).expect("a CSR");
        (key.serialize_pem(), csr)
    }))
}

fn key(algorithm: PrivateKeyAlgo) -> Result<KeyPair, rcgen::Error> {
    let rsa = |size| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size);
    match algorithm {
        PrivateKeyAlgo::Rsa2048 => rsa(RsaKeySize::_2048),
        PrivateKeyAlgo::Rsa3072 => rsa(RsaKeySize::_3072),
        PrivateKeyAlgo::Rsa4096 => rsa(RsaKeySize::_4096),
        PrivateKeyAlgo::EcP256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        PrivateKeyAlgo::EcP384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
        PrivateKeyAlgo::Sm2 => Err(rcgen::Error::KeyGenerationUnavailable),
    }
}

fn csr(algorithm: PrivateKeyAlgo) -> Result<Vec<u8>, rcgen::Error> {
    let key = key(algorithm)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = subject()?;
    for name in names::DNS_NAMES {
        params.subject_alt_names.push(SanType::DnsName(name.try_into()?));
    }
    params.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(names::ADDRESS)));
    Ok(params.serialize_request(&key)?.der().to_vec())
}

fn subject() -> Result<DistinguishedName, rcgen::Error> {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, DnValue::PrintableString(names::COUNTRY.try_into()?));
    name.push(DnType::StateOrProvinceName, names::PROVINCE);
    name.push(DnType::LocalityName, names::CITY);
    name.push(DnType::OrganizationName, names::ORGANIZATION);
    name.push(DnType::CommonName, names::DOMAIN);
    Ok(name)
}
