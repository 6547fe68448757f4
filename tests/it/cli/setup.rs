//! What stands around the work: configuration, doctor, completions, the manual.

use super::snapshot;
use crate::support::faultd::{Faultd, Reply};
use crate::support::real::{Bus, Mock};
use crate::support::scratch::{Scratch, run};

#[test]
fn a_first_configuration_is_written_once_and_is_right() {
    let machine = Scratch::new();
    assert!(machine.run(&["list"]).ok().contains("no sources configured"));
    machine.run(&["config", "init"]).ok();
    let written = std::fs::read_to_string(machine.config_file()).unwrap();
    assert!(machine.run(&["config", "check"]).ok().contains("nothing is wrong"));
    let again = machine.run(&["config", "init"]);
    assert!(matches!(again.code, Some(1 | 2)), "{again:?}");
    assert_eq!(std::fs::read_to_string(machine.config_file()).unwrap(), written, "it is never overwritten");
}

#[test]
fn every_mistake_is_said_at_once_with_its_place() {
    let machine =
        Scratch::with_config("operatr = \"ana\"\n\n[[source]]\nkind = \"alertmanagr\"\nname = \"am\"\n");
    for command in [&["config", "check"][..], &["list"], &["doctor"]] {
        let wrong = machine.run(command);
        assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""), "{command:?}: {wrong:?}");
        assert!(wrong.stderr.contains("config.toml:1:1"), "{wrong:?}");
        assert!(wrong.stderr.contains("operatr") && wrong.stderr.contains("alertmanagr"), "{wrong:?}");
    }
    let missing = machine.run(&["--config", "/nowhere/quell.toml", "list"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
}

#[test]
fn what_cannot_be_built_is_said_with_everything_else_and_its_place() {
    let machine = Scratch::with_config(
        "[[source]]\nkind = \"alertmanagr\"\nname = \"Prod AM\"\nevry = \"15s\"\n\n\
         [[source]]\nkind = \"alertmanager\"\nname = \"am\"\nurls = [\"http://am.example.com\"]\n\n\
         [[monitor]]\nkind = \"tcp\"\nname = \"db\"\naddress = \"10.0.0.7\"\n\n\
         [[api]]\nname = \"admin\"\nurl = \"https://a.example.com\"\nca_file = \"/nowhere/ca.pem\"\n\n\
         [[channel]]\nkind = \"webhook\"\nname = \"room\"\nstyle = \"slack\"\nurl = \"canary\"\n\n\
         [[channel]]\nkind = \"webhook\"\nname = \"none\"\nstyle = \"slack\"\n\n\
         [[path]]\nid = \"incident\"\ntitel = \"Incident\"\nsteps = [{ after = \"1m\", to = [\"rom\"] }]\n",
    );
    let said = machine.run(&["config", "check"]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{said:?}");
    assert!(!said.stderr.contains("canary"), "{said:?}");
    snapshot("config_check", &said.stderr);
    let list = machine.run(&["list"]);
    assert_eq!((list.code, list.stderr), (Some(2), said.stderr));
}

#[test]
fn what_is_skipped_of_a_calendar_is_told() {
    let machine = Scratch::new();
    let file = machine.path("holidays.ics");
    std::fs::write(&file, "BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR\n").unwrap();
    machine.write_config(&format!("[calendar]\nics = [{:?}]\n", file.to_str().unwrap()));
    let why = "holidays.ics:2: no holiday: this is a VTODO, not a VEVENT";
    assert!(machine.run(&["config", "check"]).ok().lines().any(|line| line.ends_with(why)));
    let json = machine.run(&["config", "check", "--json"]).json();
    assert!(json["skipped"][0].as_str().unwrap().ends_with(why), "{json}");
    assert!(machine.run(&["config", "show"]).ok().contains("= holidays: 0, skipped: 1"));
}

#[test]
fn a_folder_is_no_configuration() {
    let machine = Scratch::new();
    let ran = machine.run(&["--config", "config/quell", "list"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr.contains("this is a folder") && ran.stderr.contains("config/quell/config.toml"),
        "{ran:?}"
    );
}

#[test]
fn a_configuration_that_watches_nothing_is_told_so() {
    let machine = Scratch::with_config("ids = \"ANA\"\n");
    let hint = "nothing is watched: add a [[source]] or [[monitor]]";
    assert!(machine.run(&["config", "check"]).ok().lines().any(|line| line == hint));
    assert_eq!(machine.run(&["config", "check", "--json"]).json()["hint"], hint);
    let doctor = machine.run(&["doctor"]).ok();
    assert!(doctor.contains(&format!("warning       watch: {hint}")), "{doctor}");
    machine.write_config("[[monitor]]\nkind = \"tcp\"\nname = \"db\"\naddress = \"127.0.0.1:1\"\n");
    assert!(!machine.run(&["config", "check"]).ok().contains("nothing is watched"));
    assert!(!machine.run(&["doctor"]).stdout.contains("nothing is watched"));
}

#[test]
fn secrets_are_shown_as_dots_and_everything_says_where_it_came_from() {
    let secret = "https://hooks.example.com/services/canary";
    let machine = Scratch::with_config(&format!(
        "[[channel]]\nkind = \"webhook\"\nname = \"room\"\nstyle = \"slack\"\nurl = \"{secret}\"\n"
    ));
    let shown = machine.run(&["config", "show"]).ok();
    let url = shown.lines().find(|line| line.starts_with("channel.room.url")).unwrap();
    assert!(url.starts_with("channel.room.url = ••••") && url.contains("config.toml:5"), "{url}");
    assert!(shown.contains("# default"), "{shown}");
    for command in
        [&["config", "show", "--json"][..], &["config", "check"], &["doctor"], &["doctor", "--json"]]
    {
        let ran = machine.run(command);
        assert!(!format!("{ran:?}").contains("canary"), "{command:?}: {ran:?}");
    }
}

#[test]
fn the_doctor_says_what_is_not_available_and_why() {
    let machine = Scratch::new();
    let well = machine.run(&["doctor"]).ok();
    assert!(
        well.contains("ok            ledger") && well.contains("ok            way to reach you, bell"),
        "{well}"
    );
    let gone = Faultd::start().url();
    machine
        .write_config(&format!("[[source]]\nkind = \"alertmanager\"\nname = \"am\"\nurls = [\"{gone}\"]\n"));
    let ill = machine.run(&["doctor"]);
    assert_eq!(ill.code, Some(3), "{ill:?}");
    assert!(ill.stdout.contains("not available source am: connection refused"), "{ill:?}");
    let json = machine.run(&["doctor", "--json"]).stdout;
    assert!(json.contains(r#"{"what":"source am","works":false,"detail":"connection refused"}"#), "{json}");
}

#[test]
fn the_doctor_says_what_a_source_leaves_out() {
    let server = Faultd::start();
    let said = |route: &str, data: serde_json::Value| {
        server.on(route, [Reply::ok(&serde_json::json!({ "status": "success", "data": data }))]);
    };
    said("GET /api/v1/alerts", serde_json::json!({ "alerts": [] }));
    let rule = serde_json::json!({ "name": "Lost", "health": "err", "lastError": "many-to-many" });
    said("GET /api/v1/rules", serde_json::json!({ "groups": [{ "rules": [rule] }] }));
    let machine = Scratch::with_config(&format!(
        "[[source]]\nkind = \"prometheus\"\nname = \"prom\"\nwatchdog = [\"Watchdog\"]\nurl = \"{}\"\n",
        server.url()
    ));
    let doctor = machine.run(&["doctor"]).ok();
    let partial = "source prom: PARTIAL, 0 signals; Watchdog is not firing; \
                   1 of 1 alerting rules cannot be evaluated: Lost: many-to-many";
    assert!(doctor.contains(partial), "{doctor}");
}

/// What the doctor says of the ways to reach the operator in this environment.
fn ways(environment: &[(&str, &str)]) -> String {
    let machine = Scratch::new();
    run(machine.quell(&["doctor"]).envs(environment.iter().copied())).ok()
}

#[test]
fn the_doctor_tests_every_way_to_reach_the_operator() {
    let nowhere = ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let said = ways(&[nowhere, ("TERM_PROGRAM", "WezTerm")]);
    assert!(
        said.contains("not available way to reach you, desktop: the session bus shows no notifications: "),
        "{said}"
    );
    assert!(
        said.contains("ok            way to reach you, osc777: OSC 777 is sent to the terminal; "),
        "{said}"
    );
    assert!(
        said.contains("ok            way to reach you, bell: always rings; it cannot be heard from here"),
        "{said}"
    );
    let remote = ways(&[nowhere, ("SSH_TTY", "/dev/pts/1"), ("TERM", "dumb")]);
    assert!(remote.contains("not available way to reach you, desktop: in SSH"), "{remote}");
    assert!(
        remote.contains(
            "not available way to reach you, terminal: nothing says which notifications \"dumb\" shows"
        ),
        "{remote}"
    );
}

#[test]
fn the_doctor_asks_the_desktop() {
    if let Some(bus) = Bus::start() {
        let said = ways(&[("DBUS_SESSION_BUS_ADDRESS", &bus.address())]);
        assert!(
            said.contains(
                "not available way to reach you, desktop: no notification server is on the session bus"
            ),
            "{said}"
        );
    }
    if let Some(desktop) = Mock::start() {
        let said = ways(&[("DBUS_SESSION_BUS_ADDRESS", &desktop.address())]);
        assert!(
            said.contains("ok            way to reach you, desktop: the notification server answers"),
            "{said}"
        );
        assert_eq!(desktop.notified(), [], "a test shows nothing");
    }
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let machine = Scratch::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = machine.run(&["completions", shell]).ok();
        assert!(script.contains("contain") && script.contains("escalate"), "{shell}");
    }
    assert_eq!(machine.run(&["completions", "cmd"]).code, Some(2));
    let page = machine.run(&["man"]).ok();
    assert!(page.starts_with(".ie") && page.contains(".TH quell") && page.contains("contain"), "{page}");
}

#[test]
fn another_configuration_does_not_clear_what_this_one_said() {
    let am = Faultd::start();
    let source = |name: &str| {
        let url = am.url();
        format!("[[source]]\nkind = \"alertmanager\"\nname = \"{name}\"\nurls = [\"{url}\"]\n")
    };
    let machine = Scratch::with_config(&source("prod-am"));
    machine.run(&["list"]);
    let staging = machine.path("staging.toml");
    std::fs::write(&staging, source("staging-am")).unwrap();
    let other = ["--config", staging.to_str().unwrap(), "list"];
    let refused = machine.run(&other);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("XDG_STATE_HOME"), "{refused:?}");
    assert!(refused.stderr.contains(machine.config_file().to_str().unwrap()), "{refused:?}");
    // Said otherwise, it is the same file.
    let round = machine.path("config/../config/quell/config.toml");
    assert_eq!(machine.run(&["--config", round.to_str().unwrap(), "list"]).code, machine.run(&["list"]).code);
    // Beside a ledger, that ledger is the one that is used.
    let beside = machine.state().join("staging.toml");
    std::fs::copy(&staging, &beside).unwrap();
    let moved = machine.run(&["--config", beside.to_str().unwrap(), "list"]);
    assert!(moved.stderr.contains("a folder of its own") && !moved.stderr.contains("XDG"), "{moved:?}");
    // In a state folder of its own it is welcome.
    let fine = run(machine.quell(&other).env("XDG_STATE_HOME", machine.path("cache")));
    assert_ne!(fine.code, Some(2), "{fine:?}");
}

#[test]
fn a_configuration_is_named_from_its_own_folder() {
    let machine = Scratch::with_config("ids = \"DEMO\"\n");
    let beside = machine.path("beside");
    machine.run(&["open", "--severity", "high", "Orders are refused"]).ok();
    std::fs::rename(machine.state(), &beside).unwrap();
    std::fs::copy(machine.config_file(), beside.join("config.toml")).unwrap();
    let show = run(machine.quell(&["--config", "config.toml", "show", "1"]).current_dir(&beside));
    assert!(show.ok().contains("Orders are refused"));
}
