//! What keeps an incident quiet: as its sources say it now, and where they say nothing of it, as it was asked for.

use std::collections::BTreeMap;

use crate::domain::action::ActionId;
use crate::domain::freshness::SourceStatus;
use crate::domain::incident::{Incident, Quieted, key_text};
use crate::domain::signal::Signal;
use crate::domain::time::Time;
use crate::domain::upstream::Silence;

/// What keeps an incident quiet.
pub(super) struct Quiet {
    /// The silences from here that still stand, by the action that made them: until when.
    pub(super) ours: BTreeMap<ActionId, Time>,
    /// Those of others, each once.
    pub(super) others: Vec<Silence>,
}

impl Quiet {
    /// Of signals as they were read at a time.
    pub(super) fn of(
        incident: &Incident,
        (signals, read_at): (&[Signal], Time),
        sources: &[&SourceStatus],
        now: Time,
    ) -> Self {
        let gone = |one: &Quieted<'_>, firing: &[&Signal]| {
            was_asked(one, read_at, sources, now) && firing.iter().any(|signal| one.is_about(signal))
        };
        let fires = |signal: &&Signal| {
            incident.signals.get(&key_text(&signal.key)).is_some_and(|joined| joined.cleared.is_none())
        };
        let firing: Vec<&Signal> = signals.iter().filter(fires).collect();
        let mut said: Vec<(&str, &Silence)> = Vec::new();
        for signal in &firing {
            let silences = signal.upstream.iter().flat_map(|upstream| &upstream.silences);
            said.extend(silences.map(|silence| (signal.key.source.as_str(), silence)));
        }
        let kept = incident.silences();
        let is = |one: &Quieted<'_>, (source, silence): &(&str, &Silence)| {
            one.source == *source && one.is(silence)
        };
        let until = |one: &Quieted<'_>| match said.iter().find(|said| is(one, said)) {
            Some((_, silence)) => silence.until.or(Some(one.until)),
            None => (!gone(one, &firing)).then_some(one.until),
        };
        let ours = kept.iter().filter_map(|one| Some((one.action.id, until(one)?)));
        let mut others: Vec<Silence> = Vec::new();
        for (_, silence) in said.iter().filter(|told| !kept.iter().any(|one| is(one, told))) {
            if silence.until.is_none_or(|until| until > now) && !others.contains(silence) {
                others.push((*silence).clone());
            }
        }
        Self { ours: ours.filter(|(_, until)| *until > now).collect(), others }
    }
}

/// Whether its source was asked between the last change from here and the reading, so that it names what still stands.
fn was_asked(one: &Quieted<'_>, read_at: Time, sources: &[&SourceStatus], now: Time) -> bool {
    let status = sources.iter().find(|status| status.name == one.source);
    status.is_some_and(|it| it.state(now).sees() && read_at > one.changed + it.every.delta() * 2)
}
