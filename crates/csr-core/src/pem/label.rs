use core::fmt;

/// The label of a PEM block, in a form that an error may show: the file may be a private key, and
/// the text in place of a label may be a piece of it.
///
/// A label is quoted if it is one that OpenSSL, GnuTLS, GmSSL, OpenSSH, Java's tools and PGP write,
/// or if it consists of capitals and digits in words (RFC 7468 §3) and is at most 19 characters
/// long. Any other prints as "an unknown label".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label(Inner);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Inner {
    Known(&'static str),
    Short(Box<str>),
    Unknown,
}

/// Never show 20 characters of a secret.
const SHOWN_MAX: usize = 19;

const KNOWN: &[&str] = &[
    "ANY PRIVATE KEY",
    "ATTRIBUTE CERTIFICATE",
    "CERTIFICATE",
    "CERTIFICATE CHAIN",
    "CERTIFICATE REQUEST",
    "CMS",
    "DH PARAMETERS",
    "DSA PARAMETERS",
    "DSA PRIVATE KEY",
    "DSA PUBLIC KEY",
    "EC PARAMETERS",
    "EC PRIVATE KEY",
    "EC PUBLIC KEY",
    "ECDSA PUBLIC KEY",
    "ENCRYPTED COSIGN PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "ENCRYPTED SIGSTORE PRIVATE KEY",
    "ENCRYPTED SM9 ENC MASTER KEY",
    "ENCRYPTED SM9 ENC PRIVATE KEY",
    "ENCRYPTED SM9 SIGN MASTER KEY",
    "ENCRYPTED SM9 SIGN PRIVATE KEY",
    "NEW CERTIFICATE REQUEST",
    "OPENSSH PRIVATE KEY",
    "OpenVPN Static key V1",
    "PARAMETERS",
    "PGP MESSAGE",
    "PGP PRIVATE KEY BLOCK",
    "PGP PUBLIC KEY BLOCK",
    "PGP SIGNATURE",
    "PGP SIGNED MESSAGE",
    "PKCS #7 SIGNED DATA",
    "PKCS12",
    "PKCS7",
    "PRIVATE KEY",
    "PUBLIC KEY",
    "RSA PRIVATE KEY",
    "RSA PUBLIC KEY",
    "RSA-PSS PRIVATE KEY",
    "SM2 PARAMETERS",
    "SM2 PRIVATE KEY",
    "SM2 PUBLIC KEY",
    "SM9 ENC MASTER PUBLIC KEY",
    "SM9 SIGN MASTER PUBLIC KEY",
    "SSH2 ENCRYPTED PRIVATE KEY",
    "SSL SESSION PARAMETERS",
    "TRUSTED CERTIFICATE",
    "TSS PRIVATE KEY",
    "TSS2 PRIVATE KEY",
    "X509 CERTIFICATE",
    "X509 CRL",
    "X9.42 DH PARAMETERS",
];

impl Label {
    /// The label in a boundary, with any blanks between its words.
    pub(super) fn new(found: &[u8]) -> Self {
        let Ok(found) = core::str::from_utf8(found) else { return Self(Inner::Unknown) };
        let words = || found.split_whitespace();
        if let Some(known) = KNOWN.iter().find(|known| known.split(' ').eq(words())) {
            return Self(Inner::Known(known));
        }
        let label = words().collect::<Vec<_>>().join(" ");
        let is_word =
            |word: &str| word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if label.is_empty() || label.len() > SHOWN_MAX || !words().all(is_word) {
            return Self(Inner::Unknown);
        }
        Self(Inner::Short(label.into()))
    }

    /// The label; `None` if it must not be shown.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Inner::Known(label) => Some(label),
            Inner::Short(label) => Some(label),
            Inner::Unknown => None,
        }
    }

    /// Whether the block is a private key of some kind.
    pub(crate) fn is_private_key(&self) -> bool {
        self.as_str().is_some_and(|label| label.ends_with("PRIVATE KEY"))
    }
}

/// In quotes, or "an unknown label".
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(label) => write!(f, "\"{label}\""),
            None => f.write_str("an unknown label"),
        }
    }
}
