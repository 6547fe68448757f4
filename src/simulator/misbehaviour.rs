//! Switches with which a test makes the exchange answer badly.

use axum::http::Method;
use serde::{Deserialize, Serialize};

/// What is done to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misbehaviour {
    /// Wait so many milliseconds, then do as usual.
    DelayMs(u64),
    /// Do nothing and never answer.
    Hang,
    /// Do nothing and answer with this status.
    Status(u16),
    /// Do nothing and reset the connection.
    Drop,
    /// Do it, then never answer.
    ApplyThenHang,
    /// Do it, then reset the connection.
    ApplyThenDrop,
}

/// A switch: which requests, how many of them, and what is done to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// What the path must begin with.
    pub path: String,
    /// The method; every one where it is absent.
    #[serde(default)]
    pub method: Option<String>,
    /// How many requests are left to it.
    #[serde(default = "once")]
    pub times: u32,
    /// What is done.
    pub how: Misbehaviour,
}

fn once() -> u32 {
    1
}

/// The switches that are on, oldest first.
#[derive(Debug, Default)]
pub struct Switches(Vec<Switch>);

impl Switches {
    /// Turns one on.
    pub fn add(&mut self, switch: Switch) {
        self.0.push(switch);
    }

    /// Turns all off.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Those that are on.
    pub fn on(&self) -> &[Switch] {
        &self.0
    }

    /// What is done to this request, by the first switch it matches.
    pub fn take(&mut self, method: &Method, path: &str) -> Option<Misbehaviour> {
        let hit = self.0.iter_mut().find(|switch| {
            let method_fits =
                switch.method.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(method.as_str()));
            switch.times > 0 && path.starts_with(&switch.path) && method_fits
        })?;
        hit.times -= 1;
        let how = hit.how;
        self.0.retain(|switch| switch.times > 0);
        Some(how)
    }
}
