//! Checks of everything that a [`CsrSpecBuilder`] collected.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use csr_model::{Company, Fault, Field, Reason, Usage};

use super::{ChallengePassword, CommonName, CsrSpecBuilder, Entry, SubjectEntry};
use crate::asn1;
use crate::inspect;
use crate::name::subject::SubjectDraft;
use crate::name::{AttributeTypeAndValue, San, Subject, text};
use crate::oid::{AttributeType, ExtensionType, SubjectAttribute};
use crate::sm2_id::Sm2Identity;
use crate::spec::{ExtendedKeyUsage, RequestedAttribute, RequestedExtension};

impl CsrSpecBuilder {
    pub(super) fn checked_domain(&self, faults: &mut Vec<Fault>) -> Option<San> {
        let domain = self.domain.as_ref()?;
        San::host_with(domain, self.underscores)
            .map_err(|reason| faults.push(Fault::new(Field::DomainName, domain, reason)))
            .ok()
    }

    /// Faults are counted for each kind of name.
    pub(super) fn checked_sans(&self, faults: &mut Vec<Fault>) -> Vec<San> {
        let mut sans = Vec::new();
        let mut counts: BTreeMap<Field, usize> = BTreeMap::new();
        for entry in &self.sans {
            let (field, text) = entry.field();
            let count = counts.entry(field).or_default();
            let index = *count;
            *count += 1;
            if matches!(entry, Entry::Host(text) if text.is_empty()) {
                continue;
            }
            match entry.parse(self.underscores) {
                Ok(san) => sans.push(san),
                Err(reason) => faults.push(Fault::new(field, text, reason).at(index)),
            }
        }
        sans
    }

    pub(super) fn checked_subject(
        &self,
        base: Option<&Subject>,
        domain: Option<&San>,
        sans: &[San],
        faults: &mut Vec<Fault>,
    ) -> Subject {
        // A subject that is given by the types of its attributes replaces the one that is built upon.
        let base = base.filter(|_| self.subject.is_empty());
        let mut subject = base.map(SubjectDraft::new).unwrap_or_default();
        let enterprise = self.usage == Some(Usage::Enterprise);
        let Company { country, province, city, name } = &self.company;
        let units: Vec<&str> = self.organizational_units.iter().map(String::as_str).collect();
        for (field, attribute, given, is_required) in [
            (Field::Country, SubjectAttribute::Country, &[country.as_str()][..], enterprise),
            (Field::Province, SubjectAttribute::Province, &[province], enterprise),
            (Field::City, SubjectAttribute::Locality, &[city], enterprise),
            (Field::Organization, SubjectAttribute::Organization, &[name], enterprise),
            (Field::OrganizationalUnit, SubjectAttribute::OrganizationalUnit, &units, false),
        ] {
            let by_type = self.is_given_by_type(attribute);
            if given.iter().all(|value| value.trim().is_empty()) {
                if is_required && !by_type && !subject.has(attribute) {
                    faults.push(Fault::new(field, "", Reason::MissingForEnterprise));
                }
            } else if by_type {
                faults.push(Fault::new(field, "", Reason::AlsoInSubject(attribute.as_str())));
            } else {
                let given = given.iter().copied().filter(|value| !value.trim().is_empty());
                subject.set(field, attribute, given, faults);
            }
        }
        self.add_by_type(&mut subject, faults);
        self.set_common_name(&mut subject, base.is_some(), domain, sans, faults);
        if !self.email_address.trim().is_empty() {
            let email = SubjectAttribute::EmailAddress;
            if self.is_given_by_type(email) {
                let reason = Reason::AlsoInSubject(email.as_str());
                faults.push(Fault::new(Field::EmailAddress, "", reason));
            } else {
                subject.set(Field::EmailAddress, email, [&*self.email_address], faults);
            }
        }
        subject.finish()
    }

    fn is_given_by_type(&self, attribute: SubjectAttribute) -> bool {
        self.subject.iter().any(|entry| SubjectAttribute::of(&entry.oid) == Some(attribute))
    }

    fn add_by_type(&self, subject: &mut SubjectDraft, faults: &mut Vec<Fault>) {
        for (index, SubjectEntry { oid, value, is_joined }) in self.subject.iter().enumerate() {
            let mut fault = |reason| faults.push(Fault::new(Field::Subject, value, reason).at(index));
            if *is_joined && index == 0 {
                fault(Reason::JoinsNothing);
            }
            let earlier = self.subject[..index].chunk_by(|_, next| next.is_joined).next_back();
            if *is_joined && earlier.is_some_and(|joined| joined.iter().any(|entry| entry.oid == *oid)) {
                fault(Reason::JoinsItsType);
            }
            // It is an extension's identifier, and its value would name nothing.
            if SubjectAttribute::of(oid) == Some(SubjectAttribute::SubjectAltName) {
                fault(Reason::HasItsOwnWay("give subject alternative names one by one"));
            }
            match AttributeTypeAndValue::new(oid.clone(), value, *is_joined) {
                Ok(attribute) => subject.push(attribute),
                Err(reasons) => reasons.into_iter().for_each(fault),
            }
        }
    }

    fn set_common_name(
        &self,
        subject: &mut SubjectDraft,
        is_built_upon: bool,
        domain: Option<&San>,
        sans: &[San],
        faults: &mut Vec<Fault>,
    ) {
        let attribute = SubjectAttribute::CommonName;
        let by_type = self.is_given_by_type(attribute);
        match &self.common_name {
            CommonName::Own(_) | CommonName::None if by_type => {
                faults.push(Fault::new(Field::CommonName, "", Reason::AlsoInSubject(attribute.as_str())));
            }
            CommonName::Own(text) => subject.set(Field::CommonName, attribute, [&**text], faults),
            CommonName::None => subject.remove(attribute),
            CommonName::Host if by_type => {}
            CommonName::Host => {
                let is_dns = |san: &&San| matches!(san, San::Dns(_));
                let derived = self.subject.is_empty() && !is_built_upon && self.domain.is_none();
                let host = domain.or_else(|| sans.iter().find(is_dns).filter(|_| derived));
                match host.map(San::common_name) {
                    Some(Some(name)) => subject.set(Field::CommonName, attribute, [name], faults),
                    Some(None) => subject.remove(attribute),
                    None => {}
                }
            }
        }
    }

    pub(super) fn checked_extensions(&mut self, faults: &mut Vec<Fault>) -> Vec<RequestedExtension> {
        let mut extensions = Vec::new();
        if self.basic_constraints.is_some_and(|c| !c.ca && c.path_length.is_some()) {
            faults.push(Fault::new(Field::BasicConstraints, "", Reason::PathLengthWithoutCa));
        }
        extensions.extend(self.basic_constraints.map(RequestedExtension::basic_constraints));
        if !self.key_usage.is_empty() {
            extensions.push(RequestedExtension::key_usage(&self.key_usage));
        }
        let purposes = dedup_by_key(std::mem::take(&mut self.extended_key_usage), ExtendedKeyUsage::oid);
        if !purposes.is_empty() {
            extensions.push(RequestedExtension::extended_key_usage(&purposes));
        }
        if self.must_staple {
            extensions.push(RequestedExtension::must_staple());
        }
        for (index, extension) in std::mem::take(&mut self.extensions).into_iter().enumerate() {
            let mut fault = |reason| {
                let oid = extension.oid.to_string();
                faults.push(Fault::new(Field::Extension, &oid, reason).at(index));
            };
            if extension.known() == Some(ExtensionType::SubjectAltName) {
                fault(Reason::HasItsOwnWay("give subject alternative names one by one"));
            } else if extensions.iter().any(|earlier| earlier.oid == extension.oid) {
                fault(Reason::AskedTwice);
            } else if let Err(reason) = asn1::check_public(&extension.der) {
                fault(reason);
            } else if let Some(reason) = inspect::why_malformed(&extension.as_of_certificate()) {
                fault(Reason::NotOfExtension(reason));
            }
            extensions.push(extension);
        }
        extensions
    }

    pub(super) fn checked_attributes(&mut self, faults: &mut Vec<Fault>) -> Vec<RequestedAttribute> {
        let mut attributes = Vec::new();
        if let Some(password) = &self.challenge_password {
            check_password(password, faults);
            attributes.push(RequestedAttribute::challenge_password(&password.0));
        }
        for (index, attribute) in std::mem::take(&mut self.attributes).into_iter().enumerate() {
            let mut fault = |reason| {
                let oid = attribute.oid.to_string();
                faults.push(Fault::new(Field::Attribute, &oid, reason).at(index));
            };
            if attribute.known().is_some_and(AttributeType::is_extension_request) {
                fault(Reason::HasItsOwnWay("give requested extensions one by one"));
            } else if attributes.iter().any(|earlier| earlier.oid == attribute.oid) {
                fault(Reason::AskedTwice);
            } else if let Some(reason) = attribute.values.iter().find_map(|v| asn1::check_public(v).err()) {
                fault(reason);
            }
            attributes.push(attribute);
        }
        attributes
    }

    pub(super) fn checked_sm2_identity(&self, faults: &mut Vec<Fault>) -> Sm2Identity {
        let Some(given) = &self.sm2_identity else { return Sm2Identity::DEFAULT };
        // It is shown, though it is not in the CSR.
        if let Err(reason) = text::check_public(given) {
            faults.push(Fault::new(Field::Sm2Identity, "", reason));
            return Sm2Identity::DEFAULT;
        }
        Sm2Identity::new(given.as_bytes()).unwrap_or_else(|_| {
            faults.push(Fault::new(Field::Sm2Identity, "", Reason::Sm2IdentityTooLong(given.len())));
            Sm2Identity::DEFAULT
        })
    }
}

/// pkcs-9-ub-challengePassword (RFC 2985 Appendix A).
const CHALLENGE_PASSWORD_MAX: usize = 255;

fn check_password(ChallengePassword(password): &ChallengePassword, faults: &mut Vec<Fault>) {
    // The text stays out of the fault: it is a password.
    let mut fault = |reason| faults.push(Fault::new(Field::ChallengePassword, "", reason));
    let found = password.chars().count();
    if found == 0 {
        fault(Reason::Missing);
    } else if found > CHALLENGE_PASSWORD_MAX {
        fault(Reason::TooLong { found, max: CHALLENGE_PASSWORD_MAX, rule: "pkcs-9-ub-challengePassword" });
    } else if let Err(reason) = text::check_public(password).and_then(|()| text::check_controls(password)) {
        fault(reason);
    }
}

/// Keeps the first of those with the same key, in their order.
pub(in crate::spec) fn dedup_by_key<T, K: Eq + Hash>(given: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    if given.len() < 2 {
        return given;
    }
    let mut seen = HashSet::new();
    given.into_iter().filter(|item| seen.insert(key(item))).collect()
}
