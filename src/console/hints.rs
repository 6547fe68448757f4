//! The keys that work now, the likeliest first.

use std::collections::BTreeSet;

use crate::domain::text::Width;

mod asked;
mod extent;
mod further;
mod together;

use asked::asked;
use further::further;

use super::approvals;
use super::board::Board;
use super::command::Command;
use super::editing;
use super::list::List;
use super::model::{Model, Screen};
use super::page;
use super::page::handover::hours;
use super::prompt::roles;
use super::tape::{self, Tape};
use crate::backend::ActionsNow;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::query::Asker;
use crate::domain::time::Time;

/// What Esc does while only some are shown.
const SHOW_ALL: &str = "show all";

/// A key and the word beside it.
pub type Hint = (String, String);

/// A key and the word beside it.
pub fn hint(key: &str, word: &str) -> Hint {
    (key.to_owned(), word.to_owned())
}

/// The keys of a form that asks whether what was typed is thrown away.
pub fn discard() -> Vec<Hint> {
    vec![hint("y", "discard"), hint("n", "keep it")]
}

/// Cells between two hints.
const GAP: usize = 2;
/// Below so many cells a verb is worth more than a second way to all of them.
const NARROW: usize = 60;

/// As many of the keys that work now as fit in so many cells, the likeliest first; none is cut. The keys that show all
/// of them stand at the end, whatever else has to go.
pub fn fitting(model: &Model, now: Time, cells: usize) -> Vec<Hint> {
    let wide = |(key, word): &Hint| key.width() + 1 + word.width() + GAP;
    let mut left = cells + GAP;
    let mut fits = |hint: &Hint| {
        let there = wide(hint) <= left;
        left -= if there { wide(hint) } else { 0 };
        there
    };
    let seen_again = matches!(model.tape, Tape::Replay(_));
    let mut last = if model.prompt.is_none() && !seen_again { ways_to_all(model) } else { Vec::new() };
    // On a narrow screen only the help is kept: it names the command line as well.
    let later = last.split_off(last.len().min(if cells < NARROW { 1 } else { 2 }));
    last.retain(|hint| fits(hint));
    let mut out: Vec<Hint> = hints(model, now).into_iter().filter(|hint| fits(hint)).collect();
    out.extend(last);
    out.extend(later.into_iter().filter(|hint| fits(hint)));
    out
}

/// The keys that show every key and every command.
fn ways_to_all(model: &Model) -> Vec<Hint> {
    let keymap = &model.settings.keymap;
    let help = (keymap.key(Command::Help), "keys".to_owned());
    let all = (keymap.key(Command::CommandLine), "all".to_owned());
    let on_help = matches!(model.screen, Screen::Help { .. });
    [(!on_help, help), (true, all)]
        .into_iter()
        .filter(|(there, (key, _))| *there && !key.is_empty())
        .map(|(_, hint)| hint)
        .collect()
}

/// The keys that work now, those that show all of them aside.
pub fn hints(model: &Model, now: Time) -> Vec<Hint> {
    if let Tape::Replay(playing) = model.tape {
        return tape::hints(playing);
    }
    if let Some(prompt) = &model.prompt {
        let mut out = asked(model, prompt, now);
        if editing::hand_out(prompt).is_some() {
            out.push(hint(editing::KEY, "$EDITOR"));
        }
        return out;
    }
    let mut out = Vec::new();
    let mut add = |command: Command, word: Option<String>| {
        let key = model.settings.keymap.key(command);
        let word = word.or_else(|| command.entry().map(|entry| entry.hint.to_owned()));
        if let Some(word) = word.filter(|_| !key.is_empty()) {
            out.push((key, word));
        }
    };
    let marked = model.marks.ids.len();
    if marked > 0 && model.screen == Screen::Triage {
        add(Command::Contain, Some(format!("contain {marked} marked")));
        add(Command::Acknowledge, Some("ack them".to_owned()));
        add(Command::Note, Some("note".to_owned()));
        add(Command::Snooze, Some("snooze".to_owned()));
        add(Command::Close, Some("close".to_owned()));
        add(Command::Merge, Some("merge here".to_owned()));
        add(Command::Mark, Some("mark".to_owned()));
        // Where room is short, how they are cleared is worth more than what else they are good for.
        out.insert(out.len().min(2), (model.settings.keymap.takes_back(), "clear marks".to_owned()));
        return out;
    }
    if model.offered_to_me().is_some() {
        add(Command::Watch, Some("take the watch".to_owned()));
    }
    let approvable = approvals::for_me(model, now).len();
    if approvable > 0 && model.screen != Screen::Approvals {
        let count = if approvable > 1 { format!(" ({approvable})") } else { String::new() };
        add(Command::Approve, Some(format!("approve{count}")));
    }
    looking(model, now, &mut add);
    if let Some(fold) = model.list().and_then(List::fold) {
        add(
            Command::Open,
            Some(if fold.open { "fold them".to_owned() } else { format!("show {}", fold.members.len()) }),
        );
        add(Command::Mark, Some("mark all".to_owned()));
    }
    if let Some(incident) = model.selected() {
        review(model, incident, &mut add);
        verbs(model, incident, now, &mut add);
        if model.list().is_some() {
            add(Command::Open, None);
        } else if !matches!(model.screen, Screen::PostMortem { .. }) {
            add(Command::Note, None);
        }
    }
    let filtered = match model.screen {
        Screen::Triage => model.triage.filter().is_some(),
        Screen::Ledger => !model.ledger.filter.is_empty(),
        _ => false,
    };
    if filtered {
        add(Command::Back, Some(SHOW_ALL.to_owned()));
    }
    match model.screen {
        Screen::Triage => {
            if model.board.tally().open() > 1 && model.triage.filter().is_none() {
                add(Command::Filter, None);
            }
        }
        _ => add(Command::Back, None),
    }
    if approvable == 0 && approvals::all(&model.board, now).iter().any(|it| it.is_open(now)) {
        add(Command::Approve, Some("approvals".to_owned()));
    }
    for command in further(model, now) {
        let word = (command == Command::NextScreen).then(|| "screens".to_owned());
        add(command, word);
    }
    if model.screen == Screen::Triage {
        add(Command::Back, Some("leave".to_owned()));
    }
    // Only this key of Back clears the filter first; the others leave at once.
    for (key, _) in out.iter_mut().filter(|(_, word)| word == SHOW_ALL) {
        *key = model.settings.keymap.takes_back();
    }
    let mut seen = BTreeSet::new();
    out.retain(|(key, _)| seen.insert(key.clone()));
    out
}

/// The keys of the screens that look back.
fn looking(model: &Model, now: Time, add: &mut impl FnMut(Command, Option<String>)) {
    let (less, more) = match model.screen {
        Screen::HandOver { .. } => {
            if model.offered_to_me().is_none() {
                add(Command::Watch, None);
            }
            let word = |by| model.handover.stepped(by).map(hours);
            (word(-1), word(1))
        }
        Screen::Approvals => {
            if !approvals::all(&model.board, now).is_empty() {
                add(Command::Open, Some("read the plan".to_owned()));
            }
            return;
        }
        Screen::Ledger => {
            for (command, word) in
                [(Command::Open, Some("whole record")), (Command::Verify, None), (Command::Filter, None)]
            {
                add(command, word.map(str::to_owned));
            }
            return;
        }
        Screen::Metrics { .. } => {
            let word = |by| model.measure.reach.stepped(by).map(|reach| reach.word().to_owned());
            (word(-1), word(1))
        }
        Screen::Sources { .. } => return add(Command::Refresh, None),
        _ => return,
    };
    for (command, word) in [(Command::Shorter, less), (Command::Longer, more)] {
        if word.is_some() {
            add(command, word);
        }
    }
}

/// What a review still needs comes first.
fn review(model: &Model, incident: &Incident, add: &mut impl FnMut(Command, Option<String>)) {
    if incident.phase != Phase::Review {
        return;
    }
    let review = &incident.review;
    let shown = matches!(model.screen, Screen::PostMortem { .. });
    if review.published.is_some() {
        add(Command::Phase, Some("close the review".to_owned()));
    }
    if shown {
        let word = if review.published.is_some() { "publish again" } else { "publish it" };
        add(Command::PostMortem, Some(word.to_owned()));
    }
    if review.root_cause.is_none() {
        add(Command::RootCause, None);
    }
    add(Command::Item, None);
    if review.items.iter().any(|item| item.done.is_none()) {
        add(Command::ItemDone, None);
    }
    if !shown {
        add(Command::PostMortem, None);
    }
}

/// Whether this person holds it.
fn is_mine(model: &Model, incident: &Incident) -> bool {
    incident.owner.as_ref().is_some_and(|owner| owner.name == model.settings.operator)
}

fn verbs(model: &Model, incident: &Incident, now: Time, add: &mut impl FnMut(Command, Option<String>)) {
    if incident.is_closed() {
        if incident.merged.is_some() {
            add(Command::Undo, Some("unmerge".to_owned()));
        }
        return;
    }
    if incident.has_unknown() || incident.unknown_postings().next().is_some() {
        add(Command::Settle, None);
    }
    if incident.snooze.is_some() {
        add(Command::Wake, None);
    }
    if let Some(role) = roles::offered_to(incident, &model.settings.operator) {
        add(Command::Roles, Some(format!("accept {}", role.word())));
    }
    let mine = is_mine(model, incident);
    let open = incident.phase.is_open();
    if open && !mine {
        add(Command::Acknowledge, incident.owner.as_ref().map(|_| "take over".to_owned()));
    }
    let applicable = playbooks(&model.board, incident, &model.settings.operator, now);
    if open && applicable > 0 {
        add(
            Command::Contain,
            Some(if applicable > 1 { format!("contain ({applicable})") } else { "contain".to_owned() }),
        );
    }
    if can_undo(incident) && model.board.actions == ActionsNow::On {
        add(Command::Undo, None);
    } else if !incident.taken_in.is_empty() {
        add(Command::Undo, Some("unmerge".to_owned()));
    } else if !incident.links.is_empty() {
        add(Command::Undo, Some("unlink".to_owned()));
    }
    if open && model.board.can().paths.iter().any(|path| !path.steps.is_empty()) {
        add(Command::Escalate, None);
    }
    if !model.board.can().bulletins.outlets.is_empty() && (open || !incident.open_series().is_empty()) {
        add(Command::Bulletin, None);
    }
}

/// How many playbooks could be carried out for an incident.
fn playbooks(board: &Board, incident: &Incident, me: &str, now: Time) -> usize {
    if board.actions != ActionsNow::On {
        return 0;
    }
    let asker = Asker { me, now };
    let stale = board.is_stale(incident, now);
    board.can().playbooks.iter().filter(|playbook| incident.matches(&playbook.when, &asker, stale)).count()
}

/// Whether something that was done about the incident could be undone.
pub(super) fn can_undo(incident: &Incident) -> bool {
    incident.actions.values().any(page::detail::can_undo)
}
