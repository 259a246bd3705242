use core::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::json::Fields;
use crate::{Excerpt, Fault, Faults, Field, fault};

/// `POST /v3/scm/csr/upload`: store a CSR made elsewhere, with or without its key. The name is checked when the request
/// is made; the CSR and the key are still to be read.
///
/// `Debug` leaves the private key out.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(description = "`POST /v3/scm/csr/upload`: store a CSR made elsewhere, with or without its key")
)]
pub struct UploadCsrRequest {
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::name))]
    name: String,
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::given_csr))]
    csr: String,
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::given_key, required = false))]
    private_key: Zeroizing<String>,
}

impl UploadCsrRequest {
    /// A request to store a CSR, PEM, and its private key, PEM, or `""`.
    ///
    /// # Errors
    ///
    /// [`Faults`] when the name is empty, over 63 characters, or has control characters, or when the CSR is empty.
    pub fn new(
        name: impl Into<String>,
        csr: impl Into<String>,
        private_key: Zeroizing<String>,
    ) -> Result<Self, Faults> {
        let request = Self { name: name.into(), csr: csr.into(), private_key };
        Faults::check(request.faults().collect())?;
        Ok(request)
    }

    /// Reads a request body: JSON in UTF-8 or UTF-16, with or without a byte order mark.
    ///
    /// # Errors
    ///
    /// [`Faults`] when it is not a JSON object, or with every field that is missing, given twice, not a string, or
    /// refused by [`new`](Self::new).
    pub fn from_json(json: &[u8]) -> Result<Self, Faults> {
        let mut fields = Fields::parse(json)?;
        let request = Self {
            name: fields.required(Field::Name),
            csr: fields.required(Field::Csr),
            private_key: Zeroizing::new(fields.optional(Field::PrivateKey)),
        };
        fields.check(request.faults())?;
        Ok(request)
    }

    fn faults(&self) -> impl Iterator<Item = Fault> {
        fault::name(&self.name).chain(fault::length(Field::Csr, &self.csr, true, usize::MAX))
    }

    /// The user's own name for the CSR.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The CSR as it was sent.
    #[must_use]
    pub fn csr(&self) -> &str {
        &self.csr
    }

    /// Its private key as it was sent; `None` where there is none.
    #[must_use]
    pub fn private_key(&self) -> Option<&str> {
        Some(self.private_key.as_str()).filter(|key| !key.is_empty())
    }
}

impl fmt::Debug for UploadCsrRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, csr, private_key } = self;
        let key = if private_key.is_empty() { "" } else { "[redacted]" };
        f.debug_struct("UploadCsrRequest")
            .field("name", name)
            .field("csr", &Excerpt::of(csr))
            .field("private_key", &key)
            .finish()
    }
}
