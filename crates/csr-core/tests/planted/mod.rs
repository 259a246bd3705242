//! Plants a private key in a wrong place, mangled by a program of mutations, and checks that no
//! part of it appears in the output. Shared by the tests of this crate, the façade and the command,
//! and by the fuzz target `secrets`.
#![allow(clippy::unwrap_used, dead_code, reason = "tests, which use a part of this each")]

use std::collections::HashSet;
use std::sync::LazyLock;

use csr_core::{KeyFormat, KeyPair};

/// A key in its common forms.
pub(crate) struct Secret {
    pub(crate) forms: Vec<Vec<u8>>,
    base64: String,
    hex: String,
}

pub(crate) static SECRETS: LazyLock<[Secret; 2]> = LazyLock::new(|| {
    let p256 = include_bytes!("../data/keys/p256-sec1.der").as_slice();
    let rsa = include_bytes!("../data/keys/rsa2048-pkcs1.der").as_slice();
    [(p256, KeyFormat::Sec1), (rsa, KeyFormat::Pkcs1)].map(|(der, other)| {
        let key = KeyPair::import(der, None).unwrap();
        let pem = key.to_pem(KeyFormat::Pkcs8).unwrap().to_string();
        let der = key.to_der(KeyFormat::Pkcs8).unwrap().to_vec();
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let base64url = base64.replace('+', "-").replace('/', "_");
        let hex: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
        let other = key.to_pem(other).unwrap().to_string();
        let lines = base64.as_bytes().chunks(64).collect::<Vec<_>>().join(&b'\n');
        let forms = [&pem, &other, &base64, &base64url, &hex, &hex.to_uppercase()]
            .map(|text| text.clone().into_bytes());
        Secret { forms: Vec::from_iter(forms.into_iter().chain([lines, der])), base64, hex }
    })
});

/// The output must not contain this many consecutive octets of a secret.
const SHOWN_MAX: usize = 20;

/// All pieces of that length of all forms. Hexadecimal is in small letters.
static PIECES: LazyLock<HashSet<[u8; SHOWN_MAX]>> = LazyLock::new(|| {
    let forms = SECRETS.iter().flat_map(|secret| &secret.forms);
    let forms = forms.map(|form| {
        // The boundaries are not secret.
        let lines = form.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"-----"));
        lines.flatten().copied().collect::<Vec<_>>()
    });
    forms
        .flat_map(|form| form.windows(SHOWN_MAX).map(|piece| piece.try_into().unwrap()).collect::<Vec<_>>())
        .collect()
});

/// Asserts that the output contains nothing of a secret, not even in pieces between blanks, quotes
/// or escapes.
///
/// # Panics
///
/// If it does.
pub(crate) fn assert_nothing_leaks(shown: &[u8]) {
    let together: Vec<u8> = shown.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let text = String::from_utf8_lossy(&together);
    let escapes = ["\\n", "\\r", "\\t", "\\", "\"", "'"];
    let unescaped = escapes.iter().fold(text.into_owned(), |text, escape| text.replace(escape, ""));
    let hexadecimal = unescaped.to_ascii_lowercase().into_bytes();
    for view in [shown, &together, unescaped.as_bytes(), &hexadecimal] {
        if let Some(piece) = view.windows(SHOWN_MAX).find(|piece| PIECES.contains(*piece)) {
            panic!("{} of a secret in {}", String::from_utf8_lossy(piece), String::from_utf8_lossy(shown));
        }
    }
}

const FIELDS: [&str; 12] = [
    "name",
    "domain_name",
    "sans",
    "private_key_algo",
    "usage",
    "company_country",
    "company_province",
    "company_city",
    "company_name",
    "csr",
    "private_key",
    "other",
];

struct Program<'a>(&'a [u8]);

impl Program<'_> {
    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.byte() % of.len()]
    }

    /// A place in a text of this length.
    fn place(&mut self, length: usize) -> usize {
        (256 * self.byte() + self.byte()) % (length + 1)
    }
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut made = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        made.extend_from_slice(&rest[..at]);
        made.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    made.extend_from_slice(rest);
    made
}

fn json(text: &[u8]) -> String {
    serde_json::to_string(&String::from_utf8_lossy(text)).unwrap()
}

/// A secret, mangled by `program`: the first two bytes choose the key and its form, the rest the
/// mutations.
pub(crate) fn mangled(program: &[u8]) -> Vec<u8> {
    const MUTATIONS_MAX: usize = 12;
    /// Three times the longest form; more would only take longer.
    const LENGTH_MAX: usize = 1 << 13;
    let mut program = Program(program);
    let secret = &SECRETS[program.byte() % SECRETS.len()];
    let mut text = secret.forms[program.byte() % secret.forms.len()].clone();
    for _ in 0..MUTATIONS_MAX {
        if program.0.is_empty() {
            break;
        }
        text = mutated(text, secret, &mut program);
        text.truncate(LENGTH_MAX);
    }
    text
}

fn mutated(mut text: Vec<u8>, secret: &Secret, program: &mut Program<'_>) -> Vec<u8> {
    match program.byte() % 18 {
        0 => {
            let to = ["", " ", "  ", "\r", "\r\n", "\\n", "\\r\\n", "\t\n", "\u{a0}\n", "\n  ", "\n\n", "\0"];
            replaced(&text, b"\n", program.pick(&to).as_bytes())
        }
        1 => {
            text.truncate(program.place(text.len()));
            text
        }
        2 => text.split_off(program.place(text.len())),
        3 => {
            let to = [
                "CERTIFICATE REQUEST",
                "FOO",
                "",
                "KEY",
                "ENCRYPTED PRIVATE KEY",
                "RSA PRIVATE KEY",
                "A\u{202e}",
            ];
            replaced(&text, b"PRIVATE KEY", program.pick(&to).as_bytes())
        }
        // A piece of the secret as a label.
        4 => {
            let of = program.pick(&[&secret.base64, &secret.hex]);
            let at = program.place(of.len() - 1);
            let piece = &of[at..(at + program.byte()).min(of.len())];
            let piece =
                if program.byte().is_multiple_of(2) { piece.to_owned() } else { piece.to_uppercase() };
            replaced(&text, b"PRIVATE KEY", piece.as_bytes())
        }
        5 => {
            let from = ["-----BEGIN", "-----END", "-----", "BEGIN ", "END ", "KEY-----", "KEY-----\n"];
            let to = ["", "----", "-----", "--", "-----BEGIN ", "-----END ", " ", "begin"];
            replaced(&text, program.pick(&from).as_bytes(), program.pick(&to).as_bytes())
        }
        6 => {
            let at = program.place(text.len());
            text.splice(at..(at + program.byte() % 16).min(text.len()), []);
            text
        }
        7 => {
            let at = program.place(text.len());
            text.insert(at, u8::try_from(program.byte()).unwrap());
            text
        }
        8 => {
            let change = program.pick(&[u8::to_ascii_lowercase, u8::to_ascii_uppercase]);
            text.iter().map(change).collect()
        }
        9 => {
            let between = program
                .pick(&[" ", "\n", ".", ";", "\\n", ",", "\u{200b}", "-", "@", "\", \"", "/", ":", "例"]);
            let length = 1 + program.byte() % 80;
            text.chunks(length).collect::<Vec<_>>().join(between.as_bytes())
        }
        10 => format!("{{{:?}: {}}}", program.pick(&FIELDS), json(&text)).into_bytes(),
        11 => {
            format!("{{{}: {}}}", json(&text), program.pick(&["1", "\"x\"", "null", "[]", ""])).into_bytes()
        }
        12 => {
            format!("{{{:?}: [{{{}: [{}]}}]}}", program.pick(&FIELDS), json(&text), json(&text)).into_bytes()
        }
        13 => json(&text).into_bytes(),
        14 => {
            let around = [
                "\u{feff}",
                "x",
                "\"",
                "'",
                "key: ",
                "https://",
                "*.",
                "@",
                "xn--",
                "0\u{82}",
                "[",
                "{",
                " ",
                ".example.com",
            ];
            let mut made = program.pick(&around).as_bytes().to_vec();
            made.append(&mut text);
            made.extend_from_slice(program.pick(&around).as_bytes());
            made
        }
        15 => {
            let bytes = program.pick(&[u16::to_le_bytes, u16::to_be_bytes]);
            let mark = program.pick(&["", "\u{feff}"]);
            format!("{mark}{}", String::from_utf8_lossy(&text)).encode_utf16().flat_map(bytes).collect()
        }
        16 => {
            let between = program.pick(&["", "\n", " ", "-----", ";", "\n-----END PRIVATE KEY-----"]);
            [text.as_slice(), &text].join(between.as_bytes())
        }
        // The same field twice, or several.
        _ => {
            let (first, second) = (program.pick(&FIELDS), program.pick(&FIELDS));
            format!("{{{first:?}: {}, {second:?}: {}}}", json(&text), json(&text)).into_bytes()
        }
    }
}

/// Every form that the command's and the façade's tests try.
pub(crate) fn fixed() -> Vec<Vec<u8>> {
    let mut programs = Vec::new();
    for secret in [0, 1] {
        for form in 0..8 {
            programs.push(vec![secret, form]);
        }
        // Line ends; truncated; labels; boundaries; one damaged byte; case; JSON; garbage around; UTF-16; twice.
        programs.extend((0..12).map(|line_end| vec![secret, 0, 0, line_end]));
        programs.extend([
            vec![secret, 0, 1, 0, 100],
            vec![secret, 0, 2, 0, 10],
            vec![secret, 0, 2, 0, 30, 0, 1],
        ]);
        programs.extend((0..7).map(|label| vec![secret, 0, 3, label]));
        programs.extend([0, 1].map(|of| vec![secret, 0, 4, of, 0, 3, 19, 1]));
        programs.extend([0, 1].map(|of| vec![secret, 0, 4, of, 0, 3, 200, 0, 0, 1]));
        programs.extend((0..7).map(|from| vec![secret, 0, 5, from, 0]));
        programs.extend((0..7).map(|from| vec![secret, 0, 0, 1, 5, from, 1]));
        programs.extend([vec![secret, 0, 7, 0, 60, b'!'], vec![secret, 0, 8, 0], vec![secret, 0, 8, 1]]);
        programs.extend((0..12).map(|field| vec![secret, 0, 10, field]));
        programs.extend([
            vec![secret, 0, 11, 0],
            vec![secret, 0, 11, 4],
            vec![secret, 0, 12, 1],
            vec![secret, 0, 13],
        ]);
        programs.extend([0, 1].map(|order| vec![secret, 0, 15, order, 1]));
        programs.extend([
            vec![secret, 0, 5, 6, 0, 15, 0, 0],
            vec![secret, 0, 16, 5],
            vec![secret, 0, 17, 3, 3],
        ]);
        programs.extend((0..13).map(|between| vec![secret, 2, 9, between, 18]));
    }
    programs.iter().map(|program| mangled(program)).collect()
}
