//! What the engine tells by itself: incidents, sources, notices.

use crate::backend::Changes;
use crate::console::banner;
use crate::console::board::{Change, Sight};
use crate::console::effect::Effect;
use crate::console::model::{Banner, DARK_AFTER, Dark, Model, ToastState};
use crate::console::prompt::Prompt;
use crate::domain::action::{Action, Stage, Verb};
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::query::Asker;
use crate::domain::story;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// How many notices are kept for the banner.
const BANNERS: usize = 50;

pub(super) fn changed(model: &mut Model, at: Time, changes: &Changes) -> Vec<Effect> {
    let lost = model.board.lost.is_some();
    let stale = |model: &Model| model.board.watched().filter(|s| !s.state(at).sees()).count();
    let before = stale(model);
    let first = model.board.heard.is_none();
    let offered = model.board.watch.take().filter(|watch| watch.by == model.settings.operator);
    let handed = model.board.handed.clone();
    let moved = model.board.absorb(changes, at);
    if let (Some(_), Some(gave)) = (offered, &changes.handed)
        && handed.as_ref() != Some(gave)
        && gave.by == model.settings.operator
    {
        let to = Outside::new(gave.to.clone());
        model.say(at, ToastState::Done, format!("{} took the watch, and what you held", to.safe()));
    }
    model.news.note(&moved, at, first);
    note(model, at, &moved);
    if before != stale(model) {
        model.triage.reconsider(&model.board, at);
    }
    if let Some(Prompt::Confirm(confirm)) = &mut model.prompt
        && let Some(incident) = model.board.get(&confirm.id)
    {
        confirm.compare(incident);
    }
    for change in &moved {
        if let Some(text) = failed_there(model, change) {
            model.say(at, ToastState::Failed, text);
        }
    }
    model.unloadable = None;
    model.reading.refused = false;
    let mut effects = notices(model, at, changes);
    if lost || model.board.catalogue.is_none() {
        effects.push(Effect::LoadCatalogue);
    }
    effects
}

/// Time alone has changed something: what was put off until now stands elsewhere.
pub(super) fn passed(model: &mut Model, at: Time) {
    let moved = model.board.pass(at);
    note(model, at, &moved);
}

fn note(model: &mut Model, at: Time, moved: &[Change]) {
    let asker = Asker { me: &model.settings.operator, now: at };
    for list in [&mut model.triage, &mut model.review] {
        for change in moved {
            list.note(change, &model.board, &asker);
        }
    }
}

/// What this operator asked a source and did not get.
fn failed_there(model: &Model, change: &Change) -> Option<String> {
    let was = change.was.as_ref()?;
    let now = model.board.get(&change.id)?;
    let mine = now.actions.values().rev().filter(|action| action.by == model.settings.operator);
    let failed = |action: &&Action| {
        let ended = matches!(action.stage, Stage::Refused | Stage::NotSent | Stage::Unknown);
        let before = was.actions.get(&action.id).map(|before| before.stage);
        matches!(action.plan.verb, Verb::Upstream { .. }) && ended && before != Some(action.stage)
    };
    let action = mine.into_iter().find(failed)?;
    let (what, word) = (story::brief(&action.plan), action.stage.word());
    Some(format!("{} {what} {word}: {}", change.id, action.detail.safe()))
}

/// Each notice is told once, whatever the feed repeats.
fn notices(model: &mut Model, at: Time, changes: &Changes) -> Vec<Effect> {
    let watched = model.is_watched(at);
    let mut effects = Vec::new();
    for (seq, raised, notice) in &changes.notices {
        if *seq <= model.told {
            continue;
        }
        model.told = *seq;
        // Whom it is not for need not be woken.
        let for_some = notice.kind == NoticeKind::Approval || notice.to.is_some();
        if for_some && !banner::matters(model, notice, at) {
            continue;
        }
        if notice.kind == NoticeKind::Unacknowledged {
            // It says what is already there: one line of it is enough.
            model.banners.retain(|older| !says_again(notice, &older.notice));
        }
        model.banners.push(Banner { seq: *seq, at: *raised, notice: notice.clone(), how: None });
        effects.push(Effect::Deliver { seq: Some(*seq), at: *raised, notice: notice.clone(), watched });
    }
    let old = model.banners.len().saturating_sub(BANNERS);
    model.banners.drain(..old);
    effects
}

/// Whether a notice that is repeated says what an older one said: of the same incident, or of several as well.
fn says_again(again: &Notice, older: &Notice) -> bool {
    let repeats =
        matches!(older.kind, NoticeKind::NewCritical | NoticeKind::Upgraded | NoticeKind::Unacknowledged);
    repeats && (again.incident.is_none() || again.incident == older.incident)
}

/// An engine that is gone cannot say so: the console raises that notice itself, once each time.
pub(super) fn darkness(model: &mut Model, sight: &Sight, at: Time) -> Option<Effect> {
    let Some(text) = banner::no_engine(sight) else {
        model.dark = None;
        return None;
    };
    let dark = model.dark.get_or_insert(Dark { since: at, told: false });
    if dark.told || at - dark.since < DARK_AFTER.delta() {
        return None;
    }
    dark.told = true;
    let notice = Notice::new(NoticeKind::Blind, None, Outside::new(text));
    Some(Effect::Deliver { seq: None, at, notice, watched: model.is_watched(at) })
}

/// The window's title: how many critical incidents, or that nobody can say.
pub(super) fn title(model: &Model, sight: &Sight) -> String {
    let critical = model.board.tally().critical;
    match sight {
        Sight::Connecting | Sight::NoSources if critical == 0 => "quell".to_owned(),
        // Nought would be a lie before anything was read.
        Sight::Reading(..) if critical == 0 => "? CRIT - quell".to_owned(),
        Sight::Frozen(..) => format!("LEDGER, {critical} CRIT - quell"),
        Sight::Lost(..) | Sight::Stalled(_) => format!("DOWN, {critical} CRIT - quell"),
        Sight::Blind => format!("BLIND, {critical} CRIT - quell"),
        _ => format!("{critical} CRIT - quell"),
    }
}
