//! The subject (RFC 5280 §4.1.2.6, attributes of Appendix A.1).

use core::fmt;

use csr_model::{Fault, Field, Reason};

use super::text::OneLine;
use super::{EmailAddress, country, text};
use crate::oid::SubjectAttribute;

/// The distinguished name of a CSR, with one value per attribute, in the order C, ST, L, O, OU, CN,
/// emailAddress. [`crate::CsrSpec`] makes it, and has checked every value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Subject {
    pub(crate) country: Option<String>,
    pub(crate) province: Option<String>,
    pub(crate) locality: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) organizational_unit: Option<String>,
    pub(crate) common_name: Option<String>,
    pub(crate) email: Option<EmailAddress>,
}

impl Subject {
    /// The attributes that are there, in order.
    pub fn attributes(&self) -> impl DoubleEndedIterator<Item = (SubjectAttribute, &str)> {
        let Self { country, province, locality, organization, organizational_unit, common_name, email } =
            self;
        [
            (SubjectAttribute::Country, country.as_deref()),
            (SubjectAttribute::Province, province.as_deref()),
            (SubjectAttribute::Locality, locality.as_deref()),
            (SubjectAttribute::Organization, organization.as_deref()),
            (SubjectAttribute::OrganizationalUnit, organizational_unit.as_deref()),
            (SubjectAttribute::CommonName, common_name.as_deref()),
            (SubjectAttribute::EmailAddress, email.as_ref().map(EmailAddress::as_str)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }

    /// Whether there is no attribute.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes().next().is_none()
    }
}

/// As RFC 4514 writes it, last attribute first: `CN=example.com,O=Example\, Inc.,C=CN`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine::new(usize::MAX);
        self.attributes().rev().for_each(|(attribute, value)| line.text(false, attribute, value));
        f.pad(&line.finish())
    }
}

/// Checks one value: it must have no controls, some visible text, nothing invisible around it, and
/// at most as many characters as the upper bound `rule` allows (RFC 5280 Appendix A.1). A blank
/// value counts as absent.
pub(crate) fn value(
    field: Field,
    given: &str,
    max: usize,
    rule: &'static str,
    faults: &mut Vec<Fault>,
) -> Option<String> {
    let mut fault = |reason| faults.push(Fault::new(field, given, reason));
    if given.trim().is_empty() {
        return None;
    }
    let before = text::check_controls(given).and_then(|()| text::check_content(given)).map_err(&mut fault);
    let found = given.chars().count();
    if found > max {
        fault(Reason::TooLong { found, max, rule });
        return None;
    }
    before.ok().map(|()| given.to_owned())
}

/// Checks C, which must be a code of ISO 3166-1, and writes it in capitals. A blank value counts as
/// absent.
pub(crate) fn country(given: &str, faults: &mut Vec<Fault>) -> Option<String> {
    if given.trim().is_empty() {
        return None;
    }
    let code = given.to_uppercase();
    if given.is_ascii() && country::is_country_code(&code) {
        return Some(code);
    }
    let meant = country::meant_by(code.trim());
    let meant = meant.or_else(|| country::is_country_code(code.trim()).then_some("the two letters alone"));
    let reason = meant.map_or(Reason::NotACountryCode, Reason::MistakenCountryCode);
    faults.push(Fault::new(Field::Country, given, reason));
    None
}
