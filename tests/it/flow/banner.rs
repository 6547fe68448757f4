//! Which notices stand on the banner, and until when.

use super::*;
use quell::console::banner::matters;
use quell::console::message::Message;
use quell::console::model::Screen;
use quell::domain::action::Outcome;
use quell::domain::bulletin::{Audience, Bulletin, Status, VerificationCode};
use quell::domain::deadline::DeadlineKind;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::record::{
    BulletinAnswered, BulletinSettled, BulletinStarted, DeadlineMet, DeadlineNear, DeadlinePassed,
    DeadlineSet,
};

fn stands(play: &Play, kind: NoticeKind) -> bool {
    let notice = Notice::new(kind, Some(id(1047)), Outside::new("INC-1047: look there"));
    matters(&play.model, &notice, play.now)
}

/// A bulletin to these leaves, and its channel answers.
fn posted(play: &mut Play, audience: Audience, outcome: Outcome) {
    let number = u32::try_from(play.engine.incidents[&id(1047)].bulletins.len() + 1).unwrap();
    let text = Outside::new;
    let bulletin = Bulletin {
        audience,
        status: Status::Investigating,
        headline: text("Orders are slow"),
        happened: text("Orders are slow."),
        impact: text("Your order may arrive late."),
        todo: text("You do not need to do anything."),
        next_at: None,
    };
    let started = BulletinStarted {
        number,
        bulletin: Box::new(bulletin),
        code: VerificationCode::from_random([7; 8]),
        to: vec!["mailer".into()],
    };
    play.engine.by("ana", 1047, "14:02:00", Entry::BulletinStarted(started));
    let (channel, detail) = ("mailer".to_owned(), text("no answer"));
    let answered = BulletinAnswered { number, channel, outcome, detail, reference: None };
    play.engine.rule(1047, "14:02:01", Entry::BulletinAnswered(answered));
    play.poll();
}

#[test]
fn a_bulletin_that_may_have_been_posted_stands_until_the_next_one_got_through() {
    let mut play = console().usual();
    assert!(!stands(&play, NoticeKind::UnknownOutcome));
    posted(&mut play, Audience::Users, Outcome::Unknown);
    assert!(stands(&play, NoticeKind::UnknownOutcome));
    posted(&mut play, Audience::Partners, Outcome::Accepted);
    assert!(stands(&play, NoticeKind::UnknownOutcome), "these are other readers");
    posted(&mut play, Audience::Users, Outcome::Accepted);
    assert!(!stands(&play, NoticeKind::UnknownOutcome));
}

#[test]
fn whoever_looked_settles_it_by_a_note() {
    for (keys, posted, outcome) in [("U", true, Outcome::Accepted), ("U j", false, Outcome::NotSent)] {
        let mut play = console().usual();
        assert_eq!(play.keys("U"), []);
        assert!(play.toast().contains("nothing whose outcome is unknown"), "{}", play.toast());
        posted_to_users(&mut play);
        play.press(keys);
        play.press("enter");
        assert_eq!(play.keys("enter"), [], "a note is needed");
        play.typing("the status page says so");
        let effects = play.keys("enter");
        let [Effect::Record { entry, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        let (channel, note) = ("mailer".to_owned(), Outside::new("the status page says so"));
        let settled = BulletinSettled { number: 1, channel, posted, note };
        assert_eq!(**entry, Entry::BulletinSettled(settled));
        let incident = play.model.selected().unwrap();
        assert_eq!(incident.bulletins[0].channels["mailer"].outcome, Some(outcome));
        assert!(!stands(&play, NoticeKind::UnknownOutcome));
        assert_eq!(play.toast(), "INC-1047 bulletin 1 on mailer settled by hand");
    }
}

fn posted_to_users(play: &mut Play) {
    posted(play, Audience::Users, Outcome::Unknown);
}

#[test]
fn a_bulletin_that_was_not_posted_stands_also_where_nothing_is_due() {
    for outcome in [Outcome::NotSent, Outcome::Refused] {
        let mut play = console().usual();
        posted(&mut play, Audience::Users, outcome);
        assert!(stands(&play, NoticeKind::Deadline), "{outcome:?}");
        posted(&mut play, Audience::Users, Outcome::Accepted);
        assert!(!stands(&play, NoticeKind::Deadline), "{outcome:?}");
    }
}

#[test]
fn what_was_met_leaves_the_banner_though_something_else_is_due_in_weeks() {
    let (timer, one) = (DeadlineKind::Timer, || "1".to_owned());
    let due = at("14:02:30");
    let set = |deadline, name: String, due| {
        Entry::DeadlineSet(DeadlineSet { deadline, name, title: Outside::new("look again"), due })
    };
    let mut play = console().usual();
    let report = (DeadlineKind::Regulator, "dora/final".to_owned());
    let in_weeks = "2026-12-20T14:00:00Z".parse().unwrap();
    play.engine.rule(1047, "14:01:30", set(report.0, report.1.clone(), in_weeks));
    play.engine.by("ana", 1047, "14:01:31", set(timer, one(), due));
    play.poll();
    assert!(!stands(&play, NoticeKind::Deadline), "nothing was said of them yet");
    let passed = DeadlinePassed { deadline: timer, name: one(), due };
    play.engine.rule(1047, "14:02:31", Entry::DeadlinePassed(passed));
    play.poll();
    assert!(stands(&play, NoticeKind::Deadline));
    let met = DeadlineMet { deadline: timer, name: one(), note: None };
    play.engine.by("ana", 1047, "14:03:00", Entry::DeadlineMet(met));
    play.poll();
    assert!(!stands(&play, NoticeKind::Deadline));
    let near = DeadlineNear { deadline: report.0, name: report.1, due: in_weeks };
    play.engine.rule(1047, "14:03:01", Entry::DeadlineNear(near));
    play.poll();
    assert!(stands(&play, NoticeKind::Deadline), "it was said to be near");
}

#[test]
fn which_incident_and_what_come_before_how_it_was_told() {
    let said = |cols: u16, how: bool| {
        let mut play = console().usual().sized(cols, 24);
        let text = "INC-1047: timer due 2026-11-20 14:05:00Z: look again at the gateways and at the queue";
        for seq in 1..=3 {
            let (kind, text) = (NoticeKind::NewCritical, Outside::new(text));
            play.notice(seq, "14:03:30", Notice::new(kind, Some(id(1047)), text));
        }
        if how {
            play.tell(Message::NoticeShown { notice: 3, how: "bell, no desktop".to_owned() });
        }
        quell::console::banner::banner(&play.model, play.now).unwrap().0.text()
    };
    let short = " !! NEW INC-1047: timer, 14:05Z: look again at the gateways and…  [bell!]  +2 more";
    assert_eq!(said(82, true), short, "that the desktop did not take it is said at any width");
    let half = "look again at the gateways and at the queue  [bell, no desktop]  +2 more";
    assert!(said(120, true).ends_with(half), "the way to the others goes first: {}", said(120, true));
    assert!(said(160, true).starts_with(" !! NEW 14:03:30Z INC-1047: timer, 14:05Z: look"));
    assert!(said(160, true).ends_with("[bell, no desktop]  +2 more, :ledger notice"), "{}", said(160, true));
    assert_eq!(said(40, true), " !! NEW 1047: timer, 14:05Z: look a…  +2");
    assert!(said(36, true).starts_with(" !! NEW 1047: timer, 14:05Z"), "{}", said(36, true));
}

#[test]
fn all_that_was_told_is_found_in_the_ledger() {
    let mut play = console().usual();
    play.press(":");
    play.typing("ledger notice");
    play.press("enter");
    assert_eq!(play.model.screen, Screen::Ledger);
    assert_eq!(play.model.ledger.filter, "notice");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn that_somebody_broke_the_glass_stands_while_it_burns_and_not_for_ever_after() {
    let mut play = console().usual();
    let text = Outside::new("INC-1047: bo did not wait for a second person");
    let notice = Notice::new(NoticeKind::BreakGlass, Some(id(1047)), text);
    play.notice(1, "14:03:00", notice.clone());
    let shown = |play: &Play| {
        let banner = quell::console::banner::banner(&play.model, play.now);
        banner.is_some_and(|(line, _)| line.text().contains("BREAK-GLASS"))
    };
    play.wait(20 * 60 * 1000);
    play.poll();
    assert!(shown(&play), "{:?}", quell::console::banner::banner(&play.model, play.now));
    let clock = play.now.format("%H:%M:%S").to_string();
    let reason = quell::domain::record::CloseReason::FalseAlarm;
    let note = Some(Outside::new("a drill"));
    play.engine.by("bo", 1047, &clock, Entry::Closed { reason, note });
    play.poll();
    assert!(!shown(&play));
    // Told only after it was over, it is read for a while.
    play.notice(2, &clock, notice);
    assert!(shown(&play));
    play.wait(16 * 60 * 1000);
    play.poll();
    assert!(!shown(&play));
}

#[test]
fn what_burns_and_is_nobodys_stands_before_what_is_due() {
    let mut play = console().usual().sized(100, 24);
    let due = at("14:02:30");
    let (deadline, name) = (DeadlineKind::Timer, "1".to_owned());
    let title = Outside::new("look again");
    play.engine.by(
        "ana",
        1047,
        "14:01:31",
        Entry::DeadlineSet(DeadlineSet { deadline, name: name.clone(), title, due }),
    );
    play.engine.rule(1047, "14:02:31", Entry::DeadlinePassed(DeadlinePassed { deadline, name, due }));
    play.poll();
    let said = |play: &Play| quell::console::banner::banner(&play.model, play.now).unwrap().0.text();
    let raise = |play: &mut Play, seq, kind, text: &str| {
        let notice = Notice::new(kind, Some(id(1047)), Outside::new(text));
        play.notice(seq, "14:03:20", notice);
    };
    raise(&mut play, 1, NoticeKind::NewCritical, "Order gateway refuses connections");
    raise(&mut play, 2, NoticeKind::Deadline, "INC-1047: timer due 2026-11-20 14:02:30Z: look again");
    assert!(said(&play).starts_with(" !! NEW ") && said(&play).contains("  +1 more"), "{}", said(&play));
    raise(&mut play, 3, NoticeKind::Unacknowledged, "nobody has it");
    assert!(said(&play).starts_with(" !! UNACKED "), "the newest of those: {}", said(&play));
    play.engine.by("ana", 1047, "14:03:21", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    assert!(said(&play).starts_with(" !! DUE "), "{}", said(&play));
}
