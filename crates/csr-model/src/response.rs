use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{PrivateKeyAlgo, Usage};

/// Answer 201 to `POST /v3/scm/csr`: the request's fields, with the id and the times. It holds
/// neither the CSR nor the key, which `GET /v3/scm/csr/{id}` and `GET /v3/scm/csr/{id}/private-key`
/// return. For an upload, the fields other than the name come from the CSR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateCsrResponse {
    /// 32 lower-case hexadecimal digits.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::id))]
    pub id: String,
    /// As sent, or as renamed.
    pub name: String,
    /// As sent, byte for byte.
    pub domain_name: String,
    /// As sent, byte for byte; `""` if it was absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub sans: String,
    /// As sent.
    pub private_key_algo: PrivateKeyAlgo,
    /// As sent.
    pub usage: Usage,
    /// As sent or, where an ENTERPRISE request left it out, from the server's organization profile; else `""`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub company_country: String,
    /// As sent or, where an ENTERPRISE request left it out, from the server's organization profile; else `""`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub company_province: String,
    /// As sent or, where an ENTERPRISE request left it out, from the server's organization profile; else `""`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub company_city: String,
    /// As sent or, where an ENTERPRISE request left it out, from the server's organization profile; else `""`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub company_name: String,
    /// Milliseconds since the Unix epoch.
    pub create_time: i64,
    /// Milliseconds since the Unix epoch.
    pub update_time: i64,
}

/// Answer 200 to `GET` and `PUT /v3/scm/csr/{id}`, and the items of a list: a [`CreateCsrResponse`] with the
/// CSR itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShowCsrResponse {
    /// All fields of the creation's answer, with the present name and update time.
    #[serde(flatten)]
    pub details: CreateCsrResponse,
    /// The CSR, PEM.
    pub csr: String,
}

/// Answer 200 to `POST /v3/scm/csr/upload`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadCsrResponse {
    /// 32 lower-case hexadecimal digits.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::id))]
    pub id: String,
    /// As sent.
    pub name: String,
    /// Milliseconds since the Unix epoch.
    pub create_time: i64,
}

/// Answer 200 to `GET /v3/scm/csr/{id}/private-key`. `Debug` leaves the key out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShowCsrPrivateKeyResponse {
    /// The private key, PEM. Wiped on drop.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub private_key: Zeroizing<String>,
}

impl fmt::Debug for ShowCsrPrivateKeyResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShowCsrPrivateKeyResponse").finish_non_exhaustive()
    }
}
