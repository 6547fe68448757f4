//! The literal rendered action: what is shown is what runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::action::{ActionId, Stage, Verb};
use super::id::IncidentId;
use super::incident::Incident;
use super::listing::Listed;
use super::parameter::{Kind, Origin};
use super::playbook::Confirm;
use super::severity::Severity;
use super::text::{Outside, SafeText};
use super::time::{Span, Time};

mod ended;
mod request;
pub mod sheet;

pub use ended::Ended;
pub use request::{HttpRequest, Invocation, Program, Publication, Purpose, Request, Telling};

/// SHA-256 over a plan's action and basis, lower-case hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanHash(pub String);

/// Characters of a hash that rows show.
const SHORT: usize = 12;

impl PlanHash {
    /// As rows show it.
    pub fn short(&self) -> &str {
        self.0.get(..SHORT).unwrap_or(&self.0)
    }

    /// Whether a person who types this means it: all of it, or at least what rows show.
    pub fn is_meant_by(&self, typed: &Self) -> bool {
        *self == *typed || typed.0.len() >= SHORT && self.0.starts_with(&typed.0)
    }
}

/// How the effect is read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verify {
    /// The read.
    pub read: Invocation,
    /// What of the answer it is about.
    #[serde(flatten)]
    pub meant: Meant,
    /// JSON pointer → the value that proves it.
    pub expect: BTreeMap<String, serde_json::Value>,
    /// How long the read-back may take to agree.
    pub within: Span,
}

impl Verify {
    /// Whether another one asks the same of the same, whatever it expects there: who is asked, and as whom, can stand in
    /// a header or a variable as well as in the address.
    pub fn is_at(&self, other: &Self) -> bool {
        let Meant { list, among, since: _, listed } = &self.meant;
        let there = &other.meant;
        self.read == other.read && (list, among, listed) == (&there.list, &there.among, &there.listed)
    }
}

/// What of an answer a read is about; without any of these, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meant {
    /// The list that is meant, where the answer only holds one: a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Of a list, the first element that has these: JSON pointer → value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub among: BTreeMap<String, serde_json::Value>,
    /// And is not older: JSON pointer → the moment from which on it counts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub since: BTreeMap<String, String>,
    /// Of a list of incidents, which may have pages, this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listed>,
}

impl Meant {
    /// Whether all of an answer is meant.
    pub fn is_all(&self) -> bool {
        let Self { list, among, since, listed } = self;
        list.is_none() && among.is_empty() && since.is_empty() && listed.is_none()
    }

    /// Whether an element of a list is the one.
    pub fn is(&self, element: &serde_json::Value) -> bool {
        let moment = |text: &str| text.parse::<Time>().ok();
        let young = |(at, since): (&String, &String)| {
            let at = element.pointer(at).and_then(|at| moment(at.as_str()?));
            at.zip(moment(since)).is_some_and(|(at, since)| at >= since)
        };
        self.among.iter().all(|(at, wanted)| element.pointer(at) == Some(wanted))
            && self.since.iter().all(young)
    }
}

/// What the target's authoritative record said when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookUp {
    /// The read.
    pub read: Invocation,
    /// JSON pointer → value, of the pointers to show.
    pub shown: Vec<(String, Outside)>,
    /// Over the pointers in `show`, `refuse` and `take` only.
    pub digest: String,
    /// Values that the change names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub taken: BTreeMap<String, serde_json::Value>,
    /// How many are hit, where that is what was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hits: Option<u32>,
    /// Why it could not be read, when that is allowed.
    pub unverified: Option<Outside>,
}

/// How many more may be hit than were shown: twice as many, and a few.
const FEW: u32 = 10;

impl LookUp {
    /// One that has found nothing yet.
    pub fn of(read: Invocation) -> Self {
        let (shown, digest, taken) = (Vec::new(), String::new(), BTreeMap::new());
        Self { read, shown, digest, taken, hits: None, unverified: None }
    }

    /// The same look-up made again. That it hits a few more or less than were shown changes nothing.
    #[must_use]
    pub fn after(self, before: &Self) -> Self {
        match (before.hits, self.hits) {
            (Some(was), Some(is)) if is <= was.saturating_mul(2).saturating_add(FEW) => {
                Self { digest: before.digest.clone(), ..self }
            }
            _ => self,
        }
    }

    /// What it says now of what was shown: `/status was active, is now frozen`.
    pub fn words_since(&self, now: &Self) -> String {
        if let Some(why) = &now.unverified {
            return format!("its own record cannot be read now: {}", why.raw());
        }
        let moved = self.shown.iter().filter_map(|(at, was)| {
            let (_, is) = now.shown.iter().find(|(there, is)| there == at && is != was)?;
            Some(format!("{at} was {}, is now {}", was.raw(), is.raw()))
        });
        let moved: Vec<String> = moved.collect();
        match moved.is_empty() {
            false => moved.join(", "),
            true if now.digest == self.digest => "its own record still says what was shown".to_owned(),
            true => "its own record has changed".to_owned(),
        }
    }

    /// What the record says, each part exact: `/owner = M. Okafor, /tier = retail`.
    pub fn words(&self) -> String {
        let each = |(at, value): &(String, Outside)| format!("{} = {}", SafeText::exact(at), value.exact());
        self.shown.iter().map(each).collect::<Vec<_>>().join(", ")
    }
}

/// Read-only evidence that is taken before a change destroys it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// Its name.
    pub name: String,
    /// The read.
    pub read: Invocation,
    /// How long it may take; the change goes on without it then.
    pub within: Span,
}

/// A parameter's value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// The value.
    pub value: Outside,
    /// Where it came from.
    pub origin: Origin,
    /// What kind of value it is.
    #[serde(default, skip_serializing_if = "Kind::is_string")]
    pub kind: Kind,
}

/// What a plan was made on; if it changes, the plan is void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The incident.
    pub incident: IncidentId,
    /// Open or closed.
    pub open: bool,
    /// Its severity.
    pub severity: Severity,
    /// Its owner.
    pub owner: Option<String>,
    /// The parameter values used.
    pub parameters: BTreeMap<String, Outside>,
    /// The look-up's digest.
    pub look_up: Option<String>,
    /// All earlier actions of any stage on that (verb, playbook or path, target).
    pub earlier: Vec<(ActionId, Stage)>,
    /// What an undo ends as well: these, and no others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ends: Vec<Ended>,
}

impl Basis {
    /// What differs in `now`, in words a person can act on. Empty when nothing does.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut out = Vec::new();
        let mut note = |what: &str, was: String, is: String| {
            if was != is {
                out.push(format!("{what} was {was}, is now {is}"));
            }
        };
        let openness = |open: bool| if open { "open" } else { "closed" }.to_owned();
        let person = |who: &Option<String>| who.clone().unwrap_or_else(|| "nobody".to_owned());
        note("the incident", openness(self.open), openness(now.open));
        note("severity", self.severity.word().into(), now.severity.word().into());
        note("the owner", person(&self.owner), person(&now.owner));
        for key in
            self.parameters.keys().chain(now.parameters.keys()).collect::<std::collections::BTreeSet<_>>()
        {
            let exact = |of: &Self| {
                of.parameters.get(key).map_or_else(|| "absent".to_owned(), |v| v.exact().to_string())
            };
            note(key, exact(self), exact(now));
        }
        let earlier = |of: &Self| {
            let words: Vec<_> =
                of.earlier.iter().map(|(id, stage)| format!("#{id} {}", stage.word())).collect();
            if words.is_empty() { "none".to_owned() } else { words.join(", ") }
        };
        note("earlier actions on this target", earlier(self), earlier(now));
        if self.look_up != now.look_up {
            out.push("the target's own record has changed".to_owned());
        }
        out
    }
}

/// What a person types to show that they mean a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// The target itself.
    Target,
    /// How many alerts it hides.
    Hits,
    /// The incident.
    Incident,
}

impl Named {
    /// As a question asks for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Target => "the target",
            Self::Hits => "how many alerts it hides",
            Self::Incident => "the incident",
        }
    }
}

/// The literal rendered action with its hash over action and basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Over everything that matters; see [`Plan::seal`].
    pub hash: PlanHash,
    /// What it does.
    pub verb: Verb,
    /// The playbook's or path's title.
    pub title: String,
    /// The parameter that names what is hit, and its value.
    pub target: Option<(String, Outside)>,
    /// Every parameter with its origin.
    pub parameters: BTreeMap<String, Value>,
    /// What leaves the machine.
    pub request: Request,
    /// What the target's own record says.
    pub look_up: Option<LookUp>,
    /// What is kept as evidence before anything is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Capture>,
    /// How the effect is read back.
    pub verify: Option<Verify>,
    /// How it would be undone, in words; `None` when it cannot be.
    pub undone_by: Option<String>,
    /// What it does to whom.
    pub blast: String,
    /// What confirms it.
    pub confirm: Confirm,
    /// How many second persons must approve exactly this plan: none, or one.
    #[serde(default, skip_serializing_if = "is_none")]
    pub approvals: u32,
    /// Why, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approval_because: Vec<String>,
    /// What of its caps is used up, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<String>,
    /// How many its caps allow at this moment, itself included; any number where nothing is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<u32>,
    /// Whether the same key may be sent again.
    pub idempotent: bool,
    /// The idempotency key.
    pub key: String,
    /// For how long the other side remembers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_lifetime: Option<Span>,
    /// What the person should know before confirming.
    pub warnings: Vec<String>,
    /// What it was made on.
    pub basis: Basis,
    /// When it was made.
    pub made_at: Time,
}

impl Plan {
    /// A plan that sends this, and of which nothing else is known yet. To be sealed once it is.
    pub fn of(verb: Verb, request: Request, basis: Basis, key: String, made_at: Time) -> Self {
        Self {
            hash: PlanHash::default(),
            verb,
            title: String::new(),
            target: None,
            parameters: BTreeMap::new(),
            request,
            look_up: None,
            before: Vec::new(),
            verify: None,
            undone_by: None,
            blast: String::new(),
            confirm: Confirm::Enter,
            approvals: 0,
            approval_because: Vec::new(),
            caps: Vec::new(),
            room: None,
            idempotent: false,
            key,
            key_lifetime: None,
            warnings: Vec::new(),
            basis,
            made_at,
        }
    }

    /// Fills in the hash over action and basis (not the time it was made, nor the wording of warnings and caps).
    #[must_use]
    pub fn seal(mut self) -> Self {
        let change = (&self.verb, &self.target, &self.parameters, &self.request, &self.before);
        let proof = (&self.verify, &self.confirm, self.approvals, &self.basis);
        let repeat = (self.idempotent, &self.key, self.key_lifetime);
        let bytes = serde_json::to_vec(&(change, proof, repeat)).unwrap_or_default();
        self.hash = PlanHash(hex(&Sha256::digest(bytes)));
        self
    }

    /// Whether it was given the same values as another one, beside for how long.
    pub fn gives_as(&self, other: &Self) -> bool {
        fn given(plan: &Plan) -> impl Iterator<Item = (&String, &Outside)> {
            let lasting = plan.parameters.iter().filter(|(_, value)| value.kind != Kind::Duration);
            lasting.map(|(name, value)| (name, &value.value))
        }
        given(self).eq(given(other))
    }

    /// What at most one action may be under way about: the playbook or path, and the target.
    pub fn slot(&self) -> (&str, Option<&Outside>) {
        (self.verb.of(), self.target.as_ref().map(|(_, value)| value))
    }

    /// Whether it may do once more what was done already: one like it was sent, and nobody knows what came of it. An undo
    /// follows what it reverses, whatever came of that; like it is an undo.
    pub fn may_repeat(&self, incident: &Incident) -> bool {
        let unknown = |(_, stage): &&(ActionId, Stage)| *stage == Stage::Unknown;
        let mut unknown = self.basis.earlier.iter().filter(unknown).map(|(id, _)| id);
        match self.verb {
            Verb::Contain { .. } | Verb::Upstream { .. } => unknown.next().is_some(),
            Verb::Undo { .. } => unknown.any(|id| {
                let earlier = incident.actions.get(id);
                earlier.is_none_or(|earlier| matches!(earlier.plan.verb, Verb::Undo { .. }))
            }),
            Verb::Escalate { .. } | Verb::Publish { .. } => false,
        }
    }

    /// Whether it is what its hash says.
    pub fn is_sealed(&self) -> bool {
        self.clone().seal().hash == self.hash
    }

    /// What must be typed, if anything.
    pub fn typed_target(&self) -> Option<Outside> {
        match self.confirm {
            Confirm::Enter => None,
            Confirm::TypeTarget => self.named_by().map(|(_, word)| word),
        }
    }

    /// The word that shows that a person means its target, and what that is. Matchers are too long to be read once more
    /// while they are typed: how many alerts they hide says better what they do.
    pub fn named_by(&self) -> Option<(Named, Outside)> {
        let (name, value) = self.target.as_ref()?;
        let is_list = self.parameters.get(name).is_some_and(|it| it.kind == Kind::Matchers);
        Some(match self.look_up.as_ref().and_then(|look_up| look_up.hits) {
            _ if !is_list => (Named::Target, value.clone()),
            Some(hits) => (Named::Hits, Outside::new(hits.to_string())),
            None => (Named::Incident, Outside::new(self.basis.incident.to_string())),
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        out
    })
}
