//! How the engine is followed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::mpsc::channel;

use super::*;
use crate::backend::{
    Applicable, Catalogue, Changes, Confirmation, Detail, Receipt, Refusal, RefusalKind, Report,
};
use crate::domain::action::Verb;
use crate::domain::chain::{Stored, Verdict};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::packet::Packet;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::record::{Entry, Record};
use crate::domain::text::Outside;
use crate::domain::tie::{Seen, Tie};
use crate::domain::time::Time;

/// An engine with answers prepared for `changes`, which notes what it was asked.
#[derive(Default)]
struct Prepared {
    answers: Mutex<VecDeque<Result<Changes, Fault>>>,
    asked: Mutex<Vec<String>>,
}

fn changes(cursor: &str) -> Changes {
    Changes {
        cursor: Cursor(cursor.to_owned()),
        incidents: Vec::new(),
        removed: Vec::new(),
        sources: Vec::new(),
        monitors: Vec::new(),
        notices: Vec::new(),
        watch: None,
        handed: None,
        holder: None,
        actions: crate::backend::ActionsNow::On,
        ledger: None,
        deaf: None,
        now: Time::UNIX_EPOCH,
    }
}

fn none<T>() -> Result<T, Refusal> {
    Err(Refusal::new(RefusalKind::NotFound, "nothing is prepared"))
}

#[async_trait]
impl Backend for Prepared {
    async fn changes(&self, _: &Operator, cursor: &Cursor, _: Duration) -> Result<Changes, Fault> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(cursor.0.clone());
        let next = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match next {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
    async fn incident(&self, _: &Operator, _: &str) -> Result<Detail, Refusal> {
        none()
    }
    async fn incident_for_anybody(&self, _: &Operator, _: &IncidentId) -> Result<Detail, Refusal> {
        none()
    }
    async fn acknowledge_there(&self, _: &Operator, _: &IncidentId) -> Vec<Result<Receipt, Refusal>> {
        Vec::new()
    }
    async fn open(&self, _: &Operator, _: Report) -> Result<Arc<Incident>, Refusal> {
        none()
    }
    async fn record(&self, _: &Operator, _: &IncidentId, _: u64, _: Entry) -> Result<Arc<Incident>, Refusal> {
        none()
    }
    async fn catalogue(&self, _: &Operator) -> Result<Catalogue, Refusal> {
        none()
    }
    async fn applicable(&self, _: &Operator, _: &IncidentId) -> Result<Vec<Applicable>, Refusal> {
        none()
    }
    async fn packet(&self, _: &Operator, _: &IncidentId, _: &str) -> Result<Packet, Refusal> {
        none()
    }
    async fn plan(
        &self,
        _: &Operator,
        _: &IncidentId,
        _: Verb,
        _: BTreeMap<String, Outside>,
    ) -> Result<Plan, Refusal> {
        none()
    }
    async fn look_up_plan(&self, _: &Operator, _: &PlanHash) -> Result<Plan, Refusal> {
        none()
    }
    async fn submit(&self, _: &Operator, _: &PlanHash, _: Confirmation) -> Result<Receipt, Refusal> {
        none()
    }
    async fn approve(&self, _: &Operator, _: &PlanHash, _: Confirmation) -> Result<Receipt, Refusal> {
        none()
    }
    async fn records(&self, _: &Operator, _: u64, _: usize) -> Result<Vec<Record>, Refusal> {
        none()
    }
    async fn newest(&self, _: &Operator, _: Option<u64>, _: usize) -> Result<Vec<Record>, Refusal> {
        none()
    }
    async fn stored(&self, _: &Operator, _: u64) -> Result<Stored, Refusal> {
        none()
    }
    async fn tie(&self, _: &Operator, _: Tie, _: &[Seen], _: &Seen) -> Result<Vec<Arc<Incident>>, Refusal> {
        none()
    }
    async fn refresh(&self, _: &Operator) -> Result<(), Refusal> {
        Ok(())
    }
    async fn verify(&self, _: &Operator) -> Result<Verdict, Refusal> {
        none()
    }
    async fn keep_evidence(
        &self,
        _: &Operator,
        _: &IncidentId,
        _: Outside,
        _: Vec<u8>,
        _: Option<Outside>,
    ) -> Result<Arc<Incident>, Refusal> {
        none()
    }
    async fn evidence(&self, _: &Operator, _: &str) -> Result<Vec<u8>, Refusal> {
        none()
    }
    async fn export(&self, _: &Operator, _: &IncidentId, _: &str) -> Result<Vec<u8>, Refusal> {
        none()
    }
    async fn history(&self, _: &Operator, _: Time) -> Result<Vec<Arc<Incident>>, Refusal> {
        none()
    }
    async fn offer_watch(&self, _: &Operator, _: &str, _: Outside) -> Result<bool, Refusal> {
        none()
    }
    async fn accept_watch(&self, _: &Operator, _: u64) -> Result<(), Refusal> {
        none()
    }
    async fn beat(&self, _: &Operator, _: &str) -> Result<Time, Refusal> {
        none()
    }
    async fn delivered(&self, _: &Operator, _: u64, _: &str, _: &str) -> Result<(), Refusal> {
        none()
    }
}

#[tokio::test]
async fn the_engine_is_followed_from_where_it_was_left_and_asked_again_when_lost() {
    let lost = || Err(Fault::new(FaultKind::Unreachable, "no engine"));
    let engine = Arc::new(Prepared::default());
    engine.answers.lock().unwrap().extend([lost(), Ok(changes("1")), lost(), Ok(changes("2"))]);
    let (into, mut messages) = channel(64);
    let caller = Caller {
        backend: engine.clone(),
        operator: Arc::new(Operator::new("ana", "bastion")),
        identity: None,
        answers: into,
    };
    let following = spawn::task("follow", caller.follow());
    let mut heard = Vec::new();
    for _ in 0..4 {
        heard.push(match messages.recv().await {
            Some(Message::Changed(changes)) => changes.cursor.0,
            Some(Message::EngineLost(_)) => "lost".to_owned(),
            other => format!("{other:?}"),
        });
    }
    following.abort();
    assert_eq!(heard, ["lost", "1", "lost", "2"]);
    assert_eq!(engine.asked.lock().unwrap().get(..4).unwrap(), ["", "", "1", "1"]);
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_is_dropped_quietly() {
    let (into, messages) = channel(1);
    let caller = Caller {
        backend: Arc::new(Prepared::default()),
        operator: Arc::new(Operator::new("ana", "bastion")),
        identity: None,
        answers: into,
    };
    drop(messages);
    assert!(caller.ask("nothing", async { Message::Ticked }).await.is_ok());
}
