//! What a source can be asked, and that it is nothing to contain with.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bench::Bench;
use crate::backend::{Applicable, Backend};
use crate::domain::action::Verb;
use crate::domain::id::IncidentId;
use crate::domain::operator::Operator;
use crate::domain::plan::sheet;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::engine::{Adapters, Setup};
use crate::net::peer::{Act, Peer};
use crate::sources;

const ALERTMANAGER: &str = "kind = 'alertmanager'\nname = 'prod-am'\nurls = ['http://127.0.0.1:1']";
const PAGERDUTY: &str = "kind = 'pagerduty'\nname = 'prod-am'\ntoken_env = 'T'\nurl = 'http://127.0.0.1:1'";
const FREEZE: &str = "id = 'freeze'\ntitle = 'Freeze'\nblast = 'one customer'\ntarget = 'account'
    parameter = [{ name = 'account', allow = '[0-9]+' }]
    do.http = { api = 'exchange', path = '/accounts/{{account}}/freeze' }";

/// An engine with this source, and the containment of an account that must be left alone.
async fn bench(source: &str) -> Bench {
    let protected = "targets = ['1001']\nbecause = 'market maker'";
    let setup = Setup {
        actions_enabled: true,
        playbooks: vec![toml::from_str(FREEZE).unwrap()],
        protected: vec![toml::from_str(protected).unwrap()],
        ..Setup::default()
    };
    let settings = toml::from_str(source).unwrap();
    let source = sources::build(&settings, &[], |_| Some("t0ken".to_owned())).unwrap();
    let mut adapters = Adapters::default();
    let api = source.api().unwrap();
    adapters.apis.insert(api.name().to_owned(), api);
    adapters.sources.push(Arc::from(source));
    Bench::with(setup, |_| adapters).await
}

fn ana() -> Operator {
    Operator::new("ana", "bastion")
}

async fn upstream(bench: &Bench, id: &IncidentId) -> Vec<Applicable> {
    let all = bench.engine.applicable(&ana(), id).await.unwrap().into_iter();
    all.filter(|it| matches!(it.verb, Verb::Upstream { .. })).collect()
}

#[tokio::test]
async fn what_is_configured_is_contained_with_and_what_a_source_offers_is_asked_of_a_source_of_the_incident()
{
    let bench = bench(ALERTMANAGER).await;
    let (by_hand, fired) = (bench.open(Severity::High).await, bench.fire().await);
    let (contain, ask) = (
        |id: &str| Verb::Contain { playbook: id.to_owned() },
        |id: &str| Verb::Upstream { playbook: id.to_owned() },
    );
    for (id, verb, why) in [
        (&fired, ask("freeze"), "freeze is asked of no source: `quell contain` carries it out"),
        (
            &fired,
            contain("prod-am/silence"),
            "prod-am/silence is no containment: `quell upstream` asks its source for it",
        ),
        (
            &by_hand,
            ask("prod-am/silence"),
            "nothing of ANA-1 comes from prod-am; ask it about an incident of its own",
        ),
    ] {
        let given = BTreeMap::from([("account".to_owned(), Outside::new("1001"))]);
        let refused = bench.engine.plan(&ana(), id, verb, given).await.unwrap_err();
        assert_eq!(refused.message.raw(), why);
    }
}

#[tokio::test]
async fn a_form_knows_what_names_the_target_of_what_a_source_is_asked() {
    let bench = bench(ALERTMANAGER).await;
    let id = bench.fire().await;
    let silence = upstream(&bench, &id).await.remove(0);
    assert_eq!((silence.verb.of(), silence.target.as_deref()), ("prod-am/silence", Some("matchers")));
}

#[tokio::test]
async fn nothing_is_asked_of_a_source_about_what_is_closed() {
    let bench = bench(PAGERDUTY).await;
    let id = bench.fire_with("pd_id", "PX1").await;
    let open = upstream(&bench, &id).await;
    assert!(open.len() > 5 && open.iter().all(|it| it.barred.is_none()), "{open:#?}");
    let note = Some(Outside::new("a drill"));
    bench.ana_does(&id, Entry::Closed { reason: CloseReason::FalseAlarm, note }).await;
    for it in upstream(&bench, &id).await {
        assert_eq!(it.barred.as_deref(), Some("the incident is closed"), "{}", it.title);
    }
}

#[tokio::test]
async fn whose_silences_they_are_stands_in_the_plan_where_a_header_says_it() {
    let peer = Peer::new([Act::say(200, br#"[{ "fingerprint": "5f3c" }]"#)]);
    let url = peer.url("");
    let source = format!(
        "kind = 'alertmanager'\nname = 'prod-am'\nurls = ['{url}']\nheaders = {{ X-Scope-OrgID = 'eu' }}"
    );
    let bench = bench(&source).await;
    let id = bench.fire().await;
    let given = [("matchers", "alertname=gateway"), ("comment", "we are at it"), ("for", "2h")];
    let given = given.map(|(name, value)| (name.to_owned(), Outside::new(value))).into();
    let verb = Verb::Upstream { playbook: "prod-am/silence".to_owned() };
    let plan = bench.engine.plan(&ana(), &id, verb, given).await.unwrap();
    let said = sheet::text(&plan).join("\n");
    assert!(said.contains("until it ends; sent with X-Scope-OrgID: eu"), "{said}");
    assert!(peer.seen().concat().contains("x-scope-orgid: eu"), "and so is what is looked at first");
}
