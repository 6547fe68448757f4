//! The machine quell runs on: its clock, environment, files, tasks and threads.

pub mod ancestors;
pub mod clock;
pub mod crash;
pub mod env;
pub mod files;
pub mod memory;
pub mod random;
pub mod ready;
pub mod sleep;
pub mod spawn;

use crate::domain::fault::{Fault, FaultKind};

/// Makes this process keep what it knows to itself: files for the owner only, no core dump, memory closed to others.
///
/// # Errors
/// What the kernel refused.
pub fn harden() -> Result<(), Fault> {
    use rustix::process::{Resource, Rlimit, setrlimit};

    files::close_umask();
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).map_err(|error| {
        Fault::new(FaultKind::Local, format!("core dumps cannot be switched off: {error}"))
    })?;
    close_memory()
}

/// From now on a file that reaches the limit on its size is an error for who writes it, and not the end of the
/// process. Needs a runtime.
///
/// # Errors
/// What the kernel refused.
pub fn outlive_file_limit() -> Result<(), Fault> {
    use tokio::signal::unix::{SignalKind, signal};

    // Whoever hears the signal is not ended by it; that it came is of no further interest.
    signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())).map(drop).map_err(|error| {
        Fault::new(FaultKind::Local, format!("the limit on files cannot be outlived: {error}"))
    })
}

#[cfg(target_os = "linux")]
fn close_memory() -> Result<(), Fault> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|error| Fault::new(FaultKind::Local, format!("memory cannot be closed to others: {error}")))
}

#[cfg(not(target_os = "linux"))]
fn close_memory() -> Result<(), Fault> {
    Ok(())
}
