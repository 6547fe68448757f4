//! The keys of what is asked.

use super::Hint;
use super::extent::{exceeds, scrolls};
use super::together::together;
use crate::console::bulletin::Face;
use crate::console::fields::{PLAN_ONLY, PLAN_TO_CONFIRM};
use crate::console::handover;
use crate::console::model::Model;
use crate::console::page;
use crate::console::prompt::{Agreement, Asks, Kind, Picked, Prompt};
use crate::domain::time::Time;

/// The keys that work while this is asked, the likeliest first.
pub(super) fn asked(model: &Model, prompt: &Prompt, now: Time) -> Vec<Hint> {
    let enter = |word: &str| ("enter".to_owned(), word.to_owned());
    let cancel = ("esc".to_owned(), if asks_first(prompt) { "leave?" } else { "cancel" }.to_owned());
    let discard = || vec![("y".to_owned(), "discard".to_owned()), ("n".to_owned(), "keep it".to_owned())];
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
            let here = choose.choices.get(choose.at).map(|choice| &choice.picked);
            let mut out = vec![enter("take it"), ("j".to_owned(), "next".to_owned()), cancel];
            if matches!(here, Some(Picked::Verb(offered)) if !offered.asked.is_empty() && Kind::of(&offered.verb) == Kind::Escalate)
            {
                out.push(("f".to_owned(), "fill in".to_owned()));
            }
            if matches!(here, Some(Picked::Verb(_))) {
                out.push(("p".to_owned(), PLAN_ONLY.to_owned()));
            }
            if scrolls(model, now) {
                out.insert(2, ("pgdn".to_owned(), "more".to_owned()));
            }
            out
        }
        Prompt::Form(form) => {
            let send = |key: &str| (key.to_owned(), PLAN_TO_CONFIRM.to_owned());
            let last = form.at + 1 >= form.fields.len();
            let mut out =
                if last { vec![send("enter"), cancel] } else { vec![enter("next"), send("ctrl-s"), cancel] };
            if !form.choices(form.at).is_empty() {
                out.insert(1, ("← →".to_owned(), "choose".to_owned()));
            }
            out.push(("ctrl-p".to_owned(), PLAN_ONLY.to_owned()));
            out
        }
        Prompt::Fill(fill) => {
            if fill.stops().last() == Some(&(fill.at, fill.on_why)) {
                vec![enter("write it down"), cancel]
            } else {
                vec![enter("next"), ("ctrl-s".to_owned(), "write it down".to_owned()), cancel]
            }
        }
        Prompt::Gates(gates) => {
            let incident = model.board.get(&gates.id);
            let missing = incident.map_or(0, |incident| incident.missing_for(gates.to, now).len());
            match missing {
                0 => vec![enter("go on"), ("j".to_owned(), "next".to_owned()), cancel],
                _ => vec![
                    enter("fill it in"),
                    ("j".to_owned(), "next".to_owned()),
                    ("w".to_owned(), "waive".to_owned()),
                    cancel,
                ],
            }
        }
        Prompt::Roles(_) => {
            vec![enter("do it"), ("tab".to_owned(), "next role".to_owned()), cancel]
        }
        Prompt::Line(line) => {
            let mut out = vec![
                cancel,
                ("↓ ↑".to_owned(), "choose".to_owned()),
                ("tab".to_owned(), "complete".to_owned()),
            ];
            if page::line::runs(model, line) {
                out.insert(0, enter("run it"));
            }
            out
        }
        Prompt::Lesson(form) => {
            let key = |key: &str, word: &str| (key.to_owned(), word.to_owned());
            if form.fields.leaving {
                return discard();
            }
            vec![key("ctrl-s", "write it down"), key("tab", "next"), cancel]
        }
        Prompt::OfferWatch { field, .. }
            if handover::takes_back(field) && model.offered_by_me().is_some() =>
        {
            vec![enter("take it back"), cancel]
        }
        Prompt::OfferWatch { .. } => vec![enter("offer it"), cancel],
        Prompt::Agree(agree) if agree.guard.sent => vec![("esc".to_owned(), "look away".to_owned())],
        Prompt::Agree(agree) => {
            let word = match &agree.to {
                Agreement::Take(_) => "take it",
                Agreement::Publish { .. } => "publish it",
                Agreement::Tie { tying, .. } => tying.tie.word(),
            };
            let mut out = vec![enter(word), cancel];
            if scrolls(model, now) {
                out.push(("pgdn".to_owned(), "more".to_owned()));
                out.push(("G".to_owned(), "end".to_owned()));
            }
            out
        }
        Prompt::Bulletin(form) => {
            let key = |key: &str, word: &str| (key.to_owned(), word.to_owned());
            match form.face {
                _ if form.fields.leaving => discard(),
                Face::Form => vec![
                    key("ctrl-s", PLAN_TO_CONFIRM),
                    key("tab", "next"),
                    key("ctrl-p", "preview"),
                    key("ctrl-l", "since last"),
                    cancel,
                ],
                Face::Preview | Face::Difference => {
                    vec![key("esc", "back to the text"), key("pgdn", "more"), key("ctrl-s", PLAN_TO_CONFIRM)]
                }
            }
        }
        Prompt::Report(form) => {
            let key = |key: &str, word: &str| (key.to_owned(), word.to_owned());
            if form.fields.leaving {
                return discard();
            }
            vec![key("ctrl-s", "open it"), key("tab", "next"), key("shift-tab", "back"), cancel]
        }
        Prompt::Escalation(form) => {
            let mut out = page::escalation::hints(model, form);
            if form.editing.is_none() && !form.leaving && exceeds(model, now) {
                out.insert(1, ("pgdn".to_owned(), "more".to_owned()));
            }
            out
        }
        Prompt::Waiting(_) => vec![cancel],
        Prompt::Confirm(confirm) => {
            let mut out = page::confirm::hints(model, confirm, now);
            if !confirm.guard.sent && scrolls(model, now) {
                out.push(("pgdn".to_owned(), "more".to_owned()));
            }
            out
        }
        Prompt::Shown(_) => {
            let mut out =
                vec![("y".to_owned(), "copy its hash".to_owned()), ("esc".to_owned(), "back".to_owned())];
            if scrolls(model, now) {
                out.push(("pgdn".to_owned(), "more".to_owned()));
            }
            out
        }
        Prompt::Link(_) => match model.settings.opener {
            Some(_) => vec![enter("open it"), ("y".to_owned(), "copy".to_owned()), cancel],
            None => vec![enter("copy it"), cancel],
        },
        Prompt::Bulk(bulk) => {
            let mut out = together(bulk, cancel);
            if scrolls(model, now) {
                out.push(("pgdn".to_owned(), "more".to_owned()));
            }
            out
        }
        Prompt::TakeOver { .. } => vec![enter("take over"), cancel],
        Prompt::Explain { .. } => vec![("esc".to_owned(), "back".to_owned())],
        Prompt::Find(_) => {
            vec![enter("keep"), ("esc".to_owned(), "show all".to_owned())]
        }
        Prompt::Seek { .. } => {
            vec![enter("next"), ("↑".to_owned(), "before".to_owned()), ("esc".to_owned(), "done".to_owned())]
        }
        Prompt::Filter { chosen, .. } => vec![
            enter(if chosen.is_some() { "put it in" } else { "keep" }),
            ("esc".to_owned(), "show all".to_owned()),
            ("↓ ↑".to_owned(), "choose".to_owned()),
            ("tab".to_owned(), "complete".to_owned()),
        ],
        Prompt::Leave { .. } => vec![enter("leave"), ("esc".to_owned(), "stay".to_owned())],
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
