//! The command line.

use super::verbs::recorded;
use super::*;
use quell::console::model::Screen;
use quell::domain::deadline::DeadlineKind;
use quell::domain::record::{DeadlineMet, DeadlineSet};
use quell::domain::role::Role;

/// What is said about a line, and where it points.
fn wrong(line: &str) -> (usize, usize, String) {
    let mut play = console().usual();
    play.press(":");
    play.typing(line);
    assert_eq!(play.keys("enter"), [], "{line}");
    let Some(Prompt::Line(it)) = &play.model.prompt else { panic!("{line} was taken") };
    let error = it.error.clone().unwrap();
    (error.at, error.cells, error.says)
}

fn run(play: &mut Play, line: &str) -> Vec<Effect> {
    play.press(":");
    play.typing(line);
    play.keys("enter")
}

#[test]
fn a_timer_is_set_and_done() {
    let mut play = console().usual();
    let set = run(&mut play, "timer bob 3m check matching engine");
    let due = play.now + chrono::TimeDelta::minutes(3);
    let title = Outside::new("bob: check matching engine");
    let timer =
        Entry::DeadlineSet(DeadlineSet { deadline: DeadlineKind::Timer, name: String::new(), title, due });
    assert_eq!(recorded(&set), [(1047, timer)]);
    let met = run(&mut play, "done 1 it is fine");
    let note = Some(Outside::new("it is fine"));
    let done = Entry::DeadlineMet(DeadlineMet { deadline: DeadlineKind::Timer, name: "1".into(), note });
    assert_eq!(recorded(&met), [(1047, done)]);
    assert!(play.model.selected().unwrap().open_deadlines().is_empty());
}

#[test]
fn duties_and_callouts_are_met_by_their_names() {
    let mut play = console().usual();
    for (deadline, name) in [(DeadlineKind::Regulator, "dora/initial"), (DeadlineKind::Callout, "")] {
        let (title, due) = (Outside::new("report"), crate::support::play::at("18:00:00"));
        play.engine.rule(
            1047,
            "14:02:00",
            Entry::DeadlineSet(DeadlineSet { deadline, name: name.into(), title, due }),
        );
    }
    play.poll();
    let met = |deadline, name: &str, note: Option<&str>| {
        (1047, Entry::DeadlineMet(DeadlineMet { deadline, name: name.into(), note: note.map(Outside::new) }))
    };
    let done = run(&mut play, "done dora/initial");
    assert_eq!(recorded(&done), [met(DeadlineKind::Regulator, "dora/initial", None)]);
    let done = run(&mut play, "callout db fine, gw restarting");
    assert_eq!(recorded(&done), [met(DeadlineKind::Callout, "", Some("db fine, gw restarting"))]);
}

#[test]
fn roles_and_handing_back() {
    let mut play = console().usual();
    let name = Outside::new("bo");
    let taken = Entry::RoleTaken { role: Role::Commander, name, from: None };
    assert_eq!(recorded(&run(&mut play, "role commander bo")), [(1047, taken)]);
    assert_eq!(run(&mut play, "role commander ana"), [], "from bo, it asks once more");
    assert!(matches!(&play.model.prompt, Some(Prompt::Roles(roles)) if roles.sure));
    play.press("esc a");
    let because = Some(Outside::new("my shift is over"));
    assert_eq!(
        recorded(&run(&mut play, "hand-back my shift is over")),
        [(1047, Entry::HandedBack { because })]
    );
    play.press("a");
    assert_eq!(run(&mut play, "hand-back"), []);
    assert!(matches!(play.model.prompt, Some(Prompt::Text(_))), "without a reason it asks");
}

#[test]
fn every_command_of_a_key_runs_by_its_name_or_its_beginning() {
    let mut play = console().usual();
    assert_eq!(recorded(&run(&mut play, "ack")), [(1047, Entry::Acknowledged { lasts_s: 1800, from: None })]);
    run(&mut play, "monitors");
    assert_eq!(play.model.screen, Screen::Monitors { top: 0 });
    run(&mut play, "quit");
    assert!(matches!(play.model.prompt, Some(Prompt::Leave { .. })));
}

#[test]
fn what_is_wrong_points_at_its_word() {
    assert_eq!(wrong("dance now").0, 0);
    let (at, cells, says) = wrong("timer bob 3x check");
    assert_eq!((at, cells), (10, 2));
    assert!(says.contains("write it like"), "{says}");
    let (at, _, says) = wrong("timer bob");
    assert_eq!(at, 10);
    assert_eq!(says, "within which time, as in: timer bob 3m check the matching engine");
    assert_eq!(wrong("role boss ana").0, 5);
    assert_eq!(wrong("done 7").2, "nothing is due on INC-1047 that a word could end");
    assert_eq!(wrong("callout all fine").2, "no callout is due on INC-1047; :note writes a note");
    assert_eq!(wrong("acknowledge it"), (12, 2, "acknowledge takes nothing after its name".to_owned()));
    assert_eq!(wrong("severity bad").2, "there is: critical, high, normal");
    assert_eq!(wrong("phase contain please").0, 14);
    assert_eq!(wrong("filter sev:x").0, 11);
    assert_eq!(wrong("hand-over now").0, 10);
    assert_eq!(wrong("watch bo").2, "look at what is handed over first: hand-over shows it");
}

#[test]
fn what_somebody_believes_is_a_note_that_the_card_knows() {
    let mut play = console().usual();
    let text = Outside::new("hypothesis: a bad deploy");
    assert_eq!(recorded(&run(&mut play, "hypothesis a bad deploy")), [(1047, Entry::Noted { text })]);
    assert_eq!(run(&mut play, "hypothesis"), []);
    play.press("enter");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!() };
    assert!(line.error.as_ref().is_some_and(|wrong| wrong.says.starts_with("what you believe")));
}

#[test]
fn a_belief_that_rules_none_out_is_written_down_and_says_so() {
    let mut play = console().usual();
    play.wait(1000);
    let text = Outside::new("hypothesis: not enough memory");
    assert_eq!(recorded(&run(&mut play, "hypothesis not enough memory")), [(1047, Entry::Noted { text })]);
    let said = "INC-1047 hypothesis written down; it rules nothing out: no hypothesis says \"enough memory\"";
    assert!(play.toast().starts_with(said), "{}", play.toast());
}

#[test]
fn tab_completes_and_backspace_leaves_an_empty_line() {
    let mut play = console().usual();
    play.press(": t i tab");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!() };
    assert_eq!(line.field.text(), "timer ");
    play.press("ctrl-u backspace");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn the_words_behind_a_command_are_its_text_its_choice_or_its_reason() {
    use quell::domain::category::Category;
    use quell::domain::classification::Impact;
    use quell::domain::record::CloseReason;
    let text = |text: &str| Outside::new(text);
    let because = Some(text("there is a workaround"));
    let workaround = Entry::SeveritySet { severity: Severity::High, because };
    for (line, entry) in [
        ("note the replica lags", Entry::Noted { text: text("the replica lags") }),
        ("note  two  blanks", Entry::Noted { text: text("two  blanks") }),
        ("impact 100", Entry::ImpactAssessed { impact: Impact::Users { min: 100, max: 100 }, because: None }),
        (
            "impact unknown because logs are gone",
            Entry::ImpactAssessed {
                impact: Impact::Unknown { because: text("logs are gone") },
                because: None,
            },
        ),
        ("severity critical", Entry::SeveritySet { severity: Severity::Critical, because: None }),
        ("sev h there is a workaround", workaround),
        ("category outage", Entry::CategorySet { category: Category::Outage, because: None }),
        (
            "close false it was a test",
            Entry::Closed { reason: CloseReason::FalseAlarm, note: Some(text("it was a test")) },
        ),
    ] {
        let mut play = console().usual();
        assert_eq!(recorded(&run(&mut play, line)), [(1047, entry)], "{line}");
        assert_eq!(play.model.prompt, None, "{line}");
    }
}

#[test]
fn what_asks_for_more_than_words_stands_there_with_them_in_it() {
    let mut play = console().usual();
    assert_eq!(run(&mut play, "impact many"), []);
    let Some(Prompt::Fill(fill)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(fill.slots[0].value.text(), "many");
    assert!(fill.error.is_some());
    play.press("esc y");
    run(&mut play, "impact 100");
    assert_eq!(run(&mut play, "impact 200"), [], "it was said before: why is asked for");
    assert!(
        matches!(&play.model.prompt, Some(Prompt::Fill(fill)) if fill.on_why && fill.slots[0].value.text() == "200")
    );
    play.press("esc y");
    assert_eq!(run(&mut play, "severity normal"), []);
    assert!(matches!(&play.model.prompt, Some(Prompt::Text(_))));
    play.press("esc");
    for (line, written) in
        [("root-cause a bad deploy", "a bad deploy"), ("item alert on lag", "alert on lag")]
    {
        assert_eq!(run(&mut play, line), []);
        let Some(Prompt::Lesson(form)) = &play.model.prompt else { panic!("{line}") };
        assert_eq!(form.fields.slots[0].text(), written);
        assert!(form.fields.is_changed(), "it is not thrown away without a question");
        play.press("esc y");
    }
    run(&mut play, "report Withdrawals are slow");
    let Some(Prompt::Report(form)) = &play.model.prompt else { panic!() };
    assert_eq!(form.fields.text("title"), "Withdrawals are slow");
    play.press("esc y");
    play.engine.bulletins = crate::support::play::told_by_mail();
    play.tell(quell::console::message::Message::Resumed);
    run(&mut play, "bulletin nobody");
    assert!(
        matches!(&play.model.prompt, Some(Prompt::Line(line)) if line.error.as_ref().is_some_and(|it| it.at == 9))
    );
    play.press("ctrl-u");
    play.typing("bulletin us");
    play.press("enter");
    let users = quell::domain::bulletin::Audience::Users;
    assert!(
        matches!(&play.model.prompt, Some(Prompt::Bulletin(form)) if form.audience == users),
        "{:?}",
        play.model.prompt
    );
    play.press("esc y");
    run(&mut play, "phase mit");
    assert!(matches!(&play.model.prompt, Some(Prompt::Gates(_))), "{:?}", play.model.prompt);
    play.press("esc");
    run(&mut play, "filter sev:normal");
    assert_eq!((play.rows(), play.model.prompt.clone()), (vec![1029], None));
    assert_eq!(play.keys("a"), [], "the cursor came there by itself");
}

#[test]
fn a_line_that_is_refused_says_why_where_it_stands_and_is_gone_once_it_is_left() {
    let mut play = console().usual();
    for line in ["acknowledge it", "severity bad", "dance now"] {
        run(&mut play, line);
        let Some(Prompt::Line(it)) = &play.model.prompt else { panic!("{line}") };
        assert!(it.error.is_some() && it.field.text() == line);
        play.press("esc");
        assert_eq!(play.model.prompt, None);
        play.wait(2000);
        play.press(":");
        let Some(Prompt::Line(it)) = &play.model.prompt else { panic!("{line}") };
        assert!(it.field.text().is_empty() && it.error.is_none(), "{line} came back");
        play.press("esc");
    }
}

#[test]
fn words_that_nothing_would_be_done_with_are_refused_and_not_lost() {
    let mut play = console().usual().in_review();
    play.press("tab");
    assert_eq!(run(&mut play, "close resolved all is said"), []);
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(
        (line.error.as_ref().map(|it| it.at), line.field.text().as_str()),
        (Some(15), "close resolved all is said")
    );
}

#[test]
fn a_line_is_about_the_incident_and_the_version_that_were_shown() {
    let mut play = console().usual();
    play.press(":");
    play.typing("impact 100");
    play.engine.by("bo", 1047, "14:03:30", Entry::Noted { text: Outside::new("looking") });
    play.poll();
    let effects = play.keys("enter");
    assert!(matches!(&effects[..], [Effect::Record { seen: 1, .. }]), "{effects:?}");
}

#[test]
fn a_line_that_was_refused_is_there_again() {
    let mut play = console().usual();
    let refusal = quell::backend::Refusal::new(quell::backend::RefusalKind::Unreachable, "try again");
    play.engine.refuse = Some(refusal);
    run(&mut play, "timer bob 3m check");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("it is gone") };
    assert_eq!(line.field.text(), "timer bob 3m check");
    assert_eq!(recorded(&play.keys("enter")).len(), 1);
}
