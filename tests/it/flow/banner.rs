//! Which notices stand on the banner, and until when.

use super::*;
use quell::console::banner::matters;
use quell::domain::action::Outcome;
use quell::domain::bulletin::{Audience, Bulletin, Status, VerificationCode};
use quell::domain::deadline::DeadlineKind;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::record::{
    BulletinAnswered, BulletinStarted, DeadlineMet, DeadlineNear, DeadlinePassed, DeadlineSet,
};

fn stands(play: &Play, kind: NoticeKind) -> bool {
    let notice = Notice { kind, incident: Some(id(1047)), text: Outside::new("INC-1047: look there") };
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
