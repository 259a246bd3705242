//! The check, made once before a function is measured, that it does the work that the others do: a key of the
//! right kind and size; the same names; a signature that verifies.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use csr_core::PrivateKeyAlgo;
use der::asn1::{Ia5StringRef, PrintableStringRef, Utf8StringRef};
use der::{Decode, Encode};
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use sm2::dsa::signature::Verifier;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::request::{CertReq, ExtensionReq};

use crate::names;
use crate::peers::rsa_bits;

/// Asserts that a SubjectPublicKeyInfo is of the algorithm and the size.
pub fn assert_key(algorithm: PrivateKeyAlgo, public_key_info: &[u8]) {
    if let Some(bits) = rsa_bits(algorithm) {
        let key = rsa::PublicKey::from_public_key_der(public_key_info).expect("an RSA key");
        assert_eq!(
            (key.n().bit_width(), key.e().to_be_bytes_trimmed_vartime().as_ref()),
            (bits, &[1, 0, 1][..])
        );
        return;
    }
    // Each of them checks that the point is on its curve.
    match algorithm {
        PrivateKeyAlgo::EcP384 => p384::PublicKey::from_public_key_der(public_key_info).map(drop),
        PrivateKeyAlgo::Sm2 => sm2::PublicKey::from_public_key_der(public_key_info).map(drop),
        _ => p256::PublicKey::from_public_key_der(public_key_info).map(drop),
    }
    .expect("a key on the curve");
}

/// Asserts that a CSR has such a key and [`names`], and that its signature verifies.
pub fn assert_csr(algorithm: PrivateKeyAlgo, der: &[u8]) {
    let request = CertReq::from_der(der).expect("it decodes");
    let public_key_info = request.info.public_key.to_der().expect("SPKI");
    assert_key(algorithm, &public_key_info);
    assert_names(&request);
    if algorithm == PrivateKeyAlgo::Sm2 {
        return assert_sm2_signature(&request);
    }
    let scheme: &'static dyn VerificationAlgorithm = match algorithm {
        PrivateKeyAlgo::EcP256 => &ECDSA_P256_SHA256_ASN1,
        PrivateKeyAlgo::EcP384 => &ECDSA_P384_SHA384_ASN1,
        _ => &RSA_PKCS1_2048_8192_SHA256,
    };
    let key = UnparsedPublicKey::new(scheme, request.info.public_key.subject_public_key.raw_bytes());
    let message = request.info.to_der().expect("it encodes");
    key.verify(&message, request.signature.raw_bytes()).expect("the signature holds");
}

fn assert_names(request: &CertReq) {
    let subject: Vec<String> = request.info.subject.iter_rdn().flat_map(|rdn| rdn.iter().map(text)).collect();
    let expected =
        [names::COUNTRY, names::PROVINCE, names::CITY, names::ORGANIZATION, names::DOMAIN].map(str::to_owned);
    assert_eq!(subject, expected);

    let requested = request.info.attributes.iter().flat_map(|attribute| attribute.values.iter());
    let extensions: Vec<_> =
        requested.flat_map(|value| value.decode_as::<ExtensionReq>().expect("it").0).collect();
    assert_eq!(extensions.len(), 1, "the names and no other extension");
    let sans = SubjectAltName::from_der(extensions[0].extn_value.as_bytes()).expect("names").0;
    let mut expected: Vec<GeneralName> = names::DNS_NAMES
        .map(|name| GeneralName::DnsName(der::asn1::Ia5String::new(name).expect("ASCII")))
        .into();
    expected.push(GeneralName::from(std::net::IpAddr::V4(names::ADDRESS)));
    assert_eq!(sans, expected);
}

fn text(attribute: &AttributeTypeAndValue) -> String {
    let value = &attribute.value;
    let utf8 = value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned());
    let printable = || value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str().to_owned());
    let ia5 = || value.decode_as::<Ia5StringRef<'_>>().map(|text| text.as_str().to_owned());
    utf8.or_else(|_| printable()).or_else(|_| ia5()).expect("a string")
}

/// With the usual identity, or with the empty one that OpenSSL binds.
fn assert_sm2_signature(request: &CertReq) {
    let message = request.info.to_der().expect("it encodes");
    let point = request.info.public_key.subject_public_key.raw_bytes();
    let signature = sm2::dsa::DerSignature::try_from(request.signature.raw_bytes())
        .and_then(sm2::dsa::Signature::try_from)
        .expect("DER r and s");
    let holds = ["1234567812345678", ""].into_iter().any(|identity| {
        sm2::dsa::VerifyingKey::from_sec1_bytes(identity, point)
            .expect("a point")
            .verify(&message, &signature)
            .is_ok()
    });
    assert!(holds, "the signature does not hold");
}
