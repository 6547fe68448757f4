//! Every look on every kind of terminal, style by style: a change of a colour is seen here.

use std::fmt::Write;

use super::*;
use quell::console::tape::{Playing, Tape};
use quell::domain::record::Snoozed;
use quell::view::theme::Depth;
use ratatui::buffer::Cell;
use ratatui::style::Style;

const DEPTHS: [(&str, Depth); 3] = [("16", Depth::Sixteen), ("256", Depth::Indexed), ("all", Depth::True)];

/// Triage while something is marked, put off, good and bad.
fn scene() -> Play {
    let mut play = night();
    let snoozed = Snoozed { until: at("15:00:00"), because: None };
    play.engine.by("ana", 1029, "14:00:00", Entry::Snoozed(snoozed));
    let settled =
        Entry::HealthTurned { healthy: true, needs: Span::mins(10), detail: Outside::new("order-gw") };
    play.engine.by("bo", 1039, "14:00:00", Entry::Mitigated { what: Outside::new("drained") });
    play.engine.rule(1039, "14:00:00", settled);
    play.poll();
    play.press("j space");
    play.wait(600);
    play
}

/// `fg=Red bold`
fn words(cell: &Cell) -> String {
    let Style { fg, bg, add_modifier, .. } = cell.style();
    let colour = |name, colour: Option<Color>| {
        colour.filter(|it| *it != Color::Reset).map(|colour| format!("{name}={colour}"))
    };
    let modifiers = add_modifier.iter_names().map(|(name, _)| name.to_lowercase());
    let all: Vec<String> = colour("fg", fg).into_iter().chain(colour("bg", bg)).chain(modifiers).collect();
    if all.is_empty() { "plain".to_owned() } else { all.join(" ") }
}

/// The text, a letter for the style of each cell as a terminal of every colour has it, and what each letter is on which.
fn styled(play: &Play, look: Look) -> String {
    let frames = DEPTHS.map(|(_, depth)| frame(play, &Theme { depth, ..Theme::new(look) }));
    let [_, _, whole] = &frames;
    let mut letters: Vec<Vec<String>> = Vec::new();
    let mut map = String::new();
    for at in 0..whole.content.len() {
        let styles: Vec<String> = frames.iter().map(|frame| words(&frame.content[at])).collect();
        let place = letters.iter().position(|known| *known == styles).unwrap_or_else(|| {
            letters.push(styles);
            letters.len() - 1
        });
        map.push(char::from(b'a' + u8::try_from(place).unwrap()));
        if (at + 1) % usize::from(whole.area.width) == 0 {
            map.push('\n');
        }
    }
    let mut out = shot(play, &Theme::new(look));
    out.push('\n');
    out.push_str(&map);
    for (place, styles) in (b'a'..).zip(&letters) {
        let named = DEPTHS.iter().zip(styles).map(|((name, _), style)| format!("{name}: {style}"));
        writeln!(out, "{}  {}", char::from(place), named.collect::<Vec<_>>().join("; ")).unwrap();
    }
    out
}

#[test]
fn every_look_on_every_kind_of_terminal() {
    let play = scene();
    for (name, look) in Look::NAMES.into_iter().zip(Look::ALL) {
        insta::assert_snapshot!(name, styled(&play, look));
    }
}

#[test]
fn a_recording_and_its_replay() {
    let played = |cols, rows| {
        let mut play = night_at(cols, rows);
        play.model.tape = Tape::Replay(Playing { speed: 4, paused: true, at: 75, of: 600, cut: false });
        play
    };
    for (look, shot) in super::looks(played) {
        insta::assert_snapshot!(format!("replay_{look}"), shot);
    }
    let mut play = night();
    play.model.tape = Tape::Recording;
    assert!(shot(&play, &COLOUR).lines().next().unwrap().contains("REC  actions ON"));
}
