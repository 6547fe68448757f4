//! The gate sheet: each line what is needed, and where it stands.

use super::prompt::{Sheet, error};
use super::{Line, Page, Role, detail, headed, own, wrapped};
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
    let mut foot = count(incident, &rows, &missing, &to, cols);
    if let Some(why) = &gates.error {
        foot = error(Some(own(why).to_string()), cols);
    }
    let top = u16::try_from(marked.saturating_sub(3)).unwrap_or(0);
    Sheet { title, head: 0, body, foot, top, grave: false }
}

/// How many lines wait for somebody and how many only for time, and the keys that help.
fn count(incident: &Incident, rows: &[Row], missing: &[Gate], to: &str, cols: u16) -> Page {
    let open = || rows.iter().filter(|row| missing.contains(&row.gate()));
    let running = open().filter(|row| is_under_way(incident, row.gate())).count();
    let lacking = open().count() - running;
    let said = match (lacking, running) {
        (0, 0) => {
            return wrapped(Role::Good, " ", &format!("nothing is missing: Enter will {to}"), cols);
        }
        (lacking, 0) => format!("{lacking} missing"),
        (0, running) => format!("{running} under way"),
        (lacking, running) => format!("{lacking} missing, {running} under way"),
    };
    let keys = match (lacking, running, cols < ROOMY) {
        (0, _, true) => "wait, or w waives it",
        (0, _, false) => "wait for it, or w waives it with a reason",
        (_, 0, true) => "Enter fills in, w waives all",
        (_, _, true) => "w waives all",
        (_, 0, false) => "Enter fills in the marked one, w waives all with one reason",
        (_, _, false) => "Enter fills in the marked one, w waives all",
    };
    wrapped(Role::Warn, " ", &format!("{said}: {keys}"), cols)
}

/// Nobody has to do anything for it but wait.
fn is_under_way(incident: &Incident, gate: Gate) -> bool {
    gate == Gate::Health && incident.health.as_ref().is_some_and(|health| health.healthy)
}

fn line(incident: &Incident, row: Row, missing: &[Gate], cols: u16, now: Time) -> Page {
    let gate = row.gate();
    let (sign, role) = match (missing.contains(&gate), incident.is_met(gate, now)) {
        (true, _) if is_under_way(incident, gate) => ("○", Role::Warn),
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
    headed(wrapped(if role == Role::Warn { Role::Plain } else { Role::Dim }, &head, &text, cols), role)
}

/// What a gate is called in a word or two.
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
            Some(what) => what.in_one_line().to_string(),
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
            Some(cause) => cause.in_one_line().to_string(),
            None => "why it happened".to_owned(),
        },
        Gate::Items => match incident.review.items.len() {
            0 => "who does what until when, so that it does not happen again".to_owned(),
            1 => "1 action item".to_owned(),
            n => format!("{n} action items"),
        },
        Gate::Published => match &incident.review.published {
            Some((at, _)) if incident.is_published_early() => {
                let at = super::moment(*at, now);
                format!("published {at}, before its root cause and items stood as now: publish it again")
            }
            Some((at, _)) => format!("published {}", super::moment(*at, now)),
            None => "not published yet: Enter shows it, and there it is published".to_owned(),
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
        return format!("none needed: {}", why.in_one_line());
    }
    let contains = |verb: &Verb| matches!(verb, Verb::Contain { .. });
    let last = incident.actions.values().rev().find(|action| contains(&action.plan.verb));
    match (incident.contained(), last) {
        (Contained::None, None) => "run a playbook, or say why none is needed".to_owned(),
        (_, Some(action)) => format!("{} {}", story::what(&action.plan), detail::standing(action, now).1),
        (contained, None) => contained.word().to_owned(),
    }
}
