//! What is known of an incident that has just been selected waits a moment for what is read of it: then all of it stands
//! where it stays.

use super::model::Model;
use crate::domain::time::{Span, Time};

/// What is read of an incident is there within this, mostly.
const WITHIN: Span = Span::millis(150);

/// Until when the detail of the selected incident is waited for, where it is not there.
pub fn by(model: &Model) -> Option<Time> {
    let id = model.list()?.selected()?;
    let read = model.detail.as_ref().is_some_and(|detail| detail.incident.id == *id);
    // What cannot be read is not waited for.
    model.last_key.filter(|_| !read && model.loading.is_some()).map(|key| key + WITHIN.delta())
}

/// Whether it is waited for now.
pub fn is_awaited(model: &Model, now: Time) -> bool {
    // A clock that was set back keeps nothing from sight.
    by(model).is_some_and(|by| (by - WITHIN.delta()..by).contains(&now))
}
