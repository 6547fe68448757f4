//! Every shipped template, filled for a plausible incident, passes as it is.

use super::*;
use crate::domain::bulletin::template::{Known, shipped};

fn known(product: &str, users: Option<Impact>, next: Option<Time>) -> Known {
    Known { product: text(product), started: at(13, 40), users, next, limited: false, at_stake: false }
}

#[test]
fn a_template_claims_nothing_that_is_not_known() {
    let filled = |status, limited, at_stake| {
        let known = Known { limited, at_stake, ..known("withdrawals", None, Some(at(14, 20))) };
        let bulletin =
            shipped(Audience::Users, status, &known).fill(Audience::Users, status, &known).unwrap();
        bulletin.written().map(|(_, text)| text.raw().to_owned()).join(" ")
    };
    for (status, limited) in Status::ALL.into_iter().flat_map(|status| [(status, false), (status, true)]) {
        let says = |at_stake: bool, words: &str| filled(status, limited, at_stake).contains(words);
        assert!(says(false, "You do not need to do anything") && !says(true, "need to do anything"));
        assert!(says(true, "look through your account") && !says(false, "look through your account"));
        let claims = limited && status == Status::Investigating;
        assert_eq!(
            (says(false, "We limited its effect"), says(true, "We limited its effect")),
            (claims, claims)
        );
    }
    assert!(!filled(Status::Investigating, true, true).contains("found the cause"));
}

#[test]
fn every_shipped_template_passes_without_editing() {
    for (audience, status) in Audience::ALL.into_iter().flat_map(|a| Status::ALL.map(|s| (a, s))) {
        for (product, users) in [
            ("withdrawals", Some(Impact::Users { min: 1000, max: 1200 })),
            ("signing in", Some(Impact::Users { min: 38_211, max: 38_211 })),
            ("trading of BTC/USDT", Some(Impact::Users { min: 0, max: 900 })),
            ("deposits", Some(Impact::Unknown { because: text("still counting") })),
            ("the app", None),
        ] {
            for (reach, more) in
                [Reach::Broadcast, Reach::PerRecipient].into_iter().flat_map(|r| [(r, false), (r, true)])
            {
                let next = (status != Status::Resolved).then_some(at(14, 20));
                let known = Known { limited: more, at_stake: more, ..known(product, users.clone(), next) };
                let mut case = Case::new();
                case.bulletin = shipped(audience, status, &known).fill(audience, status, &known).unwrap();
                (case.context.users, case.reach, case.context.at_stake) = (users.clone(), reach, more);
                none(case.refusal());
            }
        }
    }
}

#[test]
fn a_series_of_shipped_templates_is_consistent() {
    let users = Some(Impact::Users { min: 1000, max: 1200 });
    let mut case = Case::new();
    for status in Status::ALL {
        let next = (status != Status::Resolved).then_some(case.context.now + chrono::TimeDelta::minutes(20));
        let known = known("withdrawals", users.clone(), next);
        case.bulletin =
            shipped(Audience::Users, status, &known).fill(Audience::Users, status, &known).unwrap();
        none(case.refusal());
        case.context.last = Some(Last { bulletin: case.bulletin.clone(), at: case.context.now });
        case.context.now += chrono::TimeDelta::minutes(20);
    }
}
