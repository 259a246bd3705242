//! Parses the query of a list, and reports all of its faults at once.

use csr_model::{Excerpt, ListCsrQuery, PrivateKeyAlgo};

use crate::auth::decode_form;
use crate::error::Error;

/// Reads the query string. Parameters that the API's reference does not name are ignored.
pub(super) fn list(query: &str) -> Result<ListCsrQuery, Error> {
    let mut given = Parameters::read(query);
    let limit = given.take("limit", |text| {
        let items = text.parse::<u64>().ok().and_then(|items| items.try_into().ok());
        items.ok_or_else(|| format!("must be 10, 20 or 50, not {}", Excerpt::of(text)))
    });
    let offset = given.take("offset", |text| {
        let offset = text.parse::<u64>().ok().filter(|offset| i64::try_from(*offset).is_ok());
        offset.ok_or_else(|| format!("must be a whole number from 0, not {}", Excerpt::of(text)))
    });
    let name = given.take("name", |text| Ok(text.to_owned())).filter(|name| !name.is_empty());
    let private_key_algo = given.take("private_key_algo", |text| {
        let known = || PrivateKeyAlgo::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(", ");
        text.parse().map_err(|_| format!("must be one of {}, not {}", known(), Excerpt::of(text)))
    });
    if given.faults.is_empty() {
        Ok(ListCsrQuery {
            limit: limit.unwrap_or_default(),
            offset: offset.unwrap_or_default(),
            name,
            private_key_algo,
        })
    } else {
        Err(Error::Invalid(given.faults))
    }
}

struct Parameters {
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
    faults: Vec<String>,
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

    /// The value of a parameter; `None` if it is absent or faulty.
    fn take<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name.as_bytes()).map(|(_, value)| value);
        let value = values.next()?;
        let read = match (values.next(), core::str::from_utf8(value)) {
            (Some(_), _) => Err("must be given once".to_owned()),
            (None, Err(_)) => Err("must be UTF-8, percent-encoded".to_owned()),
            (None, Ok(text)) => read(text),
        };
        read.map_err(|fault| self.faults.push(format!("{name}: {fault}"))).ok()
    }
}

#[cfg(test)]
mod tests {
    use csr_model::{PageSize, PrivateKeyAlgo};

    use super::*;

    #[test]
    fn valid_queries_are_read() -> Result<(), Error> {
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
                "limit: must be 10, 20 or 50, not \"11\"; offset: must be a whole number from 0, not \"-1\"; \
                 name: must be UTF-8, percent-encoded; private_key_algo: must be one of RSA_2048, RSA_3072, \
                 RSA_4096, EC_P256, EC_P384, SM2, not \"RSA\""
            )
        );
        for bad in
            ["limit=", "limit=10&limit=10", "offset=9223372036854775808", "offset=1e3", "private_key_algo="]
        {
            assert!(list(bad).is_err(), "{bad}");
        }
    }
}
