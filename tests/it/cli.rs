//! The command line as a script or a person meets it: what it prints, and what it exits with.

mod act;
mod approve;
mod beat;
mod bulletin;
mod hostile;
mod injection;
mod json;
mod ledger;
mod packet;
mod plan;
mod respond;
mod review;
mod sensitive;
mod setup;
mod snooze;
mod ties;
mod wait;
mod watch;
mod words;
mod work;

use quell::domain::version::VERSION;
use regex::Regex;
use serde_json::{Value, json};

use crate::support::faultd::{Faultd, Reply};
use crate::support::repository;
use crate::support::scratch::Scratch;

/// The text, without what differs from run to run.
fn steady(text: &str) -> String {
    let replaced = [
        (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
        (r"\b\d\d:\d\dZ", "<minute>"),
        (r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "<date>"),
        (r"127\.0\.0\.1:\d+", "<port>"),
        (r"/tmp/quell-\w+", "<machine>"),
        (r"\b[0-9a-f]{32,64}\b", "<hash>"),
        (r" +\d+[smh] (Identify|Contain|Mitigate|Recover|Review)", " <age> $1"),
        (r"(Identify|Contain|Mitigate|Recover|Review) \d+[smh]", "$1 <age>"),
    ];
    replaced.iter().fold(text.to_owned(), |text, (pattern, instead)| {
        Regex::new(pattern).unwrap().replace_all(&text, *instead).into_owned()
    })
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("cli_{name}"), steady(text));
    });
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A source that says this, and a machine that asks it.
fn watching(alerts: &Value) -> (Faultd, Scratch) {
    let source = Faultd::start();
    source.on("GET /api/v2/alerts", [Reply::ok(alerts)]);
    let table = "[[source]]\nkind = \"alertmanager\"\nname = \"prod-am\"\nevery = \"30s\"";
    let machine = Scratch::with_config(&format!("ids = \"ANA\"\n{table}\nurls = [\"{}\"]\n", source.url()));
    (source, machine)
}

fn alert(fingerprint: &str, labels: &Value) -> Value {
    json!({ "labels": labels, "annotations": { "summary": "Order gateway refuses connections" },
            "startsAt": chrono::Utc::now().to_rfc3339(), "fingerprint": fingerprint })
}

fn gateway(fingerprint: &str) -> Value {
    alert(fingerprint, &json!({ "alertname": "OrderGatewayDown", "service": "trading", "severity": "page" }))
}

#[test]
fn the_help_of_every_command_is_as_it_was() {
    let machine = Scratch::new();
    let top = machine.run(&["--help"]).ok();
    let commands = top.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = commands.map_while(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let mut all = top.clone();
    for name in names {
        let help = machine.run(&[name, "--help"]).ok();
        all.push_str(&format!("\n──── quell {name}\n{help}"));
    }
    snapshot("help", &all);
}

#[test]
fn the_version_names_the_commit_it_was_built_from() {
    let git = |arguments: &[&str]| {
        let said = std::process::Command::new("git").args(arguments).current_dir(repository::root()).output();
        let said = said.ok().filter(|said| said.status.success())?;
        Some(String::from_utf8(said.stdout).unwrap().trim().to_owned())
    };
    // Unpacked from an archive there is no commit, whatever repository that was unpacked in.
    let ours =
        git(&["rev-parse", "--show-toplevel"]).filter(|top| *top == repository::root().to_string_lossy());
    let commit = ours.and_then(|_| git(&["rev-parse", "--short=12", "HEAD"]));
    let package = env!("CARGO_PKG_VERSION");
    let built = commit.map_or_else(|| package.to_owned(), |commit| format!("{package} ({commit})"));
    assert_eq!(VERSION.replace("+modified)", ")"), built);
    let machine = Scratch::new();
    assert_eq!(machine.run(&["--version"]).ok(), format!("quell {VERSION}\n"));
    let doctor = machine.run(&["doctor"]).ok();
    assert!(doctor.starts_with(&format!("ok            quell: {VERSION}\n")), "{doctor}");
}

#[test]
fn list_prints_the_promised_fields_in_the_promised_order() {
    let (_source, machine) = watching(&json!([gateway("5f3c")]));
    let list = machine.run(&["list", "--json"]).json();
    assert_eq!(keys(&list), ["version", "as_of", "sources", "incidents"]);
    assert_eq!(keys(&list["sources"][0]), ["name", "state", "as_of", "fault"]);
    let promised = "id title severity unmapped category phase service sources upstream opened_at acked_by \
                    acked_until lead commander affected_users affected_users_unknown contained escalation \
                    deadlines signals version rank stale";
    assert_eq!(
        keys(&list["incidents"][0]),
        promised.split(' ').filter(|key| !key.is_empty()).collect::<Vec<_>>()
    );
    assert_eq!(keys(&list["incidents"][0]["deadlines"][0]), ["kind", "due"]);
    machine.run(&["impact", "1", "--users", "10..20"]).ok();
    let row = &machine.run(&["list", "--json"]).json()["incidents"][0];
    assert_eq!(row["affected_users"].to_string(), r#"{"min":10,"max":20}"#);
    snapshot("list_json", &serde_json::to_string_pretty(&list).unwrap());
    snapshot("list", &machine.run(&["list"]).ok());
    snapshot("show", &machine.run(&["show", "5f3c"]).ok());
}

#[test]
fn a_list_is_filtered_by_the_query_language_whose_errors_name_the_word() {
    let machine = Scratch::new();
    for (severity, title) in [("normal", "Slow"), ("critical", "Gone"), ("high", "Late")] {
        machine.run(&["open", "--severity", severity, title]).ok();
    }
    machine.run(&["ack", "2"]).ok();
    let titles = |query: &[&str]| {
        let list = machine.run(&[&["list", "--json"][..], query].concat()).json();
        let rows = list["incidents"].as_array().unwrap().clone();
        rows.iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(&[]), ["Gone", "Late", "Slow"]);
    assert_eq!(titles(&["-is:acked"]), ["Late", "Slow"]);
    assert_eq!(titles(&["sev:critical or \"slow\""]), ["Gone", "Slow"]);
    let wrong = machine.run(&["list", "sev:terrible"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""));
    assert!(wrong.stderr.contains("terrible"), "{wrong:?}");
}

#[test]
fn an_id_is_ours_or_upstream_and_never_guessed() {
    let (_source, machine) = watching(&json!([gateway("1")]));
    machine.run(&["open", "--severity", "high", "Opened by hand"]).ok();
    machine.run(&["list"]).ok();
    let both = machine.run(&["show", "1"]);
    assert_eq!(both.code, Some(2), "{both:?}");
    assert!(both.stderr.contains("ANA-1") && both.stderr.contains("ANA-2"), "{both:?}");
    assert_eq!(machine.run(&["ack", "1"]).code, Some(2), "nor is it acted on");
    let title = |id: &str| machine.run(&["show", id]).ok().lines().next().unwrap().to_owned();
    assert!(title("ANA-1").contains("Opened by hand"));
    assert!(title("ana-2").contains("Order gateway"));
    assert!(title("2").contains("Order gateway"));
    assert!(title("prod-am:1").contains("Order gateway"), "an upstream id with its source");
    let none = machine.run(&["show", "ANA-9"]);
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.stderr.contains("no incident ANA-9"), "{none:?}");
}
