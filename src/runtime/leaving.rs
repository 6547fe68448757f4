//! The end of a console: the terminal is given back first, then what is under way is finished.

use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::signals::Caught;
use super::{Ended, FINISH, Running, mode};
use crate::console::message::NOT_SUSPENDED;
use crate::os::ancestors::somebody_continues;

/// Popups of the desktop are taken away within this.
const POPUPS_END_WITHIN: Duration = Duration::from_millis(500);
/// A wait longer than this is explained.
const EXPLAIN: Duration = Duration::from_millis(500);

impl Running {
    /// Gives the terminal back, and finishes what is under way.
    pub(super) async fn leave(&mut self, ended: Ended) -> Ended {
        // What is typed from here on is for whoever has the terminal next: nobody reads it until the process is gone.
        std::mem::forget(match self.end_editor().await {
            Some(held) => Some(held),
            None => self.keyboard.hold(&mut self.inputs).await,
        });
        self.inputs.close();
        self.answers.close();
        self.screen.leave().await;
        drop(timeout(POPUPS_END_WITHIN, self.teller.end()).await);
        let deadline = Instant::now() + FINISH;
        let (owed, engine, signals) = (&mut self.owed, &self.engine, &mut self.signals);
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
        if timeout(EXPLAIN, &mut finish).await.is_err() {
            let say = |what: &str| {
                if ended != Ended::HungUp {
                    mode::say(format!("quell: {what}\n").as_bytes());
                }
            };
            say("waiting for the outcome of what is under way, at most 12s");
            loop {
                let caught = tokio::select! {
                    biased;
                    () = &mut finish => break,
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
        if let Some(recorder) = self.recorder.take() {
            recorder.finish().await;
        }
        self.screen.left().await;
        ended
    }
}
