//! Which key asks for which command.

pub mod fixed;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::chord::{Chord, Key};
use super::command::{Command, Entry, TABLE};

/// What ends a program that reads a terminal; it is no other command's.
const INTERRUPT: Chord = Chord { ctrl: true, ..Chord::plain(Key::Char('c')) };

/// Which key asks for which command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Commands", into = "Commands")]
pub struct Keymap {
    commands: Commands,
    /// The same the other way round: the one to show comes first, and stands there as it is written.
    keys: BTreeMap<Command, (Vec<Chord>, String)>,
}

/// What each key asks for.
type Commands = BTreeMap<Chord, Command>;

impl From<Commands> for Keymap {
    fn from(commands: Commands) -> Self {
        let mut keys: BTreeMap<Command, (Vec<Chord>, String)> = BTreeMap::new();
        for (chord, command) in &commands {
            keys.entry(*command).or_default().0.push(*chord);
        }
        for (command, (chords, written)) in &mut keys {
            let default = command.entry().and_then(|entry| Chord::parse(entry.keys.first()?));
            chords.sort_by_key(|chord| Some(*chord) != default);
            *written = chords.first().map(ToString::to_string).unwrap_or_default();
        }
        Self { commands, keys }
    }
}

impl From<Keymap> for Commands {
    fn from(map: Keymap) -> Self {
        map.commands
    }
}

impl Default for Keymap {
    fn default() -> Self {
        let keys = TABLE.iter().flat_map(|entry| entry.keys.iter().map(|key| (*key, entry.command)));
        Self::from(
            keys.filter_map(|(key, command)| Some((Chord::parse(key)?, command))).collect::<Commands>(),
        )
    }
}

/// Whether it is a key of forms, which they would never see.
fn takes_from_forms(entry: &Entry, chord: Chord) -> bool {
    let usual = || entry.keys.iter().any(|key| Chord::parse(key) == Some(chord));
    matches!(entry.command, Command::Suspend | Command::Redraw)
        && chord.ctrl
        && fixed::is_used(chord)
        && !usual()
}

impl Keymap {
    /// The default keys, with those of some commands replaced: command name → keys.
    ///
    /// # Errors
    /// Everything that is wrong, one sentence each.
    pub fn with(changed: &BTreeMap<String, Vec<Chord>>) -> Result<Self, Vec<String>> {
        let mut commands = Self::default().commands;
        let mut wrong = Vec::new();
        let mut wanted = Vec::new();
        for (name, chords) in changed {
            match TABLE.iter().find(|entry| entry.name == name) {
                Some(entry) => {
                    commands.retain(|_, command| *command != entry.command);
                    wanted.extend(chords.iter().map(|chord| (*chord, entry)));
                }
                None => wrong.push(format!(
                    "no command is called `{}`; `quell` lists them under ?",
                    name.escape_default()
                )),
            }
        }
        for (chord, entry) in wanted {
            let name = entry.name;
            match chord.never_sent() {
                Some(Some(instead)) => {
                    wrong.push(format!(
                        "`{chord}` of `{name}` is {instead} in a terminal; write \"{instead}\""
                    ));
                }
                Some(None) => {
                    wrong.push(format!("no terminal sends `{chord}` of `{name}`; take another key"));
                }
                None if chord == INTERRUPT && entry.command != Command::Quit => {
                    wrong.push(format!(
                        "`{name}` cannot be `{chord}`, which ends a program; take another key"
                    ));
                }
                // They are asked for whatever a form asks, and would be taken from it.
                None if takes_from_forms(entry, chord) => {
                    wrong.push(format!("`{chord}` of `{name}` is used in forms; take another key"));
                }
                None => {}
            }
            match commands.insert(chord, entry.command) {
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
        let map = Self::from(commands);
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
        self.commands.get(&chord).copied()
    }

    /// The keys of a command; the one to show comes first.
    pub fn keys(&self, command: Command) -> &[Chord] {
        self.keys.get(&command).map(|(chords, _)| chords.as_slice()).unwrap_or_default()
    }

    /// The key of a command, or its name on the command line where it has none.
    pub fn way(&self, command: Command) -> String {
        let name = || format!(":{}", command.entry().map_or("", |entry| entry.name));
        Some(self.key(command)).filter(|key| !key.is_empty()).unwrap_or_else(name)
    }

    /// The key that takes back what was laid over a screen: a filter, marks.
    pub fn takes_back(&self) -> &str {
        let esc = self.command(Chord::plain(Key::Esc)) == Some(Command::Back);
        if esc { "esc" } else { self.written(Command::Back) }
    }

    /// The key to show for a command.
    pub fn key(&self, command: Command) -> String {
        self.written(command).to_owned()
    }

    /// The same, as it stands here; empty where there is none.
    pub fn written(&self, command: Command) -> &str {
        self.keys.get(&command).map(|(_, written)| written.as_str()).unwrap_or_default()
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
        assert_eq!(Keymap::default().commands.len(), keys);
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
        for (name, key, said) in [
            ("quit", "ctrl-m", "`ctrl-m` of `quit` is enter in a terminal; write \"enter\""),
            ("mark", "ctrl-I", "`ctrl-I` of `mark` is tab in a terminal; write \"tab\""),
            ("mark", "ctrl-D", "`ctrl-D` of `mark` is ctrl-d in a terminal; write \"ctrl-d\""),
            ("mark", "alt-[", "no terminal sends `alt-[` of `mark`; take another key"),
            ("mark", "ctrl-c", "`mark` cannot be `ctrl-c`, which ends a program; take another key"),
            ("suspend", "ctrl-s", "`ctrl-s` of `suspend` is used in forms; take another key"),
            ("redraw", "ctrl-s", "`ctrl-s` of `redraw` is used in forms; take another key"),
            ("suspend", "ctrl-l", "`ctrl-l` of `suspend` is used in forms; take another key"),
            ("suspend", "ctrl-g", "`ctrl-g` of `suspend` is used in forms; take another key"),
            ("suspend", "ctrl-a", "`ctrl-a` of `suspend` is used in forms; take another key"),
        ] {
            assert!(Keymap::with(&changed(name, key)).unwrap_err().contains(&said.to_owned()), "{key}");
        }
        let none = BTreeMap::from([("quit".to_owned(), Vec::new()), ("help".to_owned(), Vec::new())]);
        let wrong = Keymap::with(&none).unwrap_err();
        assert_eq!(wrong, ["`help` has no key left; give it one", "`quit` has no key left; give it one"]);
        let none = BTreeMap::from([("refresh".to_owned(), Vec::new())]);
        assert!(Keymap::with(&none).is_ok());
        assert!(
            Keymap::with(&changed("suspend", "ctrl-x")).is_ok()
                && Keymap::with(&changed("merge", "ctrl-s")).is_ok()
        );
    }
}
