//! What happened, when, for how long and to whom: the part that is read first.

use super::{clause, line, moment, name, verified_at};
use crate::domain::action::{Action, Verb};
use crate::domain::classification::{Fact, Funds, Impact};
use crate::domain::incident::Incident;
use crate::domain::markdown::Page;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Entry, Record, Tied};
use crate::domain::role::Role;
use crate::domain::story;
use crate::domain::text::{Outside, capital};
use crate::domain::time::{Time, clock_time, date_time, day, lasted};

const COUNTED: &str = "All times are UTC. The times to acknowledge (MTTA), to contain (MTTC) and to recover (MTTR) \
                       count from the opening: to the first acknowledgement, to the first containment that was read \
                       back and found in force, and to the resolution that stands.";

pub(super) fn write(page: &mut Page, incident: &Incident, records: &[&Record]) {
    page.section("Summary");
    page.paragraph(&summary(incident, records));
    page.section("Key facts");
    page.table(["Fact", "Value"], key_facts(incident, records));
    page.paragraph(COUNTED);
    page.section("Impact");
    page.table(["What", "As assessed"], impact(incident));
}

fn summary(incident: &Incident, records: &[&Record]) -> String {
    let (opened, title) = (incident.opened_at, clause(incident.title()));
    let service = match incident.opening.service.is_blank() {
        true => String::new(),
        false => format!(" for the service {}", incident.opening.service.safe()),
    };
    let mut said = vec![
        format!(
            "{}, “{title}”, was opened on {} at {} {}{service}.",
            incident.id,
            day(opened),
            clock_time(opened),
            origin(incident, records)
        ),
        format!(
            "Its severity is {} and its category {}.",
            incident.severity.word(),
            incident.category.word()
        ),
        ending(incident),
    ];
    let returns = returns(incident, records);
    if returns > 0 {
        let times = if returns == 1 { "once".to_owned() } else { format!("{returns} times") };
        said.push(format!("It came back {times} after it had ended."));
    }
    said.push(match &incident.impact {
        None => "Nobody has assessed how many users were affected.".to_owned(),
        Some(Impact::Users { max: 0, .. }) => "No users were affected.".to_owned(),
        Some(Impact::Users { min: 1, max: 1 }) => "1 user was affected.".to_owned(),
        Some(Impact::Users { min, max }) if min == max => format!("{max} users were affected."),
        Some(Impact::Users { min, max }) => format!("Between {min} and {max} users were affected."),
        Some(Impact::Unknown { because }) => {
            format!("How many users were affected is not known: {}.", clause(because))
        }
    });
    said.extend(incident.classification.funds.map(|funds| match funds {
        Funds::Yes => "Funds were at risk.".to_owned(),
        Funds::No => "No funds were at risk.".to_owned(),
        Funds::Unknown => "Whether funds were at risk is not known.".to_owned(),
    }));
    said.push(match acknowledged(records) {
        Some((who, at)) => format!("It was acknowledged by {who} after {}.", lasted(opened, at)),
        None => "Nobody acknowledged it.".to_owned(),
    });
    said.push(containment(incident, records));
    if let Some(what) = &incident.mitigated {
        said.push(format!("It was mitigated: {}.", clause(what)));
    }
    said.join(" ")
}

fn origin(incident: &Incident, records: &[&Record]) -> String {
    match (&incident.opening.reported, records.first()) {
        (Some(reported), _) => format!(
            "on a report by {} ({}, by {})",
            reported.by.safe(),
            reported.from.word(),
            reported.via.safe()
        ),
        (None, Some(record)) => match &record.entry {
            Entry::Opened(opening) if let Some(signal) = &opening.signal => {
                format!("from {}", name(&signal.key.source))
            }
            _ => format!("by {}", story::who(record)),
        },
        (None, None) => "by hand".to_owned(),
    }
}

fn ending(incident: &Incident) -> String {
    match incident.closed {
        Some((CloseReason::Resolved, at)) => {
            format!(
                "It was resolved on {} at {}, after {}.",
                day(at),
                clock_time(at),
                lasted(incident.opened_at, at)
            )
        }
        Some((_, at)) if let Some(merged) = &incident.merged => {
            format!("It was merged into {} after {}.", merged.into, lasted(incident.opened_at, at))
        }
        Some((reason, at)) => {
            format!("It was closed as {} after {}.", reason.word(), lasted(incident.opened_at, at))
        }
        None => format!("It is not over: the response stands in {}.", incident.phase.title()),
    }
}

fn containment(incident: &Incident, records: &[&Record]) -> String {
    let contains = |action: &&Action| matches!(action.plan.verb, Verb::Contain { .. });
    let verified =
        incident.actions.values().filter(contains).filter(|action| verified_at(action.id, records).is_some());
    let what: Vec<String> = verified.map(|action| story::what(&action.plan)).collect();
    match (incident.milestones.contained, &incident.nothing_to_contain, what.as_slice()) {
        (Some(at), _, [one]) => {
            format!("One containment was verified, after {}: {one}.", lasted(incident.opened_at, at))
        }
        (Some(at), _, some) => {
            let (number, after) = (some.len(), lasted(incident.opened_at, at));
            format!("{number} containments were verified, the first after {after}: {}.", some.join(", "))
        }
        (None, Some(because), _) => format!("Nothing needed to be contained: {}.", clause(because)),
        (None, None, _) => "No containment was verified.".to_owned(),
    }
}

/// How often it went on after it had ended. What went on in another one meanwhile had not.
fn returns(incident: &Incident, records: &[&Record]) -> usize {
    let ended = |phase: &Phase| !phase.is_open();
    let came_out = |at: Time| {
        records.iter().any(|it| it.at == at && matches!(it.entry, Entry::Tied(Tied::CameOut { .. })))
    };
    let again = |(was, is): (&Phase, &(Phase, Time))| ended(was) && is.0.is_open() && !came_out(is.1);
    let pairs = incident.phases.windows(2);
    pairs.filter(|pair| matches!(pair, [(was, _), is] if again((was, is)))).count()
}

/// Who acknowledged first, here or at its sources, and when.
fn acknowledged(records: &[&Record]) -> Option<(String, Time)> {
    let mut records = records.iter().copied();
    let mut incident = Incident::open(records.next()?).ok()?;
    while incident.milestones.acknowledged.is_none() {
        incident.apply(records.next()?).ok()?;
    }
    let who = match (&incident.owner, incident.held_at()) {
        (Some(owner), _) => name(&owner.name).to_string(),
        (None, held) => held.map(|(by, source)| format!("{} (at {})", line(by), name(source)))?,
    };
    Some((who, incident.milestones.acknowledged?))
}

fn key_facts(incident: &Incident, records: &[&Record]) -> Vec<[String; 2]> {
    let mut rows = Vec::new();
    // Every value begins with a number, a name or a capital.
    let mut add = |fact: &str, value: String| rows.push([fact.to_owned(), value]);
    add("Opened", format!("{} {}", date_time(incident.opened_at), origin(incident, records)));
    let signals = incident.signals.len();
    if signals > 0 {
        add("Signals", format!("{signals} from {}, {} still firing", sources(incident), incident.firing()));
    }
    let confirmed = |set: bool| if set { "confirmed by a person" } else { "not confirmed by a person" };
    let (severity, category) = (capital(incident.severity.word()), capital(incident.category.word()));
    add("Severity", format!("{severity}, {}", confirmed(incident.severity_set)));
    add("Category", format!("{category}, {}", confirmed(incident.category_set)));
    add(
        "Acknowledged (MTTA)",
        acknowledged(records)
            .map_or_else(|| "Never".to_owned(), |(who, at)| format!("{}, by {}", moment(incident, at), who)),
    );
    add(
        "Contained (MTTC)",
        match (incident.milestones.contained, &incident.nothing_to_contain) {
            (Some(at), _) => moment(incident, at),
            (None, Some(because)) => format!("Nothing to contain: {}", line(because)),
            (None, None) => "No containment was verified".to_owned(),
        },
    );
    if let Some(health) = &incident.health {
        let word = if health.healthy { "Healthy" } else { "Not healthy" };
        add("Recovery", format!("{word} since {}: {}", date_time(health.since), line(&health.detail)));
    }
    let recovered = incident.milestones.recovered;
    add("Resolved (MTTR)", recovered.map_or_else(|| "Not resolved".to_owned(), |at| moment(incident, at)));
    if let Some((reason, at)) = incident.closed.filter(|(reason, _)| *reason != CloseReason::Resolved) {
        add("Closed", format!("{}: {}", moment(incident, at), reason.word()));
    }
    for role in Role::ALL {
        let who = incident
            .roles
            .get(&role)
            .map(|held| format!("{}, since {}", held.name.safe(), date_time(held.since)));
        add(&capital(role.word()), who.unwrap_or_else(|| "Nobody".to_owned()));
    }
    rows
}

fn sources(incident: &Incident) -> String {
    incident.sources().into_iter().map(|source| name(source).to_string()).collect::<Vec<_>>().join(", ")
}

fn impact(incident: &Incident) -> Vec<[String; 2]> {
    let users = incident.impact.as_ref().map_or_else(|| "Not assessed".to_owned(), story::impact);
    let users = capital(&users);
    let mut rows = vec![["Users affected".to_owned(), users]];
    let facts = incident.classification.facts();
    for asked in ["scope", "product area", "environment", "urgency", "funds at risk"] {
        let said = facts.iter().find(|fact| fact.name() == asked).map(Fact::value);
        let typed = matches!(asked, "product area" | "environment");
        let text = |value: Outside| if typed { value.safe().to_string() } else { capital(&value.safe()) };
        let said = said.map_or_else(|| "Not said".to_owned(), text);
        rows.push([capital(asked), said]);
    }
    rows
}
