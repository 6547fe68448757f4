//! Whether what is asked is longer than the screen.

use crate::console::layout;
use crate::console::model::Model;
use crate::console::page;
use crate::domain::time::Time;

/// Whether what is asked is a page that goes on below what is seen of it.
pub(super) fn goes_on(model: &Model, now: Time) -> bool {
    let regions = layout::regions(model.size);
    let most = regions.and_then(|at| page::prompt::furthest_top(model, &at, now));
    most.zip(model.prompt.as_ref()).is_some_and(|((most, _), asked)| asked.top() < most)
}

/// Whether not everything of what is asked is on the screen at once.
pub(super) fn exceeds(model: &Model, now: Time) -> bool {
    let Some(regions) = layout::regions(model.size) else { return false };
    let sheet = page::prompt::sheet(model, regions.body.cols, now);
    let extent = sheet.map(|sheet| sheet.extent(&regions));
    extent.is_some_and(|(lines, rows)| lines > usize::from(rows))
}
