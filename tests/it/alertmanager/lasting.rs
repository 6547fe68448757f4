//! A silence that is there already: how long it lasts, and how much it hides.

use super::*;

/// Somebody's silence over these, which lasts so long.
fn silenced(alertmanager: &Alertmanager, matchers: &Value, hours: i64) -> String {
    let at = |hours: i64| (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).to_rfc3339();
    let silence = json!({ "matchers": matchers, "startsAt": at(0), "endsAt": at(hours), "createdBy": "zed", "comment": "a deploy" });
    let made = http::post(alertmanager.port(), "/api/v2/silences", &silence).unwrap().json();
    format!("silence={}", made["silenceID"].as_str().unwrap())
}

#[test]
fn to_extend_a_silence_never_shortens_it() {
    let Some(alertmanager) = Alertmanager::start() else { return };
    fire(&alertmanager, "Noisy", "error");
    let machine = acting(&alertmanager);
    list(&machine);
    let noisy = json!([{ "name": "alertname", "value": "Noisy", "isRegex": false, "isEqual": true }]);
    let which = silenced(&alertmanager, &noisy, 72);
    let before = silences(&alertmanager);
    for more in [&[][..], &["--set", "for=24h"]] {
        let extend = ["upstream", "1", "prod-am/extend-silence", "--set", &which, "--yes"];
        let refused = machine.run(&[&extend[..], more].concat());
        assert!(refused.code == Some(1) && refused.stderr.contains("it lasts until"), "{refused:?}");
        assert!(refused.stderr.contains("already: give a longer `for`, or end it"), "{refused:?}");
    }
    assert_eq!(silences(&alertmanager), before);
}

#[test]
fn a_silence_that_hides_more_than_one_made_here_may_is_not_extended() {
    let Some(alertmanager) = Alertmanager::start() else { return };
    for name in ["Noisy", "Slow", "Gone"] {
        fire(&alertmanager, name, "error");
    }
    let machine = acting(&alertmanager);
    list(&machine);
    let matcher =
        |name: &str, value: &str| json!({ "name": name, "value": value, "isRegex": true, "isEqual": true });
    let broad = json!([matcher("alertname", ".+"), matcher("severity", ".*")]);
    let which = silenced(&alertmanager, &broad, 1);
    let plan =
        |set: &str| machine.run(&["plan", "1", "prod-am/extend-silence", "--set", &which, "--set", set]);
    let shown = plan("for=5h").ok();
    assert!(shown.contains("hits now = 3 (of at most 3)"), "{shown}");
    fire(&alertmanager, "Lagging", "error");
    let refused = plan("for=5h");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("it hits 4 now, which is more than 3"), "{refused:?}");
}
