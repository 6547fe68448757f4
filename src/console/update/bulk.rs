//! Marks, and what is done to all that are marked.

use std::collections::BTreeSet;

use super::answers::{learn, learn_current, said};
use super::prompts::restore;
use super::verbs::{acknowledgement, find};
use super::{alike, snooze};
use crate::backend::{Applicable, Receipt, Refusal, RefusalKind};
use crate::console::bulk::{Bulk, State, Step, fitting};
use crate::console::chord::{Chord, Key};
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::guard::HELD;
use crate::console::marks::Marks;
use crate::console::model::{Model, Screen, ToastState};
use crate::console::prompt::{Facts, Kind, Prompt};
use crate::console::recording::Recording;
use crate::domain::action::Verb;
use crate::domain::id::IncidentId;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::text::Outside;
use crate::domain::tie::Seen;
use crate::domain::time::Time;

/// So many of those that could not be done are named.
const NAMED: usize = 5;

/// Marks the selected incident, or takes its mark away; the cursor goes on to the next. On the row of a storm, all of it:
/// they are shown then, so that none acts that nobody sees.
pub(super) fn mark(model: &mut Model, at: Time) {
    if model.screen != Screen::Triage {
        return model.say(at, ToastState::Failed, "incidents are marked on Triage".to_owned());
    }
    if let Some(id) = model.triage.selected().cloned() {
        model.marks.toggle(&id);
        return model.triage.go_to(model.triage.place() + 1);
    }
    let Some(fold) = model.triage.fold() else {
        return model.say(at, ToastState::Failed, "nothing is there to mark".to_owned());
    };
    let open = fold.open;
    let is_there = |id: &&IncidentId| model.board.get(id).is_some_and(|it| model.triage.is_of(it));
    let all: Vec<IncidentId> = fold.members.iter().filter(is_there).cloned().collect();
    let marked = model.marks.toggle_all(&all);
    if marked && !open {
        model.triage.turn(&model.board, &model.marks.ids);
    }
    let word = if marked { "are marked" } else { "are no longer marked" };
    model.say(at, ToastState::Done, format!("all {} of this row {word}", all.len()));
}

/// Says of the selected incident, where it was not marked, that a key did nothing about it that may be held down since it meant
/// all that were.
pub(super) fn spared(model: &mut Model, at: Time) {
    let marks = &model.marks;
    let other = model.selected_id().filter(|id| marks.ids.is_empty() && !marks.asked.contains(*id));
    let Some(id) = other else { return };
    let anew = format!("{id} was not marked: {HELD}");
    let said = model.toast.as_ref().map(|toast| (toast.state, toast.text.as_str()));
    let text = match said {
        Some((_, said)) if said.ends_with(&anew) => return,
        // Why something was not done stays to be read.
        Some((ToastState::Failed, said)) => format!("{said}; {anew}"),
        _ => anew,
    };
    model.say(at, ToastState::Again, text);
}

/// The verb for all that are marked, if it is one; any other acts on the selected incident.
pub(super) fn verb(model: &mut Model, at: Time, command: Command) -> Option<Vec<Effect>> {
    if let Some(why) = why_not_yet(model).filter(|_| command.means_marked()) {
        return Some(model.fail(at, why));
    }
    match command {
        Command::Contain => Some(contain(model, at)),
        Command::Acknowledge => Some(acknowledge(model, at)),
        Command::Snooze => Some(snooze::marked(model, at)),
        Command::Wake => Some(snooze::wake_marked(model, at)),
        Command::Note => Some(alike::note(model, at)),
        Command::Close => Some(alike::close(model, at)),
        _ => None,
    }
}

fn contain(model: &mut Model, at: Time) -> Vec<Effect> {
    if model.run.is_some() {
        return model.fail(at, fitting::UNDER_WAY);
    }
    let shown: Vec<&IncidentId> =
        model.triage.incidents().filter(|id| model.marks.ids.contains(*id)).collect();
    let listed: BTreeSet<&IncidentId> = shown.iter().copied().collect();
    let hidden = model.marks.ids.iter().filter(|id| !listed.contains(id));
    let mut marked: Vec<(IncidentId, bool)> = shown.iter().map(|id| ((*id).clone(), false)).collect();
    marked.extend(hidden.map(|id| (id.clone(), true)));
    if let [(only, false)] = marked.as_slice() {
        return find(model, &only.clone(), Kind::Contain);
    }
    if let Some(why) = fitting::too_many(marked.len()) {
        return model.fail(at, why);
    }
    let effects = marked.iter().map(|(id, _)| Effect::FindApplicable(id.clone())).collect();
    model.prompt = Some(Prompt::Bulk(Box::new(Bulk::new(marked))));
    effects
}

/// Why nothing is done to those that are marked while a list hides some of them.
pub(super) fn why_hidden(model: &Model) -> Option<String> {
    let (all, hidden) = model.marks.counted(&model.triage);
    let keymap = &model.settings.keymap;
    let (find, back) = (keymap.way(Command::Filter), keymap.takes_back());
    (hidden > 0).then(|| {
        format!("{hidden} of {all} marked are hidden: show them ({find}) or clear the marks ({back})")
    })
}

/// Says so where the list hides some that are marked; whether it does.
pub(super) fn refuses_hidden(model: &mut Model, at: Time) -> bool {
    let why = why_hidden(model);
    let hides = why.is_some();
    why.into_iter().for_each(|why| model.say(at, ToastState::Failed, why));
    hides
}

/// Why those that are marked have to wait for what is being written about them.
pub(super) fn why_not_yet(model: &Model) -> Option<String> {
    let left = model.recordings.of_marked();
    (left > 0).then(|| format!("{left} marked are still being written; wait for these"))
}

/// Acknowledges all that are marked and nobody else's.
fn acknowledge(model: &mut Model, at: Time) -> Vec<Effect> {
    if refuses_hidden(model, at) {
        return Vec::new();
    }
    let me = &model.settings.operator;
    let entry = acknowledgement(model, None);
    let mut effects = Vec::new();
    let (mut refused, mut asked) = (Vec::new(), BTreeSet::new());
    for incident in model.marks.ids.iter().filter_map(|id| model.board.get(id)) {
        match &incident.owner {
            Some(owner) if owner.name != *me => {
                let owner = Outside::new(owner.name.as_str());
                refused.push(format!("{} is held by {}: take it over by itself", incident.id, owner.safe()));
            }
            _ => {
                let one = Recording { of_marked: true, ..Recording::new(&incident.id, String::new()) };
                asked.insert(incident.id.clone());
                effects.push(model.recordings.begin(one, incident.version, entry.clone()));
            }
        }
    }
    let Marks { ids, contained, .. } = std::mem::take(&mut model.marks);
    model.marks = Marks { refused, asked, ids, contained, ..Marks::default() };
    together(model, at);
    effects
}

/// Takes in what became of one that was marked.
pub(super) fn recorded(model: &mut Model, at: Time, id: &IncidentId, refused: Option<String>) {
    match refused {
        None => drop(model.marks.ids.remove(id)),
        Some(why) => {
            model.marks.unwritten.insert(id.clone());
            model.marks.refused.push(format!("{id}: {why}"));
        }
    }
    together(model, at);
    if model.recordings.of_marked() == 0 {
        ask_again(model, at);
    }
}

/// What was typed for all that were marked stands there again, for those it could not be written down about.
fn ask_again(model: &mut Model, at: Time) {
    let mut unwritten = std::mem::take(&mut model.marks.unwritten);
    unwritten.retain(|id| model.marks.ids.contains(id));
    let Some(mut typed) = model.marks.typed.take().filter(|_| !unwritten.is_empty()) else { return };
    if let Prompt::Text(text) = &mut *typed {
        let left = unwritten.iter().filter_map(|id| model.board.get(id));
        text.together = left.map(|it| Seen::of(it)).collect();
        let Some(first) = text.together.first() else { return };
        text.id = first.id.clone();
    }
    let why = not_done(&model.marks.refused);
    restore(model, at, Some(*typed), why);
}

/// With which it was not done, and why: those that somebody closed meanwhile are not marked any more.
fn not_done(refused: &[String]) -> String {
    format!("not done: {}", named(refused))
}

/// The first of them, and how many more there are: of thousands nobody reads each.
pub(super) fn named(all: &[String]) -> String {
    let (first, more) = all.split_at(all.len().min(NAMED));
    let more = (!more.is_empty()).then(|| format!("and {} more", more.len()));
    first.iter().cloned().chain(more).collect::<Vec<_>>().join("; ")
}

/// Takes in that one is acknowledged here and not at its source; whether it was acknowledged with others.
pub(super) fn here_only(model: &mut Model, at: Time, id: &IncidentId, why: &str) -> bool {
    let together = model.marks.asked.contains(id);
    if together {
        model.marks.here_only.push(why.to_owned());
        self::together(model, at);
    }
    together
}

/// Says how far it is with all that were marked.
pub(super) fn together(model: &mut Model, at: Time) {
    let Marks { refused, here_only, deed, .. } = &model.marks;
    let (state, text) = match model.recordings.of_marked() {
        0 if refused.is_empty() && here_only.is_empty() => {
            (ToastState::Done, format!("you {} all that were marked", deed.done()))
        }
        0 => {
            let not_done = (!refused.is_empty()).then(|| not_done(refused));
            let here_only = (!here_only.is_empty()).then(|| named(here_only));
            (ToastState::Failed, not_done.into_iter().chain(here_only).collect::<Vec<_>>().join("; "))
        }
        left => (ToastState::Pending, format!("{} {left} marked", deed.doing())),
    };
    model.say(at, state, text);
}

/// Takes in what can be done about one of them.
pub(super) fn found(
    model: &mut Model,
    at: Time,
    id: &IncidentId,
    answer: Result<Vec<Applicable>, Refusal>,
) -> Vec<Effect> {
    let known = &model.board.can().playbooks;
    let Some(Prompt::Bulk(bulk)) = &mut model.prompt else { return Vec::new() };
    if bulk.step != Step::Finding || bulk.left().all(|target| target.id != *id) {
        // It was asked before there was this one, or is left out.
        return Vec::new();
    }
    match answer {
        Ok(applicable) => bulk.found(id, applicable, known),
        Err(refusal) => {
            model.prompt = None;
            return model.fail(at, format!("{id}: {}", said(&refusal)));
        }
    }
    offered(model, at)
}

/// Goes on once it is known what can be done about all that are left; says why where that is nothing.
fn offered(model: &mut Model, at: Time) -> Vec<Effect> {
    let Some(Prompt::Bulk(bulk)) = &mut model.prompt else { return Vec::new() };
    let out = bulk.out();
    let why = match (&bulk.step, bulk.left().count()) {
        (Step::Finding | Step::Choosing { .. }, 0) => "nothing is left to contain".to_owned(),
        (Step::Choosing { offers, .. }, left) => match offers.as_slice() {
            [] => fitting::none_for(left),
            [only] if only.barred.is_none() => return plans(bulk),
            _ => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    model.prompt = None;
    let out = out.map_or(String::new(), |out| format!(": {out}"));
    model.fail(at, format!("{why}{out}"))
}

/// Takes the highlighted playbook and asks for the plan of each.
fn plans(bulk: &mut Bulk) -> Vec<Effect> {
    let plan = |(id, verb, parameters)| Effect::Plan { id, verb, parameters };
    bulk.choose().into_iter().map(plan).collect()
}

/// A plan for one of them, or why there is none.
pub(super) fn planned(model: &mut Model, id: &IncidentId, answer: Result<Box<Plan>, Refusal>) {
    let Some(Prompt::Bulk(bulk)) = &mut model.prompt else { return };
    let answer = match (answer, model.board.get(id)) {
        (Ok(plan), Some(incident)) => {
            let facts = Facts::of(incident, &plan);
            Ok((*plan, facts))
        }
        (Ok(_), None) => Err("it is gone".to_owned()),
        (Err(refusal), _) => Err(said(&refusal)),
    };
    bulk.planned(id, answer);
}

/// Takes in the answer to a submission, if it is one of theirs.
pub(super) fn submitted(
    model: &mut Model,
    at: Time,
    hash: &PlanHash,
    answer: &Result<Box<Receipt>, Refusal>,
) -> bool {
    let Some(bulk) = under_way(model).filter(|bulk| bulk.submits(hash)) else { return false };
    match answer {
        Ok(receipt) => bulk.submitted(Ok(receipt)),
        Err(refusal) => {
            let all = matches!(refusal.kind, RefusalKind::Unreachable | RefusalKind::ReadOnly);
            bulk.submitted(Err((said(refusal), all)));
        }
    }
    match answer {
        Ok(receipt) => learn(model, at, &receipt.incident),
        Err(refusal) => learn_current(model, at, refusal),
    }
    true
}

/// The one on the screen, or the one that was looked away from.
fn under_way(model: &mut Model) -> Option<&mut Bulk> {
    match &mut model.prompt {
        Some(Prompt::Bulk(bulk)) => Some(bulk),
        _ => model.run.as_deref_mut(),
    }
}

/// The only one that is marked is being contained by itself: it loses its mark as one of several does.
pub(super) fn contained(model: &mut Model, receipt: &Receipt) {
    let (id, action) = (&receipt.incident.id, receipt.action);
    let contains = action.and_then(|action| receipt.incident.actions.get(&action));
    let contains = contains.is_some_and(|action| matches!(action.plan.verb, Verb::Contain { .. }));
    let only = model.marks.ids.len() == 1 && model.marks.ids.contains(id);
    if contains && only {
        model.marks.contained = action.map(|action| (id.clone(), action));
    }
}

fn follow_one(model: &mut Model) {
    let Some((id, action)) = &model.marks.contained else { return };
    let action = model.board.get(id).and_then(|incident| incident.actions.get(action));
    let Some(outcome) = action.and_then(State::of) else { return };
    if outcome == State::Accepted {
        model.marks.ids.remove(&id.clone());
    }
    model.marks.contained = None;
}

/// Goes on as far as what is known allows.
pub(super) fn advance(model: &mut Model, at: Time) -> Vec<Effect> {
    let of_triage = |id: &IncidentId| model.board.get(id).is_some_and(|it| model.triage.is_of(it));
    model.marks.ids.retain(of_triage);
    follow_one(model);
    alike::leave_out(model, at);
    let board = &model.board;
    let bulk = match &mut model.prompt {
        Some(Prompt::Bulk(bulk)) => Some(bulk),
        _ => model.run.as_mut(),
    };
    let Some(bulk) = bulk else { return Vec::new() };
    let left_out = bulk.leave_out(board, &model.marks.ids);
    bulk.compare(board);
    if left_out && !bulk.is_confirmed() {
        return offered(model, at);
    }
    let Step::Running { .. } = bulk.step else { return Vec::new() };
    bulk.follow(board);
    let next = bulk.begin_next();
    for target in bulk.targets.iter().filter(|target| target.state == State::Accepted) {
        model.marks.ids.remove(&target.id);
    }
    if let Some((hash, confirmation)) = next {
        return vec![Effect::Submit { hash, confirmation }];
    }
    // On the screen its sheet says how it ended.
    if let Some(ended) = model.run.take_if(|run| matches!(run.step, Step::Ended(_))) {
        let all = ended.count(&State::Accepted) == ended.targets.len();
        let state = if all { ToastState::Done } else { ToastState::Failed };
        model.say(at, state, ended.summary());
    }
    Vec::new()
}

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut bulk: Box<Bulk>) -> Vec<Effect> {
    let leaves = matches!(chord.key, Key::Esc | Key::Char('q'));
    let mut effects = Vec::new();
    match &mut bulk.step {
        Step::Confirming { .. } => return confirming(model, at, chord, bulk),
        Step::Running { .. } if chord.key == Key::Esc => {
            model.run = Some(bulk);
            return effects;
        }
        Step::Running { stop, .. } if chord.key == Key::Char('s') => *stop = true,
        Step::Running { .. } => bulk.guard.scroll(chord),
        Step::Planning(_) if leaves => {
            step_back(model, *bulk);
            return effects;
        }
        _ if leaves => return effects,
        Step::Ended(_) if chord.key == Key::Enter => return effects,
        Step::Ended(_) => bulk.guard.scroll(chord),
        Step::Finding | Step::Planning(_) => {}
        Step::Choosing { offers, at, error } => {
            let last = offers.len().saturating_sub(1);
            *error = None;
            match chord.key {
                Key::Down | Key::Char('j') | Key::Tab => *at = (*at + 1).min(last),
                Key::Up | Key::Char('k') => *at = at.saturating_sub(1),
                Key::Enter => effects = plans(&mut bulk),
                _ => {}
            }
        }
    }
    model.prompt = Some(Prompt::Bulk(bulk));
    effects
}

/// From the plans to what was chosen from, if there was a choice.
fn step_back(model: &mut Model, bulk: Bulk) {
    let again = bulk.choose_again(&model.board.can().playbooks);
    model.prompt = again.map(|bulk| Prompt::Bulk(Box::new(bulk)));
}

fn confirming(model: &mut Model, at: Time, chord: Chord, mut bulk: Box<Bulk>) -> Vec<Effect> {
    if chord.key == Key::Esc {
        step_back(model, *bulk);
        return Vec::new();
    }
    let objection = bulk.objection(at);
    let Step::Confirming { typed, .. } = &mut bulk.step else { return Vec::new() };
    // Keys typed before the question could be read are no answer to it.
    if bulk.guard.drawn_at.is_some() {
        bulk.guard.nudge = None;
        match chord.key {
            Key::Enter => {
                bulk.guard.nudge.clone_from(&objection);
                if objection.is_none() {
                    bulk.begin();
                }
            }
            _ if typed.press(chord) => {}
            _ => bulk.guard.scroll(chord),
        }
    }
    bulk.guard.last_key = Some(at);
    model.prompt = Some(Prompt::Bulk(bulk));
    Vec::new()
}
