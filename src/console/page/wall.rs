//! What the wall says, in words: how much of it can be believed, each incident, what is due, every source.

use super::{Line, Role, moment, own, sign, watch};
use crate::console::banner::no_engine;
use crate::console::board::Sight;
use crate::console::due;
use crate::console::wall::{Wall, is_untaken};
use crate::domain::deadline::DeadlineKind;
use crate::domain::freshness::{SourceState, SourceStatus};
use crate::domain::incident::Incident;
use crate::domain::monitor::Health;
use crate::domain::severity::Severity;
use crate::domain::sight::blind;
use crate::domain::text::{Width, some_of};
use crate::domain::time::{Time, age, clock_minute, clock_time, countdown};

/// Cells of a title that can be of any use.
const TITLE: usize = 240;
/// Cells of a name: what stands behind it is not pushed out by a long one.
const HOLDER: usize = 24;

/// A wall on which nothing can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dark {
    /// In capitals.
    pub words: &'static str,
    /// Of when the last of it is that could be.
    pub since: Option<Time>,
    /// What was known then, and why no more is.
    pub why: Vec<String>,
    /// Something has ended that was there.
    pub lost: bool,
}

/// Why nothing on the wall can be believed; `None` while it can.
pub fn dark(wall: &Wall, now: Time) -> Option<Dark> {
    let board = &wall.board;
    let read = board.watched().filter_map(|source| source.as_of).max();
    let sight = board.sight(now);
    let (since, why) = match &sight {
        Sight::Clear | Sight::Failing(..) | Sight::Partly(..) => return None,
        Sight::Connecting => (None, "asking the engine".to_owned()),
        // What was opened by hand burns all the same.
        Sight::NoSources if board.tally().open() > 0 => return None,
        Sight::NoSources => {
            let why = vec![format!("add a [[source]] to {}", own(&wall.config))];
            return Some(Dark { words: "NOTHING IS WATCHED", since: None, why, lost: false });
        }
        Sight::Reading(tried, all) => (read, format!("reading {tried}/{all}")),
        Sight::Lost(since, _) => (read.or(Some(*since)), no_engine(&sight).unwrap_or_default()),
        Sight::Stalled(holder) => (holder.beat.or(read), no_engine(&sight).unwrap_or_default()),
        Sight::Frozen(since, _) => (Some(*since), no_engine(&sight).unwrap_or_default()),
        Sight::Blind => {
            let some = board.watched().any(|source| source.state(now).sees());
            let why = blind(&board.sources, &board.monitors, now).unwrap_or_default();
            (if some { wall.blind } else { read.or(wall.blind) }, why)
        }
    };
    let fault = board.watched().find_map(|source| source.fault.as_ref());
    let fault = fault.filter(|_| matches!(sight, Sight::Blind | Sight::Reading(..)));
    let tally = board.tally();
    let known = (tally.open() > 0).then(|| {
        let (critical, untaken) = (tally.critical, tally.unacked);
        format!(
            "known then: {critical} CRITICAL, {untaken} NOT TAKEN, {} HIGH, {} NORMAL",
            tally.high, tally.normal
        )
    });
    // What was known comes first: where room is short, the rest is cut.
    let why = [known, Some(why), fault.map(|fault| fault.detail.safe().to_string())];
    Some(Dark {
        words: if since.is_some() { "STALE SINCE" } else { "NO DATA YET" },
        since,
        why: why.into_iter().flatten().filter(|line| !line.is_empty()).collect(),
        lost: since.is_some(),
    })
}

/// How many, where that can be said: that there are none is known only while everything is seen.
pub fn count(wall: &Wall, number: usize, now: Time) -> String {
    let known = number > 0 || matches!(wall.board.sight(now), Sight::Clear | Sight::Failing(..));
    if known { number.to_string() } else { "?".to_owned() }
}

/// What is said where no incident is: that all is clear, or that nobody knows. Capitals, and why.
pub fn verdict(wall: &Wall, now: Time) -> (Role, &'static str, String) {
    match doubt(wall, now) {
        None => (Role::Good, "ALL CLEAR", format!("every source is LIVE at {}", clock_time(now))),
        Some(doubt) if matches!(wall.board.sight(now), Sight::Failing(..)) => {
            (Role::Warn, "NOT CLEAR", doubt)
        }
        Some(doubt) => (Role::Warn, "UNKNOWN", doubt),
    }
}

/// How many sources cannot be believed, if some cannot, or else how many monitors are not up.
pub fn doubt(wall: &Wall, now: Time) -> Option<String> {
    match wall.board.sight(now) {
        Sight::Partly(..) => {
            let of = |all: &[&SourceStatus], word: &str| {
                let some = all.iter().filter(|status| !status.is_calm(now)).count();
                (some > 0).then(|| some_of(some, all.len(), word))
            };
            let sources: Vec<_> = wall.board.sources.iter().collect();
            let monitors: Vec<_> = wall.board.monitors.iter().map(|monitor| &monitor.source).collect();
            let some = [of(&sources, "source"), of(&monitors, "monitor")];
            let some = some.into_iter().flatten().collect::<Vec<_>>().join(" and ");
            Some(format!("{some} cannot be believed: what is not here may burn all the same"))
        }
        Sight::Failing(some, all) => {
            let are = if some == 1 { "is" } else { "are" };
            Some(format!("{} {are} not up", some_of(some, all, "monitor")))
        }
        Sight::NoSources => Some(format!("nothing is watched: add a [[source]] to {}", own(&wall.config))),
        _ => None,
    }
}

/// An incident as a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The line above its title, from the longest to the shortest: what is missing makes room. That it is stale, that
    /// an outcome is unknown, and what is overdue is missing in none.
    pub heads: [Line; 3],
    /// Such a thing is said.
    pub grave: bool,
    /// Its title.
    pub title: String,
    /// How that is shown.
    pub role: Role,
}

impl Tile {
    /// The head and behind it the title, which is whole where that fits into so many cells.
    pub fn line(&self, role: Role, cols: usize) -> Line {
        let with_title = |head: &Line| head.clone().and(role, format!("  {}", self.title));
        let whole = self.heads.iter().map(with_title).find(|line| line.text().width() <= cols);
        let [_, urgent, _] = &self.heads;
        whole.unwrap_or_else(|| with_title(urgent))
    }

    /// The head alone: the longest that fits into so many cells, where one that is cut would lose what is grave.
    pub fn head(&self, cols: usize) -> &Line {
        let [whole, .., least] = &self.heads;
        if !self.grave {
            return whole;
        }
        self.heads.iter().find(|line| line.text().width() <= cols).unwrap_or(least)
    }
}

/// `!! CRIT INC-1047  NOT TAKEN  2m  Identify  ack in 2:58`: a bare number would be read as so many.
pub fn tile(wall: &Wall, incident: &Incident, now: Time) -> Tile {
    let stale = wall.board.is_stale(incident, now);
    let role = match incident.severity {
        _ if stale => Role::Dim,
        Severity::Critical => Role::Bad,
        Severity::High => Role::Warn,
        Severity::Normal => Role::Plain,
    };
    let (sign, word) = (sign(incident.severity), incident.severity.short());
    let mut head = Line::of(role, format!("{sign} {word} {}", incident.id));
    let holder = incident.owner.as_ref().map(|owner| own(&owner.name).to_string());
    let holder = holder.or(incident.held_upstream().map(|by| by.safe().to_string()));
    head = match holder {
        Some(holder) => head.and(Role::Plain, format!("  {} has it", own(&holder).clip(HOLDER))),
        None if incident.is_exhausted() => head.and(Role::Bad, "  NOT TAKEN, EXHAUSTED"),
        None if is_untaken(incident) => head.and(Role::Bad, "  NOT TAKEN"),
        None => head.and(Role::Plain, "  not taken"),
    };
    let (mut brief, mut said) = (head.clone(), Line::default());
    if let Some((_, since)) = wall.news.iter().find(|(id, _)| *id == incident.id) {
        head = head.and(Role::Strong, format!("  NEW {}", clock_time(*since)));
    }
    head = head.and(Role::Plain, format!("  {}  {}", age(incident.opened_at, now), incident.phase.title()));
    if stale {
        let as_of = wall
            .board
            .as_of(incident)
            .map_or("not read yet".to_owned(), |at| format!("STALE {}", clock_minute(at)));
        said = said.and(Role::Warn, format!("  {as_of}"));
    }
    if incident.has_unknown() {
        said = said.and(Role::Bad, "  UNKNOWN OUTCOME");
    }
    let due = due_of(incident, now);
    let late = due.as_ref().is_some_and(|(at, ..)| *at <= now);
    let due = due.map(|(_, role, words)| (role, format!("  {words}")));
    said.0.extend(due.clone().filter(|_| late));
    let (grave, coming) = (!said.0.is_empty(), due.filter(|_| !late));
    brief.0.extend(said.0.clone());
    let mut urgent = brief.clone();
    urgent.0.extend(coming.clone());
    head.0.extend(said.0.into_iter().chain(coming));
    Tile { heads: [head, urgent, brief], grave, title: incident.title().safe().clip(TITLE), role }
}

/// What of all is overdue for longest, or else due next, from the longest to the shortest: `INC-1047 ack OVERDUE 3m`,
/// `1047 ack OVERDUE 3m`.
pub fn deadline(wall: &Wall, now: Time) -> Option<(Role, [String; 2])> {
    let all = wall.board.ranked().filter(|it| !it.is_closed());
    let all = all.filter_map(|it| {
        let (at, role, words) = due_of(it, now)?;
        let words = if it.is_exhausted() { format!("EXHAUSTED, {words}") } else { words };
        Some((at, &it.id, role, words))
    });
    let (_, id, role, words) = all.min_by_key(|(at, id, ..)| (*at, id.number()))?;
    Some((role, [format!("{id} {words}"), format!("{} {words}", id.number())]))
}

/// What is due about an incident first; reviews, which take days, aside.
fn due_of(incident: &Incident, now: Time) -> Option<(Time, Role, String)> {
    let review = |kind| matches!(kind, DeadlineKind::Review | DeadlineKind::Item);
    let open = incident.open_deadlines().into_iter().filter(|open| !review(open.kind));
    let open = open.filter_map(|open| Some((open.due, due::words(open, now).into_iter().next()?)));
    let ack = incident.ack_due().map(|due| (due, said("ack", due, now)));
    let step = incident
        .escalation()
        .and_then(|it| it.next())
        // Behind a number "pages" would be read as so many.
        .map(|(_, step)| (step.due, said("page", step.due, now)));
    let (at, words) = open.chain(ack).chain(step).min_by_key(|(at, _)| *at)?;
    let late = at <= now;
    let words = if late { format!("{words} {}", age(at, now)) } else { words };
    Some((at, if late { Role::Bad } else { Role::Warn }, words))
}

fn said(what: &str, due: Time, now: Time) -> String {
    if due <= now { format!("{what} OVERDUE") } else { format!("{what} in {}", countdown(due, now)) }
}

/// Every source with its state and the absolute time of its data, those that cannot be believed first.
pub fn sources(wall: &Wall, now: Time) -> Vec<Line> {
    let board = &wall.board;
    let troubled = |source: &&SourceStatus| !source.is_calm(now);
    let monitors = || board.monitors.iter().map(|monitor| &monitor.source);
    let mut out: Vec<Line> = board
        .sources
        .iter()
        .filter(troubled)
        .chain(monitors().filter(troubled))
        .map(|it| source(it, now))
        .collect();
    out.extend(board.sources.iter().filter(|it| !troubled(it)).map(|it| source(it, now)));
    if !board.monitors.is_empty() {
        let (up, all) = (board.up(), board.monitors.len());
        let down = board
            .monitors
            .iter()
            .filter(|it| it.health == Health::Down)
            .map(|it| own(&it.source.name).clip(24));
        let down: Vec<String> = down.collect();
        let oldest = monitors().filter_map(|it| it.as_of).min();
        let as_of = oldest.map(|at| format!(" {}", moment(at, now))).unwrap_or_default();
        let (role, mark) = if down.is_empty() { (Role::Good, "●") } else { (Role::Bad, "✗") };
        let line = Line::of(role, format!("{mark} monitors {up}/{all} up")).and(Role::Plain, as_of);
        out.push(if down.is_empty() {
            line
        } else {
            line.and(Role::Bad, format!(", down: {}", down.join(", ")))
        });
    }
    out
}

/// `● prod-am LIVE 14:03:21Z`
fn source(status: &SourceStatus, now: Time) -> Line {
    let state = status.state(now);
    let flaps = state == SourceState::Live && status.flapping.is_on(now);
    let (mark, role) = if flaps { ("◍", Role::Warn) } else { (watch::sign(state), watch::role(state)) };
    let word = if flaps { "FLAPPING" } else { state.word() };
    let as_of = status.as_of.map_or("never read".to_owned(), |at| moment(at, now));
    Line::of(role, format!("{mark} {} {word}", own(&status.name).clip(24)))
        .and(Role::Plain, format!(" {as_of}"))
}
