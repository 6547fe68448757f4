//! For how long a source or monitor is left in peace: its interval, longer while it fails, and as long as it asks for.

use std::time::Duration;

use tokio::sync::watch;

use crate::domain::freshness::SourceStatus;
use crate::domain::time::{Span, Time};

/// The longest wait between two attempts at a source that fails.
const LONGEST_BACKOFF: Span = Span::secs(60);
/// However much somebody hurries, a source is left alone for so long.
const AT_LEAST: Span = Span::secs(2);
/// The same of one that refuses the credentials: soon enough for who has just put the right ones there, and no storm that
/// locks them, whoever leans on a key.
const AFTER_REFUSAL: Span = Span::secs(10);

/// For how long it is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Pause {
    /// While nobody hurries.
    wait: Span,
    /// Whoever hurries.
    alone: Span,
}

impl Pause {
    /// After what is known now, which is to say when it is asked again.
    pub(in crate::engine) fn begin(status: &mut SourceStatus, now: Time) -> Self {
        let pause = Self::after(status);
        status.next_poll = Some(now + pause.wait.delta());
        status.alone_until = (pause.alone > Span::default()).then(|| now + pause.alone.delta());
        pause
    }

    fn after(status: &SourceStatus) -> Self {
        let every = status.every;
        let asked = status.fault.as_ref().and_then(|fault| fault.retry_after).unwrap_or_default();
        let doubled = every.as_millis().saturating_mul(1 << status.failures.saturating_sub(1).min(6));
        let longest = LONGEST_BACKOFF.max(every);
        let (backoff, least) = match &status.fault {
            None => (every, Span::default()),
            Some(fault) if fault.is_of_credentials() => (longest, AFTER_REFUSAL),
            Some(_) => (Span::millis(doubled).min(longest), Span::default()),
        };
        Self { wait: backoff.max(asked), alone: asked.max(least) }
    }

    /// The same, of what counts how often something failed in a row: whoever leans on a key does not fill that count in
    /// seconds.
    pub(in crate::engine) fn counted(self) -> Self {
        Self { alone: self.alone.max(Span::millis(self.wait.as_millis() / 2)), ..self }
    }

    /// Waits until it is over, or somebody hurries.
    pub(in crate::engine) async fn over<T>(self, jitter: &mut Jitter, hurried: &mut watch::Receiver<T>) {
        let until_hurried = async {
            tokio::time::sleep(self.alone.max(AT_LEAST).std()).await;
            // Whoever would have hurried it is gone.
            if hurried.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            // No spread makes a wait shorter than was asked for.
            () = tokio::time::sleep(jitter.around(self.wait).max(self.alone.std())) => {}
            () = until_hurried => {}
        }
    }
}

/// A spread of ±15 % around an interval, so that many consoles do not ask at the same moment.
pub(in crate::engine) struct Jitter(u64);

impl Jitter {
    pub(in crate::engine) fn new(name: &str) -> Self {
        let seed = name.bytes().fold(u64::from(std::process::id()) | 1, |seed, byte| {
            seed.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
        });
        Self(seed | 1)
    }

    pub(in crate::engine) fn around(&mut self, span: Span) -> Duration {
        // xorshift: nothing here needs better chance than this.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let millis = span.as_millis();
        Duration::from_millis(millis * 85 / 100 + self.0 % (millis * 30 / 100).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::{Fault, FaultKind};

    fn wait(status: &SourceStatus) -> Span {
        Pause::after(status).wait
    }

    #[test]
    fn a_source_that_asks_to_be_left_alone_is() {
        let fault = Fault { retry_after: Some(Span::secs(50)), ..Fault::new(FaultKind::Throttled, "429") };
        let status =
            SourceStatus { failures: 1, fault: Some(fault), ..SourceStatus::never("a", Span::secs(5)) };
        assert_eq!(wait(&status), Span::secs(50));
        assert_eq!(wait(&SourceStatus::never("a", Span::secs(5))), Span::secs(5));
        let failing = |kind, failures| SourceStatus {
            failures,
            fault: Some(Fault::new(kind, "")),
            ..SourceStatus::never("a", Span::secs(5))
        };
        let waits = [1, 2, 3, 9].map(|times| wait(&failing(FaultKind::NoAnswer, times)));
        assert_eq!(waits, [5, 10, 20, 60].map(Span::secs));
        for refused in [FaultKind::Unauthorised, FaultKind::Unsigned] {
            let wait = wait(&failing(refused, 1));
            assert_eq!(wait, Span::secs(60), "who is refused does not hammer");
        }
    }

    #[test]
    fn what_is_counted_in_a_row_is_left_alone_for_half_its_interval_whoever_hurries() {
        let alone = |status: &SourceStatus| {
            let pause = Pause::after(status);
            (pause.alone, pause.counted().alone, pause.counted().wait == pause.wait)
        };
        let mut status = SourceStatus::never("a", Span::secs(30));
        assert_eq!(alone(&status), (Span::default(), Span::secs(15), true));
        let asking = Fault { retry_after: Some(Span::secs(50)), ..Fault::new(FaultKind::Throttled, "429") };
        (status.failures, status.fault) = (1, Some(asking));
        assert_eq!(alone(&status), (Span::secs(50), Span::secs(50), true), "what it asked for is more");
    }

    #[test]
    fn ten_minutes_of_failure_are_at_most_fifteen_requests() {
        for name in ["prod-am", "pd", "prom", "a", "b", "c"] {
            let mut jitter = Jitter::new(name);
            let fault = Some(Fault::new(FaultKind::Broken, "status 503"));
            let mut status = SourceStatus { fault, ..SourceStatus::never(name, Span::secs(15)) };
            let mut passed = Duration::ZERO;
            while passed < Duration::from_secs(600) {
                status.failures += 1;
                passed += jitter.around(wait(&status));
            }
            assert!((9..=15).contains(&status.failures), "{name}: {}", status.failures);
        }
    }
}
