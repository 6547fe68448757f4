//! Keys while something is asked.

use super::{confirm, escalation, forms, verbs};
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::impact;
use crate::console::model::{Model, ToastState};
use crate::console::prompt::{Asks, Awaited, Choose, Form, Kind, Picked, Prompt, Text, Waiting};
use crate::domain::action::{Settlement, Verb};
use crate::domain::id::IncidentId;
use crate::domain::query::{Asker, Query};
use crate::domain::record::{CloseReason, Entry};
use crate::domain::role::Role;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Takes a key; the prompt was taken out of the model and is put back unless it is done with.
pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, prompt: Prompt) -> Vec<Effect> {
    match prompt {
        Prompt::Filter { field, .. } => filtering(model, at, chord, field),
        Prompt::Confirm(confirm) => confirm::pressed(model, at, chord, confirm),
        Prompt::Bulletin(form) => forms::writing(model, at, chord, form),
        Prompt::Escalation(form) => escalation::pressed(model, at, chord, form),
        Prompt::Report(form) => forms::reporting(model, chord, form),
        Prompt::Waiting(waiting) if chord.key == Key::Esc => {
            model.prompt = waiting.back.filter(|back| back.holds_text()).map(|back| *back);
            Vec::new()
        }
        Prompt::Leave { .. } if matches!(chord.key, Key::Char('q' | 'y')) => vec![Effect::Quit],
        Prompt::Leave { stops, drawn_at } if chord.key == Key::Enter => {
            if drawn_at.is_some_and(|drawn| at - drawn >= confirm::AFTER_FRAME.delta()) {
                return vec![Effect::Quit];
            }
            model.say(at, ToastState::Again, "press Enter again, after a breath".to_owned());
            model.prompt = Some(Prompt::Leave { stops, drawn_at });
            Vec::new()
        }
        Prompt::TakeOver { id, seen, owner } if chord.key == Key::Enter => {
            verbs::acknowledge(model, at, &id, seen, Some(owner))
        }
        _ if chord.key == Key::Esc => Vec::new(),
        Prompt::Leave { .. } if chord.key == Key::Char('n') => Vec::new(),
        Prompt::TakeOver { .. } if matches!(chord.key, Key::Char('n' | 'q')) => Vec::new(),
        Prompt::Explain { .. } => Vec::new(),
        Prompt::Text(text) => typing(model, at, chord, text),
        Prompt::Choose(choose) => choosing(model, at, chord, choose),
        Prompt::Form(form) => filling(model, chord, form),
        other @ (Prompt::Waiting(_) | Prompt::Leave { .. } | Prompt::TakeOver { .. }) => {
            model.prompt = Some(other);
            Vec::new()
        }
    }
}

fn typing(model: &mut Model, at: Time, chord: Chord, mut text: Text) -> Vec<Effect> {
    if chord.key != Key::Enter {
        if text.field.press(chord) {
            text.error = None;
        }
        model.prompt = Some(Prompt::Text(text));
        return Vec::new();
    }
    match entry(&text) {
        Ok((entry, done)) => {
            let effects = verbs::record(model, at, &text.id, text.seen, entry, done);
            model.unsent = Some(text);
            effects
        }
        Err(error) => {
            text.error = Some(error);
            model.prompt = Some(Prompt::Text(text));
            Vec::new()
        }
    }
}

/// What a typed line asks to be written down, and what to say once it is.
fn entry(text: &Text) -> Result<(Entry, String), String> {
    let (id, typed) = (&text.id, text.field.outside());
    let needed = |what: &str| if text.field.is_blank() { Err(what.to_owned()) } else { Ok(typed.clone()) };
    Ok(match &text.asks {
        Asks::Note => (Entry::Noted { text: needed("a note needs words")? }, format!("noted on {id}")),
        Asks::Lead => {
            let name = Outside::new(needed("a lead needs a name")?.raw().trim());
            let done = format!("{} leads {id}", name.safe());
            (Entry::RoleTaken { role: Role::Lead, name, from: None }, done)
        }
        Asks::Impact => (
            Entry::ImpactAssessed { impact: impact::read(typed.raw())?, because: None },
            format!("impact of {id} written down"),
        ),
        Asks::Waiver { to, .. } => {
            let why = needed("say in a few words why it is waived")?;
            (Entry::PhaseMoved { to: *to, waived: Some(why) }, format!("{id} is in {}", to.title()))
        }
        Asks::Closing { reason, required } => {
            let note = if required.is_some() { Some(needed("this needs words")?) } else { None };
            let note = note.or_else(|| (!text.field.is_blank()).then_some(typed));
            let done = match reason {
                CloseReason::Resolved => format!("{id} is resolved and in Review"),
                _ => format!("{id} is closed: {}", reason.word()),
            };
            (Entry::Closed { reason: *reason, note }, done)
        }
        Asks::Settlement { action, .. } => {
            let detail = needed("say what you found out, and how")?;
            let settlement = Settlement::ByHand;
            (
                Entry::Settled { action: *action, settlement, detail },
                format!("{id} #{action} settled by hand"),
            )
        }
    })
}

fn choosing(model: &mut Model, at: Time, chord: Chord, mut choose: Choose) -> Vec<Effect> {
    let last = choose.choices.len().saturating_sub(1);
    choose.error = None;
    match chord.key {
        Key::Enter => return picked(model, at, choose),
        Key::Down | Key::Char('j') => choose.at = (choose.at + 1).min(last),
        Key::Up | Key::Char('k') => choose.at = choose.at.saturating_sub(1),
        Key::Tab if chord.shift => choose.at = if choose.at == 0 { last } else { choose.at - 1 },
        Key::Tab => choose.at = if choose.at >= last { 0 } else { choose.at + 1 },
        Key::Char('f') => {
            if let Some(Picked::Verb(offered)) = choose.choices.get(choose.at).map(|choice| &choice.picked)
                && Kind::of(&offered.verb) == Kind::Escalate
            {
                return escalation::open(model, &choose.id, (**offered).clone());
            }
            if let Some(Picked::Verb(offered)) = choose.choices.get(choose.at).map(|choice| &choice.picked)
                && !offered.asked.is_empty()
            {
                let form = Form::new(&choose.id, (**offered).clone());
                model.prompt = Some(Prompt::Form(form));
                return Vec::new();
            }
        }
        Key::Char('q') => return Vec::new(),
        _ => {}
    }
    model.prompt = Some(Prompt::Choose(choose));
    Vec::new()
}

fn picked(model: &mut Model, at: Time, mut choose: Choose) -> Vec<Effect> {
    let Some(choice) = choose.choices.get(choose.at).cloned() else { return Vec::new() };
    if let Some(barred) = choice.barred {
        choose.error = Some(barred);
        model.prompt = Some(Prompt::Choose(choose));
        return Vec::new();
    }
    let Some(incident) = model.board.get(&choose.id).cloned() else { return Vec::new() };
    let (id, seen) = (choose.id.clone(), choose.seen);
    // The text belongs to what was shown: later changes of the same field are refused.
    let text = |asks| Some(Prompt::Text(Text { seen, ..Text::new(&incident, asks) }));
    match choice.picked {
        Picked::Severity(severity) => {
            let done = set(&id, severity.word(), severity == incident.severity);
            return verbs::record(model, at, &id, seen, Entry::SeveritySet { severity, because: None }, done);
        }
        Picked::Category(category) => {
            let done = set(&id, category.word(), category == incident.category);
            return verbs::record(model, at, &id, seen, Entry::CategorySet { category, because: None }, done);
        }
        Picked::Phase(to, missing) if missing.is_empty() => {
            let done = format!("{id} is in {}", to.title());
            return verbs::record(model, at, &id, seen, Entry::PhaseMoved { to, waived: None }, done);
        }
        Picked::Phase(to, missing) => model.prompt = text(Asks::Waiver { to, missing }),
        Picked::Reason(reason) => {
            let required = incident.closing_needs_words(reason, at);
            model.prompt = text(Asks::Closing { reason, required });
        }
        Picked::Audience(audience) => forms::write(model, at, &incident, audience),
        Picked::Unsettled(action) => model.prompt = text(verbs::settlement(&incident, action)),
        Picked::Verb(offered) => {
            let kind = Kind::of(&offered.verb);
            return begin(model, &id, kind, *offered, Some(Prompt::Choose(choose)));
        }
    }
    Vec::new()
}

/// What is said once a severity or category is set; the right one is thereby confirmed.
fn set(id: &IncidentId, word: &str, same: bool) -> String {
    if same { format!("{id} is {word}: confirmed") } else { format!("{id} is {word}") }
}

/// Goes on with a chosen verb: to its form where values are needed, else straight to its plan.
pub(super) fn begin(
    model: &mut Model,
    id: &IncidentId,
    kind: Kind,
    offered: crate::backend::Applicable,
    back: Option<Prompt>,
) -> Vec<Effect> {
    let paths =
        model.board.catalogue.as_ref().map(|catalogue| catalogue.paths.as_slice()).unwrap_or_default();
    let waits = paths.iter().any(|path| path.complete && path.id == offered.verb.of());
    // Page first: what is not known yet goes out as such, unless the path waits for a complete packet.
    if kind == Kind::Escalate && waits {
        return escalation::open(model, id, offered);
    }
    if kind == Kind::Contain && !offered.asked.is_empty() {
        model.prompt = Some(Prompt::Form(Form::new(id, offered)));
        return Vec::new();
    }
    plan(model, id, offered.verb, std::collections::BTreeMap::new(), back)
}

/// Asks for a plan.
pub(super) fn plan(
    model: &mut Model,
    id: &IncidentId,
    verb: Verb,
    parameters: std::collections::BTreeMap<String, Outside>,
    back: Option<Prompt>,
) -> Vec<Effect> {
    let waiting = Waiting { id: id.clone(), what: Awaited::Plan(verb.clone()), back: back.map(Box::new) };
    model.prompt = Some(Prompt::Waiting(waiting));
    vec![Effect::Plan { id: id.clone(), verb, parameters }]
}

impl Form {
    /// A form filled with what the incident gives.
    fn new(id: &IncidentId, offered: crate::backend::Applicable) -> Self {
        let filled = |asked: &crate::backend::Asked| {
            let text = asked.prefilled.as_ref().map(|value| value.raw().to_owned()).unwrap_or_default();
            (asked.clone(), Field::with(text))
        };
        let fields: Vec<_> = offered.asked.iter().map(filled).collect();
        let at = fields.iter().position(|(_, field)| field.is_blank()).unwrap_or(0);
        Self { id: id.clone(), offered, fields, at, error: None }
    }
}

fn filling(model: &mut Model, chord: Chord, mut form: Form) -> Vec<Effect> {
    let last = form.fields.len().saturating_sub(1);
    let several = form.fields.get(form.at).is_some_and(|(asked, _)| asked.offers.len() > 1);
    match (chord.key, chord.shift) {
        (Key::Enter, _) => {
            let must = Kind::of(&form.offered.verb) == Kind::Contain;
            let empty = form.fields.iter().position(|(_, field)| field.is_blank());
            match empty {
                Some(empty) if must => {
                    let name =
                        form.fields.get(empty).map(|(asked, _)| asked.name.clone()).unwrap_or_default();
                    form.at = empty;
                    form.error = Some(Outside::new(format!("{name} needs a value")));
                }
                _ if form.at < last && form.fields.len() > 1 && !must => form.at += 1,
                _ => {
                    form.error = None;
                    let filled = form.fields.iter().filter(|(_, field)| !field.is_blank());
                    let values = filled.map(|(asked, field)| (asked.name.clone(), field.outside())).collect();
                    let (id, verb) = (form.id.clone(), form.offered.verb.clone());
                    return plan(model, &id, verb, values, Some(Prompt::Form(form)));
                }
            }
        }
        (Key::Up, _) if several => offer(&mut form, -1),
        (Key::Down, _) if several => offer(&mut form, 1),
        (Key::Tab, true) | (Key::Up, _) => form.at = if form.at == 0 { last } else { form.at - 1 },
        (Key::Tab, false) | (Key::Down, _) => form.at = if form.at >= last { 0 } else { form.at + 1 },
        _ => {
            if let Some((_, field)) = form.fields.get_mut(form.at) {
                field.press(chord);
            }
            form.error = None;
        }
    }
    model.prompt = Some(Prompt::Form(form));
    Vec::new()
}

/// Fills in the next of the values that the signals disagree about.
fn offer(form: &mut Form, step: isize) {
    let Some((asked, field)) = form.fields.get_mut(form.at) else { return };
    let typed = field.outside();
    let here = asked.offers.iter().position(|offer| offer.value == typed);
    let count = asked.offers.len();
    let next = match here {
        Some(here) => (here + count).saturating_add_signed(step) % count.max(1),
        None if step > 0 => 0,
        None => count.saturating_sub(1),
    };
    if let Some(offer) = asked.offers.get(next) {
        *field = Field::with(offer.value.raw());
    }
    form.error = None;
}

/// Opens the filter of the list.
pub(super) fn filter(model: &mut Model) {
    let source = model.triage.filter.as_ref().map(|query| query.source().to_owned()).unwrap_or_default();
    model.prompt = Some(Prompt::Filter { field: Field::with(source), error: None });
}

fn filtering(model: &mut Model, at: Time, chord: Chord, mut field: Field) -> Vec<Effect> {
    let mut error = None;
    match chord.key {
        Key::Esc => {
            model.triage.filter = None;
            refresh(model, at);
            return Vec::new();
        }
        Key::Enter => {
            error = Query::parse(&field.text()).err().map(|error| error.to_string());
            if error.is_none() {
                return Vec::new();
            }
        }
        _ => drop(field.press(chord)),
    }
    model.prompt = Some(Prompt::Filter { field, error });
    if chord.key != Key::Enter {
        refilter(model, at);
    }
    Vec::new()
}

/// Shows what matches as it is typed.
pub(super) fn refilter(model: &mut Model, at: Time) {
    let Some(Prompt::Filter { field, error }) = &mut model.prompt else { return };
    let text = field.text();
    match Query::parse(&text) {
        Ok(query) => {
            *error = None;
            model.triage.filter = (!text.trim().is_empty()).then_some(query);
            refresh(model, at);
        }
        Err(wrong) => *error = Some(wrong.to_string()),
    }
}

/// The person asked for other rows: they come at once.
pub(super) fn refresh(model: &mut Model, at: Time) {
    model.triage.reconsider();
    let asker = Asker { me: &model.settings.operator, now: at };
    model.triage.release(&model.board, &asker);
    model.triage.slid_at = None;
}

/// What was typed is not lost when it could not be written down.
pub(super) fn restore(model: &mut Model, at: Time, error: String) {
    match model.unsent.take() {
        Some(mut text) if model.prompt.is_none() => {
            if let Some(incident) = model.board.get(&text.id) {
                text.seen = incident.version;
            }
            text.error = Some(error);
            model.toast = None;
            model.prompt = Some(Prompt::Text(text));
        }
        _ => model.say(at, ToastState::Failed, error),
    }
}
