//! Bulletins: never without their code, once on each channel, in series until it is over.

mod promised;
mod seen;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::bench::Bench;
use crate::backend::{Backend, Confirmation, Refusal};
use crate::channels::{Accepted, Channel};
use crate::domain::action::{Outcome, Verb};
use crate::domain::bulletin::{Audience, MERGE_TOKEN, Outlet, Posting, Reach, VerificationCode, template};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;
use crate::domain::plan::{Plan, Request};
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::{Adapters, Setup};
use crate::os::clock::Hand;

/// A page that fails like this, and then takes everything; what it took is seen after so many looks, half a minute each.
struct Page {
    name: &'static str,
    faults: Mutex<VecDeque<FaultKind>>,
    looks: Mutex<VecDeque<bool>>,
    asked: Mutex<u32>,
    posted: Mutex<Vec<Posting>>,
    hand: Hand,
}

#[async_trait]
impl Channel for Page {
    fn name(&self) -> &str {
        self.name
    }
    async fn post(&self, posting: &Posting) -> Result<Accepted, Fault> {
        self.posted.lock().unwrap().push(posting.clone());
        match self.faults.lock().unwrap().pop_front() {
            Some(kind) => Err(Fault::new(kind, "nothing came back")),
            None => Ok(Accepted { reference: self.reference(), ..Accepted::status(201) }),
        }
    }
    fn can_be_read(&self) -> bool {
        self.name != "mailer"
    }
    async fn visible(&self, _: &Posting, reference: &Outside) -> Result<Option<bool>, Fault> {
        assert_eq!(*reference, self.reference().unwrap_or_default());
        *self.asked.lock().unwrap() += 1;
        let look = self.looks.lock().unwrap().pop_front();
        if look.is_some() {
            self.hand.advance(Span::secs(30));
        }
        Ok(look)
    }
}

impl Page {
    fn reference(&self) -> Option<Outside> {
        (self.name != "nameless").then(|| Outside::new("s1"))
    }
}

/// An engine whose users, and nobody else, read on these pages.
struct Scene {
    bench: Bench,
    pages: Vec<Arc<Page>>,
    ana: Operator,
}

impl Scene {
    async fn new(reaches: &[(&'static str, Reach)]) -> Self {
        Self::telling(Audience::Users, reaches, Setup::default()).await
    }

    async fn telling(audience: Audience, reaches: &[(&'static str, Reach)], setup: Setup) -> Self {
        let mut setup = setup;
        setup.reaches = reaches.iter().map(|(name, reach)| ((*name).to_owned(), *reach)).collect();
        let to = reaches.iter().map(|(name, _)| (*name).to_owned()).collect();
        setup.bulletins.outlets = vec![Outlet { audience, to, templates: Default::default() }];
        let mut pages = Vec::new();
        let bench = Bench::with(setup, |hand| {
            let page = |(name, _): &(&'static str, Reach)| {
                let (faults, looks, asked, posted) = Default::default();
                Arc::new(Page { name, faults, looks, asked, posted, hand: hand.clone() })
            };
            pages = reaches.iter().map(page).collect();
            let channel = |page: &Arc<Page>| -> (String, Arc<dyn Channel>) {
                (page.name.to_owned(), Arc::clone(page) as Arc<dyn Channel>)
            };
            Adapters { channels: pages.iter().map(channel).collect(), ..Adapters::default() }
        })
        .await;
        Self { bench, pages, ana: Operator::new("ana", "bastion") }
    }

    async fn plan(
        &self,
        id: &IncidentId,
        audience: Audience,
        more: &[(&str, &str)],
    ) -> Result<Plan, Refusal> {
        let mut given = parts();
        for (name, words) in more {
            let _replaced = given.insert((*name).to_owned(), Outside::new(*words));
        }
        given.retain(|_, words| words.raw() != "-");
        self.bench.engine.plan(&self.ana, id, Verb::Publish { audience }, given).await
    }

    /// Sends one to the users and waits until every channel has answered.
    async fn says(&self, id: &IncidentId, more: &[(&str, &str)]) -> Arc<Incident> {
        let plan = self.plan(id, Audience::Users, more).await.unwrap();
        let said = self.bench.incident(id).bulletins.len();
        self.bench.engine.submit(&self.ana, &plan.hash, Confirmation::default()).await.unwrap();
        let answered = |incident: &Incident| {
            let last = incident.bulletins.get(said);
            last.is_some_and(|sent| sent.channels.values().all(|posted| posted.outcome.is_some()))
        };
        self.bench.until(id, answered).await
    }

    fn posted(&self, page: usize) -> Vec<Posting> {
        self.pages[page].posted.lock().unwrap().clone()
    }

    fn fails(&self, page: usize, kind: FaultKind) {
        self.pages[page].faults.lock().unwrap().push_back(kind);
    }
}

fn parts() -> BTreeMap<String, Outside> {
    let parts = [
        ("headline", "Orders are delayed"),
        ("happened", "Since 13:40 UTC one of our systems is slow. We are fixing it."),
        ("impact", "Orders you place now may take longer than usual."),
        ("todo", "You do not need to do anything."),
        ("next", "20m"),
    ];
    parts.map(|(name, words)| (name.to_owned(), Outside::new(words))).into()
}

const RESOLVED: [(&str, &str); 2] = [("status", "resolved"), ("next", "-")];
const BOTH: [(&str, Reach); 2] = [("page", Reach::Broadcast), ("mailer", Reach::PerRecipient)];

/// How often each proof stands in a text.
fn proofs(posting: &Posting, code: &VerificationCode) -> (usize, usize) {
    let said = format!("{}\n{}", posting.subject.raw(), posting.body.raw());
    (said.matches(&code.to_string()).count(), said.matches(MERGE_TOKEN).count())
}

#[tokio::test(start_paused = true)]
async fn what_leaves_carries_its_code_for_every_audience_and_way_to_reach_it() {
    for audience in Audience::ALL {
        let scene = Scene::telling(audience, &BOTH, Setup::default()).await;
        let id = scene.bench.open(Severity::Critical).await;
        let plan = scene.plan(&id, audience, &[]).await.unwrap();
        let Request::Publish(shown) = &plan.request else { panic!("{plan:?}") };
        scene.bench.engine.submit(&scene.ana, &plan.hash, Confirmation::default()).await.unwrap();
        scene.bench.until(&id, |incident| !incident.open_series().is_empty()).await;
        let page = |page: usize| scene.posted(page).swap_remove(0);
        scene.bench.until(&id, |incident| incident.open_series().len() == 2).await;
        let code = scene.bench.incident(&id).code.clone().unwrap();
        let (broadcast, each) = if audience.needs_code() { ((1, 0), (0, 1)) } else { ((0, 0), (0, 0)) };
        assert_eq!(proofs(&page(0), &code), broadcast, "{audience:?}");
        assert_eq!(proofs(&page(1), &code), each, "{audience:?}");
        assert_eq!(shown.postings, [page(0), page(1)], "what was shown is what leaves, to the letter");
    }
}

#[tokio::test(start_paused = true)]
async fn no_template_takes_the_code_away_or_brings_one_of_its_own() {
    let bare = |happened: &str| template::Template {
        headline: "Orders are delayed".into(),
        happened: happened.into(),
        impact: "Orders may take longer.".into(),
        todo: "You do not need to do anything.".into(),
    };
    let id = IncidentId::new("ANA", 1);
    let scene = Scene::new(&BOTH).await;
    assert_eq!(scene.bench.open(Severity::Critical).await, id);
    let with = |template: template::Template| {
        let known = template::Known {
            product: Outside::new("orders"),
            started: scene.bench.now(),
            users: None,
            next: Some(scene.bench.now()),
            limited: false,
            at_stake: false,
        };
        let bulletin =
            template.fill(Audience::Users, crate::domain::bulletin::Status::Investigating, &known).unwrap();
        bulletin.happened.raw().to_owned()
    };
    let plain = with(bare("We are looking into it."));
    let said = scene.says(&id, &[("happened", &plain)]).await;
    let code = said.code.clone().unwrap();
    assert_eq!(proofs(&scene.posted(0)[0], &code), (1, 0));
    assert_eq!(proofs(&scene.posted(1)[0], &code), (0, 1));
    let foreign = VerificationCode::from_random([1; 8]).to_string();
    for forged in [MERGE_TOKEN.to_owned(), format!("The code is {code}."), format!("The code is {foreign}.")]
    {
        let refused = scene.plan(&id, Audience::Users, &[("happened", &forged)]).await.unwrap_err();
        assert!(refused.differences.iter().any(|it| it.contains(", code: ")), "{forged}: {refused:?}");
    }
    assert_eq!((scene.posted(0).len(), scene.posted(1).len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_the_lint_finds_is_said_and_nothing_leaves() {
    let scene = Scene::new(&BOTH).await;
    let id = scene.bench.open(Severity::Critical).await;
    for (part, words, rule) in [
        ("happened", "", "empty-part"),
        ("happened", "Pod gw-2 restarts, see 10.0.0.7.", "internals"),
        ("todo", "Please send us your password.", "requests"),
        ("impact", "{{users}} are affected.", "unfilled"),
        ("next", "-", "next-update"),
    ] {
        let refused = scene.plan(&id, Audience::Users, &[(part, words)]).await.unwrap_err();
        let found = refused.differences.iter().any(|it| it.contains(&format!(", {rule}: ")));
        assert!(found, "{rule}: {:?}", refused.differences);
    }
    assert!(scene.posted(0).is_empty() && scene.bench.incident(&id).bulletins.is_empty());
    assert!(scene.plan(&id, Audience::Partners, &[]).await.is_err(), "nobody said where partners read");
}

#[tokio::test(start_paused = true)]
async fn what_is_sensitive_is_refused_where_readers_are_outside_and_warned_of_in_the_house() {
    for audience in Audience::ALL {
        let sensitive = crate::domain::sensitive::Sensitive::new(["kyc_ref"]);
        let scene = Scene::telling(audience, &BOTH, Setup { sensitive, ..Setup::default() }).await;
        let id = scene.bench.fire_with("kyc_ref", "marigold").await;
        let said = scene.plan(&id, audience, &[("happened", "The file Marigold is being looked at.")]).await;
        match said {
            Ok(plan) => {
                assert!(!audience.needs_code(), "{audience:?}");
                assert!(plan.warnings.iter().any(|it| it.contains("kyc_ref")), "{:?}", plan.warnings);
            }
            Err(refusal) => {
                assert!(audience.needs_code(), "{audience:?}: {refusal:?}");
                let said = &refusal.differences[..];
                let [why] = said else { panic!("{said:?}") };
                assert!(why.contains(", secrets: ") && why.contains("the value of kyc_ref"), "{why}");
            }
        }
        scene.plan(&id, audience, &[]).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_on_an_older_bulletin_is_refused_and_a_repeated_submit_sends_nothing() {
    let scene = Scene::new(&BOTH).await;
    let id = scene.bench.open(Severity::Critical).await;
    let old = scene.plan(&id, Audience::Users, &[]).await.unwrap();
    scene.says(&id, &[("headline", "Orders take longer")]).await;
    let refused =
        scene.bench.engine.submit(&scene.ana, &old.hash, Confirmation::default()).await.unwrap_err();
    assert!(!refused.differences.is_empty(), "{refused:?}");
    let plan = scene.plan(&id, Audience::Users, &[("status", "identified")]).await.unwrap();
    for repeated in [false, true] {
        let receipt =
            scene.bench.engine.submit(&scene.ana, &plan.hash, Confirmation::default()).await.unwrap();
        assert_eq!(receipt.repeated, repeated);
    }
    let answered = |incident: &Incident| {
        incident.bulletins.get(1).is_some_and(|sent| sent.channels.values().all(|p| p.outcome.is_some()))
    };
    scene.bench.until(&id, answered).await;
    assert_eq!((scene.posted(0).len(), scene.posted(1).len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_each_channel_did_is_written_down_and_nothing_is_posted_again() {
    for (kind, outcome, words) in [
        (FaultKind::NoAnswer, Outcome::Unknown, "may have been posted; look there"),
        (FaultKind::Refused, Outcome::Refused, "was NOT posted"),
        (FaultKind::Unreachable, Outcome::NotSent, "was NOT posted"),
    ] {
        let scene = Scene::new(&BOTH).await;
        scene.fails(1, kind);
        let id = scene.bench.open(Severity::Critical).await;
        let incident = scene.says(&id, &[]).await;
        let channels = &incident.bulletins[0].channels;
        assert_eq!(channels["page"].outcome, Some(Outcome::Accepted));
        assert_eq!(channels["mailer"].outcome, Some(outcome));
        let said = scene.bench.notices().await;
        assert!(said.contains(&format!("{id}: bulletin 1 on mailer {words}")), "{said:?}");
        for _second in 0..3 {
            scene.bench.engine.recover().await;
            scene.bench.pass(Span::mins(1)).await;
        }
        assert_eq!((scene.posted(0).len(), scene.posted(1).len()), (1, 1), "{outcome:?}");
        let warned = scene.plan(&id, Audience::Users, &[]).await.unwrap().warnings;
        let doubtful = warned.iter().any(|warning| warning.contains("may or may not stand on mailer"));
        assert_eq!(doubtful, outcome == Outcome::Unknown, "{warned:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_ones_continue_the_series_of_each_channel_and_the_last_one_ends_it() {
    let scene = Scene::new(&BOTH).await;
    scene.fails(1, FaultKind::NoAnswer);
    let id = scene.bench.open(Severity::Critical).await;
    scene.says(&id, &[]).await;
    scene.says(&id, &[("status", "identified")]).await;
    scene.says(&id, &[("status", "monitoring")]).await;
    let ended = scene.says(&id, &RESOLVED).await;
    assert!(ended.open_series().is_empty());
    let series = |page: usize| -> Vec<Option<String>> {
        scene.posted(page).into_iter().map(|it| it.series.map(|series| series.raw().to_owned())).collect()
    };
    let s1 = || Some("s1".to_owned());
    assert_eq!(series(0), [None, s1(), s1(), s1()]);
    assert_eq!(series(1), [None, None, s1(), s1()], "what got no answer has no name yet");
    let keys: Vec<String> = scene.posted(0).into_iter().map(|posting| posting.key).collect();
    assert_eq!(keys, (1..=4).map(|n| format!("{id}/bulletin/{n}/page")).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_cannot_be_read_is_left_alone() {
    let scene = Scene::new(&[("mailer", Reach::PerRecipient)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    scene.says(&id, &[]).await;
    for _second in 0..3 {
        scene.bench.engine.recover().await;
        scene.bench.pass(Span::secs(1)).await;
    }
    // Who looks begins with the lock.
    let locks = std::fs::read_dir(scene.bench.state()).unwrap().flatten();
    let locks = locks.filter(|file| file.file_name().to_string_lossy().contains("-bulletin-")).count();
    assert_eq!((*scene.pages[0].asked.lock().unwrap(), locks), (0, 0));
}
