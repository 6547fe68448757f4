//! The suite is whole: there is no screen and no prompt that was not kept at every size and in every look, and each is
//! kept under its own name.

use quell::console::model::Screen;
use quell::console::prompt::Prompt;

use super::*;
use crate::support::repository;

/// Every variant beside a snapshot that shows it; one that is not named here does not compile.
macro_rules! kept {
    ($name:ident, $all:ident of $kind:ty: $($pattern:pat => $shot:literal,)*) => {
        pub fn $name(of: &$kind) -> &'static str {
            match of { $($pattern => $shot,)* }
        }
        pub const $all: &[&str] = &[$($shot,)*];
    };
}

kept! { of_screen, SCREENS of Screen:
    Screen::Triage => "pages__triage",
    Screen::Review => "lookback__review_list",
    Screen::Monitors { .. } => "pages__monitors",
    Screen::Sources { .. } => "pages__sources",
    Screen::Sink { .. } => "pages__sink",
    Screen::Incident { .. } => "pages__incident",
    Screen::PostMortem { .. } => "lookback__post_mortem",
    Screen::HandOver { .. } => "lookback__hand_over",
    Screen::Metrics { .. } => "lookback__metrics",
    Screen::Approvals => "prompts__approvals",
    Screen::Ledger => "ledger__ledger",
    Screen::Record { .. } => "ledger__ledger_record",
    Screen::Help { .. } => "pages__help",
}

kept! { of_prompt, PROMPTS of Prompt:
    Prompt::Text(_) => "prompts__note",
    Prompt::Choose(_) => "prompts__severity",
    Prompt::Form(_) => "prompts__contain_form",
    Prompt::Fill(_) => "prompts__impact",
    Prompt::Gates(_) => "prompts__gates",
    Prompt::Roles(_) => "prompts__roles",
    Prompt::Line(_) => "finding__palette",
    Prompt::Lesson(_) => "lookback__item",
    Prompt::Agree(_) => "lookback__publish",
    Prompt::OfferWatch { .. } => "lookback__offer_watch",
    Prompt::Bulletin(_) => "prompts__bulletin_form",
    Prompt::Escalation(_) => "prompts__escalation_form",
    Prompt::Report(_) => "prompts__report",
    Prompt::Waiting(_) => "prompts__waiting",
    Prompt::Confirm(_) => "prompts__contain_plan",
    Prompt::Shown(_) => "prompts__plan_only",
    Prompt::Bulk(_) => "prompts__bulk",
    Prompt::Link(_) => "snooze__leading",
    Prompt::TakeOver { .. } => "prompts__take_over",
    Prompt::Explain { .. } => "prompts__explain",
    Prompt::Filter { .. } => "finding__finder",
    Prompt::Find(_) => "ledger__ledger_found",
    Prompt::Seek { .. } => "finding__seek",
    Prompt::Leave { .. } => "prompts__leave",
}

#[test]
fn every_screen_and_prompt_is_kept_at_every_size_and_in_every_look() {
    let folder = repository::root().join("tests/it/screens/snapshots");
    let there = |name: &str| folder.join(format!("it__screens__{name}.snap")).exists();
    let missing: Vec<String> = SCREENS
        .iter()
        .chain(PROMPTS)
        .flat_map(|name| looks(night_at).map(move |(look, _)| (name, look)))
        .filter(|(name, look)| {
            let kept = there(&format!("{name}_{look}")) || *look == "80x24" && there(name);
            !kept
        })
        .map(|(name, look)| format!("{name} {look}"))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// What a snapshot was taken of, made once more.
fn scene(name: &str) -> Play {
    let (begins, keys): (fn() -> Play, &str) = match name {
        "pages__triage" => (night, ""),
        "lookback__review_list" => (lookback::reviewed, "tab"),
        "pages__monitors" => (night, "m"),
        "pages__sources" => (night, "s"),
        "pages__sink" => (|| pages::heard(80, 24), "shift-tab"),
        "pages__incident" => (night, "enter"),
        "lookback__post_mortem" => (lookback::reviewed, "tab enter p"),
        "lookback__hand_over" => (lookback::late_night, "H"),
        "lookback__metrics" => (lookback::ten_weeks, "M right"),
        "prompts__approvals" => (approvals::some_wait, "A j"),
        "ledger__ledger" => (ledger::contained, "l j j"),
        "ledger__ledger_record" => (ledger::contained, "l j enter"),
        "pages__help" => (night, "?"),
        "prompts__note" => (night, "n g w - 2"),
        "prompts__severity" => (night, "S"),
        "prompts__contain_form" => (night, "j j c"),
        "prompts__impact" => (night, "I m a n y enter enter"),
        "prompts__gates" => (night, "P enter"),
        "prompts__roles" => (night, "L j o"),
        "finding__palette" => (night, ": c o"),
        "lookback__item" => (lookback::late_night, "tab enter i w h a t tab d e e tab 5 d"),
        "lookback__publish" => (lookback::reviewed, "tab enter p p"),
        "lookback__offer_watch" => (lookback::late_night, "H w b o"),
        "prompts__bulletin_form" => (prompts::a_bulletin, "tab tab tab"),
        "prompts__escalation_form" => (night, "e f"),
        "prompts__report" => (night, "N"),
        "prompts__waiting" => (prompts::unanswered, ""),
        "prompts__contain_plan" => (night, "j j c enter 8 8 2"),
        "prompts__plan_only" => (night, "j j c ctrl-p"),
        "prompts__bulk" => (bulk::typed, ""),
        "snooze__leading" => (night, "o"),
        "prompts__take_over" => (night, "j j j j a"),
        "prompts__explain" => (night, "x"),
        "finding__finder" => (night, "/"),
        "ledger__ledger_found" => (ledger::contained, "l / v e r i f"),
        "finding__seek" => (night, "enter / s e v e r i t y"),
        "prompts__leave" => (night, "q"),
        other => panic!("{other} is kept, and nothing says of what"),
    };
    let mut play = begins();
    play.press(keys);
    if name.starts_with("lookback__") {
        play.wait(600);
    }
    play
}

#[test]
fn what_is_kept_of_a_screen_is_that_screen() {
    let mut wrong = Vec::new();
    for (names, of) in [
        (SCREENS, (|play| Some(of_screen(&play.model.screen))) as fn(&Play) -> Option<&'static str>),
        (PROMPTS, |play| play.model.prompt.as_ref().map(of_prompt)),
    ] {
        for name in names {
            let play = scene(name);
            if of(&play) != Some(name) {
                wrong.push(format!("{name} is {:?}", of(&play)));
            }
            // And it is what was kept, which other tests compare.
            let file = |end: &str| {
                std::fs::read_to_string(
                    repository::root()
                        .join(format!("tests/it/screens/snapshots/it__screens__{name}{end}.snap")),
                )
                .ok()
            };
            let kept = file("_80x24").or_else(|| file("")).unwrap_or_default();
            let drawn = shot(&play, &COLOUR);
            if kept.splitn(3, "---\n").nth(2).map(str::trim) != Some(drawn.trim()) {
                wrong.push(format!("{name} is kept otherwise:\n{drawn}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
