//! Every screen and prompt as a person sees it, with a hash of its styles.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use sha2::{Digest, Sha256};

use crate::support::play::{
    Play, answered, at, console, id, incident, monitor, source, told_by_mail, with_labels,
};
use crate::support::wired::Wired;
use quell::backend::{Refusal, RefusalKind};
use quell::console::look::Look;
use quell::console::message::Message;
use quell::console::model::ToastState;
use quell::domain::action::{Outcome, Settlement};
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Receipt, Step};
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::monitor::Health;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::phase::Phase;
use quell::domain::plan::hex;
use quell::domain::record::{DeadlineSet, Entry, PathArmed, StepSent, StepStarted};
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Span;
use quell::view::{Theme, draw};

mod approvals;
mod bulk;
mod evidence;
mod finding;
mod ledger;
mod lookback;
mod looks;
mod narrow;
mod pages;
mod prompts;
mod several;
mod snooze;
pub mod suite;
mod ties;
mod upstream;
mod whole;

pub const COLOUR: Theme = Theme::new(Look::Dark);
const MONO: Theme = Theme::new(Look::Mono);
const ASCII: Theme = Theme::new(Look::Dark).in_ascii();

/// A frame as it is drawn, which is also what a terminal makes of its bytes.
pub fn frame(play: &Play, theme: &Theme) -> Buffer {
    let size = play.model.size;
    let mut terminal = Terminal::new(TestBackend::new(size.cols, size.rows)).unwrap();
    terminal.draw(|frame| draw(&play.model, theme, play.now, frame)).unwrap();
    let drawn = terminal.backend().buffer().clone();
    for (at, cell) in drawn.content.iter().enumerate() {
        // What is dim is plain text: a colour, or a bar, would be too dark in many terminals. What is bold as well is bold.
        let unsure = cell.fg != Color::Reset || cell.modifier.contains(Modifier::REVERSED);
        let dim = cell.modifier.contains(Modifier::DIM) && !cell.modifier.contains(Modifier::BOLD);
        let dim = dim && (cell.symbol() != " " || cell.modifier.contains(Modifier::REVERSED));
        assert!(!(dim && unsure), "{:?} of {at} is dim: {cell:?}", drawn.pos_of(at));
    }
    if !drawn.area.is_empty() {
        Wired::new(size.cols, size.rows).shows(&drawn);
    }
    drawn
}

/// Presses keys, each of which leads somewhere: the screen is another one, and nothing was refused.
fn go(play: &mut Play, keys: &str) {
    for key in keys.split_whitespace() {
        let before = play.model.clone();
        play.press(key);
        let after = frame(play, &COLOUR);
        let now = std::mem::replace(&mut play.model, before);
        assert!(frame(play, &COLOUR) != after, "{key} of {keys:?} leads nowhere");
        play.model = now;
        let refused = play.model.toast.as_ref().filter(|toast| toast.state == ToastState::Failed);
        assert_eq!(refused, None, "{key} of {keys:?}");
    }
}

/// At 80x24 in every look, smaller, and larger: the end of each one's name, and how it looks.
fn looks(at: impl Fn(u16, u16) -> Play) -> impl Iterator<Item = (&'static str, String)> {
    let all = [
        ("80x24", (80, 24), &COLOUR),
        ("mono", (80, 24), &MONO),
        ("ascii", (80, 24), &ASCII),
        ("40x12", (40, 12), &COLOUR),
        ("120x40", (120, 40), &COLOUR),
        ("200x60", (200, 60), &COLOUR),
    ];
    all.into_iter().map(move |(look, (cols, rows), theme)| (look, shot(&at(cols, rows), theme)))
}

/// The text of a frame.
pub fn text(play: &Play) -> String {
    shot(play, &COLOUR).rsplit_once('\n').unwrap().0.to_owned()
}

/// The text of a frame, and a hash of its styles.
fn shot(play: &Play, theme: &Theme) -> String {
    let buffer = frame(play, theme);
    let mut out = String::new();
    let mut styles = Sha256::new();
    for y in 0..buffer.area.height {
        let mut skip = 0;
        let mut line = String::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            styles.update(format!("{:?}", cell.style()));
            if skip == 0 {
                line.push_str(cell.symbol());
                skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            } else {
                skip -= 1;
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push_str(&format!("styles {}", hex(&styles.finalize()).get(..12).unwrap()));
    out
}

/// A night like those quell is for.
pub fn night() -> Play {
    night_at(80, 24)
}

pub fn night_at(cols: u16, rows: u16) -> Play {
    use Severity::{Critical, High, Normal};
    let mut play = console().sized(cols, rows);
    play.engine.sources.push(source("prom", Some("13:58:02")));
    play.engine.sources[2].failures = 3;
    play.engine.sources[2].fault = Some(Fault::new(FaultKind::NoAnswer, "no answer in 5s"));
    play.engine.sources[2].next_poll = Some(at("14:03:40"));
    play.engine.monitors =
        vec![monitor("token-api", Health::Up, "14:03:20"), monitor("order-gw", Health::Down, "14:03:20")];
    for it in [
        incident(1047, Critical, "14:01:22", "Order gateway refuses connections"),
        incident(1042, Critical, "13:51:00", "Token issuance failing 38 %"),
        with_labels(
            1051,
            High,
            "13:55:00",
            "Login failures acct 88213, 4 IPs",
            &[("service", "auth"), ("account_id", "88213")],
        ),
        incident(1050, High, "13:56:00", "Consumer lag orders-v2"),
        incident(1039, High, "13:15:00", "Webhook deliveries delayed"),
        incident(1029, Normal, "11:00:00", "Cert api-eu expires in 13 days"),
    ] {
        play.engine.put(it);
    }
    let steps = |to: [&str; 2]| {
        let step = |after, to: &str| Step { after: Span::mins(after), to: vec![to.to_owned()] };
        vec![step(0, to[0]), step(5, to[1])]
    };
    play.engine.rule(
        1047,
        "14:01:22",
        Entry::PathArmed(PathArmed { path: "incident".into(), steps: steps(["inc-room", "pd-platform"]) }),
    );
    play.engine.rule(
        1047,
        "14:01:23",
        Entry::StepStarted(StepStarted {
            path: "incident".into(),
            step: 1,
            resumes: false,
            missing: Vec::new(),
        }),
    );
    let receipt = Receipt { channel: "inc-room".into(), accepted: true, detail: Outside::new("200") };
    play.engine.rule(
        1047,
        "14:01:24",
        Entry::StepSent(StepSent { path: "incident".into(), step: 1, receipts: vec![receipt] }),
    );
    let refused = Outside::new("connection refused");
    play.engine.rule(
        1047,
        "14:01:40",
        Entry::MonitorTurned { monitor: "order-gw".into(), up: false, detail: refused },
    );
    play.engine.by("ana", 1042, "13:52:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.engine.by("bo", 1039, "13:50:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    let text = Outside::new("Order gateway refuses connections");
    let notice = Notice::new(NoticeKind::NewCritical, Some(id(1047)), text);
    play.notice(7, "14:01:22", notice);
    play.tell(Message::NoticeShown { notice: 7, how: "bell, osc9".into() });
    play.wait(2000);
    play
}

/// INC-1047 in Recover: one containment in force, healthy for four minutes of ten, a timer and a bulletin due.
fn recovering(play: &mut Play) {
    use quell::domain::role::Role::{Commander, Lead};
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    let settled = Entry::Settled {
        action: 1,
        settlement: Settlement::Verified,
        detail: Outside::new("/status = frozen"),
    };
    play.engine.rule(1047, "14:03:30", answered(1, Outcome::Accepted, "200"));
    play.engine.rule(1047, "14:03:31", settled);
    play.engine.by("ana", 1047, "14:04:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    for (role, name) in [(Lead, "ana"), (Commander, "bo")] {
        let name = Outside::new(name);
        play.engine.by("ana", 1047, "14:04:00", Entry::RoleTaken { role, name, from: None });
    }
    let moved = |to, why: &str| Entry::PhaseMoved { to, waived: Some(Outside::new(why)) };
    play.engine.by("ana", 1047, "14:05:00", moved(Phase::Mitigate, "first things first"));
    let what = Outside::new("restarted gw-2 and drained the queue");
    play.engine.by("ana", 1047, "14:17:00", Entry::Mitigated { what });
    play.engine.by("ana", 1047, "14:17:10", Entry::PhaseMoved { to: Phase::Recover, waived: None });
    let detail = Outside::new("order-gw, rate of rejects");
    play.engine.rule(1047, "14:17:30", Entry::HealthTurned { healthy: true, needs: Span::mins(10), detail });
    for (deadline, name, title, due) in [
        (DeadlineKind::Timer, "", "bob: check the matching engine", "14:20:00"),
        (DeadlineKind::Bulletin, "users", "the next bulletin to users", "14:24:00"),
        (DeadlineKind::Regulator, "dora/initial", "initial notification", "18:01:22"),
    ] {
        let (title, due) = (Outside::new(title), at(due));
        play.engine.rule(
            1047,
            "14:17:30",
            Entry::DeadlineSet(DeadlineSet { deadline, name: name.into(), title, due }),
        );
    }
    play.now = at("14:21:40");
    play.poll();
    play.wait(2000);
}

#[test]
fn no_size_panics() {
    for keys in [
        "",
        "j enter",
        "m",
        "H",
        "H w",
        "M",
        "l",
        "l j enter",
        "l /",
        "p",
        "tab enter p p",
        "r",
        "i",
        "s",
        "?",
        "c",
        "c enter",
        "e",
        "e enter",
        "P enter",
        "P enter w",
        "e f",
        "b enter w ctrl-p",
        "b enter w",
        "N up p",
        "n",
        "q",
        "x",
        "/",
        "S",
        "K",
        "L",
        "I",
        ":",
        "A",
        "A enter",
    ] {
        let mut play = night().in_review();
        play.engine.asks("bo", 1047, "14:03:00", "88213");
        play.poll();
        play.engine.bulletins = told_by_mail();
        play.tell(Message::Resumed);
        go(&mut play, keys);
        for cols in [0, 1, 2, 5, 20, 35, 36, 37, 60, 80, 140, 200] {
            for rows in [0, 1, 2, 5, 8, 9, 12, 18, 24, 60] {
                play.tell(Message::Resized { cols, rows });
                frame(&play, &COLOUR);
            }
        }
    }
}

#[test]
fn mono_uses_no_colour_and_ascii_no_other_bytes() {
    for keys in [
        "", "enter", "m", "s", "H", "M", "l", "l enter", "p", "i", "?", "c enter", "e", "P enter", "K i",
        "L", ": t",
    ] {
        let mut play = night();
        go(&mut play, keys);
        for cell in &frame(&play, &MONO).content {
            assert_eq!((cell.fg, cell.bg), (ratatui::style::Color::Reset, ratatui::style::Color::Reset));
        }
        for cell in &frame(&play, &ASCII).content {
            assert!(cell.symbol().is_ascii(), "{:?}", cell.symbol());
        }
    }
}
