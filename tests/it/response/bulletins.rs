//! Bulletins: numbered, with one code, answered once by each channel, in series that stay open channel by channel.

use super::{Course, QUELL, contain, plan, text, undo};
use quell::domain::action::{Outcome, Settlement};
use quell::domain::bulletin::template::Known;
use quell::domain::bulletin::{Audience, Bulletin, Status, VerificationCode};
use quell::domain::deadline::DeadlineKind;
use quell::domain::opening::Joining;
use quell::domain::parameter::{Kind, Origin};
use quell::domain::phase::Phase;
use quell::domain::plan::Value;
use quell::domain::record::{
    BulletinAnswered, BulletinSeen, BulletinSettled, BulletinStarted, DeadlineSet, Entry,
};
use quell::domain::signal::SignalKey;
use quell::domain::text::Outside;
use quell::domain::time::Span;

fn code(seed: u8) -> VerificationCode {
    VerificationCode::from_random([seed; 8])
}

fn with_code(number: u32, audience: Audience, status: Status, to: &[&str], code: VerificationCode) -> Entry {
    let bulletin = Bulletin {
        audience,
        status,
        headline: text("Orders are delayed"),
        happened: text("Our order system stopped."),
        impact: text("Orders wait."),
        todo: text("Please wait."),
        next_at: None,
    };
    let to = to.iter().map(|channel| (*channel).to_owned()).collect();
    Entry::BulletinStarted(BulletinStarted { number, bulletin: Box::new(bulletin), code, to })
}

pub(super) fn started(number: u32, audience: Audience, status: Status, to: &[&str]) -> Entry {
    with_code(number, audience, status, to, code(7))
}

pub(super) fn answered(number: u32, channel: &str, outcome: Outcome, reference: Option<&str>) -> Entry {
    let (channel, reference) = (channel.to_owned(), reference.map(text));
    Entry::BulletinAnswered(BulletinAnswered { number, channel, outcome, detail: text("201"), reference })
}

pub(super) fn accepted(number: u32, channel: &str, reference: Option<&str>) -> Entry {
    answered(number, channel, Outcome::Accepted, reference)
}

fn seen(number: u32, channel: &str, visible: bool) -> Entry {
    Entry::BulletinSeen(BulletinSeen { number, channel: channel.into(), visible, detail: text("read back") })
}

const USERS: Audience = Audience::Users;
const BOTH: [&str; 2] = ["page", "mail"];

/// One that `page` took as `p1`, and on which `mail` has not answered.
fn half_answered() -> Course {
    let mut course = Course::begins();
    course.does("ana", started(1, USERS, Status::Investigating, &BOTH));
    course.does(QUELL, accepted(1, "page", Some("p1")));
    course
}

#[test]
fn they_are_numbered_without_gaps_by_a_person_to_at_least_one_channel() {
    let mut course = Course::begins();
    let one = |number| started(number, USERS, Status::Investigating, &BOTH);
    for wrong in [0, 2, u32::MAX] {
        course.refuses("ana", one(wrong), "numbered without gaps");
    }
    course.refuses(QUELL, one(1), "only a person speaks for the house");
    course.refuses("ana", started(1, USERS, Status::Investigating, &[]), "needs a channel");
    course.does("ana", one(1));
    course.refuses("ana", one(1), "numbered without gaps");
    course.does("bo", one(2));
    assert_eq!(course.incident.bulletins[1].by, "bo");
}

#[test]
fn one_code_holds_for_all_of_an_incident() {
    let mut course = Course::begins();
    course.does("ana", with_code(1, USERS, Status::Investigating, &BOTH, code(7)));
    let other = with_code(2, Audience::Internal, Status::Investigating, &BOTH, code(8));
    course.refuses("ana", other, "another verification code");
    course.does("ana", with_code(2, Audience::Partners, Status::Investigating, &BOTH, code(7)));
    assert_eq!(course.incident.code, Some(code(7)));
}

#[test]
fn each_channel_answers_once_and_only_where_it_was_asked() {
    let mut course = half_answered();
    let why = "that channel has answered already";
    for outcome in [Outcome::Accepted, Outcome::Refused, Outcome::NotSent, Outcome::Unknown] {
        course.refuses(QUELL, answered(1, "page", outcome, None), why);
    }
    course.refuses(QUELL, accepted(1, "chat", None), "bulletin 1 was not for chat");
    for wrong in [0, 2, u32::MAX] {
        course.refuses(QUELL, accepted(wrong, "page", None), "was not for page");
        course.refuses(QUELL, seen(wrong, "page", true), "was not for page");
    }
    course.does(QUELL, answered(1, "mail", Outcome::Refused, None));
    course.refuses(QUELL, accepted(1, "mail", None), why);
    course.does(QUELL, seen(1, "page", false)).does(QUELL, seen(1, "page", true));
    assert_eq!(course.incident.bulletins[0].channels["page"].visible, Some(true));
}

#[test]
fn an_unknown_outcome_can_still_turn_out_either_way() {
    for settled in [Outcome::Accepted, Outcome::Refused] {
        let mut course = half_answered();
        course.does(QUELL, answered(1, "mail", Outcome::Unknown, None));
        course.does(QUELL, answered(1, "mail", settled, Some("m1")));
        let posted = &course.incident.bulletins[0].channels["mail"];
        assert_eq!((posted.outcome, posted.reference.as_ref()), (Some(settled), Some(&text("m1"))));
        course.refuses(QUELL, answered(1, "mail", Outcome::Unknown, None), "answered already");
    }
}

fn settled(number: u32, channel: &str, posted: bool, note: &str) -> Entry {
    let (channel, note) = (channel.to_owned(), text(note));
    Entry::BulletinSettled(BulletinSettled { number, channel, posted, note })
}

#[test]
fn a_person_settles_with_a_note_what_may_have_been_posted_and_nothing_else() {
    for (posted, outcome) in [(true, Outcome::Accepted), (false, Outcome::NotSent)] {
        let mut course = half_answered();
        let known = "it is known what became of it there";
        course.refuses("bo", settled(1, "page", posted, "it is there"), known);
        course.does(QUELL, answered(1, "mail", Outcome::Unknown, None));
        course.refuses("bo", settled(1, "mail", posted, " "), "needs a person and a note");
        course.refuses(QUELL, settled(1, "mail", posted, "looked"), "needs a person and a note");
        course.refuses("bo", settled(2, "mail", posted, "looked"), "was not for mail");
        assert!(course.incident.unknown_postings().eq([(1, "mail")]));
        course.does("bo", settled(1, "mail", posted, "the mail server's log says so"));
        let mail = &course.incident.bulletins[0].channels["mail"];
        assert_eq!((mail.outcome, mail.detail.raw()), (Some(outcome), "the mail server's log says so"));
        assert!(course.incident.unknown_postings().next().is_none());
        course.refuses("bo", settled(1, "mail", !posted, "no"), known);
        course.refuses(QUELL, accepted(1, "mail", None), "answered already");
    }
}

#[test]
fn the_last_bulletin_is_the_last_that_somebody_may_have_read() {
    let mut course = half_answered();
    let last = |course: &Course| course.incident.last_bulletin(USERS).map(|sent| sent.bulletin.status);
    assert_eq!(last(&course), Some(Status::Investigating));
    course.does("ana", started(2, USERS, Status::Identified, &BOTH));
    assert_eq!(last(&course), Some(Status::Investigating), "nobody has answered yet");
    course.does(QUELL, answered(2, "page", Outcome::Refused, None));
    course.does(QUELL, answered(2, "mail", Outcome::NotSent, None));
    assert_eq!(last(&course), Some(Status::Investigating), "nobody read it");
    course.does("ana", started(3, USERS, Status::Monitoring, &BOTH));
    course.does(QUELL, answered(3, "mail", Outcome::Unknown, None));
    assert_eq!(last(&course), Some(Status::Monitoring), "somebody may have");
    assert!(course.incident.last_bulletin(Audience::Public).is_none());
}

fn series<'a>(course: &'a Course, channel: &str) -> Option<&'a str> {
    course.incident.series(USERS, channel).map(Outside::raw)
}

fn open(course: &Course) -> Vec<String> {
    let mut open: Vec<String> = course
        .incident
        .open_series()
        .iter()
        .map(|(channel, audience)| format!("{channel} {}", audience.word()))
        .collect();
    open.sort();
    open
}

#[test]
fn a_series_goes_on_by_what_the_channel_called_it() {
    let mut course = half_answered();
    course.does(QUELL, answered(1, "mail", Outcome::Unknown, None));
    assert_eq!((series(&course, "page"), series(&course, "mail")), (Some("p1"), None));
    assert_eq!(open(&course), ["mail users", "page users"]);
    course.does("ana", started(2, USERS, Status::Identified, &BOTH));
    course.does(QUELL, accepted(2, "mail", Some("m2")));
    course.does(QUELL, answered(2, "page", Outcome::Refused, None));
    assert_eq!((series(&course, "page"), series(&course, "mail")), (Some("p1"), Some("m2")));
    assert_eq!(course.incident.series(Audience::Public, "page"), None, "another audience, another series");
}

#[test]
fn a_series_is_over_where_the_last_word_was_taken_and_only_there() {
    for failed in [Outcome::Refused, Outcome::NotSent, Outcome::Unknown] {
        let mut course = half_answered();
        course.does(QUELL, accepted(1, "mail", Some("m1")));
        course.does("ana", started(2, USERS, Status::Resolved, &BOTH));
        course.does(QUELL, accepted(2, "page", Some("p1")));
        course.does(QUELL, answered(2, "mail", failed, None));
        assert_eq!(open(&course), ["mail users"], "{failed:?}");
        assert_eq!(series(&course, "page"), None, "the next one to the page begins a new series");
        assert_eq!(
            series(&course, "mail"),
            Some("m1"),
            "{failed:?}: the last word goes where the others stand"
        );
        course.does("ana", started(3, USERS, Status::Resolved, &BOTH));
        course.does(QUELL, accepted(3, "mail", Some("m1")));
        course.does(QUELL, answered(3, "page", Outcome::Refused, None));
        assert_eq!(open(&course), [""; 0]);
    }
}

#[test]
fn two_audiences_of_one_channel_have_a_series_each() {
    let mut course = Course::begins();
    course.does("ana", started(1, USERS, Status::Investigating, &["page"]));
    course.does(QUELL, accepted(1, "page", Some("p1")));
    course.does("ana", started(2, Audience::Public, Status::Investigating, &["page"]));
    course.does(QUELL, accepted(2, "page", Some("p2")));
    assert_eq!(open(&course), ["page public", "page users"]);
    course.does("ana", started(3, Audience::Public, Status::Resolved, &["page"]));
    course.does(QUELL, accepted(3, "page", Some("p2")));
    assert_eq!(open(&course), ["page users"], "users were told something, and not that it is over");
    assert_eq!(series(&course, "page"), Some("p1"));
}

#[test]
fn what_was_due_to_an_audience_is_met_once_some_channel_took_it() {
    let kind = DeadlineKind::Bulletin;
    for (outcome, heard) in [
        (Outcome::Refused, false),
        (Outcome::NotSent, false),
        (Outcome::Unknown, false),
        (Outcome::Accepted, true),
    ] {
        let mut course = Course::begins();
        let due = course.now + Span::mins(5).delta();
        for name in ["users", "partners"] {
            let (name, title) = (name.to_owned(), text("bulletin"));
            course.does(QUELL, Entry::DeadlineSet(DeadlineSet { deadline: kind, name, title, due }));
        }
        course.does("ana", started(1, USERS, Status::Investigating, &BOTH));
        course.does(QUELL, answered(1, "mail", outcome, None));
        assert_eq!(course.deadline(kind, "users").met.is_some(), heard, "{outcome:?}");
        assert!(course.deadline(kind, "partners").is_open());
    }
}

#[test]
fn a_false_alarm_that_was_announced_is_not_ended_without_words() {
    let mut course = Course::in_phase(Phase::Identify);
    course.does("ana", started(1, USERS, Status::Investigating, &BOTH));
    let reason = quell::domain::record::CloseReason::FalseAlarm;
    course.refuses("ana", Entry::Closed { reason, note: None }, "after a bulletin");
    course.does("ana", Entry::Closed { reason, note: Some(text("a wrong threshold")) });
}

#[test]
fn a_status_claims_nothing_that_is_not_on_record() {
    let fitting = |course: &Course| course.incident.fitting_status(USERS);
    assert_eq!(fitting(&Course::begins()), Status::Investigating);
    let mut course = Course::in_phase(Phase::Mitigate);
    assert_eq!(fitting(&course), Status::Investigating, "nobody has said that the cause is found");
    course.does("ana", super::review::cause());
    assert_eq!(fitting(&course), Status::Identified);
    let mut course = Course::in_phase(Phase::Mitigate);
    course.does("ana", started(1, USERS, Status::Identified, &["page"]));
    assert_eq!(fitting(&course), Status::Investigating, "nobody may have read that yet");
    course.does(QUELL, accepted(1, "page", None));
    assert_eq!(fitting(&course), Status::Identified);
    course.moves(Phase::Recover);
    assert_eq!(fitting(&course), Status::Monitoring, "no signal fires, and nothing else watches it");
    course.does(QUELL, super::health::turned(false));
    assert_eq!(fitting(&course), Status::Identified, "it is not solved while what watches it says otherwise");
    course.does(QUELL, super::health::turned(true));
    assert_eq!(fitting(&course), Status::Monitoring);
    let mut by_hand = Course::in_phase(Phase::Recover);
    by_hand.incident.signals.clear();
    assert_eq!(fitting(&by_hand), Status::Investigating, "nothing can have said so");
    let mut back = Course::in_phase(Phase::Recover);
    back.comes_back();
    assert_eq!(fitting(&back), Status::Investigating, "a signal fires");
    assert_eq!(fitting(&Course::in_phase(Phase::Review)), Status::Resolved);
}

#[test]
fn a_cause_is_told_to_those_who_were_told_and_of_what_burns_now() {
    let fitting = |course: &Course, audience| course.incident.fitting_status(audience);
    let internal = Audience::Internal;
    let mut course = Course::in_phase(Phase::Mitigate);
    course.does("ana", started(1, internal, Status::Identified, &["page"]));
    course.does(QUELL, answered(1, "page", Outcome::Unknown, None));
    assert_eq!(fitting(&course, internal), Status::Investigating, "it may not have been posted");
    course.does("ana", settled(1, "page", true, "it stands there"));
    assert_eq!(fitting(&course, internal), Status::Identified);
    assert_eq!(fitting(&course, USERS), Status::Investigating, "the house knows it, and nobody told users");
    course.after(Span::mins(5)).comes_back();
    assert_eq!(fitting(&course, internal), Status::Investigating, "that was the cause of what burned before");
    course.after(Span::mins(1)).does("ana", super::review::cause());
    assert_eq!([fitting(&course, internal), fitting(&course, USERS)], [Status::Identified; 2]);

    let mut course = Course::in_phase(Phase::Review);
    course.does("ana", super::review::cause());
    course.after(Span::mins(1)).comes_back().waives(Phase::Mitigate, "we know this one");
    assert_eq!(fitting(&course, USERS), Status::Investigating, "a cause of the first time is no cause yet");
    course.after(Span::mins(1)).does("ana", started(1, USERS, Status::Identified, &["page"]));
    course.does(QUELL, accepted(1, "page", None));
    assert_eq!(fitting(&course, USERS), Status::Identified);
    course.does("bo", Entry::Acknowledged { lasts_s: 600, from: None });
    let second = Joining { key: second_signal(), ..super::opened_by() };
    course.after(Span::mins(1)).does(QUELL, Entry::SignalJoined(Box::new(second)));
    let (key, because) = (second_signal(), "absent".to_owned());
    course.does(QUELL, Entry::SignalCleared { key: key.clone(), because });
    course.does(QUELL, Entry::SignalReturned { key });
    assert_eq!(course.incident.owner, None, "one more signal is news");
    assert_eq!(fitting(&course, USERS), Status::Identified, "but what burns did not go out meanwhile");
}

fn second_signal() -> SignalKey {
    SignalKey { source: "prod-am".into(), fingerprint: text("c0de") }
}

#[test]
fn an_effect_is_limited_only_while_a_containment_of_what_burns_now_holds() {
    let limited = |course: &Course| {
        let known = Known::of(&course.incident, text("withdrawals"), None, course.now);
        assert_eq!(known.limited, course.incident.is_limited(course.now));
        known.limited
    };
    let mut course = Course::begins();
    assert!(!limited(&course));
    course.acts(contain(), "88213");
    assert!(limited(&course));
    course.acts(contain(), "90017");
    course.acts(undo(2), "90017");
    assert!(limited(&course), "the other one holds");
    course.does("ana", Entry::intended(4, Box::new(plan(undo(1), "88213"))));
    assert!(!limited(&course), "it is being undone");
    course.does(QUELL, Entry::Sent { action: 4 });
    course.does(QUELL, Entry::answered(4, Outcome::Unknown, text("no answer")));
    assert!(!limited(&course), "it may have been undone");
    let (settlement, detail) = (Settlement::NotDone, text("it is frozen still"));
    course.does("ana", Entry::Settled { action: 4, settlement, detail });
    assert!(limited(&course));
    course.after(Span::mins(1)).comes_back();
    assert!(!limited(&course), "it burns all the same");
    course.after(Span::mins(1)).acts(contain(), "90018");
    assert!(limited(&course));

    let mut course = Course::begins();
    let mut short = plan(contain(), "88213");
    let (value, origin, kind) = (text("30m"), Origin::Person, Kind::Duration);
    short.parameters.insert("for".into(), Value { value, origin, kind });
    short.made_at = course.now;
    course.does("ana", Entry::intended(1, Box::new(short)));
    course.does(QUELL, Entry::Sent { action: 1 });
    course.does(QUELL, Entry::answered(1, Outcome::Accepted, text("200")));
    assert!(!limited(&course), "nothing has shown yet that it is so");
    let (settlement, detail) = (Settlement::Verified, text("200"));
    course.does(QUELL, Entry::Settled { action: 1, settlement, detail });
    assert!(limited(&course));
    course.after(Span::mins(30));
    assert!(!limited(&course), "it is over by its own time");
}

#[test]
fn readers_look_after_their_accounts_where_somebody_may_have_been_there_or_funds_may_be_at_risk() {
    use quell::domain::category::Category;
    use quell::domain::classification::{Fact, Funds};
    let with = |category: Category, funds: Option<Funds>| {
        let mut course = Course::begins();
        course.does("ana", Entry::CategorySet { category, because: Some(text("we looked")) });
        if let Some(funds) = funds {
            course.does("ana", Entry::Classified { fact: Fact::Funds(funds), because: None });
        }
        course.incident.concerns_accounts()
    };
    assert!(with(Category::UnauthorizedAccess, None) && with(Category::UnauthorizedAccess, Some(Funds::No)));
    assert!(with(Category::Outage, Some(Funds::Yes)) && with(Category::Outage, Some(Funds::Unknown)));
    assert!(!with(Category::Outage, Some(Funds::No)) && !with(Category::Outage, None));
    assert!(with(Category::Anomaly, None) && !with(Category::Anomaly, Some(Funds::No)), "nobody has looked");
}
