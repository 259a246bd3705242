//! Other people's clients use a running façade; `src/lib.rs` tells how.

#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use csr_core::PrivateKeyAlgo;
use csr_interop::{Client, Result, Server};
use libtest_mimic::{Arguments, Failed, Trial};

/// The server that all trials use, started by the first of them, stopped when the last has let go of it.
type Shared = Arc<OnceLock<core::result::Result<Server, String>>>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = std::env::var_os("CSR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    let server = Shared::default();
    let mut trials = Vec::new();
    for (client, algorithm) in all() {
        let name = format!("{client} uses the façade with {algorithm}");
        let server = Arc::clone(&server);
        match client.missing() {
            None => {
                trials.push(Trial::test(name, move || run(client, algorithm, &server).map_err(Failed::from)))
            }
            Some(missing) => trials.push(
                Trial::test(format!("{name} (LEFT OUT: {missing})"), move || Err(Failed::from(missing)))
                    .with_ignored_flag(!required),
            ),
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn all() -> impl Iterator<Item = (Client, PrivateKeyAlgo)> {
    let every = |client| PrivateKeyAlgo::ALL.iter().map(move |algorithm| (client, *algorithm));
    every(Client::Sdk { sm3: false }).chain(every(Client::Curl)).chain([
        (Client::Sdk { sm3: true }, PrivateKeyAlgo::Sm2),
        (Client::Schemathesis, PrivateKeyAlgo::EcP256),
    ])
}

fn run(client: Client, algorithm: PrivateKeyAlgo, server: &Shared) -> Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    let server =
        server.get_or_init(|| Server::start(&folder.join("store")).map_err(|error| error.to_string()));
    let server = server.as_ref().map_err(Clone::clone)?;
    client.use_server(server, algorithm, &folder.join(format!("{client} {algorithm}")))
}
