//! Why those that are marked cannot be contained together, as far as the console can know without asking the engine.

use crate::console::applying::NO_PLAYBOOK;
use crate::console::model::Model;
use crate::domain::incident::Incident;
use crate::domain::playbook::{MOST_TARGETS, Playbook};
use crate::domain::query::Asker;
use crate::domain::time::Time;

/// What is said while others are being contained.
pub const UNDER_WAY: &str = "a bulk is under way; it must end first";

/// Why nothing contains so many at once: each is asked about by itself, and that may ask other machines.
pub fn too_many(marked: usize) -> Option<String> {
    let is_more = u32::try_from(marked).map_or(true, |all| all > MOST_TARGETS);
    is_more.then(|| format!("no playbook takes {marked} at once: {MOST_TARGETS} at most; clear some marks"))
}

/// Why a playbook is not taken for so many of them.
pub fn barred(playbook: &Playbook, targets: usize) -> Option<String> {
    let alone = match (playbook.max_targets, targets) {
        (_, 1) => None,
        (0 | 1, _) => Some("it takes one target at a time (max_targets)".to_owned()),
        _ => playbook.takes(targets).err(),
    };
    let second = "it needs a second person, for each by itself";
    alone.or_else(|| (playbook.approvals > 0).then(|| second.to_owned()))
}

/// Why nothing can be chosen for those that are left.
pub fn none_for(left: usize) -> String {
    match left {
        1 => "no playbook applies to the one that is left".to_owned(),
        left => format!("no playbook applies to all {left} incidents"),
    }
}

/// Why those that are marked cannot be contained, if so.
pub fn why_not(model: &Model, now: Time) -> Option<String> {
    let marked = model.marks.ids.len();
    if model.run.is_some() {
        return Some(UNDER_WAY.to_owned());
    }
    if let Some(why) = too_many(marked) {
        return Some(why);
    }
    let known = &model.board.catalogue.as_ref()?.playbooks;
    let asker = Asker { me: &model.settings.operator, now };
    let all = model.marks.ids.iter().filter_map(|id| model.board.get(id));
    // A single one is contained by itself, also in Review.
    let left: Vec<&Incident> =
        all.map(AsRef::as_ref).filter(|it| marked == 1 || it.closed.is_none()).collect();
    let of_all = |it: &&Playbook| left.iter().all(|incident| incident.matches(&it.when, &asker, false));
    let fitting: Vec<&Playbook> = known.iter().filter(of_all).collect();
    match (left.len(), fitting.as_slice()) {
        (0, _) => Some("all that are marked are closed".to_owned()),
        (_, []) if marked == 1 => Some(NO_PLAYBOOK.to_owned()),
        (left, []) => Some(none_for(left)),
        _ if marked == 1 => None,
        (left, [first, others @ ..]) => {
            let why = barred(first, left)?;
            others.iter().all(|it| barred(it, left).is_some()).then_some(why)
        }
    }
}
