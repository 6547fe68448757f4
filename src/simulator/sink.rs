//! Where what the demo and the tests say to people arrives: chat rooms, mailboxes, the status page.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::time::Time;

/// Messages that are kept; older ones make room.
const KEPT: usize = 500;
/// Where readers find the status page's updates.
const PAGE: &str = "status page";

/// A message that arrived in a room.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Posted {
    /// When.
    pub at: Time,
    /// In which room.
    pub channel: String,
    /// The body: its JSON, or its text.
    pub body: Value,
}

/// All rooms, and the incidents of the status page, the newest first.
#[derive(Debug, Default)]
pub struct Sink {
    posted: VecDeque<Posted>,
    series: Vec<Value>,
}

impl Sink {
    /// Takes a message.
    pub fn post(&mut self, at: Time, channel: String, body: &[u8]) {
        let body = serde_json::from_slice(body).unwrap_or_else(|_| json!(String::from_utf8_lossy(body)));
        self.keep(Posted { at, channel, body });
    }

    /// Takes a text as its reader sees it.
    pub fn read(&mut self, at: Time, channel: String, text: &str) {
        self.keep(Posted { at, channel, body: json!({ "text": text }) });
    }

    fn keep(&mut self, posted: Posted) {
        if self.posted.len() == KEPT {
            self.posted.pop_front();
        }
        self.posted.push_back(posted);
    }

    /// A new incident of the status page.
    pub fn begin_series(&mut self, at: Time, body: &Value) -> Value {
        let id = format!("sp{:06}", self.series.len() + 1);
        let name = body.pointer("/incident/name").cloned().unwrap_or_default();
        self.series.insert(0, json!({ "id": id, "name": name, "status": null, "incident_updates": [] }));
        self.go_on(at, &id, body).unwrap_or_default()
    }

    /// The next update of an incident of the status page; `None` when there is no such incident.
    pub fn go_on(&mut self, at: Time, id: &str, body: &Value) -> Option<Value> {
        let incident = self.series.iter_mut().find(|incident| incident.get("id") == Some(&json!(id)))?;
        let said = |key: &str| body.pointer(&format!("/incident/{key}")).cloned().unwrap_or_default();
        let update = json!({ "status": said("status"), "body": said("body"), "created_at": at });
        incident.get_mut("incident_updates")?.as_array_mut()?.insert(0, update);
        *incident.get_mut("status")? = said("status");
        let incident = incident.clone();
        let name = incident.get("name").and_then(Value::as_str).unwrap_or_default();
        let text = format!("{name}\n{}", said("body").as_str().unwrap_or_default());
        self.read(at, PAGE.to_owned(), &text);
        Some(incident)
    }

    /// The incidents of the status page, the newest first.
    pub fn series(&self) -> &[Value] {
        &self.series
    }

    /// The messages as a person reads them: the text of a chat message, else the JSON.
    pub fn texts(&self) -> Vec<(Time, String, String)> {
        let text = |body: &Value| match body.get("text").unwrap_or(body) {
            Value::String(text) => text.clone(),
            json => serde_json::to_string_pretty(json).unwrap_or_default(),
        };
        self.posted.iter().map(|posted| (posted.at, posted.channel.clone(), text(&posted.body))).collect()
    }

    /// The messages, oldest first; of one room where it is named.
    pub fn json(&self, channel: Option<&str>) -> Value {
        let posted: Vec<&Posted> = self
            .posted
            .iter()
            .filter(|posted| channel.is_none_or(|channel| posted.channel == channel))
            .collect();
        json!({ "messages": posted })
    }
}
