//! What each peer said last: the alerts themselves, and by what its next answer is recognised.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::decode::ElementDigest;
use super::reading::Incoming;
use crate::domain::signal::Signal;
use crate::domain::time::Time;

pub(super) type Digest = [u8; 32];

/// What is known of one peer. A clone shares it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) trace: Trace,
    /// Its alerts; `None` while only their trace is known, from an earlier process.
    pub(super) alerts: Option<Arc<[Held]>>,
}

/// An alert, and by what it is recognised.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) digest: ElementDigest,
    pub(super) signal: Arc<Signal>,
}

/// By what an answer is recognised without having it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trace {
    /// Its full blocks, in order.
    pub(super) blocks: Vec<Block>,
    /// Over every byte of it; `None` before there was one.
    pub(super) bytes: Option<Digest>,
    /// Over all of it that counts.
    pub(super) said: Digest,
}

/// A block of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Block {
    /// Over every byte of the answer up to its end.
    pub(super) bytes: Digest,
    /// The last place up to there where an element ended.
    pub(super) place: Place,
}

/// Between two elements of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// How many bytes are before it.
    pub(super) at: usize,
    /// How many elements are before it.
    pub(super) elements: usize,
    /// Over all that counts of these.
    pub(super) said: Digest,
}

impl Default for Known {
    /// Nothing was said yet.
    fn default() -> Self {
        Self { trace: Trace::default(), alerts: Some(Arc::new([])) }
    }
}

impl Known {
    /// What an earlier process knew.
    pub(super) fn recalled(trace: Trace) -> Self {
        Self { trace, alerts: None }
    }

    /// Whether its alerts are known themselves.
    pub(super) fn is_whole(&self) -> bool {
        self.alerts.is_some()
    }

    /// Reads its next answer.
    pub(super) fn read(self, source: &str, now: Time) -> Incoming<'_> {
        Incoming::new(self, source, now)
    }

    /// Everything it says.
    pub(super) fn signals(&self) -> impl Iterator<Item = &Arc<Signal>> {
        self.alerts.iter().flat_map(|alerts| alerts.iter()).map(|held| &held.signal)
    }
}
