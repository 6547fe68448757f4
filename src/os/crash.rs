//! Crash points: places at which a test can make a debug build die, as if it were killed or had a bug.

/// Every point has one name, and stands in one list, so that a test of all of them cannot forget one.
macro_rules! points {
    ($($(#[$about:meta])* $point:ident = $name:literal,)*) => {
        /// A boundary between what is on the disk, what has left the machine and what is only in memory.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Point {
            $($(#[$about])* $point,)*
        }

        impl Point {
            /// All of them, in the order in which a change reaches them.
            pub const ALL: &[Self] = &[$(Self::$point,)*];

            /// How `QUELL_CRASH_AT` names it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)*
                }
            }
        }
    };
}

points! {
    /// What a source says is in the live tables; nothing of what it opens is written down.
    AfterSignals = "after-signals",
    /// A change is confirmed and looked at once more; nothing of it is written down.
    BeforeIntent = "before-intent",
    /// Its intent is durable.
    AfterIntent = "after-intent",
    /// What it may destroy was read and kept.
    AfterCaptures = "after-captures",
    /// That it is sent is durable; no byte has left.
    AfterSent = "after-sent",
    /// The other side has answered; nothing of that is written down.
    AfterAnswer = "after-answer",
    /// What it answered is durable; nothing was read back.
    AfterOutcome = "after-outcome",
    /// It was read back; nothing of that is written down.
    BeforeSettled = "before-settled",
    /// What a dead quell left was found; nothing of that is written down.
    BeforeRecovered = "before-recovered",
    /// A step of an escalation is durable as begun; nobody was told.
    AfterStepStarted = "after-step-started",
    /// People were told; nothing of that is written down.
    AfterTelling = "after-telling",
    /// A bulletin is durable as begun; nothing was posted.
    AfterBulletinStarted = "after-bulletin-started",
    /// A channel has answered a bulletin; nothing of that is written down.
    AfterBulletinPosted = "after-bulletin-posted",
    /// What it answered is durable; other channels may not have answered.
    AfterBulletinAnswered = "after-bulletin-answered",
}

/// Dies here when `QUELL_CRASH_AT` names this point; does nothing in a release build.
pub fn point(point: Point) {
    if cfg!(debug_assertions) && super::env::var("QUELL_CRASH_AT").as_deref() == Some(point.name()) {
        std::process::abort();
    }
}

/// Panics here, with a text a terminal would act on, when `QUELL_PANIC_AT` names this task; does nothing in a release
/// build.
#[expect(clippy::panic, reason = "that is what it is for")]
pub fn task(name: &str) {
    if cfg!(debug_assertions) && super::env::var("QUELL_PANIC_AT").as_deref() == Some(name) {
        panic!("asked to\u{1b}]0;owned\u{7} é日 by QUELL_PANIC_AT");
    }
}
