//! The post-mortem of an incident, as it would be published.

use super::{Line, Page, Role, gap, markdown, wrapped};
use crate::console::command::Command;
use crate::console::model::Model;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::postmortem;
use crate::domain::story;
use crate::domain::text::Outside;
use crate::domain::time::date_time;

/// The page, with what is still to be done above it.
pub fn page(model: &Model, id: &IncidentId, cols: u16) -> Page {
    let Some(detail) = model.detail.as_ref().filter(|detail| detail.incident.id == *id) else {
        return vec![Line::of(Role::Dim, " reading its records…")];
    };
    let key = model.settings.keymap.key(Command::PostMortem);
    let mut out = match model.read_whole(id) {
        Some(_) => state(&detail.incident, &key, cols),
        None => vec![Line::of(Role::Dim, " reading what is new…")],
    };
    out.push(gap());
    let text = postmortem::markdown(&detail.incident, &detail.records, &detail.earlier);
    out.extend(markdown::page(&Outside::new(text), cols));
    out
}

/// Whether it is published, or could be.
fn state(incident: &Incident, key: &str, cols: u16) -> Page {
    match (&incident.review.published, incident.phase) {
        (Some((at, _)), Phase::Review) if incident.is_published_early() => {
            let says = format!(
                "published {}, before its root cause and items stood as now: {key} publishes it again",
                date_time(*at)
            );
            wrapped(Role::Warn, " ", &says, cols)
        }
        (Some((at, sha256)), _) => {
            let hash = story::short(sha256);
            wrapped(Role::Good, " ", &format!("published {}, SHA-256 {hash}…", date_time(*at)), cols)
        }
        (None, Phase::Review) => {
            wrapped(Role::Warn, " ", &format!("a draft: {key} publishes it as it stands here"), cols)
        }
        (None, phase) => {
            let says = format!("a draft: it is published in Review; now it is in {}", phase.title());
            wrapped(Role::Dim, " ", &says, cols)
        }
    }
}
