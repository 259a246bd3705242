//! The names that flags accept, and their values.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use csr_core::{ExtendedKeyUsage, ExtendedKeyUsageError, KeyUsage, PrivateKeyAlgo, Usage};

pub(super) fn algorithm() -> impl TypedValueParser<Value = PrivateKeyAlgo> {
    documented(PrivateKeyAlgo::ALL.iter().map(|name| name.as_str()))
}

pub(super) fn usage() -> impl TypedValueParser<Value = Usage> {
    documented(Usage::ALL.iter().map(|name| name.as_str()))
}

/// A closed list of the API, all in capitals.
fn documented<T>(names: impl Iterator<Item = &'static str>) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| name.to_ascii_uppercase().parse())
}

pub(super) fn key_usage() -> impl TypedValueParser<Value = KeyUsage> {
    PossibleValuesParser::new(KeyUsage::ALL.map(KeyUsage::as_str)).try_map(|given| {
        let mut all = KeyUsage::ALL.into_iter();
        all.find(|usage| usage.as_str().eq_ignore_ascii_case(&given)).ok_or("must be a key usage")
    })
}

pub(super) fn extended_key_usage(given: &str) -> Result<ExtendedKeyUsage, ExtendedKeyUsageError> {
    given.parse()
}
