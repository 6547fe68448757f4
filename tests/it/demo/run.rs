//! A session of the demo with every frame of it kept and gone through: no row moves while it is held, no word is cut off.
//! `tests/demo-run.sh` makes it last ten minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quell::console::message::Message;
use quell::console::model::{Model, Size};
use quell::console::tape::{Step, follow};
use quell::console::update;
use quell::domain::id::IncidentId;
use quell::domain::time::Time;
use quell::runtime::Recorded;
use quell::view::{self, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use unicode_width::UnicodeWidthStr;

use super::{Newcomer, clock, row};
use crate::interleavings::frame::{Frame, frame};
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::until_shown;
use crate::support::vt;

/// The sizes every moment is drawn at; the first is the session's own.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];
/// Where nothing needs to be cut.
const WIDE: (u16, u16) = (260, 110);
/// Seconds it lasts where nobody says otherwise.
const SHORT: u64 = 25;

/// Through every screen and prompt, a key a second, and nothing that ends it.
const TOUR: &str = "j j enter pgdn G esc x esc m esc s esc ? pgdn esc l v / t o l d enter esc j enter esc esc M ] [ esc H esc A esc \
    tab tab tab tab tab tab tab tab shift-tab esc g c esc e esc e f esc b esc S esc I esc K esc L esc P esc n esc N esc X esc \
    D esc space space / s e v : h i g h space o r space s e v : n o r m a l space - p h a s e : r e c o v e r enter a j \
    esc esc : t i m esc / s e v : c r i t i c a l enter esc a k a u esc G g w esc y p esc";

/// Where a cut is meant to be: one line has no more room, and the whole of it stands elsewhere.
fn may_be_cut(y: u16, line: &str) -> bool {
    let severity: String = line.chars().skip(4).take(4).collect();
    // The banner; the rows of a list; a record in the ledger, which is whole below; a filter behind what it hides.
    let queried = line.starts_with("──") && line.contains(" hidden: ");
    y == 2 || ["CRIT", "HIGH", "NORM"].contains(&severity.as_str()) || is_record(line) || queried
}

/// `▌ 16 01:13:55Z quell ANA-9 …`
fn is_record(line: &str) -> bool {
    let mut words = line.trim_start_matches(['▌', ' ']).split_whitespace();
    let number = words.next().is_some_and(|word| word.chars().all(|c| c.is_ascii_digit()));
    number && words.take(2).any(|word| word.ends_with('Z') && word.contains(':'))
}

/// Whether it ends with the sign of a cut, at the edge: elsewhere that sign says that one waits.
fn is_cut(line: &str, cols: u16) -> bool {
    line.ends_with('…') && line.width() + 1 >= usize::from(cols)
}

/// What stands left and right of the divider.
fn sides(line: &str) -> impl Iterator<Item = &str> {
    line.split(['│', '┬']).map(str::trim_end)
}

/// The words and numbers that end with the sign of a cut, wherever they stand.
fn clipped(side: &str) -> impl Iterator<Item = &str> {
    let is_cut = |word: &&str| {
        let before = word.split_once('…').and_then(|(before, _)| before.chars().next_back());
        before.is_some_and(char::is_alphanumeric)
    };
    side.split_whitespace().filter(is_cut)
}

/// A moment of the session.
struct Moment {
    at: Time,
    by_person: bool,
    resized: bool,
}

/// What was found.
#[derive(Default)]
struct Findings {
    moved: Vec<String>,
    cut: BTreeMap<String, String>,
    frames: usize,
}

/// Where everything is kept, if anywhere.
fn kept_in() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("QUELL_DEMO_FRAMES")?);
    std::fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

/// Plays the demo for so many seconds, as its screen's clock counts them.
fn session(scratch: &Scratch, seconds: u64) -> (PathBuf, Vec<u8>) {
    let file = kept_in().unwrap_or_else(|| scratch.path("")).join("session.quell");
    let mut command = scratch.quell(&["demo", "--seed", "3", "--record", file.to_str().unwrap()]);
    command.env("TMPDIR", scratch.path("cache"));
    let (cols, rows) = SIZES[0];
    let console = Pty::start(&command, cols, rows);
    console.shows("? keys");
    let mut person = Newcomer { console, pressed: 0, looked_at: String::new() };
    let began = std::time::Instant::now();
    if seconds > 120 {
        let verified = |screen: &str| row(screen).contains("contained");
        person.follow(&["take it", "plan to confirm", "contain"], verified, "verified containment");
        person.follow(
            &["take it", "escalate"],
            |screen| screen.contains("escalated; the receipts"),
            "escalation",
        );
        person.follow(&["take it", "undo"], |screen| row(screen).contains("undone"), "undone containment");
    }
    for (count, key) in TOUR.split_whitespace().cycle().enumerate() {
        if began.elapsed().as_secs() >= seconds {
            break;
        }
        person.console.keys(key);
        if count % 97 == 60 {
            // Somebody makes the window larger for a while.
            person.console.resize(160, 50);
        } else if count % 97 == 75 {
            person.console.resize(cols, rows);
        }
        person.look();
    }
    person.console.resize(cols, rows);
    for _ in 0..3 {
        // A key right after it would be another key.
        person.console.keys("esc");
        person.look();
    }
    until_shown(&person.console, "q", |screen| screen.contains("enter leave"));
    until_shown(&person.console, "y", |screen| !screen.contains("enter leave"));
    let (exit, bytes) = person.console.finish();
    assert_eq!(exit.code, 0, "{exit:?}");
    (file, bytes)
}

/// What was sent but for what `y` copies by way of the terminal: ids, and nothing that an alert said.
fn without_copies(bytes: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    let mut pieces = text.split("\x1b]52;c;");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (copied, rest) = piece.split_once("\x1b\\").expect("an end");
        let copied = String::from_utf8(STANDARD.decode(copied).unwrap()).unwrap();
        assert!(IncidentId::parse(&copied).is_some(), "{copied} was copied");
        out.push_str(rest);
    }
    out.into_bytes()
}

/// The text of a frame at a size, line by line.
fn lines(model: &Model, now: Time, (cols, rows): (u16, u16)) -> Vec<String> {
    let mut model = model.clone();
    drop(update(&mut model, now, Message::Resized { cols, rows }));
    let mut terminal = Terminal::new(TestBackend::new(cols, rows)).unwrap();
    terminal.draw(|frame| view::draw(&model, &Theme::default(), now, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let line =
        |row: &[ratatui::buffer::Cell]| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
    buffer.content.chunks(usize::from(cols)).map(|row| line(row).trim_end().to_owned()).collect()
}

/// The words of letters only: what is cut of anything else is no word.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let edge = |c: char| c.is_whitespace() || "│┬┴─▌".contains(c);
    line.split(edge).filter(|word| word.chars().count() > 2 && word.chars().all(char::is_alphabetic))
}

/// Goes through a session, frame by frame.
fn look_through(recorded: &Recorded, mut keep: impl FnMut((u16, u16), Time, &[String])) -> Findings {
    let mut model = recorded.model.clone();
    let (mut findings, mut known) = (Findings::default(), BTreeSet::<String>::new());
    let (mut before, mut last_key) = (Frame::default(), None::<Time>);
    let mut shown = Vec::new();
    let mut suspects: BTreeMap<String, String> = BTreeMap::new();
    // Where there is room for all, that sign says that one waits: of such words nothing is cut.
    let (mut waiting, mut cuts) = (BTreeSet::<String>::new(), BTreeMap::<String, String>::new());
    for count in 0..recorded.steps() {
        let (at, step) = recorded.step(count).unwrap();
        let moment = Moment {
            at,
            by_person: matches!(
                &step,
                Step::Hand(_) | Step::Message(Message::Pressed(_) | Message::Ran(_) | Message::Pasted(_))
            ),
            resized: matches!(&step, Step::Message(Message::Resized { .. } | Message::Resumed)),
        };
        let asked = model.asks();
        follow(&mut model, at, step);
        let size = Size { cols: model.size.cols, rows: model.size.rows };
        let after = frame(&model, at, size);
        let held =
            (asked && model.asks()) || last_key.is_some_and(|key| (at - key).num_milliseconds() < 1000);
        if moment.by_person || (held && !moment.resized) {
            let moved = if moment.by_person { after.torn(&before) } else { after.moved(&before) };
            if !moved.is_empty() {
                findings.moved.push(format!("{}: {moved:?}", moment.at.format("%T%.3f")));
            }
        }
        if moment.by_person {
            last_key = Some(at);
        }
        before = after;
        let own = lines(&model, at, SIZES[0]);
        if std::mem::replace(&mut shown, own.clone()) == own {
            continue;
        }
        let roomy = lines(&model, at, WIDE);
        known.extend(roomy.iter().flat_map(|line| words(line)).map(str::to_owned));
        waiting.extend(roomy.iter().flat_map(|line| clipped(line)).map(str::to_owned));
        for size in SIZES {
            let frame = lines(&model, at, size);
            findings.frames += 1;
            for (y, line) in (0..).zip(&frame) {
                if is_cut(line, size.0) && !may_be_cut(y, line) {
                    findings.cut.entry(ending(line)).or_insert_with(|| format!("{size:?} {line}"));
                }
                for word in sides(line).filter(|side| !may_be_cut(y, side)).flat_map(clipped) {
                    cuts.entry(word.to_owned()).or_insert_with(|| format!("{size:?} {line}"));
                }
                for word in words(line).filter(|word| !known.contains(*word)) {
                    suspects.entry(word.to_owned()).or_insert_with(|| format!("{size:?} {line}"));
                }
            }
            keep(size, at, &frame);
        }
    }
    findings.cut.extend(cuts.into_iter().filter(|(word, _)| !waiting.contains(word)));
    // The beginning of a longer word that is never seen by itself where there is room for it.
    for (word, line) in suspects.into_iter().filter(|(word, _)| !known.contains(word)) {
        let longer = known.range(word.clone()..).next().filter(|longer| longer.starts_with(&word));
        if let Some(longer) = longer {
            findings.cut.insert(format!("{word} of {longer}"), line);
        }
    }
    findings
}

/// What stands before the sign of a cut.
fn ending(line: &str) -> String {
    line.split_whitespace().next_back().unwrap_or_default().to_owned()
}

#[test]
fn no_row_moves_while_it_is_held_and_no_word_is_cut_off() {
    let said = |name| std::env::var(name).ok();
    let minutes: Option<f64> = said("QUELL_DEMO_MINUTES").and_then(|minutes| minutes.parse().ok());
    let seconds = minutes.map_or(SHORT, |minutes| (minutes * 60.0) as u64);
    let folder = kept_in();
    let scratch = Scratch::new();
    let (file, bytes) = match said("QUELL_DEMO_SESSION") {
        Some(file) => (PathBuf::from(file), Vec::new()),
        None => session(&scratch, seconds),
    };
    vt::assert_only_allowed(&without_copies(bytes));
    let recorded = Recorded::load(&file).unwrap();
    let mut kept: BTreeMap<(u16, u16), (Vec<String>, String)> = BTreeMap::new();
    let findings = look_through(&recorded, |size, at, frame| {
        let (last, text) = kept.entry(size).or_default();
        if last.as_slice() != frame {
            writeln!(text, "━━━ {}\n{}", at.format("%T%.3f"), frame.join("\n")).unwrap();
            *last = frame.to_vec();
        }
    });
    if let Some(folder) = folder {
        for ((cols, rows), (_, text)) in &kept {
            std::fs::write(folder.join(format!("frames-{cols}x{rows}.txt")), text).unwrap();
        }
        eprintln!(
            "{} steps, {} frames looked at, kept in {}",
            recorded.steps(),
            findings.frames,
            folder.display()
        );
    }
    assert!(findings.frames > 50, "{} frames", findings.frames);
    assert_eq!(findings.moved, Vec::<String>::new(), "rows moved while they were held");
    assert!(findings.cut.is_empty(), "cut off: {:#?}", findings.cut);
    assert!(kept[&SIZES[0]].1.contains("?"), "frames were kept");
    assert!(clock(&kept[&SIZES[0]].0.join("\n")).is_some(), "the last of them has a clock");
}

/// What the search for cuts would find; without it the session shows nothing.
#[test]
fn a_cut_is_seen_for_what_it_is() {
    assert_eq!(
        words(" a ack  contain (2) ─ Ident│ify x…").collect::<Vec<_>>(),
        ["ack", "contain", "Ident", "ify"]
    );
    assert!(may_be_cut(2, "…") && may_be_cut(9, "▌!! CRIT  1047 …") && !may_be_cut(9, " the gateway ref…"));
    assert_eq!(ending(" the gateway ref…"), "ref…");
    assert!(is_record("▌ 16 01:13:55Z quell ANA-9 opened") && !is_record(" 16 rows"));
    assert!(is_cut(" the ref…", 10) && !is_cut(" reading…", 40));
    let title = "── Ledger ── 102 records, newest first · verified 13:02:13Z · 2… ── 3 older ↓ ──";
    assert!(!may_be_cut(3, title));
    assert_eq!(clipped(title).collect::<Vec<_>>(), ["2…"]);
    let marked = "── Triage ── 13 open · 2 marked, 2 hid… ──┬── ROOT-7 ── orders: engi… ──";
    let cut: Vec<&str> = sides(marked).filter(|side| !may_be_cut(3, side)).flat_map(clipped).collect();
    assert_eq!(cut, ["hid…", "engi…"]);
    assert!(may_be_cut(3, "── Triage ── 13 open · 7 shown, 6 hidden: sev:high or sev:no… · 2 marked ──"));
    assert_eq!(clipped(" … and … (2)").count(), 0);
}
