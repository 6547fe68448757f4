//! A page that is read before a final Enter.

use super::prompt::{Sheet, below, once_read};
use super::{Line, Page, Role, gap, markdown, moment, own, ties, wrapped};
use crate::backend::WatchOffer;
use crate::console::command::Command;
use crate::console::handover::held_by;
use crate::console::model::Model;
use crate::console::prompt::{Agree, Agreement};
use crate::domain::gate::{Gate, sentence};
use crate::domain::id::IncidentId;
use crate::domain::phase::Phase;
use crate::domain::text::capital;
use crate::domain::time::{Time, lasted};

/// The sheet of what is agreed to.
pub fn sheet(model: &Model, agree: &Agree, cols: u16, now: Time) -> Sheet {
    let (title, body, ask) = match &agree.to {
        Agreement::Take(offer) => {
            let title = format!("take the watch of {} ── offered {}", own(&offer.by), moment(offer.at, now));
            let by = own(&offer.by);
            (
                title,
                take(model, offer, cols, now),
                format!("press Enter to take the watch. Esc leaves it with {by}."),
            )
        }
        Agreement::Publish { id, markdown, news } => (
            format!("publish the post-mortem of {id}"),
            publish(model, id, markdown, news, cols, now),
            "press Enter to publish it. Esc leaves it a draft.".to_owned(),
        ),
        Agreement::Tie { tying, stay, news } => {
            (ties::title(tying), ties::page(model, tying, stay, news, cols, now), ties::ask(tying))
        }
    };
    let said = match (&agree.guard.nudge, agree.guard.sent) {
        (_, true) => vec![Line::of(Role::Warn, " writing it down…")],
        (Some(nudge), false) => wrapped(Role::Bad, " ", &own(nudge), cols),
        (None, false) => Page::new(),
    };
    let shown = |ask: &str| wrapped(Role::Strong, " ", &capital(ask), cols);
    let foot = below(model, once_read(&agree.guard, &ask, shown), None, said, cols);
    Sheet { title, head: 0, body, foot, top: agree.guard.top, grave: true }
}

fn take(model: &Model, offer: &WatchOffer, cols: u16, now: Time) -> Page {
    let what = held_by(&model.board, &offer.by);
    let by = own(&offer.by);
    let mut out = match what.as_slice() {
        [] => wrapped(Role::Plain, " ", &format!("{by} holds nothing and plays no role now."), cols),
        some => {
            let mut out = wrapped(Role::Strong, " ", &format!("With it you take over from {by}:"), cols);
            out.extend(wrapped(Role::Plain, "   ", &some.join(", "), cols));
            out
        }
    };
    if model.board.watch.as_ref() != Some(offer) {
        out.insert(0, Line::of(Role::Bad, " This offer stands no more."));
    }
    let (age, key) = (lasted(offer.at, now), model.settings.keymap.key(Command::HandOver));
    out.extend(wrapped(
        Role::Dim,
        " ",
        &format!("The card as {by} saw it {age} ago; {key} shows it as it is now:"),
        cols,
    ));
    out.push(gap());
    out.extend(markdown::page(&offer.card, cols));
    out
}

fn publish(model: &Model, id: &IncidentId, text: &str, news: &[String], cols: u16, now: Time) -> Page {
    let lines = text.lines().count();
    let folder = own(&model.settings.reviews);
    let mut out = wrapped(
        Role::Plain,
        " ",
        &format!("Its {lines} lines go to the letter into a new file that only you can read:"),
        cols,
    );
    out.extend(wrapped(Role::Strong, "   ", &format!("{folder}/{id}.md"), cols));
    out.extend(wrapped(
        Role::Plain,
        "   ",
        &format!("and the picture of its timeline beside it, {id}.svg"),
        cols,
    ));
    out.extend(wrapped(
        Role::Plain,
        " ",
        "Its SHA-256 goes into the ledger, so that a changed file can be told.",
        cols,
    ));
    let missing =
        model.board.get(id).map(|incident| incident.missing_for(Phase::Closed, now)).unwrap_or_default();
    let missing: Vec<Gate> = missing.into_iter().filter(|gate| *gate != Gate::Published).collect();
    if !missing.is_empty() {
        out.extend(wrapped(Role::Warn, " ", &format!("It does not say yet: {}", sentence(&missing)), cols));
    }
    if !news.is_empty() {
        out.extend(wrapped(Role::Warn, " ", "New in it since you asked:", cols));
        let lines = news.iter().filter(|line| !line.trim().is_empty());
        out.extend(lines.flat_map(|line| wrapped(Role::Plain, "   ", &own(line), cols)));
    }
    out
}
