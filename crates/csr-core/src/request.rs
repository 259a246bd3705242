//! From a request of the API to a key and its CSR: draft, checked request, key, CSR. Each step takes a type that only
//! the step before it returns.

use csr_model::{CreateCsrDraft, CreateCsrRequest, Faults};
use rand_core::TryCryptoRng;

use crate::{Csr, CsrSpec, Error, KeyPair, fresh_rng};

/// A complete request whose every value is fit for a CSR.
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
        let spec = CsrSpec::builder()
            .domain(draft.domain_name())
            .sans(draft.sans().split(';'))
            .usage(draft.usage())
            .company(draft.company().clone())
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
