//! A process that was forked from another makes no key and no nonce of that.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;
use std::io::{Read, Write, pipe};

use csr_core::batch::{Batch, KeyAndCsr, KeyRequest};
use csr_core::{CsrSpec, KeyFormat, PrivateKeyAlgo};
use der::asn1::UintRef;
use der::{Decode, Reader, SliceReader};
use fork::{Fork, fork, waitpid};
use x509_cert::request::CertReq;

fn requests() -> impl Iterator<Item = KeyRequest> + Send {
    let spec = CsrSpec::builder().domain("example.com").build().unwrap();
    let algorithms =
        [PrivateKeyAlgo::EcP256, PrivateKeyAlgo::Sm2, PrivateKeyAlgo::EcP384, PrivateKeyAlgo::Rsa2048];
    algorithms.into_iter().cycle().map(move |algorithm| KeyRequest { algorithm, spec: spec.clone() })
}

/// What no other key or signature has: the numbers of the private key, and r.
fn secrets(made: &KeyAndCsr) -> Vec<Vec<u8>> {
    match made.key.to_der(KeyFormat::Pkcs1) {
        Ok(der) => {
            let key = pkcs1::RsaPrivateKeyRef::try_from(&**der).unwrap();
            [key.prime1, key.prime2].map(|prime| prime.as_bytes().to_vec()).into()
        }
        Err(_) => {
            let request = CertReq::from_der(made.csr.as_der()).unwrap();
            let mut signature = SliceReader::new(request.signature.raw_bytes()).unwrap();
            let r = signature
                .sequence(|numbers| {
                    let [r, _s] = [UintRef::decode(numbers)?, UintRef::decode(numbers)?];
                    Ok::<_, der::Error>(r.as_bytes().to_vec())
                })
                .unwrap();
            let der = made.key.to_der(KeyFormat::Sec1).unwrap();
            let scalar = sec1::EcPrivateKey::from_der(&der).unwrap().private_key.to_vec();
            vec![scalar, r]
        }
    }
}

/// Both go on with a batch that was begun before the fork, and begin a new one. There is a single test here, so that no
/// other thread is forked.
#[test]
fn forked_process_makes_other_keys_and_nonces() {
    const CHUNK: usize = 8;
    let mut results = Batch::new().threads(0).chunk_len(CHUNK).run(requests());
    let before: Vec<_> = results.by_ref().take(CHUNK).map(Result::unwrap).collect();
    let mut rest = || {
        let begun: Vec<_> = results.by_ref().take(3 * CHUNK).collect();
        let new = Batch::new().threads(2).run(requests().take(3 * CHUNK));
        let made: Vec<_> = begun.into_iter().chain(new).map(Result::unwrap).collect();
        made.iter().flat_map(secrets).map(|secret| hex::lower::encode_string(&secret)).collect::<Vec<_>>()
    };

    let (mut reader, mut writer) = pipe().unwrap();
    match fork().unwrap() {
        Fork::Child => {
            let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                writer.write_all(rest().join("\n").as_bytes()).unwrap();
            }));
            std::process::exit(i32::from(written.is_err()));
        }
        Fork::Parent(child) => {
            drop(writer);
            let mut all: Vec<String> = rest();
            let mut of_child = String::new();
            reader.read_to_string(&mut of_child).unwrap();
            assert_eq!(waitpid(child).unwrap(), 0);
            all.extend(of_child.lines().map(str::to_owned));
            all.extend(before.iter().flat_map(secrets).map(|secret| hex::lower::encode_string(&secret)));
            assert_eq!(all.len(), 2 * CHUNK * (6 + 6 + 1));
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        }
    }
}
