//! What cells hold, and what they cannot.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::domain::text::singles;

#[test]
fn texts_stand_as_ratatui_would_put_them() {
    let style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
    for (cols, said) in [
        (9, "abc"),
        (3, "a·c"),
        (3, "ab…d"),
        (1, "─"),
        (8, "漢字漢字漢"),
        (3, "a漢字"),
        (8, "ｶﾞｽ停止"),
        (8, "pﾞass"),
        (3, "aﾟﾟﾟb"),
        (8, "e\u{301}\u{1b}a"),
        (0, "a"),
    ] {
        let mut want = Buffer::empty(Rect::new(0, 0, 9, 1));
        want.set_stringn(0, 0, said, cols, style);
        let mut legend = Legend::default();
        let check = |legend: &Legend, mut row: Vec<Cell>| {
            legend.halve(&mut row);
            let mut have = Buffer::empty(want.area);
            show(legend, &row, &mut have.content);
            for (have, want) in have.content.iter().zip(&want.content) {
                let halves = have.symbol() == " " && want.symbol() == " ";
                assert!(have == want || halves, "{said} in {cols} cells: {have:?} {want:?}");
            }
        };
        let mut row = vec![Cell::BLANK; 9];
        legend.clusters(&mut row[..cols], said, style);
        check(&legend, row);
        if singles(said).is_some() {
            let mut row = vec![Cell::BLANK; 9];
            legend.singles(&mut row[..cols], said, style);
            check(&legend, row);
        }
    }
}

#[test]
fn no_cell_holds_what_no_terminal_may_be_sent() {
    let mut legend = Legend::default();
    let mut row =
        [" ", "\x1b[2J", "\u{9b}", "\u{202e}", "a\u{1b}", " "].map(|it| legend.cell(it, Style::new()));
    assert_eq!((legend.replaced(), legend.replaced()), (4, 0));
    legend.fill(&mut row[..1], '\u{7}', Style::new());
    legend.singles(&mut row[5..], "\u{1b}", Style::new());
    assert_eq!(legend.replaced(), 2);
    let shown: String = row.iter().map(|cell| legend.symbol(*cell)).collect();
    assert_eq!(shown, "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}");
}

#[test]
fn what_stands_behind_a_wide_character_looks_like_it_and_half_of_one_is_gone() {
    let mut legend = Legend::default();
    let red = Style::new().bg(Color::Red);
    let mut row = [Cell::BLANK; 4];
    legend.clusters(&mut row, "漢字", red);
    legend.singles(&mut row[2..3], "x", Style::new());
    assert!(!legend.halve(&mut row));
    let looks = row.map(|cell| (legend.symbol(cell), legend.looks(cell).bg));
    let seen = [("漢", Color::Red), ("", Color::Red), ("x", Color::Red), (" ", Color::Red)];
    assert_eq!(looks, seen.map(|(sign, bg)| (sign.to_owned(), bg)));
}

#[test]
fn a_blank_takes_no_colour_but_its_ground() {
    let mut legend = Legend::default();
    let blinks = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD | Modifier::SLOW_BLINK);
    let mut row = [" ", "x", " "].map(|it| legend.cell(it, blinks));
    legend.style(&mut row[2..], Style::new().add_modifier(Modifier::REVERSED));
    legend.even(&mut row);
    assert_eq!(row[0], Cell::BLANK);
    let [letter, bar] = [1, 2].map(|x| legend.looks(row[x]).modifier);
    assert_eq!((letter, bar), (Modifier::BOLD, Modifier::BOLD | Modifier::REVERSED));
}

#[test]
fn clusters_without_end_fill_it() {
    let mut legend = Legend::default();
    let mut seen = 0;
    while !legend.is_full() {
        let base = char::from_u32(0x4E00 + seen).unwrap();
        legend.cell(&format!("{base}\u{301}"), Style::new());
        legend.cell(&format!("{base}\u{301}"), Style::new());
        seen += 1;
    }
    assert_eq!((usize::try_from(seen).unwrap(), legend.replaced()), (FULL, 0));
}
