//! Counts failed attempts, to make guessing slow. Only refusals are delayed: a valid caller from
//! the same address, or with the same access key, never waits.

use core::hash::Hash;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a failure is remembered.
const WINDOW: Duration = Duration::from_secs(60);
/// The first failure within one window whose answer is delayed.
const TOLERATED: u32 = 5;
/// The first delay. Each further failure doubles it.
const FIRST_DELAY: Duration = Duration::from_millis(100);
/// The longest delay.
const LONGEST_DELAY: Duration = Duration::from_secs(2);
/// How many addresses, and how many access keys, are remembered at most.
const REMEMBERED: usize = 4_096;
/// How many bytes of a given access key are remembered.
const ACCESS_KEY: usize = 64;

#[derive(Default)]
pub(super) struct Failures {
    peers: Table<IpAddr>,
    access_keys: Table<Vec<u8>>,
}

impl Failures {
    /// Counts a failure. Returns the number of failures in this window, and how long to wait before
    /// answering.
    pub(super) fn count(&self, peer: Option<IpAddr>, access_key: Option<&str>) -> (u32, Duration) {
        let now = Instant::now();
        let by_peer = peer.map_or(0, |peer| self.peers.count(network(peer), now));
        let by_key = access_key.map_or(0, |key| {
            let key = key.as_bytes();
            self.access_keys.count(key[..key.len().min(ACCESS_KEY)].to_vec(), now)
        });
        let failures = by_peer.max(by_key);
        (failures, delay(failures))
    }
}

fn delay(failures: u32) -> Duration {
    failures.checked_sub(TOLERATED).map_or(Duration::ZERO, |beyond| {
        FIRST_DELAY.saturating_mul(1_u32.checked_shl(beyond).unwrap_or(u32::MAX)).min(LONGEST_DELAY)
    })
}

/// A whole /64 belongs to one customer.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        v4 => v4,
    }
}

/// The number of failures in a window that begins with the first.
struct Table<K>(Mutex<HashMap<K, (Instant, u32)>>);

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone> Table<K> {
    fn count(&self, key: K, now: Instant) -> u32 {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= REMEMBERED && !table.contains_key(&key) {
            table.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
            if table.len() >= REMEMBERED {
                let oldest = table.iter().min_by_key(|(_, (since, _))| *since).map(|(key, _)| key.clone());
                oldest.map(|oldest| table.remove(&oldest));
            }
        }
        let (since, failures) = table.entry(key).or_insert((now, 0));
        if now.duration_since(*since) >= WINDOW {
            (*since, *failures) = (now, 0);
        }
        *failures = failures.saturating_add(1);
        *failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_starts_at_the_fifth_failure_and_grows_to_two_seconds() {
        let failures = Failures::default();
        let peer = Some(IpAddr::from([192, 0, 2, 1]));
        let waits: Vec<u128> = (0..12).map(|_| failures.count(peer, None).1.as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
        assert_eq!(failures.count(Some(IpAddr::from([192, 0, 2, 2])), None), (1, Duration::ZERO));
        assert_eq!(delay(u32::MAX), LONGEST_DELAY);
    }

    #[test]
    fn failures_of_an_access_key_count_across_addresses() {
        let failures = Failures::default();
        let last =
            (1..=6).map(|host| failures.count(Some(IpAddr::from([192, 0, 2, host])), Some("AK"))).last();
        assert_eq!(last, Some((6, Duration::from_millis(200))));
    }

    #[test]
    fn ipv6_network_counts_as_one_peer() -> Result<(), std::net::AddrParseError> {
        let failures = Failures::default();
        failures.count(Some("2001:db8::1".parse()?), None);
        assert_eq!(failures.count(Some("2001:db8::2".parse()?), None).0, 2);
        assert_eq!(failures.count(Some("2001:db8:0:1::2".parse()?), None).0, 1);
        Ok(())
    }

    #[test]
    fn failures_are_forgotten_after_a_minute_and_the_table_stays_small() {
        let table = Table::default();
        let start = Instant::now();
        assert_eq!(table.count(0, start), 1);
        assert_eq!(table.count(0, start + WINDOW / 2), 2);
        assert_eq!(table.count(0, start + WINDOW), 1);
        for key in 0..3 * REMEMBERED {
            table.count(key, start + WINDOW);
        }
        assert_eq!(table.0.lock().map(|table| table.len()).ok(), Some(REMEMBERED));
    }
}
