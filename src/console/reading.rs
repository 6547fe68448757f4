//! What is read of incidents: of the selected one, and of its neighbours before a key selects them, so that what is known
//! of them is whole in the frame that follows the key. Of one that was not read ahead all that is read is waited for a
//! moment: then all of it stands where it stays.

use serde::{Deserialize, Serialize};

use super::board::Revision;
use super::effect::Effect;
use super::layout;
use super::list::List;
use super::model::{Model, WATCHED_AFTER_KEY};
use crate::backend::Detail;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::time::{Span, Time};

/// What is read of an incident is there within this, mostly.
const WITHIN: Span = Span::millis(150);
/// What its sources say of an incident is read again so soon at most.
const LOOKED_AT_LEAST: Span = Span::secs(3);
/// How far from the cursor incidents are read ahead, the likeliest first.
const AHEAD: [isize; 4] = [1, -1, 2, -2];
/// Once one of these is read, so many are the way the cursor goes: most keys then need nobody else, and wake nobody.
const FURTHER: isize = 8;
/// What was read of so many is kept besides the one that is shown.
const KEPT: usize = 16;

/// When something was asked for, and how new the data of its sources was then.
pub type Looked = (Time, Option<Time>);

/// What was read of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Read {
    /// Of which, and how much of it was known then: what is looked for stands here itself.
    id: IncidentId,
    version: u64,
    detail: Box<Detail>,
    looked: Looked,
    #[serde(skip)]
    revision: Revision,
}

/// What is read besides what is shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What was selected last.
    selected: Option<IncidentId>,
    /// The place of the cursor then.
    #[serde(default)]
    place: usize,
    /// A key moved it up the last time.
    #[serde(default)]
    upward: bool,
    /// When a key selected it, if one did.
    since: Option<Time>,
    /// Which reading of an incident is shown.
    #[serde(skip)]
    shown: Revision,
    /// What was read of others, the last one last.
    kept: Vec<Read>,
    /// The one that is read ahead now.
    coming: Option<(IncidentId, Looked)>,
    /// Somebody needed one that is near: what is further is read as well.
    #[serde(default)]
    goes_on: bool,
    /// One could not be read: nothing is read ahead until the engine is heard again.
    pub refused: bool,
}

impl Reading {
    fn keep(&mut self, detail: Box<Detail>, looked: Looked, revision: Revision) {
        let (id, version) = (detail.incident.id.clone(), detail.incident.version);
        self.kept.retain(|kept| kept.id != id);
        self.kept.push(Read { id, version, detail, looked, revision });
    }

    fn take(&mut self, id: &IncidentId) -> Option<Read> {
        let place = self.kept.iter().position(|kept| kept.id == *id)?;
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

/// By which what was read of the selected incident is told from all else that is read of it, and of others.
pub fn of_selected(model: &Model) -> Option<u64> {
    let id = model.selected_id()?;
    model.detail.as_ref().filter(|detail| detail.incident.id == *id)?;
    Some(model.reading.shown.number())
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
    let by_key = model.last_key.is_some_and(|key| key == at);
    if let Some(place) = model.list().map(List::place) {
        let before = std::mem::replace(&mut model.reading.place, place);
        if by_key && place != before {
            model.reading.upward = place < before;
        }
    }
    let selected = model.selected_id().cloned();
    if selected == model.reading.selected {
        return;
    }
    // What slid there by itself is not waited for.
    model.reading.since = by_key.then_some(at);
    if let Some(id) = &selected
        && model.detail.as_ref().is_none_or(|detail| detail.incident.id != *id)
    {
        let looked = model.looked.take();
        if let (Some(read), Some(looked)) = (model.detail.take(), looked) {
            // What is too much is dropped when more comes: that takes longer than to show what is there.
            model.reading.keep(read, looked, model.reading.shown);
        }
        if let Some(Read { detail, looked, revision, .. }) = model.reading.take(id) {
            (model.detail, model.looked) = (Some(detail), Some(looked));
            model.reading.shown = revision;
        }
    }
    model.reading.selected = selected;
}

/// Looks at the model as if the cursor had gone one row further the way a key moved it last, while somebody uses the keys and all that
/// is to be read of that incident is there. Nothing has changed afterwards.
pub fn as_if_next(model: &mut Model, at: Time, look: impl FnOnce(&Model)) {
    if !is_used(model, at) || model.prompt.is_some() || !is_seen(model) {
        return;
    }
    let Some(list) = model.list() else { return };
    let by = if model.reading.upward && list.place() > 0 { -1 } else { 1 };
    let Some(place) = list.place().checked_add_signed(by) else { return };
    let Some(row) = list.rows.get(place) else { return };
    let (on, next) = (row.on(), row.incident().cloned());
    let Some(kept) = model.reading.kept.iter().position(|kept| Some(&kept.id) == next.as_ref()) else {
        return;
    };
    let Read { id, version, detail, looked, revision } = model.reading.kept.remove(kept);
    let (was, then) = (model.detail.replace(detail), model.looked.replace(looked));
    let shown = std::mem::replace(&mut model.reading.shown, revision);
    let rows = layout::regions(model.size).map(|regions| usize::from(regions.list.rows));
    let stood = model.list_mut().map(|list| {
        let stood = list.put((place, Some(on), list.top));
        rows.into_iter().for_each(|rows| list.scroll_into(rows));
        stood
    });
    look(model);
    if let (Some(list), Some(stood)) = (model.list_mut(), stood) {
        list.put(stood);
    }
    model.reading.shown = shown;
    let detail = std::mem::replace(&mut model.detail, was);
    model.looked = then;
    if let Some(detail) = detail {
        model.reading.kept.insert(kept, Read { id, version, detail, looked, revision });
    }
}

/// Whether an answer is of one that is read ahead of a list on which nothing is asked: it shows nothing then.
pub fn is_ahead(model: &Model, asked: &str) -> bool {
    let ahead = model.reading.coming.as_ref().map(|(id, _)| id).filter(|id| id.to_string() == asked);
    let (still, waits) = (model.prompt.is_none() && model.run.is_none(), [&model.loading, &model.opening]);
    let shown = model.list().and_then(List::selected);
    still
        && model.list().is_some()
        && ahead.is_some_and(|id| Some(id) != shown)
        && !waits.into_iter().flatten().any(|it| it == asked)
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
    let comes = model.loading.is_some() || model.reading.is_coming(&shown.id);
    if comes || (fresh && !says_more(model, shown, at)) {
        return None;
    }
    let asked = shown.id.to_string();
    if model.unloadable.as_ref() == Some(&asked) {
        return None;
    }
    model.looked = Some((at, model.board.as_of(shown)));
    model.loading = Some(asked.clone());
    Some(Effect::Load(asked))
}

/// Whether a source has answered since the detail that is on the screen was asked for: what its signals say may be
/// something else now, without a record of it.
fn says_more(model: &Model, shown: &Incident, at: Time) -> bool {
    let lately = |looked: Time| (looked..looked + LOOKED_AT_LEAST.delta()).contains(&at);
    let newer = |(looked, then): Looked| !lately(looked) && model.board.as_of(shown) > then;
    is_seen(model) && model.looked.is_some_and(newer)
}

/// Whether there is room for a detail, or nothing but one.
fn is_seen(model: &Model) -> bool {
    model.list().is_none() || layout::regions(model.size).is_some_and(|it| it.detail.is_some())
}

/// Whether somebody uses the keys.
pub fn is_used(model: &Model, at: Time) -> bool {
    model.last_key.is_some_and(|key| (key..key + WATCHED_AFTER_KEY.delta()).contains(&at))
}

/// The neighbour of the cursor to be read next.
fn ahead(model: &mut Model, at: Time) -> Option<Effect> {
    let reading = &model.reading;
    let waits = model.prompt.is_some() || model.loading.is_some() || reading.coming.is_some();
    if !is_used(model, at) || waits || reading.refused || !is_seen(model) {
        return None;
    }
    let list = model.list()?;
    let beside = |by: isize| list.rows.get(list.place().checked_add_signed(by)?)?.incident();
    // A key need not wait until it is known whether more has happened than was read.
    let by_key = model.last_key == Some(at);
    let unread = |by: isize| {
        let id = beside(by)?;
        let kept = reading.kept.iter().find(|kept| kept.id == *id);
        if kept.is_some() && by_key {
            return None;
        }
        model.board.get(id).filter(|it| kept.is_none_or(|kept| kept.version < it.version))
    };
    let way = if reading.upward { -1 } else { 1 };
    let further = || (3..=FURTHER).filter(|_| reading.goes_on).find_map(|by| unread(way * by));
    let next = AHEAD.into_iter().find_map(unread).or_else(further);
    let next = next.map(|it| (it.id.clone(), (at, model.board.as_of(it))));
    model.reading.goes_on = next.is_some();
    model.reading.coming.clone_from(&next);
    next.map(|(id, _)| Effect::ReadAhead(id))
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
        model.reading.keep(detail, ahead.unwrap_or((at, None)), Revision::default());
    } else {
        model.detail = Some(detail);
        model.looked = ahead.or(model.looked).or(Some((at, None)));
        model.reading.shown = Revision::default();
    }
    let over = model.reading.kept.len().saturating_sub(KEPT);
    model.reading.kept.drain(..over);
}
