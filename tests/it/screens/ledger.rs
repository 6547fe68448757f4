//! The ledger: its lines, one record whole, and what a check found.

use super::*;
use quell::domain::chain::Verdict;
use quell::domain::freshness::SourceState;
use quell::domain::identity::KeyId;
use quell::domain::operator::{Actor, Operator};
use quell::domain::record::{FORMAT, Process, Record};

/// The usual night, with a containment, an escalation and records of no incident.
pub(super) fn contained() -> Play {
    let mut play = night();
    play.press("j j c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    play.engine.rule(1051, "14:03:40", answered(1, Outcome::Accepted, "200"));
    let settlement = Settlement::Verified;
    let detail = Outside::new("/status = frozen");
    play.engine.rule(1051, "14:03:42", Entry::Settled { action: 1, settlement, detail });
    let long = "hypothesis: the certificate of gw-2 ran out at 14:00Z, because nobody renewed it since the move to eu-1";
    play.engine.by("ana", 1047, "14:03:43", Entry::Noted { text: Outside::new(long) });
    let fault = Some(Fault::new(FaultKind::NoAnswer, "no answer in 5s"));
    let (from, to) = (SourceState::Live, SourceState::Down);
    let turned = Entry::SourceTurned { source: "prom".into(), from, to, fault };
    play.engine.records.push(of_none(Actor::Engine, turned));
    let key = KeyId::parse("SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU").unwrap();
    let operator =
        Operator { tty: Some("/dev/pts/3".into()), key: Some(key), ..Operator::new("ana", "bastion") };
    let told = Entry::NoticeDelivered { notice: 7, console: operator.console(), how: "bell, osc9".into() };
    play.engine.records.push(of_none(Actor::Person(operator), told));
    play.poll();
    play.wait(10_000);
    play
}

fn of_none(by: Actor, entry: Entry) -> Record {
    let on = Process {
        host: "bastion".into(),
        pid: 4711,
        version: "0.1.0".into(),
        boot_ms: Some(86_400_000),
        clock_synced: Some(true),
    };
    Record { v: FORMAT, on: Some(on), seq: 0, at: at("14:03:44"), by, incident: None, entry }
}

/// Weeks of notes: more than is read at once.
fn long() -> Play {
    let mut play = contained();
    let recent = std::mem::take(&mut play.engine.records);
    for n in 0..1200 {
        let mut note = of_none(Actor::Engine, Entry::Noted { text: Outside::new(format!("note {n}")) });
        note.at -= chrono::TimeDelta::hours(1200 - n);
        note.incident = Some(id(1000 + n.unsigned_abs() / 100));
        play.engine.records.push(note);
    }
    play.engine.records.extend(recent);
    play
}

/// In every look and size.
fn everywhere(name: &str, scene: impl Fn() -> Play, keys: &str) {
    let at = |cols, rows| {
        let mut play = scene().sized(cols, rows);
        play.press(keys);
        play
    };
    for (look, shot) in looks(at) {
        insta::assert_snapshot!(format!("{name}_{look}"), shot);
    }
}

#[test]
fn the_ledger() {
    everywhere("ledger", contained, "l j j");
    everywhere("ledger_long", long, "l G G j");
    everywhere("ledger_found", contained, "l / v e r i f");
    everywhere("ledger_record", contained, "l j enter");
}

/// The number of what was found was cut by when the chain was checked.
#[test]
fn how_many_were_found_is_whole_where_there_is_little_room() {
    for (cols, rows) in [(80, 24), (120, 40)] {
        let mut play = long().sized(cols, rows);
        play.press("l v G G /");
        play.typing("note 1");
        play.press("enter j j");
        let title = text(&play).lines().nth(3).unwrap().to_owned();
        assert!(title.contains(" read: note 1 ") && !title.contains('…'), "{title}");
        assert_eq!(title.contains(" · verified 14:"), cols > 80, "{title}");
    }
}

#[test]
fn a_ledger_nobody_wrote_on() {
    insta::assert_snapshot!("ledger_empty", {
        let mut play = console();
        play.engine.records.clear();
        play.press("l");
        shot(&play, &COLOUR)
    });
    insta::assert_snapshot!("ledger_nothing_found", {
        let mut play = contained();
        play.press("l / x x enter");
        shot(&play, &COLOUR)
    });
}

#[test]
fn the_check_of_the_chain() {
    let mut play = contained();
    play.press("l v");
    insta::assert_snapshot!("ledger_verified", shot(&play, &COLOUR));
    let why = "its bytes do not match the chain".to_owned();
    play.engine.bad = Some(Verdict::Bad { seq: 4, why });
    play.press("v");
    insta::assert_snapshot!("ledger_broken", shot(&play, &COLOUR));
    play.press("q");
    insta::assert_snapshot!("ledger_broken_elsewhere", shot(&play, &COLOUR));
    play.press("l");
    play.engine.refuse =
        Some(Refusal::new(RefusalKind::Unreachable, "the ledger is locked by another program"));
    play.press("v");
    insta::assert_snapshot!("ledger_not_verified", shot(&play, &COLOUR));
}
