use std::sync::Arc;

use csr_core::{Created, CsrSpec, KeyFormat};
use csr_model::{CreateCsrRequest, CreateCsrResponse, Usage, Violations};

use super::faults::FieldFaults;
use super::generation::Accepted;
use super::inner::{Inner, Organization};
use crate::clock::now;
use crate::error::{Error, Internal};
use crate::id::CsrId;
use crate::record::CsrRecord;

impl Organization {
    /// Fills what is missing.
    fn complete(&self, request: &mut CreateCsrRequest) {
        if request.usage != Usage::Enterprise {
            return;
        }
        let Self { country, province, city, name } = self;
        let fill = |field: &mut String, from: &String| {
            if field.is_empty() {
                field.clone_from(from);
            }
        };
        fill(&mut request.company_country, country);
        fill(&mut request.company_province, province);
        fill(&mut request.company_city, city);
        fill(&mut request.company_name, name);
    }
}

pub(super) async fn create(
    inner: &Arc<Inner>,
    mut request: CreateCsrRequest,
) -> Result<CreateCsrResponse, Error> {
    inner.options.organization.complete(&mut request);
    check(&request, None).check()?;
    let accepted = inner.generation.accept(request.private_key_algo)?;
    let inner = Arc::clone(inner);
    // A task of its own, so that a client that goes away does not waste the key.
    let task = tokio::spawn(async move { generate_and_keep(&inner, &accepted, request).await });
    task.await.map_err(|error| Internal::Other(format!("a creation ended early: {error}")))?
}

/// What is wrong with a request of which only the `rest` could be read.
pub(super) fn refuse(inner: &Inner, mut rest: CreateCsrRequest, violations: &Violations) -> Error {
    inner.options.organization.complete(&mut rest);
    check(&rest, Some(violations)).into_error()
}

/// The form's violations, the documented lengths, and what the CSR's specification refuses, all at once.
fn check(request: &CreateCsrRequest, violations: Option<&Violations>) -> FieldFaults {
    let mut found = FieldFaults::default();
    found.add_violations(violations);
    found.add_violations(request.validate().err().as_ref());
    found.add_name(&request.name);
    found.add_faults(CsrSpec::from_request(request).err().as_ref());
    found
}

async fn generate_and_keep(
    inner: &Inner,
    accepted: &Accepted,
    request: CreateCsrRequest,
) -> Result<CreateCsrResponse, Error> {
    let (request, csr, key) = accepted
        .run(move || {
            let Created { csr, key, .. } = csr_core::create(&request).map_err(refused)?;
            let key = key.to_pem(KeyFormat::Pkcs8).map_err(Internal::Core)?;
            Ok((request, csr.to_pem(), key))
        })
        .await?;
    let time = now()?;
    let CreateCsrRequest {
        name,
        domain_name,
        sans,
        private_key_algo,
        usage,
        company_country,
        company_province,
        company_city,
        company_name,
    } = request;
    let record = CsrRecord {
        id: CsrId::random()?,
        name,
        domain_name,
        sans,
        private_key_algo,
        usage,
        company_country,
        company_province,
        company_city,
        company_name,
        csr,
        create_time: time,
        update_time: time,
    };
    inner.vault.insert(&record, Some(key.as_bytes())).await?;
    Ok(record.into())
}

fn refused(error: csr_core::Error) -> Error {
    match error {
        csr_core::Error::Request(faults) => {
            let mut found = FieldFaults::default();
            found.add_faults(Some(&faults));
            found.into_error()
        }
        other => Error::Internal(Internal::Core(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_text_a_field() {
        let found = CsrSpec::builder().sans(["_", "a..b"]).country("China").build().unwrap_err();
        let Error::Invalid(told) = refused(csr_core::Error::Request(found)) else { panic!("not invalid") };
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("sans[0]: ") && told[0].contains("; sans[1]: "), "{told:?}");
    }
}
