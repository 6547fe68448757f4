//! Which addresses may be called: https or loopback, and never a link-local one.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::domain::fault::{Fault, FaultKind};

/// Reads a URL and says whether it may be called.
pub(super) fn check(url: &str, insecure_http: bool) -> Result<Url, Fault> {
    let refuse = |detail: &str| Err(Fault::new(FaultKind::Local, detail));
    let Ok(url) = Url::parse(url) else {
        return refuse("the address is no URL; write it like \"https://host.example.com\"");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            "the URL holds credentials; give them with token_command, token_keyring, token_file or token_env",
        );
    }
    let literal = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
    if literal.is_some_and(is_link_local) {
        return refuse("link-local addresses are refused");
    }
    let loopback = literal.map_or(url.host_str() == Some("localhost"), |ip| ip.to_canonical().is_loopback());
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback || insecure_http => Ok(url),
        "http" => refuse("plain http to a host that is not loopback; use https or set insecure_http = true"),
        _ => refuse("the URL is neither https nor http"),
    }
}

/// Addresses where machines keep their cloud credentials; nothing quell calls lives there.
fn is_link_local(ip: IpAddr) -> bool {
    const CLOUD: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local() || ip == CLOUD,
    }
}

/// Why a name led nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LookUpError {
    #[error("name lookup failed")]
    Failed,
    #[error("the name leads to a link-local address, which is refused")]
    LinkLocal,
    #[error(
        "the name leads to another kind of network than before, which is refused; start quell again if that is meant"
    )]
    Elsewhere,
}

/// The addresses of a host that may be called.
pub(super) async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, LookUpError> {
    let found: Vec<_> =
        tokio::net::lookup_host((host, port)).await.map_err(|_| LookUpError::Failed)?.collect();
    let allowed: Vec<_> = found.iter().copied().filter(|address| !is_link_local(address.ip())).collect();
    match (found.is_empty(), allowed.is_empty()) {
        (true, _) => Err(LookUpError::Failed),
        (_, true) => Err(LookUpError::LinkLocal),
        _ => Ok(allowed),
    }
}

/// Whose an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// This machine's.
    Loopback,
    /// Of a network that is nobody else's.
    Private,
    /// Anybody's.
    Public,
}

impl Reach {
    fn of(address: SocketAddr) -> Self {
        match address.ip().to_canonical() {
            ip if ip.is_loopback() => Self::Loopback,
            IpAddr::V4(ip) if ip.is_private() => Self::Private,
            IpAddr::V6(ip) if ip.is_unique_local() => Self::Private,
            _ => Self::Public,
        }
    }
}

/// Looks names up as [`look_up`] does, at each connection anew; refuses what leads elsewhere than where it was spoken to
/// in the clear: whoever can change the answers of a name server must not make credentials for one network go to
/// another. Where a certificate is shown, that says who it is, and wherever it leads is right.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolver(Arc<Mutex<BTreeMap<String, Reach>>>);

impl Resolver {
    /// A host was spoken to at this address, in the clear and well.
    pub(super) fn spoke(&self, host: &str, address: SocketAddr) {
        self.known().entry(host.to_owned()).or_insert_with(|| Reach::of(address));
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Reach>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of what a host leads to now, what is of the same reach as where it was spoken to.
    pub(super) fn as_before(
        &self,
        host: &str,
        found: Vec<SocketAddr>,
    ) -> Result<Vec<SocketAddr>, LookUpError> {
        let Some(before) = self.known().get(host).copied() else { return Ok(found) };
        let same: Vec<_> = found.into_iter().filter(|address| Reach::of(*address) == before).collect();
        if same.is_empty() { Err(LookUpError::Elsewhere) } else { Ok(same) }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let found = look_up(name.as_str(), 0).await?;
            Ok(Box::new(resolver.as_before(name.as_str(), found)?.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_loopback_unless_said_otherwise() {
        for url in ["https://a.example", "http://127.0.0.1:9093", "http://localhost:1/x", "http://[::1]:1"] {
            assert!(check(url, false).is_ok(), "{url}");
        }
        for url in [
            "http://a.example",
            "http://localhost.example",
            "https://u:p@a.example",
            "ftp://a.example",
            "a.example",
            "https://169.254.169.254/latest",
            "https://[::ffff:169.254.169.254]/",
            "https://[fe80::1]/",
        ] {
            assert!(check(url, false).is_err(), "{url}");
        }
        assert!(check("http://a.example", true).is_ok());
        assert!(check("http://169.254.169.254", true).is_err());
    }

    fn at(ip: &str) -> SocketAddr {
        SocketAddr::new(ip.parse().unwrap(), 0)
    }

    #[test]
    fn a_name_that_leads_to_another_kind_of_network_than_it_was_spoken_to_in_is_refused() {
        for (first, later, left) in [
            ("203.0.113.1", &["203.0.113.9", "2001:db8::1"][..], Some(2)),
            ("203.0.113.1", &["10.0.0.7"], None),
            ("203.0.113.1", &["127.0.0.1"], None),
            ("203.0.113.1", &["::ffff:192.168.1.1"], None),
            ("203.0.113.1", &["10.0.0.7", "203.0.113.9"], Some(1)),
            ("10.0.0.7", &["192.168.3.4", "fd12::1"], Some(2)),
            ("10.0.0.7", &["203.0.113.1"], None),
            ("127.0.0.1", &["::1"], Some(1)),
        ] {
            let resolver = Resolver::default();
            resolver.spoke("a.example", at(first));
            let found = || later.iter().copied().map(at).collect::<Vec<_>>();
            let now = resolver.as_before("a.example", found());
            assert_eq!(now.as_ref().map(Vec::len).ok(), left, "{first}, then {later:?}: {now:?}");
            assert_eq!(resolver.as_before("b.example", found()), Ok(found()), "that is another one");
        }
    }

    #[test]
    fn an_answer_that_led_to_nobody_binds_nobody() {
        // As in an hotel, whose network answers for every name until somebody logs in.
        let resolver = Resolver::default();
        let portal = vec![at("10.0.0.1")];
        assert_eq!(resolver.as_before("events.example", portal.clone()), Ok(portal));
        let real = vec![at("203.0.113.1")];
        assert_eq!(resolver.as_before("events.example", real.clone()), Ok(real));
    }

    #[test]
    fn a_refusal_repeats_nothing_of_the_url() {
        let fault = check("https://ana:canary@a.example?token=canary", false).unwrap_err();
        assert!(!fault.detail.raw().contains("canary"));
    }
}
