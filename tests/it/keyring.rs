//! Secrets from the keyring of the desktop.

use serde_json::json;

use crate::support::faultd::{Faultd, Reply};
use crate::support::real::{Bus, Keyring};
use crate::support::scratch::{Ran, Scratch, run};

const SECRET: &str = "canary-5e0f";

/// A source whose token the keyring finds by these attributes, and a machine that asks it.
fn scene(attributes: &str) -> (Faultd, Scratch) {
    let source = Faultd::start();
    source.on("GET /api/v2/alerts", [Reply::ok(&json!([]))]);
    let machine = Scratch::with_config(&format!(
        "[[source]]\nkind = \"alertmanager\"\nname = \"am\"\nurls = [\"{}\"]\ninsecure_http = true\n\
         token_keyring = {attributes}\n",
        source.url()
    ));
    (source, machine)
}

/// What the doctor says on this bus; a secret it never does.
fn doctor(machine: &Scratch, bus: &str) -> Ran {
    let ran = run(machine.quell(&["doctor"]).env("DBUS_SESSION_BUS_ADDRESS", bus));
    assert!(!format!("{ran:?}").contains(SECRET), "{ran:?}");
    ran
}

const ITEM: [&str; 4] = ["service", "quell", "username", "am"];
const NAMED: &str = "{ service = \"quell\", username = \"am\" }";

#[test]
fn the_keyring_hands_over_the_item_that_is_named() {
    let Some(keyring) = Keyring::start() else { return };
    keyring.store(&["service", "quell", "username", "another"], "not this one");
    keyring.store(&ITEM, SECRET);
    let (source, machine) = scene(NAMED);
    let said = doctor(&machine, &keyring.address()).ok();
    assert!(said.contains("ok            source am"), "{said}");
    let asked = source.requests();
    let tokens: Vec<_> = asked.iter().filter_map(|request| request.header("authorization")).collect();
    assert!(
        !tokens.is_empty() && tokens.iter().all(|token| *token == format!("Bearer {SECRET}")),
        "{tokens:?}"
    );
    let shown = machine.run(&["config", "show"]).ok();
    assert!(
        shown.contains("source.am.token_keyring = { service = \"quell\", username = \"am\" }"),
        "{shown}"
    );
}

#[test]
fn what_the_keyring_does_not_hand_over_is_said_with_what_to_do_and_nobody_is_asked_unsigned() {
    let (source, machine) = scene(NAMED);
    let fails = |bus: &str, says: &str| {
        let ran = doctor(&machine, bus);
        assert_eq!(ran.code, Some(3), "{ran:?}");
        let line = ran.stdout.lines().find(|line| line.contains("source am")).unwrap();
        assert!(line.starts_with("not available") && line.contains(says), "{says}: {line}");
        assert_eq!(source.requests().len(), 0);
    };
    fails("unix:path=/nowhere/bus", "there is no session bus to ask a keyring on");
    if let Some(bus) = Bus::start() {
        fails(&bus.address(), "no keyring is on the session bus; start yours");
    }
    let Some(keyring) = Keyring::start() else { return };
    let put = "secret-tool store --label=quell service quell username am";
    fails(
        &keyring.address(),
        &format!("the keyring has no item service quell username am; put it there: {put}"),
    );
    keyring.store(&[&ITEM[..], &["host", "a"]].concat(), SECRET);
    keyring.store(&[&ITEM[..], &["host", "b"]].concat(), SECRET);
    fails(&keyring.address(), "the keyring has 2 items service quell username am; name more");
    keyring.lock();
    fails(&keyring.address(), "the keyring has 2 items");
    let (source, machine) = scene("{ service = \"quell\", host = \"b\" }");
    let locked = doctor(&machine, &keyring.address());
    assert!(locked.stdout.contains("the keyring is locked; unlock it, quell asks nobody for"), "{locked:?}");
    keyring.stall();
    let stalled = doctor(&machine, &keyring.address());
    assert!(stalled.stdout.contains("the keyring did not answer within 3s"), "{stalled:?}");
    assert_eq!(source.requests().len(), 0);
}

#[test]
fn an_item_without_attributes_or_beside_another_way_is_a_mistake_of_the_file() {
    for (attributes, says) in [
        ("{}", "names nothing"),
        ("\"quell\"", "write a table of texts, like { service = \"quell\" }"),
        ("{ service = \"quell\" }\ntoken_env = \"T\"", "keep one of the ways to give token"),
    ] {
        let (_source, machine) = scene(attributes);
        let ran = machine.run(&["config", "check"]);
        assert!(ran.code == Some(2) && ran.stderr.contains(says), "{attributes}: {ran:?}");
    }
}
