//! What a phase still needs, with the command that gives it.

use super::failure::{Exit, Failure};
use crate::backend::Refusal;
use crate::domain::gate::{Gate, sentence};
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::story;
use crate::domain::time::{Time, clock_minute};

/// A refusal to move an incident to a phase, in words of the command line; any other as it is.
pub(super) fn explained(refusal: Refusal, incident: &Incident, to: Phase, now: Time) -> Failure {
    let id = &incident.id;
    let missing = incident.missing_for(to, now);
    if missing.is_empty() || !refusal.message.raw().contains(&sentence(&missing)) {
        let reason = if to == Phase::Review { "resolved" } else { "REASON" };
        return led(refusal, "closing it with a reason", &format!("quell close {id} {reason}"));
    }
    let waive = match to {
        Phase::Review => format!("quell close {id} resolved --note \"reason\""),
        to => format!("quell phase {id} {} --waive \"reason\"", to.word()),
    };
    let mut lines: Vec<String> = missing.into_iter().flat_map(|gate| remedies(gate, incident, now)).collect();
    lines.push(format!("or say why it goes on without them: {waive}"));
    let message = format!("{id} cannot move from {} to {} yet; missing:", incident.phase.title(), to.title());
    Failure { differences: lines, ..Failure::new(Exit::Refused, message) }
}

/// A refusal to resolve what is resolved already, with the command that ends its review.
pub(super) fn review_ends_otherwise(refusal: Refusal, incident: &Incident) -> Failure {
    led(refusal, "ends the review", &format!("quell phase {} closed", incident.id))
}

/// A refusal that names another way, with the command that leads there.
fn led(refusal: Refusal, way: &str, command: &str) -> Failure {
    let failure = Failure::from(refusal);
    match failure.message.contains(way) {
        true => Failure { message: format!("{}: {command}", failure.message), ..failure },
        false => failure,
    }
}

/// What is missing and the command that gives it, one line each.
pub(super) fn remedies(gate: Gate, incident: &Incident, now: Time) -> Vec<String> {
    let (words, id) = (gate.words(), &incident.id);
    let one = |command: &str| vec![format!("{words}: quell {command}")];
    match gate {
        Gate::Severity => one(&format!("severity {id} SEVERITY")),
        Gate::Category => one(&format!("category {id} CATEGORY")),
        Gate::Impact => one(&format!("impact {id} --users N")),
        Gate::Lead => one(&format!("lead {id} NAME")),
        Gate::Containment => one(&format!("contain {id} PLAYBOOK, or quell no-containment {id} BECAUSE")),
        Gate::Mitigation => one(&format!("mitigated {id} TEXT")),
        Gate::Health => vec![format!("{words}: {}", health(incident, now))],
        Gate::InForce => incident
            .undecided()
            .iter()
            .map(|action| {
                let (number, what) = (action.id, story::what(&action.plan));
                format!("{words}: {what}: quell undo {id} {number}, or quell keep {id} {number} BECAUSE")
            })
            .collect(),
        Gate::Bulletins => incident
            .owed_bulletins(now)
            .into_iter()
            .map(|audience| {
                let to = audience.word();
                format!("a last bulletin to {to}: quell bulletin {id} --to {to} --status resolved …")
            })
            .collect(),
        Gate::RootCause => one(&format!("review {id} cause TEXT")),
        Gate::Items => one(&format!("review {id} item TEXT --owner NAME --due DAY --check TEXT")),
        Gate::Published => one(&format!("review {id} publish FILE")),
    }
}

/// `ok 4/10m: no signal fires`, `not healthy since 14:02Z: monitor token-api is down`.
pub(super) fn health(incident: &Incident, now: Time) -> String {
    let Some(health) = &incident.health else { return "looked at in Recover by a running quell".to_owned() };
    let detail = health.detail.safe();
    match () {
        () if !health.healthy => format!("not healthy since {}: {detail}", clock_minute(health.since)),
        () if health.is_proved(now) => format!("healthy for {}: {detail}", health.needs),
        () => format!("ok {}: {detail}", health.progress(now)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::category::Category;
    use crate::domain::id::IncidentId;
    use crate::domain::opening::Opening;
    use crate::domain::operator::Actor;
    use crate::domain::record::{Entry, FORMAT, Record};
    use crate::domain::severity::Severity;
    use crate::domain::signal::Labels;
    use crate::domain::text::Outside;
    use crate::domain::time::Span;

    fn record(minute: i64, entry: Entry) -> Record {
        let at = Time::UNIX_EPOCH + TimeDelta::minutes(minute);
        Record {
            v: FORMAT,
            on: None,
            seq: 1,
            at,
            by: Actor::Engine,
            incident: Some(IncidentId::new("ANA", 1)),
            entry,
        }
    }

    #[test]
    fn health_is_said_as_progress_and_as_what_is_not_healthy() {
        let opening = Entry::Opened(Box::new(Opening {
            title: Outside::new("late"),
            severity: Severity::High,
            unmapped: false,
            category: Category::Outage,
            service: Outside::default(),
            group: None,
            signal: None,
            because: Outside::default(),
            labels: Labels::new().into(),
            ack_due: None,
            recurrence_of: None,
            reported: None,
        }));
        let mut incident = Incident::open(&record(0, opening)).unwrap();
        let mut said = |minute, healthy, needs, detail: &str, now| {
            let detail = Outside::new(detail);
            incident.apply(&record(minute, Entry::HealthTurned { healthy, needs, detail })).unwrap();
            health(&incident, Time::UNIX_EPOCH + TimeDelta::minutes(now))
        };
        let ten = Span::mins(10);
        assert_eq!(
            said(1, false, ten, "monitor m is down", 2),
            "not healthy since 00:01Z: monitor m is down"
        );
        assert_eq!(said(2, true, ten, "no signal fires", 6), "ok 4/10m: no signal fires");
        assert_eq!(said(2, true, ten, "no signal fires", 12), "healthy for 10m: no signal fires");
        assert_eq!(said(3, true, Span::secs(30), "no signal fires", 3), "ok 0/30s: no signal fires");
    }
}
