//! Endpoints that quell probes itself: one trait, one settings enum, one file per kind.

pub mod http;
pub mod tcp;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::fault::Fault;
use crate::domain::monitor::{Reading, Streaks};
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::net::Environment;
use crate::os::clock;

/// Something that can be probed.
#[async_trait]
pub trait Monitor: Send + Sync {
    /// Probes once. The error is what is wrong, in words.
    async fn probe(&self) -> Result<(), Outside>;
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
    pub fn streaks(&self) -> Streaks {
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
}

impl Settings {
    /// What every monitor says.
    pub fn common(&self) -> &Common {
        match self {
            Self::Http(settings) => &settings.common,
            Self::Tcp(settings) => &settings.common,
        }
    }

    /// The word of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Tcp(_) => "tcp",
        }
    }

    /// What it probes, without secrets.
    pub fn target(&self) -> String {
        match self {
            Self::Http(settings) => settings.target(),
            Self::Tcp(settings) => settings.address.clone(),
        }
    }
}

/// Makes a monitor; sends nothing.
///
/// # Errors
/// A fault on this machine: a setting is not usable.
pub fn build(settings: &Settings, environment: Environment) -> Result<Box<dyn Monitor>, Fault> {
    match settings {
        Settings::Http(settings) => Ok(Box::new(http::Http::new(settings, environment)?)),
        Settings::Tcp(settings) => Ok(Box::new(tcp::Tcp::new(settings)?)),
    }
}

/// Probes once and takes the time, which is said to be `at`.
pub async fn read(monitor: &dyn Monitor, at: Time) -> Reading {
    let began = clock::monotonic();
    let probed = monitor.probe().await;
    Reading { at, took: since(began), wrong: probed.err() }
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
        assert_eq!(common.streaks(), Streaks { down_after: 3, up_after: 2 });
        for bad in ["kind = 'tcp'\nname = 'db'\naddres = 'x'", "kind = 'tls'\nname = 'db'", "name = 'db'"] {
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
}
