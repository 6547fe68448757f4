//! Which headers of an answer are kept with what it said.

use std::collections::BTreeMap;

use reqwest::header::{HeaderMap, HeaderName, LOCATION};

use super::request::Answer;
use crate::domain::text::Outside;

/// Headers that say when, of what kind, by whom, for which request, and how much more is granted. What another one
/// holds may let its reader in, and no list of those is complete: of it only the name is kept.
const SAID: [&str; 42] = [
    "age",
    "allow",
    "alt-svc",
    "cache-control",
    "cf-ray",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "correlation-id",
    "date",
    "deprecation",
    "etag",
    "expires",
    "idempotency-replayed",
    "idempotent-replayed",
    "keep-alive",
    "last-modified",
    "location",
    "request-id",
    "retry-after",
    "server",
    "server-timing",
    "strict-transport-security",
    "sunset",
    "traceparent",
    "transfer-encoding",
    "vary",
    "via",
    "warning",
    "x-amz-request-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-cache",
    "x-cloud-trace-context",
    "x-correlation-id",
    "x-github-request-id",
    "x-request-id",
    "x-runtime",
    "x-served-by",
    "x-trace-id",
];

/// How families of such names begin.
const FAMILIES: [&str; 3] = ["ratelimit-", "x-ratelimit-", "x-rate-limit-"];

/// How many are kept: an answer may have 64 KiB of them.
const MOST: usize = 48;
/// Bytes of a name, and of a value.
const NAME_BYTES: usize = 64;
const VALUE_BYTES: usize = 256;

/// What stands for a value that is not kept.
const HIDDEN: &str = "••••";

impl Answer {
    /// Its headers as they are kept, each value under its name in small letters.
    pub fn kept_headers(&self) -> BTreeMap<Outside, Outside> {
        kept(&self.headers)
    }
}

fn kept(headers: &HeaderMap) -> BTreeMap<Outside, Outside> {
    // What says something goes first, so that no crowd of unknown names takes its place.
    let (said, others): (Vec<_>, Vec<_>) = headers.keys().partition(|name| says(name));
    let value = |name: &HeaderName| match says(name) {
        true => Outside::capped(values(headers, name), VALUE_BYTES),
        false => Outside::new(HIDDEN),
    };
    let all = said.into_iter().chain(others).take(MOST);
    all.map(|name| (Outside::capped(name.as_str(), NAME_BYTES), value(name))).collect()
}

fn says(name: &HeaderName) -> bool {
    let name = name.as_str();
    SAID.contains(&name) || name == "ratelimit" || FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Every value of this name, on one line.
fn values(headers: &HeaderMap, name: &HeaderName) -> String {
    let values = headers.get_all(name).iter().map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        if *name == LOCATION { bare(&text) } else { text }
    });
    values.collect::<Vec<_>>().join(", ")
}

/// An address without what may let its reader in: who asks, its query and what follows that.
fn bare(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let cut = if path.len() < address.len() { "?…" } else { "" };
    let Some((scheme, rest)) = path.split_once("//") else { return format!("{path}{cut}") };
    let host = rest.split('/').next().unwrap_or_default();
    let at = host.rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}//{}{cut}", rest.get(at..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn of(headers: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pair = |(name, value): &(&str, &str)| {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), value)
        };
        let mut all = HeaderMap::new();
        for (name, value) in headers.iter().map(pair) {
            all.append(name, value);
        }
        let said = |(name, value): (Outside, Outside)| (name.raw().to_owned(), value.raw().to_owned());
        kept(&all).into_iter().map(said).collect()
    }

    #[test]
    fn what_says_something_is_kept_and_of_all_else_the_name() {
        let said = of(&[
            ("Date", "Fri, 20 Nov 2026 14:00:00 GMT"),
            ("X-Request-Id", "req-7"),
            ("X-RateLimit-Remaining", "17"),
            ("Via", "1.1 a"),
            ("Via", "1.1 b"),
            ("Set-Cookie", "session=canary"),
            ("WWW-Authenticate", "Negotiate canary"),
            ("Authentication-Info", "canary"),
            ("X-Subject-Token", "canary"),
        ]);
        assert_eq!(said["date"], "Fri, 20 Nov 2026 14:00:00 GMT");
        assert_eq!((&*said["x-request-id"], &*said["x-ratelimit-remaining"]), ("req-7", "17"));
        assert_eq!(said["via"], "1.1 a, 1.1 b");
        assert_eq!((&*said["set-cookie"], &*said["x-subject-token"]), (HIDDEN, HIDDEN));
        assert!(said.values().all(|value| !value.contains("canary")), "{said:?}");
        assert_eq!(said.len(), 8);
    }

    #[test]
    fn a_crowd_of_names_takes_no_place_of_what_says_something_and_none_is_long() {
        let names: Vec<String> = (0..200).map(|number| format!("a-{number}{}", "x".repeat(2000))).collect();
        let long = "v".repeat(2000);
        let crowd = names.iter().map(|name| (name.as_str(), "v")).chain([("x-request-id", long.as_str())]);
        let said = of(&crowd.collect::<Vec<_>>());
        assert_eq!(said.len(), MOST);
        assert!(said["x-request-id"].starts_with("vvv"));
        assert!(said.iter().all(|(name, value)| name.len() <= NAME_BYTES && value.len() <= VALUE_BYTES));
    }

    #[test]
    fn an_address_is_kept_without_what_lets_its_reader_in() {
        let location = |address: &str| of(&[("location", address)])["location"].clone();
        assert_eq!(location("https://a.example/jobs/7"), "https://a.example/jobs/7");
        assert_eq!(location("https://u:canary@a.example/j?sig=canary#canary"), "https://a.example/j?…");
        assert_eq!(location("/jobs/7?token=canary"), "/jobs/7?…");
        assert_eq!(location("//u:canary@a.example"), "//a.example");
    }
}
