//! The suite is whole: there is no screen and no prompt that was not kept at every size and in every look.

use quell::console::model::Screen;
use quell::console::prompt::Prompt;

use super::*;
use crate::support::repository;

/// Every variant beside a snapshot that shows it; one that is not named here does not compile.
macro_rules! kept {
    ($name:ident, $all:ident of $kind:ty: $($pattern:pat => $shot:literal,)*) => {
        fn $name(of: &$kind) -> &'static str {
            match of { $($pattern => $shot,)* }
        }
        const $all: &[&str] = &[$($shot,)*];
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

/// That each of them is what it is called here, as far as one key leads.
#[test]
fn what_is_kept_of_a_screen_is_that_screen() {
    for (keys, shot) in
        [("", "pages__triage"), ("m", "pages__monitors"), ("?", "pages__help"), ("l", "ledger__ledger")]
    {
        let mut play = night();
        play.press(keys);
        assert_eq!(of_screen(&play.model.screen), shot);
    }
    for (keys, shot) in
        [("n", "prompts__note"), ("S", "prompts__severity"), ("e f", "prompts__escalation_form")]
    {
        let mut play = night();
        play.press(keys);
        assert_eq!(play.model.prompt.as_ref().map(of_prompt), Some(shot));
    }
}
