//! What a source's answers are worth right now.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, FaultKind};
use super::time::{Span, Time};

/// The state of a source or monitor, worst knowledge first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SourceState {
    /// No answer yet.
    Never,
    /// 401 or 403.
    Auth,
    /// The last two attempts failed, or it is older than two intervals and the last attempt failed.
    Down,
    /// Older than two intervals.
    Stale,
    /// Something was left out of the last answer, or a watchdog alert is missing.
    Partial,
    /// Complete and recent.
    Live,
}

impl SourceState {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "NEVER",
            Self::Auth => "AUTH",
            Self::Down => "DOWN",
            Self::Stale => "STALE",
            Self::Partial => "PARTIAL",
            Self::Live => "LIVE",
        }
    }

    /// Whether rows from this source can be trusted to be current.
    pub fn sees(self) -> bool {
        matches!(self, Self::Live | Self::Partial)
    }
}

/// What is known of a source's attempts; the state is computed from it at a given time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceStatus {
    /// The configured name.
    pub name: String,
    /// The configured interval.
    pub every: Span,
    /// When the last complete or partial answer was asked for.
    pub as_of: Option<Time>,
    /// Consecutive failed attempts.
    pub failures: u32,
    /// The last attempt's failure, if it failed.
    pub fault: Option<Fault>,
    /// Elements the last answer left out or could not decode.
    pub left_out: u32,
    /// Watchdog alerts that should be firing and are not.
    pub watchdog_missing: Vec<String>,
    /// Signals that open nothing: silenced, inhibited or watchdog.
    pub quiet: u32,
    /// When it is asked next.
    pub next_poll: Option<Time>,
}

impl SourceStatus {
    /// A source that was never asked.
    pub fn never(name: impl Into<String>, every: Span) -> Self {
        Self {
            name: name.into(),
            every,
            as_of: None,
            failures: 0,
            fault: None,
            left_out: 0,
            watchdog_missing: Vec::new(),
            quiet: 0,
            next_poll: None,
        }
    }

    /// The first state that holds.
    pub fn state(&self, now: Time) -> SourceState {
        let old = self.as_of.is_some_and(|at| now - at > self.every.delta() * 2);
        match (&self.fault, self.as_of) {
            (Some(fault), _) if fault.kind == FaultKind::Unauthorised => SourceState::Auth,
            (None, None) => SourceState::Never,
            (Some(_), None) if self.failures < 2 => SourceState::Never,
            (Some(_), _) if self.failures >= 2 || old => SourceState::Down,
            _ if old => SourceState::Stale,
            _ if self.left_out > 0 || !self.watchdog_missing.is_empty() => SourceState::Partial,
            _ => SourceState::Live,
        }
    }
}
