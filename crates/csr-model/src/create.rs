use serde::Serialize;

use crate::json::Fields;
use crate::{Company, Fault, Faults, Field, PrivateKeyAlgo, Usage, fault, limits};

/// `POST /v3/scm/csr`: generate a key and a CSR.
///
/// All fields that the API requires are present, and the algorithm and usage are known. Whether the names are fit for a
/// CSR is checked by `csr_core::CheckedRequest`.
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
#[derive(Debug, Clone)]
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
        let Company { country, province, city, name } = &self.company;
        fault::name(&self.name)
            .chain(fault::length(Field::DomainName, &self.domain_name, true, limits::DOMAIN_NAME))
            .chain(fault::length(Field::Sans, &self.sans, false, limits::SANS))
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

    /// The user's own name for the CSR; `None` where it is faulty.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let is_faulty = self.faults.iter().any(|fault| fault.field == Field::Name);
        (!is_faulty).then_some(&*self.name)
    }

    /// The domain; `""` where it is faulty.
    #[must_use]
    pub fn domain_name(&self) -> &str {
        &self.domain_name
    }

    /// The further names, separated by `;`; `""` where they are faulty.
    #[must_use]
    pub fn sans(&self) -> &str {
        &self.sans
    }

    /// Which key to generate; `None` where that is faulty.
    #[must_use]
    pub fn private_key_algo(&self) -> Option<PrivateKeyAlgo> {
        self.private_key_algo
    }

    /// Who the certificate is for; `None` where that is faulty.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The organization, with `""` for what is faulty.
    #[must_use]
    pub fn company(&self) -> &Company {
        &self.company
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
        fault::add_of_other_fields(&mut self.faults, found);
        Faults::sorted(self.faults)
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
