//! The engine's answers to what the console asked.

use std::sync::Arc;

use super::{bulk, escalation, forms, lessons, popups, prompts, verbs};
use crate::backend::{Applicable, Catalogue, Detail, Receipt, Refusal, RefusalKind};
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::model::{Model, Screen, ToastState};
use crate::console::prompt::{Awaited, Confirm, Kind, Prompt, Shown};
use crate::console::reading;
use crate::console::recording::Token;
use crate::domain::action::Verb;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::packet::Packet;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::query::Asker;
use crate::domain::story;
use crate::domain::text::Outside;
use crate::domain::time::{Time, clock_minute};

pub(super) fn listed(model: &mut Model, at: Time, answer: Result<Box<Catalogue>, Refusal>) -> Vec<Effect> {
    match answer {
        Ok(catalogue) => model.board.enable(*catalogue),
        Err(refusal) => model.say(at, ToastState::Failed, said(&refusal)),
    }
    Vec::new()
}

pub(super) fn opened(
    model: &mut Model,
    at: Time,
    asked: &str,
    answer: Result<Box<Detail>, Refusal>,
) -> Vec<Effect> {
    if model.loading.as_deref() == Some(asked) {
        model.loading = None;
    }
    let first = model.opening.take_if(|opening| opening == asked).is_some();
    match answer {
        Ok(detail) => {
            learn(model, at, &detail.incident);
            if first {
                let id = detail.incident.id.clone();
                model.triage.select(&id);
                model.visit(Screen::Incident { id, top: 0 });
            }
            reading::came(model, at, detail);
            lessons::read_again(model);
        }
        Err(refusal) => {
            reading::failed(model, asked);
            if first {
                model.say(at, ToastState::Failed, said(&refusal));
            }
        }
    }
    Vec::new()
}

pub(super) fn found(
    model: &mut Model,
    at: Time,
    id: &IncidentId,
    answer: Result<Vec<Applicable>, Refusal>,
) -> Vec<Effect> {
    if matches!(model.prompt, Some(Prompt::Bulk(_))) {
        return bulk::found(model, at, id, answer);
    }
    let Some(kind) = awaited_kind(model, id) else { return Vec::new() };
    model.prompt = None;
    let offered = match answer {
        Ok(all) => all.into_iter().filter(|it| Kind::of(&it.verb) == kind).collect::<Vec<_>>(),
        Err(refusal) => {
            return model.fail(at, said(&refusal));
        }
    };
    let Some(incident) = model.board.get(id).cloned() else { return Vec::new() };
    match (kind, offered.as_slice()) {
        (_, []) => {
            let none = match kind {
                Kind::Contain => format!("no playbook applies to {id}"),
                Kind::Upstream => format!("no source of {id} takes anything from here"),
                Kind::Undo => format!("{id} has nothing that could be undone"),
                Kind::Publish => format!("no [[bulletin]] is configured; {id} can be told to nobody outside"),
                Kind::Escalate => format!("no path is configured for {id}; add a [[path]] with steps"),
            };
            model.say(at, ToastState::Failed, none);
        }
        (Kind::Contain | Kind::Undo, [one]) if one.barred.is_none() => {
            return prompts::begin(model, id, kind, one.clone(), None);
        }
        _ => model.prompt = Some(Prompt::Choose(verbs::offer(&incident, kind, offered))),
    }
    Vec::new()
}

fn awaited_kind(model: &Model, of: &IncidentId) -> Option<Kind> {
    match &model.prompt {
        Some(Prompt::Waiting(waiting)) if waiting.id == *of => match waiting.what {
            Awaited::Applicable(kind) => Some(kind),
            Awaited::Plan(_) | Awaited::Preview(_) => None,
        },
        _ => None,
    }
}

pub(super) fn planned(
    model: &mut Model,
    at: Time,
    id: &IncidentId,
    answer: Result<Box<Plan>, Refusal>,
) -> Vec<Effect> {
    if matches!(model.prompt, Some(Prompt::Bulk(_))) {
        bulk::planned(model, id, answer);
        return Vec::new();
    }
    let waits = |prompt: &mut Prompt| {
        matches!(prompt, Prompt::Waiting(waiting)
            if waiting.id == *id && !matches!(waiting.what, Awaited::Applicable(_)))
    };
    let Some(Prompt::Waiting(waiting)) = model.prompt.take_if(waits) else { return Vec::new() };
    match (answer, model.board.get(id)) {
        // A plan for another incident, or another verb, than was asked for is never shown as if it were the one.
        (Ok(plan), Some(incident))
            if plan.basis.incident == *id && waiting.what == Awaited::Plan(plan.verb.clone()) =>
        {
            model.prompt = Some(Prompt::Confirm(Box::new(Confirm::new(incident, *plan, waiting.back))));
        }
        (Ok(plan), Some(_))
            if plan.basis.incident == *id && waiting.what == Awaited::Preview(plan.verb.clone()) =>
        {
            let (id, back) = (id.clone(), waiting.back);
            model.prompt = Some(Prompt::Shown(Box::new(Shown { id, plan: *plan, top: 0, back })));
        }
        (Ok(_), _) => {
            model.prompt = waiting.back.map(|back| *back);
            model.say(at, ToastState::Failed, "the engine answered with another plan; try again".to_owned());
        }
        (Err(refusal), _) => {
            let mut back = waiting.back.map(|back| *back);
            match &mut back {
                Some(Prompt::Form(form)) => form.error = Some(Outside::new(said(&refusal))),
                Some(Prompt::Bulletin(form)) => form.error = Some(in_full(&refusal)),
                Some(Prompt::Escalation(form)) => form.error = Some(in_full(&refusal)),
                Some(Prompt::Choose(choose)) => choose.error = Some(said(&refusal)),
                _ => return model.fail(at, said(&refusal)),
            }
            model.prompt = back;
        }
    }
    Vec::new()
}

/// That nothing was sent, and what a second person has to do until when.
fn waits(model: &Model, receipt: &Receipt) -> String {
    let until = receipt.waits.map(clock_minute).unwrap_or_default();
    let key = model.settings.keymap.key(Command::Approve);
    format!("{} waits for a second person until {until}; their {key} approves it", receipt.incident.id)
}

pub(super) fn submitted(
    model: &mut Model,
    at: Time,
    hash: &PlanHash,
    answer: Result<Box<Receipt>, Refusal>,
) -> Vec<Effect> {
    if bulk::submitted(model, at, hash, &answer) {
        return Vec::new();
    }
    let mine = model.prompt.as_ref().is_some_and(|prompt| asks_for(prompt, hash));
    let published = match &model.prompt {
        Some(Prompt::Confirm(confirm)) if mine => matches!(confirm.plan.verb, Verb::Publish { .. }),
        // Somebody looked away from it.
        _ => matches!(model.kept.as_deref(), Some(Prompt::Bulletin(_))),
    };
    match answer {
        Ok(receipt) => {
            learn(model, at, &receipt.incident);
            bulk::contained(model, &receipt);
            let action = receipt.action.and_then(|id| receipt.incident.actions.get(&id));
            let id = &receipt.incident.id;
            let text = match (action, receipt.repeated) {
                _ if receipt.waits.is_some() => waits(model, &receipt),
                (Some(action), false) => {
                    format!("{id} {} confirmed; see its row", story::brief(&action.plan))
                }
                (Some(action), true) => {
                    format!("{id} {} was confirmed before; not done again", story::brief(&action.plan))
                }
                (None, false) if published => {
                    format!("{id} bulletin on its way; its page shows the receipts")
                }
                (None, true) if published => format!("{id} this bulletin was sent before; not sent again"),
                (None, false) => format!("{id} escalated; the receipts are in its timeline"),
                (None, true) => format!("{id} was escalated by this plan before; not sent again"),
            };
            model.say(at, ToastState::Done, text);
            if mine {
                model.prompt = None;
            }
            model.kept = None;
        }
        Err(refusal) => {
            refused(model, at, hash, refusal);
            if model.prompt.is_none() {
                model.prompt = model.kept.take().map(|form| *form);
            }
        }
    }
    Vec::new()
}

/// Whether a prompt asks to confirm this plan.
pub(super) fn asks_for(prompt: &Prompt, hash: &PlanHash) -> bool {
    matches!(prompt, Prompt::Confirm(confirm) if confirm.plan.hash == *hash)
}

/// What a page asked was refused: it says why, if it still stands.
pub(super) fn disagreed(model: &mut Model, at: Time, mine: bool, refusal: &Refusal) {
    learn_current(model, at, refusal);
    match &mut model.prompt {
        Some(Prompt::Agree(agree)) if mine => agree.guard.refused(said(refusal)),
        _ => model.say(at, ToastState::Failed, said(refusal)),
    }
}

/// A plan that was confirmed, or approved, was not carried out: its prompt says why, if it still stands.
pub(super) fn refused(model: &mut Model, at: Time, hash: &PlanHash, refusal: Refusal) {
    learn_current(model, at, &refusal);
    match &mut model.prompt {
        Some(Prompt::Confirm(confirm)) if confirm.plan.hash == *hash => {
            confirm.guard.sent = false;
            if refusal.kind == RefusalKind::Changed {
                let none = refusal.differences.is_empty();
                confirm.disarm(if none { vec![said(&refusal)] } else { refusal.differences });
            } else {
                confirm.guard.nudge = Some(said(&refusal));
            }
        }
        _ => model.say(at, ToastState::Failed, said(&refusal)),
    }
}

pub(super) fn recorded(
    model: &mut Model,
    at: Time,
    token: Token,
    answer: Result<Arc<Incident>, Refusal>,
) -> Vec<Effect> {
    match &answer {
        Ok(incident) => learn(model, at, incident),
        Err(refusal) => learn_current(model, at, refusal),
    }
    let Some(mut recording) = model.recordings.answered(token) else { return Vec::new() };
    let id = recording.id.clone();
    match answer {
        answer if recording.of_marked => bulk::recorded(model, at, &id, answer.err().as_ref().map(said)),
        Err(refusal) if recording.of_popup => return popups::refused(model, at, id, said(&refusal)),
        Err(refusal) => prompts::restore(model, at, recording.typed.map(|typed| *typed), said(&refusal)),
        // The step before changed the same field: the next one is bound to what that made of it.
        Ok(incident) if !recording.then.is_empty() => {
            let next = recording.then.remove(0);
            return vec![model.recordings.begin(recording, incident.version, next)];
        }
        // That another was refused stays to be read.
        Ok(_) if matches!(&model.toast, Some(toast) if toast.state == ToastState::Failed) => {}
        Ok(_) => {
            model.say(at, ToastState::Done, recording.done);
            if let Some(toast) = &mut model.toast {
                toast.reverse = recording.reverse.map(|reverse| (reverse, id.clone()));
            }
        }
    }
    escalation::recorded(model, &id).into_iter().collect()
}

/// What a source made of an acknowledgement. What it answers in the end stands in the row and the timeline.
pub(super) fn acknowledged_there(
    model: &mut Model,
    at: Time,
    id: &IncidentId,
    answer: Result<Box<Receipt>, Refusal>,
) -> Vec<Effect> {
    match answer {
        Ok(receipt) => learn(model, at, &receipt.incident),
        Err(refusal) => {
            let text = format!("{id} is held here only, not at its source: {}", said(&refusal));
            if !bulk::here_only(model, at, id, &text) {
                model.say(at, ToastState::Failed, text);
                if let Some(toast) = &mut model.toast {
                    toast.untold = Some(id.clone());
                }
            }
        }
    }
    Vec::new()
}

pub(super) fn packet(
    model: &mut Model,
    id: &IncidentId,
    path: &str,
    answer: Result<Box<Packet>, Refusal>,
) -> Vec<Effect> {
    escalation::read(model, id, path, answer.map_err(|refusal| refusal.message));
    Vec::new()
}

/// What became of a report.
pub(super) fn reported(model: &mut Model, at: Time, answer: Result<Arc<Incident>, Refusal>) -> Vec<Effect> {
    match (answer, &mut model.prompt) {
        (Ok(incident), _) => {
            learn(model, at, &incident);
            forms::show(model, at, &incident.id);
        }
        (Err(refusal), Some(Prompt::Report(form))) => {
            form.sent = false;
            form.error = Some(in_full(&refusal));
        }
        (Err(refusal), _) => model.say(at, ToastState::Failed, said(&refusal)),
    }
    Vec::new()
}

/// Takes in one incident that an answer carried.
pub(super) fn learn(model: &mut Model, at: Time, incident: &Arc<Incident>) {
    if let Some(change) = model.board.learn(incident) {
        model.news.note(std::slice::from_ref(&change), at, false);
        let asker = Asker { me: &model.settings.operator, now: at };
        model.triage.note(&change, &model.board, &asker);
        model.review.note(&change, &model.board, &asker);
        model.triage.waiting.remove(&change.id);
        if let Some(Prompt::Confirm(confirm)) = &mut model.prompt
            && confirm.id == change.id
        {
            confirm.compare(incident);
        }
    }
}

/// Takes in the incident that a refusal carried.
pub(super) fn learn_current(model: &mut Model, at: Time, refusal: &Refusal) {
    if let Some(current) = &refusal.current {
        learn(model, at, current);
    }
}

/// A refusal with everything it names, for a form.
fn in_full(refusal: &Refusal) -> Outside {
    let all = std::iter::once(refusal.message.raw()).chain(refusal.differences.iter().map(String::as_str));
    Outside::new(all.collect::<Vec<_>>().join(": "))
}

/// A refusal in one line.
pub(super) fn said(refusal: &Refusal) -> String {
    let mut text = refusal.message.safe().to_string();
    if refusal.kind == RefusalKind::Changed && !refusal.differences.is_empty() {
        text = format!("{text}: {}", refusal.differences.join("; "));
    }
    text
}
