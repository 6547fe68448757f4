//! `quell wait`: ends as soon as an incident matches.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::follow::{Follower, LOOK, Stop};
use super::out::Out;
use super::watch::{seen, sees};
use super::{Global, list, words};
use crate::console::board::{Board, Sight};
use crate::domain::query::Query;
use crate::domain::text::SafeText;
use crate::domain::time::{Span, Time};

/// `quell wait QUERY [--timeout 5m]`.
#[derive(Debug, Args)]
#[command(
    after_help = "0: something matches, and is printed as `quell list` does. 1: nothing did in time. 3: nothing did, and \
                  quell could not see whether it would."
)]
pub(super) struct Wait {
    /// What must match: sev:critical -is:acked "token"
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: String,
    /// For how long at most; for ever unless it is said
    #[arg(long, value_name = "TIME", value_parser = words::span)]
    timeout: Option<Span>,
}

/// Whether none of the sources that alert can be believed, where there are any: a night is not quiet because monitors
/// are up.
fn nothing_alerts(board: &Board, now: Time) -> bool {
    !board.sources.is_empty() && board.sources.iter().all(|source| !source.state(now).sees())
}

impl Wait {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<ExitCode, Failure> {
        let query = list::query(&self.query)?;
        let deadline = self.timeout.map(|timeout| Instant::now() + timeout.std());
        let boot = Boot::load(global)?;
        let mut follower = Follower::begin(&boot).await?;
        let mut stop = Stop::listen()?;
        if !self.is_over(&follower, &query, deadline) {
            follower.keep_watch(&boot);
        }
        while !self.is_over(&follower, &query, deadline) {
            let left = deadline
                .map_or(LOOK, |deadline| deadline.saturating_duration_since(Instant::now()).min(LOOK));
            if let Err(ended) = stop.unless(follower.next(left.max(Duration::from_millis(1)))).await {
                follower.leave().await;
                return Ok(ExitCode::from(ended.code()));
            }
        }
        let ended = self.judge(&follower, &query, out);
        follower.leave().await;
        ended.map(ExitCode::from)
    }

    fn is_over(&self, follower: &Follower, query: &Query, deadline: Option<Instant>) -> bool {
        deadline.is_some_and(|deadline| Instant::now() >= deadline)
            || !list::matching(&follower.everything(), query, follower.me()).is_empty()
    }

    /// Prints what matches, or says why nothing does.
    fn judge(&self, follower: &Follower, query: &Query, out: &Out) -> Result<Exit, Failure> {
        let now = follower.everything();
        let found = list::matching(&now, query, follower.me());
        if out.json {
            out.value(&list::listing(&found, &now));
        }
        if !found.is_empty() {
            if !out.json {
                out.lines(&list::rows(&found, &now));
            }
            return Ok(Exit::Ok);
        }
        let (board, query) = (&follower.board, SafeText::display(&self.query));
        let time = self.timeout.map(|timeout| timeout.to_string()).unwrap_or_default();
        let sight = board.sight(now.now);
        let state = seen(board, &sight, now.now);
        Err(match sight {
            ref blind if !sees(blind) || nothing_alerts(board, now.now) => {
                let why = format!("nobody can say whether anything matches {query}: {state}");
                Failure::new(Exit::Unreachable, why)
            }
            Sight::Partly(..) => {
                let why = format!("nothing that can be seen matched {query} within {time}; {state}");
                Failure::new(Exit::Refused, why)
            }
            _ => Failure::new(Exit::Refused, format!("nothing matched {query} within {time}; {state}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::freshness::SourceStatus;

    #[test]
    fn monitors_that_are_up_say_nothing_of_alerts_that_cannot_be_read() {
        let now: Time = "2026-11-20T14:00:00Z".parse().unwrap();
        let mut board = Board::new(now);
        assert!(!nothing_alerts(&board, now), "where only monitors are configured, these are what is seen");
        let down = SourceStatus::never("prod-am", Span::secs(15));
        board.sources = vec![down.clone()];
        assert!(nothing_alerts(&board, now));
        board.sources.push(SourceStatus { as_of: Some(now), ..SourceStatus::never("pd", Span::secs(15)) });
        assert!(!nothing_alerts(&board, now));
    }
}
