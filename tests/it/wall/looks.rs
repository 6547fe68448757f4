//! What a terminal is sent in each look: the codes it knows, and without colour only weight and reverse.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use quell::console::look::Look;
use quell::view::theme::Depth;
use quell::view::{Theme, draw};

use super::night;
use crate::support::play::console;
use crate::support::vt::{Token, tokens};
use crate::support::wired::Wired;

/// What a console and a wall in this look send to change how characters are drawn.
fn sent(theme: &Theme) -> Vec<String> {
    let play = console().usual();
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| draw(&play.model, theme, play.now, frame)).unwrap();
    let frames = [terminal.backend().buffer().clone(), night(80, 24).frame(theme)];
    let bytes = frames.iter().flat_map(|frame| Wired::new(80, 24).shows(frame)).collect::<Vec<u8>>();
    let changes = tokens(&bytes).into_iter().filter_map(|token| match token {
        Token::Csi { parameters, last: 'm' } => Some(parameters),
        _ => None,
    });
    changes.collect()
}

fn codes(sent: &[String]) -> Vec<u16> {
    sent.iter().flat_map(|it| it.split(';')).map(|code| code.parse().unwrap_or(0)).collect()
}

#[test]
fn a_terminal_of_sixteen_colours_is_sent_the_codes_it_knows() {
    for look in Look::ALL {
        let codes = codes(&sent(&Theme::new(look)));
        assert!(!codes.contains(&38) && !codes.contains(&48), "{look:?}: {codes:?}");
        assert_eq!(
            codes.iter().any(|code| matches!(code, 30..=37 | 90..=97)),
            look != Look::Mono,
            "{look:?}"
        );
    }
}

#[test]
fn others_are_sent_the_colours_themselves() {
    for (depth, begins) in [(Depth::Indexed, "38;5;166"), (Depth::True, "38;2;213;94;0")] {
        let sent = sent(&Theme { depth, ..Theme::new(Look::ColourBlind) });
        assert!(sent.iter().any(|it| it.contains(begins)), "{depth:?}: {sent:?}");
        let dark = codes(&self::sent(&Theme { depth, ..Theme::new(Look::Dark) }));
        assert!(!dark.contains(&38), "the terminal's own colours stay its own");
    }
}

#[test]
fn without_colour_bold_and_reverse_are_left() {
    let sent = sent(&Theme { depth: Depth::True, ..Theme::new(Look::Mono) });
    let codes = codes(&sent);
    let coloured = |code: &u16| matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107);
    assert!(!codes.iter().any(coloured), "{sent:?}");
    assert!(codes.contains(&1) && codes.contains(&7), "{sent:?}");
}
