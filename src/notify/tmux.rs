//! What tmux says about itself and the terminal attached to it.

use std::os::unix::fs::MetadataExt;

use rustix::fs::fstat;
use rustix::stdio::{stderr, stdin, stdout};
use rustix::termios::isatty;

use super::mosh;
use crate::domain::time::Span;
use crate::exec;

const ANSWER_WITHIN: Span = Span::secs(1);
/// The first version that does not pass on unless it is told to.
const ASKS_SINCE: (u32, u32) = (3, 3);
/// What is asked. An option that this version does not know is empty.
const ASKED: &str = "#{version}|#{allow-passthrough}|#{focus-events}|#{client_pid}|#{window_active_clients}|\
                     #{bell-action}|#{monitor-bell}|#{visual-bell}|#{session_attached}|#{session_group_attached}|\
                     #{pane_tty}|#{m:screen*,#{pane_current_command}}|#{SSH_CONNECTION}|#{client_termtype} #{client_termname}";

/// What is asked of every pane: whether it shows an old screen, what runs in it, which it is, and its title.
const ASKED_OF_PANES: &str =
    "#{pane_in_mode}|#{pane_current_command}|#{session_name}:#{window_index}.#{pane_index}|#{pane_title}";

/// What tmux says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tmux {
    /// Whether it passes wrapped sequences on.
    pub passthrough: bool,
    /// Whether it tells which pane has the focus.
    pub focus: bool,
    /// What the attached terminal calls itself.
    pub outer: String,
    /// It passes them on from windows alone that somebody looks at, and nobody looks at this one.
    pub hidden: bool,
    /// The attached terminal is reached through mosh.
    pub mosh: bool,
    /// Whoever attached it last came through SSH.
    pub ssh: bool,
    /// Nobody is attached to it: it forgets a bell that rings now.
    pub away: bool,
    /// Why it keeps a bell to itself, and what helps.
    pub mute: Option<&'static str>,
    /// The pane it was asked about is another terminal than this one, which only inherited its variables.
    pub elsewhere: bool,
    /// A GNU screen is shown in that pane.
    pub shows_screen: bool,
}

impl Tmux {
    /// Asks the tmux that the environment names, about the pane it names; `None` where it does not answer.
    pub(super) async fn ask() -> Option<Self> {
        let argv = ["tmux", "display-message", "-p", ASKED].map(str::to_owned);
        match exec::ask(&argv, ANSWER_WITHIN).await {
            Ok(ran) if ran.exit() == Some(0) => Some(Self::said(&String::from_utf8_lossy(&ran.stdout.kept))),
            _ => None,
        }
    }

    /// The panes in which quell runs and an old screen is shown (copy mode).
    pub(super) async fn held() -> Vec<String> {
        let argv = ["tmux", "list-panes", "-a", "-F", ASKED_OF_PANES].map(str::to_owned);
        match exec::ask(&argv, ANSWER_WITHIN).await {
            Ok(ran) if ran.exit() == Some(0) => held(&String::from_utf8_lossy(&ran.stdout.kept)),
            _ => Vec::new(),
        }
    }

    fn said(answer: &str) -> Self {
        let mut parts = answer.trim().splitn(14, '|').map(str::trim);
        let mut next = || parts.next().unwrap_or_default();
        let (version, passthrough, focus, client) = (next(), next(), next(), next());
        let (looking, bells) = (next(), [next(), next(), next()]);
        let (attached, grouped) = (next(), next());
        let (pane, shows_screen, ssh, outer) = (next(), next(), next(), next());
        let nobody = |count: &str| matches!(count, "" | "0");
        let older = numbers(version).is_some_and(|version| version < ASKS_SINCE);
        Self {
            passthrough: older || matches!(passthrough, "on" | "all" | "1" | "2"),
            focus: matches!(focus, "on" | "1"),
            outer: outer.to_owned(),
            hidden: looking == "0" && !matches!(passthrough, "all" | "2"),
            ssh: !ssh.is_empty(),
            // A window may stand in several sessions.
            away: attached == "0" && nobody(grouped) && nobody(looking),
            mute: mute(bells, looking == "0"),
            mosh: client.parse().is_ok_and(mosh::leads_to),
            elsewhere: is_another(pane),
            shows_screen: shows_screen == "1",
        }
    }
}

/// Whether the terminal at this path is not the one of this process; `false` where either cannot be looked at.
fn is_another(path: &str) -> bool {
    let device = |terminal| isatty(terminal).then(|| fstat(terminal).ok()).flatten().map(|it| it.st_rdev);
    let own = [stdin(), stdout(), stderr()].into_iter().find_map(device);
    let pane = std::fs::metadata(path).ok().map(|it| it.rdev());
    own.zip(pane).is_some_and(|(own, pane)| own != pane)
}

/// Why a bell is kept from whoever is attached, by three options of tmux; `hidden` says whether they look at another window.
fn mute([action, monitor, visual]: [&str; 3], hidden: bool) -> Option<&'static str> {
    match (action, monitor, visual) {
        ("none" | "0", ..) => Some("tmux passes no bell on; run: tmux set -g bell-action any"),
        ("current", ..) if hidden => Some(
            "tmux passes no bell on from a window that nobody looks at; run: tmux set -g bell-action any",
        ),
        ("other", ..) if !hidden => {
            Some("tmux passes no bell on from the window you look at; run: tmux set -g bell-action any")
        }
        (_, "off" | "0", _) => Some("tmux does not look for bells; run: tmux set -wg monitor-bell on"),
        (_, _, "on" | "1") => {
            Some("tmux shows words in the place of a bell; run: tmux set -g visual-bell off")
        }
        _ => None,
    }
}

fn held(answer: &str) -> Vec<String> {
    let held = answer.lines().filter_map(|line| {
        let [mode, command, pane, title] = line.splitn(4, '|').collect::<Vec<_>>().try_into().ok()?;
        // What a script runs is known by the title it sets.
        let is_ours = command == "quell" || title.ends_with("quell");
        (mode != "0" && is_ours).then(|| pane.to_owned())
    });
    held.collect()
}

/// `3.3a` is (3, 3).
fn numbers(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    let digits: String = minor.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_it_could_be_asked_it_passed_everything_on() {
        let said = |version: &str, passthrough: &str| {
            Tmux::said(&format!(
                "{version}|{passthrough}|1||1|any|1|off|1||/dev/none|0||iTerm2 3.5 xterm-256color\n"
            ))
        };
        for (version, passthrough, passes) in [
            ("3.3a", "0", false),
            ("3.3a", "1", true),
            ("3.4", "all", true),
            ("3.2a", "", true),
            ("next-3.6", "off", false),
            ("", "", false),
        ] {
            assert_eq!(said(version, passthrough).passthrough, passes, "{version} {passthrough}");
        }
        let tmux = said("3.3a", "1");
        assert_eq!((tmux.focus, tmux.outer.as_str(), tmux.mosh), (true, "iTerm2 3.5 xterm-256color", false));
        assert_eq!((tmux.hidden, tmux.ssh), (false, false));
        let away = |passthrough: &str| {
            Tmux::said(&format!(
                "3.4|{passthrough}|1||0|any|on|off|1||/dev/none|1|192.0.2.7 51 192.0.2.1 22|xterm"
            ))
        };
        assert_eq!((away("on").shows_screen, tmux.shows_screen, tmux.elsewhere), (true, false, false));
        assert_eq!((away("on").hidden, away("all").hidden, away("on").ssh), (true, false, true));
        assert_eq!(Tmux::said(""), Tmux::default());
    }

    #[test]
    fn a_bell_is_heard_where_somebody_is_attached_and_tmux_passes_it_on() {
        let said = |looking: &str, bells: &str, attached: &str| {
            Tmux::said(&format!("3.4|on|1|7|{looking}|{bells}|{attached}|/dev/none|0||xterm\n"))
        };
        for (looking, bells, helps) in [
            ("1", "any|1|off", None),
            ("1", "any|on|both", None),
            ("1", "||", None),
            ("1", "none|1|off", Some("bell-action any")),
            ("1", "other|1|off", Some("bell-action any")),
            ("0", "other|1|off", None),
            ("0", "current|1|off", Some("bell-action any")),
            ("1", "current|1|off", None),
            ("1", "any|0|off", Some("monitor-bell on")),
            ("1", "any|1|on", Some("visual-bell off")),
        ] {
            let mute = said(looking, bells, "1|").mute;
            assert_eq!(mute.is_some(), helps.is_some(), "{bells}: {mute:?}");
            assert!(mute.is_none_or(|why| why.ends_with(helps.unwrap_or_default())), "{bells}: {mute:?}");
        }
        for (looking, attached, away) in [
            ("0", "0|", true),
            ("0", "0|0", true),
            ("0", "1|", false),
            ("0", "0|1", false),
            ("1", "0|", false),
        ] {
            assert_eq!(said(looking, "any|1|off", attached).away, away, "{looking} {attached}");
        }
    }

    #[test]
    fn of_the_panes_that_show_an_old_screen_those_with_quell_are_named() {
        let panes =
            "0|quell|a:0.0|quell\n1|vim|a:0.1|notes\n1|quell|a:1.0|x | y\n1|sh|on call:2.1|2 CRIT - quell\n";
        assert_eq!(held(panes), ["a:1.0", "on call:2.1"]);
        assert_eq!(held("").len() + held("no server running").len(), 0);
    }
}
