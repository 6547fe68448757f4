//! What can happen at all, in the past tense.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    BulletinAnswered, BulletinSeen, BulletinSettled, BulletinStarted, CloseReason, DeadlineMet, DeadlineNear,
    DeadlinePassed, DeadlineSet, DeadlineWithdrawn, PathArmed, PathHeld, PathStopped, SnoozeEnded, Snoozed,
    StepMissed, StepSent, StepStarted, Tied, Told, UndoneWith,
};
use crate::domain::action::{ActionId, Answer, Outcome, Settlement};
use crate::domain::approval::Confirmed;
use crate::domain::category::Category;
use crate::domain::classification::{Fact, Impact};
use crate::domain::evidence::Evidence;
use crate::domain::fault::Fault;
use crate::domain::freshness::SourceState;
use crate::domain::identity::Signature;
use crate::domain::notice::Notice;
use crate::domain::opening::{Joining, Opening};
use crate::domain::phase::Phase;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::review::Item;
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::signal::SignalKey;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    // --- signals
    /// An incident began.
    Opened(Box<Opening>),
    /// Another signal joined it.
    SignalJoined(Box<Joining>),
    /// A cleared signal fires again.
    SignalReturned {
        /// Which.
        key: SignalKey,
    },
    /// A signal went away.
    SignalCleared {
        /// Which.
        key: SignalKey,
        /// Why it counts as gone.
        because: String,
    },
    /// A signal's severity changed at its source.
    SignalResorted {
        /// Which.
        key: SignalKey,
        /// What the rules say now.
        severity: Severity,
        /// No rule knew it.
        unmapped: bool,
    },
    /// It came and went more often than is written down.
    SignalFlapped {
        /// Which.
        key: SignalKey,
        /// How many changes were not written down.
        times: u32,
    },
    /// Its source holds it differently now.
    UpstreamTurned {
        /// Which.
        key: SignalKey,
        /// Who acknowledged it there; `None` when nobody holds it.
        held_by: Option<Outside>,
        /// Nobody answered at any level of its policy there.
        exhausted: bool,
        /// Nobody had answered, and somebody is paged about it there again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pages_again: bool,
        /// The word for its state there, where nothing says what that word means.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unnamed_state: Option<Outside>,
    },
    /// A linked monitor turned.
    MonitorTurned {
        /// Its name.
        monitor: String,
        /// Up, or down.
        up: bool,
        /// What it saw.
        detail: Outside,
    },
    /// A person said something of this one and another, which has it written down as well.
    Tied(Tied),

    // --- what people do here
    /// Somebody holds it.
    Acknowledged {
        /// How long it holds without an act of the owner, in seconds.
        lasts_s: u64,
        /// Who was relieved of it.
        from: Option<String>,
    },
    /// It was held for too long without an act.
    AckExpired {
        /// By whom.
        owner: String,
    },
    /// A note.
    Noted {
        /// The note.
        text: Outside,
    },
    /// The owner gave it back: whoever is next on its paths is told at once.
    HandedBack {
        /// Why.
        because: Option<Outside>,
    },
    /// It was put off for a while.
    Snoozed(Snoozed),
    /// It is not put off any more.
    SnoozeEnded(SnoozeEnded),
    /// Somebody plays a role.
    RoleTaken {
        /// Which.
        role: Role,
        /// Who.
        name: Outside,
        /// Who played it until now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Outside>,
    },
    /// A role was offered to somebody; it is theirs once they accept.
    RoleOffered {
        /// Which.
        role: Role,
        /// To whom.
        to: Outside,
    },
    /// A role that was offered was accepted, by whom it was offered to.
    RoleAccepted {
        /// Which.
        role: Role,
    },
    /// How many are affected.
    ImpactAssessed {
        /// How many.
        impact: Impact,
        /// How that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Outside>,
    },
    /// A person's severity, which stands from now on.
    SeveritySet {
        /// How bad.
        severity: Severity,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Outside>,
    },
    /// A person's category.
    CategorySet {
        /// What sort.
        category: Category,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Outside>,
    },
    /// Something else about how much it weighs.
    Classified {
        /// What.
        fact: Fact,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Outside>,
    },
    /// An item of the packet became known to a person.
    PacketFilled {
        /// Which item.
        item: String,
        /// What is known.
        value: Outside,
    },
    /// No containment is needed.
    NothingToContain {
        /// Why.
        because: Outside,
    },
    /// What was done to make it better.
    Mitigated {
        /// What.
        what: Outside,
    },
    /// A containment stays in force after the incident.
    ContainmentKept {
        /// Its number.
        action: ActionId,
        /// Why.
        because: Outside,
    },
    /// What watches it became healthy, or stopped being so.
    HealthTurned {
        /// Whether all of it is healthy.
        healthy: bool,
        /// For how long it must stay so.
        needs: Span,
        /// What was looked at, or what is not healthy.
        detail: Outside,
    },
    /// The response moved.
    PhaseMoved {
        /// To here.
        to: Phase,
        /// Why gates between were waived, if any were.
        waived: Option<Outside>,
    },
    /// It ended.
    Closed {
        /// Why.
        reason: CloseReason,
        /// In whose words.
        note: Option<Outside>,
    },
    // --- review
    /// Why it happened.
    RootCauseFound {
        /// Why.
        text: Outside,
    },
    /// Something is done so that it does not happen again.
    ItemAdded {
        /// What, by whom, until when, and what proves it.
        item: Item,
    },
    /// It is done.
    ItemDone {
        /// Its number, from 1.
        item: u32,
        /// What proves it.
        proof: Outside,
    },
    /// The post-mortem was published.
    Published {
        /// The SHA-256 of its Markdown, lower-case hex.
        sha256: String,
    },

    // --- approval and evidence
    /// Somebody confirmed a plan that needs a second person; nothing has left.
    ApprovalAsked {
        /// What was shown.
        plan: Box<Plan>,
        /// Until when it may be approved and carried out.
        until: Time,
        /// The target as typed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        typed: Option<Outside>,
        /// The requester's, over the plan's hash.
        signature: Signature,
    },
    /// A second person consents to exactly this plan.
    Approved {
        /// Which.
        plan: PlanHash,
        /// The sequence number of the record that asked.
        ask: u64,
        /// The approver's, over the plan's hash, the ask and its end.
        signature: Signature,
    },
    /// A consent that does not count.
    ApprovalRefused {
        /// To which plan.
        plan: PlanHash,
        /// Why.
        because: Outside,
    },
    /// Something was kept.
    EvidenceKept(Evidence),
    /// What should have been kept before an action could not be had.
    CaptureMissed {
        /// Before which.
        action: ActionId,
        /// Its name.
        name: String,
        /// Why.
        because: Outside,
    },

    // --- actions
    /// Somebody confirmed a plan; nothing has left.
    Intended {
        /// Its number.
        action: ActionId,
        /// What was shown.
        plan: Box<Plan>,
        /// What the person did at the confirmation.
        #[serde(default)]
        confirmed: Box<Confirmed>,
    },
    /// It leaves now.
    Sent {
        /// Its number.
        action: ActionId,
    },
    /// It leaves once more, with the same key: the other side was said to recognise it.
    SentAgain {
        /// Its number.
        action: ActionId,
        /// Which attempt this is, from 2.
        attempt: u32,
        /// Why the one before does not count.
        because: Outside,
    },
    /// What came back, or did not.
    Answered {
        /// Its number.
        action: ActionId,
        /// What it amounts to.
        outcome: Outcome,
        /// In one line.
        detail: Outside,
        /// What else is known of the answer.
        #[serde(default)]
        answer: Answer,
    },
    /// What reading back, or a person, made of it.
    Settled {
        /// Its number.
        action: ActionId,
        /// How.
        settlement: Settlement,
        /// In one line.
        detail: Outside,
    },
    /// What reversed another containment of the same target has reversed this one as well.
    UndoneWith(UndoneWith),

    // --- escalation
    /// A path counts.
    PathArmed(PathArmed),
    /// A path that would have been armed was not.
    PathHeld(PathHeld),
    /// Nothing more is sent by itself on one path.
    PathStopped(PathStopped),
    /// A step is about to be sent.
    StepStarted(StepStarted),
    /// A step was sent.
    StepSent(StepSent),
    /// A step was too late to send.
    StepMissed(StepMissed),
    /// Those who were paged were told more.
    Told(Told),

    // --- bulletins and deadlines
    /// A bulletin is about to leave.
    BulletinStarted(BulletinStarted),
    /// What one channel made of it.
    BulletinAnswered(BulletinAnswered),
    /// Whether readers can see it.
    BulletinSeen(BulletinSeen),
    /// A person found out what became of it.
    BulletinSettled(BulletinSettled),
    /// Something is due.
    DeadlineSet(DeadlineSet),
    /// What was due was done.
    DeadlineMet(DeadlineMet),
    /// Little time is left.
    DeadlineNear(DeadlineNear),
    /// Something due was not done.
    DeadlinePassed(DeadlinePassed),
    /// What was due need not be done any more.
    DeadlineWithdrawn(DeadlineWithdrawn),

    // --- the console as a whole
    /// The watch was offered to the next person, with the card of everything that is open.
    WatchOffered {
        /// To whom.
        to: String,
        /// The card, as Markdown.
        card: Outside,
    },
    /// The next person took the watch.
    WatchAccepted {
        /// The sequence number of the offer.
        offer: u64,
    },
    /// Whoever offered the watch took the offer of this sequence number back.
    WatchWithdrawn(u64),
    /// The values of its sensitive labels are shown to somebody, from now on.
    SensitiveRead {
        /// Which labels.
        labels: Vec<Outside>,
    },
    /// Somebody read a piece of evidence.
    EvidenceRead {
        /// Its SHA-256, lower-case hex.
        sha256: String,
    },
    /// Records or evidence left the console's files.
    Exported {
        /// Of what: an incident's id, or `ledger`.
        what: String,
        /// The SHA-256 of what was written, lower-case hex.
        sha256: String,
        /// Its size.
        bytes: u64,
        /// Where to.
        to: Outside,
    },
    /// Another configuration counts.
    ConfigurationLoaded {
        /// The SHA-256 of the effective configuration without its secrets, lower-case hex.
        sha256: String,
        /// Whether verbs of the change class are on.
        actions: bool,
        /// The tables that differ from the one before.
        changed: Vec<String>,
        /// The SHA-256 of every table, by name.
        #[serde(default)]
        tables: BTreeMap<String, String>,
    },
    /// The safety file appeared, or went away.
    SafetyTurned {
        /// Every change is off.
        off: bool,
        /// The file.
        file: String,
    },
    /// A source changed state.
    SourceTurned {
        /// Its name.
        source: String,
        /// From.
        from: SourceState,
        /// To.
        to: SourceState,
        /// Why.
        fault: Option<Fault>,
    },
    /// Somebody should look.
    NoticeRaised(Notice),
    /// A console told its operator.
    NoticeDelivered {
        /// The sequence number of the notice.
        notice: u64,
        /// On which console.
        console: String,
        /// By which rungs.
        how: String,
    },
}
