//! Where the console runs, as far as it matters for being heard.

use super::Choice;
use super::terminal::Form;
use super::tmux::Tmux;

/// What the environment says about terminal, session and bus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `TERM`.
    pub term: String,
    /// `TERM_PROGRAM`, or what iTerm2 says of itself through SSH.
    pub program: String,
    /// Inside kitty.
    pub kitty: bool,
    /// Inside WezTerm.
    pub wezterm: bool,
    /// Inside a terminal built on VTE.
    pub vte: bool,
    /// Inside Zellij.
    pub zellij: bool,
    /// Inside GNU screen.
    pub screen: bool,
    /// Inside tmux, which says more.
    pub tmux: Option<Tmux>,
    /// The person sits at another machine.
    pub ssh: bool,
    /// A session bus is named.
    pub bus: bool,
}

impl Surroundings {
    /// Reads the environment, and asks tmux where there is one.
    pub async fn read(environment: impl Fn(&str) -> Option<String>) -> Self {
        let mut found = Self::of(&environment);
        if environment("TMUX").is_some() {
            found.tmux = Some(Tmux::ask().await);
        }
        found
    }

    fn of(environment: &impl Fn(&str) -> Option<String>) -> Self {
        let any = |names: &[&str]| names.iter().any(|name| environment(name).is_some());
        let program = environment("TERM_PROGRAM").filter(|program| program != "tmux");
        Self {
            term: environment("TERM").unwrap_or_default(),
            program: program.or_else(|| environment("LC_TERMINAL")).unwrap_or_default(),
            kitty: any(&["KITTY_WINDOW_ID"]),
            wezterm: any(&["WEZTERM_PANE"]),
            vte: any(&["VTE_VERSION"]),
            zellij: any(&["ZELLIJ"]),
            screen: any(&["STY"]),
            tmux: None,
            ssh: any(&["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"]),
            bus: any(&["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"]),
        }
    }

    /// Whether the desktop is this person's.
    pub(super) fn desktop(&self, wanted: bool) -> Result<(), String> {
        if !wanted {
            Err("switched off with notify.desktop".to_owned())
        } else if self.ssh {
            Err("in SSH it would show on another person's screen".to_owned())
        } else if self.bus {
            Ok(())
        } else {
            Err("there is no session bus".to_owned())
        }
    }

    /// How the terminal is asked, or why it is not.
    pub(super) fn terminal(&self, choice: Choice) -> Result<Form, String> {
        let form = match choice {
            Choice::Auto => self.detected()?,
            Choice::Osc9 => Form::Osc9,
            Choice::Osc777 => Form::Osc777,
            Choice::Osc99 => Form::Osc99,
            Choice::Off => return Err("switched off with notify.terminal".to_owned()),
        };
        match &self.tmux {
            Some(tmux) if !tmux.passthrough => {
                Err(format!("tmux drops {}; run: tmux set -g allow-passthrough on", form.sequence()))
            }
            _ => Ok(form),
        }
    }

    fn detected(&self) -> Result<Form, String> {
        if self.screen {
            return Err("GNU screen drops notifications".to_owned());
        }
        match &self.tmux {
            // What the shell inherited speaks of the terminal tmux was started in, not of the one attached now.
            Some(tmux) => by_name(&tmux.outer),
            None if self.zellij || self.kitty => Ok(Form::Osc99),
            None if self.wezterm => Ok(Form::Osc777),
            None if self.vte => Err("terminals built on VTE show none".to_owned()),
            None => by_name(&self.program).or_else(|_| by_name(&self.term)),
        }
    }
}

/// What a terminal of this name understands.
fn by_name(name: &str) -> Result<Form, String> {
    let name = name.to_ascii_lowercase();
    let known = [
        ("kitty", Form::Osc99),
        ("ghostty", Form::Osc777),
        ("wezterm", Form::Osc777),
        ("foot", Form::Osc777),
        ("iterm", Form::Osc9),
    ];
    let found = known.into_iter().find(|(word, _)| name.contains(word));
    found.map(|(_, form)| form).ok_or_else(|| {
        let name: String = name.chars().filter(char::is_ascii_graphic).take(40).collect();
        format!("nothing says which notifications \"{name}\" shows; if it shows some, set notify.terminal")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Surroundings {
        Surroundings::of(&|name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn terminals_are_known_by_what_they_set() {
        for (variables, form) in [
            (vec![("TERM", "xterm-kitty")], Some(Form::Osc99)),
            (vec![("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")], Some(Form::Osc99)),
            (vec![("TERM", "xterm-ghostty")], Some(Form::Osc777)),
            (vec![("TERM", "foot")], Some(Form::Osc777)),
            (vec![("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], Some(Form::Osc777)),
            (vec![("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")], Some(Form::Osc9)),
            (vec![("TERM", "xterm-256color"), ("VTE_VERSION", "7600")], None),
            (vec![("TERM", "xterm-kitty"), ("STY", "1.tty")], None),
            (vec![("TERM", "alacritty")], None),
            (vec![("TERM", "linux")], None),
            (vec![], None),
        ] {
            assert_eq!(of(&variables).terminal(Choice::Auto).ok(), form, "{variables:?}");
        }
        assert_eq!(of(&[]).terminal(Choice::Osc9), Ok(Form::Osc9));
        assert!(of(&[("TERM", "xterm-kitty")]).terminal(Choice::Off).is_err());
    }

    #[test]
    fn tmux_decides_by_the_terminal_attached_and_its_passthrough() {
        let inside = |passthrough, outer: &str| Surroundings {
            kitty: true,
            tmux: Some(Tmux { passthrough, outer: outer.to_owned() }),
            ..Surroundings::default()
        };
        assert_eq!(inside(true, "iTerm2 3.5").terminal(Choice::Auto), Ok(Form::Osc9));
        assert!(inside(true, "xterm-256color").terminal(Choice::Auto).is_err());
        assert!(
            inside(false, "ghostty 1.2").terminal(Choice::Osc777).unwrap_err().contains("allow-passthrough")
        );
    }

    #[test]
    fn the_desktop_is_only_tried_where_the_person_sits() {
        assert_eq!(of(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x")]).desktop(true), Ok(()));
        let remote = of(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x"), ("SSH_TTY", "/dev/pts/1")]);
        assert!(remote.desktop(true).is_err());
        assert!(of(&[]).desktop(true).is_err());
    }
}
