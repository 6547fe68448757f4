//! The only reader of the environment.

use std::ffi::OsString;
use std::path::PathBuf;

/// A variable that is set, not empty, and text.
pub fn var(name: &str) -> Option<String> {
    raw(name)?.into_string().ok()
}

/// A variable that holds an absolute path; XDG asks to ignore relative ones.
pub fn path(name: &str) -> Option<PathBuf> {
    Some(PathBuf::from(raw(name)?)).filter(|path| path.is_absolute())
}

/// Where the user's configuration lives: `$XDG_CONFIG_HOME` or `~/.config`.
pub fn config_home() -> Option<PathBuf> {
    path("XDG_CONFIG_HOME").or_else(|| Some(path("HOME")?.join(".config")))
}

/// Where programs keep their state: `$XDG_STATE_HOME` or `~/.local/state`.
pub fn state_home() -> Option<PathBuf> {
    path("XDG_STATE_HOME").or_else(|| Some(path("HOME")?.join(".local/state")))
}

/// Where short-lived files go: `$TMPDIR` or `/tmp`.
pub fn temp_dir() -> PathBuf {
    path("TMPDIR").unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// The name of the user who started this: the environment's word, else the machine's list of users.
pub fn user() -> Option<String> {
    var("USER").or_else(|| var("LOGNAME")).or_else(account)
}

/// The name of the account this runs in, whatever the environment says.
pub fn account() -> Option<String> {
    let uid = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mine = users.lines().find(|line| line.split(':').nth(2) == Some(&uid))?;
    mine.split(':').next().map(str::to_owned)
}

#[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
fn raw(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
