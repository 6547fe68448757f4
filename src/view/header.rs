//! ```text
//!  CRIT 2 · 1 UNACKED   HIGH 5   NORM 11                 actions ON  14:03:22Z ◐
//!  ● prod-am 14:03:21Z  ● pd 14:03:19Z  ○ prom STALE 13:58:02Z  ◍ monitors 14/15
//!  !! NEW 14:01:22Z CRITICAL 1047 Order gateway refuses connections  [bell, osc9]
//! ```

use crate::domain::text::Width;

use super::canvas::Canvas;
use super::paint;
use crate::backend::ActionsNow;
use crate::console::banner::banner;
use crate::console::board::{Board, Sight};
use crate::console::command::Command;
use crate::console::layout::Regions;
use crate::console::model::Model;
use crate::console::page::{Line, Role, moment, own, watch};
use crate::console::tape::Tape;
use crate::domain::freshness::{SourceState, SourceStatus};
use crate::domain::monitor::Health;
use crate::domain::severity::Severity;
use crate::domain::time::{Time, clock_time, date_time};

pub fn draw(model: &Model, now: Time, regions: &Regions, canvas: &mut Canvas) {
    // Both say what the board knows, and how a recording is gone through.
    let key = (model.board.revision.number(), &model.tape, regions.counts.cols);
    canvas.again(regions.counts.y, now, ("counts", key), |canvas, now| counts(model, now, regions, canvas));
    canvas.again(regions.sources.y, now, ("sources", key), |canvas, now| {
        let says = sources(model, &model.sight(now), now, regions.sources.cols);
        paint::line(canvas, regions.sources, &says);
    });
    if let Some((line, shouts)) = banner(model, now) {
        paint::line(canvas, regions.banner, &line);
        if shouts {
            canvas.style(regions.banner, canvas.theme.alarm());
        }
    }
}

fn counts(model: &Model, now: Time, regions: &Regions, canvas: &mut Canvas) {
    let theme = canvas.theme;
    let area = regions.counts;
    let tally = model.board.tally();
    let right = right(model, now);
    let left = area.cols.saturating_sub(u16::try_from(right.width()).unwrap_or(0) + 1);
    let mut x = area.x + 1;
    let mut put = |text: &str, style| {
        // A number that is cut would be another number.
        if usize::from(left.saturating_sub(x)) >= text.width() {
            x += canvas.text(x, area.y, left - x, text, style);
        }
    };
    let gap = if area.cols < 60 { " " } else { "   " };
    let plain = theme.role(Role::Plain);
    // Before anything was heard, nought would be a lie.
    let known = model.sight(now) != Sight::Connecting;
    let number = |n: usize| if known { n.to_string() } else { "?".to_owned() };
    let critical = if tally.critical > 0 { theme.severity(Severity::Critical) } else { plain };
    put(&format!("CRIT {}", number(tally.critical)), critical);
    if tally.unacked > 0 {
        put(" · ", plain);
        put(&format!("{} UNACKED", tally.unacked), theme.alarm());
    }
    let high = if tally.high > 0 { theme.severity(Severity::High) } else { plain };
    put(&format!("{gap}HIGH {}", number(tally.high)), high);
    put(&format!("{gap}NORM {}", number(tally.normal)), plain);
    let width = u16::try_from(right.width()).unwrap_or(area.cols).min(area.cols);
    canvas.text(area.x + area.cols - width, area.y, width, &right, theme.role(Role::Strong));
}

/// Whether actions are on, who polls, the time, and a sign that turns each time the engine is heard.
fn right(model: &Model, now: Time) -> String {
    let board = &model.board;
    let roomy = model.size.cols >= 72;
    let recorded = match model.tape {
        Tape::Replay(playing) if roomy => return format!("REPLAY ×{} {} ", playing.speed, date_time(now)),
        Tape::Replay(_) => return format!("REPLAY {} ", clock_time(now)),
        Tape::Recording => "REC  ",
        Tape::Off => "",
    };
    // That the brake is on is said at any width.
    let actions = match &board.actions {
        _ if board.heard.is_none() => "",
        ActionsNow::SafetyOff(_) => "SAFETY OFF  ",
        ActionsNow::On if roomy => "actions ON  ",
        ActionsNow::Off if roomy => "read-only  ",
        ActionsNow::On | ActionsNow::Off => "",
    };
    let holder = board.holder.as_ref().filter(|holder| !holder.here && roomy);
    let holder = holder.map(|holder| format!("engine pid {}  ", holder.pid)).unwrap_or_default();
    let beat = if board.beats.is_multiple_of(2) { "◐" } else { "◑" };
    format!("{recorded}{holder}{actions}{} {beat} ", clock_time(now))
}

/// A source or the monitors on line 2.
struct State {
    place: Place,
    line: Line,
}

/// What comes first where not everything fits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A source that cannot be believed.
    Unwell,
    /// A source that answers and fails by turns.
    Flapping,
    /// The monitors: how they are is said on any screen.
    Monitors,
    /// Everything else.
    Well,
}

impl State {
    fn width(&self) -> usize {
        self.line.text().width() + 2
    }
}

fn sources(model: &Model, sight: &Sight, now: Time, cols: u16) -> Line {
    let board = &model.board;
    match sight {
        Sight::Connecting => return Line::of(Role::Dim, " asking the engine…"),
        Sight::NoSources => {
            let how = format!(" no sources configured: add a [[source]] to {}", own(&model.settings.config));
            return Line::of(Role::Warn, how);
        }
        _ => {}
    }
    let room = usize::from(cols);
    let mut out = Line::default();
    let key = model.settings.keymap.way(Command::Sources);
    // How many do not fit, and the key that shows them.
    let (shown, hidden) = fitting(board, now, room, format!(" +12 ({key})").width());
    for state in shown {
        out.0.push((Role::Plain, " ".to_owned()));
        out.0.extend(state.line.0);
        out.0.push((Role::Plain, " ".to_owned()));
    }
    let (role, count, word) = match hidden {
        (0, well) => (Role::Dim, well, " LIVE"),
        (unwell, well) => (Role::Bad, unwell + well, if well == 0 { " unwell" } else { "" }),
    };
    if count > 0 {
        let left = room.saturating_sub(out.text().width());
        let all = [word, ""].map(|word| format!(" +{count}{word} ({key})"));
        out.0.extend(all.into_iter().find(|text| text.width() <= left).map(|text| (role, text)));
    }
    if matches!(sight, Sight::Lost(..) | Sight::Stalled(_)) {
        // The states are as old as the engine's last word.
        out.0.iter_mut().for_each(|(role, _)| *role = Role::Dim);
    }
    out
}

/// As many states as fit, and how many do not: unwell ones, well ones. Where not all do, what is unwell is named first,
/// then the monitors; what is well comes last, and without its time.
fn fitting(board: &Board, now: Time, room: usize, note: usize) -> (Vec<State>, (usize, usize)) {
    let states = |unwell: With, well: With| -> Vec<State> {
        let sources = board.sources.iter().map(|it| {
            let place = match it.state(now) {
                SourceState::Live if it.flapping.is_on(now) => Place::Flapping,
                SourceState::Live => Place::Well,
                _ => Place::Unwell,
            };
            State { place, line: source(it, if place == Place::Well { well } else { unwell }, now) }
        });
        sources.chain(monitors(board, now)).collect()
    };
    let width = |all: &[State]| all.iter().map(State::width).sum::<usize>();
    for (unwell, well) in
        [(With::NextTry, With::Times), (With::Times, With::Times), (With::Times, With::Nothing)]
    {
        let all = states(unwell, well);
        if width(&all) <= room {
            return (all, (0, 0));
        }
    }
    let named = |times| {
        let mut all = states(times, With::Nothing);
        all.sort_by_key(|state| state.place);
        all
    };
    let mut all = named(With::Times);
    let count = all.iter().take_while(|state| state.place < Place::Well).count();
    // That it is seen matters more than since when.
    if width(all.get(..count).unwrap_or_default()) + note > room {
        all = named(With::Nothing);
    }
    let mut kept: usize = all.iter().find(|state| state.place == Place::Monitors).map_or(0, State::width);
    let (mut shown, mut hidden) = (Vec::new(), (0, 0));
    let (mut used, count) = (0, all.len());
    for (place, state) in all.into_iter().enumerate() {
        let is_monitors = state.place == Place::Monitors;
        if is_monitors {
            kept = 0;
        }
        let whole = hidden == (0, 0);
        let more = if place + 1 == count && whole { 0 } else { note };
        if is_monitors || place == 0 || (whole && used + state.width() + kept + more <= room) {
            used += state.width();
            shown.push(state);
        } else if state.place == Place::Well {
            hidden.1 += 1;
        } else {
            hidden.0 += 1;
        }
    }
    (shown, hidden)
}

/// What stands beside the state of a source, where there is room.
#[derive(Clone, Copy, PartialEq)]
enum With {
    Nothing,
    Times,
    NextTry,
}

fn source(status: &SourceStatus, with: With, now: Time) -> Line {
    let state = status.state(now);
    let (sign, role, word) = match state {
        SourceState::Live if status.flapping.is_on(now) => ("◍", Role::Warn, " flapping".to_owned()),
        SourceState::Live => (watch::sign(state), watch::role(state), String::new()),
        _ => (watch::sign(state), watch::role(state), format!(" {}", state.word())),
    };
    let line = Line::of(role, format!("{sign} {}{word}", own(&status.name).clip(20)));
    let line = match status.as_of.filter(|_| with != With::Nothing) {
        Some(at) => line.and(Role::Dim, format!(" {}", moment(at, now))),
        None => line,
    };
    let next = status.next_poll.filter(|at| with == With::NextTry && !state.sees() && *at > now);
    match next {
        Some(at) => line.and(Role::Dim, format!(", next try {}", clock_time(at))),
        None => line,
    }
}

/// `◍ monitors 14/15 up`.
fn monitors(board: &Board, now: Time) -> Option<State> {
    let all = board.monitors.len();
    if all == 0 {
        return None;
    }
    let blind = board.monitors.iter().filter(|m| m.source.state(now) != SourceState::Live).count();
    let up = board.up();
    let kept = board.in_maintenance();
    // Not often enough yet to be called down.
    let failing = board.monitors.iter().filter(|m| m.health == Health::Up && m.turning()).count();
    let well = up + kept == all;
    let (sign, role) = match (blind, well) {
        (0, true) if failing > 0 => ("◐", Role::Warn),
        (0, true) => ("●", Role::Good),
        (0, false) => ("◍", Role::Bad),
        _ => ("○", Role::Warn),
    };
    let line = Line::of(role, format!("{sign} monitors {up}/{all} up"));
    let line = if failing > 0 { line.and(Role::Warn, format!(", {failing} failing")) } else { line };
    let line = if blind > 0 { line.and(Role::Warn, format!(", {blind} not read")) } else { line };
    let line = if kept > 0 { line.and(Role::Dim, format!(", {kept} in maintenance")) } else { line };
    Some(State { place: Place::Monitors, line })
}
