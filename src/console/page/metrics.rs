//! How fast the response is, and what it left undone: in numbers, as bars, and as it went from week to week.

use crate::domain::text::Width;

use super::plot::{bar, chart};
use super::{Line, Page, Role, flowed, gap, own, wrapped};
use crate::console::measure::{Bin, Counted, Reach};
use crate::console::model::Model;
use crate::domain::metrics::{Group, Spread};

/// Cells of a group's name and of how many incidents it has.
const NAME: usize = 21;
const COUNT: usize = 5;
/// Cells of a median, and of the time that nine in ten kept.
const TIMES: usize = 16;
/// Cells of what stands before and behind a chart.
const BEFORE: usize = 13;
const BEHIND: usize = 24;
/// Below this only the medians are shown, behind shorter names.
const FULL: usize = 74;
/// Below this every row counts.
const TALL: u16 = 34;

/// `last 30d`.
pub fn title(model: &Model) -> String {
    let reaches = Reach::ALL.map(|reach| {
        if reach == model.measure.reach { format!("[{}]", reach.word()) } else { reach.word().to_owned() }
    });
    format!("Metrics ── {}", reaches.join(" "))
}

/// The page.
pub fn page(model: &Model, cols: u16) -> Page {
    let mut out = Page::new();
    if let Some(why) = model.measure.asked.failed() {
        out.extend(wrapped(Role::Bad, " ", &format!("the engine does not say more: {}", why.safe()), cols));
    }
    let reach = model.measure.reach;
    let Some(counted) = model.measure.counted.as_ref().filter(|counted| counted.reach == reach) else {
        out.push(Line::of(Role::Dim, " counting…"));
        return out;
    };
    if counted.metrics.all.incidents == 0 {
        out.push(Line::of(Role::Plain, " Nothing was open in that time."));
        return out;
    }
    let space = || (model.size.rows >= TALL).then(gap);
    out.extend(table(counted, usize::from(cols)));
    out.extend(space());
    out.extend(undone(&counted.metrics.all, cols));
    out.extend(space());
    out.extend(charts(counted, usize::from(cols), usize::from(model.size.rows)));
    out.push(gap());
    let counts = "times count from the opening to the first acknowledgement, the first verified containment, the \
                  resolution; what is pending or never came is not in them";
    out.extend(wrapped(Role::Dim, " ", counts, cols));
    out
}

/// A line for all, for each severity, for each service.
fn table(counted: &Counted, cols: usize) -> Page {
    let metrics = &counted.metrics;
    let mut rows = vec![("all".to_owned(), &metrics.all)];
    rows.extend(metrics.severities.iter().map(|(severity, group)| (severity.word().to_owned(), group)));
    let mut services: Vec<_> = metrics.services.iter().collect();
    services.sort_by_key(|(_, group)| std::cmp::Reverse(group.incidents));
    rows.extend(services.into_iter().map(|(name, group)| {
        let name = if name.is_blank() { "no service".to_owned() } else { name.safe().to_string() };
        (format!("· {name}"), group)
    }));
    let full = cols >= FULL;
    let (room, count, times) = if full { (NAME, COUNT, TIMES) } else { (10, 4, 8) };
    // What is left of the width is for bars.
    let bars = (cols.saturating_sub(room + count + 2 + 3 * times) / 3).saturating_sub(1).min(40);
    let bars = if bars < 8 { 0 } else { bars };
    let wide = times + if bars > 0 { bars + 1 } else { 0 };
    let head = |names: [&str; 3]| -> String { names.map(|name| format!("{name:<wide$}")).concat() };
    let (median, nine) = ("median", "90 % in");
    let heads = if full { format!(" {median:>6} {nine:>7} ") } else { format!(" {median:>6} ") };
    let names =
        if full { [" acknowledge", " contain", " recover"] } else { ["    ack", " contain", " recover"] };
    let mut out = vec![
        Line::of(Role::Dim, format!(" {:room$}{:>count$} {}", "", "", head(names))),
        Line::of(Role::Dim, format!(" {:room$}{:>count$} {}", "", "N", head([&heads, &heads, &heads]))),
    ];
    let most: [u64; 3] = std::array::from_fn(|at| {
        let longest =
            rows.iter().filter_map(|(_, group)| spreads(group).get(at).and_then(|spread| spread.p90_s));
        longest.max().unwrap_or(0)
    });
    for (name, group) in rows {
        let name = own(&name).clip(room);
        let pad = " ".repeat(room.saturating_sub(name.width()));
        let mut line = Line::of(Role::Strong, format!(" {name}{pad}"))
            .and(Role::Plain, format!("{:>count$} ", group.incidents));
        for (spread, most) in spreads(group).into_iter().zip(most) {
            let (median, nine) = (short(spread.median_s), short(spread.p90_s));
            line = line.and(Role::Plain, format!(" {median:>6} "));
            if full {
                line = line.and(Role::Dim, format!("{nine:>7} "));
            }
            if bars > 0 {
                let (solid, light) = bar(spread.median_s, spread.p90_s, most, bars);
                let rest = " ".repeat(bars + 1 - solid.width() - light.width());
                line = line.and(Role::Good, solid).and(Role::Dim, light).and(Role::Plain, rest);
            }
        }
        out.push(line);
    }
    out
}

fn spreads(group: &Group) -> [&Spread; 3] {
    [&group.acknowledge, &group.contain, &group.recover]
}

/// What was not done, or not in time.
fn undone(group: &Group, cols: u16) -> Page {
    let counts = [
        (group.open, "not ended"),
        (group.waived_gates, "waived gates"),
        (group.overdue_reviews, "overdue reviews"),
        (group.overdue_items, "overdue items"),
        (group.bulletins_late, "late bulletins"),
        (group.steps_missed, "missed steps"),
    ];
    let last = counts.len() - 1;
    let pieces: Vec<(Role, String)> = counts
        .into_iter()
        .enumerate()
        .map(|(place, (count, what))| {
            let role = if count == 0 { Role::Dim } else { Role::Warn };
            // A number and what it counts stay on one line.
            let what = what.replace(' ', "\u{a0}");
            (role, format!("{what}\u{a0}{count}{}", if place == last { "" } else { "  " }))
        })
        .collect();
    let lines = flowed(" Left undone  ", &pieces, cols);
    let spaced = |line: Line| {
        Line(line.0.into_iter().map(|(role, text)| (role, text.replace('\u{a0}', " "))).collect())
    };
    lines.into_iter().map(spaced).collect()
}

/// How it went, from the first day or week to this one.
fn charts(counted: &Counted, cols: usize, rows: usize) -> Page {
    let height = match rows {
        0..34 => 1,
        34..50 => 2,
        _ => 5,
    };
    let room = cols.saturating_sub(BEFORE + BEHIND).max(8);
    let shown = counted.bins.len().min(room);
    let bins: Vec<&Bin> = counted.bins.iter().skip(counted.bins.len() - shown).collect();
    let width = (room / shown.max(1)).clamp(1, 10);
    let each = if counted.reach == Reach::Week { "By day" } else { "By week" };
    let from = bins.first().map(|bin| bin.from.to_string()).unwrap_or_default();
    let to = bins.last().map(|bin| bin.from.to_string()).unwrap_or_default();
    let mut out =
        vec![Line::of(Role::Heading, format!(" {each}")).and(Role::Dim, format!(", {from} to {to}"))];
    type Plot<'a> = (&'a str, Role, fn(&Bin) -> Option<u64>, fn(u64) -> String);
    let count: fn(u64) -> String = |n| n.to_string();
    let time: fn(u64) -> String = |s| short(Some(s));
    let all: [Plot<'_>; 5] = [
        ("opened", Role::Plain, |bin| Some(bin.opened), count),
        ("critical", Role::Bad, |bin| Some(bin.critical), count),
        ("acknowledge", Role::Good, |bin| bin.acknowledge, time),
        ("contain", Role::Good, |bin| bin.contain, time),
        ("recover", Role::Good, |bin| bin.recover, time),
    ];
    for (name, role, reading, word) in all {
        let values: Vec<Option<u64>> = bins.iter().map(|bin| reading(bin)).collect();
        let most = values.iter().flatten().max().copied();
        let said = match (most, values.iter().flatten().last()) {
            (Some(most), Some(last)) => format!("  last {}, most {}", word(*last), word(most)),
            _ => "  never".to_owned(),
        };
        if height > 2 {
            out.push(gap());
        }
        let lines = chart(&values, width, height);
        let bottom = lines.len() - 1;
        for (y, text) in lines.into_iter().enumerate() {
            let name = if y == bottom { name } else { "" };
            let line = Line::of(Role::Dim, format!(" {name:>11} ")).and(role, text);
            out.push(if y == bottom { line.and(Role::Dim, &said) } else { line });
        }
    }
    out
}

/// `48s`, `2m10s`, `1h04m`, `3d2h`; a dash where there is none.
fn short(seconds: Option<u64>) -> String {
    match seconds {
        None => "-".to_owned(),
        Some(s @ 0..60) => format!("{s}s"),
        Some(s @ 60..600) => format!("{}m{:02}s", s / 60, s % 60),
        Some(s @ 600..3600) => format!("{}m", s / 60),
        Some(s @ 3600..86_400) => format!("{}h{:02}m", s / 3600, s / 60 % 60),
        Some(s) if s < 864_000 => format!("{}d{:02}h", s / 86_400, s / 3600 % 24),
        Some(s) => format!("{}d", (s / 86_400).min(9999)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_takes_six_cells_at_most() {
        for (seconds, text) in [
            (0, "0s"),
            (130, "2m10s"),
            (3599, "59m"),
            (3840, "1h04m"),
            (86_399, "23h59m"),
            (90_000, "1d01h"),
            (u64::MAX, "9999d"),
        ] {
            assert_eq!(short(Some(seconds)), text);
        }
        assert_eq!(short(None), "-");
    }
}
