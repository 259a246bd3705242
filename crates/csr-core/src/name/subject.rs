//! The subject (RFC 5280 §4.1.2.6, attributes of Appendix A.1).

use core::fmt;

use csr_model::{Fault, Field, Reason};

use super::text::OneLine;
use super::{EmailAddress, country, text};
use crate::asn1::{self, Oid, ReadError, Reader, StringType, Writer, tag};
use crate::oid::SubjectAttribute;

/// A distinguished name (RFC 5280 §4.1.2.4): attributes in order, of which neighbours may form one relative name.
/// Those that are given to [`crate::CsrSpec::builder`] are checked; those of a CSR or certificate that is renewed are taken
/// as they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Subject(Vec<AttributeTypeAndValue>);

/// One attribute of a [`Subject`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributeTypeAndValue {
    pub(crate) oid: Oid,
    /// The value in DER.
    pub(crate) der: Vec<u8>,
    pub(crate) is_joined: bool,
}

impl Subject {
    /// In each relative name the attributes are put into the order that DER wants (X.690 §11.6).
    pub(crate) fn new(mut attributes: Vec<AttributeTypeAndValue>) -> Self {
        for relative_name in attributes.chunk_by_mut(|_, next| next.is_joined) {
            if relative_name.len() > 1 {
                relative_name.sort_by_cached_key(|attribute| Writer::der(|writer| attribute.write(writer)));
                let mut is_joined = false;
                for attribute in relative_name {
                    attribute.is_joined = std::mem::replace(&mut is_joined, true);
                }
            }
        }
        Self(attributes)
    }

    /// The attributes, in order.
    #[must_use]
    pub fn attributes(&self) -> &[AttributeTypeAndValue] {
        &self.0
    }

    /// Whether there is no attribute.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first common name, if it is a text.
    #[must_use]
    pub fn common_name(&self) -> Option<String> {
        self.0.iter().find(|attribute| attribute.is(SubjectAttribute::CommonName))?.text()
    }

    fn relative_names(&self) -> impl DoubleEndedIterator<Item = &[AttributeTypeAndValue]> {
        self.0.chunk_by(|_, next| next.is_joined)
    }

    /// Writes a `Name`.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.sequence(|name| {
            for relative_name in self.relative_names() {
                name.element(tag::SET, |set| {
                    relative_name.iter().for_each(|attribute| attribute.write(set));
                });
            }
        });
    }

    /// Reads a `Name`, keeping every value as it is.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        let mut names = reader.nested(tag::SEQUENCE)?;
        let mut attributes = Vec::new();
        while !names.is_empty() {
            let mut relative_name = names.nested(tag::SET)?;
            let mut is_joined = false;
            while !relative_name.is_empty() {
                let mut attribute = relative_name.nested(tag::SEQUENCE)?;
                let oid = attribute.oid()?;
                let der = attribute.any()?.raw.to_vec();
                attribute.finish()?;
                attributes.push(AttributeTypeAndValue { oid, der, is_joined });
                is_joined = true;
            }
        }
        Ok(Self::new(attributes))
    }

    /// Parses a distinguished name as RFC 4514 writes it, last relative name first: `CN=Example,O=Example Ltd,C=GB`.
    ///
    /// # Errors
    ///
    /// [`Reason::NotADistinguishedName`]; [`Reason::InAttribute`] with the first rule that a value breaks.
    pub fn parse(given: &str) -> Result<Self, Reason> {
        text::check_controls(given)?;
        // Its `+` and `/` would be taken for separators.
        text::check_public(given)?;
        let mut relative_names = Vec::new();
        for relative_name in split(given, ',')? {
            let mut attributes = Vec::new();
            for (index, attribute) in split(relative_name, '+')?.into_iter().enumerate() {
                let (label, value) = attribute
                    .split_once('=')
                    .ok_or(Reason::NotADistinguishedName("an attribute has no `=`"))?;
                let label = label.trim();
                let oid = attribute_type(label).ok_or(Reason::NotADistinguishedName(
                    "an attribute is neither a known short name nor an object identifier",
                ))?;
                if attributes.iter().any(|earlier: &AttributeTypeAndValue| earlier.oid == oid) {
                    return Err(Reason::NotADistinguishedName(
                        "attributes that `+` joins must be of different types",
                    ));
                }
                let value = value.trim_start();
                attributes.push(match value.strip_prefix('#') {
                    Some(der) => AttributeTypeAndValue::of_der(oid, der.trim_end(), index > 0)?,
                    None => AttributeTypeAndValue::new(oid, &unescaped(value)?, index > 0)
                        .map_err(|reasons| in_attribute(label, reasons))?,
                });
            }
            relative_names.push(attributes);
        }
        Ok(Self::new(relative_names.into_iter().rev().flatten().collect()))
    }
}

/// The type of a subject's attribute, by a name that [`SubjectAttribute`] knows or dotted.
fn attribute_type(label: &str) -> Option<Oid> {
    label.parse().map(|attribute: SubjectAttribute| attribute.into()).or_else(|_| label.parse()).ok()
}

fn in_attribute(label: &str, reasons: Vec<Reason>) -> Reason {
    let first = reasons.into_iter().next().unwrap_or(Reason::SaysNothing);
    Reason::InAttribute { attribute: label.to_owned(), reason: Box::new(first) }
}

/// The parts of an RFC 4514 string between separators that no `\` escapes.
fn split(given: &str, separator: char) -> Result<Vec<&str>, Reason> {
    let (mut parts, mut start, mut is_escaped) = (Vec::new(), 0, false);
    for (at, c) in given.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == separator {
            parts.push(&given[start..at]);
            start = at + c.len_utf8();
        }
    }
    parts.push(&given[start..]);
    if parts.iter().any(|part| part.trim().is_empty()) {
        return Err(Reason::NotADistinguishedName("an attribute is missing"));
    }
    Ok(parts)
}

/// What may follow a `\`, besides two hexadecimal digits (RFC 4514 §3).
const ESCAPED: &[u8] = b" \"#+,;<=>\\";

/// RFC 4514 §2.4: `\` stands before a special character or two hexadecimal digits of an octet of UTF-8. Blanks at the end
/// are not part of the value unless they are escaped.
fn unescaped(value: &str) -> Result<String, Reason> {
    let mut octets = Vec::with_capacity(value.len());
    let mut end = 0;
    let mut rest = value.bytes();
    while let Some(octet) = rest.next() {
        if octet == b'\\' {
            let escaped = rest.next().ok_or(Reason::NotADistinguishedName("a `\\` ends it"))?;
            let digits = [escaped, rest.clone().next().unwrap_or_default()];
            let mut decoded = [0];
            match hex::mixed::decode(digits, &mut decoded) {
                Ok(_) => {
                    octets.push(decoded[0]);
                    rest.next();
                }
                Err(_) if ESCAPED.contains(&escaped) => octets.push(escaped),
                Err(_) => {
                    return Err(Reason::NotADistinguishedName(
                        "a `\\` must stand before a special character or two hexadecimal digits",
                    ));
                }
            }
            end = octets.len();
        } else if b"\";<>".contains(&octet) {
            return Err(Reason::NotADistinguishedName(
                "put a `\\` before each `\"`, `;`, `<` and `>` of a value",
            ));
        } else {
            octets.push(octet);
            if octet != b' ' {
                end = octets.len();
            }
        }
    }
    octets.truncate(end);
    String::from_utf8(octets).map_err(|_| Reason::NotADistinguishedName("escaped octets are not UTF-8"))
}

impl AttributeTypeAndValue {
    /// A text, checked by the rules of its type, and encoded as the string type that these prescribe: a DirectoryString
    /// as UTF8String (RFC 5280 §4.1.2.4).
    pub(crate) fn new(oid: Oid, given: &str, is_joined: bool) -> Result<Self, Vec<Reason>> {
        let attribute = SubjectAttribute::of(&oid);
        let value = checked(attribute, given)?;
        let string_type = attribute.and_then(SubjectAttribute::string_type).unwrap_or(StringType::Utf8);
        let der = Writer::der(|writer| writer.string(string_type, &value));
        Ok(Self { oid, der, is_joined })
    }

    /// A value of any type, as RFC 4514 §2.4 writes it after `#`.
    fn of_der(oid: Oid, digits: &str, is_joined: bool) -> Result<Self, Reason> {
        let der = hex::mixed::decode_vec(digits)
            .map_err(|_| Reason::NotADistinguishedName("a value after `#` is not hexadecimal"))?;
        asn1::check_public(&der)?;
        Ok(Self { oid, der, is_joined })
    }

    /// Its type.
    #[must_use]
    pub fn oid(&self) -> &Oid {
        &self.oid
    }

    /// Its type, if it is a known one.
    #[must_use]
    pub fn name(&self) -> Option<SubjectAttribute> {
        SubjectAttribute::of(&self.oid)
    }

    /// Whether it is of this type.
    #[must_use]
    pub fn is(&self, attribute: SubjectAttribute) -> bool {
        self.oid.as_bytes() == attribute.oid().as_bytes()
    }

    /// The characters of its value, if that is a string.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        asn1::text(&Reader::new(&self.der).any().ok()?)
    }

    /// Why its value would be refused if it were given; a CSR or certificate that is renewed may hold such a value. `None`
    /// for a value that is no string.
    #[must_use]
    pub fn fault(&self) -> Option<Reason> {
        let reasons = checked(self.name(), &self.text()?).err()?;
        reasons.into_iter().next()
    }

    /// Whether it forms one relative name with the attribute before it.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.is_joined
    }

    fn write(&self, writer: &mut Writer) {
        writer.sequence(|pair| {
            pair.oid(&self.oid);
            pair.raw(&self.der);
        });
    }

    /// The type's short name; dotted if it has none.
    fn label(&self) -> String {
        self.name().map_or_else(|| self.oid.to_string(), |name| name.to_string())
    }
}

/// As RFC 4514 writes it.
impl fmt::Debug for AttributeTypeAndValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// As RFC 4514 writes it.
impl fmt::Display for AttributeTypeAndValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine::new(usize::MAX);
        self.add_to(&mut line);
        f.pad(&line.finish())
    }
}

/// As RFC 4514 writes it, last attribute first: `CN=example.com,O=Example\, Inc.,C=CN`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine::new(usize::MAX);
        self.relative_names().rev().flatten().for_each(|attribute| attribute.add_to(&mut line));
        f.pad(&line.finish())
    }
}

impl AttributeTypeAndValue {
    fn add_to(&self, line: &mut OneLine) {
        match self.text() {
            Some(text) => line.text(self.is_joined, self.label(), &text),
            None => {
                let value = hex::lower::encode_string(&self.der);
                line.other(self.is_joined, self.label(), format_args!("#{value}"));
            }
        }
    }
}

/// Checks a value by the rules of its type: it must have no controls, some visible text, nothing invisible around it,
/// only characters that its string type can hold, and at most as many as the upper bound.
fn checked(attribute: Option<SubjectAttribute>, given: &str) -> Result<String, Vec<Reason>> {
    let value = match attribute {
        Some(SubjectAttribute::Country | SubjectAttribute::JurisdictionCountry) => {
            return country(given).map_err(|reason| vec![reason]);
        }
        Some(SubjectAttribute::EmailAddress) => {
            let address = EmailAddress::parse(given).map_err(|reason| vec![reason])?;
            return Ok(address.as_str().to_owned());
        }
        _ => given,
    };
    if let Err(reason) = text::check_public(value) {
        return Err(vec![reason]);
    }
    let mut reasons = Vec::new();
    let content = text::check_controls(value).and_then(|()| text::check_content(value));
    let alphabet = content.and_then(|()| {
        let string_type = attribute.and_then(SubjectAttribute::string_type);
        string_type.map_or(Ok(()), |string_type| string_type.check(value))
    });
    reasons.extend(alphabet.err());
    let found = value.chars().count();
    if let Some((max, rule)) = attribute.and_then(SubjectAttribute::upper_bound)
        && found > max
    {
        reasons.push(Reason::TooLong { found, max, rule });
    }
    if reasons.is_empty() { Ok(value.to_owned()) } else { Err(reasons) }
}

/// Checks C, which must be a code of ISO 3166-1, and writes it in capitals.
fn country(given: &str) -> Result<String, Reason> {
    let code = given.to_uppercase();
    if given.is_ascii() && country::is_country_code(&code) {
        return Ok(code);
    }
    let meant = country::meant_by(code.trim());
    let meant = meant.or_else(|| country::is_country_code(code.trim()).then_some("the two letters alone"));
    Err(meant.map_or(Reason::NotACountryCode, Reason::MistakenCountryCode))
}

/// A subject in the making: what a field or flag sets takes the place of what was there.
#[derive(Debug, Default)]
pub(crate) struct SubjectDraft(Vec<AttributeTypeAndValue>);

impl SubjectDraft {
    pub(crate) fn new(subject: &Subject) -> Self {
        Self(subject.0.clone())
    }

    pub(crate) fn has(&self, attribute: SubjectAttribute) -> bool {
        self.0.iter().any(|there| there.is(attribute))
    }

    /// Gives an attribute these values, each a relative name of its own, at the place of its first one or at the end. Faults
    /// are of this field.
    pub(crate) fn set<'a>(
        &mut self,
        field: Field,
        attribute: SubjectAttribute,
        values: impl IntoIterator<Item = &'a str>,
        faults: &mut Vec<Fault>,
    ) {
        let place = self.0.iter().position(|there| there.is(attribute)).unwrap_or(self.0.len());
        self.remove(attribute);
        let values = values.into_iter().filter_map(|value| {
            let checked = AttributeTypeAndValue::new(attribute.into(), value, false);
            checked
                .map_err(|reasons| faults.extend(reasons.into_iter().map(|r| Fault::new(field, value, r))))
                .ok()
        });
        let mut place = place.min(self.0.len());
        // In the middle of a relative name they would take over the attributes behind them.
        while self.0.get(place).is_some_and(|behind| behind.is_joined) {
            place += 1;
        }
        self.0.splice(place..place, values);
    }

    /// Removes an attribute. What was joined to it stands by itself.
    pub(crate) fn remove(&mut self, attribute: SubjectAttribute) {
        let mut head_is_gone = false;
        self.0.retain_mut(|there| {
            let goes = there.is(attribute);
            if there.is_joined {
                there.is_joined = !head_is_gone;
                head_is_gone = goes && head_is_gone;
            } else {
                head_is_gone = goes;
            }
            !goes
        });
    }

    pub(crate) fn push(&mut self, attribute: AttributeTypeAndValue) {
        self.0.push(attribute);
    }

    pub(crate) fn finish(self) -> Subject {
        Subject::new(self.0)
    }
}
