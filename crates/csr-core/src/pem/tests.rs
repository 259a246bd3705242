use super::*;

fn first(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, PemError> {
    find(text, |_| true).and_then(|block| block.expect("any label is wanted").decode())
}

#[test]
fn encodes_in_64_columns_and_reads_it_back() {
    for length in [0, 1, 2, 3, 47, 48, 49, 96, 1000] {
        let der: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
        let text = encode("PRIVATE KEY", &der);
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert!(text.ends_with("-----END PRIVATE KEY-----\n"));
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(first(text.as_bytes()).unwrap().as_slice(), der);
    }
}

#[test]
fn reads_blocks_between_other_text_of_any_line_form() {
    let text = b"Bag Attributes\r\n  name: x\r\n-----BEGIN EC PARAMETERS-----\r\nBggq\r\nhkjOPQMBBw==\r\n\
        -----END EC PARAMETERS-----\r\n\xff not UTF-8\n   -----BEGIN A-----   \n A\tQ I\n\nD\n  -----END A-----\nrest";
    let found: Vec<_> = blocks(text)
        .map(|block| block.map(|block| (block.label().to_owned(), block.decode().unwrap().to_vec())).unwrap())
        .collect();
    let parameters = vec![6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    assert_eq!(found, [("EC PARAMETERS".to_owned(), parameters), ("A".to_owned(), vec![1, 2, 3])]);
}

#[test]
fn skips_a_byte_order_mark() {
    assert_eq!(first(b"\xEF\xBB\xBF-----BEGIN A-----\nAQID\n-----END A-----").unwrap().as_slice(), [1, 2, 3]);
}

#[test]
fn recognises_legacy_encryption() {
    let text = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAQID\n-----END RSA PRIVATE KEY-----\n";
    let block = find(text, |_| true).unwrap().unwrap();
    assert_eq!(block.decode(), Err(PemError::LegacyEncrypted { label: "RSA PRIVATE KEY".into() }));
}

#[test]
fn skips_other_headers() {
    let text = b"-----BEGIN A-----\nComment: one\n  two\n\nAQID\n-----END A-----\n";
    assert_eq!(first(text).unwrap().as_slice(), [1, 2, 3]);
    let without_blank_line = b"-----BEGIN A-----\nComment: one\nAQID\n-----END A-----\n";
    assert_eq!(first(without_blank_line).unwrap().as_slice(), [1, 2, 3]);
}

#[test]
fn names_each_fault() {
    let label = || "A".to_owned();
    let cases: [(&[u8], PemError); 8] = [
        (b"", PemError::NoBlock),
        (b"hello\n", PemError::NoBlock),
        (b"-----BEGIN A-----", PemError::NoEnd { label: label() }),
        (b"-----BEGIN A-----\nAQID\n", PemError::NoEnd { label: label() }),
        (b"-----BEGIN A-----\nAQID\n-----BEGIN A-----\n-----END A-----", PemError::NoEnd { label: label() }),
        (
            b"-----BEGIN A-----\nAQID\n-----END B-----",
            PemError::MismatchedEnd { begin: label(), end: "B".to_owned() },
        ),
        (b"-----BEGIN A-----\nAQ!D\n-----END A-----", PemError::Base64 { label: label() }),
        (b"-----BEGIN A-----\nAQI\n-----END A-----", PemError::Base64 { label: label() }),
    ];
    for (text, fault) in cases {
        assert_eq!(first(text), Err(fault), "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn other_labels_are_none() {
    let text = b"-----BEGIN B-----\nAQID\n-----END B-----";
    assert!(find(text, |label| label == "A").unwrap().is_none());
}
