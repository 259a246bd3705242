use csr_model::{Company, CreateCsrResponse, PrivateKeyAlgo, ShowCsrResponse, Usage};

use crate::id::CsrId;

/// A stored CSR, without its key. For an upload, the fields "as sent" hold what the CSR itself
/// says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrRecord {
    /// The identifier.
    pub id: CsrId,
    /// The user's name for it. No other field can change.
    pub name: String,
    /// As sent, byte for byte.
    pub domain_name: String,
    /// As sent, byte for byte; empty if it was absent.
    pub sans: String,
    /// The key's algorithm.
    pub private_key_algo: PrivateKeyAlgo,
    /// As sent.
    pub usage: Usage,
    /// As sent or, if a field was empty, from the organization profile.
    pub company: Company,
    /// The CSR, as PEM.
    pub csr: String,
    /// Milliseconds since the Unix epoch.
    pub create_time: i64,
    /// Milliseconds since the Unix epoch.
    pub update_time: i64,
}

impl From<CsrRecord> for CreateCsrResponse {
    fn from(record: CsrRecord) -> Self {
        ShowCsrResponse::from(record).details
    }
}

impl From<CsrRecord> for ShowCsrResponse {
    fn from(record: CsrRecord) -> Self {
        let CsrRecord {
            id,
            name,
            domain_name,
            sans,
            private_key_algo,
            usage,
            company,
            csr,
            create_time,
            update_time,
        } = record;
        let details = CreateCsrResponse {
            id: id.to_string(),
            name,
            domain_name,
            sans,
            private_key_algo,
            usage,
            company_country: company.country,
            company_province: company.province,
            company_city: company.city,
            company_name: company.name,
            create_time,
            update_time,
        };
        Self { details, csr }
    }
}
