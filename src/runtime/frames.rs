//! When the next frame is drawn: not sooner than an eye can follow, and whole where that costs no time one would notice.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::console::list::List;
use crate::console::model::Model;

/// Frames are at least this far apart.
pub(super) const FRAME: Duration = Duration::from_millis(16);
/// A frame waits so long for what was asked about a selected incident of which nothing was read ahead: one that shows half of
/// it is not drawn first.
const WHOLE: Duration = Duration::from_millis(16);

/// Waits until then; what is due is due at once, without asking the clock of the tasks.
pub(super) async fn until(moment: Instant) {
    if Instant::now() < moment {
        sleep_until(moment).await;
    }
}

/// The same; for ever, where there is no such moment.
pub(super) async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => until(moment).await,
        None => std::future::pending().await,
    }
}

/// What the next frame waits for.
pub(super) struct Frames {
    drawn_at: Instant,
    /// When the last one was drawn that changed anything on the terminal.
    changed_at: Instant,
    /// A person has done something since.
    hurries: bool,
    /// Since when an incident is waited for.
    waits_since: Option<Instant>,
}

impl Frames {
    /// None is drawn yet. The first waits as long for the engine as another for the one before it.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { drawn_at: now, changed_at: now, hurries: false, waits_since: None }
    }

    /// The engine has spoken for the first time: what there is to see is drawn at once.
    pub(super) fn begin(&mut self) {
        self.drawn_at = self.drawn_at.checked_sub(FRAME).unwrap_or(self.drawn_at);
    }

    /// One is drawn now, which `changes` something on the terminal or not.
    pub(super) fn drawn(&mut self, changes: bool) {
        self.drawn_at = Instant::now();
        self.changed_at = if changes { self.drawn_at } else { self.changed_at };
        self.hurries = false;
    }

    /// A person has done something: a frame that changed nothing holds up none of theirs.
    pub(super) fn hurry(&mut self) {
        self.hurries = true;
    }

    /// Whether an incident is waited for. Of several in a row the first counts: a key that is held down does not stop the
    /// screen.
    pub(super) fn wait(&mut self, for_one: bool) {
        self.waits_since = for_one.then(|| self.waits_since.unwrap_or_else(Instant::now));
    }

    /// When the next is due.
    pub(super) fn due(&self) -> Instant {
        let paced = if self.hurries { self.changed_at } else { self.drawn_at } + FRAME;
        self.waits_since.map_or(paced, |at| paced.max(at + WHOLE))
    }
}

/// Where the cursors stand.
pub(super) fn stands(model: &Model) -> impl PartialEq + use<> {
    [&model.triage, &model.review].map(List::stands)
}

/// What else may come to be seen by time alone, whatever is told.
pub(super) fn shown(model: &Model) -> impl PartialEq + use<> {
    let behind = [&model.triage, &model.review].map(List::is_behind);
    let toast = model.toast.as_ref().map(|toast| (toast.at, toast.state));
    (model.board.revision.number(), behind, toast, model.dark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_frame_waits_for_what_was_asked_but_not_for_long() {
        let mut frames = Frames::new();
        let began = Instant::now();
        assert_eq!(frames.due(), began + FRAME);
        tokio::time::advance(FRAME).await;
        frames.wait(true);
        assert_eq!(frames.due(), began + FRAME + WHOLE);
        tokio::time::advance(WHOLE / 2).await;
        frames.wait(true);
        assert_eq!(frames.due(), began + FRAME + WHOLE, "the first of several");
        frames.wait(false);
        assert!(frames.due() <= Instant::now(), "at once");
        frames.drawn(true);
        assert_eq!(frames.due(), Instant::now() + FRAME);
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_that_changed_nothing_holds_up_no_key() {
        let mut frames = Frames::new();
        tokio::time::advance(FRAME).await;
        frames.drawn(false);
        assert_eq!(frames.due(), Instant::now() + FRAME, "what comes by itself is paced");
        frames.hurry();
        assert!(frames.due() <= Instant::now());
        frames.drawn(true);
        frames.hurry();
        assert_eq!(frames.due(), Instant::now() + FRAME, "no eye could follow");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_frame_waits_for_the_engine_and_no_longer() {
        let mut frames = Frames::new();
        assert_eq!(frames.due(), Instant::now() + FRAME);
        tokio::time::advance(FRAME / 4).await;
        frames.begin();
        assert!(frames.due() <= Instant::now(), "it has spoken");
        frames.drawn(true);
        assert_eq!(frames.due(), Instant::now() + FRAME);
    }
}
