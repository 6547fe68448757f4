//! The keys of what is asked.

use super::extent::{exceeds, goes_on};
use super::together::together;
use super::{Hint, discard, hint};
use crate::console::bulletin::Face;
use crate::console::fields::{PLAN_ONLY, PLAN_TO_CONFIRM};
use crate::console::handover;
use crate::console::model::Model;
use crate::console::page;
use crate::console::prompt::{Agreement, Asks, Kind, Picked, Prompt};
use crate::domain::time::Time;

/// The keys that work while this is asked, the likeliest first.
pub(super) fn asked(model: &Model, prompt: &Prompt, now: Time) -> Vec<Hint> {
    let enter = |word| hint("enter", word);
    let cancel = hint("esc", if asks_first(prompt) { "leave?" } else { "cancel" });
    match prompt {
        Prompt::Text(text) if text.leaving => discard(),
        Prompt::Fill(fill) if fill.leaving => discard(),
        Prompt::Text(text) => {
            let word = match text.asks {
                Asks::Waiver { .. } => "waive and move",
                Asks::HandingBack => "hand it back",
                _ => "write it down",
            };
            vec![enter(word), cancel]
        }
        Prompt::Choose(choose) => {
            let here = choose.here();
            let mut out = vec![enter("take it"), hint("j", "next"), cancel];
            if matches!(here, Some(Picked::Verb(offered)) if !offered.asked.is_empty() && Kind::of(&offered.verb) == Kind::Escalate)
            {
                out.push(hint("f", "fill in"));
            }
            if matches!(here, Some(Picked::Verb(_))) {
                out.push(hint("p", PLAN_ONLY));
            }
            if goes_on(model, now) {
                out.insert(2, hint("pgdn", "more"));
            }
            out
        }
        Prompt::Form(form) => {
            let send = |key| hint(key, PLAN_TO_CONFIRM);
            let last = form.at + 1 >= form.fields.len();
            let mut out =
                if last { vec![send("enter"), cancel] } else { vec![enter("next"), send("ctrl-s"), cancel] };
            if !form.choices(form.at).is_empty() {
                out.insert(1, hint("← →", "choose"));
            }
            out.push(hint("ctrl-p", PLAN_ONLY));
            out
        }
        Prompt::Fill(fill) => {
            if fill.stops().last() == Some(&(fill.at, fill.on_why)) {
                vec![enter("write it down"), cancel]
            } else {
                vec![enter("next"), hint("ctrl-s", "write it down"), cancel]
            }
        }
        Prompt::Gates(gates) => {
            let incident = model.board.get(&gates.id);
            let missing = incident.map_or(0, |incident| incident.missing_for(gates.to, now).len());
            match missing {
                0 => vec![enter("go on"), hint("j", "next"), cancel],
                _ => vec![enter("fill it in"), hint("j", "next"), hint("w", "waive"), cancel],
            }
        }
        Prompt::Roles(_) => {
            vec![enter("do it"), hint("tab", "next role"), cancel]
        }
        Prompt::Line(line) => {
            let mut out = vec![cancel, hint("↓ ↑", "choose"), hint("tab", "complete")];
            if page::line::runs(model, line) {
                out.insert(0, enter("run it"));
            }
            out
        }
        Prompt::Lesson(form) => {
            if form.fields.leaving {
                return discard();
            }
            vec![hint("ctrl-s", "write it down"), hint("tab", "next"), cancel]
        }
        Prompt::OfferWatch { field, .. }
            if handover::takes_back(field) && model.offered_by_me().is_some() =>
        {
            vec![enter("take it back"), cancel]
        }
        Prompt::OfferWatch { .. } => vec![enter("offer it"), cancel],
        Prompt::Agree(agree) if agree.guard.sent => vec![hint("esc", "look away")],
        Prompt::Agree(agree) => {
            let word = match &agree.to {
                Agreement::Take(_) => "take it",
                Agreement::Publish { .. } => "publish it",
                Agreement::Tie { tying, .. } => tying.tie.word(),
            };
            let mut out = vec![enter(word), cancel];
            if goes_on(model, now) {
                out.push(hint("pgdn", "more"));
                out.push(hint("G", "end"));
            }
            out
        }
        Prompt::Bulletin(form) => match form.face {
            _ if form.fields.leaving => discard(),
            Face::Form => {
                let mut out = vec![
                    hint("ctrl-s", PLAN_TO_CONFIRM),
                    hint("tab", "next"),
                    hint("ctrl-p", "preview"),
                    cancel,
                ];
                // The first one has nothing to be compared with.
                if model.board.get(&form.id).is_some_and(|it| it.last_bulletin(form.audience).is_some()) {
                    out.insert(3, hint("ctrl-l", "since last"));
                }
                out
            }
            Face::Preview | Face::Difference => {
                let mut out = vec![hint("esc", "back to the text"), hint("ctrl-s", PLAN_TO_CONFIRM)];
                if goes_on(model, now) {
                    out.insert(1, hint("pgdn", "more"));
                }
                out
            }
        },
        Prompt::Report(form) => {
            if form.fields.leaving {
                return discard();
            }
            vec![hint("ctrl-s", "open it"), hint("tab", "next"), hint("shift-tab", "back"), cancel]
        }
        Prompt::Escalation(form) => {
            let mut out = page::escalation::hints(model, form);
            if form.editing.is_none() && !form.leaving && exceeds(model, now) {
                out.insert(1, hint("pgdn", "more"));
            }
            out
        }
        Prompt::Waiting(_) => vec![cancel],
        Prompt::Confirm(confirm) => {
            let mut out = page::confirm::hints(model, confirm, now);
            if !confirm.guard.sent && goes_on(model, now) {
                out.push(hint("pgdn", "more"));
            }
            out
        }
        Prompt::Shown(_) => {
            let mut out = vec![hint("y", "copy its hash"), hint("esc", "back")];
            if goes_on(model, now) {
                out.push(hint("pgdn", "more"));
            }
            out
        }
        Prompt::Link(_) => match model.settings.opener {
            Some(_) => vec![enter("open it"), hint("y", "copy"), cancel],
            None => vec![enter("copy it"), cancel],
        },
        Prompt::Bulk(bulk) => {
            let mut out = together(bulk, cancel);
            if goes_on(model, now) {
                out.push(hint("pgdn", "more"));
            }
            out
        }
        Prompt::TakeOver { .. } => vec![enter("take over"), cancel],
        Prompt::Explain { .. } => vec![hint("esc", "back")],
        Prompt::Find(_) => {
            vec![enter("keep"), hint("esc", "show all")]
        }
        Prompt::Seek { .. } => {
            vec![enter("next"), hint("↑", "before"), hint("esc", "done")]
        }
        Prompt::Filter { chosen, .. } => vec![
            enter(if chosen.is_some() { "put it in" } else { "keep" }),
            hint("esc", "show all"),
            hint("↓ ↑", "choose"),
            hint("tab", "complete"),
        ],
        Prompt::Leave { .. } => vec![enter("leave"), hint("esc", "stay")],
    }
}

/// Whether esc asks before it throws away what was typed.
fn asks_first(prompt: &Prompt) -> bool {
    match prompt {
        Prompt::Text(_) | Prompt::Fill(_) => prompt.holds_text(),
        Prompt::Bulletin(form) => form.fields.is_changed(),
        Prompt::Report(form) => form.fields.is_changed(),
        Prompt::Lesson(form) => form.fields.is_changed(),
        _ => false,
    }
}
