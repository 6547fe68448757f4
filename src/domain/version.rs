//! Which quell this is.

/// The version, and the commit it was built from where that is known: `0.1.0 (1a2b3c4d5e6f)`, with `+modified` behind
/// the commit where what was built differs from it.
pub const VERSION: &str = env!("QUELL_VERSION");
