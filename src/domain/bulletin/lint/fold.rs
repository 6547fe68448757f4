//! What a text looks like to its reader: tricks with look-alikes and invisible characters undone, for matching only.

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::domain::text::is_invisible;

/// Look-alikes that are no variant of a letter to Unicode, each list with what they pass for.
const LOOKALIKES: &[(&str, &str)] = &[
    ("аɑα", "a"),
    ("ВΒβ", "b"),
    ("сϲⅽᴄ", "c"),
    ("ԁⅾɗ", "d"),
    ("еҽεє", "e"),
    ("ɡց", "g"),
    ("һհнΗН", "h"),
    ("іιıɩӏǀ", "i"),
    ("ј", "j"),
    ("кκК", "k"),
    ("ⅼłŁ", "l"),
    ("мМΜⅿ", "m"),
    ("ոΝη", "n"),
    ("оοօσøØ", "o"),
    ("рρ", "p"),
    ("ԛզ", "q"),
    ("гᴦ", "r"),
    ("ѕꜱ", "s"),
    ("тτТΤ", "t"),
    ("υսᴜ", "u"),
    ("νѵᴠ", "v"),
    ("ԝѡᴡ", "w"),
    ("хχ×", "x"),
    ("уγү", "y"),
    ("ᴢ", "z"),
    ("АΑ", "A"),
    ("С", "C"),
    ("ЕΕ", "E"),
    ("ІΙӀ", "I"),
    ("Ј", "J"),
    ("Κ", "K"),
    ("ОΟՕ", "O"),
    ("РΡ", "P"),
    ("Ѕ", "S"),
    ("ХΧ", "X"),
    ("УΥҮ", "Y"),
    ("ΖᏃ", "Z"),
    ("‐‑‒−⁃", "-"),
    ("。‧・", "."),
    ("∕⁄⧸", "/"),
    ("꞉ː∶", ":"),
    ("’‘ʼ", "'"),
    ("“”", "\""),
    ("＠", "@"),
];

/// Ways to write an address so that no program takes it for one.
const DEFANGED: [(&str, &str); 6] =
    [("[.]", "."), ("(.)", "."), ("[dot]", "."), ("[:]", ":"), ("[at]", "@"), ("hxxp", "http")];

/// The text as its reader sees it, in plain letters where there are such.
pub(super) fn fold(text: &str) -> String {
    let plain = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars().filter(|c| !is_mark(*c)) {
        match c {
            '\n' | ' '..='~' => out.push(c),
            _ if c.is_whitespace() => out.push(' '),
            _ if is_invisible(c) => {}
            _ => match LOOKALIKES.iter().find(|(list, _)| list.contains(c)) {
                Some((_, meant)) => out.push_str(meant),
                None => out.push(digit(c).unwrap_or(c)),
            },
        }
    }
    DEFANGED.iter().fold(out, |text, (trick, meant)| text.replace(trick, meant))
}

/// A mark over, under or through the letter before it.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// A decimal digit of another script.
fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 6] = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xe50];
    let value =
        ZEROS.into_iter().find_map(|zero| u32::from(c).checked_sub(zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

/// Whether a word mixes Latin letters with those of a script that look like them.
pub(super) fn is_mixed(word: &str) -> bool {
    let latin = word.chars().any(|c| c.is_ascii_alphabetic());
    let other = |c: char| matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}' | '\u{530}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}');
    latin && word.chars().any(|c| other(c) && c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tricks_are_undone() {
        for (trick, seen) in [
            ("р\u{430}ssw\u{43e}rd", "password"),
            ("ｓｅｅｄ", "seed"),
            ("𝐥𝐨𝐠 𝐢𝐧", "log in"),
            ("pa\u{200b}ss\u{ad}word", "password"),
            ("l\u{336}o\u{336}g", "log"),
            ("１０.０.٠.7", "10.0.0.7"),
            ("db01[.]corp\u{3002}example․com", "db01.corp.example.com"),
            ("hxxps://ехаmрlе.com", "https://example.com"),
            ("①", "1"),
        ] {
            assert_eq!(fold(trick), seen, "{trick}");
        }
        assert_eq!(fold("Plain text, as it is.\nTwo lines"), "Plain text, as it is.\nTwo lines");
    }

    #[test]
    fn a_word_of_two_scripts_is_seen() {
        assert!(is_mixed("раypal") && is_mixed("Βitcoin"));
        assert!(!is_mixed("платёж") && !is_mixed("café") && !is_mixed("BTC"));
    }
}
