//! What is most urgent about an incident, in the few cells a row has for it.

use super::approvals;
use super::board::Board;
use super::due;
use super::folds::Fold;
use super::model::Model;
use super::page::detail::verifying;
use super::page::review;
use super::page::{Role, own};
use super::prompt::roles;
use crate::domain::action::{Action, Contained, Stage, Verb};
use crate::domain::escalation::{StepState, Stopped};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, clock_minute, clock_time, countdown, near_day};
use crate::domain::upstream::{Coming, Turn};

/// What has just been settled stands before what is counting down for so long.
const FRESH: Span = Span::secs(30);
/// The same, where an acknowledgement or a page counts down.
const A_MOMENT: Span = Span::secs(5);
/// What is due within this stands before what is known of the incident otherwise.
const SOON: Span = Span::mins(60);
/// How long before an acknowledgement expires its owner is warned.
const EXPIRY_WARNING: Span = Span::mins(5);

/// Below so many cells there is no room for two things beside each other: `STALE 13:58Z, pages 2:58`.
const BOTH: usize = 24;

/// One thing, in words from the longest to the shortest: words are dropped before a digit is.
type Said = (Role, Vec<String>);

/// As many of the most urgent things as fit, and how the first is shown.
pub fn standing(model: &Model, incident: &Incident, stale: bool, now: Time, cells: usize) -> (Role, String) {
    let fitting = |words: &[String], room: usize| words.iter().find(|w| w.chars().count() <= room).cloned();
    let mut all = urgent(model, incident, stale, now, cells).into_iter();
    let Some((role, words)) = all.next() else { return (Role::Plain, String::new()) };
    let mut out = fitting(&words, cells).or(words.last().cloned()).unwrap_or_default();
    for (_, words) in all {
        let room = cells.saturating_sub(out.chars().count() + 2);
        let Some(more) = fitting(&words, room) else { break };
        out = format!("{out}, {more}");
    }
    (role, out)
}

/// What is known of a storm whose sources do not answer.
pub struct Stale {
    /// Of all its incidents, not of some.
    pub all: bool,
    /// `STALE 13:58`: as of when the oldest of it is.
    pub words: String,
}

/// Whether incidents of a storm are not as they are at their sources now.
pub fn stale_of(model: &Model, fold: &Fold, now: Time) -> Option<Stale> {
    let samples: Vec<_> = fold.samples.iter().filter_map(|id| model.board.get(id)).collect();
    let stale: Vec<_> = samples.iter().filter(|it| model.board.is_stale(it, now)).collect();
    let oldest = stale.iter().map(|it| model.board.as_of(it)).min()?;
    let words = oldest.map_or("not read yet".to_owned(), |at| format!("STALE {}", clock_minute(at)));
    Some(Stale { all: stale.len() == samples.len(), words })
}

/// What is urgent, the most urgent first: what may have been done, that it is not seen, that nobody will be told, who takes it or who is told
/// next, what is under way, what else is due; then what is known.
fn urgent(model: &Model, incident: &Incident, stale: bool, now: Time, cells: usize) -> Vec<Said> {
    let mut out: Vec<Said> = Vec::new();
    // A thing is said once, however long.
    let mut add = |it: Said| {
        if !out.iter().any(|(_, words)| words.last() == it.1.last()) {
            out.push(it);
        }
    };
    if incident.is_closed() {
        add(said(Role::Dim, &["closed"]));
        return out;
    }
    if incident.has_unknown() {
        add(said(Role::Bad, &["UNKNOWN"]));
    }
    // What counts down is ours; whether it still burns nobody can see.
    let late = incident.ack_due().is_some_and(|due| due <= now);
    if stale {
        add(match model.board.as_of(incident).map(clock_minute) {
            Some(at) if late => {
                said(Role::Bad, &[&format!("STALE {at}, ack OVERDUE"), "STALE OVERDUE", "STALE, LATE"])
            }
            Some(at) => {
                // How old it is stands above every list as well; who is told next only here.
                let mut words = unseen_until(incident, now).filter(|_| cells < BOTH).unwrap_or_default();
                words.extend([format!("STALE {at}"), format!("STALE{at}")]);
                (Role::Warn, words)
            }
            None => said(Role::Warn, &["not read yet", "not read"]),
        });
    }
    let paging = [paging_there(model, incident, now), paging(incident, now)].into_iter().flatten();
    let (lost, mut coming): (Vec<_>, Vec<_>) = paging.partition(|(role, _)| *role == Role::Bad);
    lost.into_iter().for_each(&mut add);
    let ack = incident.ack_due();
    let (soon, far): (Vec<_>, Vec<_>) = due::open(incident).partition(|open| open.due - now <= SOON.delta());
    let (late, soon): (Vec<_>, Vec<_>) = soon.into_iter().partition(|open| open.due <= now);
    let last = incident.actions.values().next_back();
    let moving = last.and_then(|action| moving(action, now, ack.is_some() || !coming.is_empty()));
    // A containment is under way for moments; what a source was asked for stands back for who takes it.
    let own = last.is_some_and(|action| asked(&action.plan.verb).is_none() && action.stage != Stage::NotDone);
    let first = own && ack.is_none_or(|due| due > now);
    // What went well waits for what is overdue.
    let (went_well, moving): (Option<_>, Option<_>) = match moving {
        Some((Role::Good, words)) if !late.is_empty() => (Some((Role::Good, words)), None),
        moving => (None, moving),
    };
    if first {
        moving.iter().cloned().for_each(&mut add);
    }
    // The next page before the deadline to acknowledge, where it comes first.
    let page = incident.escalation().and_then(|path| path.next()).map(|(_, step)| step.due);
    if ack.is_some_and(|due| due > now && page.is_some_and(|page| page < due)) {
        coming.drain(..).for_each(&mut add);
    }
    if let Some(snooze) = incident.snooze.as_ref().filter(|_| incident.is_snoozed(now)) {
        // What pages by itself is said before it.
        coming.drain(..).for_each(&mut add);
        let left = countdown(snooze.until, now);
        add(said(Role::Plain, &[&format!("snoozed {left}"), &format!("zz {left}")]));
    }
    if let Some(due) = ack {
        let left = countdown(due, now);
        // Where one thing only is said, the next page stands beside it: that nobody took it reads as if all had been paged.
        let next = page.map(|due| countdown(due, now)).filter(|_| cells < BOTH);
        add(if due <= now {
            let mut words: Vec<String> = next
                .iter()
                .flat_map(|left| [format!("OVERDUE pg {left}"), format!("LATE pg {left}")])
                .collect();
            words.extend(["ack OVERDUE", "ack LATE"].map(str::to_owned));
            (Role::Bad, words)
        } else {
            said(Role::Warn, &[&format!("ack in {left}"), &format!("ack {left}")])
        });
    }
    moving.into_iter().filter(|_| !first).for_each(&mut add);
    waits(model, incident, now).into_iter().for_each(&mut add);
    coming.into_iter().chain(covered(model, incident, now)).for_each(&mut add);
    if let Some(set) = review::due(incident) {
        add(review::countdown(model, set.due, now));
    }
    late.into_iter().for_each(|open| add((Role::Bad, due::words(open, now))));
    went_well.into_iter().for_each(&mut add);
    soon.into_iter().for_each(|open| add((Role::Warn, due::words(open, now))));
    if let Some(role) = roles::offered_to(incident, &model.settings.operator) {
        add(said(Role::Strong, &[&format!("{} offered", role.word()), "role offered", "offered"]));
    }
    if let Some(owner) = &incident.owner
        && owner.until - now < EXPIRY_WARNING.delta()
    {
        let left = countdown(owner.until, now);
        add(said(Role::Warn, &[&format!("ack ends {left}"), &format!("ends {left}")]));
    }
    if let Some(health) = incident.health.as_ref().filter(|_| incident.phase.is_open()) {
        let (role, words) = due::health(health, now);
        add(said(role, &[&words]));
    }
    match incident.contained() {
        Contained::Accepted => add(said(Role::Warn, &["not verified", "unverified"])),
        Contained::Verified => add(said(Role::Good, &["contained"])),
        Contained::Undone => add(said(Role::Plain, &["undone"])),
        Contained::None | Contained::Pending | Contained::Unknown => {}
    }
    if incident.cleared_at.is_some() {
        add(said(Role::Good, &["cleared"]));
    }
    if incident.lacks_commander() {
        add(said(Role::Warn, &["no commander", "no command"]));
    }
    silenced(model, incident, now).into_iter().for_each(&mut add);
    far.into_iter().for_each(|open| add((Role::Plain, due::words(open, now))));
    out
}

fn said(role: Role, words: &[&str]) -> Said {
    (role, words.iter().map(|&word| word.to_owned()).collect())
}

/// That it is not seen and when it pages, or when somebody must have taken it, whichever comes first: `STALE pg 2:58`.
fn unseen_until(incident: &Incident, now: Time) -> Option<Vec<String>> {
    let ack = incident.ack_due().filter(|due| *due > now).map(|due| (due, "ack"));
    let page = incident.escalation().and_then(|path| path.next()).map(|(_, step)| (step.due, "pg"));
    let (due, word) = ack.into_iter().chain(page).min()?;
    let left = countdown(due, now);
    // A time of day ends in `Z`, so what does not is what is left.
    Some(vec![format!("STALE {word} {left}"), format!("STALE, {left}")])
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

/// An action that is under way, or has just come to an end. Its end gives way to what counts down.
fn moving(action: &Action, now: Time, counts: bool) -> Option<Said> {
    let lasts = if counts { A_MOMENT } else { FRESH };
    let fresh = now - action.moved_at < lasts.delta();
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
                (None, _) if counts => said(Role::Good, &[word]),
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

/// That somebody silenced all that fires of it, and until when the first of that ends, as its sources say it now.
fn silenced(model: &Model, incident: &Incident, now: Time) -> Option<Said> {
    let mut firing = incident.signals.iter().filter(|(_, signal)| signal.cleared.is_none()).peekable();
    firing.peek()?;
    let until = firing.map(|(key, _)| {
        let (source, fingerprint) = key.split_once('\0')?;
        let status = model.board.sources.iter().find(|status| status.name == source)?;
        let until = *status.vitals.silenced.get(&Outside::new(fingerprint))?;
        (status.state(now).sees() && until.is_none_or(|until| until > now)).then_some(until)
    });
    let until = until.collect::<Option<Vec<_>>>()?.into_iter().flatten().min();
    let at = |until: Time| match until.date_naive() == now.date_naive() {
        true => clock_minute(until),
        false => near_day(until),
    };
    let full = until.map(|until| format!("silenced until {}", at(until)));
    Some((Role::Plain, full.into_iter().chain(["silenced".to_owned()]).collect()))
}

/// Who is told next and when, or, as bad news, that nobody will be.
fn paging(incident: &Incident, now: Time) -> Option<Said> {
    let escalation = incident.escalation()?;
    if incident.owner.is_none() && escalation.stopped == Some(Stopped::Exhausted) {
        return Some(said(Role::Bad, &["EXHAUSTED"]));
    }
    if incident.owner.is_none() && escalation.steps.iter().any(|step| step.state == StepState::Missed) {
        return Some(said(Role::Bad, &["page MISSED"]));
    }
    let left = countdown(escalation.next()?.1.due, now);
    Some(said(Role::Warn, &[&format!("pages {left}"), &format!("page {left}")]))
}

/// Another incident pages for this one: which, and when.
fn covered(model: &Model, incident: &Incident, now: Time) -> Option<Said> {
    let (by, due) = covering(&model.board, incident)?;
    Some(match due {
        Some(due) => {
            let left = countdown(due, now);
            // Without a name it would be read as a page of this one, with a bare number as so many pages.
            let words = [
                format!("{by} pages {left}"),
                format!("{by} page {left}"),
                format!("covered by {by}"),
                format!("see {by}"),
                "covered".to_owned(),
            ];
            (Role::Warn, words.into())
        }
        None => said(Role::Plain, &[&format!("covered by {by}"), &format!("see {by}"), "covered"]),
    })
}

/// The incident whose path pages for this one while nobody holds it, and when that pages next.
pub fn covering<'a>(board: &'a Board, incident: &'a Incident) -> Option<(&'a IncidentId, Option<Time>)> {
    let escalation = incident.escalation().filter(|_| incident.owner.is_none())?;
    let Some(Stopped::CoveredBy(by)) = &escalation.stopped else { return None };
    let next = board.get(by).and_then(|other| other.escalation_on(&escalation.path)?.next());
    Some((by, next.map(|(_, step)| step.due)))
}

/// When its sources page next by themselves, where they do: `pd 4:10`.
pub fn pages_there(model: &Model, incident: &Incident, now: Time) -> Option<String> {
    let (role, words) = paging_there(model, incident, now)?;
    words.into_iter().next().filter(|_| role == Role::Warn)
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
        match countdowns.iter().find(|it| it.key.compared(key).is_eq()).map(|it| &it.coming) {
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
