//! The state of the handlers.

use std::sync::Arc;

use super::limits::Limits;
use super::metrics::Metrics;
use super::readiness::Readiness;
use crate::auth::Authenticator;
use crate::service::Service;

/// The state of the API's routes. A clone is the same state.
#[derive(Clone)]
pub(super) struct App(Arc<Shared>);

pub(super) struct Shared {
    pub(super) service: Service,
    pub(super) authenticator: Authenticator,
    pub(super) metrics: Metrics,
    pub(super) limits: Limits,
    pub(super) readiness: Readiness,
}

impl App {
    pub(super) fn new(service: Service, authenticator: Authenticator, limits: Limits) -> Self {
        let readiness = Readiness::new(service.clone(), limits.readiness);
        Self(Arc::new(Shared { service, authenticator, metrics: Metrics::new(), limits, readiness }))
    }
}

impl core::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
