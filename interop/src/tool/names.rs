//! Distinguished names as the tools write them.

use crate::Result;

/// What the tools call a type, or its identifier, beside the short name of the table.
const TYPES: [(&str, &str); 31] = [
    ("EMAIL", "emailAddress"),
    ("EMAILADDRESS", "emailAddress"),
    ("SERIALNUMBER", "serialNumber"),
    ("STREET", "street"),
    ("T", "title"),
    ("SURNAME", "SN"),
    ("GIVENNAME", "GN"),
    ("DNQ", "dnQualifier"),
    ("DNQUALIFIER", "dnQualifier"),
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.13", "description"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.42", "GN"),
    ("2.5.4.43", "initials"),
    ("2.5.4.44", "generationQualifier"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

/// The name that the table of shapes has for a type.
pub(super) fn canonical_type(given: &str) -> &str {
    let dotted = given.strip_prefix("OID.").unwrap_or(given);
    let known = TYPES.iter().find(|(other, _)| other.eq_ignore_ascii_case(dotted));
    known.map_or(dotted, |(_, name)| name)
}

/// An attribute whose type a tool names or dots.
pub(super) fn attribute(is_joined: bool, r#type: &str, value: &str) -> String {
    format!("{}{}={value}", if is_joined { "+" } else { "" }, canonical_type(r#type))
}

/// The relative names of a line as RFC 4514 writes it, in its order, each with its attributes.
pub(super) fn relative_names(line: &str) -> Result<Vec<Vec<String>>> {
    let mut all = vec![vec![String::new()]];
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let attribute = all.last_mut().and_then(|relative| relative.last_mut()).ok_or("no attribute")?;
        match character {
            ',' => all.push(vec![String::new()]),
            '+' => all.last_mut().ok_or("no relative name")?.push(String::new()),
            '\\' => {
                attribute.push('\\');
                attribute.push(characters.next().ok_or("a lone backslash")?);
            }
            _ => attribute.push(character),
        }
    }
    all.retain(|relative| *relative != [""]);
    for relative in &mut all {
        for (index, text) in relative.iter_mut().enumerate() {
            let (r#type, value) = text.trim_start().split_once('=').ok_or("an attribute without `=`")?;
            let value = match value.strip_prefix('#') {
                Some(digits) => text_of_string(digits)?,
                None => {
                    unescaped(value.strip_suffix(' ').filter(|rest| !rest.ends_with('\\')).unwrap_or(value))
                }
            };
            *text = attribute(index > 0, r#type, &value);
        }
    }
    Ok(all)
}

/// Without the backslash before each special character. No tool is asked for escaped octets.
fn unescaped(value: &str) -> String {
    let mut plain = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next().unwrap_or(character) } else { character });
    }
    plain
}

/// The characters of a UTF8String, PrintableString or IA5String of less than 128 octets, given as hexadecimal DER.
fn text_of_string(digits: &str) -> Result<String> {
    match hex::mixed::decode_vec(digits)?.as_slice() {
        [0x0c | 0x13 | 0x16, length, text @ ..] if usize::from(*length) == text.len() => {
            Ok(String::from_utf8(text.to_vec())?)
        }
        _ => Err(format!("no short string: {digits}").into()),
    }
}

/// `dirName:` and the attributes, a `/` before each.
pub(super) fn directory_name(attributes: impl IntoIterator<Item = String>) -> String {
    attributes.into_iter().fold("dirName:".to_owned(), |name, attribute| name + "/" + &attribute)
}
