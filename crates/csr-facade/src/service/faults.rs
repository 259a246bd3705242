use csr_core::Faults;
use csr_model::Violations;

use crate::error::Error;

/// The faults of a request, by field, so that a message of limited length has room for a part of
/// each.
#[derive(Default)]
pub(super) struct FieldFaults(Vec<(&'static str, String)>);

impl FieldFaults {
    fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(found, _)| *found == field)
    }

    fn add(&mut self, field: &'static str, fault: String) {
        match self.0.iter_mut().find(|(found, _)| *found == field) {
            Some((_, before)) => *before = format!("{before}; {fault}"),
            None => self.0.push((field, fault)),
        }
    }

    /// The violations of the form.
    pub(super) fn add_violations(&mut self, violations: Option<&Violations>) {
        let found = violations.map_or(&[][..], Violations::as_slice);
        let new = found.iter().filter(|violation| !self.has(violation.field));
        let new: Vec<_> = new.map(|violation| (violation.field, violation.to_string())).collect();
        self.0.extend(new);
    }

    /// The name is the only text of a request that isn't checked as part of the CSR. Control
    /// characters in it would reach logs and terminals, and PostgreSQL stores no NUL.
    pub(super) fn add_name(&mut self, name: &str) {
        if let Some(found) = name.chars().find(|c| c.is_control()) {
            self.add(
                "name",
                format!("name: must not contain the control character U+{:04X}", u32::from(found)),
            );
        }
    }

    /// The faults of the CSR's content. A field that violates the form is not reported twice.
    pub(super) fn add_faults(&mut self, faults: Option<&Faults>) {
        let found = faults.map_or(&[][..], Faults::as_slice);
        let new: Vec<_> = found.iter().filter(|fault| !self.has(fault.field.as_str())).collect();
        for fault in new {
            self.add(fault.field.as_str(), fault.to_string());
        }
    }

    /// All faults.
    pub(super) fn check(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    /// All faults, of which there is at least one.
    pub(super) fn into_error(self) -> Error {
        Error::Invalid(self.0.into_iter().map(|(_, fault)| fault).collect())
    }
}
