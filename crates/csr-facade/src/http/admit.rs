//! The way into every operation: what the head says of the caller, body, caller, right, in this order.

use std::sync::Arc;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use tokio::time::sleep;
use zeroize::Zeroizing;

use super::answer::Failure;
use super::app::App;
use super::body;
use super::context::SharedContext;
use super::operation::Operation;
use super::serve::Connection;
use crate::auth::{AuthError, Claim};
use crate::error::Error;
use crate::id::CsrId;

/// A request whose caller may do what it asks for.
pub(super) struct Call {
    pub(super) body: Zeroizing<Vec<u8>>,
    pub(super) query: String,
    pub(super) context: SharedContext,
}

impl App {
    /// Reads the body, recognises the caller, and checks that it may do this.
    pub(super) async fn admit(&self, operation: Operation, request: Request) -> Result<Call, Failure> {
        let (parts, body) = request.into_parts();
        let context = parts.extensions.get::<SharedContext>().map(Arc::clone).unwrap_or_default();
        // Each is set here only: no value is lost.
        let _ = context.operation.set(operation);
        let claim = self.authenticator.claim(&parts).await;
        // Whoever is refused by the head alone takes no memory for a body.
        let keep = claim.as_ref().is_ok_and(Claim::is_credible);
        let body = body::read(body, self.limits.body, self.limits.body_timeout, keep).await?;
        let connection = parts.extensions.get::<Arc<Connection>>();
        let caller = match self.authenticator.decide(claim?, &parts, &body, context.peer).await {
            Ok(caller) => caller,
            Err(AuthError::Failed(error)) => return Err(error.into()),
            Err(AuthError::Unknown { message, delay }) => {
                // A large head is not kept in memory for longer than needed.
                if !connection.is_some_and(|connection| connection.is_large()) {
                    sleep(delay).await;
                }
                return Err(Error::Unauthenticated(message).into());
            }
        };
        let _ = context.caller.set(caller.id);
        if let Some(connection) = connection {
            connection.is_admitted();
        }
        if !caller.rights.contains(operation.right()) {
            return Err(Error::Forbidden(operation.right()).into());
        }
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Call { body, query, context })
    }
}

/// The path's parameters, still to be read: who calls is asked first. A prefix that the router is nested under may have
/// parameters, too.
pub(super) type PathParams = Result<RawPathParams, RawPathParamsRejection>;

impl Call {
    /// The id in the path. What is no id is no CSR's.
    pub(super) fn id(&self, params: PathParams) -> Result<CsrId, Failure> {
        let params = params.map_err(|_| Failure::MalformedId)?;
        // The last one: those of a prefix come before.
        let text = params.iter().filter(|(name, _)| *name == "id").last().map(|(_, text)| text);
        let id: CsrId = text.unwrap_or_default().parse().map_err(|_| Failure::MalformedId)?;
        let _ = self.context.csr.set(id.to_string());
        Ok(id)
    }
}
