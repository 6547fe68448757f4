//! A double of PagerDuty's REST API: a server of its own that has its quirks, above all those that hurt.

mod account;
mod changes;
mod lists;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::double::Double;
pub use account::{Account, KEY, ME, Quota};

/// A PagerDuty account that answers on loopback until it is dropped.
pub struct Pagerduty {
    server: Double,
    folder: tempfile::TempDir,
    account: Arc<Mutex<Account>>,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET`, `PUT`, …
    pub method: String,
    /// Without its query.
    pub path: String,
    /// Every pair of it.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; null where there is none.
    pub body: Value,
}

impl Asked {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }
}

/// What is answered.
pub struct Reply {
    status: u16,
    body: Value,
}

impl Reply {
    fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    fn no(status: u16, code: u32, message: &str) -> Self {
        Self { status, body: json!({ "error": { "message": message, "code": code, "errors": [] } }) }
    }
}

impl Pagerduty {
    /// Starts on a free port, with nothing open.
    pub fn start() -> Self {
        let account = Arc::new(Mutex::new(Account::new()));
        let server = Double::serving(Router::new().fallback(serve).with_state(Arc::clone(&account)));
        let folder = tempfile::tempdir().unwrap();
        quell::os::files::write_private(&folder.path().join("key"), KEY.as_bytes()).unwrap();
        Self { server, folder, account }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The account behind it.
    pub fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap()
    }

    /// A `[[source]]` named `pd` that asks it every second with ana's key.
    pub fn table(&self) -> String {
        self.table_of("pd")
    }

    /// The same by another name.
    pub fn table_of(&self, name: &str) -> String {
        let (url, key) = (self.url(), self.folder.path().join("key"));
        let key = key.display();
        format!(
            "kind = \"pagerduty\"\nname = \"{name}\"\nurl = \"{url}\"\nevery = \"1s\"\ntoken_file = \"{key}\"\n"
        )
    }
}

async fn serve(
    State(account): State<Arc<Mutex<Account>>>,
    method: Method,
    uri: Uri,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let asked = Asked {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query,
        headers: headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    let Some((reply, headers)) = answer(&account, &asked) else { return std::future::pending().await };
    let mut response = (
        StatusCode::from_u16(reply.status).unwrap(),
        [("content-type", "application/json")],
        reply.body.to_string(),
    )
        .into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.to_string().parse().unwrap());
    }
    response
}

/// What is answered, with its headers, unless nothing is.
fn answer(account: &Mutex<Account>, asked: &Asked) -> Option<(Reply, Vec<(&'static str, u32)>)> {
    let mut account = account.lock().unwrap();
    account.requests.push(asked.clone());
    let line = format!("{} {}", asked.method, asked.path);
    if account.hanging.iter().any(|route| line.starts_with(route)) {
        return None;
    }
    Some((account.answer(asked), account.quota_headers()))
}
