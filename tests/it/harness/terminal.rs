//! The terminal bytes checker, the key notation and the pseudo-terminal.

use std::collections::BTreeSet;
use std::process::Command;

use quell::console::command::TABLE;
use rustix::process::Signal;

use crate::support::pty::{Exit, Pty};
use crate::support::scratch::{self, Scratch};
use crate::support::vt::{Token, alive, assert_inert, assert_only_allowed, is_whole, refused, tokens};
use crate::support::{eventually, keys, torture};

fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

#[test]
fn bytes_are_taken_apart_as_a_terminal_would() {
    let csi = |parameters: &str, last| Token::Csi { parameters: parameters.into(), last };
    let text = |text: &str| Token::Text(text.into());
    assert_eq!(tokens(b"a\x1b[1;31mb\x1b[?25l"), [text("a"), csi("1;31", 'm'), text("b"), csi("?25", 'l')]);
    assert_eq!(tokens(b"\x1b]0;t\x07\x1b]2;u\x1b\\"), [Token::Osc("0;t".into()), Token::Osc("2;u".into())]);
    assert_eq!(
        tokens(b"\x1b(0\x1b7\r"),
        [Token::Escape("(0".into()), Token::Escape("7".into()), Token::Control(13)]
    );
    assert_eq!(tokens(b"\x1bPq\x1b\\\x1b_k\x1b\\")[1], Token::Other { kind: '_', body: b"k".into() });
    assert_eq!(tokens("é\u{9b}x".as_bytes()), [text("é"), Token::C1('\u{9b}'), text("x")]);
    assert_eq!(tokens(b"\xffx"), [Token::Broken(b"\xff".into()), text("x")]);
    assert_eq!(tokens(b"\x1b]0;cut"), [Token::Broken(b"\x1b]0;cut".into())]);
    assert_eq!(tokens(b"\x1b[31\x1b[0m")[0], Token::Broken(b"\x1b[31".into()));
    assert_eq!(tokens(b"\x1bPtmux;\x1b\x1b]9;m\x07\x1b\\"), [Token::Dcs(b"tmux;\x1b]9;m\x07".into())]);
}

#[test]
fn what_quell_needs_is_allowed_and_nothing_else() {
    assert_only_allowed(
        b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[?2026h\x1b[H\x1b[2J\x1b[38;2;1;2;3mx\x1b[4:3m",
    );
    assert_only_allowed(
        "\x1b]2;2 CRIT\x07\x1b]9;hello\x07\x1b]777;notify;a;b\x1b\\\x1b]99;i=1;x\x1b\\\x07\r\n✓".as_bytes(),
    );
    assert_only_allowed(b"\x1bPtmux;\x1b\x1b]9;hello\x07\x1b\\\x1b[3;10r\x1b[2S\x08\x1b[2M");
    let bad: [&[u8]; 21] = [
        b"\x1b[6n",
        b"\x1b[c",
        b"\x1b[?1000h",
        b"\x1b[?25;1000h",
        b"\x1b]52;c;eA==\x07",
        b"\x1b]8;;http://x\x07",
        b"\x1b]9;4;1;50\x07",
        b"\x1b]777;precmd\x07",
        b"\x1b]4;1;?\x07",
        b"\x1bc",
        b"\x1b(0",
        b"\x1b[5i",
        b"\x1b[21t",
        b"\x1b[>4;2m",
        b"\x0e",
        b"\x7f",
        b"\x1bP+q544e\x1b\\",
        b"\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
        b"\xc2\x9b31m",
        b"\xe2\x80\xae",
        b"\x1b]0;a\xe2\x80\xaeb\x07",
    ];
    for bytes in bad {
        let found = tokens(bytes);
        assert!(found.iter().any(|token| refused(token).is_some()), "allowed: {found:?}");
    }
}

#[test]
fn every_escaping_payload_is_caught_when_it_goes_out_raw() {
    for payload in torture::all().iter().filter(|payload| payload.category == "terminal-escape") {
        let found = tokens(&payload.bytes);
        let caught = found.iter().any(|token| refused(token).is_some());
        let shown = [b"\x1b[1mtitle: ", payload.bytes.as_slice(), b"\x1b[0m"].concat();
        assert!(caught || alive(&shown, &payload.bytes).is_some(), "{}: {found:?}", payload.name);
    }
    assert_inert(b"\x1b[31mred\x1b[0m [31mevil", b"\x1b[31mevil");
}

#[test]
fn the_key_notation_becomes_what_a_terminal_sends() {
    let sent = |notation: &str| {
        keys::parse(notation).into_iter().map(|press| press.bytes).collect::<Vec<_>>().concat()
    };
    assert_eq!(sent("j  G ctrl-d enter esc tab"), b"jG\x04\r\x1b\t");
    assert_eq!(
        sent(r#"/ "say \"hi\" \\o" enter"#),
        br#"/say "hi" \o"#.iter().chain(b"\r").copied().collect::<Vec<_>>()
    );
    assert_eq!(sent("up alt-x \"é\" ? :"), "\x1b[A\x1bxé?:".as_bytes());
    assert_eq!(sent("\""), b"\"");
}

#[test]
fn a_sequence_that_a_read_cut_in_two_is_not_whole() {
    for sequence in ["\x1b[38;5;9m", "\x1b]2;title\x1b\\", "\x1bPtmux;x\x1b\\", "\x1b(B", "⚠"] {
        let all = [b"text", sequence.as_bytes()].concat();
        assert!(is_whole(&all) && is_whole(b"text"), "{sequence:?}");
        for cut in 5..all.len() {
            assert!(!is_whole(&all[..cut]), "{:?}", all[..cut].escape_ascii().to_string());
        }
    }
}

#[test]
fn every_default_key_can_be_pressed_and_told_from_the_others() {
    let names: BTreeSet<_> = TABLE.iter().flat_map(|entry| entry.keys).collect();
    let bytes: BTreeSet<_> = names.iter().map(|name| keys::parse(name).remove(0).bytes).collect();
    assert_eq!(bytes.len(), names.len(), "{names:?}");
}

#[test]
fn a_shell_in_the_terminal_reads_keys_and_shows_its_answer() {
    let pty =
        Pty::start(&shell("stty -echo; printf 'name? '; read name; echo \"hello $name\"; exit 7"), 40, 5);
    pty.shows("name?");
    pty.keys("\"ana b\" enter").shows("hello ana b");
    let (exit, bytes) = pty.finish();
    assert_eq!(exit, Exit { code: 7, signal: None });
    assert!(String::from_utf8_lossy(&bytes).ends_with("hello ana b\r\n"));
    assert_only_allowed(&bytes);
}

#[test]
fn the_terminal_answers_queries_rings_and_keeps_the_title() {
    let script = "stty raw -echo; printf '\\033]2;two\\007\\007\\033[3;4H\\033[6n'; \
                  dd bs=1 count=6 2>/dev/null | od -An -c; stty sane";
    let pty = Pty::start(&shell(script), 40, 10);
    assert!(pty.finish().0.code == 0 && pty.screen().contains("033   [   3   ;   4   R"), "{}", pty.screen());
    assert_eq!((pty.bells(), pty.title().as_str()), (1, "two"));
}

#[test]
fn modes_are_compared_before_and_after() {
    let pty = Pty::start(&shell("read a; stty raw -echo; echo changed; read b"), 40, 5);
    let before = pty.modes();
    assert_eq!(before, pty.modes());
    pty.keys("enter").shows("changed");
    assert_ne!(before, pty.modes());
}

#[test]
fn a_resize_reaches_the_program() {
    let pty = Pty::start(&shell("trap 'stty size' WINCH; echo ready; while :; do read a; done"), 40, 5);
    pty.shows("ready");
    pty.resize(101, 31).keys("enter").shows("31 101");
    pty.signal(Signal::KILL);
    assert_eq!(pty.wait().signal.as_deref(), Some("Killed"));
}

#[test]
fn a_program_that_spins_is_seen_to() {
    let spinning = Pty::start(&shell("while :; do :; done"), 40, 5);
    eventually("processor time", || (spinning.processor_time().as_millis() >= 50).then_some(()));
}

#[test]
fn taking_the_terminal_away_hangs_up_and_types_nothing() {
    let scratch = Scratch::new();
    let file = scratch.path("log");
    let script = "trap 'echo HUP >>\"$LOG\"; exit 3' HUP; stty raw -echo; echo ready; while read a; do echo \"[$a]\" >>\"$LOG\"; done; \
                  while :; do sleep 1; done";
    let mut pty = Pty::start(shell(script).env("LOG", &file), 40, 5);
    pty.shows("ready");
    pty.close_master();
    assert_eq!(pty.wait().code, 3);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "HUP\n");
}

#[test]
fn a_stalled_terminal_blocks_the_program_until_it_reads_again() {
    let pty = Pty::start(&shell("read a; head -c 300000 /dev/zero | tr '\\0' x; echo; echo done"), 40, 5);
    pty.stall().keys("enter");
    assert_eq!(pty.ended(), None);
    pty.resume().shows("done");
    assert!(pty.finish().1.len() > 300_000);
}

#[test]
#[should_panic(expected = "waited in vain for: the impossible")]
fn waiting_for_what_never_comes_shows_the_screen() {
    Pty::start(&shell("echo only this"), 40, 5).until(|_| false, "the impossible");
}

#[test]
fn quell_runs_on_a_machine_of_its_own() {
    let scratch = Scratch::with_config("operator = \"ana\"\n");
    assert!(scratch.config_file().is_file() && !scratch.state().exists());
    let ran =
        scratch::run(&mut scratch.program("/bin/sh", &["-c", "echo $XDG_STATE_HOME; echo no >&2; exit 4"]));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(4), "no\n"));
    assert_eq!(ran.stdout.trim(), scratch.path("state").to_str().unwrap());
}
