//! What an account holds, and the gate every request passes.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Asked, Reply};

/// The key it lets in, which is ana's.
pub const KEY: &str = "canary-7f3a";
/// Whose key it is.
pub const ME: &str = "ana@example.com";

/// Its policies: ids and names.
pub(super) const POLICIES: [(&str, &str); 2] = [("PPOL1", "Trading on call"), ("PPOL2", "Database on call")];

/// How many requests it still grants.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// So many.
    pub left: u32,
    /// Whether its answers say so.
    pub said: bool,
}

/// What happens to the account after each page of incidents that is read.
type OnPage = Box<dyn FnMut(&mut Account, usize) + Send>;

/// What happens to it after an incident was looked at.
type AfterLook = Box<dyn FnMut(&mut Account, &str) + Send>;

/// What an account holds.
pub struct Account {
    /// Every incident, resolved ones included, as they are answered.
    pub incidents: BTreeMap<String, Value>,
    /// The alerts of each.
    pub alerts: BTreeMap<String, Vec<Value>>,
    /// The notes of each.
    pub notes: BTreeMap<String, Vec<Value>>,
    /// What happened, oldest first.
    pub log: Vec<Value>,
    /// Every request so far.
    pub requests: Vec<Asked>,
    /// How many requests it still grants; no end where none is set.
    pub quota: Option<Quota>,
    /// What its plan includes.
    pub abilities: Vec<&'static str>,
    /// The levels of its policy at which somebody is on call.
    pub levels: Vec<u32>,
    /// The next answers to these requests (`PUT /incidents`: the start of it), instead of the right ones.
    pub refusals: VecDeque<(&'static str, u16, u32)>,
    /// For how many seconds a refusal asks to be left alone.
    pub retry_after: Option<u32>,
    /// Requests that are never answered; the start of each.
    pub hanging: Vec<&'static str>,
    /// Its lists of incidents say that there is always more.
    pub endless: bool,
    /// The key is nobody's own: it belongs to the account.
    pub account_key: bool,
    /// It says that it does what it is asked, and does not.
    pub deaf: bool,
    /// Whoever asks for what is done now; its services act by themselves otherwise.
    pub(super) asker: Option<&'static str>,
    pub(super) on_page: Option<OnPage>,
    /// What somebody else does to an incident each time after it was looked at.
    after_look: Option<AfterLook>,
    /// How often each incident was changed, and as of which of these it was looked at last.
    versions: BTreeMap<String, u64>,
    looks: BTreeMap<String, u64>,
    pub(super) pages: usize,
    /// Its clock; each change is a second later than the one before.
    now: DateTime<Utc>,
}

impl Account {
    pub(super) fn new() -> Self {
        Self {
            incidents: BTreeMap::new(),
            alerts: BTreeMap::new(),
            notes: BTreeMap::new(),
            log: Vec::new(),
            requests: Vec::new(),
            quota: None,
            abilities: vec!["priorities", "coordinated_responding"],
            levels: vec![1, 2],
            refusals: VecDeque::new(),
            retry_after: None,
            hanging: Vec::new(),
            endless: false,
            account_key: false,
            deaf: false,
            asker: None,
            on_page: None,
            after_look: None,
            versions: BTreeMap::new(),
            looks: BTreeMap::new(),
            pages: 0,
            now: Utc::now(),
        }
    }

    /// Something begins to burn now.
    pub fn open(&mut self, number: u64, title: &str) -> String {
        self.open_at(number, title, self.now)
    }

    /// Something began to burn then.
    pub fn open_at(&mut self, number: u64, title: &str, at: DateTime<Utc>) -> String {
        let id = format!("P{number:06}");
        let incident = json!({
            "id": id, "type": "incident", "incident_number": number, "title": title, "summary": format!("[#{number}] {title}"),
            "status": "triggered", "urgency": "high", "created_at": wire(at), "updated_at": wire(at),
            "html_url": format!("https://acme.pagerduty.example/incidents/{id}"),
            "service": { "id": "PSVC1", "type": "service_reference", "summary": "Trading" },
            "escalation_policy": { "id": "PPOL1", "type": "escalation_policy_reference", "summary": "Trading on call" },
            "priority": null, "teams": [], "assigned_via": "escalation_policy", "incident_key": null,
            "assignments": [{ "at": wire(at), "assignee": user("PUSR1") }], "acknowledgements": [],
            "pending_actions": [
                { "type": "resolve", "at": wire(at + TimeDelta::hours(4)) },
                { "type": "escalate", "at": wire(at + TimeDelta::minutes(30)) },
            ],
            "alert_counts": { "all": 0, "triggered": 0, "resolved": 0 },
        });
        self.incidents.insert(id.clone(), incident);
        self.note_down(&id, "trigger_log_entry");
        id
    }

    /// One of its alerts, with these details.
    pub fn alert(&mut self, id: &str, summary: &str, details: &Value) {
        let alerts = self.alerts.entry(id.to_owned()).or_default();
        alerts.push(json!({
            "id": format!("A{}", alerts.len()), "summary": summary, "severity": "critical", "status": "triggered",
            "body": { "type": "alert_body", "details": details },
        }));
        let count = alerts.len();
        self.set(id, "alert_counts", json!({ "all": count, "triggered": count, "resolved": 0 }));
    }

    /// Somebody of the account writes this beside it.
    pub fn note(&mut self, id: &str, by: &str, content: &str, at: DateTime<Utc>) -> Value {
        let notes = self.notes.entry(id.to_owned()).or_default();
        let note = json!({
            "id": format!("N{}", notes.len()), "user": user(by), "content": content, "created_at": wire(at),
        });
        notes.push(note.clone());
        note
    }

    /// Changes one of its fields, unseen by the log.
    pub fn set(&mut self, id: &str, field: &str, value: Value) {
        let at = self.tick();
        let incident = self.incidents.get_mut(id).unwrap();
        incident[field] = value;
        incident["updated_at"] = wire(at).into();
        *self.versions.entry(id.to_owned()).or_default() += 1;
    }

    /// This is done to an incident each time after it was looked at.
    pub fn after_look(&mut self, change: impl FnMut(&mut Self, &str) + Send + 'static) {
        self.after_look = Some(Box::new(change));
    }

    /// Somebody looks at an incident.
    pub(super) fn looked_at(&mut self, id: &str) {
        self.looks.insert(id.to_owned(), self.version(id));
        if let Some(mut change) = self.after_look.take() {
            change(self, id);
            self.after_look = Some(change);
        }
    }

    fn version(&self, id: &str) -> u64 {
        self.versions.get(id).copied().unwrap_or_default()
    }

    /// Whether somebody changed it since it was looked at; that is said once.
    pub(super) fn changed_since(&mut self, id: &str) -> bool {
        let now = self.version(id);
        self.looks.insert(id.to_owned(), now).is_some_and(|seen| seen != now)
    }

    /// Somebody there acknowledges it.
    pub fn acknowledge(&mut self, id: &str, by: &str) {
        let at = self.tick();
        self.set(id, "status", "acknowledged".into());
        self.set(
            id,
            "acknowledgements",
            json!([{ "at": wire(at), "acknowledger": { "id": "PX", "summary": by } }]),
        );
        let later = wire(at + TimeDelta::minutes(30));
        self.set(id, "pending_actions", json!([{ "type": "unacknowledge", "at": later }]));
        self.note_down(id, "acknowledge_log_entry");
    }

    /// It is over.
    pub fn resolve(&mut self, id: &str) {
        self.set(id, "status", "resolved".into());
        self.set(id, "pending_actions", json!([]));
        self.note_down(id, "resolve_log_entry");
    }

    /// Nobody answered at any level.
    pub fn exhaust(&mut self, id: &str) {
        self.set(id, "pending_actions", json!([]));
        self.note_down(id, "exhaust_escalation_path_log_entry");
    }

    /// The log says that it was given to somebody.
    pub fn note_assigned(&mut self, id: &str) {
        self.note_down(id, "assign_log_entry");
    }

    /// The log says that a field of it is another one.
    pub fn note_changed(&mut self, id: &str) {
        self.note_down(id, "urgency_change_log_entry");
    }

    /// This is done to it after each page of incidents that is read.
    pub fn on_page(&mut self, change: impl FnMut(&mut Self, usize) + Send + 'static) {
        self.on_page = Some(Box::new(change));
    }

    /// Where an incident stands.
    pub fn status(&self, id: &str) -> &str {
        self.incidents[id]["status"].as_str().unwrap()
    }

    /// The writes so far.
    pub fn writes(&self) -> Vec<&Asked> {
        self.requests.iter().filter(|asked| asked.method != "GET").collect()
    }

    /// The log says that this happened to it.
    pub fn note_down(&mut self, id: &str, kind: &str) {
        let at = self.tick();
        let number = self.log.len();
        let service = json!({ "id": "PSVC1", "type": "service_reference", "summary": "Trading" });
        self.log.push(json!({
            "id": format!("R{number:08}"), "type": kind, "created_at": wire(at),
            "agent": self.asker.map_or(service, user),
            "incident": { "id": id, "type": "incident_reference" },
        }));
    }

    pub(super) fn tick(&mut self) -> DateTime<Utc> {
        self.now += TimeDelta::milliseconds(1);
        self.now
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub(super) fn quota_headers(&self) -> Vec<(&'static str, u32)> {
        let said = self.quota.filter(|quota| quota.said);
        let quota = said.map(|it| {
            vec![("ratelimit-limit", 960), ("ratelimit-remaining", it.left), ("ratelimit-reset", 30)]
        });
        quota
            .unwrap_or_default()
            .into_iter()
            .chain(self.retry_after.map(|secs| ("retry-after", secs)))
            .collect()
    }

    pub(super) fn answer(&mut self, asked: &Asked) -> Reply {
        if asked.header("authorization") != Some(format!("Token token={KEY}").as_str()) {
            return Reply::no(401, 2006, "Authentication failed");
        }
        if let Some(quota) = &mut self.quota {
            if quota.left == 0 {
                return match quota.said {
                    true => Reply::no(429, 2020, "Rate Limit Exceeded"),
                    false => Reply { status: 429, body: Value::Null },
                };
            }
            quota.left -= 1;
        }
        let line = format!("{} {}", asked.method, asked.path);
        if let Some(place) = self.refusals.iter().position(|(route, ..)| line.starts_with(route)) {
            let (_, status, code) = self.refusals.remove(place).unwrap();
            return Reply::no(status, code, "No");
        }
        match asked.method.as_str() {
            "GET" => self.read(asked),
            _ if self.deaf => Reply::ok(json!({})),
            _ => {
                self.asker = Some("PUSR1");
                let reply = self.write(asked);
                self.asker = None;
                reply
            }
        }
    }
}

/// A time as it is written there.
pub(super) fn wire(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Somebody of the account.
pub(super) fn user(id: &str) -> Value {
    let name = match id {
        "PUSR1" => "Ana Ito",
        "PUSR2" => "Bo Okafor",
        _ => "Somebody",
    };
    json!({ "id": id, "type": "user_reference", "summary": name })
}
