//! The same in the console: PagerDuty's own countdown in the row, and one key that acknowledges here and there.

use crate::support::eventually;
use crate::support::pagerduty::Pagerduty;
use crate::support::scratch::Scratch;
use crate::support::venue::until_shown;

#[test]
fn its_countdown_stands_in_the_row_and_one_key_acknowledges_here_and_there() {
    let double = Pagerduty::start();
    let id = double.account().open(4711, "Order gateway refuses connections");
    let machine = Scratch::with_config(&format!("operator = \"ana\"\n[[source]]\n{}", double.table()));
    let console = machine.console(&[], 120, 40);
    let counts = regex::Regex::new(r"pd (29|30):\d\d\b").unwrap();
    console.until(|screen| counts.is_match(screen), "its countdown");
    console.shows("policy Trading on call, level 1");
    until_shown(&console, "a", |screen| screen.contains("Held by ana"));
    eventually("it to be acknowledged there", || {
        (double.account().status(&id) == "acknowledged").then_some(())
    });
    console.until(|screen| screen.contains("held there by Ana Ito"), "who holds it there");
    assert_eq!(double.account().writes().len(), 1, "one key, one request");
}

#[test]
fn what_became_of_its_policy_is_seen_and_a_refusal_is_a_toast() {
    let double = Pagerduty::start();
    {
        let mut account = double.account();
        let id = account.open(4711, "Order gateway refuses connections");
        account.set(&id, "assigned_via", "direct_assignment".into());
        account.set(&id, "pending_actions", serde_json::json!([]));
        for _ in 0..9 {
            account.refusals.push_back(("PUT /incidents", 400, 1008));
        }
    }
    let machine = Scratch::with_config(&format!("operator = \"ana\"\n[[source]]\n{}", double.table()));
    let console = machine.console(&[], 120, 40);
    console.shows("pd disarmed");
    console.shows("escalation disarmed");
    until_shown(&console, "a", |screen| screen.contains("there is no user with the address in `from`"));
}
