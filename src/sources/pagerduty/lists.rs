//! Reading long lists page by page while they change: nothing is lost, nothing counts twice.

use std::collections::BTreeSet;

use super::decode::{self, LogEntry};
use super::known::Known;
use super::wire::Asking;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::time::Time;

/// Elements of a page: the most PagerDuty gives.
const PAGE: usize = 100;
/// Elements with which a page begins that the one before ended with: so many may be resolved in between.
const OVERLAP: usize = 10;
/// What it lets anybody read of one list.
pub(super) const CAP: usize = 10_000;
/// Pages of one reading, those read again because the list moved included.
const MOST_PAGES: usize = 300;
/// Pages in a row that may bring nothing new.
const BARREN: usize = 3;

/// How a reading of all open incidents ended.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Listed {
    /// How many lie beyond what may be read.
    pub(super) beyond: u32,
    /// Why the rest of it could not be read.
    pub(super) fault: Option<Fault>,
}

/// Reads every open incident into `known`.
///
/// What was read is always a stretch without gaps from the start of the list: a page counts only when it begins with
/// something that was read before, which is why each begins with the end of the one before. When incidents in front of
/// it were resolved meanwhile, it does not, and reading goes back. What is inserted in front is in the log.
///
/// # Errors
/// The first page could not be read.
pub(super) async fn incidents(
    asking: &mut Asking<'_>,
    teams: &[String],
    known: &mut Known,
) -> Result<Listed, Fault> {
    let mut read: BTreeSet<String> = BTreeSet::new();
    let (mut offset, mut barren, mut back) = (0_usize, 0, OVERLAP);
    for number in 0..MOST_PAGES {
        if offset + PAGE > CAP {
            return Ok(Listed { beyond: beyond(asking, teams).await, fault: None });
        }
        let answer = ask(asking, teams, &offset.to_string(), &PAGE.to_string(), "false").await;
        let answer = answer.and_then(|body| {
            let page = decode::page(&body, "incidents")?;
            let elements: Vec<_> = page.elements.into_iter().map(|raw| decode::element(raw.get())).collect();
            Ok((elements, page.more))
        });
        let (elements, more) = match answer {
            Ok(page) => page,
            Err(fault) if number == 0 => return Err(fault),
            Err(fault) => return Ok(Listed { beyond: 0, fault: Some(fault) }),
        };
        if offset > 0 && elements.first().is_none_or(|first| !read.contains(first.id())) {
            // More than that: further and further back, so that any number of them is found out soon.
            offset = offset.saturating_sub(back);
            back *= 2;
            continue;
        }
        back = OVERLAP;
        let (length, before) = (elements.len(), read.len());
        for element in elements {
            read.insert(element.id().to_owned());
            known.take(element);
        }
        if !more {
            return Ok(Listed::default());
        }
        barren = if read.len() > before { 0 } else { barren + 1 };
        if barren == BARREN {
            break;
        }
        offset += length.saturating_sub(OVERLAP).max(1);
    }
    let why = "the list of incidents has no end: there is always one more page, and nothing new on it";
    Ok(Listed { beyond: 0, fault: Some(Fault::new(FaultKind::Malformed, why)) })
}

async fn ask(
    asking: &mut Asking<'_>,
    teams: &[String],
    offset: &str,
    limit: &str,
    total: &str,
) -> Result<String, Fault> {
    let mut query = vec![
        // Without this only what began within a month is listed, however it burns.
        ("date_range", "all"),
        ("statuses[]", "triggered"),
        ("statuses[]", "acknowledged"),
        // Where not all can be read, what is urgent and new is.
        ("sort_by", "urgency:desc,created_at:desc"),
        ("limit", limit),
        ("offset", offset),
        ("total", total),
    ];
    query.extend(teams.iter().map(|team| ("team_ids[]", team.as_str())));
    asking.get("/incidents", &query).await
}

/// How many open incidents lie beyond what may be read; at least one.
async fn beyond(asking: &mut Asking<'_>, teams: &[String]) -> u32 {
    let total = match ask(asking, teams, "0", "1", "true").await {
        Ok(body) => decode::page(&body, "incidents").ok().and_then(|page| page.total),
        Err(_) => None,
    };
    total.unwrap_or(0).saturating_sub(u32::try_from(CAP).unwrap_or(u32::MAX)).max(1)
}

/// What happened since then, oldest first; none where that is more than may be read.
///
/// # Errors
/// It could not be read whole.
pub(super) async fn changes(
    asking: &mut Asking<'_>,
    teams: &[String],
    since: Time,
) -> Result<Option<Vec<LogEntry>>, Fault> {
    let since = since.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (mut entries, mut read): (Vec<LogEntry>, BTreeSet<String>) = Default::default();
    let (mut offset, mut barren) = (0, 0);
    while offset + PAGE <= CAP {
        let (page, start) = (PAGE.to_string(), offset.to_string());
        let mut query = vec![
            ("since", since.as_str()),
            ("is_overview", "false"),
            ("include[]", "incidents"),
            ("limit", &page),
            ("offset", &start),
        ];
        query.extend(teams.iter().map(|team| ("team_ids[]", team.as_str())));
        let body = asking.get("/log_entries", &query).await?;
        let page = decode::page(&body, "log_entries")?;
        // New ones push the others back: what is seen twice is the same, and nothing is lost.
        let before = read.len();
        for entry in page.elements.iter().filter_map(|raw| decode::entry(raw.get())) {
            if read.insert(entry.id.clone()) {
                entries.push(entry);
            }
        }
        barren = if read.len() > before { 0 } else { barren + 1 };
        if !page.more || barren == BARREN {
            // The newest come first; those of the same second stay in their order.
            entries.reverse();
            entries.sort_by_key(|entry| entry.at);
            return Ok(Some(entries));
        }
        offset += page.elements.len().max(1);
    }
    Ok(None)
}
