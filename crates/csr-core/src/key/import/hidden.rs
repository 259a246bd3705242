//! Private keys in the place of something else. A CSR is for others to read, so no part of it may be one.

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::{KeyImportError, encrypted, is_encrypted, key_pair};
use crate::asn1::{self, Reader, tag};

/// Base64 of fewer characters is no private key.
const BASE64_MIN: usize = 40;

/// Whether a text holds a private key: a PEM block, or DER in base64, base64url or hexadecimal, in one line or several.
pub(crate) fn text_holds_private_key(text: &str) -> bool {
    if text.contains("PRIVATE KEY-----") {
        return true;
    }
    if text.len() < BASE64_MIN {
        return false;
    }
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    // Runs with all that is taken out of them below: most texts have no long ones, and need not be copied.
    let may_be_in_run = |c: char| is_base64(c) || matches!(c, '-' | '_' | '\\') || c.is_whitespace();
    if text.split(|c| !may_be_in_run(c)).all(|run| run.len() < BASE64_MIN) {
        return false;
    }
    // Line ends may be escaped, as in JSON.
    let text = Zeroizing::new(text.replace("\\n", "").replace("\\r", "").replace(char::is_whitespace, ""));
    let text = Zeroizing::new(text.replace('-', "+").replace('_', "/"));
    text.split(|c| !is_base64(c)).filter(|run| run.len() >= BASE64_MIN).any(|run| {
        let decoded = [hex::mixed::decode_vec(run).ok(), Base64Unpadded::decode_vec(run).ok()];
        decoded.into_iter().flatten().map(Zeroizing::new).any(|der| is_private_key(&der))
    })
}

/// Whether a DER value, or one in it, is a private key, or a text that holds one.
pub(crate) fn der_holds_private_key(der: &[u8]) -> bool {
    let mut open = vec![Reader::new(der)];
    while let Some(reader) = open.last_mut() {
        let Ok(element) = reader.any() else {
            open.pop();
            continue;
        };
        let text = asn1::text(&element).map(Zeroizing::new);
        if is_private_key(element.raw) || text.is_some_and(|text| text_holds_private_key(&text)) {
            return true;
        }
        if tag::is_constructed(element.tag) || element.tag == tag::OCTET_STRING {
            open.push(Reader::new(element.value));
        }
    }
    false
}

/// Whether these bytes are the DER of a private key, encrypted or not, and of whatever algorithm.
fn is_private_key(bytes: &[u8]) -> bool {
    use KeyImportError::{Inconsistent, PassphraseNeeded, RsaModulusSize, Unsupported, Weak};
    if is_encrypted(bytes) {
        // Other structures begin like this, too: the scheme must be a known one.
        return matches!(encrypted::decrypt(bytes, None), Err(PassphraseNeeded));
    }
    matches!(key_pair(bytes), Ok(_) | Err(Unsupported(_) | RsaModulusSize(_) | Weak(_) | Inconsistent(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyFormat, KeyPair, PrivateKeyAlgo};

    #[test]
    fn private_keys_are_found_in_every_form() {
        for algorithm in [PrivateKeyAlgo::Rsa2048, PrivateKeyAlgo::EcP256, PrivateKeyAlgo::Sm2] {
            let key = KeyPair::generate(algorithm).unwrap();
            let other = if algorithm == PrivateKeyAlgo::Rsa2048 { KeyFormat::Pkcs1 } else { KeyFormat::Sec1 };
            let encrypted = key.to_encrypted_der(b"pass phrase").unwrap();
            for der in [key.to_der(KeyFormat::Pkcs8).unwrap(), key.to_der(other).unwrap(), encrypted] {
                assert!(der_holds_private_key(&der));
                let wrapped = asn1::Writer::der(|writer| {
                    writer.sequence(|inner| inner.primitive(tag::OCTET_STRING, &der));
                });
                assert!(der_holds_private_key(&wrapped));
                let base64 = base64ct::Base64::encode_string(&der);
                let pem = key.to_pem(KeyFormat::Pkcs8).unwrap();
                for text in [
                    base64.clone(),
                    format!("a@{base64}"),
                    base64.replace('+', "-").replace('/', "_"),
                    format!("{}\n{}", &base64[..64], &base64[64..]),
                    format!("{}\\n{}", &base64[..64], &base64[64..]),
                    base64
                        .as_bytes()
                        .chunks(8)
                        .map(|piece| str::from_utf8(piece).unwrap())
                        .collect::<Vec<_>>()
                        .join("\\r\\n \n"),
                    hex::lower::encode_string(&der),
                    pem.to_string(),
                ] {
                    assert!(text_holds_private_key(&text));
                    for string in ["utf8", "bmp"] {
                        assert!(der_holds_private_key(
                            &crate::der_of_text(&format!("{string}:{text}")).unwrap()
                        ));
                    }
                }
            }
        }
    }

    #[test]
    fn other_values_are_no_private_keys() {
        let key = KeyPair::generate(PrivateKeyAlgo::Rsa2048).unwrap();
        let public = key.public_key_info();
        assert!(!der_holds_private_key(&public));
        for text in [
            base64ct::Base64::encode_string(&public),
            "a".repeat(1000),
            "0".repeat(64),
            format!("spiffe://example.org/{}", "part/".repeat(40)),
        ] {
            assert!(!text_holds_private_key(&text), "{text}");
        }
        // RFC 8017 Appendix A.2.4.
        let digest = "3031300d060960864801650304020105000420";
        let digest = format!("{digest}{}", "ab".repeat(32));
        for der in
            [&*digest, "3006020105020111", "300602010104017f", "30083003060155040100", "0400", "05", "3080"]
        {
            assert!(!der_holds_private_key(&hex::mixed::decode_vec(der).unwrap()), "{der}");
        }
    }
}
