//! What a source does by itself, in the row and in the detail: it pages, it was disarmed, it keeps an alert quiet.

use super::*;
use quell::domain::freshness::{Countdown, Remark, Vitals};
use quell::domain::incident::There;
use quell::domain::signal::SignalKey;
use quell::domain::upstream::{Coming, Silence, Turn, Upstream};

/// The night, in which `prod-am` pages by a policy of its own: 1047 in three minutes, 1042 no more.
fn paged(cols: u16, rows: u16) -> Play {
    let mut play = night_at(cols, rows);
    let ours =
        |number| SignalKey { source: "prod-am".into(), fingerprint: Outside::new(format!("5f3c{number}")) };
    let coming = Coming { turn: Turn::Escalates, at: at("14:06:20"), to: Some(Outside::new("B. Okafor")) };
    for number in [1047, 1042] {
        let it = std::sync::Arc::make_mut(play.engine.incidents.get_mut(&id(number)).unwrap());
        it.version += 1;
        it.escalations.clear();
        for signal in it.signals.values_mut() {
            let policy = Some(Outside::new("Trading on call"));
            signal.there = Some(Box::new(There { policy, ..There::default() }));
        }
    }
    play.engine.sources[0].vitals = Vitals {
        countdowns: vec![
            Countdown { key: ours(1047), coming: Some(coming.clone()) },
            Countdown { key: ours(1042), coming: None },
        ],
        ..Vitals::default()
    };
    play.engine.quiet = Some(Box::new(Upstream {
        id: Outside::new("4711"),
        policy: Some(Outside::new("Trading on call")),
        level: Some(1),
        assigned: vec![Outside::new("Ana Ito")],
        on_call: vec![Outside::new("1 Ana Ito"), Outside::new("2 B. Okafor")],
        coming: vec![coming],
        ..Upstream::default()
    }));
    play.poll();
    play.press("j k");
    play
}

#[test]
fn a_source_that_pages_by_itself() {
    for (look, shot) in looks(paged) {
        insta::assert_snapshot!(format!("paged_there_{look}"), shot);
    }
}

#[test]
fn a_policy_that_pages_nobody_any_more() {
    let mut play = paged(80, 24);
    let there = play.engine.quiet.as_mut().unwrap();
    (there.disarmed, there.level, there.coming) = (true, None, Vec::new());
    play.model.reading = quell::console::reading::Reading::default();
    play.press("j");
    insta::assert_snapshot!("disarmed_there_80x24", shot(&play, &COLOUR));
}

#[test]
fn an_alert_that_is_silenced_or_inhibited() {
    let silence = Silence {
        id: Outside::new("8d9e1a2b"),
        by: Outside::new("bo"),
        comment: Outside::new("order gateway moves to eu-2 (INC-1047, quell-6b1f)"),
        until: Some(at("16:00:00")),
        ..Silence::default()
    };
    let quiet = |upstream: Upstream, keys: &str| {
        let mut play = night();
        play.engine.quiet = Some(Box::new(upstream));
        play.model.detail = None;
        play.press(&format!("j k {keys}"));
        play
    };
    let silenced = Upstream { silences: vec![silence], ..Upstream::default() };
    let by = vec![Outside::new("Rack eu-1-b lost power")];
    let inhibited = Upstream { inhibited_by: by, ..Upstream::default() };
    for (name, upstream) in [("silenced", silenced), ("inhibited", inhibited)] {
        insta::assert_snapshot!(format!("{name}_80x24"), shot(&quiet(upstream.clone(), ""), &COLOUR));
        insta::assert_snapshot!(format!("{name}_incident_80x24"), shot(&quiet(upstream, "enter"), &COLOUR));
    }
}

#[test]
fn what_somebody_has_to_mend_of_a_source_stands_in_line_three_where_nothing_is_worse() {
    let mut play = console().sized(100, 24);
    let text = Outside::new("alerts go nowhere: it sends to no Alertmanager");
    let remark = Remark { text, warns: true, ..Remark::default() };
    play.engine.sources[1].vitals = Vitals { remarks: vec![remark], ..Vitals::default() };
    play.poll();
    let said = |play: &Play| {
        let line = shot(play, &COLOUR).lines().nth(2).unwrap_or_default().trim().to_owned();
        line.strip_prefix("! ").unwrap_or_default().to_owned()
    };
    let name = play.engine.sources[1].name.clone();
    assert_eq!(said(&play), format!("{name}: alerts go nowhere: it sends to no Alertmanager"));
    play.engine.sources[0].watchdog_missing = vec!["Watchdog".to_owned()];
    play.poll();
    assert!(!said(&play).contains("alerts go nowhere"), "{}", said(&play));
}
