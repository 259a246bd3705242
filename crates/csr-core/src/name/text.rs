//! What no name may contain.

use crate::Reason;

/// Refuses the C0 and C1 controls (NUL among them) and the bidirectional controls.
///
/// # Errors
///
/// The first such character.
pub(crate) fn check_controls(text: &str) -> Result<(), Reason> {
    for c in text.chars() {
        if c.is_control() {
            return Err(Reason::ControlCharacter(c.into()));
        }
        // The property Bidi_Control of the Unicode Character Database.
        if matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        {
            return Err(Reason::BidiControl(c.into()));
        }
    }
    Ok(())
}

/// Whether a PrintableString can hold the text (X.680 §41.4).
pub(crate) fn is_printable(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&b))
}
