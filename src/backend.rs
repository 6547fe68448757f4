//! The one boundary between an engine and whoever looks at it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::action::Verb;
use crate::domain::bulletin::{self, Reach};
use crate::domain::calendar::Calendar;
use crate::domain::category::Category;
use crate::domain::chain::{Stored, Verdict};
pub use crate::domain::earlier::Earlier;
use crate::domain::escalation::{ArmedStep, Escalation, Path, Step, StepState};
use crate::domain::fault::Fault;
use crate::domain::freshness::SourceStatus;
use crate::domain::id::{Cursor, IncidentId};
use crate::domain::identity::Person;
use crate::domain::incident::Incident;
use crate::domain::monitor::MonitorStatus;
use crate::domain::notice::Notice;
use crate::domain::opening::Reported;
use crate::domain::operator::Operator;
use crate::domain::packet::Packet;
pub use crate::domain::parameter::Offer;
use crate::domain::parameter::Parameter;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::playbook::Playbook;
use crate::domain::record::{Entry, Record};
use crate::domain::severity::Severity;
use crate::domain::signal::{Labels, Signal};
use crate::domain::snooze::Limits;
use crate::domain::text::Outside;
use crate::domain::tie::{Seen, Tie};
use crate::domain::time::Time;

mod confirmation;

pub use confirmation::Confirmation;

/// Why something was not done, in words that say what to do next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", message.safe())]
pub struct Refusal {
    /// What kind of refusal.
    pub kind: RefusalKind,
    /// One line.
    pub message: Outside,
    /// What has changed since the caller looked, one line each.
    pub differences: Vec<String>,
    /// The incident as it is now, where that is the reason.
    pub current: Option<Arc<Incident>>,
}

/// What kind of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// Quell's rules, or the other side, say no.
    Refused,
    /// It changed since the caller looked.
    Changed,
    /// There is no such thing.
    NotFound,
    /// The call itself is wrong.
    Usage,
    /// The engine, the ledger or the other side cannot be reached.
    Unreachable,
    /// Not permitted here: actions are off.
    ReadOnly,
}

impl Refusal {
    /// A refusal of this kind, said in one line.
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: Outside::new(message), differences: Vec::new(), current: None }
    }
}

/// Who polls, probes and keeps deadlines on this ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its terminal, where it has one.
    pub tty: Option<String>,
    /// Whether it is this process.
    pub here: bool,
    /// Its last sign of life.
    pub beat: Option<Time>,
}

/// Whether verbs of the change class are on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionsNow {
    /// Not configured: read-only towards the world.
    #[default]
    Off,
    /// On.
    On,
    /// Configured, and off while this file exists.
    SafetyOff(String),
}

/// What has happened since a cursor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Where to go on from.
    pub cursor: Cursor,
    /// Incidents that are new or changed. Closed ones are delivered once more as they closed.
    pub incidents: Vec<Arc<Incident>>,
    /// Incidents that are no longer kept (closed for long).
    pub removed: Vec<IncidentId>,
    /// Every source as it is now.
    pub sources: Vec<SourceStatus>,
    /// Every monitor as it is now.
    pub monitors: Vec<MonitorStatus>,
    /// Notices raised since, with the sequence number that names each.
    pub notices: Vec<(u64, Time, Notice)>,
    /// The watch that waits to be taken.
    pub watch: Option<WatchOffer>,
    /// The watch that was taken last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed: Option<WatchHanded>,
    /// Who holds the lease.
    pub holder: Option<Holder>,
    /// Whether verbs of the change class are on at this moment.
    pub actions: ActionsNow,
    /// Why nothing can be written down, and so nothing done.
    pub ledger: Option<Fault>,
    /// Why the program that should hear of notices did not hear of the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deaf: Option<Outside>,
    /// The engine's clock.
    pub now: Time,
}

/// An incident with everything about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// The incident.
    pub incident: Arc<Incident>,
    /// Its records, oldest first.
    pub records: Vec<Record>,
    /// Its signals as their sources say them now; those that went away, as they said them last.
    pub signals: Vec<Signal>,
    /// Its linked monitors.
    pub monitors: Vec<String>,
    /// Earlier incidents like it, newest first.
    pub earlier: Vec<Earlier>,
}

/// A watch that was offered and not yet taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchOffer {
    /// The sequence number of the offer.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// By whom.
    pub by: String,
    /// To whom.
    pub to: String,
    /// The card of everything that is open, as Markdown.
    pub card: Outside,
}

/// A watch that was offered and taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchHanded {
    /// Who offered it.
    pub by: String,
    /// Who took it.
    pub to: String,
    /// When.
    pub at: Time,
}

/// An incident opened by hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// One line.
    pub title: Outside,
    /// How bad.
    pub severity: Severity,
    /// What sort of trouble.
    pub category: Category,
    /// Of which service; may be empty.
    pub service: Outside,
    /// Labels.
    pub labels: Labels,
    /// Who reported it, where a person outside the response did.
    pub reported: Option<Reported>,
}

/// What this engine can do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Every playbook.
    pub playbooks: Vec<Playbook>,
    /// Every path.
    pub paths: Vec<Path>,
    /// The channels that can tell people: what the steps of a path may name.
    pub tellers: Vec<String>,
    /// How those that carry bulletins reach their readers.
    pub reaches: BTreeMap<String, Reach>,
    /// What bulletins may say, how often, and where each audience reads.
    pub bulletins: bulletin::Settings,
    /// How long an acknowledgement holds without an act of its owner, in seconds.
    pub ack_lasts_s: u64,
    /// For how long an incident may be put off.
    #[serde(default)]
    pub snooze: Limits,
    /// Which days are business days.
    #[serde(default)]
    pub calendar: Calendar,
    /// Whose keys are known, and what they may do.
    #[serde(default)]
    pub people: Vec<Person>,
}

/// A value as a form asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Its name.
    pub name: String,
    /// What it must be. An item of a packet may be any words.
    pub parameter: Option<Parameter>,
    /// Filled in already; never when its sources disagree.
    pub prefilled: Option<Outside>,
    /// What its sources say.
    pub offers: Vec<Offer>,
}

/// A step of a path as a form shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferedStep {
    /// Who, after how long.
    pub step: Step,
    /// When it is sent by itself, if it is.
    pub due: Option<Time>,
    /// Where it stands.
    pub state: StepState,
    /// It is the one that is sent unless another is asked for.
    pub next: bool,
}

impl OfferedStep {
    /// The steps a path is armed with, else those it is configured with.
    pub fn all(path: &Path, armed: Option<&Escalation>) -> Vec<Self> {
        let next = armed.map_or(1, Escalation::next_or_first);
        let Some(armed) = armed else {
            let waits = |(number, step): (u32, &Step)| Self {
                step: step.clone(),
                due: None,
                state: StepState::Waiting,
                next: number == next,
            };
            return (1..).zip(&path.steps).map(waits).collect();
        };
        let runs = armed.stopped.is_none();
        let stands = |(number, step): (u32, &ArmedStep)| Self {
            step: Step { after: step.after, to: step.to.clone() },
            due: (runs && step.state == StepState::Waiting).then_some(step.due),
            state: step.state.clone(),
            next: number == next,
        };
        (1..).zip(&armed.steps).map(stands).collect()
    }
}

/// A verb that applies to an incident now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applicable {
    /// What it would do.
    pub verb: Verb,
    /// Its title.
    pub title: String,
    /// What it does to whom.
    pub blast: String,
    /// What a form asks for.
    pub asked: Vec<Asked>,
    /// The one of them that names what is hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The steps of a path, armed or as configured. One without any can be planned with steps of a person's own.
    pub steps: Vec<OfferedStep>,
    /// Why it cannot be done now as it is.
    pub barred: Option<String>,
    /// It is the one quell would pick.
    pub suggested: bool,
}

/// A submitted plan's action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The incident as it is now.
    pub incident: Arc<Incident>,
    /// The action's number; `None` for a telling, a bulletin, and for what waits.
    pub action: Option<u32>,
    /// Nothing has left: a second person may approve it until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<Time>,
    /// The plan was submitted before: this is the old receipt.
    pub repeated: bool,
}

/// What every engine answers. Every call carries the operator.
#[async_trait]
pub trait Backend: Send + Sync {
    /// What has happened since `cursor`; waits up to `wait` when nothing has. The empty cursor asks for everything.
    async fn changes(&self, who: &Operator, cursor: &Cursor, wait: Duration) -> Result<Changes, Fault>;
    /// One incident with its records, by its id, its bare number or an upstream id.
    async fn incident(&self, who: &Operator, id: &str) -> Result<Detail, Refusal>;
    /// The same by its id alone, which a console knows: what else is called so is not looked for.
    async fn incident_known(&self, who: &Operator, id: &IncidentId) -> Result<Detail, Refusal> {
        self.incident(who, &id.to_string()).await
    }
    /// One incident as anybody sees it, whatever this person has read: for what others will read.
    async fn incident_for_anybody(&self, who: &Operator, id: &IncidentId) -> Result<Detail, Refusal>;
    /// Opens an incident by hand.
    async fn open(&self, who: &Operator, report: Report) -> Result<Arc<Incident>, Refusal>;
    /// Writes a local verb down. Refused only when the transition table refuses it now, or the same field changed
    /// since `seen`.
    async fn record(
        &self,
        who: &Operator,
        id: &IncidentId,
        seen: u64,
        entry: Entry,
    ) -> Result<Arc<Incident>, Refusal>;
    /// Acknowledges an incident that was acknowledged here wherever its sources want that and nobody holds it there: what
    /// became of each so far. Nothing where there is nothing to do.
    async fn acknowledge_there(&self, who: &Operator, id: &IncidentId) -> Vec<Result<Receipt, Refusal>>;
    /// What this engine can do.
    async fn catalogue(&self, who: &Operator) -> Result<Catalogue, Refusal>;
    /// The verbs that apply to an incident now: containments, undos, escalations, bulletins.
    async fn applicable(&self, who: &Operator, id: &IncidentId) -> Result<Vec<Applicable>, Refusal>;
    /// What an escalation on a path would say now, and where each value was found.
    async fn packet(&self, who: &Operator, id: &IncidentId, path: &str) -> Result<Packet, Refusal>;
    /// Renders a plan; sends nothing but the look-up.
    async fn plan(
        &self,
        who: &Operator,
        id: &IncidentId,
        verb: Verb,
        parameters: BTreeMap<String, Outside>,
    ) -> Result<Plan, Refusal>;
    /// A plan made before.
    async fn look_up_plan(&self, who: &Operator, hash: &PlanHash) -> Result<Plan, Refusal>;
    /// Carries a plan out. Returns once intent and sending are durable; the outcome comes with the changes.
    async fn submit(
        &self,
        who: &Operator,
        hash: &PlanHash,
        confirmation: Confirmation,
    ) -> Result<Receipt, Refusal>;
    /// Approves what somebody else asked for, by its whole hash, and carries it out. Returns like
    /// [`submit`](Backend::submit); every refusal is written down.
    async fn approve(
        &self,
        who: &Operator,
        hash: &PlanHash,
        confirmation: Confirmation,
    ) -> Result<Receipt, Refusal>;
    /// Records from a sequence number on.
    async fn records(&self, who: &Operator, from: u64, limit: usize) -> Result<Vec<Record>, Refusal>;
    /// At most `limit` records before a sequence number, or the last ones; oldest first.
    async fn newest(&self, who: &Operator, before: Option<u64>, limit: usize)
    -> Result<Vec<Record>, Refusal>;
    /// One record exactly as it stands in the ledger, with its links.
    async fn stored(&self, who: &Operator, seq: u64) -> Result<Stored, Refusal>;
    /// Reads the whole chain and names the first record that is not as it was written.
    async fn verify(&self, who: &Operator) -> Result<Verdict, Refusal>;
    /// Keeps a file with an incident, under its SHA-256.
    async fn keep_evidence(
        &self,
        who: &Operator,
        id: &IncidentId,
        name: Outside,
        content: Vec<u8>,
        note: Option<Outside>,
    ) -> Result<Arc<Incident>, Refusal>;
    /// What was kept, by its SHA-256 or at least eight of its first digits. The reading is recorded.
    async fn evidence(&self, who: &Operator, sha256: &str) -> Result<Vec<u8>, Refusal>;
    /// Everything about an incident as a tar file that proves itself, for a file called `to`. The export is recorded.
    async fn export(&self, who: &Operator, id: &IncidentId, to: &str) -> Result<Vec<u8>, Refusal>;
    /// Every incident that was open at `since` or later, whatever became of it, oldest first.
    async fn history(&self, who: &Operator, since: Time) -> Result<Vec<Arc<Incident>>, Refusal>;
    /// Writes down what a person says of incidents and another one, on both sides of each, all of it or nothing; gives
    /// back all of them, the other one last. Refused when the transition table refuses it now, or a field of one of
    /// them changed since it was seen.
    async fn tie(
        &self,
        who: &Operator,
        tie: Tie,
        of: &[Seen],
        to: &Seen,
    ) -> Result<Vec<Arc<Incident>>, Refusal>;
    /// Offers the watch to the next person, with the card of everything that is open; says whether anybody of that name
    /// has been seen here.
    async fn offer_watch(&self, who: &Operator, to: &str, card: Outside) -> Result<bool, Refusal>;
    /// Takes the watch that was offered: with it what its giver holds and the roles they play. Its giver takes it back,
    /// and nothing changes hands.
    async fn accept_watch(&self, who: &Operator, offer: u64) -> Result<(), Refusal>;
    /// Asks every source and monitor now, instead of when it is its turn; each at most every two seconds, and none that
    /// is to be left alone before that is over. The answers come with the changes.
    async fn refresh(&self, who: &Operator) -> Result<(), Refusal>;
    /// Says that what a heartbeat monitor watches lives, and gives back when that was. No record: the live tables
    /// keep the last one.
    async fn beat(&self, who: &Operator, monitor: &str) -> Result<Time, Refusal>;
    /// Writes down that this console told its operator of a notice.
    async fn delivered(&self, who: &Operator, notice: u64, console: &str, how: &str) -> Result<(), Refusal>;
}
