use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::error::Part;

/// Something about a readable request that a certificate authority may refuse, or that weakens it.
///
/// Serialised as an object of `code` and `message`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The PEM holds further requests, which were not read.
    FurtherRequests,
    /// The version is not 0 (RFC 2986 section 4.1).
    Version(u64),
    /// The attributes are missing, where RFC 2986 section 4.1 wants them present even when empty.
    AttributesAbsent,
    /// An extensionRequest without extensions, where RFC 5280 section 4.1 wants at least one.
    EmptyExtensionRequest,
    /// The elements of a SET OF are not in the order of DER (X.690 section 11.6).
    SetOrder {
        /// Where.
        part: Part,
    },
    /// An attribute occurs more than once.
    DuplicateAttribute {
        /// Its type.
        oid: String,
    },
    /// An extension occurs more than once (RFC 5280 section 4.2).
    DuplicateExtension {
        /// Its identifier.
        oid: String,
    },
    /// Neither a subject nor a subject alternative name says whom the certificate is for.
    NoNames,
    /// An RSA modulus below 2048 bits.
    SmallRsaKey {
        /// Its size.
        bits: u32,
    },
    /// The public key is a point that is not on its curve, or otherwise no key of its algorithm.
    InvalidPublicKey,
    /// The public key is a compressed point, which many tools cannot read.
    CompressedPoint,
    /// A signature over a hash whose collisions are known.
    WeakHash {
        /// The signature algorithm.
        algorithm: String,
    },
    /// The parameters of an `AlgorithmIdentifier` are not NULL or absent as its standard requires.
    Parameters {
        /// Whose parameters: the public key's or the signature algorithm's.
        part: Part,
    },
}

impl Warning {
    /// The warning's name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FurtherRequests => "further_requests",
            Self::Version(_) => "version",
            Self::AttributesAbsent => "attributes_absent",
            Self::EmptyExtensionRequest => "empty_extension_request",
            Self::SetOrder { .. } => "set_order",
            Self::DuplicateAttribute { .. } => "duplicate_attribute",
            Self::DuplicateExtension { .. } => "duplicate_extension",
            Self::NoNames => "no_names",
            Self::SmallRsaKey { .. } => "small_rsa_key",
            Self::InvalidPublicKey => "invalid_public_key",
            Self::CompressedPoint => "compressed_point",
            Self::WeakHash { .. } => "weak_hash",
            Self::Parameters { .. } => "parameters",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FurtherRequests => f.write_str("the input holds further requests, which were not read"),
            Self::Version(version) => write!(f, "the version number is {version}, it must be 0"),
            Self::AttributesAbsent => {
                f.write_str("the attributes are absent, they must be present even when empty")
            }
            Self::EmptyExtensionRequest => f.write_str("the extension request is empty"),
            Self::SetOrder { part } => write!(f, "{part}: a SET is not in DER order"),
            Self::DuplicateAttribute { oid } => write!(f, "the attribute {oid} occurs more than once"),
            Self::DuplicateExtension { oid } => write!(f, "the extension {oid} occurs more than once"),
            Self::NoNames => f.write_str("there is neither a subject nor a subject alternative name"),
            Self::SmallRsaKey { bits } => {
                write!(f, "the RSA key has {bits} bits, 2048 is the least that is accepted")
            }
            Self::InvalidPublicKey => f.write_str("the public key is no valid key of its algorithm"),
            Self::CompressedPoint => f.write_str("the public key is a compressed point"),
            Self::WeakHash { algorithm } => {
                write!(f, "the signature algorithm {algorithm} uses a broken hash")
            }
            Self::Parameters { part } => {
                write!(f, "the parameters of the {part} are not as its standard requires")
            }
        }
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut warning = serializer.serialize_struct("Warning", 2)?;
        warning.serialize_field("code", self.code())?;
        warning.serialize_field("message", &self.to_string())?;
        warning.end()
    }
}
