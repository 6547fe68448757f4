//! The lint: what a bulletin may not say, and what it may not leave without. While it finds something, nothing is sent.

mod claims;
mod code;
mod fold;
mod internals;
mod jargon;
mod links;
mod names;
mod reading;
mod requests;
mod secrets;
mod series;
mod shape;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::render::Letter;
use super::{Audience, Bulletin, Part, Reach, VerificationCode};
use crate::domain::classification::{Funds, Impact};
use crate::domain::incident::Incident;
use crate::domain::text::SafeText;
use crate::domain::time::Time;
pub use names::Names;
use reading::Reading;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The anti-phishing code or the mailer's token is there, once, and of the right kind.
    Code,
    /// Every part says something.
    EmptyPart,
    /// No placeholder is left.
    Unfilled,
    /// No part is longer than its readers are patient.
    Length,
    /// Nothing invisible, and no letters that pass for others.
    Characters,
    /// Plain text, and no mentions of a chat.
    Markup,
    /// No jargon.
    PlainWords,
    /// No abbreviations readers need not know.
    Acronyms,
    /// Nothing of how the house looks inside.
    Internals,
    /// No keys, and nothing that identifies a person or an account.
    Secrets,
    /// Only official hosts.
    Links,
    /// Nothing a thief would ask for.
    Requests,
    /// When the next one comes is said and lies ahead.
    NextUpdate,
    /// It fits the last one.
    Series,
    /// Numbers are those of the incident.
    Figures,
    /// No promise that nobody can keep.
    Certainty,
    /// Nobody is blamed.
    Blame,
}

impl Rule {
    /// Every rule, in the order in which they are told.
    pub const ALL: [Self; 17] = [
        Self::Code,
        Self::EmptyPart,
        Self::Unfilled,
        Self::Length,
        Self::Characters,
        Self::Markup,
        Self::PlainWords,
        Self::Acronyms,
        Self::Internals,
        Self::Secrets,
        Self::Links,
        Self::Requests,
        Self::NextUpdate,
        Self::Series,
        Self::Figures,
        Self::Certainty,
        Self::Blame,
    ];

    /// The word of a row and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::EmptyPart => "empty-part",
            Self::Unfilled => "unfilled",
            Self::Length => "length",
            Self::Characters => "characters",
            Self::Markup => "markup",
            Self::PlainWords => "plain-words",
            Self::Acronyms => "acronyms",
            Self::Internals => "internals",
            Self::Secrets => "secrets",
            Self::Links => "links",
            Self::Requests => "requests",
            Self::NextUpdate => "next-update",
            Self::Series => "series",
            Self::Figures => "figures",
            Self::Certainty => "certainty",
            Self::Blame => "blame",
        }
    }

    /// Whether it holds for what this audience reads: the house may speak its own language, an authority wants details.
    pub fn holds_for(self, audience: Audience) -> bool {
        match self {
            Self::PlainWords | Self::Acronyms | Self::Requests => {
                !matches!(audience, Audience::Regulator | Audience::Internal)
            }
            Self::Internals | Self::Links | Self::Certainty | Self::Blame => audience != Audience::Internal,
            _ => true,
        }
    }
}

/// Something a bulletin may not leave with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The part.
    #[serde(rename = "where")]
    pub part: Part,
    /// What is wrong, in one line that may be shown.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// What the house adds to the lint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Official hosts, `status.example.com` or `*.example.com`. The first one in full shows the codes.
    pub links: Vec<String>,
    /// Hosts nobody outside may read of, like `*.corp.example.com`.
    pub internal: Vec<String>,
    /// More jargon, with what to say instead.
    pub words: BTreeMap<String, String>,
    /// More abbreviations that readers know.
    pub acronyms: Vec<String>,
}

impl Rules {
    /// The official host that shows the codes.
    pub fn checked_at(&self) -> Option<&str> {
        self.links.iter().map(String::as_str).find(|host| !host.contains('*'))
    }

    fn is_official(&self, host: &str) -> bool {
        self.links.iter().any(|pattern| is_host_of(pattern, host))
    }

    fn is_internal(&self, host: &str) -> bool {
        self.internal.iter().any(|pattern| is_host_of(pattern, host))
    }
}

/// `*.example.com` covers every host below `example.com`, not itself.
fn is_host_of(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    match pattern.strip_prefix('*') {
        Some(end) => end.starts_with('.') && host.len() > end.len() && host.ends_with(end),
        None => pattern == host,
    }
}

/// The last bulletin to the same audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// What it said.
    pub bulletin: Bulletin,
    /// When it left.
    pub at: Time,
}

/// What the lint knows of the incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The incident's verification code.
    pub code: VerificationCode,
    /// What the labels of its signals name.
    pub names: Names,
    /// What other systems call it.
    pub upstream: Vec<String>,
    /// How many are affected, once somebody said so.
    pub users: Option<Impact>,
    /// Whether money is at risk, once somebody said so.
    pub funds_at_risk: Option<bool>,
    /// Readers may have to look after their accounts or their money.
    pub at_stake: bool,
    /// The last bulletin to this audience.
    pub last: Option<Last>,
    /// The time.
    pub now: Time,
}

impl Context {
    /// What the lint needs to know of an incident.
    pub fn of(incident: &Incident, audience: Audience, code: VerificationCode, now: Time) -> Self {
        let theirs: Vec<_> = incident.signals.values().map(|signal| signal.labels.unpacked()).collect();
        let labels = theirs.iter().chain([&*incident.opening.labels]);
        let funds = incident.classification.funds;
        Self {
            code,
            names: Names::of(labels),
            upstream: incident.upstream().into_iter().map(str::to_owned).collect(),
            users: incident.impact.clone(),
            funds_at_risk: funds.filter(|funds| *funds != Funds::Unknown).map(|funds| funds == Funds::Yes),
            at_stake: incident.concerns_accounts(),
            last: incident
                .last_bulletin(audience)
                .map(|sent| Last { bulletin: sent.bulletin.clone(), at: sent.at }),
            now,
        }
    }
}

/// Everything a bulletin may not leave with on a channel of this reach; empty when it may. `letter` is what would leave.
pub fn lint(
    bulletin: &Bulletin,
    letter: &Letter,
    reach: Reach,
    rules: &Rules,
    context: &Context,
) -> Vec<Finding> {
    let mut findings = Findings { audience: bulletin.audience, list: Vec::new() };
    let written = bulletin.written().map(|(part, text)| Reading::new(part, text.raw()));
    code::check(bulletin, letter, reach, &context.code, &mut findings);
    for reading in &written {
        shape::check(reading, &mut findings);
        words::check(reading, bulletin.audience, rules, &mut findings);
        internals::check(reading, rules, context, &mut findings);
        secrets::check(reading, rules, context, &mut findings);
        links::check(reading, rules, &mut findings);
        requests::check(reading, &mut findings);
        claims::check(reading, context, &mut findings);
    }
    series::check(bulletin, &written, context, &mut findings);
    // What leaves is more than what was written: its frame, and whatever came between.
    for text in [&letter.subject, &letter.body] {
        shape::check_letter(&Reading::new(Part::Letter, text.raw()), &mut findings);
        // Our own code is no word: its groups may look like the name of a host.
        let words = text.raw().replace(&context.code.to_string(), " ");
        let reading = Reading::new(Part::Letter, &words);
        internals::check(&reading, rules, context, &mut findings);
        secrets::check(&reading, rules, context, &mut findings);
        links::check(&reading, rules, &mut findings);
    }
    findings.list.sort_by_key(|finding| (finding.rule, finding.part));
    findings.list
}

/// Findings so far.
struct Findings {
    audience: Audience,
    list: Vec<Finding>,
}

impl Findings {
    /// Notes something, unless it is noted already or its rule does not hold for these readers.
    fn add(&mut self, rule: Rule, part: Part, message: impl Into<String>, remedy: impl Into<String>) {
        let finding = Finding { rule, part, message: message.into(), remedy: remedy.into() };
        // The letter holds all parts: what was said of one is not said of it again.
        let is_said = |said: &Finding| {
            (said.rule, &said.message) == (rule, &finding.message)
                && (said.part == part || part == Part::Letter)
        };
        if rule.holds_for(self.audience) && !self.list.iter().any(is_said) {
            self.list.push(finding);
        }
    }
}

/// Words from a bulletin as a message repeats them.
fn quoted(words: &str) -> String {
    format!("\"{}\"", SafeText::display(words.trim()).clip(48))
}
