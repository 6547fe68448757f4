//! An engine on duty: it watches the double, and whatever else a test gives it, for ana.

use std::collections::BTreeMap;
use std::sync::{Arc, Once};

use quell::backend::{Applicable, Backend, Changes, Confirmation, Receipt, Refusal};
use quell::domain::action::{Action, Verb};
use quell::domain::escalation::{Path, Step};
use quell::domain::incident::Incident;
use quell::domain::operator::Operator;
use quell::domain::text::Outside;
use quell::domain::time::Span;
use quell::engine::{Adapters, Engine, Setup};
use quell::ledger::Ledger;
use quell::ledger::live::Live;
use quell::os::clock::Clock;
use quell::sources;

use crate::support::pagerduty::Pagerduty;
use crate::support::watched;

/// An engine that watches the double for ana.
pub struct Shift {
    pub double: Pagerduty,
    _folder: tempfile::TempDir,
    pub engine: Engine,
    /// It begins with the first thing that burns.
    started: Once,
    pub ana: Operator,
}

impl Shift {
    pub async fn new() -> Self {
        Self::with(true, "").await
    }

    pub async fn with(actions_enabled: bool, more: &str) -> Self {
        let double = Pagerduty::start();
        let table = format!("{}{more}", double.table());
        Self::watching(actions_enabled, double, &[table]).await
    }

    /// An engine that has these sources, one of which is the double.
    pub async fn watching(actions_enabled: bool, double: Pagerduty, tables: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut adapters = Adapters::default();
        for table in tables {
            let settings: sources::Settings = toml::from_str(table).unwrap();
            let source = sources::build(&settings, &[], |_| None).unwrap();
            let api = source.api().unwrap();
            adapters.apis.insert(api.name().to_owned(), api);
            adapters.sources.push(Arc::from(source));
        }
        let always = Path {
            when: Some("".parse().unwrap()),
            steps: vec![Step { after: Span::secs(0), to: vec!["inc-room".into()] }],
            ..Path::compiled_in().remove(0)
        };
        let state = folder.path().to_owned();
        let setup = Setup { state: state.clone(), actions_enabled, paths: vec![always], ..Setup::default() };
        let ledger = Ledger::open(&state.join("ledger.db"), "ANA").unwrap();
        let live = Live::open(&state.join("live.db")).unwrap();
        // However slow this machine is, nothing that was read gets old.
        let clock = Clock::fixed(chrono::Utc::now());
        let engine = Engine::new(setup, adapters, ledger, live, clock).await.unwrap();
        let started = Once::new();
        Self { double, _folder: folder, engine, started, ana: Operator::new("ana", "bastion") }
    }

    pub async fn until<T>(&self, what: &str, ask: impl Fn(&Changes) -> Option<T>) -> T {
        watched::until(&self.engine, &self.ana, what, ask).await
    }

    /// Something burns there, and quell has seen it.
    pub async fn burning(&self, number: u64) -> (String, Arc<Incident>) {
        let title = format!("incident {number}");
        let id = self.double.account().open(number, &title);
        let seen = |changes: &Changes| changes.incidents.iter().find(|it| it.title().raw() == title).cloned();
        let sees = |changes: &Changes| {
            changes.sources.iter().all(|status| status.state(changes.now).sees()).then_some(())
        };
        self.started.call_once(|| self.engine.start());
        let incident = self.until("the incident", seen).await;
        self.until("the source to be read", sees).await;
        (id, incident)
    }

    pub async fn offered(&self, incident: &Incident) -> Vec<Applicable> {
        let all = self.engine.applicable(&self.ana, &incident.id).await.unwrap();
        all.into_iter().filter(|it| matches!(it.verb, Verb::Upstream { .. })).collect()
    }

    pub async fn ask(
        &self,
        incident: &Incident,
        verb: &str,
        given: &[(&str, &str)],
    ) -> Result<Receipt, Refusal> {
        let verb = Verb::playbook(&format!("pd/{verb}"));
        let given: BTreeMap<_, _> =
            given.iter().map(|(name, value)| ((*name).to_owned(), Outside::new(*value))).collect();
        let plan = self.engine.plan(&self.ana, &incident.id, verb, given).await?;
        let confirmation = Confirmation { typed: plan.typed_target(), ..Confirmation::default() };
        self.engine.submit(&self.ana, &plan.hash, confirmation).await
    }

    /// What came of it in the end.
    pub async fn done(&self, receipt: &Receipt) -> Action {
        let (id, action) = (&receipt.incident.id, receipt.action.unwrap());
        self.until("the action to end", |changes| {
            let incident = changes.incidents.iter().find(|it| it.id == *id)?;
            let action = incident.actions.get(&action)?;
            let ended = !action.stage.is_open() && !action.is_verifying();
            ended.then(|| action.clone())
        })
        .await
    }

    pub fn writes(&self) -> usize {
        self.double.account().writes().len()
    }
}

pub fn block(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
}
