//! An Alertmanager that starts anew has forgotten every alert until it is told of it again.

use super::*;

/// When the source was read last.
fn read_at(list: &Value) -> String {
    list["sources"][0]["as_of"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_a_restarted_alertmanager_has_not_been_told_again_is_not_over() {
    let Some(mut alertmanager) = Alertmanager::start() else { return };
    for (name, severity) in [("Gone", "critical"), ("Slow", "warning")] {
        fire(&alertmanager, name, severity);
    }
    let machine = watching("1s", &[&alertmanager.url()]);
    let console = machine.console(&[], 110, 30);
    console.until(|screen| screen.contains("Gone happens") && screen.contains("Slow happens"), "both rows");
    let titles = list(&machine);
    let gone =
        titles["incidents"].as_array().unwrap().iter().find(|it| it["title"] == "Gone happens").unwrap();
    let acked = gone["id"].as_str().unwrap().to_owned();
    machine.run(&["ack", &acked]).ok();

    alertmanager.kill();
    alertmanager.start_again();
    let partial =
        eventually("it to be PARTIAL", || Some(list(&machine)).filter(|list| state(list) == "PARTIAL"));
    console.shows("2 that it does not list may burn: it started at");
    let first = read_at(&partial);
    let again = eventually("another answer", || Some(list(&machine)).filter(|list| read_at(list) > first));
    assert_eq!((state(&again), rows(&again, "title").len()), ("PARTIAL", 2), "{again:#}");

    fire(&alertmanager, "Gone", "critical");
    console.shows("1 that it does not list may burn: it started at");
    fire(&alertmanager, "Slow", "warning");
    eventually("it to be LIVE", || (state(&list(&machine)) == "LIVE").then_some(()));
    for id in ["1", "2"] {
        let told = machine.run(&["show", id]).ok();
        assert!(!told.contains("signal cleared") && !told.contains("fires again"), "{told}");
    }
    let held = machine.run(&["--json", "show", &acked]).json();
    assert_eq!(held["incident"]["owner"]["name"], "ana", "who held it holds it: {held:#}");

    // What this one was told of, and says no more, is over.
    alertmanager.resolve(&[("alertname", "Slow"), ("service", "orders"), ("severity", "warning")]);
    let over = || ["1", "2"].iter().any(|id| machine.run(&["show", id]).ok().contains("signal cleared"));
    eventually("it to be over", || over().then_some(()));
    assert_eq!(state(&list(&machine)), "LIVE");
}
