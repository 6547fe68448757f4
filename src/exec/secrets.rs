//! The values a program was trusted with, kept out of what it says.

use memchr::memmem;

use crate::domain::sensitive::HIDDEN;
use crate::os::env;

/// Variables that say how to run, and nothing to keep; so do those that begin with [`PLAIN_STARTS`].
const PLAIN: [&str; 10] = ["HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER"];
const PLAIN_STARTS: [&str; 2] = ["LC_", "XDG_"];
/// What is shorter, in bytes, would hide half of what is said, and is no secret for long.
const SHORTEST: usize = 8;

/// The values of the variables that were passed on to a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// The values of these variables as they are now.
    pub fn passed(names: &[String]) -> Self {
        let plain =
            |name: &str| PLAIN.contains(&name) || PLAIN_STARTS.iter().any(|start| name.starts_with(start));
        let values = names.iter().filter(|name| !plain(name)).filter_map(|name| env::var(name));
        Self::of(values)
    }

    fn of(values: impl Iterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.filter(|value| value.len() >= SHORTEST).collect();
        // One that another is a part of is hidden whole.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(values)
    }

    /// What was said, with dots in the place of every value; of what was `cut` also in that of one that it ends within.
    pub fn hide(&self, said: &[u8], cut: bool) -> Vec<u8> {
        let mut said = said.to_vec();
        for value in self.0.iter().map(String::as_bytes) {
            said = replace(&said, value);
            let begun = (SHORTEST..value.len()).rev().filter_map(|length| value.get(..length));
            if let Some(begun) = begun.filter(|_| cut).find(|begun| said.ends_with(begun)) {
                said.truncate(said.len() - begun.len());
                said.extend_from_slice(HIDDEN.as_bytes());
            }
        }
        said
    }

    /// As [`hide`](Self::hide), of a text.
    pub fn hide_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, value| text.replace(value, HIDDEN))
    }
}

fn replace(said: &[u8], value: &[u8]) -> Vec<u8> {
    let (mut out, mut kept) = (Vec::with_capacity(said.len()), 0);
    for at in memmem::find_iter(said, value) {
        out.extend_from_slice(said.get(kept..at).unwrap_or_default());
        out.extend_from_slice(HIDDEN.as_bytes());
        kept = at + value.len();
    }
    out.extend_from_slice(said.get(kept..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_hidden_whole_and_a_short_one_is_none() {
        let secrets =
            Secrets::of(["hunter2-token", "hunter2-token-long", "eu"].map(str::to_owned).into_iter());
        let hidden = |text: &str, cut| String::from_utf8(secrets.hide(text.as_bytes(), cut)).unwrap();
        let said = "a hunter2-token-long b hunter2-token c eu";
        assert_eq!(hidden(said, false), "a •••• b •••• c eu");
        assert_eq!(secrets.hide_in(said), "a •••• b •••• c eu");
        assert_eq!(hidden("it ends in hunter2-tok", true), "it ends in ••••");
        assert_eq!(hidden("it ends in hunter2-tok", false), "it ends in hunter2-tok");
        assert_eq!(Secrets::passed(&["PATH".into(), "HOME".into(), "LC_ALL".into()]), Secrets::default());
    }
}
