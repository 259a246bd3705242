use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use super::answer::Failure;

/// So many times the limit is read and thrown away: a client that is still sending would not see the answer.
const DRAINED: usize = 16;

/// Reads a body, within its limit and in time.
pub(super) async fn read(mut body: Body, limit: usize, patience: Duration) -> Result<Bytes, Failure> {
    let read = async {
        if body.size_hint().lower() > limit as u64 {
            drain(&mut body, limit).await;
            return Err(Failure::BodyTooLarge(limit));
        }
        match Limited::new(&mut body, limit).collect().await {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {
                drain(&mut body, limit).await;
                Err(Failure::BodyTooLarge(limit))
            }
            Err(_) => Err(Failure::BrokenBody),
        }
    };
    timeout(patience, read).await.unwrap_or(Err(Failure::BodyTimeout))
}

async fn drain(body: &mut Body, limit: usize) {
    let mut left = limit.saturating_mul(DRAINED);
    while left > 0 {
        match body.frame().await {
            Some(Ok(frame)) => left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len)),
            _ => break,
        }
    }
}
