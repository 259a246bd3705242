//! Blanks and line ends, in the forms that they take when PEM passes through web forms, variables
//! and editors.

/// The length of the blank at the beginning of `text`: white space, a no-break space, a byte order
/// mark or a similar character without width, or the escape of a line end or tab (`\n`, or `\\n` if
/// it was escaped twice).
fn blank(text: &[u8]) -> Option<usize> {
    match text {
        [b' ' | b'\t'..=b'\r', ..] => Some(1),
        [0xc2, 0xa0, ..] => Some(2),
        [0xe2, 0x80, 0x8b..=0x8d | 0xa8 | 0xa9, ..] | [0xe3, 0x80, 0x80, ..] | [0xef, 0xbb, 0xbf, ..] => {
            Some(3)
        }
        // A no-break space of Latin-1.
        [0xa0, ..] => Some(1),
        [b'\\', ..] => {
            let backslashes = text.iter().take_while(|byte| **byte == b'\\').count();
            let is_blank = matches!(text.get(backslashes), Some(b'n' | b'r' | b't' | b' ' | b'\t'..=b'\r'));
            is_blank.then_some(backslashes + 1)
        }
        _ => None,
    }
}

/// The text without the blanks at its beginning.
pub(super) fn without_blanks(mut text: &[u8]) -> &[u8] {
    while let Some(length) = blank(text) {
        text = &text[length..];
    }
    text
}

/// `text` up to its first line end, and the text after that; `None` without a line end.
pub(super) fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    loop {
        at += text[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r' | b'\\'))?;
        let length = line_end(&text[at..]);
        if length > 0 {
            return Some((&text[..at], &text[at + length..]));
        }
        at += text[at..].iter().take_while(|byte| **byte == b'\\').count();
    }
}

/// The length of the line end at the beginning of `text`, or 0: LF, CR or both, or their escapes.
fn line_end(text: &[u8]) -> usize {
    let one = |text: &[u8], end: u8, letter: u8| match text {
        [first, ..] if *first == end => 1,
        [b'\\', ..] => {
            let backslashes = text.iter().take_while(|byte| **byte == b'\\').count();
            if text.get(backslashes) == Some(&letter) { backslashes + 1 } else { 0 }
        }
        _ => 0,
    };
    let cr = one(text, b'\r', b'r');
    cr + one(&text[cr..], b'\n', b'n')
}
