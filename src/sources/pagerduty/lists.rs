//! Reading long lists page by page while they change: nothing is lost, nothing counts twice.

use std::collections::BTreeSet;

use super::decode::{self, LogEntry};
use super::known::Known;
use super::wire::{Asking, is_unwelcome};
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

/// A reading of all open incidents, which may take several rounds, and how far it came.
#[derive(Debug)]
pub(super) struct Walk {
    /// The round it began in.
    pub(super) began: u64,
    /// How it ended.
    pub(super) listed: Option<Listed>,
    read: BTreeSet<String>,
    offset: usize,
    pages: usize,
    barren: usize,
    back: usize,
}

impl Walk {
    pub(super) fn begin(round: u64) -> Self {
        let (read, listed) = (BTreeSet::new(), None);
        Self { began: round, listed, read, offset: 0, pages: 0, barren: 0, back: OVERLAP }
    }

    fn ends(&mut self, listed: Listed) -> Result<(), Fault> {
        self.listed = Some(listed);
        Ok(())
    }
}

/// Reads open incidents into `known`, until there are no more, or, where it may pause, this round has taken long enough.
///
/// What was read is always a stretch without gaps from the start of the list: a page counts only when it begins with
/// something that was read before, which is why each begins with the end of the one before. When incidents in front of
/// it were resolved meanwhile, it does not, and reading goes back. What is inserted in front is in the log.
///
/// # Errors
/// The first page could not be read, or further questions are unwelcome: then it goes on there another time.
pub(super) async fn incidents(
    asking: &mut Asking<'_>,
    teams: &[String],
    known: &mut Known,
    walk: &mut Walk,
    may_pause: bool,
) -> Result<(), Fault> {
    while walk.listed.is_none() && walk.pages < MOST_PAGES {
        if walk.offset + PAGE > CAP {
            let beyond = beyond(asking, teams).await?;
            return walk.ends(Listed { beyond, fault: None });
        }
        let answer = ask(asking, teams, &walk.offset.to_string(), &PAGE.to_string(), "false").await;
        let answer = answer.and_then(|body| {
            let page = decode::page(&body, "incidents")?;
            let elements: Vec<_> = page.elements.into_iter().map(|raw| decode::element(raw.get())).collect();
            Ok((elements, page.more))
        });
        let (elements, more) = match answer {
            Ok(page) => page,
            Err(fault) if walk.pages == 0 || is_unwelcome(&fault) => return Err(fault),
            Err(fault) => return walk.ends(Listed { beyond: 0, fault: Some(fault) }),
        };
        walk.pages += 1;
        if walk.offset > 0 && elements.first().is_none_or(|first| !walk.read.contains(first.id())) {
            // More than that: further and further back, so that any number of them is found out soon.
            walk.offset = walk.offset.saturating_sub(walk.back);
            walk.back *= 2;
            continue;
        }
        walk.back = OVERLAP;
        let (length, before) = (elements.len(), walk.read.len());
        for element in elements {
            walk.read.insert(element.id().to_owned());
            known.take(element);
        }
        if !more {
            return walk.ends(Listed::default());
        }
        walk.barren = if walk.read.len() > before { 0 } else { walk.barren + 1 };
        if walk.barren == BARREN {
            break;
        }
        walk.offset += length.saturating_sub(OVERLAP).max(1);
        if may_pause && asking.has_read_enough() {
            return Ok(());
        }
    }
    if walk.listed.is_some() {
        return Ok(());
    }
    let why = "the list of incidents has no end: there is always one more page, and nothing new on it";
    walk.ends(Listed { beyond: 0, fault: Some(Fault::new(FaultKind::Malformed, why)) })
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
async fn beyond(asking: &mut Asking<'_>, teams: &[String]) -> Result<u32, Fault> {
    let total = match ask(asking, teams, "0", "1", "true").await {
        Ok(body) => decode::page(&body, "incidents").ok().and_then(|page| page.total),
        Err(fault) if is_unwelcome(&fault) => return Err(fault),
        Err(_) => None,
    };
    Ok(total.unwrap_or(0).saturating_sub(u32::try_from(CAP).unwrap_or(u32::MAX)).max(1))
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
