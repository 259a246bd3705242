//! The documented limits, in characters (not bytes).

/// `name`: the user's own name for the CSR.
pub const NAME: usize = 63;
/// `domain_name`: the domain bound to the CSR.
pub const DOMAIN_NAME: usize = 63;
/// `sans`: all further names together, separators included.
pub const SANS: usize = 255;
/// Each of `company_country`, `company_province`, `company_city` and `company_name`.
pub const COMPANY: usize = 255;
/// `X-Auth-Token`: the shortest token.
pub const TOKEN_MIN: usize = 32;
/// `X-Auth-Token`: the longest token.
pub const TOKEN_MAX: usize = 2_097_152;
/// `error_code`: the shortest code.
pub const ERROR_CODE_MIN: usize = 3;
/// `error_code`: the longest code.
pub const ERROR_CODE_MAX: usize = 36;
/// `error_msg`: the longest message.
pub const ERROR_MSG: usize = 1_024;
