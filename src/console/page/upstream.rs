//! What a source does about its own signal: who holds it there, whom it pages next, who is on call.

use super::{Page, Role, moment, wrapped};
use crate::domain::text::Outside;
use crate::domain::time::{Time, countdown};
use crate::domain::upstream::Upstream;

/// A few lines.
pub(super) fn lines(upstream: &Upstream, cols: u16, now: Time) -> Page {
    let mut out = Page::new();
    let names = |all: &[Outside]| all.iter().map(|name| name.capped_safe(60).to_string()).collect::<Vec<_>>();
    let mut facts = Vec::new();
    if let Some(policy) = &upstream.policy {
        let level = upstream.level.map(|level| format!(", level {level}")).unwrap_or_default();
        facts.push(format!("policy {}{level}", policy.capped_safe(80)));
    }
    if !upstream.assigned.is_empty() {
        facts.push(format!("assigned to {}", names(&upstream.assigned).join(", ")));
    }
    match &upstream.held_by {
        Some(by) => facts.push(format!("held there by {}", by.capped_safe(60))),
        // Where nobody is paged, nobody is missed.
        None if upstream.policy.is_some() => facts.push("held there by nobody".to_owned()),
        None => {}
    }
    if !facts.is_empty() {
        out.extend(wrapped(Role::Plain, " ", &facts.join(" · "), cols));
    }
    if let Some(word) = &upstream.unnamed_state {
        let word = word.capped_safe(60);
        let why = format!(
            "state unmapped: its source says \"{word}\", which `states` does not name; it counts as open"
        );
        out.extend(wrapped(Role::Warn, " ", &why, cols));
    }
    if upstream.disarmed {
        let why = "escalation disarmed: it was given to a person, its policy pages nobody any more";
        out.extend(wrapped(Role::Bad, " ", why, cols));
    }
    if upstream.exhausted {
        out.extend(wrapped(Role::Bad, " ", "nobody answered at any level of its policy", cols));
    }
    for coming in &upstream.coming {
        let to = coming.to.as_ref().map(|to| format!(" {}", to.capped_safe(60))).unwrap_or_default();
        let at = format!("{} (in {})", moment(coming.at, now), countdown(coming.at, now));
        out.extend(wrapped(Role::Warn, " there: ", &format!("{}{to} {at}", coming.turn.word()), cols));
    }
    if !upstream.on_call.is_empty() {
        out.extend(wrapped(Role::Plain, " on call: ", &names(&upstream.on_call).join(", "), cols));
    }
    out
}

/// What keeps a signal quiet at its source, and what it keeps quiet there.
pub(super) fn quiet(upstream: &Upstream, cols: u16) -> Page {
    let mut out = Page::new();
    for silence in &upstream.silences {
        out.extend(wrapped(Role::Warn, "   silenced ", &silence.words(), cols));
    }
    for name in &upstream.muted_by {
        out.extend(wrapped(Role::Warn, "   muted by the time interval ", &name.safe(), cols));
    }
    for (head, titles) in [("   inhibited by ", &upstream.inhibited_by), ("   inhibits ", &upstream.inhibits)]
    {
        for title in titles {
            out.extend(wrapped(Role::Dim, head, &title.safe(), cols));
        }
    }
    out
}
