//! From a plan to its effect: the write, and the reads before and after it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::action::{self, Outcome};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::listing::Listed;
use crate::domain::plan::{HttpRequest, Invocation, LookUp, Meant, Program, Verify, hex};
use crate::domain::playbook::Carry;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::exec;
use crate::net::{self, Api, Limits, Meaning};

/// Bytes that are kept of a value on the other side.
const VALUE_BYTES: usize = 1024;

/// How long looking for one incident in a list may take, however many pages that has.
const LISTED_WITHIN: Span = Span::secs(15);

/// The configured apis by name.
pub type Apis = BTreeMap<String, Api>;

/// What came of a write, and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What it amounts to.
    pub outcome: Outcome,
    /// In one line.
    pub detail: Outside,
    /// What else is known of the answer.
    pub answer: action::Answer,
    /// The other side's clock when it answered.
    pub date: Option<Time>,
    /// The answer's body, or what a program printed, where there is any.
    pub body: Vec<u8>,
}

/// Said where the target is not as whoever asked takes it to be.
const OUTDATED: [u16; 3] = [409, 412, 428];

impl Carried {
    /// Whether the other side says no because the target is not as it was shown.
    pub fn is_outdated(&self) -> bool {
        self.outcome == Outcome::Refused && self.answer.status.is_some_and(|it| OUTDATED.contains(&it))
    }

    fn failed(fault: &Fault) -> Self {
        let answer = action::Answer { status: fault.status, ..action::Answer::default() };
        let detail = match fault.status {
            // Said before the other side's own words: what the person looked at is gone.
            Some(status) if OUTDATED.contains(&status) => {
                Outside::new(format!("changed since you looked ({status}): {}", fault.detail.raw()))
            }
            _ => fault.detail.clone(),
        };
        Self { outcome: fault.outcome(), detail, answer, date: None, body: Vec::new() }
    }
}

pub(super) fn api<'a>(apis: &'a Apis, request: &HttpRequest) -> Result<&'a Api, Fault> {
    apis.get(&request.api)
        .ok_or_else(|| Fault::new(FaultKind::Local, format!("there is no api {}", request.api)))
}

/// Whether a plan's request could be sent: what cannot is refused before anybody confirms it.
///
/// # Errors
/// Why not.
pub fn check(apis: &Apis, request: &Invocation) -> Result<(), Fault> {
    match request {
        Invocation::Http(request) => api(apis, request)?.check(request),
        Invocation::Exec(program) => {
            exec::find(program.argv.first().map_or("", String::as_str)).map(|_place| ())
        }
    }
}

/// Sends a write, once. Whatever is not certain is unknown.
pub async fn carry_out(apis: &Apis, request: &Invocation) -> Carried {
    match request {
        Invocation::Http(request) => call(apis, request).await,
        Invocation::Exec(program) => run(program).await,
    }
}

async fn run(program: &Program) -> Carried {
    let ran = match exec::run(program).await {
        Ok(ran) => ran,
        Err(fault) => return Carried::failed(&fault),
    };
    let body = ran.transcript().into_bytes();
    let body_sha256 = Some(hex(&Sha256::digest(&body)));
    let answer = action::Answer { exit: ran.exit(), body_sha256, ..action::Answer::default() };
    match ran.success(&program.refused) {
        Ok(()) => {
            let detail = Outside::new("accepted (exit 0)");
            Carried { outcome: Outcome::Accepted, detail, answer, date: None, body }
        }
        Err(fault) => Carried { answer, body, ..Carried::failed(&fault) },
    }
}

async fn call(apis: &Apis, request: &HttpRequest) -> Carried {
    let api = match api(apis, request) {
        Ok(api) => api,
        Err(fault) => return Carried::failed(&fault),
    };
    let answered = match api.change(request, Limits::WRITE).await {
        Ok(answered) => answered,
        Err(fault) => return Carried::failed(&fault),
    };
    let meaning = api.meaning(request, &answered);
    let by = answered.given_by().map(|by| format!(", {by}")).unwrap_or_default();
    // What a no says is as much worth keeping as a yes.
    let (date, body) = (answered.date(), answered.body.clone());
    let answer = action::Answer {
        status: Some(answered.status),
        body_sha256: Some(hex(&Sha256::digest(&body))),
        headers: answered.kept_headers(),
        ..action::Answer::default()
    };
    let carried = match answered.success() {
        Ok(answered) => {
            let detail = Outside::new(match answered.status {
                202 => "202: in progress on the other side".to_owned(),
                status => format!("accepted ({status})"),
            });
            Carried { outcome: Outcome::Accepted, detail, answer, date, body }
        }
        Err(fault) => {
            let failed = Carried { answer, date, body, ..Carried::failed(&fault) };
            match meaning {
                Some(Meaning { words, already: true }) => {
                    Carried { outcome: Outcome::Accepted, detail: Outside::new(words), ..failed }
                }
                Some(Meaning { words, already: false }) => Carried { detail: Outside::new(words), ..failed },
                None => failed,
            }
        }
    };
    Carried { detail: Outside::new(format!("{}{by}", carried.detail.raw())), ..carried }
}

/// What reading back says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadBack {
    /// Every expected value is there.
    Agrees,
    /// At least one is not: which, and what stands there.
    Differs(Outside),
    /// It could not be read.
    Failed(Outside),
}

/// Reads once whether the effect is there. Where nothing particular is expected, that it could be read is the proof.
pub async fn read_back(apis: &Apis, verify: &Verify) -> ReadBack {
    let value = match part(apis, &verify.read, &verify.meant, verify.expect.is_empty()).await {
        Ok(Some(value)) => value,
        Ok(None) => verify.meant.listed.as_ref().map_or(Value::Null, Listed::gone),
        Err(fault) => return ReadBack::Failed(fault.detail),
    };
    let differing =
        verify.expect.iter().find(|(pointer, expected)| value.pointer(pointer) != Some(*expected));
    match differing {
        None => ReadBack::Agrees,
        Some((pointer, expected)) => {
            let found = value.pointer(pointer).map_or("absent".to_owned(), ToString::to_string);
            let found = secrets(&verify.read).hide_in(&found);
            let found = Outside::capped(found, VALUE_BYTES);
            ReadBack::Differs(Outside::new(format!("{pointer} is {}, expected {expected}", found.raw())))
        }
    }
}

/// The part of an answer that is meant; none of a list that was read to its end and does not hold it.
async fn part(apis: &Apis, read: &Invocation, meant: &Meant, unread: bool) -> Result<Option<Value>, Fault> {
    if let (Some(listed), Invocation::Http(request)) = (&meant.listed, read) {
        return self::listed(api(apis, request)?, request, listed).await;
    }
    let value = json(&self::read(apis, read).await?, unread && meant.is_all())?;
    among(value, meant).map(Some)
}

/// Looks for an incident on every page there is. What goes from a list while it is read moves others to a page that was
/// read already: from one of several pages, only what is missing twice is gone.
async fn listed(api: &Api, request: &HttpRequest, listed: &Listed) -> Result<Option<Value>, Fault> {
    for _reading in 0..2 {
        let (mut found, mut pages) = (None, 0);
        let each = |_answer, body: String| {
            pages += 1;
            found = listed.find(&body)?;
            Ok(if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        net::pages(api, request, &listed.listing, LISTED_WITHIN, each).await?;
        if found.is_some() || pages == 1 {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Of a list, the first element that is meant; the whole answer where that is.
fn among(mut value: Value, meant: &Meant) -> Result<Value, Fault> {
    if meant.is_all() {
        return Ok(value);
    }
    let list = match &meant.list {
        Some(at) => value.pointer_mut(at).map(Value::take),
        None => Some(value),
    };
    let found = match list {
        Some(Value::Array(elements)) => elements.into_iter().find(|element| meant.is(element)),
        _ => None,
    };
    found.ok_or_else(|| {
        let has = meant.among.iter().map(|(at, wanted)| format!("{at} = {wanted}"));
        let young = meant.since.iter().map(|(at, since)| format!("{at} from {since} on"));
        let wanted: Vec<String> = has.chain(young).collect();
        let wanted = Outside::capped(wanted.join(", "), VALUE_BYTES);
        Fault::new(FaultKind::Malformed, format!("nothing in the answer has {}", wanted.raw()))
    })
}

/// Counts what would be hit; refuses more than may be.
fn count(request: Invocation, value: &Value, most: u32) -> Result<LookUp, Fault> {
    let list = value.as_array().ok_or_else(|| Fault::new(FaultKind::Malformed, "the answer is no list"))?;
    let hits = u32::try_from(list.len()).unwrap_or(u32::MAX);
    if hits > most {
        let why = format!("it hits {hits} now, which is more than {most}; name more of what they share");
        return Err(Fault::new(FaultKind::Refused, why));
    }
    let digest = hex(&Sha256::digest(format!("hits={hits}")));
    let shown = vec![("hits now".to_owned(), Outside::new(format!("{hits} (of at most {most})")))];
    Ok(LookUp { shown, digest, hits: Some(hits), ..LookUp::of(request) })
}

/// Reads the target's authoritative record, or of a list the element that is meant; refuses a target that has what is
/// not to be touched.
///
/// # Errors
/// The record could not be read, or refuses.
pub async fn look_up(
    apis: &Apis,
    request: Invocation,
    carry: &Carry,
    meant: &Meant,
    refuse: &BTreeMap<String, Value>,
) -> Result<LookUp, Fault> {
    let call = carry.http.as_ref();
    if let Some(most) = call.and_then(|call| call.most) {
        let value = json(&read(apis, &request).await?, false)?;
        return count(request, &value, most);
    }
    let taken = || call.iter().flat_map(|call| &call.take);
    let asked = || carry.show().iter().chain(refuse.keys()).chain(taken().map(|(_, at)| at));
    let Some(value) = part(apis, &request, meant, asked().next().is_none()).await? else {
        let why = "it is not in its source's list any more: it was resolved there, or its id has changed";
        return Err(Fault::new(FaultKind::Refused, why));
    };
    for (pointer, refused) in refuse {
        if value.pointer(pointer) == Some(refused) {
            let why = format!("the target's own record says {pointer} is {refused}: it must not be touched");
            return Err(Fault::new(FaultKind::Refused, why));
        }
    }
    let at = |pointer: &String| value.pointer(pointer).cloned().unwrap_or(Value::Null);
    let mut hasher = Sha256::new();
    for pointer in asked() {
        let part = format!("{pointer}={}", at(pointer));
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let secrets = secrets(&request);
    let shown = |pointer: &String| Outside::capped(secrets.hide_in(&plain(&at(pointer))), VALUE_BYTES);
    let show = |pointer: &String| (pointer.clone(), shown(pointer));
    let shown = carry.show().iter().map(show).collect();
    let taken = taken().map(|(name, pointer)| (name.clone(), at(pointer))).collect();
    Ok(LookUp { shown, digest: hex(&hasher.finalize()), taken, ..LookUp::of(request) })
}

/// A look-up that failed and was allowed to.
pub fn not_looked_up(request: Invocation, fault: &Fault) -> LookUp {
    LookUp { unverified: Some(fault.detail.clone()), ..LookUp::of(request) }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "absent".to_owned(),
        other => other.to_string(),
    }
}

/// What whoever is asked was trusted with, and what is shown or kept of the answer must not say.
pub(super) fn secrets(request: &Invocation) -> exec::Secrets {
    match request {
        Invocation::Http(_) => exec::Secrets::default(),
        Invocation::Exec(program) => exec::Secrets::passed(&program.pass),
    }
}

/// What a read answers, byte for byte.
pub(super) async fn read(apis: &Apis, request: &Invocation) -> Result<Vec<u8>, Fault> {
    let program = match request {
        Invocation::Http(request) => return Ok(api(apis, request)?.send(request, Limits::READ).await?.body),
        Invocation::Exec(program) => program,
    };
    let ran = exec::run(program).await?;
    ran.success(&program.refused)?;
    if ran.stdout.dropped > 0 {
        let why = format!("it printed more than {} KiB; let it print less", exec::OUTPUT_BYTES / 1024);
        return Err(Fault::new(FaultKind::TooLarge, why));
    }
    Ok(ran.stdout.kept)
}

/// An answer as JSON; where nobody asks for anything in it, it may be whatever it is.
fn json(said: &[u8], unread: bool) -> Result<Value, Fault> {
    if unread {
        return Ok(Value::Null);
    }
    serde_json::from_slice(said).map_err(|_| Fault::new(FaultKind::Malformed, "the answer is not JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::peer::{Act, Peer};

    #[tokio::test]
    async fn what_the_other_side_says_is_kept_in_part() {
        let body = format!(r#"{{"status":"{}"}}"#, "x".repeat(100_000));
        let peer = Peer::new([Act::say(200, body.as_bytes()), Act::say(200, body.as_bytes())]);
        let settings = format!("name = 'exchange'\nurl = '{}'\n", peer.url(""));
        let api = Api::new(&toml::from_str(&settings).unwrap(), |_| None).unwrap();
        let read = HttpRequest {
            api: "exchange".into(),
            method: "GET".into(),
            url: api.url("/accounts/1"),
            headers: BTreeMap::new(),
            body: None,
            instead: Vec::new(),
        };
        let read = Invocation::Http(read);
        let apis = Apis::from([("exchange".to_owned(), api)]);
        let expect = BTreeMap::from([("/status".to_owned(), Value::from("frozen"))]);
        let verify = Verify { read: read.clone(), meant: Meant::default(), expect, within: Span::secs(1) };
        let ReadBack::Differs(said) = read_back(&apis, &verify).await else { panic!() };
        assert!(
            said.raw().len() < 2 * VALUE_BYTES && said.raw().ends_with("expected \"frozen\""),
            "{said:?}"
        );
        let carry = "http = { api = 'exchange', path = '/', show = ['/status'] }";
        let carry = toml::from_str(carry).unwrap();
        let shown = look_up(&apis, read, &carry, &Meant::default(), &BTreeMap::new()).await.unwrap().shown;
        assert!(shown[0].1.raw().len() < 2 * VALUE_BYTES);
    }

    fn desk(peer: &Peer, more: &str) -> Apis {
        let settings = format!("name = 'desk'\nurl = '{}'\n{more}", peer.url(""));
        Apis::from([("desk".to_owned(), Api::new(&toml::from_str(&settings).unwrap(), |_| None).unwrap())])
    }

    fn get(apis: &Apis, path: &str) -> Invocation {
        Invocation::Http(HttpRequest {
            api: "desk".into(),
            method: "GET".into(),
            url: apis["desk"].url(path),
            headers: BTreeMap::new(),
            body: None,
            instead: Vec::new(),
        })
    }

    #[tokio::test]
    async fn what_is_missing_once_from_a_list_of_pages_is_not_resolved() {
        let page = |ids: &[u32], next: &str| {
            let items: Vec<Value> = ids.iter().map(|id| serde_json::json!({ "id": id })).collect();
            Act::say(200, serde_json::json!({ "items": items, "next": next }).to_string().as_bytes())
        };
        let listing = "list = '/items'\nid = '/id'\nnext = '/next'\ncursor = 'after'";
        let listed = Listed { listing: toml::from_str(listing).unwrap(), id: "7".into() };
        let expect = BTreeMap::from([("/state".to_owned(), Value::from("resolved"))]);
        for (acts, resolved) in [
            // Between its pages 5 went, and 7 moved to the one that had been read.
            (vec![page(&[5, 6], "c2"), page(&[8], ""), page(&[6, 7], "c2")], false),
            (vec![page(&[5, 6], "c2"), page(&[8], ""), page(&[5, 6], "c2"), page(&[8], "")], true),
            (vec![page(&[5, 6, 8], "")], true),
        ] {
            let asked = acts.len();
            let peer = Peer::new(acts);
            let apis = desk(&peer, "");
            let meant = Meant { listed: Some(listed.clone()), ..Meant::default() };
            let read = get(&apis, "/list");
            let verify = Verify { read, meant, expect: expect.clone(), within: Span::secs(1) };
            let read = read_back(&apis, &verify).await;
            assert_eq!((read == ReadBack::Agrees, peer.seen().len()), (resolved, asked), "{read:?}");
        }
    }

    #[tokio::test]
    async fn a_change_is_sent_once_by_whatever_method() {
        let peer = Peer::new([Act::say(401, b""), Act::say(200, b"")]);
        // Another token each time.
        let apis = desk(&peer, "token_command = ['mktemp', '-u']");
        let carried = carry_out(&apis, &get(&apis, "/reboot?node=gw-2")).await;
        assert_eq!((carried.outcome, peer.seen().len()), (Outcome::Refused, 1), "{carried:?}");
        assert!(carried.detail.raw().contains("try again"), "{carried:?}");
    }
}
