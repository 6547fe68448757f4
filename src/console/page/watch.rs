//! Monitors and sources: what is looked at, how fresh it is, what is wrong.

use crate::domain::text::Width;

use super::{Line, Page, Role, flowed, gap, moment, own, wrapped};
use crate::console::banner::{deaf, trouble};
use crate::console::command::Command;
use crate::console::model::Model;
use crate::domain::freshness::{Budget, SourceState, SourceStatus};
use crate::domain::monitor::{Health, MonitorStatus};
use crate::domain::time::{Time, age, date_minute};

/// From here on names are whole.
const ROOMY: u16 = 100;

/// Of how many in a hundred readings it is said what they took at most.
const PERCENTILES: [usize; 3] = [50, 95, 99];

/// The sign of a state.
pub fn sign(state: SourceState) -> &'static str {
    match state {
        SourceState::Live => "●",
        SourceState::Stale => "○",
        SourceState::Partial => "◍",
        SourceState::Never => "·",
        SourceState::Down | SourceState::Auth => "✗",
    }
}

/// How a state is shown.
pub fn role(state: SourceState) -> Role {
    match state {
        SourceState::Live => Role::Good,
        SourceState::Never => Role::Dim,
        SourceState::Partial | SourceState::Stale => Role::Warn,
        SourceState::Down | SourceState::Auth => Role::Bad,
    }
}

fn name(text: &str, cells: usize) -> String {
    format!("{:<cells$}", own(text).clip(cells))
}

/// Cells for names: as many as the longest needs, where there is room.
fn names<'a>(all: impl Iterator<Item = &'a str>, cols: u16) -> usize {
    let longest = all.map(|name| own(name).width()).max().unwrap_or(0);
    longest.clamp(16, if cols < ROOMY { 16 } else { 48 })
}

/// Every source.
pub fn sources(model: &Model, cols: u16, now: Time) -> Page {
    let mut out = Page::new();
    if let Some(why) = &model.board.deaf {
        out.extend(wrapped(Role::Warn, " ", &format!("! {}", deaf(why)), cols));
    }
    out.extend(all_sources(model, cols, now));
    out
}

fn all_sources(model: &Model, cols: u16, now: Time) -> Page {
    if model.board.sources.is_empty() && !model.board.monitors.is_empty() {
        let (count, key) = (model.board.monitors.len(), model.settings.keymap.way(Command::Monitors));
        let seen = format!("only monitors are configured, {count} of them: {key} shows them");
        return wrapped(Role::Plain, " ", &seen, cols);
    }
    if model.board.sources.is_empty() {
        return none(model, cols, "source", "kind, name and urls");
    }
    let sources = &model.board.sources;
    let as_of = |status: &SourceStatus| status.as_of.map_or("never".to_owned(), |at| moment(at, now));
    let next = |status: &SourceStatus| status.next_poll.map_or("-".to_owned(), |at| moment(at, now));
    let named = names(sources.iter().map(|status| status.name.as_str()), cols);
    let read = sources.iter().map(|status| as_of(status).width()).max().unwrap_or(0).max(10);
    let tried = sources.iter().map(|status| next(status).width()).max().unwrap_or(0).max(9);
    let heads = ("NAME", "STATE", "DATA AS OF", "AGE", "NEXT TRY", "QUIET");
    let heads = format!(
        "   {:<named$} {:<8} {:<read$} {:>4}  {:<tried$}  {}",
        heads.0, heads.1, heads.2, heads.3, heads.4, heads.5
    );
    let mut out = vec![Line::of(Role::Dim, heads)];
    for status in sources {
        let state = status.state(now);
        let (as_of, next) = (as_of(status), next(status));
        let old = status.as_of.map_or("-".to_owned(), |at| age(at, now));
        // As in the header: what answers and fails by turns is not well.
        let (sign, tone) = match state {
            SourceState::Live if status.flapping.is_on(now) => ("◍", Role::Warn),
            state => (sign(state), role(state)),
        };
        out.push(
            Line::of(tone, format!(" {sign} "))
                .and(Role::Plain, name(&status.name, named))
                .and(role(state), format!(" {:<8}", state.word()))
                .and(Role::Plain, format!(" {as_of:<read$} {old:>4}  {next:<tried$}  {}", status.quiet)),
        );
        out.extend(wrong(status, cols, now));
        out.extend(vitals(status, cols, now));
    }
    out.push(gap());
    let quiet = "quiet: pending, silenced, inhibited and watchdog signals; they open nothing";
    out.extend(wrapped(Role::Dim, " ", quiet, cols));
    out
}

/// What a source lets one know about itself.
fn vitals(status: &SourceStatus, cols: u16, now: Time) -> Page {
    let vitals = &status.vitals;
    let mut out = Page::new();
    let mut facts = Vec::new();
    if let Some(version) = &vitals.version {
        facts.push(format!("version {}", version.capped_safe(40)));
    }
    if let Some(Budget { left, of, until }) = vitals.budget {
        facts.push(format!("{left} of {of} requests left until {}", moment(until, now)));
    }
    if let Some(skew) = vitals.skew() {
        let side = if skew > 0 { "ahead" } else { "behind" };
        facts.push(format!("its clock is {} s {side}", skew.abs() / 1000));
    }
    if status.flapping.is_on(now) {
        facts.push("flapping: it answers and fails by turns".to_owned());
    }
    if !facts.is_empty() {
        out.extend(wrapped(Role::Dim, "     ", &facts.join(" · "), cols));
    }
    let said = if status.state(now) == SourceState::Live { String::new() } else { trouble(status, now) };
    for remark in &vitals.remarks {
        let role = if remark.partial || remark.warns { Role::Warn } else { Role::Dim };
        // What is wrong with it stands there already.
        let text = remark.text.safe();
        if !said.contains(&text.to_string()) {
            out.extend(wrapped(role, "     ", &text, cols));
        }
    }
    out
}

fn wrong(status: &SourceStatus, cols: u16, now: Time) -> Page {
    let mut out = match status.state(now) {
        SourceState::Live => Page::new(),
        SourceState::Never if status.fault.is_none() => Page::new(),
        state => wrapped(role(state), "     ", &trouble(status, now), cols),
    };
    let last = status.last.as_deref().and_then(|last| Some((last, last.over?)));
    if let Some((last, over)) = last.filter(|_| status.fault.is_none()) {
        let (at, detail, over) = (moment(last.at, now), last.detail.safe(), moment(over, now));
        out.extend(wrapped(Role::Dim, "     ", &format!("last fault {at}: {detail}, over {over}"), cols));
    }
    out
}

/// Every monitor: first what is not up, then by name.
pub fn monitors(model: &Model, cols: u16, now: Time) -> Page {
    if model.board.monitors.is_empty() {
        return none(model, cols, "monitor", "kind, name, service and url");
    }
    let named = names(model.board.monitors.iter().map(|monitor| monitor.source.name.as_str()), cols);
    let percentiles: &[usize] = if cols >= ROOMY { &PERCENTILES } else { &[] };
    let spread: String = percentiles.iter().map(|of| format!("  {:>6}", format!("p{of} ms"))).collect();
    let heads = format!("   {:<named$} HEALTH       SINCE  STREAK  LAST ms{spread}   LAST 20", "NAME");
    let mut out = vec![Line::of(Role::Dim, heads)];
    // Whoever looks here looks for what is wrong.
    let is_well = |it: &MonitorStatus| it.source.state(now).sees() && it.is_well(now) && !it.turning();
    let mut all: Vec<&MonitorStatus> = model.board.monitors.iter().collect();
    all.sort_by(|a, b| (is_well(a), &a.source.name).cmp(&(is_well(b), &b.source.name)));
    for monitor in all {
        let state = monitor.source.state(now);
        let (sign, role) = match (state.sees(), monitor.health) {
            (false, _) => (sign(state), role(state)),
            (true, _) if monitor.flapping.is_on(now) => ("◍", Role::Warn),
            (true, Health::Up | Health::Unknown) if monitor.turning() => ("◐", Role::Warn),
            (true, Health::Unknown) => ("·", Role::Dim),
            (true, Health::Up) => ("●", Role::Good),
            (true, Health::Down) if monitor.maintenance.is_some() => ("✗", Role::Warn),
            (true, Health::Down) => ("✗", Role::Bad),
        };
        let word = if state.sees() { monitor.word(now) } else { state.word().to_owned() };
        let since = monitor.since.map_or("-".to_owned(), |at| age(at, now));
        let took = |ms: Option<u32>| ms.map_or("-".to_owned(), |ms| ms.to_string());
        let last = took(monitor.samples.back().copied().flatten());
        let spread: String =
            percentiles.iter().map(|of| format!("  {:>6}", took(monitor.percentile(*of)))).collect();
        out.push(
            Line::of(role, format!(" {sign} "))
                .and(Role::Plain, name(&monitor.source.name, named))
                .and(role, format!(" {word:<12}"))
                .and(
                    Role::Plain,
                    format!(" {since:>5}  {:>6}  {last:>7}{spread}   {}", monitor.streak, spark(monitor)),
                ),
        );
        // Why it is not seen; what it said before stands below, as old as it is.
        if monitor.source.fault.is_some() {
            out.extend(wrong(&monitor.source, cols, now));
        }
        out.extend(said(monitor, cols));
    }
    out
}

/// What a monitor says, most telling first: maintenance, what is wrong or seen, of what, and how long it takes where no
/// column has room for that.
fn said(monitor: &MonitorStatus, cols: u16) -> Page {
    let mut pieces = Vec::new();
    if let Some(until) = monitor.maintenance {
        pieces.push((Role::Warn, format!("in maintenance until {}  ", date_minute(until))));
    }
    match (&monitor.wrong, &monitor.says) {
        (Some(wrong), _) if monitor.maintenance.is_none() => {
            pieces.push((Role::Bad, format!("{}  ", wrong.safe())));
        }
        (Some(says), _) | (None, Some(says)) => pieces.push((Role::Plain, format!("{}  ", says.safe()))),
        (None, None) => {}
    }
    let service =
        if monitor.service.is_empty() { String::new() } else { format!(", {}", own(&monitor.service)) };
    pieces.push((Role::Dim, format!("{} {}{service}", own(&monitor.kind), own(&monitor.target))));
    let took = |of: &usize| Some(format!("p{of} {}", monitor.percentile(*of)?));
    let took: Vec<String> = PERCENTILES.iter().filter(|_| cols < ROOMY).filter_map(took).collect();
    let mut out = flowed("     ", &pieces, cols);
    if !took.is_empty() {
        let took = format!("  {} ms", took.join(" "));
        // Kept on one line: alone, nobody would know what the number is.
        match out.last_mut().filter(|line| line.text().width() + took.width() <= usize::from(cols)) {
            Some(line) => line.0.push((Role::Dim, took)),
            None => out.push(Line::of(Role::Dim, format!("   {took}"))),
        }
    }
    out
}

/// The latest readings as bars; a failure is an x.
fn spark(monitor: &MonitorStatus) -> String {
    const BARS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];
    let last = || monitor.samples.iter().rev().take(20).rev();
    let most = last().flatten().copied().max().unwrap_or(1).max(1);
    let bar = |sample: &Option<u32>| match sample {
        None => 'x',
        Some(ms) => {
            let step = u64::from(*ms) * 6 / u64::from(most);
            usize::try_from(step).ok().and_then(|step| BARS.get(step).copied()).unwrap_or('▇')
        }
    };
    last().map(bar).collect()
}

fn none(model: &Model, cols: u16, what: &str, needs: &str) -> Page {
    let how = format!("add a [[{what}]] with {needs} to {}, or try: quell demo", own(&model.settings.config));
    let mut out = vec![Line::of(Role::Warn, format!(" no {what}s configured"))];
    out.extend(wrapped(Role::Plain, " ", &how, cols));
    out
}
