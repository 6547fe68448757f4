//! Where the console runs, as far as it matters for being heard.

use std::path::PathBuf;

use super::terminal::{Form, Through, Way};
use super::tmux::Tmux;
use super::{Choice, mosh, screen};
use crate::os::ancestors;

/// Why nothing that is sent through tmux or GNU screen is seen or heard.
pub(super) const NOBODY: &str = "nobody is attached to this session; the bell rings as soon as somebody is";

const TMUX_SAYS_NOT: &str = "the tmux around this does not say which terminal is attached; run where it runs: \
                             tmux set -g allow-passthrough all (on before 3.4), and set notify.terminal to what yours shows";
const SCREEN_SAYS_NOT: &str = "GNU screen does not say which terminal is attached; \
                               set notify.terminal to what yours shows, and it is passed on";

const VTE: &str =
    "terminals built on VTE show none; the bell marks the tab, and notify.exec can tell you elsewhere";

/// What becomes of a bell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bell {
    /// It rings.
    Rings,
    /// It would be lost: nobody is there.
    Waits,
    /// It is kept to itself by what stands between, for this reason, with what helps.
    Mute(&'static str),
}

/// Variables that a terminal sets in what it starts, and what it is then; the first that is set counts. Those of terminals
/// that say more about themselves come last: they are left over from one that another was started in.
const MARKS: [(&str, &str); 6] = [
    ("WT_SESSION", "windows terminal"),
    ("KONSOLE_VERSION", "konsole"),
    ("VTE_VERSION", "vte"),
    ("XTERM_VERSION", "xterm("),
    ("KITTY_WINDOW_ID", "kitty"),
    ("WEZTERM_PANE", "wezterm"),
];

/// What terminals show, by a word of what they call themselves; or why they show nothing, and what helps.
const KNOWN: [(&str, Result<Form, &str>); 15] = [
    ("kitty", Ok(Form::Osc99)),
    ("zellij", Ok(Form::Osc99)),
    ("ghostty", Ok(Form::Osc777)),
    ("wezterm", Ok(Form::Osc777)),
    ("foot", Ok(Form::Osc777)),
    ("iterm", Ok(Form::Osc9)),
    (
        "windows terminal",
        Err(
            "Windows Terminal shows OSC 777 where its AllowOscNotifications is on; if it is, set notify.terminal = \"osc777\"",
        ),
    ),
    ("vte", Err(VTE)),
    ("gnome", Err(VTE)),
    (
        "konsole",
        Err(
            "nobody has seen Konsole show one; the bell does, if its profile says so, or set notify.terminal",
        ),
    ),
    ("alacritty", Err("Alacritty shows none; the bell marks its window as urgent")),
    ("xterm(", Err("xterm shows none; XTerm*bellIsUrgent: true lets the bell mark its window")),
    ("apple_terminal", Err("Terminal.app shows none; the bell marks its icon")),
    ("vscode", Err("the terminal of VS Code shows none; set notify.exec to be told elsewhere")),
    ("linux", Err("the Linux console shows none; set notify.exec to be told elsewhere")),
];

/// What the environment says about terminal, session and bus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// What the terminal calls itself, by the surest word; empty where nothing says it.
    pub name: String,
    /// Inside GNU screen.
    pub screen: bool,
    /// The socket of that session, where it is found.
    pub session: Option<PathBuf>,
    /// Inside tmux, which says more; or around GNU screen, where this is inside both.
    pub tmux: Option<Tmux>,
    /// Reached through mosh.
    pub mosh: bool,
    /// The person sits at another machine.
    pub ssh: bool,
    /// A session bus is named.
    pub bus: bool,
}

impl Surroundings {
    /// Reads the environment, and asks tmux where there is one.
    pub async fn read(environment: impl Fn(&str) -> Option<String>) -> Self {
        let opener = ancestors::opener();
        let found = Self::of(&environment, opener.as_deref());
        let found = match environment("TMUX") {
            Some(_) => match Tmux::ask().await {
                Some(tmux) => found.within(tmux),
                // One that does not answer now passes nothing on until it does.
                None if found.seems_within_tmux(opener.as_deref()) => found.within(Tmux::default()),
                None => found,
            },
            None => found,
        };
        // Who attached to tmux or screen came another way than who started it.
        let mosh = found.tmux.is_none() && !found.screen && mosh::is_above();
        Self { mosh, ..found }
    }

    /// The same where a tmux answered. Whatever is started in a pane inherits its variables, another terminal also: they count
    /// only where that pane is this terminal, or shows the screen this runs in.
    pub(super) fn within(self, tmux: Tmux) -> Self {
        let screen = self.screen && tmux.elsewhere;
        let counts = !tmux.elsewhere || screen && tmux.shows_screen;
        Self { screen, tmux: counts.then_some(tmux), ..self }
    }

    /// Whether this runs in a tmux that does not answer, by who opened this terminal, or else by the kind it says it is.
    fn seems_within_tmux(&self, opener: Option<&str>) -> bool {
        opener.is_some_and(|opener| opener.starts_with("tmux"))
            || opener != Some(screen::NAME) && around(&self.name) != Through::Nothing
    }

    fn of(environment: &impl Fn(&str) -> Option<String>, opener: Option<&str>) -> Self {
        let any = |names: &[&str]| names.iter().any(|name| environment(name).is_some());
        Self {
            name: name(environment).unwrap_or_default(),
            screen: screen::is_here(environment, opener),
            session: screen::socket(environment),
            tmux: None,
            mosh: false,
            ssh: any(&["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"]),
            bus: any(&["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"]),
        }
    }

    /// Whether the person sits at another machine, however they came to this terminal.
    pub fn is_elsewhere(&self) -> bool {
        self.ssh || self.mosh || self.tmux.as_ref().is_some_and(|tmux| tmux.ssh || tmux.mosh)
    }

    /// Whether the desktop is this person's.
    pub(super) fn desktop(&self, wanted: bool) -> Result<(), String> {
        if !wanted {
            Err("switched off; set notify.desktop = true".to_owned())
        } else if self.is_elsewhere() {
            Err("in SSH it would show on another person's screen; the terminal is asked instead".to_owned())
        } else if self.bus {
            Ok(())
        } else {
            Err("there is no session bus; DBUS_SESSION_BUS_ADDRESS names it where a desktop runs".to_owned())
        }
    }

    /// What becomes of a bell that is sent now.
    pub(super) fn bell(&self) -> Bell {
        match &self.tmux {
            _ if self.is_left() => Bell::Waits,
            Some(Tmux { mute: Some(why), .. }) => Bell::Mute(why),
            _ => Bell::Rings,
        }
    }

    /// Whether nobody is attached to what this runs in.
    fn is_left(&self) -> bool {
        self.tmux.as_ref().is_some_and(|tmux| tmux.away)
            || self.screen && self.session.as_deref().is_some_and(screen::is_detached)
    }

    /// What stands between here and the terminal.
    pub(super) fn through(&self) -> Through {
        match (&self.tmux, self.screen) {
            (_, true) => Through::Screen,
            (Some(_), false) => Through::Tmux,
            (None, false) => Through::Nothing,
        }
    }

    /// The same, and what is around that: it cannot be asked, and says only of which kind it is.
    pub(super) fn way(&self) -> Way {
        let around = match &self.tmux {
            Some(_) if self.screen => Through::Tmux,
            Some(tmux) => around(&tmux.outer),
            None if self.screen => Through::Nothing,
            None => around(&self.name),
        };
        [self.through(), around]
    }

    /// How the terminal is asked, or why it is not.
    pub(super) fn terminal(&self, choice: Choice) -> Result<Form, String> {
        let chosen = match choice {
            Choice::Auto => None,
            Choice::Osc9 => Some(Form::Osc9),
            Choice::Osc777 => Some(Form::Osc777),
            Choice::Osc99 => Some(Form::Osc99),
            Choice::Off => return Err("switched off; set notify.terminal = \"auto\"".to_owned()),
        };
        if self.mosh || self.tmux.as_ref().is_some_and(|tmux| tmux.mosh) {
            return Err(
                "mosh drops notifications and passes the bell; use ssh, or set notify.exec".to_owned()
            );
        }
        let form = chosen.map_or_else(|| self.detected(), Ok)?;
        match &self.tmux {
            _ if self.is_left() => Err(NOBODY.to_owned()),
            Some(tmux) if !tmux.passthrough => {
                Err(format!("tmux drops {}; run: tmux set -g allow-passthrough on", form.sequence()))
            }
            Some(tmux) if tmux.hidden => Err(format!(
                "tmux drops {} from a window that nobody looks at; since tmux 3.4 run: tmux set -g allow-passthrough all",
                form.sequence()
            )),
            _ => Ok(form),
        }
    }

    fn detected(&self) -> Result<Form, String> {
        let name = match &self.tmux {
            // What the shell inherited speaks of the terminal tmux was started in, not of the one attached now.
            Some(tmux) => &tmux.outer,
            None if self.screen => return Err(SCREEN_SAYS_NOT.to_owned()),
            None => &self.name,
        };
        match around(name) {
            Through::Tmux => Err(TMUX_SAYS_NOT.to_owned()),
            Through::Screen => Err(SCREEN_SAYS_NOT.to_owned()),
            Through::Nothing => by_name(name),
        }
    }
}

/// What the terminal calls itself. What is started in one inherits all that it set, and says its own kind or name beside it.
fn name(environment: &impl Fn(&str) -> Option<String>) -> Option<String> {
    if environment("ZELLIJ").is_some() {
        // It stands between, and leaves the kind of the terminal as it was.
        return Some("zellij".to_owned());
    }
    let kind = environment("TERM");
    let marked = || MARKS.iter().find(|(mark, _)| environment(mark).is_some());
    let program = || environment("TERM_PROGRAM").filter(|program| program != "tmux");
    kind.clone()
        .filter(|kind| around(kind) != Through::Nothing || known(kind).is_some())
        .or_else(program)
        .or_else(|| marked().map(|(_, name)| (*name).to_owned()))
        .or_else(|| environment("LC_TERMINAL"))
        .or(kind)
}

/// What a terminal is that calls itself all this, where it is none but shows its sessions in another.
fn around(names: &str) -> Through {
    let is = |word: &str| names.split_whitespace().any(|name| name.starts_with(word));
    match (is("tmux"), is("screen")) {
        // It may say that it is of the other kind, as it once did of itself.
        (true, _) => Through::Tmux,
        (false, true) => Through::Screen,
        (false, false) => Through::Nothing,
    }
}

/// What is known of a terminal that calls itself this.
fn known(name: &str) -> Option<Result<Form, &'static str>> {
    let name = name.to_ascii_lowercase();
    KNOWN.into_iter().find(|(word, _)| name.contains(word)).map(|(_, found)| found)
}

/// What a terminal that calls itself this understands.
fn by_name(name: &str) -> Result<Form, String> {
    if let Some(found) = known(name) {
        return found.map_err(str::to_owned);
    }
    let name: String = name.chars().filter(char::is_ascii_graphic).take(40).collect();
    Err(match name.as_str() {
        "" => "nothing says which terminal this is; set notify.terminal to what it shows".to_owned(),
        name => format!(
            "nothing says which notifications \"{name}\" shows; if it shows some, set notify.terminal"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Surroundings {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Surroundings::of(&variable, None)
    }

    #[test]
    fn terminals_are_known_by_what_they_set() {
        for (variables, form) in [
            (vec![("TERM", "xterm-kitty")], Some(Form::Osc99)),
            (vec![("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")], Some(Form::Osc99)),
            (vec![("TERM", "xterm-256color"), ("ZELLIJ", "0"), ("VTE_VERSION", "7600")], Some(Form::Osc99)),
            (vec![("TERM", "xterm-ghostty")], Some(Form::Osc777)),
            (vec![("TERM", "foot")], Some(Form::Osc777)),
            (vec![("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], Some(Form::Osc777)),
            (vec![("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")], Some(Form::Osc9)),
            (vec![("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], Some(Form::Osc9)),
            // Started in a terminal of another kind, whose marks it inherits.
            (vec![("TERM", "foot"), ("VTE_VERSION", "7600")], Some(Form::Osc777)),
            (
                vec![("TERM", "xterm-ghostty"), ("TERM_PROGRAM", "ghostty"), ("VTE_VERSION", "7600")],
                Some(Form::Osc777),
            ),
            (
                vec![("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm"), ("KITTY_WINDOW_ID", "1")],
                Some(Form::Osc777),
            ),
            // Stands between, whatever the terminal is.
            (vec![("TERM", "alacritty"), ("ZELLIJ", "0")], Some(Form::Osc99)),
        ] {
            assert_eq!(of(&variables).terminal(Choice::Auto).ok(), form, "{variables:?}");
        }
        assert_eq!(of(&[]).terminal(Choice::Osc9), Ok(Form::Osc9));
    }

    #[test]
    fn a_terminal_that_shows_nothing_is_named_with_what_helps() {
        for (variables, why) in [
            (vec![("TERM", "xterm-256color"), ("VTE_VERSION", "7600")], "VTE"),
            (vec![("TERM", "xterm-256color"), ("WT_SESSION", "0b5e")], "notify.terminal = \"osc777\""),
            (vec![("TERM", "xterm-256color"), ("XTERM_VERSION", "XTerm(379)")], "bellIsUrgent"),
            (vec![("TERM", "xterm-256color"), ("KONSOLE_VERSION", "220804")], "Konsole"),
            (vec![("TERM", "alacritty")], "Alacritty"),
            (vec![("TERM", "linux")], "notify.exec"),
            (vec![("TERM", "alacritty"), ("KITTY_WINDOW_ID", "1")], "Alacritty"),
            (
                vec![("TERM", "xterm-256color"), ("TERM_PROGRAM", "vscode"), ("KITTY_WINDOW_ID", "1")],
                "VS Code",
            ),
            (vec![("TERM", "xterm-256color"), ("VTE_VERSION", "7600"), ("KITTY_WINDOW_ID", "1")], "VTE"),
            (
                vec![("TERM", "xterm-256color"), ("TERM_PROGRAM", "Hyper"), ("LC_TERMINAL", "iTerm2")],
                "\"Hyper\" shows",
            ),
            (
                vec![("TERM", "xterm-256color")],
                "\"xterm-256color\" shows; if it shows some, set notify.terminal",
            ),
            (vec![("TERM", "screen.xterm-kitty"), ("STY", "1.tty")], "GNU screen"),
            (vec![], "set notify.terminal"),
        ] {
            let said = of(&variables).terminal(Choice::Auto).unwrap_err();
            assert!(said.contains(why), "{variables:?}: {said}");
        }
        assert!(of(&[("TERM", "xterm-kitty")]).terminal(Choice::Off).unwrap_err().contains("auto"));
    }

    #[test]
    fn tmux_decides_by_the_terminal_attached_and_its_passthrough() {
        let inside = |passthrough, outer: &str| Surroundings {
            name: "kitty".to_owned(),
            tmux: Some(Tmux { passthrough, outer: outer.to_owned(), ..Tmux::default() }),
            ..Surroundings::default()
        };
        assert_eq!(inside(true, "iTerm2 3.5").terminal(Choice::Auto), Ok(Form::Osc9));
        assert_eq!(inside(true, "iTerm2 3.5").through(), Through::Tmux);
        assert!(inside(true, "xterm-256color").terminal(Choice::Auto).is_err());
        assert!(
            inside(false, "ghostty 1.2").terminal(Choice::Osc777).unwrap_err().contains("allow-passthrough")
        );
    }

    #[test]
    fn who_came_to_tmux_from_elsewhere_has_no_desktop_here_and_a_window_nobody_looks_at_shows_nothing() {
        let tmux = Tmux { passthrough: true, outer: "iTerm2 3.5".to_owned(), ..Tmux::default() };
        let inside = |tmux: Tmux| Surroundings { tmux: Some(tmux), bus: true, ..Surroundings::default() };
        assert_eq!(inside(tmux.clone()).desktop(true), Ok(()));
        for away in [Tmux { ssh: true, ..tmux.clone() }, Tmux { mosh: true, ..tmux.clone() }] {
            assert!(inside(away.clone()).desktop(true).unwrap_err().contains("another person's"), "{away:?}");
        }
        let alone = inside(Tmux { away: true, ..tmux.clone() });
        assert_eq!((alone.bell(), alone.terminal(Choice::Osc9)), (Bell::Waits, Err(NOBODY.to_owned())));
        let hidden = inside(Tmux { hidden: true, ..tmux });
        for choice in [Choice::Auto, Choice::Osc777] {
            assert!(hidden.terminal(choice).unwrap_err().contains("allow-passthrough all"));
        }
    }

    #[test]
    fn what_was_chosen_is_passed_through_screen_and_never_through_mosh() {
        let screen = of(&[("STY", "1.tty"), ("TERM", "screen")]);
        assert_eq!((screen.terminal(Choice::Osc99), screen.through()), (Ok(Form::Osc99), Through::Screen));
        let mosh = Surroundings { mosh: true, ..of(&[("TERM", "xterm-kitty")]) };
        for choice in [Choice::Auto, Choice::Osc99] {
            assert!(mosh.terminal(choice).unwrap_err().contains("mosh drops"));
        }
        let tmux = Tmux { passthrough: true, mosh: true, outer: "xterm-kitty".to_owned(), ..Tmux::default() };
        let within = Surroundings { tmux: Some(tmux), ..Surroundings::default() };
        assert!(within.terminal(Choice::Auto).unwrap_err().contains("mosh drops"));
    }

    #[test]
    fn a_tmux_or_screen_that_cannot_be_asked_says_no_terminal_and_passes_on_what_was_chosen() {
        let tmux = [("TERM", "tmux-256color"), ("SSH_TTY", "/dev/pts/1"), ("LC_TERMINAL", "iTerm2")];
        let screen = [("TERM", "screen.xterm-kitty"), ("SSH_TTY", "/dev/pts/1")];
        for (variables, helps) in [(&tmux[..], "allow-passthrough all"), (&screen, "set notify.terminal")] {
            let around = of(variables);
            let why = around.terminal(Choice::Auto).unwrap_err();
            assert!(why.contains(helps) && why.contains("attached"), "{why}");
            assert_eq!(around.terminal(Choice::Osc9), Ok(Form::Osc9));
        }
        let outer = "tmux 3.4 tmux-256color".to_owned();
        let nested = Tmux { passthrough: true, outer, ..Tmux::default() };
        let nested = Surroundings { tmux: Some(nested), ..of(&[]) };
        assert!(nested.terminal(Choice::Auto).unwrap_err().contains("allow-passthrough all"));
    }

    #[test]
    fn what_was_inherited_from_a_pane_says_nothing_of_another_terminal() {
        let left = Tmux { away: true, elsewhere: true, ..Tmux::default() };
        let opened = of(&[("TERM", "foot"), ("TMUX", "socket,1,0"), ("STY", "1.tty")]).within(left.clone());
        assert_eq!((opened.terminal(Choice::Auto), opened.bell()), (Ok(Form::Osc777), Bell::Rings));
        let screen = || of(&[("TERM", "screen"), ("STY", "1.tty")]);
        // It is attached by another way than through the pane it was started in.
        let apart = screen().within(left.clone());
        assert_eq!((apart.way(), apart.bell()), ([Through::Screen, Through::Nothing], Bell::Rings));
        let shown = screen().within(Tmux { shows_screen: true, ..left.clone() });
        assert_eq!((shown.way(), shown.bell()), ([Through::Screen, Through::Tmux], Bell::Waits));
        // What tmux says its panes are is what screen says of its windows.
        let pane = Tmux { outer: "foot".to_owned(), passthrough: true, ..Tmux::default() };
        let pane = screen().within(pane);
        assert_eq!(
            (pane.way(), pane.terminal(Choice::Auto)),
            ([Through::Tmux, Through::Nothing], Ok(Form::Osc777))
        );
        for (kind, opener, within) in [
            ("xterm-256color", Some("tmux: server"), true),
            ("tmux-256color", None, true),
            ("screen", Some("screen"), false),
            ("xterm-256color", Some("xterm"), false),
        ] {
            assert_eq!(of(&[("TERM", kind)]).seems_within_tmux(opener), within, "{kind} {opener:?}");
        }
    }

    #[test]
    fn the_desktop_is_only_tried_where_the_person_sits() {
        assert_eq!(of(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x")]).desktop(true), Ok(()));
        let remote = of(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x"), ("SSH_TTY", "/dev/pts/1")]);
        assert!(remote.desktop(true).is_err());
        assert!(of(&[]).desktop(true).is_err());
    }
}
