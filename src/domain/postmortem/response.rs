//! What was done about it and who was told: actions, escalations, bulletins, deadlines.

use super::{line, name, verified_at};
use crate::domain::action::{Action, Outcome, Stage, Verb};
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::escalation::{ArmedStep, Escalation, StepState, Stopped};
use crate::domain::incident::{Incident, Posted, SentBulletin};
use crate::domain::markdown::Page;
use crate::domain::record::{DeadlinePassed, Entry, Record, StepSent};
use crate::domain::story;
use crate::domain::text::capital;
use crate::domain::time::{Time, date_time, lasted};

pub(super) fn actions(page: &mut Page, incident: &Incident, records: &[&Record]) {
    page.section("Actions");
    if incident.actions.is_empty() {
        return page.paragraph("No action was taken through quell.");
    }
    let row = |action: &Action| {
        let target = action.plan.target.as_ref();
        [
            action.id.to_string(),
            format!("{} ({})", name(&action.plan.title), done_as(&action.plan.verb)),
            target
                .map(|(name, value)| format!("{}={}", super::name(name), value.exact()))
                .unwrap_or_default(),
            format!("{} at {}", name(&action.by), date_time(action.at)),
            outcome(action, records),
        ]
    };
    page.table(["No.", "Action", "Target", "Asked for by", "Outcome"], incident.actions.values().map(row));
}

fn done_as(verb: &Verb) -> String {
    match verb {
        Verb::Contain { playbook } => format!("{} {}", verb.word(), name(playbook)),
        Verb::Undo { playbook, action } => format!("undo of action {action}, {}", name(playbook)),
        Verb::Upstream { playbook } => format!("asked upstream: {}", name(playbook)),
        Verb::Escalate { .. } | Verb::Publish { .. } => format!("{} {}", verb.word(), name(verb.of())),
    }
}

/// What became of an action, and whether what it did still holds.
fn outcome(action: &Action, records: &[&Record]) -> String {
    let verified = verified_at(action.id, records).map(|at| format!("verified at {}", date_time(at)));
    let moved = date_time(action.moved_at);
    let detail = if action.detail.is_blank() { String::new() } else { format!(": {}", line(&action.detail)) };
    let stage = match action.stage {
        Stage::Verified => format!("{}{detail}", verified.unwrap_or_else(|| format!("verified at {moved}"))),
        Stage::Undone => {
            let with = action.undone_with();
            format!("{}; undone at {moved}{with}", verified.unwrap_or_else(|| "not read back".to_owned()))
        }
        Stage::Accepted if action.plan.verify.is_none() => {
            format!("accepted at {moved}; there is no way to read it back{detail}")
        }
        Stage::Accepted => format!("accepted at {moved}, not verified{detail}"),
        Stage::Unknown => format!("outcome unknown since {moved}{detail}"),
        stage => format!("{} at {moved}{detail}", stage.word()),
    };
    let force = match &action.kept {
        Some(because) if action.is_in_force() => format!("; kept in force because {}", line(because)),
        None if action.is_in_force() => "; still in force".to_owned(),
        _ => String::new(),
    };
    capital(&format!("{stage}{force}"))
}

pub(super) fn escalations(page: &mut Page, incident: &Incident, records: &[&Record]) {
    page.section("Escalations");
    if incident.escalations.is_empty() {
        return page.paragraph("Nobody was escalated to.");
    }
    let steps = incident.escalations.iter().flat_map(|escalation| {
        (1..).zip(&escalation.steps).map(move |(number, step)| {
            [
                name(&escalation.path).to_string(),
                number.to_string(),
                step.to.iter().map(|to| name(to).to_string()).collect::<Vec<_>>().join(", "),
                capital(&told(escalation, number, step, records)),
            ]
        })
    });
    page.table(["Path", "Step", "To", "Outcome"], steps);
    page.list(incident.escalations.iter().filter(|escalation| !escalation.missing.is_empty()).map(
        |escalation| {
            let missing: Vec<String> = escalation.missing.iter().map(|item| name(item).to_string()).collect();
            format!("Those told on path {} were never told: {}.", name(&escalation.path), missing.join(", "))
        },
    ));
}

fn told(escalation: &Escalation, number: u32, step: &ArmedStep, records: &[&Record]) -> String {
    let sent_at = records.iter().rev().find(|record| {
        matches!(&record.entry, Entry::StepSent(StepSent { path, step, .. }) if *path == escalation.path && *step == number)
    });
    match (&step.state, &escalation.stopped) {
        (StepState::Sent(receipts), _) => {
            let said: Vec<String> = receipts.iter().map(story::receipt).collect();
            let at = sent_at.map(|record| format!(" at {}", date_time(record.at))).unwrap_or_default();
            format!("sent{at}; {}", said.join(", "))
        }
        (StepState::Started(at), _) => format!("begun at {}, with no known outcome", date_time(*at)),
        (StepState::Missed, _) => format!("missed: it was due {} and not sent", date_time(step.due)),
        (StepState::Waiting, Some(Stopped::BurningBefore)) => {
            "not sent: it was burning before quell saw it".to_owned()
        }
        (StepState::Waiting, Some(why)) => format!("not sent: {}", story::stopped(why)),
        (StepState::Waiting, None) => format!("due {}", date_time(step.due)),
    }
}

pub(super) fn bulletins(page: &mut Page, incident: &Incident) {
    page.section("Bulletins");
    if incident.bulletins.is_empty() {
        return page.paragraph("No bulletin was sent.");
    }
    let row = |(number, sent): (usize, &SentBulletin)| {
        let posted: Vec<String> =
            sent.channels.iter().map(|(channel, posted)| seen(channel, posted)).collect();
        [
            number.to_string(),
            format!("{} by {}", date_time(sent.at), name(&sent.by)),
            capital(sent.bulletin.audience.word()),
            capital(sent.bulletin.status.word()),
            sent.bulletin.headline.safe().to_string(),
            posted.join("; "),
        ]
    };
    page.table(
        ["No.", "Sent", "To", "Status", "Headline", "Channels"],
        (1..).zip(&incident.bulletins).map(row),
    );
    let open: Vec<String> = incident
        .open_series()
        .into_iter()
        .map(|(channel, audience)| format!("{} on {}", audience.word(), name(channel)))
        .collect();
    if !open.is_empty() {
        page.paragraph(&format!("Not yet told that it is over: {}.", open.join(", ")));
    }
}

fn seen(channel: &str, posted: &Posted) -> String {
    let outcome = match posted.outcome {
        Some(Outcome::Accepted) => "accepted",
        Some(Outcome::Refused) => "refused",
        Some(Outcome::NotSent) => "not sent",
        Some(Outcome::Unknown) => "outcome unknown",
        None => "no answer yet",
    };
    let visible = match posted.visible {
        Some(true) => ", seen to be visible",
        Some(false) => ", not visible when looked at",
        None => "",
    };
    format!("{}: {outcome}{visible}", name(channel))
}

pub(super) fn deadlines(page: &mut Page, incident: &Incident, records: &[&Record]) {
    page.section("Deadlines");
    let mut rows: Vec<(Time, [String; 4])> =
        incident.deadlines.iter().map(|set| (set.due, kept(set))).collect();
    rows.extend(acknowledgement(incident));
    rows.extend(records.iter().filter_map(|record| replaced(record, incident)));
    if rows.is_empty() {
        return page.paragraph("Nothing was due.");
    }
    rows.sort_by_key(|(due, _)| *due);
    let row = |[kind, what, due, outcome]: [String; 4]| [capital(&kind), what, due, capital(&outcome)];
    page.table(["Kind", "What", "Due", "Outcome"], rows.into_iter().map(|(_, it)| row(it)));
}

fn kept(set: &Deadline) -> [String; 4] {
    let outcome = match &set.met {
        Some((at, by)) if *at > set.due => {
            format!("met at {} by {}, {} late", date_time(*at), name(by), lasted(set.due, *at))
        }
        Some((at, by)) => format!("met at {} by {}", date_time(*at), name(by)),
        None if set.missed => "missed, and still to be done".to_owned(),
        None => "still to be done".to_owned(),
    };
    [kind(set.kind, &set.name), set.title.safe().to_string(), date_time(set.due), outcome]
}

/// `regulator (dora/initial)`.
fn kind(kind: DeadlineKind, of: &str) -> String {
    match kind {
        DeadlineKind::Ack => "acknowledgement".to_owned(),
        _ if of.is_empty() => kind.word().to_owned(),
        _ => format!("{} ({})", kind.word(), name(of)),
    }
}

/// The first acknowledgement, where one was asked for in time.
fn acknowledgement(incident: &Incident) -> Option<(Time, [String; 4])> {
    let due = incident.opening.ack_due?;
    let outcome = match incident.milestones.acknowledged {
        Some(at) if at > due => format!("met at {}, {} late", date_time(at), lasted(due, at)),
        Some(at) => format!("met at {}", date_time(at)),
        None => "nobody acknowledged".to_owned(),
    };
    let row = [kind(DeadlineKind::Ack, ""), "Somebody holds it".to_owned(), date_time(due), outcome];
    Some((due, row))
}

/// A missed deadline in whose place a later one of its name stands.
fn replaced(record: &Record, incident: &Incident) -> Option<(Time, [String; 4])> {
    let Entry::DeadlinePassed(DeadlinePassed { deadline, name, due }) = &record.entry else { return None };
    let stands = incident.deadline(*deadline, name).is_some_and(|set| set.due == *due);
    if stands || matches!(deadline, DeadlineKind::Ack | DeadlineKind::Step) {
        return None;
    }
    Some((*due, [kind(*deadline, name), String::new(), date_time(*due), "missed".to_owned()]))
}
