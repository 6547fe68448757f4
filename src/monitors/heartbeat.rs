//! Whether something elsewhere still says that it lives: `quell beat NAME`.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Asked, Common, Monitor};
use crate::domain::monitor::Found;
use crate::domain::text::Outside;
use crate::domain::time::{Span, date_time};

/// `[[monitor]] kind = "heartbeat"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What every monitor says.
    #[serde(flatten)]
    pub common: Common,
    /// How long it may be silent.
    pub within: Span,
}

impl Settings {
    pub(super) fn target(&self) -> String {
        format!("every {}", self.within)
    }
}

/// What must be heard again and again.
#[derive(Debug)]
pub struct Heartbeat {
    within: Span,
}

impl Heartbeat {
    /// Makes a monitor; it listens to nothing but what it is told.
    pub fn new(settings: &Settings) -> Self {
        Self { within: settings.within }
    }
}

#[async_trait]
impl Monitor for Heartbeat {
    async fn probe(&self, asked: &Asked) -> Found {
        let within = self.within;
        // What was never heard gets as long as what was.
        let due = asked.beaten.unwrap_or(asked.began) + within.delta();
        match asked.beaten {
            Some(at) if asked.now <= due => Found::Right(Outside::new(format!("beat {}", date_time(at)))),
            Some(at) => Found::Wrong(Outside::new(format!(
                "no beat since {}, wants one every {within}",
                date_time(at)
            ))),
            None if asked.now <= due => {
                Found::Early(Outside::new(format!("waits for its first beat until {}", date_time(due))))
            }
            None => {
                let began = date_time(asked.began);
                Found::Wrong(Outside::new(format!("never beaten since {began}, wants a beat every {within}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Time;

    fn at(secs: u64) -> Time {
        Time::UNIX_EPOCH + Span::secs(secs).delta()
    }

    async fn said(now: u64, beaten: Option<u64>) -> Found {
        let settings = toml::from_str("name = 'batch'\nwithin = '10m'").unwrap();
        let asked = Asked { now: at(now), began: at(60), beaten: beaten.map(at) };
        Heartbeat::new(&settings).probe(&asked).await
    }

    #[tokio::test]
    async fn it_lives_while_beats_come_in_time() {
        assert_eq!(said(660, Some(60)).await, Found::Right(Outside::new("beat 1970-01-01 00:01:00Z")));
        let late = "no beat since 1970-01-01 00:01:00Z, wants one every 10m";
        assert_eq!(said(661, Some(60)).await, Found::Wrong(Outside::new(late)));
        // A clock that was set back makes nobody late.
        assert!(matches!(said(0, Some(60)).await, Found::Right(_)));
    }

    #[tokio::test]
    async fn what_was_never_heard_has_its_time_too() {
        let waits = "waits for its first beat until 1970-01-01 00:11:00Z";
        assert_eq!(said(660, None).await, Found::Early(Outside::new(waits)));
        let never = "never beaten since 1970-01-01 00:01:00Z, wants a beat every 10m";
        assert_eq!(said(661, None).await, Found::Wrong(Outside::new(never)));
    }
}
