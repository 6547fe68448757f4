//! Notifications as escape sequences, which reach the person's own terminal through SSH.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{Place, Popup};
use crate::domain::plan::hex;

/// The floor: every terminal and mosh pass it, and tmux unless it is told not to.
pub const BELL: u8 = 0x07;
/// Cells of a title or a body.
const MAX_CELLS: usize = 200;
/// Bytes that GNU screen passes on as one string.
const SCREEN_BYTES: usize = 256;

/// What stands between quell and the terminal, from here on: what it runs in, and what is around that.
pub type Way = [Through; 2];

/// One that passes on what is wrapped for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Through {
    /// Nothing.
    #[default]
    Nothing,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

/// The sequence a terminal understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// iTerm2's.
    Osc9,
    /// rxvt-unicode's.
    Osc777,
    /// kitty's.
    Osc99,
}

impl Form {
    /// The word used in configuration and in the banner.
    pub fn name(self) -> &'static str {
        match self {
            Self::Osc9 => "osc9",
            Self::Osc777 => "osc777",
            Self::Osc99 => "osc99",
        }
    }

    /// The name terminals' manuals give it.
    pub fn sequence(self) -> &'static str {
        match self {
            Self::Osc9 => "OSC 9",
            Self::Osc777 => "OSC 777",
            Self::Osc99 => "OSC 99",
        }
    }
}

/// The bytes that make a terminal show a notification; where it understands that, in the place of what was shown there.
pub fn sequence(form: Form, popup: &Popup, way: Way) -> Vec<u8> {
    let (title, body) = (popup.title.clip(MAX_CELLS), popup.body.clip(MAX_CELLS));
    let commands = match form {
        // Without a word in front, a text such as `4;1;50` would be read as a command of its own.
        Form::Osc9 => vec![format!("9;quell: {title}: {body}")],
        Form::Osc777 => vec![format!("777;notify;{};{}", title.replace(';', ","), body.replace(';', ","))],
        Form::Osc99 => {
            let known = match &popup.place {
                Some(Place { incident, waits }) => format!("{incident} {waits}"),
                None => format!("{title}\n{body}"),
            };
            let id: String = hex(&Sha256::digest(known)).chars().take(16).collect();
            let (title, body) = (STANDARD.encode(title), STANDARD.encode(body));
            vec![format!("99;i={id}:d=0:e=1:p=title;{title}"), format!("99;i={id}:d=1:e=1:p=body;{body}")]
        }
    };
    commands.into_iter().flat_map(|command| wrapped(&command, way).into_bytes()).collect()
}

/// The bytes that ring. GNU screen makes words or a flash of a bell where its `vbell` is on, as Debian sets it: it is asked
/// besides to pass one on, which it does from the window somebody looks at; of another it says at least that it rang.
pub fn bell(through: Through) -> Vec<u8> {
    match through {
        Through::Nothing | Through::Tmux => vec![BELL],
        Through::Screen => b"\x07\x1bP\x07\x1b\\".to_vec(),
    }
}

/// The bytes that make a terminal take a text into its clipboard (OSC 52). It says nothing about whether it did. In
/// tmux it is said twice: to tmux, which may keep it itself, and through it.
pub fn clipboard(text: &str, through: Through) -> Vec<u8> {
    let command = format!("52;c;{}", STANDARD.encode(text));
    let said = |through| wrapped(&command, [through, Through::Nothing]);
    match through {
        Through::Nothing | Through::Screen => said(through),
        Through::Tmux => said(Through::Nothing) + &said(through),
    }
    .into_bytes()
}

/// A command as a sequence, inside those whose content is passed on.
fn wrapped(command: &str, way: Way) -> String {
    // GNU screen takes the first `ESC \` for the end of what it passes on.
    let end = if way.contains(&Through::Screen) { "\x07" } else { "\x1b\\" };
    let plain = format!("\x1b]{command}{end}");
    way.into_iter().rev().fold(plain, |inner, through| match through {
        Through::Nothing => inner,
        Through::Tmux => format!("\x1bPtmux;{}\x1b\\", inner.replace('\x1b', "\x1b\x1b")),
        Through::Screen => {
            let mut pieces = vec![String::new()];
            for c in inner.chars() {
                let goes_on = |piece: &&mut String| {
                    // The end of what a tmux around it passes on would be the end of this.
                    piece.len() < SCREEN_BYTES / 2 && !(c == '\\' && piece.ends_with('\x1b'))
                };
                match pieces.last_mut().filter(goes_on) {
                    Some(piece) => piece.push(c),
                    None => pieces.push(c.into()),
                }
            }
            pieces.into_iter().map(|piece| format!("\x1bP{piece}\x1b\\")).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IncidentId;
    use crate::domain::text::Outside;

    use Through::{Nothing, Screen, Tmux};

    fn said(form: Form, title: &str, body: &str, through: Through) -> String {
        let popup = Popup::plain(Outside::new(title).safe(), Outside::new(body).safe());
        String::from_utf8(sequence(form, &popup, [through, Nothing])).unwrap()
    }

    #[test]
    fn a_text_cannot_end_or_extend_its_sequence() {
        let hostile = "4;1;50\u{1b}\\\u{7}\u{9c};x";
        for form in [Form::Osc9, Form::Osc777, Form::Osc99] {
            let text = said(form, hostile, hostile, Nothing);
            let commands = if form == Form::Osc99 { 2 } else { 1 };
            assert_eq!(text.matches('\u{1b}').count(), commands * 2, "{text:?}");
            assert!(!text.contains(['\u{7}', '\u{9c}']));
        }
        assert!(said(Form::Osc9, "4;1;50", "", Nothing).starts_with("\u{1b}]9;quell: 4;1;50: "));
        assert_eq!(said(Form::Osc777, "a;b", "c;d", Nothing), "\u{1b}]777;notify;a,b;c,d\u{1b}\\");
    }

    #[test]
    fn osc_99_carries_base64_under_a_safe_id() {
        let text = said(Form::Osc99, "NEW", "down", Nothing);
        assert!(
            text.contains(":d=0:e=1:p=title;TkVX\u{1b}\\")
                && text.ends_with(":d=1:e=1:p=body;ZG93bg==\u{1b}\\")
        );
        assert!(said(Form::Osc99, &"x".repeat(5000), "", Nothing).len() < 2048);
    }

    #[test]
    fn osc_99_takes_the_place_of_what_was_shown_of_the_same_incident() {
        let shown = |number, waits, text: &str| {
            let place = Some(Place { incident: IncidentId::new("ANA", number), waits });
            let popup =
                Popup { place, ..Popup::plain(Outside::new("NEW").safe(), Outside::new(text).safe()) };
            let bytes = String::from_utf8(sequence(Form::Osc99, &popup, [Nothing, Nothing])).unwrap();
            bytes.split(':').next().unwrap().to_owned()
        };
        assert_eq!(shown(7, true, "down"), shown(7, true, "waits for somebody"));
        assert_ne!(shown(7, true, "down"), shown(8, true, "down"));
        assert_ne!(shown(7, true, "down"), shown(7, false, "down"), "a deadline hides no call for help");
        let id = shown(7, true, "down");
        assert!(id.strip_prefix("\u{1b}]99;i=").unwrap().bytes().all(|c| c.is_ascii_alphanumeric()), "{id}");
    }

    #[test]
    fn a_copied_text_is_base64_and_at_most_what_terminals_take() {
        let copied = |text: &str, through| String::from_utf8(clipboard(text, through)).unwrap();
        assert_eq!(copied("INC-7\u{1b}\\", Nothing), "\u{1b}]52;c;SU5DLTcbXA==\u{1b}\\");
        assert_eq!(
            copied("a", Tmux),
            "\u{1b}]52;c;YQ==\u{1b}\\\u{1b}Ptmux;\u{1b}\u{1b}]52;c;YQ==\u{1b}\u{1b}\\\u{1b}\\"
        );
        let longest = "x".repeat(56_244);
        assert!(copied(&longest, Nothing).len() <= 74_994 + "\u{1b}]52;c;\u{1b}\\".len());
    }

    #[test]
    fn tmux_gets_every_escape_doubled() {
        assert_eq!(
            said(Form::Osc9, "a", "b", Tmux),
            "\u{1b}Ptmux;\u{1b}\u{1b}]9;quell: a: b\u{1b}\u{1b}\\\u{1b}\\"
        );
    }

    #[test]
    fn screen_takes_the_end_of_what_is_for_tmux_for_none_of_its_own() {
        let popup = Popup::plain(Outside::new("a").safe(), Outside::new("b").safe());
        assert_eq!(
            String::from_utf8(sequence(Form::Osc9, &popup, [Screen, Tmux])).unwrap(),
            "\u{1b}P\u{1b}Ptmux;\u{1b}\u{1b}]9;quell: a: b\u{7}\u{1b}\u{1b}\\\u{1b}P\\\u{1b}\\"
        );
    }

    #[test]
    fn screen_passes_it_on_in_pieces_that_none_of_it_can_end() {
        assert_eq!(said(Form::Osc9, "a", "b", Screen), "\u{1b}P\u{1b}]9;quell: a: b\u{7}\u{1b}\\");
        let long = said(Form::Osc777, &"é".repeat(150), &"\u{1b}\\".repeat(50), Screen);
        let pieces: Vec<&str> = long.split_terminator("\u{1b}\\").collect();
        assert!(pieces.len() > 3 && pieces.iter().all(|piece| piece.starts_with("\u{1b}P")), "{long:?}");
        assert!(pieces.iter().all(|piece| piece.len() <= SCREEN_BYTES), "{long:?}");
        let passed: String = pieces.iter().filter_map(|piece| piece.strip_prefix("\u{1b}P")).collect();
        assert_eq!(
            passed,
            said(Form::Osc777, &"é".repeat(150), &"\u{1b}\\".repeat(50), Nothing)
                .replace("\u{1b}\\", "\u{7}")
        );
    }
}
