//! Publishing a post-mortem from the console: the file first, then the ledger.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::backend::{Backend, Detail, Refusal, RefusalKind};
use crate::domain::fault::Fault;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;
use crate::domain::plan::hex;
use crate::domain::record::Entry;
use crate::domain::{postmortem, timeline_svg};
use crate::os::files;

/// Writes what was shown, without what is hidden from anybody, and the picture of its timeline beside it, to new files;
/// then its SHA-256 to the ledger. Returns the incident as it is then, and the file.
///
/// # Errors
/// A refusal if it would say something else by now, if a file of that name says something else, or if the ledger
/// refuses.
pub(super) async fn publish(
    backend: &dyn Backend,
    who: &Operator,
    folder: &Path,
    id: &IncidentId,
    markdown: &str,
) -> Result<(Arc<Incident>, String), Refusal> {
    let detail = backend.incident(who, &id.to_string()).await?;
    if postmortem::markdown(&detail.incident, &detail.records, &detail.earlier) != markdown {
        let mut refusal = Refusal::new(
            RefusalKind::Changed,
            "the post-mortem says something else by now; nothing was published",
        );
        refusal.current = Some(detail.incident);
        return Err(refusal);
    }
    // Who has read what is sensitive saw it; those who will read the file have not.
    let Detail { incident, records, earlier, .. } = backend.incident_for_anybody(who, id).await?;
    let markdown = postmortem::markdown(&incident, &records, &earlier);
    let local = |fault: Fault| Refusal::new(RefusalKind::Refused, fault.detail.raw());
    files::private_dir(folder).map_err(local)?;
    let file = folder.join(format!("{id}.md"));
    keep(&file, markdown.as_bytes(), id)?;
    let picture = timeline_svg::svg(&incident, &records);
    keep(&folder.join(format!("{id}.svg")), picture.as_bytes(), id)?;
    let entry = Entry::Published { sha256: hex(&Sha256::digest(markdown.as_bytes())) };
    let incident = backend.record(who, id, detail.incident.version, entry).await?;
    Ok((incident, file.display().to_string()))
}

/// Writes a new file; one that says the same already is left from an attempt that got no further.
fn keep(file: &Path, content: &[u8], id: &IncidentId) -> Result<(), Refusal> {
    if file.symlink_metadata().is_err() {
        return files::write_private(file, content)
            .map_err(|fault| Refusal::new(RefusalKind::Refused, fault.detail.raw()));
    }
    if std::fs::read(file).is_ok_and(|found| found == content) {
        return Ok(());
    }
    let shown = file.display();
    let why =
        format!("{shown} exists and says something else; move it away, or: quell review {id} publish FILE");
    Err(Refusal::new(RefusalKind::Refused, why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Report;
    use crate::domain::category::Category;
    use crate::domain::sensitive::{HIDDEN, Sensitive};
    use crate::domain::severity::Severity;
    use crate::domain::text::Outside;
    use crate::engine::{Adapters, Engine, Setup};
    use crate::ledger::Ledger;
    use crate::ledger::live::Live;
    use crate::os::clock::Clock;

    #[tokio::test]
    async fn what_its_publisher_has_read_is_not_in_the_file() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().to_owned();
        let setup = Setup { state, sensitive: Sensitive::new(["account"]), ..Setup::default() };
        let ledger = Ledger::open(&home.path().join("ledger.db"), "ANA").unwrap();
        let live = Live::in_memory().unwrap();
        let engine = Engine::new(setup, Adapters::default(), ledger, live, Clock::system()).await.unwrap();
        let ana = Operator::new("ana", "bastion");
        let report = Report {
            title: Outside::new("Login failures acct KX88213"),
            severity: Severity::High,
            category: Category::Outage,
            service: Outside::new("auth"),
            labels: [(Outside::new("account"), Outside::new("KX88213"))].into(),
            reported: None,
        };
        let id = engine.open(&ana, report).await.unwrap().id.clone();
        let read = Entry::SensitiveRead { labels: Vec::new() };
        engine.record(&ana, &id, 1, read).await.unwrap();
        let detail = engine.incident(&ana, "1").await.unwrap();
        let shown = postmortem::markdown(&detail.incident, &detail.records, &detail.earlier);
        assert!(shown.contains("acct KX88213"));
        // Whether it may be published yet is another question: the file comes first.
        drop(publish(&engine, &ana, home.path(), &id, &shown).await);
        for name in ["ANA-1.md", "ANA-1.svg"] {
            let file = std::fs::read_to_string(home.path().join(name)).unwrap();
            assert!(!file.contains("KX88213"), "{file}");
            assert!(file.contains(HIDDEN) || name == "ANA-1.svg", "{file}");
        }
    }

    #[test]
    fn a_file_is_never_written_over_and_an_attempt_can_be_made_again() {
        let home = tempfile::tempdir().unwrap();
        let (file, id) = (home.path().join("INC-7.md"), IncidentId::new("INC", 7));
        keep(&file, b"as shown", &id).unwrap();
        keep(&file, b"as shown", &id).unwrap();
        let refusal = keep(&file, b"something else", &id).unwrap_err();
        assert!(refusal.message.raw().contains("quell review INC-7 publish FILE"), "{refusal}");
        assert_eq!(std::fs::read(&file).unwrap(), b"as shown");
    }
}
