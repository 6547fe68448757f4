//! The selected incident in a few lines: what it is, what is known, who is told, what happened last.

use crate::domain::text::Width;

use super::{
    Line, Page, Role, approvals, cut, flowed, labels, moment, names, own, pair, review, roles, snooze, strip,
    ties, together, upstream, wrapped,
};
use crate::backend::ActionsNow;
use crate::console::command::Command;
use crate::console::due;
use crate::console::links::{Aim, leading};
use crate::console::model::Model;
use crate::console::reading;
use crate::console::standing;
use crate::domain::action::{Action, Stage, Verb};
use crate::domain::earlier::Earlier;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::role;
use crate::domain::signal::Signal;
use crate::domain::story::{self, Tone};
use crate::domain::text::Outside;
use crate::domain::time::{Time, age, clock_time};
use crate::domain::upstream::Upstream;

/// From here on there is room for what is only good to know.
const ROOMY: usize = 12;
/// From here on nothing is cut that a few lines more would show.
const AMPLE: usize = 24;
/// Lines of one thing that was reported, or written.
pub(super) const TOLD: usize = 40;

/// How much a line is worth where room is short, the least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// Where its source shows it.
    Source,
    /// Its labels, and what was before.
    Labels,
    /// What is due after the next thing.
    Later,
    /// Where the runbook stands.
    Runbook,
    /// Everything else.
    Kept,
}

/// The rule above it.
pub fn title(model: &Model) -> String {
    let Some(incident) = model.selected() else { return String::new() };
    let source = incident.sources().first().map(|name| own(name).to_string());
    let from = source.unwrap_or_else(|| match &incident.merged {
        Some(merged) => format!("merged into {}", merged.into),
        None => "opened by hand".to_owned(),
    });
    let alert = match incident.label_values("alertname").as_slice() {
        [] => String::new(),
        [(value, _)] => format!(": {}", value.safe()),
        more => format!(": {} kinds of alert", more.len()),
    };
    format!("{} ── {from}{alert}", incident.id)
}

/// As many lines as there is room for; the newest of the timeline fill what is left.
pub fn page(model: &Model, cols: u16, rows: u16, now: Time) -> Page {
    let Some(incident) = model.selected() else { return Page::new() };
    let rows = usize::from(rows);
    let detail = model.detail.as_ref().filter(|detail| detail.incident.id == incident.id);
    let most = match rows {
        _ if rows <= ROOMY => 2,
        _ if rows <= AMPLE => 4,
        _ => rows / 3,
    };
    let mut out = cut(wrapped(Role::Strong, " ", &incident.title().safe(), cols), most, cols);
    if detail.is_none() && reading::is_awaited(model, now) {
        // It comes with what is read in a moment, and no line of it moves then.
        return out;
    }
    let signal = detail.and_then(|detail| leading(detail));
    let key = model.settings.keymap.key(Command::Phase);
    out.extend(reported(incident, cols, if rows > ROOMY { rows / 2 } else { 2 }));
    let mut known: Vec<(Worth, Line)> = Vec::new();
    let mut know = |worth, lines: Page| known.extend(lines.into_iter().map(|line| (worth, line)));
    know(Worth::Labels, labels::lines(incident, rows > AMPLE, cols));
    if let Some(detail) = detail {
        let most = if rows > AMPLE { AMPLE } else { 1 };
        for (worth, aim) in [(Worth::Runbook, Aim::Runbook), (Worth::Source, Aim::Source)] {
            let text = aim.shown(detail).map(|(_, text)| text);
            know(worth, cut(link(aim.word(), text, cols), most, cols));
        }
    }
    if rows > ROOMY {
        know(Worth::Kept, vec![strip::strip(incident, cols, now)]);
        know(Worth::Kept, strip::to_go_on(incident, &key, cols, now));
    } else {
        know(Worth::Kept, vec![strip::short(incident, &key, cols, now)]);
    }
    know(Worth::Kept, review::brief(model, incident, now).into_iter().collect());
    know(Worth::Kept, facts(model, incident, " ", cols, now));
    let is_quiet =
        |it: &Upstream| !(it.silences.is_empty() && it.inhibited_by.is_empty() && it.muted_by.is_empty());
    let quiet = |signal: &&Signal| signal.upstream.as_deref().is_some_and(is_quiet);
    let quiet = detail.and_then(|detail| detail.signals.iter().find(quiet)?.upstream.as_deref());
    know(Worth::Kept, cut(quiet.map_or(Page::new(), |it| upstream::quiet(it, cols)), 1, cols));
    let mut due = due::page(incident, cols, now);
    let later = due.split_off(due.len().min(1));
    know(Worth::Kept, due);
    know(Worth::Later, later);
    if let Some(earlier) = detail.filter(|detail| !detail.earlier.is_empty()) {
        let told: Vec<String> = earlier.earlier.iter().take(3).map(Earlier::brief).collect();
        let head = format!(" Happened before {}× ", earlier.earlier.len());
        let lines = wrapped(Role::Plain, &head, &told.join(" · "), cols);
        know(Worth::Labels, cut(lines, 1, cols).into_iter().map(|line| line.with_head(Role::Dim)).collect());
    }
    know(Worth::Kept, escalation(model, incident, cols, now));
    if let Some(upstream) = signal.and_then(|signal| signal.upstream.as_deref()) {
        let mut lines = upstream::lines(upstream, cols, now);
        let rest = lines.split_off(lines.len().min(1));
        know(Worth::Kept, lines);
        know(Worth::Later, rest);
    }
    know(Worth::Kept, approvals::lines(model, incident, cols, now));
    know(Worth::Kept, actions(model, incident, cols, now));
    // The last two things that happened are worth more than where else to look.
    while out.len() + known.len() + usize::from(signal.is_some()) + 2 > rows {
        let Some(least) = known.iter().map(|(worth, _)| *worth).min().filter(|it| *it < Worth::Kept) else {
            break;
        };
        let Some(place) = known.iter().rposition(|(worth, _)| *worth == least) else { break };
        known.remove(place);
    }
    if let Some(signal) = signal {
        // Where room is short the last two things that happened are worth more than the second line of this.
        let room = rows.saturating_sub(out.len() + known.len() + 2);
        let most = match rows {
            0..=14 => 2,
            15..=AMPLE => 3,
            _ => rows / 3,
        };
        out.extend(description(&one_of(incident, signal), signal, cols, room.clamp(1, most)));
    }
    out.extend(known.into_iter().map(|(_, line)| line));
    let left = rows.saturating_sub(out.len());
    match detail {
        Some(detail) => {
            // What only follows from something else stands above already, or on the incident's own page.
            let telling = together::timeline(detail, incident, cols, now, |tone| tone != Tone::Aside);
            out.extend(telling.take(left.max(1)));
        }
        None => out.push(Line::of(Role::Dim, " reading the timeline…")),
    }
    out
}

/// One of how many it is, and which where the title is not its own: the first words of what it says.
fn one_of(incident: &Incident, signal: &Signal) -> String {
    let many = match incident.firing() {
        0 | 1 => return String::new(),
        many => format!("One of {many} signals firing"),
    };
    match signal.title == *incident.title() {
        true => format!("{many}: "),
        false => format!("{many}, {}: ", signal.title.capped_safe(80)),
    }
}

/// What the source says, behind words on whose it is, in at most so many lines.
pub(super) fn description(whose: &str, signal: &Signal, cols: u16, most: usize) -> Page {
    const ALL: &str = " enter shows all";
    let mut lines: Vec<String> = match signal.description.is_blank() {
        true => Vec::new(),
        false => {
            let lines = signal.description.lines(most.saturating_add(1).max(2));
            lines.iter().map(ToString::to_string).collect()
        }
    };
    match lines.first_mut() {
        Some(first) => first.insert_str(0, whose),
        None if whose.is_empty() => return Page::new(),
        None => lines.push(whose.trim_end_matches(": ").to_owned()),
    }
    let page: Page = lines.iter().flat_map(|line| wrapped(Role::Plain, " ", line, cols)).collect();
    if page.len() <= most {
        return page;
    }
    let mut page = cut(page, most, cols.saturating_sub(u16::try_from(ALL.len()).unwrap_or(0)));
    if let Some(last) = page.last_mut() {
        last.0.push((Role::Dim, ALL.to_owned()));
    }
    page
}

/// Who reported it and what they told, in at most so many lines.
pub(super) fn reported(incident: &Incident, cols: u16, most: usize) -> Page {
    let Some(reported) = &incident.opening.reported else { return Page::new() };
    let (by, via) = (reported.by.capped_safe(80), reported.via.capped_safe(80));
    let mut out =
        pair("Reported", Role::Plain, &format!("by {by} ({}), via {via}", reported.from.word()), cols);
    for (name, told) in &reported.told {
        let head = format!("   {} = ", own(name).clip(40));
        out.extend(told.lines(TOLD).into_iter().enumerate().flat_map(|(place, line)| {
            let head = if place == 0 { head.clone() } else { " ".repeat(head.width()) };
            wrapped(Role::Plain, &head, &line, cols)
        }));
    }
    if out.len() > most {
        out.truncate(most.saturating_sub(1).max(1));
        out.push(Line::of(Role::Dim, "   and more of what they told: enter shows all"));
    }
    out
}

/// Where the runbook stands, and where the source shows it.
pub(super) fn links(signal: &Signal, cols: u16) -> Page {
    let all = [Aim::Runbook, Aim::Source].map(|aim| link(aim.word(), aim.of(signal), cols));
    all.concat()
}

fn link(name: &str, url: Option<&Outside>, cols: u16) -> Page {
    url.map(|url| wrapped(Role::Plain, &format!(" {name:<8}"), &url.safe(), cols)).unwrap_or_default()
}

/// Impact, lead, and what is odd about it; the first line begins with `head`.
pub(super) fn facts(model: &Model, incident: &Incident, head: &str, cols: u16, now: Time) -> Page {
    let mut pieces = vec![(Role::Dim, "Impact ".to_owned())];
    let mut say = |role, text: String| pieces.push((role, text));
    match &incident.impact {
        Some(impact) => say(Role::Plain, story::impact(impact)),
        None => say(Role::Warn, "not assessed".to_owned()),
    }
    say(Role::Dim, " · Lead ".to_owned());
    match roles::holder(incident, role::Role::Lead) {
        Some(lead) => say(Role::Plain, lead),
        None => say(Role::Warn, "—".to_owned()),
    }
    match roles::holder(incident, role::Role::Commander) {
        Some(name) => {
            say(Role::Dim, " · Commander ".to_owned());
            say(Role::Plain, name);
        }
        None if incident.lacks_commander() => {
            say(Role::Dim, " · ".to_owned());
            say(Role::Warn, "no commander".to_owned());
        }
        None => {}
    }
    if let Some(owner) = &incident.owner {
        say(Role::Dim, " · Held by ".to_owned());
        say(Role::Plain, own(&owner.name).to_string());
        let until = format!(" until {}", moment(owner.until, now));
        // For how long gives way where it would take a line of its own.
        let mut long = pieces.clone();
        long.push((Role::Dim, format!(" for {},{until}", age(owner.since, now))));
        pieces.push((Role::Dim, until));
        if flowed(head, &long, cols).len() <= flowed(head, &pieces, cols).len() {
            pieces = long;
        }
    }
    let mut out = flowed(head, &pieces, cols);
    let mut odd = |role, text: String| out.extend(wrapped(role, " ", &text, cols));
    if let Some(text) = snooze::fact(model, incident, now) {
        odd(Role::Warn, text);
    }
    let severity = model.settings.keymap.way(Command::Severity);
    if incident.is_unmapped() {
        odd(
            Role::Warn,
            format!("severity unmapped: no rule knows it, so it counts as high; {severity} confirms"),
        );
    }
    if let Some(worse) = incident.worse_upstream() {
        odd(Role::Warn, format!("its source says {}; {severity} changes the severity", worse.word()));
    }
    if let (Some(cleared), true) = (incident.cleared_at, incident.phase < Phase::Recover) {
        let key = model.settings.keymap.key(Command::Phase);
        odd(Role::Good, format!("signals cleared {}; {key} moves it on", moment(cleared, now)));
    }
    if model.board.is_stale(incident, now) {
        odd(
            Role::Warn,
            match model.board.as_of(incident) {
                Some(at) => format!("STALE: its source does not answer; this is as of {}", moment(at, now)),
                None => "its source was not read yet; this is from the ledger".to_owned(),
            },
        );
    }
    if let Some(earlier) = &incident.opening.recurrence_of {
        odd(Role::Plain, format!("recurrence of {earlier}"));
    }
    out.extend(ties::lines(model, incident, cols, now));
    out
}

/// Where the escalation stands.
pub(super) fn escalation(model: &Model, incident: &Incident, cols: u16, now: Time) -> Page {
    let Some(escalation) = incident.escalation() else { return Page::new() };
    let (path, sent, all) = (own(&escalation.path), escalation.sent(), escalation.steps.len());
    // Once somebody held it, a bare count would read as if a step were lost.
    let was_held = incident.milestones.acknowledged.is_some();
    let tally = match (escalation.is_begun_again(), escalation.next()) {
        (true, Some((number, _))) => format!("Escalation {path} begun again, at step {number} of {all}"),
        (true, None) => format!("Escalation {path} begun again, {sent}/{all}"),
        (false, Some((number, _))) if was_held => {
            format!("Escalation {path} goes on at step {number} of {all}")
        }
        (false, _) => format!("Escalation {path} {sent}/{all}"),
    };
    let mut pieces = vec![(Role::Dim, tally)];
    let mut add = |role, text: String| pieces.push((role, text));
    match (escalation.next(), &escalation.stopped, standing::covering(&model.board, incident)) {
        (Some((_, step)), ..) => {
            add(Role::Warn, format!(" · next {} {}", names(&step.to), moment(step.due, now)));
            add(Role::Dim, " · an ack stops it".to_owned());
        }
        (None, _, Some((by, next))) => {
            let next = next.map(|due| format!(", which pages {}", moment(due, now))).unwrap_or_default();
            add(Role::Warn, format!(" · covered by {by}{next}"));
            add(Role::Dim, format!(" · it counts itself five minutes after {by} is held or over"));
        }
        (None, Some(why), None) => add(Role::Plain, format!(" · {}", story::stopped(why))),
        (None, None, None) => add(Role::Warn, format!(" · {}", escalation.tally())),
    }
    flowed(" ", &pieces, cols)
}

/// Where each action stands, and the key that takes it back where that can be done.
pub(super) fn actions(model: &Model, incident: &Incident, cols: u16, now: Time) -> Page {
    let undo = model.settings.keymap.key(Command::Undo);
    let settle = model.settings.keymap.way(Command::Settle);
    let lines = |action: &Action| {
        let (role, mut state) = standing(action, now);
        if action.stage == Stage::Unknown && !action.is_verifying() {
            state.push_str(&format!("; {settle} settles it by a note"));
        }
        let back = match can_undo(action) && !incident.is_closed() && model.board.actions == ActionsNow::On {
            true => format!(" · {undo} takes it back"),
            false => String::new(),
        };
        let line = |what: String| {
            let state = (role, format!(" {state}"));
            flowed(
                &format!(" #{} ", action.id),
                &[(Role::Plain, what), state, (Role::Dim, back.clone())],
                cols,
            )
        };
        // Where it stands takes no second line for what it is called.
        let full = line(story::what(&action.plan));
        if full.len() == 1 { full } else { line(story::brief(&action.plan)) }
    };
    incident.actions.values().rev().flat_map(lines).collect()
}

/// Whether a person can take it back.
pub fn can_undo(action: &Action) -> bool {
    matches!(action.plan.verb, Verb::Contain { .. } | Verb::Upstream { .. })
        && action.plan.undone_by.is_some()
        && action.stage.can_be_undone()
}

/// `contained (verified 14:03:22Z)`, `verifying 12/30 s`, `UNKNOWN: …`.
pub fn standing(action: &Action, now: Time) -> (Role, String) {
    let detail = story::tail(&action.detail);
    let at = clock_time(action.moved_at);
    match action.stage {
        Stage::Intended | Stage::Sent => (Role::Warn, "sending…".to_owned()),
        Stage::Unknown if action.is_verifying() => {
            (Role::Bad, format!("UNKNOWN, {}", verifying(action, now)))
        }
        Stage::Unknown => (Role::Bad, format!("OUTCOME UNKNOWN{detail}")),
        Stage::Accepted if action.is_verifying() => (Role::Warn, verifying(action, now)),
        Stage::Accepted => (Role::Warn, format!("{} at {at}, not verified", story::accepted(&action.detail))),
        Stage::Verified => match action.plan.verb {
            Verb::Contain { .. } => (Role::Good, format!("contained (verified {at})")),
            _ => (Role::Good, format!("verified {at}")),
        },
        Stage::Refused => (Role::Bad, format!("REFUSED {at}{detail}")),
        Stage::NotSent => (Role::Bad, format!("NOT SENT {at}{detail}")),
        Stage::NotDone => (Role::Bad, format!("NOT DONE {at}{detail}")),
        Stage::SettledByHand => (Role::Plain, format!("settled by hand as done {at}{detail}")),
        Stage::Undone => (Role::Plain, format!("undone {at}{}", action.undone_with())),
    }
}

/// `verifying 12/30 s`
pub fn verifying(action: &Action, now: Time) -> String {
    let within = action.plan.verify.as_ref().map_or(0, |verify| verify.within.as_millis() / 1000);
    let spent = u64::try_from((now - action.moved_at).num_seconds()).unwrap_or(0).min(within);
    format!("verifying {spent}/{within} s")
}
