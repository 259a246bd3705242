//! The wire types of Huawei Cloud's CSR API (SCM), with the limits that its reference documents.
//! This crate has no cryptography.
//!
//! Every type serialises under exactly the documented field names. Optional fields that a request
//! leaves out are `""`, as in the API's own answers. Fields that the reference does not name are
//! ignored.
//!
//! ```
//! use csr_model::{CreateCsrDraft, PrivateKeyAlgo, Usage};
//!
//! let draft = CreateCsrDraft::from_json(
//!     br#"{"name": "web", "domain_name": "example.com", "private_key_algo": "EC_P256", "usage": "PERSONAL"}"#,
//! )?;
//! let request = draft.into_request()?;
//! assert_eq!(request.private_key_algo, PrivateKeyAlgo::EcP256);
//! assert_eq!(request.usage, Usage::Personal);
//! assert_eq!(request.sans, "");
//! # Ok::<(), csr_model::Faults>(())
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
mod company;
mod create;
mod error_body;
mod excerpt;
mod fault;
mod json;
pub mod limits;
mod list;
#[cfg(feature = "openapi")]
mod openapi;
mod response;
mod text;
mod update;
mod upload;

pub use algorithm::{PrivateKeyAlgo, UnknownName, Usage};
pub use company::Company;
pub use create::{CreateCsrDraft, CreateCsrRequest, CsrContent};
pub use error_body::ErrorBody;
pub use excerpt::{Excerpt, may_be_secret};
pub use fault::{Fault, Faults, Field, Reason};
pub use list::{ListCsrQuery, ListCsrResponse, PageSize, UnknownPageSize};
pub use response::{CreateCsrResponse, ShowCsrPrivateKeyResponse, ShowCsrResponse, UploadCsrResponse};
// For the command.
#[doc(hidden)]
pub use json::{JsonValue, json_fields};
// For csr-core.
#[doc(hidden)]
pub use text::{Utf8, shortened, utf8};
pub use update::UpdateCsrRequest;
pub use upload::UploadCsrRequest;
