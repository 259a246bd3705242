//! The extensions that a CSR can ask for beside its names.

use crate::Oid;

/// A bit of the key usage extension (RFC 5280 §4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyUsage {
    /// `digitalSignature` (0).
    DigitalSignature,
    /// `nonRepudiation` (1), also called contentCommitment.
    NonRepudiation,
    /// `keyEncipherment` (2).
    KeyEncipherment,
    /// `dataEncipherment` (3).
    DataEncipherment,
    /// `keyAgreement` (4).
    KeyAgreement,
    /// `keyCertSign` (5).
    KeyCertSign,
    /// `cRLSign` (6).
    CrlSign,
    /// `encipherOnly` (7).
    EncipherOnly,
    /// `decipherOnly` (8).
    DecipherOnly,
}

impl KeyUsage {
    /// All of them, in the order of their bits.
    pub const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::NonRepudiation,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];

    /// The name in RFC 5280 §4.2.1.3, as in `digitalSignature`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
            Self::EncipherOnly => "encipherOnly",
            Self::DecipherOnly => "decipherOnly",
        }
    }
}

/// A purpose of the extended key usage extension (RFC 5280 §4.2.1.12).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ExtendedKeyUsage {
    /// `id-kp-serverAuth`.
    ServerAuth,
    /// `id-kp-clientAuth`.
    ClientAuth,
    /// `id-kp-codeSigning`.
    CodeSigning,
    /// `id-kp-emailProtection`.
    EmailProtection,
    /// `id-kp-timeStamping`.
    TimeStamping,
    /// `id-kp-OCSPSigning`.
    OcspSigning,
    /// Any other purpose, by its object identifier.
    Other(Oid),
}

impl ExtendedKeyUsage {
    /// The content octets of its object identifier.
    pub(crate) fn oid(&self) -> &[u8] {
        use const_oid::db::rfc5280 as kp;
        let named = match self {
            Self::ServerAuth => &kp::ID_KP_SERVER_AUTH,
            Self::ClientAuth => &kp::ID_KP_CLIENT_AUTH,
            Self::CodeSigning => &kp::ID_KP_CODE_SIGNING,
            Self::EmailProtection => &kp::ID_KP_EMAIL_PROTECTION,
            Self::TimeStamping => &kp::ID_KP_TIME_STAMPING,
            Self::OcspSigning => &kp::ID_KP_OCSP_SIGNING,
            Self::Other(oid) => return oid.as_bytes(),
        };
        named.as_bytes()
    }
}

/// The basic constraints extension (RFC 5280 §4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BasicConstraints {
    /// Whether the holder is to be a certification authority.
    pub ca: bool,
    /// How many intermediate CAs may follow; only for a CA.
    pub path_length: Option<u8>,
}
