//! From a playbook and its parameters to the literal plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::SecondsFormat;
use sha2::{Digest, Sha256};

use super::carry::Apis;
use super::template::{self, Values};
use crate::domain::action::{Action, Stage, Verb};
use crate::domain::fault::Fault;
use crate::domain::incident::Incident;
use crate::domain::listing::Listed;
use crate::domain::matcher::{self, Matchers};
use crate::domain::parameter::{Kind, parts};
use crate::domain::plan::{
    Basis, Capture, HttpRequest, Invocation, LookUp, Meant, Plan, Program, Request, Value, Verify, hex,
};
use crate::domain::playbook::{Call, Carry, Playbook};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// How long a read-back may take when the playbook does not say.
const VERIFY_WITHIN: Span = Span::secs(30);
/// How long a program may run when the playbook does not say, and one that only reads at most.
pub const RUN_WITHIN: Span = Span::secs(10);

/// How far other clocks may be behind ours: what they date so much before a plan may have come after it.
const APART: Span = Span::mins(1);

/// JSON pointer → the value that stands there.
type Expected = BTreeMap<String, serde_json::Value>;

/// From a program's name to the file that runs.
pub type Find = fn(&str) -> Result<String, Fault>;

/// What a plan is made of beside the playbook.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// Who asks for it.
    pub who: &'a str,
    /// The incident.
    pub incident: &'a Incident,
    /// Every incident of its group, itself included: what was done for one counts for all.
    pub group: &'a [Arc<Incident>],
    /// Where calls go.
    pub apis: &'a Apis,
    /// Where programs are.
    pub find: Find,
    /// The parameter values.
    pub parameters: &'a BTreeMap<String, Value>,
    /// What tells the change from every other, once that is known.
    pub key: Option<&'a str>,
    /// What was looked up, once it was.
    pub found: Option<&'a LookUp>,
    /// Now.
    pub at: Time,
}

impl Setting<'_> {
    fn values(&self) -> Values {
        let mut values = Values::default();
        let moment = |at: Time| Outside::new(at.to_rfc3339_opts(SecondsFormat::Millis, true));
        // First, so that a parameter may have this name.
        values.text("operator", Outside::new(self.who));
        for (name, it) in self.parameters {
            if let (Kind::Duration, Ok(span)) = (it.kind, Span::parse(it.value.raw())) {
                values.text(format!("{name}.until"), moment(self.at + span.delta()));
            }
            if let (Kind::Matchers, Ok(matchers)) = (it.kind, Matchers::parse(it.value.raw())) {
                values.query(format!("{name}.query"), &matchers.query());
                values.json(name, matchers.json());
                continue;
            }
            for (name, value, is_number) in parts(name, it.kind, &it.value) {
                if is_number { values.number(name, value) } else { values.text(name, value) }
            }
        }
        values.text("incident.id", Outside::new(self.incident.id.to_string()));
        // No parameter's name has a dot in it.
        values.text("quell.operator", Outside::new(self.who));
        values.text("quell.now", moment(self.at));
        values.text("quell.since", moment(self.at - APART.delta()));
        if let Some(key) = self.key {
            values.text("quell.key", Outside::new(key));
        }
        for (name, value) in self.found.iter().flat_map(|found| &found.taken) {
            values.json(format!("found.{name}"), value.clone());
            if let Some(query) = matcher::query_of(value) {
                values.query(format!("found.{name}.query"), &query);
            }
        }
        values
    }

    /// One call or program with its templates filled.
    ///
    /// # Errors
    /// A sentence.
    pub fn invocation(&self, carry: &Carry, default_method: &str) -> Result<Invocation, String> {
        match (&carry.http, &carry.exec) {
            (Some(call), None) => self.request(call, default_method).map(Invocation::Http),
            (None, Some(argv)) => self.program(argv, carry).map(Invocation::Exec),
            _ => Err("this playbook has nothing to do; give it one of http and exec".to_owned()),
        }
    }

    /// A look-up or a capture: what only reads has an answer soon, or none.
    ///
    /// # Errors
    /// A sentence.
    pub fn read(&self, carry: &Carry) -> Result<Invocation, String> {
        let mut read = self.invocation(carry, "GET")?;
        if let Invocation::Exec(program) = &mut read {
            program.within = program.within.min(RUN_WITHIN);
        }
        Ok(read)
    }

    fn program(&self, argv: &[String], carry: &Carry) -> Result<Program, String> {
        let mut argv = template::argv(argv, &self.values())?;
        if let Some(name) = argv.first_mut() {
            *name = (self.find)(name).map_err(|fault| fault.detail.raw().to_owned())?;
        }
        Ok(Program {
            argv,
            env: [("QUELL_INCIDENT".to_owned(), self.incident.id.to_string())].into(),
            pass: carry.env().to_vec(),
            within: carry.within().unwrap_or(RUN_WITHIN),
            refused: carry.refused().to_vec(),
        })
    }

    /// What is expected, its templates filled.
    fn expected(&self, expect: &Expected) -> Result<Expected, String> {
        let values = self.values();
        expect.iter().map(|(at, value)| Ok((at.clone(), template::json(value, &values)?))).collect()
    }

    /// What of an answer a read is about, its templates filled.
    ///
    /// # Errors
    /// A sentence.
    pub fn meant(&self, read: &Carry) -> Result<Meant, String> {
        let Some(meant) = read.meant() else { return Ok(Meant::default()) };
        let listed = |listed: &Listed| {
            Ok::<_, String>(Listed { id: template::text(&listed.id, &self.values())?, ..listed.clone() })
        };
        let listed = meant.listed.as_ref().map(listed).transpose()?;
        let values = self.values();
        let moment = |(at, since): (&String, &String)| Ok((at.clone(), template::text(since, &values)?));
        let since = meant.since.iter().map(moment).collect::<Result<_, String>>()?;
        Ok(Meant { list: meant.list.clone(), among: self.expected(&meant.among)?, since, listed })
    }

    /// What a look-up refuses.
    ///
    /// # Errors
    /// A sentence.
    pub fn refuses(&self, look_up: &Carry) -> Result<Expected, String> {
        self.expected(look_up.refuse())
    }

    /// Whether what is asked for lasts longer than what was found does already, where a look-up wants that.
    ///
    /// # Errors
    /// A sentence.
    pub fn outlasts(&self, look_up: &Carry) -> Result<(), String> {
        let name = look_up.http.as_ref().and_then(|call| call.outlasts.as_ref());
        let ends = name
            .zip(self.found)
            .and_then(|(name, found)| found.taken.get(name)?.as_str()?.parse::<Time>().ok());
        let Some(ends) = ends else { return Ok(()) };
        let until = template::text("{{for.until}}", &self.values())?;
        if until.parse::<Time>().is_ok_and(|until| until <= ends) {
            let ends = ends.format("%Y-%m-%d %H:%M:%SZ");
            return Err(format!("it lasts until {ends} already: give a longer `for`, or end it"));
        }
        Ok(())
    }

    fn verify(&self, read: &Carry, expect: &Expected) -> Result<Verify, String> {
        let within = read.within().unwrap_or(VERIFY_WITHIN);
        let (meant, expect) = (self.meant(read)?, self.expected(expect)?);
        Ok(Verify { read: self.read(read)?, meant, expect, within })
    }

    fn request(&self, call: &Call, default_method: &str) -> Result<HttpRequest, String> {
        let values = self.values();
        let api = self.apis.get(&call.api).ok_or_else(|| format!("there is no api {}", call.api))?;
        let mut urls = api.urls(&template::path(&call.path, &values)?).into_iter();
        let body = call.json.as_ref().map(|json| template::json(json, &values)).transpose()?;
        let mut headers = call
            .headers
            .iter()
            .map(|(name, text)| Ok((name.clone(), template::header(text, &values)?)))
            .collect::<Result<std::collections::BTreeMap<_, _>, String>>()?;
        if body.is_some() && !headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
            headers.insert("Content-Type".to_owned(), "application/json".to_owned());
        }
        Ok(HttpRequest {
            api: call.api.clone(),
            method: call.method.as_deref().unwrap_or(default_method).to_ascii_uppercase(),
            url: urls.next().unwrap_or_default(),
            instead: urls.collect(),
            headers,
            body: body.map(|body| body.to_string()),
        })
    }
}

/// The plan of a containment, or of what a source is asked.
///
/// # Errors
/// A sentence that says what is missing.
pub fn contain(
    playbook: &Playbook,
    verb: Verb,
    setting: &Setting<'_>,
    look_up: Option<&LookUp>,
) -> Result<Plan, String> {
    let key = key(setting, &verb, target(playbook, setting)?.as_ref());
    let setting = &Setting { key: Some(&key), found: look_up, ..*setting };
    let read_back = |read: &Carry| setting.verify(read, read.expect());
    let verify = playbook.verify.as_ref().map(read_back).transpose()?;
    let undone_by = playbook.undo.as_ref().map(|undo| undone_by(playbook, setting, undo)).transpose()?;
    let request = setting.invocation(&playbook.carry, "POST")?;
    finish(playbook, setting, verb, request, verify, undone_by, look_up)
}

/// How it would be undone, in words. What must be looked up for that is not known yet.
fn undone_by(playbook: &Playbook, setting: &Setting<'_>, undo: &Carry) -> Result<String, String> {
    if let (Some(found), Some(call)) = (&playbook.undo_lookup, &undo.http) {
        let read = setting.invocation(found, "GET")?;
        return Ok(format!("{} what {} finds then", call.method.as_deref().unwrap_or("POST"), read.line()));
    }
    Ok(match setting.invocation(undo, "POST")? {
        Invocation::Http(call) => format!("{} {}", call.method, call.url),
        Invocation::Exec(program) => program.argv.join(" "),
    })
}

/// The setting of what reverses an action: its key, and what was looked up.
pub fn undoing<'a>(setting: &Setting<'a>, action: &'a Action, look_up: Option<&'a LookUp>) -> Setting<'a> {
    Setting { key: Some(&action.plan.key), found: look_up, ..*setting }
}

/// The plan that reverses an earlier action.
///
/// # Errors
/// A sentence that says why it cannot.
pub fn undo(
    playbook: &Playbook,
    setting: &Setting<'_>,
    action: &Action,
    look_up: Option<&LookUp>,
) -> Result<Plan, String> {
    let undo = playbook.undo.as_ref().ok_or("this playbook has no undo")?;
    if !matches!(action.plan.verb, Verb::Contain { .. } | Verb::Upstream { .. }) {
        return Err("only what was done by a playbook can be undone".to_owned());
    }
    if !action.stage.can_be_undone() {
        return Err(format!("action #{} is {}; there is nothing to undo", action.id, action.stage.word()));
    }
    let setting = &undoing(setting, action, look_up);
    let verify = match &playbook.verify {
        Some(read) if !undo.expect_after().is_empty() => Some(setting.verify(read, undo.expect_after())?),
        _ => None,
    };
    let verb = Verb::Undo { playbook: playbook.id.clone(), action: action.id };
    let request = setting.invocation(undo, "POST")?;
    finish(playbook, setting, verb, request, verify, None, look_up)
}

/// Whether the very request of this undo, its key aside, would reverse this other containment as well.
pub fn reverses(playbook: &Playbook, setting: &Setting<'_>, undo: &Plan, other: &Action) -> bool {
    let setting = undoing(setting, other, undo.look_up.as_ref());
    let request = playbook.undo.as_ref().and_then(|carry| setting.invocation(carry, "POST").ok());
    request.is_some_and(|request| Request::from(keyed(playbook, request, &undo.key)) == undo.request)
}

/// A change's request with the key that tells it from every other.
fn keyed(playbook: &Playbook, mut request: Invocation, key: &str) -> Invocation {
    match &mut request {
        Invocation::Http(call) => call.headers.insert(playbook.key_header.clone(), key.to_owned()),
        Invocation::Exec(program) => program.env.insert("QUELL_KEY".to_owned(), key.to_owned()),
    };
    request
}

/// What is hit.
fn target(playbook: &Playbook, setting: &Setting<'_>) -> Result<Option<(String, Outside)>, String> {
    let Some(name) = &playbook.target else { return Ok(None) };
    let value = setting.parameters.get(name).ok_or_else(|| format!("{name} has no value"))?;
    Ok(Some((name.clone(), value.value.clone())))
}

fn finish(
    playbook: &Playbook,
    setting: &Setting<'_>,
    verb: Verb,
    request: Invocation,
    verify: Option<Verify>,
    undone_by: Option<String>,
    look_up: Option<&LookUp>,
) -> Result<Plan, String> {
    let target = target(playbook, setting)?;
    let basis = basis(setting.incident, &verb, target.as_ref(), setting.parameters, look_up);
    let key = key(setting, &verb, target.as_ref());
    let request = keyed(playbook, request, &key);
    let undoing = matches!(verb, Verb::Undo { .. });
    let plan = Plan {
        title: if undoing { format!("Undo: {}", playbook.title) } else { playbook.title.clone() },
        target,
        parameters: setting.parameters.clone(),
        look_up: look_up.cloned(),
        before: if undoing { Vec::new() } else { before(playbook, setting)? },
        verify,
        undone_by,
        blast: if undoing { format!("reverses: {}", playbook.blast) } else { playbook.blast.clone() },
        confirm: playbook.confirm,
        approvals: playbook.approvals,
        idempotent: playbook.idempotent,
        key_lifetime: playbook.key_lifetime,
        ..Plan::of(verb, request.into(), basis, key, setting.at)
    };
    Ok(plan.seal())
}

/// What is read and kept before the change.
fn before(playbook: &Playbook, setting: &Setting<'_>) -> Result<Vec<Capture>, String> {
    let captures = playbook.before.iter().map(|before| {
        let read = setting.invocation(&before.carry(), "GET")?;
        Ok(Capture { name: before.name.clone(), read, within: before.within })
    });
    captures.collect()
}

/// What a plan of this verb on this target rests on now.
pub fn basis(
    incident: &Incident,
    verb: &Verb,
    target: Option<&(String, Outside)>,
    parameters: &BTreeMap<String, Value>,
    look_up: Option<&LookUp>,
) -> Basis {
    Basis {
        incident: incident.id.clone(),
        open: !incident.is_closed(),
        severity: incident.severity,
        owner: incident.owner.as_ref().map(|owner| owner.name.clone()),
        parameters: parameters.iter().map(|(name, v)| (name.clone(), v.value.clone())).collect(),
        look_up: look_up.map(|look_up| look_up.digest.clone()),
        earlier: earlier(incident, verb, target).map(|a| (a.id, a.stage)).collect(),
        ends: Vec::new(),
    }
}

/// All earlier actions, of any stage, on that playbook or path and target.
fn earlier<'a>(
    incident: &'a Incident,
    verb: &'a Verb,
    target: Option<&'a (String, Outside)>,
) -> impl Iterator<Item = &'a Action> {
    incident
        .actions
        .values()
        .filter(move |action| action.plan.slot() == (verb.of(), target.map(|(_, value)| value)))
}

/// `H(verb, playbook, target, group key or incident id, number of earlier ones that ended)`: two consoles that mean
/// the same send the same key, and repeating what was not sent, or may have been, re-uses it.
fn key(setting: &Setting<'_>, verb: &Verb, target: Option<&(String, Outside)>) -> String {
    let incident = setting.incident;
    let others = setting.group.iter().map(Arc::as_ref).filter(|other| other.id != incident.id);
    let ended = std::iter::once(incident)
        .chain(others)
        .flat_map(|incident| earlier(incident, verb, target))
        .filter(|a| a.plan.verb.word() == verb.word())
        .filter(|a| matches!(a.stage, Stage::Accepted | Stage::Refused | Stage::Verified | Stage::Undone))
        .count();
    let group = incident.opening.group.clone().unwrap_or_else(|| incident.id.to_string());
    let target = target.map_or("", |(_, value)| value.raw());
    let mut hasher = Sha256::new();
    for part in [verb.word(), verb.of(), target, &group, &ended.to_string()] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    format!("quell-{}", hex(&hasher.finalize()).get(..32).unwrap_or_default())
}
