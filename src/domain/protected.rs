//! Targets that nobody may touch, or nobody alone.

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::whole::whole;

/// What a protected target needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// To be left alone.
    #[default]
    Refuse,
    /// A second person who approves.
    Approval,
}

/// Targets that are protected, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protected {
    /// Regular expressions; one of them matches the whole target, in any case of letters.
    pub targets: Vec<String>,
    /// From these playbooks; from all, when none is named.
    #[serde(default)]
    pub playbooks: Vec<String>,
    /// What such a target needs.
    #[serde(default)]
    pub needs: Needs,
    /// Why, for people.
    pub because: String,
}

impl Protected {
    /// Whether one of these is protected from a playbook.
    pub fn covers<'a>(&self, playbook: &str, mut targets: impl Iterator<Item = &'a str>) -> bool {
        let meant = self.playbooks.is_empty() || self.playbooks.iter().any(|id| id == playbook);
        // What cannot be read protects everything; the check of the configuration lets none through.
        let patterns: Vec<Option<Regex>> = self.targets.iter().map(|target| compile(target).ok()).collect();
        let matches =
            |target: &str| patterns.iter().any(|it| it.as_ref().is_none_or(|it| it.is_match(target)));
        meant && targets.any(matches)
    }

    /// The patterns that are none: the place of each, and why.
    pub fn flaws(&self) -> Vec<(usize, String)> {
        let why = |(place, target): (usize, &String)| Some((place, compile(target).err()?));
        self.targets.iter().enumerate().filter_map(why).collect()
    }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    whole(pattern, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_target_is_protected_however_it_is_written() {
        let protected = Protected {
            targets: vec!["acct-mm-.*".into(), "100[0-9]".into()],
            playbooks: vec!["freeze".into()],
            needs: Needs::Refuse,
            because: "market maker".into(),
        };
        let covers = |playbook: &str, target: &str| protected.covers(playbook, std::iter::once(target));
        for target in ["acct-MM-1", "ACCT-mm-", "1007"] {
            assert!(covers("freeze", target), "{target}");
            assert!(!covers("isolate", target), "{target}");
        }
        for target in ["21007", "10070", "acct-m", ""] {
            assert!(!covers("freeze", target), "{target}");
        }
        let everywhere = Protected { playbooks: Vec::new(), ..protected };
        assert!(everywhere.covers("isolate", ["88213", "1001"].into_iter()));
        let unreadable = Protected { targets: vec!["a)|(?:b".into()], ..everywhere };
        assert!(unreadable.covers("freeze", std::iter::once("88213")));
        assert_eq!(unreadable.flaws(), [(0, "unopened group".to_owned())]);
    }
}
