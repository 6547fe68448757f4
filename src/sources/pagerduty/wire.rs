//! Asking PagerDuty, one request after the other, and what each answer says of how many more it grants.

use tokio::time::Instant;

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::Budget;
use crate::domain::time::{Span, Time, clock_time};
use crate::net::{Client, Limits, Request};

use super::words;

/// What every request asks for: this version of the API.
pub(super) const ACCEPT: &str = "application/vnd.pagerduty+json;version=2";

/// How long the pages of one round may take while what was known before still holds: it grows old meanwhile.
const PAGES_FOR: Span = Span::secs(5);

/// PagerDuty's address, and how it is asked.
#[derive(Debug)]
pub(super) struct Wire {
    base: String,
    client: Client,
    /// How long the pages of one round may take.
    pub(super) pages_for: Span,
}

/// One round of questions.
pub(super) struct Asking<'a> {
    wire: &'a Wire,
    now: Time,
    began: Instant,
    /// What it still grants, as the last answer said.
    pub(super) budget: Option<Budget>,
    /// Its clock at the first answer.
    date: Option<Time>,
    /// How far that is ahead of ours, in milliseconds.
    pub(super) skew_ms: Option<i64>,
}

impl Wire {
    pub(super) fn new(base: String, client: Client) -> Self {
        Self { base, client, pages_for: PAGES_FOR }
    }

    /// Begins a round of questions.
    pub(super) fn asking(&self, now: Time) -> Asking<'_> {
        Asking { wire: self, now, began: Instant::now(), budget: None, date: None, skew_ms: None }
    }
}

impl Asking<'_> {
    /// The body of a list or a single thing.
    ///
    /// # Errors
    /// Why there is none. Of a spent budget nothing more is asked.
    pub(super) async fn get(&mut self, path: &str, query: &[(&str, &str)]) -> Result<String, Fault> {
        if let Some(until) = self.spent() {
            return Err(throttled(until, self.now));
        }
        let request =
            Request::get(format!("{}{path}", self.wire.base)).with_query(query).header("accept", ACCEPT)?;
        let answer = self.wire.client.exchange(&request, Limits::READ).await?;
        self.budget = answer.budget(self.now).or(self.budget);
        if self.date.is_none() {
            (self.date, self.skew_ms) = (answer.date(), answer.skew_ms(self.now));
        }
        Ok(String::from_utf8_lossy(&words::success(answer)?.body).into_owned())
    }

    /// How long ago the round began.
    pub(super) fn elapsed(&self) -> Span {
        Span::millis(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// Whether the pages of this round have taken as long as they may.
    pub(super) fn has_read_enough(&self) -> bool {
        self.elapsed() >= self.wire.pages_for
    }

    /// Until when nothing more is granted.
    pub(super) fn spent(&self) -> Option<Time> {
        self.budget.filter(|budget| budget.left == 0 && budget.until > self.now).map(|budget| budget.until)
    }

    /// What its clock said at the first answer; ours, where it does not say.
    pub(super) fn theirs(&self) -> Time {
        self.date.unwrap_or(self.now)
    }
}

/// Whether it says that further questions are unwelcome: who asks must wait, or come with other credentials.
pub(super) fn is_unwelcome(fault: &Fault) -> bool {
    fault.kind == FaultKind::Throttled || fault.is_of_credentials()
}

/// What it grants is used up until then.
pub(super) fn throttled(until: Time, now: Time) -> Fault {
    let wait = u64::try_from((until - now).num_milliseconds()).unwrap_or(0);
    let detail = format!("PagerDuty grants no request before {}", clock_time(until));
    Fault { retry_after: Some(Span::millis(wait)), ..Fault::new(FaultKind::Throttled, detail) }
}
