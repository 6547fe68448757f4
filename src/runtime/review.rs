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
