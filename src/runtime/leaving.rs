//! The end of a console: the terminal is given back first, then what is under way is finished.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use super::signals::{Caught, Signals};
use super::{Ended, FINISH, Running, mode};
use crate::console::message::NOT_SUSPENDED;
use crate::engine::Engine;
use crate::os::ancestors::somebody_continues;

/// Popups of the desktop are taken away within this.
const POPUPS_END_WITHIN: Duration = Duration::from_millis(500);
/// A wait longer than this is explained.
const EXPLAIN: Duration = Duration::from_millis(500);

impl Running {
    /// Gives the terminal back, and finishes what is under way.
    pub(super) async fn leave(&mut self, ended: Ended) -> Ended {
        // What is typed from here on is for whoever has the terminal next: nobody reads it any more.
        self.end_editor().await;
        self.answers.close();
        self.screen.leave().await;
        let Self { screen, teller, engine, owed, signals, .. } = self;
        let finished = async {
            drop(timeout(POPUPS_END_WITHIN, teller.end()).await);
            finish(engine.as_ref(), owed, signals, ended).await;
        };
        screen.during(finished).await;
        if let Some(recorder) = self.recorder.take() {
            recorder.finish().await;
        }
        self.screen.left().await;
        ended
    }
}

/// Waits for what is under way, and says so where that takes long.
async fn finish(engine: Option<&Engine>, owed: &mut [JoinHandle<()>], signals: &mut Signals, ended: Ended) {
    let deadline = Instant::now() + FINISH;
    let mut finish = std::pin::pin!(async {
        if let Some(engine) = engine {
            // Whoever takes it pages from now on: nothing more begins here.
            engine.release().await;
        }
        for call in owed {
            drop(timeout_at(deadline, call).await);
        }
        if let Some(engine) = engine {
            engine.drain(deadline.saturating_duration_since(Instant::now())).await;
        }
    });
    if timeout(EXPLAIN, &mut finish).await.is_ok() {
        return;
    }
    let say = |what: &str| {
        if ended != Ended::HungUp {
            mode::say(format!("quell: {what}\n").as_bytes());
        }
    };
    say("waiting for the outcome of what is under way, at most 12s");
    loop {
        let caught = tokio::select! {
            biased;
            () = &mut finish => return,
            caught = signals.next() => caught,
        };
        match caught {
            Caught::Stop if somebody_continues() => signals.stop().await,
            Caught::Stop => say(NOT_SUSPENDED),
            Caught::End(_) => say("it ends as soon as the outcome is written down"),
            Caught::Continued | Caught::Resized => {}
        }
    }
}
