//! What leaves the machine, to the letter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::bulletin::{Bulletin, Posting, VerificationCode};
use crate::domain::id::IncidentId;
use crate::domain::severity::Severity;
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::Span;

/// A literal HTTP request; names its credentials, never holds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// The `[[api]]` whose host and credentials are used.
    pub api: String,
    /// The method, in capitals.
    pub method: String,
    /// The whole URL as it will be called.
    pub url: String,
    /// Headers beside those of the api.
    pub headers: BTreeMap<String, String>,
    /// The body, byte for byte.
    pub body: Option<String>,
    /// Where it goes instead, in this order, if it certainly did not reach the one before: peers of one cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<String>,
}

/// A literal program run: no shell, nothing of quell's environment but what is named here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The program's absolute path, then its arguments as they are passed.
    pub argv: Vec<String>,
    /// Variables set for it; never a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The names of variables that are passed on from quell's own environment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass: Vec<String>,
    /// How long it may run before its process group is ended.
    pub within: Span,
    /// The exit codes with which it says no: nothing was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<i32>,
}

/// Why people are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Somebody must come.
    Page,
    /// What was not yet known is known now.
    Filled,
    /// This person holds it: nobody is paged further.
    Acknowledged(String),
    /// It is over.
    Ended,
    /// It goes on in this one.
    Merged(IncidentId),
    /// It is not over, although they were told that it was.
    Reopened,
}

impl Purpose {
    /// The word of a key and of JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Filled => "filled",
            Self::Acknowledged(_) => "acknowledged",
            Self::Ended => "ended",
            Self::Merged(_) => "merged",
            Self::Reopened => "reopened",
        }
    }
}

/// A message to people, through configured channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// About which incident.
    pub incident: IncidentId,
    /// The path and the step of it (from 1) that is sent.
    pub path: String,
    /// From 1.
    pub step: u32,
    /// Why.
    pub purpose: Purpose,
    /// The names of the channels.
    pub to: Vec<String>,
    /// The dedup key: the same for every attempt at this message.
    pub key: String,
    /// The same for all messages of one path about one incident: what keeps them together at the other side.
    pub thread: String,
    /// How bad the incident is.
    pub severity: Severity,
    /// One line.
    pub subject: Outside,
    /// The packet, item by item; a missing value is said as such.
    pub packet: Vec<(String, Option<Outside>)>,
}

impl Telling {
    /// The items of the packet that are not known yet.
    pub fn missing(&self) -> Vec<String> {
        self.packet.iter().filter(|(_, value)| value.is_none()).map(|(item, _)| item.clone()).collect()
    }
}

/// A bulletin as it leaves: what it says, and to the letter how each channel says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// What it says.
    pub bulletin: Bulletin,
    /// The incident's verification code.
    pub code: VerificationCode,
    /// Channel by channel.
    pub postings: Vec<Posting>,
}

/// One call outside, of which one answer comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Invocation {
    /// An HTTP call through an api.
    Http(HttpRequest),
    /// A program.
    Exec(Program),
}

impl Invocation {
    /// It in one line, each part exact: `GET https://…`, or the program and its arguments.
    pub fn line(&self) -> String {
        let exact = |part: &String| SafeText::exact(part).to_string();
        match self {
            Self::Http(request) => format!("{} {}", exact(&request.method), exact(&request.url)),
            Self::Exec(program) => program.argv.iter().map(exact).collect::<Vec<_>>().join(" "),
        }
    }
}

impl From<HttpRequest> for Invocation {
    fn from(request: HttpRequest) -> Self {
        Self::Http(request)
    }
}

/// What leaves the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Request {
    /// An HTTP call through an api.
    Http(HttpRequest),
    /// A program.
    Exec(Program),
    /// A message through channels.
    Tell(Telling),
    /// A bulletin, channel by channel.
    Publish(Publication),
}

impl Request {
    /// The one call it is, where it is one.
    pub fn invocation(&self) -> Option<Invocation> {
        match self {
            Self::Http(request) => Some(Invocation::Http(request.clone())),
            Self::Exec(program) => Some(Invocation::Exec(program.clone())),
            Self::Tell(_) | Self::Publish(_) => None,
        }
    }
}

impl From<Invocation> for Request {
    fn from(invocation: Invocation) -> Self {
        match invocation {
            Invocation::Http(request) => Self::Http(request),
            Invocation::Exec(program) => Self::Exec(program),
        }
    }
}
