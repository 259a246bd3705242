use serde::{Deserialize, Serialize};

use crate::limits;

/// The body of every error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// 3 to 36 characters, e.g. `SCM.0005`.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::error_code))]
    pub error_code: String,
    /// At most 1,024 characters.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::error_msg))]
    pub error_msg: String,
}

impl ErrorBody {
    /// An error body; a message over the documented length is cut there, at a character's boundary.
    #[must_use]
    pub fn new(error_code: &str, error_msg: &str) -> Self {
        Self {
            error_code: error_code.to_owned(),
            error_msg: error_msg.chars().take(limits::ERROR_MSG).collect(),
        }
    }
}
