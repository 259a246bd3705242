use std::fmt;

use crate::OtherFile;
use crate::pem::{Label, PemError};

/// Why a certificate signing request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// The input is neither a DER structure nor a text with a PEM block.
    #[error("neither DER nor PEM: expected a certificate signing request in one of them")]
    UnknownFormat,
    /// Another kind of file, which is named.
    #[error("this is {0}, not a certificate signing request: give the request, as PEM or DER")]
    NotACsr(&'static str),
    /// The base64 of a DER file.
    #[error("this is {}", OtherFile::Base64)]
    Base64,
    /// The PEM around the request is broken.
    #[error(transparent)]
    Pem(PemError),
    /// There are PEM blocks, none of them a certificate signing request.
    #[error("no CERTIFICATE REQUEST among the PEM blocks, only {}", listed(found))]
    NotARequest {
        /// The labels of the first blocks, each once.
        found: Vec<Label>,
    },
    /// The DER is not what RFC 2986 says.
    #[error("malformed {part}: {reason}")]
    Malformed {
        /// Where.
        part: Part,
        /// What is wrong there.
        reason: &'static str,
    },
}

fn listed(labels: &[Label]) -> String {
    labels.iter().map(Label::to_string).collect::<Vec<_>>().join(", ")
}

/// The part of a certificate signing request that an error or a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The outermost structure, `CertificationRequest`.
    Request,
    /// `CertificationRequestInfo`, what is signed.
    RequestInfo,
    /// The version number.
    Version,
    /// The subject.
    Subject,
    /// `SubjectPublicKeyInfo`.
    PublicKey,
    /// The attributes.
    Attributes,
    /// The list of requested extensions.
    Extensions,
    /// The value of the extension of this name.
    Extension(&'static str),
    /// The signature algorithm.
    SignatureAlgorithm,
    /// The signature.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "certificate signing request",
            Self::RequestInfo => "certification request info",
            Self::Version => "version",
            Self::Subject => "subject",
            Self::PublicKey => "public key",
            Self::Attributes => "attributes",
            Self::Extensions => "extension request",
            Self::Extension(name) => return write!(f, "extension {name}"),
            Self::SignatureAlgorithm => "signature algorithm",
            Self::Signature => "signature",
        })
    }
}
