//! The ledger: a line per record, the newest on top; and one record whole, as it stands in the file.

use crate::domain::text::Width;
use serde_json::Value;

use super::{Line, Page, Role, cut, fitted, gap, own, table_rows, title, wrapped};
use crate::console::command::Command;
use crate::console::layout;
use crate::console::ledger::{Check, Row};
use crate::console::model::Model;
use crate::domain::chain::{Stored, Verdict};
use crate::domain::story::Tone;
use crate::domain::text::{SafeText, capital, grouped};
use crate::domain::time::{Time, clock_time, date_time, near_day};

/// From here on it is said who did it.
const ROOMY: u16 = 60;
/// From here on times are whole, and people have a seat.
const WIDE: u16 = 120;

/// `Ledger ── 12 068 records, newest first · verified 14:03:22Z`, in so many cells.
pub fn title(model: &Model, room: usize) -> String {
    let ledger = &model.ledger;
    if !ledger.is_read() {
        return "Ledger".to_owned();
    }
    let searched = !ledger.filter.trim().is_empty();
    let (words, kept) = (own(&ledger.filter), if searched { title::LEAST } else { 0 });
    // Every record that was read is looked at for it: once.
    let counted = searched.then(|| (ledger.shown().len(), ledger.rows.len()));
    title::fitting(room, 4, (&words, kept), |terse, words| {
        let order = if terse < 1 && model.size.cols >= ROOMY { ", newest first" } else { "" };
        let records = format!("{} records{order}", grouped(ledger.newest(), ' '));
        let found = counted.map(|(found, read)| {
            format!("{} of {} read{words}", grouped(found as u64, ' '), grouped(read as u64, ' '))
        });
        let checked = match &ledger.check {
            None => None,
            Some(Check::Running(_)) => Some("checking…".to_owned()),
            Some(Check::Done(at, Verdict::Intact { .. })) if terse < 2 => {
                Some(format!("verified {}", clock_time(*at)))
            }
            Some(Check::Done(_, Verdict::Intact { .. })) => (terse < 4).then(|| "verified".to_owned()),
            Some(Check::Done(at, Verdict::Bad { seq, .. })) => {
                Some(format!("BROKEN at record {seq} ({})", clock_time(*at)))
            }
        };
        let records = Some(records).filter(|_| terse < 3 || found.is_none());
        let said: Vec<String> = [records, found, checked].into_iter().flatten().collect();
        format!("Ledger ── {}", said.join(" · "))
    })
}

/// How much stands above and below what is shown.
pub fn end(model: &Model, rows: u16) -> String {
    let ledger = &model.ledger;
    let shown = ledger.shown();
    let last = shown.get(ledger.top..).unwrap_or_default().iter().take(table_rows(rows)).next_back();
    let below = match last {
        Some(last) if ledger.filter.trim().is_empty() => last.seq.saturating_sub(1),
        _ => shown.len().saturating_sub(ledger.top + table_rows(rows)) as u64,
    };
    let counted = [(ledger.top as u64, "newer ", "↑"), (below, "older ", "↓")];
    let word = |word: &'static str| if model.size.cols < ROOMY { "" } else { word };
    let said = counted.into_iter().filter(|(n, ..)| *n > 0);
    let said = said.map(|(n, name, sign)| format!("{} {}{sign}", grouped(n, ' '), word(name)));
    said.collect::<Vec<_>>().join("  ")
}

/// What the last check of the chain found, in a sentence, and when.
pub fn verified(model: &Model) -> Option<(Time, String)> {
    let Some(Check::Done(at, verdict)) = &model.ledger.check else { return None };
    let said = match verdict {
        Verdict::Intact { records, .. } => format!("verified {} records", grouped(*records, ' ')),
        Verdict::Bad { seq, why } => format!("BROKEN at record {seq}: {}", own(why)),
    };
    Some((*at, said))
}

/// As many lines as there is room for.
pub fn page(model: &Model, now: Time) -> Page {
    let Some(body) = layout::regions(model.size).map(|regions| regions.body) else { return Page::new() };
    let ledger = &model.ledger;
    let mut out = Page::new();
    if let Some(why) = ledger.asked.failed() {
        out.extend(wrapped(Role::Bad, " ", &format!("the ledger cannot be read: {}", why.safe()), body.cols));
    }
    let shown = ledger.shown();
    let rows: Vec<&Row> = shown.iter().skip(ledger.top).take(table_rows(body.rows)).copied().collect();
    if rows.is_empty() {
        let says = match (ledger.is_read(), ledger.rows.is_empty()) {
            (false, _) if ledger.asked.failed().is_some() => String::new(),
            (false, _) => "reading…".to_owned(),
            (true, true) => {
                "Nothing has happened yet: the first record comes with the first incident.".to_owned()
            }
            (true, false) => {
                let keymap = &model.settings.keymap;
                let (down, back) = (keymap.way(Command::Down), capital(keymap.takes_back()));
                format!("No record that was read has these words; {down} reads older ones, {back} shows all.")
            }
        };
        out.extend(wrapped(Role::Dim, " ", &says, body.cols));
        return out;
    }
    let columns = Columns::of(&rows, ledger.newest(), body.cols, now);
    out.push(columns.head());
    let at = ledger.place(&shown);
    let under =
        rows.iter().zip(ledger.top..).find(|(_, place)| *place == at).map(|(row, _)| row.said.clone());
    out.extend((ledger.top..).zip(rows).map(|(place, row)| columns.line(row, place == at)));
    let free = usize::from(body.rows).saturating_sub(out.len());
    if let Some(said) = under.filter(|said| free > 2 && columns.cuts(said)) {
        out.push(gap());
        out.extend(cut(wrapped(Role::Plain, " ", &own(&said), body.cols), free - 1, body.cols));
    }
    if ledger.is_full() && ledger.top + table_rows(body.rows) >= shown.len() {
        out.push(Line::of(Role::Dim, " older ones: quell ledger tail -n, or export"));
    }
    out
}

/// How wide everything stands.
struct Columns {
    seq: usize,
    time: fn(Time, Time) -> String,
    when: usize,
    who: usize,
    incident: usize,
    wide: bool,
    cols: usize,
    now: Time,
}

impl Columns {
    fn of(rows: &[&Row], newest: u64, cols: u16, now: Time) -> Self {
        let widest = |text: fn(&Row) -> String| rows.iter().map(|row| text(row).width()).max().unwrap_or(0);
        let wide = cols >= WIDE;
        let today = rows.iter().all(|row| row.at.date_naive() == now.date_naive());
        let (time, when): (fn(Time, Time) -> String, usize) = match (wide, today || cols < ROOMY) {
            (true, _) => (|at, _| date_time(at), 20),
            (false, true) => (short, 9),
            (false, false) => (|at, _| at.format("%m-%d %H:%M:%SZ").to_string(), 15),
        };
        let who = match cols {
            0..ROOMY => 0,
            _ => widest(if wide { seated } else { named }).clamp(3, if wide { 40 } else { 17 }),
        };
        let incident = if cols < ROOMY {
            widest(|row| row.incident.as_ref().map(|id| id.number().to_string()).unwrap_or_default()).max(1)
        } else {
            widest(about).max(8)
        };
        let seq = newest.to_string().len().max(3);
        Self { seq, time, when, who, incident, wide, cols: usize::from(cols), now }
    }

    fn head(&self) -> Line {
        let who = if self.who > 0 { format!("{:<1$} ", "WHO", self.who) } else { String::new() };
        let (seq, when, incident) = (self.seq, self.when, self.incident);
        let about = if self.who > 0 { "INCIDENT" } else { "" };
        Line::of(Role::Dim, format!(" {:>seq$} {:<when$} {who}{about:<incident$} WHAT", "SEQ", "TIME"))
    }

    /// Whether a sentence is longer than its column.
    fn cuts(&self, said: &str) -> bool {
        let who = if self.who > 0 { self.who + 1 } else { 0 };
        own(said).width() + self.seq + self.when + who + self.incident + 4 > self.cols
    }

    fn line(&self, row: &Row, here: bool) -> Line {
        let who = if self.wide { seated(row) } else { named(row) };
        let who = if self.who > 0 { fitted(&who, self.who) + " " } else { String::new() };
        let about = match &row.incident {
            Some(id) if self.who == 0 => id.number().to_string(),
            _ => about(row),
        };
        let (seq, when, incident) = (self.seq, self.when, self.incident);
        let (mark, role) = if here { ("▌", Role::Chosen) } else { (" ", Role::Dim) };
        let at = (self.time)(row.at, self.now);
        let head = format!("{mark}{:>seq$} {at:<when$} {who}{about:<incident$} ", row.seq);
        // What only follows from something else stands back: a tired reader looks for what happened.
        let (tone, indent) = match row.tone {
            Tone::Good => (Role::Good, ""),
            Tone::Bad => (Role::Bad, ""),
            Tone::Act => (Role::Strong, ""),
            Tone::Quiet => (Role::Plain, ""),
            Tone::Aside => (Role::Dim, "  "),
        };
        let tone = if here { Role::Chosen } else { tone };
        let left = self.cols.saturating_sub(head.width() + indent.len());
        let said = if self.who > 0 { row.said.strip_prefix(&format!("{} ", row.by)) } else { None };
        let said = own(said.unwrap_or(&row.said)).clip(left);
        Line::of(role, head).and(tone, format!("{indent}{said}"))
    }
}

/// Who, with as much of their key as tells it from others.
fn named(row: &Row) -> String {
    let key: String = row.key.iter().flat_map(|key| key.chars().take(6)).collect();
    format!("{} {key}", own(&row.by).clip(10)).trim_end().to_owned()
}

/// Who, where they sat, and more of their key.
fn seated(row: &Row) -> String {
    let key: String = row.key.iter().flat_map(|key| key.chars().take(10)).collect();
    format!("{} {key}", own(&row.seat).clip(29)).trim_end().to_owned()
}

fn about(row: &Row) -> String {
    row.incident.as_ref().map_or("-".to_owned(), ToString::to_string)
}

/// The time of a record of today, the day of another.
fn short(at: Time, now: Time) -> String {
    if at.date_naive() == now.date_naive() { clock_time(at) } else { near_day(at) }
}

/// One record whole, so that different ones never look the same, with its links.
pub fn record(model: &Model, seq: u64, cols: u16) -> Page {
    match model.ledger.opened.as_ref().filter(|(opened, _)| *opened == seq) {
        None => vec![Line::of(Role::Dim, " reading…")],
        Some((_, Err(why))) => wrapped(Role::Bad, " ", &why.safe(), cols),
        Some((_, Ok(stored))) => whole(stored, cols),
    }
}

fn whole(stored: &Stored, cols: u16) -> Page {
    let mut out = wrapped(Role::Strong, " hash  ", &own(&stored.hash), cols);
    out.extend(wrapped(Role::Dim, " prev  ", &own(&stored.prev), cols));
    out.push(gap());
    let pretty =
        serde_json::from_str::<Value>(stored.bytes.raw()).and_then(|it| serde_json::to_string_pretty(&it));
    // What is no JSON is shown as it stands.
    for line in pretty.as_deref().unwrap_or(stored.bytes.raw()).lines() {
        let text = line.trim_start();
        let head = " ".repeat(1 + line.len() - text.len());
        out.extend(wrapped(Role::Plain, &head, &SafeText::exact(text), cols));
    }
    out
}
