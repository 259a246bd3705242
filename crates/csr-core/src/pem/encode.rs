//! Writing PEM.
//!
//! `pem-rfc7468` writes the same, but takes 27 instructions per character, and a CSR with its key has 600 characters. The
//! compiler vectorizes the arithmetic here, which then takes 5. Both are constant-time, as the body may be a private
//! key: nothing branches on it, and it is no index into a table.

use core::mem;

use zeroize::Zeroizing;

/// The octets of a line of 64 characters (RFC 7468 §2).
const LINE: usize = 48;

/// `der` as one PEM block: 64 columns, LF, a final LF.
#[expect(clippy::expect_used, reason = "it consists of labels and base64")]
pub(crate) fn encode(label: &'static str, der: &[u8]) -> Zeroizing<String> {
    let (begin, end) = (["-----BEGIN ", label, "-----\n"], ["-----END ", label, "-----\n"]);
    let boundaries: usize = begin.iter().chain(&end).map(|part| part.len()).sum();
    // The final length, so that the buffer does not grow and leave a copy.
    let length = boundaries + base64_len(der.len()) + der.len().div_ceil(LINE);
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    begin.iter().for_each(|part| text.extend_from_slice(part.as_bytes()));
    for line in der.chunks(LINE) {
        let start = text.len();
        text.resize(start + base64_len(line.len()), 0);
        base64(line, &mut text[start..]);
        text.push(b'\n');
    }
    end.iter().for_each(|part| text.extend_from_slice(part.as_bytes()));
    Zeroizing::new(String::from_utf8(mem::take(&mut *text)).expect("PEM is ASCII"))
}

const fn base64_len(octets: usize) -> usize {
    octets.div_ceil(3) * 4
}

/// Base64 (RFC 4648 §4), with padding.
fn base64(octets: &[u8], characters: &mut [u8]) {
    let sixes = |[a, b, c]: [u8; 3]| [a >> 2, (a << 4 | b >> 4) & 63, (b << 2 | c >> 6) & 63, c & 63];
    let (threes, rest) = octets.as_chunks();
    let (fours, _) = characters.as_chunks_mut();
    fours.iter_mut().zip(threes).for_each(|(four, three)| *four = sixes(*three));
    if let (Some(last), [a, others @ ..]) = (fours.last_mut(), rest) {
        *last = sixes([*a, others.first().copied().unwrap_or(0), 0]);
    }
    characters.iter_mut().for_each(|character| *character = encoded(*character));
    let padding = (3 - rest.len()) % 3;
    let end = characters.len() - padding;
    characters[end..].fill(b'=');
}

/// The character of six bits: A–Z, a–z, 0–9, + and /.
fn encoded(bits: u8) -> u8 {
    // 1 for more than `bound`, else 0: the subtraction of numbers below 64 borrows.
    let above = |bound: u8| bound.wrapping_sub(bits) >> 7;
    (bits + b'A')
        .wrapping_add(6 * above(25)) // a
        .wrapping_sub(75 * above(51)) // 0
        .wrapping_sub(15 * above(61)) // +
        .wrapping_add(3 * above(62)) // /
}
