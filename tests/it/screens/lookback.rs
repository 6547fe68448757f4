//! The screens that look back: hand-over, review and metrics, and what they ask.

use super::*;
use crate::support::play::offer;
use quell::domain::bulletin::{Audience, Bulletin, Status, VerificationCode};
use quell::domain::record::{BulletinAnswered, BulletinStarted, CloseReason};
use quell::domain::review::Item;
use quell::domain::role::Role;

/// The night of the other screens, with one incident in Review, a bulletin, a hypothesis and a containment.
pub(super) fn late_night() -> Play {
    let mut play = night();
    play.press("j j c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    play.engine.rule(1051, "14:03:40", answered(1, Outcome::Accepted, "200"));
    let settlement = Settlement::Verified;
    play.engine.rule(
        1051,
        "14:03:42",
        Entry::Settled { action: 1, settlement, detail: Outside::new("/status = frozen") },
    );
    play = play.in_review();
    let text = Outside::new("hypothesis: the certificate of gw-2 ran out at 14:00Z");
    play.engine.by("ana", 1047, "14:03:00", Entry::Noted { text });
    play.engine.by(
        "ana",
        1047,
        "14:03:01",
        Entry::RoleTaken { role: Role::Lead, name: Outside::new("ana"), from: None },
    );
    let bulletin = Bulletin {
        audience: Audience::Users,
        status: Status::Investigating,
        headline: Outside::new("Orders are rejected"),
        happened: Outside::new("Some orders are rejected since 14:01 UTC."),
        impact: Outside::new("You may not be able to trade."),
        todo: Outside::new("Nothing; we write again soon."),
        next_at: Some(at("14:23:00")),
    };
    let code = VerificationCode::from_random([7; 8]);
    let started = Entry::BulletinStarted(BulletinStarted {
        number: 1,
        bulletin: Box::new(bulletin),
        code,
        to: vec!["status-page".into()],
    });
    play.engine.by("ana", 1047, "14:03:05", started);
    play.engine.rule(
        1047,
        "14:03:06",
        Entry::BulletinAnswered(BulletinAnswered {
            number: 1,
            channel: "status-page".into(),
            outcome: Outcome::Accepted,
            detail: Outside::new("201"),
            reference: None,
        }),
    );
    let closed = Entry::Closed { reason: CloseReason::FalseAlarm, note: Some(Outside::new("a drill")) };
    play.engine.by("bo", 1029, "13:00:00", closed);
    play.poll();
    play.wait(10_000);
    play.poll();
    play
}

/// A review with a cause and two items, one of them done and one overdue.
pub(super) fn reviewed() -> Play {
    let mut play = late_night();
    let text = Outside::new("The certificate of the token service ran out.\nNothing watched its days.");
    play.engine.by("bo", 1033, "10:00:00", Entry::RootCauseFound { text });
    for (what, due) in
        [("Watch the days of every certificate", "13:00:00"), ("Renew them by a job", "23:59:59")]
    {
        let item = Item {
            text: Outside::new(what),
            owner: Outside::new("dee"),
            due: at(due),
            check: Outside::new("a monitor is red fourteen days before"),
            done: None,
        };
        play.engine.by("bo", 1033, "10:01:00", Entry::ItemAdded { item });
    }
    let proof = Outside::new("the job ran twice, see CI 4711");
    play.engine.by("dee", 1033, "12:00:00", Entry::ItemDone { item: 2, proof });
    play.poll();
    play.wait(2000);
    play
}

fn bo_offers(play: &mut Play) {
    let card = play.model.handover.card(&play.model.board, play.now).unwrap();
    play.engine.watch = Some(offer(9, "bo", "ana", Outside::new(card.markdown()), at("14:02:00")));
    play.poll();
}

/// In every look and size.
fn everywhere(name: &str, scene: impl Fn() -> Play, keys: &str) {
    let at = |cols, rows| {
        let mut play = scene().sized(cols, rows);
        play.press(keys);
        play.wait(600);
        play
    };
    for (look, shot) in looks(at) {
        insta::assert_snapshot!(format!("{name}_{look}"), shot);
    }
}

#[test]
fn the_hand_over_card() {
    everywhere("hand_over", late_night, "H");
    everywhere("hand_over_end", late_night, "H G");
}

#[test]
fn the_watch() {
    everywhere("offer_watch", late_night, "H w b o");
    let offered = || {
        let mut play = late_night();
        play.press("H");
        bo_offers(&mut play);
        play.press("q");
        play
    };
    everywhere("watch_offered", offered, "");
    everywhere("take_watch", offered, "w");
    everywhere("take_watch_end", offered, "w G");
    let taken = || {
        let mut play = offered();
        play.press("w G");
        play.wait(600);
        play.press("enter");
        play
    };
    everywhere("watch_taken", taken, "");
    let elsewhere = || {
        let mut play = late_night();
        play.press("H w b o enter");
        play.poll();
        play
    };
    everywhere("watch_offered_to_another", elsewhere, "");
}

#[test]
fn the_review() {
    everywhere("review_list", reviewed, "tab");
    everywhere("review_to_do", late_night, "tab enter");
    everywhere("review_incident", reviewed, "tab enter");
    everywhere("root_cause", late_night, "tab enter r w h y ctrl-j w h y");
    everywhere("item", late_night, "tab enter i w h a t tab d e e tab 5 d");
    everywhere("item_wrong", late_night, "tab enter i w h a t tab d e e tab x ctrl-s");
    everywhere("item_done", reviewed, "tab enter d");
    everywhere("post_mortem", reviewed, "tab enter p");
    everywhere("publish", reviewed, "tab enter p p");
    everywhere("published", reviewed, "tab enter p p enter enter");
}

#[test]
fn a_review_that_is_late_says_so() {
    let mut play = late_night();
    play.press("tab");
    play.now += chrono::TimeDelta::days(6);
    play.poll();
    insta::assert_snapshot!("review_due_soon", shot(&play, &COLOUR));
    play.now += chrono::TimeDelta::days(4);
    play.poll();
    insta::assert_snapshot!("review_overdue", shot(&play, &COLOUR));
}

/// Ten weeks of incidents of four services, some of them handled and closed.
pub(super) fn ten_weeks() -> Play {
    let mut play = console();
    play.now = "2026-11-20T14:03:22Z".parse().unwrap();
    for n in 0..60_u64 {
        let number = 900 + n;
        let severity = [Severity::High, Severity::Critical, Severity::Normal, Severity::High]
            [usize::try_from(n % 4).unwrap()];
        let service =
            ["trading", "auth", "webhooks", "withdrawals", "trading"][usize::try_from(n * 7 % 5).unwrap()];
        let mut it = with_labels(number, severity, "01:00:00", "An incident", &[("service", service)]);
        let back = chrono::TimeDelta::hours(i64::try_from(n * n / 2 + n * 3).unwrap());
        it.opening.service = Outside::new(service);
        it.opened_at -= back;
        let after =
            |seconds: u64| Some(it.opened_at + chrono::TimeDelta::seconds(i64::try_from(seconds).unwrap()));
        it.milestones.acknowledged = after(40 + n * 13 % 600);
        if n % 3 != 0 {
            it.milestones.contained = after(400 + n * 97 % 4000);
            let recovered = after(3000 + n * 911 % 90_000);
            it.milestones.recovered = recovered;
            it.phase = Phase::Closed;
            it.phases = it.phases.iter().copied().chain([(Phase::Closed, recovered.unwrap())]).collect();
        }
        play.engine.put(it);
    }
    play.poll();
    play.wait(2000);
    play
}

#[test]
fn the_metrics() {
    everywhere("metrics", ten_weeks, "M right");
    everywhere("metrics_end", ten_weeks, "M right G");
    everywhere("metrics_week", ten_weeks, "M left");
    everywhere("metrics_of_nothing", console, "M");
}
