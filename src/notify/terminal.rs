//! Notifications as escape sequences, which reach the person's own terminal through SSH.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::domain::plan::hex;
use crate::domain::text::SafeText;

/// The floor: every terminal, tmux and mosh pass it.
pub const BELL: u8 = 0x07;
/// Cells of a title or a body.
const MAX_CELLS: usize = 200;

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

/// The bytes that make a terminal show a notification.
pub fn sequence(form: Form, title: &SafeText, body: &SafeText, tmux: bool) -> Vec<u8> {
    let (title, body) = (title.clip(MAX_CELLS), body.clip(MAX_CELLS));
    let commands = match form {
        // Without a word in front, a text such as `4;1;50` would be read as a command of its own.
        Form::Osc9 => vec![format!("9;quell: {title}: {body}")],
        Form::Osc777 => vec![format!("777;notify;{};{}", title.replace(';', ","), body.replace(';', ","))],
        Form::Osc99 => {
            let id: String = hex(&Sha256::digest(format!("{title}\n{body}"))).chars().take(16).collect();
            let (title, body) = (STANDARD.encode(title), STANDARD.encode(body));
            vec![format!("99;i={id}:d=0:e=1:p=title;{title}"), format!("99;i={id}:d=1:e=1:p=body;{body}")]
        }
    };
    commands
        .into_iter()
        .flat_map(|command| wrapped(&format!("\x1b]{command}\x1b\\"), tmux).into_bytes())
        .collect()
}

/// The bytes that make a terminal take a text into its clipboard (OSC 52). It says nothing about whether it did. In
/// tmux it is said twice: to tmux, which may keep it itself, and through it.
pub fn clipboard(text: &str, tmux: bool) -> Vec<u8> {
    let plain = format!("\x1b]52;c;{}\x1b\\", STANDARD.encode(text));
    let through = if tmux { wrapped(&plain, true) } else { String::new() };
    format!("{plain}{through}").into_bytes()
}

/// For tmux, inside the sequence whose content it passes on.
fn wrapped(sequence: &str, tmux: bool) -> String {
    if tmux {
        format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b"))
    } else {
        sequence.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Outside;

    fn said(form: Form, title: &str, body: &str, tmux: bool) -> String {
        let (title, body) = (Outside::new(title).safe(), Outside::new(body).safe());
        String::from_utf8(sequence(form, &title, &body, tmux)).unwrap()
    }

    #[test]
    fn a_text_cannot_end_or_extend_its_sequence() {
        let hostile = "4;1;50\u{1b}\\\u{7}\u{9c};x";
        for form in [Form::Osc9, Form::Osc777, Form::Osc99] {
            let text = said(form, hostile, hostile, false);
            let commands = if form == Form::Osc99 { 2 } else { 1 };
            assert_eq!(text.matches('\u{1b}').count(), commands * 2, "{text:?}");
            assert!(!text.contains(['\u{7}', '\u{9c}']));
        }
        assert!(said(Form::Osc9, "4;1;50", "", false).starts_with("\u{1b}]9;quell: 4;1;50: "));
        assert_eq!(said(Form::Osc777, "a;b", "c;d", false), "\u{1b}]777;notify;a,b;c,d\u{1b}\\");
    }

    #[test]
    fn osc_99_carries_base64_under_a_safe_id() {
        let text = said(Form::Osc99, "NEW", "down", false);
        assert!(
            text.contains(":d=0:e=1:p=title;TkVX\u{1b}\\")
                && text.ends_with(":d=1:e=1:p=body;ZG93bg==\u{1b}\\")
        );
        assert!(said(Form::Osc99, &"x".repeat(5000), "", false).len() < 2048);
    }

    #[test]
    fn a_copied_text_is_base64_and_at_most_what_terminals_take() {
        let copied = |text: &str, tmux| String::from_utf8(clipboard(text, tmux)).unwrap();
        assert_eq!(copied("INC-7\u{1b}\\", false), "\u{1b}]52;c;SU5DLTcbXA==\u{1b}\\");
        assert_eq!(
            copied("a", true),
            "\u{1b}]52;c;YQ==\u{1b}\\\u{1b}Ptmux;\u{1b}\u{1b}]52;c;YQ==\u{1b}\u{1b}\\\u{1b}\\"
        );
        let longest = "x".repeat(56_244);
        assert!(copied(&longest, false).len() <= 74_994 + "\u{1b}]52;c;\u{1b}\\".len());
    }

    #[test]
    fn tmux_gets_every_escape_doubled() {
        assert_eq!(
            said(Form::Osc9, "a", "b", true),
            "\u{1b}Ptmux;\u{1b}\u{1b}]9;quell: a: b\u{1b}\u{1b}\\\u{1b}\\"
        );
    }
}
