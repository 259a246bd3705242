//! Which paths there are, and what surrounds them.

use std::sync::Arc;

use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get};
use axum::{Router, routing};

use super::answer::Failure;
use super::app::App;
#[cfg(feature = "openapi")]
use super::docs;
use super::host::HostName;
use super::limits::Limits;
use super::{handlers, host, observe, probes};
use crate::auth::Authenticator;
use crate::service::Service;

/// The API's routes, and those beside it, for an axum application: merge them into its router, or nest them under a
/// path. The state and the middlewares are around these routes alone, and there is no fallback: all other paths, and
/// other methods on these paths, are the application's. Signatures must be over the path that the client sent, the
/// prefix included.
///
/// ```
/// use std::sync::Arc;
/// use axum::Router;
/// use axum::routing::get;
/// use csr_facade::http::{Limits, router, serve};
/// use csr_facade::seal::KeyFile;
/// use csr_facade::store::SqliteStore;
/// use csr_facade::vault::MasterKeySource;
/// use csr_facade::{Authenticator, Service, ServiceOptions, Vault};
/// use tokio::net::TcpListener;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = Arc::new(SqliteStore::open(&folder.join("csr.db"))?);
/// let file = KeyFile::new(folder.join("master.key"));
/// let vault = Vault::open(store, MasterKeySource::File { file, create: true }).await?;
/// let service = Service::new(vault.clone(), ServiceOptions::default());
/// let limits = Limits::default();
/// let api = router(service.clone(), Authenticator::new(vault), limits.clone());
///
/// // GET /hello is the application's own; the API answers at /certificates/v3/scm/csr, its page at /certificates/docs.
/// let application = Router::new().route("/hello", get(async || "hello")).nest("/certificates", api);
///
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// # let stop = async {};
/// # /*
/// let stop = async { drop(tokio::signal::ctrl_c().await) };
/// # */
/// serve(listener, application, limits, None, stop).await?;
/// service.finish().await;
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new()?.block_on(example())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An application with a state of its own, a `Router<S>`, takes `router(…).with_state(())`.
///
/// Of the [`Limits`], those of bodies, of the whole request and of `GET /readyz` hold wherever the router runs. Those of
/// connections and heads are [`serve`](super::serve)'s, as is the check of `Host` at a loopback address: another listener
/// has to see to them itself, and should add a [`Peer`](super::Peer) to each request, by which failed attempts are slowed
/// down and logged.
///
/// # Panics
///
/// `merge`, not this function, panics when the application has a route of the same path: nest the API then.
pub fn router(service: Service, authenticator: Authenticator, limits: Limits) -> Router {
    let hosts: Arc<[HostName]> = limits.allowed_hosts.clone().into();
    let app = App::new(service, authenticator, limits);
    // The last layer is the outermost one.
    routes()
        .route_layer(from_fn_with_state(hosts, host::check))
        .route_layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// As [`router`], for a server that is nothing but the API: it answers every other path and method as the API does, with
/// 404 and the error `APIGW.0101` in JSON.
pub fn router_with_fallback(service: Service, authenticator: Authenticator, limits: Limits) -> Router {
    let hosts: Arc<[HostName]> = limits.allowed_hosts.clone().into();
    let app = App::new(service, authenticator, limits);
    routes()
        .fallback(no_such_api)
        .method_not_allowed_fallback(no_such_api)
        .layer(from_fn_with_state(hosts, host::check))
        .layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

fn routes() -> Router<App> {
    let router = Router::new();
    #[cfg(feature = "openapi")]
    let router = router.route("/openapi.json", only_get(docs::openapi)).route("/docs", only_get(docs::page));
    router
        .route("/v3/scm/csr", only_get(handlers::list).post(handlers::create))
        .route("/v3/scm/csr/upload", routing::post(handlers::upload))
        .route("/v3/scm/csr/{id}", only_get(handlers::show).put(handlers::update).delete(handlers::delete))
        .route("/v3/scm/csr/{id}/private-key", only_get(handlers::show_private_key))
        .route("/healthz", only_get(probes::healthz))
        .route("/readyz", only_get(probes::readyz))
        .route("/metrics", only_get(probes::metrics))
}

/// `GET` without the `HEAD` that axum adds: the API has none.
fn only_get<H, T>(handler: H) -> MethodRouter<App>
where
    H: Handler<T, App>,
    T: 'static,
{
    get(handler).head(no_such_api)
}

async fn no_such_api() -> Failure {
    Failure::NoSuchApi
}
