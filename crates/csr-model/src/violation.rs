use core::fmt;

/// A field of a request that violates the documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field's name on the wire.
    pub field: &'static str,
    /// What is wrong with it.
    pub fault: String,
}

impl Violation {
    pub(crate) fn new(field: &'static str, fault: impl Into<String>) -> Self {
        Self { field, fault: fault.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.fault)
    }
}

/// All violations of a request, in the order of the fields. Never empty when returned as an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    pub(crate) fn check(found: Vec<Violation>) -> Result<(), Self> {
        if found.is_empty() { Ok(()) } else { Err(Self(found)) }
    }

    /// The violations, one per field.
    #[must_use]
    pub fn as_slice(&self) -> &[Violation] {
        &self.0
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, violation) in self.0.iter().enumerate() {
            write!(f, "{}{violation}", if i == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl core::error::Error for Violations {}

/// Checks the length of a field in characters.
pub(crate) fn length(field: &'static str, text: &str, required: bool, max: usize) -> Option<Violation> {
    let count = text.chars().count();
    if required && count == 0 {
        Some(Violation::new(field, "is required"))
    } else if count > max {
        Some(Violation::new(field, format!("has {count} characters, at most {max} are allowed")))
    } else {
        None
    }
}

/// Why a request body could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The body is no JSON object. The text says what it must be, what is wrong and where, and
    /// quotes nothing.
    #[error("{0}")]
    Json(String),
    /// Fields violate the documentation.
    #[error(transparent)]
    Violations(Violations),
}
