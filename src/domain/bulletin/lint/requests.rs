//! Nothing a thief would ask for: readers learn that we never do.

use std::sync::LazyLock;

use regex::Regex;

use super::reading::Reading;
use super::{Findings, Rule, quoted};

/// What may stand before a request at the beginning of a clause.
const LEAD: &str = r"^(?:(?:and|also|then|now|first|next|please|kindly|simply|just|immediately|you|customers?|users?|all|should|must|will|need|have|to|ought|do|be sure|make sure|or|so|quickly|urgently|always) )*";
/// A credential.
const CREDENTIAL: &str = r"(?:passwords?|passcodes?|pass ?phrases?|pins?|(?:2fa|sms|one-time|verification|security|authenticator|backup|recovery|login|anti-phishing) codes?|cvv|card (?:number|details)|seed(?: ?phrase| words)?|recovery phrase|private keys?|secret keys?|api keys?|credentials|otp)";

/// Requests: what stands at the beginning of a clause.
pub(super) const ASKED: &[&str] = &[
    r"(?:re-?)?(?:log|sign) ?(?:back )?(?:in|on)(?:to)?\b",
    r"(?:re-?)?(?:verify|confirm|validate|re-?activate|unlock|restore|secure|authenticate) (?:your|the|their|own) (?:\w+ )?(?:account|identity|wallet|e-?mail|phone|card|details|data|information|balance|address|ownership|device|funds|assets)",
    r"(?:update|provide|submit|complete|fill in) (?:us |your |the |with )*(?:\w+ )?(?:payment|personal|bank|card|account|identity|billing|contact) (?:details|data|information|number)",
    r"(?:re-?)?(?:enter|provide|send|share|give|tell|type|supply|submit|confirm|verify|forward|reveal|export|read out|reply with|respond with)\b(?: \w+){0,5}? CREDENTIAL",
    r"(?:send|transfer|move|deposit|withdraw|pay|wire|convert|swap|migrate)\b(?: \w+){0,3}? (?:your |the |any |some )?(?:funds|money|coins?|crypto|bitcoin|btc|eth|usdt|usdc|assets?|tokens?|balances?|holdings|fees?|payments?)\b",
    r"(?:send|pay|transfer|deposit)\b(?: \w+){0,3}? \$?\d",
    r"(?:click|tap|press)\b(?: \w+){0,2}? (?:here|below|link|button|this|on)\b",
    r"(?:follow|open|visit|use|click) (?:this|the|our|that) (?:\w+ )?(?:link|attachment|url|form)\b",
    r"(?:scan) (?:this|the|our|a|that)\b",
    r"(?:download|install|run)\b(?: \w+){0,3}? (?:app|application|tool|software|patch|extension|program|file|anydesk|teamviewer|update)\b",
    r"(?:connect|link|import|migrate|sync|re-?connect) (?:your|the) (?:\w+ )?(?:wallet|bank|account|card)",
    r"(?:reply|respond) (?:to this|with)\b",
    r"(?:call|text|phone|whatsapp|telegram|dm) (?:us|our|this|me|the)\b",
    r"(?:contact|message|write to|reach)\b(?: \w+){0,4}? (?:on|via|through|over) (?:whatsapp|telegram|signal|wechat|discord)",
    r"act (?:now|fast|quickly|immediately)\b",
];

/// Words that have no honest place in a bulletin unless they are denied.
pub(super) const NEVER: &[&str] = &[
    r"\b(?:click|tap) here\b",
    r"\b(?:log|sign) ?in (?:here|below|now|at https?)\b",
    r"\blogin (?:here|below|now|at|link)\b",
    r"\b(?:attached|attachment|see attached)\b",
    r"\baccounts? (?:will|may|can) be (?:suspended|closed|deleted|locked|frozen|limited|terminated)\b",
    r"\b(?:airdrop|giveaway|double your|bonus for)\b",
    r"\bnew (?:deposit|wallet) address\b",
];

/// What no honest bulletin speaks of but to warn.
const MASTER_KEYS: &str = r"\b(?:seed ?phrases?|seed words|recovery phrases?|private keys?)\b";
/// Such a warning.
const WARNED: &str = r"\b(?:never|not|n't|nobody|no one|cannot)\b(?: \w+){0,3}? (?:ask|share|need|request|give|enter|reveal|send|tell|type|want|require|see)|n't(?: \w+){0,3}? (?:ask|share|need|request|give|enter|reveal|send|tell|type)";
/// What turns a request into a warning.
const DENIED: &str =
    r"\b(?:not|never|n't|cannot|no one|nobody|no need|without|nor|neither)\b(?: \w+){0,6}$|n't(?: \w+){0,6}$";
/// What turns it into something readers try, or cannot do.
const TRIED: &str = r"\b(?:able|unable|allowed|asked|attempt(?:s|ed|ing)?|continue|difficult|fail(?:s|ed|ing)?|free|hard|impossible|possible|slow|tr(?:y|ied|ying)|used|want(?:s|ed)?|wish(?:ed)?|take longer)\b(?: \w+){0,2}$|^(?:\w+ )?(?:criminals|scammers|fraudsters|attackers|thieves)\b.*$";
/// What turns a request into a noun: "sign in is slow".
const NOUN: &str = r"^,? (?:is|was|are|were|has|have|had|works?|worked|may|might|could|can|will|fails?|failed|remains?|takes?|problems?|issues?|requests?|page|failures?|and (?:with|trad|deposit|withdr))";

struct Requests {
    asked: Vec<Regex>,
    never: Vec<Regex>,
    credential: Option<Regex>,
    warned: Option<Regex>,
    denied: Option<Regex>,
    tried: Option<Regex>,
    noun: Option<Regex>,
}

static REQUESTS: LazyLock<Requests> = LazyLock::new(|| Requests {
    asked: ASKED.iter().filter_map(|pattern| Regex::new(&asked(pattern)).ok()).collect(),
    never: NEVER.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect(),
    credential: Regex::new(MASTER_KEYS).ok(),
    warned: Regex::new(WARNED).ok(),
    denied: Regex::new(DENIED).ok(),
    tried: Regex::new(TRIED).ok(),
    noun: Regex::new(NOUN).ok(),
});

fn asked(pattern: &str) -> String {
    format!("{LEAD}({})", pattern.replace("CREDENTIAL", CREDENTIAL))
}

pub(super) fn check(reading: &Reading<'_>, findings: &mut Findings) {
    // A line's end may end a sentence, and may be put in the middle of one.
    let lines = reading.text.to_lowercase();
    for text in [&lines, &reading.lower] {
        let asked = clauses(text).filter_map(|clause| REQUESTS.asked(clause));
        let credentials = sentences(text).filter_map(|sentence| REQUESTS.credential(sentence));
        for found in asked.chain(credentials) {
            findings.add(
                Rule::Requests,
                reading.part,
                format!("this is what thieves ask for: {}", quoted(found)),
                "say what is so (\"you will be asked to sign in the next time you open the app\"), or what we never ask for",
            );
        }
    }
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', ';', '!', '?', '\n'])
}

/// A text at its commas, colons, full stops and dashes.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let clauses = sentences(text).flat_map(|sentence| sentence.split([',', ':', '–', '—', '(', ')']));
    let clauses = clauses.flat_map(|clause| clause.split(" - "));
    clauses.map(|clause| clause.trim_matches(|c: char| !c.is_alphanumeric()))
}

impl Requests {
    /// What a clause asks for.
    fn asked<'t>(&self, clause: &'t str) -> Option<&'t str> {
        // An order may follow a condition, a reason or a way; what readers try or cannot do is none.
        let starts = [" please ", " and ", " then ", " must ", " should ", " need to ", " to ", " or "];
        let tails = starts.iter().flat_map(|word| clause.match_indices(word).map(|(at, _)| at + 1));
        let order = std::iter::once(0).chain(tails).find_map(|from| {
            let (lead, tail) = clause.split_at_checked(from)?;
            let found = self.asked.iter().find_map(|regex| regex.captures(tail)?.get(1))?;
            let before = clause.get(..from + found.start())?.trim_end();
            let is_tried = tail.starts_with("to ") && is(&self.tried, lead.trim_end());
            let is_noun = is(&self.noun, tail.get(found.end()..)?);
            (!is_tried && !is_noun && !is(&self.denied, before)).then_some(found.as_str())
        });
        order.or_else(|| {
            let found = self.never.iter().find_map(|regex| regex.find(clause))?;
            (!is(&self.denied, clause.get(..found.start())?.trim_end())).then_some(found.as_str())
        })
    }

    /// What no reader may tell anybody, unless the sentence says so.
    fn credential<'t>(&self, sentence: &'t str) -> Option<&'t str> {
        let found = self.credential.as_ref()?.find(sentence)?;
        (!is(&self.warned, sentence.get(..found.start())?)).then_some(found.as_str())
    }
}

fn is(regex: &Option<Regex>, text: &str) -> bool {
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}

#[cfg(test)]
pub(super) fn compiled() -> (usize, usize, bool) {
    let all = &*REQUESTS;
    (
        all.asked.len(),
        all.never.len(),
        [&all.credential, &all.warned, &all.denied, &all.tried, &all.noun].iter().all(|one| one.is_some()),
    )
}
