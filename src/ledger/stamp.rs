//! The process that writes, as every record of it says.

use std::time::Duration;

use crate::domain::record::Process;

/// The process that writes.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Its host.
    pub host: String,
    /// Its id there.
    pub pid: u32,
    /// The version of quell.
    pub version: String,
    /// Reads how long the machine has been up.
    pub up: fn() -> Duration,
    /// Reads whether the clock is kept by a time server, where somebody says so.
    pub synced: fn() -> Option<bool>,
}

impl Stamp {
    /// What a record that is written now says.
    pub(super) fn now(&self) -> Process {
        Process {
            host: self.host.clone(),
            pid: self.pid,
            version: self.version.clone(),
            boot_ms: u64::try_from((self.up)().as_millis()).ok(),
            clock_synced: (self.synced)(),
        }
    }
}
