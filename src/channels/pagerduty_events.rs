//! A service of PagerDuty, paged through its Events API v2.

use std::path::PathBuf;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::held::Held;
use super::words::{self, Item, Said};
use super::{Accepted, Channel};
use crate::domain::action::Outcome;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::{Purpose, Telling, hex};
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::net::{Answer, Attributes, Client, Connection, Environment, Limits, Login, Request, Secret, Ways};

/// Characters of a summary.
const SUMMARY_CHARS: usize = 1024;
/// Characters of a dedup key.
const KEY_CHARS: usize = 255;
/// Bytes of the details; a whole message may have 512 KiB.
const DETAIL_BYTES: usize = 500 * 1024;
/// Characters of PagerDuty's own words in a fault.
const REASON_CHARS: usize = 200;

/// `[[channel]] kind = "pagerduty-events"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What paths call it.
    pub name: String,
    /// Where messages are taken.
    #[serde(default = "enqueue")]
    pub url: String,
    /// The integration key of the service; a secret, since whoever knows it can page there.
    pub routing_key: Option<Secret>,
    /// A program, as its argument list, that prints it.
    pub routing_key_command: Option<Vec<String>>,
    /// The attributes by which the keyring finds it.
    pub routing_key_keyring: Option<Attributes>,
    /// A file, readable by its owner only, that holds it.
    pub routing_key_file: Option<PathBuf>,
    /// A variable of the environment that holds it.
    pub routing_key_env: Option<String>,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

fn enqueue() -> String {
    "https://events.pagerduty.com/v2/enqueue".to_owned()
}

/// A service of PagerDuty.
#[derive(Debug)]
pub struct PagerdutyEvents {
    name: String,
    url: String,
    routing_key: Held,
    client: Client,
}

impl PagerdutyEvents {
    /// Makes a channel; fetches no secret yet and sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::new(&settings.connection, Login::none())?;
        client.check(&settings.url)?;
        let ways = Ways {
            key: "routing_key",
            inline: settings.routing_key.as_ref(),
            command: settings.routing_key_command.as_ref(),
            keyring: settings.routing_key_keyring.as_ref(),
            file: settings.routing_key_file.as_ref(),
            env: settings.routing_key_env.as_ref(),
        };
        let missing = || {
            let ways = "routing_key_command, routing_key_keyring, routing_key_file or routing_key_env";
            Fault::local(format!("say which service is paged with {ways}"))
        };
        let routing_key = Held::new(&ways, environment)?.ok_or_else(missing)?;
        Ok(Self { name: settings.name.clone(), url: settings.url.clone(), routing_key, client })
    }

    async fn send(&self, telling: &Telling, key: &Secret) -> Result<Accepted, Fault> {
        let body = body(telling, key);
        let request = Request::post_json(&self.url, &body).header("idempotency-key", &telling.key)?;
        taken(self.client.exchange(&request, Limits::WRITE).await?, key)
    }
}

#[async_trait]
impl Channel for PagerdutyEvents {
    fn name(&self) -> &str {
        &self.name
    }

    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault> {
        let key = self.routing_key.get().await?;
        let refused = match self.send(telling, &key).await {
            Err(fault) if fault.outcome() == Outcome::Refused => fault,
            taken => return taken,
        };
        // It may have been replaced where it is kept.
        match self.routing_key.another(&key).await {
            Some(key) => self.send(telling, &key).await,
            None => Err(refused),
        }
    }
}

/// All messages of one thread have one dedup key, so they are about one alert there.
fn body(telling: &Telling, routing_key: &Secret) -> Value {
    let action = match telling.purpose {
        Purpose::Page | Purpose::Filled | Purpose::Reopened => "trigger",
        Purpose::Acknowledged(_) => "acknowledge",
        Purpose::Ended | Purpose::Merged(_) => "resolve",
    };
    let mut body = Map::from_iter([
        ("routing_key".to_owned(), Value::from(routing_key.reveal())),
        ("dedup_key".to_owned(), dedup_key(&telling.thread).into()),
        ("event_action".to_owned(), action.into()),
        ("client".to_owned(), "quell".into()),
    ]);
    if action == "trigger" {
        body.insert("payload".to_owned(), payload(telling));
    }
    body.into()
}

fn payload(telling: &Telling) -> Value {
    let said = words::said(telling);
    json!({
        "summary": summary(&said),
        "source": "quell",
        "severity": match telling.severity {
            Severity::Critical => "critical",
            Severity::High => "error",
            Severity::Normal => "warning",
        },
        "class": telling.path,
        "custom_details": details(said.items),
    })
}

fn dedup_key(thread: &str) -> String {
    if thread.chars().count() <= KEY_CHARS { thread.to_owned() } else { hex(&Sha256::digest(thread)) }
}

fn summary(said: &Said) -> String {
    let whole = format!("{} {}", said.lead, said.subject);
    if whole.chars().count() <= SUMMARY_CHARS {
        return whole;
    }
    whole.chars().take(SUMMARY_CHARS - 1).chain(['…']).collect()
}

fn details(items: Vec<Item>) -> Map<String, Value> {
    let known = |Item { name, lines }: Item| match lines.as_slice() {
        [] => (name, "not yet known".to_owned()),
        lines => (name, lines.join("\n")),
    };
    let items = items.into_iter().map(known).collect();
    // Quoted and escaped, with what stands between two of them.
    let size = |(name, text): &(String, String)| {
        Value::from(name.as_str()).to_string().len() + Value::from(text.as_str()).to_string().len() + 2
    };
    let items = words::fit(items, DETAIL_BYTES, size, |marker| ("left out".to_owned(), marker));
    items.into_iter().map(|(name, text)| (name, text.into())).collect()
}

/// PagerDuty answers 202 and says `success`, and nothing else is one.
fn taken(answer: Answer, key: &Secret) -> Result<Accepted, Fault> {
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let status = answer.status;
    match answer.success() {
        Ok(_) if status == 202 && said.get("status").is_some_and(|word| word == "success") => {
            Ok(Accepted::status(status))
        }
        Ok(_) => Err(Fault {
            status: Some(status),
            ..Fault::new(FaultKind::Malformed, "the other side did not say \"success\"")
        }),
        Err(fault) => {
            let reason = reason(&said, key).map(|reason| format!(": {reason}")).unwrap_or_default();
            let detail = format!("{}{reason}", fault.detail.raw());
            Err(Fault { detail: Outside::new(detail), ..fault })
        }
    }
}

/// What PagerDuty finds wrong, unless it repeats the key.
fn reason(said: &Value, key: &Secret) -> Option<String> {
    let errors: Vec<&str> = said.get("errors")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let reason = errors.join(", ");
    let short = reason.chars().count() <= REASON_CHARS;
    (short && !reason.is_empty() && !reason.contains(key.reveal())).then_some(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::telling;
    use crate::net::peer::{Act, Peer};

    const SUCCESS: &[u8] = br#"{"status":"success","message":"Event processed","dedup_key":"x"}"#;
    const KEY: &str = "canary0123456789abcdef0123456789";

    fn settings(rest: &str) -> Settings {
        toml::from_str(&format!("name = 'pd'\n{rest}")).unwrap()
    }

    async fn send(telling: &Telling, act: Act) -> (Result<Accepted, Fault>, Value) {
        let peer = Peer::new([act]);
        let rest = format!("routing_key = '{KEY}'\nurl = '{}'", peer.url("/v2/enqueue"));
        let sent = PagerdutyEvents::new(&settings(&rest), |_| None).unwrap().tell(telling).await;
        let seen = peer.seen().concat();
        (sent, serde_json::from_str(seen.split_once("\r\n\r\n").unwrap().1).unwrap())
    }

    #[tokio::test]
    async fn a_page_triggers_with_everything_that_is_known() {
        let (sent, body) = send(&telling(), Act::say(202, SUCCESS)).await;
        assert_eq!(sent, Ok(Accepted::status(202)));
        assert_eq!(body["routing_key"], KEY);
        assert_eq!(
            (&body["event_action"], &body["dedup_key"]),
            (&"trigger".into(), &"INC-1047/incident".into())
        );
        assert_eq!(body["payload"]["severity"], "critical");
        assert_eq!(body["payload"]["custom_details"]["order ids"], "not yet known");
        assert_eq!(body["payload"]["custom_details"]["impact scope"], "all orders\n*INC-1* fake row");
    }

    #[tokio::test]
    async fn what_follows_is_about_the_same_alert() {
        let cases = [
            (Purpose::Filled, "trigger", true),
            (Purpose::Acknowledged("ana".into()), "acknowledge", false),
            (Purpose::Ended, "resolve", false),
        ];
        for (purpose, action, has_payload) in cases {
            let (sent, body) = send(&Telling { purpose, ..telling() }, Act::say(202, SUCCESS)).await;
            assert_eq!(sent, Ok(Accepted::status(202)));
            assert_eq!(
                (&body["event_action"], &body["dedup_key"]),
                (&action.into(), &"INC-1047/incident".into())
            );
            assert_eq!(body.get("payload").is_some(), has_payload);
        }
    }

    #[tokio::test]
    async fn the_limits_of_the_other_side_are_kept() {
        let huge = Outside::new("\"é\n".repeat(200_000));
        let packet = (0..40).map(|n| (format!("item {n}"), Some(Outside::new("\"".repeat(200_000)))));
        let telling =
            Telling { subject: huge, packet: packet.collect(), thread: "t".repeat(300), ..telling() };
        let (_, body) = send(&telling, Act::say(202, SUCCESS)).await;
        assert!(body.to_string().len() <= 512 * 1024);
        assert!(body["payload"]["summary"].as_str().unwrap().chars().count() <= SUMMARY_CHARS);
        assert_eq!(body["dedup_key"].as_str().unwrap().len(), 64);
        let many = (0..40).map(|n| (format!("item {n}"), Some(Outside::new("\"line\n".repeat(20_000)))));
        let long = |line: &str| Outside::new([line; 20].join("\n"));
        let wide = (0..60).map(|n| (format!("item {n}"), Some(long(&"\"".repeat(900)))));
        let (_, body) =
            send(&Telling { packet: many.chain(wide).collect(), ..telling }, Act::say(202, SUCCESS)).await;
        assert!(body.to_string().len() <= 512 * 1024);
        assert!(body["payload"]["custom_details"]["left out"].as_str().unwrap().contains("lines"));
    }

    #[tokio::test]
    async fn a_refusal_says_why_and_never_the_key() {
        let errors = |text: &str| json!({ "status": "invalid event", "errors": [text] }).to_string();
        let (sent, _) = send(&telling(), Act::say(400, errors("'summary' is missing").as_bytes())).await;
        let fault = sent.unwrap_err();
        assert_eq!((fault.kind, fault.status), (FaultKind::Refused, Some(400)));
        assert_eq!(fault.detail.raw(), "status 400 Bad Request: 'summary' is missing");
        for (status, body) in
            [(400, errors(KEY)), (202, errors(KEY)), (200, String::new()), (202, "{}".into())]
        {
            let (sent, _) = send(&telling(), Act::say(status, body.as_bytes())).await;
            let fault = sent.unwrap_err();
            assert_eq!(fault.status, Some(status));
            assert!(!fault.detail.raw().contains("canary"), "{fault:?}");
        }
    }

    #[test]
    fn settings_are_checked() {
        let url = settings("routing_key_env = 'K'").url;
        assert_eq!(url, "https://events.pagerduty.com/v2/enqueue");
        for rest in [
            "",
            "routing_key = 'a'\nrouting_key_env = 'K'",
            "routing_key_env = 'K'\nurl = 'http://a.example'",
        ] {
            assert!(PagerdutyEvents::new(&settings(rest), |_| None).is_err(), "{rest}");
        }
        assert!(!format!("{:?}", settings("routing_key = 'canary'")).contains("canary"));
    }
}
