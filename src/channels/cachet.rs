//! A Cachet 3 status page: a series of bulletins is an incident there, and what follows are its updates.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::series::{self, at, named, reads_the_same, segment};
use super::{Accepted, Channel};
use crate::domain::bulletin::{Posting, Status};
use crate::domain::fault::Fault;
use crate::domain::text::Outside;
use crate::net::{Client, Connection, Environment, Limits, Login, LoginSettings, Request};

/// `[[channel]] kind = "cachet"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What bulletins call it.
    pub name: String,
    /// Where the page is; `/api` is added to it.
    pub url: String,
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

/// A Cachet status page.
#[derive(Debug)]
pub struct Cachet {
    name: String,
    incidents: String,
    notify: bool,
    client: Client,
    reader: Client,
}

impl Cachet {
    /// Makes a channel; fetches no secret yet and sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`](crate::domain::fault::FaultKind::Local) fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::new(&settings.connection, Login::with_token(&settings.login, environment)?)?;
        client.check(&settings.url)?;
        Ok(Self {
            name: settings.name.clone(),
            incidents: format!("{}/api/incidents", settings.url.trim_end_matches('/')),
            notify: settings.notify,
            client,
            // As readers see the page: not logged in.
            reader: Client::new(&settings.connection, Login::none())?,
        })
    }

    fn request(&self, posting: &Posting) -> Result<Request, Fault> {
        let (subject, body) = (posting.subject.raw(), posting.body.raw());
        series::fits(subject, body)?;
        let status = number(posting.status);
        let request = match &posting.series {
            Some(series) => {
                let url = format!("{}/{}/updates", self.incidents, segment(series)?);
                Request::post_json(url, &json!({ "status": status, "message": body }))
            }
            None => Request::post_json(
                &self.incidents,
                &json!({
                    "name": subject,
                    "status": status,
                    "message": body,
                    "visible": true,
                    "notifications": self.notify,
                }),
            ),
        };
        request.header("idempotency-key", &posting.key)
    }

    /// What the page says at an address, to whoever asks; `None` when nothing is there for them.
    async fn read(&self, url: String) -> Result<Option<Value>, Fault> {
        match self.reader.send(&Request::get(url), Limits::READ).await {
            Ok(answer) => Ok(Some(series::json(&answer)?)),
            Err(fault) if fault.status == Some(404) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

#[async_trait]
impl Channel for Cachet {
    fn name(&self) -> &str {
        &self.name
    }

    async fn post(&self, posting: &Posting) -> Result<Accepted, Fault> {
        let answer = self.client.send(&self.request(posting)?, Limits::WRITE).await?;
        let named = named(&answer, "/data/id")?;
        // What answers an update is the update's own name.
        let reference = posting.series.clone().unwrap_or(named);
        Ok(Accepted { reference: Some(reference), ..Accepted::status(answer.status) })
    }

    fn can_be_read(&self) -> bool {
        true
    }

    async fn visible(&self, posting: &Posting, reference: &Outside) -> Result<Option<bool>, Fault> {
        let url = format!("{}/{}", self.incidents, segment(reference)?);
        let Some(incident) = self.read(url.clone()).await? else { return Ok(Some(false)) };
        if posting.series.is_none() {
            return Ok(Some(reads_the_same(at(&incident, "/data/attributes/message"), &posting.body)));
        }
        let updates =
            self.read(format!("{url}/updates?per_page=50&sort=-created_at")).await?.unwrap_or_default();
        let status = number(posting.status);
        let is_there = |update: &Value| {
            *at(update, "/attributes/status/value") == status
                && reads_the_same(at(update, "/attributes/message"), &posting.body)
        };
        Ok(Some(at(&updates, "/data").as_array().is_some_and(|updates| updates.iter().any(is_there))))
    }
}

/// A status as Cachet counts them.
fn number(status: Status) -> u8 {
    match status {
        Status::Investigating => 1,
        Status::Identified => 2,
        Status::Monitoring => 3,
        Status::Resolved => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::posting;
    use crate::domain::fault::FaultKind;
    use crate::net::peer::{Act, Peer};

    fn page(peer: &Peer) -> Cachet {
        let settings = format!("name = 'page'\nurl = '{}'\ntoken_env = 'T'", peer.url("/status/"));
        Cachet::new(&toml::from_str(&settings).unwrap(), |_| Some("canary".to_owned())).unwrap()
    }

    fn second() -> Posting {
        Posting { series: Some(Outside::new("7")), status: Status::Resolved, ..posting() }
    }

    #[tokio::test]
    async fn a_series_begins_with_an_incident_and_ends_with_an_update() {
        let peer = Peer::new([
            Act::say(201, br#"{"data":{"id":"7","type":"incidents"}}"#),
            Act::say(201, br#"{"data":{"id":"19","type":"updates"}}"#),
        ]);
        let page = page(&peer);
        for posting in [posting(), second()] {
            assert_eq!(page.post(&posting).await.unwrap().reference, Some(Outside::new("7")));
        }
        let seen = peer.seen();
        let body =
            |n: usize| serde_json::from_str::<Value>(seen[n].split_once("\r\n\r\n").unwrap().1).unwrap();
        assert!(seen[0].starts_with("POST /status/api/incidents HTTP/1.1"), "{}", seen[0]);
        assert!(seen[0].contains("authorization: Bearer canary"), "{}", seen[0]);
        assert_eq!(
            body(0),
            json!({ "name": "Orders are delayed", "status": 1, "message": posting().body.raw(), "visible": true,
                    "notifications": true })
        );
        assert!(seen[1].starts_with("POST /status/api/incidents/7/updates HTTP/1.1"), "{}", seen[1]);
        assert_eq!(body(1), json!({ "status": 4, "message": posting().body.raw() }));
    }

    #[tokio::test]
    async fn readers_see_what_the_page_shows_to_whoever_asks() {
        let say = |value: Value| Act::say(200, value.to_string().as_bytes());
        let first = |text: &str| say(json!({ "data": { "id": "7", "attributes": { "message": text } } }));
        let body = posting().body.raw().to_owned();
        let update = |status: u8| {
            let said = json!({ "message": body, "status": { "value": status } });
            say(json!({ "data": [{ "id": "19", "attributes": said }] }))
        };
        let cases = [
            (posting(), vec![first(&body)], true),
            (posting(), vec![first("something else")], false),
            (posting(), vec![Act::say(404, b"")], false),
            (second(), vec![first("x"), update(4)], true),
            (second(), vec![first("x"), update(3)], false),
        ];
        for (posting, acts, expected) in cases {
            let peer = Peer::new(acts);
            let visible = page(&peer).visible(&posting, &Outside::new("7")).await;
            assert_eq!(visible, Ok(Some(expected)), "{:?}", peer.seen());
            assert!(!peer.seen().concat().contains("canary"));
        }
    }

    #[tokio::test]
    async fn a_series_that_leads_elsewhere_never_leaves() {
        let peer = Peer::new([Act::say(200, b"{}")]);
        let elsewhere = Posting { series: Some(Outside::new("7/../8")), ..posting() };
        assert_eq!(page(&peer).post(&elsewhere).await.unwrap_err().kind, FaultKind::Local);
        let asked = page(&peer).visible(&posting(), &Outside::new("..")).await;
        assert_eq!(asked.unwrap_err().kind, FaultKind::Local);
        assert!(peer.seen().is_empty());
    }
}
