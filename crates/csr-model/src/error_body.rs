use serde::{Deserialize, Serialize};

use crate::{limits, shortened};

/// The body of every error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// 3 to 36 characters, for example `SCM.0005`.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::error_code))]
    pub error_code: String,
    /// At most 1,024 characters.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::error_msg))]
    pub error_msg: String,
}

impl ErrorBody {
    /// An error body. A message over the documented length is cut at a character's boundary.
    #[must_use]
    pub fn new(error_code: &str, error_msg: &str) -> Self {
        Self { error_code: error_code.to_owned(), error_msg: shortened(error_msg, limits::ERROR_MSG) }
    }

    /// An error body for several parts, such as the faults of each field. If they exceed the
    /// documented length together, the longest are shortened, and none is left out.
    #[must_use]
    pub fn of_parts(error_code: &str, parts: &[String]) -> Self {
        let separators = SEPARATOR.len() * parts.len().saturating_sub(1);
        let room = limits::ERROR_MSG.saturating_sub(separators);
        let lengths: Vec<_> = parts.iter().map(|part| part.chars().count()).collect();
        let fits = |share: &usize| lengths.iter().map(|length| length.min(share)).sum::<usize>() <= room;
        let share = (0..=room).rev().find(fits).unwrap_or_default();
        let shares: Vec<_> = parts.iter().map(|part| shortened(part, share)).collect();
        Self::new(error_code, &shares.join(SEPARATOR))
    }
}

const SEPARATOR: &str = "; ";
