//! Where the response stands: the phases with the time spent in each, and what is missing to go on.

use crate::domain::text::Width;

use super::gates::name;
use super::{Line, Page, Role, wrapped};
use crate::console::due;
use crate::domain::gate::Gate;
use crate::domain::incident::{Incident, Merged};
use crate::domain::phase::Phase;
use crate::domain::time::{Time, age};

/// How much of it is shown, from the most to the least.
#[derive(Clone, Copy, PartialEq)]
enum Much {
    /// Every time.
    All,
    /// The current one's time.
    Current,
    /// Nothing of what is over.
    Ahead,
    /// The current phase and the next.
    Two,
}

/// `Identify 4m › Contain 12m › ▶Mitigate 3m › Recover › Review`; a `*` marks gates that were waived.
pub fn strip(incident: &Incident, cols: u16, now: Time) -> Line {
    if let Some(merged) = &incident.merged {
        return went_on(incident, merged, now);
    }
    let fits = |line: &Line| line.text().width() <= usize::from(cols);
    let mut all = [Much::All, Much::Current, Much::Ahead].into_iter().map(|much| build(incident, much, now));
    all.find(fits).unwrap_or_else(|| build(incident, Much::Two, now))
}

/// `Identify 8m › ▶merged into INC-1047`: what is merged goes on there, in the other one's phase.
fn went_on(incident: &Incident, merged: &Merged, now: Time) -> Line {
    let last =
        Phase::ALL.into_iter().rfind(|phase| phase.is_open() && incident.spent_in(*phase, now).is_some());
    let line = match last {
        Some(phase) => {
            let spent = incident.spent_in(phase, now).unwrap_or_default();
            Line::of(Role::Plain, format!(" {} {}", phase.title(), age(now - spent, now)))
                .and(Role::Dim, " › ")
        }
        None => Line::of(Role::Plain, " "),
    };
    line.and(Role::Strong, format!("▶merged into {}", merged.into))
}

fn build(incident: &Incident, much: Much, now: Time) -> Line {
    let shown = |phase: &Phase| {
        let here = incident.phase;
        let ends = *phase != Phase::Closed || here == Phase::Closed;
        ends && match much {
            Much::All | Much::Current => true,
            Much::Ahead => *phase >= here,
            Much::Two => *phase == here || Some(*phase) == here.next(),
        }
    };
    let mut line = Line::of(Role::Dim, " ");
    for (place, phase) in Phase::ALL.into_iter().filter(shown).enumerate() {
        if place > 0 {
            line = line.and(Role::Dim, " › ");
        }
        let here = phase == incident.phase;
        let spent =
            incident.spent_in(phase, now).filter(|_| phase != Phase::Closed && (here || much == Much::All));
        let (mark, role) = match () {
            () if here => ("▶", Role::Strong),
            () if phase < incident.phase => ("", Role::Plain),
            () => ("", Role::Dim),
        };
        line = line.and(role, format!("{mark}{}", phase.title()));
        if let Some(spent) = spent {
            line = line.and(role, format!(" {}", age(now - spent, now)));
        }
        if incident.is_waived(phase) {
            line = line.and(Role::Warn, "*");
        }
    }
    line
}

/// The gates before the next phase, in a few words; `None` once it is over.
fn needs(incident: &Incident, now: Time) -> Option<(Phase, Vec<String>)> {
    let next = incident.phase.next()?;
    let word = |gate: Gate| match (&incident.health, gate) {
        (Some(health), Gate::Health) if health.healthy => {
            due::health(health, now).1.replace("ok", name(gate))
        }
        _ => name(gate).to_owned(),
    };
    Some((next, incident.missing_for(next, now).into_iter().map(word).collect()))
}

/// `To go on to Contain: severity, category, impact, lead (P fills them in)`
pub fn to_go_on(incident: &Incident, key: &str, cols: u16, now: Time) -> Page {
    let Some((next, missing)) = needs(incident, now) else { return Page::new() };
    let text = match missing.as_slice() {
        [] => format!("nothing is missing ({key} moves it)"),
        some => format!("{} ({key} fills in)", some.join(", ")),
    };
    wrapped(Role::Plain, " ", &format!("To go on to {}: {text}", next.title()), cols)
}

/// Both in one line, where room is short: `▶Identify 2m › Contain needs severity, lead (P)`.
pub fn short(incident: &Incident, key: &str, cols: u16, now: Time) -> Line {
    let Some((next, missing)) = needs(incident, now).filter(|(_, missing)| !missing.is_empty()) else {
        return strip(incident, cols, now);
    };
    let tail = format!(" needs {} ({key})", missing.join(", "));
    // What comes after the next phase gives way to what the next phase needs.
    let till = |much| {
        let mut line = build(incident, much, now);
        let end = line.0.iter().position(|(_, text)| text.trim_start_matches('▶') == next.title());
        line.0.truncate(end.map_or(line.0.len(), |end| end + 1));
        line.and(Role::Warn, tail.as_str())
    };
    let fits = |line: &Line| line.text().width() <= usize::from(cols);
    [Much::All, Much::Current].map(till).into_iter().find(fits).unwrap_or_else(|| till(Much::Two))
}
