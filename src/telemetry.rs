//! Where quell says what it does: JSON lines in a file of its own, never on the screen.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use tracing::Level;

use crate::domain::fault::{Fault, FaultKind};

/// The log's name in the state folder.
const FILE: &str = "quell.log";
/// A log longer than this, in bytes, begins anew.
const AT_MOST: u64 = 5 << 20;

/// Starts to log into `folder`. The first call of a process decides.
///
/// # Errors
/// A [`FaultKind::Local`] fault if the file cannot be written.
pub fn start(folder: &Path) -> Result<(), Fault> {
    let path = folder.join(FILE);
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
    let log = file.and_then(|file| {
        if file.metadata()?.len() > AT_MOST {
            file.set_len(0)?;
        }
        Ok(file)
    });
    let log = log.map_err(|error| {
        Fault::new(FaultKind::Local, format!("the log {} cannot be written: {error}", path.display()))
    })?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(Level::INFO)
        .log_internal_errors(false)
        .with_writer(Mutex::new(log))
        .finish();
    // A second call finds a log there already, which is as good.
    drop(tracing::subscriber::set_global_default(subscriber));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_log_is_closed_to_others_and_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        start(folder.path()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        std::fs::File::options().write(true).open(&path).unwrap().set_len(AT_MOST + 1).unwrap();
        start(folder.path()).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < AT_MOST);
    }
}
