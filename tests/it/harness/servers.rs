//! The real servers start, do their work and end.

use std::process::Command;

use crate::support::real::{Alertmanager, Dunst, Mock, Tmux};
use crate::support::{eventually, http, scratch};

fn notify_send(address: &str, arguments: &[&str]) {
    let mut command = Command::new("notify-send");
    command.env("DBUS_SESSION_BUS_ADDRESS", address).args(["-a", "quell"]).args(arguments);
    scratch::run(&mut command).ok();
}

#[test]
fn alertmanager_keeps_alerts_and_silences_over_a_restart() {
    let Some(mut server) = Alertmanager::start() else { return };
    server.fire(&[("alertname", "Down"), ("severity", "page")], &[("summary", "it is down")]);
    let alerts = server.alerts();
    assert_eq!(alerts[0]["annotations"]["summary"], "it is down");
    server.silence("Down");
    eventually("the silence", || (server.alerts()[0]["status"]["state"] == "suppressed").then_some(()));
    server.stop();
    assert!(http::get(server.port(), "/-/ready").is_err());
    server.start_again();
    server.fire(&[("alertname", "Down"), ("severity", "page")], &[]);
    eventually("the silence again", || (server.alerts()[0]["status"]["state"] == "suppressed").then_some(()));
    server.resolve(&[("alertname", "Down"), ("severity", "page")]);
    eventually("the alert to go", || server.alerts().is_empty().then_some(()));
}

#[test]
fn the_notification_mock_keeps_what_it_is_told() {
    let Some(mock) = Mock::start() else { return };
    assert_eq!(mock.notified(), []);
    notify_send(&mock.address(), &["-u", "critical", "Title", "Body <b>x</b>"]);
    let notified = mock.wait_for(1);
    assert_eq!((notified[0].app.as_str(), notified[0].summary.as_str()), ("quell", "Title"));
    assert_eq!(
        (notified[0].body.as_str(), notified[0].hints["urgency"].as_u64()),
        ("Body <b>x</b>", Some(2))
    );
    mock.press(1, "default");
}

#[test]
fn dunst_shows_a_notification() {
    let Some(dunst) = Dunst::start() else { return };
    assert_eq!(dunst.displayed(), 0);
    notify_send(&dunst.address(), &["Title", "Body"]);
    dunst.wait_for(1);
    dunst.close_all();
    assert_eq!(dunst.history(), [("Title".into(), "Body".into(), "quell".into())]);
}

#[test]
fn tmux_passes_a_wrapped_notification_on_only_when_told_to() {
    for passthrough in [true, false] {
        let mut shell = Command::new("/bin/sh");
        // tmux drops what is passed through before its client is attached, and while it draws anew.
        let script = r"echo ready; while read a; do printf '\033Ptmux;\033\033]9;hello\007\033\\\007'; echo got $a; done";
        shell.args(["-c", script]);
        let Some(tmux) = Tmux::start(&shell, passthrough, 80, 24) else { return };
        tmux.outer.shows("ready");
        let passed = (0..10).any(|n| {
            tmux.outer.keys(&format!("\"key{n}\" enter")).shows(&format!("got key{n}"));
            tmux.outer.bytes().windows(10).any(|window| window == b"\x1b]9;hello\x07")
        });
        assert_eq!(passed, passthrough);
        tmux.outer.rings();
    }
}
