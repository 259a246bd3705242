//! Names in a certificate, and the rules that keep one name from passing for another.

pub(crate) mod country;
pub(crate) mod dns;
mod mistake;
mod san;
mod script;
pub(crate) mod subject;
pub(crate) mod text;

pub use dns::DnsName;
pub use san::{EmailAddress, GeneralNameKind, OtherName, San, UriName};
pub use subject::{AttributeTypeAndValue, Subject};
pub use text::{Escaped, must_escape};

#[cfg(test)]
mod tests;
