//! Admits a request to an operation: checks the caller's claim in the head, reads the body,
//! authenticates the caller, and checks its right, in this order.

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

/// A request whose caller has the right for it.
pub(super) struct Call {
    pub(super) body: Zeroizing<Vec<u8>>,
    pub(super) query: String,
    pub(super) context: SharedContext,
}

impl App {
    /// Reads the body, authenticates the caller, and checks its right.
    pub(super) async fn admit(&self, operation: Operation, request: Request) -> Result<Call, Failure> {
        let (parts, body) = request.into_parts();
        let context = parts.extensions.get::<SharedContext>().map(Arc::clone).unwrap_or_default();
        // Only this function sets these values, so none is lost.
        let _ = context.operation.set(operation);
        let claim = self.authenticator.claim(&parts).await;
        // A request that its head alone refuses takes no memory for a body.
        let keep = claim.as_ref().is_ok_and(Claim::is_credible);
        let body = body::read(body, self.limits.body, self.limits.body_timeout, keep).await?;
        let connection = parts.extensions.get::<Arc<Connection>>();
        let caller = match self.authenticator.decide(claim?, &parts, &body, context.peer).await {
            Ok(caller) => caller,
            Err(AuthError::Failed(error)) => return Err(error.into()),
            Err(AuthError::Unknown { message, delay }) => {
                // A large head stays in memory no longer than needed.
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

/// The parameters of the path, which are parsed after the caller is known. A prefix that the router
/// is nested under may have parameters too.
pub(super) type PathParams = Result<RawPathParams, RawPathParamsRejection>;

impl Call {
    /// The id in the path. A malformed id matches no CSR.
    pub(super) fn id(&self, params: PathParams) -> Result<CsrId, Failure> {
        let params = params.map_err(|_| Failure::MalformedId)?;
        // The last parameter: those of a prefix come before it.
        let text = params.iter().filter(|(name, _)| *name == "id").last().map(|(_, text)| text);
        let id: CsrId = text.unwrap_or_default().parse().map_err(|_| Failure::MalformedId)?;
        let _ = self.context.csr.set(id.to_string());
        Ok(id)
    }
}
