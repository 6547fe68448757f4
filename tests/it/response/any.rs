//! Whatever is written down in whatever order: it folds or is refused, and a refused record leaves nothing behind.

mod named;
mod shape;

use proptest::prelude::*;
use quell::domain::action::{Outcome, Settlement, Verb};
use quell::domain::bulletin::{Audience, Status};
use quell::domain::classification::{Fact, Funds, Impact};
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Receipt, Step, Stopped};
use quell::domain::evidence::{Evidence, EvidenceKind};
use quell::domain::freshness::SourceState;
use quell::domain::identity::{PublicKey, Signature};
use quell::domain::incident::Incident;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::phase::Phase;
use quell::domain::plan::{Plan, Purpose};
use quell::domain::record::{
    BulletinSeen, BulletinSettled, CloseReason, DeadlineMet, DeadlineNear, DeadlinePassed, DeadlineSet,
    DeadlineWithdrawn, Entry, FORMAT, PathArmed, PathHeld, PathStopped, Record, SnoozeEnded, Snoozed,
    StepMissed, StepSent, StepStarted, Told, UndoneWith,
};
use quell::domain::role::Role;
use quell::domain::severity::Severity;
use quell::domain::snooze::Worse;
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};

use super::{Course, QUELL, bulletins, contain, other_incident, review, text, ties, undo, weight};
use crate::support::response;
use named::name;

/// Somebody writes something down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed {
    kind: usize,
    one: usize,
    other: usize,
}

/// How many kinds of entry there are.
const KINDS: usize = 71;
const PEOPLE: [&str; 3] = ["ana", "bo", QUELL];
const CHANNELS: [&str; 2] = ["page", "mail"];

/// A few deeds; what they name is often the same.
pub(crate) fn deeds(most: usize) -> impl Strategy<Value = Vec<Deed>> {
    let deed = (0..KINDS, 0usize..60, 0usize..60);
    prop::collection::vec(deed.prop_map(|(kind, one, other)| Deed { kind, one, other }), 1..most)
}

fn pick<T: Clone>(from: &[T], n: usize) -> T {
    from[n % from.len()].clone()
}

impl Deed {
    /// Who does it.
    pub(crate) fn by(self) -> &'static str {
        pick(&PEOPLE, self.other / 7)
    }

    /// How long after the one before.
    pub(crate) fn pause(self) -> Span {
        Span::secs(self.one as u64 * 7)
    }

    /// What is written down.
    pub(crate) fn entry(self, now: Time) -> Entry {
        let Self { kind, one, other } = self;
        let mut all = signals(one, other);
        all.extend(work(one, other));
        all.extend(put_off(one, other, now));
        all.extend(course(one, other));
        all.extend(actions(one, other));
        all.extend(consent(one, other, now));
        all.extend(paths(one, other));
        all.extend(said(one, other));
        all.extend(dues(one, other, now));
        all.extend(console(one));
        assert_eq!(all.len(), KINDS);
        all.swap_remove(kind)
    }
}

fn words(n: usize) -> Outside {
    text(pick(&["ana", "bo", " ", "because"], n))
}

fn signals(one: usize, other: usize) -> Vec<Entry> {
    let records = response::records(response::plain);
    let mut joining = records.into_iter().find_map(|record| match record.entry {
        Entry::SignalJoined(joining) => Some(*joining),
        _ => None,
    });
    let joining = joining.take().unwrap();
    let mut key = joining.key.clone();
    key.fingerprint = text(pick(&["5f3c", "9a1b", "c0de"], one));
    let Entry::Opened(opening) = response::records(response::plain).swap_remove(0).entry else { panic!() };
    vec![
        Entry::Opened(opening),
        Entry::SignalJoined(Box::new(joining)),
        Entry::SignalReturned { key: key.clone() },
        Entry::SignalCleared { key: key.clone(), because: "absent".into() },
        Entry::SignalResorted {
            key: key.clone(),
            severity: Severity::Critical,
            unmapped: other.is_multiple_of(2),
        },
        Entry::SignalFlapped { key: key.clone(), times: 3 },
        Entry::UpstreamTurned {
            key,
            held_by: other.is_multiple_of(2).then(|| text("B. Okafor")),
            exhausted: other.is_multiple_of(3),
            pages_again: other.is_multiple_of(5),
            unnamed_state: other.is_multiple_of(7).then(|| text("escalated")),
        },
        Entry::MonitorTurned {
            monitor: "order-gw".into(),
            up: other.is_multiple_of(2),
            detail: text("refused"),
        },
        Entry::Tied(ties::any(one, other)),
    ]
}

fn put_off(one: usize, other: usize, now: Time) -> Vec<Entry> {
    let worse =
        [None, Some(Worse::NewSignal), Some(Worse::FiresAgain), Some(Worse::Severity(Severity::Critical))];
    let because = (!other.is_multiple_of(3)).then(|| words(other));
    vec![
        Entry::Snoozed(Snoozed { until: now + Span::mins(one as u64 % 9).delta(), because }),
        Entry::SnoozeEnded(SnoozeEnded { because: pick(&worse, one) }),
    ]
}

fn work(one: usize, other: usize) -> Vec<Entry> {
    let role = pick(&Role::ALL, one);
    let because = (!other.is_multiple_of(3)).then(|| words(other));
    let from = (!other.is_multiple_of(2)).then(|| pick(&["ana", "bo"], one));
    vec![
        Entry::Acknowledged { lasts_s: 60, from: from.map(str::to_owned) },
        Entry::AckExpired { owner: pick(&["ana", "bo"], other).into() },
        Entry::HandedBack { because: because.clone() },
        Entry::Noted { text: words(one) },
        Entry::RoleTaken { role, name: words(other), from: from.map(text) },
        Entry::RoleOffered { role, to: words(other) },
        Entry::RoleAccepted { role },
        Entry::ImpactAssessed {
            impact: pick(
                &[
                    Impact::Users { min: 3, max: 1 },
                    Impact::Users { min: 1, max: 3 },
                    Impact::Unknown { because: words(one) },
                ],
                other,
            ),
            because: because.clone(),
        },
        weight::severity(pick(&["critical", "high"], one), because.as_ref().map(Outside::raw)),
        weight::category(pick(&["outage", "abuse"], one), because.as_ref().map(Outside::raw)),
        Entry::Classified { fact: pick(&[Fact::Funds(Funds::Yes), Fact::Area(words(other))], one), because },
        Entry::PacketFilled { item: pick(&["order ids", ""], one).into(), value: words(other) },
    ]
}

fn course(one: usize, other: usize) -> Vec<Entry> {
    let phases = [Phase::Identify, Phase::Contain, Phase::Recover, Phase::Review, Phase::Closed];
    let waived = (!other.is_multiple_of(4)).then(|| words(other));
    vec![
        Entry::NothingToContain { because: words(one) },
        Entry::Mitigated { what: words(one) },
        Entry::ContainmentKept { action: pick(&[1, 2, 3], one), because: words(other) },
        Entry::HealthTurned { healthy: !one.is_multiple_of(3), needs: Span::mins(1), detail: text("up") },
        Entry::PhaseMoved { to: pick(&phases, one), waived: waived.clone() },
        Entry::Closed { reason: pick(&CloseReason::ALL, one), note: waived },
        review::cause(),
        review::item("slow logins down"),
        Entry::ItemDone { item: pick(&[0, 1, 2], one) as u32, proof: words(other) },
        Entry::Published { sha256: "00".into() },
    ]
}

fn actions(one: usize, other: usize) -> Vec<Entry> {
    let action = pick(&[1, 2, 3], one);
    let verb = pick(&[contain(), undo(1), Verb::escalate("security")], other);
    let settlements =
        [Settlement::Verified, Settlement::NotDone, Settlement::ByHand, Settlement::NotVerified];
    vec![
        Entry::intended(action, Box::new(super::plan(verb, pick(&["88213", "88214"], one)))),
        Entry::Sent { action },
        Entry::SentAgain { action, attempt: pick(&[1, 2, 3], other) as u32, because: words(one) },
        Entry::answered(action, outcome(other), text("200")),
        Entry::Settled { action, settlement: pick(&settlements, other), detail: words(one) },
        Entry::UndoneWith(UndoneWith { action, incident: response::id(), undo: pick(&[2, 3], other) }),
    ]
}

/// A plan that needs a second person, and what is kept beside it.
fn consent(one: usize, other: usize, now: Time) -> Vec<Entry> {
    let plan = Plan { approvals: 1, ..super::plan(contain(), pick(&["88213", "88214"], one)) }.seal();
    let key = PublicKey::new([pick(&[1, 2], other); 32]);
    let signature = Signature::new(key, now, &[7; 64]);
    let (read, printed) = (EvidenceKind::Capture { action: 1 }, EvidenceKind::Output { action: 2 });
    let kinds = [EvidenceKind::File, read, printed, EvidenceKind::Told];
    let kept =
        Evidence { sha256: "00".into(), bytes: 1, name: words(one), kind: pick(&kinds, other), note: None };
    vec![
        Entry::Approved {
            plan: plan.hash.clone(),
            ask: pick(&[2, 3, 4], one) as u64,
            signature: signature.clone(),
        },
        Entry::ApprovalRefused { plan: plan.hash.clone(), because: words(other) },
        Entry::ApprovalAsked {
            plan: Box::new(plan),
            until: now + Span::mins(other as u64).delta(),
            typed: None,
            signature,
        },
        Entry::EvidenceKept(kept),
        Entry::CaptureMissed { action: pick(&[1, 2], one), name: "orders".into(), because: words(other) },
    ]
}

fn outcome(n: usize) -> Outcome {
    pick(&[Outcome::Accepted, Outcome::Unknown, Outcome::Refused, Outcome::NotSent], n)
}

fn paths(one: usize, other: usize) -> Vec<Entry> {
    let path: String = pick(&["incident", "security"], one).into();
    let steps: Vec<Step> =
        [0, 5].map(|after| Step { after: Span::mins(after), to: vec!["room".into()] }).into();
    let because = pick(
        &[Stopped::CoveredBy(other_incident()), Stopped::BurningBefore, Stopped::Ended, Stopped::Exhausted],
        other,
    );
    let step = pick(&[0, 1, 2, 3], other) as u32;
    let receipts =
        vec![Receipt { channel: "room".into(), accepted: one.is_multiple_of(2), detail: text("200") }];
    let missing = vec!["evidence".to_owned()];
    vec![
        Entry::PathArmed(PathArmed { path: path.clone(), steps: steps.clone() }),
        Entry::PathHeld(PathHeld { path: path.clone(), steps, because: because.clone() }),
        Entry::PathStopped(PathStopped { path: path.clone(), because }),
        Entry::StepStarted(StepStarted {
            path: path.clone(),
            step,
            resumes: one.is_multiple_of(2),
            missing: missing.clone(),
        }),
        Entry::StepSent(StepSent { path: path.clone(), step, receipts: receipts.clone() }),
        Entry::StepMissed(StepMissed { path: path.clone(), step }),
        Entry::Told(Told { path, purpose: Purpose::Page, items: missing, receipts }),
    ]
}

fn said(one: usize, other: usize) -> Vec<Entry> {
    let audience = pick(&[Audience::Users, Audience::Public], other);
    let number = pick(&[1, 2, 3], one) as u32;
    let channel = pick(&CHANNELS, other);
    let reference = (one.is_multiple_of(2)).then_some("p1");
    vec![
        bulletins::started(number, audience, pick(&Status::ALL, other / 2), &CHANNELS[..1 + one % 2]),
        bulletins::answered(number, channel, outcome(other / 3), reference),
        Entry::BulletinSeen(BulletinSeen {
            number,
            channel: channel.into(),
            visible: one.is_multiple_of(2),
            detail: text("read back"),
        }),
        Entry::BulletinSettled(BulletinSettled {
            number,
            channel: channel.into(),
            posted: one.is_multiple_of(3),
            note: text("found on the page"),
        }),
    ]
}

fn dues(one: usize, other: usize, now: Time) -> Vec<Entry> {
    let kinds = [
        DeadlineKind::Timer,
        DeadlineKind::Regulator,
        DeadlineKind::Bulletin,
        DeadlineKind::Review,
        DeadlineKind::Ack,
    ];
    let deadline = pick(&kinds, one);
    let name: String = pick(&["", "1", "users", "2"], other).into();
    let due = now + Span::mins(one as u64).delta();
    vec![
        Entry::DeadlineSet(DeadlineSet { deadline, name: name.clone(), title: words(other / 4), due }),
        Entry::DeadlineMet(DeadlineMet { deadline, name: name.clone(), note: None }),
        Entry::DeadlineNear(DeadlineNear { deadline, name: name.clone(), due }),
        Entry::DeadlinePassed(DeadlinePassed { deadline, name: name.clone(), due }),
        Entry::DeadlineWithdrawn(DeadlineWithdrawn { deadline, name, because: text("critical no more") }),
    ]
}

fn console(one: usize) -> Vec<Entry> {
    let incident = Some(response::id());
    let kind = pick(&[NoticeKind::NewCritical, NoticeKind::Upgraded], one);
    vec![
        Entry::WatchOffered { to: "bo".into(), card: text("everything") },
        Entry::WatchAccepted { offer: 1 },
        Entry::WatchWithdrawn(1),
        Entry::SensitiveRead { labels: vec![text("account")] },
        Entry::EvidenceRead { sha256: "00".into() },
        Entry::Exported { what: "ledger".into(), sha256: "00".into(), bytes: 1, to: text("out.tar") },
        Entry::ConfigurationLoaded {
            sha256: "00".into(),
            actions: true,
            changed: Vec::new(),
            tables: Default::default(),
        },
        Entry::SafetyTurned { off: one.is_multiple_of(2), file: "safety".into() },
        Entry::NoticeRaised(Notice::new(kind, incident, text("look"))),
        Entry::NoticeDelivered { notice: 1, console: "bastion".into(), how: "bell".into() },
        Entry::SourceTurned {
            source: "prod-am".into(),
            from: SourceState::Live,
            to: SourceState::Down,
            fault: None,
        },
    ]
}

#[test]
fn every_entry_is_among_the_deeds() {
    let all = (0..KINDS).map(|kind| Deed { kind, one: 0, other: 0 }.entry(response::began()));
    let mut names: Vec<&str> = all.map(|entry| name(&entry)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), KINDS, "{names:?}");
}

/// What must hold of every incident, whatever was done to it.
fn holds(incident: &Incident) {
    let numbers: Vec<u32> = incident.actions.keys().copied().collect();
    assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>());
    assert_eq!(incident.is_closed(), incident.phase == Phase::Closed);
    assert_eq!(incident.phase.is_open(), incident.closed.is_none(), "open, and it says why it ended");
    assert_eq!(incident.phases.last().map(|(phase, _)| *phase), Some(incident.phase));
    let mut named: Vec<_> = incident.deadlines.iter().map(|set| (set.kind, &set.name)).collect();
    named.sort();
    let all = named.len();
    named.dedup();
    assert_eq!(named.len(), all, "two deadlines of one name");
    assert!(incident.cleared_at.is_none() || incident.firing() == 0, "quiet, and a signal fires");
    assert!(incident.merged.is_none() || incident.is_closed(), "it goes on in another one, and is open");
    assert!(incident.code.is_some() || incident.bulletins.is_empty());
    assert!(incident.changed.values().all(|version| *version <= incident.version));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn it_folds_or_is_refused_and_never_panics(begun in 1usize..60, deeds in deeds(60)) {
        let mut records: Vec<Record> = response::records(response::plain);
        records.truncate(begun);
        let incident = response::fold(&records);
        let now = incident.moved_at;
        let mut course = Course { incident, now };
        for deed in deeds {
            course.after(deed.pause());
            let record = course.record(deed.by(), deed.entry(course.now));
            let before = course.incident.clone();
            match course.incident.apply(&record) {
                Ok(()) => {
                    prop_assert_eq!(course.incident.version, before.version + 1);
                    holds(&course.incident);
                    records.push(record);
                }
                Err(why) => {
                    prop_assert_eq!(&course.incident, &before, "{} left something behind: {:?}", why, record);
                    prop_assert!(!why.to_string().is_empty());
                }
            }
        }
        prop_assert_eq!(&response::fold(&records), &course.incident);
        let stored = serde_json::to_string(&course.incident).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Incident>(&stored).unwrap(), &course.incident);
    }
}

#[test]
fn another_entry_is_another_format() {
    let all = (0..KINDS).map(|kind| Deed { kind, one: 0, other: 0 }.entry(response::began()));
    let mut names: Vec<&str> = all.map(|entry| name(&entry)).collect();
    names.sort_unstable();
    let known = "AckExpired Acknowledged Answered ApprovalAsked ApprovalRefused Approved BulletinAnswered \
        BulletinSeen BulletinSettled BulletinStarted CaptureMissed CategorySet Classified Closed \
        ConfigurationLoaded ContainmentKept DeadlineMet DeadlineNear DeadlinePassed DeadlineSet \
        DeadlineWithdrawn EvidenceKept EvidenceRead Exported HandedBack HealthTurned ImpactAssessed \
        Intended ItemAdded ItemDone Mitigated MonitorTurned Noted NothingToContain NoticeDelivered \
        NoticeRaised Opened PacketFilled PathArmed PathHeld PathStopped PhaseMoved Published \
        RoleAccepted RoleOffered RoleTaken RootCauseFound SafetyTurned SensitiveRead Sent SentAgain \
        Settled SeveritySet SignalCleared SignalFlapped SignalJoined SignalResorted SignalReturned \
        SnoozeEnded Snoozed SourceTurned StepMissed StepSent StepStarted Tied Told UndoneWith UpstreamTurned WatchAccepted WatchOffered WatchWithdrawn";
    assert_eq!(
        (FORMAT, &*names.join(" ")),
        (7, known),
        "raise FORMAT, or an older quell folds on without it"
    );
}
