//! What people hand over instead of a key.

use core::fmt;

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, TagNumber, Tagged};

/// A file that is something else than a private key. Prints as what it is, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherFile {
    /// An X.509 certificate.
    Certificate,
    /// A PKCS#10 certificate signing request.
    Csr,
    /// A PKCS#12 file, which may have a key in it.
    Pkcs12,
}

impl fmt::Display for OtherFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => {
                "a certificate, which has no private key in it: give the key that its request was made with"
            }
            Self::Csr => {
                "a certificate signing request, which has no private key in it: give the key that it was made with"
            }
            Self::Pkcs12 => {
                "a PKCS#12 file (.p12, .pfx): take the key out with `openssl pkcs12 -in FILE -nocerts -out KEY_FILE`"
            }
        })
    }
}

/// By the label of a PEM block.
pub(super) fn labelled(label: &str) -> Option<OtherFile> {
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Some(OtherFile::Certificate),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Some(OtherFile::Csr),
        _ => None,
    }
}

/// By the structure of a DER file.
pub(super) fn recognised(bytes: &[u8]) -> Option<OtherFile> {
    if is_pkcs12(bytes) {
        return Some(OtherFile::Pkcs12);
    }
    let whole = elements(bytes)?;
    let [(Tag::Sequence, content)] = whole[..] else { return None };
    // Both are SEQUENCE { what is signed, algorithm, signature } (RFC 5280 §4.1, RFC 2986 §4.2).
    let [(Tag::Sequence, signed), (Tag::Sequence, _), (Tag::BitString, _)] = elements(content)?[..] else {
        return None;
    };
    const CONTEXT_0: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
    let signed: Vec<Tag> = elements(signed)?.iter().map(|(tag, _)| *tag).collect();
    match signed[..] {
        // The version; a certificate of version 1 starts with its serial number.
        [CONTEXT_0, ..] | [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::Sequence, ..] => {
            Some(OtherFile::Certificate)
        }
        // The attributes, at the end, are left out by some. A CRL of version 2 starts like this, too.
        [Tag::Integer, Tag::Sequence, Tag::Sequence]
        | [Tag::Integer, Tag::Sequence, Tag::Sequence, CONTEXT_0] => Some(OtherFile::Csr),
        _ => None,
    }
}

/// A PFX starts with the version 3 (RFC 7292 §4), which no key has. It may be BER, without a length in front.
fn is_pkcs12(bytes: &[u8]) -> bool {
    let content = match bytes {
        [0x30, length, rest @ ..] if *length <= 0x80 => rest,
        [0x30, length, rest @ ..] => rest.get(usize::from(length & 0x7f)..).unwrap_or_default(),
        _ => return false,
    };
    content.starts_with(&[0x02, 0x01, 0x03, 0x30])
}

/// Tags and contents of the elements that `bytes` is made of, if it is.
fn elements(bytes: &[u8]) -> Option<Vec<(Tag, &[u8])>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        let element = AnyRef::decode(&mut reader).ok()?;
        found.push((element.tag(), element.value()));
    }
    Some(found)
}
