//! The safety file: every change is off while it exists, at once and everywhere.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use quell::backend::{ActionsNow, Backend, RefusalKind};
use quell::domain::action::Stage;
use quell::domain::record::{Entry, Record};
use quell::os::clock::Clock;
use quell::simulator::Exchange;

use super::{World, freeze};

/// A world with a safety file, and where that would be.
async fn guarded() -> (World, PathBuf) {
    let folder = tempfile::tempdir().unwrap().keep();
    let file = folder.join("safety-off");
    let exchange: Arc<Exchange> = Exchange::new(7, "token", Clock::system());
    let path = file.clone();
    (World::set_up(exchange, move |setup| setup.safety_file = Some(path)).await, file)
}

impl World {
    /// How many changes the exchange was asked for.
    fn changes_made(&self) -> usize {
        self.ask("GET", "/admin/effects", None)["calls"].as_array().unwrap().len()
    }

    /// What the records say of the file: there, or gone.
    async fn turns(&self) -> Vec<bool> {
        let all = self.engine.records(&self.ana, 1, 10_000).await.unwrap();
        let turned = |record: &Record| match &record.entry {
            Entry::SafetyTurned { off, .. } => Some(*off),
            _ => None,
        };
        all.iter().filter_map(turned).collect()
    }
}

#[test]
fn while_the_file_exists_nothing_leaves_and_everybody_is_told() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (world, file) = guarded().await;
        let incident = world.takeover().await;
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        std::fs::write(&file, b"").unwrap();
        let refusal = world.confirm(&plan).await.unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::ReadOnly);
        assert!(refusal.message.raw().contains("safety-off"), "{refusal}");
        let off = world.until("SAFETY OFF", |changes| match &changes.actions {
            ActionsNow::SafetyOff(named) => Some(named.clone()),
            _ => None,
        });
        assert_eq!(off.await, file.display().to_string());
        let late = world.confirm(&plan).await.unwrap_err();
        assert_eq!((late.kind, world.changes_made()), (RefusalKind::ReadOnly, 0));
        let applicable = world.engine.applicable(&world.ana, &incident.id).await.unwrap();
        let barred = applicable.iter().filter(|it| it.verb == freeze()).all(|it| it.barred.is_some());
        assert!(barred, "{applicable:?}");

        let written = async {
            while world.turns().await.is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(40), written).await.expect("it is written down");
        assert_eq!(world.turns().await, [true]);
        assert_eq!(world.changes_made(), 0);
        std::fs::remove_file(&file).unwrap();
        world.until("changes on again", |changes| (changes.actions == ActionsNow::On).then_some(())).await;
        world.confirm(&plan).await.unwrap();
        world.stage(&incident.id, 1, Stage::Verified).await;
    });
}
