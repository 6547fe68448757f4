//! What every kind of source owes: each failure is said for what it is, none of them is a calm answer, no page is
//! passed over, and what it is asked carries its key and shows no secret.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use quell::domain::action::Verb;
use quell::domain::category::Category;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::id::IncidentId;
use quell::domain::incident::Incident;
use quell::domain::opening::{Joining, Opening};
use quell::domain::operator::Actor;
use quell::domain::plan::{LookUp, Plan};
use quell::domain::playbook::Playbook;
use quell::domain::record::{Entry, FORMAT, Record};
use quell::domain::severity::Severity;
use quell::domain::signal::{Answer, Signal};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};
use quell::net::{Api, ApiSettings};
use quell::playbooks::carry::{self, Apis};
use quell::playbooks::parameters::{self, Known, Silences};
use quell::playbooks::render::{self, Setting};
use quell::sources;
use serde_json::Value;

use super::maps::Mapped;
use crate::support::faultd::{Faultd, Reply};
use crate::support::torture;

/// Never to be read in what is said of a failure, nor in a plan.
pub const SECRET: &str = "canary-7f3a";

/// How a kind's list is read.
pub enum Pages {
    /// In one answer, whatever it holds.
    Whole,
    /// Page by page: two answers, one after the other, with these elements.
    Several(fn(first: &[Value], second: &[Value]) -> [Value; 2]),
}

/// What the suite must know of a kind.
pub struct Kind {
    /// Its table, asking these addresses with `$TOKEN`.
    pub table: fn(urls: &[String]) -> String,
    /// The `[[api]]` it goes through, where it names no host of its own.
    pub api: Option<fn(urls: &[String]) -> String>,
    /// How its token is sent, up to the token itself.
    pub login: &'static str,
    /// What it asks for what is wrong.
    pub route: &'static str,
    /// What else it asks, answered well.
    pub beside: fn(&Faultd),
    /// Something that is wrong, with this identity and title.
    pub element: fn(identity: &str, title: &str) -> Value,
    /// An answer with these elements.
    pub body: fn(elements: &[Value]) -> Value,
    pub pages: Pages,
    /// Ordinary elements and what they become.
    pub maps: fn() -> Vec<(Value, Mapped)>,
    /// Elements it must not stumble over.
    pub poisoned: fn() -> Vec<Value>,
    /// The same element, still told from others and otherwise beyond reading.
    pub later: fn(Value) -> Value,
    /// Whether it names people and policies.
    pub names_people: bool,
    /// Everything it can be asked for.
    pub asks: &'static [Ask],
}

/// A change that a source can be asked for.
pub struct Ask {
    pub verb: &'static str,
    /// Where the change goes.
    pub route: &'static str,
    /// The values it takes.
    pub given: &'static [(&'static str, &'static str)],
    /// What its look-up finds that it takes, as JSON.
    pub found: &'static [(&'static str, &'static str)],
}

impl Kind {
    pub fn source(&self, urls: &[String]) -> Box<dyn sources::Source> {
        self.build(urls, "").unwrap()
    }

    /// The same, with more said of the connection.
    pub fn build(&self, urls: &[String], connection: &str) -> Result<Box<dyn sources::Source>, Fault> {
        let (table, api) = self.parts(urls, connection);
        let apis: Vec<ApiSettings> = api.iter().map(|api| toml::from_str(api).unwrap()).collect();
        sources::build(&toml::from_str(&table).unwrap(), &apis, |_| Some(SECRET.to_owned()))
    }

    /// The tables of a configuration that asks it every second.
    pub fn tables(&self, urls: &[String]) -> String {
        let (table, api) = self.parts(urls, "");
        let api = api.map_or(String::new(), |api| format!("[[api]]\n{api}\n"));
        format!("[[source]]\n{table}\nevery = '1s'\n{api}")
    }

    /// Its table, and the `[[api]]` it goes through, where it does; the connection is told where the address is.
    fn parts(&self, urls: &[String], connection: &str) -> (String, Option<String>) {
        let (table, api) = ((self.table)(urls), self.api.map(|api| api(urls)));
        match api {
            Some(api) => (table, Some(format!("{api}\n{connection}"))),
            None => (format!("{table}\n{connection}"), None),
        }
    }

    fn apis(&self, urls: &[String]) -> Vec<ApiSettings> {
        self.api.iter().map(|api| toml::from_str(&api(urls)).unwrap()).collect()
    }

    pub async fn poll(&self, urls: &[String]) -> Result<Answer, Fault> {
        let polled = self.source(urls).poll(now()).await;
        polled.map(|polled| polled.answer.unwrap())
    }

    /// Asks a server that answers like this, one after the other.
    pub async fn answered(&self, replies: impl IntoIterator<Item = Reply>) -> Result<Answer, Fault> {
        let server = Faultd::start();
        (self.beside)(&server);
        server.on(self.route, replies);
        let answer = self.poll(&[server.url()]).await;
        let request = &server.wait_for(self.route, 1)[0];
        assert_eq!(request.header("authorization"), Some(format!("{}{SECRET}", self.login).as_str()));
        answer
    }

    pub fn elements(&self, identities: &[&str]) -> Vec<Value> {
        identities.iter().map(|name| (self.element)(name, "burns")).collect()
    }

    /// An answer with these.
    pub fn page(&self, identities: &[&str]) -> Reply {
        Reply::ok(&(self.body)(&self.elements(identities)))
    }
}

fn now() -> Time {
    Time::from_timestamp(1_795_183_200, 0).unwrap()
}

fn known(answer: &Answer, name: &str) -> bool {
    // Where a source gives no identity of its own, it stands in a label.
    let is = |signal: &Signal| {
        signal.key.fingerprint.raw() == name || signal.labels.raw().any(|(_, value)| value == name)
    };
    answer.signals.iter().any(|signal| is(signal))
}

/// What is answered, the fault that is, and a word of its reason.
fn failures(kind: &Kind) -> Vec<(&'static str, Reply, FaultKind, &'static str)> {
    use FaultKind::{Broken, Malformed, NoAnswer, Redirected, Refused, Throttled, TooLarge, Unauthorised};
    let html = format!("<html><body>Please log in, {SECRET}</body></html>");
    let huge = format!("[{}]", " ".repeat(17 << 20));
    let drip = kind.page(&["f1"]).dripping(1, Duration::from_secs(1));
    vec![
        ("401", Reply::status(401), Unauthorised, "401"),
        ("403", Reply::body(403, "text/html", html.clone()), Unauthorised, "403"),
        ("404", Reply::status(404), Refused, "404"),
        ("429", Reply::status(429).header("Retry-After", "30"), Throttled, "429"),
        ("429 until a quota is full", Reply::status(429).header("ratelimit-reset", "30"), Throttled, "429"),
        ("500", Reply::body(500, "text/plain", SECRET), Broken, "500"),
        ("503", Reply::status(503), Broken, "503"),
        ("a hang", Reply::hang(), NoAnswer, "no answer within 10s"),
        ("a drip", drip, NoAnswer, "no answer within 10s"),
        ("a reset", Reply::reset(), NoAnswer, "reset"),
        ("half an answer", kind.page(&["f1"]).cut_after(200), NoAnswer, "closed before"),
        ("garbage", Reply::body(200, "application/json", vec![0xff, 0, 0x1b, b'[']), Malformed, ""),
        ("broken gzip", Reply::ok("[]").header("Content-Encoding", "gzip"), Malformed, ""),
        ("a log-in page", Reply::body(200, "text/html", html), Malformed, ""),
        ("an empty body", Reply::body(200, "application/json", ""), Malformed, ""),
        ("null", Reply::ok("null"), Malformed, ""),
        ("a huge body", Reply::ok(&huge), TooLarge, "over 16384 KiB"),
        ("a gzip bomb", Reply::gzip_bomb(64), TooLarge, "over 16384 KiB"),
        ("a redirect", Reply::redirect(302, &format!("http://127.0.0.1:1/{SECRET}")), Redirected, "redirect"),
    ]
}

/// The incident that something wrong opens.
async fn incident(kind: &Kind) -> Incident {
    let signal = kind.answered([kind.page(&["first"])]).await.unwrap().signals.remove(0);
    let joining = Joining {
        sensitive: quell::domain::sensitive::Said::new(),
        key: signal.key.clone(),
        title: signal.title.clone(),
        severity: Severity::Critical,
        unmapped: false,
        labels: signal.labels.clone(),
        since: signal.since,
        policy: None,
        held_by: None,
        watched: false,
    };
    let opening = Opening {
        title: signal.title.clone(),
        severity: Severity::Critical,
        unmapped: false,
        category: Category::Outage,
        service: Outside::new("orders"),
        group: None,
        signal: Some(Box::new(joining)),
        because: Outside::default(),
        labels: BTreeMap::new().into(),
        ack_due: None,
        recurrence_of: None,
        reported: None,
    };
    let entry = Entry::Opened(Box::new(opening));
    let id = Some(IncidentId::new("ANA", 1));
    Incident::open(&Record { v: FORMAT, on: None, seq: 1, at: now(), by: Actor::Engine, incident: id, entry })
        .unwrap()
}

pub async fn every_failure_is_said_for_what_it_is(kind: &Kind) {
    let polls = failures(kind).into_iter().map(|(what, reply, expected, reason)| async move {
        let fault = kind.answered([reply]).await.expect_err(what);
        assert_eq!(fault.kind, expected, "{what}: {fault:?}");
        assert!(fault.detail.raw().contains(reason), "{what}: {fault:?}");
        let alone = what.starts_with("429").then_some(Span::secs(30));
        assert_eq!(fault.retry_after, alone, "{what}: how long to leave it alone is known: {fault:?}");
        assert!(!format!("{fault:?}").contains(SECRET), "{what}: {fault:?}");
    });
    join_all(polls).await;
    let gone = Faultd::start();
    let url = gone.url();
    gone.stop();
    let fault = kind.poll(&[url]).await.unwrap_err();
    assert_eq!((fault.kind, fault.detail.raw()), (FaultKind::Unreachable, "connection refused"));
}

pub async fn only_an_empty_list_is_calm(kind: &Kind) {
    let answer = kind.answered([kind.page(&[])]).await.unwrap();
    assert_eq!((answer.signals.len(), answer.left_out, answer.complete), (0, 0, true));
}

pub async fn a_poisoned_element_hides_no_other(kind: &Kind) {
    let mut page = vec![(kind.element)("first", "burns")];
    page.extend((kind.poisoned)());
    page.push((kind.element)("last", "burns"));
    let answer = kind.answered([Reply::ok(&(kind.body)(&page))]).await.unwrap();
    assert!(known(&answer, "first") && known(&answer, "last"), "{answer:#?}");
    let undecodable = answer.signals.iter().filter(|signal| signal.undecodable).count();
    assert!(undecodable > 0 && answer.left_out > 0, "what cannot be read is not passed over: {answer:#?}");
}

/// Two of one key are two records of one incident, of which the second is refused, whenever they are listed.
pub async fn what_is_said_twice_is_one(kind: &Kind) {
    let answer = kind.answered([kind.page(&["first", "last", "first"])]).await.unwrap();
    let keys: Vec<_> = answer.signals.iter().map(|signal| &signal.key).collect();
    assert_eq!((keys.len(), answer.left_out, answer.complete), (2, 0, true), "{keys:?}");
}

/// What is known is not over because it cannot be decoded any more.
pub async fn what_is_poisoned_later_is_still_there(kind: &Kind) {
    let server = Faultd::start();
    (kind.beside)(&server);
    let known = (kind.element)("first", "burns");
    let poisoned = (kind.later)(known.clone());
    let pages = [known, poisoned].map(|element| Reply::ok(&(kind.body)(&[element])));
    server.on(kind.route, pages);
    let source = kind.source(&[server.url()]);
    let first = source.poll(now()).await.unwrap().answer.unwrap();
    let later = now() + chrono::TimeDelta::minutes(10);
    let second = source.poll(later).await.unwrap().answer.expect("that it cannot be decoded is news");
    let keys = |answer: &Answer| answer.signals.iter().map(|signal| signal.key.clone()).collect::<Vec<_>>();
    assert_eq!((keys(&second), second.complete), (keys(&first), true), "{second:#?}");
    assert_eq!(second.left_out, 1, "and that is counted");
}

pub async fn hostile_text_is_kept_within_bounds_and_shown_without_harm(kind: &Kind) {
    let texts = torture::texts();
    let cut = |text: &str| text.chars().take(20_000).collect::<String>();
    let element = |(n, (_, text)): (usize, &(String, String))| (kind.element)(&n.to_string(), &cut(text));
    let page: Vec<Value> = texts.iter().enumerate().map(element).collect();
    let answer = kind.answered([Reply::ok(&(kind.body)(&page))]).await.unwrap();
    assert_eq!(answer.signals.len(), texts.len());
    for signal in &answer.signals {
        let upstream = signal.upstream.as_deref().cloned().unwrap_or_default();
        let names = upstream.held_by.iter().chain(&upstream.policy).chain(&upstream.assigned);
        for (text, most) in
            names.chain([&signal.title]).map(|name| (name.clone(), 1024)).chain(longer(signal))
        {
            assert!(text.raw().len() <= most, "{:?}: {text:?}", signal.key);
            assert!(!text.safe().to_string().contains(char::is_control), "{text:?}");
        }
    }
    let told = kind.names_people;
    let named = |signal: &Signal| {
        signal.upstream.iter().any(|it| it.held_by.is_some() && it.policy.is_some() && it.assigned.len() == 1)
    };
    assert_eq!(answer.signals.iter().all(|signal| named(signal)), told, "whose names were looked at");
}

/// The texts that may be long, and how long.
fn longer(signal: &Signal) -> impl Iterator<Item = (Outside, usize)> {
    let pairs = signal.labels.iter().chain(signal.annotations.iter()).flat_map(|(name, value)| [name, value]);
    let texts = pairs.chain([signal.description.clone()]).map(|text| (text, 64 * 1024));
    texts.chain(signal.link.iter().chain(&signal.runbook).map(|link| (link.clone(), 2048)))
}

pub async fn no_page_is_passed_over(kind: &Kind) {
    let pages = match kind.pages {
        Pages::Whole => return all_is_taken_from_one_answer(kind).await,
        Pages::Several(pages) => pages,
    };
    let [first, second] = pages(&kind.elements(&["first"]), &kind.elements(&["second"]));
    // Who reads a list for the first time may read it twice.
    let answer = kind.answered([&first, &second, &first, &second].map(Reply::ok)).await.unwrap();
    assert!(known(&answer, "first") && known(&answer, "second") && answer.left_out == 0, "{answer:#?}");
    let first = &first;
    let polls = later_failures().into_iter().map(|(what, failed, refused)| async move {
        match (kind.answered([Reply::ok(first), failed]).await, refused) {
            // What is left out is said: nothing is over because its page could not be read.
            (Ok(answer), None) => {
                let partial = known(&answer, "first") && !answer.complete && answer.left_out > 0;
                assert!(partial, "{what}: {answer:#?}");
            }
            (Err(fault), Some(refused)) => assert_eq!(fault.kind, refused, "{what}"),
            (said, _) => panic!("{what}: {said:#?}"),
        }
    });
    join_all(polls).await;
}

async fn all_is_taken_from_one_answer(kind: &Kind) {
    let server = Faultd::start();
    (kind.beside)(&server);
    let names: Vec<String> = (0..300).map(|n| format!("n{n}")).collect();
    server.on(kind.route, [kind.page(&names.iter().map(String::as_str).collect::<Vec<_>>())]);
    let answer = kind.poll(&[server.url()]).await.unwrap();
    assert_eq!((answer.signals.len(), answer.left_out, answer.complete), (names.len(), 0, true));
    let asked = server.wait_for(kind.route, 1);
    let part = |word: &str| asked[0].path.contains(word);
    let parts = ["limit", "offset", "page", "cursor"].into_iter().filter(|word| part(word)).count();
    assert_eq!((asked.len(), parts), (1, 0), "a part of it was asked for: {asked:#?}");
}

/// What is answered to the question for a page after the first, and, where who asks is told to wait or to come with other
/// credentials, the fault that is: it is said as one, so that it is heeded.
fn later_failures() -> [(&'static str, Reply, Option<FaultKind>); 8] {
    use FaultKind::{Throttled, Unauthorised};
    [
        ("503", Reply::status(503), None),
        ("null", Reply::ok("null"), None),
        ("a reset", Reply::reset(), None),
        ("a hang", Reply::hang(), None),
        ("429", Reply::status(429), Some(Throttled)),
        ("429 for a while", Reply::status(429).header("Retry-After", "30"), Some(Throttled)),
        ("401", Reply::status(401), Some(Unauthorised)),
        ("403", Reply::status(403), Some(Unauthorised)),
    ]
}

pub async fn what_it_is_asked_carries_its_key_and_shows_no_secret(kind: &Kind) {
    let server = Faultd::start();
    server.on("*", [Reply::ok("{}")]);
    let urls = [server.url()];
    let source = kind.source(&urls);
    let playbooks = source.playbooks();
    let ids: BTreeSet<_> = playbooks.iter().map(|playbook| playbook.id.clone()).collect();
    let asks = kind.asks.iter().map(|ask| format!("{}/{}", source.name(), ask.verb));
    assert_eq!(ids, asks.collect(), "every verb is asked for, and no other");
    let incident = incident(kind).await;
    for ask in kind.asks {
        let id = format!("{}/{}", source.name(), ask.verb);
        let playbook = playbooks.iter().find(|playbook| playbook.id == id).unwrap();
        let through = || Api::new(&kind.apis(&urls)[0], |_| Some(SECRET.to_owned())).unwrap();
        let api = source.api().unwrap_or_else(through);
        let (before, apis) = (server.count(ask.route), Apis::from([(api.name().to_owned(), api)]));
        let plan = plan(ask, playbook, &incident, &apis);
        assert!(!serde_json::to_string(&plan).unwrap().contains(SECRET), "{plan:#?}");
        carry::carry_out(&apis, &plan.request.invocation().unwrap()).await;
        let sent = &server.wait_for(ask.route, before + 1)[before];
        assert_eq!(sent.header(&playbook.key_header), Some(plan.key.as_str()), "{id}: {sent:#?}");
        assert_eq!(sent.header("authorization"), Some(format!("{}{SECRET}", kind.login).as_str()), "{id}");
    }
}

fn plan(ask: &Ask, playbook: &Playbook, incident: &Incident, apis: &Apis) -> Plan {
    let items = BTreeMap::new();
    let given = ask.given.iter().map(|(name, value)| ((*name).to_owned(), Outside::new(*value))).collect();
    let known = Known { incident, source: playbook.source(), items: &items, silences: &Silences::new() };
    let parameters = &parameters::resolve(playbook, known, &given).unwrap();
    let find = |_: &str| Err(Fault::local("no program is run"));
    let (who, group, at) = ("ana", &[], now());
    let setting = Setting { who, incident, group, apis, find, parameters, key: None, found: None, at };
    let taken = |(name, json): &(&str, &str)| ((*name).to_owned(), serde_json::from_str(json).unwrap());
    let found = (!ask.found.is_empty()).then(|| {
        let read = setting.read(playbook.lookup.as_ref().unwrap()).unwrap();
        LookUp { taken: ask.found.iter().map(taken).collect(), ..LookUp::of(read) }
    });
    let verb = Verb::Upstream { playbook: playbook.id.clone() };
    render::contain(playbook, verb, &setting, found.as_ref()).unwrap()
}
