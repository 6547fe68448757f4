//! Where a response stands, read off its incident: the names in its JSON are a promise to scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::row::second;
use crate::cli::{bulletin, gate};
use crate::domain::action::{Action, ActionId};
use crate::domain::bulletin::{Audience, Status};
use crate::domain::classification::Classification;
use crate::domain::deadline::Deadline;
use crate::domain::gate::Gate;
use crate::domain::incident::{Incident, Posted, SentBulletin, Waiver};
use crate::domain::phase::Phase;
use crate::domain::role::{Held, Role};
use crate::domain::story;
use crate::domain::text::Outside;
use crate::domain::time::{Time, age, date_time};

/// Where a response stands.
#[derive(Serialize)]
pub(super) struct Response {
    roles: BTreeMap<Role, Part>,
    /// It is critical, and nobody commands it.
    lacks_commander: bool,
    classification: Classification,
    /// The phases it was in, each once.
    phases: Vec<Stay>,
    /// The gates before the next phase that are neither met nor waived.
    missing: Vec<Missing>,
    health: Option<HealthOf>,
    waived: Vec<Waived>,
    kept: Vec<Kept>,
    deadlines: Vec<Due>,
    bulletins: Vec<Told>,
}

#[derive(Serialize)]
struct Part {
    name: Outside,
    since: String,
    offered: Option<Outside>,
}

#[derive(Serialize)]
struct Stay {
    phase: Phase,
    /// All visits together.
    seconds: i64,
    current: bool,
    #[serde(skip)]
    spent: String,
    #[serde(skip)]
    waived: bool,
}

#[derive(Serialize)]
struct Missing {
    gate: &'static str,
    /// What it asks for, and the command that gives it.
    remedies: Vec<String>,
    #[serde(skip)]
    words: &'static str,
}

#[derive(Serialize)]
struct HealthOf {
    healthy: bool,
    since: String,
    needs: String,
    proved: bool,
    words: String,
}

#[derive(Serialize)]
struct Waived {
    gates: Vec<&'static str>,
    because: Outside,
    by: String,
    at: String,
    /// It came back since: they count again.
    void: bool,
}

#[derive(Serialize)]
struct Kept {
    action: ActionId,
    what: String,
    because: Outside,
}

#[derive(Serialize)]
struct Due {
    kind: &'static str,
    name: String,
    title: Outside,
    due: String,
    /// `open`, `missed` or `met`.
    state: &'static str,
    met_at: Option<String>,
    met_by: Option<String>,
    #[serde(skip)]
    words: String,
}

#[derive(Serialize)]
struct Told {
    number: usize,
    audience: Audience,
    status: Status,
    headline: Outside,
    by: String,
    at: String,
    next_at: Option<String>,
    channels: BTreeMap<String, Posted>,
}

impl Response {
    pub(super) fn of(incident: &Incident, now: Time) -> Self {
        let part = |(role, held): (&Role, &Held)| {
            let (name, offered) = (held.name.clone(), held.offered.clone());
            (*role, Part { name, since: second(held.since), offered })
        };
        let missing = |gate: Gate| Missing {
            gate: gate.word(),
            remedies: gate::remedies(gate, incident, now),
            words: gate.words(),
        };
        let next = incident.phase.next();
        let gates = next.map(|next| incident.missing_for(next, now)).unwrap_or_default();
        Self {
            roles: incident.roles.iter().map(part).collect(),
            lacks_commander: incident.lacks_commander(),
            classification: (*incident.classification).clone(),
            phases: stays(incident, now),
            missing: gates.into_iter().map(missing).collect(),
            health: incident.health.as_ref().map(|health| HealthOf {
                healthy: health.healthy,
                since: second(health.since),
                needs: health.needs.to_string(),
                proved: health.is_proved(now),
                words: gate::health(incident, now),
            }),
            waived: waived(incident),
            kept: kept(incident),
            deadlines: incident.deadlines.iter().map(due).collect(),
            bulletins: (1..).zip(&incident.bulletins).map(told).collect(),
        }
    }

    /// `Identify 4m*, Contain 12m, now Mitigate 3m`; a `*` marks gates that were waived.
    pub(super) fn strip(&self) -> String {
        let stay = |stay: &Stay| {
            let (now, mark) = (if stay.current { "now " } else { "" }, if stay.waived { "*" } else { "" });
            format!("{now}{}{}{mark}", stay.phase.title(), stay.spent)
        };
        self.phases.iter().map(stay).collect::<Vec<_>>().join(", ")
    }

    /// Who plays which role, what it weighs.
    pub(super) fn people(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (role, part) in &self.roles {
            let offered =
                part.offered.as_ref().map(|to| format!(", offered to {}", to.safe())).unwrap_or_default();
            lines.push(format!("{}: {}{offered}", role.word(), part.name.safe()));
        }
        if self.lacks_commander {
            lines.push("commander: NOBODY, and it is critical".to_owned());
        }
        let facts = self.classification.facts();
        lines.extend(facts.iter().map(|fact| format!("{}: {}", fact.name(), fact.value().safe())));
        lines
    }

    /// What the next phase needs, and how that stands.
    pub(super) fn way(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.missing.is_empty() {
            let words: Vec<&str> = self.missing.iter().map(|missing| missing.words).collect();
            lines.push(format!("to go on: {}", words.join(", ")));
        }
        lines.extend(self.health.as_ref().map(|health| format!("health: {}", health.words)));
        for waived in &self.waived {
            let void = if waived.void { ", void since it came back" } else { "" };
            let (gates, by, because) = (waived.gates.join(", "), &waived.by, waived.because.safe());
            lines.push(format!("waived by {}{void}: {gates}: {because}", Outside::new(by.clone()).safe()));
        }
        for kept in &self.kept {
            lines.push(format!("kept in force: #{} {}: {}", kept.action, kept.what, kept.because.safe()));
        }
        lines
    }

    /// What is due and was due, and what those outside were told.
    pub(super) fn promises(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.deadlines.iter().map(|due| due.words.clone()).collect();
        for told in &self.bulletins {
            let (number, audience, status) = (told.number, told.audience.word(), told.status.word());
            lines.push(format!("bulletin {number} to {audience}, {status}: {}", told.headline.safe()));
            let channels = told.channels.iter();
            lines.extend(channels.map(|(name, posted)| format!("  {}", bulletin::said(name, posted))));
        }
        lines
    }
}

fn stays(incident: &Incident, now: Time) -> Vec<Stay> {
    let stay = |phase: Phase| {
        let spent = incident.spent_in(phase, now)?;
        Some(Stay {
            phase,
            seconds: spent.num_seconds(),
            current: phase == incident.phase,
            // What is over takes no time.
            spent: if phase == Phase::Closed { String::new() } else { format!(" {}", age(now - spent, now)) },
            waived: incident.is_waived(phase),
        })
    };
    Phase::ALL.into_iter().filter_map(stay).collect()
}

fn waived(incident: &Incident) -> Vec<Waived> {
    let waived = |waiver: &Waiver| Waived {
        gates: waiver.gates.iter().map(|gate| gate.word()).collect(),
        because: waiver.because.clone(),
        by: waiver.by.clone(),
        at: second(waiver.at),
        void: waiver.void,
    };
    incident.waived.iter().map(waived).collect()
}

fn kept(incident: &Incident) -> Vec<Kept> {
    let kept = |action: &Action| {
        let because = action.kept.clone().filter(|_| action.is_in_force())?;
        Some(Kept { action: action.id, what: story::what(&action.plan), because })
    };
    incident.actions.values().filter_map(kept).collect()
}

fn due(deadline: &Deadline) -> Due {
    let name = crate::cli::work::name(deadline);
    let (at, title) = (date_time(deadline.due), deadline.title.safe());
    let (state, words) = match &deadline.met {
        Some((met, by)) => {
            let late = if *met > deadline.due { " LATE" } else { "" };
            let by = Outside::new(by.clone());
            ("met", format!("met{late}: {name} {title}, due {at}, done {} by {}", date_time(*met), by.safe()))
        }
        None if deadline.missed => ("missed", format!("MISSED: {name} {title}, due {at}")),
        None => ("open", format!("due: {name} {title}, by {at}")),
    };
    Due {
        kind: deadline.kind.word(),
        name: deadline.name.clone(),
        title: deadline.title.clone(),
        due: second(deadline.due),
        state,
        met_at: deadline.met.as_ref().map(|(at, _)| second(*at)),
        met_by: deadline.met.as_ref().map(|(_, by)| by.clone()),
        words,
    }
}

fn told((number, sent): (usize, &SentBulletin)) -> Told {
    Told {
        number,
        audience: sent.bulletin.audience,
        status: sent.bulletin.status,
        headline: sent.bulletin.headline.clone(),
        by: sent.by.clone(),
        at: second(sent.at),
        next_at: sent.bulletin.next_at.map(second),
        channels: sent.channels.clone(),
    }
}
