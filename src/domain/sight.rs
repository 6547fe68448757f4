//! Whether anything can be seen at all.

use super::freshness::SourceStatus;
use super::monitor::{MonitorStatus, watched};
use super::time::{Time, clock_time};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Span;

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
}
