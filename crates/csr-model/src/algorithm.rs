use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Excerpt;

/// The value is none of the documented ones, which the message lists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}, not {given}", .known.join(", "))]
pub struct UnknownName {
    /// The given value.
    pub given: Excerpt,
    /// The documented values.
    pub known: &'static [&'static str],
}

/// Defines an enum over the API's closed list of names: parsing, printing and serde all use that one list.
macro_rules! named_enum {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            const NAMES: &'static [&'static str] = &[$($text),+];

            /// The value's name in the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| UnknownName {
                    given: Excerpt::of(text),
                    known: Self::NAMES,
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = UnknownName;

            fn try_from(text: String) -> Result<Self, UnknownName> {
                text.parse()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                crate::openapi::one_of(concat!($($doc,)*), Self::NAMES)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl From<$name> for &'static str {
            fn from(value: $name) -> Self {
                value.as_str()
            }
        }
    };
}

named_enum! {
    /// The API's `private_key_algo`: the algorithm and size of the key to generate.
    PrivateKeyAlgo {
        /// RSA with a modulus of 2048 bits.
        Rsa2048 = "RSA_2048",
        /// RSA with a modulus of 3072 bits.
        Rsa3072 = "RSA_3072",
        /// RSA with a modulus of 4096 bits.
        Rsa4096 = "RSA_4096",
        /// ECDSA on NIST P-256 (secp256r1).
        EcP256 = "EC_P256",
        /// ECDSA on NIST P-384 (secp384r1).
        EcP384 = "EC_P384",
        /// SM2 signatures on sm2p256v1 (GB/T 32918).
        Sm2 = "SM2",
    }
}

named_enum! {
    /// The API's `usage`: who the certificate is for.
    Usage {
        /// A person: the company fields are optional.
        Personal = "PERSONAL",
        /// An organization: the four company fields are mandatory.
        Enterprise = "ENTERPRISE",
    }
}
