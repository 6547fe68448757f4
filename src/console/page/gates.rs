//! The gate sheet: each line what is needed, and where it stands.

use super::prompt::{Sheet, error};
use super::{Line, Page, Role, detail, own, wrapped};
use crate::console::due;
use crate::console::model::Model;
use crate::console::prompt::Gates;
use crate::console::prompt::gates::Row;
use crate::domain::action::{Contained, Verb};
use crate::domain::bulletin::Audience;
use crate::domain::deadline::DeadlineKind;
use crate::domain::gate::Gate;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::story;
use crate::domain::time::Time;

/// Cells for what a line is about.
const NAME: usize = 14;

/// From here on there is room for whole sentences.
const ROOMY: u16 = 76;

/// The sheet of what is missing on the way to a phase.
pub fn sheet(model: &Model, gates: &Gates, cols: u16, now: Time) -> Sheet {
    let id = &gates.id;
    let to = match gates.to {
        Phase::Review => "resolve it".to_owned(),
        Phase::Closed => "end its review".to_owned(),
        to => format!("move it to {}", to.title()),
    };
    let title = format!("{id} ── {to}");
    let Some(incident) = model.board.get(id) else {
        let gone = vec![Line::of(Role::Warn, format!(" {id} is no longer kept here"))];
        return Sheet { title, head: 0, body: gone, foot: Page::new(), top: 0, grave: false };
    };
    let rows = gates.rows(incident, now);
    let here = gates.place(incident, &rows, now);
    let missing = incident.missing_for(gates.to, now);
    let mut body = Page::new();
    let mut marked = 0;
    for (place, row) in rows.iter().enumerate() {
        let mut lines = line(incident, *row, &missing, cols, now);
        if place == here && !missing.is_empty() {
            marked = body.len();
            if let Some((_, mark)) = lines.first_mut().and_then(|line| line.0.first_mut()) {
                *mark = mark.replacen("  ", " ▶", 1);
            }
            lines = lines.into_iter().map(|line| line.in_role(Role::Chosen)).collect();
        }
        body.extend(lines);
    }
    let mut foot = match missing.len() {
        0 => wrapped(Role::Good, " ", &format!("nothing is missing: Enter will {to}"), cols),
        n if cols < ROOMY => {
            vec![Line::of(Role::Warn, format!(" {n} missing: Enter fills in, w waives all"))]
        }
        n => {
            let text = format!(" {n} missing: Enter fills in the marked one, w waives all with one reason");
            vec![Line::of(Role::Warn, text)]
        }
    };
    if let Some(why) = &gates.error {
        foot = error(Some(own(why).to_string()), cols);
    }
    let top = u16::try_from(marked.saturating_sub(3)).unwrap_or(0);
    Sheet { title, head: 0, body, foot, top, grave: false }
}

fn line(incident: &Incident, row: Row, missing: &[Gate], cols: u16, now: Time) -> Page {
    let gate = row.gate();
    let (sign, role) = match (missing.contains(&gate), incident.is_met(gate, now)) {
        (true, _) => ("✗", Role::Warn),
        (false, true) => ("✓", Role::Good),
        (false, false) => ("~", Role::Dim),
    };
    let head = format!("   {sign} {:<NAME$} ", name(gate));
    let text = match row {
        Row::Gate(_) if role == Role::Dim => "waived".to_owned(),
        Row::Gate(gate) => state(incident, gate, now),
        Row::Undecided(action) => match incident.actions.get(&action) {
            Some(action) => {
                format!("#{} {}: undo it, or keep it on purpose", action.id, story::what(&action.plan))
            }
            None => String::new(),
        },
        Row::Owed(audience) => owed(incident, audience, now),
    };
    let mut lines = wrapped(if role == Role::Warn { Role::Plain } else { Role::Dim }, &head, &text, cols);
    if let Some(first) = lines.first_mut() {
        *first = std::mem::take(first).with_head(role);
    }
    lines
}

/// What a gate is called in a few letters.
pub fn name(gate: Gate) -> &'static str {
    match gate {
        Gate::Severity => "severity",
        Gate::Category => "category",
        Gate::Impact => "impact",
        Gate::Lead => "lead",
        Gate::Containment => "containment",
        Gate::Mitigation => "what was done",
        Gate::Health => "healthy",
        Gate::InForce => "undo or keep",
        Gate::Bulletins => "bulletins",
        Gate::RootCause => "root cause",
        Gate::Items => "action items",
        Gate::Published => "post-mortem",
    }
}

/// Where a gate stands, and what it needs.
fn state(incident: &Incident, gate: Gate, now: Time) -> String {
    match gate {
        Gate::Severity if incident.severity_set => incident.severity.word().to_owned(),
        Gate::Severity => format!("{} by rule: confirm or change it", incident.severity.word()),
        Gate::Category if incident.category_set => incident.category.word().to_owned(),
        Gate::Category => format!("{} by rule: confirm or change it", incident.category.word()),
        Gate::Impact => match &incident.impact {
            Some(impact) => story::impact(impact),
            None => "how many users, or why that is unknown".to_owned(),
        },
        Gate::Lead => match incident.lead() {
            Some(lead) => lead.capped_safe(40).to_string(),
            None => "nobody leads yet".to_owned(),
        },
        Gate::Containment => containment(incident, now),
        Gate::Mitigation => match &incident.mitigated {
            Some(what) => what.safe().to_string(),
            None => "nothing is written down yet".to_owned(),
        },
        Gate::Health => match &incident.health {
            Some(health) => {
                let detail = if health.detail.is_blank() {
                    String::new()
                } else {
                    format!(": {}", health.detail.safe())
                };
                format!("{}{detail}", due::health(health, now).1)
            }
            None => "nothing that watches it has said so yet".to_owned(),
        },
        Gate::InForce => "nothing is left to decide".to_owned(),
        Gate::Bulletins => "nobody waits for one".to_owned(),
        Gate::RootCause => match &incident.review.root_cause {
            Some(cause) => cause.safe().to_string(),
            None => "why it happened".to_owned(),
        },
        Gate::Items => match incident.review.items.len() {
            0 => "who does what until when, so that it does not happen again".to_owned(),
            1 => "1 action item".to_owned(),
            n => format!("{n} action items"),
        },
        Gate::Published => match &incident.review.published {
            Some((at, _)) => format!("published {}", super::moment(*at, now)),
            None => "not published yet".to_owned(),
        },
    }
}

/// What an audience waits for.
fn owed(incident: &Incident, audience: Audience, now: Time) -> String {
    let to = audience.word();
    let due = incident.deadline(DeadlineKind::Bulletin, to).filter(|set| set.is_open());
    let late = match due.filter(|set| set.due <= now) {
        Some(set) => format!(", OVERDUE since {}", super::moment(set.due, now)),
        None => String::new(),
    };
    match incident.last_bulletin(audience) {
        Some(_) => format!("{to}: the last one, that it is over{late}"),
        None => format!("{to}: told nothing yet{late}"),
    }
}

fn containment(incident: &Incident, now: Time) -> String {
    if let Some(why) = &incident.nothing_to_contain {
        return format!("none needed: {}", why.safe());
    }
    let contains = |verb: &Verb| matches!(verb, Verb::Contain { .. });
    let last = incident.actions.values().rev().find(|action| contains(&action.plan.verb));
    match (incident.contained(), last) {
        (Contained::None, None) => "run a playbook, or say why none is needed".to_owned(),
        (_, Some(action)) => format!("{} {}", story::what(&action.plan), detail::standing(action, now).1),
        (contained, None) => contained.word().to_owned(),
    }
}
