//! What a console sees: changes since a cursor, and one incident with everything about it.

use std::sync::Arc;
use std::time::Duration;

use super::{Engine, unreachable, unwritten};
use crate::backend::{Changes, Detail, Earlier, Holder, Refusal, RefusalKind};
use crate::domain::fault::Fault;
use crate::domain::freshness::SourceStatus;
use crate::domain::id::{Cursor, IncidentId};
use crate::domain::incident::Incident;
use crate::domain::monitor::MonitorStatus;
use crate::domain::operator::Operator;
use crate::domain::signal::Signal;
use crate::domain::time::Span;

impl Engine {
    pub(super) async fn feed(
        &self,
        who: &Operator,
        cursor: &Cursor,
        wait: Duration,
    ) -> Result<Changes, Fault> {
        let (seen, tick) = parse(cursor);
        let mut bell = self.0.mirror.bell();
        let moved = async {
            while tick.is_some_and(|tick| self.0.mirror.read().tick <= tick) {
                if bell.changed().await.is_err() {
                    break;
                }
            }
        };
        // Nothing new by then is an answer too: it carries the engine's clock.
        drop(tokio::time::timeout(wait, moved).await);
        {
            let view = self.0.mirror.read();
            if let Some(error) = view.trouble.as_ref().or(view.leaseless.as_ref()) {
                return Err(unreachable(error));
            }
        }
        Ok(self.changes_since(who, seen, tick))
    }

    fn changes_since(&self, who: &Operator, seen: u64, tick: Option<u64>) -> Changes {
        let view = self.0.mirror.read();
        let (console, first) = (who.console(), tick.is_none());
        let new = |seq: u64| first || seq > seen;
        // A console that begins does not repeat what the same person was told before, wherever that was.
        let mine = |told: &String| if first { who.sat_at(told) } else { *told == console };
        let told = |seq: &u64| view.told.get(seq).is_some_and(|consoles| consoles.iter().any(mine));
        let incidents =
            if first { view.incidents.values().cloned().collect() } else { view.moved_since(seen) };
        Changes {
            cursor: Cursor(format!("{}.{}", view.seq, view.tick)),
            incidents,
            removed: view
                .removed
                .iter()
                .filter(|(at, _)| Some(*at) > tick)
                .map(|(_, id)| id.clone())
                .collect(),
            sources: view.sources.clone(),
            monitors: view.monitors.clone(),
            notices: view.notices.iter().filter(|(seq, ..)| new(*seq) && !told(seq)).cloned().collect(),
            watch: view.watch.clone(),
            handed: view.handed.clone(),
            holder: view.holder.clone(),
            actions: view.actions.clone(),
            ledger: self.0.ledger.trouble().as_ref().map(unwritten),
            deaf: view.deaf.clone().filter(|_| self.0.adapters.exec.is_some()),
            now: self.now(),
        }
    }

    /// The last record that this engine has read.
    pub fn last_read(&self) -> u64 {
        self.0.mirror.read().seq
    }

    /// One incident by its id, its bare number or an upstream id.
    pub(super) async fn detail(&self, id: &str) -> Result<Detail, Refusal> {
        self.detail_of(&self.resolve(id).await?).await
    }

    /// One incident by its id.
    pub(super) async fn detail_of(&self, id: &IncidentId) -> Result<Detail, Refusal> {
        let incident = match self.find(id) {
            Some(incident) => incident,
            None => self.0.ledger.incident(id).await?.ok_or_else(|| not_found(&id.to_string()))?,
        };
        let records = self.0.ledger.records_of(id).await?;
        let signals = self.signals_of(&incident).await;
        let monitors =
            self.linked_monitors(&incident).into_iter().map(|monitor| monitor.source.name).collect();
        let earlier = match &incident.opening.group {
            Some(group) => self.0.ledger.earlier(group, id.number()).await?,
            None => Vec::new(),
        };
        let earlier = earlier
            .iter()
            .filter(|earlier| earlier.merged.is_none())
            .map(|incident| Earlier::of(incident))
            .collect();
        Ok(Detail { incident, records, signals, monitors, earlier })
    }

    /// An incident's signals as their sources say them now; those that went away, as they said them last.
    pub(super) async fn signals_of(&self, incident: &Incident) -> Vec<Signal> {
        let mut signals = Vec::new();
        for (source, fingerprint) in incident.signals.keys().filter_map(|key| key.split_once('\0')) {
            let mut said = self.0.live.last_said(source, fingerprint).await;
            // What could not be decoded fires since we saw it.
            if let Some(signal) = said.as_mut().filter(|signal| !signal.undecodable) {
                let known = self.0.mirror.read().sources.iter().find(|it| it.name == source).cloned();
                signal.since = known.map_or(signal.since, |it| it.ours(signal.since, self.now()));
            }
            signals.extend(said);
        }
        signals
    }

    /// The fingerprints of a source's signals of which somebody may still have to tell.
    pub(super) fn open_signals_of(&self, source: &str) -> Vec<String> {
        let named = |key: &String| {
            let (of, fingerprint) = key.split_once('\0')?;
            (of == source).then(|| fingerprint.to_owned())
        };
        let incidents = self.0.mirror.all();
        let open = incidents.iter().filter(|incident| incident.phase.is_open());
        open.flat_map(|incident| incident.signals.keys().filter_map(named)).collect()
    }

    /// The monitors of an incident's service.
    pub(super) fn linked_monitors(&self, incident: &Incident) -> Vec<MonitorStatus> {
        let view = self.0.mirror.read();
        view.monitors.iter().filter(|monitor| incident.is_of_service(&monitor.service)).cloned().collect()
    }

    /// The incident a person means.
    pub(super) async fn resolve(&self, text: &str) -> Result<IncidentId, Refusal> {
        let ours = match text.parse::<u64>() {
            Ok(number) => Some(IncidentId::new(self.0.ledger.prefix(), number)),
            Err(_) => IncidentId::parse(&text.to_ascii_uppercase()),
        };
        let upstream: Vec<IncidentId> = {
            let view = self.0.mirror.read();
            let named = text.replacen(':', "\0", 1);
            let has = |incident: &&Arc<Incident>| {
                incident.signals.contains_key(&named) || incident.upstream().contains(&text)
            };
            view.incidents.values().filter(has).map(|incident| incident.id.clone()).collect()
        };
        let known = match &ours {
            Some(id) => self.find(id).is_some() || self.0.ledger.incident(id).await?.is_some(),
            None => false,
        };
        match (ours.filter(|_| known), upstream.as_slice()) {
            (Some(id), []) => Ok(id),
            (Some(id), [other, ..]) if *other == id => Ok(id),
            (Some(id), [other, ..]) => Err(Refusal::new(
                RefusalKind::Usage,
                format!("{text} is both {id} and an upstream id of {other}; say which"),
            )),
            (None, [id]) => Ok(id.clone()),
            (None, [first, second, ..]) => Err(Refusal::new(
                RefusalKind::Usage,
                format!("more than one incident has that upstream id: {first}, {second}; say which"),
            )),
            (None, []) => Err(not_found(text)),
        }
    }

    /// Reads the live tables again: for those who do not hold the lease.
    pub(super) async fn refresh_live(&self) {
        self.read_live(Span::default()).await;
    }

    /// The same where they are read so often: between two looks nothing gets older than that.
    pub(super) async fn read_live(&self, heard_within: Span) {
        let (mut sources, mut monitors) = (self.0.live.sources().await, self.0.live.monitors().await);
        // One that was never asked is there all the same.
        for source in &self.0.adapters.sources {
            if sources.iter().all(|status| status.name != source.name()) {
                sources.push(SourceStatus::never(source.name(), source.schedule().every));
            }
        }
        for status in sources.iter_mut().chain(monitors.iter_mut().map(|monitor| &mut monitor.source)) {
            status.heard_within = heard_within;
        }
        let beat = self.0.live.beat().await;
        let holder = beat.map(|beat| Holder {
            pid: beat.pid,
            tty: beat.tty,
            here: beat.instance == self.0.instance,
            beat: Some(beat.at),
        });
        let same = {
            let view = self.0.mirror.read();
            view.sources == sources && view.monitors == monitors && view.holder == holder
        };
        if !same {
            self.0.mirror.write(|view| {
                view.sources = sources;
                view.monitors = monitors;
                view.holder = holder;
            });
        }
    }
}

fn not_found(what: &str) -> Refusal {
    let what = crate::domain::text::SafeText::exact(what);
    Refusal::new(
        RefusalKind::NotFound,
        format!("there is no incident {what}; `quell list` shows those there are"),
    )
}

fn parse(cursor: &Cursor) -> (u64, Option<u64>) {
    match cursor.0.split_once('.') {
        Some((seq, tick)) => (seq.parse().unwrap_or(0), tick.parse().ok()),
        None => (0, None),
    }
}
