//! What a service is made of, and how it behaves.

use super::generation::Generation;
use crate::vault::Vault;

/// How a [`Service`](crate::Service) behaves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServiceOptions {
    /// What an ENTERPRISE request's missing company fields are filled with.
    pub organization: Organization,
    /// Whether the API gives private keys out. Without it, only [`Service::export_key`](crate::Service::export_key) does, on the host.
    pub key_export: bool,
    /// How many keys may wait to be generated, RSA keys and curve keys each; more are refused with [`Error::Busy`](crate::Error::Busy).
    pub waiting_keys: usize,
}

impl Default for ServiceOptions {
    /// No organisation, keys given out, 256 waiting keys.
    fn default() -> Self {
        Self { organization: Organization::default(), key_export: true, waiting_keys: 256 }
    }
}

/// The organisation that an ENTERPRISE request's missing company fields are filled from. What is empty here fills
/// nothing.
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

/// What a service is made of.
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
