//! What is due, in the few words of a row and in the line of a list; and how long it has been healthy.

use super::page::{Page, Role, headed, moment, own, wrapped};
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::incident::{Health, Incident};
use crate::domain::time::{Time, age, countdown};

/// The name of an authority or partner takes so many cells of a row.
const NAME: usize = 8;

/// What a row calls it.
fn name(deadline: &Deadline) -> String {
    match deadline.kind {
        DeadlineKind::Bulletin => "upd".to_owned(),
        DeadlineKind::Regulator | DeadlineKind::Partner => {
            let first = deadline.name.split('/').next().filter(|name| !name.trim().is_empty());
            first.map_or(deadline.kind.word().to_owned(), |name| own(name).clip(NAME))
        }
        kind => kind.word().to_owned(),
    }
}

/// In a row, from the longest to the shortest: `upd in 3:00`, `dora 3:12:00`, `timer OVERDUE`.
pub fn words(deadline: &Deadline, now: Time) -> Vec<String> {
    let name = name(deadline);
    if deadline.due <= now {
        return vec![format!("{name} OVERDUE"), format!("{name} LATE")];
    }
    let (left, short) = (left(deadline.due, now), age(now, deadline.due));
    let mut words = vec![format!("{name} {left}"), format!("{name} {short}")];
    if deadline.kind == DeadlineKind::Bulletin {
        words.insert(0, format!("{name} in {left}"));
    }
    words
}

/// `2:58`, `3:12:00`, `5d`.
fn left(due: Time, now: Time) -> String {
    if (due - now).num_hours() < 100 { countdown(due, now) } else { age(now, due) }
}

/// Every open deadline but the review, which is said in business days; the nearest first.
pub fn open(incident: &Incident) -> impl Iterator<Item = &Deadline> {
    incident.open_deadlines().into_iter().filter(|open| open.kind != DeadlineKind::Review)
}

/// The same, one each line where it fits.
pub fn page(incident: &Incident, cols: u16, now: Time) -> Page {
    open(incident).flat_map(|open| lines(open, cols, now)).collect()
}

/// `     2:58  timer 1  bob: check the matching engine  14:06:22Z`
pub fn lines(deadline: &Deadline, cols: u16, now: Time) -> Page {
    let late = deadline.due <= now;
    let (role, left) = match late {
        true => (Role::Bad, format!("OVERDUE {}", age(deadline.due, now))),
        false => (Role::Warn, format!("in {}", left(deadline.due, now))),
    };
    let name = if deadline.name.is_empty() { String::new() } else { format!(" {}", own(&deadline.name)) };
    let what = format!("{}{name}", deadline.kind.word());
    let head = format!(" {left:>11}  ");
    // What its title begins with is said before it.
    let title = deadline.title.safe().to_string();
    let title = title.strip_prefix(&format!("{}: ", deadline.kind.word())).unwrap_or(&title);
    let text = format!("{what}  {title}  (due {})", moment(deadline.due, now));
    headed(wrapped(if late { Role::Strong } else { Role::Plain }, &head, &text, cols), role)
}

/// `ok 4/10m`, `NOT healthy`, `healthy`; empty where nothing is known.
pub fn health(health: &Health, now: Time) -> (Role, String) {
    match (health.healthy, health.is_proved(now)) {
        (false, _) => (Role::Bad, "NOT healthy".to_owned()),
        (true, true) => (Role::Good, format!("healthy {}", health.needs)),
        (true, false) => (Role::Warn, format!("ok {}", health.progress(now))),
    }
}
