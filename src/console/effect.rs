//! What the console asks of the outside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::editing::Handed;
use super::ledger::Stretch;
use super::measure::Reach;
use super::recording::Token;
use super::tying::Tying;
use crate::backend::{Confirmation, Report};
use crate::domain::action::Verb;
use crate::domain::id::IncidentId;
use crate::domain::link::Link;
use crate::domain::notice::Notice;
use crate::domain::plan::PlanHash;
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Bytes that terminals take as one text to copy: 74 994 in base64.
pub const COPIED: usize = 56_244;

/// What the console asks of the outside. Each answer is the [`Message`](super::message::Message) named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// `Backend::catalogue` → `Listed`.
    LoadCatalogue,
    /// `Backend::incident` → `Opened`. At most one is under way.
    Load(String),
    /// `Backend::incident_known` → `Opened`: of an incident that a key may select next. At most one is under way.
    ReadAhead(IncidentId),
    /// `Backend::record` → `Recorded`.
    Record {
        /// What the answer comes back with.
        token: Token,
        /// About which incident.
        id: IncidentId,
        /// The version that was shown.
        seen: u64,
        /// What to write down.
        entry: Box<Entry>,
    },
    /// `Backend::applicable` → `Found`.
    FindApplicable(IncidentId),
    /// `Backend::plan` → `Planned`.
    Plan {
        /// For which incident.
        id: IncidentId,
        /// To do what.
        verb: Verb,
        /// With which values.
        parameters: BTreeMap<String, Outside>,
    },
    /// `Backend::submit` → `Submitted`.
    Submit {
        /// The plan that was shown.
        hash: PlanHash,
        /// What the person did.
        confirmation: Confirmation,
    },
    /// `Backend::approve`, signed → `Approved`.
    Approve {
        /// The plan that was shown.
        hash: PlanHash,
        /// The sequence number of the record that asks.
        ask: u64,
        /// Until when that stands, as it was shown.
        until: Time,
        /// What the person did.
        confirmation: Confirmation,
    },
    /// `Backend::history`, and `Backend::incident` of those that go on → `WatchRead`.
    ReadWatch {
        /// Since when.
        since: Time,
    },
    /// `Backend::history`, counted → `Counted`.
    Count {
        /// Over which time.
        reach: Reach,
        /// Before when.
        at: Time,
    },
    /// `Backend::newest`, or `records` → `RecordsRead`.
    ReadRecords(Stretch),
    /// `Backend::stored` → `StoredRead`.
    ReadStored(u64),
    /// `Backend::verify` → `Verified`.
    Verify,
    /// `Backend::refresh` → `Refreshed`.
    Refresh,
    /// `Backend::tie` → `Tied`.
    Tie(Tying),
    /// `Backend::offer_watch` → `WatchOffered`.
    OfferWatch {
        /// To whom.
        to: String,
        /// The card that was shown.
        card: Outside,
    },
    /// `Backend::accept_watch` → `WatchTaken`.
    TakeWatch {
        /// The offer that was shown.
        offer: u64,
    },
    /// `Backend::accept_watch` of one's own offer → `WatchTaken`.
    KeepWatch {
        /// The offer that is taken back.
        offer: u64,
    },
    /// Write a post-mortem to a new file, and that it is published into the ledger → `Published`.
    Publish {
        /// Of which incident.
        id: IncidentId,
        /// As it was shown.
        markdown: String,
    },
    /// Tell the operator, on the rungs of this console → `NoticeShown`.
    Deliver {
        /// The notice's sequence number; `None` for one this console raised itself, of which the ledger knows nothing.
        seq: Option<u64>,
        /// When it was raised.
        at: Time,
        /// What it says.
        notice: Notice,
        /// Somebody is looking at this console: banner and bell suffice, no pop-up.
        watched: bool,
    },
    /// Say on the desktop that a popup's button did nothing, and why, in the place of that popup.
    Refuse {
        /// Of which incident.
        id: IncidentId,
        /// Why.
        why: String,
    },
    /// `Backend::packet` → `PacketRead`.
    ReadPacket {
        /// Of which incident.
        id: IncidentId,
        /// Of which path.
        path: String,
    },
    /// `Backend::open` → `Reported`.
    Open(Box<Report>),
    /// Put a text where the person can paste it from: the clipboard of their own terminal. At most
    /// [`COPIED`] bytes.
    Copy(String),
    /// Give a link to the program that shows it → `LinkOpened`.
    OpenLink(Link),
    /// Hand the terminal and a text to the person's editor → `Edited`.
    Edit(Handed),
    /// Delete what the editor wrote: it stands whole in its field.
    DropDraft,
    /// The window's title; visible ASCII.
    Retitle(String),
    /// Stop until the shell continues the console → `Resumed`.
    Suspend,
    /// The whole screen is drawn again.
    Redraw,
    /// Leave.
    Quit,
}
