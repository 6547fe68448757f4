//! An engine in this process, watched until it shows something.

use std::time::Duration;

use quell::backend::{Backend, Changes};
use quell::domain::id::Cursor;
use quell::domain::operator::Operator;
use quell::engine::Engine;

/// Waits until the engine shows this person what is asked for; panics after 40 s.
pub async fn until<T>(engine: &Engine, who: &Operator, what: &str, ask: impl Fn(&Changes) -> Option<T>) -> T {
    let watch = async {
        let mut cursor = Cursor::default();
        loop {
            let changes = engine.changes(who, &cursor, Duration::from_secs(1)).await.unwrap();
            if let Some(found) = ask(&changes) {
                return found;
            }
            cursor = changes.cursor;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), watch).await.unwrap_or_else(|_| panic!("never saw {what}"))
}
