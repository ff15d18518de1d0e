//! Which addresses a notification may be sent to.
//!
//! Whoever may subscribe decides where this server connects to, so it connects to public addresses only, unless the
//! operator allows more. A name is looked up here, and the connection goes to the very addresses that were checked: a
//! second look-up that answers something else ("rebinding") never happens.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Networks that are not the public internet (IANA's special-purpose registries), and the metadata address of Azure, which
/// looks like a public one.
const KEPT_V4: [(Ipv4Addr, u8); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The same for IPv6. Only 2000::/3 is public at all; these lie in it.
const KEPT_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// An address, name or URL that nothing is sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forbidden {
    #[error("the endpoint's address {0} is not a public one")]
    Address(IpAddr),
    #[error("the endpoint is not an http or https URL")]
    Scheme,
    #[error("the endpoint has a user name or password")]
    Credentials,
    #[error("the endpoint has no host")]
    Host,
    #[error("the endpoint is not a URL")]
    Malformed,
}

/// Finds the addresses of a name.
#[async_trait]
pub(crate) trait Lookup: Send + Sync + 'static {
    async fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
pub(crate) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Decides where notifications may go, and resolves names for the connections that carry them.
#[derive(Clone)]
pub(crate) struct Guard {
    allow: Arc<[IpNet]>,
    lookup: Arc<dyn Lookup>,
}

impl Guard {
    pub(crate) fn new(allow: &[IpNet], lookup: Arc<dyn Lookup>) -> Self {
        Self { allow: allow.into(), lookup }
    }

    /// Whether something may be sent to `address`.
    pub(crate) fn permits(&self, address: IpAddr) -> Result<(), Forbidden> {
        // An IPv4-mapped address is the IPv4 address.
        let address = address.to_canonical();
        let allowed = self.allow.iter().any(|network| network.contains(&address));
        if allowed || is_public(address) { Ok(()) } else { Err(Forbidden::Address(address)) }
    }

    /// Reads a URL, and refuses what can be refused without asking for its name: a forbidden address in any notation,
    /// another scheme, credentials.
    pub(crate) fn check_url(&self, text: &str) -> Result<Url, Forbidden> {
        let url = Url::parse(text).map_err(|_| Forbidden::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Forbidden::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::Credentials);
        }
        match url.host() {
            None => return Err(Forbidden::Host),
            Some(Host::Ipv4(address)) => self.permits(address.into())?,
            Some(Host::Ipv6(address)) => self.permits(address.into())?,
            Some(Host::Domain(name)) if name.trim_end_matches('.').eq_ignore_ascii_case("localhost") => {
                self.permits(Ipv4Addr::LOCALHOST.into())?;
            }
            Some(Host::Domain(_)) => {}
        }
        Ok(url)
    }
}

/// The resolver that connections use. One forbidden address among several forbids the name: an answer that mixes public and
/// private addresses is an attempt, or a mistake that would show only at times.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.lookup.lookup(name.as_str()).await?;
            let mut addresses = Vec::with_capacity(found.len());
            for address in found {
                guard.permits(address)?;
                addresses.push(SocketAddr::new(address, 0));
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let inside = |(network, length): &(Ipv4Addr, u8)| {
        let mask = u32::MAX.checked_shl(32 - u32::from(*length)).unwrap_or(0);
        address.to_bits() & mask == network.to_bits()
    };
    !KEPT_V4.iter().any(inside)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    // NAT64 (64:ff9b::/96) and 6to4 (2002::/16) carry an IPv4 address that the packets end up at.
    if bits >> 32 == 0x0064_ff9b_u128 << 64 {
        return is_public_v4(low_v4(bits));
    }
    if bits >> 112 == 0x2002 {
        return is_public_v4(low_v4(bits >> 80));
    }
    let inside = |(network, length): &(Ipv6Addr, u8)| {
        let mask = u128::MAX.checked_shl(128 - u32::from(*length)).unwrap_or(0);
        bits & mask == network.to_bits()
    };
    bits >> 125 == 1 && !KEPT_V6.iter().any(inside)
}

fn low_v4(bits: u128) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::try_from(bits & u128::from(u32::MAX)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow: &[&str]) -> Guard {
        let allow: Vec<IpNet> = allow.iter().map(|network| network.parse().unwrap()).collect();
        Guard::new(&allow, Arc::new(SystemLookup))
    }

    #[test]
    fn only_public_addresses_are_sent_to_whatever_their_notation() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "169.254.170.2",
            "168.63.129.16",
            "192.0.0.192",
            "100.100.100.200",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "localhost",
            "LOCALHOST.",
            "[::]",
            "[::1]",
            "[::127.0.0.1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2002:a9fe:a9fe::1]",
            "[2001::1]",
            "[2001:db8::1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[5f00::1]",
            "[100::1]",
        ] {
            let url = format!("http://{host}:8080/hook");
            assert!(matches!(guard(&[]).check_url(&url), Err(Forbidden::Address(_))), "{host}");
        }
        for host in [
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "[2606:4700::1]",
            "[64:ff9b::808:808]",
            "[2002:808:808::1]",
            "events.pagerduty.com",
        ] {
            assert!(guard(&[]).check_url(&format!("https://{host}/x")).is_ok(), "{host}");
        }
    }

    #[test]
    fn the_operator_may_allow_a_private_network_and_nothing_beside_it() {
        let guard = guard(&["10.20.0.0/16", "127.0.0.1/32"]);
        assert!(guard.check_url("http://10.20.3.4/").is_ok());
        assert!(guard.check_url("http://[::ffff:10.20.3.4]/").is_ok());
        assert!(guard.check_url("http://localhost/").is_ok());
        assert!(guard.check_url("http://10.21.0.1/").is_err());
        assert!(guard.check_url("http://127.0.0.2/").is_err());
    }

    #[test]
    fn other_schemes_and_credentials_are_refused() {
        let check = |url: &str| guard(&[]).check_url(url).unwrap_err();
        assert_eq!(check("file:///etc/passwd"), Forbidden::Scheme);
        assert_eq!(check("ftp://example.com/"), Forbidden::Scheme);
        assert_eq!(check("https://user:pw@example.com/"), Forbidden::Credentials);
        assert_eq!(check("https://"), Forbidden::Malformed);
        assert_eq!(check("example.com"), Forbidden::Malformed);
    }

    struct Answers(Vec<IpAddr>);

    #[async_trait]
    impl Lookup for Answers {
        async fn lookup(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
            Ok(self.0.clone())
        }
    }

    async fn resolved(answers: &[&str]) -> Option<Vec<IpAddr>> {
        let answers = answers.iter().map(|address| address.parse().unwrap()).collect();
        let guard = Guard::new(&[], Arc::new(Answers(answers)));
        let addresses = guard.resolve("hooks.example.com".parse().unwrap()).await.ok()?;
        Some(addresses.map(|address| address.ip()).collect())
    }

    #[tokio::test]
    async fn a_name_is_as_good_as_the_worst_of_its_addresses() {
        assert_eq!(resolved(&["8.8.8.8"]).await.unwrap().len(), 1);
        assert!(resolved(&["8.8.8.8", "169.254.169.254"]).await.is_none());
        assert!(resolved(&["::ffff:10.0.0.1"]).await.is_none());
    }
}
