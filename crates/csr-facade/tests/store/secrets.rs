//! Neither the database, nor its log, nor our logs or `Debug` output hold a secret.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use csr_core::{KeyFormat, KeyPair};
use csr_facade::{Access, Rights};
use csr_model::{PrivateKeyAlgo, ShowCsrPrivateKeyResponse, UploadCsrRequest};
use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::operations::{check_key, request};
use crate::{Result, checks, ensure};

checks! {
    "files, logs and Debug output hold no keys or tokens" => nowhere,
}

/// The log of all trials.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn capture_logs() {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(|| Log)
        .init();
}

/// The log so far.
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// The smallest length of a needle, in bytes.
const HEAD: usize = 8;

/// The bytes that must not be found, and their names.
struct Needle(String, Vec<u8>);

fn needles_of(what: &str, pem: &str) -> Result<Vec<Needle>> {
    let der = KeyPair::import(pem.as_bytes(), None)?.to_der(KeyFormat::Pkcs8)?;
    let mut needles = Vec::new();
    // After the structure's public head: parts of any alignment, as bytes and in hexadecimal.
    for start in (40..der.len().saturating_sub(24)).step_by(24) {
        let part = &der[start..start + 24];
        needles.push(Needle(format!("{what}: DER"), part.to_vec()));
        let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
        needles.push(Needle(format!("{what}: upper-case hexadecimal"), hex.to_uppercase().into_bytes()));
        needles.push(Needle(format!("{what}: hexadecimal"), hex.into_bytes()));
        needles.push(Needle(format!("{what}: Debug of bytes"), format!("{:?}", &part[..8]).into_bytes()));
    }
    for line in pem.lines().skip(1).filter(|line| !line.starts_with("-----")) {
        needles.push(Needle(format!("{what}: PEM"), line.as_bytes().to_vec()));
    }
    Ok(needles)
}

pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Every file under a folder.
pub(crate) fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else if path.file_name().is_some_and(|name| name != "master.key") {
            found.push((path.display().to_string(), fs::read(&path)?));
        }
    }
    Ok(())
}

async fn nowhere(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let mut needles = Vec::new();
    let mut debug = format!("{service:?}{:?}{:?}", service.vault(), place.source());
    let mut public = String::new();
    for algorithm in [PrivateKeyAlgo::EcP256, PrivateKeyAlgo::Sm2, PrivateKeyAlgo::Rsa2048] {
        let created = service.create(request(algorithm)).await?;
        let id = created.id.parse()?;
        check_key(&service, id).await?;
        let shown: ShowCsrPrivateKeyResponse = service.show_private_key(id).await?;
        needles.extend(needles_of(&format!("created {algorithm}"), &shown.private_key)?);
        public = service.show(id).await?.csr;
        debug += &format!("{created:?}{shown:?}{:?}", service.vault().store().sealed_key(id).await?);

        let key = KeyPair::generate(algorithm)?;
        let csr = csr_core::Csr::sign(&csr_core::CsrSpec::builder().domain("up.example").build()?, &key)?;
        let pem = key.to_pem(KeyFormat::Pkcs8)?;
        needles.extend(needles_of(&format!("uploaded {algorithm}"), &pem)?);
        let upload = UploadCsrRequest::new("up", csr.to_pem(), pem.clone())?;
        debug += &format!("{upload:?}{key:?}");
        // One that is refused passes other ways.
        let damaged = UploadCsrRequest::new("up", &public, pem.clone())?;
        debug += &format!("{:?}", service.upload(damaged).await.err());
        let half = Zeroizing::new(pem[..pem.len() / 2].to_owned());
        let damaged = UploadCsrRequest::new("up", csr.to_pem(), half)?;
        debug += &format!("{:?}", service.upload(damaged).await.err());
        debug += &format!("{:?}", service.upload(upload).await?);
    }
    let access = Access::new(service.vault().clone());
    let token = access.issue_token("label", Rights::all()).await?;
    let credential = access.issue_credential("label", Rights::all()).await?;
    debug += &format!("{token:?}{credential:?}{:?}", access.list().await?);
    needles.push(Needle("token".into(), token.token.as_bytes().to_vec()));
    needles.push(Needle("secret key".into(), credential.secret_key.as_bytes().to_vec()));
    let master = fs::read_to_string(place.key_file().path())?;
    needles.push(Needle("master key".into(), master.trim().into()));
    needles.push(Needle("master key: upper case".into(), master.trim().to_uppercase().into()));
    needles.push(Needle("master key: bytes".into(), unhex(master.trim())?));

    let mut haystacks = vec![
        ("Debug output".to_owned(), debug.into_bytes()),
        ("the log".to_owned(), LOG.lock().unwrap_or_else(PoisonError::into_inner).clone()),
    ];
    files(place.folder.path(), &mut haystacks)?;
    if let Some(data) = place.data() {
        files(&data, &mut haystacks)?;
    }
    // Proves that the search works, with a line of the last CSR.
    let line = public.lines().nth(2).ok_or("a short CSR")?;
    let found = haystacks.iter().any(|(name, bytes)| !name.contains(' ') && contains(bytes, line.as_bytes()));
    ensure!(found, "the CSR itself was not found in any file: what is searched is not the store");
    // One pass over each text: a needle is compared only where its first bytes match.
    let mut by_head: HashMap<[u8; HEAD], Vec<&Needle>> = HashMap::new();
    for needle in &needles {
        let head = needle.1.first_chunk().ok_or("a needle is too short")?;
        by_head.entry(*head).or_default().push(needle);
    }
    for (place, bytes) in &haystacks {
        for (at, window) in bytes.array_windows().enumerate() {
            for Needle(what, needle) in by_head.get::<[u8; HEAD]>(window).into_iter().flatten() {
                ensure!(!bytes[at..].starts_with(needle), "{what} is in {place}");
            }
        }
    }
    Ok(())
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&text[at..at + 2], 16)?)).collect()
}
