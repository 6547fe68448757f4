//! Evidence: kept by people, taken before a change, read, and exported.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use super::Engine;
use crate::backend::{Refusal, RefusalKind};
use crate::domain::action::ActionId;
use crate::domain::evidence::{Evidence, EvidenceKind};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Capture, Invocation, Request, hex};
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::ledger::Draft;
use crate::ledger::bundle::{self, Contents};
use crate::ledger::evidence::{Store, StoreError};
use crate::os::spawn;
use crate::playbooks::capture;

/// Bytes of a piece's name.
const NAME_BYTES: usize = 256;
/// Bytes of what is said of it.
const NOTE_BYTES: usize = 4 * 1024;
/// Bytes of an answer or a program's output that are kept.
const ANSWER_BYTES: usize = 64 * 1024;

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let kind = match error {
            StoreError::TooLarge(_) | StoreError::NoHash(_) | StoreError::Ambiguous(_) => RefusalKind::Usage,
            StoreError::Missing(_) => RefusalKind::NotFound,
            StoreError::Damaged(_) => RefusalKind::Refused,
            StoreError::Broken { .. } => RefusalKind::Unreachable,
        };
        Self::new(kind, error.to_string())
    }
}

impl Engine {
    fn store(&self) -> Store {
        Store::of(&self.0.setup.state)
    }

    /// Keeps a file with an incident: durable first, then named by a record.
    pub(super) async fn keep_file(
        &self,
        who: &Operator,
        id: &IncidentId,
        name: &Outside,
        content: Vec<u8>,
        note: Option<Outside>,
    ) -> Result<Arc<Incident>, Refusal> {
        let id = self.incident_now(id).await?.id.clone();
        if name.is_blank() {
            return Err(Refusal::new(RefusalKind::Usage, "evidence needs a name; give it one with --name"));
        }
        let note = note.map(|note| Outside::capped(note.raw(), NOTE_BYTES));
        let evidence = self.keep(name, EvidenceKind::File, content).await?;
        let entry = Entry::EvidenceKept(Evidence { note, ..evidence });
        self.one(vec![Draft::of(&id, Actor::Person(who.clone()), self.now(), entry)]).await
    }

    /// Makes bytes durable, away from the tasks that must not wait for a disk.
    async fn keep(
        &self,
        name: &Outside,
        kind: EvidenceKind,
        content: Vec<u8>,
    ) -> Result<Evidence, StoreError> {
        let (store, bytes) = (self.store(), content.len() as u64);
        let sha256 = spawn::blocking(move || store.keep(&content)).await?;
        Ok(Evidence { sha256, bytes, name: Outside::capped(name.raw(), NAME_BYTES), kind, note: None })
    }

    /// What was kept, by its SHA-256 or the digits it begins with. That it was read is durable before it is shown.
    pub(super) async fn read_evidence(&self, who: &Operator, digits: &str) -> Result<Vec<u8>, Refusal> {
        let (store, digits) = (self.store(), digits.to_ascii_lowercase());
        let read = move || {
            let sha256 = store.find(&digits)?;
            store.read(&sha256).map(|content| (sha256, content))
        };
        let (sha256, content) = spawn::blocking(read).await?;
        let entry = Entry::EvidenceRead { sha256 };
        self.append(vec![Draft::console(Actor::Person(who.clone()), self.now(), entry)]).await?;
        Ok(content)
    }

    /// The bundle of an incident. That it was exported is durable before it leaves.
    pub(super) async fn export_bundle(
        &self,
        who: &Operator,
        id: &IncidentId,
        to: &str,
    ) -> Result<Vec<u8>, Refusal> {
        let incident = self.incident_now(id).await?;
        let account = self.0.ledger.account_of(&incident.id).await?;
        let (store, configuration) = (self.store(), self.0.setup.configuration.clone());
        let made = move || {
            let mut kept = BTreeMap::new();
            // What the records of this bundle name, which may be more than is folded by now.
            for record in account.records()? {
                let Entry::EvidenceKept(Evidence { sha256, .. }) = record.entry else { continue };
                match store.read(&sha256) {
                    Ok(content) => drop(kept.insert(sha256, content)),
                    // The bundle's own check names what is not in it.
                    Err(error) => tracing::warn!(%error, "evidence is left out of a bundle"),
                }
            }
            bundle::bundle(&Contents { account: &account, kept: &kept, configuration: &configuration })
        };
        let made = spawn::blocking(made).await;
        let bundle = made.map_err(|why| Refusal::new(RefusalKind::Refused, format!("{id}: {why}")))?;
        let entry = Entry::Exported {
            what: id.to_string(),
            sha256: hex(&Sha256::digest(&bundle)),
            bytes: bundle.len() as u64,
            to: Outside::new(to),
        };
        self.append(vec![Draft::console(Actor::Person(who.clone()), self.now(), entry)]).await?;
        Ok(bundle)
    }

    /// Reads what a change may destroy, all at once, each within its own time. What cannot be had is written down and
    /// holds nothing up.
    pub(super) async fn capture_before(&self, id: &IncidentId, action: ActionId, captures: &[Capture]) {
        let taken = captures.iter().map(|capture| async {
            let entry = match self.capture(action, capture).await {
                Ok(evidence) => Entry::EvidenceKept(evidence),
                Err(because) => Entry::CaptureMissed { action, name: capture.name.clone(), because },
            };
            self.by_engine(id, entry)
        });
        self.note(join_all(taken).await).await;
    }

    async fn capture(&self, action: ActionId, capture: &Capture) -> Result<Evidence, Outside> {
        let content = capture::take(&self.0.adapters.apis, capture).await.map_err(|fault| fault.detail)?;
        let kept = self.keep(&Outside::new(&*capture.name), EvidenceKind::Capture { action }, content).await;
        kept.map_err(|error| Outside::new(error.to_string()))
    }

    /// Keeps what came back from an action, as far as it is kept.
    pub(super) async fn keep_answer(
        &self,
        id: &IncidentId,
        action: ActionId,
        request: &Request,
        mut body: Vec<u8>,
    ) {
        let whole = body.len();
        let Some(request) = request.invocation().filter(|_| whole > 0) else { return };
        let (kind, most) = match request {
            Invocation::Http(_) => (EvidenceKind::Answer { action }, ANSWER_BYTES),
            // Cut where it was run, and told there.
            Invocation::Exec(_) => (EvidenceKind::Output { action }, whole),
        };
        body.truncate(most);
        let cut = (whole > body.len()).then(|| Outside::new(format!("the first 64 KiB of {whole} bytes")));
        match self.keep(&Outside::new(request.line()), kind, body).await {
            Ok(evidence) => {
                let entry = Entry::EvidenceKept(Evidence { note: cut, ..evidence });
                self.note(vec![self.by_engine(id, entry)]).await;
            }
            Err(error) => tracing::warn!(%error, "an answer was not kept"),
        }
    }

    /// Keeps what a program printed that carried a message.
    pub(super) async fn keep_told(&self, id: &IncidentId, name: &str, printed: String) {
        if printed.is_empty() {
            return;
        }
        match self.keep(&Outside::new(name), EvidenceKind::Told, printed.into_bytes()).await {
            Ok(evidence) => drop(self.note(vec![self.by_engine(id, Entry::EvidenceKept(evidence))]).await),
            Err(error) => tracing::warn!(%error, "what a channel printed was not kept"),
        }
    }
}
