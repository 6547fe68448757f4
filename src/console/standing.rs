//! What is most urgent about an incident, in the few cells a row has for it.

use super::approvals;
use super::due;
use super::model::Model;
use super::page::detail::verifying;
use super::page::review;
use super::page::{Role, own};
use super::prompt::roles;
use crate::domain::action::{Action, Contained, Stage, Verb};
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::escalation::{StepState, Stopped};
use crate::domain::incident::{Incident, key_text};
use crate::domain::time::{Span, Time, clock_minute, clock_time, countdown};
use crate::domain::upstream::{Coming, Turn};

/// What has just been settled stands before what is counting down for so long.
const FRESH: Span = Span::secs(30);
/// The same, where a page will go out.
const A_MOMENT: Span = Span::secs(5);
/// What is due within this stands before what is known of the incident otherwise.
const SOON: Span = Span::mins(60);
/// How long before an acknowledgement expires its owner is warned.
const EXPIRY_WARNING: Span = Span::mins(5);

/// One thing, in words from the longest to the shortest: words are dropped before a digit is.
type Said = (Role, Vec<String>);

/// As many of the most urgent things as fit, and how the first is shown.
pub fn standing(model: &Model, incident: &Incident, stale: bool, now: Time, cells: usize) -> (Role, String) {
    let fitting = |words: &[String], room: usize| words.iter().find(|w| w.chars().count() <= room).cloned();
    let mut all = urgent(model, incident, stale, now).into_iter();
    let Some((role, words)) = all.next() else { return (Role::Plain, String::new()) };
    let mut out = fitting(&words, cells).or(words.last().cloned()).unwrap_or_default();
    for (_, words) in all {
        let room = cells.saturating_sub(out.chars().count() + 2);
        let Some(more) = fitting(&words, room) else { break };
        out = format!("{out}, {more}");
    }
    (role, out)
}

/// What is urgent, the most urgent first.
fn urgent(model: &Model, incident: &Incident, stale: bool, now: Time) -> Vec<Said> {
    let mut out: Vec<Said> = Vec::new();
    let mut say = |role, words: &[&str]| {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        // A thing is said once, however long.
        if !out.iter().any(|(_, said)| said.last() == words.last()) {
            out.push((role, words));
        }
    };
    if incident.is_closed() {
        say(Role::Dim, &["closed"]);
        return out;
    }
    if incident.has_unknown() {
        say(Role::Bad, &["UNKNOWN"]);
    }
    let page = paging(incident, now);
    if let Some((role, words)) = paging_there(model, incident, now) {
        say(role, &words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let last = incident.actions.values().next_back();
    if let Some((role, words)) = last.and_then(|action| moving(action, now, page.is_some())) {
        say(role, &words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    if let Some(set) = review::due(incident) {
        let (role, words) = review::countdown(model, set.due, now);
        say(role, &words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let near = near(incident, page, now);
    let (lost, soon): (Vec<_>, Vec<_>) = near.into_iter().partition(|(due, ..)| *due <= now);
    let waits = waits(model, incident, now).map(|(role, words)| (now, role, words));
    for (_, role, words) in lost.into_iter().chain(waits).chain(soon) {
        say(role, &words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    if let Some(role) = roles::offered_to(incident, &model.settings.operator) {
        say(Role::Strong, &[&format!("{} offered", role.word()), "role offered", "offered"]);
    }
    if stale {
        match model.board.as_of(incident).map(clock_minute) {
            Some(at) => say(Role::Warn, &[&format!("STALE {at}"), &format!("old {at}")]),
            None => say(Role::Warn, &["not read yet", "not read"]),
        }
    }
    if let Some(due) = incident.ack_due() {
        if due <= now {
            say(Role::Bad, &["ack OVERDUE"]);
        } else {
            let left = countdown(due, now);
            say(Role::Warn, &[&format!("ack in {left}"), &format!("ack {left}")]);
        }
    }
    if let Some(owner) = &incident.owner
        && owner.until - now < EXPIRY_WARNING.delta()
    {
        let left = countdown(owner.until, now);
        say(Role::Warn, &[&format!("ack ends {left}"), &format!("ends {left}")]);
    }
    if let Some(health) = incident.health.as_ref().filter(|_| incident.phase.is_open()) {
        let (role, words) = due::health(health, now);
        say(role, &[&words]);
    }
    match incident.contained() {
        Contained::Accepted => say(Role::Warn, &["not verified", "unverified"]),
        Contained::Verified => say(Role::Good, &["contained"]),
        Contained::Undone => say(Role::Plain, &["undone"]),
        Contained::None | Contained::Pending | Contained::Unknown => {}
    }
    if incident.cleared_at.is_some() {
        say(Role::Good, &["cleared"]);
    }
    if incident.lacks_commander() {
        say(Role::Warn, &["no commander", "no command"]);
    }
    for far in others(incident).filter(|open| open.due - now > SOON.delta()) {
        let words = due::words(far, now);
        say(Role::Plain, &words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    out
}

/// Somebody waits for a second person: for whom, and how long that stands.
fn waits(model: &Model, incident: &Incident, now: Time) -> Option<Said> {
    let open = approvals::of(incident, now);
    let mine = open.iter().find(|it| approvals::is_for_me(model, **it, now));
    let left = countdown(mine.or(open.first())?.ask.until, now);
    Some(match mine {
        Some(_) => (Role::Strong, vec![format!("approve {left}"), format!("appr {left}")]),
        None => (Role::Warn, vec![format!("waits {left}")]),
    })
}

/// What is due beside the review, which is said in business days.
fn others(incident: &Incident) -> impl Iterator<Item = &Deadline> {
    incident.open_deadlines().into_iter().filter(|open| open.kind != DeadlineKind::Review)
}

/// A page that will go out and what else is due soon or overdue, by when.
fn near(
    incident: &Incident,
    page: Option<(Time, Role, Vec<String>)>,
    now: Time,
) -> Vec<(Time, Role, Vec<String>)> {
    let open = others(incident).filter(|open| open.due - now <= SOON.delta());
    let mut out: Vec<_> = open
        .map(|open| {
            let role = if open.due <= now { Role::Bad } else { Role::Warn };
            (open.due, role, due::words(open, now))
        })
        .chain(page)
        .collect();
    out.sort_by_key(|(due, ..)| *due);
    out
}

/// An action that is under way, or has just come to an end. Its end gives way to a page that will go out.
fn moving(action: &Action, now: Time, pages: bool) -> Option<Said> {
    let lasts = if pages { A_MOMENT } else { FRESH };
    let fresh = now - action.moved_at < lasts.delta();
    let said = |role, words: &[&str]| (role, words.iter().map(|&word| word.to_owned()).collect());
    let asked = asked(&action.plan.verb);
    let named = |role, words: &[&str], last: &str| {
        let words = words.iter().filter_map(|word| Some(format!("{} {word}", asked.as_ref()?)));
        (role, words.chain([last.to_owned()]).collect())
    };
    Some(match action.stage {
        Stage::Intended | Stage::Sent => said(Role::Warn, &["sending…"]),
        Stage::Accepted if action.is_verifying() => {
            let full = verifying(action, now);
            let short = full.replace("verifying", "verify").replace(" s", "s");
            said(Role::Warn, &[&full, &short, &short.replace("verify ", "")])
        }
        Stage::Verified if fresh => {
            let undo = matches!(action.plan.verb, Verb::Undo { .. });
            let word = if undo { "undone" } else { "contained" };
            let full = format!("{word} {}", clock_time(action.moved_at));
            match (&asked, undo) {
                (Some(_), true) => named(Role::Good, &["undone"], "undone"),
                (Some(_), false) => named(Role::Good, &["verified", "done"], "done upstream"),
                // Both are seen where both fit.
                (None, _) if pages => said(Role::Good, &[word]),
                (None, _) => said(Role::Good, &[&full, word]),
            }
        }
        Stage::Refused if fresh => named(Role::Bad, &["REFUSED"], "REFUSED"),
        Stage::NotSent if fresh => named(Role::Bad, &["NOT SENT"], "NOT SENT"),
        Stage::NotDone => named(Role::Bad, &["NOT DONE"], "NOT DONE"),
        _ => return None,
    })
}

/// What a source was asked for, or that is undone, by its name there: a silence is no containment.
fn asked(verb: &Verb) -> Option<String> {
    let (Verb::Upstream { playbook } | Verb::Undo { playbook, .. }) = verb else { return None };
    let (_, name) = playbook.split_once('/')?;
    Some(own(name).to_string())
}

/// Who is told next and when, or that nobody will be.
fn paging(incident: &Incident, now: Time) -> Option<(Time, Role, Vec<String>)> {
    let escalation = incident.escalation()?;
    // That nobody will be told is more urgent than anything that is due.
    let lost = |words: &str| Some((Time::UNIX_EPOCH, Role::Bad, vec![words.to_owned()]));
    if incident.owner.is_none() && escalation.stopped == Some(Stopped::Exhausted) {
        return lost("EXHAUSTED");
    }
    if incident.owner.is_none() && escalation.steps.iter().any(|step| step.state == StepState::Missed) {
        return lost("page MISSED");
    }
    let (_, step) = escalation.next()?;
    let left = countdown(step.due, now);
    Some((step.due, Role::Warn, vec![format!("pages {left}"), format!("page {left}")]))
}

/// What its sources do by themselves while nobody holds it there: when they page next, or that they page nobody.
fn paging_there(model: &Model, incident: &Incident, now: Time) -> Option<Said> {
    if !incident.phase.is_open() || !incident.paged_upstream() || incident.held_upstream().is_some() {
        return None;
    }
    let firing = incident.signals.iter().filter(|(_, signal)| signal.cleared.is_none());
    let (mut soonest, mut disarmed): (Option<(Time, &str, &Coming)>, Option<&str>) = (None, None);
    for (key, signal) in firing {
        let name = key.split('\0').next().unwrap_or_default();
        if signal.is_exhausted() {
            return Some((Role::Bad, vec![format!("{name} EXHAUSTED"), "EXHAUSTED".to_owned()]));
        }
        let source = model.board.sources.iter().find(|status| status.name == name);
        let countdowns = source.map(|status| status.vitals.countdowns.as_slice()).unwrap_or_default();
        match countdowns.iter().find(|it| key_text(&it.key) == *key).map(|it| &it.coming) {
            Some(Some(coming)) if soonest.is_none_or(|(at, ..)| coming.at < at) => {
                soonest = Some((coming.at, name, coming));
            }
            Some(None) => disarmed = Some(name),
            _ => {}
        }
    }
    match (soonest, disarmed) {
        (Some((at, name, coming)), _) => {
            let left = countdown(at, now);
            let word = if coming.turn == Turn::Escalates { "" } else { coming.turn.word() };
            let full =
                [name, word, &left].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            Some((Role::Warn, vec![full, format!("{name} {left}"), left]))
        }
        (None, Some(name)) => Some((Role::Bad, vec![format!("{name} disarmed"), "disarmed".to_owned()])),
        (None, None) => None,
    }
}
