//! What the fuzz targets share: a fixed key, a reading of our CSRs by other code, and the rules for names
//! and for queries written down a second time.

#![forbid(unsafe_code)]

pub mod form;
pub mod names;
pub mod request;
