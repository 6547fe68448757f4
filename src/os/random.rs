//! Bytes nobody can guess.

use crate::domain::fault::{Fault, FaultKind};

/// Random bytes from the kernel.
///
/// # Errors
/// A fault on this machine: the kernel gives none.
pub fn bytes<const N: usize>() -> Result<[u8; N], Fault> {
    let mut out = [0; N];
    let mut filled = 0;
    while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let flags = rustix::rand::GetRandomFlags::empty();
        filled += rustix::rand::getrandom(rest, flags).map_err(|error| {
            Fault::new(FaultKind::Local, format!("the kernel gives no random bytes: {error}"))
        })?;
    }
    Ok(out)
}
