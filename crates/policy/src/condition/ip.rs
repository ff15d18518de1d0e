//! `IpAddress`: addresses and CIDR ranges, of IPv4 and IPv6.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

use crate::ternary::Ternary;

/// The ranges of an operator. IPv4 addresses in IPv6 clothing (`::ffff:10.0.0.1`) are IPv4 on both sides.
#[derive(Debug, Clone)]
pub(crate) struct Networks(pub(crate) Box<[IpNet]>);

impl Networks {
    pub(super) fn new(values: &[Box<str>]) -> Result<Self, &'static str> {
        let networks = values.iter().map(|value| network(value)).collect::<Option<_>>();
        networks.map(Self).ok_or("a value is no IP address or CIDR range")
    }

    pub(super) fn matches(&self, value: &str) -> Ternary {
        let Ok(address) = value.parse::<IpAddr>() else { return Ternary::Unknown };
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address)).into()
    }
}

/// A range, or an address as a range of one.
fn network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(match network {
        IpNet::V6(v6) => v4_in_v6(v6.addr(), v6.prefix_len()).map_or(network, IpNet::V4),
        IpNet::V4(_) => network,
    })
}

fn v4_in_v6(address: Ipv6Addr, prefix: u8) -> Option<Ipv4Net> {
    Ipv4Net::new(address.to_ipv4_mapped()?, prefix.checked_sub(96)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(range: &str, address: &str) -> Ternary {
        Networks::new(&[range.into()]).unwrap().matches(address)
    }

    #[test]
    fn ranges_and_single_addresses() {
        assert_eq!(matches("203.0.113.0/24", "203.0.113.77"), Ternary::Yes);
        assert_eq!(matches("203.0.113.0/24", "203.0.114.1"), Ternary::No);
        assert_eq!(matches("203.0.113.9/24", "203.0.113.1"), Ternary::Yes);
        assert_eq!(matches("203.0.113.7", "203.0.113.7"), Ternary::Yes);
        assert_eq!(matches("203.0.113.7", "203.0.113.8"), Ternary::No);
        assert_eq!(matches("2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1"), Ternary::Yes);
        assert_eq!(matches("2001:db8::/32", "203.0.113.7"), Ternary::No);
        assert_eq!(matches("0.0.0.0/0", "2001:db8::1"), Ternary::No);
    }

    #[test]
    fn a_mapped_address_is_the_address_it_maps() {
        assert_eq!(matches("10.0.0.0/8", "::ffff:10.1.2.3"), Ternary::Yes);
        assert_eq!(matches("::ffff:10.0.0.0/104", "10.1.2.3"), Ternary::Yes);
        assert_eq!(matches("::ffff:10.0.0.0/104", "11.1.2.3"), Ternary::No);
    }

    #[test]
    fn what_is_no_address_is_unknown_in_a_request_and_refused_in_a_policy() {
        for text in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "vpce-123", "010.0.0.1", "${aws:SourceIp}"] {
            assert!(Networks::new(&[text.into()]).is_err(), "{text}");
            assert_eq!(matches("0.0.0.0/0", text), Ternary::Unknown, "{text}");
        }
    }
}
