//! A configured containment, as written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::query::Query;
use super::time::Span;

/// What confirms a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirm {
    /// A bare Enter, for harmless ones.
    Enter,
    /// The target, typed.
    #[default]
    TypeTarget,
}

/// Where a parameter's value came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// An alert's label: untrusted.
    Label(String),
    /// Typed or given on the command line.
    Person,
    /// The playbook's own default.
    Default,
}

/// One typed value a playbook needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name in templates.
    pub name: String,
    /// `label:KEY`: prefilled from that label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Refused unless it matches the whole of this regular expression.
    pub allow: String,
    /// Used when nothing else gives a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

impl Parameter {
    /// The label it is prefilled from.
    pub fn label(&self) -> Option<&str> {
        self.from.as_deref()?.strip_prefix("label:")
    }
}

/// One HTTP call, its parts still templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The `[[api]]` it goes through.
    pub api: String,
    /// `GET` unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path; each `{{name}}` fills one segment, or a part of one.
    pub path: String,
    /// Headers; values may be templates.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body; strings in it may be templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<serde_json::Value>,
    /// Look-up only: JSON pointers to show.
    #[serde(default)]
    pub show: Vec<String>,
    /// Look-up only: JSON pointer → the value at which the target is refused.
    #[serde(default)]
    pub refuse: BTreeMap<String, serde_json::Value>,
    /// Verify only: JSON pointer → the value that proves it.
    #[serde(default)]
    pub expect: BTreeMap<String, serde_json::Value>,
    /// Verify only: how long the read-back may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Undo only: JSON pointer → the value that proves it, read at verify's path.
    #[serde(default)]
    pub expect_after: BTreeMap<String, serde_json::Value>,
}

/// One way to carry out something: a call or a program, of which exactly one is set; the check says so. Beside `exec`
/// stands what else holds for the program; for a call that stands within `http`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carry {
    /// An HTTP call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Call>,
    /// A program and its arguments; each may hold `{{name}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<Vec<String>>,
    /// The names of the variables the program is given of quell's own environment.
    #[serde(default)]
    env: Vec<String>,
    /// How long the program may run; for verify, how long the read-back may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<Span>,
    /// Exit codes with which the program says that it did nothing.
    #[serde(default)]
    refused: Vec<i32>,
    /// As in a call, for what the program prints.
    #[serde(default)]
    show: Vec<String>,
    /// As in a call, for what the program prints.
    #[serde(default)]
    refuse: BTreeMap<String, serde_json::Value>,
    /// As in a call, for what the program prints; without any, its success suffices.
    #[serde(default)]
    expect: BTreeMap<String, serde_json::Value>,
    /// As in a call.
    #[serde(default)]
    expect_after: BTreeMap<String, serde_json::Value>,
}

impl Carry {
    /// The variables that pass through to its program.
    pub fn env(&self) -> &[String] {
        &self.env
    }

    /// The exit codes of its program that are a no.
    pub fn refused(&self) -> &[i32] {
        &self.refused
    }

    /// How long it may take, where it says so.
    pub fn within(&self) -> Option<Span> {
        self.http.as_ref().map_or(self.within, |call| call.within)
    }

    /// Look-up only: JSON pointers to show.
    pub fn show(&self) -> &[String] {
        self.http.as_ref().map_or(&self.show, |call| &call.show)
    }

    /// Look-up only: JSON pointer → the value at which the target is refused.
    pub fn refuse(&self) -> &BTreeMap<String, serde_json::Value> {
        self.http.as_ref().map_or(&self.refuse, |call| &call.refuse)
    }

    /// Verify only: JSON pointer → the value that proves it.
    pub fn expect(&self) -> &BTreeMap<String, serde_json::Value> {
        self.http.as_ref().map_or(&self.expect, |call| &call.expect)
    }

    /// Undo only: JSON pointer → the value that proves it, read as verify reads.
    pub fn expect_after(&self) -> &BTreeMap<String, serde_json::Value> {
        self.http.as_ref().map_or(&self.expect_after, |call| &call.expect_after)
    }
}

/// A configured containment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The incidents it applies to.
    #[serde(default = "Query::everything")]
    pub when: Query,
    /// What it does to whom.
    pub blast: String,
    /// The parameter that names what is hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What confirms it.
    #[serde(default)]
    pub confirm: Confirm,
    /// Second persons who must approve; this build refuses more than none at load.
    #[serde(default)]
    pub approvals: u32,
    /// The other side recognises a repeated key.
    #[serde(default)]
    pub idempotent: bool,
    /// The header that carries the key.
    #[serde(default = "idempotency_header")]
    pub key_header: String,
    /// The typed values it needs.
    #[serde(default)]
    pub parameter: Vec<Parameter>,
    /// The target's authoritative record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Carry>,
    /// A failed look-up passes, recorded as "target not verified".
    #[serde(default)]
    pub lookup_optional: bool,
    /// The change.
    #[serde(rename = "do")]
    pub carry: Carry,
    /// The read-back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<Carry>,
    /// The reversal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Carry>,
}

fn idempotency_header() -> String {
    "Idempotency-Key".to_owned()
}
