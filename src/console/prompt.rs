//! What the console asks of the person before something is done. While a prompt stands it owns the keys, rows do
//! not move, and what it will act on is the incident it names, whatever the list does behind it.

use serde::{Deserialize, Serialize};

pub mod agree;
pub mod fill;
pub mod gates;
pub mod line;
pub mod roles;

pub use agree::{Agree, Agreement};
pub use fill::Fill;
pub use gates::Gates;
pub use line::CommandLine;
pub use roles::Roles;

use super::bulletin::BulletinForm;
use super::escalation::EscalationForm;
use super::field::Field;
use super::lesson::LessonForm;
use super::report::ReportForm;
use crate::backend::{Applicable, Asked};
use crate::domain::action::{ActionId, Stage, Verb};
use crate::domain::bulletin::Audience;
use crate::domain::category::Category;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::plan::Plan;
use crate::domain::record::CloseReason;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// What the console asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prompt {
    /// A line of text.
    Text(Text),
    /// One of several.
    Choose(Choose),
    /// The values of a plan's parameters.
    Form(Form),
    /// What is said about how much it weighs.
    Fill(Fill),
    /// What is missing before the response moves on.
    Gates(Gates),
    /// Who plays which role.
    Roles(Roles),
    /// A command by its name.
    Line(CommandLine),
    /// What was learnt.
    Lesson(Box<LessonForm>),
    /// Whether to do what a page says.
    Agree(Box<Agree>),
    /// To whom the watch is offered.
    OfferWatch {
        /// Their name.
        field: Field,
        /// Why it will not do.
        error: Option<String>,
    },
    /// What a bulletin says.
    Bulletin(Box<BulletinForm>),
    /// Whom to tell, and what.
    Escalation(Box<EscalationForm>),
    /// What was reported.
    Report(Box<ReportForm>),
    /// Nothing yet: the engine is working.
    Waiting(Waiting),
    /// Whether to carry out a plan.
    Confirm(Box<Confirm>),
    /// Whether to take an incident over from somebody.
    TakeOver {
        /// Which incident.
        id: IncidentId,
        /// The version that was shown.
        seen: u64,
        /// Who holds it.
        owner: String,
    },
    /// Nothing: it says why a row stands where it stands.
    Explain {
        /// Which incident.
        id: IncidentId,
        /// The strongest reason first.
        reasons: Vec<String>,
    },
    /// The filter of the list.
    Filter {
        /// The query.
        field: Field,
        /// Why it is none.
        error: Option<String>,
    },
    /// The words that shown records must have.
    Find {
        /// The words.
        field: Field,
    },
    /// Whether to leave.
    Leave {
        /// What would stop.
        stops: Vec<String>,
        /// When its first frame was on the screen.
        drawn_at: Option<Time>,
    },
}

/// A line of text that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// About which incident.
    pub id: IncidentId,
    /// The version that was shown.
    pub seen: u64,
    /// For what.
    pub asks: Asks,
    /// What is typed.
    pub field: Field,
    /// Why it will not do.
    pub error: Option<String>,
}

/// What a line of text is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// A note.
    Note,
    /// What was done to make it better.
    Mitigation,
    /// Why nothing needs to be contained.
    NothingToContain,
    /// Why a containment stays in force.
    Keeping {
        /// Its number.
        action: ActionId,
        /// What it is.
        what: String,
    },
    /// Why it is handed back.
    HandingBack,
    /// Why what was said before changes.
    Change(Change),
    /// Why gates are waived.
    Waiver {
        /// On the way to here.
        to: Phase,
        /// What is missing.
        missing: Vec<String>,
    },
    /// Why it is closed.
    Closing {
        /// The reason chosen.
        reason: CloseReason,
        /// Why it needs words, if it does.
        required: Option<String>,
    },
    /// What became of an action.
    Settlement {
        /// Its number.
        action: ActionId,
        /// What it was.
        what: String,
    },
}

/// What changes although somebody had said it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// How bad: from, to.
    Severity(Severity, Severity),
    /// What sort of trouble: from, to.
    Category(Category, Category),
}

/// One of several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choose {
    /// About which incident.
    pub id: IncidentId,
    /// The version that was shown.
    pub seen: u64,
    /// What is chosen.
    pub title: String,
    /// The choices.
    pub choices: Vec<Choice>,
    /// The place of the highlighted one.
    pub at: usize,
    /// Why it cannot be taken.
    pub error: Option<String>,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What it stands for.
    pub picked: Picked,
    /// Its name.
    pub title: String,
    /// What it means; shown beside its name.
    pub says: String,
    /// More about it, shown while it is highlighted.
    pub more: Vec<(String, Option<Outside>)>,
    /// Why it cannot be taken.
    pub barred: Option<String>,
}

/// What a choice stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Picked {
    /// A severity.
    Severity(Severity),
    /// A category.
    Category(Category),
    /// A phase.
    Phase(Phase),
    /// A reason to close.
    Reason(CloseReason),
    /// Something that leaves the machine.
    Verb(Box<Applicable>),
    /// Whom a bulletin is for.
    Audience(Audience),
    /// An action whose outcome is unknown.
    Unsettled(ActionId),
    /// A playbook, to be chosen next.
    Playbook,
    /// That nothing needs to be contained.
    NothingToContain,
    /// To undo a containment.
    Undo(ActionId),
    /// To keep a containment in force.
    Keep(ActionId),
}

/// Which of the verbs a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Carry out a playbook.
    Contain,
    /// Reverse one.
    Undo,
    /// Tell others.
    Escalate,
    /// Say to those outside what goes on.
    Publish,
}

impl Kind {
    /// Which kind a verb is of.
    pub fn of(verb: &Verb) -> Self {
        match verb {
            Verb::Contain { .. } => Self::Contain,
            Verb::Undo { .. } => Self::Undo,
            Verb::Escalate { .. } => Self::Escalate,
            Verb::Publish { .. } => Self::Publish,
        }
    }
}

/// The values of a plan's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// For which incident.
    pub id: IncidentId,
    /// What would be done.
    pub offered: Applicable,
    /// What is asked, with what is typed.
    pub fields: Vec<(Asked, Field)>,
    /// The place of the field with the caret.
    pub at: usize,
    /// Why it will not do.
    pub error: Option<Outside>,
}

/// The engine is working on an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// For which incident.
    pub id: IncidentId,
    /// For what.
    pub what: Awaited,
    /// The prompt to go back to when the answer is a refusal.
    pub back: Option<Box<Prompt>>,
}

/// What the engine is working on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaited {
    /// What can be done.
    Applicable(Kind),
    /// A plan.
    Plan(Verb),
}

/// A plan that waits for its final Enter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirm {
    /// For which incident.
    pub id: IncidentId,
    /// What is shown, and would run.
    pub plan: Plan,
    /// What the incident was like when the plan came.
    pub when_planned: Facts,
    /// The target as typed, where it must be.
    pub target: Option<Field>,
    /// When its first frame was on the screen.
    pub drawn_at: Option<Time>,
    /// The last key before the final Enter.
    pub last_key: Option<Time>,
    /// The question "this may happen twice".
    pub twice: Twice,
    /// Why the last Enter did not count.
    pub nudge: Option<String>,
    /// What has changed since it was planned: it can no longer be confirmed.
    pub differences: Vec<String>,
    /// Lines scrolled away.
    pub top: u16,
    /// Its last line has been on the screen.
    pub read: bool,
    /// It was confirmed; the engine is writing it down.
    pub sent: bool,
    /// The form it was planned from; Esc goes back there.
    pub back: Option<Box<Prompt>>,
}

/// The question "this may happen twice".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Twice {
    /// It need not be asked.
    No,
    /// It will be asked after the plan is confirmed.
    Due,
    /// It is being asked.
    Asked,
}

/// What of an incident a plan depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Not closed.
    pub open: bool,
    /// How bad.
    pub severity: Severity,
    /// Who holds it.
    pub owner: Option<String>,
    /// Earlier actions on the plan's target.
    pub earlier: Vec<(ActionId, Stage)>,
}

impl Prompt {
    /// The incident it acts on.
    pub fn id(&self) -> Option<&IncidentId> {
        match self {
            Self::Text(Text { id, .. })
            | Self::Choose(Choose { id, .. })
            | Self::Form(Form { id, .. })
            | Self::Waiting(Waiting { id, .. })
            | Self::Fill(Fill { id, .. })
            | Self::Gates(Gates { id, .. })
            | Self::Roles(Roles { id, .. })
            | Self::TakeOver { id, .. }
            | Self::Explain { id, .. } => Some(id),
            Self::Confirm(confirm) => Some(&confirm.id),
            Self::Line(line) => line.id.as_ref(),
            Self::Lesson(form) => Some(&form.id),
            Self::Agree(agree) => agree.id(),
            Self::Bulletin(form) => Some(&form.id),
            Self::Escalation(form) => Some(&form.id),
            Self::OfferWatch { .. }
            | Self::Report(_)
            | Self::Filter { .. }
            | Self::Find { .. }
            | Self::Leave { .. } => None,
        }
    }

    /// Whether somebody wrote more in it than can be typed again: it is not left without a question.
    pub fn holds_text(&self) -> bool {
        match self {
            Self::Bulletin(_) | Self::Escalation(_) | Self::Report(_) | Self::Lesson(_) => true,
            Self::Waiting(Waiting { back, .. }) => back.as_ref().is_some_and(|back| back.holds_text()),
            Self::Confirm(confirm) => confirm.back.is_some(),
            _ => false,
        }
    }

    /// Bound to the incident as it is now, with why it could not be written down.
    #[must_use]
    pub fn refused(mut self, incident: Option<&Incident>, why: String) -> Self {
        let version = incident.map(|incident| incident.version);
        match &mut self {
            Self::Text(text) => {
                text.seen = version.unwrap_or(text.seen);
                text.error = Some(why);
            }
            Self::Fill(fill) => {
                if let Some(incident) = incident {
                    fill.rebind(incident);
                }
                fill.error = Some(why);
            }
            Self::Roles(roles) => {
                roles.seen = version.unwrap_or(roles.seen);
                (roles.sure, roles.error) = (false, Some(why));
            }
            Self::Lesson(form) => {
                form.seen = version.unwrap_or(form.seen);
                form.error = Some(Outside::new(why));
            }
            Self::Line(line) => {
                line.seen = version.unwrap_or(line.seen);
                line.error = Some(line::Wrong::all(why));
            }
            _ => {}
        }
        self
    }
}
