//! A page of Atlassian's Statuspage: a series of bulletins is an incident there.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::series::{self, at, is_name, named, reads_the_same, segment};
use super::{Accepted, Channel};
use crate::domain::bulletin::Posting;
use crate::domain::fault::Fault;
use crate::domain::text::Outside;
use crate::net::{Answer, Client, Connection, Environment, Limits, Login, LoginSettings, Request};

/// `[[channel]] kind = "statuspage"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What bulletins call it.
    pub name: String,
    /// The page's id.
    pub page: String,
    /// Where pages are managed.
    #[serde(default = "managed")]
    pub url: String,
    /// Where readers see the page; absent: at Statuspage, under its id.
    pub public_url: Option<String>,
    /// The ids of the components that an incident is about.
    #[serde(default)]
    pub components: Vec<String>,
    /// Whether its subscribers are told.
    #[serde(default = "series::yes")]
    pub notify: bool,
    /// The key of the page's owner.
    #[serde(flatten)]
    pub login: LoginSettings,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

fn managed() -> String {
    "https://api.statuspage.io".to_owned()
}

/// A page of Statuspage. It takes one request a second; quell sends one for a bulletin, and then reads every few
/// seconds until readers see it or two minutes are over: all together stay below that.
#[derive(Debug)]
pub struct Statuspage {
    name: String,
    incidents: String,
    published: String,
    components: Vec<String>,
    notify: bool,
    client: Client,
    reader: Client,
}

impl Statuspage {
    /// Makes a channel; fetches no secret yet and sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`](crate::domain::fault::FaultKind::Local) fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        if !is_name(&settings.page) {
            return Err(Fault::local(
                "page is no page's id; it is what stands after /pages/ in the page's settings",
            ));
        }
        let login = Login::with_token(&settings.login, environment)?.with_prefix("OAuth ");
        let client = Client::new(&settings.connection, login)?;
        let reader = Client::new(&settings.connection, Login::none())?;
        let public = settings.public_url.clone();
        let public = public.unwrap_or_else(|| format!("https://{}.statuspage.io", settings.page));
        client.check(&settings.url)?;
        reader.check(&public)?;
        Ok(Self {
            name: settings.name.clone(),
            incidents: format!("{}/v1/pages/{}/incidents", settings.url.trim_end_matches('/'), settings.page),
            published: format!("{}/api/v2/incidents.json", public.trim_end_matches('/')),
            components: settings.components.clone(),
            notify: settings.notify,
            client,
            reader,
        })
    }

    /// A new incident, or the next update of the one that the series is.
    fn request(&self, posting: &Posting) -> Result<Request, Fault> {
        let (subject, body) = (posting.subject.raw(), posting.body.raw());
        series::fits(subject, body)?;
        let mut incident = Map::from_iter([
            ("status".to_owned(), Value::from(posting.status.word())),
            ("body".to_owned(), body.into()),
            ("deliver_notifications".to_owned(), self.notify.into()),
        ]);
        let request = match &posting.series {
            Some(series) => {
                let url = format!("{}/{}", self.incidents, segment(series)?);
                Request::patch_json(url, &json!({ "incident": incident }))
            }
            None => {
                incident.insert("name".to_owned(), subject.into());
                if !self.components.is_empty() {
                    incident.insert("component_ids".to_owned(), self.components.clone().into());
                }
                Request::post_json(&self.incidents, &json!({ "incident": incident }))
            }
        };
        request.header("idempotency-key", &posting.key)
    }
}

#[async_trait]
impl Channel for Statuspage {
    fn name(&self) -> &str {
        &self.name
    }

    async fn post(&self, posting: &Posting) -> Result<Accepted, Fault> {
        let answer: Answer = self.client.send(&self.request(posting)?, Limits::WRITE).await?;
        let named = named(&answer, "/id")?;
        let reference = posting.series.clone().unwrap_or(named);
        Ok(Accepted { reference: Some(reference), ..Accepted::status(answer.status) })
    }

    fn can_be_read(&self) -> bool {
        true
    }

    async fn visible(&self, posting: &Posting, reference: &Outside) -> Result<Option<bool>, Fault> {
        let answer = self.reader.send(&Request::get(&self.published), Limits::READ).await?;
        let page = series::json(&answer)?;
        let list = |of: &Value, key: &str| at(of, key).as_array().cloned().unwrap_or_default();
        let ours = |incident: &Value| *at(incident, "/id") == reference.raw();
        let incidents = list(&page, "/incidents");
        let updates = incidents.iter().filter(|incident| ours(incident));
        let updates: Vec<Value> = updates.flat_map(|incident| list(incident, "/incident_updates")).collect();
        let is_there = |update: &Value| {
            *at(update, "/status") == posting.status.word()
                && reads_the_same(at(update, "/body"), &posting.body)
        };
        Ok(Some(updates.iter().any(is_there)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::posting;
    use crate::domain::bulletin::Status;
    use crate::domain::fault::FaultKind;
    use crate::net::peer::{Act, Peer};

    fn page(peer: &Peer, rest: &str) -> Statuspage {
        let url = peer.url("/");
        let settings = format!(
            "name = 'page'\npage = 'kctbh9vrtdwd'\nurl = '{url}'\npublic_url = '{url}'\ntoken_env = 'T'\n{rest}"
        );
        Statuspage::new(&toml::from_str(&settings).unwrap(), |_| Some("canary".to_owned())).unwrap()
    }

    fn sent(peer: &Peer) -> (String, Value) {
        let seen = peer.seen().concat();
        let (head, body) = seen.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap())
    }

    #[tokio::test]
    async fn a_series_begins_with_an_incident() {
        let peer = Peer::new([Act::say(201, br#"{"id":"p31zjtct2jer"}"#)]);
        let accepted = page(&peer, "components = ['c1']").post(&posting()).await.unwrap();
        assert_eq!(accepted.reference, Some(Outside::new("p31zjtct2jer")));
        let (head, body) = sent(&peer);
        assert!(head.starts_with("POST /v1/pages/kctbh9vrtdwd/incidents HTTP/1.1"), "{head}");
        assert!(
            head.contains("authorization: OAuth canary") && head.contains("idempotency-key: b1"),
            "{head}"
        );
        assert_eq!(
            body["incident"],
            json!({ "name": "Orders are delayed", "status": "investigating", "body": posting().body.raw(),
                    "deliver_notifications": true, "component_ids": ["c1"] })
        );
    }

    #[tokio::test]
    async fn it_goes_on_and_ends_with_updates() {
        let peer = Peer::new([Act::say(200, br#"{"id":"p31zjtct2jer"}"#)]);
        let last =
            Posting { series: Some(Outside::new("p31zjtct2jer")), status: Status::Resolved, ..posting() };
        page(&peer, "notify = false").post(&last).await.unwrap();
        let (head, body) = sent(&peer);
        assert!(head.starts_with("PATCH /v1/pages/kctbh9vrtdwd/incidents/p31zjtct2jer HTTP/1.1"), "{head}");
        assert_eq!(
            (&body["incident"]["status"], &body["incident"]["name"]),
            (&"resolved".into(), &Value::Null)
        );
        assert_eq!(body["incident"]["deliver_notifications"], false);
    }

    #[tokio::test]
    async fn what_cannot_stand_in_an_address_or_is_too_long_never_leaves() {
        let peer = Peer::new([Act::say(200, b"{}")]);
        let elsewhere = Posting { series: Some(Outside::new("../../pages/other")), ..posting() };
        let long = Posting { body: Outside::new("é".repeat(25_001)), ..posting() };
        for refused in [elsewhere, long] {
            assert_eq!(page(&peer, "").post(&refused).await.unwrap_err().kind, FaultKind::Local);
        }
        assert!(peer.seen().is_empty());
    }

    #[tokio::test]
    async fn being_asked_to_slow_down_is_no_posting() {
        let peer = Peer::new([Act::head(420, &[("retry-after", "9")], b"")]);
        let fault = page(&peer, "").post(&posting()).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Throttled);
        assert_eq!(fault.outcome(), crate::domain::action::Outcome::Refused);
    }

    #[tokio::test]
    async fn readers_see_it_when_the_page_shows_the_same_words_and_status() {
        let of = |id: &str, status: &str, body: &str| {
            let updates = json!([{ "status": status, "body": body }]);
            json!({ "incidents": [{ "id": id, "incident_updates": updates }] })
        };
        let words = posting().body.raw().replace('\n', " ");
        for (shown, expected) in [
            (of("p1", "investigating", &words), true),
            (of("p1", "identified", &words), false),
            (of("p1", "investigating", "something else"), false),
            (of("p2", "investigating", &words), false),
            (json!({ "incidents": [] }), false),
        ] {
            let peer = Peer::new([Act::say(200, shown.to_string().as_bytes())]);
            let visible = page(&peer, "").visible(&posting(), &Outside::new("p1")).await;
            assert_eq!(visible, Ok(Some(expected)), "{shown}");
            let seen = peer.seen().concat();
            assert!(seen.starts_with("GET /api/v2/incidents.json") && !seen.contains("canary"), "{seen}");
        }
    }
}
