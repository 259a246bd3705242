//! The routes and their middlewares.

use std::sync::Arc;

use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get};
use axum::{Router, routing};

use super::answer::Failure;
use super::app::App;
use super::docs;
use super::host::HostName;
use super::limits::Limits;
use super::{handlers, host, observe, probes};
use crate::auth::Authenticator;
use crate::service::Service;

/// The routes of the API, of the probes and of the documentation, for an axum application: merge
/// them into its router, or nest them under a path. State and middlewares apply to these routes
/// alone, and there is no fallback: the application handles all other paths, and other methods on
/// these paths. Signatures must cover the path that the client sent, including the prefix.
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
/// An application with its own state, a `Router<S>`, takes `router(…).with_state(())`.
///
/// The [`Limits`] of bodies, of the whole request and of `GET /readyz` hold wherever the router
/// runs. [`serve`](super::serve) enforces those of connections and heads, and checks `Host` on a
/// loopback address. Another listener must do both itself, and should add a [`Peer`](super::Peer)
/// to each request, so that failed attempts are slowed down and logged by address.
///
/// # Panics
///
/// `merge`, not this function, panics if the application has a route with the same path. Then nest
/// the API.
pub fn router(service: Service, authenticator: Authenticator, limits: Limits) -> Router {
    let hosts: Arc<[HostName]> = limits.allowed_hosts.clone().into();
    let app = App::new(service, authenticator, limits);
    // The last layer is the outermost.
    routes()
        .route_layer(from_fn_with_state(hosts, host::check))
        .route_layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// As [`router`], for a server that has nothing but the API: it answers every other path and method
/// as the API does, with 404 and the error `APIGW.0101` in JSON.
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
    Router::new()
        .route("/v3/scm/csr", only_get(handlers::list).post(handlers::create))
        .route("/v3/scm/csr/upload", routing::post(handlers::upload))
        .route("/v3/scm/csr/{id}", only_get(handlers::show).put(handlers::update).delete(handlers::delete))
        .route("/v3/scm/csr/{id}/private-key", only_get(handlers::show_private_key))
        .route("/healthz", only_get(probes::healthz))
        .route("/readyz", only_get(probes::readyz))
        .route("/metrics", only_get(probes::metrics))
        .route("/openapi.json", only_get(docs::openapi))
        .route("/docs", only_get(docs::page))
}

/// `GET` without the `HEAD` that axum adds, because the API has none.
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
