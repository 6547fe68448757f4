//! What a recording has of a session leads to the very screens of that session, at any size, and asks for nothing.

use quell::console::Model;
use quell::console::message::Message;
use quell::console::tape::{self, Lean, Playing, Step, Tape, follow};
use quell::domain::freshness::SourceStatus;
use quell::domain::monitor::Health;
use quell::domain::time::Time;
use quell::view::{self, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::support::board;
use crate::support::play::{Play, console, monitor};

/// The screen of a model.
fn screen(model: &Model, now: Time) -> String {
    let mut terminal = Terminal::new(TestBackend::new(model.size.cols, model.size.rows)).unwrap();
    terminal.draw(|frame| view::draw(model, &Theme::default(), now, frame)).unwrap();
    terminal.backend().to_string()
}

/// The steps as a file gives them back, gone through.
fn gone_through(steps: &[(Time, Step)]) -> Model {
    let (mut model, mut lean) = (board::console(80, 24), Lean::default());
    for (at, step) in steps {
        let text = serde_json::to_string(&lean.of(step.clone())).unwrap();
        follow(&mut model, *at, serde_json::from_str(&text).unwrap());
    }
    model
}

fn resized(mut model: Model, now: Time, cols: u16, rows: u16) -> Model {
    quell::console::update(&mut model, now, Message::Resized { cols, rows });
    model
}

fn night(keys: &str) -> Play {
    let mut play = console().usual().in_review();
    for part in keys.split(" | ") {
        match part.strip_prefix('"') {
            Some(text) => play.typing(text.trim_end_matches('"')),
            None => play.press(part),
        }
        play.wait(400);
    }
    play
}

#[test]
fn every_session_is_seen_again_as_it_was() {
    for keys in [
        "j j enter j j q k",
        "n | \"the replica lags\" | enter | a",
        "n | \"thrown away\" | esc | G",
        "/ | \"sev:critical\" | enter | j",
        "/ | \"lag\" | esc | j a",
        "c enter | \"88213\"",
        "c enter | \"88213\" | enter",
        "c enter | \"9\" | enter | esc | q",
        "S j enter",
        "I | \"120\" | enter",
        "P enter",
        "P enter w | \"no time\" | enter",
        "space j space D",
        "K i tab",
        "e f",
        "e enter | enter",
        ": | \"timer bob 3m check the engine\" | enter",
        "b enter w | \"Log-ins fail for some of you.\"",
        "l | / | \"opened\" | enter",
        "tab tab tab M [ ] H x",
        "N p | \"Keys leak\" | tab",
        "L | \"bo\" | enter",
        "q n q",
        ": | \"down\" | enter | a",
        ": | \"last\" | enter | a",
        ": | \"mark\" | enter | j space | : | \"ledger\" | enter j",
        ": | \"metrics\" | enter | : | \"longer\" | enter",
        ": | \"hand-over\" | enter | : | \"shorter\" | enter",
        ": | \"note it lags\" | enter | : | \"impact many\" | enter",
        "enter | / | \"opened\" | enter enter esc",
        "tab | / | \"fails\" | esc a",
        "/ | \"sev:normal\" | enter a",
        ": | \"filter sev:normal\" | enter a",
    ] {
        let play = night(keys);
        let again = gone_through(&play.steps);
        for (cols, rows) in [(80, 24), (120, 40), (40, 12), (200, 60)] {
            let shown = |model: &Model| screen(&resized(model.clone(), play.now, cols, rows), play.now);
            let (was, is) = (shown(&play.model), shown(&again));
            assert_eq!(is, was, "{keys} at {cols}x{rows}");
        }
    }
}

#[test]
fn what_a_command_did_to_rows_is_seen_again() {
    let mut play = crate::support::play::console();
    for n in 0..13 {
        let clock = format!("14:02:{n:02}");
        play.engine.put(crate::support::play::incident(
            1100 + n,
            quell::domain::severity::Severity::Critical,
            &clock,
            "Order gateway refuses connections",
        ));
    }
    play.poll();
    play.wait(2000);
    play.press(": o p e n enter");
    play.press(": d o w n enter");
    let again = gone_through(&play.steps);
    assert_eq!(again.triage.rows.len(), 14);
    assert_eq!(screen(&again, play.now), screen(&play.model, play.now));
    play.press("a");
    let again = gone_through(&play.steps);
    assert_eq!(screen(&again, play.now), screen(&play.model, play.now), "the very one is acknowledged");
    let keys = serde_json::to_string(&play.steps).unwrap();
    assert!(keys.contains("\"ran\":\"open\"") && keys.contains("\"ran\":\"down\""));
}

#[test]
fn what_is_pressed_while_nothing_is_asked_is_a_key_and_what_is_typed_is_none() {
    let play = night("j n | \"hunter2\" | enter");
    let keys: Vec<&Step> = play
        .steps
        .iter()
        .map(|(_, step)| step)
        .filter(|step| matches!(step, Step::Message(Message::Pressed(_))))
        .collect();
    assert_eq!(keys.len(), 2, "j and n: {keys:?}");
    let pasted = Message::Pasted(quell::domain::text::Outside::new("hunter2"));
    assert_eq!(Step::of(false, pasted, &play.model), None, "it went nowhere");
}

#[test]
fn a_replay_and_a_recording_say_what_they_are_at_any_size() {
    let play = night("j");
    let playing = Playing { speed: 16, paused: true, at: 192, of: 644, cut: false };
    for (cols, rows) in [(36, 9), (40, 12), (80, 24), (120, 40)] {
        let shown = screen(&tape::shown(&play.model, play.now, cols, rows, playing), play.now);
        assert!(shown.contains("REPLAY") && !shown.contains("actions ON"), "{shown}");
        assert!(shown.contains("3:12 of 10:44 paused"), "{shown}");
        assert!(!shown.contains("a ack"), "no verb is offered:\n{shown}");
        assert!(
            !shown.contains("? keys") && !shown.contains(": all"),
            "nor what does nothing here:\n{shown}"
        );
        let mut recorded = resized(play.model.clone(), play.now, cols, rows);
        recorded.tape = Tape::Recording;
        assert!(screen(&recorded, play.now).contains("REC "), "{cols}x{rows}");
    }
    assert!(screen(&tape::shown(&play.model, play.now, 12, 4, playing), play.now).contains("REPLAY"));
    let full = screen(&tape::shown(&play.model, play.now, 80, 24, playing), play.now);
    assert!(full.contains("REPLAY ×16 2026-"), "the recorded day and time:\n{full}");
}

#[test]
fn a_recording_that_was_cut_off_says_so_beside_how_it_is_left() {
    let play = night("j");
    let playing = Playing { speed: 1, paused: true, at: 644, of: 644, cut: true };
    for (cols, rows) in [(40, 12), (80, 24), (120, 40)] {
        let shown = screen(&tape::shown(&play.model, play.now, cols, rows, playing), play.now);
        assert!(shown.contains("10:44 of 10:44 cut off here  q leave"), "{shown}");
    }
}

#[test]
fn what_was_told_before_is_not_kept_again() {
    let mut play = night("j");
    play.engine.monitors = vec![monitor("token-api", Health::Up, "14:03:20")];
    play.steps.clear();
    play.poll();
    play.wait(1000);
    play.poll();
    let mut lean = Lean::default();
    let told: Vec<Step> = play.steps.iter().map(|(_, step)| lean.of(step.clone())).collect();
    let whole =
        |step: &Step| if let Step::Message(Message::Changed(all)) = step { Some(all.clone()) } else { None };
    let told_more = |step: &Step| if let Step::Told(more) = step { Some(more.clone()) } else { None };
    let all = told.iter().find_map(whole).unwrap();
    let more = told.iter().rev().find_map(told_more).unwrap();
    assert!(!all.sources.is_empty() && !all.monitors.is_empty());
    assert_eq!(
        more.sources,
        all.sources
            .iter()
            .cloned()
            .map(|it| SourceStatus { as_of: Some(play.now), ..it })
            .collect::<Vec<_>>()
    );
    assert_eq!(more.monitors, [], "they are as they were");
    lean.forget();
    assert!(
        matches!(lean.of(play.steps[0].1.clone()), Step::Message(_)),
        "all of it, after something was left out"
    );
    let quiet: Vec<bool> = told.iter().map(Step::is_quiet).collect();
    assert!(!quiet[0] && told.iter().any(Step::is_quiet), "an incident is told of first: {quiet:?}");
}

#[test]
fn that_a_recording_has_ended_is_said() {
    let mut play = night("j");
    play.model.tape = Tape::Recording;
    play.tell(Message::RecordingEnded("it has 64 MiB, and may not grow beyond".to_owned()));
    assert_eq!(play.model.tape, Tape::Off);
    assert_eq!(play.toast(), "the recording has ended: it has 64 MiB, and may not grow beyond");
}
