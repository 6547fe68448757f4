//! Healthy for long enough: how that is counted, and what begins it anew.

use super::{Course, QUELL, text};
use quell::domain::gate::Gate;
use quell::domain::phase::Phase;
use quell::domain::record::Entry;
use quell::domain::time::Span;

pub(super) fn turned(healthy: bool) -> Entry {
    Entry::HealthTurned { healthy, needs: Span::mins(10), detail: text("monitor order-gw is up") }
}

fn is_proved(course: &Course) -> bool {
    course.incident.is_met(Gate::Health, course.now)
}

#[test]
fn it_is_proved_after_its_time_and_not_a_moment_before() {
    let mut course = Course::in_phase(Phase::Recover);
    assert!(!is_proved(&course), "nobody looked");
    course.does(QUELL, turned(true));
    assert!(!is_proved(&course));
    course.after(Span::millis(10 * 60_000 - 1));
    assert!(!is_proved(&course));
    course.after(Span::millis(1));
    assert!(is_proved(&course));
    course.after(Span::mins(600));
    assert!(is_proved(&course));
}

#[test]
fn what_is_not_healthy_is_never_proved_and_begins_again() {
    let mut course = Course::in_phase(Phase::Recover);
    course.does(QUELL, turned(false)).after(Span::mins(60));
    assert!(!is_proved(&course));
    course.does(QUELL, turned(true)).after(Span::mins(9));
    course.does(QUELL, turned(false)).does(QUELL, turned(true)).after(Span::mins(9));
    assert!(!is_proved(&course), "nine and nine minutes are not ten");
    course.after(Span::mins(1));
    assert!(is_proved(&course));
}

#[test]
fn what_came_back_was_not_healthy() {
    let mut course = Course::in_phase(Phase::Review);
    course.comes_back();
    assert_eq!(course.incident.health, None);
    assert!(!is_proved(&course));
}

#[test]
fn what_left_recover_is_looked_at_anew() {
    let mut course = Course::in_phase(Phase::Recover);
    course.does(QUELL, turned(true)).after(Span::mins(3));
    course.moves(Phase::Mitigate).after(Span::mins(30)).moves(Phase::Recover);
    assert!(!is_proved(&course), "nobody looked while it was in Mitigate");
}
