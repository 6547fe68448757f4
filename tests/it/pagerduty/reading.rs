//! What is read of it, whatever it does meanwhile.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::json;

use quell::domain::fault::{Fault, FaultKind};
use quell::domain::freshness::{SourceStatus, Vitals};
use quell::domain::signal::{Answer, Signal};
use quell::domain::time::{Span, Time};
use quell::domain::upstream::Turn;
use quell::sources::{self, Polled, Source};

use crate::support::pagerduty::{Account, Pagerduty, Quota};

/// A source that asks the double, and a clock that the test sets.
pub struct Asker {
    double: Pagerduty,
    pub source: Box<dyn Source>,
    pub now: Time,
}

impl Asker {
    pub fn new() -> Self {
        Self::with("")
    }

    /// With more in its table.
    fn with(more: &str) -> Self {
        let double = Pagerduty::start();
        let settings: sources::Settings = toml::from_str(&format!("{}{more}", double.table())).unwrap();
        let source = sources::build(&settings, &[], |_| None).unwrap();
        Self { double, source, now: chrono::Utc::now() }
    }

    pub fn account(&self) -> std::sync::MutexGuard<'_, Account> {
        self.double.account()
    }

    pub async fn polled(&mut self) -> Result<Polled, Fault> {
        self.now += Span::secs(1).delta();
        self.source.poll(self.now).await
    }

    /// What is said for the first time, or said anew.
    pub async fn answer(&mut self) -> Answer {
        self.polled().await.unwrap().answer.expect("an answer that is news")
    }

    /// The lists that were asked for since the last time.
    pub fn asked(&self, path: &str) -> usize {
        self.account().requests.iter().filter(|asked| asked.path == path).count()
    }
}

fn ids(answer: &Answer) -> Vec<&str> {
    let mut ids: Vec<&str> = answer.signals.iter().map(|it| it.key.fingerprint.raw()).collect();
    ids.sort_unstable();
    ids
}

/// The numbers of what is open there.
fn open(account: &Account) -> BTreeSet<String> {
    let open = account.incidents.values().filter(|it| it["status"] != "resolved");
    open.map(|it| it["incident_number"].to_string()).collect()
}

pub fn label<'a>(signal: &'a Signal, key: &str) -> Option<&'a str> {
    signal.label(key)
}

pub fn remarks(vitals: &Vitals) -> String {
    vitals
        .remarks
        .iter()
        .map(|it| format!("{}{}\n", if it.partial { "! " } else { "" }, it.text.raw()))
        .collect()
}

#[tokio::test]
async fn an_open_incident_is_a_signal_with_everything_a_responder_needs() {
    let mut asker = Asker::new();
    let id = {
        let mut account = asker.account();
        let id = account.open(4711, "Order gateway refuses connections");
        account.set(&id, "priority", json!({ "id": "PRIP1", "summary": "P1" }));
        account.alert(
            &id,
            "gw-2 refuses TCP",
            &json!({ "order": { "order_id": "O-8831-77" }, "pod": "gw-2" }),
        );
        id
    };
    let polled = asker.polled().await.unwrap();
    assert_eq!(remarks(&polled.vitals), "the alerts of 1 are not read yet\n", "what burns is said first");
    assert_eq!(polled.answer.unwrap().signals[0].description.raw(), "");
    let polled = asker.polled().await.unwrap();
    let answer = polled.answer.unwrap();
    assert!(answer.complete && answer.left_out == 0);
    let [signal] = answer.signals.as_slice() else { panic!("{answer:#?}") };
    assert_eq!((signal.key.source.as_str(), signal.key.fingerprint.raw()), ("pd", "4711"));
    assert_eq!(signal.title.raw(), "Order gateway refuses connections");
    let labels = ["pd_id", "pd_number", "service", "urgency", "priority", "pd_priority", "policy"];
    let said = labels.map(|key| label(signal, key).unwrap_or("absent"));
    assert_eq!(said, [id.as_str(), "4711", "Trading", "high", "P1", "1", "Trading on call"]);
    assert_eq!(signal.description.raw(), "gw-2 refuses TCP (critical)");
    assert!(signal.annotations.raw().any(|(_, text)| text.contains("O-8831-77")), "{signal:#?}");
    let upstream = signal.upstream.as_deref().unwrap();
    let names =
        |all: &[quell::domain::text::Outside]| all.iter().map(|it| it.raw().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&upstream.on_call), ["1 Ana Ito", "2 Bo Okafor"]);
    assert_eq!((names(&upstream.assigned), upstream.level), (vec!["Ana Ito".to_owned()], Some(1)));
    assert_eq!(
        upstream.coming.iter().map(|it| it.turn).collect::<Vec<_>>(),
        [Turn::Escalates, Turn::Resolves]
    );
    assert!(!upstream.disarmed && !upstream.exhausted && upstream.held_by.is_none());
    let [countdown] = polled.vitals.countdowns.as_slice() else { panic!("{:#?}", polled.vitals) };
    // The time given here runs a second ahead with each poll.
    assert!(polled.vitals.skew_ms.is_none_or(|ms| ms.abs() < 5000), "{:?}", polled.vitals.skew_ms);
    assert_eq!(countdown.coming.as_ref().unwrap().turn, Turn::Escalates, "what comes first");

    let again = asker.polled().await.unwrap();
    assert!(again.answer.is_none(), "what did not change is not said again");
    assert_eq!(asker.asked("/oncalls"), 1, "who is on call is asked rarely");
    assert_eq!(asker.asked("/incidents"), 1, "everything is read rarely");
}

#[tokio::test]
async fn who_holds_it_there_and_what_became_of_its_policy_is_known() {
    let mut asker = Asker::new();
    let [held, given, lost] = {
        let mut account = asker.account();
        [1, 2, 3].map(|number| account.open(number, &format!("incident {number}")))
    };
    assert_eq!(ids(&asker.answer().await), ["1", "2", "3"]);
    {
        let mut account = asker.account();
        account.acknowledge(&held, "Bo Okafor");
        account.set(&given, "assigned_via", "direct_assignment".into());
        account.set(&given, "pending_actions", json!([]));
        account.note_assigned(&given);
        account.exhaust(&lost);
    }
    let polled = asker.polled().await.unwrap();
    let answer = polled.answer.unwrap();
    let of = |number: &str| {
        let signal = answer.signals.iter().find(|it| it.key.fingerprint.raw() == number).unwrap();
        signal.upstream.as_deref().unwrap()
    };
    assert_eq!(of("1").held_by.as_ref().unwrap().raw(), "Bo Okafor");
    assert!(of("2").disarmed && !of("2").exhausted);
    assert!(of("3").exhausted && !of("3").disarmed);
    let countdowns: Vec<_> = polled.vitals.countdowns.iter().map(|it| it.key.fingerprint.raw()).collect();
    assert_eq!(countdowns, ["2"], "what is held counts down to nobody's page, what is lost to nothing");
    assert_eq!(polled.vitals.countdowns[0].coming, None);
    asker.account().resolve(&held);
    assert_eq!(ids(&asker.answer().await), ["2", "3"]);
    assert_eq!(asker.asked("/incidents"), 1, "all of that came from the log");
}

#[tokio::test]
async fn what_burns_for_longer_than_a_month_is_seen() {
    let mut asker = Asker::new();
    let began = chrono::Utc::now() - TimeDelta::days(400);
    asker.account().open_at(7, "an old fire", began);
    assert_eq!(ids(&asker.answer().await), ["7"]);
}

#[tokio::test]
async fn five_thousand_on_pages_that_change_while_they_are_read_none_lost_none_twice() {
    let mut asker = Asker::new();
    {
        let mut account = asker.account();
        let began = chrono::Utc::now() - TimeDelta::days(2);
        for number in 1..=5000 {
            account.open_at(number, &format!("incident {number}"), began + TimeDelta::seconds(number as i64));
        }
        account.log.clear();
        let mut next = 5001;
        account.on_page(move |account, page| {
            // Some that were read and some that were not are resolved, more than fits the overlap; some begin, and
            // one comes back from the dead.
            let open: Vec<String> = open_ids(account);
            for place in [1, 2, 40, 77, 2000, 3500] {
                account.resolve(&open[(place + page).min(open.len() - 1)]);
            }
            if page == 30 {
                open.iter().skip(500).take(150).for_each(|id| account.resolve(id));
            }
            account.open(next, "a new one");
            let later = open[open.len() - 1 - page].clone();
            account.set(&later, "urgency", if page % 2 == 0 { "low".into() } else { "high".into() });
            account.note_changed(&later);
            next += 1;
        });
    }
    let answer = asker.answer().await;
    let told: BTreeSet<String> = ids(&answer).into_iter().map(str::to_owned).collect();
    assert_eq!(told.len(), answer.signals.len(), "none twice");
    assert_eq!(told, open(&asker.account()), "none lost, none that is over");
    assert!(answer.complete && asker.asked("/incidents") > 50);
    asker.account().on_page(|_, _| {});
    asker.now += Span::mins(6).delta();
    asker.polled().await.unwrap();
    let (known, now) = (asker.source.poll(asker.now).await.unwrap(), open(&asker.account()));
    assert!(known.answer.is_none() && now == told, "and the next whole reading finds the same");
}

fn open_ids(account: &Account) -> Vec<String> {
    let open = account.incidents.iter().filter(|(_, it)| it["status"] != "resolved");
    let mut ids: Vec<(String, String)> =
        open.map(|(id, it)| (it["created_at"].as_str().unwrap().to_owned(), id.clone())).collect();
    ids.sort();
    ids.reverse();
    ids.into_iter().map(|(_, id)| id).collect()
}

#[tokio::test]
async fn of_more_than_ten_thousand_the_newest_are_read_and_the_rest_is_counted() {
    let mut asker = Asker::new();
    {
        let mut account = asker.account();
        let began = chrono::Utc::now() - TimeDelta::days(9);
        for number in 1..=10_025 {
            account.open_at(number, "too much", began + TimeDelta::seconds(number as i64));
        }
        account.log.clear();
    }
    let polled = asker.polled().await.unwrap();
    let answer = polled.answer.unwrap();
    assert_eq!((answer.signals.len(), answer.left_out, answer.complete), (10_000, 25, false));
    assert!(ids(&answer).binary_search(&"10025").is_ok() && ids(&answer).binary_search(&"25").is_err());
    assert!(remarks(&polled.vitals).contains("! only the first 10 000 are read: 25 more are open"));
}

#[tokio::test]
async fn a_page_that_fails_removes_nothing_and_is_said() {
    let mut asker = Asker::new();
    let ids_there: Vec<String> = (1..=150).map(|number| asker.account().open(number, "burns")).collect();
    assert_eq!(asker.answer().await.signals.len(), 150);
    asker.now += Span::mins(6).delta();
    asker.account().on_page(|account, _| account.refusals.push_back(("GET /incidents", 500, 0)));
    let polled = asker.polled().await.unwrap();
    let answer = polled.answer.unwrap();
    assert_eq!((answer.signals.len(), answer.complete), (150, false));
    assert!(remarks(&polled.vitals).contains("! the list was read in part: status 500"));
    let status = SourceStatus {
        as_of: Some(asker.now),
        vitals: polled.vitals,
        ..SourceStatus::never("pd", Span::secs(15))
    };
    assert_eq!(status.state(asker.now).word(), "PARTIAL");
    asker.account().on_page(|_, _| {});
    asker.account().refusals.clear();
    asker.account().resolve(&ids_there[3]);
    let answer = asker.answer().await;
    assert_eq!((answer.signals.len(), answer.complete), (149, true), "it is read again at once");
}

#[tokio::test]
async fn a_budget_is_told_and_when_it_is_spent_nothing_more_is_asked() {
    for said in [true, false] {
        let mut asker = Asker::new();
        asker.account().open(1, "burns");
        asker.account().quota = Some(Quota { left: 5, said });
        let polled = asker.polled().await.unwrap();
        assert_eq!(polled.answer.unwrap().signals.len(), 1);
        assert_eq!(polled.vitals.budget.map(|budget| (budget.left, budget.of)), said.then_some((0, 960)));
        let before = asker.account().requests.len();
        let fault = asker.polled().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Throttled, "{fault:?}");
        let after = asker.account().requests.len();
        if said {
            assert_eq!(after, before, "nothing is asked");
            assert!(fault.retry_after.is_some_and(|wait| wait > Span::secs(20)), "{fault:?}");
        } else {
            assert_eq!((after, fault.retry_after), (before + 1, None), "one request finds out");
        }
        asker.account().quota = None;
        asker.now += Span::mins(1).delta();
        asker.polled().await.unwrap();
    }
}

#[tokio::test]
async fn an_account_without_priorities_is_read_all_the_same() {
    let mut asker = Asker::new();
    asker.account().abilities.clear();
    asker.account().account_key = true;
    asker.account().open(1, "burns");
    let polled = asker.polled().await.unwrap();
    assert_eq!(polled.answer.unwrap().signals.len(), 1);
    let said = remarks(&polled.vitals);
    assert!(said.contains("priorities cannot be read: status 402") && !said.contains('!'), "{said}");
    assert!(said.contains("an acknowledgement here is none there") && !said.contains("whose key"), "{said}");
    assert!(polled.vitals.remarks.iter().any(|remark| remark.warns), "line three says so");
    assert_eq!(asker.source.acknowledges(), None, "nobody knows on whose behalf");
}

#[tokio::test]
async fn after_forgetting_everything_is_said_again() {
    let mut asker = Asker::new();
    asker.account().open(1, "burns");
    assert_eq!(ids(&asker.answer().await), ["1"]);
    assert!(asker.polled().await.unwrap().answer.is_none());
    asker.source.forget();
    assert_eq!(ids(&asker.answer().await), ["1"]);
    assert_eq!(asker.asked("/incidents"), 2);
}

#[tokio::test]
async fn a_list_without_end_ends() {
    let mut asker = Asker::new();
    asker.account().open(1, "burns");
    asker.account().endless = true;
    let polled = asker.polled().await.unwrap();
    assert!(remarks(&polled.vitals).contains("has no end"), "{:?}", polled.vitals);
    assert!(asker.account().requests.len() < 20);
}

#[tokio::test]
async fn that_nobody_answered_is_seen_by_whoever_did_not_read_the_log_then() {
    let mut asker = Asker::new();
    let began = chrono::Utc::now() - TimeDelta::hours(2);
    {
        let mut account = asker.account();
        let id = account.open_at(1, "nobody came", began);
        account.exhaust(&id);
        let id = account.open(2, "nobody comes");
        account.exhaust(&id);
        account.log.clear();
    }
    let exhausted = |answer: &Answer| -> Vec<bool> {
        answer.signals.iter().map(|signal| signal.upstream.as_deref().unwrap().exhausted).collect()
    };
    assert_eq!(exhausted(&asker.answer().await), [true, false]);
    assert!(asker.polled().await.unwrap().answer.is_none());
    asker.now += Span::mins(4).delta();
    assert!(asker.polled().await.unwrap().answer.is_none());
    asker.now += Span::mins(2).delta();
    assert_eq!(exhausted(&asker.answer().await), [true, true], "with time, and without a word from there");
    asker.source.forget();
    assert_eq!(exhausted(&asker.answer().await), [true, true]);
}

#[tokio::test]
async fn an_incident_that_cannot_be_decoded_any_more_is_not_over() {
    let mut asker = Asker::new();
    let id = asker.account().open(4711, "Order gateway refuses connections");
    assert_eq!(ids(&asker.answer().await), ["4711"]);
    asker.account().set(&id, "html_url", json!({ "href": "x" }));
    asker.now += Span::mins(6).delta();
    let answer = asker.answer().await;
    assert_eq!((ids(&answer), answer.left_out, answer.complete), (vec!["4711"], 1, true));
    assert_eq!(
        answer.signals[0].title.raw(),
        "Order gateway refuses connections",
        "what was known of it holds"
    );
    asker.source.forget();
    let answer = asker.answer().await;
    assert!(answer.signals[0].undecodable);
    assert_eq!(ids(&answer), ["4711"], "it is the same also to who never could");
    let link = "https://acme.pagerduty.example/incidents/P004711";
    asker.account().set(&id, "html_url", link.into());
    asker.account().note_changed(&id);
    let answer = asker.answer().await;
    assert_eq!((ids(&answer), answer.left_out), (vec!["4711"], 0), "and as soon as it can be again");
}

#[tokio::test]
async fn its_clock_says_since_when_changes_are_asked_for() {
    let mut asker = Asker::new();
    asker.now += Span::mins(5).delta();
    asker.account().open(1, "burns");
    assert_eq!(ids(&asker.answer().await), ["1"]);
    assert!(asker.polled().await.unwrap().answer.is_none());
    asker.account().open(2, "burns too");
    let polled = asker.polled().await.unwrap();
    assert_eq!(ids(&polled.answer.expect("what began since")), ["1", "2"]);
    assert!(polled.vitals.skew_ms.is_some_and(|ahead| ahead < -290_000), "{:?}", polled.vitals);
    assert_eq!(asker.asked("/incidents"), 1);
}
