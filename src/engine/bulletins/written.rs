//! What a person wrote, what it rests on, and what they should know before they confirm it. Pure.

use std::collections::BTreeMap;

use crate::backend::{Refusal, RefusalKind};
use crate::domain::action::{Outcome, Stage, Verb};
use crate::domain::bulletin::{Audience, Bulletin, Cadence, Status, until_next};
use crate::domain::incident::{Incident, SentBulletin};
use crate::domain::plan::{Basis, Publication, Value};
use crate::domain::text::Outside;
use crate::domain::time::{Time, clock_minute, whole_minute};
use crate::playbooks::render as plans;

/// What a person wrote, as a bulletin.
pub(super) fn written(
    incident: &Incident,
    audience: Audience,
    given: &BTreeMap<String, Outside>,
    now: Time,
) -> Result<Bulletin, Refusal> {
    let usage = |why: String| Refusal::new(RefusalKind::Usage, why);
    let text = |name: &str| given.get(name).cloned().unwrap_or_default();
    let known = ["status", "headline", "happened", "impact", "todo", "next"];
    if let Some(odd) = given.keys().find(|name| !known.contains(&name.as_str())) {
        let odd = Outside::new(odd.clone());
        return Err(usage(format!("a bulletin has no part {}; it has {}", odd.exact(), known.join(", "))));
    }
    let status = match given.get("status") {
        Some(word) => Status::parse(word.raw()).ok_or_else(|| {
            let words = Status::ALL.map(Status::word).join(", ");
            usage(format!("the status cannot be {}; it is one of {words}", word.exact()))
        })?,
        None => incident.fitting_status(audience),
    };
    let next = match given.get("next").filter(|next| !next.is_blank()) {
        Some(_) if status == Status::Resolved => {
            return Err(usage("nothing follows the last bulletin; leave out `next`".to_owned()));
        }
        Some(next) => Some(until_next(next.raw()).map_err(usage)?),
        None => None,
    };
    Ok(Bulletin {
        audience,
        status,
        headline: text("headline"),
        happened: text("happened"),
        impact: text("impact"),
        todo: text("todo"),
        next_at: next.map(|span| whole_minute(now + span.delta())),
    })
}

/// What a bulletin rests on: every earlier one counts, whoever it was for, since they share their numbers.
pub(super) fn basis(incident: &Incident, verb: &Verb, parameters: &BTreeMap<String, Value>) -> Basis {
    let stage = |sent: &SentBulletin| {
        let has = |outcome: Option<Outcome>| sent.channels.values().any(|posted| posted.outcome == outcome);
        match () {
            () if has(None) => Stage::Sent,
            () if has(Some(Outcome::Unknown)) => Stage::Unknown,
            () if has(Some(Outcome::Accepted)) => Stage::Accepted,
            () => Stage::NotSent,
        }
    };
    let earlier = (1..).zip(&incident.bulletins).map(|(number, sent)| (number, stage(sent))).collect();
    Basis { earlier, ..plans::basis(incident, verb, None, parameters, None) }
}

/// What a person should know before confirming.
pub(super) fn warnings(
    incident: &Incident,
    publication: &Publication,
    cadence: &Cadence,
    now: Time,
) -> Vec<String> {
    let mut out = Vec::new();
    let audience = publication.bulletin.audience;
    if let Some(last) = incident.last_bulletin(audience) {
        let doubtful = last.channels.iter().filter(|(_, posted)| posted.outcome == Some(Outcome::Unknown));
        let doubtful: Vec<&str> = doubtful.map(|(channel, _)| channel.as_str()).collect();
        if !doubtful.is_empty() {
            out.push(format!("the last one may or may not stand on {}", doubtful.join(", ")));
        }
    }
    if publication.bulletin.status == Status::Resolved && incident.phase.is_open() {
        out.push(format!(
            "the incident is in {}: this is the last word to {}",
            incident.phase.title(),
            audience.word()
        ));
    }
    if let Some(next) = publication.bulletin.next_at {
        let late = cadence.late(incident.bulletins_due_since(), now, next);
        let late = late.filter(|_| audience != Audience::Regulator).map(|late| format!(", {late}"));
        out.push(format!("it promises the next one by {}{}", clock_minute(next), late.unwrap_or_default()));
    }
    out
}
