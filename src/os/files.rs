//! Files and folders that belong to one user alone.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::domain::fault::Fault;

/// From now on, what this process creates is for its user only.
pub fn close_umask() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Makes sure a folder exists that only this user can enter, creating it (and its parents) where it is missing.
///
/// # Errors
/// A [local](Fault::local) fault if it is a link, no folder, another user's, or cannot be made.
pub fn private_dir(path: &Path) -> Result<(), Fault> {
    let shown = path.display();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| Fault::local(format!("the folder {shown} cannot be made: {error}")))?;
    let found = std::fs::symlink_metadata(path)
        .map_err(|error| Fault::local(format!("the folder {shown} cannot be read: {error}")))?;
    if found.is_symlink() || !found.is_dir() {
        return Err(Fault::local(format!(
            "{shown} is not a folder of its own; replace the link by a folder"
        )));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(Fault::local(format!(
            "the folder {shown} belongs to another user; choose one of your own"
        )));
    }
    if found.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(|error| {
            Fault::local(format!("the folder {shown} is open to others and cannot be closed: {error}"))
        })?;
    }
    Ok(())
}

/// Whether there is something at `path`, or that cannot be found out.
pub fn may_exist(path: &Path) -> bool {
    std::fs::symlink_metadata(path).map_or_else(|error| error.kind() != ErrorKind::NotFound, |_| true)
}

/// Writes a new file that only this user can read.
///
/// # Errors
/// A [local](Fault::local) fault if it exists already or cannot be written.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), Fault> {
    let mut file = new_private(path)?;
    file.write_all(content).map_err(|error| unwritable(path, &error))
}

/// A new file that only this user can read, to be written bit by bit.
///
/// # Errors
/// A [local](Fault::local) fault if it exists already or cannot be made.
pub fn new_private(path: &Path) -> Result<File, Fault> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|error| unwritable(path, &error))
}

/// What is said of a file that cannot be written.
pub fn unwritable(path: &Path, error: &std::io::Error) -> Fault {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return Fault::local(format!("the file {} is there already; name a new one", path.display()));
    }
    Fault::local(format!("the file {} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::FaultKind;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_private_folder_is_closed_to_others() {
        let home = tempfile::tempdir().unwrap();
        let made = home.path().join("state/quell");
        private_dir(&made).unwrap();
        assert_eq!(mode(&made), 0o700);
        std::fs::set_permissions(&made, Permissions::from_mode(0o755)).unwrap();
        private_dir(&made).unwrap();
        assert_eq!(mode(&made), 0o700);
    }

    #[test]
    fn a_link_is_no_private_folder() {
        let home = tempfile::tempdir().unwrap();
        let link = home.path().join("link");
        std::os::unix::fs::symlink(home.path(), &link).unwrap();
        assert_eq!(private_dir(&link).map_err(|fault| fault.kind), Err(FaultKind::Local));
    }

    #[test]
    fn a_private_file_is_new_and_closed() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("token");
        write_private(&file, b"secret").unwrap();
        assert_eq!(mode(&file), 0o600);
        assert!(write_private(&file, b"again").is_err());
    }
}
