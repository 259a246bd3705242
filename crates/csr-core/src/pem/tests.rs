use super::headers::DekInfo;
use super::*;

fn first(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, PemError> {
    find(text, |_| true).and_then(|block| block.expect("any label is wanted").decode())
}

#[test]
fn pem_is_written_in_64_columns_and_read_back() {
    for length in [0, 1, 2, 3, 47, 48, 49, 96, 1000] {
        let der: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
        let text = encode("PRIVATE KEY", &der);
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert!(text.ends_with("-----END PRIVATE KEY-----\n"));
        assert!(text.lines().all(|line| line.len() <= 64) && (length == 0 || !text.contains("\n\n")));
        assert_eq!(first(text.as_bytes()).unwrap().as_slice(), der);
    }
}

#[test]
fn pem_is_that_of_another_crate() {
    let der: Vec<u8> =
        (0..=u8::MAX).flat_map(|octet| [octet, octet.wrapping_mul(57), octet ^ 0x5a]).collect();
    for label in ["CERTIFICATE REQUEST", "PRIVATE KEY"] {
        for length in (1..200).chain([768]) {
            for der in [&der[..length], &der[768 - length..]] {
                let expected = der::pem::encode_string(label, der::pem::LineEnding::LF, der).unwrap();
                assert_eq!(*encode(label, der), expected, "{length}");
            }
        }
    }
}

#[test]
fn blocks_between_other_text_are_read_with_any_line_ends() {
    let text = b"Bag Attributes\r\n  name: x\r\n-----BEGIN EC PARAMETERS-----\r\nBggq\r\nhkjOPQMBBw==\r\n\
        -----END EC PARAMETERS-----\r\n\xff not UTF-8\n   -----BEGIN A-----   \n A\tQ I\n\nD\n  -----END A-----\nrest";
    let found: Vec<_> = blocks(text)
        .map(|block| {
            block.map(|block| (block.label().to_string(), block.decode().unwrap().to_vec())).unwrap()
        })
        .collect();
    let parameters = vec![6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    assert_eq!(found, [("\"EC PARAMETERS\"".to_owned(), parameters), ("\"A\"".to_owned(), vec![1, 2, 3])]);
}

#[test]
fn byte_order_mark_is_skipped() {
    assert_eq!(first(b"\xEF\xBB\xBF-----BEGIN A-----\nAQID\n-----END A-----").unwrap().as_slice(), [1, 2, 3]);
}

/// Line ends may be unchanged, replaced by blanks, or escaped once or twice.
const LINE_ENDS: [&str; 8] = ["\n", "\r\n", "\r", " ", "  ", "\\n", "\\r\\n", "\\\\n"];

#[test]
fn legacy_encryption_is_read_whatever_became_of_the_line_ends() {
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\
        DEK-Info: DES-EDE3-CBC,0123456789ABCDEF\n\nABCDEFGH\nIJKL\n-----END RSA PRIVATE KEY-----\n";
    let headers = Headers {
        encrypted: true,
        dek_info: Some(DekInfo {
            cipher: Some("DES-EDE3-CBC"),
            iv: vec![0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef],
        }),
    };
    for line_end in LINE_ENDS.into_iter().chain([""]) {
        let text = pem.replace('\n', line_end);
        let block = find(text.as_bytes(), Label::is_private_key).unwrap().unwrap();
        assert_eq!(block.headers(), &headers, "{text}");
        assert_eq!(block.decode().unwrap().as_slice(), [0, 16, 131, 16, 81, 135, 32, 146, 139], "{text}");
    }
}

#[test]
fn damaged_dek_info_counts_as_absent() {
    for value in ["AES-256-CBC,0011", "AES-256-CBC", "AES-256-CBC,zz", ""] {
        let text = format!(
            "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: {value}\n\nAQID\n-----END A-----\n"
        );
        let block = find(text.as_bytes(), |_| true).unwrap().unwrap();
        assert_eq!(block.headers(), &Headers { encrypted: true, dek_info: None }, "{text}");
        assert_eq!(block.decode().unwrap().as_slice(), [1, 2, 3], "{text}");
    }
}

#[test]
fn other_headers_are_skipped() {
    let text = b"-----BEGIN A-----\nComment: one\n  two\n\nAQID\n-----END A-----\n";
    assert_eq!(first(text).unwrap().as_slice(), [1, 2, 3]);
    let without_blank_line = b"-----BEGIN A-----\nComment: one\nAQID\n-----END A-----\n";
    assert_eq!(first(without_blank_line).unwrap().as_slice(), [1, 2, 3]);
}

#[test]
fn headers_of_indented_and_joined_blocks_are_skipped() {
    for text in [
        "  -----BEGIN A-----\n  Comment: one\n    two\n\n  AQID\n  -----END A-----\n",
        "  -----BEGIN A-----\n  Comment: one\n  AQID\n  -----END A-----\n",
        "-----BEGIN A----- Comment: one two  AQID -----END A-----",
        "-----BEGIN A----- Comment: one AQID -----END A-----",
        "-----BEGIN A-----\\nComment: one two\\n\\nAQID\\n-----END A-----",
    ] {
        assert_eq!(first(text.as_bytes()).unwrap().as_slice(), [1, 2, 3], "{text}");
    }
}

#[test]
fn mangled_blocks_carry_the_same_bytes() {
    let der: Vec<u8> = (0..=u8::MAX).collect();
    let pem = encode("PRIVATE KEY", &der);
    let mut mangled: Vec<String> = LINE_ENDS.iter().map(|line_end| pem.replace('\n', line_end)).collect();
    mangled.extend([
        pem.replace('\n', ""),
        pem.replace('\n', "\t\n"),
        pem.replace('\n', "\u{a0}\n"),
        pem.replace('\n', "\n    "),
        pem.replace('\n', "\n\u{feff}"),
        pem.replace('\n', "\\\n"),
        pem.replace(' ', "\u{a0}"),
        pem.replace("PRIVATE KEY", " PRIVATE\t KEY "),
        pem.replace("-----BEGIN", "------ BEGIN").replace("KEY-----", "KEY ------"),
        format!("\u{feff}{}", *pem),
        format!("KEY=\"{}\"", pem.replace('\n', "\\n")),
        format!("key: '{}' # the key", pem.replace('\n', " ")),
        format!("{}{}", *encode("CERTIFICATE", b"x"), *pem).replace('\n', ""),
    ]);
    for text in mangled {
        let block = find(text.as_bytes(), Label::is_private_key).unwrap().unwrap();
        assert_eq!(block.label().as_str(), Some("PRIVATE KEY"), "{text}");
        assert_eq!(block.decode().unwrap().as_slice(), der, "{text}");
    }
    let latin1: Vec<u8> =
        pem.bytes().flat_map(|byte| if byte == b'\n' { vec![0xa0, b'\n'] } else { vec![byte] }).collect();
    assert_eq!(first(&latin1).unwrap().as_slice(), der);
}

#[test]
fn label_is_shown_only_if_it_is_known_or_short_words_of_capitals() {
    let shown = |label: &str| Label::new(label.as_bytes()).to_string();
    for label in ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OpenVPN Static key V1", "A", "SOME OTHER THING 12"]
    {
        assert_eq!(shown(label), format!("\"{label}\""));
    }
    for label in [
        "",
        "PRIVATE KEY MIGHAgEAMBMG",
        "AVERYLONGLABELWITH20",
        "lower",
        "A\u{202e}B",
        "A\u{1b}[31m",
        "A-B",
        "A/B",
        "\\nMIGH",
    ] {
        assert_eq!(shown(label), "an unknown label", "{label:?}");
    }
    assert_eq!(Label::new(b"\xff").to_string(), "an unknown label");
}

#[test]
fn each_fault_of_pem_is_named() {
    let label = || Label::new(b"A");
    let cases: [(&[u8], PemError); 13] = [
        (b"", PemError::NoBlock),
        (b"hello\n", PemError::NoBlock),
        (b"-----BEGIN-----", PemError::NoBlock),
        (b"-----BEGIN A", PemError::DamagedBegin),
        (b"-----BEGIN A----\nAQID\n-----END A-----", PemError::DamagedBegin),
        (b"-----BEGIN A-----", PemError::NoEnd { label: label() }),
        (b"-----BEGIN A-----\nAQID\n", PemError::NoEnd { label: label() }),
        (b"-----BEGIN A-----\nAQID\n-----END A---", PemError::NoEnd { label: label() }),
        (b"-----BEGIN A-----\nAQID\n-----BEGIN A-----\n-----END A-----", PemError::NoEnd { label: label() }),
        (
            b"-----BEGIN A-----\nAQID\n-----END B-----",
            PemError::MismatchedEnd { begin: label(), end: Label::new(b"B") },
        ),
        (b"-----BEGIN A-----\nAQ!D\n-----END A-----", PemError::Base64 { label: label() }),
        (b"-----BEGIN A-----\nAQ\\xD\n-----END A-----", PemError::Base64 { label: label() }),
        (b"-----BEGIN A-----\nAQI\n-----END A-----", PemError::Base64 { label: label() }),
    ];
    for (text, fault) in cases {
        assert_eq!(first(text), Err(fault), "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn begin_line_of_3_megabytes_gives_a_short_message() {
    let text = format!("-----BEGIN {}-----\n", "A".repeat(3 << 20));
    let error = first(text.as_bytes()).unwrap_err();
    assert_eq!(error, PemError::DamagedBegin);
    assert!(error.to_string().len() < 200, "{error}");
}

/// Each would take far too long for a test if the reader went over the text again for each line or
/// block.
#[test]
fn hostile_text_of_4_megabytes_is_read_in_linear_time() {
    let repeated = |unit: &str| unit.repeat((4 << 20) / unit.len());
    for unit in [
        "-----BEGIN ",
        "-----BEGIN A-----",
        "-----BEGIN A-----\n-----END A-----\n",
        "-----END ",
        "-",
        "----- ",
        "\\",
    ] {
        let text = repeated(unit);
        assert!(blocks(text.as_bytes()).count() <= text.len());
    }
    for unit in ["A:b ", "A:b\n", "A:b\n c\n", "\\", "Proc-Type: 4,ENCRYPTED", " ", "\n ", "\\n\\\\"] {
        let text = format!("-----BEGIN A-----\nX:y\n{}-----END A-----", repeated(unit));
        assert!(find(text.as_bytes(), |_| true).unwrap().unwrap().decode().is_err() || unit.trim().len() < 2);
    }
}

#[test]
fn blocks_with_other_labels_only_give_none() {
    let text = b"-----BEGIN B-----\nAQID\n-----END B-----";
    assert!(find(text, |label| label.as_str() == Some("A")).unwrap().is_none());
}
