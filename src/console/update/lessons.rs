//! What is learnt in a review: its forms, the post-mortem, and publishing it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{answers, verbs};
use crate::backend::{Refusal, RefusalKind};
use crate::console::chord::Chord;
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::fields::Did;
use crate::console::guard::Guard;
use crate::console::lesson::{Lesson, LessonForm};
use crate::console::model::{Model, Screen, ToastState};
use crate::console::prompt::{Agree, Agreement, Prompt};
use crate::console::recording::Recording;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::postmortem;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// What a key of the review does; why it does nothing, if so.
pub(super) fn verb(model: &mut Model, incident: &Incident, command: Command) -> Result<(), String> {
    let id = &incident.id;
    let closed = incident.is_closed();
    let lesson = match command {
        Command::RootCause | Command::Item if closed => {
            return Err(format!("{id} is closed; only notes can be added, and items be done"));
        }
        Command::RootCause => Lesson::Cause,
        Command::Item => Lesson::Item,
        Command::ItemDone => {
            if incident.review.items.iter().all(|item| item.done.is_some()) {
                return Err(format!("{id} has no action item that is not done"));
            }
            Lesson::Done
        }
        _ => return post_mortem(model, incident),
    };
    model.prompt = Some(Prompt::Lesson(Box::new(LessonForm::new(incident, lesson))));
    Ok(())
}

/// Shows the post-mortem; where it is shown, asks whether to publish it.
fn post_mortem(model: &mut Model, incident: &Incident) -> Result<(), String> {
    let id = incident.id.clone();
    if !matches!(model.screen, Screen::PostMortem { .. }) {
        model.visit(Screen::PostMortem { id, top: 0 });
        return Ok(());
    }
    if incident.phase != Phase::Review {
        return Err(format!(
            "a post-mortem is published in Review, and {id} is in {}",
            incident.phase.title()
        ));
    }
    let news = Vec::new();
    let markdown = shown(model, &id).ok_or("its records are not read yet; press it again".to_owned())?;
    model.prompt = Some(Prompt::Agree(Box::new(Agree::new(Agreement::Publish { id, markdown, news }))));
    Ok(())
}

/// The post-mortem as it is shown.
fn shown(model: &Model, id: &IncidentId) -> Option<String> {
    let detail = model.read_whole(id)?;
    Some(postmortem::markdown(&detail.incident, &detail.records, &detail.earlier))
}

/// Its records were read again. Where the page says something else now, that is shown, and Enter counts anew.
pub(super) fn read_again(model: &mut Model) {
    let Some(Prompt::Agree(agree)) = &model.prompt else { return };
    let Agreement::Publish { id, .. } = &agree.to else { return };
    let Some(now) = shown(model, id) else { return };
    if let Some(Prompt::Agree(agree)) = &mut model.prompt
        && let Agreement::Publish { markdown, news, .. } = &mut agree.to
        && !agree.guard.sent
        && *markdown != now
    {
        let before: BTreeSet<&str> = markdown.lines().collect();
        news.extend(now.lines().filter(|line| !before.contains(line)).map(str::to_owned));
        *markdown = now;
        agree.guard = Guard::anew();
    }
}

/// A key in a form of the review.
pub(super) fn filling(model: &mut Model, at: Time, chord: Chord, mut form: Box<LessonForm>) -> Vec<Effect> {
    match form.fields.press(chord, model.size.cols) {
        Did::Left => return Vec::new(),
        Did::Stayed => form.error = None,
        Did::Finished => {
            let Some(incident) = model.board.get(&form.id) else { return Vec::new() };
            match form.entry(incident, at, &model.board.can().calendar) {
                Ok((entry, done)) => {
                    let (seen, recording) = (form.seen, Recording::new(&form.id, done));
                    return verbs::record(model, at, seen, entry, recording.typed(Prompt::Lesson(form)));
                }
                Err((key, why)) => {
                    form.fields.go_to(key);
                    form.error = Some(Outside::new(why));
                }
            }
        }
    }
    model.prompt = Some(Prompt::Lesson(form));
    Vec::new()
}

/// Cells that stand before what a toast says.
const TOAST: usize = 13;

/// The end of a path of which not all fits: its name matters most.
fn ending(path: &str, cells: usize) -> String {
    let all = path.chars().count();
    if all <= cells {
        return path.to_owned();
    }
    std::iter::once('…').chain(path.chars().skip(all + 1 - cells.max(1))).collect()
}

/// What became of publishing.
pub(super) fn published(
    model: &mut Model,
    at: Time,
    id: &IncidentId,
    answer: Result<(Arc<Incident>, String), Refusal>,
) -> Vec<Effect> {
    let of = |agree: &Agree| matches!(&agree.to, Agreement::Publish { id: it, .. } if it == id);
    let mine = matches!(&model.prompt, Some(Prompt::Agree(agree)) if of(agree));
    match answer {
        Ok((incident, file)) => {
            answers::learn(model, at, &incident);
            if mine {
                model.prompt = None;
            }
            let said = format!("{id} is published: ");
            let room = usize::from(model.size.cols).saturating_sub(said.chars().count() + TOAST);
            model.say(at, ToastState::Done, format!("{said}{}", ending(&file, room)));
        }
        Err(refusal) => {
            answers::disagreed(model, at, mine, &refusal);
            if refusal.kind == RefusalKind::Changed {
                // Whatever was read says something else by now, also where no record of this incident does.
                model.detail.take_if(|detail| detail.incident.id == *id);
                model.reading.forget(id);
            }
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn a_long_path_keeps_its_end() {
        for (cells, shown) in
            [(20, "/var/demo/ANA-8.md"), (18, "/var/demo/ANA-8.md"), (9, "…ANA-8.md"), (0, "…")]
        {
            assert_eq!(ending("/var/demo/ANA-8.md", cells), shown);
        }
    }
}
