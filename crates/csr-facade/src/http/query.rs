//! Parses the query of a list, and reports all of its faults at once.

use csr_model::{Fault, Faults, Field, ListCsrQuery, Reason, UnknownName};

use crate::auth::decode_form;

/// Reads the query string. Parameters that the reference does not name are ignored.
pub(super) fn list(query: &str) -> Result<ListCsrQuery, Faults> {
    let mut given = Parameters::read(query);
    let limit = given.take(Field::Limit, |text| {
        let items = text.parse::<u64>().ok().and_then(|items| items.try_into().ok());
        items.ok_or(Reason::NotAPageSize)
    });
    let offset = given.take(Field::Offset, |text| {
        let offset = text.parse::<u64>().ok().filter(|offset| i64::try_from(*offset).is_ok());
        offset.ok_or(Reason::NotAnOffset)
    });
    let name = given.take(Field::Name, |text| match Fault::of_controls(Field::Name, text) {
        Some(fault) => Err(fault.reason),
        None => Ok(text.to_owned()),
    });
    let name = name.filter(|name| !name.is_empty());
    let private_key_algo = given.take(Field::PrivateKeyAlgo, |text| {
        text.parse().map_err(|UnknownName { known, .. }| Reason::NotOneOf(known))
    });
    Faults::check(given.faults)?;
    Ok(ListCsrQuery {
        limit: limit.unwrap_or_default(),
        offset: offset.unwrap_or_default(),
        name,
        private_key_algo,
    })
}

struct Parameters {
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
    faults: Vec<Fault>,
}

impl Parameters {
    fn read(query: &str) -> Self {
        let pairs = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (decode_form(name), decode_form(value)))
            .collect();
        Self { pairs, faults: Vec::new() }
    }

    /// The value of a parameter; `None` when it is absent or faulty.
    fn take<T>(&mut self, field: Field, read: impl FnOnce(&str) -> Result<T, Reason>) -> Option<T> {
        let name = field.as_str().as_bytes();
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let value = values.next()?;
        let (text, read) = match (values.next(), core::str::from_utf8(value)) {
            (Some(_), _) => ("", Err(Reason::GivenTwice)),
            (None, Err(_)) => ("", Err(Reason::NotUtf8)),
            (None, Ok(text)) => (text, read(text)),
        };
        read.map_err(|reason| self.faults.push(Fault::new(field, text, reason))).ok()
    }
}

#[cfg(test)]
mod tests {
    use csr_model::{PageSize, PrivateKeyAlgo};

    use super::*;

    #[test]
    fn valid_queries_are_read() -> Result<(), Faults> {
        assert_eq!(list("")?, ListCsrQuery::default());
        assert_eq!(list("name=&other=1&limit=20")?.limit, PageSize::Twenty);
        let all = list("limit=50&offset=100&name=a%20b+%E4%B8%AD&private_key_algo=SM2")?;
        assert_eq!(all.limit, PageSize::Fifty);
        assert_eq!(all.offset, 100);
        assert_eq!(all.name.as_deref(), Some("a b 中"));
        assert_eq!(all.private_key_algo, Some(PrivateKeyAlgo::Sm2));
        Ok(())
    }

    #[test]
    fn refused_query_names_every_fault() {
        let refused = list("limit=11&offset=-1&name=%ff&private_key_algo=RSA").map_err(|e| e.to_string());
        assert_eq!(
            refused.err().as_deref(),
            Some(
                "name: must be UTF-8, percent-encoded; private_key_algo: \"RSA\" must be one of RSA_2048, RSA_3072, \
                 RSA_4096, EC_P256, EC_P384, SM2; limit: \"11\" must be 10, 20 or 50; \
                 offset: \"-1\" must be a whole number from 0 to 9223372036854775807"
            )
        );
        for bad in
            ["limit=", "limit=10&limit=10", "offset=9223372036854775808", "offset=1e3", "private_key_algo="]
        {
            assert!(list(bad).is_err(), "{bad}");
        }
    }
}
