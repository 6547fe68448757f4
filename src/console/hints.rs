//! The keys that work now, the likeliest first.

use std::borrow::Cow;

use crate::domain::text::Width;

mod asked;
mod extent;
mod further;
mod together;

use asked::asked;
use further::further;

use super::applying::applies;
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
pub fn fitting(model: &Model, now: Time, cells: usize) -> Vec<Shown<'_>> {
    let mut keys = Keys::new(model, cells + GAP);
    let seen_again = matches!(model.tape, Tape::Replay(_));
    let mut last = if model.prompt.is_none() && !seen_again { ways_to_all(model) } else { Vec::new() };
    // On a narrow screen only the help is kept: it names the command line as well.
    let mut later = last.split_off(last.len().min(if cells < NARROW { 1 } else { 2 }));
    last.retain(|(key, word)| keys.takes(key, word));
    working(&mut keys, now);
    later.retain(|(key, word)| keys.takes(key, word));
    let mut out = keys.out;
    out.append(&mut last);
    out.append(&mut later);
    out
}

/// The keys that work now, those that show all of them aside.
pub fn hints(model: &Model, now: Time) -> Vec<Hint> {
    let mut keys = Keys::new(model, usize::MAX);
    working(&mut keys, now);
    keys.out.into_iter().map(|(key, word)| (key.into_owned(), word.into_owned())).collect()
}

/// A key and the word beside it, while it is drawn.
pub type Shown<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Those that have room, the likeliest first.
struct Keys<'a> {
    model: &'a Model,
    left: usize,
    /// The keys that were named, with room or without: what else they do comes later.
    named: Vec<&'a str>,
    out: Vec<Shown<'a>>,
}

impl<'a> Keys<'a> {
    fn new(model: &'a Model, left: usize) -> Self {
        Self { model, left, named: Vec::new(), out: Vec::new() }
    }

    /// The cells that one takes, if there are so many.
    fn room(&self, key: &str, word: &str) -> Option<usize> {
        Some(key.width() + 1 + word.width() + GAP).filter(|wide| *wide <= self.left)
    }

    /// Whether one has room, which is taken then.
    fn takes(&mut self, key: &str, word: &str) -> bool {
        let room = self.room(key, word);
        self.left -= room.unwrap_or(0);
        room.is_some()
    }

    /// One that is named whatever was named before.
    fn put(&mut self, key: Cow<'a, str>, word: Cow<'a, str>) {
        if self.takes(&key, &word) {
            self.out.push((key, word));
        }
    }

    fn name(&mut self, key: &'a str, word: Cow<'a, str>) {
        if !key.is_empty() && !self.named.contains(&key) {
            self.named.push(key);
            self.put(key.into(), word);
        }
    }

    /// A command by this word.
    fn say(&mut self, command: Command, word: impl Into<Cow<'a, str>>) {
        self.name(self.model.settings.keymap.written(command), word.into());
    }

    /// A command by the word of the table.
    fn add(&mut self, command: Command) {
        if let Some(entry) = command.entry() {
            self.say(command, entry.hint);
        }
    }

    /// A command that works here where it `applies`, which is not asked where there is no room for it: nothing further is named by its key.
    fn try_out(&mut self, command: Command, word: &'static str, applies: impl Fn() -> bool) {
        let key = self.model.settings.keymap.written(command);
        if self.room(key, word).is_some() && applies() {
            self.name(key, word.into());
        }
    }
}

/// The keys that show every key and every command.
fn ways_to_all(model: &Model) -> Vec<Shown<'_>> {
    let keymap = &model.settings.keymap;
    let on_help = matches!(model.screen, Screen::Help { .. });
    [(!on_help, Command::Help, "keys"), (true, Command::CommandLine, "all")]
        .into_iter()
        .map(|(there, command, word)| (there, keymap.written(command), word))
        .filter(|(there, key, _)| *there && !key.is_empty())
        .map(|(_, key, word)| (key.into(), word.into()))
        .collect()
}

fn working<'a>(keys: &mut Keys<'a>, now: Time) {
    let model = keys.model;
    let told = match (&model.tape, &model.prompt) {
        (Tape::Replay(playing), _) => tape::hints(*playing),
        (_, Some(prompt)) => {
            let mut out = asked(model, prompt, now);
            if editing::hand_out(prompt).is_some() {
                out.push(hint(editing::KEY, "$EDITOR"));
            }
            out
        }
        _ => return on_screen(keys, now),
    };
    told.into_iter().for_each(|(key, word)| keys.put(key.into(), word.into()));
}

fn on_screen<'a>(keys: &mut Keys<'a>, now: Time) {
    let model = keys.model;
    let marked = model.marks.ids.len();
    if marked > 0 && model.screen == Screen::Triage {
        return of_marked(keys, marked, now);
    }
    if model.offered_to_me().is_some() {
        keys.say(Command::Watch, "take the watch");
    }
    let asks = approvals::all(&model.board, now);
    let approvable = asks.iter().filter(|it| approvals::is_for_me(model, **it, now)).count();
    if approvable > 0 && model.screen != Screen::Approvals {
        let count = if approvable > 1 { format!(" ({approvable})") } else { String::new() };
        keys.say(Command::Approve, format!("approve{count}"));
    }
    looking(keys, !asks.is_empty());
    if let Some(fold) = model.list().and_then(List::fold) {
        let show = || format!("show {}", fold.members.len()).into();
        keys.say(Command::Open, if fold.open { Cow::from("fold them") } else { show() });
        keys.say(Command::Mark, "mark all");
    }
    if let Some(incident) = model.selected() {
        review(keys, incident);
        verbs(keys, incident, now);
        if model.list().is_some() {
            keys.add(Command::Open);
        } else if !matches!(model.screen, Screen::PostMortem { .. }) {
            keys.add(Command::Note);
        }
    }
    let filtered = match model.screen {
        Screen::Triage => model.triage.filter().is_some(),
        Screen::Ledger => !model.ledger.filter.is_empty(),
        _ => false,
    };
    if filtered {
        // Only this key of Back clears the filter first; the others leave at once.
        keys.name(model.settings.keymap.takes_back(), SHOW_ALL.into());
    }
    match model.screen {
        Screen::Triage => {
            if model.board.tally().open() > 1 && model.triage.filter().is_none() {
                keys.add(Command::Filter);
            }
        }
        _ => keys.add(Command::Back),
    }
    if approvable == 0 && asks.iter().any(|it| it.is_open(now)) {
        keys.say(Command::Approve, "approvals");
    }
    further(keys, now);
    if model.screen == Screen::Triage {
        keys.say(Command::Back, "leave");
    }
}

fn of_marked(keys: &mut Keys<'_>, marked: usize, now: Time) {
    let model = keys.model;
    let keymap = &model.settings.keymap;
    let contain = format!("contain {marked} marked");
    let all: [(Command, Cow<'_, str>); 7] = [
        (Command::Contain, contain.into()),
        (Command::Acknowledge, "ack them".into()),
        (Command::Note, "note".into()),
        (Command::Snooze, "snooze".into()),
        (Command::Close, "close".into()),
        (Command::Merge, "merge here".into()),
        (Command::Mark, "mark".into()),
    ];
    let contains = || model.board.actions == ActionsNow::On && applies(model, Command::Contain, now);
    let all = all.into_iter().filter(|(command, _)| *command != Command::Contain || contains());
    let all = all.map(|(command, word)| (keymap.written(command), word));
    let mut all: Vec<_> = all.filter(|(key, _)| !key.is_empty()).collect();
    // Where room is short, how they are cleared is worth more than what else they are good for.
    all.insert(all.len().min(2), (keymap.takes_back(), "clear marks".into()));
    all.into_iter().for_each(|(key, word)| keys.put(key.into(), word));
}

/// The keys of the screens that look back.
fn looking(keys: &mut Keys<'_>, some_ask: bool) {
    let model = keys.model;
    let (less, more): (Option<Cow<'_, str>>, Option<Cow<'_, str>>) = match model.screen {
        Screen::HandOver { .. } => {
            if model.offered_to_me().is_none() {
                keys.add(Command::Watch);
            }
            let word = |by| model.handover.stepped(by).map(|span| hours(span).into());
            (word(-1), word(1))
        }
        Screen::Approvals => {
            if some_ask {
                keys.say(Command::Open, "read the plan");
            }
            return;
        }
        Screen::Ledger => {
            keys.say(Command::Open, "whole record");
            keys.add(Command::Verify);
            keys.add(Command::Filter);
            return;
        }
        Screen::Metrics { .. } => {
            let word = |by| model.measure.reach.stepped(by).map(|reach| reach.word().into());
            (word(-1), word(1))
        }
        Screen::Sources { .. } => return keys.add(Command::Refresh),
        _ => return,
    };
    for (command, word) in [(Command::Shorter, less), (Command::Longer, more)] {
        if let Some(word) = word {
            keys.say(command, word);
        }
    }
}

/// What a review still needs comes first.
fn review(keys: &mut Keys<'_>, incident: &Incident) {
    if incident.phase != Phase::Review {
        return;
    }
    let review = &incident.review;
    let shown = matches!(keys.model.screen, Screen::PostMortem { .. });
    if review.published.is_some() {
        keys.say(Command::Phase, "close the review");
    }
    if shown {
        let word = if review.published.is_some() { "publish again" } else { "publish it" };
        keys.say(Command::PostMortem, word);
    }
    if review.root_cause.is_none() {
        keys.add(Command::RootCause);
    }
    keys.add(Command::Item);
    if review.items.iter().any(|item| item.done.is_none()) {
        keys.add(Command::ItemDone);
    }
    if !shown {
        keys.add(Command::PostMortem);
    }
}

/// Whether this person holds it.
pub(super) fn is_mine(model: &Model, incident: &Incident) -> bool {
    incident.owner.as_ref().is_some_and(|owner| owner.name == model.settings.operator)
}

fn verbs(keys: &mut Keys<'_>, incident: &Incident, now: Time) {
    let model = keys.model;
    if incident.is_closed() {
        let word = if incident.merged.is_some() { "unmerge" } else { "reopen" };
        keys.say(Command::Undo, word);
        return;
    }
    if incident.has_unknown() || incident.unknown_postings().next().is_some() {
        keys.add(Command::Settle);
    }
    if incident.snooze.is_some() {
        keys.add(Command::Wake);
    }
    if let Some(role) = roles::offered_to(incident, &model.settings.operator) {
        keys.say(Command::Roles, format!("accept {}", role.word()));
    }
    let mine = is_mine(model, incident);
    let open = incident.phase.is_open();
    if open && !mine && incident.owner.is_some() {
        keys.say(Command::Acknowledge, "take over");
    } else if open && !mine {
        keys.add(Command::Acknowledge);
    }
    match playbooks(&model.board, incident, &model.settings.operator, now) {
        applicable @ 2.. if open => keys.say(Command::Contain, format!("contain ({applicable})")),
        1 if open => keys.say(Command::Contain, "contain"),
        _ => {}
    }
    if can_undo(incident) && model.board.actions == ActionsNow::On {
        keys.add(Command::Undo);
    } else if !incident.taken_in.is_empty() {
        keys.say(Command::Undo, "unmerge");
    } else if !incident.links.is_empty() {
        keys.say(Command::Undo, "unlink");
    }
    if open && model.board.can().paths.iter().any(|path| !path.steps.is_empty()) {
        keys.add(Command::Escalate);
    }
    if !model.board.can().bulletins.outlets.is_empty() && (open || !incident.open_series().is_empty()) {
        keys.add(Command::Bulletin);
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
