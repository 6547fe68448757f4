//! What has happened, as the console is told it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::chord::Chord;
use super::command::Command;
use super::editing::Handed;
use super::ledger::Stretch;
use super::measure::{Counted, Reach};
use super::model::Said;
use super::recording::Token;
use super::tying::Tying;
use crate::backend::{Applicable, Catalogue, Changes, Detail, Receipt, Refusal};
use crate::domain::card::Account;
use crate::domain::chain::{Stored, Verdict};
use crate::domain::fault::Fault;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::packet::Packet;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::record::Record;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Why what was to be suspended goes on.
pub const NOT_SUSPENDED: &str = "not suspended: no shell could continue it";

/// What has happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// The console begins; `open` is the incident to begin with, as given on the command line.
    Started {
        /// An id, a bare number or an upstream id.
        open: Option<String>,
    },

    // --- the terminal
    /// A key was pressed (or repeats).
    Pressed(Chord),
    /// Text came by bracketed paste.
    Pasted(Outside),
    /// A command was run by its name, where a recording has that instead of the keys.
    Ran(Command),
    /// The terminal has this size.
    Resized {
        /// Cells across.
        cols: u16,
        /// Cells down.
        rows: u16,
    },
    /// The terminal got or lost the focus.
    Focused(bool),
    /// A frame has reached the terminal. Needed only while [`Model::awaits_frame`](super::model::Model::awaits_frame).
    Drawn,
    /// The moment of [`Model::next_wake`](super::model::Model::next_wake) has come.
    Ticked,
    /// The console runs again after it was suspended.
    Resumed,
    /// It was to be suspended, and goes on: nobody could have continued it.
    NotSuspended,
    /// It is not recorded any more, and why.
    RecordingEnded(String),

    // --- the engine
    /// Something changed there, or the wait for it ended.
    Changed(Box<Changes>),
    /// The engine did not answer.
    EngineLost(Fault),
    /// The answer to [`Effect::LoadCatalogue`](super::effect::Effect::LoadCatalogue).
    Listed(Result<Box<Catalogue>, Refusal>),
    /// The answer to [`Effect::Load`](super::effect::Effect::Load), and to
    /// [`Effect::ReadAhead`](super::effect::Effect::ReadAhead).
    Opened {
        /// What was asked for.
        asked: String,
        /// What there is.
        detail: Result<Box<Detail>, Refusal>,
    },
    /// The answer to [`Effect::FindApplicable`](super::effect::Effect::FindApplicable).
    Found {
        /// For which incident.
        id: IncidentId,
        /// What can be done.
        applicable: Result<Vec<Applicable>, Refusal>,
    },
    /// The answer to [`Effect::Plan`](super::effect::Effect::Plan).
    Planned {
        /// For which incident.
        id: IncidentId,
        /// The plan.
        plan: Result<Box<Plan>, Refusal>,
    },
    /// The answer to [`Effect::Submit`](super::effect::Effect::Submit).
    Submitted {
        /// Which plan.
        hash: PlanHash,
        /// What came of it so far.
        receipt: Result<Box<Receipt>, Refusal>,
    },
    /// The answer to [`Effect::Approve`](super::effect::Effect::Approve).
    Approved {
        /// Which plan.
        hash: PlanHash,
        /// What came of it so far.
        receipt: Result<Box<Receipt>, Refusal>,
    },
    /// The answer to [`Effect::Record`](super::effect::Effect::Record).
    Recorded {
        /// Which record.
        token: Token,
        /// The incident as it is now.
        incident: Result<Arc<Incident>, Refusal>,
    },
    /// After an acknowledgement: what became of it at a source of the incident.
    AcknowledgedThere {
        /// Of which incident.
        id: IncidentId,
        /// What came of it so far.
        receipt: Result<Box<Receipt>, Refusal>,
    },
    /// The answer to [`Effect::ReadWatch`](super::effect::Effect::ReadWatch).
    WatchRead {
        /// Since when.
        since: Time,
        /// Every incident of that time; those that go on with all there is of them.
        read: Result<Vec<Account>, Refusal>,
    },
    /// The answer to [`Effect::Count`](super::effect::Effect::Count).
    Counted {
        /// Over which time.
        reach: Reach,
        /// Before when.
        of: Time,
        /// The metrics of that time.
        counted: Result<Box<Counted>, Refusal>,
    },
    /// The answer to [`Effect::ReadRecords`](super::effect::Effect::ReadRecords).
    RecordsRead {
        /// Which were asked for.
        stretch: Stretch,
        /// The oldest first.
        records: Result<Vec<Record>, Refusal>,
    },
    /// The answer to [`Effect::ReadStored`](super::effect::Effect::ReadStored).
    StoredRead {
        /// Its sequence number.
        seq: u64,
        /// As it stands.
        stored: Result<Stored, Refusal>,
    },
    /// The answer to [`Effect::Verify`](super::effect::Effect::Verify).
    Verified(Result<Verdict, Refusal>),
    /// The answer to [`Effect::Refresh`](super::effect::Effect::Refresh).
    Refreshed(Result<(), Refusal>),
    /// The answer to [`Effect::Tie`](super::effect::Effect::Tie).
    Tied {
        /// What was asked for.
        tying: Tying,
        /// The incidents as they are now.
        after: Result<Vec<Arc<Incident>>, Refusal>,
    },
    /// The answer to [`Effect::OfferWatch`](super::effect::Effect::OfferWatch).
    WatchOffered {
        /// To whom.
        to: String,
        /// Whether it is; and whether anybody of that name has been seen here.
        offered: Result<bool, Refusal>,
    },
    /// The answer to [`Effect::TakeWatch`](super::effect::Effect::TakeWatch).
    WatchTaken {
        /// Which offer.
        offer: u64,
        /// Whether it is.
        taken: Result<(), Refusal>,
    },
    /// The answer to [`Effect::Publish`](super::effect::Effect::Publish).
    Published {
        /// Of which incident.
        id: IncidentId,
        /// The incident as it is now, and the file.
        published: Result<(Arc<Incident>, String), Refusal>,
    },
    /// The answer to [`Effect::ReadPacket`](super::effect::Effect::ReadPacket).
    PacketRead {
        /// Of which incident.
        id: IncidentId,
        /// Of which path.
        path: String,
        /// What an escalation on it would say.
        packet: Result<Box<Packet>, Refusal>,
    },
    /// The answer to [`Effect::Open`](super::effect::Effect::Open).
    Reported(Result<Arc<Incident>, Refusal>),
    /// What the demo's channels have received so far.
    Heard(Vec<Said>),
    /// The answer to [`Effect::OpenLink`](super::effect::Effect::OpenLink).
    LinkOpened {
        /// Where it leads.
        host: String,
        /// Whether the program took it.
        opened: Result<(), Fault>,
    },
    /// The answer to [`Effect::Edit`](super::effect::Effect::Edit).
    Edited {
        /// What was handed to the editor.
        handed: Handed,
        /// What was written there, or why it does not count.
        written: Result<Outside, String>,
        /// The file that holds it, where it is not what was handed out.
        file: Option<String>,
    },
    /// The button of a popup about it was pressed, which acknowledges.
    PopupPressed(IncidentId),
    /// What became of [`Effect::Deliver`](super::effect::Effect::Deliver).
    NoticeShown {
        /// The notice's sequence number.
        notice: u64,
        /// By which rungs: `bell, osc9`.
        how: String,
    },
}
