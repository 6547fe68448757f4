//! Keys in the forms of several fields: a bulletin, a report.

use super::{choices, finding, prompts};
use crate::console::bulletin::{BulletinForm, Face};
use crate::console::chord::{Chord, Key};
use crate::console::effect::{COPIED, Effect};
use crate::console::fields::Did;
use crate::console::model::{Model, Screen, ToastState};
use crate::console::prompt::{Choice, Picked, Prompt};
use crate::console::report::ReportForm;
use crate::domain::action::Verb;
use crate::domain::bulletin::Audience;
use crate::domain::deadline::DeadlineKind;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::text::Outside;
use crate::domain::time::{Time, clock_time};

/// Asks whom a bulletin is for; where there is only one, goes on to its form.
pub(super) fn bulletin(model: &mut Model, at: Time, incident: &Incident) {
    let id = &incident.id;
    match model.board.can().bulletins.outlets.as_slice() {
        [] => {
            let none = format!("no [[bulletin]] is configured; {id} can be told to nobody outside");
            model.say(at, ToastState::Failed, none);
        }
        [only] => write(model, at, incident, only.audience),
        several => {
            let choices = several.iter().map(|outlet| {
                let last = incident.last_bulletin(outlet.audience);
                let last = last
                    .map(|sent| format!(", last {} {}", sent.bulletin.status.word(), clock_time(sent.at)));
                let due = incident.deadlines.iter().find(|due| {
                    due.kind == DeadlineKind::Bulletin && due.is_open() && due.name == outlet.audience.word()
                });
                let due = due.map(|due| format!(", due {}", clock_time(due.due))).unwrap_or_default();
                let says = format!("on {}{}{due}", outlet.to.join(", "), last.unwrap_or_default());
                Choice::plain(Picked::Audience(outlet.audience), outlet.audience.word(), &says)
            });
            model.prompt =
                Some(Prompt::Choose(choices::choose(incident, "bulletin to", choices.collect(), 0)));
        }
    }
}

/// Opens the form of a bulletin.
pub(super) fn write(model: &mut Model, at: Time, incident: &Incident, audience: Audience) {
    let Some(catalogue) = &model.board.catalogue else { return };
    model.prompt = Some(Prompt::Bulletin(Box::new(BulletinForm::new(incident, catalogue, audience, at))));
}

pub(super) fn writing(model: &mut Model, at: Time, chord: Chord, mut form: Box<BulletinForm>) -> Vec<Effect> {
    let finished = match (chord.ctrl, chord.key) {
        (true, Key::Char('p')) if !form.fields.leaving => {
            turn(&mut form, Face::Preview);
            false
        }
        (true, Key::Char('l')) if !form.fields.leaving => {
            turn(&mut form, Face::Difference);
            false
        }
        _ if form.face == Face::Form => match form.fields.press(chord, model.size.cols) {
            Did::Left => return Vec::new(),
            Did::Finished => true,
            Did::Stayed => {
                form.error = None;
                begin_again(model, at, &mut form);
                false
            }
        },
        (true, Key::Char('s')) => true,
        _ => {
            read(&mut form, chord);
            false
        }
    };
    if !finished {
        model.prompt = Some(Prompt::Bulletin(form));
        return Vec::new();
    }
    form.face = Face::Form;
    if form.needs_product() {
        form.error = Some(Outside::new("say first what is affected: the rest is begun from that"));
        form.fields.go_to("product");
        model.prompt = Some(Prompt::Bulletin(form));
        return Vec::new();
    }
    if let Some(part) = form.findings(model, at).first().map(|finding| finding.part) {
        form.error = Some(Outside::new("it cannot leave like this: see what stands under the fields"));
        form.fields.go_to(part.key());
        model.prompt = Some(Prompt::Bulletin(form));
        return Vec::new();
    }
    if let Some(wrong) = form.wrong_next() {
        form.error = Some(Outside::new(wrong));
        model.prompt = Some(Prompt::Bulletin(form));
        return Vec::new();
    }
    form.error = None;
    let (id, verb, values) = (form.id.clone(), Verb::Publish { audience: form.audience }, form.parameters());
    prompts::plan(model, &id, verb, values, Some(Prompt::Bulletin(form)))
}

fn turn(form: &mut BulletinForm, to: Face) {
    form.face = if form.face == to { Face::Form } else { to };
    form.top = 0;
}

/// A key while the preview or the difference is read.
fn read(form: &mut BulletinForm, chord: Chord) {
    match chord.key {
        Key::Down | Key::Char('j') => form.top = form.top.saturating_add(1),
        Key::Up | Key::Char('k') => form.top = form.top.saturating_sub(1),
        Key::PageDown | Key::Char(' ') => form.top = form.top.saturating_add(8),
        Key::PageUp => form.top = form.top.saturating_sub(8),
        Key::Esc | Key::Char('q') => form.face = Face::Form,
        _ => {}
    }
}

/// Fills what nobody has changed from the template as it reads now.
fn begin_again(model: &Model, at: Time, form: &mut BulletinForm) {
    if let (Some(incident), Some(catalogue)) = (model.board.get(&form.id), &model.board.catalogue) {
        form.begin_again(incident, catalogue, at);
    }
}

/// Time has passed: what the template says of the next one moves on.
pub(super) fn ticked(model: &mut Model, at: Time) {
    if let Some(Prompt::Bulletin(mut form)) =
        model.prompt.take_if(|prompt| matches!(prompt, Prompt::Bulletin(_)))
    {
        begin_again(model, at, &mut form);
        model.prompt = Some(Prompt::Bulletin(form));
    }
}

/// Opens an empty report.
pub(super) fn report(model: &mut Model) {
    let paths = &model.board.can().paths;
    model.prompt = Some(Prompt::Report(Box::new(ReportForm::new(paths))));
}

pub(super) fn reporting(model: &mut Model, chord: Chord, mut form: Box<ReportForm>) -> Vec<Effect> {
    let mut effects = Vec::new();
    match form.fields.press(chord, model.size.cols) {
        Did::Left => return effects,
        Did::Stayed => {
            form.reconsider();
            form.error = None;
        }
        // The engine is writing it down; it is not opened twice.
        Did::Finished if form.sent => {}
        Did::Finished => match form.report() {
            Ok(report) => {
                (form.sent, form.error) = (true, None);
                effects.push(Effect::Open(Box::new(report)));
            }
            Err((key, what)) => {
                form.fields.go_to(key);
                form.error = Some(Outside::new(what));
            }
        },
    }
    model.prompt = Some(Prompt::Report(form));
    effects
}

/// Shows an incident that was just opened by hand.
pub(super) fn show(model: &mut Model, at: Time, id: &IncidentId) {
    if matches!(model.prompt, Some(Prompt::Report(_))) {
        model.prompt = None;
    }
    // The person asked for it: it does not wait until rows may move.
    finding::refresh(model, at);
    model.triage.select(id);
    model.visit(Screen::Incident { id: id.clone(), top: 0 });
    model.say(at, ToastState::Done, format!("{id} is open"));
}

/// Sends a text to the terminal's clipboard; whether it took it cannot be seen from here.
pub(super) fn copy(model: &mut Model, at: Time, what: &str, mut text: String) -> Vec<Effect> {
    let whole = text.len() <= COPIED;
    if !whole {
        let end = (0..=COPIED).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
    let cut = if whole { "" } else { ", its first 54 KiB" };
    model.say(at, ToastState::Done, format!("{what} sent to the terminal's clipboard{cut}"));
    vec![Effect::Copy(text)]
}
