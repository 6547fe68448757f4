//! Every durable boundary there is: whoever dies there leaves nothing that the next quell cannot name.

use std::process::{Command, Stdio};

use quell::os::crash::Point;
use serde_json::{Value, json};

use super::invariants::{self, Action};
use crate::support::eventually;
use crate::support::exchange::Exchange;
use crate::support::scratch::{Scratch, run};

/// How a point is reached, and what is found there afterwards.
enum Reached {
    /// By a containment: how it stood when it died, and what the next quell makes of it.
    Containing(Option<&'static str>, &'static str),
    /// By whoever finds the containment of somebody who died after sending.
    Recovering,
    /// By taking an answer in, telling people or posting to them: [`super::seen`], [`super`] and [`super::response`] have
    /// a test of each.
    Elsewhere,
}

fn reached(point: Point) -> Reached {
    match point {
        Point::BeforeIntent => Reached::Containing(None, "verified"),
        Point::AfterIntent | Point::AfterCaptures => Reached::Containing(Some("intended"), "not-sent"),
        // It never left, and nobody can know: its read-back differs until its time is over.
        Point::AfterSent => Reached::Containing(Some("sent"), "not-verified"),
        Point::AfterAnswer => Reached::Containing(Some("sent"), "verified"),
        Point::AfterOutcome | Point::BeforeSettled => Reached::Containing(Some("accepted"), "verified"),
        Point::BeforeRecovered => Reached::Recovering,
        Point::AfterSignals
        | Point::AfterStepStarted
        | Point::AfterTelling
        | Point::AfterBulletinStarted
        | Point::AfterBulletinPosted
        | Point::AfterBulletinAnswered => Reached::Elsewhere,
    }
}

struct Scene<'a> {
    exchange: &'a Exchange,
    machine: Scratch,
    account: String,
    id: String,
    /// What is done to the account: the exchange's word.
    verb: &'static str,
}

impl<'a> Scene<'a> {
    /// One in which a point is passed: only what is read before a change has captures.
    fn passing(exchange: &'a Exchange, point: Point, account: &str) -> Self {
        let verb = if point == Point::AfterCaptures { "revoke-sessions" } else { "freeze" };
        Self { verb, ..Self::new(exchange, account) }
    }

    fn new(exchange: &'a Exchange, account: &str) -> Self {
        let machine = exchange.machine("2s", "");
        exchange.ask("PUT", &format!("/admin/accounts/{account}"), "");
        let label = format!("account_id={account}");
        let open = ["open", "--severity", "high", "Log-ins from four countries", "--label", &label];
        let id = machine.run(&open).ok().trim().to_owned();
        Self { exchange, machine, account: account.to_owned(), id, verb: "freeze" }
    }

    fn contain(&self) -> Command {
        if self.verb == "revoke-sessions" {
            return self.machine.quell(&["contain", &self.id, self.verb, "--yes"]);
        }
        self.machine.quell(&["contain", &self.id, "freeze-account", "--confirm-target", &self.account])
    }

    fn hold(&self) -> Vec<Action> {
        invariants::hold(&self.machine.state().join("ledger.db"), self.exchange, self.verb, &self.account)
    }

    /// How its only action stands.
    fn stage(&self) -> Option<String> {
        let actions = self.hold();
        assert!(actions.len() <= 1, "{actions:#?}");
        actions.first().map(|action| action.stage().to_owned())
    }

    fn calls(&self) -> usize {
        let calls = self.exchange.calls();
        calls.iter().filter(|call| call["target"] == self.account.as_str()).count()
    }

    /// A console finds it; nothing is sent by that.
    fn is_found_as(&self, stage: &str) {
        let calls = self.calls();
        let _console = self.machine.console(&[], 80, 24);
        eventually(stage, || (self.stage().as_deref() == Some(stage)).then_some(()));
        assert_eq!(self.calls(), calls, "something was sent by itself");
    }
}

#[test]
fn whoever_dies_at_a_boundary_leaves_what_the_next_one_can_name() {
    let exchange = Exchange::start();
    for (number, point) in Point::ALL.iter().enumerate() {
        let scene = Scene::passing(&exchange, *point, &(90_000 + number).to_string());
        eprintln!("{}", point.name());
        match reached(*point) {
            Reached::Containing(left, found) => {
                let ran = run(scene.contain().env("QUELL_CRASH_AT", point.name()));
                assert_eq!(ran.code, None, "it lives on after {}: {ran:?}", point.name());
                assert_eq!(scene.stage().as_deref(), left);
                if left.is_none() {
                    assert_eq!(scene.calls(), 0);
                    run(&mut scene.contain()).ok();
                }
                scene.is_found_as(found);
                // What was not sent, or may not have been, can be repeated, and is done once.
                if matches!(found, "not-sent" | "not-verified") {
                    run(scene.contain().arg("--twice")).ok();
                }
                scene.hold();
                assert_eq!(exchange.effects(scene.verb, &scene.account), 1);
                assert_eq!(scene.calls(), 1);
            }
            Reached::Recovering => {
                run(scene.contain().env("QUELL_CRASH_AT", Point::AfterAnswer.name()));
                let died = run(scene.machine.quell(&["list"]).env("QUELL_CRASH_AT", point.name()));
                assert_eq!(died.code, None, "{died:?}");
                assert_eq!(scene.stage().as_deref(), Some("sent"));
                scene.is_found_as("verified");
                assert_eq!(scene.calls(), 1);
            }
            Reached::Elsewhere => {}
        }
    }
}

#[test]
fn fifty_who_confirm_the_same_at_once_have_one_effect() {
    let exchange = Exchange::start();
    let scene = Scene::new(&exchange, "90001");
    let plan = scene.machine.run(&["plan", &scene.id, "freeze-account", "--json"]).json();
    let submit =
        ["contain", &scene.id, "--plan", plan["hash"].as_str().unwrap(), "--confirm-target", "90001"];
    // Long enough that most of them come while it is on the wire.
    exchange.misbehave("POST", "/admin/accounts", 50, json!({ "delay_ms": 2000 }));
    let start = |_| {
        let mut command = scene.machine.quell(&submit);
        std::thread::spawn(move || run(&mut command))
    };
    let all: Vec<_> = (0..50).map(start).collect();
    let ran: Vec<_> = all.into_iter().map(|one| one.join().unwrap()).collect();
    let done = ran.iter().filter(|one| one.code == Some(0)).count();
    let refused: Vec<_> = ran.iter().filter(|one| one.code == Some(1)).collect();
    assert!(done >= 1 && done + refused.len() == 50, "{ran:#?}");
    for one in refused {
        assert!(
            one.stderr.contains("somebody is at this target") || one.stderr.contains("ana began"),
            "{one:?}"
        );
    }
    let calls: Vec<Value> = exchange.calls();
    assert_eq!((calls.len(), exchange.effects("freeze", "90001")), (1, 1), "{calls:#?}");
    assert_eq!(scene.stage().as_deref(), Some("verified"));
    assert_eq!(scene.hold().len(), 1, "one intent");
}

#[test]
fn who_comes_while_somebody_is_at_it_is_told_who_and_since_when() {
    let exchange = Exchange::start();
    let scene = Scene::new(&exchange, "90001");
    exchange.misbehave("POST", "/admin/accounts", 1, "apply_then_hang");
    let mut first = scene.contain();
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("the effect", || (exchange.effects("freeze", "90001") == 1).then_some(()));
    let second = run(&mut scene.contain());
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.stderr.contains("ana began it at "), "{second:?}");
    // The same account, by way of another incident.
    let label = "account_id=90001";
    let other = scene.machine.run(&["open", "--severity", "high", "The same again", "--label", label]).ok();
    let third = scene.machine.run(&["contain", other.trim(), "freeze-account", "--confirm-target", "90001"]);
    assert_eq!(third.code, Some(1), "{third:?}");
    assert!(third.stderr.contains("ana began ANA-1 #1 at "), "{third:?}");
    assert_eq!(scene.calls(), 1);
    first.kill().unwrap();
    first.wait().unwrap();
}
