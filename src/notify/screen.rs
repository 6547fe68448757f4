//! Whether anybody is attached to GNU screen: it cannot be asked, and says it by the mode of its socket, as `screen -ls` reads it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What its owner may do with the socket while somebody is attached.
const ATTACHED: u32 = 0o100;

/// As its server calls itself, and how the kind of the terminal begins that it shows.
pub(super) const NAME: &str = "screen";

/// Whether this runs in a window of GNU screen. Whatever is started there inherits its variable, another terminal also: it counts
/// only where the kind of this one, or who opened it, says the same.
pub(super) fn is_here(environment: &impl Fn(&str) -> Option<String>, opener: Option<&str>) -> bool {
    let kind = environment("TERM");
    environment("STY").is_some() && (opener == Some(NAME) || kind.is_some_and(|kind| kind.starts_with(NAME)))
}

/// The socket of the session this runs in, where it is found.
pub(super) fn socket(environment: &impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let session = environment("STY")?;
    let named = environment("SCREENDIR").map(PathBuf::from);
    let machines = environment("USER").map(|user| PathBuf::from(format!("/run/screen/S-{user}")));
    let own = environment("HOME").map(|home| Path::new(&home).join(".screen"));
    let folders = [named, machines, own].into_iter().flatten();
    folders.map(|folder| folder.join(&session)).find(|socket| socket.exists())
}

/// Whether nobody is attached; `false` where the socket does not tell.
pub(super) fn is_detached(socket: &Path) -> bool {
    socket.metadata().is_ok_and(|found| found.permissions().mode() & ATTACHED == 0)
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};

    use super::*;

    #[test]
    fn what_is_started_in_a_window_of_screen_and_opens_its_own_terminal_is_in_none() {
        let here = |kind: &str, opener| {
            let variables = [("STY", "1.quell"), ("TERM", kind)];
            let variable = |name: &str| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            };
            is_here(&variable, opener)
        };
        assert!(here("screen.xterm-256color", Some("sudo")) && here("screen", None));
        assert!(here("xterm-256color", Some("screen")), "whatever its windows are told they are");
        assert!(!here("xterm-256color", Some("xterm")) && !here("alacritty", None));
        assert!(!is_here(&|name: &str| (name == "TERM").then(|| "screen".to_owned()), Some("screen")));
    }

    #[test]
    fn a_socket_tells_whether_somebody_is_attached_and_one_that_is_not_found_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("1.pts-0.bastion");
        std::fs::write(&file, "").unwrap();
        let named = |name: &str| match name {
            "STY" => Some("1.pts-0.bastion".to_owned()),
            "SCREENDIR" => Some(folder.path().to_str().unwrap().to_owned()),
            _ => None,
        };
        assert_eq!(socket(&named), Some(file.clone()));
        assert_eq!(socket(&|name: &str| named(name).filter(|_| name != "SCREENDIR")), None);
        for (mode, detached) in [(0o600, true), (0o700, false)] {
            set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_detached(&file), detached, "{mode:o}");
        }
        std::fs::remove_file(&file).unwrap();
        assert!(!is_detached(&file));
    }
}
