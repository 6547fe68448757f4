//! Why a command does nothing here, as far as the console can know without asking the engine.

use super::board::Board;
use super::bulk::fitting;
use super::command::Command;
use super::hints::{can_undo, is_mine};
use super::ledger::Check;
use super::links::{self, Aim};
use super::list::List;
use super::model::{Model, Screen};
use super::page::own;
use super::phrase::{Named, Phrase};
use super::views;
use crate::domain::deadline::DeadlineKind;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::query::Asker;
use crate::domain::time::Time;

/// Why nothing contains it.
pub const NO_PLAYBOOK: &str = "no playbook applies to it";

/// Why what a name stands for does nothing here, if so.
pub fn why_not(model: &Model, named: Named, now: Time) -> Option<String> {
    match named {
        Named::Command(command) => command_why_not(model, command, now),
        Named::Phrase(phrase) => phrase_why_not(model, phrase, now),
    }
}

/// Why a command does nothing here, if so.
pub fn command_why_not(model: &Model, command: Command, now: Time) -> Option<String> {
    let list = model.list();
    match command {
        Command::Open => match model.screen {
            Screen::Ledger => unless(model.ledger.at_cursor().is_some(), "no record is selected"),
            Screen::Approvals => unless(
                !super::approvals::all(&model.board, now).is_empty(),
                "nothing waits for a second person",
            ),
            _ if list.is_none() => unless(false, "only on a list"),
            _ => unless(list.is_some_and(|list| list.on.is_some()), NOTHING_SELECTED),
        },
        Command::View(key) => {
            let saved = views::of_key(&model.settings.views, key).is_some();
            unless(saved, &format!("no [[view]] has key = {key}"))
        }
        Command::ViewAll => {
            unless(model.triage.filter().is_some() || model.screen != Screen::Triage, "nothing is filtered")
        }
        Command::Shorter | Command::Longer => unless(
            matches!(model.screen, Screen::HandOver { .. } | Screen::Metrics { .. }),
            "only on Hand-over and Metrics",
        ),
        Command::Verify => {
            unless(!matches!(model.ledger.check, Some(Check::Running(_))), "it is being checked already")
        }
        _ if is_shown(&model.screen, command) => unless(false, "it is on the screen"),
        Command::Mark if model.screen != Screen::Triage => unless(false, "only on Triage"),
        Command::Wake if model.means_all_marked() => {
            let mut marked = model.marks.ids.iter().filter_map(|id| model.board.get(id));
            unless(marked.any(|it| it.snooze.is_some()), "none that is marked is snoozed")
        }
        Command::Contain if model.means_all_marked() => fitting::why_not(model, now),
        _ if command.means_marked() && model.means_all_marked() => None,
        Command::Mark if list.is_some_and(|list| list.fold().is_some()) => None,
        Command::Copy | Command::Explain => selected(model).err(),
        Command::OpenRunbook => selected(model).err().or_else(|| links::shown(model, Aim::Runbook).err()),
        Command::OpenSource => selected(model).err().or_else(|| links::shown(model, Aim::Source).err()),
        _ if command.is_verb() => match selected(model) {
            Ok(incident) => verb_why_not(model, incident, command, now),
            Err(why) => Some(why),
        },
        _ => None,
    }
}

/// Whether a command does something here: as much as that there is no reason why not, which is not put into words.
pub fn applies(model: &Model, command: Command, now: Time) -> bool {
    let said = || command_why_not(model, command, now).is_none();
    let there = match (command, model.selected()) {
        _ if model.means_all_marked() => said(),
        (Command::OpenRunbook, Some(_)) => links::leads(model, Aim::Runbook),
        (Command::OpenSource, Some(_)) => links::leads(model, Aim::Source),
        (Command::OpenRunbook | Command::OpenSource | Command::Copy | Command::Explain, None) => false,
        (Command::HandBack, Some(incident)) => !incident.is_closed() && is_mine(model, incident),
        (Command::Mark, None) => said(),
        (command, None) if command.is_verb() => false,
        _ => said(),
    };
    debug_assert_eq!(there, said(), "{command:?}");
    there
}

/// Whether a command leads to where one is.
fn is_shown(screen: &Screen, command: Command) -> bool {
    match command {
        Command::Triage => *screen == Screen::Triage,
        Command::Review => *screen == Screen::Review,
        Command::HandOver => matches!(screen, Screen::HandOver { .. }),
        Command::Metrics => matches!(screen, Screen::Metrics { .. }),
        Command::Monitors => matches!(screen, Screen::Monitors { .. }),
        Command::Sources => matches!(screen, Screen::Sources { .. }),
        Command::Ledger => *screen == Screen::Ledger,
        Command::Help => matches!(screen, Screen::Help { .. }),
        _ => false,
    }
}

fn unless(there: bool, says: &str) -> Option<String> {
    (!there).then(|| says.to_owned())
}

/// What its phase says against a verb: `is in Review: nobody needs to hold it any more`.
pub fn too_late(incident: &Incident, command: Command) -> Option<String> {
    let says = match command {
        Command::Acknowledge => "nobody needs to hold it any more",
        Command::Snooze => "there is nothing to snooze",
        _ => return None,
    };
    (!incident.phase.is_open()).then(|| format!("is in {}: {says}", incident.phase.title()))
}

const NOTHING_SELECTED: &str = "nothing is selected";

/// The incident a verb would act on.
fn selected(model: &Model) -> Result<&Incident, String> {
    model.selected().ok_or_else(|| match model.list().and_then(List::fold) {
        Some(fold) => {
            let key = model.settings.keymap.key(Command::Open);
            format!("the row is {} incidents: {key} shows them", fold.members.len())
        }
        None => NOTHING_SELECTED.to_owned(),
    })
}

fn verb_why_not(model: &Model, incident: &Incident, command: Command, now: Time) -> Option<String> {
    let closed = || incident.is_closed().then(|| "it is closed".to_owned());
    let catalogue = model.board.catalogue.as_ref();
    match command {
        Command::Acknowledge | Command::Snooze => too_late(incident, command).map(|why| format!("it {why}")),
        Command::Wake => unless(incident.snooze.is_some(), "it is not snoozed"),
        Command::Contain => unless(fits_a_playbook(&model.board, incident, model, now), NO_PLAYBOOK),
        Command::Upstream => unless(!incident.sources().is_empty(), "it came from no source"),
        Command::Undo => {
            let tied =
                incident.merged.is_some() || !incident.taken_in.is_empty() || !incident.links.is_empty();
            let held = not_yours(model, incident).is_none() && !incident.is_closed();
            let ended = incident.closed_in().is_ok();
            unless(
                tied || held || ended || incident.snooze.is_some() || can_undo(incident),
                "nothing about it can be undone",
            )
        }
        Command::Escalate => {
            unless(catalogue.is_none_or(|all| !all.paths.is_empty()), "no [[path]] is configured")
        }
        Command::Bulletin => unless(
            catalogue.is_some_and(|all| !all.bulletins.outlets.is_empty()),
            "no [[bulletin]] is configured",
        ),
        Command::Settle => {
            let unknown = incident.has_unknown() || incident.unknown_postings().next().is_some();
            unless(unknown, "nothing about it is UNKNOWN")
        }
        Command::Phase if incident.is_closed() => incident.closed_in().err().map(|why| why.0),
        Command::Phase | Command::Close | Command::RootCause | Command::Item => closed(),
        Command::HandBack => closed().or_else(|| not_yours(model, incident)),
        Command::Merge => incident.may_be_merged(now).err().map(|why| why.0).or_else(|| {
            let other = |it: &Incident| it.id != incident.id && it.may_take_in().is_ok();
            unless(model.board.ranked().any(|it| other(it)), "nothing else is open")
        }),
        Command::ItemDone => unless(
            incident.review.items.iter().any(|item| item.done.is_none()),
            "no action item of it is open",
        ),
        Command::PostMortem if matches!(model.screen, Screen::PostMortem { .. }) => {
            unless(incident.phase == Phase::Review, "published in Review only")
        }
        _ => None,
    }
}

/// Why it is not this person's to give back.
fn not_yours(model: &Model, incident: &Incident) -> Option<String> {
    match &incident.owner {
        None => Some("nobody holds it".to_owned()),
        Some(owner) if owner.name != model.settings.operator => {
            Some(format!("{} holds it", own(&owner.name)))
        }
        Some(_) => None,
    }
}

/// Whether anything that contains applies to it.
pub fn fits_a_playbook(board: &Board, incident: &Incident, model: &Model, now: Time) -> bool {
    let asker = Asker { me: &model.settings.operator, now };
    let fits = |when| incident.matches(when, &asker, false);
    board.catalogue.as_ref().is_none_or(|all| all.playbooks.iter().any(|playbook| fits(&playbook.when)))
}

fn phrase_why_not(model: &Model, phrase: Phrase, now: Time) -> Option<String> {
    let incident = match selected(model) {
        Ok(incident) => incident,
        Err(why) => return Some(why),
    };
    let due = incident.met_by_word();
    match phrase {
        Phrase::Done => unless(!due.is_empty(), "nothing is due that a word could end"),
        Phrase::Callout => {
            unless(due.iter().any(|due| due.kind == DeadlineKind::Callout), "no callout is due")
        }
        Phrase::Merge => incident.may_be_merged(now).err().map(|why| why.0),
        Phrase::Unmerge => {
            unless(incident.merged.is_some() || !incident.taken_in.is_empty(), "nothing was merged into it")
        }
        Phrase::Unlink => unless(!incident.links.is_empty(), "it is linked to nothing"),
        Phrase::Timer | Phrase::Hypothesis | Phrase::Role | Phrase::Link => None,
    }
}
