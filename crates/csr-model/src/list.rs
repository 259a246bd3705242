use serde::{Deserialize, Serialize};

use crate::{PrivateKeyAlgo, ShowCsrResponse};

/// The query of `GET /v3/scm/csr`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default)]
pub struct ListCsrQuery {
    /// The number of items on a page.
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::limit))]
    pub limit: PageSize,
    /// The number of items to skip.
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::offset))]
    pub offset: u64,
    /// Only CSRs whose name contains this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = String, required = false))]
    pub name: Option<String>,
    /// Only CSRs with a key of this algorithm and size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = PrivateKeyAlgo, required = false))]
    pub private_key_algo: Option<PrivateKeyAlgo>,
}

/// The page sizes the API knows: 10, 20 and 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub enum PageSize {
    /// 10 items, the default.
    #[default]
    Ten,
    /// 20 items.
    Twenty,
    /// 50 items.
    Fifty,
}

/// The page size is not 10, 20 or 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit: must be 10, 20 or 50, not {0}")]
pub struct UnknownPageSize(u64);

impl TryFrom<u64> for PageSize {
    type Error = UnknownPageSize;

    fn try_from(items: u64) -> Result<Self, UnknownPageSize> {
        match items {
            10 => Ok(Self::Ten),
            20 => Ok(Self::Twenty),
            50 => Ok(Self::Fifty),
            other => Err(UnknownPageSize(other)),
        }
    }
}

impl From<PageSize> for u64 {
    fn from(size: PageSize) -> Self {
        match size {
            PageSize::Ten => 10,
            PageSize::Twenty => 20,
            PageSize::Fifty => 50,
        }
    }
}

/// Answer 200 to `GET /v3/scm/csr`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListCsrResponse {
    /// The page.
    pub csr_list: Vec<ShowCsrResponse>,
    /// The number of all matching CSRs.
    pub total: u64,
}
