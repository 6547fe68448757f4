//! When the next frame is drawn: not sooner than an eye can follow, and whole where that costs no time one would notice.

use std::time::Duration;

use tokio::time::Instant;

/// Frames are at least this far apart.
pub(super) const FRAME: Duration = Duration::from_millis(16);
/// A frame waits so long for what was asked about the selected incident: one that shows half of it is not drawn first.
const WHOLE: Duration = Duration::from_millis(16);

/// What the next frame waits for.
pub(super) struct Frames {
    drawn_at: Instant,
    /// Since when an incident is asked for that has not come.
    asked_at: Option<Instant>,
}

impl Frames {
    /// None is drawn yet. The first waits as long for the engine as another for the one before it.
    pub(super) fn new() -> Self {
        Self { drawn_at: Instant::now(), asked_at: None }
    }

    /// The engine has spoken for the first time: what there is to see is drawn at once.
    pub(super) fn begin(&mut self) {
        self.drawn_at = self.drawn_at.checked_sub(FRAME).unwrap_or(self.drawn_at);
    }

    /// One is drawn now.
    pub(super) fn drawn(&mut self) {
        self.drawn_at = Instant::now();
    }

    /// The engine is asked for an incident. Of several that are asked for in a row the first counts: a key that is held
    /// down does not stop the screen.
    pub(super) fn asked(&mut self) {
        self.asked_at.get_or_insert_with(Instant::now);
    }

    /// It has answered.
    pub(super) fn answered(&mut self) {
        self.asked_at = None;
    }

    /// When the next is due.
    pub(super) fn due(&self) -> Instant {
        let paced = self.drawn_at + FRAME;
        self.asked_at.map_or(paced, |at| paced.max(at + WHOLE))
    }
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
        frames.asked();
        assert_eq!(frames.due(), began + FRAME + WHOLE);
        tokio::time::advance(WHOLE / 2).await;
        frames.asked();
        assert_eq!(frames.due(), began + FRAME + WHOLE, "the first of several");
        frames.answered();
        assert!(frames.due() <= Instant::now(), "at once");
        frames.drawn();
        assert_eq!(frames.due(), Instant::now() + FRAME);
    }
    #[tokio::test(start_paused = true)]
    async fn the_first_frame_waits_for_the_engine_and_no_longer() {
        let mut frames = Frames::new();
        assert_eq!(frames.due(), Instant::now() + FRAME);
        tokio::time::advance(FRAME / 4).await;
        frames.begin();
        assert!(frames.due() <= Instant::now(), "it has spoken");
        frames.drawn();
        assert_eq!(frames.due(), Instant::now() + FRAME);
    }
}
