//! The screens of the README are what the program draws: `tests/readme-screens.sh` makes them anew.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::picture::svg;
use crate::screens::{self, COLOUR, night_at};
use crate::support::repository;
use crate::wall;

/// Says that what is found is to be written instead of compared.
const WRITE: &str = "QUELL_README";

/// A night at which these keys were pressed.
fn after(cols: u16, rows: u16, keys: &[&str]) -> Buffer {
    let mut play = night_at(cols, rows);
    for part in keys {
        match part.strip_prefix('"') {
            Some(text) => play.typing(text),
            None => play.press(part),
        }
        play.wait(400);
    }
    screens::frame(&play, &COLOUR)
}

/// The one that stands in the README as text.
fn text() -> String {
    let frame = after(80, 24, &[]);
    let rows = frame.content.chunks(usize::from(frame.area.width));
    let line = |row: &[Cell]| row.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned();
    rows.map(|row| line(row) + "\n").collect()
}

/// The others: where each stands, and what it shows.
fn pictures() -> [(&'static str, String); 4] {
    let of = |name, says: &str, frame: &Buffer| (name, svg(frame, says));
    [
        of(
            "triage",
            "Triage at 120x40: what burns, and the selected incident below it",
            &after(120, 40, &[]),
        ),
        of(
            "contain",
            "The plan of a containment, its target being typed",
            &after(80, 24, &["j j c enter", "\"882"]),
        ),
        of("filter", "The filter, with what can follow", &after(80, 24, &["/", "\"sev:cr"])),
        of("wall", "The wall: two critical incidents, one of them not taken", &wall::picture(80, 24)),
    ]
}

/// The README with this between the marks of its screen.
fn with_screen(readme: &str, screen: &str) -> String {
    let (begin, end) = ("<!-- screen: triage -->\n", "<!-- end of screen -->");
    let (before, rest) = readme.split_once(begin).expect("README.md marks where its screen begins");
    let (_, after) = rest.split_once(end).expect("README.md marks where its screen ends");
    format!("{before}{begin}```text\n{screen}```\n{end}{after}")
}

#[test]
fn the_screens_of_the_readme_are_what_is_drawn() {
    let readme = repository::text("README.md");
    let wanted = with_screen(&readme, &text());
    let files: Vec<(String, String)> = pictures()
        .into_iter()
        .map(|(name, picture)| (format!("assets/screens/{name}.svg"), picture))
        .chain([("README.md".to_owned(), wanted)])
        .collect();
    if std::env::var(WRITE).is_ok_and(|it| it == "write") {
        for (file, text) in &files {
            std::fs::write(repository::root().join(file), text).unwrap();
        }
    }
    for (file, text) in &files {
        let there = std::fs::read_to_string(repository::root().join(file)).unwrap_or_default();
        assert!(
            there == *text,
            "{file} shows what is drawn no longer: run tests/readme-screens.sh, and look at it"
        );
        assert!(file == "README.md" || readme.contains(file), "README.md does not show {file}");
    }
}

#[test]
fn a_picture_is_well_formed_and_says_every_word() {
    let mut frame = Buffer::empty(Rect::new(0, 0, 12, 2));
    frame.set_string(0, 0, "a < b & 漢", Style::new().bold());
    frame.set_string(3, 1, "x", Style::new().reversed());
    let picture = svg(&frame, "two <rows>");
    let read = roxmltree::Document::parse(&picture).unwrap();
    let texts: Vec<&str> =
        read.descendants().filter(|it| it.has_tag_name("text")).filter_map(|it| it.text()).collect();
    assert_eq!(texts, ["a < b & 漢", "x"]);
    assert!(picture.contains("x=\"32\" y=\"38\" textLength=\"8\""), "{picture}");
}
