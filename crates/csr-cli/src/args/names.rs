//! The names that flags accept, and their values.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use csr_core::{ExtendedKeyUsage, KeyUsage, Oid, PrivateKeyAlgo, Usage};

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
    let named = KeyUsage::ALL.map(|usage| (usage.as_str(), usage));
    PossibleValuesParser::new(KeyUsage::ALL.map(KeyUsage::as_str))
        .try_map(move |given| self::named(&named, &given).ok_or("must be a key usage"))
}

const EXTENDED_KEY_USAGES: [(&str, ExtendedKeyUsage); 6] = [
    ("serverAuth", ExtendedKeyUsage::ServerAuth),
    ("clientAuth", ExtendedKeyUsage::ClientAuth),
    ("codeSigning", ExtendedKeyUsage::CodeSigning),
    ("emailProtection", ExtendedKeyUsage::EmailProtection),
    ("timeStamping", ExtendedKeyUsage::TimeStamping),
    ("OCSPSigning", ExtendedKeyUsage::OcspSigning),
];

pub(super) fn extended_key_usage(given: &str) -> Result<ExtendedKeyUsage, String> {
    if let Some(usage) = named(&EXTENDED_KEY_USAGES, given) {
        return Ok(usage);
    }
    given.parse::<Oid>().map(ExtendedKeyUsage::Other).map_err(|error| {
        let names = EXTENDED_KEY_USAGES.map(|(name, _)| name).join(", ");
        format!("must be one of {names}, or an object identifier, which {error}")
    })
}

fn named<T: Clone>(table: &[(&str, T)], given: &str) -> Option<T> {
    table.iter().find(|(name, _)| name.eq_ignore_ascii_case(given)).map(|(_, value)| value.clone())
}
