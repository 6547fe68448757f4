//! Crash points: durable boundaries at which a test can make a debug build die as if it were killed.

/// Dies here when `QUELL_CRASH_AT` names this point; does nothing in a release build.
pub fn point(name: &str) {
    if cfg!(debug_assertions) && super::env::var("QUELL_CRASH_AT").as_deref() == Some(name) {
        std::process::abort();
    }
}
