//! What the console asks of the person before something is done. While a prompt stands it owns the keys, rows do
//! not move, and what it will act on is the incident it names, whatever the list does behind it.

use serde::{Deserialize, Serialize};

pub mod agree;
mod choose;
mod confirm;
pub mod fill;
pub mod gates;
pub mod line;
pub mod parameters;
pub mod roles;
mod shown;
mod text;

pub use agree::{Agree, Agreement};
pub use choose::{Choice, Choose, Picked};
pub use confirm::{Confirm, Consent, Facts, Glass, Twice, Way};
pub use fill::Fill;
pub use gates::Gates;
pub use line::CommandLine;
pub use parameters::Form;
pub use roles::Roles;
pub use shown::Shown;
pub use text::{Asks, Change, Slip, Text};

use super::bulk::{Bulk, Step};
use super::bulletin::BulletinForm;
use super::escalation::EscalationForm;
use super::field::Field;
use super::folds::On;
use super::guard::Guard;
use super::lesson::LessonForm;
use super::links::ShownLink;
use super::report::ReportForm;
use crate::domain::action::Verb;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::text::Outside;

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
    /// Nothing: it shows a plan.
    Shown(Box<Shown>),
    /// Whether to open a link.
    Link(Box<ShownLink>),
    /// What is done to all that are marked.
    Bulk(Box<Bulk>),
    /// Whether to take an incident over from somebody.
    TakeOver {
        /// Which incident.
        id: IncidentId,
        /// The version that was shown.
        seen: u64,
        /// Who holds it.
        owner: String,
        /// When Enter counts.
        guard: Guard,
    },
    /// Nothing: it says why a row stands where it stands.
    Explain {
        /// Which incident.
        id: IncidentId,
        /// Which row of the list it is, and what sets it apart from the one above.
        #[serde(default)]
        place: String,
        /// The strongest reason first.
        reasons: Vec<String>,
    },
    /// The filter of the list.
    Filter {
        /// The query.
        field: Field,
        /// Why it is none.
        error: Option<line::Wrong>,
        /// Which of what could follow was chosen.
        chosen: Option<String>,
        /// Where the cursor was: it is there again when nothing is filtered.
        #[serde(default)]
        from: Option<On>,
    },
    /// The words that shown records of the ledger must have.
    Find(Field),
    /// The words that are looked for on the screen.
    Seek {
        /// The words.
        field: Field,
        /// The line or the row that was found.
        at: Option<usize>,
    },
    /// Whether to leave.
    Leave {
        /// What they should know before.
        leaving: Leaving,
        /// When Enter, `y` or `q` counts.
        guard: Guard,
    },
}

/// What somebody who leaves should know, each line with its incident and the worst first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// What waits for somebody and goes on waiting.
    pub waits: Vec<String>,
    /// What is theirs.
    pub holds: Vec<String>,
    /// What would stop.
    pub stops: Vec<String>,
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
    /// Ask its source.
    Upstream,
}

impl Kind {
    /// Which kind a verb is of.
    pub fn of(verb: &Verb) -> Self {
        match verb {
            Verb::Contain { .. } => Self::Contain,
            Verb::Upstream { .. } => Self::Upstream,
            Verb::Undo { .. } => Self::Undo,
            Verb::Escalate { .. } => Self::Escalate,
            Verb::Publish { .. } => Self::Publish,
        }
    }
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
    /// A plan that is only looked at.
    Preview(Verb),
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
            Self::Shown(shown) => Some(&shown.id),
            Self::Link(link) => Some(&link.id),
            Self::Line(line) => line.id.as_ref(),
            Self::Lesson(form) => Some(&form.id),
            Self::Agree(agree) => agree.id(),
            Self::Bulletin(form) => Some(&form.id),
            Self::Escalation(form) => Some(&form.id),
            Self::Bulk(_)
            | Self::OfferWatch { .. }
            | Self::Report(_)
            | Self::Filter { .. }
            | Self::Find(_)
            | Self::Seek { .. }
            | Self::Leave { .. } => None,
        }
    }

    /// What says when its final Enter counts, where it is read before.
    pub fn guard(&self) -> Option<&Guard> {
        match self {
            Self::Confirm(confirm) => Some(&confirm.guard),
            Self::Agree(agree) => Some(&agree.guard),
            Self::Bulk(bulk) => Some(&bulk.guard),
            Self::Link(link) => Some(&link.guard),
            Self::TakeOver { guard, .. } | Self::Leave { guard, .. } => Some(guard),
            _ => None,
        }
    }

    /// The same, to change it.
    pub fn guard_mut(&mut self) -> Option<&mut Guard> {
        match self {
            Self::Confirm(confirm) => Some(&mut confirm.guard),
            Self::Agree(agree) => Some(&mut agree.guard),
            Self::Bulk(bulk) => Some(&mut bulk.guard),
            Self::Link(link) => Some(&mut link.guard),
            Self::TakeOver { guard, .. } | Self::Leave { guard, .. } => Some(guard),
            _ => None,
        }
    }

    /// Lines of its page scrolled away.
    pub fn top(&self) -> u16 {
        match self {
            Self::Shown(shown) => shown.top,
            Self::Choose(choose) => choose.down,
            Self::Bulletin(form) => form.top,
            other => other.guard().map_or(0, |guard| guard.top),
        }
    }

    /// At most so many lines of its page are scrolled away, of which so many rows are seen at once.
    pub fn settle(&mut self, most: u16, rows: u16) {
        match self {
            Self::Shown(shown) => shown.top = shown.top.min(most),
            Self::Choose(choose) => choose.down = choose.down.min(most),
            Self::Bulletin(form) => form.top = form.top.min(most),
            other => {
                if let Some(guard) = other.guard_mut() {
                    guard.settle(most, rows);
                }
            }
        }
    }

    /// Whether somebody wrote more in it than can be typed again: it is not left without a question.
    pub fn holds_text(&self) -> bool {
        match self {
            Self::Bulletin(_) | Self::Escalation(_) | Self::Report(_) | Self::Lesson(_) => true,
            Self::Text(text) => !text.field.is_blank(),
            Self::Fill(fill) => fill.is_changed(),
            Self::Waiting(Waiting { back, .. }) => back.as_ref().is_some_and(|back| back.holds_text()),
            Self::Confirm(confirm) => confirm.back.as_ref().is_some_and(|back| back.holds_text()),
            // What was confirmed goes on when it is looked away from.
            Self::Bulk(bulk) => matches!(bulk.step, Step::Running { .. }),
            _ => false,
        }
    }

    /// Whether it is asked if what was typed in it goes.
    pub fn leaving(&mut self) -> Option<&mut bool> {
        match self {
            Self::Text(text) => Some(&mut text.leaving),
            Self::Fill(fill) => Some(&mut fill.leaving),
            Self::Bulletin(form) => Some(&mut form.fields.leaving),
            Self::Report(form) => Some(&mut form.fields.leaving),
            Self::Lesson(form) => Some(&mut form.fields.leaving),
            Self::Escalation(form) => Some(&mut form.leaving),
            _ => None,
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
