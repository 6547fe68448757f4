//! What stands beside the records is of one shape, or of another version.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Deed, KINDS};
use crate::response::Course;
use crate::support::response;
use quell::domain::action::Stage;
use quell::domain::plan::{Basis, Ended};
use quell::domain::record::Entry;
use quell::domain::text::Outside;
use quell::ledger::Ledger;

/// Every place there is in it; what is called by a name of its own stands as `*`.
fn places(value: &Value, here: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(all) if !all.is_empty() => {
            for (key, value) in all {
                let is_field = key.chars().all(|it| it.is_ascii_lowercase() || it == '_');
                places(value, &format!("{here}.{}", if is_field { key } else { "*" }), out);
            }
        }
        Value::Array(all) if !all.is_empty() => {
            all.iter().for_each(|value| places(value, &format!("{here}[]"), out));
        }
        _ => drop(out.insert(here.to_owned())),
    }
}

/// What plans mostly rest on without.
fn fill(basis: &mut Basis) {
    basis.parameters.insert("account".to_owned(), Outside::new("88213"));
    basis.earlier.push((7, Stage::Verified));
    let kept = Some(Outside::new("asked for by the police"));
    basis.ends.push(Ended { incident: response::id(), action: 7, kept, once_read: true });
}

/// Incidents to which all sorts of things were done, always the same.
fn all_places() -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut dice = 1_u64;
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).unwrap() % sides
    };
    let mut records = response::records(response::plain);
    for record in &mut records {
        if let Entry::Intended { plan, .. } = &mut record.entry {
            fill(&mut plan.basis);
        }
    }
    for _ in 0..120 {
        let incident = response::fold(&records[..=roll(records.len())]);
        let now = incident.moved_at;
        let mut course = Course { incident, now };
        for _ in 0..60 {
            let deed = Deed { kind: roll(KINDS), one: roll(60), other: roll(60) };
            course.after(deed.pause());
            let record = course.record(deed.by(), deed.entry(course.now));
            // What is refused leaves nothing behind.
            drop(course.incident.apply(&record));
        }
        places(&serde_json::to_value(&course.incident).unwrap(), "", &mut out);
    }
    out
}

/// Whoever changes this raises the projection's version with it: a projection in another shape, or one that its records
/// would make something else of now, is made anew.
#[test]
fn another_shape_of_an_incident_is_another_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    drop(Ledger::open(&path, "ANA").unwrap());
    let query = "SELECT value FROM meta WHERE key = 'projection'";
    let file = rusqlite::Connection::open(&path).unwrap();
    let version: String = file.query_row(query, [], |row| row.get(0)).unwrap();
    let all: Vec<String> = all_places().into_iter().collect();
    insta::assert_snapshot!("shape", format!("version {version}\n{}", all.join("\n")));
}
