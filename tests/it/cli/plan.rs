//! What is shown is what runs: plans of every verb, and what refuses to run as shown.

use super::snapshot;
use crate::support::exchange::Exchange;
use crate::support::scratch::Scratch;

/// An exchange, and a machine with an incident about its replica tok-1.
fn scene() -> (Exchange, Scratch) {
    let exchange = Exchange::start();
    let machine = exchange.machine("5s", "");
    let open =
        ["open", "--severity", "high", "Tokens are late", "--service", "tokens", "--label", "replica=tok-1"];
    machine.run(&open).ok();
    (exchange, machine)
}

/// The start of the hash of a plan that was printed, as rows show it.
fn short(printed: &str) -> &str {
    &printed.lines().last().unwrap().strip_prefix("plan ").unwrap()[..12]
}

#[test]
fn every_verb_that_leaves_the_machine_can_be_shown_first_and_run_by_the_hash_of_what_was_shown() {
    let (exchange, machine) = scene();
    let contain = machine.run(&["plan", "1", "isolate-replica"]).ok();
    machine.run(&["contain", "1", "--plan", short(&contain), "--confirm-target", "tok-1"]).ok();
    let undo = machine.run(&["plan", "1", "--undo", "1"]).ok();
    snapshot("plan_undo", &undo);
    let set = ["--set", "affected users=about 500"];
    let page =
        machine.run(&[&["plan", "1", "--escalate", "incident", "--step", "2"][..], &set].concat()).ok();
    snapshot("plan_escalate", &page);
    let parts = ["--template", "--product", "tokens", "--next", "30m"];
    let news = machine.run(&[&["plan", "1", "--bulletin", "public"][..], &parts].concat()).ok();
    assert!(news.starts_with("Bulletin 1 to public on ANA-1"), "{news}");
    assert_eq!((exchange.calls().len(), exchange.messages("inc-room").len()), (1, 0), "plans send nothing");

    let undone = machine.run(&["undo", "1", "--plan", short(&undo), "--confirm-target", "tok-1"]).ok();
    assert!(undone.contains("undo isolate-replica tok-1: verified"), "{undone}");
    let told = machine.run(&["escalate", "1", "--plan", short(&page)]).ok();
    assert!(told.contains("told sec-room"), "{told}");
    assert!(exchange.messages("inc-room")[0].to_string().contains("about 500"));
    machine.run(&["bulletin", "1", "--plan", short(&news), "--yes"]).ok();
}

#[test]
fn a_plan_runs_as_it_was_shown_or_is_refused_with_what_changed() {
    let (exchange, machine) = scene();
    let plan = machine.run(&["plan", "1", "isolate-replica"]).ok();
    machine.run(&["severity", "1", "critical", "--because", "all tokens"]).ok();
    let contain = ["contain", "1", "--plan", short(&plan), "--confirm-target", "tok-1"];
    let refused = machine.run(&contain);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("severity was high, is now critical"), "{refused:?}");
    assert_eq!(exchange.calls().len(), 0);
}

#[test]
fn a_plan_is_carried_out_by_its_own_verb_for_its_own_incident_and_its_hash_is_not_guessed() {
    let (exchange, machine) = scene();
    machine.run(&["open", "--severity", "high", "Another"]).ok();
    let plan = machine.run(&["plan", "1", "isolate-replica"]).ok();
    let hash = short(&plan);
    for (line, words) in [
        (["contain", "2", "--plan", hash, "--yes"], "that plan is to contain ANA-1, not to contain ANA-2"),
        (["undo", "1", "--plan", hash, "--yes"], "that plan is to contain ANA-1, not to undo ANA-1"),
        (["bulletin", "1", "--plan", hash, "--yes"], "that plan is to contain ANA-1, not to publish ANA-1"),
        (["contain", "1", "--plan", &hash[..11], "--yes"], "no such plan"),
        (["contain", "1", "--plan", "%%%%%%%%%%%%", "--yes"], "no such plan"),
    ] {
        let refused = machine.run(&line);
        assert!(refused.code != Some(0) && refused.stderr.contains(words), "{words}: {refused:?}");
    }
    assert_eq!(exchange.calls().len(), 0);
    for line in [
        &["plan", "1", "isolate-replica", "--undo", "1"][..],
        &["plan", "1", "--undo", "1", "--set", "a=b"],
        &["plan", "1", "isolate-replica", "--headline", "x"],
        &["plan", "1", "--bulletin", "users", "--step", "2"],
    ] {
        assert_eq!(machine.run(line).code, Some(2), "{line:?}");
    }
    let listed = machine.run(&["plan", "1"]).ok();
    assert!(listed.contains("contain    isolate-replica") && listed.contains("--set replica="), "{listed}");
}
