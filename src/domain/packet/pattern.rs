//! How the values of one item are recognised, as configuration writes it.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// Bytes of an item's name, of a key and of a regular expression.
const NAME_BYTES: usize = 64;
const FIND_BYTES: usize = 1024;
/// Bytes that a compiled regular expression may take.
const COMPILED_BYTES: usize = 1 << 20;

/// Where a pattern looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Labels of signals, and those given by hand.
    Labels,
    /// Titles, descriptions and annotations of signals, with the JSON in them.
    Details,
    /// Notes on the incident.
    Notes,
    /// What linked monitors saw last.
    Probes,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 4] = [Self::Labels, Self::Details, Self::Notes, Self::Probes];
}

/// How the values of one item are recognised: under these keys, by this expression, or by it under these keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The item of the packet.
    pub item: String,
    /// Where it looks.
    #[serde(rename = "in", default = "everywhere")]
    pub within: Vec<Place>,
    /// Names of labels, of JSON members and of `key=value`, whatever their case and without `_`, `-`, `.` and space;
    /// with a leading `/` the end of a JSON pointer. `*` stands for anything, in a pointer for one step.
    #[serde(default)]
    pub keys: Vec<String>,
    /// A regular expression: its first group, or all of it, is a value. Without it the whole text under a key is one.
    #[serde(default)]
    pub find: Option<String>,
    /// The patterns that quell ships for this item are not used.
    #[serde(default)]
    pub only: bool,
}

fn everywhere() -> Vec<Place> {
    Place::ALL.to_vec()
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Which of its keys is wrong.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Pattern {
    /// Everything that is wrong with it.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut wrong = |key, message: String, remedy| flaws.push(Flaw { key, message, remedy });
        if self.item.trim().is_empty() || self.item.len() > NAME_BYTES {
            let message = format!("`item` must be a name of at most {NAME_BYTES} bytes");
            wrong("item", message, "write it as the packet calls it, like \"order ids\"");
        }
        if self.keys.is_empty() && self.find.is_none() {
            let message = "a pattern without keys and find finds nothing".to_owned();
            wrong("item", message, "add keys = [\"order_id\"], find = a regular expression, or both");
        }
        for key in &self.keys {
            let shown = key.escape_default();
            if key.len() > NAME_BYTES {
                let message = format!("a key is longer than {NAME_BYTES} bytes: `{shown}`");
                wrong("keys", message, "use `*` for the rest of it");
            } else if squeeze(key).chars().all(|c| matches!(c, '*' | '/')) {
                let message = format!("`{shown}` stands for every key");
                wrong("keys", message, "name the key, or use find alone");
            }
        }
        match self.find.as_deref().map(compile) {
            None => {}
            Some(Err(why)) => {
                let message = format!("`find` is no usable regular expression: {why}");
                wrong("find", message, "write a smaller or simpler one; there is no look-around");
            }
            Some(Ok(find)) if find.is_match("") => {
                let message = "`find` matches an empty text: it would find nothing everywhere".to_owned();
                wrong("find", message, "ask for at least one character");
            }
            Some(Ok(_)) => {}
        }
        flaws
    }
}

/// A regular expression that takes linear time and little space.
pub(super) fn compile(find: &str) -> Result<Regex, String> {
    if find.len() > FIND_BYTES {
        return Err(format!("it is longer than {FIND_BYTES} bytes"));
    }
    RegexBuilder::new(find).size_limit(COMPILED_BYTES).dfa_size_limit(COMPILED_BYTES).build().map_err(
        |error| match error {
            regex::Error::CompiledTooBig(_) => "it is too big".to_owned(),
            error => {
                let why = error.to_string();
                why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
            }
        },
    )
}

/// A key as keys are compared.
pub(in crate::domain) fn squeeze(key: &str) -> String {
    let kept = key.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' '));
    kept.map(|c| c.to_ascii_lowercase()).collect()
}
