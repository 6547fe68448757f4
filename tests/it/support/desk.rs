//! A double of an incident desk that an exchange wrote itself: a server that lists its incidents page by page and lets
//! them be changed, with no care at all for who was first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::double::Double;

const KEY: &str = "canary-desk-51c9";

/// A desk that answers on loopback until it is dropped.
pub struct Desk {
    server: Double,
    folder: tempfile::TempDir,
    book: Arc<Mutex<Book>>,
}

/// What the desk knows.
#[derive(Default)]
pub struct Book {
    /// Its incidents, oldest first.
    pub incidents: Vec<Value>,
    /// Notes by id.
    pub notes: BTreeMap<String, Vec<String>>,
    /// Every change that was asked for: method, path and body.
    pub writes: Vec<(String, String, Value)>,
    /// How many stand on a page; all of them where it is 0.
    pub page: usize,
    /// What the next writes are answered with, after they were done.
    pub answers: Vec<u16>,
}

impl Desk {
    /// Starts on a free port, with nothing open.
    pub fn start() -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let server = Double::serving(Router::new().fallback(serve).with_state(Arc::clone(&book)));
        let folder = tempfile::tempdir().unwrap();
        quell::os::files::write_private(&folder.path().join("key"), KEY.as_bytes()).unwrap();
        Self { server, folder, book }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What it knows.
    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    /// The `[[api]]` that leads to it.
    pub fn api(&self) -> String {
        let key = self.folder.path().join("key");
        format!("name = \"desk\"\nurl = \"{}/api\"\ntoken_file = \"{}\"\n", self.url(), key.display())
    }

    /// The `[[source]]` that asks it every five seconds.
    pub fn table() -> &'static str {
        r#"kind = "http-json"
name = "desk"
api = "desk"
path = "/incidents"
every = "5s"
list = "/data/items"
next = "/data/after"
cursor = "after"
id = "/number"
title = "/summary"
severity = "/sev"
service = "/component/name"
since = "/opened"
labels = "/tags"
state = "/status"
states = { open = ["new"], acknowledged = ["held"], resolved = ["closed"] }
held_by = "/holder"
acknowledge = { method = "PUT", path = "/incidents/{{id}}", json = { status = "held", by = "{{operator}}" } }
note = { path = "/incidents/{{id}}/notes", json = { text = "{{operator}}: {{text}}" } }
resolve = { method = "PUT", path = "/incidents/{{id}}", json = { status = "closed", why = "{{text}}" } }
"#
    }

    /// A configuration that watches it this often, and takes its `sev1` for critical.
    pub fn config(&self, every: &str) -> String {
        let table = Self::table().replace("5s", every);
        let rule = "when = \"source:desk label:severity=sev1\"\nseverity = \"critical\"\n";
        format!("operator = \"ana\"\n[[api]]\n{}[[source]]\n{}[[rule]]\n{rule}", self.api(), table)
    }
}

impl Book {
    /// Something burns.
    pub fn open(&mut self, id: impl Into<Value>, summary: &str) {
        let id: Value = id.into();
        self.incidents.push(json!({
            "number": id, "summary": summary, "sev": "sev1", "status": "new", "holder": null,
            "component": { "name": "orders" }, "opened": chrono::Utc::now().timestamp_millis(), "tags": { "pod": "gw-2" },
        }));
    }

    /// Where it stands.
    pub fn status(&mut self, id: &str) -> String {
        self.find(id).unwrap()["status"].as_str().unwrap().to_owned()
    }

    /// Somebody else changes it there.
    pub fn set(&mut self, id: &str, key: &str, value: impl Into<Value>) {
        self.find(id).unwrap()[key] = value.into();
    }

    fn find(&mut self, id: &str) -> Option<&mut Value> {
        let is = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned) == id;
        self.incidents.iter_mut().find(|it| is(&it["number"]))
    }

    /// What is not closed, from this place on.
    fn list(&self, after: usize) -> Value {
        let open: Vec<&Value> = self.incidents.iter().filter(|it| it["status"] != "closed").collect();
        let size = if self.page == 0 { open.len().max(1) } else { self.page };
        let items: Vec<_> = open.iter().skip(after).take(size).collect();
        let next = (after + size < open.len()).then_some(after + size);
        json!({ "data": { "items": items, "after": next } })
    }

    /// Does as it is told, whatever stood there before: what is closed can be held, and is open again.
    fn change(&mut self, method: &str, path: &str, body: &Value) -> u16 {
        self.writes.push((method.to_owned(), path.to_owned(), body.clone()));
        let place = path.trim_start_matches("/api/incidents/");
        let (id, noted) = place.strip_suffix("/notes").map_or((place, false), |id| (id, true));
        let id = decoded(id);
        let Some(incident) = self.find(&id) else { return 404 };
        if noted {
            self.notes.entry(id).or_default().push(body["text"].as_str().unwrap().to_owned());
        } else {
            incident["status"] = body["status"].clone();
            incident["holder"] = body["by"].clone();
        }
        if self.answers.is_empty() { 200 } else { self.answers.remove(0) }
    }
}

/// A path's segment as it was meant.
fn decoded(segment: &str) -> String {
    let mut pieces = segment.split('%');
    let mut out = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        out.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        out.extend(&piece.as_bytes()[2..]);
    }
    String::from_utf8(out).unwrap()
}

async fn serve(
    State(book): State<Arc<Mutex<Book>>>,
    method: Method,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let known = headers.get("authorization").is_some_and(|value| value == &format!("Bearer {KEY}"));
    let mut book = book.lock().unwrap();
    let (status, said) = match (known, &method, uri.path()) {
        (false, ..) => (401, Value::Null),
        (true, &Method::GET, "/api/incidents") => {
            let after = query.get("after").map_or(0, |after| after.parse().unwrap());
            (200, book.list(after))
        }
        (true, &Method::GET, _) => (404, Value::Null),
        (true, method, path) => {
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            (book.change(method.as_str(), path, &body), json!({}))
        }
    };
    (StatusCode::from_u16(status).unwrap(), [("content-type", "application/json")], said.to_string())
        .into_response()
}
