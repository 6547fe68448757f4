//! No promise that nobody can keep, nobody blamed.

use std::sync::LazyLock;

use super::reading::{Patterns, Reading, find};
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

/// That readers need not look after what is theirs.
pub(super) const CALM: &[(&str, &str)] = &[
    (
        r"\b(?:do not|don't|won't|will not|needn't|need not) (?:need to |have to )?(?:do|take) (?:anything|any action|any steps)\b",
        "calm",
    ),
    (r"\bno (?:further )?action (?:is |will be )?(?:needed|required|necessary)\b", "calm"),
    (
        r"\b(?:nothing|no need) (?:that |for )?(?:you |customers |users )?(?:need |have |must )?(?:to )?do\b",
        "calm",
    ),
];
/// What makes it true of some readers only.
const CONDITIONS: &[&str] = &["if", "unless", "until", "otherwise"];

static CALMING: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(CALM));
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
    if context.at_stake && findings.audience.needs_code() {
        let sentences = reading.lower.split(['.', ';', '!', '?']);
        let whole =
            sentences.filter(|sentence| !CONDITIONS.iter().any(|word| find(sentence, word).is_some()));
        for (found, _) in whole.flat_map(|sentence| CALMING.all(sentence)) {
            findings.add(
                Rule::Certainty,
                reading.part,
                format!("accounts or money may be at stake: {}", quoted(found)),
                "say what readers should look for and whom to tell, or whom it does not concern (\"if …\")",
            );
        }
    }
    for blame in BLAMES.iter().filter(|blame| reading.says(blame)) {
        let message = format!("it blames: {}", quoted(blame));
        findings.add(Rule::Blame, reading.part, message, "say what happened, not whose doing it was");
    }
}
