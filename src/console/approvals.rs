//! What waits for a second person: whose it is to approve, and how what waited has ended.

use serde::{Deserialize, Serialize};

use super::board::Board;
use super::choosing::scrolled;
use super::model::Model;
use super::prompt::{Confirm, Way};
use crate::domain::action::Action;
use crate::domain::approval::{Ask, AskState};
use crate::domain::identity::Standing;
use crate::domain::incident::Incident;
use crate::domain::plan::PlanHash;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, clock_minute};

/// What has ended is shown for so long.
const KEPT: Span = Span::mins(15);

/// The cursor of their screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approvals {
    /// The plan under it, whatever row that has; `None` is the first.
    pub selected: Option<PlanHash>,
    /// The place of the first row on the screen.
    pub top: usize,
}

/// What was asked, and about which incident.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// What was asked.
    pub ask: &'a Ask,
}

impl Sought<'_> {
    /// Whether it can still come to something.
    pub fn is_open(&self, now: Time) -> bool {
        !self.incident.is_closed() && self.ask.is_open(now) && self.overtaken().is_none()
    }

    /// What was done since to the same target: the plan that waits was made on something else.
    pub fn overtaken(&self) -> Option<&Action> {
        let (plan, used) = (&self.ask.plan, matches!(self.ask.state, AskState::Used { .. }));
        let known = |action: &Action| plan.basis.earlier.iter().any(|(id, _)| *id == action.id);
        let since = |action: &&Action| action.plan.slot() == plan.slot() && !known(action);
        self.incident.actions.values().find(since).filter(|_| !used)
    }

    /// Since when it cannot.
    fn ended(&self) -> Time {
        match &self.ask.state {
            AskState::Used { action } => {
                self.incident.actions.get(action).map_or(self.ask.until, |action| action.at)
            }
            AskState::Waiting | AskState::Approved { .. } => {
                self.overtaken().map_or(self.ask.until, |action| action.at.min(self.ask.until))
            }
        }
    }
}

impl Approvals {
    /// The place of the cursor among these.
    pub fn place(&self, all: &[Sought<'_>]) -> usize {
        let selected = self.selected.as_ref();
        all.iter().position(|it| Some(&it.ask.plan.hash) == selected).unwrap_or(0)
    }

    /// Puts it at a place among these.
    pub fn go_to(&mut self, place: usize, all: &[Sought<'_>]) {
        let place = place.min(all.len().saturating_sub(1));
        self.selected = all.get(place).map(|it| it.ask.plan.hash.clone());
    }

    /// Scrolls so that the cursor is among `height` rows.
    pub fn scroll_into(&mut self, height: usize, all: &[Sought<'_>]) {
        self.top = scrolled(self.top, self.place(all), all.len(), height);
    }
}

/// What is open, the first to end on top; below it what has ended lately, the latest first.
pub fn all(board: &Board, now: Time) -> Vec<Sought<'_>> {
    let sought = |incident| move |ask| Sought { incident, ask };
    let every = board.asking().flat_map(|it| it.asks.values().map(sought(it.as_ref())));
    let (mut out, mut ended): (Vec<_>, Vec<_>) = every.partition(|it| it.is_open(now));
    ended.retain(|it| (it.ended()..it.ended() + KEPT.delta()).contains(&now));
    out.sort_by_key(|it| (it.ask.until, it.ask.seq));
    ended.sort_by_key(|it| (std::cmp::Reverse(it.ended()), it.ask.seq));
    out.append(&mut ended);
    out
}

/// What of an incident is open.
pub fn of(incident: &Incident, now: Time) -> Vec<Sought<'_>> {
    let mut out: Vec<_> = incident.asks.values().map(|ask| Sought { incident, ask }).collect();
    out.retain(|it| it.is_open(now));
    out.sort_by_key(|it| (it.ask.until, it.ask.seq));
    out
}

/// What waits for nobody but this console's operator, or others like them; the first to end on top.
pub fn for_me(model: &Model, now: Time) -> Vec<Sought<'_>> {
    let mut out = all(&model.board, now);
    out.retain(|it| is_for_me(model, *it, now));
    out
}

/// Whether this console's operator can approve it now, as far as is known here.
pub fn is_for_me(model: &Model, it: Sought<'_>, now: Time) -> bool {
    it.is_open(now) && barred(model, it, now).is_none()
}

/// Why this console's operator cannot approve it now. The engine has the last word.
pub fn barred(model: &Model, it: Sought<'_>, now: Time) -> Option<String> {
    let ask = it.ask;
    let name = |name: &str| Outside::new(name).safe();
    if let Some(action) = it.overtaken() {
        let by = name(&ask.by.name);
        return Some(format!("#{} was begun since on the same target, so {by} must ask again", action.id));
    }
    match &ask.state {
        AskState::Used { action } => return Some(format!("it was carried out already, as #{action}")),
        AskState::Approved { by, .. } => return Some(format!("{} approved it already", name(by))),
        AskState::Waiting if ask.waits(now) => {}
        AskState::Waiting => {
            let (over, by) = (clock_minute(ask.until), name(&ask.by.name));
            return Some(format!("its time was over at {over}, {by} must ask again"));
        }
    }
    let me = &model.settings.operator;
    if ask.by.name == *me {
        return Some("you asked for this yourself, so somebody else must".to_owned());
    }
    // Where nobody is listed, it is not known who may.
    let people = &model.board.can().people;
    let may = people.is_empty() || people.iter().any(|it| it.name == *me && it.may(Standing::Approver));
    (!may).then(|| "you have not the role approver, which a [[person]] gives".to_owned())
}

/// Why what a prompt shows cannot be approved now; `None` also where it asks for something else.
pub fn disabled(model: &Model, confirm: &Confirm, now: Time) -> Option<String> {
    let Way::Approve(shown) = &confirm.way else { return None };
    let incident = model.board.get(&confirm.id)?;
    let ask = incident.asks.get(&confirm.plan.hash);
    match ask.filter(|ask| ask.seq == shown.ask) {
        Some(ask) => barred(model, Sought { incident, ask }, now),
        None => Some("it was asked anew since; go back and look again".to_owned()),
    }
}
