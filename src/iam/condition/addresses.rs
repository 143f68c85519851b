//! Ranges of addresses, and the addresses that a set of ranges tells apart.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::iam::document::Test;

/// An address range in CIDR notation; an address alone is a range of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Network {
    /// The address before the slash.
    pub(super) address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Whether the range holds the address; the two kinds of address never meet.
    #[must_use]
    pub(super) fn contains(self, other: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
            IpAddr::V6(v6) => v6.to_bits(),
        };
        let mask = u128::MAX.checked_shl(128 - self.prefix.min(128)).unwrap_or(0);
        self.address.is_ipv4() == other.is_ipv4() && bits(self.address) & mask == bits(other) & mask
    }

    /// The first and the last address, each as a number beside whether it is of version 6.
    fn bounds(self) -> ((bool, u128), (bool, u128)) {
        let (is_v6, bits, width) = match self.address {
            IpAddr::V4(v4) => (false, u128::from(v4.to_bits()), 32),
            IpAddr::V6(v6) => (true, v6.to_bits(), 128),
        };
        let free = u128::MAX.checked_shr(128 - (width - self.prefix.min(width))).unwrap_or(0);
        ((is_v6, bits & !free), (is_v6, bits | free))
    }
}

/// Reads an address range.
#[must_use]
pub(super) fn network(text: &str) -> Option<Network> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(most), |prefix| prefix.parse().ok().filter(|prefix| *prefix <= most))?;
    Some(Network { address, prefix })
}

/// The address that a range is written with, and its first one.
pub(super) fn ends(range: &str) -> Vec<String> {
    let Some(network) = network(range) else { return Vec::new() };
    let (is_v6, first) = network.bounds().0;
    [network.address.to_string()].into_iter().chain(address(is_v6, first)).collect()
}

/// An address of each kind that none of the ranges holds, where there is one among those reserved for documentation.
pub(super) fn outside(tests: &[&Test]) -> Vec<String> {
    let ranges: Vec<_> =
        tests.iter().flat_map(|test| &test.values).filter_map(|text| text.scalar.as_text().and_then(network)).collect();
    let candidates = ["192.0.2.7", "198.51.100.7", "203.0.113.7", "8.8.8.8", "2001:db8::7", "2620:fe::fe"];
    let free = |address: &IpAddr| !ranges.iter().any(|range| range.contains(*address));
    candidates.iter().filter_map(|text| text.parse().ok()).filter(free).map(|address| address.to_string()).collect()
}

/// The addresses right behind a range that some other range holds: where ranges lie within each other, what is left of the
/// outer one begins there.
pub(super) fn between_ranges(tests: &[&Test]) -> Vec<String> {
    let texts = tests.iter().flat_map(|test| &test.values).filter_map(|text| text.scalar.as_text());
    let mut ranges: Vec<_> = texts.filter_map(network).map(Network::bounds).collect();
    ranges.sort_unstable();
    let mut furthest: Vec<(bool, u128)> = Vec::with_capacity(ranges.len());
    for (first, last) in &ranges {
        let before = furthest.last().filter(|end| end.0 == first.0).map_or(last.1, |end| end.1.max(last.1));
        furthest.push((first.0, before));
    }
    let is_held = |address: (bool, u128)| {
        let begun = ranges.partition_point(|(first, _)| *first <= address);
        begun.checked_sub(1).and_then(|at| furthest.get(at)).is_some_and(|end| end.0 == address.0 && end.1 >= address.1)
    };
    let behind = ranges.iter().filter_map(|(_, last)| Some((last.0, last.1.checked_add(1)?)));
    behind.filter(|address| is_held(*address)).filter_map(|(is_v6, bits)| address(is_v6, bits)).collect()
}

fn address(is_v6: bool, bits: u128) -> Option<String> {
    if is_v6 {
        return Some(Ipv6Addr::from_bits(bits).to_string());
    }
    u32::try_from(bits).ok().map(|bits| Ipv4Addr::from_bits(bits).to_string())
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_range_ends_where_its_prefix_says() {
        let bounds = |text: &str| network(text).map(|range| (range.bounds().0.1, range.bounds().1.1));
        assert_eq!(bounds("10.1.2.3/8"), Some((10 << 24, (11 << 24) - 1)));
        assert_eq!(bounds("0.0.0.9"), Some((9, 9)));
        assert_eq!(bounds("0.0.0.0/0"), Some((0, u128::from(u32::MAX))));
        assert_eq!(bounds("::/0"), Some((0, u128::MAX)));
        assert_eq!(bounds("::1/127"), Some((0, 1)));
        assert_eq!(bounds("10.0.0.0/33"), None);
    }
}
