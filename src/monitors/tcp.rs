//! Whether a TCP port accepts connections.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Asked, Common, Monitor};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::monitor::Found;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::net::tcp;

const CONNECT_WITHIN: Span = Span::secs(3);

/// `[[monitor]] kind = "tcp"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What every monitor says.
    #[serde(flatten)]
    pub common: Common,
    /// `host:port`.
    pub address: String,
}

/// A TCP port.
#[derive(Debug)]
pub struct Tcp {
    address: String,
}

impl Tcp {
    /// Makes a monitor; sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: the address is none.
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        tcp::split(&settings.address).map_err(|detail| Fault::new(FaultKind::Local, detail))?;
        Ok(Self { address: settings.address.clone() })
    }
}

#[async_trait]
impl Monitor for Tcp {
    async fn probe(&self, _asked: &Asked) -> Found {
        match tcp::connect(&self.address, CONNECT_WITHIN).await {
            Ok(_connection) => Found::Right(Outside::new("accepts connections")),
            Err(fault) => Found::failed(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::peer::{Act, Peer};

    async fn probe(url: &str) -> Found {
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let settings = toml::from_str(&format!("name = 'db'\naddress = '{address}'")).unwrap();
        Tcp::new(&settings).unwrap().probe(&Asked::first(crate::domain::time::Time::UNIX_EPOCH)).await
    }

    #[tokio::test]
    async fn a_port_accepts_or_says_why_not() {
        let peer = Peer::new([Act::Hang]);
        assert_eq!(probe(&peer.url("/")).await, Found::Right(Outside::new("accepts connections")));
        for (url, said) in [
            (Peer::new([]).gone(), "connection refused"),
            ("quell.invalid:1".to_owned(), "name lookup failed"),
        ] {
            assert_eq!(probe(&url).await, Found::Wrong(Outside::new(said)));
        }
    }
}
