//! Prometheus Alertmanager, API v2: the alerts of all its peers, united by fingerprint, and what keeps them quiet.

mod decode;
mod known;
mod playbooks;
mod quiet;
mod reading;
mod status;
mod words;

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};

use self::known::{Known, Trace};
use self::quiet::{Silences, Stock};
use self::status::About;
use super::{Polled, Schedule, Source};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::{Remark, Vitals};
use crate::domain::playbook::Playbook;
use crate::domain::signal::{Answer, Signal};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::net::{self, Api, Client, Connection, Environment, Limits, Login, LoginSettings, Request};

/// How long the other peers may take after one has answered.
const OTHERS_WITHIN: Span = Span::millis(1500);
/// How long what is asked beside the alerts may take; without it they are worth as much.
const BESIDE: Limits = Limits { deadline: Span::millis(1500), body: 16 << 20 };
/// How often a peer is asked what it is, and what silences say that did not change.
const ABOUT_EVERY: Span = Span::mins(10);
const SILENCES_EVERY: Span = Span::mins(1);
/// How often all silences are asked for while no alert names one.
const SILENCES_SELDOM: Span = Span::mins(5);
/// How long a silence made here lasts when nothing is said.
const SILENCE_FOR: Span = Span::mins(120);

/// `[[source]] kind = "alertmanager"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What rows call it.
    pub name: String,
    /// The peers of one cluster; one that answers suffices.
    pub urls: Vec<String>,
    /// How often it is asked.
    #[serde(default = "every")]
    pub every: Span,
    /// Alerts that must be firing.
    #[serde(default)]
    pub watchdog: Vec<String>,
    /// The longest that a silence made here may last.
    #[serde(default = "silence_at_most")]
    pub silence_at_most: Span,
    /// How many alerts a silence made here may hit as it is made.
    #[serde(default = "silence_hits")]
    pub silence_hits: u32,
    /// Headers of every request, none of them secret: a tenant's, say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Its credentials.
    #[serde(flatten)]
    pub login: LoginSettings,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

const fn silence_at_most() -> Span {
    Span::mins(24 * 60)
}

const fn silence_hits() -> u32 {
    100
}

const fn every() -> Span {
    Span::secs(15)
}

/// An Alertmanager cluster.
#[derive(Debug)]
pub struct Alertmanager {
    settings: Settings,
    environment: Environment,
    /// Where each peer's API begins.
    peers: Vec<String>,
    client: Client,
    /// The place of a peer that answered last: silences go there.
    up: Arc<AtomicUsize>,
    state: Mutex<State>,
}

/// What is known from earlier answers.
#[derive(Clone, Debug, Default)]
struct State {
    peers: BTreeMap<usize, Known>,
    /// The peers that answered last.
    answered: Vec<usize>,
    silences: Silences,
    /// When they were asked for last.
    silences_at: Option<Time>,
    /// When one was last changed from here.
    changed_at: Option<Time>,
    stock: Stock,
    about: BTreeMap<usize, About>,
    about_at: Option<Time>,
    /// What was said beside the last answer.
    remarks: Vec<String>,
    /// Which of that was silenced, and until when.
    silenced: BTreeMap<Outside, Option<Time>>,
}

/// What was said last, by the places of those who said it.
#[derive(Serialize, Deserialize)]
struct Mark {
    said: BTreeMap<usize, Trace>,
    remarks: Vec<String>,
    /// What an older quell did not keep is not known.
    #[serde(default)]
    stock: Option<Stock>,
    #[serde(default)]
    silences_at: Option<Time>,
}

/// What a peer answered to the question for its alerts.
struct Page {
    answer: net::Answer,
    known: Known,
    /// It says anything else than before.
    is_news: bool,
}

/// What each peer that answered did.
type Pages = BTreeMap<usize, Result<Page, Fault>>;

impl Alertmanager {
    /// Makes a source; sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::for_polling(&settings.connection, Login::new(&settings.login, environment)?)?
            .with_headers(&settings.headers)?;
        if settings.urls.is_empty() {
            return Err(Fault::new(FaultKind::Local, "urls is empty; name at least one Alertmanager"));
        }
        for url in &settings.urls {
            client.check(url)?;
        }
        let base = |url: &String| format!("{}/api/v2", url.trim_end_matches('/'));
        let peers = settings.urls.iter().map(base).collect();
        let (settings, up, state) = (settings.clone(), Arc::default(), Mutex::default());
        let source = Self { settings, environment, peers, client, up, state };
        source.cluster()?;
        Ok(source)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, place: usize, path: &str) -> Result<Request, Fault> {
        let peer = self.peers.get(place).map_or("", String::as_str);
        Request::get(format!("{peer}{path}")).header("accept", "application/json")
    }

    async fn ask(&self, place: usize, path: &str, limits: Limits) -> Result<net::Answer, Fault> {
        words::success(self.client.exchange(&self.request(place, path)?, limits).await?)
    }

    /// Reads a peer's alerts as they come, along what is known of them.
    async fn read(&self, place: usize, known: Known, now: Time) -> Result<Page, Fault> {
        let mut reading = known.read(&self.settings.name, now);
        let request = self.request(place, "/alerts")?;
        let mut take = |piece: &[u8]| reading.take(piece);
        let answer = words::success(self.client.exchange_into(&request, Limits::READ, &mut take).await?)?;
        let (known, is_news) = reading.finish()?;
        Ok(Page { answer, known, is_news })
    }

    /// What these peers say, of each of which something is known. One page suffices, so a peer that hangs delays
    /// nothing for long and is left out.
    async fn read_all(&self, peers: impl IntoIterator<Item = (usize, Known)>, now: Time) -> Pages {
        let mut asked = FuturesUnordered::new();
        for (place, known) in peers {
            asked.push(async move { (place, self.read(place, known, now).await) });
        }
        let mut answers = Pages::new();
        while let Some((place, page)) = asked.next().await {
            let is_page = page.is_ok();
            answers.insert(place, page);
            if is_page {
                break;
            }
        }
        let others = async {
            while let Some((place, page)) = asked.next().await {
                answers.insert(place, page);
            }
        };
        tokio::time::timeout(OTHERS_WITHIN.std(), others).await.ok();
        answers
    }

    /// Asks once more for what was only recognised, now that it counts what it says.
    async fn complete(&self, asked: &mut Pages, now: Time) {
        let recognised = |page: &Result<Page, Fault>| page.as_ref().is_ok_and(|page| !page.known.is_whole());
        let places: Vec<usize> =
            asked.iter().filter(|(_, page)| recognised(page)).map(|(place, _)| *place).collect();
        asked.retain(|_, page| !recognised(page));
        let anew = places.into_iter().map(|place| (place, Known::default()));
        asked.extend(self.read_all(anew, now).await);
    }

    /// Reads all silences, where one that alerts name is not known, or what is known is old; whether what alerts name
    /// says anything new.
    async fn read_silences(&self, state: &mut State, now: Time) -> bool {
        let named = quiet::named(state.pages().flat_map(Known::signals));
        let unknown = named.iter().any(|id| !state.silences.contains_key(*id));
        let every = if named.is_empty() { SILENCES_SELDOM } else { SILENCES_EVERY };
        let old = |at: Time| (now - at).abs() >= every.delta() || state.changed_at >= Some(at);
        let old = state.silences_at.is_none_or(old);
        if !(unknown || old) {
            return false;
        }
        let named = !named.is_empty();
        let asked = self.ask_beside(&state.answered, "/silences", quiet::silences).await;
        let (was_old, before) = (state.stock.is_unread(), state.silences_at.replace(now));
        let (read, missed): (Vec<_>, Vec<_>) = asked.into_values().partition(Result::is_ok);
        if let (true, Some(Err(why))) = (read.is_empty(), missed.first()) {
            state.stock.is_old(before, why);
            return named && !was_old;
        }
        let read = quiet::unite(read.into_iter().flatten());
        state.stock = Stock::of(&read, now);
        let read = read.by_id();
        let differs = state.silences != read && !read.is_empty();
        if named && differs {
            state.silences = read;
        }
        named && (differs || was_old)
    }

    /// Asks the peers what they are, seldom, and at once where what was listed is not: one that started anew has
    /// forgotten it.
    async fn read_about(&self, state: &mut State, misses_any: bool, now: Time) {
        if misses_any || state.about_at.is_none_or(|at| (now - at).abs() >= ABOUT_EVERY.delta()) {
            let asked = self.ask_beside(&state.answered, "/status", status::about).await;
            if misses_any {
                state.about.retain(|place, _| !asked.contains_key(place));
            }
            state.about.extend(asked.into_iter().filter_map(|(place, about)| Some((place, about.ok()?))));
            state.about_at = Some(now);
        }
    }

    /// Asks these peers for something without which the alerts are worth as much.
    async fn ask_beside<T>(
        &self,
        places: &[usize],
        path: &str,
        read: fn(&[u8]) -> Result<T, Fault>,
    ) -> BTreeMap<usize, Result<T, Fault>> {
        let asked = places.iter().map(|place| async move {
            let said = self.ask(*place, path, BESIDE).await.and_then(|answer| read(&answer.body));
            let missed =
                |why: &Fault| tracing::debug!(path, why = %why.detail.safe(), "a peer did not say it");
            (*place, said.inspect_err(missed))
        });
        join_all(asked).await.into_iter().collect()
    }

    fn vitals(&self, asked: &Pages, state: &State, skew_ms: Option<i64>) -> Vitals {
        let of = self.peers.len();
        let about = || state.answered.iter().filter_map(|place| state.about.get(place));
        let mut remarks: Vec<String> =
            about().filter_map(|about| status::trouble(about, of)).take(1).collect();
        for (place, fault) in asked.iter().filter_map(|(place, page)| Some((place, page.as_ref().err()?))) {
            remarks.push(format!("peer {} of {of}: {}", place + 1, fault.detail.safe()));
        }
        if asked.len() < of {
            remarks.push(format!("{} of {of} peers did not answer in time", of - asked.len()));
        }
        remarks.extend(state.remarks.iter().cloned().chain(state.stock.said(state.silences_at)));
        let remark = |text| Remark { text: Outside::new(text), ..Remark::default() };
        Vitals {
            skew_ms,
            version: status::version(about()),
            remarks: remarks.into_iter().map(remark).collect(),
            silences: state.stock.silences(),
            silenced: state.silenced.clone(),
            told_by: state.told_by(),
            ..Vitals::default()
        }
    }
}

/// The places of those that said something.
///
/// # Errors
/// Why nobody did.
fn answered(asked: &Pages) -> Result<Vec<usize>, Fault> {
    let places: Vec<usize> = asked.iter().filter(|(_, page)| page.is_ok()).map(|(place, _)| *place).collect();
    match asked.values().find_map(|page| page.as_ref().err()) {
        Some(fault) if places.is_empty() => Err(fault.clone()),
        _ => Ok(places),
    }
}

impl State {
    /// What those said that answered.
    fn pages(&self) -> impl Iterator<Item = &Known> {
        self.answered.iter().filter_map(|place| self.peers.get(place))
    }

    /// Whether something that was listed is not in these.
    fn misses_any(&self, asked: &Pages) -> bool {
        let listed = asked.values().flatten().flat_map(|page| page.known.signals());
        let here: HashSet<&Outside> = listed.map(|signal| &signal.key.fingerprint).collect();
        self.pages().flat_map(Known::signals).any(|signal| !here.contains(&signal.key.fingerprint))
    }

    /// When those started who answered; nothing where not each says so.
    fn told_by(&self) -> Vec<Time> {
        let started = self.answered.iter().map(|place| self.about.get(place)?.started);
        started.collect::<Option<_>>().unwrap_or_default()
    }

    /// Takes in what was answered by these.
    fn take_in(&mut self, asked: &Pages, answered: Vec<usize>) {
        let pages =
            asked.iter().filter_map(|(place, page)| Some((*place, page.as_ref().ok()?.known.clone())));
        self.peers.extend(pages);
        self.answered = answered;
    }

    /// What all peers say together.
    fn answer(&mut self) -> Answer {
        let (mut signals, apart) = unite(&self.pages().collect::<Vec<_>>());
        quiet::dress(&mut signals, &self.silences, self.stock.as_of());
        let apart = (apart > 0).then(|| format!("its peers disagree on {apart} alerts"));
        self.silenced = quiet::silenced(&signals);
        self.remarks = quiet::counted(&signals).into_iter().chain(apart).collect();
        Answer::whole(signals)
    }
}

#[async_trait]
impl Source for Alertmanager {
    fn schedule(&self) -> Schedule<'_> {
        let settings = &self.settings;
        Schedule { name: &settings.name, every: settings.every, watchdog: &settings.watchdog }
    }

    async fn poll(&self, now: Time) -> Result<Polled, Fault> {
        // What is known changes with what is given back: whoever stops waiting has been told nothing.
        let mut state = self.state().clone();
        let known = |place| (place, state.peers.get(&place).cloned().unwrap_or_default());
        let mut asked = self.read_all((0..self.peers.len()).map(known), now).await;
        let mut said = answered(&asked)?;
        // What is asked once more is asked later than that.
        let skew_ms = asked.values().flatten().next().and_then(|page| page.answer.skew_ms(now));
        let changed = state.answered != said || asked.values().flatten().any(|page| page.is_news);
        if changed {
            self.complete(&mut asked, now).await;
            said = answered(&asked).inspect_err(|_| self.forget())?;
        }
        let misses_any = changed && state.misses_any(&asked);
        state.take_in(&asked, said);
        let silences = self.read_silences(&mut state, now).await;
        self.read_about(&mut state, misses_any, now).await;
        let answer = (changed || silences).then(|| state.answer());
        let vitals = self.vitals(&asked, &state, skew_ms);
        self.up.store(state.answered.first().copied().unwrap_or(0), Ordering::Relaxed);
        *self.state() = state;
        Ok(Polled { answer, vitals, ..Polled::default() })
    }

    fn forget(&self) {
        *self.state() = State::default();
    }

    fn was_changed(&self, at: Time) {
        self.state().changed_at = Some(at);
    }

    fn mark(&self) -> Option<String> {
        let state = self.state();
        // What silences say can change while the alerts stay the same.
        let silenced = !quiet::named(state.peers.values().flat_map(Known::signals)).is_empty();
        let said = state.answered.iter().map(|place| Some((*place, state.peers.get(place)?.trace.clone())));
        let (remarks, stock) = (state.remarks.clone(), Some(state.stock.clone()));
        let mark =
            Mark { said: said.collect::<Option<_>>()?, remarks, stock, silences_at: state.silences_at };
        if silenced { None } else { serde_json::to_string(&mark).ok() }
    }

    fn recall(&self, mark: &str) {
        let Ok(Mark { said, remarks, stock, silences_at }) = serde_json::from_str(mark) else { return };
        let mut state = self.state();
        state.answered = said.keys().copied().collect();
        state.peers = said.into_iter().map(|(place, trace)| (place, Known::recalled(trace))).collect();
        state.remarks = remarks;
        if let Some(stock) = stock {
            (state.stock, state.silences_at) = (stock, silences_at);
        }
    }

    fn playbooks(&self) -> Vec<Playbook> {
        playbooks::all(&self.settings)
    }

    fn api(&self) -> Option<Api> {
        // That it can be made was seen when the source was.
        self.cluster().ok()
    }
}

/// The alerts of all peers, and on how many they disagree. Where they do, the peer that would wake somebody is
/// believed.
fn unite(pages: &[&Known]) -> (Vec<Arc<Signal>>, usize) {
    if let [only] = pages {
        return (only.signals().cloned().collect(), 0);
    }
    let mut united: BTreeMap<&Outside, (&Arc<Signal>, usize, bool)> = BTreeMap::new();
    for signal in pages.iter().flat_map(|page| page.signals()) {
        let held = united.entry(&signal.key.fingerprint).or_insert((signal, 0, false));
        held.1 += 1;
        held.2 |= held.0.standing != signal.standing;
        if signal.loudness() > held.0.loudness() {
            held.0 = signal;
        }
    }
    let apart = united.values().filter(|(_, times, differ)| *differ || *times != pages.len()).count();
    (united.into_values().map(|(signal, ..)| Arc::clone(signal)).collect(), apart)
}

#[cfg(test)]
mod tests;
