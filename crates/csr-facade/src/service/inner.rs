//! The parts and the options of a service.

use csr_model::Company;

use super::generation::Generation;
use crate::vault::Vault;

/// The options of a [`Service`](crate::Service).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServiceOptions {
    /// The organization profile: the values for missing company fields of an ENTERPRISE request.
    pub organization: Company,
    /// Whether the API returns private keys. If not, only
    /// [`Service::export_key`](crate::Service::export_key) does, on the host.
    pub key_export: bool,
    /// How many RSA keys, and how many curve keys, may wait to be generated. More are refused with
    /// [`Error::Busy`](crate::Error::Busy).
    pub waiting_keys: usize,
}

impl Default for ServiceOptions {
    /// No organization, private keys returned, 256 waiting keys.
    fn default() -> Self {
        Self { organization: Company::default(), key_export: true, waiting_keys: 256 }
    }
}

/// The parts of a service.
pub(super) struct Inner {
    pub(super) vault: Vault,
    pub(super) options: ServiceOptions,
    pub(super) generation: Generation,
}

impl core::fmt::Debug for Inner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Service").field("options", &self.options).finish_non_exhaustive()
    }
}
