//! Addresses that no public certificate can be for: the special-purpose registries of IANA (RFC 6890), and multicast.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

type Block<A> = (A, u32, &'static str);

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u32, purpose: &'static str) -> Block<Ipv4Addr> {
    (Ipv4Addr::new(a, b, c, d), length, purpose)
}

const fn v6(words: [u16; 4], last: u16, length: u32, purpose: &'static str) -> Block<Ipv6Addr> {
    let [a, b, c, d] = words;
    (Ipv6Addr::new(a, b, c, d, 0, 0, 0, last), length, purpose)
}

const V4: &[Block<Ipv4Addr>] = &[
    v4(0, 0, 0, 0, 8, "this network (RFC 791)"),
    v4(10, 0, 0, 0, 8, "private use (RFC 1918)"),
    v4(100, 64, 0, 0, 10, "carriers' shared use (RFC 6598)"),
    v4(127, 0, 0, 0, 8, "loopback (RFC 1122)"),
    v4(169, 254, 0, 0, 16, "link-local use (RFC 3927)"),
    v4(172, 16, 0, 0, 12, "private use (RFC 1918)"),
    v4(192, 0, 0, 0, 24, "protocols of the IETF (RFC 6890)"),
    v4(192, 0, 2, 0, 24, "documentation (RFC 5737)"),
    v4(192, 31, 196, 0, 24, "AS112 (RFC 7535)"),
    v4(192, 52, 193, 0, 24, "AMT (RFC 7450)"),
    v4(192, 88, 99, 0, 24, "6to4 relays (RFC 7526)"),
    v4(192, 168, 0, 0, 16, "private use (RFC 1918)"),
    v4(192, 175, 48, 0, 24, "AS112 (RFC 7534)"),
    v4(198, 18, 0, 0, 15, "benchmarks (RFC 2544)"),
    v4(198, 51, 100, 0, 24, "documentation (RFC 5737)"),
    v4(203, 0, 113, 0, 24, "documentation (RFC 5737)"),
    v4(224, 0, 0, 0, 4, "multicast (RFC 5771)"),
    v4(240, 0, 0, 0, 4, "future use (RFC 1112)"),
];

const V6: &[Block<Ipv6Addr>] = &[
    v6([0, 0, 0, 0], 0, 128, "the unspecified address (RFC 4291)"),
    v6([0, 0, 0, 0], 1, 128, "loopback (RFC 4291)"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "addresses of IPv4 (RFC 4291)"),
    v6([0x64, 0xff9b, 0, 0], 0, 96, "translation to IPv4 (RFC 6052)"),
    v6([0x64, 0xff9b, 1, 0], 0, 48, "translation to IPv4 (RFC 8215)"),
    v6([0x100, 0, 0, 0], 0, 64, "discarding (RFC 6666)"),
    v6([0x100, 0, 0, 1], 0, 64, "dummy addresses (RFC 9780)"),
    v6([0x2001, 0, 0, 0], 0, 23, "protocols of the IETF (RFC 2928)"),
    v6([0x2001, 0xdb8, 0, 0], 0, 32, "documentation (RFC 3849)"),
    v6([0x2002, 0, 0, 0], 0, 16, "6to4 (RFC 3056)"),
    v6([0x2620, 0x4f, 0x8000, 0], 0, 48, "AS112 (RFC 7534)"),
    v6([0x3fff, 0, 0, 0], 0, 20, "documentation (RFC 9637)"),
    v6([0x5f00, 0, 0, 0], 0, 16, "segment routing (RFC 9602)"),
    v6([0xfc00, 0, 0, 0], 0, 7, "unique local use (RFC 4193)"),
    v6([0xfe80, 0, 0, 0], 0, 10, "link-local use (RFC 4291)"),
    v6([0xfec0, 0, 0, 0], 0, 10, "site-local use (RFC 3879)"),
    v6([0xff00, 0, 0, 0], 0, 8, "multicast (RFC 4291)"),
];

/// What the reserved block of an address is for; `None` for a public address.
pub(super) fn reserved_for(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => V4
            .iter()
            .find(|(block, length, _)| (address.to_bits() ^ block.to_bits()).leading_zeros() >= *length)
            .map(|(_, _, purpose)| *purpose),
        IpAddr::V6(address) => V6
            .iter()
            .find(|(block, length, _)| (address.to_bits() ^ block.to_bits()).leading_zeros() >= *length)
            .map(|(_, _, purpose)| *purpose),
    }
}

#[cfg(test)]
mod tests {
    use super::reserved_for;

    #[test]
    fn addresses_of_reserved_blocks_and_no_others_are_reserved() {
        for (address, purpose) in [
            ("10.255.255.255", "private"),
            ("172.31.0.1", "private"),
            ("192.168.1.1", "private"),
            ("100.127.255.255", "shared"),
            ("127.0.0.1", "loopback"),
            ("192.0.2.7", "documentation"),
            ("198.19.255.255", "benchmarks"),
            ("239.1.1.1", "multicast"),
            ("255.255.255.255", "future"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("::ffff:8.8.8.8", "IPv4"),
            ("64:ff9b::808:808", "translation"),
            ("2001:1ff::", "IETF"),
            ("2001:db8::1", "documentation"),
            ("fdff::1", "unique local"),
            ("febf::1", "link-local"),
            ("ff02::1", "multicast"),
        ] {
            let found = reserved_for(address.parse().unwrap());
            assert!(found.is_some_and(|found| found.contains(purpose)), "{address}: {found:?}");
        }
        for address in [
            "8.8.8.8",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::2",
            "2001:200::",
            "2001:db9::",
            "2606:4700::1",
            "2a00::1",
        ] {
            assert_eq!(reserved_for(address.parse().unwrap()), None, "{address}");
        }
    }
}
