//! The fault table of sources, row by row: each is provoked for real, and what a person sees of it is asserted. Every
//! row has a test named after it here, or stands in [`ELSEWHERE`] with the tests that show it.

mod answers;
mod console;
mod login;
mod machine;
mod monitors;
mod reach;
mod rig;
mod time;
mod together;

use std::collections::BTreeSet;

use crate::sources::contract::Kind;
use crate::support::repository;

/// Rows that tests elsewhere show: file and name.
const ELSEWHERE: [(&str, &[(&str, &str)]); 14] = [
    // What is down keeps its list, which is stale; the others are LIVE; nothing is "all clear".
    (
        "f01",
        &[
            ("tests/it/alertmanager.rs", "a_stopped_alertmanager_keeps_its_rows_and_is_never_a_calm_lie"),
            ("tests/it/faults/together.rs", "alertmanager_fails_in_every_way"),
        ],
    ),
    // Whoever drips is out of time at the same deadline as whoever hangs.
    ("f03", &[("tests/it/sources/contract.rs", "every_failure_is_said_for_what_it_is")]),
    ("f04", &[("src/engine/poller/pause.rs", "ten_minutes_of_failure_are_at_most_fifteen_requests")]),
    (
        "f08",
        &[
            ("tests/it/sources/contract.rs", "every_failure_is_said_for_what_it_is"),
            ("tests/it/alertmanager.rs", "a_source_that_answered_before_keeps_its_rows_however_it_fails"),
        ],
    ),
    (
        "f09",
        &[
            ("tests/it/sources/contract.rs", "a_poisoned_element_hides_no_other"),
            ("tests/it/alertmanager.rs", "one_poisoned_alert_blinds_nobody"),
        ],
    ),
    ("f11", &[("tests/it/sources/contract.rs", "every_failure_is_said_for_what_it_is")]),
    (
        "f13",
        &[
            ("tests/it/sources/contract.rs", "every_failure_is_said_for_what_it_is"),
            ("tests/it/alertmanager.rs", "a_source_that_never_answered_is_no_calm_one"),
        ],
    ),
    (
        "f15",
        &[(
            "tests/it/pagerduty/reading.rs",
            "five_thousand_on_pages_that_change_while_they_are_read_none_lost_none_twice",
        )],
    ),
    (
        "f16",
        &[
            ("tests/it/pagerduty/reading.rs", "a_page_that_fails_removes_nothing_and_is_said"),
            ("tests/it/intake.rs", "absence_clears_only_from_a_complete_answer"),
        ],
    ),
    ("f17", &[("tests/it/pagerduty/reading.rs", "a_list_without_end_ends")]),
    (
        "f26",
        &[(
            "src/net/guard.rs",
            "a_name_that_leads_to_another_kind_of_network_than_it_was_spoken_to_in_is_refused",
        )],
    ),
    // The lists of these are counted again where they are not LIVE.
    ("f02", &[("tests/it/alertmanager.rs", "a_source_that_hangs_is_stale_as_long_as_nobody_knows_more")]),
    (
        "f07",
        &[(
            "src/engine/tests/blind.rs",
            "what_comes_and_goes_with_every_poll_is_told_once_in_ten_minutes_and_again_if_it_lasts",
        )],
    ),
    (
        "f65",
        &[("tests/it/intake.rs", "a_clock_that_is_behind_makes_nothing_look_as_if_it_had_burnt_for_long")],
    ),
];

/// What a kind is asked at every poll: PagerDuty's log, between two readings of all that is open.
fn polled(kind: &Kind) -> &'static str {
    if kind.route == "GET /incidents" { "GET /log_entries" } else { kind.route }
}

/// F-01 to F-31, and F-63 to F-66.
fn rows() -> impl Iterator<Item = String> {
    (1..=31).chain(63..=66).map(|number| format!("f{number:02}"))
}

#[test]
fn every_row_is_shown() {
    let mut shown = BTreeSet::new();
    for (row, tests) in ELSEWHERE {
        for (file, name) in tests {
            assert!(repository::text(file).contains(&format!("fn {name}(")), "{row}: {file} has no {name}");
        }
        shown.insert(row.to_owned());
    }
    for file in ["answers", "console", "login", "machine", "monitors", "reach", "time", "together"] {
        let text = repository::text(format!("tests/it/faults/{file}.rs"));
        let named = text.lines().filter_map(|line| line.split_once("fn f")?.1.get(..2));
        shown.extend(named.map(|number| format!("f{number}")));
    }
    let missing: Vec<String> = rows().filter(|row| !shown.contains(row)).collect();
    assert_eq!(missing, [""; 0]);
}
