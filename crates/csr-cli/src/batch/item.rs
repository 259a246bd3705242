//! What a batch makes, from a checked record to the bytes of its files.

use std::sync::Arc;

use csr_core::{CsrSpec, PrivateKeyAlgo};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::files::BaseName;

/// The identifier of an item: a safe file name, unique in its batch without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Id(String);

impl Id {
    /// The longest, in bytes. Longer names of files have no room for what a staging file or an archive adds.
    const MAX: usize = 200;

    /// Checks that the text is a file name on every system.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        if text.len() > Self::MAX {
            return Err(format!("must have at most {} bytes, not {}", Self::MAX, text.len()));
        }
        let name = BaseName::new(text).map_err(|error| error.to_string())?;
        name.check_portable().map_err(|error| error.to_string())?;
        Ok(Self(text.to_owned()))
    }

    /// The identifier that the files of a host's name have: `wildcard` replaces `*`.
    pub(super) fn from_domain(domain: &str) -> Result<Self, String> {
        BaseName::from_domain(domain)
            .map_err(|error| error.to_string())
            .and_then(|name| Self::new(name.as_str()))
    }

    /// The identifier as it was given.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The first half of the SHA-256 of the lower-case identifier: equal for identifiers that name the same file anywhere.
    pub(super) fn hash(&self) -> [u8; 16] {
        hash_of(&self.0)
    }

    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// [`Id::hash`] of an identifier that was checked before.
pub(super) fn hash_of(id: &str) -> [u8; 16] {
    let digest = Sha256::digest(id.to_lowercase().as_bytes());
    std::array::from_fn(|at| digest[at])
}

/// A checked record of the input.
pub(super) struct Item {
    pub(super) id: Id,
    pub(super) algorithm: PrivateKeyAlgo,
    pub(super) spec: CsrSpec,
}

impl Item {
    /// The SHA-256 of the algorithm and the specification: equal exactly for equal requests.
    pub(super) fn request_sha256(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.algorithm.as_str());
        digest.update(b"\n");
        digest.update(self.spec.fingerprint());
        digest.finalize().into()
    }
}

/// An item's key and CSR, as they are written.
pub(super) struct Made {
    pub(super) id: Id,
    pub(super) request_sha256: [u8; 32],
    pub(super) algorithm: PrivateKeyAlgo,
    pub(super) public_key_sha256: [u8; 32],
    /// Of the CSR's DER.
    pub(super) csr_sha256: [u8; 32],
    /// The content of `ID.csr`; for JSON lines the whole line with both, and `key` is empty.
    pub(super) csr: Zeroizing<Vec<u8>>,
    pub(super) key: Zeroizing<Vec<u8>>,
    /// The age recipients that the key is encrypted to.
    pub(super) sealed_to: Arc<[String]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_must_be_a_file_name_on_every_system() {
        for (id, why) in [
            ("", "must not be empty"),
            ("../x", "without a folder"),
            ("a/b", "without a folder"),
            ("a\\b", "without a folder"),
            (".", "start with a dot"),
            (".hidden", "start with a dot"),
            ("-rf", "start with `-`"),
            ("CON", "Windows allows"),
            ("nul.web", "Windows allows"),
            ("COM1", "Windows allows"),
            ("a:b", "Windows allows"),
            ("a|b", "Windows allows"),
            ("web.", "end with a dot"),
            ("web ", "end with a dot or a blank"),
            ("a\0b", "U+0000"),
            ("a\nb", "U+000A"),
            ("exe\u{202e}gpj", "U+202E"),
            (&"a".repeat(300), "must have at most 200 bytes, not 300"),
            (&"ü".repeat(101), "must have at most 200 bytes, not 202"),
        ] {
            let refused = Id::new(id).unwrap_err();
            assert!(refused.contains(why), "{id:?}: {refused}");
        }
        for id in ["web-1", "例え", "my device", "a..b", &"a".repeat(200)] {
            assert_eq!(Id::new(id).unwrap().as_str(), id);
        }
        assert_eq!(Id::from_domain("*.example.com").unwrap().as_str(), "wildcard.example.com");
        assert!(Id::from_domain("aux").is_err());
    }

    #[test]
    fn ids_that_differ_in_case_have_one_hash() {
        let hash = |id| Id::new(id).unwrap().hash();
        assert_eq!(hash("Web-Ü"), hash("wEB-ü"));
        assert_ne!(hash("web-1"), hash("web-2"));
    }

    /// Manifests and shards of earlier versions depend on them.
    #[test]
    fn hashes_of_id_and_request_are_the_same_in_every_version() {
        let hex = |bytes: &[u8]| hex::lower::encode_string(bytes);
        assert_eq!(hex(&hash_of("Device-Ü")), "cdd806ca8adcd2126a9874f2ef248499");
        let spec = CsrSpec::builder().domain("a.example").build().unwrap();
        let item = Item { id: Id::of("a"), algorithm: PrivateKeyAlgo::EcP256, spec };
        assert_eq!(
            hex(&item.request_sha256()),
            "c4cf62565f3aac9732831246d820577cdd684d92eda4acb804ee73ac53b5bbd0"
        );
    }
}
