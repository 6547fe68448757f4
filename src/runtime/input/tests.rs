//! What the reader of the terminal makes of keys, replies and pastes.

use super::*;

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Feeds each piece when it comes, calling `pause` wherever the reader would.
fn decode(pieces: &[(u64, &[u8])]) -> Vec<Input> {
    let (mut decoder, mut inputs, mut before) = (Decoder::default(), Vec::new(), 0);
    for (millis, bytes) in pieces {
        if decoder.patience().is_some_and(|patience| at(*millis - before) > patience) {
            decoder.pause(at(*millis), &mut inputs);
        }
        decoder.feed(bytes, at(*millis), &mut inputs);
        before = *millis;
    }
    decoder.pause(at(before + 5000), &mut inputs);
    inputs
}

fn keys(bytes: &[u8]) -> Vec<String> {
    let names = decode(&[(0, bytes)]).into_iter().filter_map(|input| match input {
        Input::Key(chord) => Some(chord.to_string()),
        _ => None,
    });
    names.collect()
}

#[test]
fn keys_are_read() {
    assert_eq!(
        keys(b"jG \r\t\x7f\x03\x1a\x00"),
        ["j", "G", "space", "enter", "tab", "backspace", "ctrl-c", "ctrl-z", "ctrl-space"]
    );
    assert_eq!(keys(b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;2D"), ["up", "down", "ctrl-right", "shift-left"]);
    assert_eq!(keys(b"\x1b[H\x1bOF\x1b[1~\x1b[4~\x1b[3~"), ["home", "end", "home", "end", "delete"]);
    assert_eq!(keys(b"\x1b[5~\x1b[6~\x1b[Z\x1bx"), ["pgup", "pgdn", "shift-tab", "alt-x"]);
    assert_eq!(keys("é日\u{85}".as_bytes()), ["é", "日"]);
    assert_eq!(keys(b"\xffa\xc3b"), ["a", "b"], "broken characters are dropped");
    assert_eq!(keys(b"\x1b\x1bj"), ["esc", "alt-j"]);
}

#[test]
fn escape_alone_is_a_key_once_nothing_follows() {
    let seen = decode(&[(0, b"\x1b"), (100, b"j"), (200, b"\x1b"), (210, b"[A")]);
    let names: Vec<String> = seen
        .iter()
        .map(|input| if let Input::Key(chord) = input { chord.to_string() } else { String::new() })
        .collect();
    assert_eq!(names, ["esc", "j", "up"]);
}

/// The payloads of the category `terminal-input`, and a few more.
#[test]
fn a_reply_of_the_terminal_is_no_key() {
    let replies: [&[u8]; 12] = [
        b"\x1b[0;0R",
        b"\x1bP>|kitty(0.46.2)\x1b\\",
        b"\x1b[M   ",
        b"\x1b]99;i=q:p=?;a=report:c=1:o=always:p=title,body\x1b\\",
        b"\x1b]lfreeze all\x1b\\",
        b"\x1b]11;rgb:0000/0000/0000\x07",
        b"\x1b_Gi=1;OK\x1b\\",
        b"\x1b^private\x1b\\",
        b"\x1bXstring\x1b\\",
        b"\x1b[?62;22c",
        b"\x1b[<0;10;10M",
        b"\x1b[?2026;2$y",
    ];
    for reply in replies {
        assert_eq!(keys(reply), Vec::<String>::new(), "{}", reply.escape_ascii());
        let then = [reply, b"j"].concat();
        assert_eq!(keys(&then), ["j"], "{}", reply.escape_ascii());
        for cut in 1..reply.len() {
            let (one, two) = reply.split_at(cut);
            assert_eq!(decode(&[(0, one), (40, two)]), [], "{} at {cut}", reply.escape_ascii());
        }
    }
    assert_eq!(keys(b"\x1b[[Zj"), ["j"]);
}

#[test]
fn function_keys_are_read_as_terminals_and_the_linux_console_write_them() {
    assert_eq!(keys(b"\x1bOP\x1bOS\x1b[1;2Q\x1b[15~\x1b[24;5~"), ["f1", "f4", "shift-f2", "f5", "ctrl-f12"]);
    assert_eq!(keys(b"\x1b[[Aj\x1b[[E\x1b[17~\x1b[2~"), ["f1", "j", "f5", "f6", "insert"]);
    assert_eq!(keys(b"\x1b[1;5R\x1b[16~\x1b[22~"), Vec::<String>::new(), "where the cursor stands is no key");
}

#[test]
fn a_reply_without_an_end_is_over_after_a_while() {
    assert_eq!(decode(&[(0, b"\x1b]11;rgb"), (150, b":0000"), (600, b"j")]).len(), 1);
}

#[test]
fn a_paste_is_one_text_and_keys_right_after_it_do_not_count() {
    let seen = decode(&[(0, b"\x1b[200~acct-1\r\x1b[20"), (30, b"1~c\r"), (40, b"d"), (200, b"e")]);
    assert_eq!(seen, [Input::Paste(Outside::new("acct-1\n")), Input::Key(Chord::plain(Key::Char('e')))]);
}

#[test]
fn a_huge_paste_is_cut_and_ends() {
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.extend(std::iter::repeat_n(b'x', 1_000_000));
    bytes.extend(b"\x1b[201~");
    let seen = decode(&[(0, &bytes), (1000, b"j")]);
    assert!(matches!(&seen[..], [Input::Paste(text), Input::Key(_)] if text.raw().len() <= PASTE_BYTES));
}

#[test]
fn focus_is_reported() {
    assert_eq!(decode(&[(0, b"\x1b[I\x1b[O")]), [Input::Focus(true), Input::Focus(false)]);
}

#[test]
fn a_paste_that_stalls_never_turns_into_keys() {
    let stalled: [(u64, &[u8]); 4] =
        [(0, b"\x1b[200~acct"), (1500, b"q\ry\x1b[2"), (4000, b"01~"), (4100, b"j")];
    let both = [Input::Paste(Outside::new("acct")), Input::Key(Chord::plain(Key::Char('j')))];
    assert_eq!(decode(&stalled), both);
    // A terminal that never says where it ends is heard again after a while.
    let endless: [(u64, &[u8]); 4] = [(0, b"\x1b[200~acct"), (1500, b"q"), (20_000, b"y"), (32_000, b"j")];
    assert_eq!(decode(&endless), both);
    let cut: [(u64, &[u8]); 3] = [(0, b"\x1b[200~acct\x1b[20"), (1500, b"1~"), (1600, b"j")];
    assert!(matches!(&decode(&cut)[..], [Input::Paste(_), Input::Key(_)]));
}

/// What xterm sends for a key, the way most terminals do.
fn encoded(chord: Chord) -> Vec<u8> {
    let held = 1 + u8::from(chord.shift) + 2 * u8::from(chord.alt) + 4 * u8::from(chord.ctrl);
    let lettered = |letter: char, alone: &str| match held {
        1 => format!("\x1b{alone}{letter}"),
        held => format!("\x1b[1;{held}{letter}"),
    };
    let numbered = |number: u8| match held {
        1 => format!("\x1b[{number}~"),
        held => format!("\x1b[{number};{held}~"),
    };
    let typed = |text: String| if chord.alt { format!("\x1b{text}") } else { text };
    let text = match chord.key {
        Key::Char(' ') if chord.ctrl => typed("\0".to_owned()),
        Key::Char(c @ '4'..='7') if chord.ctrl => typed(char::from(c as u8 - b'4' + 0x1c).to_string()),
        Key::Char(c) if chord.ctrl => typed(char::from(c as u8 & 0x1f).to_string()),
        Key::Char(c) => typed(c.to_string()),
        Key::Enter => typed("\r".to_owned()),
        Key::Backspace => typed("\x7f".to_owned()),
        Key::Tab if chord.shift => "\x1b[Z".to_owned(),
        Key::Tab => typed("\t".to_owned()),
        Key::Esc => "\x1b".to_owned(),
        Key::Up => lettered('A', "["),
        Key::Down => lettered('B', "["),
        Key::Right => lettered('C', "["),
        Key::Left => lettered('D', "["),
        Key::Home => lettered('H', "["),
        Key::End => lettered('F', "["),
        Key::Insert => numbered(2),
        Key::Delete => numbered(3),
        Key::PageUp => numbered(5),
        Key::PageDown => numbered(6),
        Key::F(number @ 1..=4) => lettered(char::from(b'P' + number - 1), "O"),
        Key::F(number) => numbered([15, 17, 18, 19, 20, 21, 23, 24][usize::from(number) - 5]),
    };
    text.into_bytes()
}

/// What a configuration may name is what a terminal sends; what is written instead of the rest is too.
#[test]
fn every_key_that_can_be_configured_is_one_that_comes() {
    let named = "enter esc tab backspace delete up down left right pgup pgdn home end insert space";
    let mut names: Vec<String> = named.split(' ').map(str::to_owned).collect();
    names.extend((1..=12).map(|number| format!("f{number}")));
    names.extend(('!'..='~').chain(['é', '日']).map(String::from));
    let (mut sent, mut refused) = (0, 0);
    for held in ["", "ctrl-", "alt-", "shift-", "ctrl-alt-", "ctrl-shift-", "alt-shift-", "ctrl-alt-shift-"] {
        for name in &names {
            let Some(chord) = Chord::parse(&format!("{held}{name}")) else { continue };
            match chord.never_sent() {
                None => {
                    assert_eq!(keys(&encoded(chord)), [chord.to_string()]);
                    sent += 1;
                }
                Some(instead) => {
                    assert!(instead.is_none_or(|instead| instead.never_sent().is_none()), "{chord}");
                    refused += 1;
                }
            }
        }
    }
    assert!(sent > 300 && refused > 150, "{sent} {refused}");
    for (never, instead) in [("ctrl-i", "tab"), ("ctrl-m", "enter"), ("ctrl-h", "backspace"), ("ctrl-1", "1")]
    {
        let chord = Chord::parse(never).unwrap();
        assert_eq!(chord.never_sent(), Some(Chord::parse(instead)));
    }
    for never in ["ctrl-enter", "shift-space", "ctrl--", "alt-esc", "ctrl-alt-[", "shift-f3", "alt-O"] {
        assert!(Chord::parse(never).unwrap().never_sent().is_some(), "{never}");
    }
}
