//! Gathers what an incident's packet is made from.

use std::collections::BTreeMap;

use super::Engine;
use crate::backend::{Refusal, RefusalKind};
use crate::domain::escalation::Path;
use crate::domain::incident::{Incident, key_text};
use crate::domain::monitor::MonitorStatus;
use crate::domain::operator::Operator;
use crate::domain::packet::{Filled, Findings, Material, Mended, Note, Packet};
use crate::domain::record::{Entry, Record};
use crate::domain::signal::{Signal, SignalKey};
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// What stands beside the incident itself.
pub(super) struct Gathered {
    signals: Vec<Signal>,
    notes: Vec<Note>,
    monitors: Vec<MonitorStatus>,
    mended: Vec<Mended>,
    filled: BTreeMap<String, Filled>,
}

impl Engine {
    /// What an escalation of an incident on a path says, and where each value was found.
    pub(super) async fn packet_on(&self, incident: &Incident, path: &str) -> Result<Packet, Refusal> {
        let path = self.known_path(path)?;
        Ok(self.gather(incident).await.packet(self, incident, path))
    }

    /// Everything that may know a value. What cannot be read now is left out: nobody waits for it to be paged.
    pub(super) async fn gather(&self, incident: &Incident) -> Gathered {
        let records = self.0.ledger.records_of(&incident.id).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a packet is made without notes");
            Vec::new()
        });
        let monitors = self.linked_monitors(incident);
        Gathered {
            signals: self.signals_of(incident).await,
            notes: records.iter().filter_map(note).collect(),
            mended: monitors.iter().filter_map(|monitor| mended(monitor, incident, &records)).collect(),
            monitors,
            filled: (*incident.filled).clone(),
        }
    }

    pub(super) fn known_path(&self, id: &str) -> Result<&Path, Refusal> {
        self.0.setup.path(id).ok_or_else(|| {
            let known: Vec<&str> = self.0.setup.paths.iter().map(|path| path.id.as_str()).collect();
            Refusal::new(
                RefusalKind::Usage,
                format!("there is no such path; there are: {}", known.join(", ")),
            )
        })
    }
}

impl Gathered {
    /// With what a person gives now, which stands above all else.
    pub(super) fn given(mut self, who: &Operator, at: Time, given: &BTreeMap<String, Outside>) -> Self {
        let filled = |(item, value): (&String, &Outside)| {
            (item.clone(), Filled { value: value.clone(), by: who.name.clone(), at })
        };
        self.filled.extend(given.iter().map(filled));
        self
    }

    /// Looks through it once, for any number of packets.
    pub(super) fn findings<'a>(&'a self, engine: &'a Engine, incident: &'a Incident) -> Findings<'a> {
        let Self { signals, notes, monitors, mended, filled } = self;
        let material = Material { incident, signals, notes, monitors, mended, filled };
        Findings::of(material, &engine.0.setup.patterns)
    }

    pub(super) fn packet(&self, engine: &Engine, incident: &Incident, path: &Path) -> Packet {
        self.findings(engine, incident).packet(path)
    }
}

fn note(record: &Record) -> Option<Note> {
    let Entry::Noted { text } = &record.entry else { return None };
    Some(Note { by: record.by.person()?.to_owned(), at: record.at, text: text.clone() })
}

/// What a monitor that is right again found wrong last, as the incident's records tell it; its own incident has it as
/// a signal.
fn mended(monitor: &MonitorStatus, incident: &Incident, records: &[Record]) -> Option<Mended> {
    if monitor.wrong.is_some() {
        return None;
    }
    let name = &monitor.source.name;
    let key = SignalKey { source: name.clone(), fingerprint: Outside::new(name.as_str()) };
    let own = incident.signals.get(&key_text(&key)).and_then(|own| Some((own.title.clone(), own.cleared?)));
    let turned = || {
        let turns = records.iter().filter_map(|record| match &record.entry {
            Entry::MonitorTurned { monitor, up, detail } if monitor == name => Some((*up, detail, record.at)),
            _ => None,
        });
        let turns: Vec<_> = turns.collect();
        let (_, wrong, down) = turns.iter().rfind(|(up, ..)| !up)?;
        let (.., at) = turns.iter().find(|(up, _, at)| *up && at >= down)?;
        Some(((*wrong).clone(), *at))
    };
    let (wrong, at) = own.or_else(turned)?;
    Some(Mended { monitor: name.clone(), target: monitor.target.clone(), wrong, at })
}
