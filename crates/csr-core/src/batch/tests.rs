use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use proptest::prelude::*;
use rand_core::{TryCryptoRng, TryRng};

use super::*;
use crate::asn1::{Reader, tag};
use crate::{Digest, Field, inspect};

fn spec(domain: &str) -> CsrSpec {
    CsrSpec::builder().domain(domain).build().unwrap()
}

fn request(algorithm: PrivateKeyAlgo, number: usize) -> KeyRequest {
    KeyRequest { algorithm, spec: spec(&format!("device-{number}.example")) }
}

/// The number in the domain of a CSR.
fn number(made: &KeyAndCsr) -> usize {
    let name = made.spec.subject().common_name().unwrap();
    name.trim_start_matches("device-").trim_end_matches(".example").parse().unwrap()
}

/// The algorithms whose keys take little time in tests, and now and then one that takes long.
fn of_mixed_cost(number: usize) -> PrivateKeyAlgo {
    match number % 40 {
        3 => PrivateKeyAlgo::Rsa3072,
        17 => PrivateKeyAlgo::Rsa2048,
        n if n % 3 == 0 => PrivateKeyAlgo::EcP384,
        n if n % 3 == 1 => PrivateKeyAlgo::Sm2,
        _ => PrivateKeyAlgo::EcP256,
    }
}

/// Whether the CSR is signed with this key, for this content.
fn belong_together(KeyAndCsr { spec, key, csr }: &KeyAndCsr) -> bool {
    let inspection = inspect(csr.as_der()).unwrap();
    let renewal = CsrSpec::from_csr(&inspection).unwrap();
    inspection.verify(None).is_valid()
        && csr.as_der().windows(key.public_key_info().len()).any(|part| part == key.public_key_info())
        && renewal.spec == *spec
}

/// r of the signature.
fn r(csr: &Csr) -> Vec<u8> {
    let mut request = Reader::new(csr.as_der()).nested(tag::SEQUENCE).unwrap();
    request.any().unwrap();
    request.any().unwrap();
    let [r, _s] = Reader::new(request.bytes_of_bit_string().unwrap()).two_naturals().unwrap();
    r.to_vec()
}

/// The ways to run a batch: on the caller's thread, on one of its own, on several; in chunks of several lengths.
fn ways() -> impl Iterator<Item = Batch> {
    let chunk_lens = [1, 5, 16].into_iter();
    chunk_lens.flat_map(|length| [0, 1, 4].map(|threads| Batch::new().threads(threads).chunk_len(length)))
}

#[test]
fn results_have_the_order_of_jobs_of_very_different_cost() {
    for batch in ways() {
        let made = batch.run((0..80).map(|n| request(of_mixed_cost(n), n)));
        let numbers: Vec<usize> = made.map(|made| number(&made.unwrap())).collect();
        assert_eq!(numbers, (0..80).collect::<Vec<_>>(), "{batch:?}");
    }
}

#[test]
fn batch_of_no_jobs_has_no_results() {
    for batch in ways() {
        let mut results = batch.run(Vec::<KeyRequest>::new());
        assert!(results.next().is_none() && results.next().is_none());
    }
    assert!(make([]).is_empty());
}

#[test]
fn each_key_opens_its_csr() {
    for batch in [Batch::new().threads(0), Batch::new().threads(2).chunk_len(4)] {
        let requests = (0..18).map(|n| request(PrivateKeyAlgo::ALL[n % 6], n));
        for (number, made) in batch.run(requests).enumerate() {
            let made = made.unwrap();
            assert_eq!(made.key.algorithm(), PrivateKeyAlgo::ALL[number % 6].into());
            assert!(belong_together(&made), "{number}");
        }
    }
}

#[test]
fn draft_becomes_what_create_makes_of_it() {
    let json = |domain: &str| {
        format!(
            r#"{{"name": "n", "domain_name": "{domain}", "private_key_algo": "SM2", "usage": "PERSONAL"}}"#
        )
    };
    let draft = |domain| CreateCsrDraft::from_json(json(domain).as_bytes()).unwrap();
    let drafts = ["a.example", "b_b.example", "c.example"].map(draft);
    let created: Vec<_> = Batch::new().run(drafts.clone()).collect();
    for (batch, draft) in created.into_iter().zip(drafts) {
        match (batch, crate::create(draft)) {
            (Ok(batch), Ok(single)) => {
                assert_eq!((&batch.request, &batch.spec), (&single.request, &single.spec));
                assert_eq!(batch.csr.public_key_sha256(), sha256(&batch.key.public_key_info()));
            }
            (batch, single) => assert_eq!(batch.unwrap_err(), single.unwrap_err()),
        }
    }
}

fn sha256(data: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(data).into()
}

/// Over threads and chunks, no key and no nonce is made twice.
#[test]
fn keys_and_nonces_are_distinct() {
    let algorithms = [PrivateKeyAlgo::EcP256, PrivateKeyAlgo::EcP384, PrivateKeyAlgo::Sm2];
    let (mut keys, mut nonces) = (HashSet::new(), HashSet::new());
    const COUNT: usize = 3_000;
    // All for the same name, so that nothing but the randomness differs.
    let requests = (0..COUNT).map(move |n| request(algorithms[n % 3], 0));
    for made in Batch::new().threads(8).run(requests) {
        let made = made.unwrap();
        keys.insert(made.key.public_key_info());
        nonces.insert(r(&made.csr));
    }
    assert_eq!((keys.len(), nonces.len()), (COUNT, COUNT));
    let requests = (0..40).map(|_| request(PrivateKeyAlgo::Rsa2048, 0));
    let primes: HashSet<_> = Batch::new()
        .threads(4)
        .run(requests)
        .flat_map(|made| {
            let der = made.unwrap().key.to_der(crate::KeyFormat::Pkcs1).unwrap();
            let key = pkcs1::RsaPrivateKeyRef::try_from(&**der).unwrap();
            [key.prime1.as_bytes().to_vec(), key.prime2.as_bytes().to_vec()]
        })
        .collect();
    assert_eq!(primes.len(), 80);
}

#[test]
fn at_most_the_given_number_of_jobs_is_in_flight() {
    for threads in [0, 1, 4] {
        for in_flight in [1, 2, 7, 100] {
            let taken = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&taken);
            let jobs = (0..300).map(move |n| {
                count.fetch_add(1, SeqCst);
                request(PrivateKeyAlgo::EcP256, n)
            });
            let mut returned = 0;
            let mut results = Batch::new().threads(threads).in_flight(in_flight).run(jobs);
            loop {
                if returned % 50 == 0 {
                    thread::sleep(Duration::from_millis(5)); // time to run ahead
                }
                assert!(taken.load(SeqCst) <= returned + in_flight, "{threads} {in_flight}");
                match results.next() {
                    Some(_) => returned += 1,
                    None => break,
                }
            }
            assert_eq!(returned, 300);
        }
    }
}

/// An iterator that waits for input delays no result.
#[test]
fn results_come_while_the_next_job_is_waited_for() {
    let (jobs_in, jobs_out) = mpsc::channel();
    let mut results = Batch::new().threads(2).run(jobs_out);
    for n in 0..20 {
        jobs_in.send(request(PrivateKeyAlgo::EcP256, n)).unwrap();
        assert_eq!(number(&results.next().unwrap().unwrap()), n);
    }
    drop(jobs_in);
    assert!(results.next().is_none());
}

/// A job that is told what to do.
#[derive(Clone)]
struct Told {
    number: usize,
    what: What,
    /// Jobs that have been dropped or finished.
    gone: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum What {
    Make,
    Refuse,
    AskForTheImpossible,
    PanicInRequest,
    PanicInFinish,
}

struct Pending(Told);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.gone.fetch_add(1, SeqCst);
    }
}

impl Job for Told {
    type Pending = Pending;
    type Output = Result<(usize, KeyAndCsr), (usize, Option<Error>)>;

    fn request(self) -> Result<(KeyRequest, Pending), Self::Output> {
        match self.what {
            What::PanicInRequest => panic!("request {}", self.number),
            What::Refuse => Err(Err((self.number, None))),
            What::AskForTheImpossible => {
                let spec = CsrSpec::builder().domain("a.example").digest(Digest::Sha256).build().unwrap();
                Ok((KeyRequest { algorithm: PrivateKeyAlgo::Sm2, spec }, Pending(self)))
            }
            What::Make | What::PanicInFinish => {
                let algorithm =
                    if self.number.is_multiple_of(2) { PrivateKeyAlgo::EcP256 } else { PrivateKeyAlgo::Sm2 };
                Ok((request(algorithm, self.number), Pending(self)))
            }
        }
    }

    fn finish(pending: Pending, made: Result<KeyAndCsr, Error>) -> Self::Output {
        let number = pending.0.number;
        if pending.0.what == What::PanicInFinish {
            panic!("finish {number}");
        }
        made.map(|made| (number, made)).map_err(|error| (number, Some(error)))
    }
}

fn told(what: impl IntoIterator<Item = What>, gone: &Arc<AtomicUsize>) -> Vec<Told> {
    let job = |(number, what)| Told { number, what, gone: Arc::clone(gone) };
    what.into_iter().enumerate().map(job).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every job has its own outcome, whatever its neighbours do.
    #[test]
    fn faults_and_panics_stay_with_their_job(
        what in proptest::collection::vec(
            prop_oneof![
                4 => Just(What::Make),
                1 => Just(What::Refuse),
                1 => Just(What::AskForTheImpossible),
                1 => Just(What::PanicInRequest),
                1 => Just(What::PanicInFinish),
            ],
            0..60,
        ),
        threads in 0..4_usize,
        chunk_len in 1..20_usize,
        in_flight in 1..80_usize,
    ) {
        let gone = Arc::default();
        let batch = Batch::new().threads(threads).chunk_len(chunk_len).in_flight(in_flight);
        let mut results = batch.run(told(what.iter().copied(), &gone));
        for (number, what) in what.iter().enumerate() {
            let result = catch_unwind(AssertUnwindSafe(|| results.next().unwrap()));
            let panicked = result.as_ref().err().map(|panic| panic.downcast_ref::<String>().unwrap().clone());
            match what {
                What::PanicInRequest => prop_assert_eq!(panicked.unwrap(), format!("request {number}")),
                What::PanicInFinish => prop_assert_eq!(panicked.unwrap(), format!("finish {number}")),
                What::Refuse => prop_assert!(matches!(result.unwrap(), Err((n, None)) if n == number)),
                What::AskForTheImpossible => {
                    let Ok(Err((found, Some(Error::Request(faults))))) = result else { panic!("{number}") };
                    prop_assert_eq!((found, faults.as_slice()[0].field), (number, Field::Digest));
                }
                What::Make => {
                    let Ok(Ok((found, made))) = result else { panic!("{number}") };
                    prop_assert_eq!((found, self::number(&made)), (number, number));
                    prop_assert!(belong_together(&made));
                }
            }
        }
        prop_assert!(results.next().is_none());
        let pending = what.iter().filter(|what| !matches!(what, What::Refuse | What::PanicInRequest)).count();
        prop_assert_eq!(gone.load(SeqCst), pending);
    }
}

#[test]
fn panic_of_the_iterator_comes_behind_the_jobs_before_it() {
    for batch in ways().filter(|batch| batch.threads > 0) {
        let jobs =
            (0..30).map(|n| if n < 20 { request(PrivateKeyAlgo::EcP256, n) } else { panic!("no more") });
        let mut results = batch.run(jobs);
        for n in 0..20 {
            assert_eq!(number(&results.next().unwrap().unwrap()), n);
        }
        let panic = catch_unwind(AssertUnwindSafe(|| results.next())).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"no more"));
        assert!(results.next().is_none());
    }
}

/// Counts those that live.
struct Counted<T>(T, Arc<AtomicUsize>);

impl<T> Counted<T> {
    fn new(inner: T, alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, SeqCst);
        Self(inner, Arc::clone(alive))
    }
}

impl<T> Drop for Counted<T> {
    fn drop(&mut self) {
        self.1.fetch_sub(1, SeqCst);
    }
}

/// A job whose key is counted while it lives.
struct CountedJob(KeyRequest, Arc<AtomicUsize>);

impl Job for CountedJob {
    type Pending = Arc<AtomicUsize>;
    type Output = Counted<KeyAndCsr>;

    fn request(self) -> Result<(KeyRequest, Self::Pending), Self::Output> {
        Ok((self.0, self.1))
    }

    fn finish(alive: Self::Pending, made: Result<KeyAndCsr, Error>) -> Self::Output {
        Counted::new(made.unwrap(), &alive)
    }
}

/// After the drop no thread makes a key, and those that nobody took are dropped, which wipes them.
#[test]
fn dropped_batch_ends_its_threads_and_drops_its_keys() {
    for batch in ways() {
        for taken in [0, 1, 33] {
            let alive = Arc::new(AtomicUsize::new(0));
            let for_jobs = Arc::clone(&alive);
            let jobs =
                (0..).map(move |n| CountedJob(request(PrivateKeyAlgo::EcP256, n), Arc::clone(&for_jobs)));
            let mut results = batch.run(jobs);
            let kept: Vec<_> = results.by_ref().take(taken).collect();
            if batch.threads > 0 && taken == 0 {
                thread::sleep(Duration::from_millis(20));
            }
            drop(results);
            assert_eq!(alive.load(SeqCst), kept.len());
        }
    }
}

/// The iterator is not waited for.
#[test]
fn batch_can_be_dropped_while_the_iterator_waits() {
    let (jobs_in, jobs_out) = mpsc::channel::<KeyRequest>();
    let results = Batch::new().threads(2).run(jobs_out);
    drop(results);
    drop(jobs_in);
}

#[test]
fn iterator_of_jobs_is_dropped_before_the_results_end() {
    let alive = Arc::new(AtomicUsize::new(0));
    let counted = Counted::new((), &alive);
    let jobs = (0..3).map(move |n| {
        let _ = &counted;
        request(PrivateKeyAlgo::EcP256, n)
    });
    let mut results = Batch::new().threads(1).run(jobs);
    assert_eq!(results.by_ref().count(), 3);
    assert_eq!(alive.load(SeqCst), 0);
}

/// Gives randomness for a number of calls.
struct Failing(usize);

impl TryRng for Failing {
    type Error = io::Error;
    fn try_next_u32(&mut self) -> Result<u32, io::Error> {
        unreachable!("everything is drawn as bytes")
    }
    fn try_next_u64(&mut self) -> Result<u64, io::Error> {
        unreachable!("everything is drawn as bytes")
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), io::Error> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| io::Error::other("no randomness"))?;
        getrandom::fill(bytes).map_err(io::Error::other)
    }
}
impl TryCryptoRng for Failing {}

/// A draw for each of three keys, a draw for each nonce, and the same for the next algorithm.
#[test]
fn failure_of_the_random_source_is_of_those_that_need_it() {
    let algorithms = [PrivateKeyAlgo::Sm2, PrivateKeyAlgo::EcP256];
    for draws in 0..=12 {
        let requests = (0..6).map(|n| request(algorithms[n % 2], n));
        let results = make_with_rng(requests, &mut Failing(draws));
        let made_of = |before: usize| draws.saturating_sub(before + 3).min(3);
        for (algorithm, first, count) in [(0, 1, made_of(0)), (1, 0, made_of(6))] {
            let results: Vec<_> = results.iter().skip(first).step_by(2).collect();
            assert_eq!(results.iter().filter(|result| result.is_ok()).count(), count, "{algorithm} {draws}");
            for (place, result) in results.into_iter().enumerate() {
                match result {
                    Ok(made) => assert!(place < count && belong_together(made)),
                    Err(error) => assert_eq!(*error, Error::RandomSource("no randomness".to_owned())),
                }
            }
        }
    }
}
