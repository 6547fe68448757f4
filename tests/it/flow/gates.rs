//! The gate sheet: what is missing is filled in from there, and it comes back.

use super::verbs::recorded;
use super::*;
use crate::support::play::answered;
use quell::backend::{Refusal, RefusalKind};
use quell::console::command::Command;
use quell::console::model::Screen;
use quell::console::prompt::gates::Row;
use quell::console::prompt::{Asks, Gates};
use quell::domain::action::{Outcome, Settlement};
use quell::domain::bulletin::{Audience, Status};
use quell::domain::category::Category;
use quell::domain::deadline::DeadlineKind;
use quell::domain::gate::Gate;
use quell::domain::phase::Phase;
use quell::domain::record::{CloseReason, DeadlineSet};
use quell::domain::role::Role;
use quell::domain::time::Span;

fn sheet(play: &Play) -> Gates {
    match &play.model.prompt {
        Some(Prompt::Gates(gates)) => gates.clone(),
        other => panic!("no gate sheet: {other:?}"),
    }
}

fn missing(play: &Play) -> Vec<Gate> {
    play.model.selected().unwrap().missing_for(sheet(play).to, play.now)
}

fn waived(to: Phase, why: &str) -> Entry {
    Entry::PhaseMoved { to, waived: Some(Outside::new(why)) }
}

#[test]
fn every_gate_is_filled_in_from_the_sheet_and_then_enter_moves() {
    let mut play = console().usual();
    assert_eq!(play.keys("P enter"), []);
    assert_eq!(missing(&play), [Gate::Severity, Gate::Category, Gate::Impact, Gate::Lead]);
    // Severity and category are confirmed, users counted, the lead taken: Enter opens each in turn.
    play.press("enter enter");
    assert_eq!(missing(&play), [Gate::Category, Gate::Impact, Gate::Lead]);
    play.press("enter enter enter 5 enter enter enter enter");
    assert_eq!(missing(&play), []);
    let incident = play.model.selected().unwrap();
    assert_eq!((incident.category, incident.lead().unwrap().raw()), (Category::Outage, "ana"));
    let moved = Entry::PhaseMoved { to: Phase::Contain, waived: None };
    assert_eq!(recorded(&play.keys("enter")), [(1047, moved)]);
    assert_eq!(play.model.prompt, None);
    assert_eq!(play.toast(), "INC-1047 is in Contain");
}

#[test]
fn a_line_that_was_filled_in_keeps_its_place() {
    let mut play = console().usual();
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    play.engine.rule(1047, "14:03:40", answered(1, Outcome::Accepted, "200"));
    let settled = Entry::Settled { action: 1, settlement: Settlement::Verified, detail: Outside::default() };
    play.engine.rule(1047, "14:03:41", settled);
    play.poll();
    assert_eq!(play.model.selected().unwrap().phase, Phase::Contain, "skipping what Identify needs");
    play.press("P enter");
    let rows = |play: &Play| sheet(play).rows(play.model.selected().unwrap(), play.now);
    let all = rows(&play);
    assert_eq!(all.first(), Some(&Row::Gate(Gate::Severity)));
    play.press("enter enter");
    assert_eq!(missing(&play), [Gate::Category, Gate::Impact, Gate::Lead]);
    assert_eq!(rows(&play), all);
}

#[test]
fn esc_goes_from_a_question_to_the_sheet_and_from_the_sheet_away() {
    let mut play = console().usual();
    play.press("P enter enter");
    assert!(matches!(play.model.prompt, Some(Prompt::Choose(_))));
    play.press("esc");
    sheet(&play);
    play.press("j j j enter esc");
    sheet(&play);
    assert_eq!(play.keys("esc"), []);
    assert_eq!((play.model.prompt.clone(), play.model.gates.clone()), (None, None));
}

#[test]
fn one_reason_waives_all_that_is_missing() {
    let mut play = console().usual();
    play.press("P enter w");
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("no waiver was asked for") };
    assert!(matches!(&text.asks, Asks::Waiver { to: Phase::Contain, missing, .. } if missing.len() == 4));
    assert_eq!(play.keys("enter"), [], "not without a word");
    play.press("esc");
    sheet(&play);
    play.press("w");
    play.wait(1000);
    play.typing("stop the bleeding first");
    let moved = waived(Phase::Contain, "stop the bleeding first");
    assert_eq!(recorded(&play.keys("enter")), [(1047, moved)]);
    assert_eq!(play.model.prompt, None);
}

#[test]
fn what_the_engine_refuses_comes_back_before_the_sheet_does() {
    let mut play = console().usual();
    play.press("P enter j j enter 5 enter");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "the engine does not answer"));
    play.press("enter");
    assert!(matches!(&play.model.prompt, Some(Prompt::Fill(fill)) if fill.error.is_some()));
    play.press("enter");
    assert_eq!(missing(&play), [Gate::Severity, Gate::Category, Gate::Lead]);
}

/// INC-1047 in Contain, everything before waived.
fn in_contain() -> Play {
    let mut play = console().usual();
    play.engine.by("ana", 1047, "14:02:00", waived(Phase::Contain, "first things first"));
    play.poll();
    play
}

#[test]
fn nothing_to_contain_is_said_and_what_was_done_is_written_down() {
    let mut play = in_contain();
    play.press("P j enter");
    assert_eq!(sheet(&play).to, Phase::Recover);
    assert_eq!(missing(&play), [Gate::Containment, Gate::Mitigation]);
    play.press("enter j enter");
    play.typing("it is one replica");
    let because = Outside::new("it is one replica");
    assert_eq!(recorded(&play.keys("enter")), [(1047, Entry::NothingToContain { because })]);
    play.press("enter");
    play.typing("restarted gw-2");
    let what = Outside::new("restarted gw-2");
    assert_eq!(recorded(&play.keys("enter")), [(1047, Entry::Mitigated { what })]);
    assert_eq!(missing(&play), []);
}

#[test]
fn where_no_playbook_applies_the_sheet_says_so_and_begins_at_the_other_way() {
    let mut play = in_contain();
    play.model.board.catalogue.as_mut().unwrap().playbooks.clear();
    play.press("P enter enter");
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(choose.choices[0].barred.as_deref(), Some("no playbook applies to it"));
    assert_eq!(choose.choices[choose.at].title, "none needed");
}

#[test]
fn a_playbook_runs_from_the_sheet_and_the_sheet_comes_back() {
    let mut play = in_contain();
    play.press("P enter enter enter");
    assert!(matches!(play.model.prompt, Some(Prompt::Form(_))), "{:?}", play.model.prompt);
    play.press("enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    assert_eq!(play.submitted(), 1);
    assert_eq!(missing(&play), [Gate::Containment]);
    play.engine.rule(1047, "14:03:40", crate::support::play::answered(1, Outcome::Accepted, "200"));
    let detail = Outside::new("frozen");
    play.engine.rule(
        1047,
        "14:03:41",
        Entry::Settled { action: 1, settlement: Settlement::Verified, detail },
    );
    play.poll();
    assert_eq!(missing(&play), []);
}

/// INC-1047 in Recover, with one containment in force.
fn in_recover() -> Play {
    let mut play = in_contain();
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    play.engine.rule(1047, "14:03:40", crate::support::play::answered(1, Outcome::Accepted, "200"));
    let detail = Outside::new("frozen");
    play.engine.rule(
        1047,
        "14:03:41",
        Entry::Settled { action: 1, settlement: Settlement::Verified, detail },
    );
    play.engine.by("ana", 1047, "14:03:42", waived(Phase::Recover, "restarted"));
    play.poll();
    play.wait(2000);
    play
}

#[test]
fn each_containment_in_force_is_undone_or_kept_on_purpose() {
    let mut play = in_recover();
    play.press("X enter");
    assert_eq!(sheet(&play).to, Phase::Review);
    assert_eq!(missing(&play), [Gate::Health, Gate::InForce]);
    let incident = play.model.selected().unwrap().clone();
    assert_eq!(
        sheet(&play).rows(&incident, play.now),
        [Row::Gate(Gate::Health), Row::Undecided(1), Row::Gate(Gate::Bulletins)]
    );
    // Undo is planned and confirmed like any other; left alone, it is chosen again.
    play.press("enter enter");
    let Some(Prompt::Confirm(confirm)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(confirm.plan.verb, Verb::Undo { playbook: "freeze-account".into(), action: 1 });
    play.press("esc j enter");
    play.typing("until the customer calls");
    let because = Outside::new("until the customer calls");
    assert_eq!(recorded(&play.keys("enter")), [(1047, Entry::ContainmentKept { action: 1, because })]);
    assert_eq!(missing(&play), [Gate::Health]);
}

#[test]
fn a_bulletin_that_is_owed_is_written_from_the_sheet() {
    let mut play = in_recover();
    let due = play.now - Span::mins(1).delta();
    let (name, title) = ("users".to_owned(), Outside::new("first bulletin to users"));
    let set = DeadlineSet { deadline: DeadlineKind::Bulletin, name, title, due };
    play.engine.rule(1047, "14:03:45", Entry::DeadlineSet(set));
    play.poll();
    play.press("X enter");
    assert_eq!(missing(&play), [Gate::Health, Gate::InForce, Gate::Bulletins]);
    play.press("j enter");
    let Some(Prompt::Bulletin(form)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(form.audience, Audience::Users);
    assert_ne!(form.status(), Status::Resolved, "what is owed to whom nothing was told is the first one");
    play.press("esc");
    let detail = Outside::new("order-gw");
    play.engine.rule(1047, "14:03:50", Entry::HealthTurned { healthy: true, needs: Span::mins(10), detail });
    play.poll();
    play.wait(660_000);
    assert_eq!(missing(&play), [Gate::InForce, Gate::Bulletins]);
    play.press("j enter");
    let Some(Prompt::Bulletin(form)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!((form.audience, form.status()), (Audience::Users, Status::Resolved));
    play.press("esc");
    assert_eq!(sheet(&play).to, Phase::Review, "and the sheet is back");
}

/// Resolving is asked for where its containment is kept and its monitor has just turned healthy.
fn waiting_for_health() -> Play {
    let mut play = in_recover();
    let because = Outside::new("for the night");
    play.engine.by("ana", 1047, "14:03:50", Entry::ContainmentKept { action: 1, because });
    let detail = Outside::new("order-gw");
    play.engine.rule(1047, "14:03:50", Entry::HealthTurned { healthy: true, needs: Span::mins(10), detail });
    play.poll();
    play.press("X enter");
    play
}

#[test]
fn health_is_waited_for_and_what_still_fires_needs_a_word() {
    let mut play = waiting_for_health();
    assert_eq!(play.keys("enter"), []);
    assert!(sheet(&play).error.is_some(), "nobody can fill that in");
    play.wait(660_000);
    assert_eq!(missing(&play), []);
    play.press("enter");
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("its signal still fires") };
    assert!(matches!(&text.asks, Asks::Closing { required: Some(_), .. }));
    play.typing("the alert is slow");
    let note = Some(Outside::new("the alert is slow"));
    let closed = Entry::Closed { reason: CloseReason::Resolved, note };
    assert_eq!(recorded(&play.keys("enter")), [(1047, closed)]);
    assert_eq!(play.model.prompt, None);
}

#[test]
fn leaving_the_review_goes_over_the_same_sheet() {
    let mut play = console().usual();
    let note = Some(Outside::new("over"));
    play.engine.by("ana", 1047, "14:03:00", Entry::Closed { reason: CloseReason::Resolved, note });
    play.poll();
    play.press("tab");
    play.wait(2000);
    play.press("X enter");
    assert_eq!(sheet(&play).to, Phase::Closed);
    assert_eq!(missing(&play), [Gate::RootCause, Gate::Items, Gate::Published]);
    play.press("w");
    play.wait(1000);
    play.typing("a drill");
    assert_eq!(recorded(&play.keys("enter")), [(1047, waived(Phase::Closed, "a drill"))]);
}

#[test]
fn a_sheet_ends_when_the_response_has_got_there_by_itself() {
    let mut play = console().usual();
    play.press("P enter");
    play.engine.by("bo", 1047, "14:03:30", waived(Phase::Mitigate, "bo is quicker"));
    play.poll();
    assert_eq!(play.model.prompt, None);
    assert_eq!(play.toast(), "INC-1047 is in Mitigate now");
}

#[test]
fn a_move_is_judged_by_what_the_sheet_showed_first() {
    let mut play = console().usual();
    play.press("P j enter");
    assert_eq!(sheet(&play).seen, play.model.selected().unwrap().version);
    play.engine.by(
        "bo",
        1047,
        "14:03:30",
        Entry::RoleTaken { role: Role::Lead, name: Outside::new("bo"), from: None },
    );
    play.poll();
    let shown = sheet(&play).seen;
    assert!(
        shown < play.model.selected().unwrap().version,
        "the engine compares the phase with this version"
    );
}

/// The lines of what is asked.
fn lines(play: &Play) -> Vec<String> {
    let sheet = quell::console::page::prompt::sheet(&play.model, 80, play.now).unwrap();
    sheet.body.iter().chain(&sheet.foot).map(quell::console::page::Line::text).collect()
}

#[test]
fn what_only_takes_time_is_under_way_and_the_rest_is_counted_line_by_line() {
    let mut play = in_recover();
    let (name, title) = ("users".to_owned(), Outside::new("first bulletin to users"));
    let due = play.now - Span::mins(1).delta();
    let set = DeadlineSet { deadline: DeadlineKind::Bulletin, name, title, due };
    play.engine.rule(1047, "14:03:45", Entry::DeadlineSet(set));
    let turned = |healthy| {
        let detail = Outside::new("order-gw");
        Entry::HealthTurned { healthy, needs: Span::mins(10), detail }
    };
    play.engine.rule(1047, "14:03:50", turned(false));
    play.poll();
    play.press("X enter");
    let said = lines(&play);
    assert!(said.iter().any(|line| line.contains("✗ healthy")), "{said:#?}");
    assert!(said.last().unwrap().starts_with(" 3 missing: "), "{said:#?}");
    play.engine.rule(1047, "14:03:52", turned(true));
    play.poll();
    let said = lines(&play);
    assert!(said.iter().any(|line| line.contains("○ healthy")), "{said:#?}");
    assert!(said.last().unwrap().starts_with(" 2 missing, 1 under way: "), "{said:#?}");
    let crosses = said.iter().filter(|line| line.contains('✗')).count();
    assert_eq!(crosses, 2, "as many as are counted: {said:#?}");
}

#[test]
fn where_only_time_is_missing_the_sheet_says_to_wait() {
    let play = waiting_for_health();
    assert_eq!(lines(&play).last().unwrap(), " 1 under way: wait for it, or w waives it with a reason");
}

/// INC-1047 in Review, its cause written in two lines.
fn in_review() -> Play {
    let mut play = console().usual();
    let note = Some(Outside::new("over"));
    play.engine.by("ana", 1047, "14:03:00", Entry::Closed { reason: CloseReason::Resolved, note });
    let text = Outside::new("a key ran out\nand nobody was told");
    play.engine.by("ana", 1047, "14:03:01", Entry::RootCauseFound { text });
    play.poll();
    play.press("tab");
    play.wait(2000);
    play
}

#[test]
fn a_text_of_several_lines_stands_in_the_sheet_as_one() {
    let mut play = in_review();
    play.press("X enter");
    let said = lines(&play);
    let cause = said.iter().find(|line| line.contains("root cause")).unwrap();
    assert!(cause.ends_with("a key ran out and nobody was told"), "{cause}");
}

#[test]
fn the_line_of_the_post_mortem_leads_to_where_it_is_published() {
    let mut play = in_review();
    play.press("X enter j j enter");
    assert_eq!((play.model.prompt.clone(), play.model.gates.clone()), (None, None));
    let Screen::PostMortem { id: shown, .. } = &play.model.screen else { panic!("{:?}", play.model.screen) };
    assert_eq!(shown, &id(1047));
    play.press(&play.model.settings.keymap.key(Command::PostMortem));
    assert!(matches!(play.model.prompt, Some(Prompt::Agree(_))), "{:?}", play.toast());
}

#[test]
fn a_reason_typed_where_gates_are_listed_waives_nothing() {
    let mut play = console().usual();
    play.press("P enter");
    let missing_before = missing(&play);
    play.typing("known flapper, we know");
    assert_eq!(play.keys("enter"), []);
    let said = sheet(&play).error.clone().unwrap();
    assert!(said.starts_with("what you typed was not taken"), "{said}");
    assert_eq!(missing(&play), missing_before);
    play.wait(1100);
    play.press("w");
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert!(matches!(text.asks, Asks::Waiver { .. }), "after a breath it is meant");
}

#[test]
fn a_word_that_begins_with_the_key_waives_nothing_before_what_it_would_was_said() {
    // In one go, and as fast as most type.
    for millis in [0, 300] {
        let mut play = console().usual();
        play.press("P enter");
        for letter in "waiting".chars() {
            play.wait(millis);
            play.typing(&letter.to_string());
        }
        // Nor does who holds enter down mean it.
        for _ in 0..20 {
            assert_eq!(play.keys("enter"), [], "{millis}");
        }
        let said = match &play.model.prompt {
            Some(Prompt::Text(text)) => text.error.clone().unwrap(),
            other => panic!("{other:?}"),
        };
        assert!(said.starts_with("this waives ") && said.ends_with("Enter again, after a second"), "{said}");
        play.wait(1000);
        assert_eq!(recorded(&play.keys("enter")), [(1047, waived(Phase::Contain, "aiting"))]);
    }
}

#[test]
fn words_typed_where_one_of_several_is_chosen_open_nothing() {
    let mut play = console().usual();
    play.engine.playbooks.push(crate::support::play::playbook("revoke", "Revoke all sessions"));
    play.press("c");
    play.typing("nfp");
    assert_eq!(play.keys("enter"), []);
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(choose.error.as_deref(), Some("what you typed was not taken"));
    play.wait(1100);
    play.press("f");
    assert!(matches!(play.model.prompt, Some(Prompt::Form(_))), "{:?}", play.model.prompt);
}
