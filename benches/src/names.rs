//! The names that every CSR of the benches carries: five attributes, three DNS names and an address.

use std::net::Ipv4Addr;

use csr_core::{Company, CreateCsrRequest, PrivateKeyAlgo, Usage};

/// C.
pub const COUNTRY: &str = "CN";
/// ST.
pub const PROVINCE: &str = "Guangdong";
/// L.
pub const CITY: &str = "Shenzhen";
/// O.
pub const ORGANIZATION: &str = "Example, Ltd";
/// CN, and the first of [`DNS_NAMES`].
pub const DOMAIN: &str = "example.com";
/// The `dNSName` entries.
pub const DNS_NAMES: [&str; 3] = [DOMAIN, "www.example.com", "api.example.com"];
/// The `iPAddress` entry, which comes last.
pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

/// The same as the API's request.
#[must_use]
pub fn request(algorithm: PrivateKeyAlgo) -> CreateCsrRequest {
    CreateCsrRequest {
        name: "bench".to_owned(),
        domain_name: DOMAIN.to_owned(),
        sans: format!("{};{};{ADDRESS}", DNS_NAMES[1], DNS_NAMES[2]),
        private_key_algo: algorithm,
        usage: Usage::Enterprise,
        company: Company {
            country: COUNTRY.to_owned(),
            province: PROVINCE.to_owned(),
            city: CITY.to_owned(),
            name: ORGANIZATION.to_owned(),
        },
    }
}
