//! Any backend that lists its incidents as JSON: where it does, and what can be asked of it, is for the configuration
//! to say.

mod decode;
mod playbooks;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::decode::Decoded;
use super::{Polled, Schedule, Source};
use crate::domain::elements::{MOST, endless};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::{Remark, Vitals};
use crate::domain::listing::Listing;
use crate::domain::plan::HttpRequest;
use crate::domain::playbook::Playbook;
use crate::domain::signal::{Answer, Signal};
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::{Span, Time};
use crate::net::{self, Api, ApiSettings, Environment};
use crate::os::clock;

/// How long all pages of one reading may take.
const WITHIN: Span = Span::secs(60);
/// How long the second reading may take that a first one of several pages is compared with: somebody may wait for both.
const AGAIN_WITHIN: Span = Span::secs(2);

/// `[[source]] kind = "http-json"`. What begins with `/` and is no path is a JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What rows call it.
    pub name: String,
    /// The `[[api]]` it is reached through.
    pub api: String,
    /// Where that lists its incidents.
    pub path: String,
    /// How often it is asked.
    #[serde(default = "every")]
    pub every: Span,
    /// How the list is told.
    #[serde(flatten)]
    pub listing: Listing,
    /// What explains an incident.
    pub description: Option<String>,
    /// How bad it is, in its own words: they become the label `severity`, which rules read.
    pub severity: Option<String>,
    /// Its service.
    pub service: Option<String>,
    /// Since when it burns.
    pub since: Option<String>,
    /// Where it is shown.
    pub link: Option<String>,
    /// An object of further labels.
    pub labels: Option<String>,
    /// Who holds it, once somebody does.
    pub held_by: Option<String>,
    /// How it is acknowledged there.
    pub acknowledge: Option<Ask>,
    /// How a note is added there.
    pub note: Option<Ask>,
    /// How it is resolved there.
    pub resolve: Option<Ask>,
}

/// A change that can be asked for; its path and body are templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// `POST` unless said otherwise.
    pub method: Option<String>,
    /// The path.
    pub path: String,
    /// The body.
    pub json: Option<serde_json::Value>,
}

const fn every() -> Span {
    Span::secs(15)
}

/// A backend of somebody's own.
#[derive(Debug)]
pub struct HttpJson {
    settings: Settings,
    api: Api,
    request: HttpRequest,
    state: Mutex<State>,
}

/// What is known from earlier answers.
#[derive(Debug, Default)]
struct State {
    /// Over the last answer that was whole.
    said: Option<[u8; 32]>,
    remarks: Vec<Remark>,
    /// Since when what says no time of its own is there.
    seen: BTreeMap<String, Time>,
    /// What the last whole reading held.
    listed: Option<Vec<Arc<Signal>>>,
}

/// What was read of a list, and why not the rest.
struct Read {
    pages: Vec<String>,
    fault: Option<Fault>,
    skew_ms: Option<i64>,
}

impl HttpJson {
    /// Makes a source that goes through one of these apis; sends nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings, apis: &[ApiSettings], environment: Environment) -> Result<Self, Fault> {
        let Some(api) = apis.iter().find(|api| api.name == settings.api) else {
            return Err(Fault::local(format!("there is no api {}; add it as an [[api]]", settings.api)));
        };
        let api = Api::for_polling(api, environment)?;
        let request = HttpRequest {
            api: settings.api.clone(),
            method: "GET".to_owned(),
            url: api.url(&settings.path),
            headers: [("Accept".to_owned(), "application/json".to_owned())].into(),
            body: None,
            instead: Vec::new(),
        };
        let written =
            "path cannot be called as it is written; percent-encode what is no letter, digit or -._~";
        api.check(&request).map_err(|_| Fault::local(written))?;
        Ok(Self { settings: settings.clone(), api, request, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for every page.
    ///
    /// # Errors
    /// Why not even the first one is there, or nothing is to be asked any more for now.
    async fn read(&self, now: Time) -> Result<Read, Fault> {
        let mut read = Read { pages: Vec::new(), fault: None, skew_ms: None };
        let listing = &self.settings.listing;
        let mut elements = 0;
        let each = |answer: net::Answer, body: String| {
            elements += listing.elements(&body)?.len();
            if elements > MOST {
                return Err(endless());
            }
            // Only of the first page it is known when it was asked for.
            if read.pages.is_empty() {
                read.skew_ms = answer.skew_ms(now);
            }
            read.pages.push(body);
            Ok(ControlFlow::Continue(()))
        };
        let whole = net::pages(&self.api, &self.request, listing, WITHIN, each).await;
        match whole {
            Err(fault) if read.pages.is_empty() || ends(&fault) => Err(fault),
            whole => Ok(Read { fault: whole.err(), ..read }),
        }
    }

    /// The same, and where there is no earlier reading of several pages to compare it with, two of them: a command that
    /// asks once must learn as well what is gone.
    async fn read_surely(&self, now: Time) -> Result<Read, Fault> {
        let began = clock::monotonic();
        let read = self.read(now).await?;
        if !read.is_of_pages() || self.state().listed.is_some() {
            return Ok(read);
        }
        // What the clock of its second reading says is compared with ours then.
        let later = now + TimeDelta::from_std(clock::monotonic() - began).unwrap_or_default();
        match tokio::time::timeout(AGAIN_WITHIN.std(), self.read(later)).await {
            Ok(Ok(again)) if again.fault.is_none() => {
                let mut state = self.state();
                let decoded = Decoded::of(&read.pages, &self.settings, &state.seen, now);
                state.seen.clone_from(&decoded.seen);
                state.listed = Some(decoded.answer(true).signals);
                Ok(again)
            }
            // What was read is good all the same, and nothing is gone for now.
            _ => Ok(read),
        }
    }
}

impl Read {
    /// Whether it is all of a list of several pages.
    fn is_of_pages(&self) -> bool {
        self.fault.is_none() && self.pages.len() > 1
    }
}

impl State {
    /// Whether what a whole reading does not hold is certainly gone. What goes from a list of several pages while it is
    /// read moves others to a page that was read already, so what is missing for the first time still counts.
    fn is_sure(&mut self, read: &mut Answer, pages: usize) -> bool {
        let before = self.listed.replace(read.signals.clone());
        if pages < 2 {
            return true;
        }
        let Some(before) = before else {
            read.complete = false;
            return false;
        };
        let here: BTreeSet<_> = read.signals.iter().map(|signal| signal.key.clone()).collect();
        let missing: Vec<_> = before.into_iter().filter(|signal| !here.contains(&signal.key)).collect();
        let sure = missing.is_empty();
        read.signals.extend(missing);
        sure
    }
}

#[async_trait]
impl Source for HttpJson {
    fn schedule(&self) -> Schedule<'_> {
        let settings = &self.settings;
        Schedule { name: &settings.name, every: settings.every, watchdog: &[] }
    }

    async fn poll(&self, now: Time) -> Result<Polled, Fault> {
        let Read { pages, fault, skew_ms } = self.read_surely(now).await?;
        let said = fault.is_none().then(|| digest(&pages));
        let mut state = self.state();
        let unchanged = said.is_some() && state.said == said;
        let mut answer = None;
        if !unchanged {
            let decoded = Decoded::of(&pages, &self.settings, &state.seen, now);
            state.remarks = remarks(&decoded, &self.settings, pages.len(), fault.as_ref());
            // What is on a page that was not read is there since it was seen, too.
            let unread = if fault.is_some() { std::mem::take(&mut state.seen) } else { BTreeMap::new() };
            state.seen = unread.into_iter().chain(decoded.seen.clone()).collect();
            let mut read = decoded.answer(fault.is_none());
            let sure = fault.is_some() || state.is_sure(&mut read, pages.len());
            state.said = said.filter(|_| sure);
            answer = Some(read);
        }
        let vitals = Vitals { skew_ms, remarks: state.remarks.clone(), ..Vitals::default() };
        Ok(Polled { answer, vitals, ..Polled::default() })
    }

    fn forget(&self) {
        let mut state = self.state();
        (state.said, state.listed) = (None, None);
    }

    fn playbooks(&self) -> Vec<Playbook> {
        playbooks::all(&self.settings, &self.request)
    }

    fn acknowledges(&self) -> Option<String> {
        self.settings.acknowledge.as_ref().map(|_| format!("{}/acknowledge", self.settings.name))
    }
}

/// Whether it says that further questions are unwelcome: who asks must wait, or come with other credentials.
fn ends(fault: &Fault) -> bool {
    fault.kind == FaultKind::Throttled || fault.is_of_credentials()
}

fn digest(pages: &[String]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for page in pages {
        hasher.update((page.len() as u64).to_be_bytes());
        hasher.update(page);
    }
    hasher.finalize().into()
}

/// What there is to know about a reading beside its signals.
fn remarks(decoded: &Decoded, settings: &Settings, pages: usize, fault: Option<&Fault>) -> Vec<Remark> {
    let mut out = Vec::new();
    let mut say = |partial, text: String| {
        let text = Outside::new(SafeText::display(&text).to_string());
        out.push(Remark { text, partial, ..Remark::default() });
    };
    if let Some(fault) = fault {
        let read = if pages == 1 {
            "the first page was".to_owned()
        } else {
            format!("the first {pages} pages were")
        };
        say(true, format!("{read} read, and no more: {}", fault.detail.safe()));
    }
    if decoded.nameless > 0 {
        let (many, id) = (decoded.nameless, &settings.listing.id);
        say(true, format!("{many} have no id at {id}, nor a title: one stands for all of them"));
    }
    if let Some(id) = decoded.twins.first() {
        let (many, id) = (decoded.twins.len() + decoded.crowded, id.capped_safe(60));
        let have = if many == 1 { "has" } else { "have" };
        say(true, format!("{many} {have} the id of another one ({id}); check what `id` points to"));
    }
    if let Some(word) = decoded.unnamed.first() {
        let (many, word) = (decoded.unnamed.len(), word.capped_safe(60));
        let (are, they) = if many == 1 { ("is", "it counts") } else { ("are", "they count") };
        say(
            false,
            format!("{many} {are} in a state that `states` does not name (\"{word}\"): {they} as open"),
        );
    }
    if decoded.untimed > 0 {
        say(false, format!("`since` of {} is no time: they count from when they were seen", decoded.untimed));
    }
    out
}
