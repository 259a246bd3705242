use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::time::timeout;
use zeroize::{Zeroize, Zeroizing};

use super::answer::Failure;

/// Up to this many times the limit is read and discarded, because a client that is still sending
/// would not see the answer.
const DRAINED: usize = 16;

/// Reads a body within its limits of size and time. It may hold a private key, so it is wiped when
/// it is dropped. A body that isn't needed is read and discarded; the result is then empty.
pub(super) async fn read(
    mut body: Body,
    limit: usize,
    patience: Duration,
    keep: bool,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let read = async {
        let hint = body.size_hint();
        if hint.lower() > limit as u64 {
            drain(&mut body, limit).await;
            return Err(Failure::BodyTooLarge(limit));
        }
        // Large enough from the start: a buffer that grows leaves unwiped copies behind.
        let capacity = hint.exact().and_then(|length| usize::try_from(length).ok()).unwrap_or(limit);
        let most = capacity.min(limit);
        let mut collected = Zeroizing::new(Vec::with_capacity(if keep { most } else { 0 }));
        let mut room = most;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Failure::BrokenBody)?.into_data() else { continue };
            let Some(left) = room.checked_sub(data.len()) else {
                wipe(data);
                drain(&mut body, limit).await;
                return Err(Failure::BodyTooLarge(limit));
            };
            room = left;
            if keep {
                collected.extend_from_slice(&data);
            }
            wipe(data);
        }
        Ok(collected)
    };
    timeout(patience, read).await.unwrap_or(Err(Failure::BodyTimeout))
}

/// Wipes a frame if nothing else shares it. hyper's frames are parts of a connection's read buffer,
/// which hyper keeps. That buffer, and those of TLS, are out of reach.
fn wipe(frame: Bytes) {
    if let Ok(mut frame) = frame.try_into_mut() {
        frame.as_mut().zeroize();
    }
}

async fn drain(body: &mut Body, limit: usize) {
    let mut left = limit.saturating_mul(DRAINED);
    while left > 0 {
        match body.frame().await {
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default();
                left = left.saturating_sub(data.len());
                wipe(data);
            }
            _ => break,
        }
    }
}
