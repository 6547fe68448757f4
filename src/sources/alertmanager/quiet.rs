//! What keeps alerts quiet, said on each of them: which silence, by whom and until when, and what inhibits what.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
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
/// Silenced alerts that are named to who shows incidents.
const SILENCED: usize = 100;

/// What silences say, by id.
pub(super) type Silences = BTreeMap<Outside, Silence>;

/// A silence, and what stands beside what alerts say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    silence: Silence,
    /// `active`, `pending`, `expired`.
    state: Outside,
    /// When it was changed last.
    changed: Option<Time>,
}

/// The silences of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    held: Vec<Held>,
    /// How many of it cannot be read; alerts that name those show their ids.
    illegible: usize,
}

/// Every silence that holds or will, whether or not an alert names it, as it was read last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stock {
    /// How many, and those that last longest first, which are those that were forgotten.
    said: Vec<String>,
    silences: Vec<Silence>,
    /// Where it could not be read again: since when, and why.
    unread: Option<(Option<Time>, String)>,
}

#[derive(Deserialize)]
struct Listed<'a> {
    id: String,
    #[serde(default, rename = "createdBy")]
    created_by: String,
    #[serde(default)]
    comment: String,
    #[serde(default, borrow, rename = "endsAt")]
    ends_at: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "updatedAt")]
    updated_at: Option<&'a RawValue>,
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

/// The silences of an answer; of one, as much as can be read.
///
/// # Errors
/// The answer is no list.
pub(super) fn silences(body: &[u8]) -> Result<Read, Fault> {
    let text = String::from_utf8_lossy(body);
    let elements: Vec<&RawValue> = serde_json::from_str(&text)
        .map_err(|_| Fault::new(FaultKind::Malformed, "the answer is no list of silences"))?;
    let time = |raw: Option<&RawValue>| serde_json::from_str::<Time>(raw?.get()).ok();
    let read = |element: &&RawValue| {
        let Listed { id, created_by, comment, ends_at, updated_at, matchers, status } =
            serde_json::from_str(element.get()).ok()?;
        let silence = Silence {
            id: Outside::capped(id, NAME_BYTES),
            by: Outside::capped(created_by, NAME_BYTES),
            comment: Outside::capped(comment, COMMENT_BYTES),
            matchers: Outside::capped(matchers.map(matching).unwrap_or_default(), MATCHERS_BYTES),
            until: time(ends_at),
            as_of: None,
        };
        let status = status.and_then(|raw| serde_json::from_str::<Status>(raw.get()).ok());
        let state = Outside::capped(status.unwrap_or_default().state, NAME_BYTES);
        Some(Held { silence, state, changed: time(updated_at) })
    };
    let held: Vec<Held> = elements.iter().filter_map(read).collect();
    Ok(Read { illegible: elements.len() - held.len(), held })
}

/// The silences of all peers, each once and as it was changed last: a change reaches one peer after the other.
pub(super) fn unite(read: impl IntoIterator<Item = Read>) -> Read {
    let mut all: BTreeMap<Outside, Held> = BTreeMap::new();
    let mut illegible = 0;
    for one in read {
        illegible = illegible.max(one.illegible);
        for held in one.held {
            let age = |held: &Held| (held.changed, held.silence.until);
            if all.get(&held.silence.id).is_none_or(|known| age(&held) > age(known)) {
                all.insert(held.silence.id.clone(), held);
            }
        }
    }
    Read { held: all.into_values().collect(), illegible }
}

impl Read {
    /// By id.
    pub(super) fn by_id(self) -> Silences {
        self.held.into_iter().map(|held| (held.silence.id.clone(), held.silence)).collect()
    }
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

impl Stock {
    /// What holds of what was read.
    pub(super) fn of(read: &Read, now: Time) -> Self {
        let is_over =
            |held: &&Held| held.state.raw() == "expired" || held.silence.until.is_some_and(|end| end <= now);
        let mut holding: Vec<&Held> = read.held.iter().filter(|held| !is_over(held)).collect();
        // What names no end lasts longest.
        let end = |held: &Held| (held.silence.until.is_none(), held.silence.until);
        holding.sort_by(|a, b| (end(b), &a.silence.id).cmp(&(end(a), &b.silence.id)));
        let counted = |count| if count == 1 { "1 silence".to_owned() } else { format!("{count} silences") };
        let count = holding.len();
        let soonest =
            holding.iter().rev().find_map(|held| Some((held.silence.by.safe(), held.silence.until?)));
        let first = match soonest {
            Some((by, end)) => {
                format!("{}; the first to end is {by}'s, at {}", counted(count), date_time(end))
            }
            None => format!("{}; none says when it ends", counted(count)),
        };
        let one = |held: &&Held| {
            let Held { silence, state, .. } = held;
            let state = if state.raw() == "pending" { ", not begun yet," } else { "" };
            // Nor is anybody asked whether its comment may be read.
            let silence = Silence { comment: Outside::default(), ..silence.clone() };
            let end = if silence.until.is_none() { ", which says no end" } else { "" };
            let (id, matchers) = (silence.id.safe(), silence.matchers.safe());
            (format!("silence {id} of {matchers}{state} {}{end}", silence.words()), silence)
        };
        let (listed, silences): (Vec<String>, Vec<Silence>) = holding.iter().take(LISTED).map(one).unzip();
        let more = count.checked_sub(LISTED).filter(|more| *more > 0);
        let more = more.map(|more| format!("{more} more silences, which end sooner"));
        let illegible = (read.illegible > 0).then(|| format!("{} cannot be read", counted(read.illegible)));
        let first = (count > 0).then_some(first);
        let said = first.into_iter().chain(listed).chain(more).chain(illegible).collect();
        Self { said, silences, unread: None }
    }

    /// It was not read again now, and why; before, it was asked for at this time.
    pub(super) fn is_old(&mut self, asked_before: Option<Time>, why: &Fault) {
        let as_of = self.unread.take().map_or(asked_before, |(as_of, _)| as_of);
        self.unread = Some((as_of, why.detail.safe().to_string()));
    }

    /// When it was read, where it could not be read again since.
    pub(super) fn as_of(&self) -> Option<Time> {
        self.unread.as_ref().and_then(|(as_of, _)| *as_of)
    }

    /// Whether it was read when it was asked for last.
    pub(super) fn is_unread(&self) -> bool {
        self.unread.is_some()
    }

    /// In words, how old it is first: it was asked for last at `asked`.
    pub(super) fn said(&self, asked: Option<Time>) -> Vec<String> {
        let old = self.unread.as_ref().map(|(as_of, why)| match as_of {
            Some(at) => format!("silences as of {}, not read since: {why}", date_time(*at)),
            None => format!("silences cannot be read: {why}"),
        });
        let mut said = self.said.clone();
        // It is asked for less often than the alerts beside which it stands.
        if let (None, Some(at), Some(first)) = (&old, asked, said.first_mut()) {
            *first = format!("{first} (as of {})", date_time(at));
        }
        old.into_iter().chain(said).collect()
    }

    /// Those that are listed.
    pub(super) fn silences(&self) -> Vec<Silence> {
        let as_of = self.as_of();
        self.silences.iter().map(|silence| Silence { as_of, ..silence.clone() }).collect()
    }
}

/// The silences that alerts name.
pub(super) fn named<'a>(signals: impl Iterator<Item = &'a Arc<Signal>>) -> BTreeSet<&'a Outside> {
    let upstream = signals.filter_map(|signal| signal.upstream.as_deref());
    upstream.flat_map(|upstream| upstream.silences.iter().map(|silence| &silence.id)).collect()
}

/// Says on each signal what keeps it quiet, as of when that was read where it is old, and what it keeps quiet.
pub(super) fn dress(signals: &mut [Arc<Signal>], silences: &Silences, as_of: Option<Time>) {
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
                *silence = Silence { as_of, ..known.clone() };
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

/// Those that somebody silenced, and until when the last silence of each lasts; of many, those that began last.
pub(super) fn silenced(signals: &[Arc<Signal>]) -> BTreeMap<Outside, Option<Time>> {
    let of = |signal: &&Arc<Signal>| {
        let upstream = signal.upstream.as_deref().filter(|_| signal.standing == Standing::Silenced)?;
        let until = upstream.silences.iter().map(|silence| silence.until);
        // What names no end lasts longest.
        let last = until.max_by_key(|until| (until.is_none(), *until))?;
        Some((Reverse(signal.since), (signal.key.fingerprint.clone(), last)))
    };
    let mut all: Vec<_> = signals.iter().filter_map(|signal| of(&signal)).collect();
    all.sort_by_key(|(since, _)| *since);
    all.into_iter().map(|(_, one)| one).take(SILENCED).collect()
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
        let listed = Stock::of(&read, "2026-11-22T00:00:00Z".parse().unwrap()).said(None);
        let silence = "silence s1 of alertname=\"Takeover\", account=•••• by zed until 2026-11-30 00:00:00Z";
        assert_eq!(listed, ["1 silence; the first to end is zed's, at 2026-11-30 00:00:00Z", silence]);
    }

    #[test]
    fn a_silence_that_peers_say_differently_is_one_and_counts_as_it_was_changed_last() {
        let peer = |end: &str, changed: Option<&str>| {
            let silence =
                serde_json::json!([{ "id": "s1", "createdBy": "zed", "endsAt": end, "updatedAt": changed }]);
            silences(silence.to_string().as_bytes()).unwrap()
        };
        let (earlier, later) = ("2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z");
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        for (peers, end) in [
            ([peer(later, Some(earlier)), peer(earlier, Some(later))], "10:00:00Z"),
            ([peer(earlier, Some(later)), peer(later, Some(earlier))], "10:00:00Z"),
            ([peer(earlier, None), peer(later, None)], "11:00:00Z"),
        ] {
            let united = unite(peers);
            let said = Stock::of(&united, now).said(None);
            assert_eq!(said[0], format!("1 silence; the first to end is zed's, at 2026-11-22 {end}"));
            assert_eq!(said.len(), 2, "{said:?}");
        }
    }

    #[test]
    fn what_says_no_end_or_cannot_be_read_is_said_all_the_same() {
        let body = serde_json::json!([
            { "id": "s1", "createdBy": "zed" },
            { "id": "s2", "createdBy": "yan", "endsAt": "2026-11-30T00:00:00Z" },
            { "id": "s3", "createdBy": "xia", "endsAt": "tomorrow" },
            { "id": 4 },
        ]);
        let (read, now) =
            (silences(body.to_string().as_bytes()).unwrap(), "2026-11-22T00:00:00Z".parse().unwrap());
        let said = Stock::of(&read, now).said(None);
        let expected = [
            "3 silences; the first to end is yan's, at 2026-11-30 00:00:00Z",
            "silence s1 of (blank) by zed, which says no end",
            "silence s3 of (blank) by xia, which says no end",
            "silence s2 of (blank) by yan until 2026-11-30 00:00:00Z",
            "1 silence cannot be read",
        ];
        assert_eq!(said, expected);
        let endless = Read { held: vec![read.held[0].clone()], illegible: 0 };
        assert_eq!(Stock::of(&endless, now).said(None)[0], "1 silence; none says when it ends");
    }
}
