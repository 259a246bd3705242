use csr_core::inspect::{Escaped, GeneralName, Name};
use csr_core::{Inspection, KeyFormat, KeyPair, SignatureStatus, SubjectAttribute};
use csr_model::{Company, PrivateKeyAlgo, UploadCsrRequest, UploadCsrResponse, Usage};
use zeroize::Zeroizing;

use super::generation::blocking;
use super::inner::Inner;
use crate::clock::now;
use crate::error::{Error, Internal};
use crate::id::CsrId;
use crate::record::CsrRecord;

pub(super) async fn upload(inner: &Inner, request: UploadCsrRequest) -> Result<UploadCsrResponse, Error> {
    // Verifying a signature and checking a key take milliseconds.
    let (record, key) = blocking(move || read(&request)).await?;
    inner.vault.insert(&record, key.as_ref().map(|key| key.as_bytes())).await?;
    let CsrRecord { id, name, create_time, .. } = record;
    Ok(UploadCsrResponse { id: id.to_string(), name, create_time })
}

/// Checks an upload, and reads from the CSR what a creation would have been told.
fn read(request: &UploadCsrRequest) -> Result<(CsrRecord, Option<Zeroizing<String>>), Error> {
    let (inspection, private_key_algo) = check_csr(request.csr()).map_err(Error::UnfitCsr)?;
    let key = request.private_key().map(|key| check_key(key, &inspection)).transpose()?;

    let subject = |attribute| subject_value(&inspection.subject, attribute);
    let (domain_name, sans) = names(&inspection);
    let company = Company {
        country: subject(SubjectAttribute::Country),
        province: subject(SubjectAttribute::Province),
        city: subject(SubjectAttribute::Locality),
        name: subject(SubjectAttribute::Organization),
    };
    let time = now()?;
    let record = CsrRecord {
        id: CsrId::random()?,
        name: request.name().to_owned(),
        domain_name,
        sans,
        private_key_algo,
        usage: if company.name.is_empty() { Usage::Personal } else { Usage::Enterprise },
        company,
        csr: inspection.to_pem(),
        create_time: time,
        update_time: time,
    };
    Ok((record, key))
}

/// The CSR, or why it cannot be taken.
fn check_csr(csr: &str) -> Result<(Inspection, PrivateKeyAlgo), String> {
    // What is kept is what was read, written anew. So this protects nothing: whoever sends more, and a private key above
    // all, has confused something.
    let blocks = csr.matches("-----BEGIN").count();
    if blocks > 1 {
        return Err(format!(
            "must be one PEM block, CERTIFICATE REQUEST, but has {blocks}: put a private key into private_key; \
             nothing else is accepted"
        ));
    }
    let inspection = csr_core::inspect(csr.as_bytes()).map_err(|error| error.to_string())?;
    match inspection.signature_status() {
        SignatureStatus::Valid { .. } => {}
        SignatureStatus::Unsupported { algorithm } => {
            return Err(format!("its signature cannot be checked: {algorithm} is not supported"));
        }
        // The signature may still be valid, with an identity that the API has no field for.
        _ if inspection.signature_algorithm.is_sm2()
            && inspection.private_key_algo() == Some(PrivateKeyAlgo::Sm2) =>
        {
            return Err(
                "its SM2 signature holds neither with the usual identity, 1234567812345678, nor with an empty one; \
                 a signature with another identity cannot be checked here"
                    .into(),
            );
        }
        _ => return Err("its signature does not hold".into()),
    }
    // A listed CSR must show all names that it asks for.
    if let Some(unread) = inspection.unread_names().next() {
        return Err(format!("its names cannot be read: {unread}"));
    }
    let algorithm = inspection.private_key_algo().ok_or_else(|| {
        let bits = inspection.public_key.bits.map(|bits| format!(" of {bits} bits")).unwrap_or_default();
        let known: Vec<_> = PrivateKeyAlgo::ALL.iter().map(|known| known.as_str()).collect();
        format!("its key, {}{bits}, must be one of {}", inspection.public_key.algorithm, known.join(", "))
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
        GeneralName::Dns(name) => Some(Escaped(name).to_string()),
        GeneralName::Ip(address) => Some(address.to_string()),
        _ => None,
    });
    let mut sans: Vec<String> = sans.collect();
    let mut domain = subject_value(&inspection.subject, SubjectAttribute::CommonName);
    if domain.is_empty() && !sans.is_empty() {
        domain = sans.remove(0);
    }
    sans.retain(|san| !san.eq_ignore_ascii_case(&domain));
    (domain, sans.join(";"))
}

/// The first value of an attribute, or `""`.
fn subject_value(subject: &Name, attribute: SubjectAttribute) -> String {
    let found = subject.attributes.iter().find(|found| found.name == Some(attribute));
    found.map(|found| found.value.to_string()).unwrap_or_default()
}
