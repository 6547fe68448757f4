//! The harness itself works: a test ground that lies is worse than none.

mod faults;
mod servers;
mod terminal;

use crate::support::torture;

#[test]
fn every_torture_payload_decodes() {
    let all = torture::all();
    assert!(all.len() > 100, "only {} payloads", all.len());
    let named = |name: &str| all.iter().find(|payload| payload.name == name).unwrap();
    assert_eq!(named("invalid_utf8_mix").bytes, b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80A");
    assert_eq!(named("title_10mb").bytes.len(), 10_000_000);
    assert_eq!(named("sql_meta").text(), Some("'); DROP TABLE incidents;--"));
    assert!(torture::texts().len() > 70 && !torture::at("http-body").is_empty());
}
