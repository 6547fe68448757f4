//! Whether what a console asks of the outside is what a person could mean by what was on the screen.

use std::collections::BTreeSet;

use quell::backend::Confirmation;
use quell::console::board::Board;
use quell::console::bulk::{Bulk, State, Step};
use quell::console::effect::Effect;
use quell::console::model::{Model, Reverse};
use quell::console::prompt::{Agree, Agreement, Confirm, Prompt};
use quell::domain::id::IncidentId;
use quell::domain::plan::{Plan, PlanHash};
use quell::domain::record::Entry;
use quell::domain::tie::Tie;
use quell::domain::time::Time;

use super::frame::Frame;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// One plan was sent.
    Sent,
    /// One of several that were confirmed together was sent.
    SentTogether,
    /// Something was written down about what a prompt names, or about the selected incident.
    Recorded,
    /// Something was written down about one of those that are marked.
    RecordedMarked,
    /// An incident was acknowledged whose popup was pressed.
    OnDesktop,
    /// Something was done of which a page was read.
    Agreed,
    /// Something was said in a form or a line.
    Said,
    /// Nothing is changed by it.
    Read,
}

/// What asks for a final Enter.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    Confirm(Box<Confirm>),
    Bulk(Box<Bulk>),
    Agree(Box<Agree>),
}

/// What could be read, and since when.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub frame: Frame,
    pub question: Option<(Question, Time)>,
    /// All that could be read of that question.
    pub text: String,
    pub marked: BTreeSet<IncidentId>,
    /// Those of them that the list does not show.
    pub hidden: BTreeSet<IncidentId>,
    pub last_key: Option<Time>,
    /// When Enter was first and last pressed, if no other key was pressed since, nor for long none.
    pub entered: Option<(Time, Time)>,
    /// What the last line says that undo takes back.
    pub reverse: Option<(Reverse, IncidentId)>,
    /// Confirmed together, and not sent yet.
    pub together: BTreeSet<PlanHash>,
}

impl Question {
    fn of(model: &Model) -> Option<Self> {
        match &model.prompt {
            Some(Prompt::Confirm(confirm)) => Some(Self::Confirm(confirm.clone())),
            Some(Prompt::Bulk(bulk)) if matches!(bulk.step, Step::Confirming { .. }) => {
                Some(Self::Bulk(bulk.clone()))
            }
            Some(Prompt::Agree(agree)) => Some(Self::Agree(agree.clone())),
            _ => None,
        }
    }

    /// Whether it asks the same.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Confirm(a), Self::Confirm(b)) => a.plan == b.plan && a.twice == b.twice,
            (Self::Bulk(a), Self::Bulk(b)) => ready(a).eq(ready(b)),
            (Self::Agree(a), Self::Agree(b)) => a.to == b.to,
            _ => false,
        }
    }
}

fn ready(bulk: &Bulk) -> impl Iterator<Item = (&Plan, bool)> {
    let is_ready = bulk.targets.iter().filter(|target| target.state == State::Ready);
    is_ready.filter_map(|target| Some((target.plan()?, target.hidden)))
}

/// Refuses with these words unless it is so.
fn must(is: bool, else_says: &str) -> Result<(), String> {
    if is { Ok(()) } else { Err(else_says.to_owned()) }
}

/// What one key may say: that it is held, by nobody else so far, that it is looked at again, and that its secrets are.
fn asks_nothing(entry: &Entry) -> bool {
    matches!(
        entry,
        Entry::Acknowledged { from: None, .. } | Entry::SnoozeEnded(_) | Entry::SensitiveRead { .. }
    )
}

/// Whether this takes back what the last line says was done.
fn takes_back(reverse: Reverse, entry: &Entry) -> bool {
    match reverse {
        Reverse::Wake => matches!(entry, Entry::SnoozeEnded(_)),
        Reverse::Reopen => matches!(entry, Entry::PhaseMoved { waived: None, .. }),
    }
}

impl Seen {
    /// This frame can be read from now on.
    pub fn draw(&mut self, frame: Frame, model: &Model, now: Time) {
        let shown = Question::of(model).filter(|_| frame.rule.is_some());
        self.question = match (shown, self.question.take()) {
            (Some(new), Some((old, since))) if new.is(&old) => Some((new, since)),
            (Some(new), _) => {
                self.text.clear();
                Some((new, now))
            }
            (None, _) => None,
        };
        self.text.push_str(&frame.page);
        self.frame = frame;
        self.marked.clone_from(&model.marks.ids);
        self.reverse = model.toast.as_ref().and_then(|toast| toast.reverse.clone());
        let listed: BTreeSet<&IncidentId> = model.triage.incidents().collect();
        self.hidden = self.marked.iter().filter(|id| !listed.contains(id)).cloned().collect();
    }

    /// What this amounts to, or why nobody can have meant it. `pressed` is when a key asked for it, if one did; `board`
    /// is what the console knew before.
    pub fn judge(&mut self, effect: &Effect, pressed: Option<Time>, board: &Board) -> Result<Act, String> {
        match effect {
            Effect::Submit { hash, .. } if self.together.remove(hash) => Ok(Act::SentTogether),
            Effect::Submit { hash, confirmation } => self.submits(hash, confirmation, pressed, board),
            Effect::Approve { hash, .. } => match self.counted(pressed)? {
                Question::Confirm(shown) if shown.plan.hash == *hash => Ok(Act::Sent),
                _ => Err("another plan was approved than was shown".to_owned()),
            },
            Effect::Record { id, entry, .. } => {
                must(pressed.is_some(), "written down without a key")?;
                let back = self
                    .reverse
                    .as_ref()
                    .is_some_and(|(reverse, of)| of == id && takes_back(*reverse, entry));
                let asked = self.frame.rule.is_some() || asks_nothing(entry) || back;
                must(asked, "written down without its question")?;
                let shown = self.frame.asks.as_ref().map(IncidentId::number).or(self.frame.selected);
                if Some(id.number()) == shown || back {
                    return Ok(Act::Recorded);
                }
                // These are asked of all that are marked together.
                let alike = matches!(**entry, Entry::Snoozed(_) | Entry::Noted { .. } | Entry::Closed { .. });
                let of_all = self.frame.rule.is_none() || alike;
                must(of_all && self.marked.contains(id), "neither named, selected nor marked")?;
                must(!self.hidden.contains(id), "a hidden mark acts")?;
                Ok(Act::RecordedMarked)
            }
            Effect::FindApplicable(id) | Effect::Plan { id, .. } => {
                let shown = self.frame.selected.is_none_or(|shown| shown == id.number());
                // A prompt that an answer has just closed leaves the list as it was.
                let asks = self.frame.asks.is_some() || self.marked.contains(id);
                must(asks || shown, "another incident than the one selected")?;
                Ok(Act::Read)
            }
            Effect::Tie(tying) if matches!(tying.tie, Tie::Merge | Tie::Unmerge) => {
                match self.counted(pressed)? {
                    Question::Agree(agree) if matches!(&agree.to, Agreement::Tie { tying: it, .. } if it == tying) =>
                    {
                        let hidden = tying.of.iter().any(|seen| self.hidden.contains(&seen.id));
                        must(!hidden, "a hidden mark acts")?;
                        Ok(Act::Agreed)
                    }
                    other => Err(format!("another merge than the page said: {other:?}")),
                }
            }
            Effect::TakeWatch { offer } => match self.counted(pressed)? {
                Question::Agree(it) if matches!(&it.to, Agreement::Take(it) if it.seq == *offer) => {
                    Ok(Act::Agreed)
                }
                other => Err(format!("another offer than the page said: {other:?}")),
            },
            Effect::Publish { id, markdown } => match self.counted(pressed)? {
                Question::Agree(it) if matches!(&it.to, Agreement::Publish { id: of, markdown: text, .. } if of == id && text == markdown) => {
                    Ok(Act::Agreed)
                }
                other => Err(format!("another page than was read: {other:?}")),
            },
            Effect::Tie(_)
            | Effect::OfferWatch { .. }
            | Effect::KeepWatch { .. }
            | Effect::Open(_)
            | Effect::OpenLink(_)
            | Effect::Edit(_) => {
                must(pressed.is_some() && self.frame.rule.is_some(), "said without a prompt")?;
                Ok(Act::Said)
            }
            Effect::LoadCatalogue
            | Effect::Load(_)
            | Effect::ReadAhead(_)
            | Effect::ReadWatch { .. }
            | Effect::Count { .. }
            | Effect::ReadRecords(_)
            | Effect::ReadStored(_)
            | Effect::Verify
            | Effect::Refresh
            | Effect::Deliver { .. }
            | Effect::ReadPacket { .. }
            | Effect::Copy(_)
            | Effect::DropDraft
            | Effect::Refuse { .. }
            | Effect::Retitle(_)
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Quit => Ok(Act::Read),
        }
    }

    /// The same where the button of a popup about `of` was pressed: it acknowledges that incident and takes it from nobody,
    /// whatever is on the screen.
    pub fn judge_popup(&mut self, effect: &Effect, of: &IncidentId, board: &Board) -> Result<Act, String> {
        match effect {
            Effect::Record { id, entry, .. } => {
                let owner = board.get(id).and_then(|it| it.owner.as_ref()).map(|owner| owner.name.as_str());
                must(id == of, "another incident than the popup's")?;
                must(
                    matches!(**entry, Entry::Acknowledged { from: None, .. }),
                    "more than an acknowledgement",
                )?;
                must(owner.is_none_or(|owner| owner == "ana"), "taken from who holds it")?;
                Ok(Act::OnDesktop)
            }
            Effect::Refuse { id, .. } => must(id == of, "another popup says why").map(|()| Act::Read),
            other => self.judge(other, None, board),
        }
    }

    /// The question that an Enter of now answers.
    fn counted(&self, pressed: Option<Time>) -> Result<Question, String> {
        let Some(now) = pressed else { return Err("done without a key".to_owned()) };
        let Some((question, since)) = &self.question else {
            return Err("nothing was asked on the screen".to_owned());
        };
        must((now - *since).num_milliseconds() >= 500, "sooner than anybody can have read it")?;
        let pause = self.last_key.map(|key| (now - key).num_milliseconds());
        must(pause.is_none_or(|pause| pause >= 250), "in one stroke with another key")?;
        let held = self
            .entered
            .is_some_and(|(first, last)| first <= *since && (now - last).num_milliseconds() < 900);
        must(!held, "by an Enter that may be held down since before the question")?;
        Ok(question.clone())
    }

    fn submits(
        &mut self,
        hash: &PlanHash,
        confirmation: &Confirmation,
        pressed: Option<Time>,
        board: &Board,
    ) -> Result<Act, String> {
        match self.counted(pressed)? {
            Question::Confirm(shown) => {
                must(shown.plan.hash == *hash, "another plan was sent than was shown")?;
                must(
                    self.frame.asks.as_ref() == Some(&shown.plan.basis.incident),
                    "another incident was named",
                )?;
                must(shown.differences.is_empty(), "a disarmed plan was sent")?;
                must(confirmation.typed == shown.plan.typed_target(), "another target was typed")?;
                self.fits(&shown.plan, board)?;
                Ok(Act::Sent)
            }
            Question::Bulk(bulk) => {
                let all: Vec<(&Plan, bool)> = ready(&bulk).collect();
                must(
                    self.frame.rule.as_ref().is_some_and(|rule| rule.contains(" marked")),
                    "no page of the marked",
                )?;
                must(
                    confirmation.typed.as_ref().map(|it| it.raw().to_owned()) == Some(bulk.wanted()),
                    "something else was typed",
                )?;
                let hashes: BTreeSet<PlanHash> = all.iter().map(|(plan, _)| plan.hash.clone()).collect();
                must(hashes.contains(hash), "another plan was sent than was shown")?;
                let said: BTreeSet<PlanHash> = confirmation.together.iter().cloned().collect();
                must(
                    said == hashes || (said.is_empty() && all.len() == 1),
                    "others were confirmed than were shown",
                )?;
                for (plan, hidden) in all {
                    self.fits(plan, board)?;
                    let id = &plan.basis.incident;
                    must(self.text.contains(&format!(" {id} ")), "one acts that was not named")?;
                    must(
                        hidden || !self.hidden.contains(id),
                        "a hidden mark acts and is not said to be hidden",
                    )?;
                }
                self.together = hashes;
                self.together.remove(hash);
                Ok(Act::SentTogether)
            }
            Question::Agree(_) => Err("a page that plans nothing was shown".to_owned()),
        }
    }

    /// Whether the incident is as the plan says, and its target could be read.
    fn fits(&self, plan: &Plan, board: &Board) -> Result<(), String> {
        let incident = board.get(&plan.basis.incident).map(|it| (it.severity, it.is_closed()));
        must(
            incident.is_none_or(|facts| facts == (plan.basis.severity, !plan.basis.open)),
            "it has changed",
        )?;
        let target = plan.target.as_ref().map(|(_, value)| value.exact());
        must(target.is_none_or(|value| self.text.contains(&*value)), "its target was never on the screen")
    }
}
