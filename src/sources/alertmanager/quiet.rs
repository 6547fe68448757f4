//! What keeps alerts quiet, said on each of them: which silence, by whom and until when, and what inhibits what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::signal::{Signal, Standing};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::domain::upstream::Silence;

/// Titles of inhibited alerts that are kept with what inhibits them.
const INHIBITED: usize = 10;
const NAME_BYTES: usize = 128;
const COMMENT_BYTES: usize = 1024;

/// What silences say, by id.
pub(super) type Silences = BTreeMap<Outside, Silence>;

#[derive(Deserialize)]
struct Listed {
    id: String,
    #[serde(default, rename = "createdBy")]
    created_by: String,
    #[serde(default)]
    comment: String,
    #[serde(default, rename = "endsAt")]
    ends_at: Option<Time>,
}

/// The silences of an answer; one that cannot be read is left out, and shown by its id.
///
/// # Errors
/// The answer is no list.
pub(super) fn silences(body: &[u8]) -> Result<Silences, Fault> {
    let text = String::from_utf8_lossy(body);
    let elements: Vec<&serde_json::value::RawValue> = serde_json::from_str(&text)
        .map_err(|_| Fault::new(FaultKind::Malformed, "the answer is no list of silences"))?;
    let read = |element: &&serde_json::value::RawValue| {
        let Listed { id, created_by, comment, ends_at } = serde_json::from_str(element.get()).ok()?;
        let id = Outside::capped(id, NAME_BYTES);
        let by = Outside::capped(created_by, NAME_BYTES);
        let comment = Outside::capped(comment, COMMENT_BYTES);
        Some((id.clone(), Silence { id, by, comment, until: ends_at }))
    };
    Ok(elements.iter().filter_map(read).collect())
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
    let silenced = signals.iter().filter(|signal| signal.standing == Standing::Silenced).count();
    let inhibited = |signal: &&Arc<Signal>| matches!(signal.standing, Standing::Inhibited { .. });
    let inhibited = signals.iter().filter(inhibited).count();
    let by = named(signals.iter()).len();
    let silences = if by == 1 { "1 silence".to_owned() } else { format!("{by} silences") };
    let said = [
        (silenced > 0).then(|| format!("{silenced} silenced by {silences}")),
        (inhibited > 0).then(|| format!("{inhibited} inhibited")),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(", "))
}
