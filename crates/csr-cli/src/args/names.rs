//! The names that flags accept, and their values.

use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use csr_core::{Digest, ExtendedKeyUsage, ExtendedKeyUsageError, KeyUsage, PrivateKeyAlgo, Usage};

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

const DIGESTS: [(&str, Digest); 3] =
    [("SHA256", Digest::Sha256), ("SHA384", Digest::Sha384), ("SHA512", Digest::Sha512)];

/// FIPS 180-4's `SHA-256` is taken, too.
pub(super) fn digest() -> impl TypedValueParser<Value = Digest> {
    let names = DIGESTS.map(|(name, digest)| PossibleValue::new(name).alias(digest.as_str()));
    PossibleValuesParser::new(names).try_map(|given| digest_named(&given))
}

/// The hash function of this name, in any case.
pub(crate) fn digest_named(given: &str) -> Result<Digest, &'static str> {
    let given = given.replace('-', "");
    let named = DIGESTS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(&given));
    named.map(|(_, digest)| digest).ok_or("must be SHA256, SHA384 or SHA512")
}

pub(super) fn key_usage() -> impl TypedValueParser<Value = KeyUsage> {
    PossibleValuesParser::new(KeyUsage::ALL.map(KeyUsage::as_str)).try_map(|given| key_usage_named(&given))
}

/// The key usage of this name, in any case.
pub(crate) fn key_usage_named(given: &str) -> Result<KeyUsage, String> {
    let named = KeyUsage::ALL.into_iter().find(|usage| usage.as_str().eq_ignore_ascii_case(given));
    named.ok_or_else(|| format!("must be one of {}", KeyUsage::ALL.map(KeyUsage::as_str).join(", ")))
}

pub(super) fn extended_key_usage(given: &str) -> Result<ExtendedKeyUsage, ExtendedKeyUsageError> {
    given.parse()
}
