//! PEM text, as an upload has it. A request that is read is the same request when its PEM is written again as RFC 7468
//! has it, and whatever becomes of its line ends.

#![no_main]

use csr_core::inspect;
use libfuzzer_sys::{Corpus, fuzz_target};

const BEGIN: &str = "-----BEGIN CERTIFICATE REQUEST-----";
const END: &str = "-----END CERTIFICATE REQUEST-----";

fuzz_target!(|text: &str| -> Corpus {
    let found = inspect(text.as_bytes());
    if let Err(error) = &found {
        let shown = format!("{error} {error:?}");
        assert!(shown.len() < 2_000 && !shown.contains(char::is_control), "{shown}");
    }
    // Without headers, escapes or other blocks: there the line ends decide what is what.
    let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_plain = !text.contains([':', '\\', '\0', '\u{feff}'])
        && [BEGIN, END].iter().all(|boundary| text.matches(boundary).count() == 1)
        && ["BEGIN", "END"].iter().all(|word| joined.matches(word).count() == 1);
    let (true, Ok(found)) = (is_plain, found) else { return Corpus::Keep };
    let (_, rest) = text.split_once(BEGIN).expect("it is there");
    let Some((body, _)) = rest.split_once(END) else { return Corpus::Keep };

    let base64: Vec<u8> =
        body.bytes().filter(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).collect();
    let lines: Vec<_> = base64.chunks(64).map(String::from_utf8_lossy).collect();
    let written = format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"));
    assert_eq!(inspect(written.as_bytes()).expect("it is read again").sha256, found.sha256);
    let (label, der) = der::pem::decode_vec(written.as_bytes()).expect("pem-rfc7468 reads it, too");
    assert_eq!(label, "CERTIFICATE REQUEST");
    assert_eq!(inspect(&der).expect("the DER is read, too").sha256, found.sha256);

    for line_end in ["", " ", "\r", "\r\n", "\\n", "\\r\\n", "\t\n", "\u{a0}\n", "\n\n"] {
        for mangled in [written.replace('\n', line_end), text.replace('\n', line_end)] {
            let again = inspect(mangled.as_bytes()).expect("the line ends make no difference");
            assert_eq!(again.sha256, found.sha256);
            let utf16: Vec<u8> =
                format!("\u{feff}{mangled}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(inspect(&utf16).expect("nor does UTF-16").sha256, found.sha256);
        }
    }
    Corpus::Keep
});
