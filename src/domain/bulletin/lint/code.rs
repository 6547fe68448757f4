//! The code that proves who speaks: there, once, of the right kind, in what leaves.

use std::sync::LazyLock;

use super::reading::{Patterns, Reading};
use super::{Findings, Rule};
use crate::domain::bulletin::render::Letter;
use crate::domain::bulletin::{Bulletin, MERGE_TOKEN, Part, Reach, VerificationCode};

pub(super) const CODES: &[(&str, &str)] =
    &[(r"(?i)\b[0-9A-Z]{3}[- ]?[0-9A-Z]{3}[- ]?[0-9A-Z]{3}\b", "a code")];
pub(super) const TOKENS: &[(&str, &str)] = &[(r"(?i)\{+ ?anti[ _-]?phishing[ _-]?code ?\}+", "a token")];

static CODE: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(CODES));
static TOKEN: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(TOKENS));

const FRAME: &str = "leave the code to quell: it puts the right one in by itself";

/// How often each stands in a text, as it looks and to the letter.
struct Counts {
    tokens: usize,
    exact_tokens: usize,
    ours: usize,
    exact_ours: usize,
    foreign: usize,
}

impl Counts {
    fn of(text: &str, code: &VerificationCode) -> Self {
        let reading = Reading::new(Part::Letter, text);
        let codes: Vec<_> =
            CODE.all(&reading.text).filter_map(|(found, _)| VerificationCode::parse(found)).collect();
        let ours = codes.iter().filter(|found| *found == code).count();
        Self {
            tokens: TOKEN.all(&reading.text).count(),
            exact_tokens: text.matches(MERGE_TOKEN).count(),
            ours,
            exact_ours: text.matches(&code.to_string()).count(),
            foreign: codes.len() - ours,
        }
    }

    fn is_none(&self) -> bool {
        self.tokens + self.exact_tokens + self.ours + self.exact_ours == 0
    }

    fn has_token_alone(&self) -> bool {
        (self.tokens, self.exact_tokens, self.ours, self.exact_ours) == (1, 1, 0, 0)
    }

    fn has_code_alone(&self) -> bool {
        (self.tokens, self.exact_tokens, self.ours, self.exact_ours) == (0, 0, 1, 1)
    }
}

pub(super) fn check(
    bulletin: &Bulletin,
    letter: &Letter,
    reach: Reach,
    code: &VerificationCode,
    findings: &mut Findings,
) {
    let mut wrong = |part, message: &str, remedy: &str| findings.add(Rule::Code, part, message, remedy);
    for (part, text) in bulletin.written() {
        if !Counts::of(text.raw(), code).is_none() {
            wrong(part, "a code or token is typed by hand", FRAME);
        }
    }
    let subject = Counts::of(letter.subject.raw(), code);
    let body = Counts::of(letter.body.raw(), code);
    if subject.foreign + body.foreign > 0 {
        wrong(
            Part::Letter,
            "it carries the code of another incident",
            "remove it: readers take it for proof",
        );
    }
    if !subject.is_none() {
        wrong(Part::Letter, "its subject carries a code or token", FRAME);
    }
    match (bulletin.audience.needs_code(), reach) {
        (true, Reach::PerRecipient) if !body.has_token_alone() => wrong(
            Part::Letter,
            "it must carry the mailer's token for each reader's own code once, and no other code",
            FRAME,
        ),
        (true, Reach::Broadcast) if !body.has_code_alone() => {
            wrong(Part::Letter, "it must carry the incident's verification code once, and no token", FRAME);
        }
        (false, _) if !body.is_none() => {
            wrong(Part::Letter, "it carries a code, and these readers are given none", FRAME);
        }
        _ => {}
    }
}
