//! The question before leaving: what waits for somebody, what the person holds, and what would stop, each by its
//! incident's id and the worst first.

use crate::backend::WatchOffer;
use crate::console::board::Board;
use crate::console::bulk::State;
use crate::console::guard::Guard;
use crate::console::model::Model;
use crate::console::page::{names, own};
use crate::console::prompt::{Leaving, Prompt};
use crate::domain::deadline::DeadlineKind;
use crate::domain::incident::Incident;
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::story;
use crate::domain::time::{Span, Time, clock_minute, clock_time};

/// What is due within this is named to whoever leaves.
const NEAR: Span = Span::mins(10);

/// How bad it is that nobody sees to something, the worst first; then when it was or is due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bad {
    Untaken,
    Unknown,
    Overdue(Time),
    Near(Time),
}

/// The question, with all that is so now.
pub(super) fn leave(model: &Model, now: Time) -> Prompt {
    let (board, me) = (&model.board, model.settings.operator.as_str());
    let waits = waits(board, now);
    // What is over was decided on.
    let open = board.ranked().filter(|incident| !incident.is_closed());
    let holds = open.flat_map(|incident| held(incident, me, now)).collect();
    let leaving = Leaving { waits, holds, stops: stops(model, now) };
    Prompt::Leave { leaving, guard: Guard::default() }
}

/// What nobody has seen to: a watch that was offered, and of each incident what is worst.
fn waits(board: &Board, now: Time) -> Vec<String> {
    let offer = |offer: &WatchOffer| {
        format!("the watch offered to {} at {}: not taken", offer.to, clock_minute(offer.at))
    };
    let mut all: Vec<(Bad, String)> = board.ranked().flat_map(|incident| waiting(incident, now)).collect();
    // Of what is as bad, what ranks first stays first.
    all.sort_by_key(|(bad, _)| *bad);
    board.watch.iter().map(offer).chain(all.into_iter().map(|(_, said)| said)).collect()
}

/// `INC-1047: bulletin users OVERDUE since 14:02Z`
fn waiting(incident: &Incident, now: Time) -> Vec<(Bad, String)> {
    let id = &incident.id;
    let mut out = Vec::new();
    if incident.severity == Severity::Critical && incident.phase.is_open() && !incident.is_acked() {
        out.push((Bad::Untaken, format!("{id}: CRITICAL, and nobody has it")));
    }
    if incident.has_unknown() {
        out.push((Bad::Unknown, format!("{id}: an outcome is UNKNOWN")));
    }
    let ack = incident.ack_due().map(|due| (due, DeadlineKind::Ack.word().to_owned()));
    let open = incident.open_deadlines().into_iter().map(|open| {
        let named = format!("{} {}", open.kind.word(), own(&open.name));
        (open.due, named.trim_end().to_owned())
    });
    for (due, what) in ack.into_iter().chain(open).filter(|(due, _)| *due - now <= NEAR.delta()) {
        out.push(match due <= now {
            true => (Bad::Overdue(due), format!("{id}: {what} OVERDUE since {}", clock_minute(due))),
            false => (Bad::Near(due), format!("{id}: {what} due {}", clock_time(due))),
        });
    }
    out
}

/// What of an incident is this person's: the acknowledgement, roles with their timers, what they did that stands.
fn held(incident: &Incident, me: &str, now: Time) -> Vec<String> {
    let id = &incident.id;
    let mut out = Vec::new();
    let owner = incident.owner.as_ref().filter(|owner| owner.name == me);
    out.extend(owner.map(|owner| format!("{id}: acknowledged until {}", clock_minute(owner.until))));
    let mine = |role: &Role| incident.role(*role).is_some_and(|name| name.raw() == me);
    let roles: Vec<&str> = Role::ALL.into_iter().filter(mine).map(Role::word).collect();
    if !roles.is_empty() {
        out.push(format!("{id}: you are {}", roles.join(", ")));
    }
    if owner.is_some() || !roles.is_empty() {
        let timers = incident.open_deadlines().into_iter().filter(|open| open.kind == DeadlineKind::Timer);
        out.extend(timers.map(|timer| {
            let (number, at) = (own(&timer.name), clock_time(timer.due));
            format!("{id}: timer {number} at {at}: {}", timer.title.safe())
        }));
    }
    let silences = incident.silences();
    for action in incident.actions.values().filter(|action| action.by == me) {
        let what = || format!("{id}: #{} {}", action.id, story::brief(&action.plan));
        match silences.iter().find(|silence| silence.action.id == action.id).map(|silence| silence.until) {
            Some(until) if until > now => out.push(format!("{}, until {}", what(), clock_minute(until))),
            None if action.is_in_force() => out.push(format!("{} is in force", what())),
            Some(_) | None => {}
        }
    }
    out
}

/// What this process does that no other would go on with.
fn stops(model: &Model, now: Time) -> Vec<String> {
    let board = &model.board;
    let mut out = Vec::new();
    if let Some(run) = &model.run {
        let left = run.count(&State::Ready);
        out.push(format!("{left} of {} marked are not begun", run.targets.len()));
    }
    if board.holder.as_ref().is_none_or(|holder| !holder.here) {
        return out;
    }
    let mut pages: Vec<(Time, String)> = board.ranked().filter_map(|incident| page(incident, now)).collect();
    pages.sort_by_key(|(due, _)| *due);
    out.extend(pages.into_iter().map(|(_, said)| said));
    for incident in board.ranked() {
        let verifying = incident.actions.values().filter(|action| action.is_verifying());
        out.extend(verifying.map(|action| {
            format!("{}: reading back #{} {}", incident.id, action.id, story::what(&action.plan))
        }));
    }
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let (sources, monitors) = (board.sources.len(), board.monitors.len());
    if sources > 0 {
        out.push(format!("polling of {sources} source{}", plural(sources)));
    }
    if monitors > 0 {
        out.push(format!("probing of {monitors} monitor{}", plural(monitors)));
    }
    out
}

/// `INC-1047: page to pd-platform at 14:06:22Z`; of several paths the next one, and how many there are.
fn page(incident: &Incident, now: Time) -> Option<(Time, String)> {
    let (_, step) = incident.escalation()?.next()?;
    let at = clock_time(step.due.max(now));
    let more = match incident.escalations.iter().filter(|path| path.next().is_some()).count() {
        0 | 1 => String::new(),
        paths => format!(", first of {paths} paths"),
    };
    Some((step.due, format!("{}: page to {} at {at}{more}", incident.id, names(&step.to))))
}
