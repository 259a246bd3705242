//! A test CA with `rcgen`, which parses our CSR and signs a certificate from it. `cargo run
//! --example test_ca --features rcgen`

use std::error::Error;

use csr_core::{CsrSpec, KeyPair, PrivateKeyAlgo, RcgenKey};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, IsCa, Issuer, KeyUsagePurpose,
};

fn main() -> Result<(), Box<dyn Error>> {
    // The CA's own key is also a `KeyPair`.
    let ca_key = RcgenKey::try_from(KeyPair::generate(PrivateKeyAlgo::EcP384)?)?;
    let mut ca = CertificateParams::new([])?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca_certificate = ca.self_signed(&ca_key)?;
    let issuer = Issuer::new(ca, ca_key);

    let spec = CsrSpec::builder()
        .domain("example.com")
        .san("*.example.com")
        .organization("Example, Inc.")
        .build()?;
    let key = KeyPair::generate(PrivateKeyAlgo::Rsa2048)?;
    let csr = csr_core::Csr::sign(&spec, &key)?;

    // rcgen verifies the CSR's signature here.
    let request = CertificateSigningRequestParams::from_pem(&csr.to_pem())?;
    let certificate = request.signed_by(&issuer)?;
    print!("{}{}", ca_certificate.pem(), certificate.pem());
    Ok(())
}
