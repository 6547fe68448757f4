//! The fields that docs/json.md promises are those that are printed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::exchange::Exchange;
use crate::support::lines::Printing;
use crate::support::repository;
use crate::support::scratch::Scratch;
use crate::support::venue::{ACCOUNT, Venue};

/// What is promised under one heading: each field, and whether it may be absent.
type Promised = BTreeMap<String, bool>;

/// The headings of the page with their fields.
fn promised() -> BTreeMap<String, Promised> {
    let mut all = BTreeMap::new();
    for section in repository::text("docs/json.md").split("\n## ").skip(1) {
        let (heading, rest) = section.split_once('\n').unwrap();
        let rows = rest.lines().filter(|line| line.starts_with("| `"));
        let field = |row: &str| (row.split('`').nth(1).unwrap().to_owned(), row.contains("may be absent"));
        all.insert(heading.to_owned(), rows.map(field).collect());
    }
    all
}

/// How what is printed differs from what is promised.
fn differences(value: &Value, at: &str, promised: &Promised) -> BTreeSet<String> {
    let below: Promised = promised
        .iter()
        .filter_map(|(field, absent)| Some((field.strip_prefix(at)?.to_owned(), *absent)))
        .collect();
    if below.is_empty() {
        return BTreeSet::new();
    }
    match value {
        Value::Array(all) => {
            all.iter().flat_map(|one| differences(one, &format!("{at}[]."), promised)).collect()
        }
        Value::Object(map) => {
            let here = below.iter().filter(|(field, _)| !field.contains(['.', '[']));
            let missing = here.clone().filter(|(field, absent)| !**absent && !map.contains_key(*field));
            let missing = missing.map(|(field, _)| format!("`{at}{field}` is not printed"));
            let unknown = map.keys().filter(|key| !here.clone().any(|(field, _)| field == *key));
            let unknown = unknown.map(|key| format!("`{at}{key}` is not promised"));
            let inside = map.iter().flat_map(|(key, value)| match value {
                Value::Array(_) => differences(value, &format!("{at}{key}"), promised),
                _ => differences(value, &format!("{at}{key}."), promised),
            });
            let opaque = here.clone().count() == 0;
            if opaque { BTreeSet::new() } else { missing.chain(unknown).chain(inside).collect() }
        }
        _ => BTreeSet::new(),
    }
}

/// Everything that can be printed without a second person, with the heading it stands under.
fn samples() -> Vec<(&'static str, Value)> {
    let venue = Venue::under_attack();
    let exchange = Exchange::start();
    let acting = exchange.machine("5s", "");
    let machine = Scratch::with_config(&format!(
        "{}\n[[monitor]]\nkind = \"heartbeat\"\nname = \"batch\"\nwithin = \"1h\"\n",
        venue.config()
    ));
    let watching = Printing::start(machine.quell(&["watch", "--json"]));
    watching.says("begin");
    let run = |arguments: &[&str]| machine.run(&[arguments, &["--json"]].concat()).json();
    let mut all = Vec::new();
    let mut add = |heading, value| all.push((heading, value));
    let verb = "`quell ack`, `quell note` and every other verb that writes down";
    add(verb, run(&["ack", "1"]));
    add(verb, run(&["note", "1", "looked at"]));
    add("`quell open`", run(&["open", "--severity", "high", "Opened by hand"]));
    add(
        "`quell open`",
        run(&[
            "open",
            "--severity",
            "high",
            "--from",
            "partner",
            "--by",
            "Ada",
            "--via",
            "mail",
            "Keys leak",
        ]),
    );
    add("`quell list`, `quell wait`", run(&["list"]));
    add("`quell list`, `quell wait`", run(&["wait", "sev:critical"]));
    add("`quell show`", run(&["show", "1"]));
    add("`quell plan ID`", run(&["plan", "1"]));
    add("`quell plan`", run(&["plan", "1", "freeze-account"]));
    let done = "`quell contain`, `quell undo`, `quell upstream`, `quell approve HASH`";
    add(done, run(&["contain", "1", "freeze-account", "--confirm-target", ACCOUNT]));
    add("`quell packet`", run(&["packet", "1", "--path", "security"]));
    add("`quell review`", run(&["review", "1"]));
    add("`quell report`", run(&["report"]));
    add("`quell report`", run(&["report", "--since", "12h"]));
    add("`quell handover`", run(&["handover", "bo"]));
    std::fs::write(machine.path("access.log"), "a line\n").unwrap();
    let kept = run(&["evidence", "add", "1", "access.log"]);
    let digest = kept["sha256"].as_str().unwrap().to_owned();
    add("`quell evidence add`", kept);
    add("`quell evidence show`", run(&["evidence", "show", &digest]));
    add("`quell evidence export`", run(&["evidence", "export", "1", "--to", "bundle.tar"]));
    add("`quell evidence list`", run(&["evidence", "list", "1"]));
    add("`quell ledger verify`", run(&["ledger", "verify"]));
    add("`quell ledger export`", run(&["ledger", "export", "--to", "ledger.jsonl"]));
    for line in machine.run(&["ledger", "tail", "-n", "100", "--json"]).ok().lines() {
        add("`quell ledger tail`", serde_json::from_str(line).unwrap());
    }
    add("`quell beat`", run(&["beat", "batch"]));
    add("`quell doctor`", run(&["doctor"]));
    add("`quell config check`", run(&["config", "check"]));
    add("`quell config show`", run(&["config", "show"]));
    add("`quell config init`", Scratch::new().run(&["config", "init", "--json"]).json());
    add("`quell identity init`, `quell identity show`", run(&["identity", "init"]));
    add("`quell identity init`, `quell identity show`", run(&["identity", "show"]));
    add("`quell demo --exchange`", json!({ "base": "", "token_file": "", "config": "" }));
    acting.run(&["open", "--severity", "critical", "Opened by hand"]).ok();
    let paged = acting.run(&["escalate", "1", "--path", "incident", "--json"]);
    add("`quell escalate`", serde_json::from_str(&paged.stdout).unwrap());
    let console = machine.console(&["--record", "x.quell"], 80, 24);
    console.shows("REC  ");
    crate::support::venue::leave(&console);
    console.finish();
    add("`quell replay`", run(&["replay", "x.quell"]));
    venue.server.on("GET /api/v2/alerts", [crate::support::faultd::Reply::status(401)]);
    watching.says("venue is AUTH");
    for line in watching.lines() {
        add("`quell watch`", serde_json::from_str(&line).unwrap());
    }
    all
}

#[test]
fn the_promised_fields_are_those_that_are_printed() {
    let promised = promised();
    let samples = samples();
    let wrong: Vec<_> = samples
        .iter()
        .flat_map(|(heading, value)| {
            let fields = promised.get(*heading).unwrap_or_else(|| panic!("no heading {heading}"));
            differences(value, "", fields).into_iter().map(move |why| format!("{heading}: {why}"))
        })
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let seen: BTreeSet<&str> = samples.iter().map(|(heading, _)| *heading).collect();
    let unseen: Vec<_> = promised
        .iter()
        .filter(|(heading, fields)| !fields.is_empty() && !seen.contains(heading.as_str()))
        .collect();
    assert!(unseen.is_empty(), "nothing is compared with {unseen:?}");
}

#[test]
fn every_command_is_on_the_page() {
    let page = repository::text("docs/json.md");
    let help = Scratch::new().run(&["--help"]).ok();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let verbs = crate::support::repository::text("src/cli/work.rs")
        + &crate::support::repository::text("src/cli/tie.rs");
    let writes_down = |name: &str| {
        let variant: String =
            name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<Vec<_>>().concat();
        verbs.contains(&format!("    {variant}("))
    };
    let missing: Vec<&str> = names
        .filter(|name| !name.is_empty() && *name != "help")
        .filter(|name| !page.contains(&format!("`quell {name}")) && !writes_down(name))
        .collect();
    assert!(missing.is_empty(), "not in docs/json.md: {missing:?}");
}

#[test]
fn what_is_promised_and_not_printed_is_found_and_so_is_the_reverse() {
    let promised: Promised = [("a", false), ("b", true), ("c[].d", false), ("c", false)]
        .map(|(field, absent)| (field.to_owned(), absent))
        .into();
    let wrong = |value: Value| differences(&value, "", &promised).into_iter().collect::<Vec<_>>();
    assert_eq!(wrong(json!({ "a": { "any": 1 }, "c": [{ "d": 1 }] })), Vec::<String>::new());
    assert_eq!(
        wrong(json!({ "a": 1, "c": [{ "e": 1 }] })),
        ["`c[].d` is not printed", "`c[].e` is not promised"]
    );
    assert_eq!(wrong(json!({ "x": 1, "c": [] })), ["`a` is not printed", "`x` is not promised"]);
}
