use csr_core::inspect::{GeneralName, Name};
use csr_core::{Inspection, KeyFormat, KeyPair, SignatureStatus};
use csr_model::{PrivateKeyAlgo, UploadCsrRequest, UploadCsrResponse, Usage, Violations};
use zeroize::Zeroizing;

use super::faults::FieldFaults;
use super::generation::blocking;
use super::inner::Inner;
use crate::clock::now;
use crate::error::{Error, Internal};
use crate::id::CsrId;
use crate::record::CsrRecord;

pub(super) async fn upload(inner: &Inner, request: UploadCsrRequest) -> Result<UploadCsrResponse, Error> {
    // Verifying a signature and checking a key take milliseconds.
    let (record, key) = blocking(move || read(request)).await?;
    inner.vault.insert(&record, key.as_ref().map(|key| key.as_bytes())).await?;
    let CsrRecord { id, name, create_time, .. } = record;
    Ok(UploadCsrResponse { id: id.to_string(), name, create_time })
}

/// The violations of the form and the other faults of the fields, before their content is read.
pub(super) fn check(request: &UploadCsrRequest, violations: Option<&Violations>) -> FieldFaults {
    let mut found = FieldFaults::default();
    found.add_violations(violations);
    found.add_violations(request.validate().err().as_ref());
    found.add_name(&request.name);
    found
}

/// Checks an upload, and reads from the CSR the fields that the request of a creation would have.
fn read(request: UploadCsrRequest) -> Result<(CsrRecord, Option<Zeroizing<String>>), Error> {
    check(&request, None).check()?;
    let UploadCsrRequest { name, csr, private_key } = request;
    let (inspection, private_key_algo) = check_csr(&csr)?;
    let key = if private_key.is_empty() { None } else { Some(check_key(&private_key, &inspection)?) };

    let subject = |attribute| subject_value(&inspection.subject, attribute);
    let (domain_name, sans) = names(&inspection);
    let company_name = subject("O");
    let time = now()?;
    let record = CsrRecord {
        id: CsrId::random()?,
        name,
        domain_name,
        sans,
        private_key_algo,
        usage: if company_name.is_empty() { Usage::Personal } else { Usage::Enterprise },
        company_country: subject("C"),
        company_province: subject("ST"),
        company_city: subject("L"),
        company_name,
        csr: inspection.to_pem(),
        create_time: time,
        update_time: time,
    };
    Ok((record, key))
}

fn check_csr(csr: &str) -> Result<(Inspection, PrivateKeyAlgo), Error> {
    let invalid = |fault: String| Error::invalid(format!("csr: {fault}"));
    // Only the parsed CSR is stored, encoded again, so this check protects nothing. But a client
    // that sends more, above all a private key, has confused something.
    let blocks = csr.matches("-----BEGIN").count();
    if blocks > 1 {
        return Err(invalid(format!(
            "must be one PEM block, CERTIFICATE REQUEST, but has {blocks}: put a private key into private_key; \
             nothing else is accepted"
        )));
    }
    let inspection = csr_core::inspect(csr.as_bytes()).map_err(|error| invalid(error.to_string()))?;
    match inspection.signature_status() {
        SignatureStatus::Valid { .. } => {}
        SignatureStatus::Unsupported { algorithm } => {
            return Err(invalid(format!("its signature cannot be checked: {algorithm} is not supported")));
        }
        // The signature may still be valid, with an identity that the API has no field for.
        _ if inspection.signature_algorithm.is_sm2()
            && inspection.private_key_algo() == Some(PrivateKeyAlgo::Sm2) =>
        {
            return Err(invalid(
                "its SM2 signature holds neither with the usual identity, 1234567812345678, nor with an empty one; \
                 a signature with another identity cannot be checked here"
                    .into(),
            ));
        }
        _ => return Err(invalid("its signature does not hold".into())),
    }
    // A listed CSR must show all names that it asks for.
    if let Some(unread) = inspection.unread_names().next() {
        return Err(invalid(format!("its names cannot be read: {unread}")));
    }
    let algorithm = inspection.private_key_algo().ok_or_else(|| {
        let bits = inspection.public_key.bits.map(|bits| format!(" of {bits} bits")).unwrap_or_default();
        let known: Vec<_> = PrivateKeyAlgo::ALL.iter().map(|known| known.as_str()).collect();
        invalid(format!(
            "its key, {}{bits}, must be one of {}",
            inspection.public_key.algorithm,
            known.join(", ")
        ))
    })?;
    Ok((inspection, algorithm))
}

/// The key as PKCS#8.
fn check_key(pem: &str, inspection: &Inspection) -> Result<Zeroizing<String>, Error> {
    let key = KeyPair::import(pem.as_bytes(), None).map_err(Error::UnreadableKey)?;
    if !inspection.is_for(&key) {
        return Err(Error::KeyMismatch);
    }
    Ok(key.to_pem(KeyFormat::Pkcs8).map_err(Internal::Core)?)
}

/// The domain and the further names: the common name, or the first SAN if there is none, and the
/// other SANs that are DNS names or IP addresses. Unprintable characters are escaped.
fn names(inspection: &Inspection) -> (String, String) {
    let sans = inspection.sans.iter().filter_map(|san| match san {
        GeneralName::Dns(_) | GeneralName::Ip(_) => {
            san.to_string().split_once(':').map(|(_, name)| name.to_owned())
        }
        _ => None,
    });
    let mut sans: Vec<String> = sans.collect();
    let mut domain = subject_value(&inspection.subject, "CN");
    if domain.is_empty() && !sans.is_empty() {
        domain = sans.remove(0);
    }
    sans.retain(|san| !san.eq_ignore_ascii_case(&domain));
    (domain, sans.join(";"))
}

/// The first value of an attribute, or `""`.
fn subject_value(subject: &Name, attribute: &str) -> String {
    let found = subject.attributes.iter().find(|found| found.name == Some(attribute));
    found.map(|found| found.value.to_string()).unwrap_or_default()
}
