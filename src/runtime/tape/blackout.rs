//! What a recording does not say: what was typed into a field, and the values of sensitive labels, whoever has read them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::backend::Detail;
use crate::console::command;
use crate::console::message::Message;
use crate::console::phrase::PHRASES;
use crate::console::tape::Step;
use crate::domain::sensitive::{HIDDEN, Spoken, without_words};
use crate::engine::Engine;

/// What stands for a character that was typed, and what for a sensitive value. Targets are shown to the letter, and these
/// letters are themselves then.
const STAR: char = '*';
const STARS: &str = "****";
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

    /// The step as it may be kept, as JSON.
    pub fn over(&mut self, step: &Step) -> String {
        if let Some(engine) = self.engine.as_ref().filter(|_| says_something(step)) {
            self.sensitive.extend(engine.sensitive_values(detail(step)));
            self.sensitive.remove(HIDDEN);
        }
        let by_hand = matches!(step, Step::Hand(_));
        if matches!(step, Step::Message(Message::Pressed(_))) {
            // Nothing was asked: what was typed before is what the ledger has of it.
            self.typed.clear();
        }
        if !self.sensitive.is_empty() && is_of_the_past(step) {
            return left_out();
        }
        if !by_hand && self.sensitive.is_empty() {
            return serde_json::to_string(step).unwrap_or_else(|_| left_out());
        }
        let Ok(mut value) = serde_json::to_value(step) else { return left_out() };
        let mut hidden = self.sensitive.clone();
        if by_hand {
            self.mask(&mut value);
            hidden.extend(self.typed.iter().cloned());
        }
        let mut words: Vec<String> = hidden.into_iter().collect();
        // The longest first: one that another is a part of is hidden whole.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        self.hide(value, &words)
    }

    /// What is typed, as stars; what was typed is remembered.
    fn mask(&mut self, step: &mut Value) {
        let Some(hand) = step.get_mut("hand").and_then(Value::as_object_mut) else { return };
        let asked = hand.get("prompt").and_then(asked).unwrap_or_default().to_owned();
        let by_itself = BY_ITSELF.contains(&asked.as_str());
        // A filter is a question, and what it shows depends on it. What is sensitive is none, not even half of it.
        let plain = matches!(asked.as_str(), "filter" | "find");
        if !self.sensitive.is_empty() {
            if plain {
                hand.insert("prompt".to_owned(), Value::Null);
            }
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
    fn hide(&self, mut value: Value, words: &[String]) -> String {
        // One look at the step for all of them: there may be ten thousand.
        let mut spoken = Spoken::default();
        hear(&value, &mut spoken);
        let said: Vec<String> = words.iter().filter(|word| spoken.may_say(word)).cloned().collect();
        if said.is_empty() {
            return value.to_string();
        }
        strings(&mut value, &said);
        let text = value.to_string();
        // A name may say it too.
        let sensitive: Vec<String> = said.into_iter().filter(|word| self.sensitive.contains(word)).collect();
        let says = without_words(&text, &sensitive) != text;
        if !says && serde_json::from_value::<Step>(value).is_ok() { text } else { left_out() }
    }
}

/// What stands in the place of a step that cannot be kept.
pub fn left_out() -> String {
    serde_json::to_string(&Step::LeftOut).unwrap_or_default()
}

/// Whether what the engine knows may stand in it.
fn says_something(step: &Step) -> bool {
    !matches!(step, Step::Message(Message::Ticked | Message::Drawn | Message::Pressed(_)) | Step::LeftOut)
}

/// Whether it tells of what ended long ago: what is sensitive of that, the engine does not know by heart.
fn is_of_the_past(step: &Step) -> bool {
    let Step::Message(message) = step else { return false };
    match message {
        Message::WatchRead { .. } | Message::RecordsRead { .. } | Message::StoredRead { .. } => true,
        Message::Opened { detail: Ok(detail), .. } => detail.incident.is_closed(),
        _ => false,
    }
}

/// The incident a step tells everything about.
fn detail(step: &Step) -> Option<&Detail> {
    match step {
        Step::Message(Message::Opened { detail: Ok(detail), .. }) => Some(detail),
        _ => None,
    }
}

/// What is asked, also while its answer is awaited.
fn asked(prompt: &Value) -> Option<&str> {
    let (name, inner) = prompt.as_object()?.iter().next()?;
    match name.as_str() {
        "waiting" => inner.get("back").and_then(asked).or(Some(name)),
        _ => Some(name),
    }
}

/// Listens to everything that a value says: texts, numbers, names.
fn hear(value: &Value, spoken: &mut Spoken) {
    match value {
        Value::String(text) => spoken.take(text),
        Value::Number(number) => spoken.take(&number.to_string()),
        Value::Array(all) => all.iter().for_each(|value| hear(value, spoken)),
        Value::Object(map) => map.iter().for_each(|(name, value)| {
            spoken.take(name);
            hear(value, spoken);
        }),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Puts stars into every field, and notes what was in it.
fn fields(value: &mut Value, typed: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let parts =
                (map.len() == 2).then(|| Some((map.get("before")?.as_str()?, map.get("after")?.as_str()?)));
            if let Some(Some((before, after))) = parts {
                let text = format!("{before}{after}");
                let all = text.lines().map(|line| line.trim().to_ascii_lowercase());
                typed.extend(all.filter(|line| line.chars().count() >= SHORTEST && !is_of_a_command(line)));
                map.values_mut().for_each(stars);
                return;
            }
            map.values_mut().for_each(|value| fields(value, typed));
        }
        Value::Array(all) => all.iter_mut().for_each(|value| fields(value, typed)),
        _ => {}
    }
}

/// Whether it says no more than a command's name begins with: that word stands in too much else.
fn is_of_a_command(typed: &str) -> bool {
    let mut names = command::TABLE.iter().map(|row| row.name).chain(PHRASES.iter().map(|row| row.name));
    names.any(|name| name.starts_with(typed))
}

fn stars(value: &mut Value) {
    if let Value::String(text) = value {
        *text = text.chars().map(|c| if c == '\n' { c } else { STAR }).collect();
    }
}

/// Hides these words in every text.
fn strings(value: &mut Value, words: &[String]) {
    match value {
        Value::String(text) => {
            let hidden = without_words(text, words);
            if hidden != *text {
                *text = hidden.replace(HIDDEN, STARS);
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|value| strings(value, words)),
        Value::Object(map) => map.values_mut().for_each(|value| strings(value, words)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::chord::Chord;
    use crate::console::keymap::Keymap;
    use crate::console::model::{Model, Settings, Size};
    use crate::console::update;
    use crate::domain::time::Time;

    #[test]
    fn a_value_is_hidden_whatever_its_letters_and_however_it_is_encoded() {
        let mut blackout = Blackout::new(None);
        let values = ["Österreich Trading GmbH", "ana@example.com"];
        blackout.sensitive.extend(values.map(str::to_ascii_lowercase));
        let said = "of Österreich Trading GmbH, see https://x.example/?q=ana%40example.com";
        let kept = blackout.over(&Step::Message(Message::Pasted(crate::domain::text::Outside::new(said))));
        assert!(!kept.contains("sterreich") && !kept.contains("ana%40example"), "{kept}");
    }

    /// A console in which something is typed on the command line.
    fn typing(text: &str) -> (Model, Step) {
        let none = String::new;
        let settings = Settings {
            operator: none(),
            config: none(),
            reviews: none(),
            build: String::new(),
            remark: None,
            keymap: Keymap::default(),
            views: Vec::new(),
            opener: None,
        };
        let mut model = Model::new(settings, Size { cols: 80, rows: 24 }, Time::UNIX_EPOCH);
        for key in [":".to_owned()].into_iter().chain(text.chars().map(String::from)) {
            let pressed = Message::Pressed(Chord::parse(&key).unwrap());
            drop(update(&mut model, Time::UNIX_EPOCH, pressed));
        }
        let step = Step::of(true, Message::Pressed(Chord::parse("enter").unwrap()), &model).unwrap();
        (model, step)
    }

    #[test]
    fn what_is_typed_is_stars_and_stays_so_where_it_is_repeated() {
        let (mut model, step) = typing("hunter2");
        let mut blackout = Blackout::new(None);
        let kept = blackout.over(&step);
        assert!(kept.contains("*******") && !kept.contains("hunter2"), "{kept}");
        drop(update(&mut model, Time::UNIX_EPOCH, Message::Pressed(Chord::parse("enter").unwrap())));
        let refused = Step::of(true, Message::Pressed(Chord::parse("enter").unwrap()), &model).unwrap();
        let said = serde_json::to_string(&refused).unwrap();
        let kept = blackout.over(&refused);
        assert!(said.contains("hunter2") && !kept.contains("hunter2"), "{said}\n{kept}");
        assert!(serde_json::from_str::<Step>(&kept).is_ok());
    }

    #[test]
    fn the_name_of_a_command_is_no_secret_wherever_it_stands() {
        let (mut model, step) = typing("down");
        let mut blackout = Blackout::new(None);
        assert!(blackout.over(&step).contains("****"), "what is typed is stars, whatever it is");
        model.prompt = None;
        model.toast = Some(crate::console::model::Toast {
            text: "it is written down".to_owned(),
            state: crate::console::model::ToastState::Done,
            at: Time::UNIX_EPOCH,
            reverse: None,
            before: false,
            untold: None,
        });
        let said = Step::of(true, Message::Pressed(Chord::parse("esc").unwrap()), &model).unwrap();
        let kept = blackout.over(&said);
        assert!(kept.contains("written down"), "{kept}");
    }

    #[test]
    fn what_is_sensitive_is_hidden_in_every_text_or_the_step_is_left_out() {
        let mut blackout = Blackout::new(None);
        blackout.sensitive.insert("88213".to_owned());
        let shown = Message::NoticeShown { notice: 1, how: "told of 88213, not of 882130".to_owned() };
        let kept = blackout.over(&Step::Message(shown));
        assert!(kept.contains("told of ****, not of 882130"), "{kept}");
        let read =
            Message::RecordsRead { stretch: crate::console::ledger::Stretch::Last, records: Ok(Vec::new()) };
        assert_eq!(
            blackout.over(&Step::Message(read.clone())),
            "\"left-out\"",
            "what ended long ago may say it"
        );
        assert_ne!(Blackout::new(None).over(&Step::Message(read)), "\"left-out\"");
        blackout.sensitive.insert("unreachable".to_owned());
        let refusal = crate::backend::Refusal::new(crate::backend::RefusalKind::Unreachable, "no");
        let kept = blackout.over(&Step::Message(Message::Refreshed(Err(refusal))));
        assert_eq!(kept, "\"left-out\"", "a word of the form itself");
    }
}
