//! Channels over HTTP, against the fault server.

use std::time::Duration;

use quell::domain::action::Outcome;
use quell::domain::fault::FaultKind;
use serde_json::Value;

use super::{Kind, Listener, SECRET, Trouble};
use crate::support::faultd::{Faultd, Reply, Request};

/// How one channel uses HTTP.
#[derive(Clone, Copy)]
struct Shape {
    /// Its table, but for the name; `{url}` is the listener.
    table: &'static str,
    /// What it answers when it takes a message.
    taken: fn() -> Reply,
    /// Whether it says so in its body, so that a page of something else is no success.
    says_so: bool,
    /// The texts of a message that readers see.
    texts: fn(&Value) -> Vec<String>,
    /// The series that a message continues.
    series: fn(&Request) -> Option<String>,
    /// Panics when there is more than text in a message.
    is_plain: fn(&Value),
}

pub const SLACK: Kind = Kind {
    well: || well(SLACK_SHAPE),
    troubles: || troubles(SLACK_SHAPE),
    silences: || silences(SLACK_SHAPE),
};
pub const TEAMS: Kind = Kind {
    well: || well(TEAMS_SHAPE),
    troubles: || troubles(TEAMS_SHAPE),
    silences: || silences(TEAMS_SHAPE),
};
pub const GENERIC: Kind = Kind {
    well: || well(GENERIC_SHAPE),
    troubles: || troubles(GENERIC_SHAPE),
    silences: || silences(GENERIC_SHAPE),
};
pub const PAGERDUTY_EVENTS: Kind =
    Kind { well: || well(PAGERDUTY), troubles: || troubles(PAGERDUTY), silences: || silences(PAGERDUTY) };
pub const STATUSPAGE: Kind =
    Kind { well: || well(PAGE), troubles: || troubles(PAGE), silences: || silences(PAGE) };
pub const CACHET: Kind = Kind {
    well: || well(CACHET_SHAPE),
    troubles: || troubles(CACHET_SHAPE),
    silences: || silences(CACHET_SHAPE),
};

const SLACK_SHAPE: Shape = Shape {
    table: "kind = 'webhook'\nstyle = 'slack'\nreach = 'broadcast'\nurl = '{url}/hook?sig=canary-7f3a'",
    taken: || Reply::body(200, "text/plain", "ok"),
    says_so: true,
    texts: |body| {
        let text = body["text"].as_str().unwrap();
        vec![text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")]
    },
    series: |_| None,
    is_plain: |body| {
        let text = body["text"].as_str().unwrap();
        assert!(!text.contains(['<', '\u{1b}', '\r', '\u{202e}']), "{text:?}");
        assert!(!text.replace("@\u{200b}", "").contains('@'), "{text:?}");
        assert_eq!(body["link_names"], false);
    },
};

const TEAMS_SHAPE: Shape = Shape {
    table: "kind = 'webhook'\nstyle = 'teams'\nreach = 'broadcast'\nurl = '{url}/hook?sig=canary-7f3a'",
    taken: || Reply::status(202),
    says_so: false,
    texts: |body| {
        let blocks = body["attachments"][0]["content"]["body"].as_array().unwrap().iter();
        let text = |run: &Value| run["text"].as_str().unwrap().to_owned();
        blocks.map(|block| block["inlines"].as_array().unwrap().iter().map(text).collect()).collect()
    },
    series: |_| None,
    is_plain: |body| {
        assert!(body.to_string().len() <= 28 * 1024);
        for block in body["attachments"][0]["content"]["body"].as_array().unwrap() {
            assert_eq!(block["type"], "RichTextBlock");
            for run in block["inlines"].as_array().unwrap() {
                let text = run["text"].as_str().unwrap();
                assert!(run["type"] == "TextRun" && !text.is_empty(), "{run}");
                assert!(!text.contains(char::is_control), "{run}");
            }
        }
    },
};

const GENERIC_SHAPE: Shape = Shape {
    table: "kind = 'webhook'\nstyle = 'generic'\nreach = 'per-recipient'\nurl = '{url}/hook'\ntoken_env = 'T'",
    taken: || Reply::ok(r#"{"reference":"s-1"}"#),
    says_so: false,
    texts: |body| {
        let packet = body["packet"].as_object().into_iter().flatten();
        let packet = packet.map(|(item, value)| format!("{item} {}", value.as_str().unwrap_or_default()));
        let said =
            ["subject", "body", "purpose"].map(|key| body[key].as_str().unwrap_or_default().to_owned());
        said.into_iter().chain(packet).collect()
    },
    series: |request| request.json()["series"].as_str().map(str::to_owned),
    is_plain: |body| assert_eq!(body.as_object().unwrap().len(), 10, "{body}"),
};

const PAGERDUTY: Shape = Shape {
    table: "kind = 'pagerduty-events'\nurl = '{url}/v2/enqueue'\nrouting_key_env = 'K'",
    taken: || Reply::body(202, "application/json", r#"{"status":"success","dedup_key":"x"}"#),
    says_so: true,
    texts: |body| vec![body["event_action"].to_string(), texts_of(&body["payload"])],
    series: |_| None,
    is_plain: |body| {
        assert_eq!(body["dedup_key"], "INC-1047/incident");
        assert!(body["payload"]["summary"].as_str().unwrap().chars().count() <= 1024);
        assert!(!body["payload"]["summary"].as_str().unwrap().contains(char::is_control), "{body}");
    },
};

const PAGE: Shape = Shape {
    table: "kind = 'statuspage'\npage = 'kctbh9vrtdwd'\nurl = '{url}'\ntoken_env = 'T'",
    taken: || Reply::body(201, "application/json", r#"{"id":"p31zjtct2jer"}"#),
    says_so: true,
    texts: |body| vec![texts_of(&body["incident"])],
    series: |request| {
        let series = request.path.strip_prefix("/v1/pages/kctbh9vrtdwd/incidents/")?;
        assert_eq!(request.method, "PATCH");
        Some(series.to_owned())
    },
    is_plain: |body| assert_eq!(body["incident"].as_object().unwrap().len(), 4, "{body}"),
};

const CACHET_SHAPE: Shape = Shape {
    table: "kind = 'cachet'\nurl = '{url}'\ntoken_env = 'T'",
    taken: || Reply::body(201, "application/json", r#"{"data":{"id":"7"}}"#),
    says_so: true,
    texts: |body| vec![texts_of(body)],
    series: |request| {
        Some(request.path.strip_prefix("/api/incidents/")?.strip_suffix("/updates")?.to_owned())
    },
    is_plain: |body| assert_eq!(body.as_object().unwrap().len(), 5, "{body}"),
};

/// Every text within a value, names of fields included.
fn texts_of(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| format!("{key}: {}", texts_of(value))).collect()
        }
        Value::Array(items) => items.iter().map(texts_of).collect(),
        _ => String::new(),
    }
}

struct Web {
    shape: Shape,
    server: Faultd,
    /// Where the channel is told the listener is.
    url: String,
}

impl Web {
    fn boxed(shape: Shape, reply: Reply) -> Box<dyn Listener> {
        let server = Faultd::start();
        server.on("*", [reply]);
        let url = server.url();
        Box::new(Self { shape, server, url })
    }

    fn message(&self, number: usize) -> Value {
        self.server.requests()[number].json()
    }
}

impl Listener for Web {
    fn table(&self) -> String {
        format!("name = 'room'\n{}", self.shape.table.replace("{url}", &self.url))
    }

    fn count(&self) -> usize {
        self.server.requests().len()
    }

    fn key(&self, message: usize) -> String {
        self.server.requests()[message].header("idempotency-key").unwrap().to_owned()
    }

    fn read(&self, message: usize) -> String {
        let message = self.message(message);
        let mut texts = (self.shape.texts)(&message);
        // What a first message of a series says by its title, the next ones need not repeat.
        texts.retain(|text| !text.is_empty());
        texts.join("\n")
    }

    fn is_plain(&self, message: usize) {
        let request = &self.server.requests()[message];
        let ours = [
            "content-type",
            "idempotency-key",
            "authorization",
            "user-agent",
            "accept",
            "accept-encoding",
            "host",
            "content-length",
        ];
        for (name, _) in &request.headers {
            assert!(ours.contains(&name.as_str()), "{name}");
        }
        (self.shape.is_plain)(&request.json());
    }

    fn series(&self, message: usize) -> Option<String> {
        (self.shape.series)(&self.server.requests()[message])
    }
}

fn well(shape: Shape) -> Box<dyn Listener> {
    Web::boxed(shape, (shape.taken)())
}

fn troubles(shape: Shape) -> Vec<Trouble> {
    use FaultKind::{Broken, Malformed, NoAnswer, Redirected, Refused, Throttled, TooLarge, Unauthorised};
    use Outcome::{NotSent, Unknown};
    const NO: Outcome = Outcome::Refused;
    let trouble = |what, reply, kind, outcome| trouble(shape, what, reply, kind, outcome);
    let echo = |status| Reply::body(status, "text/plain", format!("you sent {SECRET}"));
    let huge = Reply::body(200, "text/plain", "x".repeat(2 << 20));
    let mut all = vec![
        trouble("400", echo(400), Refused, NO),
        trouble("401", echo(401), Unauthorised, NO),
        trouble("403", Reply::status(403), Unauthorised, NO),
        trouble("404", Reply::status(404), Refused, NO),
        trouble("429", Reply::status(429).header("Retry-After", "30"), Throttled, NO),
        trouble("500", echo(500), Broken, Unknown),
        trouble("503", Reply::status(503), Broken, Unknown),
        trouble("a reset", Reply::reset(), NoAnswer, Unknown),
        trouble("half an answer", echo(200).cut_after(70), NoAnswer, Unknown),
        trouble("a huge answer", huge, TooLarge, Unknown),
        trouble("a bomb", Reply::gzip_bomb(8), TooLarge, Unknown),
        trouble(
            "a redirect",
            Reply::redirect(307, &format!("http://127.0.0.1:1/{SECRET}")),
            Redirected,
            Unknown,
        ),
    ];
    if shape.says_so {
        let page = Reply::body(200, "text/html", format!("<html>log in, {SECRET}</html>"));
        all.push(trouble("a log-in page", page, Malformed, Unknown));
        all.push(trouble("an empty answer", Reply::status(200), Malformed, Unknown));
        all.push(trouble("null", Reply::ok("null"), Malformed, Unknown));
    }
    let gone = Faultd::start();
    let url = gone.url();
    gone.stop();
    let never = |what, url: String, kind| {
        let listener = Box::new(Web { shape, server: Faultd::start(), url });
        Trouble { what, listener, kind, outcome: NotSent, sent: false }
    };
    all.push(never("nobody there", url, FaultKind::Unreachable));
    let open = Faultd::start();
    let private = open.url().replace("http:", "https:");
    all.push(never("no TLS", private, FaultKind::Unreachable));
    all.push(never("no such name", "https://quell.invalid".to_owned(), FaultKind::Unreachable));
    drop(open);
    all
}

fn silences(shape: Shape) -> Vec<Trouble> {
    let drip = (shape.taken)().dripping(1, Duration::from_secs(1));
    [("a hang", Reply::hang()), ("a drip", drip)]
        .map(|(what, reply)| trouble(shape, what, reply, FaultKind::NoAnswer, Outcome::Unknown))
        .into()
}

/// A server that is sent a message and replies like this.
fn trouble(shape: Shape, what: &'static str, reply: Reply, kind: FaultKind, outcome: Outcome) -> Trouble {
    Trouble { what, listener: Web::boxed(shape, reply), kind, outcome, sent: true }
}
