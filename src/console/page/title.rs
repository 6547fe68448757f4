//! The title of a rule, as terse as its room asks for: a number that is cut would be another number, so words give way.

use crate::domain::text::Width;

use crate::domain::text::SafeText;

/// Cells of a title that the end of its rule never takes: they name the incident.
pub const NAME: u16 = 24;
/// Words that are cut to fewer cells say nothing.
pub const LEAST: usize = 8;

/// Cells for a title on a rule of so many columns that ends with this.
pub fn room(cols: u16, end: &str) -> usize {
    let room = usize::from(cols).saturating_sub(6);
    let end = match end.width() {
        0 => 0,
        wide => wide.min(room.saturating_sub(usize::from(NAME) + 4)) + 4,
    };
    room.saturating_sub(end)
}

/// The first form, from 0 to the tersest, that has room for all that is counted and for `kept` cells of the words, with as
/// much of these as fits into it.
pub fn fitting(
    room: usize,
    tersest: u8,
    (words, kept): (&SafeText, usize),
    form: impl Fn(u8, &str) -> String,
) -> String {
    let kept = match words.width().min(kept) {
        0 => 0,
        kept => kept + 2,
    };
    let mut terse = 0;
    let (plain, wide) = loop {
        let plain = form(terse, "");
        let wide = plain.width();
        if terse >= tersest || wide + kept <= room {
            break (plain, wide);
        }
        terse += 1;
    };
    let left = room.saturating_sub(wide + 2);
    let shown = if words.width() <= left || left >= LEAST { words.clip(left) } else { String::new() };
    if shown.is_empty() { plain } else { form(terse, &format!(": {shown}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_give_way_before_counts_do() {
        let form = |terse: u8, words: &str| match terse {
            0 => format!("12 found{words} · 3 marked"),
            _ => format!("12{words}"),
        };
        let words = SafeText::display("service:orders");
        for (room, title) in [
            (40, "12 found: service:orders · 3 marked"),
            (29, "12 found: service… · 3 marked"),
            (28, "12 found · 3 marked"),
            (18, "12: service:orders"),
            (2, "12"),
        ] {
            assert_eq!(fitting(room, 1, (&words, 0), form), title, "{room}");
        }
        assert_eq!(fitting(28, 1, (&words, LEAST), form), "12: service:orders");
    }

    #[test]
    fn the_end_of_a_rule_leaves_room_for_a_name() {
        assert_eq!((room(80, ""), room(80, "12 below ↓")), (74, 60));
        assert_eq!(room(40, &"x".repeat(40)), 24);
    }
}
