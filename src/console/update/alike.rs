//! The same about all that are marked: asked once, written down about each by itself.

use std::sync::Arc;

use super::bulk::{hides_some, together};
use super::choices;
use crate::console::effect::Effect;
use crate::console::marks::{Deed, Marks, ends_by_itself};
use crate::console::model::{Model, ToastState};
use crate::console::prompt::{Asks, Choose, Prompt, Text};
use crate::console::recording::Recording;
use crate::domain::incident::Incident;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::tie::Seen;
use crate::domain::time::Time;

/// All that are marked.
pub(super) fn of_marked(model: &Model) -> Vec<Arc<Incident>> {
    model.marks.ids.iter().filter_map(|id| model.board.get(id).cloned()).collect()
}

/// Asks for the note on all that are marked.
pub(super) fn note(model: &mut Model, at: Time) -> Vec<Effect> {
    if !hides_some(model, at) {
        let all = of_marked(model);
        if let Some(first) = all.first() {
            let together = all.iter().map(|it| Seen::of(it)).collect();
            model.prompt = Some(Prompt::Text(Text { together, ..Text::new(first, Asks::Note) }));
        }
    }
    Vec::new()
}

/// Asks for the reason that closes all that are marked.
pub(super) fn close(model: &mut Model, at: Time) -> Vec<Effect> {
    if hides_some(model, at) {
        return Vec::new();
    }
    match reasons(model) {
        Ok(choose) => model.prompt = choose.map(Prompt::Choose),
        Err(why) => model.say(at, ToastState::Failed, why),
    }
    Vec::new()
}

/// The reasons that close all that are marked, if some are.
///
/// # Errors
/// Why none of them is closed together with others.
pub(super) fn reasons(model: &Model) -> Result<Option<Choose>, String> {
    let all = of_marked(model);
    let me = &model.settings.operator;
    let mut stay: Vec<String> = all.iter().filter_map(|it| ends_by_itself(it, me)).collect();
    if !stay.is_empty() && stay.len() == all.len() {
        return Err(stay.swap_remove(0));
    }
    let together = || all.iter().map(|it| Seen::of(it)).collect();
    Ok(all.first().map(|first| choices::close_all(first, together())))
}

/// The reason is chosen: asks for the words, which what still fires needs.
pub(super) fn closing(model: &mut Model, at: Time, choose: Choose, reason: CloseReason) {
    let me = &model.settings.operator;
    let of = choose.together.iter().filter_map(|seen| model.board.get(&seen.id));
    let ends = of.filter(|it| ends_by_itself(it, me).is_none());
    let required = match ends.filter(|it| it.closing_needs_words(reason, at).is_some()).count() {
        0 => None,
        1 => Some("one of them still fires: say in words why it ends all the same".to_owned()),
        many => Some(format!("{many} of them still fire: say in words why they end all the same")),
    };
    let Some(first) = model.board.get(&choose.id) else { return };
    let asks = Asks::Closing { reason, required };
    model.prompt = Some(Prompt::Text(Text { together: choose.together, ..Text::new(first, asks) }));
}

/// Writes down about each what was asked once.
pub(super) fn write(model: &mut Model, at: Time, text: Text, entry: &Entry) -> Vec<Effect> {
    let deed = if matches!(entry, Entry::Closed { .. }) { Deed::Close } else { Deed::Note };
    let all = text.together.clone();
    record_all(model, at, deed, &all, entry, Some(Prompt::Text(text)))
}

/// Writes the same down about each that is still marked, and says together what became of it. What was typed stands there
/// again for those it is refused for.
pub(super) fn record_all(
    model: &mut Model,
    at: Time,
    deed: Deed,
    all: &[Seen],
    entry: &Entry,
    typed: Option<Prompt>,
) -> Vec<Effect> {
    let Marks { ids, contained, .. } = std::mem::take(&mut model.marks);
    model.marks = Marks { deed, ids, contained, typed: typed.map(Box::new), ..Marks::default() };
    let mut effects = Vec::new();
    for seen in all.iter().filter(|seen| model.marks.ids.contains(&seen.id)) {
        let incident = model.board.get(&seen.id).filter(|_| deed == Deed::Close);
        if let Some(why) = incident.and_then(|it| ends_by_itself(it, &model.settings.operator)) {
            model.marks.refused.push(why);
            continue;
        }
        let recording = Recording { of_marked: true, ..Recording::new(&seen.id, String::new()) };
        effects.push(model.recordings.begin(recording, seen.version, entry.clone()));
    }
    if effects.is_empty() && model.marks.refused.is_empty() {
        model.prompt = model.marks.typed.take().map(|typed| *typed);
        model.say(at, ToastState::Failed, "none of them is marked any more: nothing was written".to_owned());
        return effects;
    }
    together(model, at);
    effects
}
