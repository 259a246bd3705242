//! The problems, their codes and messages.

use std::fmt;

use csr_model::Excerpt;

use crate::SubjectAttribute;
use crate::inspect::value::Thousands;
use crate::inspect::{GeneralNameKind, PublicKeyAlgorithm, Warning};
use crate::spec::{ExtendedKeyUsage, KeyUsage};

/// Why others can find the private key of an RSA key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RsaWeakness {
    /// The modulus has this prime factor.
    SmallFactor(u32),
    /// The primes are so close to each other that Fermat's method finds them within 100 rounds.
    ClosePrimes,
    /// The modulus has the form of CVE-2017-15361 (ROCA).
    Roca,
}

/// Something about a readable request that a public certificate authority would refuse, or soon will.
///
/// What it quotes of the request is an [`Excerpt`], so its text is bounded and printable.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A warning of the inspection that such authorities don't accept.
    Warning(Warning),
    /// A key of another algorithm than RSA, or of another curve than P-256, P-384 and P-521.
    KeyAlgorithm {
        /// The algorithm.
        algorithm: PublicKeyAlgorithm,
    },
    /// An RSA modulus that is too small.
    RsaKeySize {
        /// Its size.
        bits: u32,
        /// The smallest size that is accepted.
        min: u32,
    },
    /// An RSA modulus that is too large to be examined.
    RsaKeyTooLarge {
        /// Its size.
        bits: u32,
        /// The largest size that is examined.
        max: u32,
    },
    /// An RSA modulus whose size in bits is not a multiple of 8.
    RsaKeyBits {
        /// Its size.
        bits: u32,
    },
    /// A public exponent that is even, below 65537 or above 2²⁵⁶.
    RsaExponent,
    /// An RSA key that others can break.
    WeakRsaKey(RsaWeakness),
    /// The signature does not hold.
    Signature,
    /// No subject alternative name is a host or an address.
    NoHost,
    /// A subject alternative name of a kind that certificates of TLS servers don't have.
    NameKind {
        /// The kind in RFC 5280.
        kind: GeneralNameKind,
    },
    /// A name that the public DNS does not have.
    InternalName {
        /// The name.
        value: Excerpt,
    },
    /// A name below `in-addr.arpa` or `ip6.arpa`.
    ReverseZone {
        /// The name.
        value: Excerpt,
    },
    /// A name below `onion` that is not of version 3.
    OnionName {
        /// The name.
        value: Excerpt,
    },
    /// A label with hyphens in its third and fourth places that is no A-label.
    ReservedLabel {
        /// The name.
        value: Excerpt,
    },
    /// An address that is not globally assigned to anyone.
    ReservedAddress {
        /// The address.
        address: std::net::IpAddr,
        /// What the block is for.
        block: &'static str,
    },
    /// A subject alternative name that occurs more than once.
    DuplicateName {
        /// The name.
        value: Excerpt,
    },
    /// More names than most authorities take.
    ManyNames {
        /// How many there are.
        found: usize,
        /// How many are taken.
        max: usize,
    },
    /// The subject is empty, and the extension of the names not critical.
    NotCritical,
    /// The subject is not empty, and the extension of the names critical.
    Critical,
    /// A common name that is none of the subject alternative names.
    CommonName {
        /// The common name.
        value: Excerpt,
    },
    /// A common name that is an address.
    AddressAsCommonName {
        /// The common name.
        value: Excerpt,
    },
    /// An organizational unit in the subject.
    OrganizationalUnit,
    /// A value in the subject that says nothing.
    SaysNothing {
        /// The attribute's type, by its short name where it has one.
        name: String,
        /// The value.
        value: Excerpt,
    },
    /// A relative distinguished name of several attributes.
    MultiValuedName,
    /// An attribute that occurs more than once in the subject.
    RepeatedAttribute {
        /// The attribute's short name.
        name: SubjectAttribute,
    },
    /// The request is for a certificate authority.
    Authority,
    /// A key usage that the key or the certificate cannot have.
    KeyUsage {
        /// The usage.
        usage: KeyUsage,
        /// The key's algorithm.
        algorithm: PublicKeyAlgorithm,
    },
    /// The key usage extension has no bit that lets a TLS server use the key.
    NoUsage {
        /// What is missing.
        usage: KeyUsage,
    },
    /// A key purpose beside that of a TLS server.
    Purpose {
        /// The purpose.
        purpose: ExtendedKeyUsage,
    },
    /// The purpose of TLS clients beside that of servers.
    ClientAuth,
    /// Further problems of a code of which several differ.
    MoreOfKind {
        /// The code.
        code: &'static str,
    },
}

impl Problem {
    /// The problem's name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Warning(warning) => warning.code(),
            Self::KeyAlgorithm { .. } => "key_algorithm",
            Self::RsaKeySize { .. } => "rsa_key_size",
            Self::RsaKeyTooLarge { .. } => "rsa_key_too_large",
            Self::RsaKeyBits { .. } => "rsa_key_bits",
            Self::RsaExponent => "rsa_exponent",
            Self::WeakRsaKey(RsaWeakness::SmallFactor(_)) => "rsa_small_factor",
            Self::WeakRsaKey(RsaWeakness::ClosePrimes) => "rsa_close_primes",
            Self::WeakRsaKey(RsaWeakness::Roca) => "rsa_roca",
            Self::Signature => "signature",
            Self::NoHost => "no_host",
            Self::NameKind { .. } => "name_kind",
            Self::InternalName { .. } => "internal_name",
            Self::ReverseZone { .. } => "reverse_zone",
            Self::OnionName { .. } => "onion_name",
            Self::ReservedLabel { .. } => "reserved_label",
            Self::ReservedAddress { .. } => "reserved_address",
            Self::DuplicateName { .. } => "duplicate_name",
            Self::ManyNames { .. } => "many_names",
            Self::NotCritical => "names_not_critical",
            Self::Critical => "names_critical",
            Self::CommonName { .. } => "common_name",
            Self::AddressAsCommonName { .. } => "address_as_common_name",
            Self::OrganizationalUnit => "organizational_unit",
            Self::SaysNothing { .. } => "says_nothing",
            Self::MultiValuedName => "multi_valued_name",
            Self::RepeatedAttribute { .. } => "repeated_attribute",
            Self::Authority => "authority",
            Self::KeyUsage { .. } => "key_usage",
            Self::NoUsage { .. } => "no_usage",
            Self::Purpose { .. } => "purpose",
            Self::ClientAuth => "client_auth",
            Self::MoreOfKind { code } => code,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Warning(warning) => warning.fmt(f),
            Self::KeyAlgorithm { algorithm } => {
                write!(f, "the key must be RSA or EC on P-256, P-384 or P-521, not {algorithm}")
            }
            Self::RsaKeySize { bits, min } => {
                write!(f, "the RSA key must have at least {min} bits, not {bits}")
            }
            Self::RsaKeyTooLarge { bits, max } => write!(
                f,
                "the RSA key must have at most {} bits, not {}: larger keys are not examined for weaknesses",
                Thousands(*max as usize),
                Thousands(*bits as usize)
            ),
            Self::RsaKeyBits { bits } => {
                write!(f, "the RSA key's size must be a multiple of 8 bits, not {bits}")
            }
            Self::RsaExponent => f.write_str(
                "the RSA key's public exponent must be odd, at least 65537 and below 2^256: make a new key",
            ),
            Self::WeakRsaKey(weakness) => match weakness {
                RsaWeakness::SmallFactor(factor) => {
                    write!(f, "the RSA key is broken, for {factor} divides its modulus: make a new key")
                }
                RsaWeakness::ClosePrimes => f.write_str(
                    "the RSA key is broken, for its primes are too close to each other (Fermat's method): make \
                     a new key",
                ),
                RsaWeakness::Roca => f.write_str(
                    "the RSA key is broken, for its modulus has the form of CVE-2017-15361 (ROCA): make a new \
                     key with other software",
                ),
            },
            Self::Signature => {
                f.write_str("the signature does not hold: make the request again with the private key")
            }
            Self::NoHost => f.write_str(
                "the extension subjectAltName must name a host or an address: a common name is not enough",
            ),
            Self::NameKind { kind } => {
                write!(f, "the subject alternative names must be hosts and addresses, not of the kind {kind}")
            }
            Self::InternalName { value } => write!(
                f,
                "the name {value} must be below a public top-level domain: use an internal certificate authority \
                 for internal names"
            ),
            Self::ReverseZone { value } => {
                write!(f, "the name {value} must not be below in-addr.arpa or ip6.arpa")
            }
            Self::OnionName { value } => write!(
                f,
                "the name {value} must have 56 characters from a to z and 2 to 7 before .onion (version 3)"
            ),
            Self::ReservedLabel { value } => write!(
                f,
                "the name {value} must have no hyphens in the third and fourth places of a label, unless it begins \
                 with xn--"
            ),
            Self::ReservedAddress { address, block } => {
                write!(f, "the address {address} must be a public one; its block is reserved for {block}")
            }
            Self::DuplicateName { value } => write!(f, "the name {value} must be listed once"),
            Self::ManyNames { found, max } => write!(
                f,
                "there are {} names, and many authorities take at most {}: split the request",
                Thousands(*found),
                Thousands(*max)
            ),
            Self::NotCritical => {
                f.write_str("the extension subjectAltName must be critical, because the subject is empty")
            }
            Self::Critical => f.write_str(
                "the extension subjectAltName must not be critical, because the subject is not empty",
            ),
            Self::CommonName { value } => write!(
                f,
                "the common name {value} must be a copy of one of the subject alternative names, or be left out"
            ),
            Self::AddressAsCommonName { value } => write!(
                f,
                "the common name {value} must not be an address: list it as a subject alternative name only"
            ),
            Self::OrganizationalUnit => f.write_str("the subject must not have an OU (since 2022-09-01)"),
            Self::SaysNothing { name, value } => {
                write!(f, "{name} must say something or be left out, and not be {value}")
            }
            Self::MultiValuedName => {
                f.write_str("each relative name of the subject must have one attribute, not several")
            }
            Self::RepeatedAttribute { name } => {
                write!(f, "the subject must have {name} once, not several times")
            }
            Self::Authority => f.write_str(
                "basicConstraints must not ask for a CA: public authorities certify other CAs by contract only",
            ),
            Self::KeyUsage { usage, algorithm } => {
                write!(f, "keyUsage must not have {usage} for a TLS server with a key of {algorithm}")
            }
            Self::NoUsage { usage } => write!(f, "keyUsage must have {usage} for a TLS server"),
            Self::Purpose { purpose } => {
                write!(f, "extKeyUsage must not have {purpose} for a TLS server")
            }
            Self::ClientAuth => f.write_str(
                "extKeyUsage must not have clientAuth beside serverAuth (for certificates from 2027-03-15)",
            ),
            Self::MoreOfKind { code } => write!(f, "further findings of the kind {code}"),
        }
    }
}
