//! A configured containment, as written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::parameter::Parameter;
use super::plan::Meant;
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

/// Who must permit it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Class {
    /// It changes the world: only while actions are on.
    #[default]
    Change,
    /// It tells people, or says who holds it: as its source permits.
    Tell,
}

/// One HTTP call, its parts still templates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Look-up and verify, of a source's own: what of the answer is meant. Its values are templates.
    #[serde(skip)]
    pub meant: Meant,
    /// Look-up of a source's own: values of the answer that the change may name as `found.NAME`.
    #[serde(skip)]
    pub take: BTreeMap<String, String>,
    /// Look-up of a source's own: the answer is a list of all that is hit, of at most so many.
    #[serde(skip)]
    pub most: Option<u32>,
    /// Look-up of a source's own: the name of a moment that was taken; what is asked for lasts longer.
    #[serde(skip)]
    pub outlasts: Option<String>,
    /// Look-up of a source's own: what counts all that is hit by what was found.
    #[serde(skip)]
    pub counts: Option<Box<Self>>,
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

impl From<Call> for Carry {
    fn from(call: Call) -> Self {
        Self { http: Some(call), ..Self::default() }
    }
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

    /// As in a call: what of the answer is meant.
    pub fn meant(&self) -> Option<&Meant> {
        self.http.as_ref().map(|call| &call.meant)
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

/// Evidence that is read before the change, which may destroy it. Exactly one way to read is set; the check says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// What it is called.
    pub name: String,
    /// The read, as an HTTP call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Call>,
    /// The read, as a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<Vec<String>>,
    /// The names of the variables the program is given of quell's own environment.
    #[serde(default)]
    pub env: Vec<String>,
    /// How long it may take; the change goes on without it then.
    #[serde(default = "before_within")]
    pub within: Span,
}

impl Before {
    /// The longest it may take: a change that waits much longer does not stop what burns.
    pub const LONGEST: Span = Span::secs(30);

    /// How it is read.
    pub fn carry(&self) -> Carry {
        let Self { http, exec, env, within, .. } = self.clone();
        Carry { http, exec, env, within: Some(within), ..Carry::default() }
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
    /// Who must permit it; what is configured changes the world.
    #[serde(skip)]
    pub class: Class,
    /// What confirms it.
    #[serde(default)]
    pub confirm: Confirm,
    /// Second persons who must approve: none, or one.
    #[serde(default)]
    pub approvals: u32,
    /// The other side recognises a repeated key.
    #[serde(default)]
    pub idempotent: bool,
    /// For how long it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_lifetime: Option<Span>,
    /// How many targets one confirmation may be about.
    #[serde(default = "one")]
    pub max_targets: u32,
    /// How often it may be carried out within an hour, by everybody together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<u32>,
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
    /// What is read and kept before the change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Before>,
    /// The change.
    #[serde(rename = "do")]
    pub carry: Carry,
    /// The read-back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<Carry>,
    /// The reversal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Carry>,
    /// What is looked up for the reversal, where that is something else than for the change.
    #[serde(skip)]
    pub undo_lookup: Option<Carry>,
    /// Of a source's own: why it cannot be asked for, where that is known before it is tried.
    #[serde(skip)]
    pub barred: Option<String>,
}

impl Playbook {
    /// One of a source that does nothing yet.
    pub fn new(id: String, title: String, blast: &str) -> Self {
        Self {
            id,
            title,
            when: Query::everything(),
            blast: blast.to_owned(),
            target: None,
            class: Class::Change,
            confirm: Confirm::TypeTarget,
            approvals: 0,
            idempotent: false,
            key_lifetime: None,
            max_targets: one(),
            per_hour: None,
            key_header: idempotency_header(),
            parameter: Vec::new(),
            lookup: None,
            lookup_optional: false,
            before: Vec::new(),
            carry: Carry::default(),
            verify: None,
            undo: None,
            undo_lookup: None,
            barred: None,
        }
    }

    /// The source whose own it is, where it is one's: only what that source says is meant by it.
    pub fn source(&self) -> Option<&str> {
        self.id.split_once('/').map(|(source, _)| source)
    }

    /// What is looked up before it is done, or undone.
    pub fn lookup_for(&self, undoing: bool) -> Option<&Carry> {
        self.undo_lookup.as_ref().filter(|_| undoing).or(self.lookup.as_ref())
    }

    /// Whether one confirmation may be about so many targets.
    ///
    /// # Errors
    /// A sentence that says how many it may be about.
    pub fn takes(&self, targets: usize) -> Result<(), String> {
        let most = usize::try_from(self.max_targets).unwrap_or(usize::MAX);
        match targets <= most {
            true => Ok(()),
            false => Err(format!("{} takes {most} at once, not {targets} (max_targets)", self.id)),
        }
    }
}

/// No playbook takes more targets at once, whatever its `max_targets`.
pub const MOST_TARGETS: u32 = 10;

/// What a person types to confirm a playbook for so many targets at once.
pub fn together(playbook: &str, targets: usize) -> String {
    format!("{playbook} {targets}")
}

fn one() -> u32 {
    1
}

fn idempotency_header() -> String {
    "Idempotency-Key".to_owned()
}

fn before_within() -> Span {
    Span::secs(5)
}
