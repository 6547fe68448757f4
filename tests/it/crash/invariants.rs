//! What must hold of a ledger and the exchange it acted on, whatever died in between.

use std::collections::BTreeMap;
use std::path::Path;

use quell::ledger::chain::{self, Verdict};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::support::exchange::Exchange;

/// One action, as the records of the file say it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Action {
    /// What names the action: its incident and its number.
    pub name: (String, u64),
    /// What the other side knows it by.
    pub key: String,
    /// Its target.
    pub target: String,
    /// How often it was written down as sent.
    pub sent: usize,
    /// What came back, in the order it was written down.
    pub outcomes: Vec<String>,
    /// How it was settled, in the order it was written down.
    pub settled: Vec<String>,
}

impl Action {
    /// Where it stands, in one word.
    pub fn stage(&self) -> &str {
        let begun = if self.sent > 0 { "sent" } else { "intended" };
        self.settled.last().or(self.outcomes.last()).map_or(begun, String::as_str)
    }
}

/// Every action in the ledger's file. Nothing but SQLite reads it.
pub fn actions(ledger: &Path) -> Vec<Action> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let file = Connection::open_with_flags(ledger, flags).unwrap();
    let mut statement = file.prepare("SELECT bytes FROM records ORDER BY seq").unwrap();
    let records = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let mut actions: BTreeMap<(String, u64), Action> = BTreeMap::new();
    for bytes in records {
        let record: Value = serde_json::from_slice(&bytes.unwrap()).unwrap();
        let Some((kind, entry)) = record["entry"].as_object().and_then(|entry| entry.iter().next()) else {
            continue;
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = (text(&record["incident"]), entry["action"].as_u64().unwrap_or_default());
        match kind.as_str() {
            "intended" => {
                let plan = &entry["plan"];
                let (key, target) = (text(&plan["key"]), text(&plan["target"][1]));
                let action = Action { name: name.clone(), key, target, ..Action::default() };
                assert!(actions.insert(name, action).is_none(), "intended twice: {record}");
            }
            // An attempt is durable before it leaves, the first one and any further one.
            "sent" | "sent-again" => actions.get_mut(&name).expect("sent without an intent").sent += 1,
            "answered" => {
                let action = actions.get_mut(&name).expect("answered without an intent");
                action.outcomes.push(text(&entry["outcome"]));
            }
            "settled" => {
                let action = actions.get_mut(&name).expect("settled without an intent");
                action.settled.push(text(&entry["settlement"]));
            }
            _ => {}
        }
    }
    actions.into_values().collect()
}

/// Never more than one effect per intent, no effect without an intent, no "done" without evidence, and a chain that
/// holds. `verb` is what these actions do at the exchange, each to a target that begins with `mine`: no other ledger
/// touches one.
pub fn hold(ledger: &Path, exchange: &Exchange, verb: &str, mine: &str) -> Vec<Action> {
    assert!(matches!(chain::verify(ledger), Ok(Verdict::Intact { .. })), "{:?}", chain::verify(ledger));
    // What is written down only grows, and a call needs its record first: so the calls are read first.
    let effects = exchange.ask("GET", "/admin/effects", "");
    let actions = actions(ledger);
    let calls = effects["calls"].as_array().unwrap();
    let of_key = |key: &str| calls.iter().filter(|call| call["key"] == key).collect::<Vec<_>>();
    for call in calls.iter().filter(|call| call["target"].as_str().is_some_and(|it| it.starts_with(mine))) {
        let intended = actions.iter().any(|action| call["key"] == *action.key);
        assert!(intended, "an effect without an intent: {call}\n{actions:#?}");
    }
    for action in &actions {
        let same: Vec<&Action> = actions.iter().filter(|other| other.key == action.key).collect();
        let calls = of_key(&action.key);
        let sent: usize = same.iter().map(|action| action.sent).sum();
        assert!(calls.len() <= sent, "called more often than sent: {calls:?}\n{same:#?}");
        let done = calls.iter().filter(|call| call["replayed"] == false).count();
        assert!(done <= 1, "more than one effect of one intent: {calls:?}\n{same:#?}");
        let unsent = same.iter().filter(|action| action.outcomes.iter().any(|word| word == "not-sent"));
        let may_be = sent - unsent.filter(|action| action.sent > 0).count();
        assert!(calls.len() <= may_be, "what was not sent was sent: {calls:?}\n{same:#?}");
        if action.outcomes.iter().any(|word| word == "accepted") {
            assert!(!calls.is_empty(), "accepted by nobody: {action:#?}");
        }
        if action.settled.iter().any(|word| word == "verified") {
            let count = effects["effects"].as_array().unwrap().iter().find_map(|effect| {
                (effect["verb"] == verb && effect["target"] == *action.target)
                    .then(|| effect["count"].as_u64())
            });
            assert!(count.flatten() >= Some(1), "done without evidence: {action:#?}\n{calls:?}");
        }
    }
    actions
}
