//! The parts and the options of a service.

use super::generation::Generation;
use crate::vault::Vault;

/// The options of a [`Service`](crate::Service).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServiceOptions {
    /// The values for missing company fields of an ENTERPRISE request.
    pub organization: Organization,
    /// Whether the API returns private keys. If not, only
    /// [`Service::export_key`](crate::Service::export_key) does, on the host.
    pub key_export: bool,
    /// How many RSA keys, and how many curve keys, may wait to be generated. More are refused with
    /// [`Error::Busy`](crate::Error::Busy).
    pub waiting_keys: usize,
}

impl Default for ServiceOptions {
    /// No organisation, private keys returned, 256 waiting keys.
    fn default() -> Self {
        Self { organization: Organization::default(), key_export: true, waiting_keys: 256 }
    }
}

/// The organisation that completes the company fields of an ENTERPRISE request. Empty fields
/// complete nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Organization {
    /// Two-letter country code.
    pub country: String,
    /// Province or state.
    pub province: String,
    /// City.
    pub city: String,
    /// The organisation's name.
    pub name: String,
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
