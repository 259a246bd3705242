/// The text if it has at most `max` characters, or its beginning with `…` in the last one's place.
///
/// ```
/// assert_eq!(csr_model::shortened("example", 7), "example");
/// assert_eq!(csr_model::shortened("examples", 7), "exampl…");
/// assert_eq!(csr_model::shortened("examples", 0), "");
/// ```
#[must_use]
pub fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(['…']).take(max).collect()
}
