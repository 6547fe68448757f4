//! A server that fails on purpose: each route plays a script of replies, and every request is kept.

mod conversation;
mod reply;

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use reply::Reply;

use super::{BOUND, http};

/// A fault server on loopback. Stops when dropped.
pub struct Faultd {
    port: u16,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Header lines; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let wanted = name.to_ascii_lowercase();
        self.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    routes: BTreeMap<String, Route>,
    requests: Vec<Request>,
    last_answered: usize,
    effects: BTreeMap<String, usize>,
    keys: BTreeSet<String>,
    streams: Vec<TcpStream>,
    /// Who answers where there is no script, and how many seconds the clock that is said to be theirs is ahead.
    behind: Option<u16>,
    ahead: i64,
    closing: bool,
}

struct Route {
    script: Vec<Reply>,
    next: usize,
    again: bool,
}

impl Faultd {
    /// Starts on a free port. A route without a script answers 404.
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// Stands before another server on loopback: what has no script is that one's to answer.
    pub fn before(port: u16) -> Self {
        let server = Self::start();
        server.passing_to(port);
        server
    }

    /// What has no script is this server's to answer, from now on.
    pub fn passing_to(&self, port: u16) -> &Self {
        self.shared.lock().behind = Some(port);
        self
    }

    /// What is passed on says that its clock is so many seconds ahead.
    pub fn ahead(&self, secs: i64) -> &Self {
        self.shared.lock().ahead = secs;
        self
    }

    /// Forgets every script.
    pub fn well(&self) -> &Self {
        self.shared.lock().routes.clear();
        self.ahead(0)
    }

    /// Starts on a port that was used before: the server is back.
    pub fn start_at(port: u16) -> Self {
        let listener = super::eventually("the port to be free", || {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
                Ok(listener) => Some(listener),
                Err(error) if error.kind() == ErrorKind::AddrInUse => None,
                Err(error) => panic!("{error}"),
            }
        });
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || serving.accept(&listener));
        Self { port, shared, accepting: Some(accepting) }
    }

    /// Plays these replies on `METHOD /path` (queries aside; `*` is every other route), then the last one
    /// for ever. A new script replaces the old one.
    pub fn on(&self, route: &str, script: impl IntoIterator<Item = Reply>) -> &Self {
        self.play(route, script, false)
    }

    /// Plays these replies over and over.
    pub fn flap(&self, route: &str, script: impl IntoIterator<Item = Reply>) -> &Self {
        self.play(route, script, true)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every request so far, in the order they arrived.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// Waits for this many requests on a route (`METHOD /path`, or `*` for all), and returns all of them.
    pub fn wait_for(&self, route: &str, count: usize) -> Vec<Request> {
        let on_route = |state: &State| {
            let fits = |request: &&Request| route == "*" || request.route() == route;
            state.requests.iter().filter(fits).cloned().collect::<Vec<_>>()
        };
        let enough = self.shared.wait(BOUND, |state| on_route(state).len() >= count);
        let found = on_route(&self.shared.lock());
        assert!(enough, "waited {BOUND:?} for {count} requests on {route}, got {found:#?}");
        found
    }

    /// How often a route was asked.
    pub fn count(&self, route: &str) -> usize {
        self.shared.lock().requests.iter().filter(|request| request.route() == route).count()
    }

    /// How often an effect was applied.
    pub fn effects(&self, name: &str) -> usize {
        self.shared.lock().effects.get(name).copied().unwrap_or(0)
    }

    /// Stops, cutting every connection; the port refuses from now on. Returns it for [`Faultd::start_at`].
    pub fn stop(self) -> u16 {
        self.port
    }

    fn play(&self, route: &str, script: impl IntoIterator<Item = Reply>, again: bool) -> &Self {
        let script: Vec<_> = script.into_iter().collect();
        assert!(!script.is_empty(), "a script without a reply for {route}");
        self.shared.lock().routes.insert(route.to_owned(), Route { script, next: 0, again });
        self
    }
}

impl Drop for Faultd {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closing = true;
        for stream in state.streams.drain(..) {
            let _closed_before = stream.shutdown(Shutdown::Both);
        }
        drop(state);
        self.shared.changed.notify_all();
        // The accepting thread looks at `closing` after each connection: be one.
        let _refused = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(accepting) = self.accepting.take() {
            let _panicked = accepting.join();
        }
    }
}

impl Request {
    fn route(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Waits at most so long; says whether it came to pass. Ends early when the server stops.
    fn wait(&self, bound: Duration, came: impl Fn(&State) -> bool) -> bool {
        let deadline = Instant::now() + bound;
        let mut state = self.lock();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if came(&state) {
                return true;
            }
            if left.is_zero() || state.closing {
                return false;
            }
            state = self.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            let mut state = self.lock();
            if state.closing {
                return;
            }
            state.streams.extend(stream.try_clone());
            drop(state);
            let shared = Arc::clone(self);
            std::thread::spawn(move || conversation::hold(&shared, stream));
        }
    }

    /// Keeps a request, numbers it from 1 and picks its reply.
    fn arrived(&self, request: Request) -> (usize, Reply) {
        let mut state = self.lock();
        let (route, asked) = (request.route(), request.clone());
        state.requests.push(request);
        let number = state.requests.len();
        let name = if state.routes.contains_key(&route) { &route } else { "*" };
        let reply = state.routes.get_mut(name).map(Route::reply);
        drop(state);
        self.changed.notify_all();
        (number, reply.unwrap_or_else(|| self.passed_on(&asked)))
    }

    /// What whoever stands behind answers.
    fn passed_on(&self, asked: &Request) -> Reply {
        let (behind, ahead) = {
            let state = self.lock();
            (state.behind, state.ahead)
        };
        let Some(port) = behind else { return Reply::status(404) };
        let theirs =
            |name: &str| !["host", "content-length", "connection", "accept-encoding"].contains(&name);
        let headers = asked.headers.iter().filter(|(name, _)| theirs(name));
        let headers: Vec<_> = headers.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        match http::request(port, &asked.method, &asked.path, &headers, &asked.text()) {
            Ok(answer) => {
                let date = chrono::Utc::now() + chrono::TimeDelta::seconds(ahead);
                let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                Reply::body(answer.status, "application/json", answer.body).header("Date", &date)
            }
            Err(_) => Reply::reset(),
        }
    }
}

impl Route {
    fn reply(&mut self) -> Reply {
        let at =
            if self.again { self.next % self.script.len() } else { self.next.min(self.script.len() - 1) };
        self.next += 1;
        self.script[at].clone()
    }
}
