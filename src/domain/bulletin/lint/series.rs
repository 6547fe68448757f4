//! A bulletin among those before it: when the next one comes, what changed, and numbers that are the incident's.

use std::sync::LazyLock;

use regex::Regex;

use super::reading::Reading;
use super::{Context, Findings, Last, Rule, quoted};
use crate::domain::bulletin::render::spoken;
use crate::domain::bulletin::{Bulletin, Part, Status};
use crate::domain::classification::Impact;
use crate::domain::time::{Span, Time, minute_of};

/// How late a bulletin may be without a word.
const GRACE: Span = Span::mins(10);
/// How far off a number said with "about" may be, in percent.
const ROUNDED: f64 = 0.1;

const PEOPLE: &str = r"(?:^|[^\w:.,/-])(\d(?:[\d,']*\d)?(?:\.\d+)?) ?(k|m|thousand|million)? (?:of (?:our|the) )?(?:(?:active|affected|corporate|institutional|more|other|registered|retail) )?(?:users|customers|accounts|clients|people|traders|partners)\b";
const PROMISED: &str = r"next (?:update|bulletin|message)[^.!?]{0,40}?\b(\d{1,2}:\d{2})|(?:more|report again|back to you|let you know|inform you|update you)(?: \w+){0,2}? (?:at|by) (\d{1,2}:\d{2})";

static COUNT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(PEOPLE).ok());
static PROMISE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(PROMISED).ok());

const CORRECTED: &[&str] = &[
    "correct",
    "corrected",
    "correction",
    "corrects",
    "down from",
    "earlier",
    "instead of",
    "more than we said",
    "fewer than we said",
    "now",
    "previously",
    "revised",
    "up from",
    "updated",
    "wrong",
];
const RETURNED: &[&str] = &[
    "again",
    "back",
    "came back",
    "come back",
    "correct",
    "corrected",
    "correction",
    "new cause",
    "not over",
    "not solved",
    "reopened",
    "returned",
    "still",
    "too early",
    "wrong",
];
const LATE: &[&str] = &[
    "apologise",
    "apologize",
    "apologies",
    "apology",
    "came late",
    "comes late",
    "overdue",
    "promised",
    "sorry",
];

pub(super) fn check(
    bulletin: &Bulletin,
    written: &[Reading<'_>],
    context: &Context,
    findings: &mut Findings,
) {
    next_update(bulletin, written, context.now, findings);
    for reading in written {
        figures(reading, context.users.as_ref(), findings);
    }
    if let Some(last) = &context.last {
        status(bulletin, written, last, findings);
        counts(written, last, findings);
        promise(written, last, context.now, findings);
    }
}

fn next_update(bulletin: &Bulletin, written: &[Reading<'_>], now: Time, findings: &mut Findings) {
    let mut wrong =
        |part, message: String, remedy: &str| findings.add(Rule::NextUpdate, part, message, remedy);
    match (bulletin.status, bulletin.next_at) {
        (Status::Resolved, Some(_)) => wrong(
            Part::Next,
            "the last bulletin announces another".to_owned(),
            "clear the time, or say monitoring until it is over",
        ),
        (Status::Resolved, None) => {}
        (_, None) => {
            wrong(
                Part::Next,
                "it does not say when the next one comes".to_owned(),
                "set a time you can keep",
            );
        }
        (_, Some(at)) if minute_of(at) <= now => {
            wrong(Part::Next, format!("{} is over", spoken(at)), "set a time that lies ahead");
        }
        _ => {}
    }
    let announced = bulletin.next_at.map(|at| at.format("%H:%M").to_string());
    for reading in written {
        let all = PROMISE.iter().flat_map(|regex| regex.captures_iter(&reading.lower));
        for found in all.filter_map(|found| found.get(1).or_else(|| found.get(2))) {
            let said = format!("{:0>5}", found.as_str());
            if announced.as_ref() != Some(&said) {
                wrong(
                    reading.part,
                    format!("it promises {}, and the frame says otherwise", quoted(found.as_str())),
                    "say the same time, or leave it to the frame",
                );
            }
        }
    }
}

fn figures(reading: &Reading<'_>, users: Option<&Impact>, findings: &mut Findings) {
    for (number, words) in numbers(&reading.lower) {
        let (message, remedy) = match users {
            Some(Impact::Users { min, max }) if fits(number, *min, *max) => continue,
            Some(Impact::Users { min, max }) if min == max => (
                format!("{} does not fit the {max} recorded", quoted(words)),
                "say that, or record what is so",
            ),
            Some(Impact::Users { min, max }) => (
                format!("{} does not fit the {min} to {max} recorded", quoted(words)),
                "say that, or record what is so",
            ),
            Some(Impact::Unknown { .. }) | None => (
                format!("{}, and how many are affected is not recorded", quoted(words)),
                "record the impact first, or say \"some customers\"",
            ),
        };
        findings.add(Rule::Figures, reading.part, message, remedy);
    }
}

/// Numbers of people in a text, with the words they stand in.
fn numbers(lower: &str) -> Vec<(f64, &str)> {
    let number = |found: regex::Captures<'_>| -> Option<f64> {
        let digits: String =
            found.get(1)?.as_str().chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        let scale = match found.get(2).map(|scale| scale.as_str()) {
            Some("k" | "thousand") => 1e3,
            Some("m" | "million") => 1e6,
            _ => 1.0,
        };
        Some(digits.parse::<f64>().ok()? * scale)
    };
    let regex = COUNT.iter();
    regex
        .flat_map(|regex| regex.captures_iter(lower))
        .filter_map(|found| Some((found.get(0)?.as_str().trim_start(), number(found)?)))
        .map(|(words, number)| (number, words))
        .collect()
}

/// Rounding is no lie.
#[allow(clippy::cast_precision_loss, reason = "numbers of people are far below 2^52")]
fn fits(number: f64, min: u64, max: u64) -> bool {
    (min as f64 * (1.0 - ROUNDED)..=max as f64 * (1.0 + ROUNDED)).contains(&number)
}

fn status(bulletin: &Bulletin, written: &[Reading<'_>], last: &Last, findings: &mut Findings) {
    let owned = written.iter().any(|reading| reading.says_any(RETURNED));
    if bulletin.status < last.bulletin.status && !owned {
        let (was, is) = (last.bulletin.status.word(), bulletin.status.word());
        findings.add(
            Rule::Series,
            Part::Status,
            format!("it goes back from {was} to {is} without a word"),
            "say so: \"The problem has come back.\" or \"We said too early that it was solved.\"",
        );
    }
}

fn counts(written: &[Reading<'_>], last: &Last, findings: &mut Findings) {
    let before: Vec<f64> = last
        .bulletin
        .written()
        .into_iter()
        .flat_map(|(part, text)| {
            let reading = Reading::new(part, text.raw());
            numbers(&reading.lower).into_iter().map(|(number, _)| number).collect::<Vec<_>>()
        })
        .collect();
    if before.is_empty() || written.iter().any(|reading| reading.says_any(CORRECTED)) {
        return;
    }
    for reading in written {
        for (_, words) in numbers(&reading.lower).into_iter().filter(|(number, _)| !before.contains(number)) {
            findings.add(
                Rule::Series,
                reading.part,
                format!("{} is another number than we said before", quoted(words)),
                "say that it changed: \"now\", \"earlier we said\", \"corrected\"",
            );
        }
    }
}

fn promise(written: &[Reading<'_>], last: &Last, now: Time, findings: &mut Findings) {
    let Some(promised) = last.bulletin.next_at else { return };
    if now > promised + GRACE.delta() && !written.iter().any(|reading| reading.says_any(LATE)) {
        findings.add(
            Rule::Series,
            Part::Happened,
            format!("it was promised for {}", spoken(promised)),
            "own it: \"We are sorry that this update comes late.\"",
        );
    }
}

#[cfg(test)]
pub(super) fn compiled() -> bool {
    COUNT.is_some() && PROMISE.is_some()
}
