//! Whoever keeps what burns in its memory alone has to be told all of it again after a start: what it does not list until
//! then may burn.

use std::collections::BTreeSet;

use super::Engine;
use crate::domain::freshness::{Remark, SourceStatus};
use crate::domain::incident::key_text;
use crate::domain::signal::Answer;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, clock_time};

/// Within this, whoever finds what burns tells it again: a rule that is evaluated seldom, and the pause after that.
const TOLD_AGAIN: Span = Span::mins(5);
/// What started so much later than now did not: its clock says nothing.
const AHEAD: Span = Span::mins(1);

/// Whoever answers is believed after this, whatever gaps there were.
const AT_THE_LATEST: Span = Span::mins(30);

/// That they do not say when they started, who did before.
#[derive(Clone, Copy)]
pub(super) struct Silence {
    /// When that was seen first.
    first: Time,
    /// Since when they have answered without a gap.
    whole: Option<Time>,
}

impl Silence {
    /// That they still do not, at `now`. Of a clock that was set back since nobody can say how long ago `before` was.
    pub(super) fn at(now: Time, before: Option<Self>) -> Self {
        let before = before.filter(|it| it.first <= now && it.whole.is_none_or(|whole| whole <= now));
        let whole = before.and_then(|it| it.whole).or(Some(now));
        Self { first: before.map_or(now, |it| it.first), whole }
    }

    /// Who did not answer may have started anew meanwhile.
    pub(super) fn broken(self) -> Self {
        Self { whole: None, ..self }
    }

    fn is_young(self, now: Time) -> bool {
        let within = |since: Time, span: Span| now - since < span.delta();
        within(self.first, AT_THE_LATEST) && self.whole.is_none_or(|whole| within(whole, TOLD_AGAIN))
    }
}

impl Engine {
    /// Why what this answer leaves out is not over, where something that fires is left out. It is over where one of those
    /// who answered has run for long, or where everybody who told all there is the last time, which these did, answered.
    /// Who said when it started before, and is `silent` about it now, counts as started then, by our clock.
    pub(super) fn anew(
        &self,
        status: &SourceStatus,
        told_by: &[Time],
        silent: Option<Silence>,
        answer: &Answer,
    ) -> Option<Remark> {
        let now = self.now();
        let ahead = chrono::TimeDelta::milliseconds(status.vitals.skew().unwrap_or(0));
        let age = |started: &Time| now + ahead - *started;
        let is_young = |it: &Time| age(it) < TOLD_AGAIN.delta() && age(it) > -AHEAD.delta();
        let lives = &status.vitals.told_by;
        let told = !told_by.is_empty() && told_by.iter().all(|it| lives.contains(it));
        let began = lives.iter().min().copied();
        let is_new = began.as_ref().map_or(silent.is_some_and(|it| it.is_young(now)), is_young);
        if told || !lives.iter().all(is_young) || !is_new {
            return None;
        }
        let here: BTreeSet<String> = answer.signals.iter().map(|signal| key_text(&signal.key)).collect();
        let mine = format!("{}\0", status.name);
        let incidents = self.0.mirror.all();
        let signals = incidents.iter().flat_map(|incident| &incident.signals);
        let misses = signals
            .filter(|(key, joined)| {
                joined.cleared.is_none() && key.starts_with(&mine) && !here.contains(*key)
            })
            .count();
        let why = began.map_or_else(
            || "it does not say when it started".to_owned(),
            |at| format!("it started at {}, and is told again what does", clock_time(status.ours(at, now))),
        );
        let text = format!("{misses} that it does not list may burn: {why}");
        (misses > 0).then(|| Remark { text: Outside::new(text), partial: true, ..Remark::default() })
    }
}
