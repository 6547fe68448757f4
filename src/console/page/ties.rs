//! What it means to merge or link incidents, before it is done; and what an incident shows of that afterwards.

use super::{Line, Page, Role, flowed, gap, moment, own, sign, wrapped};
use crate::console::command::Command;
use crate::console::model::Model;
use crate::console::tying::Tying;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::severity::Severity;
use crate::domain::tie::{Tie, unlike};
use crate::domain::time::Time;

/// The title of the sheet.
pub fn title(tying: &Tying) -> String {
    let to = &tying.to.id;
    match &tying.tie {
        Tie::Merge if tying.of.len() > 1 => format!("merge {} incidents into {to}", tying.of.len()),
        Tie::Merge => format!("merge {} into {to}", tying.names()),
        Tie::Unmerge => format!("take {} out of {to}", tying.names()),
        Tie::Link { .. } => format!("link {} with {to}", tying.names()),
        Tie::Unlink => format!("unlink {} from {to}", tying.names()),
    }
}

/// What the final Enter does.
pub fn ask(tying: &Tying) -> String {
    match &tying.tie {
        Tie::Merge if tying.of.len() > 1 => "press Enter to merge them. Esc leaves them as they are.",
        Tie::Merge => "press Enter to merge it. Esc leaves both as they are.",
        Tie::Unmerge => "press Enter to take it out again. Esc leaves it merged.",
        Tie::Link { .. } | Tie::Unlink => "press Enter to do it. Esc leaves both as they are.",
    }
    .to_owned()
}

/// Each incident by its id and title, and what becomes of it.
pub fn page(model: &Model, tying: &Tying, stay: &[String], news: &[String], cols: u16, now: Time) -> Page {
    let Some(to) = model.board.get(&tying.to.id) else { return Page::new() };
    let of: Vec<&Incident> =
        tying.of.iter().filter_map(|seen| model.board.get(&seen.id)).map(AsRef::as_ref).collect();
    let mut out = Page::new();
    if !news.is_empty() {
        out.push(Line::of(Role::Warn, " Changed since you asked:"));
        out.extend(news.iter().flat_map(|line| wrapped(Role::Strong, "   ", &own(line), cols)));
    }
    if let Some(why) = tying.cannot(&model.board, now) {
        out.extend(wrapped(Role::Bad, " Cannot: ", &own(&why), cols));
    }
    for one in &of {
        out.extend(named(one, cols, now));
    }
    out.push(Line::of(
        Role::Dim,
        match &tying.tie {
            Tie::Merge => " into",
            Tie::Unmerge => " out of",
            Tie::Link { .. } => " with",
            Tie::Unlink => " from",
        },
    ));
    out.extend(named(to, cols, now));
    out.push(gap());
    let mut say = |role, text: String| out.extend(wrapped(role, " ", &text, cols));
    match &tying.tie {
        Tie::Merge => merging(&of, to, &mut say),
        Tie::Unmerge => {
            let signals = of.first().map_or(0, |one| to.signals_of(&one.id).len());
            say(Role::Plain, format!("It is open again, with {}.", counted(signals)));
            say(Role::Plain, "Unless somebody holds it, its paths page anew.".to_owned());
            let came: Vec<&str> = of.iter().flat_map(|one| to.paths_of(&one.id)).collect();
            if !came.is_empty() {
                let came = own(&came.join(", ")).to_string();
                say(Role::Warn, format!("What paged for {} because of it stops there: {came}.", to.id));
            }
            let doubtful: Vec<&str> = of.iter().flat_map(|one| to.doubtful_paths_of(&one.id)).collect();
            if !doubtful.is_empty() {
                let paths = own(&doubtful.join(", ")).to_string();
                let why = "an older quell merged it and did not say whether it brought that";
                say(Role::Warn, format!("{paths} goes on paging for {}, too: {why}.", to.id));
            }
            let free = of.first().filter(|one| one.owner.is_none());
            if let Some(due) = free.and_then(|one| one.ack_due) {
                say(Role::Plain, format!("An acknowledgement is due as before: {}.", moment(due, now)));
            }
            say(Role::Dim, format!("What joined {} since it was merged stays there.", to.id));
        }
        Tie::Link { signals } => {
            let keys = of.iter().flat_map(|one| one.signals.iter());
            for (key, signal) in keys.filter(|(key, _)| signals.contains(key)) {
                let source = own(key.split_once('\0').map_or("", |(source, _)| source));
                say(Role::Strong, format!("signal of {source}: {}", signal.title.safe()));
            }
            let it = if signals.len() == 1 { "It goes" } else { "They go" };
            say(
                Role::Plain,
                format!("{it} to {}, whatever {} does from now on.", to.id, it_or_they(signals.len())),
            );
        }
        Tie::Unlink => {}
    }
    for why in stay {
        say(Role::Warn, format!("stays as it is: {}", own(why)));
    }
    out
}

fn it_or_they(n: usize) -> &'static str {
    if n == 1 { "it" } else { "each" }
}

/// `INC-1051 CRIT Login failures`, and what somebody who merges it should know.
fn named(incident: &Incident, cols: u16, now: Time) -> Page {
    let head = format!(" {} {} {} ", sign(incident.severity), incident.id, incident.severity.short());
    let mut out = wrapped(Role::Strong, &head, &incident.title().safe(), cols);
    let holds = match (&incident.owner, incident.held_upstream()) {
        (Some(owner), _) => format!("held by {}", own(&owner.name)),
        (None, Some(by)) => format!("held by {} at its source", by.safe()),
        (None, None) => "nobody holds it".to_owned(),
    };
    if let Some(merged) = &incident.merged {
        let was = format!("merged into {} {} by {}", merged.into, moment(merged.at, now), own(&merged.by));
        out.extend(wrapped(Role::Dim, "      ", &was, cols));
        return out;
    }
    let mut facts = vec![incident.phase.title().to_owned(), holds, counted(incident.signals.len())];
    let next = incident.escalation().and_then(|escalation| escalation.next());
    facts.extend(next.map(|(_, step)| format!("pages next {}", moment(step.due, now))));
    out.extend(wrapped(Role::Dim, "      ", &facts.join(" · "), cols));
    out
}

fn counted(signals: usize) -> String {
    match signals {
        0 => "no signal".to_owned(),
        1 => "1 signal".to_owned(),
        n => format!("{n} signals"),
    }
}

/// What becomes of both sides.
fn merging(of: &[&Incident], to: &Incident, say: &mut impl FnMut(Role, String)) {
    let id = &to.id;
    let signals: usize = of.iter().map(|one| one.signals.len()).sum();
    let (close, their) = if of.len() == 1 {
        ("It closes as a duplicate", "its")
    } else {
        ("They close as duplicates", "their")
    };
    let go_on = match signals {
        0 => String::new(),
        1 => format!("; {their} signal goes on in {id}"),
        n => format!("; {their} {n} signals go on in {id}"),
    };
    say(Role::Plain, format!("{close}{go_on}. What fires of {their} kind later goes there, too."));
    let mut come: Vec<&str> = of.iter().flat_map(|one| unlike(one, to)).map(|it| it.path.as_str()).collect();
    come.sort_unstable();
    come.dedup();
    if !come.is_empty() {
        let (paths, page) = if come.len() == 1 { ("Path", "pages") } else { ("Paths", "page") };
        let when = if to.is_acked() { "once nobody holds that any more" } else { "from the first step on" };
        say(Role::Warn, format!("{paths} {} {page} for {id}, {when}.", own(&come.join(", "))));
    }
    let pages = to.escalation().is_some_and(|escalation| escalation.next().is_some());
    if to.paged_upstream() && (pages || !come.is_empty()) {
        say(Role::Warn, format!("A source pages for {id} by itself as well."));
    }
    if !to.is_acked() {
        let then = match (pages, come.is_empty()) {
            (true, _) => "it goes on paging",
            (false, true) => "nothing pages for it now",
            (false, false) => "it pages from now on",
        };
        say(Role::Warn, format!("Nobody holds {id}; {then}."));
    }
    let firing =
        |one: &&Incident| one.signals.values().filter(|it| it.cleared.is_none()).map(|it| it.severity).max();
    let worst: Option<Severity> = of.iter().filter_map(firing).max();
    if let Some(worst) = worst.filter(|worst| *worst > to.severity) {
        let text = match to.severity_set {
            true => format!(
                "{id} stays {}: a person said so. Its new signals say {}.",
                to.severity.word(),
                worst.word()
            ),
            false => format!("{id} becomes {}.", worst.word()),
        };
        say(Role::Warn, text);
    }
}

/// What an incident shows of its ties.
pub(super) fn lines(model: &Model, incident: &Incident, cols: u16, now: Time) -> Page {
    let undo = model.settings.keymap.key(Command::Undo);
    let mut out = Page::new();
    if let Some(merged) = &incident.merged {
        let (into, at, by) = (&merged.into, moment(merged.at, now), own(&merged.by));
        let text = format!("merged into {into} {at} by {by}");
        out.extend(flowed(
            " ",
            &[(Role::Warn, text), (Role::Dim, format!("; {undo} takes the merge back"))],
            cols,
        ));
    }
    if !incident.taken_in.is_empty() {
        let named = match incident.taken_in.as_slice() {
            [only] => format!("{} {}", only.id, only.title.safe()),
            several => several.iter().map(|taken| taken.id.to_string()).collect::<Vec<_>>().join(", "),
        };
        let undo = (Role::Dim, format!("; {undo} takes it out again"));
        out.extend(flowed(" ", &[(Role::Dim, "merged in: ".to_owned()), (Role::Plain, named), undo], cols));
    }
    if !incident.links.is_empty() {
        let title = |id: &IncidentId| model.board.get(id).map(|it| format!(" {}", it.title().safe()));
        let named = match incident.links.iter().collect::<Vec<_>>().as_slice() {
            [only] => format!("{only}{}", title(only).unwrap_or_default()),
            several => several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        out.extend(wrapped(Role::Plain, " linked: ", &named, cols));
    }
    out
}
