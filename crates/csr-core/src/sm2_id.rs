//! SM2: the signer's identity and the digest that it enters (GB/T 32918.2 section 5.5).

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};
use sm3::{Digest, Sm3};

/// The identity of an SM2 signer: up to 8191 bytes that signer and verifier must agree on.
///
/// ```
/// # use csr_core::Sm2Identity;
/// assert_eq!(Sm2Identity::DEFAULT.as_bytes(), b"1234567812345678");
/// assert!(Sm2Identity::new("a".repeat(Sm2Identity::MAX_LEN)).is_ok());
/// assert!(Sm2Identity::new("a".repeat(Sm2Identity::MAX_LEN + 1)).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sm2Identity(Cow<'static, [u8]>);

/// An SM2 identity is longer than [`Sm2Identity::MAX_LEN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the SM2 identity must have at most {max} bytes, not {found}", max = Sm2Identity::MAX_LEN)]
pub struct Sm2IdentityTooLong {
    /// Its length in bytes.
    pub found: usize,
}

impl Sm2Identity {
    /// `1234567812345678`, the identity that GM/T 0009 §10 prescribes if the parties haven't agreed
    /// on another.
    pub const DEFAULT: Self = Self(Cow::Borrowed(b"1234567812345678"));

    /// The empty identity, which `openssl req` before 4.0 signs and verifies with by default.
    pub const EMPTY: Self = Self(Cow::Borrowed(b""));

    /// The length of the longest identity whose number of bits fits into the 16 bits of ENTL.
    pub const MAX_LEN: usize = 8191;

    /// An identity of these bytes.
    ///
    /// # Errors
    /// [`Sm2IdentityTooLong`] above [`Self::MAX_LEN`] bytes.
    pub fn new(identity: impl Into<Vec<u8>>) -> Result<Self, Sm2IdentityTooLong> {
        let identity = identity.into();
        if identity.len() > Self::MAX_LEN {
            return Err(Sm2IdentityTooLong { found: identity.len() });
        }
        Ok(Self(Cow::Owned(identity)))
    }

    /// The identity's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// ENTL: the length in bits.
    fn entl(&self) -> [u8; 2] {
        #[expect(clippy::cast_possible_truncation, reason = "at most 8191 bytes, so at most 65,528 bits")]
        let bits = (self.0.len() * 8) as u16;
        bits.to_be_bytes()
    }

    fn text(&self) -> Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(format!("0x{}", hex::lower::encode_string(&self.0))),
        }
    }
}

impl Default for Sm2Identity {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The text with unprintable characters escaped, `0x…` for bytes that aren't UTF-8, `(empty)` for
/// the empty identity.
impl fmt::Display for Sm2Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("(empty)") } else { write!(f, "{}", self.text().escape_debug()) }
    }
}

/// As text, or `0x…` for bytes that aren't UTF-8.
impl Serialize for Sm2Identity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

/// a ‖ b ‖ xG ‖ yG of the recommended curve (GB/T 32918.5 section 2), each in two halves.
const CURVE: [u128; 8] = [
    0xFFFF_FFFE_FFFF_FFFF_FFFF_FFFF_FFFF_FFFF,
    0xFFFF_FFFF_0000_0000_FFFF_FFFF_FFFF_FFFC,
    0x28E9_FA9E_9D9F_5E34_4D5A_9E4B_CF65_09A7,
    0xF397_89F5_15AB_8F92_DDBC_BD41_4D94_0E93,
    0x32C4_AE2C_1F19_8119_5F99_0446_6A39_C994,
    0x8FE3_0BBF_F266_0BE1_715A_4589_334C_74C7,
    0xBC37_36A2_F4F6_779C_59BD_CEE3_6B69_2153,
    0xD0A9_877C_C62A_4740_02DF_32E5_2139_F0A0,
];

/// e = SM3(ZA ‖ M), ZA = SM3(ENTL ‖ ID ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA). The public point is uncompressed (SEC 1
/// section 2.3.3): `04 ‖ xA ‖ yA`.
pub(crate) fn sm2_digest(identity: &Sm2Identity, point: &[u8], message: &[u8]) -> [u8; 32] {
    let mut za = Sm3::new();
    za.update(identity.entl());
    za.update(identity.as_bytes());
    for half in CURVE {
        za.update(half.to_be_bytes());
    }
    za.update(&point[1..]);
    Sm3::new_with_prefix(za.finalize()).chain_update(message).finalize().into()
}
