//! A question that is put to the engine again and again: one at a time, and with patience.

use serde::{Deserialize, Serialize};

use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// An answer that has not come by then will not come.
const PATIENCE: Span = Span::secs(30);
/// An engine that refused is asked again so soon at most.
const AFTER_REFUSAL: Span = Span::secs(5);

/// What the engine was asked, and why it last gave no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked<Q> {
    waiting: Option<(Time, Q)>,
    failed: Option<(Time, Outside)>,
}

impl<Q> Default for Asked<Q> {
    fn default() -> Self {
        Self { waiting: None, failed: None }
    }
}

impl<Q: Copy + PartialEq> Asked<Q> {
    /// Whether it can be asked now: no answer is waited for, and the last one was no refusal.
    pub fn may_ask(&self, at: Time) -> bool {
        let recent = |then: Time, span: Span| (then..then + span.delta()).contains(&at);
        !self.waiting.is_some_and(|(asked, _)| recent(asked, PATIENCE))
            && !self.failed.as_ref().is_some_and(|(failed, _)| recent(*failed, AFTER_REFUSAL))
    }

    /// Notes that it is asked; only the answer to this counts from now on.
    pub fn ask(&mut self, at: Time, what: Q) -> Q {
        self.waiting = Some((at, what));
        what
    }

    /// Takes in an answer: when it was asked for, and what it says. A refusal says nothing, and an answer to an older
    /// question is none.
    pub fn answered<T>(&mut self, at: Time, what: Q, answer: Result<T, Outside>) -> Option<(Time, T)> {
        let (asked, _) = self.waiting.take_if(|(_, asked)| *asked == what)?;
        match answer {
            Ok(said) => {
                self.failed = None;
                Some((asked, said))
            }
            Err(why) => {
                self.failed = Some((at, why));
                None
            }
        }
    }

    /// Why the last answer was none.
    pub fn failed(&self) -> Option<&Outside> {
        self.failed.as_ref().map(|(_, why)| why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(second: u64) -> Time {
        Time::UNIX_EPOCH + Span::secs(second).delta()
    }

    #[test]
    fn one_question_is_asked_at_a_time_until_it_is_answered_or_patience_ends() {
        let mut asked = Asked::default();
        assert!(asked.may_ask(now(0)));
        asked.ask(now(0), 'a');
        assert!(!asked.may_ask(now(29)) && asked.may_ask(now(30)));
        assert_eq!(asked.answered(now(2), 'a', Ok("said")), Some((now(0), "said")));
        assert!(asked.may_ask(now(2)));
    }

    #[test]
    fn an_answer_to_an_older_question_is_none() {
        let mut asked = Asked::default();
        asked.ask(now(0), 'a');
        asked.ask(now(30), 'b');
        assert_eq!(asked.answered(now(31), 'a', Ok(())), None);
        assert_eq!(asked.answered(now(32), 'b', Ok(())), Some((now(30), ())));
        assert_eq!(asked.answered(now(33), 'b', Ok(())), None, "it was answered");
    }

    #[test]
    fn a_refusal_is_kept_until_the_next_answer_and_not_asked_again_at_once() {
        let mut asked = Asked::default();
        asked.ask(now(0), 'a');
        assert_eq!(asked.answered(now(10), 'a', Err::<(), _>(Outside::new("locked"))), None);
        assert_eq!(asked.failed(), Some(&Outside::new("locked")));
        assert!(!asked.may_ask(now(14)) && asked.may_ask(now(15)));
        asked.ask(now(15), 'a');
        assert_eq!(asked.failed(), Some(&Outside::new("locked")), "nothing better is known yet");
        asked.answered(now(16), 'a', Ok(()));
        assert_eq!(asked.failed(), None);
    }
}
