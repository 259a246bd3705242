//! Many keys and CSRs: requests in, results out in the same order, made on all processors.
//!
//! ```
//! use csr_core::CreateCsrDraft;
//! use csr_core::batch::Batch;
//!
//! let lines = (1..=40).map(|n| {
//!     format!(r#"{{"name": "{n}", "domain_name": "device-{n}.example.com", "private_key_algo": "EC_P256", "usage": "PERSONAL"}}"#)
//! });
//! let drafts: Vec<CreateCsrDraft> = lines.map(|line| CreateCsrDraft::from_json(line.as_bytes())).collect::<Result<_, _>>()?;
//! for created in Batch::new().run(drafts) {
//!     let created = created?; // or what is wrong with this one; the others are made all the same
//!     assert!(created.csr.to_pem().starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Job`] is what becomes a request, and what becomes of its key and CSR. Both ends run on the batch's threads, so that
//! reading and writing can be part of it:
//!
//! ```
//! use csr_core::batch::{Batch, Job, KeyAndCsr, KeyRequest};
//! use csr_core::{CsrSpec, Error, KeyFormat, PrivateKeyAlgo};
//!
//! struct Line(String);
//!
//! impl Job for Line {
//!     type Pending = String;
//!     type Output = Result<String, String>;
//!
//!     fn request(self) -> Result<(KeyRequest, String), Self::Output> {
//!         let Self(domain) = self;
//!         let spec = CsrSpec::builder().domain(&domain).build().map_err(|faults| Err(faults.to_string()))?;
//!         Ok((KeyRequest { algorithm: PrivateKeyAlgo::Sm2, spec }, domain))
//!     }
//!
//!     fn finish(domain: String, made: Result<KeyAndCsr, Error>) -> Self::Output {
//!         let encode = |made: KeyAndCsr| Ok(made.csr.to_pem() + &made.key.to_pem(KeyFormat::Pkcs8)?);
//!         made.and_then(encode).map_err(|error| format!("{domain}: {error}"))
//!     }
//! }
//!
//! let lines = ["a.example", "b_b.example", "c.example"].map(|line| Line(line.to_owned()));
//! let files: Vec<_> = Batch::new().threads(2).run(lines).collect();
//! assert!(files[0].is_ok() && files[1].is_err() && files[2].is_ok());
//! ```
//!
//! [`make`] is the part of it that runs on one thread: the keys and CSRs of some requests, at once.
//!
//! # Randomness
//!
//! The randomness of every scalar, nonce and RSA key comes from the operating system. No generator is shared between
//! threads or outlives the key or the signature that it is for, so neither a thread nor a process that was forked from
//! this one makes a key or a nonce again. Only the keys that were in flight at a fork are in both processes; and the forked
//! one has none of the threads, so it must begin a batch of its own.

mod pool;
mod work;

use core::fmt;
use core::iter::Fuse;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;
use std::vec;

use csr_model::{CreateCsrDraft, CreateCsrRequest, PrivateKeyAlgo};
use rand_core::TryCryptoRng;

use self::pool::Pool;
use self::work::Outcome;
use crate::{CheckedRequest, Created, Csr, CsrSpec, Error, KeyAlgorithm, KeyPair};

/// What a key and its CSR are made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRequest {
    /// The algorithm of the key.
    pub algorithm: PrivateKeyAlgo,
    /// The content of the CSR.
    pub spec: CsrSpec,
}

/// A fresh key, and the CSR signed with it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KeyAndCsr {
    /// The content of the CSR.
    pub spec: CsrSpec,
    /// The private key. Wiped on drop.
    pub key: KeyPair,
    /// The CSR.
    pub csr: Csr,
}

/// Makes the keys and CSRs of some requests on this thread, in their order. Keys of one algorithm are made together, as
/// [`KeyPair::generate_batch`] does, which takes less time for each than one alone.
///
/// Each result stands for itself: [`Error::Request`] if the specification asks for a signature that such a key cannot make,
/// for which no key is made; otherwise [`Error::RandomSource`], [`Error::KeyGeneration`] or [`Error::FaultySignature`]. A
/// failure to make a key is one of all requests of its algorithm.
///
/// ```
/// use csr_core::batch::{KeyRequest, make};
/// use csr_core::{CsrSpec, PrivateKeyAlgo};
///
/// let spec = CsrSpec::builder().domain("example.com").pss().build()?;
/// let requests = [PrivateKeyAlgo::Rsa2048, PrivateKeyAlgo::Sm2]
///     .map(|algorithm| KeyRequest { algorithm, spec: spec.clone() });
/// let made = make(requests);
/// assert!(made[0].is_ok());
/// assert!(made[1].is_err()); // SM2 has no PSS
/// # Ok::<(), csr_core::Error>(())
/// ```
pub fn make(requests: impl IntoIterator<Item = KeyRequest>) -> Vec<Result<KeyAndCsr, Error>> {
    make_with_rng(requests, &mut getrandom::SysRng)
}

/// [`make`] with the caller's random source.
pub fn make_with_rng<R>(
    requests: impl IntoIterator<Item = KeyRequest>,
    rng: &mut R,
) -> Vec<Result<KeyAndCsr, Error>>
where
    R: TryCryptoRng + ?Sized,
{
    let mut results = Vec::new();
    let mut groups: BTreeMap<PrivateKeyAlgo, Vec<(usize, CsrSpec)>> = BTreeMap::new();
    for (place, KeyRequest { algorithm, spec }) in requests.into_iter().enumerate() {
        match KeyAlgorithm::from(algorithm).check_signature(spec.digest(), spec.is_pss()) {
            Ok(()) => groups.entry(algorithm).or_default().push((place, spec)),
            Err(faults) => results.push((place, Err(faults.into()))),
        }
    }
    for (algorithm, specs) in groups {
        match KeyPair::generate_batch_with_rng(algorithm, specs.len(), rng) {
            Ok(keys) => results.extend(specs.into_iter().zip(keys).map(|((place, spec), key)| {
                let csr = Csr::sign_with_rng(&spec, &key, rng);
                (place, csr.map(|csr| KeyAndCsr { spec, key, csr }))
            })),
            Err(error) => results.extend(specs.into_iter().map(|(place, _)| (place, Err(error.clone())))),
        }
    }
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// One item of a batch.
pub trait Job: Send {
    /// What is kept while the key is made.
    type Pending;
    /// What becomes of it.
    type Output: Send;

    /// The request for a key and a CSR; or at once what becomes of a job that has none.
    ///
    /// # Errors
    ///
    /// The output of a job for which no key is to be made.
    fn request(self) -> Result<(KeyRequest, Self::Pending), Self::Output>;

    /// Makes the output from the key and the CSR, or from the error, one of those of [`make`].
    fn finish(pending: Self::Pending, made: Result<KeyAndCsr, Error>) -> Self::Output;
}

/// As [`create`](crate::create).
impl Job for CreateCsrDraft {
    type Pending = CreateCsrRequest;
    type Output = Result<Created, Error>;

    fn request(self) -> Result<(KeyRequest, CreateCsrRequest), Self::Output> {
        let (request, spec) = CheckedRequest::new(self).map_err(|faults| Err(faults.into()))?.into_parts();
        Ok((KeyRequest { algorithm: request.private_key_algo, spec }, request))
    }

    fn finish(request: CreateCsrRequest, made: Result<KeyAndCsr, Error>) -> Self::Output {
        made.map(|KeyAndCsr { spec, key, csr }| Created { request, spec, key, csr })
    }
}

/// As [`make`].
impl Job for KeyRequest {
    type Pending = ();
    type Output = Result<KeyAndCsr, Error>;

    fn request(self) -> Result<(KeyRequest, ()), Self::Output> {
        Ok((self, ()))
    }

    fn finish((): (), made: Result<KeyAndCsr, Error>) -> Self::Output {
        made
    }
}

/// How a batch runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Batch {
    threads: usize,
    chunk_len: usize,
    in_flight: usize,
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

impl Batch {
    /// As many threads as processors, chunks of up to 16 jobs, and 2048 jobs in flight.
    pub fn new() -> Self {
        // There are none where threads are not supported.
        let threads = thread::available_parallelism().map_or(0, usize::from);
        Self { threads, chunk_len: 16, in_flight: 2048 }
    }

    /// The number of threads that make keys. With 0, and where threads cannot be started (on wasm32), all work is done
    /// by the thread that takes the results, a chunk whenever one is due.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// The most jobs that a thread takes at once, at least 1. It takes fewer when fewer wait, so that none waits for a later
    /// one, or when other threads would otherwise have none.
    ///
    /// RSA keys share the processor's vector units until the last few of a chunk. That costs RSA_2048 0.8 % of its time in
    /// chunks of 16, 2 % in chunks of 4 and 9 % one by one, and the longer keys less. The curves share them by eights.
    /// A batch that is dropped early waits for the chunks in hand: for RSA_4096, 16 keys take about a second.
    pub fn chunk_len(mut self, jobs: usize) -> Self {
        self.chunk_len = jobs.max(1);
        self
    }

    /// The most jobs that are in flight, at least 1: taken from the iterator, and their results not yet taken from the batch.
    /// It bounds the memory, and how long the threads have work while the results wait.
    pub fn in_flight(mut self, jobs: usize) -> Self {
        self.in_flight = jobs.max(1);
        self
    }

    /// Starts the jobs. The results have their order.
    ///
    /// A thread of its own takes the jobs from the iterator, ahead of the results, so that an iterator that waits for input
    /// delays no result.
    pub fn run<I>(self, jobs: I) -> Results<I::Item>
    where
        I: IntoIterator<Item: Job + 'static, IntoIter: Send + 'static>,
    {
        let jobs = jobs.into_iter();
        let jobs = if self.threads == 0 { Err(jobs) } else { Pool::start(self, jobs) };
        Results(match jobs {
            Ok(pool) => Source::Pool(pool),
            Err(jobs) => {
                let jobs: Box<dyn Iterator<Item = I::Item> + Send> = Box::new(jobs);
                let chunk_len = self.chunk_len.min(self.in_flight);
                Source::Inline { jobs: jobs.fuse(), chunk_len, ready: Vec::new().into_iter() }
            }
        })
    }
}

/// The results of a [`Batch`], in the order of its jobs.
///
/// A job that panics does so here, when its turn comes; the others have their results.
///
/// When it is dropped, no new chunk is begun, those in hand are waited for, and all that is in flight is dropped: keys are
/// wiped. Only an iterator of jobs that is waiting for its next one is not waited for; it is dropped as soon as it returns.
pub struct Results<J: Job>(Source<J>);

enum Source<J: Job> {
    Pool(Pool<J>),
    Inline {
        jobs: Fuse<Box<dyn Iterator<Item = J> + Send>>,
        chunk_len: usize,
        ready: vec::IntoIter<Outcome<J>>,
    },
}

impl<J: Job> Iterator for Results<J> {
    type Item = J::Output;

    fn next(&mut self) -> Option<J::Output> {
        let outcome = match &mut self.0 {
            Source::Pool(pool) => pool.next(),
            Source::Inline { jobs, chunk_len, ready } => ready.next().or_else(|| {
                *ready = work::run(jobs.take(*chunk_len).collect()).into_iter();
                ready.next()
            }),
        };
        Some(outcome?.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl<J: Job> core::iter::FusedIterator for Results<J> {}

impl<J: Job> fmt::Debug for Results<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
