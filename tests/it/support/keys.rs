//! The product's key notation, as the bytes a terminal sends: `j ctrl-d enter "typed text"`.

/// One key or one run of typed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// What the terminal sends.
    pub bytes: Vec<u8>,
    /// A lone escape: whatever follows it in the same read would become an alt-key.
    pub lone_escape: bool,
}

/// Reads the notation: names separated by spaces, text to type in double quotes (`\"` and `\\` inside).
pub fn parse(notation: &str) -> Vec<Press> {
    let mut presses = Vec::new();
    let mut rest = notation.trim_start();
    while !rest.is_empty() {
        rest = match rest.strip_prefix('"').filter(|after| !after.is_empty() && !after.starts_with(' ')) {
            Some(quoted) => {
                let (text, after) = typed(quoted, notation);
                presses.push(Press { bytes: text.into_bytes(), lone_escape: false });
                after
            }
            None => {
                let (name, after) = rest.split_once(' ').unwrap_or((rest, ""));
                presses.push(Press { bytes: key(name), lone_escape: name == "esc" });
                after
            }
        }
        .trim_start();
    }
    presses
}

/// The text up to the closing quote, and what follows it.
fn typed<'a>(quoted: &'a str, notation: &str) -> (String, &'a str) {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (text, &quoted[at + 1..]),
            '\\' => text.push(characters.next().expect("something follows a backslash").1),
            other => text.push(other),
        }
    }
    panic!("no closing quote in the keys {notation:?}")
}

/// The bytes of one named key.
fn key(name: &str) -> Vec<u8> {
    if let Some(letter) = name.strip_prefix("ctrl-") {
        return match letter.to_ascii_uppercase().as_bytes() {
            b"SPACE" => vec![0],
            [byte @ b'@'..=b'_'] => vec![byte & 0x1f],
            _ => panic!("a terminal has no such key: {name}"),
        };
    }
    if let Some(plain) = name.strip_prefix("alt-") {
        return [vec![0x1b], key(plain)].concat();
    }
    let sequence = match name {
        "enter" => "\r",
        "esc" => "\x1b",
        "tab" => "\t",
        "shift-tab" | "backtab" => "\x1b[Z",
        "backspace" => "\x7f",
        "space" => " ",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "insert" => "\x1b[2~",
        "delete" => "\x1b[3~",
        "pgup" => "\x1b[5~",
        "pgdn" => "\x1b[6~",
        "f1" => "\x1bOP",
        "f2" => "\x1bOQ",
        "f3" => "\x1bOR",
        "f4" => "\x1bOS",
        "f5" => "\x1b[15~",
        "focus-in" => "\x1b[I",
        "focus-out" => "\x1b[O",
        single => {
            assert!(single.chars().count() == 1, "no such key: {name}");
            single
        }
    };
    sequence.into()
}
