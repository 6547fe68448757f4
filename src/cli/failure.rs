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

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Refused => 1,
            Exit::Usage => 2,
            Exit::Unreachable => 3,
            Exit::Unknown => 4,
            Exit::Bug => 70,
        })
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
