use serde::Serialize;

use crate::json::Fields;
use crate::{Faults, Field, fault};

/// `PUT /v3/scm/csr/{id}`: rename a CSR. The name is checked when the request is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema),
    schema(description = "`PUT /v3/scm/csr/{id}`: rename a CSR", example = json!({"name": "web 2"})))]
pub struct UpdateCsrRequest {
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::name))]
    name: String,
}

impl UpdateCsrRequest {
    /// A request for this name.
    ///
    /// # Errors
    ///
    /// [`Faults`] when the name is empty, over 63 characters, or has control characters.
    pub fn new(name: impl Into<String>) -> Result<Self, Faults> {
        let name = name.into();
        Faults::check(fault::name(&name).collect())?;
        Ok(Self { name })
    }

    /// Reads a request body: JSON in UTF-8 or UTF-16, with or without a byte order mark.
    ///
    /// # Errors
    ///
    /// [`Faults`] when it is not a JSON object, or the name is missing, given twice, not a string, or refused by
    /// [`new`](Self::new).
    pub fn from_json(json: &[u8]) -> Result<Self, Faults> {
        let mut fields = Fields::parse(json)?;
        let name = fields.required(Field::Name);
        fields.check(fault::name(&name))?;
        Ok(Self { name })
    }

    /// The new name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
