use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use csr_model::PrivateKeyAlgo;

use super::operation::Operation;

/// The client address of a request. [`serve`](super::serve) adds it to each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Facts about a request that are found while it is answered, for the log and the metrics.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub(super) request_id: String,
    pub(super) peer: Option<IpAddr>,
    pub(super) operation: OnceLock<Operation>,
    pub(super) caller: OnceLock<String>,
    pub(super) csr: OnceLock<String>,
    pub(super) algorithm: OnceLock<PrivateKeyAlgo>,
}

/// A request's [`Context`], as its extension.
pub(super) type SharedContext = Arc<Context>;
