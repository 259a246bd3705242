use csr_core::Faults;
use csr_model::Violations;

use crate::error::Error;

/// What is wrong with a request, by field: a message that must be short has room for a part of each.
#[derive(Default)]
pub(super) struct FieldFaults(Vec<(&'static str, String)>);

impl FieldFaults {
    fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(found, _)| *found == field)
    }

    fn add(&mut self, field: &'static str, told: String) {
        match self.0.iter_mut().find(|(found, _)| *found == field) {
            Some((_, before)) => *before = format!("{before}; {told}"),
            None => self.0.push((field, told)),
        }
    }

    /// What is wrong with the form.
    pub(super) fn add_violations(&mut self, violations: Option<&Violations>) {
        let found = violations.map_or(&[][..], Violations::as_slice);
        let new = found.iter().filter(|violation| !self.has(violation.field));
        let new: Vec<_> = new.map(|violation| (violation.field, violation.to_string())).collect();
        self.0.extend(new);
    }

    /// The name is the one text of a request that is not checked where the CSR is specified. Controls in it would
    /// reach logs and terminals, and PostgreSQL stores no NUL.
    pub(super) fn add_name(&mut self, name: &str) {
        if let Some(found) = name.chars().find(|c| c.is_control()) {
            self.add("name", format!("name: contains the control character U+{:04X}", u32::from(found)));
        }
    }

    /// What a CSR cannot have. A field whose form is wrong is not complained about twice.
    pub(super) fn add_faults(&mut self, faults: Option<&Faults>) {
        let found = faults.map_or(&[][..], Faults::as_slice);
        let new: Vec<_> = found.iter().filter(|fault| !self.has(fault.field.as_str())).collect();
        for fault in new {
            self.add(fault.field.as_str(), fault.to_string());
        }
    }

    /// Everything that was found.
    pub(super) fn check(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    /// Everything that was found, which is something.
    pub(super) fn into_error(self) -> Error {
        Error::Invalid(self.0.into_iter().map(|(_, told)| told).collect())
    }
}
