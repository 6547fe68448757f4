//! What several containments amount to, in whatever stages they are, and what a person's word says of one.

use super::{Course, QUELL, contain, health, plan, text, undo};
use quell::domain::action::{Contained, Outcome, Settlement, Stage, Verb};
use quell::domain::gate::Gate;
use quell::domain::phase::Phase;
use quell::domain::record::{Entry, Record};
use quell::domain::time::Span;

impl Course {
    /// Ana asks for this, and this much is known of it.
    fn sends(&mut self, verb: Verb, target: &str, outcome: Outcome) -> &mut Self {
        let action = self.incident.next_action();
        self.does("ana", Entry::intended(action, Box::new(plan(verb, target))));
        self.does(QUELL, Entry::Sent { action });
        self.does(QUELL, Entry::answered(action, outcome, text("so it said")))
    }

    fn in_contain() -> Self {
        let mut course = Self::begins();
        course.waives(Phase::Contain, "burning");
        course
    }

    fn stages(&self) -> Vec<Stage> {
        self.incident.actions.values().map(|action| action.stage).collect()
    }

    /// Written by a quell that wrote records of this format.
    fn did_then(&mut self, v: u32, by: &str, entry: Entry) -> &mut Self {
        let record = Record { v, ..self.record(by, entry) };
        self.incident.apply(&record).unwrap();
        self
    }
}

fn by_hand(action: u32) -> Entry {
    Entry::Settled {
        action,
        settlement: Settlement::ByHand,
        detail: text("the other side's console says so"),
    }
}

fn moved(to: Phase, waived: Option<&str>) -> Entry {
    Entry::PhaseMoved { to, waived: waived.map(text) }
}

#[test]
fn one_verified_containment_is_enough_whatever_becomes_of_others() {
    for outcome in [Outcome::Accepted, Outcome::Unknown, Outcome::Refused, Outcome::NotSent] {
        let mut course = Course::in_contain();
        course.acts(contain(), "88213").sends(contain(), "88214", outcome);
        assert_eq!(course.missing(Phase::Mitigate), [], "{outcome:?}");
        course.moves(Phase::Mitigate);
        assert!(course.incident.waived.iter().all(|waiver| !waiver.gates.contains(&Gate::Containment)));
    }
    let mut accepted = Course::in_contain();
    accepted.sends(contain(), "88213", Outcome::Accepted);
    assert_eq!(accepted.missing(Phase::Mitigate), [Gate::Containment], "nothing read it back");
}

#[test]
fn one_that_begins_in_recover_asks_for_no_containment_once_more() {
    let mut course = Course::in_contain();
    course.acts(contain(), "88213").moves(Phase::Mitigate);
    course.waives(Phase::Recover, "noted elsewhere").acts(undo(1), "88213");
    course.sends(contain(), "88214", Outcome::Accepted);
    assert!(
        !course.missing(Phase::Review).contains(&Gate::Containment),
        "{:?}",
        course.missing(Phase::Review)
    );
}

#[test]
fn records_of_an_earlier_format_are_judged_as_they_were() {
    let contained = || {
        let mut course = Course::in_contain();
        course.acts(contain(), "88213").sends(contain(), "88214", Outcome::Accepted);
        course
    };
    let refused = Record { v: 4, ..contained().record("ana", moved(Phase::Mitigate, None)) };
    let why = contained().incident.apply(&refused).unwrap_err().to_string();
    assert!(why.contains(Gate::Containment.words()), "{why}");
    for (v, waived) in [(4, true), (5, false)] {
        let mut course = contained();
        course.did_then(v, "ana", moved(Phase::Mitigate, Some("one is enough")));
        let waiver = course.incident.waived.last().filter(|it| it.gates == [Gate::Containment]);
        assert_eq!(waiver.is_some(), waived, "{v}: {:?}", course.incident.waived);
    }
    // What somebody settled by hand counted for nothing, also beside a verified one.
    let mut course = Course::in_contain();
    course.acts(contain(), "88213").sends(contain(), "88214", Outcome::Unknown).does("ana", by_hand(2));
    course.did_then(4, "ana", moved(Phase::Mitigate, None));
}

#[test]
fn an_undo_that_a_person_says_was_done_undoes_it() {
    let course = || {
        let mut course = Course::in_phase(Phase::Recover);
        course.acts(contain(), "88213").sends(undo(1), "88213", Outcome::Unknown);
        course.does(QUELL, health::turned(true)).after(Span::mins(10));
        course
    };
    let mut now = course();
    assert_eq!(now.missing(Phase::Review), [Gate::InForce]);
    now.does("ana", by_hand(2));
    assert_eq!(now.stages(), [Stage::Undone, Stage::SettledByHand]);
    assert_eq!((now.incident.contained(), now.missing(Phase::Review)), (Contained::Undone, vec![]));
    now.resolves();

    let mut then = course();
    then.did_then(4, "ana", by_hand(2));
    assert_eq!(then.stages(), [Stage::Verified, Stage::SettledByHand]);
    let mut not = course();
    let detail = text("it is frozen");
    not.does("ana", Entry::Settled { action: 2, settlement: Settlement::NotDone, detail });
    assert_eq!(not.stages(), [Stage::Verified, Stage::NotDone]);
}

#[test]
fn a_containment_that_a_person_says_was_done_is_in_force_and_not_verified() {
    let mut course = Course::in_contain();
    course.sends(contain(), "88213", Outcome::Unknown).does("ana", by_hand(1));
    assert_eq!(course.incident.contained(), Contained::Accepted);
    assert_eq!(course.incident.undecided().len(), 1);
    assert_eq!(course.missing(Phase::Mitigate), [Gate::Containment], "nothing read it back");
    course.acts(contain(), "88214").moves(Phase::Mitigate);
    course.sends(undo(1), "88213", Outcome::Unknown).does("ana", by_hand(3));
    assert_eq!((course.incident.contained(), course.stages()[0]), (Contained::Verified, Stage::Undone));
}
