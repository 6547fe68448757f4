//! `[dead_man]`: whom a wall tells that it lives.

use super::walk::{Typed, Walk, get};
use super::{Config, keys};
use crate::net::Environment;
use crate::notify::dead_man::{DeadMan, Settings};

/// Reads the table into `config`, and notes what is wrong.
/// With an environment, the switch is built to see whether it can be.
pub(super) fn read(
    walk: &mut Walk<'_>,
    root: &Typed<'_>,
    config: &mut Config,
    environment: Option<Environment>,
) {
    let Some(entry) = walk.one::<Settings>(root, "dead_man", &keys::DEAD_MAN) else { return };
    let ways = ["url", "url_command", "url_keyring", "url_file", "url_env"];
    let given: Vec<&str> = ways.into_iter().filter(|way| get(entry.table, way).is_some()).collect();
    match given.as_slice() {
        [_] => {
            let fault = environment.and_then(|environment| DeadMan::new(&entry.value, environment).err());
            if let Some(fault) = fault.filter(|_| entry.sound) {
                let (why, remedy) = fault.detail.raw().split_once("; ").unwrap_or((fault.detail.raw(), ""));
                walk.wrong(entry.at(&given), format!("[dead_man] cannot be used: {why}"), remedy);
            }
        }
        [] => {
            let remedy = "add url_command, url_keyring, url_file, url_env or url; whoever knows the URL can keep it quiet";
            walk.wrong(entry.span.clone(), "[dead_man] lacks its URL", remedy);
        }
        [_, other, ..] => {
            let message = format!("the URL is given more than once: {}", given.join(", "));
            walk.wrong(entry.at(&[other]), message, "keep one of them");
        }
    }
    config.dead_man = Some(entry.value);
}
