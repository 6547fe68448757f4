//! The hand-over: what the next person on watch must know, incident by incident.

use crate::domain::text::Width;

use super::{Line, Page, Role, flowed, gap, moment, own, sign, watch, wrapped};
use crate::backend::WatchHanded;
use crate::console::command::Command;
use crate::console::model::Model;
use crate::domain::action::{Contained, Stage};
use crate::domain::card::{Card, Open};
use crate::domain::deadline::Deadline;
use crate::domain::role::Role as Part;
use crate::domain::time::{Span, Time, age, countdown};

/// From here on incidents stand in two columns.
const WIDE: u16 = 110;
/// For how long it is said that a watch was taken.
const GAVE_SHOWN: Span = Span::mins(12 * 60);

/// `last 12h`.
pub fn title(model: &Model) -> String {
    format!("Hand-over ── last {}", hours(model.handover.span()))
}

/// `12h`, `3d`.
pub fn hours(span: Span) -> String {
    match span.as_millis() / 3_600_000 {
        hours @ 0..48 => format!("{hours}h"),
        hours => format!("{}d", hours / 24),
    }
}

/// The card.
pub fn page(model: &Model, cols: u16, now: Time) -> Page {
    let mut out = watch_of(model, cols, now);
    if let Some(why) = model.handover.asked.failed() {
        out.extend(wrapped(Role::Bad, " ", &format!("the engine does not say more: {}", why.safe()), cols));
    }
    let Some(card) = model.handover.card(&model.board, now) else {
        out.push(Line::of(Role::Dim, " asking the engine…"));
        return out;
    };
    out.extend(summary(&card, cols, now));
    let (width, columns) = if cols >= WIDE { (cols / 2 - 1, 2) } else { (cols, 1) };
    let parts: Vec<Page> = card.open.iter().map(|open| incident(open, width, now)).collect();
    match columns {
        2 => out.extend(beside(parts, usize::from(width))),
        _ => out.extend(parts.into_iter().flatten()),
    }
    out.push(gap());
    if card.ended.is_empty() {
        out.push(Line::of(Role::Dim, format!(" Nothing ended since {}", moment(card.since, now))));
    } else {
        out.push(Line::of(Role::Heading, format!(" Ended since {}", moment(card.since, now))));
    }
    for ended in &card.ended {
        let head = format!(" {} {} ", sign(ended.severity), ended.id);
        let of = ended.into.as_ref().map(|into| format!(" of {into}")).unwrap_or_default();
        let said = format!("{}{of} {}  {}", ended.reason.word(), moment(ended.at, now), ended.title.safe());
        out.extend(wrapped(Role::Plain, &head, &said, cols));
    }
    out
}

/// Who was offered the watch, and what came with the one that was taken.
fn watch_of(model: &Model, cols: u16, now: Time) -> Page {
    let mut out = Page::new();
    if let Some(taken) = &model.handover.taken {
        let said = format!("you took the watch of {} {}", own(&taken.from), moment(taken.at, now));
        let what = if taken.what.is_empty() { "nothing was held".to_owned() } else { taken.what.join(", ") };
        out.extend(wrapped(Role::Good, " ✓ ", &format!("{said}: {what}"), cols));
    }
    let gave = |it: &&WatchHanded| it.by == model.settings.operator && now - it.at < GAVE_SHOWN.delta();
    if let Some(gave) = model.board.handed.as_ref().filter(gave) {
        let said = format!("{} took the watch {}", own(&gave.to), moment(gave.at, now));
        out.extend(wrapped(Role::Good, " ✓ ", &said, cols));
    }
    if let Some(offer) = &model.board.watch {
        let since = moment(offer.at, now);
        let key = model.settings.keymap.key(Command::Watch);
        let (role, said) = if offer.to == model.settings.operator {
            (
                Role::Warn,
                format!(
                    "{} offers you the watch since {since}: {key} shows that card and takes it",
                    own(&offer.by)
                ),
            )
        } else {
            let mine = offer.by == model.settings.operator;
            let by = if mine { "you".to_owned() } else { own(&offer.by).to_string() };
            (Role::Warn, format!("{by} offered the watch to {} {since}, not yet taken", own(&offer.to)))
        };
        out.extend(wrapped(role, " ! ", &said, cols));
    }
    out
}

fn summary(card: &Card, cols: u16, now: Time) -> Page {
    let line = Line::of(Role::Strong, format!(" {} since {}", card.counted(), moment(card.since, now)));
    if card.watched == 0 {
        return vec![line.and(Role::Warn, "  no sources configured")];
    }
    let failing =
        card.failing().map(|failing| wrapped(Role::Warn, " ! ", &failing, cols)).unwrap_or_default();
    if card.blind.is_empty() {
        let line = line.and(Role::Good, "  every source is LIVE");
        return [line].into_iter().chain(failing).collect();
    }
    let mut out = vec![line.and(Role::Warn, format!("  not LIVE: {} of {}", card.blind.len(), card.watched))];
    for (name, state, as_of) in &card.blind {
        let as_of = as_of.map_or("no answer yet".to_owned(), |at| format!("data as of {}", moment(at, now)));
        let said = format!("{} {}, {as_of}", own(name), state.word());
        out.extend(wrapped(watch::role(*state), &format!(" {} ", watch::sign(*state)), &said, cols));
    }
    out.extend(failing);
    out
}

/// `!! INC-1047  Contain 12m  ana until 14:31:00Z`, its title, and a line for each thing to know.
fn incident(open: &Open, cols: u16, now: Time) -> Page {
    let role = if open.phase.is_open() { Role::Heading } else { Role::Plain };
    let head = format!(
        " {} {}  {} {}",
        sign(open.severity),
        open.id,
        open.phase.title(),
        age(open.phase_since, now)
    );
    let mut line = Line::of(role, head);
    if open.phase.is_open() {
        line = held(open, line, now);
    }
    let mut out = vec![gap(), line];
    out.extend(wrapped(Role::Strong, "    ", &open.title.safe(), cols));
    let mut say = |name: &str, role: Role, text: &str| {
        let head = format!("    {name:<9} ");
        // What stands between points is broken between them.
        let lines = match text.contains(" · ") {
            true => flowed(&head, &[(role, text.to_owned())], cols),
            false => wrapped(role, &head, text, cols),
        };
        out.extend(lines.into_iter().map(|line| line.with_head(Role::Dim)));
    };
    if open.is_over() {
        in_force(open, now, &mut say);
        open.deadlines.iter().for_each(|set| due(set, now, &mut say));
        return out;
    }
    let parts = response(open);
    say("Response", if open.lacks_commander { Role::Warn } else { Role::Plain }, &parts);
    for (name, ids) in [("Merged in", &open.merged_in), ("Linked", &open.linked)] {
        if !ids.is_empty() {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            say(name, Role::Plain, &ids.join(", "));
        }
    }
    if let Some(snooze) = &open.snoozed {
        let why = snooze.because.as_ref().map(|why| format!(": {}", why.safe())).unwrap_or_default();
        say(
            "Snoozed",
            Role::Warn,
            &format!("by {} until {}{why}", own(&snooze.by), moment(snooze.until, now)),
        );
    }
    believed(open, &mut say);
    contained(open, now, &mut say);
    for last in &open.bulletins {
        let next = match last.next {
            Some(due) if due <= now => format!("the next one OVERDUE {}", age(due, now)),
            Some(due) => format!("the next one in {}", countdown(due, now)),
            None => "no next one is due".to_owned(),
        };
        let late = last.next.is_some_and(|due| due <= now);
        let (to, number, status) = (last.audience.word(), last.number, last.status.word());
        let said = format!("to {to}, number {number}: {status} {}; {next}", moment(last.at, now));
        say("Bulletin", if late { Role::Bad } else { Role::Plain }, &said);
    }
    let missing = not_yet(open);
    if !missing.is_empty() {
        say("Not yet", Role::Warn, &missing.join(" · "));
    }
    for set in &open.deadlines {
        due(set, now, &mut say);
    }
    for next in &open.escalations {
        let to: Vec<String> = next.to.iter().map(|to| own(to).to_string()).collect();
        let (path, step, steps) = (own(&next.path), next.step, next.steps);
        let said = format!("{path} step {step} of {steps} to {} {}", to.join(", "), left(next.due, now));
        say("Pages", if next.due <= now { Role::Bad } else { Role::Warn }, &said);
    }
    for (path, tally) in &open.exhausted {
        let said = format!("{} EXHAUSTED: {tally}, nobody answered: nobody is paged any more", own(path));
        say("Pages", Role::Bad, &said);
    }
    out
}

/// Who holds it, and until when.
fn held(open: &Open, line: Line, now: Time) -> Line {
    match (&open.owner, &open.held_at, open.ack_due) {
        (Some(owner), ..) => line
            .and(Role::Dim, "  held by ")
            .and(Role::Plain, own(&owner.name))
            .and(Role::Dim, format!(" until {}", moment(owner.until, now))),
        (None, Some((by, source)), _) => line
            .and(Role::Dim, "  held by ")
            .and(Role::Plain, by.safe())
            .and(Role::Dim, format!(" at {}", own(source))),
        (None, None, Some(due)) if due <= now => {
            line.and(Role::Bad, format!("  held by nobody, ack OVERDUE {}", age(due, now)))
        }
        (None, None, Some(due)) => {
            line.and(Role::Warn, format!("  held by nobody, ack in {}", countdown(due, now)))
        }
        (None, None, None) => line.and(Role::Warn, "  held by nobody"),
    }
}

/// What nobody has done yet.
fn not_yet(open: &Open) -> Vec<&'static str> {
    let believed = open.root_cause.is_some() || !open.hypotheses.is_empty();
    let contained = open.contained != Contained::None || open.nothing_to_contain.is_some();
    let done =
        [(believed, "hypothesis"), (contained, "containment"), (!open.bulletins.is_empty(), "bulletin")];
    done.into_iter().filter(|(done, _)| !done && open.phase.is_open()).map(|(_, what)| what).collect()
}

/// Impact, and who plays which role.
fn response(open: &Open) -> String {
    let impact =
        open.impact.as_ref().map_or("impact not assessed".to_owned(), |impact| impact.safe().to_string());
    let mut said = vec![impact];
    if open.phase.is_open() && open.roles.iter().all(|(role, _)| *role != Part::Lead) {
        said.push("nobody leads".to_owned());
    }
    if open.lacks_commander {
        said.push("NO COMMANDER".to_owned());
    }
    said.extend(open.roles.iter().map(|(role, name)| format!("{} {}", role.word(), name.capped_safe(40))));
    said.join(" · ")
}

fn believed(open: &Open, say: &mut impl FnMut(&str, Role, &str)) {
    match &open.root_cause {
        Some(cause) => say("Cause", Role::Plain, &cause.in_one_line()),
        None => open.hypotheses.iter().for_each(|text| say("Believed", Role::Plain, &text.in_one_line())),
    }
    open.ruled_out.iter().for_each(|text| say("Ruled out", Role::Dim, &text.in_one_line()));
}

fn contained(open: &Open, now: Time, say: &mut impl FnMut(&str, Role, &str)) {
    match (&open.nothing_to_contain, open.contained) {
        (Some(because), Contained::None) => {
            say("Contained", Role::Plain, &format!("none needed: {}", because.safe()));
        }
        (_, Contained::Unknown) => say("Contained", Role::Bad, "UNKNOWN"),
        (_, Contained::None) => {}
        (_, contained) => say("Contained", Role::Plain, contained.word()),
    }
    in_force(open, now, say);
    for silence in &open.silences {
        say("Silenced", Role::Plain, &silence.words());
    }
    for action in &open.actions {
        let (role, state) = match action.stage {
            Stage::Unknown => (Role::Bad, "OUTCOME UNKNOWN"),
            Stage::Accepted => (Role::Warn, "being read back"),
            stage => (Role::Warn, stage.word()),
        };
        let said =
            format!("#{} {}: {state} since {}", action.action, own(&action.what), moment(action.since, now));
        say("Action", role, &said);
    }
}

fn in_force(open: &Open, now: Time, say: &mut impl FnMut(&str, Role, &str)) {
    for held in &open.in_force {
        let (role, ends) = match (&held.kept, held.until) {
            (_, Some(until)) if until > now => (Role::Plain, format!("until {}", moment(until, now))),
            (Some(because), None) => (Role::Plain, format!("no expiry; kept: {}", because.safe())),
            (None, None) => (Role::Warn, "no expiry; undo it or keep it?".to_owned()),
            (_, Some(until)) => {
                (Role::Warn, format!("meant to end by itself {}: see whether it has", moment(until, now)))
            }
        };
        let said = format!("#{} {} since {}, {ends}", held.action, own(&held.what), moment(held.since, now));
        say("In force", role, &said);
    }
}

fn due(set: &Deadline, now: Time, say: &mut impl FnMut(&str, Role, &str)) {
    let name = if set.name.is_empty() { String::new() } else { format!(" {}", own(&set.name)) };
    let said = format!("{}  {}{name}: {}", left(set.due, now), set.kind.word(), set.title.safe());
    say("Due", if set.due <= now { Role::Bad } else { Role::Plain }, &said);
}

/// `in 2:58`, `in 5d`, `OVERDUE 3m`.
fn left(due: Time, now: Time) -> String {
    match (due - now).num_hours() {
        _ if due <= now => format!("OVERDUE {}", age(due, now)),
        0..48 => format!("in {}", countdown(due, now)),
        _ => format!("in {}", age(now, due)),
    }
}

/// In two columns of so many cells, the left one no shorter than the right one needs.
fn beside(parts: Vec<Page>, width: usize) -> Page {
    let all: usize = parts.iter().map(Page::len).sum();
    let (mut left, mut right) = (Page::new(), Page::new());
    for part in parts {
        if right.is_empty() && left.len() < all.div_ceil(2) {
            left.extend(part);
        } else {
            right.extend(part);
        }
    }
    let rows = left.len().max(right.len());
    left.resize(rows, gap());
    right.resize(rows, gap());
    let pad = |line: &Line| " ".repeat((width + 1).saturating_sub(line.text().width()));
    left.into_iter()
        .zip(right)
        .map(|(mut left, right)| {
            if !right.0.is_empty() {
                left.0.push((Role::Plain, pad(&left)));
                left.0.extend(right.0);
            }
            left
        })
        .collect()
}
