//! Every rule has bulletins it refuses and bulletins it accepts; honest ones pass untouched; tricks do not help.

mod examples;
mod honest;
mod templates;
mod tricks;

use chrono::TimeZone;

use super::*;
use crate::domain::bulletin::Status;
use crate::domain::bulletin::render::render;
use crate::domain::signal::Labels;
use crate::domain::text::Outside;

/// A bulletin with all that the lint asks for.
#[derive(Clone)]
struct Case {
    bulletin: Bulletin,
    reach: Reach,
    rules: Rules,
    context: Context,
    /// What leaves, where it is not what the frame makes of it.
    letter: Option<Letter>,
}

fn at(hour: u32, minute: u32) -> Time {
    chrono::Utc.with_ymd_and_hms(2026, 11, 20, hour, minute, 0).unwrap()
}

fn text(text: &str) -> Outside {
    Outside::new(text)
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| (text(key), text(value))).collect()
}

impl Case {
    fn new() -> Self {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        Self {
            bulletin: Bulletin {
                audience: Audience::Users,
                status: Status::Identified,
                headline: text("Withdrawals are delayed"),
                happened: text("Since 13:40 UTC withdrawals take longer than usual. We found the cause."),
                impact: text("Your withdrawal may arrive up to two hours late."),
                todo: text("You do not need to do anything."),
                next_at: Some(at(14, 20)),
            },
            reach: Reach::Broadcast,
            rules: Rules {
                links: list(&["status.example.com", "*.help.example.com", "example.com"]),
                internal: list(&["*.corp.example.com"]),
                words: [("Matcher".to_owned(), "\"trading\"".to_owned())].into(),
                acronyms: list(&["XYZ"]),
            },
            context: Context {
                code: VerificationCode::from_random([7, 1, 2, 3, 4, 5, 6, 30]),
                names: Names::of(&[labels(&[
                    ("alertname", "WithdrawalQueueStuck"),
                    ("instance", "wd-signer-eu1:9100"),
                    ("pod", "withdrawals-7d9f8b6c5d-x2x4z"),
                    ("namespace", "trading"),
                    ("severity", "critical"),
                    ("account_id", "88213"),
                ])]),
                upstream: vec!["Q1ABCDEF2G".to_owned()],
                users: Some(Impact::Users { min: 1000, max: 1200 }),
                funds_at_risk: None,
                at_stake: false,
                last: None,
                now: at(14, 0),
            },
            letter: None,
        }
    }

    fn said(self, happened: &str) -> Self {
        Self { bulletin: Bulletin { happened: text(happened), ..self.bulletin }, ..self }
    }

    fn asking(self, todo: &str) -> Self {
        Self { bulletin: Bulletin { todo: text(todo), ..self.bulletin }, ..self }
    }

    /// After a bulletin of this status that said this and promised 14:00.
    fn after(mut self, status: Status, happened: &str) -> Self {
        let before = Bulletin {
            status,
            happened: text(happened),
            next_at: (status != Status::Resolved).then_some(at(14, 0)),
            ..Self::new().bulletin
        };
        self.context.last = Some(Last { bulletin: before, at: at(13, 40) });
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn letter(&self) -> Letter {
        let frame = || render(&self.bulletin, self.reach, &self.context.code, self.rules.checked_at());
        self.letter.clone().unwrap_or_else(frame)
    }

    fn lint(&self) -> Vec<Finding> {
        lint(&self.bulletin, &self.letter(), self.reach, &self.rules, &self.context)
    }

    /// What is wrong with the lint if this must pass.
    fn refusal(&self) -> Option<String> {
        let findings = self.lint();
        (!findings.is_empty()).then(|| format!("refused: {:?}: {findings:#?}", self.bulletin.happened))
    }

    /// What is wrong with the lint if this rule must find something.
    fn gap(&self, rule: Rule) -> Option<String> {
        let findings = self.lint();
        for finding in &findings {
            assert!(!finding.message.is_empty() && !finding.remedy.is_empty(), "{finding:?}");
            assert_eq!(*SafeText::display(&finding.message), *finding.message, "what it says may be shown");
        }
        let found = findings.iter().any(|finding| finding.rule == rule);
        (!found).then(|| format!("{rule:?} lets pass: {:?}: {findings:?}", self.bulletin))
    }
}

/// Fails with all that is wrong at once.
#[track_caller]
fn none(wrong: impl IntoIterator<Item = String>) {
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_refused_and_an_accepted_example() {
    let mut wrong = Vec::new();
    for rule in Rule::ALL {
        let (refused, accepted) = examples::of(rule);
        assert!(!refused.is_empty() && !accepted.is_empty(), "{rule:?} has no examples");
        wrong.extend(refused.iter().filter_map(|case| case.gap(rule)));
        wrong.extend(accepted.iter().filter_map(Case::refusal));
    }
    none(wrong);
}

#[test]
fn every_rule_has_a_word_of_its_own() {
    for rule in Rule::ALL {
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(json, format!("\"{}\"", rule.word()));
        assert_eq!(Rule::ALL.iter().filter(|other| other.word() == rule.word()).count(), 1);
    }
}

#[test]
fn no_pattern_is_lost() {
    for table in [
        code::CODES,
        code::TOKENS,
        shape::LEFT_OVER,
        shape::MARKS,
        words::CAPITALS,
        links::ADDRESSES,
        links::MAILS,
        links::HOSTS,
        internals::INTERNALS,
        secrets::SECRETS,
        claims::CALM,
        claims::FUNDS,
    ] {
        assert_eq!(reading::Patterns::new(table).len(), table.len(), "{table:?}");
    }
    assert_eq!(requests::compiled(), (requests::ASKED.len(), requests::NEVER.len(), true));
    assert!(series::compiled());
}

/// A code with this group at this place.
fn code_with(group: &str, place: usize) -> VerificationCode {
    let symbols = || "23456789ABCDEFGHJKMNPQRSTUVWXYZ".chars();
    let pairs = symbols().flat_map(|first| symbols().map(move |last| (first, last)));
    let codes = pairs.filter_map(|(first, last)| {
        let groups = match place {
            0 => format!("{group}-234-{first}5{last}"),
            1 => format!("234-{group}-{first}5{last}"),
            _ => format!("{first}34-56{last}-{group}"),
        };
        VerificationCode::parse(&groups)
    });
    codes.min().unwrap()
}

#[test]
fn our_own_code_is_no_part_of_the_house_whatever_it_looks_like() {
    let symbols = || "23456789ABCDEFGHJKMNPQRSTUVWXYZ".chars();
    let groups = symbols().flat_map(|a| symbols().flat_map(move |b| symbols().map(move |c| [a, b, c])));
    let lines: String =
        groups.map(String::from_iter).map(|group| format!("{group}\n{group}-234\n")).collect();
    let hosts: std::collections::BTreeSet<&str> = reading::Patterns::new(internals::INTERNALS)
        .all(&lines)
        .filter_map(|(found, _)| found.get(..3))
        .collect();
    assert!(["DB6", "GW5", "PG8"].iter().all(|group| hosts.contains(group)), "{hosts:?}");
    let codes = hosts.iter().flat_map(|group| [0, 1, 2].map(|place| code_with(group, place)));
    none(codes.filter_map(|code| Case::new().with(|case| case.context.code = code).refusal()));
}

#[test]
fn every_jargon_is_found_and_its_replacement_is_none() {
    let mut wrong = Vec::new();
    for word in jargon::JARGON {
        let case = Case::new().said(&format!("We see a problem with {} today.", word.jargon));
        wrong.extend(case.gap(Rule::PlainWords));
        let plain = Case::new().said(&format!("Here is {} for you.", word.plain));
        assert!(plain.lint().iter().all(|f| f.rule != Rule::PlainWords), "{}", word.plain);
    }
    none(wrong);
}

#[test]
fn no_bulletin_to_readers_outside_leaves_without_its_code() {
    for audience in Audience::ALL.into_iter().filter(|audience| audience.needs_code()) {
        for reach in [Reach::Broadcast, Reach::PerRecipient] {
            let case = Case::new().with(|case| (case.bulletin.audience, case.reach) = (audience, reach));
            none(case.refusal());
            let letter = case.letter();
            let other = match reach {
                Reach::Broadcast => Reach::PerRecipient,
                Reach::PerRecipient => Reach::Broadcast,
            };
            let bare = |line: &&str| {
                !line.contains("code of this incident") && !line.contains("Your own anti-phishing code")
            };
            let without: String =
                letter.body.raw().lines().filter(bare).map(|line| format!("{line}\n")).collect();
            let twice = format!("{0}{0}", letter.body.raw());
            let wrong = render(&case.bulletin, other, &case.context.code, None).body;
            let foreign = VerificationCode::from_random([1; 8]).to_string();
            let foreign = letter.body.raw().replace(&case.context.code.to_string(), &foreign) + &foreign;
            for body in [Outside::new(without), Outside::new(twice), wrong, Outside::new(foreign)] {
                let body = Letter { body, ..letter.clone() };
                none(case.clone().with(|case| case.letter = Some(body)).gap(Rule::Code));
            }
        }
    }
}
