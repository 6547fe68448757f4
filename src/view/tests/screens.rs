//! Every screen.

use super::*;

#[test]
fn triage() {
    insta::assert_snapshot!("triage_80x24", shot(&night(), &COLOUR));
    insta::assert_snapshot!("triage_120x40", shot(&night_at(120, 40), &COLOUR));
    insta::assert_snapshot!("triage_160x40", shot(&night_at(160, 40), &COLOUR));
    insta::assert_snapshot!("triage_40x12", shot(&night_at(40, 12), &COLOUR));
    insta::assert_snapshot!("triage_mono", shot(&night(), &MONO));
    insta::assert_snapshot!("triage_ascii", shot(&night(), &ASCII));
    insta::assert_snapshot!("tiny", shot(&night_at(20, 6), &COLOUR));
}

#[test]
fn triage_while_rows_hold() {
    let mut play = night();
    play.press("j j");
    play.engine.put(incident(1053, Severity::Critical, "14:03:20", "Withdrawals fail"));
    play.poll();
    insta::assert_snapshot!(shot(&play, &COLOUR));
}

#[test]
fn other_screens() {
    for (name, keys) in
        [("incident", "enter"), ("monitors", "m"), ("sources", "s"), ("help", "?"), ("review", "tab")]
    {
        let mut play = night();
        play.press(keys);
        insta::assert_snapshot!(name, shot(&play, &COLOUR));
    }
}

#[test]
fn first_frames() {
    let connecting = console();
    insta::assert_snapshot!("first_connecting", shot(&connecting, &COLOUR));

    let mut none = console();
    none.engine.sources.clear();
    none.poll();
    insta::assert_snapshot!("first_no_sources", shot(&none, &COLOUR));

    let mut reading = console();
    reading.engine.sources = vec![source("prod-am", None), source("pd", None), source("prom", None)];
    reading.engine.put(incident(1047, Severity::Critical, "13:51:22", "Order gateway refuses connections"));
    reading.poll();
    insta::assert_snapshot!("first_from_the_ledger", shot(&reading, &COLOUR));

    insta::assert_snapshot!("all_clear", shot(&console().board([]), &COLOUR));
}

#[test]
fn blind_lost_and_partly() {
    let mut play = night();
    play.tell(Message::EngineLost(Fault::new(FaultKind::NoAnswer, "no answer from the engine in 5s")));
    insta::assert_snapshot!("engine_lost", shot(&play, &COLOUR));

    let mut play = night();
    for status in play.engine.sources.iter_mut().chain(play.engine.monitors.iter_mut().map(|m| &mut m.source))
    {
        status.failures = 3;
        status.fault = Some(Fault::new(FaultKind::Unreachable, "connection refused"));
    }
    play.wait(60_000);
    play.poll();
    insta::assert_snapshot!("blind", shot(&play, &COLOUR));

    let mut play = console().board([]);
    play.engine.sources[1].failures = 2;
    play.engine.sources[1].fault =
        Some(Fault::new(FaultKind::Unauthorised, "401: the token is not accepted"));
    play.poll();
    insta::assert_snapshot!("nothing_but_not_clear", shot(&play, &COLOUR));
}

/// The row and the detail of an action, from its confirmation to its proof.
#[test]
fn an_action_from_sent_to_verified() {
    let mut play = night();
    play.press("j j c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    insta::assert_snapshot!("action_sent", shot(&play, &COLOUR));
    let now = play.now.format("%H:%M:%S").to_string();
    play.engine.rule(1051, &now, answered(1, Outcome::Accepted, "200"));
    play.poll();
    play.wait(12_000);
    insta::assert_snapshot!("action_verifying", shot(&play, &COLOUR));
    let mut unknown = night();
    unknown.press("j j c enter");
    unknown.typing("88213");
    unknown.wait(600);
    unknown.press("enter");
    unknown.engine.rule(1051, &now, answered(1, Outcome::Unknown, "connection reset"));
    unknown.poll();
    unknown.wait(2000);
    unknown.wait(60_000);
    insta::assert_snapshot!("action_unknown", shot(&unknown, &COLOUR));
    let now = play.now.format("%H:%M:%S").to_string();
    let verified = Entry::Settled {
        action: 1,
        settlement: Settlement::Verified,
        detail: Outside::new("/status = frozen"),
    };
    play.engine.rule(1051, &now, verified);
    play.poll();
    play.wait(2000);
    insta::assert_snapshot!("action_verified", shot(&play, &COLOUR));
}
