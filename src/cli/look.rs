//! How the console looks, by what was asked for and by what the terminal says of itself.

use crate::console::look::Look;
use crate::os::env;
use crate::view::theme::{Blocks, Depth, Theme};

use super::Global;

/// The look asked for on the command line, else none at all where `NO_COLOR` asks for that, else the configured one.
pub(super) fn theme(global: &Global, configured: Look) -> Theme {
    on_terminal(global.theme, configured, global.ascii, env::var)
}

fn on_terminal(
    asked: Option<Look>,
    configured: Look,
    ascii: bool,
    var: impl Fn(&str) -> Option<String>,
) -> Theme {
    let term = var("TERM").unwrap_or_default();
    // Whoever sits at the terminal knows better than a file that is used on many.
    let none = term.is_empty() || term == "dumb" || var("NO_COLOR").is_some();
    let look = asked.unwrap_or(if none { Look::Mono } else { configured });
    let blocks = if term == "linux" { Blocks::Halves } else { Blocks::Quarters };
    Theme { look, depth: depth(&term, &var), blocks, ascii }
}

/// Whether the locale names a character set in which only ASCII is sure to be shown. One that is not set says nothing.
pub(super) fn is_ascii(var: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &&str| var(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    locale.is_some_and(|locale| !locale.to_lowercase().replace('-', "").contains("utf8"))
}

/// How many colours the terminal shows. It is never asked.
fn depth(term: &str, var: impl Fn(&str) -> Option<String>) -> Depth {
    let says = var("COLORTERM").is_some_and(|it| it == "truecolor" || it == "24bit");
    let is = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
    // What stands between passes a variable on that is not true of itself.
    let own_word = is(&["screen"]) && var("TMUX").is_none();
    if is(&["linux", "vt"]) {
        Depth::Sixteen
    } else if (says && !own_word) || term.ends_with("-direct") || is(&["xterm-kitty", "xterm-ghostty"]) {
        Depth::True
    } else if term.contains("256color") || is(&["alacritty", "foot", "wezterm", "tmux"]) {
        Depth::Indexed
    } else {
        Depth::Sixteen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(variables: &[(&str, &str)], asked: Option<Look>) -> (Look, Depth, Blocks) {
        let var =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, it)| (*it).to_owned());
        let theme = on_terminal(asked, Look::Light, false, var);
        (theme.look, theme.depth, theme.blocks)
    }

    #[test]
    fn the_terminal_says_how_many_colours_it_shows() {
        for (variables, depth) in [
            (&[("TERM", "xterm")][..], Depth::Sixteen),
            (&[("TERM", "linux"), ("COLORTERM", "truecolor")], Depth::Sixteen),
            (&[("TERM", "xterm-256color")], Depth::Indexed),
            (&[("TERM", "foot")], Depth::Indexed),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Depth::True),
            (&[("TERM", "xterm-kitty")], Depth::True),
            (&[("TERM", "screen"), ("COLORTERM", "truecolor")], Depth::Sixteen),
            (&[("TERM", "screen-256color"), ("COLORTERM", "truecolor"), ("TMUX", "x")], Depth::True),
        ] {
            assert_eq!(on(variables, None).1, depth, "{variables:?}");
        }
        assert_eq!(on(&[("TERM", "linux")], None).2, Blocks::Halves);
    }

    #[test]
    fn a_locale_that_is_not_of_unicode_gets_ascii_and_one_that_is_not_set_says_nothing() {
        let ascii = |variables: &[(&str, &str)]| {
            is_ascii(|name| variables.iter().find(|(it, _)| *it == name).map(|(_, it)| (*it).to_owned()))
        };
        assert!(ascii(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]), "the first that is set counts");
        assert!(ascii(&[("LC_ALL", ""), ("LANG", "de_DE.ISO-8859-1")]));
        assert!(!ascii(&[("LANG", "C.utf8")]) && !ascii(&[("LC_CTYPE", "en_GB.UTF-8"), ("LANG", "C")]));
        assert!(!ascii(&[]));
    }

    #[test]
    fn no_color_counts_before_the_file_and_after_the_command_line() {
        let no_colour = [("TERM", "xterm"), ("NO_COLOR", "1")];
        assert_eq!(on(&[("TERM", "xterm")], None).0, Look::Light);
        assert_eq!(on(&no_colour, None).0, Look::Mono);
        assert_eq!(on(&no_colour, Some(Look::ColourBlind)).0, Look::ColourBlind);
        assert_eq!(on(&[("TERM", "dumb")], None).0, Look::Mono);
        assert_eq!(on(&[], None).0, Look::Mono);
    }
}
