//! All object identifiers that this crate knows, each listed once with its name and properties.
//!
//! Each role of identifiers in a request or a key is an enum, so that code that depends on an identifier is a `match` that
//! the compiler checks. Identifiers with several roles are constants at the top.

use core::fmt;
use core::str::FromStr;

use der::asn1::ObjectIdentifier;
use serde::{Serialize, Serializer};

use crate::Digest;
use crate::asn1::{Oid, StringType};

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

/// An attribute of a subject, one of a request, and an extension.
const SUBJECT_ALT_NAME: ObjectIdentifier = oid("2.5.29.17");
/// Attributes of a subject and of a request (RFC 2985 §5.2.2 and §5.4).
const UNSTRUCTURED_NAME: ObjectIdentifier = oid("1.2.840.113549.1.9.2");
const UNSTRUCTURED_ADDRESS: ObjectIdentifier = oid("1.2.840.113549.1.9.8");
/// Algorithms of keys and of signatures.
const RSASSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
const ED25519: ObjectIdentifier = oid("1.3.101.112");
const ED448: ObjectIdentifier = oid("1.3.101.113");
const ML_DSA_44: ObjectIdentifier = oid("2.16.840.1.101.3.4.3.17");
const ML_DSA_65: ObjectIdentifier = oid("2.16.840.1.101.3.4.3.18");
const ML_DSA_87: ObjectIdentifier = oid("2.16.840.1.101.3.4.3.19");

/// The curves of keys that are made or verified (RFC 5480 §2.1.1.1; GM/T 0006 for sm2p256v1, which some name as the
/// key's algorithm, too).
pub(crate) const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
pub(crate) const P384: ObjectIdentifier = oid("1.3.132.0.34");
pub(crate) const P521: ObjectIdentifier = oid("1.3.132.0.35");
pub(crate) const SM2P256V1: ObjectIdentifier = oid("1.2.156.10197.1.301");

/// The mask generation function of RSASSA-PSS (RFC 8017 B.2.1).
pub(crate) const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");

/// The types of PKCS#7 and CMS stand below these (RFC 5652 §4, GB/T 35275).
pub(crate) const CONTENT_TYPES: [ObjectIdentifier; 2] =
    [oid("1.2.840.113549.1.7"), oid("1.2.156.10197.6.1.4.2")];
/// PKCS#12's encryption with RC4 and RC2 (RFC 7292 Appendix C).
pub(crate) const PKCS12_RC4_AND_RC2: [ObjectIdentifier; 4] = [
    Encryption::PbeSha1Rc4_128.oid(),
    Encryption::PbeSha1Rc4_40.oid(),
    Encryption::PbeSha1Rc2_128.oid(),
    Encryption::PbeSha1Rc2_40.oid(),
];

/// The identifiers that have one role, each with its name.
macro_rules! identifiers {
    (
        $(#[$meta:meta])*
        $vis:vis enum $Enum:ident {
            $( $(#[$doc:meta])* $Variant:ident = $oid:expr, $name:literal; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $vis enum $Enum {
            $( $(#[$doc])* #[doc = concat!("`", $name, "`.")] $Variant, )*
        }

        impl $Enum {
            const ALL: &'static [(ObjectIdentifier, Self)] = &[ $( ($oid, Self::$Variant), )* ];

            /// The identifier's number.
            #[allow(dead_code, reason = "not every role is written")]
            pub(crate) const fn oid(self) -> ObjectIdentifier {
                match self {
                    $( Self::$Variant => const { $oid }, )*
                }
            }

            /// The name.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$Variant => $name, )*
                }
            }

            /// The one with this name, in upper or lower case.
            #[allow(dead_code, reason = "not every role is named by users")]
            pub(crate) fn named(name: &str) -> Option<Self> {
                let mut all = Self::ALL.iter().map(|(_, meaning)| *meaning);
                all.find(|meaning| meaning.as_str().eq_ignore_ascii_case(name))
            }

            /// The meaning of an identifier in this role, if it is known.
            pub(crate) fn of(oid: impl AsRef<[u8]>) -> Option<Self> {
                let oid = oid.as_ref();
                Self::ALL.iter().find(|(known, _)| known.as_bytes() == oid).map(|(_, meaning)| *meaning)
            }
        }

        /// The name.
        impl fmt::Display for $Enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// The name.
        impl Serialize for $Enum {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

identifiers! {
    /// The type of an attribute of a distinguished name. Prints as its short name (RFC 4514 §3, RFC 4519 §2; `emailAddress`
    /// for PKCS #9's).
    pub enum SubjectAttribute {
        /// countryName,
        Country = oid("2.5.4.6"), "C";
        /// stateOrProvinceName,
        Province = oid("2.5.4.8"), "ST";
        /// localityName,
        Locality = oid("2.5.4.7"), "L";
        /// organizationName,
        Organization = oid("2.5.4.10"), "O";
        /// organizationalUnitName,
        OrganizationalUnit = oid("2.5.4.11"), "OU";
        /// commonName,
        CommonName = oid("2.5.4.3"), "CN";
        /// A mail address (RFC 2985 §5.2.1),
        EmailAddress = oid("1.2.840.113549.1.9.1"), "emailAddress";
        /// A family name,
        Surname = oid("2.5.4.4"), "SN";
        /// A number assigned by a registration agency,
        SerialNumber = oid("2.5.4.5"), "serialNumber";
        /// streetAddress,
        Street = oid("2.5.4.9"), "street";
        /// A position in an organisation,
        Title = oid("2.5.4.12"), "title";
        /// A human-readable text,
        Description = oid("2.5.4.13"), "description";
        /// A kind of business (EV guidelines §9.2.3),
        BusinessCategory = oid("2.5.4.15"), "businessCategory";
        /// A postal code,
        PostalCode = oid("2.5.4.17"), "postalCode";
        /// A person's whole name,
        Name = oid("2.5.4.41"), "name";
        /// givenName,
        GivenName = oid("2.5.4.42"), "GN";
        /// A person's initials,
        Initials = oid("2.5.4.43"), "initials";
        /// A generation suffix such as `Jr.`,
        GenerationQualifier = oid("2.5.4.44"), "generationQualifier";
        /// Distinguishes equal names in merged directories,
        DnQualifier = oid("2.5.4.46"), "dnQualifier";
        /// A pseudonym,
        Pseudonym = oid("2.5.4.65"), "pseudonym";
        /// An extension's identifier, which some put into a subject,
        SubjectAltName = SUBJECT_ALT_NAME, "subjectAltName";
        /// An organisation's number in a register (X.520 §6.4.4, ETSI EN 319 412-1),
        OrganizationIdentifier = oid("2.5.4.97"), "organizationIdentifier";
        /// userId,
        UserId = oid("0.9.2342.19200300.100.1.1"), "UID";
        /// domainComponent,
        DomainComponent = oid("0.9.2342.19200300.100.1.25"), "DC";
        /// RFC 2985 §5.2.2,
        UnstructuredName = UNSTRUCTURED_NAME, "unstructuredName";
        /// RFC 2985 §5.2.2,
        UnstructuredAddress = UNSTRUCTURED_ADDRESS, "unstructuredAddress";
        /// Where an organisation is registered (EV guidelines §9.2.4),
        JurisdictionLocality = oid("1.3.6.1.4.1.311.60.2.1.1"), "jurisdictionL";
        /// Where an organisation is registered (EV guidelines §9.2.4),
        JurisdictionProvince = oid("1.3.6.1.4.1.311.60.2.1.2"), "jurisdictionST";
        /// Where an organisation is registered (EV guidelines §9.2.4),
        JurisdictionCountry = oid("1.3.6.1.4.1.311.60.2.1.3"), "jurisdictionC";
    }
}

/// Names in use beside those that are printed: the long ones of RFC 4519 §2 and OpenSSL, and Windows' short ones.
const OTHER_NAMES: &[(&str, SubjectAttribute)] = &[
    ("countryName", SubjectAttribute::Country),
    ("stateOrProvinceName", SubjectAttribute::Province),
    ("S", SubjectAttribute::Province),
    ("localityName", SubjectAttribute::Locality),
    ("organizationName", SubjectAttribute::Organization),
    ("organizationalUnitName", SubjectAttribute::OrganizationalUnit),
    ("commonName", SubjectAttribute::CommonName),
    ("email", SubjectAttribute::EmailAddress),
    ("E", SubjectAttribute::EmailAddress),
    ("surname", SubjectAttribute::Surname),
    ("streetAddress", SubjectAttribute::Street),
    ("givenName", SubjectAttribute::GivenName),
    ("G", SubjectAttribute::GivenName),
    ("userId", SubjectAttribute::UserId),
    ("domainComponent", SubjectAttribute::DomainComponent),
    ("jurisdictionLocalityName", SubjectAttribute::JurisdictionLocality),
    ("jurisdictionStateOrProvinceName", SubjectAttribute::JurisdictionProvince),
    ("jurisdictionCountryName", SubjectAttribute::JurisdictionCountry),
];

/// Text that is not the name of a [`SubjectAttribute`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the name of a subject attribute, such as CN, O or serialNumber, or its object identifier")]
#[non_exhaustive]
pub struct SubjectAttributeError;

/// Reads the short name, the long one (`commonName`, `surname`, `streetAddress`) or the dotted identifier, in upper or lower
/// case: whatever [`Display`](fmt::Display) prints, among others.
///
/// ```
/// use csr_core::SubjectAttribute;
///
/// assert_eq!("cn".parse(), Ok(SubjectAttribute::CommonName));
/// assert_eq!("surname".parse::<SubjectAttribute>(), "SN".parse());
/// assert_eq!("2.5.4.97".parse(), Ok(SubjectAttribute::OrganizationIdentifier));
/// assert!("FQDN".parse::<SubjectAttribute>().is_err());
/// ```
impl FromStr for SubjectAttribute {
    type Err = SubjectAttributeError;

    fn from_str(name: &str) -> Result<Self, SubjectAttributeError> {
        let other = || OTHER_NAMES.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        let by_name = Self::named(name).or_else(|| other().map(|(_, attribute)| *attribute));
        let by_oid = || name.parse::<Oid>().ok().and_then(Self::of);
        by_name.or_else(by_oid).ok_or(SubjectAttributeError)
    }
}

impl SubjectAttribute {
    /// The required string type (RFC 5280 Appendix A.1, EV guidelines §9.2); `None` for a DirectoryString.
    pub(crate) const fn string_type(self) -> Option<StringType> {
        match self {
            Self::Country | Self::SerialNumber | Self::DnQualifier | Self::JurisdictionCountry => {
                Some(StringType::Printable)
            }
            Self::EmailAddress | Self::DomainComponent => Some(StringType::Ia5),
            _ => None,
        }
    }

    /// The upper bound on the number of characters, and its name in RFC 5280 Appendix A.1, in X.520 (2001) Annex C if that
    /// sets none, or in RFC 2985 §5.
    pub(crate) const fn upper_bound(self) -> Option<(usize, &'static str)> {
        Some(match self {
            Self::CommonName => (64, "ub-common-name"),
            Self::Organization => (64, "ub-organization-name"),
            Self::OrganizationalUnit => (64, "ub-organizational-unit-name"),
            Self::Title => (64, "ub-title"),
            Self::SerialNumber => (64, "ub-serial-number"),
            Self::Locality => (128, "ub-locality-name"),
            Self::Province => (128, "ub-state-name"),
            Self::Street => (128, "ub-street-address"),
            Self::BusinessCategory => (128, "ub-business-category"),
            Self::Pseudonym => (128, "ub-pseudonym"),
            Self::JurisdictionLocality => (128, "ub-locality-name"),
            Self::JurisdictionProvince => (128, "ub-state-name"),
            Self::PostalCode => (40, "ub-postal-code"),
            Self::Description => (1024, "ub-description"),
            Self::EmailAddress => (255, "ub-emailaddress-length"),
            Self::UnstructuredName => (255, "pkcs-9-ub-unstructuredName"),
            Self::UnstructuredAddress => (255, "pkcs-9-ub-unstructuredAddress"),
            Self::UserId => (256, "ub-user-identifier"),
            Self::Name | Self::Surname | Self::GivenName | Self::Initials | Self::GenerationQualifier => {
                (32_768, "ub-name")
            }
            _ => return None,
        })
    }
}

/// The attribute's identifier.
impl From<SubjectAttribute> for Oid {
    fn from(attribute: SubjectAttribute) -> Self {
        attribute.oid().into()
    }
}

identifiers! {
    /// The type of a request's attribute (RFC 2985 §5.4, RFC 2986 §4.1, and Microsoft's enrolment, [MS-WCCE]).
    pub enum AttributeType {
        /// RFC 2985 §5.4.3,
        UnstructuredName = UNSTRUCTURED_NAME, "unstructuredName";
        /// RFC 2985 §5.4.1,
        ChallengePassword = oid("1.2.840.113549.1.9.7"), "challengePassword";
        /// RFC 2985 §5.4.4,
        UnstructuredAddress = UNSTRUCTURED_ADDRESS, "unstructuredAddress";
        /// RFC 2985 §5.4.2,
        ExtensionRequest = oid("1.2.840.113549.1.9.14"), "extensionRequest";
        /// Microsoft's older extensionRequest,
        MsExtensionRequest = oid("1.3.6.1.4.1.311.2.1.14"), "msExtensionRequest";
        /// A name and a value for the certificate authority,
        MsEnrollmentNameValuePair = oid("1.3.6.1.4.1.311.13.2.1"), "msEnrollmentNameValuePair";
        /// The provider that made the key,
        MsEnrollmentCspProvider = oid("1.3.6.1.4.1.311.13.2.2"), "msEnrollmentCspProvider";
        /// The version of Windows,
        MsOsVersion = oid("1.3.6.1.4.1.311.13.2.3"), "msOsVersion";
        /// The certificate to renew,
        MsRenewalCertificate = oid("1.3.6.1.4.1.311.13.1"), "msRenewalCertificate";
        /// The private key, encrypted for the certificate authority,
        MsArchivedKey = oid("1.3.6.1.4.1.311.21.13"), "msArchivedKey";
        /// The machine, user and program that made the request,
        MsRequestClientInfo = oid("1.3.6.1.4.1.311.21.20"), "msRequestClientInfo";
        /// An extension's identifier, which some use as an attribute's,
        SubjectAltName = SUBJECT_ALT_NAME, "subjectAltName";
    }
}

impl AttributeType {
    /// Whether its values are requested extensions.
    pub(crate) const fn is_extension_request(self) -> bool {
        matches!(self, Self::ExtensionRequest | Self::MsExtensionRequest)
    }
}

identifiers! {
    /// The type of an extension (RFC 5280 §4.2, RFC 7633, and Microsoft's enrolment).
    pub enum ExtensionType {
        /// RFC 5280 §4.2.1.2,
        SubjectKeyIdentifier = oid("2.5.29.14"), "subjectKeyIdentifier";
        /// RFC 5280 §4.2.1.3,
        KeyUsage = oid("2.5.29.15"), "keyUsage";
        /// RFC 5280 §4.2.1.6,
        SubjectAltName = SUBJECT_ALT_NAME, "subjectAltName";
        /// RFC 5280 §4.2.1.7,
        IssuerAltName = oid("2.5.29.18"), "issuerAltName";
        /// RFC 5280 §4.2.1.9,
        BasicConstraints = oid("2.5.29.19"), "basicConstraints";
        /// RFC 5280 §4.2.1.10,
        NameConstraints = oid("2.5.29.30"), "nameConstraints";
        /// RFC 5280 §4.2.1.13,
        CrlDistributionPoints = oid("2.5.29.31"), "cRLDistributionPoints";
        /// RFC 5280 §4.2.1.4,
        CertificatePolicies = oid("2.5.29.32"), "certificatePolicies";
        /// RFC 5280 §4.2.1.1,
        AuthorityKeyIdentifier = oid("2.5.29.35"), "authorityKeyIdentifier";
        /// RFC 5280 §4.2.1.11,
        PolicyConstraints = oid("2.5.29.36"), "policyConstraints";
        /// RFC 5280 §4.2.1.15,
        FreshestCrl = oid("2.5.29.46"), "freshestCRL";
        /// RFC 5280 §4.2.1.14,
        InhibitAnyPolicy = oid("2.5.29.54"), "inhibitAnyPolicy";
        /// RFC 5280 §4.2.1.12,
        ExtendedKeyUsage = oid("2.5.29.37"), "extKeyUsage";
        /// RFC 5280 §4.2.2.1,
        AuthorityInfoAccess = oid("1.3.6.1.5.5.7.1.1"), "authorityInfoAccess";
        /// RFC 5280 §4.2.2.2,
        SubjectInfoAccess = oid("1.3.6.1.5.5.7.1.11"), "subjectInfoAccess";
        /// RFC 6962 §3.3,
        SignedCertificateTimestamps = oid("1.3.6.1.4.1.11129.2.4.2"), "signedCertificateTimestampList";
        /// RFC 7633 §6,
        TlsFeature = oid("1.3.6.1.5.5.7.1.24"), "tlsFeature";
        /// [MS-WCCE] §2.2.2.7.7.1,
        MsCertificateTemplateName = oid("1.3.6.1.4.1.311.20.2"), "msCertificateTemplateName";
        /// [MS-WCCE] §2.2.2.7.7.2,
        MsCertificateTemplate = oid("1.3.6.1.4.1.311.21.7"), "msCertificateTemplate";
        /// [MS-WCCE] §2.2.2.7.7.3,
        MsApplicationPolicies = oid("1.3.6.1.4.1.311.21.10"), "msApplicationPolicies";
        /// [MS-WCCE] §2.2.2.7.7.4,
        MsNtdsSecurity = oid("1.3.6.1.4.1.311.25.2"), "msNtdsSecurity";
        /// RFC 8551 §2.5.2,
        SmimeCapabilities = oid("1.2.840.113549.1.9.15"), "sMIMECapabilities";
        /// Netscape's predecessor of key usage,
        NetscapeCertType = oid("2.16.840.1.113730.1.1"), "netscapeCertType";
        /// A human-readable text,
        NetscapeComment = oid("2.16.840.1.113730.1.13"), "netscapeComment";
    }
}

identifiers! {
    /// What an authority or a subject offers somewhere (RFC 5280 §4.2.2).
    pub enum AccessMethod {
        /// RFC 5280 §4.2.2.1,
        Ocsp = oid("1.3.6.1.5.5.7.48.1"), "ocsp";
        /// RFC 5280 §4.2.2.1,
        CaIssuers = oid("1.3.6.1.5.5.7.48.2"), "caIssuers";
        /// RFC 5280 §4.2.2.2,
        TimeStamping = oid("1.3.6.1.5.5.7.48.3"), "timeStamping";
        /// RFC 5280 §4.2.2.2,
        CaRepository = oid("1.3.6.1.5.5.7.48.5"), "caRepository";
    }
}

identifiers! {
    /// What is said about a policy (RFC 5280 §4.2.1.4).
    pub(crate) enum QualifierType {
        Cps = oid("1.3.6.1.5.5.7.2.1"), "cps";
        UserNotice = oid("1.3.6.1.5.5.7.2.2"), "userNotice";
    }
}

identifiers! {
    /// The type of an `otherName` (RFC 5280 §4.2.1.6).
    pub enum OtherNameType {
        /// A user of Windows,
        UserPrincipalName = oid("1.3.6.1.4.1.311.20.2.3"), "userPrincipalName";
        /// A domain controller of Windows,
        MsNtdsReplication = oid("1.3.6.1.4.1.311.25.1"), "msNtdsReplication";
        /// [MS-WCCE] §2.2.2.7.7.4,
        MsNtdsObjectSid = oid("1.3.6.1.4.1.311.25.2.1"), "msNtdsObjectSid";
        /// RFC 4556 §3.2.2,
        KerberosPrincipalName = oid("1.3.6.1.5.2.2"), "krb5PrincipalName";
        /// RFC 4043 §2,
        PermanentIdentifier = oid("1.3.6.1.5.5.7.8.3"), "permanentIdentifier";
        /// RFC 4108 §5,
        HardwareModuleName = oid("1.3.6.1.5.5.7.8.4"), "hardwareModuleName";
        /// RFC 6120 §13.7.1.4,
        XmppAddress = oid("1.3.6.1.5.5.7.8.5"), "xmppAddr";
        /// RFC 4985 §2,
        ServiceName = oid("1.3.6.1.5.5.7.8.7"), "SRVName";
        /// RFC 7585 §2.2,
        NaiRealm = oid("1.3.6.1.5.5.7.8.8"), "NAIRealm";
        /// RFC 9598 §3,
        SmtpUtf8Mailbox = oid("1.3.6.1.5.5.7.8.9"), "SmtpUTF8Mailbox";
        /// RFC 8994 §6.2.2,
        AcpNodeName = oid("1.3.6.1.5.5.7.8.10"), "AcpNodeName";
    }
}

identifiers! {
    /// A purpose of a key (RFC 5280 §4.2.1.12).
    pub(crate) enum KeyPurpose {
        AnyExtendedKeyUsage = oid("2.5.29.37.0"), "anyExtendedKeyUsage";
        ServerAuth = oid("1.3.6.1.5.5.7.3.1"), "serverAuth";
        ClientAuth = oid("1.3.6.1.5.5.7.3.2"), "clientAuth";
        CodeSigning = oid("1.3.6.1.5.5.7.3.3"), "codeSigning";
        EmailProtection = oid("1.3.6.1.5.5.7.3.4"), "emailProtection";
        TimeStamping = oid("1.3.6.1.5.5.7.3.8"), "timeStamping";
        OcspSigning = oid("1.3.6.1.5.5.7.3.9"), "OCSPSigning";
        MsEncryptingFileSystem = oid("1.3.6.1.4.1.311.10.3.4"), "msEncryptingFileSystem";
        MsEnrollmentAgent = oid("1.3.6.1.4.1.311.20.2.1"), "msEnrollmentAgent";
        MsSmartcardLogin = oid("1.3.6.1.4.1.311.20.2.2"), "msSmartcardLogin";
        PkinitClientAuth = oid("1.3.6.1.5.2.3.4"), "pkinitKPClientAuth";
        PkinitKdc = oid("1.3.6.1.5.2.3.5"), "pkinitKPKdc";
    }
}

identifiers! {
    /// The algorithm of a signature.
    pub(crate) enum SignatureType {
        Md5WithRsa = oid("1.2.840.113549.1.1.4"), "md5WithRSAEncryption";
        Sha1WithRsa = oid("1.2.840.113549.1.1.5"), "sha1WithRSAEncryption";
        Sha224WithRsa = oid("1.2.840.113549.1.1.14"), "sha224WithRSAEncryption";
        Sha256WithRsa = oid("1.2.840.113549.1.1.11"), "sha256WithRSAEncryption";
        Sha384WithRsa = oid("1.2.840.113549.1.1.12"), "sha384WithRSAEncryption";
        Sha512WithRsa = oid("1.2.840.113549.1.1.13"), "sha512WithRSAEncryption";
        RsaPss = RSASSA_PSS, "RSASSA-PSS";
        EcdsaWithSha1 = oid("1.2.840.10045.4.1"), "ecdsa-with-SHA1";
        EcdsaWithSha224 = oid("1.2.840.10045.4.3.1"), "ecdsa-with-SHA224";
        EcdsaWithSha256 = oid("1.2.840.10045.4.3.2"), "ecdsa-with-SHA256";
        EcdsaWithSha384 = oid("1.2.840.10045.4.3.3"), "ecdsa-with-SHA384";
        EcdsaWithSha512 = oid("1.2.840.10045.4.3.4"), "ecdsa-with-SHA512";
        DsaWithSha1 = oid("1.2.840.10040.4.3"), "dsa-with-SHA1";
        DsaWithSha256 = oid("2.16.840.1.101.3.4.3.2"), "dsa-with-SHA256";
        MlDsa44 = ML_DSA_44, "ML-DSA-44";
        MlDsa65 = ML_DSA_65, "ML-DSA-65";
        MlDsa87 = ML_DSA_87, "ML-DSA-87";
        Ed25519 = ED25519, "Ed25519";
        Ed448 = ED448, "Ed448";
        Sm2WithSm3 = oid("1.2.156.10197.1.501"), "SM2-with-SM3";
    }
}

impl SignatureType {
    /// Whether its hash is MD5 or SHA-1, whose collisions are known. The hash of RSASSA-PSS is in its parameters.
    pub(crate) const fn has_weak_hash(self) -> bool {
        matches!(self, Self::Md5WithRsa | Self::Sha1WithRsa | Self::EcdsaWithSha1 | Self::DsaWithSha1)
    }
}

/// The identifier of a hash function, by which the parameters of RSASSA-PSS name it (RFC 4055 §2.1).
pub(crate) const fn digest_oid(digest: Digest) -> ObjectIdentifier {
    match digest {
        Digest::Sha256 => const { oid("2.16.840.1.101.3.4.2.1") },
        Digest::Sha384 => const { oid("2.16.840.1.101.3.4.2.2") },
        Digest::Sha512 => const { oid("2.16.840.1.101.3.4.2.3") },
    }
}

/// The hash function with this identifier, if it is one of the three.
pub(crate) fn digest_named(oid: impl AsRef<[u8]>) -> Option<Digest> {
    let oid = oid.as_ref();
    Digest::ALL.into_iter().find(|digest| digest_oid(*digest).as_bytes() == oid)
}

identifiers! {
    /// The algorithm of a key.
    pub(crate) enum KeyType {
        Rsa = oid("1.2.840.113549.1.1.1"), "RSA";
        RsaPss = RSASSA_PSS, "RSA-PSS";
        RsaOaep = oid("1.2.840.113549.1.1.7"), "RSAES-OAEP";
        /// Every curve but SM2's under its own identifier (RFC 5480 §2.1.1, GB/T 35276).
        Ec = oid("1.2.840.10045.2.1"), "EC";
        Sm2 = SM2P256V1, "SM2";
        Ed25519 = ED25519, "Ed25519";
        Ed448 = ED448, "Ed448";
        X25519 = oid("1.3.101.110"), "X25519";
        X448 = oid("1.3.101.111"), "X448";
        Dsa = oid("1.2.840.10040.4.1"), "DSA";
        DhPkcs3 = oid("1.2.840.113549.1.3.1"), "Diffie-Hellman";
        DhX942 = oid("1.2.840.10046.2.1"), "Diffie-Hellman";
        Ecdh = oid("1.3.132.1.12"), "ECDH";
        Ecmqv = oid("1.3.132.1.13"), "ECMQV";
        ElGamal = oid("1.3.14.7.2.1.1"), "ElGamal";
        Gost2001 = oid("1.2.643.2.2.19"), "GOST R 34.10-2001";
        Gost94 = oid("1.2.643.2.2.20"), "GOST R 34.10-94";
        Gost2012With256 = oid("1.2.643.7.1.1.1.1"), "GOST R 34.10-2012";
        Gost2012With512 = oid("1.2.643.7.1.1.1.2"), "GOST R 34.10-2012";
        Dstu4145 = oid("1.2.804.2.1.1.1.1.3.1"), "DSTU 4145";
        Dstu4145LittleEndian = oid("1.2.804.2.1.1.1.1.3.1.1"), "DSTU 4145";
        Kcdsa = oid("1.2.410.200004.1.1"), "KCDSA";
        Sm9 = oid("1.2.156.10197.1.302"), "SM9";
        Sm9Sign = oid("1.2.156.10197.1.302.1"), "SM9";
        Sm9Exchange = oid("1.2.156.10197.1.302.2"), "SM9";
        Sm9Encrypt = oid("1.2.156.10197.1.302.3"), "SM9";
        MlDsa44 = ML_DSA_44, "ML-DSA-44";
        MlDsa65 = ML_DSA_65, "ML-DSA-65";
        MlDsa87 = ML_DSA_87, "ML-DSA-87";
        MlKem512 = oid("2.16.840.1.101.3.4.4.1"), "ML-KEM-512";
        MlKem768 = oid("2.16.840.1.101.3.4.4.2"), "ML-KEM-768";
        MlKem1024 = oid("2.16.840.1.101.3.4.4.3"), "ML-KEM-1024";
        HssLms = oid("1.2.840.113549.1.9.16.3.17"), "HSS/LMS";
        Xmss = oid("1.3.6.1.5.5.7.6.34"), "XMSS";
        XmssMt = oid("1.3.6.1.5.5.7.6.35"), "XMSS^MT";
    }
}

impl KeyType {
    /// Whether its keys can only agree on or encrypt other keys.
    pub(crate) const fn cannot_sign(self) -> bool {
        use KeyType::{DhPkcs3, DhX942, Ecdh, Ecmqv, MlKem512, MlKem768, MlKem1024, RsaOaep, X448, X25519};
        matches!(
            self,
            RsaOaep | DhPkcs3 | DhX942 | X25519 | X448 | Ecdh | Ecmqv | MlKem512 | MlKem768 | MlKem1024
        )
    }
}

identifiers! {
    /// How a private key is encrypted: schemes, ciphers, key derivations and their PRFs, by OpenSSL's names (RFC 8018 A.3 and
    /// B.1, RFC 7292 Appendix C, RFC 7914 §7).
    pub(crate) enum Encryption {
        Pbes2 = oid("1.2.840.113549.1.5.13"), "PBES2";
        Pbkdf2 = oid("1.2.840.113549.1.5.12"), "PBKDF2";
        Scrypt = oid("1.3.6.1.4.1.11591.4.11"), "scrypt";
        PbeSha1DesEde3 = oid("1.2.840.113549.1.12.1.3"), "PBE-SHA1-3DES";
        PbeSha1DesEde2 = oid("1.2.840.113549.1.12.1.4"), "PBE-SHA1-2DES";
        PbeMd2Des = oid("1.2.840.113549.1.5.1"), "PBE-MD2-DES";
        PbeMd5Des = oid("1.2.840.113549.1.5.3"), "PBE-MD5-DES";
        PbeMd2Rc2 = oid("1.2.840.113549.1.5.4"), "PBE-MD2-RC2-64";
        PbeMd5Rc2 = oid("1.2.840.113549.1.5.6"), "PBE-MD5-RC2-64";
        PbeSha1Des = oid("1.2.840.113549.1.5.10"), "PBE-SHA1-DES";
        PbeSha1Rc2 = oid("1.2.840.113549.1.5.11"), "PBE-SHA1-RC2-64";
        PbeSha1Rc4_128 = oid("1.2.840.113549.1.12.1.1"), "PBE-SHA1-RC4-128";
        PbeSha1Rc4_40 = oid("1.2.840.113549.1.12.1.2"), "PBE-SHA1-RC4-40";
        PbeSha1Rc2_128 = oid("1.2.840.113549.1.12.1.5"), "PBE-SHA1-RC2-128";
        PbeSha1Rc2_40 = oid("1.2.840.113549.1.12.1.6"), "PBE-SHA1-RC2-40";
        Pbmac1 = oid("1.2.840.113549.1.5.14"), "PBMAC1";
        JavaKeyProtector = oid("1.3.6.1.4.1.42.2.17.1.1"), "Java's own key protector";
        Aes128Cbc = oid("2.16.840.1.101.3.4.1.2"), "AES-128-CBC";
        Aes192Cbc = oid("2.16.840.1.101.3.4.1.22"), "AES-192-CBC";
        Aes256Cbc = oid("2.16.840.1.101.3.4.1.42"), "AES-256-CBC";
        Sm4Cbc = oid("1.2.156.10197.1.104.2"), "SM4-CBC";
        DesEde3Cbc = oid("1.2.840.113549.3.7"), "DES-EDE3-CBC";
        Aes128Ofb = oid("2.16.840.1.101.3.4.1.3"), "AES in OFB mode";
        Aes192Ofb = oid("2.16.840.1.101.3.4.1.23"), "AES in OFB mode";
        Aes256Ofb = oid("2.16.840.1.101.3.4.1.43"), "AES in OFB mode";
        Aes128Cfb = oid("2.16.840.1.101.3.4.1.4"), "AES in CFB mode";
        Aes192Cfb = oid("2.16.840.1.101.3.4.1.24"), "AES in CFB mode";
        Aes256Cfb = oid("2.16.840.1.101.3.4.1.44"), "AES in CFB mode";
        Aes128Gcm = oid("2.16.840.1.101.3.4.1.6"), "AES in GCM mode";
        Aes192Gcm = oid("2.16.840.1.101.3.4.1.26"), "AES in GCM mode";
        Aes256Gcm = oid("2.16.840.1.101.3.4.1.46"), "AES in GCM mode";
        Sm4Ofb = oid("1.2.156.10197.1.104.3"), "SM4 in a mode other than CBC";
        Sm4Cfb = oid("1.2.156.10197.1.104.4"), "SM4 in a mode other than CBC";
        Sm4Ctr = oid("1.2.156.10197.1.104.7"), "SM4 in a mode other than CBC";
        Sm4Gcm = oid("1.2.156.10197.1.104.8"), "SM4 in GCM mode";
        DesCbc = oid("1.3.14.3.2.7"), "DES-CBC";
        Rc2Cbc = oid("1.2.840.113549.3.2"), "RC2-CBC";
        Rc4 = oid("1.2.840.113549.3.4"), "RC4";
        Rc5Cbc = oid("1.2.840.113549.3.9"), "RC5-CBC";
        BlowfishCbc = oid("1.3.6.1.4.1.3029.1.2"), "BF-CBC";
        Cast5Cbc = oid("1.2.840.113533.7.66.10"), "CAST5-CBC";
        IdeaCbc = oid("1.3.6.1.4.1.188.7.1.1.2"), "IDEA-CBC";
        SeedCbc = oid("1.2.410.200004.1.4"), "SEED-CBC";
        Aria128Cbc = oid("1.2.410.200046.1.1.2"), "ARIA-128-CBC";
        Aria192Cbc = oid("1.2.410.200046.1.1.7"), "ARIA-192-CBC";
        Aria256Cbc = oid("1.2.410.200046.1.1.12"), "ARIA-256-CBC";
        Camellia128Cbc = oid("1.2.392.200011.61.1.1.1.2"), "CAMELLIA-128-CBC";
        Camellia192Cbc = oid("1.2.392.200011.61.1.1.1.3"), "CAMELLIA-192-CBC";
        Camellia256Cbc = oid("1.2.392.200011.61.1.1.1.4"), "CAMELLIA-256-CBC";
        Gost28147 = oid("1.2.643.2.2.21"), "GOST 28147-89";
        MagmaCtr = oid("1.2.643.7.1.1.5.1.1"), "Magma";
        MagmaCtrOmac = oid("1.2.643.7.1.1.5.1.2"), "Magma";
        KuznyechikCtr = oid("1.2.643.7.1.1.5.2.1"), "Kuznyechik";
        KuznyechikCtrOmac = oid("1.2.643.7.1.1.5.2.2"), "Kuznyechik";
        HmacMd5 = oid("1.2.840.113549.2.6"), "hmacWithMD5";
        HmacSha1 = oid("1.2.840.113549.2.7"), "hmacWithSHA1";
        HmacSha224 = oid("1.2.840.113549.2.8"), "hmacWithSHA224";
        HmacSha256 = oid("1.2.840.113549.2.9"), "hmacWithSHA256";
        HmacSha384 = oid("1.2.840.113549.2.10"), "hmacWithSHA384";
        HmacSha512 = oid("1.2.840.113549.2.11"), "hmacWithSHA512";
        HmacSha512_224 = oid("1.2.840.113549.2.12"), "hmacWithSHA512-224";
        HmacSha512_256 = oid("1.2.840.113549.2.13"), "hmacWithSHA512-256";
        /// GmSSL's identifier,
        HmacSm3 = oid("1.2.156.10197.1.401.2"), "hmacWithSM3";
        /// and OpenSSL's,
        HmacSm3OfOpenssl = oid("1.2.156.10197.1.401.3.1"), "hmacWithSM3";
        HmacSha3_224 = oid("2.16.840.1.101.3.4.2.13"), "hmacWithSHA3-224";
        HmacSha3_256 = oid("2.16.840.1.101.3.4.2.14"), "hmacWithSHA3-256";
        HmacSha3_384 = oid("2.16.840.1.101.3.4.2.15"), "hmacWithSHA3-384";
        HmacSha3_512 = oid("2.16.840.1.101.3.4.2.16"), "hmacWithSHA3-512";
        HmacGost94 = oid("1.2.643.2.2.10"), "hmacWithGostR3411-94";
        HmacGost2012With256 = oid("1.2.643.7.1.1.4.1"), "hmacWithGostR3411-2012";
        HmacGost2012With512 = oid("1.2.643.7.1.1.4.2"), "hmacWithGostR3411-2012";
    }
}

/// A curve that is not among the constants: its name, and its size in bits (SEC 2, X9.62, RFC 5639, ANSSI).
pub(crate) fn other_curve(oid: impl AsRef<[u8]>) -> Option<(&'static str, u32)> {
    let oid = oid.as_ref();
    OTHER_CURVES.iter().find(|(known, ..)| known.as_bytes() == oid).map(|(_, name, bits)| (*name, *bits))
}

const OTHER_CURVES: &[(ObjectIdentifier, &str, u32)] = &[
    (oid("1.3.132.0.1"), "sect163k1", 163),
    (oid("1.3.132.0.2"), "sect163r1", 163),
    (oid("1.3.132.0.3"), "sect239k1", 239),
    (oid("1.3.132.0.4"), "sect113r1", 113),
    (oid("1.3.132.0.5"), "sect113r2", 113),
    (oid("1.3.132.0.6"), "secp112r1", 112),
    (oid("1.3.132.0.7"), "secp112r2", 112),
    (oid("1.3.132.0.8"), "secp160r1", 160),
    (oid("1.3.132.0.9"), "secp160k1", 160),
    (oid("1.3.132.0.10"), "secp256k1", 256),
    (oid("1.3.132.0.15"), "sect163r2", 163),
    (oid("1.3.132.0.16"), "sect283k1", 283),
    (oid("1.3.132.0.17"), "sect283r1", 283),
    (oid("1.3.132.0.22"), "sect131r1", 131),
    (oid("1.3.132.0.23"), "sect131r2", 131),
    (oid("1.3.132.0.24"), "sect193r1", 193),
    (oid("1.3.132.0.25"), "sect193r2", 193),
    (oid("1.3.132.0.26"), "sect233k1", 233),
    (oid("1.3.132.0.27"), "sect233r1", 233),
    (oid("1.3.132.0.28"), "secp128r1", 128),
    (oid("1.3.132.0.29"), "secp128r2", 128),
    (oid("1.3.132.0.30"), "secp160r2", 160),
    (oid("1.3.132.0.31"), "secp192k1", 192),
    (oid("1.3.132.0.32"), "secp224k1", 224),
    (oid("1.3.132.0.33"), "P-224", 224),
    (oid("1.3.132.0.36"), "sect409k1", 409),
    (oid("1.3.132.0.37"), "sect409r1", 409),
    (oid("1.3.132.0.38"), "sect571k1", 571),
    (oid("1.3.132.0.39"), "sect571r1", 571),
    (oid("1.2.840.10045.3.1.1"), "P-192", 192),
    (oid("1.2.840.10045.3.1.2"), "prime192v2", 192),
    (oid("1.2.840.10045.3.1.3"), "prime192v3", 192),
    (oid("1.2.840.10045.3.1.4"), "prime239v1", 239),
    (oid("1.2.840.10045.3.1.5"), "prime239v2", 239),
    (oid("1.2.840.10045.3.1.6"), "prime239v3", 239),
    (oid("1.3.36.3.3.2.8.1.1.1"), "brainpoolP160r1", 160),
    (oid("1.3.36.3.3.2.8.1.1.2"), "brainpoolP160t1", 160),
    (oid("1.3.36.3.3.2.8.1.1.3"), "brainpoolP192r1", 192),
    (oid("1.3.36.3.3.2.8.1.1.4"), "brainpoolP192t1", 192),
    (oid("1.3.36.3.3.2.8.1.1.5"), "brainpoolP224r1", 224),
    (oid("1.3.36.3.3.2.8.1.1.6"), "brainpoolP224t1", 224),
    (oid("1.3.36.3.3.2.8.1.1.7"), "brainpoolP256r1", 256),
    (oid("1.3.36.3.3.2.8.1.1.8"), "brainpoolP256t1", 256),
    (oid("1.3.36.3.3.2.8.1.1.9"), "brainpoolP320r1", 320),
    (oid("1.3.36.3.3.2.8.1.1.10"), "brainpoolP320t1", 320),
    (oid("1.3.36.3.3.2.8.1.1.11"), "brainpoolP384r1", 384),
    (oid("1.3.36.3.3.2.8.1.1.12"), "brainpoolP384t1", 384),
    (oid("1.3.36.3.3.2.8.1.1.13"), "brainpoolP512r1", 512),
    (oid("1.3.36.3.3.2.8.1.1.14"), "brainpoolP512t1", 512),
    (oid("1.2.250.1.223.101.256.1"), "FRP256v1", 256),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The text of this file, which must write each identifier once.
    #[test]
    fn every_identifier_is_written_once() {
        let (text, _tests) = include_str!("oid.rs").split_once("#[cfg(test)]").unwrap();
        let mut seen = HashSet::new();
        for dotted in text.split("oid(\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(oid, _)| oid)
        {
            if dotted.starts_with(|c: char| c.is_ascii_digit()) {
                assert!(seen.insert(dotted), "{dotted} is written twice");
            }
        }
        assert!(seen.len() > 200, "{}", seen.len());
    }

    #[test]
    fn meaning_of_an_identifier_leads_back_to_it() {
        assert!(SubjectAttribute::ALL.iter().all(|(oid, meaning)| meaning.oid() == *oid));
        for (oid, meaning) in ExtensionType::ALL {
            assert_eq!(ExtensionType::of(oid), Some(*meaning));
        }
        assert_eq!(SubjectAttribute::of(oid("2.5.29.17")), Some(SubjectAttribute::SubjectAltName));
        assert_eq!(SubjectAttribute::of(oid("2.5.29.15")), None);
        assert_eq!(other_curve(oid("1.3.132.0.10")), Some(("secp256k1", 256)));
    }

    #[test]
    fn subject_attribute_is_read_by_each_of_its_names_and_its_identifier() {
        let mut names: Vec<_> = OTHER_NAMES.iter().map(|(name, attribute)| (*name, *attribute)).collect();
        for (oid, attribute) in SubjectAttribute::ALL {
            assert_eq!(oid.to_string().parse(), Ok(*attribute));
            names.push((attribute.as_str(), *attribute));
        }
        let mut seen = HashSet::new();
        for (name, attribute) in names {
            assert!(seen.insert(name.to_ascii_lowercase()), "{name} is written twice");
            for spelled in [name.to_owned(), name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
                assert_eq!(spelled.parse(), Ok(attribute), "{spelled}");
            }
        }
        for unknown in ["", " CN", "CN ", "CN=", "X", "2.5.4", "2.5.4.300", "1.2.3", "C\u{130}"] {
            assert_eq!(unknown.parse::<SubjectAttribute>(), Err(SubjectAttributeError), "{unknown}");
        }
    }
}
