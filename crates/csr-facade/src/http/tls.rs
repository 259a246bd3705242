//! TLS by certificate and key files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or holds no such PEM. Its content is not shown.
    #[error("{path}: {fault}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// Certificate and key do not fit together, or are of a kind that is not supported.
    #[error("TLS: {0}")]
    Config(#[from] rustls::Error),
}

/// TLS 1.2 and 1.3 with this chain and its key (PKCS#8, PKCS#1 or SEC1), both PEM. HTTP/1.1 is what is spoken.
///
/// # Errors
///
/// [`TlsError`].
pub fn acceptor(certificate_file: &Path, key_file: &Path) -> Result<TlsAcceptor, TlsError> {
    let fault = |path: &Path, fault: String| TlsError::File { path: path.to_owned(), fault };
    let chain = CertificateDer::pem_file_iter(certificate_file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| fault(certificate_file, error.to_string()))?;
    if chain.is_empty() {
        return Err(fault(certificate_file, "there is no certificate in it".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key_file).map_err(|error| fault(key_file, error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
