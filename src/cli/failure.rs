//! Why a command did not do what it was asked for, and the exit code that says so.

use std::process::ExitCode;

use serde::Serialize;

use crate::backend::{Refusal, RefusalKind};
use crate::config::Problems;
use crate::domain::fault::{Fault, FaultKind};
use crate::ledger::LedgerError;

/// What an exit code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// It was done.
    Ok,
    /// Quell or the other side said no.
    Refused,
    /// The command line or the configuration is wrong.
    Usage,
    /// The engine, the ledger or the other side cannot be reached.
    Unreachable,
    /// It may have been done.
    Unknown,
    /// Quell is wrong.
    Bug,
}

impl Exit {
    /// Of what came of several things at once, what whoever asked must know first: that one may have been done, then that
    /// one could not be reached, then that one was refused.
    pub(super) fn or_worse(self, other: Self) -> Self {
        let weight = |exit: Self| match exit {
            Self::Ok => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Unknown => 4,
            Self::Bug => 5,
        };
        if weight(other) > weight(self) { other } else { self }
    }
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Ok => 0,
            Exit::Refused => 1,
            Exit::Usage => 2,
            Exit::Unreachable => 3,
            Exit::Unknown => 4,
            Exit::Bug => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(u8::from(exit))
    }
}

/// Why a command did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Failure {
    #[serde(skip)]
    pub(super) exit: Exit,
    /// One line, or the whole text of a configuration's problems.
    #[serde(rename = "error")]
    pub(super) message: String,
    /// What has changed, or what is missing, one line each.
    pub(super) differences: Vec<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), differences: Vec::new() }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let exit = match refusal.kind {
            RefusalKind::Refused | RefusalKind::Changed | RefusalKind::NotFound | RefusalKind::ReadOnly => {
                Exit::Refused
            }
            RefusalKind::Usage => Exit::Usage,
            RefusalKind::Unreachable => Exit::Unreachable,
        };
        Self { exit, message: refusal.message.safe().to_string(), differences: refusal.differences }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let exit = if matches!(fault.kind, FaultKind::Local | FaultKind::Unsigned) {
            Exit::Usage
        } else {
            Exit::Unreachable
        };
        Self::new(exit, fault.detail.safe().to_string())
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::new(Exit::Usage, problems.to_string())
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Refusal::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_done_is_said_whatever_came_of_the_rest() {
        let of = |all: &[Exit]| all.iter().fold(Exit::Ok, |exit, next| exit.or_worse(*next));
        assert_eq!(of(&[]), Exit::Ok);
        assert_eq!(of(&[Exit::Ok, Exit::Refused, Exit::Ok]), Exit::Refused);
        assert_eq!(of(&[Exit::Unknown, Exit::Refused, Exit::Unreachable]), Exit::Unknown);
        assert_eq!(of(&[Exit::Refused, Exit::Unreachable, Exit::Refused]), Exit::Unreachable);
    }
}
