//! What keeps alerts quiet, said on each of them: which silence, by whom and until when, and what inhibits what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::matcher::ANCHORS;
use crate::domain::sensitive::HIDDEN;
use crate::domain::signal::{Signal, Standing};
use crate::domain::text::Outside;
use crate::domain::time::{Time, date_time};
use crate::domain::upstream::Silence;

/// Titles of inhibited alerts that are kept with what inhibits them.
const INHIBITED: usize = 10;
const NAME_BYTES: usize = 128;
const COMMENT_BYTES: usize = 1024;
const MATCHERS_BYTES: usize = 256;
/// Time intervals that are named.
const INTERVALS: usize = 3;
/// Silences that are listed one by one.
const LISTED: usize = 20;

/// What silences say, by id.
pub(super) type Silences = BTreeMap<Outside, Silence>;

/// A silence, and what stands beside what alerts say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) silence: Silence,
    /// What it matches: `alertname="Lag", pod=~"eu-.*"`.
    matchers: Outside,
    /// `active`, `pending`, `expired`.
    state: Outside,
}

#[derive(Deserialize)]
struct Listed<'a> {
    id: String,
    #[serde(default, rename = "createdBy")]
    created_by: String,
    #[serde(default)]
    comment: String,
    #[serde(default, rename = "endsAt")]
    ends_at: Option<Time>,
    #[serde(default, borrow)]
    matchers: Option<&'a RawValue>,
    #[serde(default, borrow)]
    status: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Matcher {
    name: String,
    value: String,
    #[serde(default, rename = "isRegex")]
    is_regex: bool,
    #[serde(default = "yes", rename = "isEqual")]
    is_equal: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Default, Deserialize)]
struct Status {
    #[serde(default)]
    state: String,
}

/// The silences of an answer; one that cannot be read is left out, and shown by its id.
///
/// # Errors
/// The answer is no list.
pub(super) fn silences(body: &[u8]) -> Result<Vec<Held>, Fault> {
    let text = String::from_utf8_lossy(body);
    let elements: Vec<&RawValue> = serde_json::from_str(&text)
        .map_err(|_| Fault::new(FaultKind::Malformed, "the answer is no list of silences"))?;
    let read = |element: &&RawValue| {
        let Listed { id, created_by, comment, ends_at, matchers, status } =
            serde_json::from_str(element.get()).ok()?;
        let id = Outside::capped(id, NAME_BYTES);
        let by = Outside::capped(created_by, NAME_BYTES);
        let comment = Outside::capped(comment, COMMENT_BYTES);
        let silence = Silence { id, by, comment, until: ends_at };
        let matchers = Outside::capped(matchers.map(matching).unwrap_or_default(), MATCHERS_BYTES);
        let status = status.and_then(|raw| serde_json::from_str::<Status>(raw.get()).ok());
        Some(Held { silence, matchers, state: Outside::capped(status.unwrap_or_default().state, NAME_BYTES) })
    };
    Ok(elements.iter().filter_map(read).collect())
}

/// What a silence matches, in one line.
fn matching(raw: &RawValue) -> String {
    let all: Vec<Matcher> = serde_json::from_str(raw.get()).unwrap_or_default();
    let one = |Matcher { name, value, is_regex, is_equal }: &Matcher| {
        let operator = match (is_equal, is_regex) {
            (true, false) => "=",
            (true, true) => "=~",
            (false, false) => "!=",
            (false, true) => "!~",
        };
        // What is sensitive of an incident is decided by its labels' names, and a silence is of no incident.
        let value = if ANCHORS.contains(&name.as_str()) { format!("{value:?}") } else { HIDDEN.to_owned() };
        format!("{name}{operator}{value}")
    };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Every silence that holds or will, whether or not an alert names it: how many, and those that last longest first, which
/// are those that were forgotten.
pub(super) fn standing(all: &[Held], now: Time) -> Vec<String> {
    let is_over =
        |held: &Held| held.state.raw() == "expired" || held.silence.until.is_some_and(|end| end <= now);
    let mut holding: Vec<&Held> = all.iter().filter(|held| !is_over(held)).collect();
    holding.sort_by(|a, b| (b.silence.until, &a.silence.id).cmp(&(a.silence.until, &b.silence.id)));
    holding.dedup_by(|a, b| a.silence.id == b.silence.id);
    let Some(soonest) = holding.last() else { return Vec::new() };
    let (count, end) = (holding.len(), soonest.silence.until.map(date_time).unwrap_or_default());
    let silences = if count == 1 { "1 silence".to_owned() } else { format!("{count} silences") };
    let first = format!("{silences}; the first to end is {}'s, at {end}", soonest.silence.by.safe());
    let one = |held: &&Held| {
        let state = if held.state.raw() == "pending" { ", not begun yet," } else { "" };
        let Held { silence, matchers, .. } = held;
        // Nor is anybody asked whether its comment may be read.
        let silence = Silence { comment: Outside::default(), ..silence.clone() };
        format!("silence {} of {}{state} {}", silence.id.safe(), matchers.safe(), silence.words())
    };
    let more = count.checked_sub(LISTED).filter(|more| *more > 0);
    let more = more.map(|more| format!("{more} more silences, which end sooner"));
    std::iter::once(first).chain(holding.iter().take(LISTED).map(one)).chain(more).collect()
}

/// The silences that alerts name.
pub(super) fn named<'a>(signals: impl Iterator<Item = &'a Arc<Signal>>) -> BTreeSet<&'a Outside> {
    let upstream = signals.filter_map(|signal| signal.upstream.as_deref());
    upstream.flat_map(|upstream| upstream.silences.iter().map(|silence| &silence.id)).collect()
}

/// Says on each signal what keeps it quiet, and what it keeps quiet.
pub(super) fn dress(signals: &mut [Arc<Signal>], silences: &Silences) {
    let mut inhibits: BTreeMap<Outside, Vec<Outside>> = BTreeMap::new();
    for signal in signals.iter() {
        if let Standing::Inhibited { by } = &signal.standing {
            by.iter().for_each(|by| inhibits.entry(by.clone()).or_default().push(signal.title.clone()));
        }
    }
    let titles: BTreeMap<Outside, Outside> = match inhibits.is_empty() {
        true => BTreeMap::new(),
        false => {
            let inhibiting = signals.iter().filter(|it| inhibits.contains_key(&it.key.fingerprint));
            inhibiting.map(|it| (it.key.fingerprint.clone(), it.title.clone())).collect()
        }
    };
    for signal in signals {
        let held = inhibits.remove(&signal.key.fingerprint);
        let by = match &signal.standing {
            Standing::Inhibited { by } => by.iter().map(|id| titles.get(id).unwrap_or(id).clone()).collect(),
            _ => Vec::new(),
        };
        let silenced = signal.upstream.as_ref().is_some_and(|upstream| !upstream.silences.is_empty());
        if !silenced && by.is_empty() && held.is_none() {
            continue;
        }
        let mut upstream = signal.upstream.as_deref().cloned().unwrap_or_default();
        for silence in &mut upstream.silences {
            if let Some(known) = silences.get(&silence.id) {
                silence.clone_from(known);
            }
        }
        upstream.inhibited_by = by;
        upstream.inhibits = held.map(shortened).unwrap_or_default();
        Arc::make_mut(signal).upstream = Some(Box::new(upstream));
    }
}

/// So many titles, and how many more there are.
fn shortened(mut titles: Vec<Outside>) -> Vec<Outside> {
    if let Some(more) = titles.len().checked_sub(INHIBITED).filter(|more| *more > 0) {
        titles.truncate(INHIBITED);
        titles.push(Outside::new(format!("{more} more")));
    }
    titles
}

/// How many are quiet, and why; nothing when none is.
pub(super) fn counted(signals: &[Arc<Signal>]) -> Option<String> {
    let quiet = || signals.iter().filter(|signal| signal.standing == Standing::Silenced);
    // What is silenced as well is heard of at the end of both.
    let is_silenced =
        |signal: &&Arc<Signal>| signal.upstream.as_ref().is_some_and(|it| !it.silences.is_empty());
    let silenced = quiet().filter(is_silenced).count();
    let muted = quiet().count() - silenced;
    let intervals: BTreeSet<&Outside> =
        quiet().filter_map(|signal| signal.upstream.as_deref()).flat_map(|it| &it.muted_by).collect();
    let inhibited = |signal: &&Arc<Signal>| matches!(signal.standing, Standing::Inhibited { .. });
    let inhibited = signals.iter().filter(inhibited).count();
    let by = named(signals.iter()).len();
    let silences = if by == 1 { "1 silence".to_owned() } else { format!("{by} silences") };
    let said = [
        (silenced > 0).then(|| format!("{silenced} silenced by {silences}")),
        (muted > 0).then(|| format!("{muted} muted by {}", intervals_of(&intervals))),
        (inhibited > 0).then(|| format!("{inhibited} inhibited")),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// `a time interval (nights)`, `2 time intervals (nights, weekends)`.
fn intervals_of(names: &BTreeSet<&Outside>) -> String {
    let more = names.len().checked_sub(INTERVALS).filter(|more| *more > 0).map(|more| format!("{more} more"));
    let named: Vec<String> =
        names.iter().take(INTERVALS).map(|name| name.safe().to_string()).chain(more).collect();
    let what = match names.len() {
        0 | 1 => "a time interval".to_owned(),
        many => format!("{many} time intervals"),
    };
    if named.is_empty() { what } else { format!("{what} ({})", named.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signal::SignalKey;
    use crate::domain::upstream::Upstream;

    #[test]
    fn what_a_time_interval_mutes_is_no_silence() {
        let quiet = |silences: &[&str], muted_by: &[&str]| {
            let key = SignalKey { source: "am".into(), fingerprint: Outside::new("f") };
            let signal = Signal::undecodable(key, "an alert", Outside::default(), Time::UNIX_EPOCH);
            let silences = silences.iter().map(|id| Silence { id: Outside::new(*id), ..Silence::default() });
            let upstream = Upstream {
                silences: silences.collect(),
                muted_by: muted_by.iter().map(|name| Outside::new(*name)).collect(),
                ..Upstream::default()
            };
            Arc::new(Signal { standing: Standing::Silenced, upstream: Some(Box::new(upstream)), ..signal })
        };
        let muted = [quiet(&[], &["nights"]), quiet(&[], &["nights"]), quiet(&[], &["nights"])];
        assert_eq!(counted(&muted).as_deref(), Some("3 muted by a time interval (nights)"));
        let both = [quiet(&["s1"], &["nights"]), quiet(&[], &["weekends"])];
        let said = "1 silenced by 1 silence, 1 muted by 2 time intervals (nights, weekends)";
        assert_eq!(counted(&both).as_deref(), Some(said));
    }

    #[test]
    fn what_may_be_sensitive_of_a_silence_is_not_listed() {
        let matcher =
            |name: &str, value: &str| serde_json::json!({ "name": name, "value": value, "isRegex": false });
        let body = serde_json::json!([{
            "id": "s1", "createdBy": "zed", "comment": "for 88213", "endsAt": "2026-11-30T00:00:00Z",
            "status": { "state": "active" }, "matchers": [matcher("alertname", "Takeover"), matcher("account", "88213")],
        }]);
        let read = silences(body.to_string().as_bytes()).unwrap();
        let listed = standing(&read, "2026-11-22T00:00:00Z".parse().unwrap());
        let silence = "silence s1 of alertname=\"Takeover\", account=•••• by zed until 2026-11-30 00:00:00Z";
        assert_eq!(listed, ["1 silence; the first to end is zed's, at 2026-11-30 00:00:00Z", silence]);
    }
}
