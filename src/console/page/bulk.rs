//! What is done to all that are marked: every target with what its own record says, and what became of each.

use super::prompt::{Sheet, below, once_read};
use super::{Line, Page, Role, field, own, pair, wrapped};
use crate::console::bulk::{Bulk, Offered, State, Step, Target};
use crate::console::model::Model;
use crate::domain::plan::Plan;
use crate::domain::plan::sheet::{self, Shape};
use crate::domain::playbook::Playbook;
use crate::domain::text::capital;

/// The sheet.
pub fn sheet(model: &Model, bulk: &Bulk, cols: u16) -> Sheet {
    let count = bulk.targets.len();
    let named = |playbook: &Playbook| format!("contain {count} marked ── {}", own(&playbook.title));
    let (title, mut body) = match &bulk.step {
        Step::Finding => (format!("{count} marked"), said(" asking what can be done about each…")),
        Step::Choosing { offers, at, .. } => {
            (format!("contain {count} marked with"), choices(offers, *at, cols))
        }
        Step::Planning(playbook) => {
            (named(playbook), said(" planning each; reading each target's own record…"))
        }
        Step::Confirming { playbook, .. } | Step::Running { playbook, .. } | Step::Ended(playbook) => {
            (named(playbook), about(playbook, cols))
        }
    };
    let head = body.len();
    match &bulk.step {
        Step::Confirming { .. } => {
            body.extend(bulk.targets.iter().flat_map(|target| planned(target, cols)));
        }
        Step::Running { .. } | Step::Ended(_) => {
            body.extend(bulk.targets.iter().flat_map(|target| became(target, cols)));
        }
        Step::Finding | Step::Choosing { .. } | Step::Planning(_) => {}
    }
    let foot = foot(model, bulk, cols);
    Sheet { title, head, body, foot, top: bulk.guard.top, grave: bulk.playbook().is_some() }
}

fn said(text: &str) -> Page {
    vec![Line::of(Role::Dim, text)]
}

fn choices(offers: &[Offered], at: usize, cols: u16) -> Page {
    let line = |(place, offer): (usize, &Offered)| {
        let here = place == at;
        let role = if offer.barred.is_some() { Role::Dim } else { Role::Plain };
        let says = match &offer.barred {
            Some(why) => format!("cannot: {}", own(why)),
            None => own(&offer.playbook.blast).to_string(),
        };
        let mut lines = wrapped(role, if here { " ▶ " } else { "   " }, &own(&offer.playbook.title), cols);
        lines.extend(wrapped(Role::Dim, "     ", &says, cols));
        lines
            .into_iter()
            .map(move |line| if here { line.in_role(Role::Chosen) } else { line })
            .collect::<Page>()
    };
    offers.iter().enumerate().flat_map(line).collect()
}

/// What is done to each.
fn about(playbook: &Playbook, cols: u16) -> Page {
    let mut out = pair("Does", Role::Strong, &own(&playbook.blast), cols);
    let how = "to each below, one by one; the first unknown outcome stops the rest";
    out.extend(pair("", Role::Plain, how, cols));
    out
}

/// A target before it is confirmed: all that its own plan says, or why there is none that could be carried out.
fn planned(target: &Target, cols: u16) -> Page {
    let id = target.id.to_string();
    let mut out = match (&target.state, target.plan()) {
        (State::Cannot(why), plan) => {
            let named = plan.and_then(|plan| plan.target.as_ref());
            let named = named.map_or(String::new(), |(name, value)| format!("{name} = {}: ", value.exact()));
            pair(&id, Role::Bad, &format!("✗ {named}cannot: {}", own(why)), cols)
        }
        (State::Out(why), _) => pair(&id, Role::Warn, &format!("✗ left out: {}", own(why)), cols),
        (_, Some(plan)) => of_plan(&id, plan, cols),
        (_, None) => pair(&id, Role::Dim, "…", cols),
    };
    if target.hidden {
        out.extend(pair("", Role::Warn, "not among the rows shown", cols));
    }
    out
}

/// All that its own plan says; what it does is alike for all and stands above.
fn of_plan(id: &str, plan: &Plan, cols: u16) -> Page {
    let mut lines = sheet::lines(plan);
    lines.retain(|line| line.label != "Does");
    if let Some(target) = lines.iter_mut().find(|line| line.shape == Shape::Head) {
        id.clone_into(&mut target.label);
    }
    lines.iter().flat_map(|line| super::plan::shown(line, cols)).collect()
}

/// A target after it was confirmed.
fn became(target: &Target, cols: u16) -> Page {
    let value = target.plan().and_then(|plan| plan.target.as_ref());
    let value = value.map_or(String::new(), |(_, value)| format!("{}  ", value.exact()));
    let (role, sign, words) = match &target.state {
        State::Waiting | State::Ready => (Role::Dim, "·", "waits for its turn".to_owned()),
        State::Submitted(_) => (Role::Warn, "▶", "under way; the next one waits for its outcome".to_owned()),
        State::Accepted => (Role::Good, "✓", "accepted; its row shows the verification".to_owned()),
        State::Failed(why) => (Role::Bad, "✗", format!("{}; still marked", own(why))),
        State::Unknown => {
            (Role::Bad, "?", "UNKNOWN: it may have been done; none after it was begun".to_owned())
        }
        State::Cannot(why) => (Role::Bad, "✗", format!("was not among them: {}; still marked", own(why))),
        State::Out(why) => (Role::Dim, "·", format!("was left out: {}", own(why))),
        State::NotBegun => (Role::Warn, "·", "not begun; still marked".to_owned()),
    };
    pair(&target.id.to_string(), role, &format!("{sign} {value}{words}"), cols)
}

fn foot(model: &Model, bulk: &Bulk, cols: u16) -> Page {
    let strong = |text: &str| wrapped(Role::Strong, " ", text, cols);
    let out =
        || bulk.out().map(|out| wrapped(Role::Warn, " left out: ", &own(&out), cols)).unwrap_or_default();
    match &bulk.step {
        Step::Finding | Step::Planning(_) => out(),
        Step::Choosing { error, .. } => {
            let error = super::prompt::error(error.as_ref().map(|it| own(it).to_string()), cols);
            out().into_iter().chain(error).collect()
        }
        Step::Confirming { typed, .. } => {
            let (ready, all) = (bulk.count(&State::Ready), bulk.targets.len());
            if ready == 0 {
                return strong("None of them can be carried out. Esc leaves it.");
            }
            let of = if ready < all { format!("{ready} of the {all}") } else { format!("all {all}") };
            let asks = format!("type {} and press Enter to contain {of}:", own(&bulk.wanted()));
            let asks = once_read(&bulk.guard, &asks, |asks| strong(&capital(asks)));
            let nudge = bulk.guard.nudge.as_ref();
            let said = nudge.map(|said| wrapped(Role::Bad, " ", &own(said), cols)).unwrap_or_default();
            below(model, asks, Some(field(" > ", typed, true)), said, cols)
        }
        Step::Running { stop: true, .. } => strong("None is begun after this one."),
        Step::Running { .. } => strong("Esc looks away; it goes on. s begins none after this one."),
        Step::Ended(_) => strong(&bulk.summary()),
    }
}
