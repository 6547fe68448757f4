//! Rungs: the ways to reach the operator at the console, best first, and why one is dead.

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
                NoticeKind::NewCritical | NoticeKind::Upgraded | NoticeKind::Blind
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

/// A way to reach the operator, and why it would not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Its name, as the banner says it.
    pub name: &'static str,
    /// Why it is dead, if it is.
    pub alive: Result<(), String>,
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

    /// Every rung in the order it is tried. The banner and the bell always work.
    pub fn rungs(&self) -> Vec<Rung> {
        let dead = |why: &String| Err(why.clone());
        vec![
            Rung { name: "banner", alive: Ok(()) },
            Rung { name: "desktop", alive: self.desktop.as_ref().map_or_else(dead, |_| Ok(())) },
            Rung {
                name: self.terminal.as_ref().map_or("terminal", |form| form.name()),
                alive: self.terminal.as_ref().map_or_else(dead, |_| Ok(())),
            },
            Rung { name: "bell", alive: Ok(()) },
        ]
    }

    /// Delivers a popup by the first rung that takes it, and by the bell if it may ring.
    pub async fn deliver(&self, popup: &Popup, ring: bool) -> Delivery {
        let mut delivery = Delivery::default();
        if ring {
            delivery.bytes.push(terminal::BELL);
            delivery.by.push("bell");
        }
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
    async fn nothing_but_the_bell_is_still_something() {
        let ladder =
            Ladder::new(&Settings::default(), &Surroundings { ssh: true, ..Surroundings::default() });
        let delivery = ladder.deliver(&Popup::of(&notice()), true).await;
        assert_eq!(
            (delivery.bytes.as_slice(), delivery.by.as_slice()),
            (b"\x07".as_slice(), ["bell"].as_slice())
        );
        let dead: Vec<_> =
            ladder.rungs().into_iter().filter(|rung| rung.alive.is_err()).map(|rung| rung.name).collect();
        assert_eq!(dead, ["desktop", "terminal"]);
    }

    #[tokio::test]
    async fn the_terminal_takes_what_the_desktop_cannot() {
        let surroundings =
            Surroundings { ssh: true, term: "xterm-ghostty".into(), ..Surroundings::default() };
        let ladder = Ladder::new(&Settings::default(), &surroundings);
        let delivery = ladder.deliver(&Popup::of(&notice()), false).await;
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
