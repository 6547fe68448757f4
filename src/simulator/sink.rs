//! Where chat messages of the demo and of tests arrive.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::time::Time;

/// Messages that are kept; older ones make room.
const KEPT: usize = 500;

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

/// All rooms.
#[derive(Debug, Default)]
pub struct Sink(VecDeque<Posted>);

impl Sink {
    /// Takes a message.
    pub fn post(&mut self, at: Time, channel: String, body: &[u8]) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        let body = serde_json::from_slice(body).unwrap_or_else(|_| json!(String::from_utf8_lossy(body)));
        self.0.push_back(Posted { at, channel, body });
    }

    /// The messages as a person reads them: the text of a chat message, else the JSON.
    pub fn texts(&self) -> Vec<(Time, String, String)> {
        let text = |body: &Value| match body.get("text").unwrap_or(body) {
            Value::String(text) => text.clone(),
            json => serde_json::to_string_pretty(json).unwrap_or_default(),
        };
        self.0.iter().map(|posted| (posted.at, posted.channel.clone(), text(&posted.body))).collect()
    }

    /// The messages, oldest first; of one room where it is named.
    pub fn json(&self, channel: Option<&str>) -> Value {
        let posted: Vec<&Posted> =
            self.0.iter().filter(|posted| channel.is_none_or(|channel| posted.channel == channel)).collect();
        json!({ "messages": posted })
    }
}
