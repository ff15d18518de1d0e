//! Addresses and address ranges as event patterns know them.

use std::net::{IpAddr, Ipv4Addr};

/// Reads an address as event-ruler does: IPv4 with decimal octets (leading zeros allowed), IPv6 without dots; an IPv6
/// address that maps an IPv4 one is that one.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        let allowed = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
        let parsed: IpAddr = if allowed { text.parse().ok()? } else { return None };
        return Some(parsed.to_canonical());
    }
    let mut octets = [0u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || part.len() > 9 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then_some(IpAddr::V4(Ipv4Addr::from(octets)))
}

/// An address as a number that orders like it; IPv4 and IPv6 never meet.
pub(crate) fn key(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (false, u128::from(address.to_bits())),
        IpAddr::V6(address) => (true, address.to_bits()),
    }
}

/// The addresses of a CIDR block, first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Block {
    pub(crate) v6: bool,
    pub(crate) first: u128,
    pub(crate) last: u128,
}

impl Block {
    /// Reads `ADDRESS/BITS`; the error is AWS's message.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts: Vec<&str> = text.split('/').collect();
        // Java's split, which AWS uses, forgets empty parts at the end.
        while parts.last().is_some_and(|part| part.is_empty()) {
            parts.pop();
        }
        let [base, bits] = parts.as_slice() else {
            return Err("Malformed CIDR, one '/' required".to_owned());
        };
        let bits: i32 = bits.parse().map_err(|_| "Malformed CIDR, mask bits must be an integer".to_owned())?;
        let Ok(bits) = u32::try_from(bits) else {
            return Err("Malformed CIDR, mask bits must not be negative".to_owned());
        };
        let address = address(base).ok_or_else(|| format!("Nonstandard IP address: {base}"))?;
        let (v6, base) = key(address);
        let width = if v6 { 128 } else { 32 };
        if bits >= width {
            return Err(format!("IPv{} mask bits must be < {width}", if v6 { 6 } else { 4 }));
        }
        let all = if v6 { u128::MAX } else { u128::from(u32::MAX) };
        let host = all.checked_shr(bits).unwrap_or(0);
        Ok(Self { v6, first: base & !host & all, last: base | host })
    }

    /// Whether the text is an address in the block.
    pub(crate) fn contains(&self, text: &str) -> bool {
        address(text).is_some_and(|address| {
            let (v6, value) = key(address);
            v6 == self.v6 && (self.first..=self.last).contains(&value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_their_addresses() {
        for (block, address, inside) in [
            ("10.0.0.0/24", "10.0.0.0", true),
            ("10.0.0.0/24", "10.0.0.255", true),
            ("10.0.0.0/24", "10.0.1.0", false),
            ("10.0.0.7/24", "10.0.0.1", true),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("10.0.0.0/24", "010.000.0.5", true),
            ("10.0.0.0/24", "10.0.0.256", false),
            ("10.0.0.0/24", "10.0.0", false),
            ("10.0.0.0/24", "", false),
            ("2001:db8::/32", "2001:0DB8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "10.0.0.1", false),
            ("::/0", "::1", true),
            ("10.0.0.0/8", "::ffff:0a01:0203", true),
        ] {
            assert_eq!(Block::parse(block).unwrap().contains(address), inside, "{address} in {block}");
        }
    }
}
