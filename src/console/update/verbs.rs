//! What a verb's key does: most ask something first.

use super::bulk;
use super::choices::{self, choose, what};
use super::forms;
use super::lessons;
use super::reopening;
use super::snooze;
use super::ties;
use crate::backend::Applicable;
use crate::console::applying::too_late;
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::folds::{Fold, Row};
use crate::console::guard::Guard;
use crate::console::hints::can_undo;
use crate::console::list::List;
use crate::console::model::{Model, ToastState};
use crate::console::page::own;
use crate::console::prompt::{
    Asks, Awaited, Choice, Choose, Fill, Kind, Picked, Prompt, Roles, Text, Waiting, roles,
};
use crate::console::recording::Recording;
use crate::domain::action::Stage;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, Owner};
use crate::domain::rank;
use crate::domain::record::Entry;
use crate::domain::role::Role;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, clock_minute};

/// How long an acknowledgement holds while the engine has not said so.
const ACK_LASTS_S: u64 = 30 * 60;
/// An acknowledgement so soon after one's own says nothing new.
const HELD_DOWN: Span = Span::secs(5);

pub(super) fn verb(model: &mut Model, at: Time, command: Command) -> Vec<Effect> {
    if command == Command::Mark {
        bulk::mark(model, at);
        return Vec::new();
    }
    // A key that is held down until no mark is left does not mean the selected one as well. One that was let go cannot be told
    // from it.
    if model.stroke.is_some_and(|stroke| stroke.of_marked) {
        bulk::spared(model, at);
        return Vec::new();
    }
    if model.means_all_marked()
        && let Some(effects) = bulk::verb(model, at, command)
    {
        if let Some(stroke) = &mut model.stroke {
            stroke.of_marked = true;
        }
        return effects;
    }
    let Some(incident) = model.selected_id().and_then(|id| model.board.get(id)).cloned() else {
        match model.list().and_then(List::fold) {
            Some(_) => say_folded(model, at),
            None => return model.fail(at, "no incident is selected: choose one on Triage first"),
        }
        return Vec::new();
    };
    if command == Command::Acknowledge
        && let Some(why) = unacknowledgeable(&incident)
    {
        return model.fail(at, why);
    }
    match command {
        Command::Phase if incident.is_closed() => return reopening::ask(model, at, &incident),
        Command::Close | Command::HandBack if incident.is_closed() => {
            let (id, key) = (&incident.id, model.settings.keymap.way(Command::Phase));
            let why = incident.takes_no_more(&format!("{key} moves it back"));
            return model.fail(at, format!("{id} {why}"));
        }
        _ => {}
    }
    if matches!(command, Command::RootCause | Command::Item | Command::ItemDone | Command::PostMortem) {
        if let Err(why) = lessons::verb(model, &incident, command) {
            model.say(at, ToastState::Failed, why);
        }
        return Vec::new();
    }
    if let Some(effects) = ties::verb(model, at, &incident, command) {
        return effects;
    }
    if let Some(effects) = snooze::verb(model, at, &incident, command) {
        return effects;
    }
    if command == Command::Undo && incident.is_closed() {
        return reopening::ask(model, at, &incident);
    }
    // Where nothing else can be undone, undo gives it back.
    let holds = command == Command::Undo && !can_undo(&incident) && handed_back(model, &incident, "").is_ok();
    let command = if holds { Command::HandBack } else { command };
    let text = |asks| Prompt::Text(Text::new(&incident, asks));
    model.prompt = Some(match command {
        Command::Acknowledge => match &incident.owner {
            Some(owner) if owner.name != model.settings.operator => Prompt::TakeOver {
                id: incident.id.clone(),
                seen: incident.version,
                owner: owner.name.clone(),
                guard: Guard::default(),
            },
            _ => return hold(model, at, &incident),
        },
        Command::Contain => return find(model, &incident.id, Kind::Contain),
        Command::Upstream => return find(model, &incident.id, Kind::Upstream),
        Command::Undo => return find(model, &incident.id, Kind::Undo),
        Command::Escalate => return find(model, &incident.id, Kind::Escalate),
        Command::Bulletin => {
            forms::bulletin(model, at, &incident);
            return Vec::new();
        }
        Command::Settle => match settle(&incident) {
            Some(prompt) => prompt,
            None => {
                let text = format!("{} has nothing whose outcome is unknown", incident.id);
                return model.fail(at, text);
            }
        },
        Command::Reveal => {
            let done =
                format!("what is sensitive of {} is shown; a record says that you read it", incident.id);
            let (seen, entry) = (incident.version, Entry::SensitiveRead { labels: Vec::new() });
            return record(model, at, seen, entry, Recording::new(&incident.id, done));
        }
        Command::Note => text(Asks::Note),
        Command::HandBack => match handed_back(model, &incident, "") {
            Ok(_) => text(Asks::HandingBack),
            Err(why) => {
                return model.fail(at, why);
            }
        },
        Command::Roles => {
            let offered = roles::offered_to(&incident, &model.settings.operator);
            Prompt::Roles(Roles::new(&incident, offered.unwrap_or(Role::Lead)))
        }
        Command::Impact => Prompt::Fill(Fill::impact(&incident)),
        Command::Classify => Prompt::Fill(Fill::classification(&incident)),
        Command::Severity => Prompt::Choose(choices::severity(&incident)),
        Command::Category => Prompt::Choose(choices::category(&incident)),
        Command::Phase => Prompt::Choose(choices::phase(&incident, at)),
        Command::Close => Prompt::Choose(choices::close(&incident)),
        _ => return Vec::new(),
    });
    Vec::new()
}

/// A verb acts on one incident, never on those that a row hides.
pub(super) fn say_folded(model: &mut Model, at: Time) {
    let Some(fold) = model.list().and_then(List::fold) else { return };
    let (many, open) = (fold.members.len(), model.settings.keymap.key(Command::Open));
    let mark = model.settings.keymap.key(Command::Mark);
    let one = if fold.open { "choose one below it".to_owned() } else { format!("{open} shows them") };
    let text = format!("this row stands for {many} incidents: {one}, {mark} marks all");
    model.say(at, ToastState::Failed, text);
}

/// Writes an entry down, and says what was done once it is.
pub(super) fn record(
    model: &mut Model,
    at: Time,
    seen: u64,
    entry: Entry,
    recording: Recording,
) -> Vec<Effect> {
    model.say(at, ToastState::Pending, recording.done.clone());
    vec![model.recordings.begin(recording, seen, entry)]
}

/// Why nobody can acknowledge it, if nobody can.
pub(super) fn unacknowledgeable(incident: &Incident) -> Option<String> {
    too_late(incident, Command::Acknowledge).map(|why| format!("{} {why}", incident.id))
}

/// Acknowledges what nobody else holds. A key that is held down, or pressed twice, writes it down once.
fn hold(model: &mut Model, at: Time, incident: &Incident) -> Vec<Effect> {
    let me = model.settings.operator.as_str();
    let renewed = |owner: &Owner| owner.until - Span::secs(owner.lasts_s).delta();
    let just = |owner: &&Owner| owner.name == me && (at - renewed(owner)).abs() < HELD_DOWN.delta();
    if model.recordings.is_under_way(&incident.id, &acknowledged(&incident.id)) {
        return Vec::new();
    }
    // What its source was not told is tried again, once for each time somebody asks for that.
    let untold = model.toast.as_ref().is_some_and(|toast| toast.untold.as_ref() == Some(&incident.id));
    let again = model.stroke.is_some_and(|stroke| stroke.goes_on());
    if untold && again {
        return Vec::new();
    }
    if let Some(owner) = incident.owner.as_deref().filter(just).filter(|_| !untold) {
        let text = format!("you hold {} until {}", incident.id, clock_minute(owner.until));
        model.say(at, ToastState::Done, text);
        return Vec::new();
    }
    acknowledge(model, at, &incident.id, incident.version, None)
}

fn acknowledged(id: &IncidentId) -> String {
    format!("you acknowledged {id}")
}

pub(super) fn acknowledge(
    model: &mut Model,
    at: Time,
    id: &IncidentId,
    seen: u64,
    from: Option<String>,
) -> Vec<Effect> {
    let done = match &from {
        Some(from) => format!("you took {id} over from {}", own(from)),
        None => acknowledged(id),
    };
    acknowledge_as(model, at, seen, from, Recording::new(id, done))
}

/// Acknowledges the incident of a recording.
pub(super) fn acknowledge_as(
    model: &mut Model,
    at: Time,
    seen: u64,
    from: Option<String>,
    recording: Recording,
) -> Vec<Effect> {
    let entry = acknowledgement(model, from);
    // What becomes of it is told by itself from now on.
    model.marks.asked.remove(&recording.id);
    record(model, at, seen, entry, recording)
}

/// An acknowledgement as it is written down.
pub(super) fn acknowledgement(model: &Model, from: Option<String>) -> Entry {
    let lasts_s = model.board.catalogue.as_ref().map_or(ACK_LASTS_S, |catalogue| catalogue.ack_lasts_s);
    Entry::Acknowledged { lasts_s, from }
}

/// What handing it back asks to be written down, and what to say once it is.
///
/// # Errors
/// Why it is not this person's to give back.
pub(super) fn handed_back(model: &Model, incident: &Incident, why: &str) -> Result<(Entry, String), String> {
    let id = &incident.id;
    match &incident.owner {
        Some(owner) if owner.name == model.settings.operator => {
            let because = (!why.trim().is_empty()).then(|| Outside::new(why));
            Ok((Entry::HandedBack { because }, format!("you handed {id} back")))
        }
        Some(owner) => {
            let owner = Outside::new(owner.name.as_str());
            Err(format!("{} holds {id}, and only they hand it back", owner.safe()))
        }
        None => {
            let key = model.settings.keymap.way(Command::Acknowledge);
            Err(format!("nobody holds {id}; {key} acknowledges it"))
        }
    }
}

pub(super) fn find(model: &mut Model, id: &IncidentId, kind: Kind) -> Vec<Effect> {
    model.prompt =
        Some(Prompt::Waiting(Waiting { id: id.clone(), what: Awaited::Applicable(kind), back: None }));
    vec![Effect::FindApplicable(id.clone())]
}

/// What is asked to settle what may have been done: whether it was, as somebody found out.
fn settle(incident: &Incident) -> Option<Prompt> {
    let unknown = incident.actions.values().filter(|action| action.stage == Stage::Unknown);
    let actions = unknown.flat_map(|unknown| {
        [(true, "was done"), (false, "was NOT done")].map(|(done, word)| {
            let picked = Picked::Unsettled { action: unknown.id, done };
            Choice::plain(picked, &format!("#{} {word}", unknown.id), &what(incident, unknown.id))
        })
    });
    let postings = incident.unknown_postings().flat_map(|(number, channel)| {
        [(true, "was posted"), (false, "was NOT posted")].map(|(posted, word)| {
            let picked = Picked::Posting { number, channel: channel.to_owned(), posted };
            Choice::plain(picked, &format!("bulletin {number} {word}"), &format!("on {}", own(channel)))
        })
    });
    let choices: Vec<Choice> = actions.chain(postings).collect();
    (!choices.is_empty()).then(|| Prompt::Choose(choose(incident, "settle what?", choices, 0)))
}

/// The prompt that offers several verbs, the suggested one highlighted.
pub(super) fn offer(incident: &Incident, kind: Kind, offered: Vec<Applicable>) -> Choose {
    let at = offered.iter().position(|it| it.suggested && it.barred.is_none());
    let at = at.or_else(|| offered.iter().position(|it| it.barred.is_none())).unwrap_or(0);
    let choice = |it: Applicable| Choice {
        title: it.title.clone(),
        says: it.blast.clone(),
        more: match kind {
            Kind::Escalate => it.asked.iter().map(|a| (a.name.clone(), a.prefilled.clone())).collect(),
            Kind::Contain | Kind::Upstream | Kind::Undo | Kind::Publish => Vec::new(),
        },
        barred: it.barred.clone(),
        picked: Picked::Verb(Box::new(it)),
    };
    let title = match kind {
        Kind::Contain => "contain with",
        Kind::Upstream => "ask its source to",
        Kind::Undo => "undo",
        Kind::Escalate => "escalate on",
        Kind::Publish => "bulletin to",
    };
    choose(incident, title, offered.into_iter().map(choice).collect(), at)
}

pub(super) fn explain(model: &mut Model, at: Time) {
    if let Some(incident) = model.selected() {
        let reasons = rank::explain(incident, at);
        let place = model.list().map(|list| placed(model, list, incident, at)).unwrap_or_default();
        model.prompt = Some(Prompt::Explain { id: incident.id.clone(), place, reasons });
    }
}

/// `Row 4 of 44. INC-1042 stands above it: severity critical before high.`
fn placed(model: &Model, list: &List, incident: &Incident, at: Time) -> String {
    let place = list.place();
    let row = format!("Row {} of {}.", place + 1, list.rows.len());
    let above = list.rows.get(..place).unwrap_or_default();
    let (id, storm) = match above.last() {
        None => return row,
        Some(Row::Fold(fold)) if fold.members.contains(&incident.id) => {
            return format!("{row} Its storm's row stands above it.");
        }
        Some(Row::Fold(fold)) => (fold.members.first(), ", the first of its storm,"),
        // All of an open storm stand together, where the first of them ranks.
        Some(Row::Incident(id)) => match open_storm(above, id) {
            Some(fold) if !fold.members.contains(&incident.id) => {
                (fold.members.first(), ", the first of its storm,")
            }
            _ => (Some(id), ""),
        },
    };
    match id.and_then(|id| model.board.get(id)) {
        Some(above) => {
            format!("{row} {}{storm} stands above it: {}.", above.id, rank::decides(above, incident, at))
        }
        None => row,
    }
}

/// The storm in which this one stands one by one.
fn open_storm<'a>(rows: &'a [Row], id: &IncidentId) -> Option<&'a Fold> {
    let folds = rows.iter().rev().filter_map(|row| if let Row::Fold(fold) = row { Some(fold) } else { None });
    folds.map(|fold| &**fold).find(|fold| fold.open && fold.members.contains(id))
}
