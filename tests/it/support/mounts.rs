//! A shell on file systems of its own, which nobody else sees: too small, or read-only.

use std::process::{Command, Stdio};

use super::real::skip;
use super::scratch::Scratch;

/// A shell that runs this script as if it were root; `$QUELL` is the program and `$XDG_STATE_HOME` the state. `None`,
/// with a printed SKIP, where the kernel allows no mounts.
pub fn shell(machine: &Scratch, script: &str) -> Option<Command> {
    let mut allowed = Command::new("unshare");
    let allowed =
        allowed.args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        skip("unshare with user namespaces");
        return None;
    }
    let mut command = machine.program("unshare", &["-rm", "sh", "-euc", script]);
    command.env("QUELL", env!("CARGO_BIN_EXE_quell"));
    Some(command)
}

/// The same, on a network of its own besides, on which nobody is.
pub fn shell_on_a_network_of_its_own(machine: &Scratch, script: &str) -> Option<Command> {
    shell(machine, "")?;
    let mut command = machine.program("unshare", &["-rmn", "sh", "-euc", script]);
    command.env("QUELL", env!("CARGO_BIN_EXE_quell"));
    Some(command)
}
