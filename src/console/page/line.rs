//! The command line, with what could be meant or follow above it. As high whatever is typed: nothing behind it jumps.

use crate::domain::text::Width;

use super::fields::caret;
use super::prompt::{Sheet, alone};
use super::{Line, Page, Role, cut, gap, own, wrapped};
use crate::console::command::{Entry, TABLE};
use crate::console::field::Field;
use crate::console::model::Model;
use crate::console::palette::{Choices, Offer, key_of};
use crate::console::phrase::{self, Named, PHRASES};
use crate::console::prompt::CommandLine;
use crate::console::prompt::line::Wrong;
use crate::console::{applying, choosing, layout};
use crate::domain::time::Time;

/// Lines below the one that is typed.
const BELOW: u16 = 2;
/// Cells for a key.
const KEY: usize = 9;
/// Cells around a name, its key among them.
const AROUND: usize = 3 + 1 + KEY + 1;
/// Cells that what a command does keeps, however long names are.
const SAYS: usize = 64;

/// The sheet.
pub fn sheet(model: &Model, line: &CommandLine, cols: u16, now: Time) -> Sheet {
    let incident = line.incident(&model.board).map(AsRef::as_ref);
    let typed = line.field.text();
    let there = Choices::of(&typed, incident, &model.settings, &model.board);
    let words = there.words();
    let at = there.meant(&typed, line.chosen.as_deref());
    let rows = layout::choices(model.size, 1 + BELOW);
    let top = choosing::top(at.unwrap_or(0), words.len(), rows);
    let shown = |place: &usize| (top..top + rows).contains(place);
    let mut body: Page = match &there {
        Choices::Commands(all) => all
            .iter()
            .enumerate()
            .filter(|(place, _)| shown(place))
            .map(|(place, offer)| command(model, offer, at == Some(place), cols, now))
            .collect(),
        Choices::Words(all) => {
            let widest = all.iter().map(|(word, _)| own(word).width()).max().unwrap_or(0);
            let lines = all.iter().enumerate().filter(|(place, _)| shown(place));
            lines.map(|(place, pair)| word(pair, widest, at == Some(place), cols)).collect()
        }
    };
    body.resize(rows, gap());
    let says = match &there {
        Choices::Commands(all) if all.is_empty() => {
            "no command is called that, and none does that".to_owned()
        }
        Choices::Commands(all) => match at.and_then(|at| all.get(at)) {
            Some(offer) => match why_not(model, offer, now) {
                // Whole, where its row has no room for it.
                Some(why) if own(&why).width() > beside(cols) => why,
                _ => offer.says.clone(),
            },
            None if typed.trim().is_empty() => String::new(),
            None => "more than one could be meant: ↓ chooses, or write on".to_owned(),
        },
        Choices::Words(_) => usage(&typed),
    };
    let foot = foot(" :", &line.field, line.error.as_ref(), &says, (BELOW, cols));
    body.truncate(rows.saturating_sub(foot.len().saturating_sub(1 + usize::from(BELOW))));
    let mut title = match &line.id {
        Some(id) => format!("command ── {id}"),
        None => "command".to_owned(),
    };
    if model.means_all_marked() {
        title.push_str(&match there {
            Choices::Commands(_) => {
                format!(" ── {}: all {} marked", keys_for_all(model), model.marks.ids.len())
            }
            Choices::Words(_) if is_for_all(&typed) => format!(" ── all {} marked", model.marks.ids.len()),
            Choices::Words(_) => alone(model),
        });
    }
    title.push_str(&more(words.len(), top, rows));
    Sheet { title, head: 0, body, foot, top: 0, grave: false }
}

/// What is done to all that are marked.
fn for_all() -> impl Iterator<Item = &'static Entry> {
    TABLE.iter().filter(|row| row.command.means_marked())
}

/// Whether what is typed is done to all that are marked.
fn is_for_all(typed: &str) -> bool {
    let words = phrase::words(typed);
    let named = words.first().and_then(|word| phrase::find(word).ok());
    matches!(named, Some(Named::Command(command)) if command.means_marked())
}

/// The keys of what is done to all that are marked; a command without a key is named.
fn keys_for_all(model: &Model) -> String {
    let key = |row: &Entry| match model.settings.keymap.key(row.command) {
        none if none.is_empty() => row.name.to_owned(),
        key => key,
    };
    for_all().map(key).collect::<Vec<_>>().join(" ")
}

/// Whether Enter does something with what is typed so far.
pub fn runs(model: &Model, line: &CommandLine) -> bool {
    let incident = line.incident(&model.board).map(AsRef::as_ref);
    let typed = line.field.text();
    match Choices::of(&typed, incident, &model.settings, &model.board) {
        Choices::Words(_) => true,
        commands => commands.meant(&typed, line.chosen.as_deref()).is_some(),
    }
}

/// How many of what could be chosen are not shown.
pub(super) fn more(all: usize, top: usize, rows: usize) -> String {
    let below = all.saturating_sub(top + rows);
    match (top, below) {
        _ if rows == 0 => String::new(),
        (0, 0) => String::new(),
        (0, below) => format!(" ── {below} more"),
        (above, below) => format!(" ── {above} above, {below} more"),
    }
}

/// The line that is typed, and in `below` lines at least what is wrong or what is meant.
pub(super) fn foot(
    head: &str,
    field: &Field,
    wrong: Option<&Wrong>,
    says: &str,
    (below, cols): (u16, u16),
) -> Page {
    let mut out = vec![caret(head, field, cols)];
    match wrong {
        Some(wrong) => {
            out.extend(pointer(head, &field.text(), wrong, cols));
            out.extend(wrapped(Role::Bad, " ", &own(&wrong.says), cols));
        }
        None if !says.is_empty() => {
            out.extend(cut(wrapped(Role::Dim, " ", &own(says), cols), usize::from(below), cols));
        }
        None => {}
    }
    out.resize(out.len().max(1 + usize::from(below)), gap());
    out
}

/// `^^^` below the word that is wrong, where the line is not scrolled away.
fn pointer(head: &str, typed: &str, wrong: &Wrong, cols: u16) -> Option<Line> {
    let before: String = typed.chars().take(wrong.at).collect();
    let before = if before.trim().is_empty() { before.width() } else { own(&before).width() };
    let place = head.width() + before;
    let fits = place + wrong.cells < usize::from(cols) && typed.width() + 8 < usize::from(cols);
    (wrong.cells > 0 && fits)
        .then(|| Line::of(Role::Bad, format!("{}{}", " ".repeat(place), "^".repeat(wrong.cells))))
}

/// `not here: it is not snoozed`
fn why_not(model: &Model, offer: &Offer, now: Time) -> Option<String> {
    applying::why_not(model, offer.named, now).map(|why| format!("not here: {why}"))
}

/// Cells for a name with what it takes: for the longest there is, where enough is left for what it does.
fn name_room(cols: u16) -> usize {
    let least = if cols < 70 { 16 } else { 20 };
    let takes = |row: &Entry| phrase::words::of(row.command).map_or("", |words| words.takes);
    let commands = TABLE.iter().map(|row| (row.name, takes(row)));
    let all = commands.chain(PHRASES.iter().map(|row| (row.name, row.takes)));
    let longest = all.map(|(name, takes)| name.width() + 1 + takes.width()).max().unwrap_or(0);
    let left = usize::from(cols).saturating_sub(AROUND + SAYS);
    least.max(longest.min(left))
}

/// Cells that are left for words beside a name and its key.
fn beside(cols: u16) -> usize {
    usize::from(cols).saturating_sub(name_room(cols) + AROUND)
}

/// Its name with what it takes, its key, and what it does or why it does nothing here.
fn command(model: &Model, offer: &Offer, chosen: bool, cols: u16, now: Time) -> Line {
    let why = why_not(model, offer, now);
    let room = name_room(cols);
    let role = |role| if why.is_some() { Role::Dim } else { role };
    let name = own(offer.name).clip(room);
    let left = room.saturating_sub(name.width());
    let takes = match offer.takes.is_empty() {
        true => String::new(),
        false => own(&format!(" {}", offer.takes)).clip(left),
    };
    let says = match &why {
        Some(why) => own(why).clip(beside(cols)),
        None => clauses(&offer.says, beside(cols)),
    };
    let line = Line::of(role(Role::Plain), if chosen { " ▶ " } else { "   " })
        .and(role(Role::Plain), name)
        .and(Role::Dim, format!("{takes:<left$} "))
        .and(role(Role::Key), format!("{:<KEY$} ", key_of(model, offer)))
        .and(role(Role::Plain), says);
    if chosen { line.in_role(Role::Chosen) } else { line }
}

/// What stands before an example.
const EXAMPLE: &str = ", as in: ";

/// As much of what a command does as fits, by whole clauses: all of it stands among the keys (`?`).
fn clauses(says: &str, cells: usize) -> String {
    let says = own(says);
    if says.width() <= cells {
        return says.to_string();
    }
    let ends = [EXAMPLE, ": ", "; ", " ("];
    let starts = ends.iter().flat_map(|end| says.match_indices(end)).filter_map(|(end, _)| says.get(..end));
    let closed = |start: &str| start.matches('(').count() == start.matches(')').count();
    let whole = |start: &&str| {
        start.width() <= cells && closed(start) && !start.ends_with(EXAMPLE.trim_end_matches(": "))
    };
    starts.filter(whole).max_by_key(|start| start.width()).map_or_else(|| says.clip(cells), str::to_owned)
}

/// What could follow, and what it means.
pub(super) fn word((word, says): &(String, String), widest: usize, chosen: bool, cols: u16) -> Line {
    let widest = widest.min(usize::from(cols) / 2);
    let line = Line::of(Role::Plain, if chosen { " ▶ " } else { "   " })
        .and(Role::Plain, format!("{:<widest$}  ", own(word).clip(widest)));
    let left = usize::from(cols).saturating_sub(widest + 5);
    let line = if says.is_empty() { line } else { line.and(Role::Dim, own(says).clip(left)) };
    if chosen { line.in_role(Role::Chosen) } else { line }
}

/// How the command that was begun goes on.
fn usage(typed: &str) -> String {
    let words = phrase::words(typed);
    match words.first().and_then(|word| phrase::find(word).ok()) {
        Some(Named::Command(command)) => {
            let name = command.entry().map_or("", |entry| entry.name);
            match phrase::words::of(command) {
                Some(row) => format!("{name} {}, as in: {}", row.takes, row.example),
                None if phrase::words(typed).len() > 1 => format!("{name} takes nothing after its name"),
                None => format!("enter runs it: {}", command.entry().map_or("", |entry| entry.says)),
            }
        }
        Some(Named::Phrase(phrase)) => PHRASES
            .iter()
            .find(|row| row.phrase == phrase)
            .map_or(String::new(), |row| format!("{} {}, as in: {}", row.name, row.takes, row.example)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_does_is_cut_between_clauses() {
        let says = "put it off here; it is still paged for: wakes when it gets worse";
        assert_eq!(clauses(says, 64), says);
        assert_eq!(clauses(says, 63), "put it off here; it is still paged for");
        assert_eq!(clauses(says, 37), "put it off here");
        assert_eq!(clauses(says, 10), "put it of…");
        assert_eq!(clauses("copy its id (in a form, ctrl-y: its packet)", 36), "copy its id");
    }
}
