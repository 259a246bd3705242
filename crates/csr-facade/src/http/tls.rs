//! TLS with a certificate and a key from files.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::check_private_file;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or doesn't hold the expected PEM. The message doesn't show its
    /// content.
    #[error("{path}: {fault}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// The key belongs to another certificate.
    #[error("{key} must hold the key of the certificate in {certificate}", key = .key.display(), certificate = .certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

/// TLS 1.2 and 1.3 with this chain and its key (PKCS#8, PKCS#1 or SEC1), both in PEM, for HTTP/1.1.
/// The key's file must be private, as [`check_private_file`] requires.
///
/// # Errors
///
/// [`TlsError`].
pub fn acceptor(certificate_file: &Path, key_file: &Path) -> Result<TlsAcceptor, TlsError> {
    let fault = |path: &Path, fault: String| TlsError::File { path: path.to_owned(), fault };
    let no_certificate = "it must hold a certificate in PEM";
    let chain = CertificateDer::pem_file_iter(certificate_file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| fault(certificate_file, pem_fault(error, no_certificate)))?;
    if chain.is_empty() {
        return Err(fault(certificate_file, no_certificate.to_owned()));
    }
    let no_key = "it must hold a private key in PEM that isn't encrypted";
    // Checks the opened file, so that it is the file that is read.
    let opened = File::open(key_file).and_then(|file| Ok((file.metadata()?, file)));
    let (metadata, file) = opened.map_err(|error| fault(key_file, error.to_string()))?;
    check_private_file(key_file, &metadata).map_err(|why| fault(key_file, why.to_string()))?;
    let key = PrivateKeyDer::from_pem_reader(BufReader::new(file));
    let key = key.map_err(|error| fault(key_file, pem_fault(error, no_key)))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key));
    let mut config = config.map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            TlsError::Mismatch { certificate: certificate_file.to_owned(), key: key_file.to_owned() }
        }
        rustls::Error::InvalidCertificate(_) => fault(certificate_file, error.to_string()),
        error => fault(key_file, error.to_string()),
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The fault of a PEM file. The reader's own message would show bytes of it.
fn pem_fault(error: pem::Error, missing: &str) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => missing.to_owned(),
        pem::Error::MissingSectionEnd { .. } => "a PEM block in it has no end".to_owned(),
        pem::Error::Base64Decode(_) => "a PEM block in it must be base64".to_owned(),
        _ => "it must be PEM".to_owned(),
    }
}
