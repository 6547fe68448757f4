//! The hand-over card as Markdown.

use super::{Card, Ended, InForce, LastBulletin, NextStep, Open, Unfinished};
use crate::domain::action::{Contained, Stage};
use crate::domain::deadline::Deadline;
use crate::domain::markdown::Page;
use crate::domain::role::Role;
use crate::domain::text::SafeText;
use crate::domain::time::{Time, clock_time, date_time, lasted};

pub(super) fn markdown(card: &Card) -> String {
    let mut page = Page::new(&format!("Hand-over of {}", date_time(card.now)));
    page.paragraph(&sources(card));
    page.paragraph(&format!("{} since {}.", card.counted(), date_time(card.since)));
    for open in card.parts().into_iter().flatten() {
        page.section(&format!(
            "{} {}, {} for {}: {}",
            open.id,
            open.severity.word(),
            open.phase.title(),
            lasted(open.phase_since, card.now),
            open.title.safe().clip(120)
        ));
        page.list(lines(open, card.now));
    }
    page.section(&format!("Ended since {}", date_time(card.since)));
    if card.ended.is_empty() {
        page.paragraph("Nothing ended.");
    }
    page.list(card.ended.iter().map(ended));
    page.into_text()
}

fn sources(card: &Card) -> String {
    if card.watched == 0 {
        return "No sources are configured: nothing is watched.".to_owned();
    }
    let failing = card.failing().map(|failing| format!(" {failing}.")).unwrap_or_default();
    if card.blind.is_empty() {
        return format!("Every source is LIVE.{failing}");
    }
    let one = |(name, state, as_of): &(String, _, Option<Time>)| {
        let state: &crate::domain::freshness::SourceState = state;
        let as_of =
            as_of.map_or_else(|| "no answer yet".to_owned(), |at| format!("data as of {}", date_time(at)));
        format!("{} {} ({as_of})", safe(name), state.word())
    };
    let blind: Vec<String> = card.blind.iter().map(one).collect();
    format!("Not LIVE, {} of {}: {}.{failing}", blind.len(), card.watched, blind.join(", "))
}

fn lines(open: &Open, now: Time) -> Vec<String> {
    let in_force = || open.in_force.iter().map(|held| in_force(held, now));
    let deadlines = || open.deadlines.iter().map(|set| deadline(set, now));
    if open.is_over() {
        return in_force().chain(deadlines()).collect();
    }
    let mut lines = vec![owner(open, now)];
    let mut roles: Vec<String> =
        open.roles.iter().map(|(role, name)| format!("{} {}", role.word(), name.safe())).collect();
    if open.phase.is_open() && open.roles.iter().all(|(role, _)| *role != Role::Lead) {
        roles.push("nobody leads".to_owned());
    }
    if open.lacks_commander {
        roles.push("NOBODY COMMANDS this critical incident".to_owned());
    }
    if !roles.is_empty() {
        lines.push(format!("Roles: {}", roles.join(", ")));
    }
    for (name, ids) in [("Merged in", &open.merged_in), ("Linked", &open.linked)] {
        if !ids.is_empty() {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            lines.push(format!("{name}: {}", ids.join(", ")));
        }
    }
    lines.push(match &open.impact {
        Some(impact) => format!("Impact: {}", impact.safe()),
        None => "Impact: not assessed".to_owned(),
    });
    if let Some(snooze) = &open.snoozed {
        let why = snooze.because.as_ref().map(|why| format!(": {}", why.safe())).unwrap_or_default();
        lines.push(format!("Snoozed by {} until {}{why}", safe(&snooze.by), date_time(snooze.until)));
    }
    lines.push(contained(open));
    lines.extend(in_force());
    lines.extend(open.silences.iter().map(|silence| format!("Silenced {}", silence.words())));
    lines.extend(open.actions.iter().map(unfinished));
    match &open.root_cause {
        Some(cause) => lines.push(format!("Root cause: {}", cause.in_one_line())),
        None if open.hypotheses.is_empty() => lines.push("Hypothesis: none noted".to_owned()),
        None => {
            lines.extend(open.hypotheses.iter().map(|text| format!("Hypothesis: {}", text.in_one_line())));
        }
    }
    lines.extend(open.ruled_out.iter().map(|text| format!("Ruled out: {}", text.safe())));
    if open.bulletins.is_empty() {
        lines.push("Last bulletin: none".to_owned());
    }
    lines.extend(open.bulletins.iter().map(|last| bulletin(last, now)));
    lines.extend(deadlines());
    lines.extend(open.escalations.iter().map(|step| next_step(step, now)));
    let spent = |(path, tally): &(String, String)| {
        format!(
            "Escalation {} is EXHAUSTED: {tally}, and nobody answered: nobody is paged any more",
            safe(path)
        )
    };
    lines.extend(open.exhausted.iter().map(spent));
    lines
}

fn owner(open: &Open, now: Time) -> String {
    match (&open.owner, &open.held_at, open.ack_due) {
        (Some(owner), ..) => {
            format!(
                "Owner: {}, the acknowledgement holds until {}",
                safe(&owner.name),
                clock_time(owner.until)
            )
        }
        (None, Some((by, source)), _) => format!("Owner: {}, at {}", by.safe(), safe(source)),
        (None, None, Some(due)) if open.phase.is_open() => {
            format!("Owner: nobody; an acknowledgement is {}", time(due, now))
        }
        (None, None, _) => "Owner: nobody".to_owned(),
    }
}

fn contained(open: &Open) -> String {
    match (&open.nothing_to_contain, open.contained) {
        (Some(because), Contained::None) => {
            format!("Contained: nothing to contain because {}", because.safe())
        }
        (_, Contained::Unknown) => "Contained: UNKNOWN".to_owned(),
        (_, contained) => format!("Contained: {}", contained.word()),
    }
}

fn in_force(held: &InForce, now: Time) -> String {
    let InForce { action, what, since, until, kept } = held;
    let decided = match (kept, until) {
        (Some(because), _) => format!("; kept because {}", because.safe()),
        (None, Some(at)) if *at > now => String::new(),
        (None, _) => "; nobody has decided yet whether it is undone or kept".to_owned(),
    };
    let ends = match until {
        Some(at) if *at > now => format!(" until {}", date_time(*at)),
        Some(at) => format!(", meant to end by itself at {}, not read back", date_time(*at)),
        None => ", without expiry".to_owned(),
    };
    format!("In force since {}{ends}: action {action} {what}{decided}", date_time(*since))
}

fn unfinished(action: &Unfinished) -> String {
    let Unfinished { action, what, stage, since } = action;
    let state = match stage {
        Stage::Unknown => "OUTCOME UNKNOWN",
        Stage::Accepted => "being read back",
        stage => stage.word(),
    };
    format!("Action {action} {what}: {state} since {}", date_time(*since))
}

fn bulletin(last: &LastBulletin, now: Time) -> String {
    let next = last
        .next
        .map_or_else(|| "no next one is due".to_owned(), |due| format!("the next is {}", time(due, now)));
    let (number, audience, status) = (last.number, last.audience.word(), last.status.word());
    format!("Last bulletin to {audience}: number {number}, {status}, {}; {next}", date_time(last.at))
}

fn deadline(set: &Deadline, now: Time) -> String {
    let name = if set.name.is_empty() { String::new() } else { format!(" ({})", safe(&set.name)) };
    format!("Deadline {}{name}: {}, {}", set.kind.word(), set.title.safe(), time(set.due, now))
}

fn next_step(next: &NextStep, now: Time) -> String {
    let to: Vec<String> = next.to.iter().map(|to| safe(to).to_string()).collect();
    let (step, steps) = (next.step, next.steps);
    format!(
        "Escalation {}: step {step} of {steps} to {} is {}",
        safe(&next.path),
        to.join(", "),
        time(next.due, now)
    )
}

/// `due 2026-11-20 14:03:22Z, in 4 minutes`, or how long ago that was.
fn time(due: Time, now: Time) -> String {
    match due >= now {
        true => format!("due {}, in {}", date_time(due), lasted(now, due)),
        false => format!("OVERDUE since {}, for {}", date_time(due), lasted(due, now)),
    }
}

fn ended(ended: &Ended) -> String {
    let Ended { id, title, severity, reason, into, at } = ended;
    let of = into.as_ref().map(|into| format!(" of {into}")).unwrap_or_default();
    format!(
        "{id} {}, {}{of} at {}: {}",
        severity.word(),
        reason.word(),
        date_time(*at),
        title.safe().clip(120)
    )
}

fn safe(text: &str) -> SafeText {
    SafeText::display(text)
}
