//! How many cells of a terminal a text takes.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Whether it has a cell to itself, beside others of its kind: letters and the signs of the console.
pub fn is_single(c: char) -> bool {
    matches!(c, ' '..='~' | '·' | '×' | '—' | '…' | '←'..='↓' | '─'..='◷')
}

/// How many cells it takes, where each character has one to itself. Most that is shown is like that, and need not be taken apart.
pub fn singles(text: &str) -> Option<usize> {
    if text.is_ascii() {
        return text.bytes().all(|byte| matches!(byte, b' '..=b'~')).then_some(text.len());
    }
    text.chars().try_fold(0, |count, c| is_single(c).then_some(count + 1))
}

/// How wide a text is.
pub trait Width {
    /// The cells it takes.
    fn width(&self) -> usize;
}

impl Width for str {
    fn width(&self) -> usize {
        singles(self).unwrap_or_else(|| self.graphemes(true).map(across).sum())
    }
}

/// The cells of one cluster. Terminals give the halfwidth marks of katakana, which belong to what stands before them, a cell of
/// their own.
fn across(cluster: &str) -> usize {
    let marks = cluster.chars().filter(|c| matches!(c, '\u{ff9e}' | '\u{ff9f}')).count();
    UnicodeWidthStr::width(cluster) + marks
}

/// The longest start of a text that fits into so many cells, cut between clusters, and ended by `…` where something is missing.
pub fn clip(text: &str, cells: usize) -> String {
    // No character is wider than its bytes are many.
    if text.len() <= cells || Width::width(text) <= cells {
        return text.to_owned();
    }
    // One cell stays free for the sign of the cut.
    let Some(room) = cells.checked_sub(1) else { return String::new() };
    let mut used = 0;
    let fits = |cluster: &&str| {
        used += across(cluster);
        used <= room
    };
    let kept = match singles(text) {
        Some(_) => text.chars().take(room).map(char::len_utf8).sum(),
        None => text.graphemes(true).take_while(fits).map(str::len).sum(),
    };
    format!("{}…", text.get(..kept).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_as_single_is_one_cell_and_one_cluster() {
        for c in ('\0'..='\u{ffff}').filter(|c| is_single(*c)) {
            let text = format!("a{c}{c}b");
            assert_eq!(
                (text.graphemes(true).count(), UnicodeWidthStr::width(text.as_str())),
                (4, 4),
                "{c:?}"
            );
            assert_eq!(singles(&text), Some(4));
        }
        for text in ["é", "e\u{301}", "漢", "\u{1b}", "a\tb", "…\u{fe0f}"] {
            assert_eq!(singles(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_cut_says_so_and_fits() {
        let texts = [
            "",
            "a",
            "abcd",
            "ab…d",
            "漢字漢字",
            "e\u{301}e\u{301}e\u{301}",
            "a漢b",
            "─── x",
            "pﾞass",
            "ｶﾞｽ停止",
        ];
        for (text, cells) in texts.into_iter().flat_map(|text| (0..7).map(move |cells| (text, cells))) {
            let cut = clip(text, cells);
            assert!(Width::width(cut.as_str()) <= cells, "{text:?} in {cells}: {cut:?}");
            assert_eq!(cut == text, Width::width(text) <= cells, "{text:?} in {cells}: {cut:?}");
            assert_eq!(
                cut.ends_with('…') && cut != text,
                cells > 0 && Width::width(text) > cells,
                "{text:?} in {cells}"
            );
        }
        assert_eq!((clip("漢字漢字", 6), clip("abcdef", 3)), ("漢字…".to_owned(), "ab…".to_owned()));
    }
}
