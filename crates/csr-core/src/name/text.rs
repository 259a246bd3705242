//! What no name may contain, and how names are shown.

use core::fmt::{self, Write};

use crate::{Reason, key};

/// Refuses the C0 and C1 controls (including NUL) and characters like them, the bidirectional
/// controls, and the noncharacters.
///
/// # Errors
///
/// The first such character.
pub(crate) fn check_controls(text: &str) -> Result<(), Reason> {
    // In ASCII the controls are the only such characters, and most texts are ASCII.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(());
    }
    for c in text.chars() {
        // Line and paragraph separators, deprecated format characters and interlinear annotations
        // are controls in everything but their category (Unicode §23.2, §23.3, §23.8).
        if c.is_control()
            || matches!(c, '\u{2028}'..='\u{2029}' | '\u{206A}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}')
        {
            return Err(Reason::ControlCharacter(c.into()));
        }
        // The property Bidi_Control of the Unicode Character Database.
        if matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        {
            return Err(Reason::BidiControl(c.into()));
        }
        // Unicode §23.7: the last two of every plane, and 32 more.
        if u32::from(c) & 0xFFFE == 0xFFFE || matches!(c, '\u{FDD0}'..='\u{FDEF}') {
            return Err(Reason::Noncharacter(c.into()));
        }
    }
    Ok(())
}

/// Whether a character shows nothing: white space, what the Unicode Character Database calls
/// Default_Ignorable_Code_Point, and the empty Braille pattern.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Refuses a value without information: only invisible characters, dots and dashes, which people
/// type into mandatory fields (Baseline Requirements §7.1.4.2: "metadata such as '.', '-', and '
/// '").
///
/// # Errors
///
/// [`Reason::SaysNothing`]; [`Reason::Padded`] for one that has invisible characters at an end.
pub(crate) fn check_content(text: &str) -> Result<(), Reason> {
    let is_nothing =
        |c: char| is_invisible(c) || matches!(c, '.' | '-' | '_' | '\u{2010}'..='\u{2015}' | '…' | '。');
    if text.chars().all(is_nothing) {
        return Err(Reason::SaysNothing);
    }
    if text.starts_with(is_invisible) || text.ends_with(is_invisible) {
        return Err(Reason::Padded);
    }
    Ok(())
}

/// Refuses a private key, which would be in a CSR for others to read.
pub(crate) fn check_public(text: &str) -> Result<(), Reason> {
    if key::text_holds_private_key(text) { Err(Reason::PrivateKey) } else { Ok(()) }
}

/// Whether a character must not reach a terminal as it is: controls, which start escape sequences, and what
/// reorders, hides or breaks text.
#[must_use]
pub fn must_escape(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Displays a text with the characters of [`must_escape`] as `\u{…}`.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if must_escape(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// A distinguished name as RFC 4514 writes it, in the making: last attribute first, those of a multi-valued relative name
/// joined by `+`. It is cut, and ends in `…`, where it is longer than `max` bytes.
pub(crate) struct OneLine {
    line: String,
    max: usize,
}

impl OneLine {
    pub(crate) const fn new(max: usize) -> Self {
        Self { line: String::new(), max }
    }

    /// Whether nothing more is written.
    pub(crate) fn is_full(&self) -> bool {
        self.line.len() > self.max
    }

    /// Adds an attribute whose value is a text (RFC 4514 §2.4).
    pub(crate) fn text(&mut self, is_joined: bool, label: impl fmt::Display, value: &str) {
        self.label(is_joined, label);
        let last = value.char_indices().next_back().map_or(0, |(index, _)| index);
        for (index, character) in value.char_indices() {
            if self.is_full() {
                return;
            }
            let is_reserved = match character {
                '"' | '+' | ',' | ';' | '<' | '>' | '\\' => true,
                ' ' => index == 0 || index == last,
                '#' => index == 0,
                _ => false,
            };
            if must_escape(character) {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a String does not fail.
                    let _ = write!(self.line, "\\{byte:02X}");
                }
                continue;
            }
            if is_reserved {
                self.line.push('\\');
            }
            self.line.push(character);
        }
    }

    /// Adds an attribute whose value is none, as it is displayed.
    pub(crate) fn other(&mut self, is_joined: bool, label: impl fmt::Display, value: impl fmt::Display) {
        self.label(is_joined, label);
        let _ = write!(self.line, "{value}");
    }

    fn label(&mut self, is_joined: bool, label: impl fmt::Display) {
        let joint = if is_joined { "+" } else { "," };
        let joint = if self.line.is_empty() { "" } else { joint };
        let _ = write!(self.line, "{joint}{label}=");
    }

    pub(crate) fn finish(mut self) -> String {
        if self.is_full() {
            self.line.truncate(self.line.floor_char_boundary(self.max));
            self.line.push('…');
        }
        self.line
    }
}
