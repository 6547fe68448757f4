//! What a recording does not say: what was typed into a field, and the values of sensitive labels, whoever has read them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::console::message::Message;
use crate::console::tape::Step;
use crate::domain::sensitive::{HIDDEN, without_words};
use crate::engine::Engine;

/// What stands for a character that was typed.
const DOT: char = '•';
/// A shorter text is found in too many others to be looked for there.
const SHORTEST: usize = 4;
/// What is asked here repeats what was typed in no other place, or is read by it again.
const BY_ITSELF: [&str; 5] = ["confirm", "form", "bulk", "filter", "find"];

/// Hides what a recording does not say.
pub struct Blackout {
    engine: Option<Engine>,
    /// In lower case.
    sensitive: BTreeSet<String>,
    /// What was typed since something is asked, in lower case.
    typed: BTreeSet<String>,
}

impl Blackout {
    /// What is sensitive is known by the engine.
    pub fn new(engine: Option<Engine>) -> Self {
        Self { engine, sensitive: BTreeSet::new(), typed: BTreeSet::new() }
    }

    /// The step as it may be kept.
    pub fn over(&mut self, step: &Step) -> Value {
        if let (Some(engine), Step::Message(message)) = (&self.engine, step)
            && !matches!(message, Message::Ticked | Message::Drawn | Message::Pressed(_))
        {
            self.sensitive.extend(engine.sensitive_values(message_detail(message)));
            self.sensitive.remove(HIDDEN);
        }
        let Ok(mut value) = serde_json::to_value(step) else { return left_out() };
        let mut hidden = self.sensitive.clone();
        if let Step::Hand(_) = step {
            self.mask(&mut value);
            hidden.extend(self.typed.iter().cloned());
        } else if matches!(step, Step::Message(Message::Pressed(_))) {
            // Nothing is asked: what was typed before is what the ledger has of it.
            self.typed.clear();
        }
        if hidden.is_empty() {
            return value;
        }
        let mut words: Vec<String> = hidden.into_iter().collect();
        // The longest first: one that another is a part of is hidden whole.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        self.hide(value, &words)
    }

    /// What is typed, as dots; what was typed is remembered.
    fn mask(&mut self, step: &mut Value) {
        let Some(hand) = step.get_mut("hand").and_then(Value::as_object_mut) else { return };
        let asked = hand.get("prompt").and_then(Value::as_object).and_then(|prompt| prompt.keys().next());
        let asked = asked.cloned().unwrap_or_default();
        let by_itself = BY_ITSELF.contains(&asked.as_str());
        // A filter is a question, and what it shows depends on it. What is sensitive is none, not even half of it.
        let plain = matches!(asked.as_str(), "filter" | "find");
        if plain && !self.sensitive.is_empty() {
            hand.remove("prompt");
            hand.insert("prompt".to_owned(), Value::Null);
            hand.insert("filter".to_owned(), Value::Null);
            hand.insert("found".to_owned(), Value::String(String::new()));
        }
        for (name, part) in hand {
            if !(plain && name == "prompt") {
                let mut typed = BTreeSet::new();
                fields(part, &mut typed);
                if !by_itself {
                    self.typed.extend(typed);
                }
            }
        }
    }

    /// The step without these words, or that it is left out: where one of them is the name of something, it cannot be read
    /// without it.
    fn hide(&self, value: Value, words: &[String]) -> Value {
        let said = value.to_string().to_lowercase();
        let said: Vec<String> = words.iter().filter(|word| said.contains(&escaped(word))).cloned().collect();
        if said.is_empty() {
            return value;
        }
        let mut hidden = value;
        strings(&mut hidden, &said);
        let is_read = serde_json::from_value::<Step>(hidden.clone()).is_ok();
        if is_read && !self.says_sensitive(&hidden) { hidden } else { left_out() }
    }

    /// Whether a name says what is sensitive.
    fn says_sensitive(&self, value: &Value) -> bool {
        let words: Vec<String> = self.sensitive.iter().cloned().collect();
        let text = value.to_string();
        !words.is_empty() && without_words(&text, &words) != text
    }
}

fn left_out() -> Value {
    serde_json::to_value(Step::LeftOut).unwrap_or_default()
}

/// The incident a message tells everything about.
fn message_detail(message: &Message) -> Option<&crate::backend::Detail> {
    match message {
        Message::Opened { detail: Ok(detail), .. } => Some(detail),
        _ => None,
    }
}

/// A text as it stands in JSON.
fn escaped(word: &str) -> String {
    let text = Value::String(word.to_owned()).to_string();
    text.trim_matches('"').to_owned()
}

/// Puts dots into every field, and notes what was in it.
fn fields(value: &mut Value, typed: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let parts =
                (map.len() == 2).then(|| Some((map.get("before")?.as_str()?, map.get("after")?.as_str()?)));
            if let Some(Some((before, after))) = parts {
                let text = format!("{before}{after}");
                let all = text.lines().map(|line| line.trim().to_ascii_lowercase());
                typed.extend(all.filter(|line| line.chars().count() >= SHORTEST));
                map.values_mut().for_each(dots);
                return;
            }
            map.values_mut().for_each(|value| fields(value, typed));
        }
        Value::Array(all) => all.iter_mut().for_each(|value| fields(value, typed)),
        _ => {}
    }
}

fn dots(value: &mut Value) {
    if let Value::String(text) = value {
        *text = text.chars().map(|c| if c == '\n' { c } else { DOT }).collect();
    }
}

/// Hides these words in every text.
fn strings(value: &mut Value, words: &[String]) {
    match value {
        Value::String(text) => *text = without_words(text, words),
        Value::Array(all) => all.iter_mut().for_each(|value| strings(value, words)),
        Value::Object(map) => map.values_mut().for_each(|value| strings(value, words)),
        _ => {}
    }
}
