//! The second pass over the input: a key and a CSR for each item that is wanted, on several threads, in the input's order.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use csr_core::batch::{Batch, Job, KeyAndCsr, KeyRequest};
use csr_core::{Csr, Error, KeyPair, PrivateKeyAlgo};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::defaults::{BadRecord, Defaults};
use super::input::{Place, Record};
use super::interrupt::Interrupt;
use super::item::{Id, Made};
use super::line;
use super::seal::Sealer;
use super::shard::Shard;

/// What turns records into keys and CSRs as they are written.
pub(super) struct Maker {
    pub(super) defaults: Defaults,
    pub(super) sealer: Sealer,
    /// JSON lines, not files.
    pub(super) as_lines: bool,
    pub(super) der: bool,
    /// What is to be made of records that no first pass has seen; the others are skipped.
    pub(super) shard: Option<Shard>,
    /// What ends the work early.
    pub(super) interrupt: Option<Interrupt>,
}

/// Why there is no key for a record.
pub(super) enum NotMade {
    Bad(BadRecord),
    Failed(anyhow::Error),
    /// The item belongs to another shard.
    OfOtherShard,
    /// The work was ended before.
    Interrupted,
}

impl Maker {
    /// Makes the keys and CSRs. After a signal no more records are read, and the results of those that were not begun are
    /// [`NotMade::Interrupted`].
    pub(super) fn run(
        self: &Arc<Self>,
        threads: usize,
        records: impl Iterator<Item = Result<Record>> + Send + 'static,
    ) -> impl Iterator<Item = Result<(Place, Made), NotMade>> {
        let maker = Arc::clone(self);
        let jobs = records.map_while(move |record| {
            (!maker.is_interrupted()).then(|| Work { maker: Arc::clone(&maker), record })
        });
        Batch::new().threads(threads).run(jobs)
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(|interrupt| interrupt.signal().is_some())
    }

    fn encode(
        &self,
        id: Id,
        algorithm: PrivateKeyAlgo,
        request_sha256: [u8; 32],
        key: &KeyPair,
        csr: &Csr,
    ) -> Result<Made> {
        let encoded = if self.der { csr.as_der().to_vec() } else { csr.to_pem().into_bytes() };
        let mut made = Made {
            id,
            request_sha256,
            algorithm,
            public_key_sha256: csr.public_key_sha256(),
            csr_sha256: Sha256::digest(csr.as_der()).into(),
            csr: Zeroizing::new(encoded),
            key: self.sealer.export(key)?,
            sealed_to: Arc::clone(self.sealer.sealed_to()),
        };
        if self.as_lines {
            made.csr = line::of_item(&made, self.der)?;
            made.key = Zeroizing::default();
        }
        Ok(made)
    }
}

/// A record on its way to a key.
struct Work {
    maker: Arc<Maker>,
    record: Result<Record>,
}

/// What is known of an item while its key is made.
struct Pending {
    maker: Arc<Maker>,
    place: Place,
    id: Id,
    algorithm: PrivateKeyAlgo,
    request_sha256: [u8; 32],
}

impl Job for Work {
    type Pending = Pending;
    type Output = Result<(Place, Made), NotMade>;

    fn request(self) -> Result<(KeyRequest, Pending), Self::Output> {
        let Self { maker, record } = self;
        if maker.is_interrupted() {
            return Err(Err(NotMade::Interrupted));
        }
        let record = record.map_err(|error| Err(NotMade::Failed(error)))?;
        let item = maker.defaults.item(&record).map_err(|bad| Err(NotMade::Bad(bad)))?;
        if maker.shard.is_some_and(|shard| !shard.contains(&item.id)) {
            return Err(Err(NotMade::OfOtherShard));
        }
        let request_sha256 = item.request_sha256();
        let pending =
            Pending { maker, place: record.place, id: item.id, algorithm: item.algorithm, request_sha256 };
        Ok((KeyRequest { algorithm: item.algorithm, spec: item.spec }, pending))
    }

    fn finish(pending: Pending, made: Result<KeyAndCsr, Error>) -> Self::Output {
        let Pending { maker, place, id, algorithm, request_sha256 } = pending;
        let encoded = made
            .map_err(anyhow::Error::from)
            .and_then(|KeyAndCsr { key, csr, .. }| maker.encode(id, algorithm, request_sha256, &key, &csr));
        match encoded {
            Ok(made) => Ok((place, made)),
            Err(error) => Err(NotMade::Failed(anyhow!("{place}: {error:#}"))),
        }
    }
}
