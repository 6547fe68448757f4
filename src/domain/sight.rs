//! Whether anything can be seen at all.

use std::collections::BTreeSet;

use super::freshness::SourceStatus;
use super::monitor::{MonitorStatus, watched};
use super::notice::{Notice, NoticeKind};
use super::text::{SafeText, named};
use super::time::{Span, Time, clock_time, date_time};

/// A monitor that was not read for so long, and for so many of its intervals, is a notice while others are read.
const UNREAD_FOR: Span = Span::mins(10);
const UNREAD_INTERVALS: i32 = 3;
/// How often it failed in a row by then: a machine that slept did not ask.
const UNREAD_TIMES: u32 = 3;
/// How many of several are named.
const NAMED: usize = 3;
/// How that notice begins.
const UNREAD: &str = "not read: ";

/// Why nothing can be seen, in words; `None` while something can. Monitors count as sources, and a watchdog that is
/// not firing means that alerts may not arrive at all.
pub fn blind(sources: &[SourceStatus], monitors: &[MonitorStatus], now: Time) -> Option<String> {
    if let Some((source, alert)) = sources.iter().find_map(|s| Some((&s.name, s.watchdog_missing.first()?))) {
        return Some(format!("{source}: the watchdog alert {alert} is not firing; alerts may not reach it"));
    }
    let all = || watched(sources, monitors);
    if all().next().is_none() || all().any(|status| status.state(now).sees()) {
        return None;
    }
    let since = all().filter_map(|status| status.as_of).max();
    let since =
        since.map_or_else(|| "no answer yet".to_owned(), |at| format!("data as of {}", clock_time(at)));
    Some(format!("no source can be seen: {since}"))
}

/// Whether a monitor is asked again and again, and nothing is seen of what it watches.
pub fn is_unread(monitor: &MonitorStatus, now: Time) -> bool {
    let status = &monitor.source;
    status.failures >= UNREAD_TIMES && !status.state(now).sees() && monitor.maintenance.is_none()
}

/// Since when nothing is seen of what a monitor watches.
pub fn unread_since(monitor: &MonitorStatus) -> Option<Time> {
    monitor.source.as_of.or(monitor.began)
}

/// Whether a notice tells of monitors that are not read, while others are.
pub fn tells_of_unread(notice: &Notice) -> bool {
    notice.kind == NoticeKind::Blind && notice.text.raw().starts_with(UNREAD)
}

/// Whether what a notice of going blind tells still holds, where it is known whether all is `blind`.
pub fn still_holds(notice: &Notice, blind: bool, monitors: &[MonitorStatus], now: Time) -> bool {
    match tells_of_unread(notice) {
        true => monitors.iter().any(|monitor| is_unread(monitor, now)),
        false => blind,
    }
}

/// What is to be told of monitors that nobody was told of, and their names; `None` before one was unread for long.
/// Others that are unread are part of it: they may rest on the same server.
pub fn unread(
    monitors: &[MonitorStatus],
    told: &BTreeSet<String>,
    now: Time,
) -> Option<(Vec<String>, String)> {
    let news = |it: &&MonitorStatus| is_unread(it, now) && !told.contains(&it.source.name);
    let fresh: Vec<&MonitorStatus> = monitors.iter().filter(news).collect();
    let long = |it: &&MonitorStatus| {
        let least = UNREAD_FOR.delta().max(it.source.every.delta() * UNREAD_INTERVALS);
        unread_since(it).is_none_or(|since| now - since >= least)
    };
    if !fresh.iter().any(long) {
        return None;
    }
    let names: Vec<String> = fresh.iter().map(|it| it.source.name.clone()).collect();
    let text = match fresh.as_slice() {
        [one] => {
            let (name, state) = (SafeText::exact(&one.source.name), one.source.state(now).word());
            let last = one.source.as_of.map(|at| format!("since {}", date_time(at)));
            format!("monitor {name}, {state}, {}", last.unwrap_or_else(|| "no answer yet".to_owned()))
        }
        several => {
            let named = named(names.iter().map(|name| SafeText::exact(name).to_string()), NAMED);
            format!("{} monitors, {named}", several.len())
        }
    };
    Some((names, format!("{UNREAD}{text}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::{Fault, FaultKind};

    #[test]
    fn a_watchdog_that_is_missing_blinds_whatever_else_is_seen() {
        let now = Time::UNIX_EPOCH;
        let live =
            |name: &str| SourceStatus { as_of: Some(now), ..SourceStatus::never(name, Span::secs(15)) };
        let mut sources = vec![live("prod-am"), live("pd")];
        let monitor = MonitorStatus { source: live("api"), ..MonitorStatus::never("api", Span::secs(15)) };
        assert_eq!(blind(&sources, std::slice::from_ref(&monitor), now), None);
        sources[0].watchdog_missing.push("Watchdog".into());
        let why = blind(&sources, &[monitor], now).unwrap();
        assert!(why.contains("prod-am") && why.contains("Watchdog"), "{why}");
    }

    #[test]
    fn monitors_that_are_not_read_for_long_are_told_of_together_and_once() {
        let at = |secs: u64| Time::UNIX_EPOCH + Span::secs(secs).delta();
        let monitor = |name: &str, every: u64, failures: u32| {
            let mut monitor = MonitorStatus::never(name, Span::secs(every));
            (monitor.source.as_of, monitor.source.failures) = (Some(at(0)), failures);
            monitor.source.fault = Some(Fault::new(FaultKind::Unauthorised, "status 401"));
            monitor
        };
        let none = BTreeSet::new();
        let told = |all: &[MonitorStatus], secs| unread(all, &none, at(secs)).map(|(_, text)| text);
        let one = [monitor("errors", 15, 5)];
        assert_eq!(told(&one, 599), None);
        let since = "not read: monitor errors, AUTH, since 1970-01-01 00:00:00Z";
        assert_eq!(told(&one, 600).as_deref(), Some(since));
        assert_eq!(unread(&one, &BTreeSet::from(["errors".to_owned()]), at(900)), None);
        assert_eq!(told(&[monitor("errors", 15, 2)], 9000), None, "it was not asked while the machine slept");
        let seldom = [monitor("batch", 3600, 3)];
        assert_eq!((told(&seldom, 3 * 3600 - 1), told(&seldom, 3 * 3600).is_some()), (None, true));
        let mut planned = monitor("errors", 15, 5);
        planned.maintenance = Some(at(9999));
        assert_eq!(told(&[planned], 900), None);
        let mut never = monitor("errors", 15, 5);
        (never.source.as_of, never.began) = (None, Some(at(0)));
        assert_eq!(told(&[never], 600).as_deref(), Some("not read: monitor errors, AUTH, no answer yet"));
        let many =
            ["a", "b", "c", "d", "e"].map(|name| monitor(name, if name == "a" { 15 } else { 3600 }, 3));
        assert_eq!(told(&many, 600).as_deref(), Some("not read: 5 monitors, a, b, c, and 2 more"));
    }
}
