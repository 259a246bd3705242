//! One request to two files: `cargo run --example create -- example.com`
//!
//! The key goes into a new file, or nowhere. The command does this more carefully; see `csr create
//! --help`.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write;

use csr_core::{Company, CreateCsrRequest, KeyFormat, PrivateKeyAlgo, Usage};

fn main() -> Result<(), Box<dyn Error>> {
    let domain_name = std::env::args().nth(1).unwrap_or_else(|| "example.com".to_owned());
    let request = CreateCsrRequest {
        name: "example".to_owned(),
        sans: format!("www.{domain_name};192.0.2.7"),
        domain_name,
        private_key_algo: PrivateKeyAlgo::EcP256,
        usage: Usage::Enterprise,
        company: Company {
            country: "CN".to_owned(),
            province: "Beijing".to_owned(),
            city: "Beijing".to_owned(),
            name: "Example, Inc.".to_owned(),
        },
    };
    let created = csr_core::create(request)?;

    let folder = std::env::temp_dir();
    let (csr_path, key_path) = (folder.join("example.csr"), folder.join("example.key"));
    std::fs::write(&csr_path, created.csr.to_pem())?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&key_path)?.write_all(created.key.to_pem(KeyFormat::Pkcs8)?.as_bytes())?;

    println!("{}\n{}\n{}", created.spec.subject(), csr_path.display(), key_path.display());
    Ok(())
}
