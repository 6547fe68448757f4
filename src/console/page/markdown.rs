//! Markdown as lines: headings, lists, tables and paragraphs, as `domain::markdown` writes them.

use crate::domain::text::Width;

use super::{Line, Page, Role, gap, wrapped};
use crate::domain::text::Outside;

/// No column gets fewer cells than this.
const NARROWEST: usize = 8;
/// Cells between two columns.
const BETWEEN: usize = 2;

/// The lines of a page. Whoever wrote it, each line is made safe before anything is read from it.
pub fn page(markdown: &Outside, cols: u16) -> Page {
    let mut out = Page::new();
    let mut table: Vec<Vec<String>> = Vec::new();
    for line in markdown.lines(usize::MAX) {
        let line = line.trim_end();
        if let Some(cells) = cells(line) {
            table.push(cells);
            continue;
        }
        draw(&mut out, std::mem::take(&mut table), cols);
        if let Some(title) = line.strip_prefix("# ").or(line.strip_prefix("## ")) {
            out.extend(wrapped(Role::Heading, " ", &plain(title), cols));
        } else if let Some(item) = line.strip_prefix("- ") {
            out.extend(wrapped(Role::Plain, " · ", &plain(item), cols));
        } else if line.is_empty() {
            out.push(gap());
        } else {
            out.extend(wrapped(Role::Plain, " ", &plain(line), cols));
        }
    }
    draw(&mut out, table, cols);
    out
}

/// The cells of a table's row; of the row that only separates, none.
fn cells(line: &str) -> Option<Vec<String>> {
    let row = line.strip_prefix('|')?.strip_suffix('|')?;
    let mut cells = vec![String::new()];
    let mut chars = row.chars();
    while let Some(c) = chars.next() {
        match (c, cells.last_mut()) {
            ('|', _) => cells.push(String::new()),
            ('\\', Some(cell)) => {
                cell.push('\\');
                cell.extend(chars.next());
            }
            (c, Some(cell)) => cell.push(c),
            (_, None) => {}
        }
    }
    let cells: Vec<String> = cells.iter().map(|cell| plain(cell.trim())).collect();
    let separates = cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| c == '-'));
    Some(if separates { Vec::new() } else { cells })
}

/// The text without the marks that keep it text.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = text.replace("`@`", "@");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' && next.is_ascii_punctuation() => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    out
}

/// A table in columns as wide as what is in them, the widest giving way first; the first row is its head.
fn draw(out: &mut Page, mut rows: Vec<Vec<String>>, cols: u16) {
    rows.retain(|row| !row.is_empty());
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| Some(row.get(column)?.width())).max();
    let mut widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    let room = usize::from(cols).saturating_sub(1 + BETWEEN * columns.saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > NARROWEST) else { break };
        *widest -= 1;
    }
    for (place, row) in rows.iter().enumerate() {
        let role = if place == 0 { Role::Dim } else { Role::Plain };
        let cells: Vec<Page> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| wrapped(role, "", cell, u16::try_from(*width).unwrap_or(u16::MAX)))
            .collect();
        for y in 0..cells.iter().map(Page::len).max().unwrap_or(0) {
            let mut line = String::from(" ");
            for (cell, width) in cells.iter().zip(&widths) {
                let text = cell.get(y).map(Line::text).unwrap_or_default();
                line.push_str(&text);
                line.push_str(&" ".repeat(width.saturating_sub(text.width()) + BETWEEN));
            }
            out.push(Line::of(role, line.trim_end()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::markdown::Page as Markdown;

    fn lines(page: Markdown, cols: u16) -> Vec<String> {
        super::page(&Outside::new(page.into_text()), cols).iter().map(Line::text).collect()
    }

    #[test]
    fn what_was_written_as_text_is_shown_as_that_text() {
        let words = "a_b* [x](https://evil.example) ops@evil.example | <b> \\x1b 1. - #";
        let mut page = Markdown::new(words);
        page.paragraph(words);
        page.list([words.to_owned()]);
        let shown = lines(page, 100);
        assert_eq!(
            shown,
            [format!(" {words}"), String::new(), format!(" {words}"), String::new(), format!(" · {words}")]
        );
    }

    #[test]
    fn a_table_stands_in_columns_and_the_widest_gives_way() {
        let mut page = Markdown::new("t");
        let long = "one two three four five six".to_owned();
        page.table(["When", "What"], [["14:03".to_owned(), long], ["14:04|".to_owned(), "x".to_owned()]]);
        let shown = lines(page, 30);
        let table = shown.get(2..).unwrap_or_default();
        assert_eq!(
            table,
            [" When    What", " 14:03   one two three four", "         five six", " 14:04|  x"]
        );
    }
}
