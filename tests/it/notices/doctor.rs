//! The doctor sends a test by every rung, and says of a dead one what brings it to life.

use crate::notices::asked_for;
use crate::notices::identities::mosh_server;
use crate::support::faultd::Faultd;
use crate::support::pty::Pty;
use crate::support::real::{Mock, Tmux};
use crate::support::scratch::{Scratch, run};
use crate::support::vt;

const SSH: (&str, &str) = ("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22");

#[test]
fn a_test_goes_by_every_rung() {
    let Some(desktop) = Mock::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let scratch = Scratch::with_config(&format!(
        "[notify]\nexec = [\"/bin/sh\", \"-c\", 'echo \"$1\" >{}', \"hear\", \"{{{{notice}}}}\"]\n",
        heard.display()
    ));
    let mut command = scratch.quell(&["doctor", "--notify"]);
    command.envs([("DBUS_SESSION_BUS_ADDRESS", desktop.address().as_str()), ("TERM_PROGRAM", "WezTerm")]);
    let terminal = Pty::start(&command, 120, 40);
    let (exit, bytes) = terminal.finish();
    assert_eq!(exit.code, 0, "{}", terminal.screen());
    let screen = terminal.screen();
    for said in [
        "ok            way to reach you, desktop: sent; the desktop took it",
        "ok            way to reach you, osc777: OSC 777 was sent to the terminal",
        "ok            way to reach you, exec: it ran, exit 0",
        "ok            way to reach you, bell: rang",
    ] {
        assert!(screen.contains(said), "{said}:\n{screen}");
    }
    assert_eq!(
        asked_for(&bytes),
        ["777;notify;quell doctor;a test; nothing has happened".replace("test;", "test,")]
    );
    assert_eq!(terminal.bells(), 1);
    vt::assert_only_allowed(&bytes);
    let told = desktop.notified();
    assert_eq!((told.len(), told[0].summary.as_str()), (1, "quell doctor"));
    assert_eq!(told[0].actions, Vec::<String>::new());
    assert_eq!(std::fs::read_to_string(heard).unwrap(), "quell doctor: a test; nothing has happened\n");
}

#[test]
fn what_is_dead_is_explained_with_what_brings_it_to_life() {
    let scratch = Scratch::with_config("[notify]\nexec = [\"/nonexistent/pager\"]\n");
    let mut command = scratch.program(&mosh_server(&scratch), &[]);
    command.arg(scratch.quell(&[]).get_program()).args(["doctor", "--notify"]);
    command.envs([SSH, ("TERM", "xterm-kitty")]);
    let terminal = Pty::start(&command, 200, 40);
    let (_, bytes) = terminal.finish();
    let screen = terminal.screen();
    for said in [
        "not available way to reach you, desktop: in SSH it would show on another person's screen",
        "not available way to reach you, terminal: mosh drops notifications and passes the bell; use ssh, or set notify.exec",
        "not available way to reach you, exec: /nonexistent/pager cannot be run",
    ] {
        assert!(screen.contains(said), "{said}:\n{screen}");
    }
    assert_eq!((asked_for(&bytes), terminal.bells()), (Vec::new(), 1));
}

#[test]
fn the_dead_mans_switch_is_examined_and_not_held() {
    let server = Faultd::start();
    let examined = |url: &str| {
        let scratch = Scratch::with_config(&format!("[dead_man]\nurl = \"{url}\"\n"));
        let ran = run(&mut scratch.quell(&["doctor"]));
        let line = ran.stdout.lines().find(|line| line.contains("dead man's switch")).map(str::to_owned);
        (ran.code, line.unwrap_or_default())
    };
    let (_, line) = examined(&format!("{}/ping/5f3c?x=1", server.url()));
    assert!(line.starts_with("ok ") && line.contains("can be read and its host answers"), "{line}");
    let asked: Vec<String> = server.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(asked, ["/"], "a ping would keep it quiet");
    let (_, line) = examined(&server.url());
    assert!(line.contains("its host is not asked"), "{line}");
    let port = server.stop();
    let (code, line) = examined(&format!("http://127.0.0.1:{port}/ping/5f3c"));
    assert!(line.starts_with("not available dead man's switch: ") && !line.contains("5f3c"), "{line}");
    assert_eq!(code, Some(3));
}

#[test]
fn a_quell_that_shows_an_old_screen_is_named() {
    let scratch = Scratch::new();
    let Some(tmux) = Tmux::start(&scratch.quell(&[]), true, 120, 40) else { return };
    tmux.outer.shows("no sources configured");
    let inside = format!("{},0,0", tmux.socket().display());
    let doctor = || crate::support::scratch::run(scratch.quell(&["doctor"]).env("TMUX", &inside)).stdout;
    let said = doctor();
    assert!(said.contains("note          a screen that stands still: the copy mode of tmux shows"), "{said}");
    assert!(!said.contains("shows an old screen: it is in copy mode"), "{said}");
    tmux.tell(&["copy-mode"]).ok();
    let said = doctor();
    assert!(said.contains("warning       a screen that stands still: quell in pane 0:0.0 of tmux"), "{said}");
}

#[test]
fn without_a_terminal_it_says_so() {
    let scratch = Scratch::new();
    let mut command = std::process::Command::new("setsid");
    command.arg("--wait").arg(scratch.quell(&[]).get_program()).args(["doctor", "--notify"]);
    for (name, value) in scratch.quell(&[]).get_envs() {
        value.map(|value| command.env(name, value));
    }
    let said = crate::support::scratch::run(&mut command).stdout;
    assert!(
        said.contains("not available way to reach you, bell: there is no terminal to send it to"),
        "{said}"
    );
}

#[test]
fn tmux_is_asked_what_it_passes_on() {
    let scratch = Scratch::new();
    for (passthrough, said) in [
        (true, "osc9: OSC 9 was sent through tmux, which passes it on"),
        (false, "terminal: tmux drops OSC 9; run: tmux set -g allow-passthrough on"),
    ] {
        scratch.write_config("[notify]\nterminal = \"osc9\"\n");
        let quell = scratch.quell(&[]);
        let script = format!("{} doctor --notify; read end", quell.get_program().to_str().unwrap());
        let mut command = scratch.program("/bin/sh", &["-c", &script]);
        command.envs([SSH]);
        let Some(tmux) = Tmux::start(&command, passthrough, 200, 40) else { return };
        tmux.outer.shows(said);
        tmux.outer.rings();
        let expected: &[&str] =
            if passthrough { &["9;quell: quell doctor: a test; nothing has happened"] } else { &[] };
        let bytes =
            tmux.outer.until_bytes(|bytes| asked_for(bytes).len() == expected.len(), "what tmux passes on");
        assert_eq!(asked_for(&bytes), expected);
    }
}

#[test]
fn a_bell_that_tmux_keeps_to_itself_is_dead_and_what_helps_is_said() {
    let scratch = Scratch::new();
    for (option, said) in [
        ("bell-action none", "tmux passes no bell on; run: tmux set -g bell-action any"),
        ("monitor-bell off", "tmux does not look for bells; run: tmux set -wg monitor-bell on"),
        ("visual-bell on", "tmux shows words in the place of a bell; run: tmux set -g visual-bell off"),
    ] {
        let script =
            format!("{} doctor --notify; read end", scratch.quell(&[]).get_program().to_str().unwrap());
        let command = scratch.program("/bin/sh", &["-c", &script]);
        let Some(tmux) = Tmux::set(&command, option, 200, 40) else { return };
        tmux.outer.shows(&format!("not available way to reach you, bell: {said}"));
        assert_eq!(tmux.outer.bells(), 0, "{option}");
    }
}
