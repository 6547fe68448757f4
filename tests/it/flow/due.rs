//! What is due, in a row.

use super::*;
use quell::console::standing::standing;
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::Step;
use quell::domain::record::{DeadlineSet, PathArmed};
use quell::domain::time::Span;

/// What a row says in 13 cells with these deadlines, each due at a time.
fn row(due: &[(DeadlineKind, &str, &str)]) -> String {
    said(&with(due), 13)
}

fn said(play: &Play, cells: usize) -> String {
    standing(&play.model, play.model.selected().unwrap(), false, play.now, cells).1
}

fn with(due: &[(DeadlineKind, &str, &str)]) -> Play {
    let mut play = console().usual();
    for (deadline, name, at) in due {
        let (title, due) = (Outside::new("do it"), crate::support::play::at(at));
        let set = Entry::DeadlineSet(DeadlineSet { deadline: *deadline, name: (*name).into(), title, due });
        play.engine.rule(1047, "14:02:00", set);
    }
    play.poll();
    play.now = crate::support::play::at("14:04:00");
    play
}

#[test]
fn the_nearest_of_what_is_due_stands_in_the_row() {
    use DeadlineKind::{Bulletin, Callout, Regulator, Timer};
    assert_eq!(row(&[]), "no commander");
    assert_eq!(row(&[(Bulletin, "users", "14:07:00")]), "upd in 3:00");
    assert_eq!(row(&[(Bulletin, "users", "14:07:00"), (Timer, "", "14:06:00")]), "timer 2:00");
    assert_eq!(row(&[(Callout, "", "14:30:00")]), "callout 26:00");
    assert_eq!(row(&[(Callout, "", "14:13:00")]), "callout 9:00");
    assert_eq!(row(&[(Regulator, "dora/initial", "18:00:00")]), "no commander");
}

#[test]
fn who_takes_it_and_who_is_told_stand_before_whatever_else_is_overdue() {
    let mut play = with(&[(DeadlineKind::Bulletin, "users", "14:03:00")]);
    let steps = vec![Step { after: Span::mins(20), to: vec!["room".into()] }];
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    play.poll();
    assert_eq!(said(&play, 13), "pages 17:22");
    assert_eq!(said(&play, 24), "pages 17:22, upd OVERDUE");
    let late = std::sync::Arc::make_mut(play.engine.incidents.get_mut(&id(1047)).unwrap());
    late.ack_due = Some(crate::support::play::at("14:03:30"));
    late.version += 1;
    play.poll();
    assert_eq!(said(&play, 13), "LATE pg 17:22");
    assert_eq!(said(&play, 24), "ack OVERDUE, pages 17:22");
}

#[test]
fn what_is_overdue_says_so_before_what_is_due() {
    use DeadlineKind::{Bulletin, Callout, Regulator};
    assert_eq!(row(&[(Bulletin, "users", "14:03:00")]), "upd OVERDUE");
    assert_eq!(row(&[(Callout, "", "14:03:00")]), "callout LATE");
    assert_eq!(row(&[(Regulator, "dora/initial", "14:03:00")]), "dora OVERDUE");
}

#[test]
fn what_is_due_later_stands_where_nothing_is_urgent() {
    let mut play = console().board([incident(1051, Severity::High, "13:57:00", "Login failures")]);
    let set = |deadline, due| {
        Entry::DeadlineSet(DeadlineSet {
            deadline,
            name: "dora/initial".into(),
            title: Outside::new("initial notification"),
            due,
        })
    };
    play.engine.rule(1051, "14:02:00", set(DeadlineKind::Regulator, crate::support::play::at("18:00:00")));
    play.poll();
    let said = |play: &Play| standing(&play.model, play.model.selected().unwrap(), false, play.now, 13).1;
    assert!(said(&play).starts_with("dora 3:56:"), "{}", said(&play));
    play.engine.rule(
        1051,
        "14:03:00",
        Entry::HealthTurned { healthy: true, needs: Span::mins(10), detail: Outside::new("order-gw") },
    );
    play.poll();
    play.now = crate::support::play::at("14:07:10");
    assert_eq!(said(&play), "ok 4/10m");
}

#[test]
fn a_critical_incident_without_a_commander_says_so() {
    let play = console().usual();
    let said = |cells| standing(&play.model, play.model.selected().unwrap(), false, play.now, cells).1;
    assert_eq!((said(13), said(11)), ("no commander".into(), "no command".into()));
}

#[test]
fn what_is_due_is_named_once() {
    let mut play = console().usual();
    let title = Outside::new("callout: everybody on the bridge");
    let set = DeadlineSet { deadline: DeadlineKind::Callout, name: String::new(), title, due: play.now };
    play.engine.rule(1047, "14:02:00", Entry::DeadlineSet(set));
    play.poll();
    let page = quell::console::due::page(play.model.selected().unwrap(), 100, play.now);
    assert_eq!(page[0].text().matches("callout").count(), 1, "{}", page[0].text());
}
