//! What is read of incidents: of the selected one, and of its neighbours before a key selects them, so that what is known
//! of them is whole in the frame that follows the key. Of one that was not read ahead all that is read is waited for a
//! moment: then all of it stands where it stays.

use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::layout;
use super::model::{Model, WATCHED_AFTER_KEY};
use crate::backend::Detail;
use crate::domain::id::IncidentId;
use crate::domain::time::{Span, Time};

/// What is read of an incident is there within this, mostly.
const WITHIN: Span = Span::millis(150);
/// What its sources say of an incident is read again so soon at most.
const LOOKED_AT_LEAST: Span = Span::secs(3);
/// How far from the cursor incidents are read ahead, the likeliest first.
const AHEAD: [isize; 4] = [1, -1, 2, -2];
/// What was read of so many is kept besides the one that is shown.
const KEPT: usize = 8;

/// When something was asked for, and how new the data of its sources was then.
pub type Looked = (Time, Option<Time>);

/// What is read besides what is shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What was selected last.
    selected: Option<IncidentId>,
    /// When a key selected it, if one did.
    since: Option<Time>,
    /// What was read of others, the last one last.
    kept: Vec<(Box<Detail>, Looked)>,
    /// The one that is read ahead now.
    coming: Option<(IncidentId, Looked)>,
    /// One could not be read: nothing is read ahead until the engine is heard again.
    pub refused: bool,
}

impl Reading {
    fn keep(&mut self, read: Box<Detail>, looked: Looked) {
        self.kept.retain(|(kept, _)| kept.incident.id != read.incident.id);
        self.kept.push((read, looked));
        let over = self.kept.len().saturating_sub(KEPT);
        self.kept.drain(..over);
    }

    fn take(&mut self, id: &IncidentId) -> Option<(Box<Detail>, Looked)> {
        let place = self.kept.iter().position(|(kept, _)| kept.incident.id == *id)?;
        Some(self.kept.remove(place))
    }

    fn is_coming(&self, id: &IncidentId) -> bool {
        self.coming.as_ref().is_some_and(|(coming, _)| coming == id)
    }

    /// What was read of an incident says something else by now.
    pub fn forget(&mut self, id: &IncidentId) {
        drop(self.take(id));
    }
}

/// Until when the detail of the selected incident is waited for, where it is not there.
pub fn by(model: &Model) -> Option<Time> {
    let id = model.list()?.selected()?;
    let read = model.detail.as_ref().is_some_and(|detail| detail.incident.id == *id);
    // What cannot be read is not waited for.
    let comes = model.loading.is_some() || model.reading.is_coming(id);
    model.reading.since.filter(|_| !read && comes).map(|since| since + WITHIN.delta())
}

/// Whether it is waited for now.
pub fn is_awaited(model: &Model, now: Time) -> bool {
    // A clock that was set back keeps nothing from sight.
    by(model).is_some_and(|by| (by - WITHIN.delta()..by).contains(&now))
}

/// Where another incident is selected now, what is known of it takes the place of what is shown.
pub(super) fn turn(model: &mut Model, at: Time) {
    let selected = model.selected_id().cloned();
    if selected == model.reading.selected {
        return;
    }
    // What slid there by itself is not waited for.
    model.reading.since = model.last_key.filter(|key| *key == at);
    if let Some(id) = &selected
        && model.detail.as_ref().is_none_or(|detail| detail.incident.id != *id)
    {
        let looked = model.looked.take();
        if let (Some(read), Some(looked)) = (model.detail.take(), looked) {
            model.reading.keep(read, looked);
        }
        if let Some((read, looked)) = model.reading.take(id) {
            (model.detail, model.looked) = (Some(read), Some(looked));
        }
    }
    model.reading.selected = selected;
}

/// Asks for everything about the incident that is shown, one at a time; then, while somebody uses the keys, for what they
/// may select next.
pub(super) fn load(model: &mut Model, at: Time) -> Option<Effect> {
    load_selected(model, at).or_else(|| ahead(model, at))
}

fn load_selected(model: &mut Model, at: Time) -> Option<Effect> {
    let shown = model.selected()?;
    let known = model.detail.as_ref().map(|detail| &detail.incident);
    let fresh = known.is_some_and(|known| known.id == shown.id && known.version >= shown.version);
    let as_of = model.board.as_of(shown);
    let asked = shown.id.to_string();
    let comes = model.loading.is_some() || model.reading.is_coming(&shown.id);
    let wanted = !fresh || says_more(model, as_of, at);
    if !wanted || comes || model.unloadable.as_ref() == Some(&asked) {
        return None;
    }
    model.looked = Some((at, as_of));
    model.loading = Some(asked.clone());
    Some(Effect::Load(asked))
}

/// Whether a source has answered since the detail that is on the screen was asked for: what its signals say may be
/// something else now, without a record of it.
fn says_more(model: &Model, as_of: Option<Time>, at: Time) -> bool {
    let newer = |looked: Time, then: Option<Time>| {
        as_of > then && !(looked..looked + LOOKED_AT_LEAST.delta()).contains(&at)
    };
    is_seen(model) && model.looked.is_some_and(|(looked, then)| newer(looked, then))
}

/// Whether there is room for a detail, or nothing but one.
fn is_seen(model: &Model) -> bool {
    model.list().is_none() || layout::regions(model.size).is_some_and(|it| it.detail.is_some())
}

/// The neighbour of the cursor to be read next.
fn ahead(model: &mut Model, at: Time) -> Option<Effect> {
    let used = model.last_key.is_some_and(|key| (key..key + WATCHED_AFTER_KEY.delta()).contains(&at));
    let reading = &model.reading;
    let waits = model.prompt.is_some() || model.loading.is_some() || reading.coming.is_some();
    if !used || waits || reading.refused || !is_seen(model) {
        return None;
    }
    let list = model.list()?;
    let beside = |by: &isize| list.rows.get(list.place().checked_add_signed(*by)?)?.incident();
    let is_read = |id: &IncidentId, version: u64| {
        reading.kept.iter().any(|(kept, _)| kept.incident.id == *id && kept.incident.version >= version)
    };
    let mut beside = AHEAD.iter().filter_map(beside).filter_map(|id| model.board.get(id));
    let next = beside.find(|it| !is_read(&it.id, it.version))?;
    let (id, looked) = (next.id.clone(), (at, model.board.as_of(next)));
    model.reading.coming = Some((id.clone(), looked));
    Some(Effect::ReadAhead(id))
}

/// What was asked for could not be read.
pub(super) fn failed(model: &mut Model, asked: &str) {
    if model.reading.coming.take_if(|(id, _)| id.to_string() == asked).is_some() {
        model.reading.refused = true;
    } else {
        model.unloadable = Some(asked.to_owned());
    }
}

/// What was asked for has come: it is shown where it is of the selected incident, and kept where it is of another one.
pub(super) fn came(model: &mut Model, at: Time, detail: Box<Detail>) {
    let id = detail.incident.id.clone();
    let ahead = model.reading.coming.take_if(|(coming, _)| *coming == id).map(|(_, looked)| looked);
    if model.selected_id().map_or(ahead.is_some(), |selected| *selected != id) {
        model.reading.keep(detail, ahead.unwrap_or((at, None)));
    } else {
        model.detail = Some(detail);
        model.looked = ahead.or(model.looked).or(Some((at, None)));
    }
}
