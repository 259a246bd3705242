//! Object identifiers: from DER to dotted form, and the names of those that requests carry.

use super::error::InspectError;
use super::reader::Reader;
use crate::tag;

/// An identifier's dotted form stands in messages, so it is bounded.
const MAX_LEN: usize = 128;

/// The next element, an OBJECT IDENTIFIER, in dotted form (X.690 section 8.19). Arcs may have 128 bits, as UUIDs have.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<String, InspectError> {
    let value = reader.element(tag::OBJECT_IDENTIFIER)?.value;
    match dotted(value) {
        Some(oid) => Ok(oid),
        None => reader.fault("an OBJECT IDENTIFIER is not well formed"),
    }
}

/// The contents of an OBJECT IDENTIFIER in dotted form; those in use have fewer than [`MAX_LEN`] bytes.
pub(super) fn dotted(value: &[u8]) -> Option<String> {
    if value.len() > MAX_LEN { None } else { crate::oid::dotted(value) }
}

/// RFC 4519 section 2, RFC 2985 section 5, RFC 5280 Appendix A and the EV guidelines section 9.2.
pub(super) fn subject_attribute(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.13" => "description",
        "2.5.4.15" => "businessCategory",
        "2.5.4.17" => "postalCode",
        "2.5.4.41" => "name",
        "2.5.4.42" => "GN",
        "2.5.4.43" => "initials",
        "2.5.4.44" => "generationQualifier",
        "2.5.4.46" => "dnQualifier",
        "2.5.4.65" => "pseudonym",
        "2.5.29.17" => "subjectAltName",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "1.2.840.113549.1.9.2" => "unstructuredName",
        "1.2.840.113549.1.9.8" => "unstructuredAddress",
        "1.3.6.1.4.1.311.60.2.1.1" => "jurisdictionL",
        "1.3.6.1.4.1.311.60.2.1.2" => "jurisdictionST",
        "1.3.6.1.4.1.311.60.2.1.3" => "jurisdictionC",
        _ => return None,
    })
}

/// RFC 2985 section 5.4, RFC 2986 and Microsoft's enrolment.
pub(super) fn request_attribute(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "1.2.840.113549.1.9.2" => "unstructuredName",
        "1.2.840.113549.1.9.7" => "challengePassword",
        "1.2.840.113549.1.9.8" => "unstructuredAddress",
        "1.2.840.113549.1.9.14" => "extensionRequest",
        "1.3.6.1.4.1.311.2.1.14" => "msExtensionRequest",
        "1.3.6.1.4.1.311.13.2.1" => "msEnrollmentNameValuePair",
        "1.3.6.1.4.1.311.13.2.2" => "msEnrollmentCspProvider",
        "1.3.6.1.4.1.311.13.2.3" => "msOsVersion",
        "1.3.6.1.4.1.311.13.1" => "msRenewalCertificate",
        "1.3.6.1.4.1.311.21.13" => "msArchivedKey",
        "1.3.6.1.4.1.311.21.20" => "msRequestClientInfo",
        "2.5.29.17" => "subjectAltName",
        _ => return None,
    })
}

/// RFC 5280 section 4.2, RFC 7633 and Microsoft's enrolment.
pub(super) fn extension(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.29.14" => "subjectKeyIdentifier",
        "2.5.29.15" => "keyUsage",
        "2.5.29.17" => "subjectAltName",
        "2.5.29.18" => "issuerAltName",
        "2.5.29.19" => "basicConstraints",
        "2.5.29.30" => "nameConstraints",
        "2.5.29.31" => "cRLDistributionPoints",
        "2.5.29.32" => "certificatePolicies",
        "2.5.29.35" => "authorityKeyIdentifier",
        "2.5.29.36" => "policyConstraints",
        "2.5.29.37" => "extKeyUsage",
        "1.3.6.1.5.5.7.1.1" => "authorityInfoAccess",
        "1.3.6.1.5.5.7.1.24" => "tlsFeature",
        "1.3.6.1.4.1.311.20.2" => "msCertificateTemplateName",
        "1.3.6.1.4.1.311.21.7" => "msCertificateTemplate",
        "1.3.6.1.4.1.311.21.10" => "msApplicationPolicies",
        "1.3.6.1.4.1.311.25.2" => "msNtdsSecurity",
        "1.2.840.113549.1.9.15" => "sMIMECapabilities",
        "2.16.840.1.113730.1.1" => "netscapeCertType",
        "2.16.840.1.113730.1.13" => "netscapeComment",
        _ => return None,
    })
}

/// The types of `otherName`: RFC 4043, 4108, 4556, 4985, 6120, 7585, 8994, 9598 and Microsoft's.
pub(super) fn other_name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "1.3.6.1.4.1.311.20.2.3" => "userPrincipalName",
        "1.3.6.1.4.1.311.25.1" => "msNtdsReplication",
        "1.3.6.1.4.1.311.25.2.1" => "msNtdsObjectSid",
        "1.3.6.1.5.2.2" => "krb5PrincipalName",
        "1.3.6.1.5.5.7.8.3" => "permanentIdentifier",
        "1.3.6.1.5.5.7.8.4" => "hardwareModuleName",
        "1.3.6.1.5.5.7.8.5" => "xmppAddr",
        "1.3.6.1.5.5.7.8.7" => "SRVName",
        "1.3.6.1.5.5.7.8.8" => "NAIRealm",
        "1.3.6.1.5.5.7.8.9" => "SmtpUTF8Mailbox",
        "1.3.6.1.5.5.7.8.10" => "AcpNodeName",
        _ => return None,
    })
}

/// RFC 5280 section 4.2.1.12.
pub(super) fn key_purpose(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.29.37.0" => "anyExtendedKeyUsage",
        "1.3.6.1.5.5.7.3.1" => "serverAuth",
        "1.3.6.1.5.5.7.3.2" => "clientAuth",
        "1.3.6.1.5.5.7.3.3" => "codeSigning",
        "1.3.6.1.5.5.7.3.4" => "emailProtection",
        "1.3.6.1.5.5.7.3.8" => "timeStamping",
        "1.3.6.1.5.5.7.3.9" => "OCSPSigning",
        "1.3.6.1.4.1.311.10.3.4" => "msEncryptingFileSystem",
        "1.3.6.1.4.1.311.20.2.1" => "msEnrollmentAgent",
        "1.3.6.1.4.1.311.20.2.2" => "msSmartcardLogin",
        "1.3.6.1.5.2.3.4" => "pkinitKPClientAuth",
        "1.3.6.1.5.2.3.5" => "pkinitKPKdc",
        _ => return None,
    })
}
