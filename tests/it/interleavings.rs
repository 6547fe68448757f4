//! Whatever comes between the keys, and whenever: a person acts only on what was shown, and rows hold still.

pub mod frame;
mod judge;
mod play;
mod polls;
mod steps;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;

use judge::{Act, Question};
use play::Play;
use quell::console::effect::Effect;
use quell::domain::id::IncidentId;
use quell::domain::plan::PlanHash;
use steps::{Change, Step, step, wait};

use crate::support::board::id;

/// The model is written and read once in so many steps.
const WRITTEN: usize = 8;

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap();
    let read = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(read == *value, "{value:?}\nwas read back as\n{read:?}");
    read
}

#[test]
fn nothing_that_comes_between_the_keys_leads_to_another_target() {
    let (acts, waited, hid) = (RefCell::new(BTreeMap::new()), RefCell::new(0), RefCell::new(0));
    let config = Config { cases: 96, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let steps = prop::collection::vec((step(), wait()), 1..=160);
    let outcome = TestRunner::new(config).run(&(any::<bool>(), steps), |(distinct, steps)| {
        let mut play = Play::new();
        play.engine.distinct = distinct;
        for (count, (step, wait)) in steps.iter().enumerate() {
            play.go(step, *wait);
            if count % WRITTEN == 0 {
                // Played on from what was written: a recorded session is the session.
                play.model = round_trip(&play.model);
            }
        }
        *waited.borrow_mut() += play.waited;
        *hid.borrow_mut() += play.hid;
        play.acts.iter().for_each(|(act, times)| *acts.borrow_mut().entry(*act).or_insert(0) += times);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let (acts, waited, hid) = (acts.into_inner(), waited.into_inner(), hid.into_inner());
    let all = [
        Act::Sent,
        Act::SentTogether,
        Act::Recorded,
        Act::RecordedMarked,
        Act::OnDesktop,
        Act::Agreed,
        Act::Read,
    ];
    for act in all {
        assert!(acts.get(&act).is_some_and(|times| *times > 0), "never {act:?}: {acts:?}");
    }
    assert!(hid > 0, "no key was pressed while a mark was hidden: {acts:?}");
    assert!(waited > 0, "no row ever waited for a person: {acts:?}");
}

/// One of two marked goes on in another incident while it is asked what can be done about both.
#[test]
fn what_is_merged_while_the_marked_are_asked_about_is_not_planned() {
    let mut play = Play::new();
    play.engine.distinct = true;
    play.go(&Step::Target(false), 0);
    play.go(&Step::Key("D"), 0);
    play.go(&Step::Target(false), 0);
    play.go(&Step::Enter, 0);
    play.go(&Step::Tick, 220);
    play.go(&Step::Enter, 680);
    assert_eq!(play.did(Act::Agreed), 1, "{:?}", play.model.prompt);
    play.go(&Step::SendMarked(0, None), 269);
    let sent = play.asked.iter().filter_map(|effect| match effect {
        Effect::Submit { hash, .. } => Some(play.engine.plans[&hash.0].basis.incident.number()),
        _ => None,
    });
    assert_eq!(sent.collect::<Vec<_>>(), [1047], "{:?}", play.model.prompt);
}

/// What is typed or pasted into a filter shows other rows at once: held rows are those nobody asked to go.
#[test]
fn what_is_pasted_into_a_filter_shows_other_rows_at_once() {
    let mut play = Play::new();
    play.go(&Step::Poll(Change::Opens(quell::domain::severity::Severity::Critical), 0), 0);
    play.go(&Step::Begin(false), 0);
    play.go(&Step::TakeHidden(1), 1478);
    play.go(&Step::Key("/"), 96);
    play.go(&Step::Key("ctrl-u"), 96);
    let all = play.seen.frame.rows.len();
    play.go(&Step::Key("-"), 96);
    play.go(&Step::Paste, 38);
    assert!(play.seen.frame.rows.len() < all, "{:?}", play.seen.frame);
}

/// At the final Enter of an escalation of the selected incident, read for long enough.
fn at_the_enter() -> Play {
    let mut play = Play::new();
    play.go(&Step::Tick, 1000);
    for key in ["e", "enter"] {
        play.answer();
        play.key(key);
    }
    play.answer();
    play.target(false);
    play.go(&Step::Tick, 600);
    play
}

/// Three of the list marked and planned, what confirms them typed and read.
fn at_the_enter_of_marked() -> Play {
    let mut play = Play::new();
    play.engine.distinct = true;
    play.go(&Step::Tick, 1000);
    for key in ["space", "space", "space", "c"] {
        play.answer();
        play.key(key);
    }
    play.answer();
    play.target(false);
    for _ in 0..12 {
        play.key("pgdn");
    }
    play.go(&Step::Tick, 600);
    play
}

#[test]
fn the_stroke_that_was_refused_does_not_send_again() {
    let mut play = at_the_enter();
    play.go(&Step::Enter, 600);
    assert_eq!(play.did(Act::Sent), 1, "{:?}", play.model.prompt);
    play.go(&Step::Refusal(0, false), 10);
    play.go(&Step::Enter, 20);
    assert_eq!(play.did(Act::Sent), 1, "a key that bounced sent it again");
    play.go(&Step::Enter, 300);
    assert_eq!(play.did(Act::Sent), 2);
}

#[test]
fn marked_ones_are_sent_one_by_one_as_they_were_confirmed_together() {
    let mut play = at_the_enter_of_marked();
    play.key("enter");
    assert_eq!(play.did(Act::SentTogether), 1, "{:?}", play.seen);
    assert_eq!(play.seen.together.len(), 2, "the others wait for its outcome");
    for turn in 1..=3 {
        play.answer();
        let number = play
            .engine
            .incidents
            .values()
            .find(|it| it.actions.values().any(|action| action.stage.is_open()));
        let place = number.and_then(|it| play.engine.incidents.keys().position(|id| *id == it.id));
        play.go(
            &Step::Poll(Change::Answers(quell::domain::action::Outcome::Accepted), place.unwrap_or(0)),
            100,
        );
        assert_eq!(play.did(Act::SentTogether), 3.min(turn + 1), "{:?}", play.model.prompt);
    }
}

/// What the judge must refuse; without it none of the plays above shows anything.
#[test]
fn the_judge_refuses_what_nobody_can_have_meant() {
    let mut play = at_the_enter();
    let (board, now) = (play.model.board.clone(), play.now);
    let plan = match &play.seen.question {
        Some((Question::Confirm(confirm), _)) => confirm.plan.clone(),
        other => panic!("{other:?}"),
    };
    let submit = |hash: &PlanHash| Effect::Submit { hash: hash.clone(), confirmation: Default::default() };
    let asked = submit(&plan.hash);
    let read = play.seen.clone();
    let refused = |change: &dyn Fn(&mut judge::Seen), effect: &Effect, pressed| {
        let mut seen = read.clone();
        change(&mut seen);
        seen.judge(effect, pressed, &board).expect_err("it was let pass")
    };
    assert_eq!(read.clone().judge(&asked, Some(now), &board), Ok(Act::Sent));
    type Wrong<'a> = (&'static str, &'a dyn Fn(&mut judge::Seen), Option<quell::domain::time::Time>);
    let early = |millis| now - chrono::TimeDelta::milliseconds(millis);
    let wrong: [Wrong<'_>; 5] = [
        ("another incident was named", &|seen| seen.frame.asks = Some(id(1029)), Some(now)),
        ("done without a key", &|_| {}, None),
        ("nothing was asked on the screen", &|seen| seen.question = None, Some(now)),
        (
            "sooner than anybody can have read it",
            &|seen| seen.question.as_mut().unwrap().1 = early(499),
            Some(now),
        ),
        ("in one stroke with another key", &|seen| seen.last_key = Some(early(249)), Some(now)),
    ];
    for (why, change, pressed) in wrong {
        assert_eq!(refused(change, &asked, pressed), why);
    }
    assert_eq!(
        refused(&|_| {}, &submit(&PlanHash("another".into())), Some(now)),
        "another plan was sent than was shown"
    );
    let turned = quell::domain::record::Entry::SeveritySet {
        severity: quell::domain::severity::Severity::Normal,
        because: Some(quell::domain::text::Outside::new("we looked")),
    };
    play.engine
        .apply(plan.basis.incident.number(), now, crate::support::board::person("bo"), turned)
        .unwrap();
    play.poll(Change::None, 0);
    let mut seen = read.clone();
    assert_eq!(seen.judge(&asked, Some(now), &play.model.board), Err("it has changed".to_owned()));
}

#[test]
fn the_judge_refuses_what_is_written_about_another_incident_and_a_mark_that_is_hidden() {
    let mut play = Play::new();
    play.go(&Step::Tick, 1000);
    play.key("n");
    let note = |number: u64| Effect::Record {
        token: serde_json::from_str("1").unwrap(),
        id: id(number),
        seen: 1,
        entry: Box::new(quell::domain::record::Entry::Acknowledged { lasts_s: 60, from: None }),
    };
    let (board, now) = (play.model.board.clone(), play.now);
    let named = play.seen.frame.asks.as_ref().map(IncidentId::number).unwrap();
    let other = [1047, 1051, 1029].into_iter().find(|number| *number != named).unwrap();
    assert_eq!(play.seen.judge(&note(named), Some(now), &board), Ok(Act::Recorded));
    assert!(play.seen.judge(&note(other), Some(now), &board).is_err());
    assert!(play.seen.judge(&note(named), None, &board).is_err(), "nobody pressed a key");
    play.key("esc");
    let taken = quell::domain::record::Entry::Acknowledged { lasts_s: 60, from: Some("bo".into()) };
    let taking = |mut effect: Effect| {
        let Effect::Record { entry, .. } = &mut effect else { unreachable!() };
        **entry = taken.clone();
        effect
    };
    let over = play.seen.judge(&taking(note(named)), Some(now), &board);
    assert_eq!(over, Err("written down without its question".to_owned()));

    let mut play = Play::new();
    play.go(&Step::Tick, 1000);
    for step in [Step::Mark, Step::Mark, Step::Tick] {
        play.go(&step, 300);
    }
    let marked: Vec<u64> = play.seen.marked.iter().map(IncidentId::number).collect();
    let not_selected = marked.into_iter().find(|number| Some(*number) != play.seen.frame.selected).unwrap();
    assert_eq!(play.seen.judge(&note(not_selected), Some(now), &board), Ok(Act::RecordedMarked));
    play.seen.hidden.insert(id(not_selected));
    assert_eq!(play.seen.judge(&note(not_selected), Some(now), &board), Err("a hidden mark acts".to_owned()));
}

#[test]
fn the_judge_sees_a_row_that_moved() {
    let play = Play::new();
    let mut after = play.seen.frame.clone();
    assert_eq!(after.moved(&play.seen.frame), []);
    let (number, y) = after.rows.iter().next().map(|(number, y)| (*number, *y)).unwrap();
    after.rows.insert(number, y + 1);
    assert_eq!(after.moved(&play.seen.frame), [(number, y, y + 1)]);
}

/// A key that asks for no other rows may scroll them, and nothing else.
#[test]
fn the_judge_sees_a_row_that_a_key_moved() {
    let mut play = Play::new();
    let before = play.seen.frame.clone();
    let mut scrolled = before.clone();
    scrolled.above += 1;
    scrolled.rows = before.rows.iter().map(|(number, y)| (*number, y - 1)).collect();
    assert_eq!(scrolled.torn(&before), []);
    let (number, y) = before.rows.iter().next().map(|(number, y)| (*number, *y)).unwrap();
    scrolled.rows.insert(number, y + 1);
    assert_eq!(scrolled.torn(&before), [(number, y, y + 1)]);
    play.go(&Step::Key("/"), 1000);
    let typing = play.seen.frame.clone();
    play.key("esc");
    let mut sorted = play.seen.frame.clone();
    sorted.rows.insert(number, y + 1);
    assert_eq!(sorted.torn(&typing), [], "who leaves a filter asks for all rows");
}

#[test]
fn the_judge_refuses_a_popup_that_does_more_than_it_says() {
    use quell::domain::record::Entry;

    let play = Play::new();
    let (mut seen, board) = (play.seen.clone(), play.model.board.clone());
    let record = |number: u64, entry: Entry| Effect::Record {
        token: serde_json::from_str("1").unwrap(),
        id: id(number),
        seen: 1,
        entry: Box::new(entry),
    };
    let taken = |from: Option<&str>| Entry::Acknowledged { lasts_s: 1800, from: from.map(str::to_owned) };
    assert_eq!(seen.judge_popup(&record(1047, taken(None)), &id(1047), &board), Ok(Act::OnDesktop));
    for wrong in [record(1051, taken(None)), record(1047, taken(Some("bo")))] {
        assert!(seen.judge_popup(&wrong, &id(1047), &board).is_err(), "{wrong:?}");
    }
}

/// On a screen of nine lines the words of a refusal stood over it.
#[test]
fn what_is_said_never_hides_the_row_that_the_next_key_acts_on() {
    for downs in 0..3 {
        let mut play = Play::new();
        play.go(&Step::Resize(36, 9), 0);
        (0..downs).for_each(|_| play.key("down"));
        play.key("1");
        assert!(play.model.toast.is_some(), "no view is saved");
        assert_eq!(
            play.seen.frame.selected,
            play.model.selected_id().map(IncidentId::number),
            "{downs} down"
        );
    }
}
