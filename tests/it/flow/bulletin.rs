//! From `b` to a bulletin that leaves; what was typed is never lost on the way.

use super::*;
use crate::support::play::{broadcast, told_by_mail};
use quell::backend::{Refusal, RefusalKind};
use quell::console::bulletin::{BulletinForm, Face};
use quell::console::message::Message;
use quell::domain::bulletin::{Audience, Settings, Status};
use quell::domain::classification::Fact;
use quell::domain::phase::Phase;

fn play_with(settings: Settings) -> Play {
    let mut play = console();
    play.engine.bulletins = settings;
    play.tell(Message::Resumed);
    play.usual()
}

fn form(play: &Play) -> &BulletinForm {
    match &play.model.prompt {
        Some(Prompt::Bulletin(form)) => form,
        other => panic!("{other:?}"),
    }
}

/// On the form, everything begun from the template.
fn begun() -> Play {
    let mut play = play_with(broadcast());
    play.press("b");
    play.typing("withdrawals");
    play
}

#[test]
fn only_audiences_that_read_somewhere_are_offered() {
    let mut play = play_with(Settings::default());
    assert_eq!(play.keys("b"), []);
    assert!(play.toast().starts_with("no [[bulletin]] is configured"), "{}", play.toast());
    let mut play = play_with(told_by_mail());
    play.press("b");
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let titles: Vec<&str> = choose.choices.iter().map(|choice| choice.title.as_str()).collect();
    assert_eq!(titles, ["users", "partners"]);
    play.press("j enter");
    assert_eq!(form(&play).audience, Audience::Partners);
}

#[test]
fn naming_what_is_affected_begins_every_part_and_two_keys_send_it() {
    let mut play = begun();
    assert_eq!(form(&play).fields.text("headline"), "We are investigating a problem with withdrawals");
    let effects = play.keys("ctrl-s");
    let [Effect::Plan { id: of, verb, parameters }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((of, verb), (&id(1047), &Verb::Publish { audience: Audience::Users }));
    let keys: Vec<&str> = parameters.keys().map(String::as_str).collect();
    assert_eq!(keys, ["happened", "headline", "impact", "next", "status", "todo"]);
    assert_eq!(parameters["status"], Outside::new("investigating"));
    assert_eq!(parameters["next"], Outside::new("20m"));
    play.press("end");
    play.wait(600);
    assert!(matches!(play.keys("enter").as_slice(), [Effect::Submit { .. }]));
    assert_eq!(play.model.prompt, None);
    assert_eq!(play.model.selected().unwrap().bulletins.len(), 1);
    assert!(play.toast().contains("bulletin on its way"), "{}", play.toast());
}

#[test]
fn what_was_said_of_the_product_and_the_phase_is_suggested() {
    let mut play = play_with(broadcast());
    let area = Fact::Area(Outside::new("withdrawals"));
    play.engine.by("ana", 1047, "14:03:20", Entry::Classified { fact: area, because: None });
    let moved = |to| Entry::PhaseMoved { to, waived: Some(Outside::new("contained elsewhere")) };
    play.engine.by("ana", 1047, "14:03:21", moved(Phase::Contain));
    play.poll();
    play.press("b");
    assert_eq!(form(&play).status(), Status::Investigating, "what is contained is not understood yet");
    play.press("esc");
    play.engine.by("ana", 1047, "14:03:21", moved(Phase::Recover));
    play.poll();
    play.press("b");
    assert_eq!(form(&play).status(), Status::Investigating, "its signal fires");
    play.press("esc");
    let (needs, detail) = (quell::domain::time::Span::mins(10), Outside::new("order-gw"));
    play.engine.rule(1047, "14:03:21", Entry::HealthTurned { healthy: true, needs, detail });
    play.poll();
    play.press("b");
    assert_eq!(form(&play).status(), Status::Monitoring);
    assert_eq!(form(&play).fields.here().unwrap().key, "headline");
    assert!(form(&play).fields.text("happened").contains("withdrawals"));
}

#[test]
fn another_status_rewrites_only_what_nobody_changed() {
    let mut play = begun();
    play.press("tab tab");
    play.typing("!");
    play.press("shift-tab shift-tab shift-tab i");
    assert_eq!(form(&play).status(), Status::Identified);
    assert_eq!(form(&play).fields.text("headline"), "We are investigating a problem with withdrawals!");
    assert!(form(&play).fields.text("happened").contains("We found the cause"));
}

#[test]
fn nothing_follows_the_last_one() {
    let mut play = begun();
    play.press("shift-tab r");
    let Some(Effect::Plan { parameters, .. }) = play.keys("ctrl-s").into_iter().next() else { panic!() };
    assert_eq!(parameters["status"], Outside::new("resolved"));
    assert!(!parameters.contains_key("next"));
}

#[test]
fn what_the_lint_finds_keeps_it_here() {
    let mut play = begun();
    play.press("tab tab tab");
    play.typing(" This will never happen again, we guarantee it.");
    assert_eq!(play.keys("ctrl-s"), []);
    assert_eq!(form(&play).fields.here().unwrap().key, "happened");
    assert!(form(&play).error.is_some());
    assert!(form(&play).findings(&play.model, play.now).len() >= 2);
}

#[test]
fn what_was_typed_survives_every_way_back() {
    let changed = |play: &Play| form(play).fields.text("headline").ends_with("indeed");
    let typed = || {
        let mut play = begun();
        play.press("tab tab");
        play.typing(" indeed");
        play
    };
    let mut play = typed();
    play.press("esc esc n");
    assert!(changed(&play), "esc asks, and does not answer");
    play.press("ctrl-c n");
    assert!(changed(&play), "so does ctrl-c");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Refused, "the channel carries no bulletins"));
    play.press("ctrl-s");
    assert!(changed(&play), "a refused plan comes back");
    assert_eq!(form(&play).error, Some(Outside::new("the channel carries no bulletins")));
    play.press("ctrl-s esc");
    assert!(changed(&play), "a plan that is left comes back");
    play.press("ctrl-s");
    play.tell(Message::Resumed);
    assert!(changed(&play), "a suspended plan comes back");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Refused, "x"));
    play.press("ctrl-p pgdn ctrl-l esc");
    assert!(changed(&play), "reading it changes nothing");
    assert_eq!(form(&play).face, Face::Form);
    play.press("esc y");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn one_that_was_refused_after_looking_away_comes_back() {
    let mut play = begun();
    play.press("ctrl-s end");
    play.wait(600);
    let Some(Prompt::Confirm(confirm)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let hash = confirm.plan.hash.clone();
    let mut model = play.model.clone();
    let key = |key: &str| Message::Pressed(quell::console::chord::Chord::parse(key).unwrap());
    quell::console::update(&mut model, play.now, key("enter"));
    quell::console::update(&mut model, play.now, key("esc"));
    assert_eq!(model.prompt, None);
    let refused = Err(Refusal::new(RefusalKind::Unreachable, "no room on the disk"));
    quell::console::update(&mut model, play.now, Message::Submitted { hash, receipt: refused });
    assert!(matches!(model.prompt, Some(Prompt::Bulletin(_))));
}

#[test]
fn one_that_left_after_looking_away_is_said_as_what_it_is() {
    let mut play = begun();
    play.press("ctrl-s end");
    play.wait(600);
    let mut model = play.model.clone();
    let key = |key: &str| Message::Pressed(quell::console::chord::Chord::parse(key).unwrap());
    let effects = quell::console::update(&mut model, play.now, key("enter"));
    let [submit @ Effect::Submit { .. }] = effects.as_slice() else { panic!("{effects:?}") };
    quell::console::update(&mut model, play.now, key("esc"));
    let answer = play.engine.answer(submit, play.now).unwrap();
    quell::console::update(&mut model, play.now, answer);
    let said = model.toast.map(|toast| toast.text).unwrap();
    assert_eq!(said, "INC-1047 bulletin on its way; its page shows the receipts");
}

#[test]
fn pasted_lines_stay_lines() {
    let mut play = begun();
    play.press("tab tab tab ctrl-u");
    play.tell(Message::Pasted(Outside::new("one\r\ntwo\n")));
    assert_eq!(form(&play).fields.text("happened"), "one\ntwo");
}

#[test]
fn the_promise_of_the_next_one_moves_on_with_the_clock() {
    let mut play = begun();
    assert!(form(&play).fields.text("todo").contains("14:24 UTC"));
    play.wait(60_000);
    assert!(form(&play).fields.text("todo").contains("14:25 UTC"), "{}", form(&play).fields.text("todo"));
}

#[test]
fn a_form_begins_with_what_is_known_and_claims_no_cause() {
    let mut play = play_with(broadcast());
    let waived = Some(Outside::new("no time"));
    play.engine.by("ana", 1047, "14:02:00", Entry::PhaseMoved { to: Phase::Mitigate, waived });
    play.poll();
    play.press("b");
    play.typing("withdrawals");
    assert_eq!(form(&play).status(), Status::Investigating);
    let said = |play: &Play, part: &str| form(play).fields.text(part);
    assert!(!said(&play, "happened").contains("found the cause"), "{}", said(&play, "happened"));
    assert!(said(&play, "todo").starts_with("You do not need to do anything"));
    play.press("esc y");
    let category = quell::domain::category::Category::UnauthorizedAccess;
    let because = Some(Outside::new("somebody else signed in"));
    play.engine.by("ana", 1047, "14:03:00", Entry::CategorySet { category, because });
    play.poll();
    play.press("b");
    play.typing("signing in");
    assert!(said(&play, "todo").starts_with("Please look through your account"), "{}", said(&play, "todo"));
    play.press("ctrl-s esc");
    play.press("shift-tab");
    let calm = |play: &Play| {
        let findings = form(play).findings(&play.model, play.now);
        findings.iter().any(|finding| finding.message.starts_with("accounts or money may be at stake"))
    };
    assert!(!calm(&play));
    let mut typed = play.model.clone();
    if let Some(Prompt::Bulletin(form)) = &mut typed.prompt {
        form.fields.get_mut("todo").unwrap().begin_with("You do not need to do anything.");
    }
    play.model = typed;
    assert!(calm(&play));
}

#[test]
fn the_next_update_is_offered_as_often_as_since_readers_have_to_be_told() {
    let mut play = play_with(broadcast());
    // It opened at 11:00, and is one that readers hear of only since now.
    let (deadline, title) = (quell::domain::deadline::DeadlineKind::Bulletin, Outside::new("the first one"));
    let set =
        quell::domain::record::DeadlineSet { deadline, name: "users".into(), title, due: at("14:07:00") };
    play.engine.rule(1029, "14:02:00", Entry::DeadlineSet(set));
    play.poll();
    play.press("G b");
    play.typing("certificates");
    assert_eq!((form(&play).id.clone(), form(&play).fields.text("next")), (id(1029), "20m".to_owned()));
    assert_eq!(form(&play).late(&play.model, play.now), None);
    let Some(Prompt::Bulletin(form)) = &mut play.model.prompt else { panic!() };
    form.fields.write("next", "1h");
    let late = form.clone().late(&play.model, play.now);
    assert_eq!(late.as_deref(), Some("later than your cadence, by which it is due in 20m"));
}

#[test]
fn a_preview_is_scrolled_no_further_than_its_end() {
    let mut play = begun();
    play.tell(Message::Resized { cols: 60, rows: 14 });
    play.press("ctrl-p pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn");
    let end = form(&play).top;
    assert!((1..40).contains(&end), "{end}");
    let more = |play: &Play| {
        quell::console::hints::hints(&play.model, play.now).iter().any(|(key, _)| key == "pgdn")
    };
    assert!(!more(&play), "its end is seen");
    play.press("j");
    assert_eq!(form(&play).top, end, "nothing is below it");
    play.press("k");
    assert_eq!(form(&play).top, end - 1, "the first key back moves it");
    assert!(more(&play));
}

#[test]
fn the_next_one_begins_with_what_the_last_one_called_it_and_is_compared_with_it() {
    let mut play = begun();
    let hinted = |play: &Play, key: &str| {
        quell::console::hints::hints(&play.model, play.now).iter().any(|(it, _)| it == key)
    };
    assert!(!hinted(&play, "ctrl-l"), "the first one has nothing to be compared with");
    let bulletin = Box::new(form(&play).bulletin(play.now));
    play.press("esc y");
    let code = quell::domain::bulletin::VerificationCode::from_random([7; 8]);
    let (number, to) = (1, vec!["status-page".to_owned()]);
    let started = quell::domain::record::BulletinStarted { number, bulletin, code, to };
    play.engine.by("ana", 1047, "14:03:05", Entry::BulletinStarted(started));
    let answered = quell::domain::record::BulletinAnswered {
        number,
        channel: "status-page".into(),
        outcome: quell::domain::action::Outcome::Accepted,
        detail: Outside::new("201"),
        reference: None,
    };
    play.engine.rule(1047, "14:03:06", Entry::BulletinAnswered(answered));
    play.poll();
    play.press("b");
    assert_eq!(form(&play).fields.text("product"), "withdrawals");
    assert_eq!(form(&play).fields.text("headline"), "We are investigating a problem with withdrawals");
    assert!(hinted(&play, "ctrl-l"));
    let incident = play.model.board.get(&id(1047)).unwrap();
    let (_, parts) = form(&play).difference(incident, play.now).unwrap();
    assert!(!parts[0].is_any(), "its headline is as it was: {parts:?}");
}
