//! The search for secrets in the process's memory.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Samples are stored under this mask, so that the search does not find them.
const MASK: u8 = 0xa5;
/// The octets taken from the middle of a secret, in both orders.
const SAMPLE: usize = 16;

pub(crate) type Samples = Vec<[u8; SAMPLE]>;

pub(crate) fn sample(samples: &mut Samples, secret: &[u8]) {
    let middle = secret.len() / 2 - SAMPLE / 2;
    let mut masked: [u8; SAMPLE] = core::array::from_fn(|i| secret[middle + i] ^ MASK);
    samples.push(masked);
    masked.reverse();
    samples.push(masked);
}

/// The buffer that the search reads memory into. It is not on the heap, where it might overwrite
/// what is searched for.
pub(crate) struct Page([u8; 1 << 16]);

impl Page {
    /// The number of samples that are found in this process's writable memory outside the buffer.
    pub(crate) fn found(&mut self, samples: &Samples) -> usize {
        let memory = File::open("/proc/self/mem").unwrap();
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let mut found = vec![false; samples.len()];
        let mut begins = [false; 256];
        samples.iter().for_each(|sample| begins[usize::from(sample[0] ^ MASK)] = true);
        let page = &mut self.0;
        let own = page.as_ptr_range();
        let [own_start, own_end] = [own.start as u64, own.end as u64];
        for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
            let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
            let [start, end] = [start, end].map(|x| u64::from_str_radix(x, 16).unwrap());
            // Skip the buffer itself.
            for (mut at, end) in [(start, end.min(own_start)), (start.max(own_end), end)] {
                while at + SAMPLE as u64 <= end {
                    let len = page.len().min(usize::try_from(end - at).unwrap());
                    if memory.read_exact_at(&mut page[..len], at).is_ok() {
                        for window in
                            page[..len].windows(SAMPLE).filter(|window| begins[usize::from(window[0])])
                        {
                            for (found, sample) in found.iter_mut().zip(samples) {
                                *found |= window.iter().zip(sample).all(|(x, y)| x ^ MASK == *y);
                            }
                        }
                    }
                    at += (len - SAMPLE + 1) as u64;
                }
            }
        }
        found.iter().filter(|found| **found).count()
    }
}

/// The buffer, for one test at a time: the search would find another test's keys, too.
pub(crate) fn page() -> MutexGuard<'static, Page> {
    static PAGE: Mutex<Page> = Mutex::new(Page([0; 1 << 16]));
    PAGE.lock().unwrap_or_else(PoisonError::into_inner)
}
