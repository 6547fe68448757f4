//! Which key asks for which command.

pub mod fixed;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::chord::Chord;
use super::command::{Command, TABLE};

/// Which key asks for which command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keymap(BTreeMap<Chord, Command>);

impl Default for Keymap {
    fn default() -> Self {
        let keys = TABLE.iter().flat_map(|entry| entry.keys.iter().map(|key| (*key, entry.command)));
        Self(keys.filter_map(|(key, command)| Some((Chord::parse(key)?, command))).collect())
    }
}

impl Keymap {
    /// The default keys, with those of some commands replaced: command name → keys.
    ///
    /// # Errors
    /// Everything that is wrong, one sentence each.
    pub fn with(changed: &BTreeMap<String, Vec<Chord>>) -> Result<Self, Vec<String>> {
        let mut map = Self::default();
        let mut wrong = Vec::new();
        let mut wanted = Vec::new();
        for (name, chords) in changed {
            match TABLE.iter().find(|entry| entry.name == name) {
                Some(entry) => {
                    map.0.retain(|_, command| *command != entry.command);
                    wanted.extend(chords.iter().map(|chord| (*chord, entry)));
                }
                None => wrong.push(format!(
                    "no command is called `{}`; `quell` lists them under ?",
                    name.escape_default()
                )),
            }
        }
        for (chord, entry) in wanted {
            match map.0.insert(chord, entry.command) {
                Some(other) if other != entry.command => {
                    let other = other.entry().map_or("", |entry| entry.name);
                    wrong.push(format!(
                        "`{chord}` is both `{other}` and `{}`; give one of them another key",
                        entry.name
                    ));
                }
                _ => {}
            }
        }
        // Without these nobody finds the others, or the way out.
        for command in [Command::Help, Command::Back, Command::Quit] {
            if map.keys(command).is_empty() {
                let name = command.entry().map_or("", |entry| entry.name);
                wrong.push(format!("`{name}` has no key left; give it one"));
            }
        }
        if wrong.is_empty() { Ok(map) } else { Err(wrong) }
    }

    /// What a key asks for.
    pub fn command(&self, chord: Chord) -> Option<Command> {
        self.0.get(&chord).copied()
    }

    /// The keys of a command; the one to show comes first.
    pub fn keys(&self, command: Command) -> Vec<Chord> {
        let mut keys: Vec<Chord> =
            self.0.iter().filter(|(_, c)| **c == command).map(|(chord, _)| *chord).collect();
        let default = command.entry().and_then(|entry| Chord::parse(entry.keys.first()?));
        keys.sort_by_key(|chord| Some(*chord) != default);
        keys
    }

    /// The key to show for a command.
    pub fn key(&self, command: Command) -> String {
        self.keys(command).first().map(ToString::to_string).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(name: &str, key: &str) -> BTreeMap<String, Vec<Chord>> {
        BTreeMap::from([(name.to_owned(), vec![Chord::parse(key).unwrap()])])
    }

    #[test]
    fn every_default_key_is_a_key_and_means_one_thing() {
        let keys: usize = TABLE.iter().map(|entry| entry.keys.len()).sum();
        assert_eq!(Keymap::default().0.len(), keys);
    }

    #[test]
    fn keys_can_be_changed_and_conflicts_are_found() {
        let map = Keymap::with(&changed("acknowledge", "Z")).unwrap();
        assert_eq!(map.command(Chord::parse("Z").unwrap()), Some(Command::Acknowledge));
        assert_eq!(map.command(Chord::parse("a").unwrap()), None);
        assert_eq!(
            Keymap::with(&changed("acknowledge", "j")).unwrap_err(),
            ["`j` is both `down` and `acknowledge`; give one of them another key"]
        );
        assert!(Keymap::with(&changed("dance", "j")).is_err());
        let none = BTreeMap::from([("quit".to_owned(), Vec::new()), ("help".to_owned(), Vec::new())]);
        let wrong = Keymap::with(&none).unwrap_err();
        assert_eq!(wrong, ["`help` has no key left; give it one", "`quit` has no key left; give it one"]);
        let none = BTreeMap::from([("refresh".to_owned(), Vec::new())]);
        assert!(Keymap::with(&none).is_ok());
    }
}
