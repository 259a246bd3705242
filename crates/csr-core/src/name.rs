//! Names in a certificate, and the rules that keep one name from passing for another.

pub(crate) mod country;
pub(crate) mod dns;
mod email;
mod mistake;
mod san;
mod script;
pub(crate) mod subject;
pub(crate) mod text;
mod uri;

pub use dns::DnsName;
pub use email::EmailAddress;
pub use san::{GeneralNameKind, OtherName, San};
pub use subject::{AttributeTypeAndValue, Subject};
pub use text::{Escaped, must_escape};
pub use uri::UriName;

#[cfg(test)]
mod tests;
