//! The façade as a part of another program: an embedded store in a folder, a token, and a listener.
//!
//! ```text
//! cargo run -p csr-facade --example serve -- FOLDER [ADDRESS]
//! ```
//!
//! Prints the address it listens on, a token, and an access key with its secret key, one per line.
//! Ctrl-C ends it.

use std::path::Path;
use std::sync::Arc;

use csr_facade::http::{Limits, router_with_fallback, serve};
use csr_facade::seal::KeyFile;
use csr_facade::store::SqliteStore;
use csr_facade::vault::MasterKeySource;
use csr_facade::{Access, Authenticator, Rights, Service, ServiceOptions, Vault};
use tokio::net::TcpListener;

type Result<T = ()> = core::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: serve FOLDER [ADDRESS]")?;
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    // This blocks, so it comes before the runtime.
    let store = Arc::new(SqliteStore::open(&Path::new(&folder).join("csr.db"))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(store, &folder, &address))
}

async fn run(store: Arc<SqliteStore>, folder: &str, address: &str) -> Result {
    let file = KeyFile::new(Path::new(folder).join("master.key"));
    let vault = Vault::open(store, MasterKeySource::File { file, create: true }).await?;

    let access = Access::new(vault.clone());
    let token = access.issue_token("example", Rights::all()).await?;
    let credential = access.issue_credential("example", Rights::all()).await?;

    let listener = TcpListener::bind(address).await?;
    println!("{}", listener.local_addr()?);
    println!("{}", *token.token);
    println!("{} {}", credential.caller.id, *credential.secret_key);

    let service = Service::new(vault.clone(), ServiceOptions::default());
    let limits = Limits::default();
    let router = router_with_fallback(service.clone(), Authenticator::new(vault), limits.clone());
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    serve(listener, router, limits, None, interrupted).await?;
    service.finish().await;
    Ok(())
}
