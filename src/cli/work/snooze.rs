//! Putting an incident off, and taking it up again: `snooze`, `wake`.

use clap::Args;

use super::{Setting, Writes};
use crate::cli::failure::{Exit, Failure};
use crate::cli::words::outside;
use crate::domain::incident::Incident;
use crate::domain::record::{Entry, SnoozeEnded, Snoozed};
use crate::domain::snooze::until;
use crate::domain::time::date_time;

/// `quell snooze ID FOR [BECAUSE]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell snooze <ID> <FOR|until TIME> [BECAUSE]")]
pub(in crate::cli) struct Snooze {
    /// Its id
    id: String,
    /// For how long or until when (UTC), then why: 30m "it rolls back", or: until 14:00Z
    #[arg(required = true, value_name = "FOR")]
    words: Vec<String>,
}

/// `quell wake ID`.
#[derive(Debug, Args)]
#[command(override_usage = "quell wake <ID>")]
pub(in crate::cli) struct Wake {
    /// Its id
    id: String,
}

impl Writes for Snooze {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        // `until 14:00` may be one word of the shell.
        let (first, rest) = self.words.split_first().map_or(("", &[][..]), |(it, rest)| (it.as_str(), rest));
        let split = first.split_whitespace();
        let words: Vec<&str> = split.chain(rest.iter().map(String::as_str)).collect();
        let (until, taken) = until(&words, on.now).map_err(|(_, says)| Failure::new(Exit::Usage, says))?;
        let because = words.get(taken..).unwrap_or_default().join(" ");
        let because = (!because.trim().is_empty()).then(|| outside(&because));
        Ok(vec![Entry::Snoozed(Snoozed { until, because })])
    }

    fn said(&self, after: &Incident) -> String {
        let until = after.snooze.as_ref().map(|snooze| date_time(snooze.until)).unwrap_or_default();
        format!("{} snoozed until {until}; {}", after.id, after.paged_words())
    }
}

impl Writes for Wake {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::SnoozeEnded(SnoozeEnded { because: None })])
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} awake", after.id)
    }
}
