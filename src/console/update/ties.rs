//! Merging, linking, and taking either back: what is asked first, and what becomes of it.

use std::sync::Arc;

use super::answers::{disagreed, learn};
use super::bulk::refuses_hidden;
use super::choices::choose;
use super::reopening;
use super::verbs;
use crate::backend::Refusal;
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::guard::Guard;
use crate::console::hints::can_undo;
use crate::console::model::{Model, ToastState};
use crate::console::prompt::{Agree, Agreement, Choice, Picked, Prompt};
use crate::console::tying::Tying;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, SignalKeyText, TakenIn};
use crate::domain::tie::Tie;
use crate::domain::time::Time;

/// So many are offered to merge into; the command line takes any.
const OFFERED: usize = 40;

/// Merging and taking it back, where a verb's key asks for that.
pub(super) fn verb(
    model: &mut Model,
    at: Time,
    incident: &Arc<Incident>,
    command: Command,
) -> Option<Vec<Effect>> {
    match command {
        Command::Merge => Some(begin(model, at, incident)),
        Command::Undo => undo(model, at, incident),
        _ => None,
    }
}

/// All that are marked into the selected one; where none is, that one into another that is chosen.
fn begin(model: &mut Model, at: Time, incident: &Arc<Incident>) -> Vec<Effect> {
    let marked: Vec<IncidentId> = match model.means_all_marked() {
        true => model.marks.ids.iter().filter(|id| **id != incident.id).cloned().collect(),
        false => Vec::new(),
    };
    if !marked.is_empty() {
        if refuses_hidden(model, at) {
            return Vec::new();
        }
        return merge(model, at, &marked, &incident.id);
    }
    if let Err(why) = incident.may_be_merged(at) {
        return model.fail(at, format!("{}: {why}", incident.id));
    }
    let choices = offers(model, incident);
    if choices.is_empty() {
        return model.fail(at, format!("nothing else is open that {} could go on in", incident.id));
    }
    // What nobody has looked at is not merged by keys that were pressed ahead.
    let none_yet = choices.len();
    model.prompt = Some(Prompt::Choose(choose(incident, "is a duplicate of", choices, none_yet)));
    Vec::new()
}

/// What is open beside it: of its severity and service first, then of its service, then of its severity; each as it
/// ranks.
fn offers(model: &Model, incident: &Incident) -> Vec<Choice> {
    let service = incident.opening.service.raw();
    let open = model.board.ranked().filter(|it| it.id != incident.id && it.may_take_in().is_ok());
    let mut others: Vec<&Arc<Incident>> = open.collect();
    others.sort_by_key(|it| {
        let of_service = !service.is_empty() && it.is_of_service(service);
        (!of_service, it.severity != incident.severity)
    });
    let choice = |it: &Arc<Incident>| {
        let title = format!("{} {}", it.severity.short(), it.id);
        Choice::plain(Picked::Into(it.id.clone()), &title, &it.title().safe())
    };
    others.into_iter().take(OFFERED).map(choice).collect()
}

/// Asks whether to merge these into that one. What cannot be merged stays as it is, and marked.
pub(super) fn merge(model: &mut Model, at: Time, ids: &[IncidentId], into: &IncidentId) -> Vec<Effect> {
    let Some(to) = model.board.get(into).cloned() else { return Vec::new() };
    let all: Vec<Arc<Incident>> = ids.iter().filter_map(|id| model.board.get(id).cloned()).collect();
    let may = |one: &Incident| Tie::Merge.may(one, &to, at).map_err(|(id, why)| format!("{id}: {why}"));
    let (of, stay): (Vec<_>, Vec<_>) = all.iter().partition(|one| may(one).is_ok());
    let stay: Vec<String> = stay.into_iter().filter_map(|one| may(one).err()).collect();
    if of.is_empty() {
        if let Some(why) = stay.into_iter().next() {
            model.say(at, ToastState::Failed, why);
        }
        return Vec::new();
    }
    ask(model, Tying::new(Tie::Merge, of.into_iter().map(AsRef::as_ref), &to), stay);
    Vec::new()
}

/// Asks whether to take one out again of the one it was merged into.
pub(super) fn unmerge(model: &mut Model, at: Time, of: &IncidentId, out_of: &IncidentId) -> Vec<Effect> {
    let found = |id: &IncidentId| model.board.get(id).cloned();
    let (Some(one), Some(other)) = (found(of), found(out_of)) else {
        // Closed ones are let go after a day.
        let text = format!("it is no longer kept here: quell unmerge {of}");
        return model.fail(at, text);
    };
    let tying = Tying::new(Tie::Unmerge, [one.as_ref()], &other);
    match tying.cannot(&model.board, at) {
        Some(why) => model.say(at, ToastState::Failed, why),
        None => ask(model, tying, Vec::new()),
    }
    Vec::new()
}

/// Links it with another one; asks first where signals move with it.
pub(super) fn link(
    model: &mut Model,
    at: Time,
    incident: &Incident,
    with: &Incident,
    signals: Vec<SignalKeyText>,
) -> Vec<Effect> {
    let moves = !signals.is_empty();
    let tying = Tying::new(Tie::Link { signals }, [incident], with);
    if moves {
        ask(model, tying, Vec::new());
        return Vec::new();
    }
    at_once(model, at, tying)
}

/// Says that it has nothing to do with another one.
pub(super) fn unlink(model: &mut Model, at: Time, incident: &Incident, from: &Incident) -> Vec<Effect> {
    at_once(model, at, Tying::new(Tie::Unlink, [incident], from))
}

fn at_once(model: &mut Model, at: Time, tying: Tying) -> Vec<Effect> {
    model.say(at, ToastState::Pending, tying.done());
    vec![Effect::Tie(tying)]
}

fn ask(model: &mut Model, tying: Tying, stay: Vec<String>) {
    let to = Agreement::Tie { tying, stay, news: Vec::new() };
    model.prompt = Some(Prompt::Agree(Box::new(Agree::new(to))));
}

/// Taking a merge or a link back; `None` where undoing can only mean something else. Where more could be meant, all of it
/// is asked about.
fn undo(model: &mut Model, at: Time, incident: &Arc<Incident>) -> Option<Vec<Effect>> {
    if incident.merged.is_some() {
        return take_back(model, at, incident);
    }
    let linked: Vec<Arc<Incident>> =
        incident.links.iter().filter_map(|id| model.board.get(id).cloned()).collect();
    let mine = !incident.is_closed() && verbs::handed_back(model, incident, "").is_ok();
    // What went on in it stays there once it is closed.
    let taken = if incident.is_closed() { &[] } else { incident.taken_in.as_slice() };
    let back = incident.closed_in().ok();
    let says = |phase| reopening::says("where it was closed", incident, phase, at);
    let back = back.map(|phase| Choice::plain(Picked::Phase(phase), "open it again", &says(phase)));
    let other = [
        (
            can_undo(incident) && back.is_none(),
            Picked::Containment,
            "a containment or silence",
            "shown first, then confirmed",
        ),
        (incident.snooze.is_some(), Picked::Wake, "wake it", "it is snoozed"),
        (mine, Picked::HandBack, "hand it back", "whoever is next is told at once"),
    ];
    let other: Vec<_> = other.into_iter().filter(|(can, ..)| *can).collect();
    match (linked.as_slice(), taken, other.as_slice()) {
        ([], [], _) => None,
        ([], [only], []) => Some(unmerge(model, at, &only.id, &incident.id)),
        ([only], [], []) if back.is_none() => Some(unlink(model, at, incident, only)),
        (all, taken, _) => {
            let unlink = |it: &Arc<Incident>| {
                let title = format!("unlink {}", it.id);
                Choice::plain(Picked::Unlink(it.id.clone()), &title, &it.title().safe())
            };
            let mut choices: Vec<Choice> = back.into_iter().chain(taken.iter().rev().map(take_out)).collect();
            choices.extend(all.iter().map(unlink));
            choices
                .extend(other.into_iter().map(|(_, picked, title, says)| Choice::plain(picked, title, says)));
            model.prompt = Some(Prompt::Choose(choose(incident, "undo what?", choices, 0)));
            Some(Vec::new())
        }
    }
}

fn take_out(taken: &TakenIn) -> Choice {
    let title = format!("take {} out", taken.id);
    Choice::plain(Picked::TakeOut(taken.id.clone()), &title, &taken.title.safe())
}

/// Taking a merge back; `None` where nothing was merged.
pub(super) fn take_back(model: &mut Model, at: Time, incident: &Arc<Incident>) -> Option<Vec<Effect>> {
    if let Some(merged) = &incident.merged {
        return Some(unmerge(model, at, &incident.id, &merged.into));
    }
    let mut choices: Vec<Choice> = incident.taken_in.iter().rev().map(take_out).collect();
    match (incident.taken_in.as_slice(), can_undo(incident)) {
        ([], _) => None,
        ([only], false) => Some(unmerge(model, at, &only.id, &incident.id)),
        (_, contained) => {
            if contained {
                choices.push(Choice::plain(
                    Picked::Containment,
                    "a containment or silence",
                    "shown first, then confirmed",
                ));
            }
            model.prompt = Some(Prompt::Choose(choose(incident, "undo what?", choices, 0)));
            Some(Vec::new())
        }
    }
}

/// Why what a page asks cannot be done now.
pub(super) fn barred(model: &Model, agree: &Agree, at: Time) -> Option<String> {
    match &agree.to {
        Agreement::Tie { tying, .. } if !agree.guard.sent => tying.cannot(&model.board, at),
        _ => None,
    }
}

/// Something of what is asked about may have changed: that is shown, and Enter counts anew.
pub(super) fn renew(model: &mut Model) {
    let Some(Prompt::Agree(agree)) = &mut model.prompt else { return };
    if agree.guard.sent {
        return;
    }
    let Agreement::Tie { tying, news, .. } = &mut agree.to else { return };
    let changed = tying.renew(&model.board);
    if !changed.is_empty() {
        news.extend(changed);
        agree.guard = Guard::anew();
    }
}

/// What became of it. The prompt may be gone by then.
pub(super) fn tied(
    model: &mut Model,
    at: Time,
    tying: &Tying,
    answer: Result<Vec<Arc<Incident>>, Refusal>,
) -> Vec<Effect> {
    let same = |agree: &Agree| matches!(&agree.to, Agreement::Tie { tying: it, .. } if it == tying);
    let mine = matches!(&model.prompt, Some(Prompt::Agree(agree)) if same(agree));
    match answer {
        Ok(after) => {
            after.iter().for_each(|incident| learn(model, at, incident));
            if mine {
                model.prompt = None;
            }
            if tying.tie == Tie::Merge {
                model.marks.ids.retain(|id| tying.of.iter().all(|seen| seen.id != *id));
                let selected = model.triage.selected();
                if tying.of.iter().any(|seen| Some(&seen.id) == selected) {
                    model.triage.goes_on_in(&tying.to.id);
                }
            }
            model.say(at, ToastState::Done, tying.done());
        }
        Err(refusal) => disagreed(model, at, mine, &refusal),
    }
    Vec::new()
}
