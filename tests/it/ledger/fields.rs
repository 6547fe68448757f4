//! What a signal changes counts as changed for the person who looked before.

use quell::domain::id::IncidentId;
use quell::domain::opening::{Joining, Opening};
use quell::domain::operator::Actor;
use quell::domain::phase::Phase;
use quell::domain::record::{CloseReason, Entry, Field};
use quell::domain::role::Role;
use quell::domain::severity::Severity;
use quell::domain::signal::{Packed, SignalKey};
use quell::domain::text::Outside;
use quell::ledger::{Draft, Ledger, LedgerError};

use super::{ana, at, block, folder, opening};

fn key(name: &str) -> SignalKey {
    SignalKey { source: "prod-am".into(), fingerprint: Outside::new(name) }
}

fn joining(name: &str, severity: Severity) -> Joining {
    let title = Outside::new(name);
    Joining {
        sensitive: quell::domain::sensitive::Said::new(),
        key: key(name),
        title,
        severity,
        unmapped: false,
        labels: Packed::default(),
        since: at(0),
        policy: None,
        held_by: None,
        watched: false,
    }
}

/// An incident that a high signal opened.
async fn fired(ledger: &Ledger) -> IncidentId {
    let Entry::Opened(by_hand) = opening("gateway") else { unreachable!() };
    let opening = Opening { signal: Some(Box::new(joining("first", Severity::High))), ..*by_hand };
    let draft = Draft::opening(Actor::Engine, at(0), Entry::Opened(Box::new(opening)));
    ledger.append(vec![draft]).await.unwrap()[0].record.incident.clone().unwrap()
}

/// What a person is told who decides this after the signal's change, having seen version 1.
fn late(changes: impl IntoIterator<Item = Entry>, decided: Entry) -> Result<(), Option<Field>> {
    let (_folder, file) = folder();
    block(async {
        let ledger = Ledger::open(&file, "ANA").unwrap();
        let id = fired(&ledger).await;
        for change in changes {
            let by = if change.is_local() { ana() } else { Actor::Engine };
            ledger.append(vec![Draft::of(&id, by, at(1), change)]).await.unwrap();
        }
        match ledger.append(vec![Draft { seen: Some(1), ..Draft::of(&id, ana(), at(2), decided) }]).await {
            Ok(_) => Ok(()),
            Err(LedgerError::Changed { field, .. }) => Err(Some(field)),
            Err(_) => Err(None),
        }
    })
}

fn normal() -> Entry {
    Entry::SeveritySet { severity: Severity::Normal, because: Some(Outside::new("we looked")) }
}

#[test]
fn a_severity_that_a_signal_raised_is_not_overwritten_by_who_did_not_see_it() {
    let worse = Entry::SignalJoined(Box::new(joining("second", Severity::Critical)));
    assert_eq!(late([worse], normal()), Err(Some(Field::Severity)));
    let resorted = Entry::SignalResorted { key: key("first"), severity: Severity::Critical, unmapped: false };
    assert_eq!(late([resorted.clone()], normal()), Err(Some(Field::Severity)));
    // What it left as it was is free to be set.
    let lead = Entry::RoleTaken { role: Role::Lead, name: Outside::new("bo"), from: None };
    assert_eq!(late([resorted], lead), Ok(()));
    let same = Entry::SignalJoined(Box::new(joining("second", Severity::High)));
    assert_eq!(late([same], normal()), Ok(()));
}

#[test]
fn a_phase_that_a_returning_signal_changed_is_not_overwritten_by_who_did_not_see_it() {
    let cleared = Entry::SignalCleared { key: key("first"), because: "absent".into() };
    let closed = Entry::Closed { reason: CloseReason::Cleared, note: None };
    let returned = Entry::SignalReturned { key: key("first") };
    let moved = Entry::PhaseMoved { to: Phase::Mitigate, waived: Some(Outside::new("drill")) };
    assert_eq!(late([cleared, closed, returned], moved), Err(Some(Field::Phase)));
}
