//! Rungs: the ways to reach the operator at the console, best first, and why one is dead.

pub mod dead_man;
pub mod desktop;
pub mod storm;
mod surroundings;
pub mod terminal;
mod tmux;

use serde::{Deserialize, Serialize};

use self::desktop::Desktop;
use self::terminal::Form;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::Span;

pub use surroundings::Surroundings;
pub use tmux::Tmux;

/// `[notify]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether the desktop is tried.
    pub desktop: bool,
    /// How the terminal is asked.
    pub terminal: Choice,
    /// A program that is run besides.
    pub exec: Option<Vec<String>>,
    /// How often an unacknowledged critical is repeated.
    pub repeat: Option<Span>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { desktop: true, terminal: Choice::Auto, exec: None, repeat: None }
    }
}

impl Settings {
    /// Refuses, by name, what this build cannot do.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault that says what to remove.
    pub fn check(&self) -> Result<(), Fault> {
        let missing = [("notify.exec", self.exec.is_some()), ("notify.repeat", self.repeat.is_some())];
        match missing.into_iter().find(|(_, given)| *given) {
            Some((key, _)) => {
                Err(Fault::new(FaultKind::Local, format!("{key} is not in this build yet; remove it")))
            }
            None => Ok(()),
        }
    }
}

/// How the terminal is asked for a notification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// As the terminal found understands it.
    #[default]
    Auto,
    /// OSC 9.
    Osc9,
    /// OSC 777.
    Osc777,
    /// OSC 99.
    Osc99,
    /// Not at all.
    Off,
}

/// What a rung shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Popup {
    /// A few words.
    pub title: SafeText,
    /// One line.
    pub body: SafeText,
    /// Whether it should break through what mutes others.
    pub critical: bool,
}

impl Popup {
    /// For one notice.
    pub fn of(notice: &Notice) -> Self {
        let incident = notice.incident.as_ref().map_or_else(String::new, |id| format!(" {id}"));
        Self {
            title: Outside::new(format!("{}{incident}", notice.kind.word())).safe(),
            body: notice.text.safe(),
            critical: matches!(
                notice.kind,
                NoticeKind::NewCritical | NoticeKind::Upgraded | NoticeKind::BreakGlass | NoticeKind::Blind
            ),
        }
    }

    /// For several that were held back.
    pub fn of_many(count: u32) -> Self {
        Self {
            title: Outside::new(format!("{count} more notices")).safe(),
            body: Outside::new("held back in a storm; see the console").safe(),
            critical: true,
        }
    }
}

/// A way to reach the operator, tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Its name, as the banner says it.
    pub name: &'static str,
    /// What was found, or why it is dead.
    pub tested: Result<String, String>,
}

/// How a popup was delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// What is written to the terminal now, in one piece.
    pub bytes: Vec<u8>,
    /// The rungs it went by.
    pub by: Vec<&'static str>,
    /// Why the desktop did not take it, where it was tried.
    pub failed: Option<Fault>,
}

/// The rungs of this console.
#[derive(Debug)]
pub struct Ladder {
    desktop: Result<Desktop, String>,
    terminal: Result<Form, String>,
    in_tmux: bool,
}

impl Ladder {
    /// The rungs these surroundings have.
    pub fn new(settings: &Settings, surroundings: &Surroundings) -> Self {
        Self {
            desktop: surroundings.desktop(settings.desktop).map(|()| Desktop::default()),
            terminal: surroundings.terminal(settings.terminal),
            in_tmux: surroundings.tmux.is_some(),
        }
    }

    /// Tests every rung, in the order they are tried, without showing anything.
    pub async fn test(&self) -> Vec<Rung> {
        vec![
            Rung { name: "banner", tested: Ok("the console always shows it".to_owned()) },
            Rung { name: "desktop", tested: self.test_desktop().await },
            Rung {
                name: self.terminal.as_ref().map_or("terminal", |form| form.name()),
                tested: self.test_terminal(),
            },
            Rung { name: "bell", tested: Ok("always rings; it cannot be heard from here".to_owned()) },
        ]
    }

    async fn test_desktop(&self) -> Result<String, String> {
        match self.desktop.as_ref().map_err(Clone::clone)?.test().await {
            Ok(()) => Ok("the notification server answers".to_owned()),
            Err(fault) => Err(fault.detail.safe().to_string()),
        }
    }

    fn test_terminal(&self) -> Result<String, String> {
        let sequence = self.terminal.as_ref().map_err(Clone::clone)?.sequence();
        let way = if self.in_tmux { "through tmux, which passes it on" } else { "to the terminal" };
        Ok(format!("{sequence} is sent {way}; whether it is shown cannot be seen from here"))
    }

    /// The bytes that put a text into the clipboard of the person's own terminal, wherever that is.
    pub fn clipboard(&self, text: &str) -> Vec<u8> {
        terminal::clipboard(text, self.in_tmux)
    }

    /// Delivers a popup by the first rung that takes it.
    pub async fn deliver(&self, popup: &Popup) -> Delivery {
        let mut delivery = Delivery::default();
        if let Ok(desktop) = &self.desktop {
            match desktop.show(popup).await {
                Ok(()) => {
                    delivery.by.push("desktop");
                    return delivery;
                }
                Err(fault) => delivery.failed = Some(fault),
            }
        }
        if let Ok(form) = &self.terminal {
            delivery.bytes.extend(terminal::sequence(*form, &popup.title, &popup.body, self.in_tmux));
            delivery.by.push(form.name());
        }
        delivery
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IncidentId;

    fn notice() -> Notice {
        let text = Outside::new("gateway \u{1b}]0;x\u{7} refuses");
        Notice { kind: NoticeKind::NewCritical, incident: Some(IncidentId::new("INC", 7)), text }
    }

    #[tokio::test]
    async fn without_desktop_and_terminal_the_banner_and_the_bell_are_left() {
        let ladder =
            Ladder::new(&Settings::default(), &Surroundings { ssh: true, ..Surroundings::default() });
        assert_eq!(ladder.deliver(&Popup::of(&notice())).await, Delivery::default());
        let rungs = ladder.test().await;
        let alive: Vec<_> = rungs.iter().filter(|rung| rung.tested.is_ok()).map(|rung| rung.name).collect();
        assert_eq!(alive, ["banner", "bell"]);
        assert!(rungs[1].tested.as_ref().unwrap_err().contains("in SSH"), "{rungs:?}");
    }

    #[tokio::test]
    async fn a_test_of_the_terminal_says_which_sequence_and_whether_tmux_passes_it() {
        for (tmux, expected) in [
            (None, Ok("OSC 9 is sent to the terminal")),
            (Some(true), Ok("OSC 9 is sent through tmux, which passes it on")),
            (Some(false), Err("tmux drops OSC 9; run: tmux set -g allow-passthrough on")),
        ] {
            let tmux = tmux.map(|passthrough| Tmux { passthrough, outer: "iTerm2 3.5".to_owned() });
            let surroundings =
                Surroundings { ssh: true, program: "iTerm.app".into(), tmux, ..Surroundings::default() };
            let tested = Ladder::new(&Settings::default(), &surroundings).test_terminal();
            let begins = |said: &str, expected: &str| assert!(said.starts_with(expected), "{said}");
            match (&tested, expected) {
                (Ok(said), Ok(expected)) | (Err(said), Err(expected)) => begins(said, expected),
                _ => panic!("{tested:?}, expected {expected:?}"),
            }
        }
    }

    #[tokio::test]
    async fn the_terminal_takes_what_the_desktop_cannot() {
        let surroundings =
            Surroundings { ssh: true, term: "xterm-ghostty".into(), ..Surroundings::default() };
        let ladder = Ladder::new(&Settings::default(), &surroundings);
        let delivery = ladder.deliver(&Popup::of(&notice())).await;
        assert_eq!(delivery.by, ["osc777"]);
        let text = String::from_utf8(delivery.bytes).unwrap();
        assert_eq!(text, "\u{1b}]777;notify;NEW INC-7;gateway \\x1b]0,x\\x07 refuses\u{1b}\\");
    }

    #[test]
    fn what_this_build_cannot_do_is_refused_by_name() {
        let settings: Settings = toml::from_str("exec = ['ntfy']").unwrap();
        assert!(settings.check().unwrap_err().detail.raw().contains("notify.exec"));
        let settings: Settings = toml::from_str("terminal = 'osc9'").unwrap();
        assert_eq!((settings.check(), settings.terminal, settings.desktop), (Ok(()), Choice::Osc9, true));
        assert!(toml::from_str::<Settings>("sound = true").is_err());
    }
}
