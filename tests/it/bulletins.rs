//! Bulletins end to end, against listeners that speak HTTP: what leaves, what is read back, and how a series ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use quell::backend::{Backend, Changes, Confirmation, Refusal, Report};
use quell::channels::Channel;
use quell::domain::action::{Outcome, Verb};
use quell::domain::bulletin::{Audience, MERGE_TOKEN, Outlet};
use quell::domain::category::Category;
use quell::domain::deadline::DeadlineKind;
use quell::domain::id::{Cursor, IncidentId};
use quell::domain::incident::{Incident, Posted};
use quell::domain::operator::Operator;
use quell::domain::plan::{Plan, Publication, Request};
use quell::domain::record::{DeadlineSet, Entry};
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Span;
use quell::engine::{Adapters, Engine, Setup};
use quell::ledger::Ledger;
use quell::ledger::live::Live;
use quell::os::clock::{Clock, Hand};
use serde_json::{Value, json};

use crate::support::BOUND;
use crate::support::faultd::{Faultd, Reply};

const BEGIN: &str = "POST /v1/pages/exchange/incidents";
const GO_ON: &str = "PATCH /v1/pages/exchange/incidents/p1";
const READ: &str = "GET /api/v2/incidents.json";
const HOOK: &str = "POST /hook";

/// A status page that everybody reads, a mailer that writes to each, and an incident to tell of.
struct Scene {
    page: Faultd,
    mailer: Faultd,
    engine: Engine,
    hand: Hand,
    ana: Operator,
    id: IncidentId,
    _folder: tempfile::TempDir,
}

fn block(test: impl AsyncFn(Scene)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { test(Scene::new().await).await });
}

fn channel(table: &str) -> (String, Arc<dyn Channel>, quell::domain::bulletin::Reach) {
    let settings: quell::channels::Settings = toml::from_str(table).unwrap();
    let channel = quell::channels::build(&settings, |_| Some("canary".to_owned())).unwrap();
    (settings.name().to_owned(), Arc::from(channel), settings.reach().unwrap())
}

impl Scene {
    async fn new() -> Self {
        let (page, mailer) = (Faultd::start(), Faultd::start());
        page.on(BEGIN, [Reply::body(201, "application/json", r#"{"id":"p1"}"#).applying("begun")]);
        page.on(GO_ON, [Reply::ok(r#"{"id":"p1"}"#)]);
        page.on(READ, [Reply::ok(r#"{"incidents":[]}"#)]);
        mailer.on(HOOK, [Reply::ok(r#"{"reference":"s1"}"#).applying("letter")]);
        let url = page.url();
        let tables = [
            format!(
                "kind = 'statuspage'\nname = 'page'\npage = 'exchange'\nurl = '{url}'\npublic_url = '{url}'\ntoken_env = 'T'"
            ),
            format!(
                "kind = 'webhook'\nname = 'mailer'\nstyle = 'generic'\nreach = 'per-recipient'\nurl = '{}/hook'",
                mailer.url()
            ),
        ];
        let folder = tempfile::tempdir().unwrap();
        let mut setup = Setup { state: folder.path().to_owned(), ..Setup::default() };
        let mut adapters = Adapters::default();
        for (name, channel, reach) in tables.iter().map(|table| channel(table)) {
            setup.reaches.insert(name.clone(), reach);
            adapters.channels.insert(name, channel);
        }
        let to = ["page", "mailer"].map(str::to_owned).into();
        setup.bulletins.outlets =
            vec![Outlet { audience: Audience::Users, to, templates: Default::default() }];
        let ledger = Ledger::open(&folder.path().join("ledger.db"), "ANA").unwrap();
        let live = Live::open(&folder.path().join("live.db")).unwrap();
        let (clock, hand) = Clock::by_hand("2026-11-20T14:00:00Z".parse().unwrap());
        let engine = Engine::new(setup, adapters, ledger, live, clock).await.unwrap();
        // Whoever holds the lease looks after what was left behind.
        engine.start();
        let ana = Operator::new("ana", "bastion");
        let report = Report {
            title: Outside::new("Orders are refused"),
            severity: Severity::Critical,
            category: Category::Outage,
            service: Outside::new("trading"),
            labels: BTreeMap::new(),
            reported: None,
        };
        let id = engine.open(&ana, report).await.unwrap().id.clone();
        Self { page, mailer, engine, hand, ana, id, _folder: folder }
    }

    async fn plan(&self, more: &[(&str, &str)]) -> Result<Plan, Refusal> {
        let mut given = BTreeMap::from([
            ("headline", "Orders are delayed"),
            ("happened", "Since 13:40 UTC one of our systems is slow. We are fixing it."),
            ("impact", "Orders you place now may take longer than usual."),
            ("todo", "You do not need to do anything."),
        ]);
        given.extend(more.iter().copied());
        let given = given.into_iter().map(|(name, words)| (name.to_owned(), Outside::new(words))).collect();
        self.engine.plan(&self.ana, &self.id, Verb::Publish { audience: Audience::Users }, given).await
    }

    /// Waits until the holder of the lease has looked after everything once more: a timer that is up comes last.
    async fn looks_again(&self) {
        let due = "2026-11-20T14:00:01Z".parse().unwrap();
        let (deadline, name, title) = (DeadlineKind::Timer, String::new(), Outside::new("look again"));
        let timer = Entry::DeadlineSet(DeadlineSet { deadline, name, title, due });
        self.engine.record(&self.ana, &self.id, u64::MAX, timer).await.unwrap();
        self.hand.advance(Span::secs(3));
        let looked = async {
            let mut cursor = Cursor::default();
            loop {
                let now = self.engine.changes(&self.ana, &cursor, Duration::from_secs(1)).await.unwrap();
                if now.notices.iter().any(|(_, _, notice)| notice.text.raw().contains("look again")) {
                    return;
                }
                cursor = now.cursor;
            }
        };
        tokio::time::timeout(BOUND, looked).await.unwrap();
    }

    async fn send(&self, plan: &Plan) {
        self.engine.submit(&self.ana, &plan.hash, Confirmation::default()).await.unwrap();
    }

    /// Waits until the engine says so of this bulletin.
    async fn until(&self, number: usize, so: impl Fn(&BTreeMap<String, Posted>) -> bool) -> Arc<Incident> {
        let watch = async {
            let mut cursor = Cursor::default();
            loop {
                let changes: Changes =
                    self.engine.changes(&self.ana, &cursor, Duration::from_secs(1)).await.unwrap();
                let found = changes.incidents.into_iter().find(|incident| {
                    incident.bulletins.get(number - 1).is_some_and(|sent| so(&sent.channels))
                });
                if let Some(incident) = found {
                    return incident;
                }
                cursor = changes.cursor;
            }
        };
        tokio::time::timeout(BOUND, watch).await.unwrap()
    }

    /// Readers of the page see this.
    fn shows(&self, publication: &Publication) {
        let posting = &publication.postings[0];
        let update = json!({ "status": posting.status.word(), "body": posting.body.raw() });
        let shown = json!({ "incidents": [{ "id": "p1", "incident_updates": [update] }] });
        self.page.on(READ, [Reply::ok(&shown)]);
    }

    /// Says it, on a page that shows what it is told; waits until all is answered and seen.
    async fn says(&self, number: usize, more: &[(&str, &str)]) -> (Publication, Arc<Incident>) {
        let plan = self.plan(more).await.unwrap();
        let Request::Publish(publication) = plan.request.clone() else { panic!("{plan:?}") };
        self.shows(&publication);
        self.send(&plan).await;
        let done = |channels: &BTreeMap<String, Posted>| {
            channels["mailer"].outcome.is_some() && channels["page"].visible.is_some()
        };
        (publication, self.until(number, done).await)
    }

    fn sent(&self) -> (Vec<Value>, Vec<Value>) {
        let page = self.page.requests().into_iter().filter(|request| request.method != "GET");
        let page = page.map(|request| request.json()["incident"].clone()).collect();
        (page, self.mailer.requests().into_iter().map(|request| request.json()).collect())
    }
}

const NEXT: (&str, &str) = ("next", "20m");

#[test]
fn it_begins_goes_on_and_ends_as_one_series_on_each_channel_with_its_code_each_time() {
    block(async |scene| {
        let (first, incident) = scene.says(1, &[NEXT]).await;
        assert_eq!(incident.bulletins[0].channels["page"].visible, Some(true));
        assert_eq!(incident.bulletins[0].channels["mailer"].visible, None, "it cannot be asked");
        scene.says(2, &[NEXT, ("status", "identified")]).await;
        let (_, ended) = scene.says(3, &[("status", "resolved")]).await;
        assert!(ended.open_series().is_empty());

        let methods: Vec<String> = scene.page.requests().into_iter().map(|request| request.method).collect();
        let once = ["POST", "GET", "PATCH", "GET", "PATCH", "GET"];
        assert_eq!(methods, once, "each once");
        let (page, mailer) = scene.sent();
        let word = |said: &Value| said["status"].as_str().unwrap().to_owned();
        let course = ["investigating", "identified", "resolved"];
        assert_eq!(page.iter().map(word).collect::<Vec<_>>(), course);
        assert_eq!(mailer.iter().map(word).collect::<Vec<_>>(), course);
        let code = incident.code.as_ref().unwrap().to_string();
        for (page, mail) in page.iter().zip(&mailer) {
            let (page, mail) = (page["body"].as_str().unwrap(), mail["body"].as_str().unwrap());
            assert_eq!((page.matches(&code).count(), page.matches(MERGE_TOKEN).count()), (1, 0), "{page}");
            assert_eq!((mail.matches(&code).count(), mail.matches(MERGE_TOKEN).count()), (0, 1), "{mail}");
        }
        assert_eq!(page[0]["body"], first.postings[0].body.raw(), "what was shown is what left");
        let series: Vec<&Value> = mailer.iter().map(|mail| &mail["series"]).collect();
        assert_eq!(series, [&Value::Null, &json!("s1"), &json!("s1")]);
        scene.looks_again().await;
        assert_eq!((scene.page.requests().len(), scene.sent().1.len()), (once.len(), course.len()));
    });
}

#[test]
fn what_the_lint_refuses_never_leaves() {
    block(async |scene| {
        for (part, words) in [
            ("happened", "Host gw-2.internal answers 503, see 10.0.0.7."),
            ("happened", "The code is {{anti_phishing_code}}."),
            ("todo", "Please send your password to us."),
        ] {
            let refused = scene.plan(&[NEXT, (part, words)]).await.unwrap_err();
            assert!(!refused.differences.is_empty(), "{words}");
        }
        assert!(scene.plan(&[]).await.is_err(), "it does not say when the next one comes");
        assert!(scene.plan(&[NEXT, ("footer", "no code here")]).await.is_err(), "there is no such part");
        assert!(scene.page.requests().is_empty() && scene.mailer.requests().is_empty());
    });
}

#[test]
fn one_that_gives_no_answer_is_unknown_is_told_of_and_is_never_sent_again() {
    block(async |scene| {
        scene.mailer.on(HOOK, [Reply::reset().applying("letter")]);
        let (_, incident) = scene.says(1, &[NEXT]).await;
        assert_eq!(incident.bulletins[0].channels["mailer"].outcome, Some(Outcome::Unknown));
        assert_eq!(incident.bulletins[0].channels["page"].outcome, Some(Outcome::Accepted));
        assert_eq!(incident.open_series().len(), 2, "its readers may have been told");
        let changes = scene.engine.changes(&scene.ana, &Cursor::default(), Duration::ZERO).await.unwrap();
        let said = changes.notices.iter().any(|(_, _, notice)| {
            notice.text.raw()
                == format!("{}: bulletin 1 on mailer may have been posted; look there", scene.id)
        });
        assert!(said, "{:?}", changes.notices);
        scene.looks_again().await;
        assert_eq!((scene.mailer.effects("letter"), scene.page.effects("begun")), (1, 1));
    });
}

#[test]
fn a_page_that_refuses_begins_no_series_and_the_next_bulletin_begins_one() {
    block(async |scene| {
        let taken = Reply::body(201, "application/json", r#"{"id":"p1"}"#);
        scene.page.on(BEGIN, [Reply::status(422), taken]);
        let plan = scene.plan(&[NEXT]).await.unwrap();
        scene.send(&plan).await;
        let answered = |channels: &BTreeMap<String, Posted>| channels.values().all(|it| it.outcome.is_some());
        let incident = scene.until(1, answered).await;
        assert_eq!(incident.bulletins[0].channels["page"].outcome, Some(Outcome::Refused));
        scene.says(2, &[NEXT, ("status", "identified")]).await;
        let methods: Vec<String> = scene.page.requests().into_iter().map(|request| request.method).collect();
        assert_eq!(methods, ["POST", "POST", "GET"]);
    });
}

#[test]
fn what_readers_do_not_see_in_two_minutes_is_not_visible() {
    block(async |scene| {
        // The page is asked, and answers once the two minutes are over.
        scene.page.on(READ, [Reply::ok(r#"{"incidents":[]}"#).reordered()]);
        let plan = scene.plan(&[NEXT]).await.unwrap();
        scene.send(&plan).await;
        tokio::task::block_in_place(|| scene.page.wait_for(READ, 1));
        scene.hand.advance(Span::mins(2));
        let port = scene.page.port();
        tokio::task::block_in_place(|| crate::support::http::request(port, "GET", "/later", &[], ""))
            .unwrap();
        let looked = |channels: &BTreeMap<String, Posted>| channels["page"].visible.is_some();
        let incident = scene.until(1, looked).await;
        let posted = &incident.bulletins[0].channels["page"];
        assert_eq!((posted.outcome, posted.visible), (Some(Outcome::Accepted), Some(false)));
    });
}
