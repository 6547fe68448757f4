//! Who had which piece of evidence in hand: kept, read, exported.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::operator::Actor;
use crate::domain::record::{Entry, Record};
use crate::domain::time::Time;

/// What was done with evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// It was kept here.
    Kept,
    /// Somebody read it.
    Read,
    /// It left, as part of a bundle.
    Exported,
}

impl Deed {
    /// The word of a row.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Read => "read",
            Self::Exported => "exported",
        }
    }
}

/// One time that somebody had evidence in hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Custody {
    /// The record that says so.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// What was done.
    pub deed: Deed,
    /// The SHA-256 of the kept file; of the bundle, where all of it was exported.
    pub sha256: String,
    /// By whom.
    pub by: String,
    /// On which host, where that is known.
    pub host: String,
    /// Where to, where it left.
    pub to: String,
}

/// Everything that was done with the evidence of one incident, oldest first: what its own records say, and those
/// that are of no incident but about its files.
pub fn custody(records: &[Record], handled: &[Record]) -> Vec<Custody> {
    let kept = |record: &Record| match &record.entry {
        Entry::EvidenceKept(evidence) => Some(evidence.sha256.clone()),
        _ => None,
    };
    let own: BTreeSet<String> = records.iter().filter_map(kept).collect();
    let id = records.iter().find_map(|record| record.incident.as_ref()).map(ToString::to_string);
    let mut out: Vec<Custody> = records
        .iter()
        .chain(handled)
        .filter_map(|record| {
            let (deed, sha256, to) = match &record.entry {
                Entry::EvidenceKept(evidence) => (Deed::Kept, &evidence.sha256, ""),
                Entry::EvidenceRead { sha256 } if own.contains(sha256) => (Deed::Read, sha256, ""),
                Entry::Exported { what, sha256, to, .. } if id.as_ref() == Some(what) => {
                    (Deed::Exported, sha256, to.raw())
                }
                _ => return None,
            };
            let host = match (&record.by, &record.on) {
                (Actor::Person(operator), _) => operator.host.clone(),
                (Actor::Engine, Some(process)) => process.host.clone(),
                (Actor::Engine, None) => String::new(),
            };
            let (by, to) = (record.by.name().to_owned(), to.to_owned());
            Some(Custody { seq: record.seq, at: record.at, deed, sha256: sha256.clone(), by, host, to })
        })
        .collect();
    out.sort_by_key(|custody| custody.seq);
    out
}
