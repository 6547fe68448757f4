//! The console's glyphs for terminals that draw ASCII only.

use super::Width;
use unicode_segmentation::UnicodeSegmentation;

/// The text in ASCII and as wide as before: the console's own glyphs by their likeness, the rest as `?`.
pub fn ascii_fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        let mut chars = cluster.chars();
        match (chars.next().and_then(likeness), chars.next()) {
            _ if cluster.is_ascii() => out.push_str(cluster),
            (Some(c), None) => out.push(c),
            _ => out.extend(std::iter::repeat_n('?', cluster.width())),
        }
    }
    out
}

fn likeness(c: char) -> Option<char> {
    Some(match c {
        '─' | '━' | '╌' | '┄' | '—' | '–' | '▔' | '▀' => '-',
        '│' | '┃' | '║' | '╎' | '┆' => '|',
        '═' | '▆' => '=',
        '▌' | '▶' | '→' => '>',
        '›' | '⏎' => '/',
        '◀' | '←' | '‹' => '<',
        '●' | '•' | '★' | '◉' => '*',
        '○' => 'o',
        '◍' => '@',
        '◐' => '(',
        '◑' => ')',
        '✓' => '+',
        '↓' | '▼' => 'v',
        '✗' | '×' => 'x',
        '↑' | '▲' => '^',
        '·' | '▂' => '.',
        '…' => '~',
        '▁' => '_',
        '▃' | '▄' => ':',
        '▅' => '-',
        '▇' | '█' | '▓' => '#',
        '░' | '▒' => ':',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '\u{A0}' => ' ',
        '\u{2500}'..='\u{257F}' => '+',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_has_a_letter_of_its_own() {
        let signs = ["●", "○", "◍", "◐", "◑", "✓", "✗", "↑", "↓", "▶", "…"];
        let folded: std::collections::BTreeSet<String> = signs.iter().map(|sign| ascii_fold(sign)).collect();
        assert_eq!(folded.len(), signs.len(), "{folded:?}");
        assert!(!folded.contains("%"), "that is a part of numbers");
        let bars: std::collections::BTreeSet<String> =
            ["▁", "▂", "▃", "▅", "▆", "▇"].iter().map(|bar| ascii_fold(bar)).collect();
        assert_eq!(bars.len(), 6);
    }
}
