//! Which labels may be shown in the letters of other scripts, so that none passes for another (Unicode UTS 39).

use icu_properties::CodePointMapData;
use icu_properties::props::Script;

use super::text::{is_invisible, must_escape};

/// Scripts that one language is written in, beside Latin letters (UTS 39 §5.2, "highly restrictive").
const TOGETHER: [&[Script]; 3] = [
    &[Script::Latin, Script::Han, Script::Hiragana, Script::Katakana],
    &[Script::Latin, Script::Han, Script::Bopomofo],
    &[Script::Latin, Script::Han, Script::Hangul],
];

/// Small letters of Cyrillic and Greek that look like Latin ones.
const LIKE_LATIN: &str = "авгеорсухіјѕһѵѡԁԛԝҽӏпԍԗыъьюαγεηικνορτυχω";

/// Whether a U-label, which is valid in IDNA, may be shown: it has no character that hides or reorders text, is of one script or
/// of scripts that a language mixes, and does not look as if it were of another.
pub(super) fn may_be_shown(label: &str) -> bool {
    if label.contains(|c| must_escape(c) || is_invisible(c)) {
        return false;
    }
    let script_of = CodePointMapData::<Script>::new();
    let mut scripts: Vec<Script> = Vec::new();
    for script in label.chars().map(|c| script_of.get(c)) {
        if script != Script::Common && !scripts.contains(&script) {
            scripts.push(script);
        }
    }
    let is_european = |script: &Script| [Script::Latin, Script::Greek, Script::Cyrillic].contains(script);
    let is_one_language = match scripts[..] {
        // Marks in Latin, Greek and Cyrillic are parts of the letters in the composed form.
        [script] => script != Script::Inherited,
        [script, Script::Inherited] if !is_european(&script) => true,
        _ => TOGETHER.iter().any(|together| scripts.iter().all(|script| together.contains(script))),
    };
    let is_plain = |c: char| script_of.get(c) != Script::Latin || is_letter_in_use(c);
    let mut letters = label.chars().filter(|c| c.is_alphabetic());
    is_one_language && label.chars().all(is_plain) && !letters.all(|c| LIKE_LATIN.contains(c))
}

/// Whether a Latin letter is of an alphabet in use: not of the phonetic ones, whose letters look like others.
fn is_letter_in_use(c: char) -> bool {
    matches!(c,
        'a'..='z' | '\u{DF}'..='\u{130}' | '\u{132}'..='\u{17E}' | '\u{192}' | '\u{1A0}'..='\u{1B0}'
        | '\u{1CD}'..='\u{1DC}' | '\u{218}'..='\u{21B}' | '\u{1E80}'..='\u{1E85}' | '\u{1EA0}'..='\u{1EF9}')
}

#[cfg(test)]
mod tests {
    use super::may_be_shown;

    #[test]
    fn labels_of_one_language_are_shown() {
        for label in [
            "例え",
            "münchen",
            "straße",
            "việt",
            "россия",
            "почта-7",
            "ελλάδα",
            "中国",
            "ひらがなカタカナ漢字",
            "東京tokyo",
            "한국",
            "مثال",
            "ישראל",
            "हिन्दी",
            "தமிழ்",
            "ไทย",
        ] {
            assert!(may_be_shown(label), "{label}");
        }
    }

    #[test]
    fn labels_that_pass_for_others_are_not_shown() {
        for label in [
            "аррӏе",        // all Cyrillic, looks like apple
            "раураl",       // Cyrillic with a Latin l
            "раypal",       // Cyrillic and Latin
            "gооgle",       // Latin with two Cyrillic letters
            "ερα",          // Greek letters like Latin ones
            "αpple",        // a Greek letter in Latin
            "한例え",       // Hangul with Hiragana
            "ɡoogle",       // the phonetic g
            "payp\u{131}l", // a dotless i
            "a\u{338}b",    // a stroke over a letter
            "例\u{200b}え", // an invisible space
            "例\u{202e}え", // reversed
        ] {
            assert!(!may_be_shown(label), "{label}");
        }
    }
}
