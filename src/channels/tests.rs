//! What the tests of every channel send.

use crate::domain::bulletin::{Audience, Posting, Status};
use crate::domain::plan::{Purpose, Telling};
use crate::domain::severity::Severity;
use crate::domain::text::Outside;

pub(super) fn telling() -> Telling {
    Telling {
        incident: serde_json::from_value(serde_json::json!("INC-1047")).unwrap(),
        path: "incident".into(),
        step: 1,
        purpose: Purpose::Page,
        to: vec!["inc-room".into()],
        key: "k1".into(),
        thread: "INC-1047/incident".into(),
        severity: Severity::Critical,
        subject: Outside::new("<!channel> @here \u{1b}[2J down & out"),
        packet: vec![
            ("impact scope".into(), Some(Outside::new("all orders\n*INC-1* fake row"))),
            ("order ids".into(), None),
        ],
    }
}

pub(super) fn posting() -> Posting {
    Posting {
        channel: "room".into(),
        incident: serde_json::from_value(serde_json::json!("INC-1047")).unwrap(),
        number: 1,
        key: "b1".into(),
        audience: Audience::Users,
        status: Status::Investigating,
        subject: Outside::new("Orders are delayed"),
        body: Outside::new("What happened\nOrders wait <1 min & more.\n\nVerification code: QX-71_A*"),
        series: None,
    }
}
