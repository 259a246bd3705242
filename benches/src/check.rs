//! The check, made once before a function is measured, that it does the work that the others do: a key of the
//! right kind and size; the same names; a signature that verifies.

use csr_core::PrivateKeyAlgo;
use der::asn1::{Ia5StringRef, PrintableStringRef, Utf8StringRef};
use der::{Decode, Encode};
use openssl::pkey::{Id, PKey};
use openssl::x509::X509Req;
use sm2::dsa::signature::Verifier;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::request::{CertReq, ExtensionReq};
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::names;
use crate::peers::rsa_bits;

/// Asserts that a SubjectPublicKeyInfo is of the algorithm and the size.
pub fn assert_key(algorithm: PrivateKeyAlgo, public_key_info: &[u8]) {
    let key = PKey::public_key_from_der(public_key_info).expect("OpenSSL reads the key");
    if let Some(bits) = rsa_bits(algorithm) {
        assert_eq!((key.id(), key.bits()), (Id::RSA, bits));
        assert_eq!(key.rsa().expect("RSA").e().to_dec_str().expect("e").to_string(), "65537");
        return;
    }
    let (curve, bits) = match algorithm {
        PrivateKeyAlgo::EcP384 => ("1.3.132.0.34", 384),
        PrivateKeyAlgo::Sm2 => ("1.2.156.10197.1.301", 256),
        _ => ("1.2.840.10045.3.1.7", 256),
    };
    assert_eq!(key.bits(), bits);
    let info = SubjectPublicKeyInfoRef::from_der(public_key_info).expect("it decodes");
    assert_eq!(info.algorithm.parameters_oid().expect("a named curve").to_string(), curve);
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
    let key = PKey::public_key_from_der(&public_key_info).expect("OpenSSL reads the key");
    let request = X509Req::from_der(der).expect("OpenSSL reads the CSR");
    assert!(request.verify(&key).expect("it can be verified"), "the signature does not hold");
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
