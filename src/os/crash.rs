//! Crash points: places at which a test can make a debug build die, as if it were killed or had a bug.

/// Dies here when `QUELL_CRASH_AT` names this point; does nothing in a release build.
pub fn point(name: &str) {
    if cfg!(debug_assertions) && super::env::var("QUELL_CRASH_AT").as_deref() == Some(name) {
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
