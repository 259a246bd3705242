//! Files that people pass instead of a readable key.

use core::fmt;

use base64ct::{Base64, Encoding};
use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, TagNumber, Tagged};

use crate::asn1::tag;
use crate::oid::{CONTENT_TYPES, PKCS12_RC4_AND_RC2};

/// A file that isn't a private key, or is one in an unsupported form. Prints what it is and what to
/// do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherFile {
    /// An X.509 certificate.
    Certificate,
    /// A PKCS#10 certificate signing request.
    Csr,
    /// A certificate revocation list.
    Crl,
    /// A PKCS#7 or CMS message, which often holds certificates.
    Pkcs7,
    /// A public key: SubjectPublicKeyInfo or PKCS#1.
    PublicKey,
    /// A public key of SSH, in a line of OpenSSH's or a file of RFC 4716.
    SshPublicKey,
    /// A public key of Microsoft's CryptoAPI, `PUBLICKEYBLOB`.
    PublicKeyBlob,
    /// Parameters of a curve or a group.
    Parameters,
    /// A PKCS#12 file, which may hold a key.
    Pkcs12,
    /// A PKCS#12 file with parts that are encrypted with RC2 or RC4.
    LegacyPkcs12,
    /// A Java keystore of the type JKS.
    JavaKeyStore,
    /// A Java keystore of the type JCEKS.
    JceKeyStore,
    /// A private key in OpenSSH's own format.
    OpenSsh,
    /// A private key of SSH's first version.
    Ssh1,
    /// A private key in the format of ssh.com.
    SshCom,
    /// A private key of PuTTY.
    Putty,
    /// An RSA key of Microsoft's CryptoAPI, `PRIVATEKEYBLOB`.
    PrivateKeyBlob,
    /// An RSA key in a PVK file.
    Pvk,
    /// An RSA key in .NET's XML.
    XmlKey,
    /// A JSON Web Key (RFC 7517).
    Jwk,
    /// An OpenPGP key or message (RFC 9580).
    Pgp,
    /// An identity or a file of `age`.
    Age,
    /// A key that a TPM has wrapped.
    Tpm,
    /// A key of Sigstore's `cosign`.
    Cosign,
    /// A file encrypted by `openssl enc` or Ansible.
    EncryptedFile,
    /// The base64 of a DER file, without the BEGIN and END lines of PEM.
    Base64,
}

impl OtherFile {
    /// The name of the file's kind, without the advice.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::Csr => "a certificate signing request",
            Self::Crl => "a certificate revocation list",
            Self::Pkcs7 => "a PKCS#7 file (.p7b, .p7c)",
            Self::PublicKey => "a public key",
            Self::SshPublicKey => "a public key of SSH",
            Self::PublicKeyBlob => "a PUBLICKEYBLOB of Microsoft's CryptoAPI",
            Self::Parameters => "a file of parameters",
            Self::Pkcs12 | Self::LegacyPkcs12 => "a PKCS#12 file (.p12, .pfx)",
            Self::JavaKeyStore => "a Java keystore (JKS)",
            Self::JceKeyStore => "a Java keystore (JCEKS)",
            Self::OpenSsh => "an OpenSSH private key",
            Self::Ssh1 => "a private key of SSH version 1",
            Self::SshCom => "a private key in the format of ssh.com",
            Self::Putty => "a PuTTY private key (.ppk)",
            Self::PrivateKeyBlob => "a PRIVATEKEYBLOB of Microsoft's CryptoAPI",
            Self::Pvk => "a PVK file of Microsoft's",
            Self::XmlKey => "an RSA key in XML (.NET's RSAKeyValue)",
            Self::Jwk => "a JSON Web Key (JWK)",
            Self::Pgp => "an OpenPGP file",
            Self::Age => "a file of age",
            Self::Tpm => "a key that only its TPM can use",
            Self::Cosign => "a key of Sigstore's cosign",
            Self::EncryptedFile => "an encrypted file",
            Self::Base64 => "base64 without the lines BEGIN and END of PEM",
        }
    }

    /// What to do where a private key is needed, after [`kind`](Self::kind).
    const fn how_to_get_the_key(self) -> &'static str {
        match self {
            Self::Certificate => {
                ", which has no private key in it: give the key that its request was made with"
            }
            Self::Csr => ", which has no private key in it: give the key that it was made with",
            Self::Crl => ", which has no private key in it",
            Self::Pkcs7 => {
                ", which has certificates and no private key in it: give the key that the \
                 request was made with"
            }
            Self::PublicKey | Self::SshPublicKey | Self::PublicKeyBlob => {
                ": give the private key that belongs to it"
            }
            Self::Parameters => ", which has no key in it: give the private key that was made with them",
            Self::Pkcs12 => ": take the key out with `openssl pkcs12 -in FILE -nocerts -out KEY_FILE`",
            Self::LegacyPkcs12 => {
                " with old encryption: take the key out with \
                 `openssl pkcs12 -legacy -in FILE -nocerts -out KEY_FILE`"
            }
            Self::JavaKeyStore => {
                ": take the key out with \
                 `keytool -importkeystore -srckeystore FILE -srcstoretype JKS -destkeystore NEW.p12 \
                 -deststoretype PKCS12`, and then `openssl pkcs12 -in NEW.p12 -nocerts -out KEY_FILE`"
            }
            Self::JceKeyStore => {
                ": take the key out with \
                 `keytool -importkeystore -srckeystore FILE -srcstoretype JCEKS -destkeystore NEW.p12 \
                 -deststoretype PKCS12`, and then `openssl pkcs12 -in NEW.p12 -nocerts -out KEY_FILE`"
            }
            Self::OpenSsh => ": write it as PKCS#8, in place, with `ssh-keygen -p -m PKCS8 -f FILE`",
            Self::Ssh1 => ", which no program writes any more: make a new key",
            Self::SshCom => {
                ": convert it with `ssh-keygen -i -f FILE >NEW_FILE` \
                 if it is not encrypted, or else with `puttygen FILE -O private-openssh -o NEW_FILE`"
            }
            Self::Putty => ": convert it with `puttygen FILE -O private-openssh -o NEW_FILE`",
            Self::PrivateKeyBlob => {
                ": convert it with \
                 `openssl rsa -inform MSBLOB -in FILE -out NEW_FILE`"
            }
            Self::Pvk => {
                ": convert it with \
                 `openssl rsa -inform PVK -provider legacy -provider default -in FILE -out NEW_FILE`"
            }
            Self::XmlKey => ": export it as PKCS#8 with ExportPkcs8PrivateKey()",
            Self::Jwk => ": export the key as PKCS#8, in PEM",
            Self::Pgp => ", whose keys are not for certificates of this kind: give a PKCS#8 key",
            Self::Age => ", whose keys encrypt and cannot sign: give a PKCS#8 key",
            Self::Tpm => "",
            Self::Cosign => ": give the PKCS#8 key that was imported with it",
            Self::EncryptedFile => ": decrypt it with the program that encrypted it",
            Self::Base64 => {
                ": decode it with \
                 `tr -d '\\r\\n' <FILE | openssl base64 -d -A -out NEW_FILE`"
            }
        }
    }

    /// What to do where any key, request or certificate will do, after [`kind`](Self::kind).
    pub(crate) const fn how_to_read(self) -> &'static str {
        match self {
            Self::Crl | Self::Parameters => {
                ", which has no key in it: give a key, certificate signing request or certificate"
            }
            Self::Pkcs7 => {
                ": take its certificates out with \
                 `openssl pkcs7 -print_certs -in FILE -out NEW_FILE` (`-inform DER` if it is not PEM)"
            }
            Self::SshPublicKey => ": convert it with `ssh-keygen -e -m PKCS8 -f FILE >NEW_FILE`",
            Self::PublicKeyBlob => {
                ": convert it with `openssl rsa -pubin -inform MSBLOB -in FILE -out NEW_FILE`"
            }
            other => other.how_to_get_the_key(),
        }
    }

    /// Whether such a file says nothing of any key.
    pub(crate) const fn has_no_key(self) -> bool {
        matches!(self, Self::Crl | Self::Parameters)
    }
}

impl fmt::Display for OtherFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind(), self.how_to_get_the_key())
    }
}

/// Recognised by the label of a PEM block.
pub(super) fn labelled(label: &str) -> Option<OtherFile> {
    Some(match label {
        "CERTIFICATE"
        | "X509 CERTIFICATE"
        | "TRUSTED CERTIFICATE"
        | "CERTIFICATE CHAIN"
        | "ATTRIBUTE CERTIFICATE" => OtherFile::Certificate,
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => OtherFile::Csr,
        "X509 CRL" => OtherFile::Crl,
        "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => OtherFile::Pkcs7,
        "PKCS12" => OtherFile::Pkcs12,
        "OPENSSH PRIVATE KEY" => OtherFile::OpenSsh,
        "SSH2 ENCRYPTED PRIVATE KEY" => OtherFile::SshCom,
        "TSS2 PRIVATE KEY" | "TSS PRIVATE KEY" => OtherFile::Tpm,
        "ENCRYPTED COSIGN PRIVATE KEY" | "ENCRYPTED SIGSTORE PRIVATE KEY" => OtherFile::Cosign,
        "AGE ENCRYPTED FILE" => OtherFile::Age,
        label if label.starts_with("PGP ") => OtherFile::Pgp,
        label if label.ends_with("PUBLIC KEY") => OtherFile::PublicKey,
        label if label.ends_with("PARAMETERS") => OtherFile::Parameters,
        _ => return None,
    })
}

/// By the first bytes, of a file that is neither PEM nor a DER structure.
pub(super) fn started(file: &[u8]) -> Option<OtherFile> {
    const STARTS: &[(&[u8], OtherFile)] = &[
        (b"\xfe\xed\xfe\xed\x00\x00\x00", OtherFile::JavaKeyStore),
        (b"\xce\xce\xce\xce\x00\x00\x00", OtherFile::JceKeyStore),
        (b"\x07\x02\x00\x00\x00\xa4\x00\x00", OtherFile::PrivateKeyBlob),
        (b"\x07\x02\x00\x00\x00\x24\x00\x00", OtherFile::PrivateKeyBlob),
        (b"\x06\x02\x00\x00", OtherFile::PublicKeyBlob),
        (b"\x1e\xf1\xb5\xb0", OtherFile::Pvk),
        (b"openssh-key-v1\0", OtherFile::OpenSsh),
        (b"SSH PRIVATE KEY FILE FORMAT 1.1\n", OtherFile::Ssh1),
        (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY", OtherFile::SshCom),
        (b"---- BEGIN SSH2 PUBLIC KEY", OtherFile::SshPublicKey),
        (b"PuTTY-User-Key-File-", OtherFile::Putty),
        (b"ssh-", OtherFile::SshPublicKey),
        (b"ecdsa-sha2-", OtherFile::SshPublicKey),
        (b"sk-ssh-", OtherFile::SshPublicKey),
        (b"sk-ecdsa-", OtherFile::SshPublicKey),
        (b"AGE-SECRET-KEY-", OtherFile::Age),
        (b"age-encryption.org/", OtherFile::Age),
        (b"Salted__", OtherFile::EncryptedFile),
        (b"$ANSIBLE_VAULT;", OtherFile::EncryptedFile),
        (b"(private-key", OtherFile::Pgp),
        (b"(11:private-key", OtherFile::Pgp),
        (b"(21:protected-private-key", OtherFile::Pgp),
    ];
    let text = file.trim_ascii_start();
    let found = STARTS.iter().find(|(start, _)| file.starts_with(start) || text.starts_with(start));
    if let Some((_, other)) = found {
        return Some(*other);
    }
    let contains = |part: &[u8]| file.windows(part.len()).any(|window| window == part);
    if matches!(text.first(), Some(b'{' | b'[')) && contains(b"\"kty\"") {
        Some(OtherFile::Jwk)
    } else if text.starts_with(b"<") && contains(b"<RSAKeyValue>") {
        Some(OtherFile::XmlKey)
    } else if contains(b"\nAGE-SECRET-KEY-") {
        Some(OtherFile::Age)
    } else if is_pgp(file) {
        Some(OtherFile::Pgp)
    } else if is_base64_of_der(text) {
        Some(OtherFile::Base64)
    } else {
        None
    }
}

/// A key packet (RFC 9580 §4.2, §5.5) of version 3 to 6.
fn is_pgp(file: &[u8]) -> bool {
    let version = match file {
        // Old headers have one, two or four octets of length.
        [0x94 | 0x98, _, version, ..]
        | [0x95 | 0x99, _, _, version, ..]
        | [0x96 | 0x9a, _, _, _, _, version, ..]
        | [0xc5 | 0xc6, 0..=191, version, ..]
        | [0xc5 | 0xc6, 192..=223, _, version, ..] => version,
        _ => return false,
    };
    (3..=6).contains(version)
}

/// Whether the whole text is base64 of something that begins with a SEQUENCE of some length.
fn is_base64_of_der(text: &[u8]) -> bool {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/= \t\r\n".contains(byte);
    let mut start = [0; 3];
    text.len() >= 64
        && text.iter().all(is_base64)
        && text.get(..4).is_some_and(|four| Base64::decode(four, &mut start).is_ok())
        && matches!(start, [tag::SEQUENCE, 0x40..=0x83, _])
}

/// Recognised by the structure of a DER file or of a PEM block's content.
pub(super) fn recognised(bytes: &[u8]) -> Option<OtherFile> {
    if is_pkcs12(bytes) {
        let contains = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        let is_legacy = PKCS12_RC4_AND_RC2.iter().any(|oid| contains(oid.as_bytes()));
        return Some(if is_legacy { OtherFile::LegacyPkcs12 } else { OtherFile::Pkcs12 });
    }
    if is_pkcs7(bytes) {
        return Some(OtherFile::Pkcs7);
    }
    let whole = elements(bytes)?;
    let [(Tag::Sequence, content)] = whole[..] else { return None };
    let signed = match elements(content)?[..] {
        // SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) and RSAPublicKey (RFC 8017 A.1.1).
        [(Tag::Sequence, _), (Tag::BitString, _)] | [(Tag::Integer, _), (Tag::Integer, _)] => {
            return Some(OtherFile::PublicKey);
        }
        // SEQUENCE { signed content, algorithm, signature } (RFC 5280 §4.1 and §5.1, RFC 2986
        // §4.2).
        [(Tag::Sequence, signed), (Tag::Sequence, _), (Tag::BitString, _)] => signed,
        _ => return None,
    };
    const CONTEXT_0: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
    let signed: Vec<Tag> = elements(signed)?.iter().map(|(tag, _)| *tag).collect();
    match signed[..] {
        // The version; a certificate of version 1 starts with its serial number.
        [CONTEXT_0, ..] | [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::Sequence, ..] => {
            Some(OtherFile::Certificate)
        }
        // Some programs leave out the attributes at the end.
        [Tag::Integer, Tag::Sequence, Tag::Sequence]
        | [Tag::Integer, Tag::Sequence, Tag::Sequence, CONTEXT_0] => Some(OtherFile::Csr),
        // A CRL of version 1 has no version.
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime, ..]
        | [Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime, ..] => Some(OtherFile::Crl),
        _ => None,
    }
}

/// The content of a SEQUENCE, which may be BER of indefinite length.
fn content_of_sequence(bytes: &[u8]) -> &[u8] {
    match bytes {
        [tag::SEQUENCE, length, rest @ ..] if *length <= 0x80 => rest,
        [tag::SEQUENCE, length, rest @ ..] => rest.get(usize::from(length & 0x7f)..).unwrap_or_default(),
        _ => &[],
    }
}

/// A PFX starts with version 3 (RFC 7292 §4), which no key has.
fn is_pkcs12(bytes: &[u8]) -> bool {
    content_of_sequence(bytes).starts_with(&[tag::INTEGER, 1, 3, tag::SEQUENCE])
}

/// A ContentInfo (RFC 5652 §3) starts with its type, of PKCS#7 or of GB/T 35275.
fn is_pkcs7(bytes: &[u8]) -> bool {
    let content = content_of_sequence(bytes);
    let [tag::OBJECT_IDENTIFIER, _length, oid @ ..] = content else { return false };
    CONTENT_TYPES.iter().any(|arc| oid.starts_with(arc.as_bytes()))
}

/// Tags and contents of the elements in `bytes`, if it consists of elements.
pub(super) fn elements(bytes: &[u8]) -> Option<Vec<(Tag, &[u8])>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        let element = AnyRef::decode(&mut reader).ok()?;
        found.push((element.tag(), element.value()));
    }
    Some(found)
}

/// The kind of key in an OpenSSH or PuTTY file, if converting it would not help.
pub(super) fn unsupported_ssh_key(file: &[u8]) -> Option<&'static str> {
    const TYPES: &[(&str, &str)] = &[
        ("ssh-ed25519", "an Ed25519 key of SSH"),
        ("ssh-ed448", "an Ed448 key of SSH"),
        ("ssh-dss", "a DSA key of SSH"),
        ("ssh-xmss@openssh.com", "an XMSS key of SSH"),
        ("ecdsa-sha2-nistp521", "a P-521 key of SSH"),
        ("sk-ssh-ed25519@openssh.com", "a key of SSH that only its security key can use"),
        ("sk-ecdsa-sha2-nistp256@openssh.com", "a key of SSH that only its security key can use"),
    ];
    let found = openssh_key_type(file).or_else(|| putty_key_type(file))?;
    TYPES.iter().find(|(name, _)| name.as_bytes() == found).map(|(_, key)| *key)
}

/// From OpenSSH's PROTOCOL.key: the cipher, the KDF, its options, the number of keys, and the first public key, which
/// starts with its type.
fn openssh_key_type(file: &[u8]) -> Option<&[u8]> {
    let rest = file.strip_prefix(b"openssh-key-v1\0")?;
    let (_cipher, rest) = ssh_string(rest)?;
    let (_kdf, rest) = ssh_string(rest)?;
    let (_options, rest) = ssh_string(rest)?;
    let (public_key, _) = ssh_string(rest.get(4..)?)?;
    Some(ssh_string(public_key)?.0)
}

fn putty_key_type(file: &[u8]) -> Option<&[u8]> {
    let line =
        file.trim_ascii_start().strip_prefix(b"PuTTY-User-Key-File-")?.split(|byte| *byte == b'\n').next()?;
    let at = line.windows(2).position(|window| window == b": ")?;
    Some(line[at + 2..].trim_ascii())
}

/// RFC 4251 §5.
fn ssh_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}
