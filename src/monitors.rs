//! Endpoints that quell probes itself: one trait, one settings enum, one file per kind.

pub mod dns;
pub mod heartbeat;
pub mod http;
pub mod promql;
pub mod tcp;
pub mod tls;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::fault::Fault;
use crate::domain::monitor::maintenance::Window;
use crate::domain::monitor::{Found, Reading, Streaks};
use crate::domain::severity::Severity;
use crate::domain::time::{Span, Time};
use crate::net::Environment;
use crate::os::clock;

/// What a probe is told; most need none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// When.
    pub now: Time,
    /// When this monitor was first looked at.
    pub began: Time,
    /// When somebody last said that what it watches lives.
    pub beaten: Option<Time>,
}

impl Asked {
    /// At this moment for the first time, and never beaten.
    pub fn first(now: Time) -> Self {
        Self { now, began: now, beaten: None }
    }
}

/// Something that can be probed.
#[async_trait]
pub trait Monitor: Send + Sync {
    /// Probes once. What it found says in words what is wrong, or what it saw.
    async fn probe(&self, asked: &Asked) -> Found;
}

/// What every `[[monitor]]` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Common {
    /// What rows call it, and the alertname of its incident.
    pub name: String,
    /// The service it watches.
    #[serde(default)]
    pub service: String,
    /// How often it is probed.
    #[serde(default = "every")]
    pub every: Span,
    /// Consecutive failures that make it down.
    #[serde(default = "down_after")]
    pub down_after: u32,
    /// Consecutive successes that make it up again.
    #[serde(default = "up_after")]
    pub up_after: u32,
    /// How bad it is when down.
    #[serde(default = "severity")]
    pub severity: Severity,
    /// When nothing opens, whatever it finds.
    #[serde(default)]
    pub maintenance: Vec<Window>,
}

const fn every() -> Span {
    Span::secs(10)
}

const fn down_after() -> u32 {
    3
}

const fn up_after() -> u32 {
    2
}

const fn severity() -> Severity {
    Severity::High
}

impl Common {
    /// When a streak turns it.
    fn streaks(&self) -> Streaks {
        Streaks { down_after: self.down_after.max(1), up_after: self.up_after.max(1) }
    }
}

/// A `[[monitor]]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Settings {
    /// An HTTP endpoint.
    Http(Box<http::Settings>),
    /// A TCP port.
    Tcp(tcp::Settings),
    /// A server's certificate.
    Tls(tls::Settings),
    /// A name.
    Dns(dns::Settings),
    /// A query of Prometheus.
    Promql(Box<promql::Settings>),
    /// A sign of life from outside.
    Heartbeat(heartbeat::Settings),
}

impl Settings {
    /// What every monitor says.
    pub fn common(&self) -> &Common {
        match self {
            Self::Http(settings) => &settings.common,
            Self::Tcp(settings) => &settings.common,
            Self::Tls(settings) => &settings.common,
            Self::Dns(settings) => &settings.common,
            Self::Promql(settings) => &settings.common,
            Self::Heartbeat(settings) => &settings.common,
        }
    }

    /// The word of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Tcp(_) => "tcp",
            Self::Tls(_) => "tls",
            Self::Dns(_) => "dns",
            Self::Promql(_) => "promql",
            Self::Heartbeat(_) => "heartbeat",
        }
    }

    /// What it probes, without secrets.
    pub fn target(&self) -> String {
        match self {
            Self::Http(settings) => bare(&settings.url),
            Self::Tcp(settings) => settings.address.clone(),
            Self::Tls(settings) => settings.address.clone(),
            Self::Dns(settings) => settings.target(),
            Self::Promql(settings) => settings.target(),
            Self::Heartbeat(settings) => settings.target(),
        }
    }

    /// When a streak turns it.
    pub fn streaks(&self) -> Streaks {
        match self {
            // Its time is waited for already.
            Self::Heartbeat(_) => Streaks { down_after: 1, up_after: 1 },
            other => other.common().streaks(),
        }
    }

    /// Whether `quell beat` feeds it.
    pub fn is_fed(&self) -> bool {
        matches!(self, Self::Heartbeat(_))
    }
}

/// A URL without what may be secret.
fn bare(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    match bare.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => bare.to_owned(),
    }
}

/// Makes a monitor; sends nothing.
///
/// # Errors
/// A fault on this machine: a setting is not usable.
pub fn build(settings: &Settings, environment: Environment) -> Result<Box<dyn Monitor>, Fault> {
    Ok(match settings {
        Settings::Http(settings) => Box::new(http::Http::new(settings, environment)?),
        Settings::Tcp(settings) => Box::new(tcp::Tcp::new(settings)?),
        Settings::Tls(settings) => Box::new(tls::Tls::new(settings)?),
        Settings::Dns(settings) => Box::new(dns::Dns::new(settings)?),
        Settings::Promql(settings) => Box::new(promql::Promql::new(settings, environment)?),
        Settings::Heartbeat(settings) => Box::new(heartbeat::Heartbeat::new(settings)),
    })
}

/// Probes once and takes the time.
pub async fn read(monitor: &dyn Monitor, asked: &Asked) -> Reading {
    let began = clock::monotonic();
    let found = monitor.probe(asked).await;
    Reading { at: asked.now, took: since(began), found }
}

/// How long ago a reading of the monotonic clock was.
fn since(began: std::time::Duration) -> Span {
    let took = clock::monotonic().saturating_sub(began);
    Span::millis(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monitor_says_its_kind_and_has_defaults() {
        let tcp: Settings = toml::from_str("kind = 'tcp'\nname = 'db'\naddress = '10.0.0.7:5432'").unwrap();
        assert_eq!((tcp.kind(), tcp.target()), ("tcp", "10.0.0.7:5432".to_owned()));
        let common = tcp.common();
        assert_eq!((common.every, common.severity), (Span::secs(10), Severity::High));
        assert_eq!(tcp.streaks(), Streaks { down_after: 3, up_after: 2 });
        for bad in ["kind = 'tcp'\nname = 'db'\naddres = 'x'", "kind = 'ftp'\nname = 'db'", "name = 'db'"] {
            assert!(toml::from_str::<Settings>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_target_shows_no_secret() {
        let text = "kind = 'http'\nname = 'a'\nurl = 'https://ana:canary@a.example/health?token=canary'";
        let settings: Settings = toml::from_str(text).unwrap();
        assert_eq!(settings.target(), "https://a.example/health");
        assert!(build(&settings, |_| None).is_err());
    }

    #[test]
    fn every_kind_says_what_it_probes() {
        for (kind, more, target) in [
            ("tls", "address = 'a.example:443'\ndays = 14", "a.example:443"),
            ("dns", "host = 'a.example'", "a.example"),
            ("dns", "host = 'a.example'\nserver = '127.0.0.1:53'", "a.example at 127.0.0.1:53"),
            ("promql", "url = 'http://127.0.0.1:9090'\nquery = 'up'\nbelow = 1", "up"),
            ("heartbeat", "within = '10m'", "every 10m"),
        ] {
            let text = format!("kind = '{kind}'\nname = 'm'\n{more}");
            let settings: Settings = toml::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((settings.kind(), settings.target().as_str()), (kind, target));
            assert_eq!(settings.is_fed(), kind == "heartbeat");
            if let Err(fault) = build(&settings, |_| None) {
                panic!("{text}: {fault:?}");
            }
        }
    }
}
