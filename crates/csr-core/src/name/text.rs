//! Characters that no name may contain.

use crate::Reason;

/// Refuses the C0 and C1 controls (including NUL) and characters like them, the bidirectional
/// controls, and the noncharacters.
///
/// # Errors
///
/// The first such character.
pub(crate) fn check_controls(text: &str) -> Result<(), Reason> {
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

/// Whether a PrintableString can hold the text (X.680 §41.4).
pub(crate) fn is_printable(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&b))
}
