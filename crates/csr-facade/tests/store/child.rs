//! The process that is killed or whose disk fails. It is this program, started with `--child
//! ADDRESS FOLDER MODE`.

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use csr_facade::seal::KeyFile;
use csr_facade::vault::{MasterKeySource, rotate_file};
use csr_facade::{Service, ServiceOptions, Store, Vault};
use csr_model::PrivateKeyAlgo;
use tokio::task::JoinSet;

use crate::backend::open;
use crate::operations::request;
use crate::{Result, runtime};

/// How many write at the same time.
const WRITERS: usize = 32;

pub(crate) fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(2);
    let mut next = || arguments.next().ok_or("--child ADDRESS FOLDER MODE");
    let (address, folder, mode) = (next()?, next()?, next()?);
    runtime()?.block_on(async {
        let store = open(&address).await?;
        let file = KeyFile::new(std::path::Path::new(&folder).join("master.key"));
        let source = MasterKeySource::File { file: file.clone(), create: true };
        let vault = Vault::open(Arc::clone(&store), source).await?;
        let service = Service::new(vault, ServiceOptions::default());
        match &*mode {
            "write" => write(&service).await,
            "obey" => obey(&service).await,
            "rotate" => rotate(&*store, &file).await,
            other => Err(format!("unknown mode {other}").into()),
        }
    })
}

/// Creates without end, and prints each id that was acknowledged.
async fn write(service: &Service) -> Result<()> {
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let service = service.clone();
        writers.spawn(async move {
            loop {
                match service.create(request(PrivateKeyAlgo::EcP256)).await {
                    // Written in one piece: an incomplete line was never acknowledged.
                    Ok(created) => std::io::stdout().write_all(format!("{}\n", created.id).as_bytes())?,
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        });
    }
    match writers.join_next().await {
        Some(ended) => ended?,
        None => Ok(()),
    }
}

/// Rotates the master key without end, and prints the id of each key in the file.
async fn rotate(store: &dyn Store, file: &KeyFile) -> Result<()> {
    loop {
        println!("{}", rotate_file(store, file).await?.new);
    }
}

/// For each line of its input, makes 32 creations at the same time, and prints the result of each:
/// the id or `failed`.
async fn obey(service: &Service) -> Result<()> {
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        line?;
        let mut creations = JoinSet::new();
        for _ in 0..WRITERS {
            let service = service.clone();
            creations.spawn(async move { service.create(request(PrivateKeyAlgo::EcP256)).await });
        }
        while let Some(created) = creations.join_next().await {
            match created? {
                Ok(created) => println!("{}", created.id),
                Err(_) => println!("failed"),
            }
        }
        println!("done {}", service.ready().await.is_ok());
    }
    Ok(())
}
