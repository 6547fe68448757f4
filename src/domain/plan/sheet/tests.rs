//! What the sheet says of a plan, to the letter.

use std::collections::BTreeMap;

use super::*;
use crate::domain::action::Stage;
use crate::domain::id::IncidentId;
use crate::domain::parameter::{Kind, Origin};
use crate::domain::plan::{Basis, Invocation, PlanHash, Value};
use crate::domain::plan::{LookUp, Meant};
use crate::domain::playbook::Confirm;
use crate::domain::severity::Severity;
use crate::domain::time::{Span, Time};

fn call(method: &str, path: &str, body: Option<&str>) -> HttpRequest {
    HttpRequest {
        api: "exchange".into(),
        method: method.into(),
        url: format!("https://x.example.com{path}"),
        headers: BTreeMap::new(),
        body: body.map(str::to_owned),
        instead: Vec::new(),
    }
}

fn value(value: &str, origin: Origin) -> Value {
    Value { value: Outside::new(value), origin, kind: Kind::default() }
}

fn plan() -> Plan {
    let incident = IncidentId::new("INC", 7);
    Plan {
        hash: PlanHash("4935b388".into()),
        verb: Verb::Contain { playbook: "freeze".into() },
        title: "Freeze account".into(),
        target: Some(("account".into(), Outside::new("88213"))),
        parameters: BTreeMap::from([
            ("account".into(), value("88213", Origin::Label("account_id".into()))),
            ("a reason".into(), value("fr\u{430}ud", Origin::Person)),
        ]),
        request: Request::Http(call("POST", "/freeze", Some("{}"))),
        look_up: Some(LookUp {
            read: call("GET", "", None).into(),
            shown: vec![("/owner".into(), Outside::new("M.\u{202e}"))],
            digest: String::new(),
            taken: BTreeMap::new(),
            hits: None,
            unverified: None,
        }),
        before: vec![Capture {
            name: "sessions".into(),
            read: call("GET", "/sessions", None).into(),
            within: Span::secs(5),
        }],
        verify: Some(Verify {
            read: call("GET", "", None).into(),
            meant: Meant::default(),
            expect: BTreeMap::from([("/status".into(), "frozen".into())]),
            within: Span::secs(30),
        }),
        undone_by: None,
        blast: "one customer stops".into(),
        confirm: Confirm::TypeTarget,
        approvals: 1,
        approval_because: vec!["88213 is a market maker".into()],
        caps: vec!["3 of 10 this hour".into()],
        room: None,
        idempotent: true,
        key_lifetime: Some(Span::mins(30)),
        key: "quell-1".into(),
        warnings: vec!["alert data as of 13:58:02Z".into()],
        basis: Basis {
            incident,
            open: true,
            severity: Severity::High,
            owner: None,
            parameters: BTreeMap::new(),
            look_up: None,
            earlier: vec![(1, Stage::Unknown)],
            ends: Vec::new(),
        },
        made_at: Time::default(),
    }
}

#[test]
fn everything_is_said_once_and_nothing_looks_like_something_else() {
    let expected = [
        "Freeze account on INC-7",
        "  Does      one customer stops",
        "  Target    account = 88213 (from alert label account_id: untrusted)",
        "  Value     a reason = fr\\u{430}ud (typed)",
        "  Record    /owner = M.\\u{202e}",
        "  Request   POST https://x.example.com/freeze",
        "            credentials of api exchange: ••••",
        "  Body      {}",
        "  Before    keeps sessions: GET https://x.example.com/sessions within 5s",
        "  Verified  GET https://x.example.com says /status = \"frozen\" within 30s",
        "  Undo      cannot be undone from here",
        "  Approval  a second person must approve exactly this plan",
        "  Approval  because 88213 is a market maker",
        "  Earlier   #1 UNKNOWN",
        "  Cap       3 of 10 this hour",
        "  Warning   alert data as of 13:58:02Z",
        "  Key       quell-1 (the other side knows a repeat for 30m)",
        "plan 4935b388",
    ];
    assert_eq!(text(&plan()), expected);
}

#[test]
fn what_is_hit_stands_first_whatever_its_name() {
    let heads = |plan: &Plan| lines(plan).iter().take_while(|line| line.shape == Shape::Head).count();
    assert_eq!(heads(&plan()), 2);
}

#[test]
fn a_program_is_shown_part_by_part_with_what_it_is_given() {
    let mut plan = plan();
    let program = Program {
        argv: vec!["/usr/bin/kubectl".into(), "cordon".into(), "node 1".into()],
        env: BTreeMap::from([("QUELL_KEY".into(), "quell-1".into())]),
        pass: vec!["KUBECONFIG".into()],
        within: Span::secs(20),
        refused: vec![3],
    };
    plan.request = Invocation::Exec(program).into();
    let shown = text(&plan);
    let runs = shown.iter().position(|line| line == "  Runs      /usr/bin/kubectl").unwrap();
    let expected = [
        "            cordon",
        "            node 1",
        "  With      QUELL_KEY=quell-1",
        "            KUBECONFIG=••••",
        "            no shell, at most 20s; exit 3 means no",
    ];
    assert_eq!(shown[runs + 1..runs + 6], expected);
}
