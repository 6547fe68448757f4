//! From the name of a program to the file that runs.

use std::path::Path;

use rustix::fs::{Access, access};

use crate::domain::fault::Fault;
use crate::os::env;

/// The absolute path of a program: as named, or where `PATH` finds it.
///
/// # Errors
/// A [local](Fault::local) fault: there is no such program, or it may not be run.
pub fn find(name: &str) -> Result<String, Fault> {
    find_in(name, &env::var("PATH").unwrap_or_default())
}

fn find_in(name: &str, path: &str) -> Result<String, Fault> {
    if name.starts_with('/') {
        return runnable(name).map(|()| name.to_owned());
    }
    if name.contains('/') {
        return Err(Fault::local(format!(
            "{name} depends on the folder quell runs in; write its whole path"
        )));
    }
    let mut places = path.split(':').filter(|folder| folder.starts_with('/'));
    places
        .find_map(|folder| {
            let place = format!("{}/{name}", folder.trim_end_matches('/'));
            runnable(&place).is_ok().then_some(place)
        })
        .filter(|_| !name.is_empty())
        .ok_or_else(|| Fault::local(format!("there is no program {name} on the PATH; write its whole path")))
}

fn runnable(place: &str) -> Result<(), Fault> {
    let path = Path::new(place);
    let found =
        std::fs::metadata(path).map_err(|error| Fault::local(format!("{place} cannot be run: {error}")))?;
    if !found.is_file() {
        return Err(Fault::local(format!("{place} cannot be run: it is no file")));
    }
    access(path, Access::EXEC_OK).map_err(|error| Fault::local(format!("{place} cannot be run: {error}")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_name_is_found_where_it_may_be_run() {
        let home = tempfile::tempdir().unwrap();
        let folder = |name: &str, mode: u32| {
            let folder = home.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("freeze"), "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(folder.join("freeze"), std::fs::Permissions::from_mode(mode)).unwrap();
            folder.display().to_string()
        };
        let (closed, open) = (folder("closed", 0o600), folder("open", 0o700));
        std::fs::create_dir(home.path().join("open/folder")).unwrap();
        let path = format!(":relative:{closed}:{open}/");
        assert_eq!(find_in("freeze", &path), Ok(format!("{open}/freeze")));
        assert_eq!(find_in(&format!("{open}/freeze"), ""), Ok(format!("{open}/freeze")));
        let gone = format!("{open}/gone");
        let shut = format!("{closed}/freeze");
        for (name, why) in [
            ("freeze", "on the PATH"),
            ("", "on the PATH"),
            ("./freeze", "whole path"),
            (gone.as_str(), "No such file"),
            (shut.as_str(), "ermission denied"),
            (open.as_str(), "no file"),
        ] {
            let fault = find_in(name, "").unwrap_err();
            assert!(fault.detail.raw().contains(why), "{name}: {:?}", fault.detail);
        }
        assert!(find_in("folder", &path).is_err());
    }
}
