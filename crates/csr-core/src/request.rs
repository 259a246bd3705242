//! From a request of the API to a key and its CSR: draft, checked request, key, CSR. A key is made only for a
//! [`CheckedRequest`], and there is none with a fault.

use csr_model::{CreateCsrDraft, CreateCsrRequest, CsrContent, Faults};
use rand_core::TryCryptoRng;

use crate::{Csr, CsrSpec, Error, KeyPair, fresh_rng};

/// A request whose names and subject have been checked, and the content of its CSR.
///
/// ```
/// use csr_core::{CheckedRequest, CreateCsrDraft};
///
/// let draft = CreateCsrDraft::from_json(
///     br#"{"name": "web", "domain_name": "my_host", "private_key_algo": "EC_P265", "usage": "PERSONAL"}"#,
/// )?;
/// let faults = CheckedRequest::new(draft).unwrap_err();
/// assert_eq!(
///     faults.to_string(),
///     "domain_name: \"my_host\" contains `_`, which host names don't have; private_key_algo: \"EC_P265\" must be one of \
///      RSA_2048, RSA_3072, RSA_4096, EC_P256, EC_P384, SM2"
/// );
/// # Ok::<(), csr_core::Faults>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRequest {
    request: CreateCsrRequest,
    spec: CsrSpec,
}

impl CheckedRequest {
    /// Checks a request or a draft of one. The domain becomes the common name and the first SAN, `sans` is split at `;`
    /// (blank entries count but are ignored), the company fields become C, ST, L and O.
    ///
    /// # Errors
    ///
    /// [`Faults`] with everything that is wrong, including the faults of the draft.
    pub fn new(draft: impl Into<CreateCsrDraft>) -> Result<Self, Faults> {
        let draft = draft.into();
        let CsrContent { domain_name, sans, usage, company } = draft.content();
        let spec = CsrSpec::builder()
            .domain(domain_name)
            .sans(sans.split(';'))
            .usage(usage)
            .company(company.clone())
            .build();
        match spec {
            Ok(spec) => Ok(Self { request: draft.into_request()?, spec }),
            Err(found) => Err(draft.refused_for(found)),
        }
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &CreateCsrRequest {
        &self.request
    }

    /// The content of the CSR.
    #[must_use]
    pub fn spec(&self) -> &CsrSpec {
        &self.spec
    }

    /// The request and the content of its CSR, for a key that exists already.
    #[must_use]
    pub fn into_parts(self) -> (CreateCsrRequest, CsrSpec) {
        (self.request, self.spec)
    }

    /// Makes the key and the CSR.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`], [`Error::KeyGeneration`], [`Error::FaultySignature`].
    pub fn create(self) -> Result<Created, Error> {
        self.create_with_rng(&mut fresh_rng()?)
    }

    /// [`create`](Self::create) with the caller's random source.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub fn create_with_rng<R>(self, rng: &mut R) -> Result<Created, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        let Self { request, spec } = self;
        let key = KeyPair::generate_with_rng(request.private_key_algo, rng)?;
        let csr = Csr::sign_with_rng(&spec, &key, rng)?;
        Ok(Created { request, spec, key, csr })
    }
}

/// A fresh key and its CSR.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Created {
    /// The request.
    pub request: CreateCsrRequest,
    /// The content of the CSR.
    pub spec: CsrSpec,
    /// The private key. Wiped on drop.
    pub key: KeyPair,
    /// The CSR, signed with it.
    pub csr: Csr,
}

/// Makes a key and a CSR from a request or the draft of one.
///
/// # Errors
///
/// [`Error::Request`] with every fault of the request, before any key is made; [`Error::RandomSource`],
/// [`Error::KeyGeneration`], [`Error::FaultySignature`].
pub fn create(draft: impl Into<CreateCsrDraft>) -> Result<Created, Error> {
    CheckedRequest::new(draft)?.create()
}

/// [`create`] with the caller's random source.
///
/// # Errors
///
/// As [`create`].
pub fn create_with_rng<R>(draft: impl Into<CreateCsrDraft>, rng: &mut R) -> Result<Created, Error>
where
    R: TryCryptoRng + ?Sized,
{
    CheckedRequest::new(draft)?.create_with_rng(rng)
}
