//! A frame as a picture: SVG, with each run of letters at its place in the grid.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// A cell, in pixels.
const CELL: (u32, u32) = (8, 17);
const MARGIN: u32 = 8;
const INK: &str = "#d4d4d4";
const PAPER: &str = "#16181d";
/// The sixteen colours of the terminal it is drawn as.
const NAMED: [(Color, &str); 16] = [
    (Color::Black, "#16181d"),
    (Color::Red, "#d16969"),
    (Color::Green, "#6a9955"),
    (Color::Yellow, "#d7ba7d"),
    (Color::Blue, "#569cd6"),
    (Color::Magenta, "#c586c0"),
    (Color::Cyan, "#4ec9b0"),
    (Color::Gray, "#d4d4d4"),
    (Color::DarkGray, "#808080"),
    (Color::LightRed, "#f48771"),
    (Color::LightGreen, "#89d185"),
    (Color::LightYellow, "#ffd866"),
    (Color::LightBlue, "#9cdcfe"),
    (Color::LightMagenta, "#e0a8db"),
    (Color::LightCyan, "#7fe3d0"),
    (Color::White, "#ffffff"),
];

/// What a run of cells looks like.
#[derive(Clone, PartialEq, Eq)]
struct Looks {
    ink: String,
    paper: String,
    bold: bool,
    dim: bool,
}

/// The picture; `says` is read to whoever cannot see it.
pub fn svg(frame: &Buffer, says: &str) -> String {
    let (cols, rows) = (u32::from(frame.area.width), u32::from(frame.area.height));
    let (width, height) = (cols * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"13\">\n<title>{}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{PAPER}\"/>\n",
        escaped(says)
    );
    for y in 0..frame.area.height {
        let mut x = 0;
        while x < frame.area.width {
            let looks = looks(&frame[(x, y)]);
            let mut text = String::new();
            let start = x;
            while x < frame.area.width && self::looks(&frame[(x, y)]) == looks {
                let symbol = frame[(x, y)].symbol();
                text.push_str(symbol);
                x += u16::try_from(symbol.width().max(1)).unwrap();
            }
            run(&mut out, (start, y), x - start, &text, &looks);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn run(out: &mut String, (x, y): (u16, u16), cells: u16, text: &str, looks: &Looks) {
    let (left, top) = (MARGIN + u32::from(x) * CELL.0, MARGIN + u32::from(y) * CELL.1);
    let width = u32::from(cells) * CELL.0;
    if looks.paper != PAPER {
        let (height, paper) = (CELL.1, &looks.paper);
        writeln!(
            out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>"
        )
        .unwrap();
    }
    // Blocks are drawn, not written: fonts leave gaps between them.
    for (place, mask) in (0..).zip(text.chars()).filter_map(|(place, c)| Some((place, quarters(c)?))) {
        let (half, upper) = (CELL.0 / 2, CELL.1.div_ceil(2));
        for (bit, x, y, height) in [
            (1, 0, 0, upper),
            (2, half, 0, upper),
            (4, 0, upper, CELL.1 - upper),
            (8, half, upper, CELL.1 - upper),
        ] {
            if mask & bit > 0 {
                let (x, y, ink) = (left + place * CELL.0 + x, top + y, &looks.ink);
                writeln!(
                    out,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{half}\" height=\"{height}\" fill=\"{ink}\"/>"
                )
                .unwrap();
            }
        }
    }
    let text: String = text.chars().map(|c| if quarters(c).is_some() { ' ' } else { c }).collect();
    if text.trim().is_empty() {
        return;
    }
    let weight = if looks.bold { " font-weight=\"bold\"" } else { "" };
    let faint = if looks.dim { " opacity=\"0.6\"" } else { "" };
    let (base, ink) = (top + 13, &looks.ink);
    writeln!(
        out,
        "<text x=\"{left}\" y=\"{base}\" textLength=\"{width}\" style=\"white-space:pre\" xml:space=\"preserve\" fill=\"{ink}\"{weight}{faint}>{}</text>",
        escaped(&text)
    )
    .unwrap();
}

/// Which quarters of its cell a block fills: upper left 1, upper right 2, lower left 4, lower right 8.
fn quarters(c: char) -> Option<u32> {
    const BLOCKS: &str = "▘▝▀▖▌▞▛▗▚▐▜▄▙▟█";
    (1..).zip(BLOCKS.chars()).find(|(_, block)| *block == c).map(|(mask, _)| mask)
}

fn looks(cell: &Cell) -> Looks {
    let has = |modifier| cell.modifier.contains(modifier);
    let (ink, paper) = (colour(cell.fg, INK), colour(cell.bg, PAPER));
    let (ink, paper) = if has(Modifier::REVERSED) { (paper, ink) } else { (ink, paper) };
    Looks { ink, paper, bold: has(Modifier::BOLD), dim: has(Modifier::DIM) }
}

fn colour(colour: Color, usual: &str) -> String {
    match colour {
        Color::Reset => usual.to_owned(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Indexed(index @ 0..=15) => NAMED[usize::from(index)].1.to_owned(),
        Color::Indexed(index @ 16..=231) => {
            let part = |of: u8| [0, 95, 135, 175, 215, 255][usize::from((index - 16) / of % 6)];
            format!("#{:02x}{:02x}{:02x}", part(36), part(6), part(1))
        }
        Color::Indexed(index) => format!("#{0:02x}{0:02x}{0:02x}", 8 + (index - 232) * 10),
        named => NAMED.iter().find(|(it, _)| *it == named).unwrap().1.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
