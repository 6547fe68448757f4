//! Esc leads from a plan one step back, wherever it came from, and nothing that was typed is lost.

use super::*;
use quell::console::bulk::Step;
use quell::console::prompt::Form;

fn form(play: &Play) -> &Form {
    match &play.model.prompt {
        Some(Prompt::Form(form)) => form,
        other => panic!("no form: {other:?}"),
    }
}

#[test]
fn esc_leads_from_a_plan_one_step_back_and_nothing_typed_is_lost() {
    let mut play = console().usual();
    play.press("j j c backspace 9");
    let typed = form(&play).fields[0].1.text();
    play.press("enter esc");
    assert_eq!(form(&play).fields[0].1.text(), typed, "the form, as it was");
    play.press("ctrl-s ctrl-c");
    assert_eq!(play.model.prompt, None, "ctrl-c leaves it");
    // From a list, the list.
    play.press("e enter");
    assert!(matches!(&play.model.prompt, Some(Prompt::Confirm(_))));
    play.press("esc");
    assert!(matches!(&play.model.prompt, Some(Prompt::Choose(_))), "{:?}", play.model.prompt);
}

#[test]
fn esc_leads_from_twice_to_the_plan_and_from_there_to_the_form() {
    let mut play = console().usual();
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    play.engine.rule(
        1047,
        "14:03:40",
        crate::support::play::answered(1, quell::domain::action::Outcome::Unknown, "no answer"),
    );
    play.poll();
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    let twice = |play: &Play| match &play.model.prompt {
        Some(Prompt::Confirm(confirm)) => Some(confirm.twice),
        _ => None,
    };
    assert_eq!(twice(&play), Some(quell::console::prompt::Twice::Asked), "{:?}", play.model.prompt);
    play.press("esc");
    assert_eq!(twice(&play), Some(quell::console::prompt::Twice::Due));
    assert_eq!(play.submitted(), 1);
    play.press("esc");
    form(&play);
}

#[test]
fn undoing_asks_about_twice_only_where_an_undo_may_have_been_done() {
    use quell::console::prompt::Twice;
    use quell::domain::action::Outcome::{Accepted, Unknown};
    let twice = |play: &Play| match &play.model.prompt {
        Some(Prompt::Confirm(confirm)) => confirm.twice,
        other => panic!("{other:?} {}", play.toast()),
    };
    for contained in [Accepted, Unknown] {
        let mut play = console().usual();
        let answered = |play: &mut Play, action, outcome| {
            play.engine.rule(1047, "14:03:40", crate::support::play::answered(action, outcome, "it said"));
            play.poll();
            play.wait(2000);
        };
        play.press("c enter");
        play.typing("88213");
        play.wait(600);
        play.press("enter");
        answered(&mut play, 1, contained);
        play.press("u");
        assert_eq!(twice(&play), Twice::No, "what it reverses is no repeat");
        play.typing("88213");
        play.wait(600);
        play.press("enter");
        answered(&mut play, 2, Unknown);
        play.press("u");
        play.typing("88213");
        play.wait(600);
        assert_eq!((twice(&play), play.keys("enter")), (Twice::Due, vec![]));
        play.wait(600);
        let effects = play.keys("enter");
        let [Effect::Submit { confirmation, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        assert!(confirmation.twice);
    }
}

#[test]
fn whoever_says_that_an_undo_was_done_reads_what_ends_with_it() {
    use quell::domain::action::Outcome::{Accepted, Unknown};
    use quell::domain::plan::Ended;
    let mut play = console().usual();
    let answered = |play: &mut Play, action, outcome| {
        play.engine.rule(1047, "14:03:40", crate::support::play::answered(action, outcome, "it said"));
        play.poll();
        play.wait(2000);
    };
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    answered(&mut play, 1, Accepted);
    play.press("u");
    let Some(Prompt::Confirm(confirm)) = play.model.prompt.take() else { panic!("{}", play.toast()) };
    let mut plan = confirm.plan;
    let ended = |number, once_read| Ended { incident: id(number), action: 1, kept: None, once_read };
    plan.basis.ends = vec![ended(1050, false), ended(1051, true)];
    for entry in [Entry::intended(2, Box::new(plan.seal())), Entry::Sent { action: 2 }] {
        play.engine.by("ana", 1047, "14:03:40", entry);
    }
    answered(&mut play, 2, Unknown);
    play.press("U enter");
    let shown = crate::screens::text(&play);
    assert!(shown.contains("undone with it: INC-1050 action 1"), "{shown}");
    assert!(!shown.contains("INC-1051 action 1"), "{shown}");
}

#[test]
fn esc_leads_from_the_plans_of_all_that_are_marked_to_what_was_chosen_from() {
    let mut play = console().usual();
    let more = crate::support::play::playbook("revoke-sessions", "Revoke all sessions");
    play.engine.playbooks.push(more);
    for it in &mut play.engine.playbooks {
        it.max_targets = 10;
    }
    for (number, account) in [(1047, "88213"), (1050, "90001")] {
        play.engine.accounts.insert(number, account);
    }
    play.tell(quell::console::message::Message::Resumed);
    play.press("space space c");
    let step = |play: &Play| match &play.model.prompt {
        Some(Prompt::Bulk(bulk)) => bulk.step.clone(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(step(&play), Step::Choosing { at: 0, .. }), "{:?}", step(&play));
    play.press("j enter");
    assert!(matches!(step(&play), Step::Confirming { .. }), "{:?}", step(&play));
    play.press("esc");
    assert!(matches!(step(&play), Step::Choosing { at: 1, .. }), "{:?}", step(&play));
    play.press("esc");
    assert_eq!(play.model.prompt, None);
    assert_eq!(play.model.marks.ids.len(), 2, "they stay marked");
}

#[test]
fn esc_leads_from_what_a_merge_means_to_the_list_it_was_chosen_from() {
    let mut play = console().usual();
    play.press("j D j j enter");
    assert!(matches!(&play.model.prompt, Some(Prompt::Agree(_))), "{:?}", play.model.prompt);
    play.press("esc");
    assert!(
        matches!(&play.model.prompt, Some(Prompt::Choose(list)) if list.at == 1),
        "{:?}",
        play.model.prompt
    );
    play.press("esc");
    assert_eq!(play.model.prompt, None);
}
