//! What the keys of one monitor say of each other.

use super::walk::{Entry, Walk};
use crate::monitors::Settings;
use crate::monitors::dns::Comparison;

/// Notes what cannot be meant.
pub(super) fn check(walk: &mut Walk<'_>, entry: &Entry<'_, Settings>) {
    if !entry.sound {
        return;
    }
    match &entry.value {
        Settings::Promql(promql) => match (promql.above, promql.below) {
            (None, None) => {
                let remedy = "add above = 5, below = 5, or both";
                walk.wrong(entry.span.clone(), "[[monitor]] lacks its threshold", remedy);
            }
            (Some(above), Some(below)) if above < below => {
                let message = "every value is above the one or below the other";
                walk.wrong(entry.at(&["above"]), message, "above must be at least below");
            }
            _ => {}
        },
        Settings::Http(http) => {
            let expect = &http.expect;
            if expect.min_bytes.zip(expect.max_bytes).is_some_and(|(least, most)| least > most) {
                let message = "`min_bytes` is more than `max_bytes`";
                walk.wrong(entry.at(&["expect", "min_bytes"]), message, "swap them");
            }
            let reads = !expect.json.is_empty() || expect.matches.is_some() || expect.min_bytes.is_some();
            if http.method == "HEAD" && reads {
                let message = "a HEAD has no body to expect anything of";
                walk.wrong(entry.at(&["expect"]), message, "remove method, or json, matches and min_bytes");
            }
        }
        Settings::Dns(dns) if dns.answers.is_empty() && dns.comparison == Comparison::Any => {
            walk.wrong(entry.at(&["match"]), "`match` compares answers, and there are none", "add answers");
        }
        Settings::Tcp(_) | Settings::Tls(_) | Settings::Dns(_) | Settings::Heartbeat(_) => {}
    }
}
