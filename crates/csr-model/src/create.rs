use core::fmt;

use serde::Serialize;

use crate::json::Fields;
use crate::{Company, Excerpt, Fault, Faults, Field, PrivateKeyAlgo, Usage, fault, limits};

/// `POST /v3/scm/csr`: generate a key and a CSR.
///
/// Its fields are texts of any content: `csr_core::CheckedRequest` checks the names, and
/// [`CreateCsrDraft::within_api_limits`] the API's limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreateCsrRequest {
    /// The user's own name for the CSR.
    pub name: String,
    /// The domain bound to the CSR.
    pub domain_name: String,
    /// Further domain names, separated by `;`. Optional.
    pub sans: String,
    /// Which key to generate.
    pub private_key_algo: PrivateKeyAlgo,
    /// Who the certificate is for.
    pub usage: Usage,
    /// The organization. Mandatory for an ENTERPRISE.
    #[serde(flatten)]
    pub company: Company,
}

/// A [`CreateCsrRequest`] that may still be incomplete or faulty. It carries the faults found so far:
/// [`into_request`](Self::into_request) gives the request only if there are none, and otherwise all of them at once.
///
/// ```
/// use csr_model::{Company, CreateCsrDraft};
///
/// let profile = Company { country: "CN".into(), ..Company::default() };
/// let json = br#"{"name": "web", "domain_name": "a.example", "private_key_algo": "SM2", "usage": "ENTERPRISE"}"#;
/// let draft = CreateCsrDraft::from_json(json)?.completed_from(&profile);
/// assert_eq!(draft.into_request()?.company.country, "CN");
/// # Ok::<(), csr_model::Faults>(())
/// ```
#[derive(Clone)]
pub struct CreateCsrDraft {
    // Faulty fields are empty.
    name: String,
    domain_name: String,
    sans: String,
    private_key_algo: Option<PrivateKeyAlgo>,
    usage: Option<Usage>,
    company: Company,
    faults: Vec<Fault>,
}

/// The fields of a [`CreateCsrDraft`] that make the content of the CSR. Faulty fields are empty.
#[derive(Clone, Copy)]
pub struct CsrContent<'a> {
    /// The domain bound to the CSR.
    pub domain_name: &'a str,
    /// Further names, separated by `;`.
    pub sans: &'a str,
    /// Who the certificate is for; `None` if that is faulty.
    pub usage: Option<Usage>,
    /// The organization.
    pub company: &'a Company,
}

impl CreateCsrDraft {
    /// Reads a request body: JSON in UTF-8 or UTF-16, with or without a byte order mark. A field that is missing, given
    /// twice, not a string or not one of the known names becomes a fault of the draft.
    ///
    /// # Errors
    ///
    /// [`Faults`] of [`Field::Body`] if the body is not a JSON object.
    pub fn from_json(json: &[u8]) -> Result<Self, Faults> {
        let mut fields = Fields::parse(json)?;
        Ok(Self {
            name: fields.required(Field::Name),
            domain_name: fields.required(Field::DomainName),
            sans: fields.optional(Field::Sans),
            private_key_algo: fields.named(Field::PrivateKeyAlgo),
            usage: fields.named(Field::Usage),
            company: Company {
                country: fields.optional(Field::Country),
                province: fields.optional(Field::Province),
                city: fields.optional(Field::City),
                name: fields.optional(Field::Organization),
            },
            faults: fields.into_faults(),
        })
    }

    /// Fills the company fields that an ENTERPRISE request leaves out.
    #[must_use]
    pub fn completed_from(mut self, profile: &Company) -> Self {
        if self.usage == Some(Usage::Enterprise) {
            self.company.fill_from(profile);
        }
        self
    }

    /// What the API refuses although a CSR could be made: texts over the limits of its reference, and control characters
    /// in the name.
    #[must_use]
    pub fn api_faults(&self) -> Vec<Fault> {
        let CsrContent { domain_name, sans, usage: _, company } = self.content();
        let Company { country, province, city, name } = company;
        fault::name(&self.name)
            .chain(fault::length(Field::DomainName, domain_name, true, limits::DOMAIN_NAME))
            .chain(fault::length(Field::Sans, sans, false, limits::SANS))
            .chain(fault::length(Field::Country, country, false, limits::COMPANY))
            .chain(fault::length(Field::Province, province, false, limits::COMPANY))
            .chain(fault::length(Field::City, city, false, limits::COMPANY))
            .chain(fault::length(Field::Organization, name, false, limits::COMPANY))
            .collect()
    }

    /// Adds the [`api_faults`](Self::api_faults) to the draft's faults.
    #[must_use]
    pub fn within_api_limits(mut self) -> Self {
        let found = self.api_faults();
        fault::add_of_other_fields(&mut self.faults, found);
        self
    }

    /// The user's own name for the CSR; `None` if it is faulty.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let is_faulty = self.faults.iter().any(|fault| fault.field == Field::Name);
        (!is_faulty).then_some(&*self.name)
    }

    /// Which key to generate; `None` if that is faulty.
    #[must_use]
    pub fn private_key_algo(&self) -> Option<PrivateKeyAlgo> {
        self.private_key_algo
    }

    /// The fields that make the content of the CSR.
    #[must_use]
    pub fn content(&self) -> CsrContent<'_> {
        // Without `..`: a field that the API gains must not be left out of the CSR by oversight.
        let Self { name: _, domain_name, sans, private_key_algo: _, usage, company, faults: _ } = self;
        CsrContent { domain_name, sans, usage: *usage, company }
    }

    /// The request, if it has no faults.
    ///
    /// # Errors
    ///
    /// [`Faults`] with everything found so far.
    pub fn into_request(self) -> Result<CreateCsrRequest, Faults> {
        let Self { name, domain_name, sans, private_key_algo, usage, company, faults } = self;
        match (private_key_algo, usage) {
            (Some(private_key_algo), Some(usage)) if faults.is_empty() => {
                Ok(CreateCsrRequest { name, domain_name, sans, private_key_algo, usage, company })
            }
            _ => Err(Faults::sorted(faults)),
        }
    }

    /// The draft's faults together with those found by a later check, which are left out for fields that had faults
    /// before.
    #[must_use]
    pub fn refused_for(mut self, found: Faults) -> Faults {
        // Names that are harmless one by one may be the pieces of a secret.
        let hidden = Some(Excerpt::of(&self.sans)).filter(|sans| sans.as_str().is_none());
        let found = found.into_iter().map(|fault| match &hidden {
            Some(hidden) if fault.field == Field::Sans => Fault { text: Some(hidden.clone()), ..fault },
            _ => fault,
        });
        fault::add_of_other_fields(&mut self.faults, found);
        Faults::sorted(self.faults)
    }
}

/// Leaves the fields out: refused input may be a secret.
impl fmt::Debug for CreateCsrDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateCsrDraft").field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl From<CreateCsrRequest> for CreateCsrDraft {
    fn from(request: CreateCsrRequest) -> Self {
        let CreateCsrRequest { name, domain_name, sans, private_key_algo, usage, company } = request;
        Self {
            name,
            domain_name,
            sans,
            private_key_algo: Some(private_key_algo),
            usage: Some(usage),
            company,
            faults: Vec::new(),
        }
    }
}
