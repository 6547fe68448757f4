//! No promise that nobody can keep, nobody blamed.

use std::sync::LazyLock;

use super::reading::{Patterns, Reading};
use super::{Context, Findings, Rule, quoted};

/// What nobody can know or promise.
const PROMISES: &[&str] = &[
    "100% safe",
    "100% secure",
    "completely safe",
    "completely secure",
    "fully secure",
    "guarantee",
    "guaranteed",
    "never again",
    "no cause for concern",
    "no risk",
    "nothing to worry about",
    "perfectly safe",
    "rest assured",
    "totally safe",
    "we promise",
    "will never happen",
    "will not happen again",
    "won't happen again",
];

const BLAMES: &[&str] = &[
    "a careless",
    "an engineer's mistake",
    "blame",
    "careless",
    "human error",
    "incompetence",
    "mistake by",
    "negligence",
    "negligent",
    "operator error",
    "our vendor's fault",
    "somebody's mistake",
    "the fault of",
    "the intern",
    "through no fault of ours",
    "user error",
    "your own fault",
];

pub(super) const FUNDS: &[(&str, &str)] = &[
    (r"\bsafu\b", "money"),
    (
        r"\b(?:funds?|assets?|money|holdings)\b[^.!?\n]{0,30}\b(?:safe|secure|unaffected|untouched|protected|not (?:at risk|affected|lost|in danger))\b",
        "money",
    ),
    (
        r"\b(?:balances?|deposits?|coins?)\b[^.!?\n]{0,30}\b(?:safe|secure|protected|not (?:at risk|lost|in danger))\b",
        "money",
    ),
    (
        r"\bno (?:customer |user |client |one's )?(?:funds?|assets?|money|balances?|coins?)\b[^.!?\n]{0,20}\b(?:lost|at risk|affected|stolen|moved|missing|in danger)\b",
        "money",
    ),
];

static MONEY: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(FUNDS));

pub(super) fn check(reading: &Reading<'_>, context: &Context, findings: &mut Findings) {
    for promise in PROMISES.iter().filter(|promise| reading.says(promise)) {
        findings.add(
            Rule::Certainty,
            reading.part,
            format!("nobody can promise {}", quoted(promise)),
            "say what you know, and since when",
        );
    }
    if context.funds_at_risk != Some(false) {
        for (found, _) in MONEY.all(&reading.lower) {
            let remedy = "record with the incident that no funds are at risk, or leave it out";
            findings.add(
                Rule::Certainty,
                reading.part,
                format!("not known of the incident: {}", quoted(found)),
                remedy,
            );
        }
    }
    for blame in BLAMES.iter().filter(|blame| reading.says(blame)) {
        let message = format!("it blames: {}", quoted(blame));
        findings.add(Rule::Blame, reading.part, message, "say what happened, not whose doing it was");
    }
}
