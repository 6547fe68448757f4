//! Says which commit quell is built from, where it is built from one.

use std::path::Path;
use std::process::Command;

/// What ends up in the program.
const BUILT_OF: [&str; 5] = ["src", "assets", "build.rs", "Cargo.toml", "Cargo.lock"];

fn main() {
    let version = env!("CARGO_PKG_VERSION");
    let said = commit().map_or_else(|| version.to_owned(), |commit| format!("{version} ({commit})"));
    println!("cargo:rustc-env=QUELL_VERSION={said}");
    // A path that is not there would have this run again in every build.
    for path in BUILT_OF.into_iter().filter(|path| Path::new(path).exists()) {
        println!("cargo:rerun-if-changed={path}");
    }
}

/// Twelve digits of the commit, and whether what is built differs from it.
fn commit() -> Option<String> {
    // A folder unpacked into somebody else's repository is not of theirs.
    let top = Path::new(&git(&["rev-parse", "--show-toplevel"])?).canonicalize().ok()?;
    if top != Path::new(".").canonicalize().ok()? {
        return None;
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    // The log of HEAD changes with every commit, whichever file its branch is kept in.
    for name in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", name])?;
        if Path::new(&path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    let changed = git(&[&["--no-optional-locks", "status", "--porcelain", "--"], &BUILT_OF[..]].concat())?;
    Some(if changed.is_empty() { commit } else { format!("{commit}+modified") })
}

/// What git says; nothing where there is no git, or it says no.
fn git(arguments: &[&str]) -> Option<String> {
    let said = Command::new("git").args(arguments).output().ok().filter(|said| said.status.success())?;
    Some(String::from_utf8(said.stdout).ok()?.trim().to_owned())
}
