//! `csr serve` and the commands for its store.

mod access;
mod key;
mod log;
mod master_key;
mod open;
mod settings;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use csr_facade::http::{self, Limits, tls};
use csr_facade::{Access, Authenticator, Rights, Service, ServiceOptions};
use tokio::net::TcpListener;
use tokio::runtime;

use self::open::{IfMissing, Opened};
use self::settings::Settings;
use crate::args::{AccessCommand, KeyCommand, MasterKeyCommand, ServeArgs};
use crate::output::{self, Page};

pub(crate) fn serve(args: &ServeArgs) -> Result<ExitCode> {
    let settings = Settings::new(args)?;
    log::start(settings.log_format);
    runtime::Builder::new_multi_thread().enable_all().build()?.block_on(listen(settings))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn access(command: &AccessCommand) -> Result<ExitCode> {
    block_on(access::run(command))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn key(command: &KeyCommand) -> Result<ExitCode> {
    let KeyCommand::Export { store, id, out, force } = command;
    // If the key cannot be written, it is not read, and no reading is logged.
    let target = out.as_deref().map(|path| key::Target::check(path, *force)).transpose()?;
    let pem = block_on(key::export(store, id))?;
    // The store's threads have ended by now. They would receive the signals that wait for the file.
    match target {
        Some(target) => target.write(pem.as_bytes())?,
        None => output::raw(pem.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn master_key(command: &MasterKeyCommand) -> Result<ExitCode> {
    block_on(master_key::run(command))?;
    Ok(ExitCode::SUCCESS)
}

fn block_on<T>(command: impl Future<Output = Result<T>>) -> Result<T> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(command)
}

async fn listen(settings: Settings) -> Result<()> {
    let Settings {
        store,
        no_key_export,
        listen,
        tls,
        allow_host,
        max_connections,
        max_waiting_keys,
        log_format: _,
        organization,
    } = settings;
    // Everything that can fail comes before the first token, which is shown only once.
    let tls = tls.map(|files| tls::acceptor(&files.certificate, &files.key)).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let opened = Opened::new(&store, IfMissing::Make).await?;

    let mut page = Page::default();
    page.line(&format!("csr serves {scheme}://{address} from {}", opened.name));
    let mut options = ServiceOptions::default();
    options.organization = organization;
    options.key_export = !no_key_export;
    options.waiting_keys = max_waiting_keys;
    let access = Access::new(opened.vault.clone());
    if access.list().await?.is_empty() {
        if output::was_closed() {
            bail!(
                "standard output is closed or null, so nobody would see the first token: open it, or run \
                 `csr access add` first"
            );
        }
        page.line("The first token, shown only now, with every right (X-Auth-Token):");
        page.print().context("cannot print to standard output")?;
        let first = Access::draft_token("first token", Rights::all())?;
        output::secret_line(&first.token).context("cannot print to standard output")?;
        // Stored only after printing: a token that could not be printed would be lost, and the next start would make none.
        access.keep_token(&first).await?;
    } else {
        page.line(
            "No first token is made, because tokens or credentials exist: `csr access` lists and adds them.",
        );
        page.print().context("cannot print to standard output")?;
    }

    let mut limits = Limits::default();
    limits.connections = max_connections;
    limits.allowed_hosts = allow_host;
    let service = Service::new(opened.vault.clone(), options);
    let authenticator = Authenticator::new(opened.vault);
    let router = http::router_with_fallback(service.clone(), authenticator, limits.clone());
    http::serve(listener, router, limits, tls, stop_signal()?).await?;
    service.finish().await;
    Ok(())
}

/// Ready when the process is asked to stop: SIGINT or SIGTERM.
fn stop_signal() -> Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}
