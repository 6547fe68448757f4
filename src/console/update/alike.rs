//! The same about all that are marked: asked once, written down about each by itself.

use std::sync::Arc;

use super::bulk::{named, refuses_hidden, together};
use super::choices;
use crate::console::board::Board;
use crate::console::bulk::over;
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
    if !refuses_hidden(model, at) {
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
    if refuses_hidden(model, at) {
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

/// Why words are needed to close these, if they are: some still fire.
fn words_for(board: &Board, me: &str, of: &[Seen], reason: CloseReason, at: Time) -> Option<String> {
    let ends = of.iter().filter_map(|seen| board.get(&seen.id)).filter(|it| ends_by_itself(it, me).is_none());
    match ends.filter(|it| it.closing_needs_words(reason, at).is_some()).count() {
        0 => None,
        1 => Some("one of them still fires: say in words why it ends all the same".to_owned()),
        many => Some(format!("{many} of them still fire: say in words why they end all the same")),
    }
}

/// What is asked about all that are marked is asked about those that still are. Where none is left it stays as it was
/// asked, so that nothing that was typed is lost, and nothing is written.
pub(super) fn leave_out(model: &mut Model, at: Time) {
    let (board, marks, me) = (&model.board, &model.marks.ids, &model.settings.operator);
    let (id, seen, together, error) = match &mut model.prompt {
        Some(Prompt::Text(it)) => (&mut it.id, &mut it.seen, &mut it.together, &mut it.error),
        Some(Prompt::Choose(it)) => (&mut it.id, &mut it.seen, &mut it.together, &mut it.error),
        _ => return,
    };
    let (left, out): (Vec<Seen>, Vec<Seen>) = together.drain(..).partition(|it| marks.contains(&it.id));
    let Some(first) = left.first().filter(|_| !out.is_empty()) else {
        // In the order in which they were asked about: none is left, or all are.
        together.extend(left.into_iter().chain(out));
        return;
    };
    (*id, *seen) = (first.id.clone(), first.version);
    let why = |it: &Seen| {
        over(board.get(&it.id).map(AsRef::as_ref)).unwrap_or_else(|| "not marked any more".to_owned())
    };
    let out: Vec<String> = out.iter().map(|it| format!("{} {}", it.id, why(it))).collect();
    *error = Some(format!("left out: {}", named(&out)));
    *together = left;
    if let Some(Prompt::Text(Text { asks: Asks::Closing { reason, required }, together, .. })) =
        &mut model.prompt
    {
        *required = words_for(board, me, together, *reason, at);
    }
}

/// The reason is chosen: asks for the words, which what still fires needs.
pub(super) fn closing(model: &mut Model, at: Time, choose: Choose, reason: CloseReason) {
    let required = words_for(&model.board, &model.settings.operator, &choose.together, reason, at);
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
