use serde::Serialize;

use crate::json::Fields;
use crate::{Company, Fault, Faults, Field, PrivateKeyAlgo, Usage, fault, limits};

/// `POST /v3/scm/csr`: generate a key and a CSR.
///
/// Its form is right: nothing is missing that the API requires, and the algorithm and usage are known. Whether its names
/// are fit for a CSR is judged where the CSR is made (`csr_core::CheckedRequest`).
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
    /// The organisation. Mandatory for an ENTERPRISE.
    #[serde(flatten)]
    pub company: Company,
}

/// A [`CreateCsrRequest`] on its way: as it arrived, perhaps incomplete, perhaps faulty. Its faults travel with it, so
/// that a request that has some cannot be had, and all of them are told at once.
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
    // What is faulty is empty here.
    name: String,
    domain_name: String,
    sans: String,
    private_key_algo: Option<PrivateKeyAlgo>,
    usage: Option<Usage>,
    company: Company,
    faults: Vec<Fault>,
}

impl CreateCsrDraft {
    /// Reads a request body: JSON in UTF-8 or UTF-16, with or without a byte order mark. Fields that are missing, given
    /// twice, not strings or not one of the known names become faults of the draft.
    ///
    /// # Errors
    ///
    /// [`Faults`] of [`Field::Body`] when it is not a JSON object.
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

    /// Fills what an ENTERPRISE request leaves out of its company fields.
    #[must_use]
    pub fn completed_from(mut self, profile: &Company) -> Self {
        if self.usage == Some(Usage::Enterprise) {
            self.company.fill_from(profile);
        }
        self
    }

    /// What the API refuses though a CSR could be made of it: its reference's limits, in characters, and controls in the
    /// name.
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

    /// Takes [`api_faults`](Self::api_faults) for faults.
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

    /// The organisation, with `""` for what is faulty.
    #[must_use]
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// The request, unless anything is wrong with it.
    ///
    /// # Errors
    ///
    /// [`Faults`] with everything that was found.
    pub fn into_request(self) -> Result<CreateCsrRequest, Faults> {
        let Self { name, domain_name, sans, private_key_algo, usage, company, faults } = self;
        match (private_key_algo, usage) {
            (Some(private_key_algo), Some(usage)) if faults.is_empty() => {
                Ok(CreateCsrRequest { name, domain_name, sans, private_key_algo, usage, company })
            }
            _ => Err(Faults::sorted(faults)),
        }
    }

    /// All faults, with those that a check of its contents found. A field that was faulty before is not complained about
    /// again.
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
