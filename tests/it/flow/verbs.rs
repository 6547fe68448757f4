//! Local verbs.

use super::*;
use quell::backend::{Refusal, RefusalKind};
use quell::console::chord::Chord;
use quell::console::message::Message;
use quell::console::model::ToastState;
use quell::console::prompt::{Asks, Change};
use quell::domain::category::Category;
use quell::domain::classification::{Fact, Impact, Scope, Urgency};
use quell::domain::record::CloseReason;
use quell::domain::role::Role;
use quell::domain::sensitive::HIDDEN;

pub(super) fn recorded(effects: &[Effect]) -> Vec<(u64, Entry)> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Record { id, entry, .. } => (id.number(), (**entry).clone()),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn acknowledging_is_one_key_on_the_selected_incident() {
    let mut play = console().usual();
    let effects = play.keys("j a");
    assert_eq!(recorded(&effects), [(1050, Entry::Acknowledged { lasts_s: 1800, from: None })]);
    assert_eq!(play.toast(), "you acknowledged INC-1050");
}

#[test]
fn a_key_that_is_held_down_acknowledges_once() {
    for silent in [false, true] {
        let mut play = console().usual();
        play.silent = silent;
        for _ in 0..20 {
            play.now += chrono::TimeDelta::milliseconds(33);
            play.tell(Message::Pressed(Chord::parse("a").unwrap()));
        }
        let written = play.asked.iter().filter(|effect| matches!(effect, Effect::Record { .. })).count();
        assert_eq!(written, 1, "the engine is silent: {silent}");
        if !silent {
            assert_eq!(play.toast(), "you hold INC-1047 until 14:33Z");
            play.wait(10_000);
            assert_eq!(play.keys("a").len(), 1, "who presses it later holds it for longer");
        }
    }
}

#[test]
fn what_a_source_was_not_told_is_tried_again_once_for_each_time_it_is_asked_for() {
    let mut play = console().usual();
    let refused = |play: &mut Play| {
        let receipt = Err(Refusal::new(RefusalKind::Unreachable, "connection refused"));
        play.tell(Message::AcknowledgedThere { id: id(1047), receipt });
    };
    let written =
        |play: &Play| play.asked.iter().filter(|effect| matches!(effect, Effect::Record { .. })).count();
    let held_down = |play: &mut Play| {
        for _ in 0..20 {
            play.now += chrono::TimeDelta::milliseconds(33);
            play.tell(Message::Pressed(Chord::parse("a").unwrap()));
            refused(play);
        }
    };
    held_down(&mut play);
    assert_eq!(written(&play), 1);
    assert_eq!(play.toast(), "INC-1047 is held here only, not at its source: connection refused");
    play.wait(1_000);
    held_down(&mut play);
    assert_eq!(written(&play), 2);
    // What else was refused asks for nothing of it.
    play.wait(1_000);
    let toast = play.model.toast.as_mut().unwrap();
    (toast.state, toast.untold) = (ToastState::Failed, None);
    play.press("a");
    assert_eq!(written(&play), 2, "{}", play.toast());
}

#[test]
fn what_is_sensitive_is_asked_for_by_one_key_or_by_name() {
    for keys in ["V", ": r e v e a l enter"] {
        let mut play = console().usual();
        let effects = play.keys(keys);
        assert_eq!(recorded(&effects), [(1047, Entry::SensitiveRead { labels: Vec::new() })], "{keys}");
        assert_eq!(play.toast(), "what is sensitive of INC-1047 is shown; a record says that you read it");
        play.engine.refuse = Some(Refusal::new(RefusalKind::Refused, "INC-1047 has no sensitive label"));
        play.press(keys);
        assert_eq!(play.toast(), "INC-1047 has no sensitive label");
    }
}

#[test]
fn taking_over_from_somebody_asks_first() {
    let mut play = console().usual();
    play.engine.by("bo", 1047, "14:02:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    assert_eq!(play.keys("g a"), []);
    assert!(matches!(play.model.prompt, Some(Prompt::TakeOver { .. })));
    play.tell(Message::Pressed(Chord::parse("enter").unwrap()));
    assert!(matches!(play.model.prompt, Some(Prompt::TakeOver { .. })), "nobody had read the question");
    play.wait(1200);
    let effects = play.keys("enter");
    assert_eq!(recorded(&effects), [(1047, Entry::Acknowledged { lasts_s: 1800, from: Some("bo".into()) })]);
}

#[test]
fn text_fields_swallow_the_keys_of_commands() {
    let mut play = console().usual();
    play.press("n");
    play.typing("quit a c e ?");
    let effects = play.keys("enter");
    assert_eq!(recorded(&effects), [(1047, Entry::Noted { text: Outside::new("quit a c e ?") })]);
}

#[test]
fn a_note_that_could_not_be_written_down_is_not_lost() {
    let mut play = console().usual();
    play.press("n");
    play.typing("gw-2 is back");
    play.engine.refuse =
        Some(Refusal::new(RefusalKind::Unreachable, "the engine does not answer; try again"));
    play.press("enter");
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("the note is gone") };
    assert_eq!(text.field.text(), "gw-2 is back");
    assert_eq!(play.keys("enter").len(), 1);
    assert_eq!(play.toast(), "noted on INC-1047");
}

#[test]
fn impact_is_a_number_a_range_or_a_reason() {
    let said = |text: &str| {
        let mut play = console().usual();
        play.press("I");
        play.typing(text);
        let effects = play.keys("enter enter");
        recorded(&effects).pop().map(|(_, entry)| entry)
    };
    let users = |min, max| Some(Entry::ImpactAssessed { impact: Impact::Users { min, max }, because: None });
    assert_eq!(said("120"), users(120, 120));
    assert_eq!(said("1_000..1500"), users(1000, 1500));
    let because = Impact::Unknown { because: Outside::new("logs are down") };
    assert_eq!(
        said("unknown because logs are down"),
        Some(Entry::ImpactAssessed { impact: because, because: None })
    );
    for wrong in ["", "many", "unknown", "5..3", "-1"] {
        assert_eq!(said(wrong), None, "{wrong}");
    }
}

#[test]
fn severity_category_lead_and_close_write_one_entry_each() {
    let mut play = console().usual();
    assert_eq!(
        recorded(&play.keys("S enter")),
        [(1047, Entry::SeveritySet { severity: Severity::Critical, because: None })]
    );
    play.wait(2000);
    let category = Category::Outage;
    assert_eq!(recorded(&play.keys("C enter")), [(1047, Entry::CategorySet { category, because: None })]);
    play.press("L");
    play.typing("ana");
    assert_eq!(
        recorded(&play.keys("enter")),
        [(1047, Entry::RoleTaken { role: Role::Lead, name: Outside::new("ana"), from: None })]
    );
    play.press("X j enter");
    assert_eq!(play.keys("enter"), [], "what still fires is not ended without a word");
    play.typing("a drill");
    let note = Some(Outside::new("a drill"));
    let closed = Entry::Closed { reason: CloseReason::FalseAlarm, note };
    assert_eq!(recorded(&play.keys("enter")), [(1047, closed)]);
}

#[test]
fn leaving_says_what_would_stop_and_asks() {
    let mut play = console().usual();
    assert_eq!(play.keys("q"), []);
    let Some(Prompt::Leave { leaving, .. }) = &play.model.prompt else { panic!("it did not ask") };
    assert_eq!(leaving.stops, ["polling of 2 sources"]);
    assert_eq!(play.keys("esc"), []);
    play.press("q");
    play.wait(600);
    assert_eq!(play.keys("enter"), [Effect::Quit]);
}

#[test]
fn the_filter_shows_what_matches_and_explains_what_is_wrong() {
    let mut play = console().usual();
    play.press("/");
    play.typing("sev:high");
    assert_eq!(play.rows(), [1050, 1051]);
    play.typing(" sev:loud");
    let Some(Prompt::Filter { error, .. }) = &play.model.prompt else { panic!() };
    assert!(error.as_ref().is_some_and(|error| error.says.contains("loud")), "{error:?}");
    play.press("ctrl-w enter");
    assert_eq!(play.rows(), [1050, 1051]);
    play.press("esc");
    assert_eq!(play.rows(), [1047, 1050, 1051, 1029]);
    assert_eq!(play.model.prompt, None);
}

#[test]
fn a_value_that_was_right_already_is_confirmed() {
    let mut play = console().usual();
    play.press("S enter");
    assert_eq!(play.toast(), "INC-1047 is critical: confirmed");
    play.press("C enter");
    assert_eq!(play.toast(), "INC-1047 is outage: confirmed");
}

#[test]
fn whoever_changes_what_was_said_is_asked_why() {
    let mut play = console().usual();
    play.press("S j enter");
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("it did not ask") };
    let change = Change::Severity(Severity::Critical, Severity::High);
    assert_eq!(text.asks, Asks::Change(change));
    assert_eq!(play.keys("enter"), [], "without a word");
    play.typing("one gateway is back");
    let because = Some(Outside::new("one gateway is back"));
    let set = Entry::SeveritySet { severity: Severity::High, because: because.clone() };
    assert_eq!(recorded(&play.keys("enter")), [(1047, set)]);
    assert_eq!(play.toast(), "INC-1047 is high");

    play.press("C j enter");
    play.typing("one gateway is back");
    let set = Entry::CategorySet { category: Category::Integrity, because: because.clone() };
    assert_eq!(recorded(&play.keys("enter")), [(1047, set)]);

    play.press("I 5 ctrl-s I 7 ctrl-s");
    assert!(matches!(&play.model.prompt, Some(Prompt::Fill(fill)) if fill.on_why && fill.error.is_some()));
    play.typing("one gateway is back");
    let impact = Impact::Users { min: 7, max: 7 };
    assert_eq!(recorded(&play.keys("enter")), [(1047, Entry::ImpactAssessed { impact, because })]);
}

#[test]
fn an_impact_says_how_it_is_known() {
    let mut play = console().usual();
    play.press("I");
    play.typing("100..500");
    play.press("tab");
    play.typing("rejected logins");
    let because = Some(Outside::new("rejected logins"));
    let impact = Impact::Users { min: 100, max: 500 };
    assert_eq!(recorded(&play.keys("enter")), [(1047, Entry::ImpactAssessed { impact, because })]);
}

#[test]
fn a_classification_writes_down_only_what_changes() {
    let mut play = console().usual();
    play.press("K i tab");
    play.press("tab s tab tab");
    play.typing("spot");
    assert_eq!(play.keys("enter"), [], "there are lines below");
    let fact =
        |fact, because: Option<&str>| (1047, Entry::Classified { fact, because: because.map(Outside::new) });
    let area = Fact::Area(Outside::new("spot"));
    let first = [
        fact(Fact::Urgency(Urgency::Immediate), None),
        fact(Fact::Scope(Scope::Some), None),
        fact(area, None),
    ];
    assert_eq!(recorded(&play.keys("ctrl-s")), first);
    assert_eq!(play.toast(), "INC-1047: urgency, scope, product area written down");

    play.press("K ctrl-s");
    assert!(
        matches!(&play.model.prompt, Some(Prompt::Fill(fill)) if fill.error.is_some()),
        "nothing changed"
    );
    play.press("right ctrl-s");
    assert!(matches!(&play.model.prompt, Some(Prompt::Fill(fill)) if fill.at == 0 && fill.on_why));
    play.typing("it holds until tonight");
    let why = Some("it holds until tonight");
    assert_eq!(
        recorded(&play.keys("enter enter enter enter enter")),
        [fact(Fact::Urgency(Urgency::Today), why)]
    );
}

#[test]
fn undo_asks_to_hand_back_what_one_has_just_taken() {
    let mut play = console().usual();
    play.press("a u");
    let asked = |play: &Play| matches!(&play.model.prompt, Some(Prompt::Text(text)) if matches!(text.asks, Asks::HandingBack));
    assert!(asked(&play), "{:?}", play.model.prompt);
    assert!(matches!(recorded(&play.keys("enter"))[..], [(1047, Entry::HandedBack { .. })]));
}

#[test]
fn what_is_no_number_of_users_is_said_as_it_is_typed() {
    let mut play = console().usual();
    play.press("I");
    let error = |play: &Play| match &play.model.prompt {
        Some(Prompt::Fill(fill)) => fill.error.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(error(&play), None);
    play.typing("12");
    assert_eq!(error(&play), None);
    play.typing("x");
    assert!(error(&play).is_some_and(|it| it.contains("write a number")), "{:?}", error(&play));
    play.press("backspace");
    assert_eq!(error(&play), None);
}

#[test]
fn a_classification_that_is_refused_keeps_what_was_typed() {
    let mut play = console().usual();
    play.press("K l");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Changed, "bo classified it just now"));
    play.press("ctrl-s");
    let Some(Prompt::Fill(fill)) = &play.model.prompt else { panic!("it is gone") };
    assert_eq!(fill.slots[0].value.text(), "later");
    assert_eq!(play.keys("ctrl-s").len(), 1);
}

#[test]
fn handing_back_is_for_whoever_holds_it() {
    let mut play = console().usual();
    assert_eq!(play.keys("B"), []);
    assert_eq!(play.toast(), "nobody holds INC-1047; a acknowledges it");
    play.wait(1000);
    play.press("a B");
    play.typing("my shift is over");
    let because = Some(Outside::new("my shift is over"));
    assert_eq!(recorded(&play.keys("enter")), [(1047, Entry::HandedBack { because })]);
    assert_eq!(play.model.selected().unwrap().owner, None);
}

#[test]
fn what_is_hidden_is_planned_as_the_form_was_filled_and_never_chosen() {
    let mut play = console().usual();
    play.engine.offers = vec![HIDDEN];
    let effects = play.keys("c enter");
    let Some(Effect::Plan { parameters, .. }) = effects.last() else { panic!("{effects:?}") };
    assert_eq!(parameters["account"], Outside::new(HIDDEN));
    let mut play = console().usual();
    play.engine.offers = vec![HIDDEN, HIDDEN];
    play.press("c");
    assert_eq!(play.keys("down enter"), []);
    let Some(Prompt::Form(form)) = &play.model.prompt else { panic!() };
    assert_eq!(form.said(0).unwrap(), "these are hidden from you: show what is sensitive of it, then choose");
}

#[test]
fn a_few_words_are_thrown_away_only_when_asked() {
    let note = |play: &Play| match &play.model.prompt {
        Some(Prompt::Text(text)) => Some(text.field.text()),
        _ => None,
    };
    let mut play = console().usual();
    play.press("n esc");
    assert_eq!(note(&play), None, "nothing was typed");
    for leaves in ["esc", "ctrl-c"] {
        play.press("n");
        play.typing("gateway 2");
        play.press(&format!("{leaves} {leaves}"));
        assert_eq!(note(&play).as_deref(), Some("gateway 2"), "twice by reflex keeps it");
        // Keys meant for Triage are neither text nor written down.
        assert_eq!(play.keys(&format!("5 z 9 h j enter {leaves}")), []);
        assert_eq!(note(&play).as_deref(), Some("gateway 2"), "it stays asked");
        play.press("n n");
        assert_eq!(note(&play).as_deref(), Some("gateway 2n"), "n goes on editing, and no more");
        play.press(&format!("{leaves} y"));
        assert_eq!(note(&play), None);
    }
    play.press("I 1 2 esc");
    assert!(matches!(&play.model.prompt, Some(Prompt::Fill(fill)) if fill.leaving));
    play.press("y");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn what_an_earlier_key_was_refused_for_does_not_stand_in_what_is_asked_next() {
    let mut play = console().usual();
    play.press("u");
    assert!(!play.toast().is_empty());
    play.wait(4_000);
    play.press("n");
    assert_eq!(play.model.toast, None);
}
