//! The system's clock.

use std::time::SystemTime;

use crate::error::{Error, Internal};

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> Result<i64, Error> {
    let elapsed = SystemTime::UNIX_EPOCH.elapsed().ok();
    let milliseconds = elapsed.and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok());
    milliseconds.ok_or_else(|| {
        Error::Internal(Internal::Other("the system clock must be set to a date after 1970".into()))
    })
}
