//! Every shipped template, filled for a plausible incident, passes as it is.

use super::*;
use crate::domain::bulletin::template::{Known, shipped};

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
            for reach in [Reach::Broadcast, Reach::PerRecipient] {
                let next = (status != Status::Resolved).then_some(at(14, 20));
                let known = Known { product: text(product), started: at(13, 40), users: users.clone(), next };
                let mut case = Case::new();
                case.bulletin = shipped(audience, status).fill(audience, status, &known).unwrap();
                (case.context.users, case.reach) = (users.clone(), reach);
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
        let known = Known { product: text("withdrawals"), started: at(13, 40), users: users.clone(), next };
        case.bulletin = shipped(Audience::Users, status).fill(Audience::Users, status, &known).unwrap();
        none(case.refusal());
        case.context.last = Some(Last { bulletin: case.bulletin.clone(), at: case.context.now });
        case.context.now += chrono::TimeDelta::minutes(20);
    }
}
