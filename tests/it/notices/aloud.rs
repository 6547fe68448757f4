//! What is told aloud besides: by a program, again, and not in quiet hours.

use rustix::process::Signal;

use crate::notices::{asked_for, watching_with};
use crate::support::eventually;
use crate::support::pty::Pty;
use crate::support::venue::critical;
use crate::support::vt;

const SSH: (&str, &str) = ("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22");
const ITERM: (&str, &str) = ("TERM_PROGRAM", "iTerm.app");

#[test]
fn the_program_that_is_named_hears_of_a_critical_and_of_no_environment() {
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let configured = format!(
        "[notify]\ndetail = \"full\"\nexec = [\"/bin/sh\", \"-c\", 'cat >{0}.json; echo \"$1 $CANARY $NAMED\" >{0}', \"hear\", \"{{{{notice}}}}\"]\nexec_env = [\"NAMED\"]\n",
        heard.display()
    );
    let (venue, scratch, console) =
        watching_with(&configured, &[SSH, ("CANARY", "no"), ("NAMED", "passed-on")]);
    venue.fire(&[critical("Gateway'$(reboot)`id`")]);
    let said = eventually("the program to hear", || {
        std::fs::read_to_string(&heard).ok().filter(|said| said.ends_with('\n'))
    });
    assert_eq!(said, "NEW ANA-1: Gateway'$(reboot)`id` is burning  passed-on\n");
    let json = std::fs::read_to_string(folder.path().join("heard.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["kind"], &json["incident"]), (&"new-critical".into(), &"ANA-1".into()));
    eventually("the ledger to say so", || {
        let tail = scratch.run(&["ledger", "tail"]).ok();
        (tail.contains("notify.exec was told of notice") && tail.contains(": exit 0")).then_some(())
    });
    vt::assert_only_allowed(&console.whole_bytes());
}

#[test]
fn in_quiet_hours_a_critical_comes_through_and_is_withheld_where_that_is_asked_for() {
    let always = "[notify.quiet]\nhours = [\"00:00-24:00\"]\n";
    for (rest, how, asked) in [("", "[bell, osc9]", 1), ("critical = false\n", "[quiet hours]", 0)] {
        let (venue, _scratch, console) = watching_with(&format!("{always}{rest}"), &[SSH, ITERM]);
        venue.fire(&[critical("GatewayDown")]);
        console.shows(how);
        assert_eq!(asked_for(&console.whole_bytes()).len(), asked, "{how}");
        assert_eq!(console.bells(), asked, "{how}");
    }
}

#[test]
fn what_was_withheld_is_told_by_a_console_that_begins_after_the_quiet_hours() {
    let always = "[notify.quiet]\nhours = [\"00:00-24:00\"]\ncritical = false\n";
    let (venue, scratch, mut console) = watching_with(always, &[SSH, ITERM]);
    venue.fire(&[critical("GatewayDown")]);
    console.shows("[quiet hours]");
    let begin = || {
        let mut command = scratch.quell(&[]);
        command.envs([SSH, ITERM]);
        Pty::start(&command, 120, 40)
    };
    for (rest, how, asked) in [(always, "[quiet hours]", 0), ("", "[bell, osc9]", 1)] {
        console.signal(Signal::TERM);
        console.finish();
        scratch.write_config(&format!("{}\n{rest}", venue.config()));
        console = begin();
        console.shows(how);
        assert_eq!(asked_for(&console.whole_bytes()).len(), asked, "{how}");
        assert_eq!(console.bells(), asked, "{how}");
    }
    // It was told, and by that it is no backlog any more.
    console.signal(Signal::TERM);
    console.finish();
    console = begin();
    console.until(|screen| screen.contains("CRIT 1") && screen.contains("● venue"), "what burns");
    let tail = scratch.run(&["ledger", "tail"]).ok();
    assert_eq!(tail.matches("waits for the end of the quiet hours").count(), 1, "{tail}");
    assert_eq!(tail.matches("by bell, osc9 on").count(), 1, "{tail}");
}

#[test]
fn whoever_looks_at_the_console_gets_no_popup_and_whoever_looks_away_does() {
    for (focus, how) in
        [(&b"\x1b[I"[..], "[bell]"), (&b"\x1b[I\x1b[O"[..], "[bell, osc9]"), (b"", "[bell, osc9]")]
    {
        let (venue, _scratch, console) = watching_with("", &[SSH, ITERM]);
        console.send(focus).keys("j");
        venue.fire(&[critical("GatewayDown")]);
        console.shows(how);
        assert_eq!(asked_for(&console.whole_bytes()).is_empty(), how == "[bell]", "{focus:?}");
        assert_eq!(console.bells(), 1);
    }
}

#[test]
fn a_program_that_does_not_hear_is_said_on_the_screen() {
    let configured = "[notify]\nexec = [\"/bin/sh\", \"-c\", \"echo no such topic >&2; exit 3\"]\n";
    let (venue, scratch, console) = watching_with(configured, &[SSH]);
    venue.fire(&[critical("GatewayDown")]);
    // Beside the notice itself, as long as that stands there, and where one looks for what is wrong.
    console.shows("[bell, no exec]");
    let why = "! notify.exec did not hear of the last notice: exit 3: no such topic";
    console.keys("s").shows(why);
    assert!(console.screen().contains("[bell, no exec]"), "{}", console.screen());
    console.keys("esc");
    scratch.run(&["ack", "ANA-1"]).ok();
    console.until(|screen| screen.contains(why) && !screen.contains("no exec]"), "a line of its own");
}
