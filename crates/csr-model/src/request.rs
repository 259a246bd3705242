use core::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::draft::Draft;
use crate::violation::length;
use crate::{Excerpt, PrivateKeyAlgo, RequestError, Usage, Violation, Violations, limits};

/// `POST /v3/scm/csr`: generate a key and a CSR.
///
/// Reading refuses missing mandatory fields, values of another type and unknown names, all of them in one
/// message; [`validate`](Self::validate) checks the documented lengths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({
    "name": "web", "domain_name": "example.com", "sans": "www.example.com;192.0.2.7",
    "private_key_algo": "EC_P256", "usage": "ENTERPRISE", "company_country": "CN",
    "company_province": "Beijing", "company_city": "Beijing", "company_name": "Company",
})))]
pub struct CreateCsrRequest {
    /// The user's own name for the CSR.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::name))]
    pub name: String,
    /// The domain bound to the CSR.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::domain_name))]
    pub domain_name: String,
    /// Further domain names, separated by `;`. Optional.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::given_sans, required = false))]
    pub sans: String,
    /// Which key to generate.
    pub private_key_algo: PrivateKeyAlgo,
    /// Who the certificate is for.
    pub usage: Usage,
    /// Two-letter country code. Mandatory for an ENTERPRISE.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::given_company, required = false))]
    pub company_country: String,
    /// Province or state. Mandatory for an ENTERPRISE.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::given_company, required = false))]
    pub company_province: String,
    /// City. Mandatory for an ENTERPRISE.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::given_company, required = false))]
    pub company_city: String,
    /// The company's name. Mandatory for an ENTERPRISE.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::given_company, required = false))]
    pub company_name: String,
}

impl CreateCsrRequest {
    /// Reads a request body: JSON in UTF-8 or UTF-16, with or without a byte order mark.
    ///
    /// # Errors
    ///
    /// [`RequestError`]: not a JSON object, or every field that is missing, given twice, not a string or not one
    /// of the known names.
    pub fn from_json(json: &[u8]) -> Result<Self, RequestError> {
        Draft::read(json)
    }

    /// Reads a request body as far as it goes, for naming everything that is wrong with it at once: where there are
    /// violations, the request is what remains to be checked. Its faulty fields are empty; an algorithm or usage that
    /// is faulty is `EC_P256` or `PERSONAL`.
    ///
    /// # Errors
    ///
    /// [`RequestError::Json`].
    pub fn read(json: &[u8]) -> Result<(Self, Option<Violations>), RequestError> {
        Ok(Self::of_draft(Draft::parse(json)?))
    }

    fn of_draft(mut draft: Draft) -> (Self, Option<Violations>) {
        let request = Self {
            name: draft.required("name"),
            domain_name: draft.required("domain_name"),
            sans: draft.optional("sans"),
            private_key_algo: draft.named("private_key_algo").unwrap_or(PrivateKeyAlgo::EcP256),
            usage: draft.named("usage").unwrap_or(Usage::Personal),
            company_country: draft.optional("company_country"),
            company_province: draft.optional("company_province"),
            company_city: draft.optional("company_city"),
            company_name: draft.optional("company_name"),
        };
        (request, Violations::check(draft.into_faults()).err())
    }

    /// Checks the documented limits, counting characters.
    ///
    /// # Errors
    ///
    /// [`Violations`] lists every field outside its limits. What makes a name a valid one, and which company
    /// fields an ENTERPRISE owes, is judged where the CSR is specified (`csr_core::CsrSpec`).
    pub fn validate(&self) -> Result<(), Violations> {
        let Self {
            name,
            domain_name,
            sans,
            private_key_algo: _,
            usage: _,
            company_country,
            company_province,
            company_city,
            company_name,
        } = self;
        let found = [
            length("name", name, true, limits::NAME),
            length("domain_name", domain_name, true, limits::DOMAIN_NAME),
            length("sans", sans, false, limits::SANS),
            length("company_country", company_country, false, limits::COMPANY),
            length("company_province", company_province, false, limits::COMPANY),
            length("company_city", company_city, false, limits::COMPANY),
            length("company_name", company_name, false, limits::COMPANY),
        ];
        Violations::check(found.into_iter().flatten().collect())
    }
}

impl TryFrom<Draft> for CreateCsrRequest {
    type Error = Violations;

    fn try_from(draft: Draft) -> Result<Self, Violations> {
        let (request, violations) = Self::of_draft(draft);
        violations.map_or(Ok(request), Err)
    }
}

/// `PUT /v3/scm/csr/{id}`: rename a CSR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({"name": "web 2"})))]
pub struct UpdateCsrRequest {
    /// The new name.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::name))]
    pub name: String,
}

impl UpdateCsrRequest {
    /// Reads a request body: JSON in UTF-8 or UTF-16, with or without a byte order mark.
    ///
    /// # Errors
    ///
    /// [`RequestError`]: not a JSON object, or every field that is missing, given twice, not a string or not one
    /// of the known names.
    pub fn from_json(json: &[u8]) -> Result<Self, RequestError> {
        Draft::read(json)
    }

    /// Checks the documented limits, counting characters.
    ///
    /// # Errors
    ///
    /// [`Violations`] when the name is empty or too long.
    pub fn validate(&self) -> Result<(), Violations> {
        Violations::check(length("name", &self.name, true, limits::NAME).into_iter().collect())
    }
}

impl TryFrom<Draft> for UpdateCsrRequest {
    type Error = Violations;

    fn try_from(mut draft: Draft) -> Result<Self, Violations> {
        let name = draft.required("name");
        Violations::check(draft.into_faults()).map(|()| Self { name })
    }
}

/// `POST /v3/scm/csr/upload`: store a CSR made elsewhere, with or without its key.
///
/// `Debug` leaves the private key out.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadCsrRequest {
    /// The user's own name for the CSR.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::name))]
    pub name: String,
    /// The CSR, PEM.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::given_csr))]
    pub csr: String,
    /// Its private key, PEM. Optional. Wiped on drop.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::given_key, required = false))]
    pub private_key: Zeroizing<String>,
}

impl UploadCsrRequest {
    /// Reads a request body: JSON in UTF-8 or UTF-16, with or without a byte order mark.
    ///
    /// # Errors
    ///
    /// [`RequestError`]: not a JSON object, or every field that is missing, given twice, not a string or not one
    /// of the known names.
    pub fn from_json(json: &[u8]) -> Result<Self, RequestError> {
        Draft::read(json)
    }

    /// Reads a request body as far as it goes, for naming everything that is wrong with it at once: where there are
    /// violations, the request is what remains to be checked. Its faulty fields are empty.
    ///
    /// # Errors
    ///
    /// [`RequestError::Json`].
    pub fn read(json: &[u8]) -> Result<(Self, Option<Violations>), RequestError> {
        Ok(Self::of_draft(Draft::parse(json)?))
    }

    fn of_draft(mut draft: Draft) -> (Self, Option<Violations>) {
        let name = draft.required("name");
        let csr = draft.required("csr");
        let private_key = Zeroizing::new(draft.optional("private_key"));
        (Self { name, csr, private_key }, Violations::check(draft.into_faults()).err())
    }

    /// Checks the documented limits, counting characters.
    ///
    /// # Errors
    ///
    /// [`Violations`] lists every field outside its limits.
    pub fn validate(&self) -> Result<(), Violations> {
        let found: [Option<Violation>; 2] =
            [length("name", &self.name, true, limits::NAME), length("csr", &self.csr, true, usize::MAX)];
        Violations::check(found.into_iter().flatten().collect())
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

impl TryFrom<Draft> for UploadCsrRequest {
    type Error = Violations;

    fn try_from(draft: Draft) -> Result<Self, Violations> {
        let (request, violations) = Self::of_draft(draft);
        violations.map_or(Ok(request), Err)
    }
}
