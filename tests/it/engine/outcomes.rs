//! What an answer, or its absence, amounts to, and when a change is sent again.

use quell::backend::Backend;
use quell::domain::action::{Outcome, Stage};
use quell::domain::incident::Incident;
use quell::domain::record::{Entry, Record};

use super::{World, block, freeze, on};

impl World {
    /// The next calls of that kind end like this.
    fn fails(&self, times: u32, how: &str) {
        let fault =
            serde_json::json!({"path": "/admin/accounts/", "method": "POST", "times": times, "how": how});
        self.ask("POST", "/admin/faults", Some(fault));
    }

    async fn records(&self, incident: &Incident) -> Vec<Record> {
        self.engine.incident(&self.ana, &incident.id.to_string()).await.unwrap().records
    }
}

fn account(incident: &Incident) -> String {
    incident.label_values("account_id")[0].0.raw().to_owned()
}

fn attempts(records: &[Record]) -> Vec<u32> {
    let again = |record: &Record| match record.entry {
        Entry::Sent { .. } => Some(1),
        Entry::SentAgain { attempt, .. } => Some(attempt),
        _ => None,
    };
    records.iter().filter_map(again).collect()
}

#[test]
fn what_may_have_been_done_is_unknown_until_it_is_read_back() {
    on(World::forgetful(), async |world| {
        let incident = world.takeover().await;
        let account = incident.label_values("account_id")[0].0.raw().to_owned();
        world.fails(1, "apply_then_drop");
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        world.confirm(&plan).await.unwrap();
        world.stage(&incident.id, 1, Stage::Verified).await;
        assert_eq!(world.effects("freeze", &account), 1);
        let records = world.engine.incident(&world.ana, &incident.id.to_string()).await.unwrap().records;
        let unknown =
            records.iter().any(|r| matches!(r.entry, Entry::Answered { outcome: Outcome::Unknown, .. }));
        assert!(unknown, "a dropped connection is not called a failure");
    });
}

#[test]
fn where_the_key_is_recognised_it_goes_out_again_with_it_and_is_done_once() {
    block(async |world| {
        let incident = world.takeover().await;
        world.fails(2, "apply_then_drop");
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        world.confirm(&plan).await.unwrap();
        world.stage(&incident.id, 1, Stage::Verified).await;
        assert_eq!(world.effects("freeze", &account(&incident)), 1);
        let records = world.records(&incident).await;
        assert_eq!(attempts(&records), [1, 2, 3], "each attempt is written down before it leaves");
        let accepted = |r: &Record| matches!(r.entry, Entry::Answered { outcome: Outcome::Accepted, .. });
        assert_eq!(records.iter().filter(|r| accepted(r)).count(), 1);
    });
}

#[test]
fn where_it_is_not_recognised_it_goes_out_once() {
    on(World::forgetful(), async |world| {
        let incident = world.takeover().await;
        world.fails(1, "drop");
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        world.confirm(&plan).await.unwrap();
        let unknown = world.stage(&incident.id, 1, Stage::Unknown).await;
        assert_eq!(unknown.actions[&1].attempts, 1);
        assert_eq!(attempts(&world.records(&incident).await), [1]);
        assert_eq!(world.effects("freeze", &account(&incident)), 0);
    });
}
