//! The wire types of Huawei Cloud's CSR API (SCM), with the limits that its reference documents.
//! This crate has no cryptography.
//!
//! Every type serialises under exactly the documented field names. Optional fields that a request
//! leaves out are `""`, as in the API's own answers. Fields that the reference does not name are
//! ignored.
//!
//! ```
//! use csr_model::{CreateCsrRequest, PrivateKeyAlgo, Usage};
//!
//! let request = CreateCsrRequest::from_json(
//!     br#"{"name": "web", "domain_name": "example.com", "private_key_algo": "EC_P256", "usage": "PERSONAL"}"#,
//! )?;
//! assert_eq!(request.private_key_algo, PrivateKeyAlgo::EcP256);
//! assert_eq!(request.usage, Usage::Personal);
//! assert_eq!(request.sans, "");
//! assert!(request.validate().is_ok());
//! # Ok::<(), csr_model::RequestError>(())
//! ```
//!
//! The documented limits, in characters:
//!
//! ```
//! use csr_model::limits;
//!
//! assert_eq!(limits::NAME, 63);
//! assert_eq!(limits::DOMAIN_NAME, 63);
//! assert_eq!(limits::SANS, 255);
//! assert_eq!(limits::COMPANY, 255);
//! ```

#![forbid(unsafe_code)]

mod algorithm;
mod draft;
mod error_body;
mod excerpt;
pub mod limits;
mod list;
#[cfg(feature = "openapi")]
mod openapi;
mod request;
mod response;
mod text;
mod violation;

pub use algorithm::{PrivateKeyAlgo, UnknownName, Usage};
pub use error_body::ErrorBody;
pub use excerpt::{Excerpt, may_be_secret};
pub use list::{ListCsrQuery, ListCsrResponse, PageSize, UnknownPageSize};
pub use request::{CreateCsrRequest, UpdateCsrRequest, UploadCsrRequest};
pub use response::{CreateCsrResponse, ShowCsrPrivateKeyResponse, ShowCsrResponse, UploadCsrResponse};
// For csr-core.
#[doc(hidden)]
pub use text::{Utf8, shortened, utf8};
pub use violation::{RequestError, Violation, Violations};
