//! Who is told, after how long, and what they need to know.

mod follow_up;

pub use follow_up::{FollowUp, Owed, Untold};
use serde::{Deserialize, Serialize};

use super::id::IncidentId;
use super::plan::Purpose;
use super::query::Query;
use super::text::{Outside, SafeText};
use super::time::{Span, Time};

/// The most steps a path has that a person makes up.
const MOST_STEPS: usize = 20;

/// The path whose packet a report from outside fills.
pub const SECURITY: &str = "security";

/// One entry of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Counted from arming.
    pub after: Span,
    /// The names of channels.
    pub to: Vec<String>,
}

impl Step {
    /// Reads steps as people write them: `0m inc-room; 5m pd-platform, boss`.
    ///
    /// # Errors
    /// What is not a step, and how to write one.
    pub fn read_all(text: &str) -> Result<Vec<Self>, String> {
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        parts.map(Self::read).collect()
    }

    fn read(text: &str) -> Result<Self, String> {
        let (after, to) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let after = Span::parse(after).map_err(|_| {
            format!(
                "{} does not begin with a time; write steps like \"0m inc-room; 5m pd-platform, boss\"",
                SafeText::exact(text)
            )
        })?;
        let to = to.split(',').map(str::trim).filter(|name| !name.is_empty());
        Ok(Self { after, to: to.map(str::to_owned).collect() })
    }

    /// Writes steps as [`Self::read_all`] reads them.
    pub fn write_all(steps: &[Self]) -> String {
        let written = steps.iter().map(|step| format!("{} {}", step.delay(), step.to.join(", ")));
        written.collect::<Vec<_>>().join("; ")
    }

    /// `5m`; at once is `0m`.
    pub fn delay(&self) -> String {
        if self.after.as_millis() == 0 { "0m".to_owned() } else { self.after.to_string() }
    }

    /// Whether a path can have these steps, given the channels that can tell people.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub fn check_all(steps: &[Self], tellers: &[String]) -> Result<(), String> {
        if steps.is_empty() {
            return Err("a path needs at least one step".to_owned());
        }
        if steps.len() > MOST_STEPS {
            return Err(format!("{} steps are too many; {MOST_STEPS} fit", steps.len()));
        }
        for (number, step) in (1..).zip(steps) {
            if step.to.is_empty() {
                return Err(format!("step {number} tells nobody; name a channel"));
            }
            if let Some(unknown) = step.to.iter().find(|name| !tellers.contains(name)) {
                let known =
                    if tellers.is_empty() { "none is configured".to_owned() } else { tellers.join(", ") };
                let name = SafeText::exact(unknown);
                return Err(format!("step {number}: no channel {name} tells people; there are: {known}"));
            }
        }
        match (2..).zip(steps.windows(2)).find(|(_, pair)| matches!(pair, [a, b] if b.after < a.after)) {
            Some((number, _)) => {
                Err(format!("step {number} comes before the one above it; order them by time"))
            }
            None => Ok(()),
        }
    }
}

/// A predefined escalation path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Its id.
    pub id: String,
    /// What it is used for.
    pub title: String,
    /// The incidents that arm it by themselves; `None` means only by hand.
    pub when: Option<Query>,
    /// Who, after how long.
    pub steps: Vec<Step>,
    /// The required information, item by item.
    pub packet: Vec<String>,
    /// Waits for a complete packet.
    pub complete: bool,
}

impl Path {
    /// The five paths every quell knows, without steps.
    pub fn compiled_in() -> Vec<Self> {
        let path = |id: &str, title: &str, packet: &[&str], complete| Self {
            id: id.to_owned(),
            title: title.to_owned(),
            when: None,
            steps: Vec::new(),
            packet: packet.iter().map(|item| (*item).to_owned()).collect(),
            complete,
        };
        vec![
            path(
                "incident",
                "Production incident or degraded trading flow",
                &["impact scope", "start time", "affected users", "order ids", "current mitigation"],
                false,
            ),
            path(
                SECURITY,
                "Vulnerability or suspected abuse",
                &["technical details", "affected endpoint", "evidence", "urgency", "whether still active"],
                false,
            ),
            path(
                "technical",
                "SDK, API, webhook or environment question",
                &["endpoint", "SDK version", "request id", "reproduction steps", "logs"],
                false,
            ),
            path(
                "operations",
                "Asset, copy or launch material change",
                &["page", "language", "requested change", "launch date", "approval owner"],
                true,
            ),
            path(
                "partner",
                "New partnership or solution evaluation",
                &["product type", "region", "launch timeline", "integration model"],
                true,
            ),
        ]
    }
}

/// What a channel answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The channel's name.
    pub channel: String,
    /// Whether it took the message.
    pub accepted: bool,
    /// What it said, in one line.
    pub detail: Outside,
}

/// Where one step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Not due yet.
    Waiting,
    /// Written down and being sent.
    Started(Time),
    /// Sent; the receipts say what came of it.
    Sent(Vec<Receipt>),
    /// Too late to send.
    Missed,
}

/// One step of an armed path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmedStep {
    /// Counted from arming: what keeps its distance to the others.
    pub after: Span,
    /// The names of channels.
    pub to: Vec<String>,
    /// When it is sent.
    pub due: Time,
    /// Where it stands.
    pub state: StepState,
    /// How often it was begun.
    pub attempts: u32,
    /// How often it was meant to be sent: what is begun once more after a crash is the same message.
    pub round: u32,
}

impl ArmedStep {
    /// The round of the message that sending it now would be.
    pub fn next_round(&self) -> u32 {
        self.round + u32::from(!matches!(self.state, StepState::Started(_)))
    }
}

/// Why nothing more is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// By an acknowledgement of this person.
    Acknowledged(String),
    /// The incident ended.
    Ended,
    /// The incident goes on in this one.
    Merged(IncidentId),
    /// It paged because of this one, which stands by itself again.
    LetGo(IncidentId),
    /// Its signals went away.
    Cleared,
    /// Another incident of the service pages already.
    CoveredBy(IncidentId),
    /// It was burning before quell saw it.
    BurningBefore,
    /// The last step was sent and nobody acknowledged.
    Exhausted,
}

/// An incident's escalation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// The path's id.
    pub path: String,
    /// When the steps started to count.
    pub armed_at: Time,
    /// Its steps.
    pub steps: Vec<ArmedStep>,
    /// Why nothing more is sent.
    pub stopped: Option<Stopped>,
    /// The channels that took a page.
    pub paged: Vec<String>,
    /// The items of the packet that those who were paged do not know yet.
    pub missing: Vec<String>,
    /// When a person last said something that they may not know yet.
    pub learnt_at: Option<Time>,
    /// Whether they believe that somebody must come, that this person holds it, or that it is over.
    pub told: Option<Purpose>,
    /// How often they were told more after a page.
    pub tellings: u32,
    /// What some of them were told in vain: at most one that fills something in, and one that says how it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<Untold>,
}

impl Escalation {
    /// One that nobody was told of.
    pub(super) fn new(path: &str, armed_at: Time) -> Self {
        Self {
            path: path.to_owned(),
            armed_at,
            steps: Vec::new(),
            stopped: None,
            paged: Vec::new(),
            missing: Vec::new(),
            learnt_at: None,
            told: None,
            tellings: 0,
            untold: Vec::new(),
        }
    }

    /// A step by its number, from 1.
    pub fn step(&self, number: u32) -> Option<&ArmedStep> {
        self.steps.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The next step to send and its number from 1, when one is coming by itself.
    pub fn next(&self) -> Option<(u32, &ArmedStep)> {
        if self.stopped.is_some() { None } else { self.next_unsent() }
    }

    /// The next step nobody was sent yet, running or not.
    pub fn next_unsent(&self) -> Option<(u32, &ArmedStep)> {
        (1..)
            .zip(&self.steps)
            .find(|(_, step)| matches!(step.state, StepState::Waiting | StepState::Started(_)))
    }

    /// The step a person sends who asks for no other one, from 1: the first that was not sent; the first one again when
    /// all were.
    pub fn next_or_first(&self) -> u32 {
        let unsent = (1..).zip(&self.steps).find(|(_, step)| !matches!(step.state, StepState::Sent(_)));
        unsent.map_or(1, |(number, _)| number)
    }

    /// The unsent steps from this one on count from now: it is due, and those after it keep their spacing.
    pub(super) fn count_from(&mut self, number: u32, now: Time) {
        let Some(first) = self.step(number).map(|step| step.after) else { return };
        for (_, step) in (1..).zip(&mut self.steps).filter(|(place, _)| *place >= number) {
            if matches!(step.state, StepState::Waiting | StepState::Started(_)) {
                step.due = now + (step.after.delta() - first.delta());
            }
        }
    }

    /// Every step is sent once more, as if it were armed now.
    pub(super) fn begin_again(&mut self, now: Time) {
        for step in &mut self.steps {
            step.state = StepState::Waiting;
            step.due = now + step.after.delta();
        }
        self.armed_at = now;
        self.stopped = None;
        self.untold.clear();
    }

    /// Whether steps that were sent before are sent once more: it was handed back, or came back, with none left.
    pub fn is_begun_again(&self) -> bool {
        self.steps.iter().any(|step| step.state == StepState::Waiting && step.attempts > 0)
    }

    /// Whether it runs, or goes on once nobody holds the incident any more.
    pub fn counts(&self) -> bool {
        matches!(self.stopped, None | Some(Stopped::Acknowledged(_)))
    }

    /// Whether it paged because of an incident that stands by itself again: it is armed anew like one that never was.
    pub fn is_let_go(&self) -> bool {
        matches!(self.stopped, Some(Stopped::LetGo(_)))
    }

    /// Whether it has told nobody and will tell nobody by itself, for a reason that needs nobody.
    pub fn is_idle(&self) -> bool {
        self.stopped.as_ref().is_some_and(|why| *why != Stopped::Exhausted)
            && self.steps.iter().all(|step| step.state == StepState::Waiting)
    }

    /// Whether those who were paged heard that it is over, and it goes on without paging them anew.
    pub fn was_told_too_soon(&self) -> bool {
        let over = matches!(self.told, Some(Purpose::Ended | Purpose::Merged(_)));
        let waits = matches!(self.stopped, None | Some(Stopped::Acknowledged(_) | Stopped::Exhausted));
        over && waits && self.sent() > 0
    }

    /// How many steps were sent.
    pub fn sent(&self) -> usize {
        self.steps.iter().filter(|s| matches!(s.state, StepState::Sent(_))).count()
    }

    /// What became of the steps of a path that has none left: `every step was sent`.
    pub fn tally(&self) -> String {
        match self.steps.iter().filter(|step| step.state == StepState::Missed).count() {
            0 => "every step was sent".to_owned(),
            missed => format!("{} of {} steps sent, {missed} MISSED", self.sent(), self.steps.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_read_and_write_the_same() {
        let text = "0m inc-room; 5m pd-platform, boss";
        let steps = Step::read_all(text).unwrap();
        assert_eq!((steps.len(), Step::write_all(&steps).as_str()), (2, text));
        assert_eq!(Step::read_all(" 5m  a,b ;").unwrap()[0].to, ["a", "b"]);
        for bad in ["inc-room", "0m a; pd", "5 a"] {
            assert!(Step::read_all(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn steps_are_ordered_and_name_channels_that_tell() {
        let tellers = ["room".to_owned(), "pd".to_owned()];
        let check = |text: &str| Step::check_all(&Step::read_all(text).unwrap(), &tellers);
        assert_eq!(check("0m room; 0m pd; 5m room, pd"), Ok(()));
        let refused = [
            ("", "at least one"),
            ("0m", "tells nobody"),
            ("0m room; 1m page", "there are: room, pd"),
            ("5m room; 1m pd", "step 2 comes before"),
        ];
        for (text, why) in refused {
            assert!(check(text).unwrap_err().contains(why), "{text}: {:?}", check(text));
        }
        assert!(check(&"1m room;".repeat(MOST_STEPS)).is_ok());
        assert!(check(&"1m room;".repeat(MOST_STEPS + 1)).unwrap_err().contains("too many"));
    }
}
