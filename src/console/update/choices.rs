//! What one of several is chosen from.

use super::reopening;
use crate::console::applying::{NO_PLAYBOOK, fits_a_playbook};
use crate::console::model::Model;
use crate::console::page::gates;
use crate::console::prompt::{Choice, Choose, Picked};
use crate::domain::action::ActionId;
use crate::domain::category::Category;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::record::CloseReason;
use crate::domain::severity::Severity;
use crate::domain::story;
use crate::domain::tie::Seen;
use crate::domain::time::Time;

impl Choice {
    pub(super) fn plain(picked: Picked, title: &str, says: &str) -> Self {
        Self { picked, title: title.to_owned(), says: says.to_owned(), more: Vec::new(), barred: None }
    }
}

pub(super) fn choose(incident: &Incident, title: &str, choices: Vec<Choice>, at: usize) -> Choose {
    let (id, seen) = (incident.id.clone(), incident.version);
    let (title, together) = (title.to_owned(), Vec::new());
    Choose { id, seen, together, title, choices, at, down: 0, error: None, typed: None }
}

pub(super) fn severity(incident: &Incident) -> Choose {
    let says = |severity| match severity {
        Severity::Critical => "trading, authentication, tokens or funds unavailable",
        Severity::High => "a major flow degraded, a workaround exists",
        Severity::Normal => "the rest",
    };
    let choice =
        |severity: Severity| Choice::plain(Picked::Severity(severity), severity.word(), says(severity));
    let here = Severity::ALL.iter().position(|severity| *severity == incident.severity);
    choose(incident, "severity", Severity::ALL.map(choice).into(), here.unwrap_or(0))
}

pub(super) fn category(incident: &Incident) -> Choose {
    let says = |category| match category {
        Category::UnauthorizedAccess => "somebody is where they may not be",
        Category::Anomaly => "abnormal trading or system behaviour",
        Category::Outage => "something does not answer",
        Category::Integrity => "data or configuration is wrong",
        Category::Integration => "an API or webhook between us and others",
    };
    let choice =
        |category: Category| Choice::plain(Picked::Category(category), category.word(), says(category));
    let here = Category::ALL.iter().position(|category| *category == incident.category);
    choose(incident, "category", Category::ALL.map(choice).into(), here.unwrap_or(0))
}

pub(super) fn phase(incident: &Incident, now: Time) -> Choose {
    let choice = |phase: Phase| {
        let missing = incident.missing_for(phase, now);
        let words: Vec<&str> = missing.into_iter().map(gates::name).collect();
        let says = match () {
            () if incident.is_closed() => reopening::says("opens it again", incident, phase, now),
            () if phase < incident.phase => "back".to_owned(),
            () if !words.is_empty() => format!("needs {}", words.join(", ")),
            () if phase == Phase::Review => "resolves it".to_owned(),
            () if phase == Phase::Closed => "ends the review".to_owned(),
            () => "nothing is missing".to_owned(),
        };
        Choice::plain(Picked::Phase(phase), phase.title(), &says)
    };
    let reachable = |phase: &Phase| match (incident.phase, *phase) {
        (Phase::Closed, phase) => incident.closed_in().is_ok_and(|before| phase <= before),
        (here, Phase::Closed) => here == Phase::Review,
        (here, phase) => phase != here,
    };
    let others = Phase::ALL.into_iter().filter(reachable);
    let choices: Vec<Choice> = others.map(choice).collect();
    let next = Phase::ALL.into_iter().filter(|phase| *phase < incident.phase).count();
    let at = next.min(choices.len().saturating_sub(1));
    choose(incident, "phase", choices, at)
}

pub(super) fn close(incident: &Incident) -> Choose {
    let says = |reason| match reason {
        CloseReason::Resolved if incident.phase == Phase::Review => "the review is done",
        CloseReason::Resolved => "handled; goes to Review",
        CloseReason::FalseAlarm => "nothing was wrong",
        CloseReason::Duplicate => "another incident carries it",
        CloseReason::Cleared => "its signals went away",
    };
    let choice = |reason: CloseReason| Choice::plain(Picked::Reason(reason), reason.word(), says(reason));
    choose(incident, "close", CloseReason::ALL.map(choice).into(), 0)
}

/// The reasons that close all that are marked; each is resolved by itself, for each needs what is its own.
pub(super) fn close_all(first: &Incident, together: Vec<Seen>) -> Choose {
    let mut all = close(first);
    for choice in &mut all.choices {
        if choice.picked == Picked::Reason(CloseReason::Resolved) {
            choice.barred = Some("each needs its own checklist: resolve it by itself".to_owned());
        }
    }
    // None: a key that is held down closes nothing.
    all.at = all.choices.len();
    Choose { together, ..all }
}

/// How the gate of Contain is met; where no playbook applies, only by saying why.
pub(super) fn containment(model: &Model, incident: &Incident, now: Time) -> Choose {
    let says = "shown first, then confirmed; counts once verified";
    let mut run = Choice::plain(Picked::Playbook, "run a playbook", says);
    run.barred = (!fits_a_playbook(&model.board, incident, model, now)).then(|| NO_PLAYBOOK.to_owned());
    let none = Choice::plain(Picked::NothingToContain, "none needed", "say why");
    let at = usize::from(run.barred.is_some());
    choose(incident, "containment", vec![run, none], at)
}

/// What becomes of a containment in force.
pub(super) fn undecided(incident: &Incident, action: ActionId) -> Choose {
    let can = incident.actions.get(&action).is_some_and(|action| action.plan.undone_by.is_some());
    let mut undo = Choice::plain(Picked::Undo(action), "undo it", "shown first, then confirmed");
    undo.barred = (!can).then(|| "its playbook has no undo".to_owned());
    let keep = Choice::plain(Picked::Keep(action), "keep it in force", "on purpose: say why");
    choose(incident, &what(incident, action), vec![undo, keep], usize::from(!can))
}

pub(super) fn what(incident: &Incident, action: ActionId) -> String {
    incident.actions.get(&action).map(|action| story::what(&action.plan)).unwrap_or_default()
}
