//! A CSR over `x509-cert`, for the peers that sign but encode nothing themselves.

use der::Encode;
use der::asn1::{
    Any, BitString, Ia5String, ObjectIdentifier, OctetString, PrintableStringRef, SetOfVec, Utf8StringRef,
};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::request::{CertReq, CertReqInfo, ExtensionReq, Version};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::names;

/// `sha256WithRSAEncryption`, with the NULL parameters that it requires.
#[must_use]
pub fn sha256_with_rsa() -> AlgorithmIdentifierOwned {
    identifier("1.2.840.113549.1.1.11", Some(Any::null()))
}

/// An algorithm that goes by its identifier alone, e.g. `ecdsa-with-SHA256`.
#[must_use]
pub fn identifier(oid: &str, parameters: Option<Any>) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: ObjectIdentifier::new(oid).expect("a constant"), parameters }
}

/// The CSR for [`names`], signed by `sign` over the DER of its first part.
///
/// # Errors
///
/// When something does not encode.
pub fn request(
    public_key: SubjectPublicKeyInfoOwned,
    algorithm: AlgorithmIdentifierOwned,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> der::Result<Vec<u8>> {
    let mut attributes = SetOfVec::new();
    attributes.insert(ExtensionReq(vec![subject_alt_name()?]).try_into()?)?;
    let info = CertReqInfo { version: Version::V1, subject: subject()?, public_key, attributes };
    let signature = BitString::from_bytes(&sign(&info.to_der()?))?;
    CertReq { info, algorithm, signature }.to_der()
}

fn subject() -> der::Result<Name> {
    let mut rdns = RdnSequence::default();
    let country = Any::from(PrintableStringRef::new(names::COUNTRY)?);
    rdns.push(attribute("2.5.4.6", country)?);
    for (oid, text) in [
        ("2.5.4.8", names::PROVINCE),
        ("2.5.4.7", names::CITY),
        ("2.5.4.10", names::ORGANIZATION),
        ("2.5.4.3", names::DOMAIN),
    ] {
        rdns.push(attribute(oid, Any::from(Utf8StringRef::new(text)?))?);
    }
    Ok(Name::hazmat_from_rdn_sequence(rdns))
}

fn attribute(oid: &str, value: Any) -> der::Result<RelativeDistinguishedName> {
    let mut set = SetOfVec::new();
    set.insert(AttributeTypeAndValue { oid: ObjectIdentifier::new(oid).expect("a constant"), value })?;
    Ok(RelativeDistinguishedName::from(set))
}

fn subject_alt_name() -> der::Result<Extension> {
    let mut list = Vec::new();
    for name in names::DNS_NAMES {
        list.push(GeneralName::DnsName(Ia5String::new(name)?));
    }
    list.push(GeneralName::from(std::net::IpAddr::V4(names::ADDRESS)));
    let value = OctetString::new(SubjectAltName(list).to_der()?)?;
    Ok(Extension {
        extn_id: ObjectIdentifier::new("2.5.29.17").expect("a constant"),
        critical: false,
        extn_value: value,
    })
}
