//! The bulletins of an incident: what was said to whom, what each channel made of it, and who waits for the next.

use super::{Line, Page, Role, moment, own, wrapped};
use crate::console::command::Command;
use crate::console::keymap::Keymap;
use crate::domain::action::Outcome;
use crate::domain::deadline::DeadlineKind;
use crate::domain::incident::{Incident, Posted, SentBulletin};
use crate::domain::story;
use crate::domain::time::{Time, countdown};

/// Every bulletin, the newest first; before them what is still owed.
pub fn page(incident: &Incident, keymap: &Keymap, cols: u16, now: Time) -> Page {
    let mut out = owed(incident, &keymap.way(Command::Bulletin), cols, now);
    let settle = keymap.way(Command::Settle);
    let numbered: Vec<(usize, &SentBulletin)> = (1..).zip(&incident.bulletins).collect();
    out.extend(numbered.into_iter().rev().flat_map(|(number, sent)| one(number, sent, &settle, cols, now)));
    out
}

/// When the next ones are due, and which series are still open.
fn owed(incident: &Incident, key: &str, cols: u16, now: Time) -> Page {
    let mut out = Page::new();
    let due = incident.deadlines.iter().filter(|due| due.kind == DeadlineKind::Bulletin && due.is_open());
    for deadline in due {
        let to = own(&deadline.name);
        out.push(if deadline.is_overdue() || deadline.due <= now {
            let since = moment(deadline.due, now);
            Line::of(Role::Bad, format!(" to {to}: OVERDUE since {since}; {key} writes it"))
        } else {
            let text = format!(
                " to {to}: next due {}, in {}",
                moment(deadline.due, now),
                countdown(deadline.due, now)
            );
            Line::of(Role::Warn, text)
        });
    }
    let open: Vec<String> = incident
        .open_series()
        .into_iter()
        .map(|(channel, audience)| format!("{} ({})", own(channel), audience.word()))
        .collect();
    if !open.is_empty() {
        out.extend(wrapped(Role::Warn, " waits for its last word: ", &open.join(", "), cols));
    }
    out
}

fn one(number: usize, sent: &SentBulletin, settle: &str, cols: u16, now: Time) -> Page {
    let bulletin = &sent.bulletin;
    let (to, status, by) = (bulletin.audience.word(), bulletin.status.word(), own(&sent.by));
    let head = format!(" #{number} to {to} ");
    let mut out = vec![
        Line::of(Role::Strong, head).and(Role::Plain, format!("{status}, {} by {by}", moment(sent.at, now))),
    ];
    out.extend(wrapped(Role::Plain, "    ", &bulletin.headline.safe(), cols));
    for (channel, posted) in &sent.channels {
        let (role, state) = standing(posted, settle);
        out.extend(wrapped(role, &format!("    {}: ", own(channel)), &state, cols));
    }
    out
}

/// What a channel made of it.
fn standing(posted: &Posted, settle: &str) -> (Role, String) {
    let detail = story::paren(&posted.detail);
    match (posted.outcome, posted.visible) {
        (None, _) => (Role::Warn, "being posted…".to_owned()),
        (Some(Outcome::Accepted), Some(true)) => (Role::Good, "posted, visible".to_owned()),
        (Some(Outcome::Accepted), Some(false)) => (Role::Warn, format!("posted, not yet visible{detail}")),
        (Some(Outcome::Accepted), None) => (Role::Good, format!("posted{detail}")),
        (Some(Outcome::Unknown), _) => (
            Role::Bad,
            format!("UNKNOWN{detail}: it may have been posted; look there, {settle} settles it by a note"),
        ),
        (Some(Outcome::Refused), _) => (Role::Bad, format!("REFUSED{detail}")),
        (Some(Outcome::NotSent), _) => (Role::Bad, format!("NOT SENT{detail}")),
    }
}
