//! Whether files that hold secrets are closed to others.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use toml::Spanned;
use toml::de::DeValue;

use super::walk::{Typed, Walk};

/// Keys whose values are paths of files that hold secrets.
const FILES: [&str; 6] =
    ["token_file", "url_file", "routing_key_file", "password_file", "client_cert", "key_file"];

/// Checks the configuration itself, where it holds a secret, and every secret's file that is there.
pub(super) fn check(walk: &mut Walk<'_>, root: &Typed<'_>, path: &Path) {
    if let Some(secret) = walk.secrets().first().cloned()
        && is_open(path)
    {
        let remedy = format!("run: chmod 600 {}", path.display());
        walk.wrong(secret, "this file holds a secret and is open to others", remedy);
    }
    let many = root.values().filter_map(|value| value.get_ref().as_array()).flatten();
    let tables = root.values().chain(many).filter_map(|value| value.get_ref().as_table());
    for table in tables {
        for (_, value) in table.iter().filter(|(key, _)| FILES.contains(&key.get_ref().as_ref())) {
            file(walk, value);
        }
    }
}

fn file(walk: &mut Walk<'_>, value: &Spanned<DeValue<'_>>) {
    let Some(path) = value.get_ref().as_str() else { return };
    if is_open(Path::new(path)) && !walk.is_wrong(&value.span()) {
        let shown = path.escape_default();
        let message = format!("the file {shown} holds a secret and is open to others");
        walk.wrong(value.span(), message, format!("run: chmod 600 {shown}"));
    }
}

fn is_open(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.mode() & 0o077 != 0)
}
