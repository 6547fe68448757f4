//! What the terminal is known to be able to do, by what it sets in the environment. It is never asked.

/// Programs that call themselves so show a frame at once.
const AT_ONCE: [&str; 3] = ["ghostty", "WezTerm", "iTerm.app"];
/// And so do terminals of these kinds.
const AT_ONCE_KINDS: [&str; 7] =
    ["xterm-kitty", "xterm-ghostty", "foot", "foot-extra", "alacritty", "wezterm", "contour"];
/// Programs that call themselves so keep margins on both sides.
const MARGINS: [&str; 3] = ["ghostty", "WezTerm", "iTerm.app"];
/// What those and xterm say their kind is. Whatever is started in one of them inherits its name, and says another kind.
const MARGINS_KINDS: [&str; 4] = ["xterm", "xterm-256color", "xterm-ghostty", "wezterm"];
/// Set by what stands between, or is no xterm and says it is one; none of them keeps margins on both sides.
const OTHERS: [&str; 10] = [
    "TMUX",
    "STY",
    "ZELLIJ",
    "VTE_VERSION",
    "KONSOLE_VERSION",
    "KITTY_WINDOW_ID",
    "ALACRITTY_WINDOW_ID",
    "TERMINOLOGY",
    "INSIDE_EMACS",
    "TERMINAL_EMULATOR",
];

/// What the terminal is able to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Able {
    /// It holds a frame back until it is whole (mode 2026).
    pub at_once: bool,
    /// It moves columns between margins on both sides (mode 69).
    pub margins: bool,
}

impl Able {
    /// As the environment says.
    pub fn known(environment: &impl Fn(&str) -> Option<String>) -> Self {
        let is = |name: &str, words: &[&str]| {
            environment(name).is_some_and(|value| words.contains(&value.as_str()))
        };
        let at_once =
            is("TERM_PROGRAM", &AT_ONCE) || is("TERM", &AT_ONCE_KINDS) || environment("ZELLIJ").is_some();
        // The kind reaches through SSH, the names do not.
        let by_name = match environment("TERM_PROGRAM") {
            // What was started in an xterm inherits its word, and says its own beside it.
            None => environment("XTERM_VERSION").is_some(),
            Some(program) => MARGINS.contains(&program.as_str()),
        };
        let margins = is("TERM", &["xterm-ghostty"]) || (by_name && is("TERM", &MARGINS_KINDS));
        let other = OTHERS.iter().any(|name| environment(name).is_some());
        Self { at_once: at_once && environment("TMUX").is_none(), margins: margins && !other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn able(set: &[(&str, &str)]) -> Able {
        Able::known(&|name: &str| {
            set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn columns_move_by_themselves_only_where_the_terminal_is_known_to_move_them() {
        let xterm = ("XTERM_VERSION", "XTerm(379)");
        let kind = ("TERM", "xterm-256color");
        for (set, margins) in [
            (vec![kind, xterm], true),
            (vec![("TERM", "xterm-ghostty")], true),
            (vec![kind, ("TERM_PROGRAM", "WezTerm")], true),
            (vec![kind, ("TERM_PROGRAM", "iTerm.app")], true),
            // What says no more may be anything.
            (vec![kind], false),
            (vec![kind, ("TERM_PROGRAM", "vscode")], false),
            (vec![kind, xterm, ("TERM_PROGRAM", "vscode")], false),
            (vec![kind, xterm, ("TERMINAL_EMULATOR", "JetBrains-JediTerm")], false),
            // Started in an xterm, or between it and us.
            (vec![("TERM", "alacritty"), xterm], false),
            (vec![kind, xterm, ("VTE_VERSION", "7600")], false),
            (vec![("TERM", "tmux-256color"), xterm, ("TMUX", "1")], false),
            (vec![kind, xterm, ("TMUX", "1")], false),
            (vec![kind, xterm, ("STY", "1.pts")], false),
            (vec![("TERM", "xterm-ghostty"), ("TMUX", "1")], false),
        ] {
            assert_eq!(able(&set).margins, margins, "{set:?}");
        }
    }

    #[test]
    fn frames_are_held_back_where_the_terminal_is_known_to_hold_them() {
        for (set, at_once) in [
            (vec![("TERM", "foot")], true),
            (vec![("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], true),
            (vec![("TERM", "xterm-256color")], false),
            (vec![("TERM", "wezterm")], true),
            (vec![("TERM", "xterm-256color"), ("ZELLIJ", "0")], true),
            (vec![("TERM", "foot"), ("TMUX", "1")], false),
        ] {
            assert_eq!(able(&set).at_once, at_once, "{set:?}");
        }
    }
}
