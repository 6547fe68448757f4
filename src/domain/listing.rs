//! How answers in nobody's standard tell incidents: JSON pointers to what counts, and what the words for a state mean.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::elements::{self, Elements};
use super::fault::{Fault, FaultKind};
use super::text::SafeText;

/// Bytes of an id. What has more is none: shortened, it would be another one's.
const ID_BYTES: usize = 128;

/// Where in an answer the list stands, and where in an element what tells it from others and whether it is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The list; empty where the answer is one.
    #[serde(default)]
    pub list: String,
    /// What tells an element from every other.
    pub id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where it stands; without it, whatever is listed is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What the words that stand there mean.
    #[serde(default)]
    pub states: States,
    /// What leads to the next page; on the last one nothing stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The parameter of the query that carries what leads there; without it, that is an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// The words that mean a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct States {
    /// Nobody holds it.
    pub open: Vec<String>,
    /// Somebody holds it.
    pub acknowledged: Vec<String>,
    /// It is over.
    pub resolved: Vec<String>,
}

/// Where an element stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody holds it.
    Open,
    /// Somebody holds it.
    Acknowledged,
    /// It is over.
    Resolved,
    /// No word that is named: it may be as bad as open.
    Unnamed(String),
}

impl State {
    /// The word that look-ups and read-backs go by.
    pub fn word(&self) -> Cow<'static, str> {
        match self {
            Self::Open => "open".into(),
            Self::Acknowledged => "acknowledged".into(),
            Self::Resolved => "resolved".into(),
            // In quotes: whatever it says, it is none of the words above.
            Self::Unnamed(word) => format!("open ({word:?})").into(),
        }
    }
}

/// One incident of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// How the list is read.
    pub listing: Listing,
    /// Its id there.
    pub id: String,
}

impl Listed {
    /// What an answer says of it in words of ours, if it is there: `{"id": …, "title": …, "state": …}`.
    ///
    /// # Errors
    /// The answer is no such list, or two that differ have its id.
    pub fn find(&self, body: &str) -> Result<Option<Value>, Fault> {
        let elements = self.listing.elements(body)?;
        let unreadable = |raw: &&RawValue| serde_json::from_str::<Value>(raw.get()).is_err();
        let named = |raw: &&RawValue| self.listing.identity_in(raw.get()).as_ref() == Some(&self.id);
        if elements.iter().any(|raw| unreadable(raw) && named(raw)) {
            let id = SafeText::exact(&self.id);
            return Err(Fault::new(FaultKind::Malformed, format!("{id} is there and cannot be read")));
        }
        let read = elements.into_iter().filter_map(|raw| serde_json::from_str::<Value>(raw.get()).ok());
        let is_it = |element: &Value| self.listing.identity(element).as_ref() == Some(&self.id);
        let mut found = read.filter(is_it);
        let Some(element) = found.next() else { return Ok(None) };
        if found.any(|other| other != element) {
            let id = SafeText::exact(&self.id);
            let why = format!("another one has the id {id} there: which is meant, nobody knows; check `id`");
            return Err(Fault::new(FaultKind::Malformed, why));
        }
        let title = text_at(&element, self.listing.title.as_deref()).ok().flatten();
        let state = self.listing.state_of(&element).unwrap_or_else(State::Unnamed);
        Ok(Some(serde_json::json!({ "id": self.id, "title": title, "state": state.word() })))
    }

    /// What is said of one that is in no page any more.
    pub fn gone(&self) -> Value {
        serde_json::json!({ "id": self.id, "state": State::Resolved.word() })
    }
}

impl Listing {
    /// The elements of an answer, each as it came.
    ///
    /// # Errors
    /// It holds no list there, or one without an end.
    pub fn elements<'a>(&self, body: &'a str) -> Result<Vec<&'a RawValue>, Fault> {
        let list = raw_at(body, &self.list).ok_or_else(|| self.unlike())?;
        Elements::read::<Elements<'_>>(list, || self.unlike()).map(|all| all.0)
    }

    /// What an answer that holds no list there amounts to: absence from it means nothing.
    fn unlike(&self) -> Fault {
        let place = match self.list.as_str() {
            "" => "is no list".to_owned(),
            list => format!("holds no list at {list}"),
        };
        Fault::new(FaultKind::Malformed, format!("the answer {place}; check `path` and `list`"))
    }

    /// What leads to the next page, if there is one.
    ///
    /// # Errors
    /// What stands there is neither nothing nor a text or number.
    pub fn next_of(&self, body: &str) -> Result<Option<String>, String> {
        let Some(pointer) = &self.next else { return Ok(None) };
        match value_at(body, pointer).unwrap_or(Value::Null) {
            // Some say `false` where there is none.
            Value::Null | Value::Bool(false) => Ok(None),
            value => Ok(text_of(&value, pointer)?.filter(|next| !next.is_empty())),
        }
    }

    /// An element's id: a text, or a whole number that is told to the last digit.
    pub fn identity(&self, element: &Value) -> Option<String> {
        id(element.pointer(&self.id)?)
    }

    /// The id of an element that cannot be read as a whole.
    pub fn identity_in(&self, raw: &str) -> Option<String> {
        id(&value_at(raw, &self.id)?)
    }

    /// Where an element stands.
    ///
    /// # Errors
    /// A sentence: what stands there is no text, number or flag.
    pub fn state_of(&self, element: &Value) -> Result<State, String> {
        if self.state.is_none() {
            return Ok(State::Open);
        }
        let word = text_at(element, self.state.as_deref())?.unwrap_or_default();
        let States { open, acknowledged, resolved } = &self.states;
        let states = [(open, State::Open), (acknowledged, State::Acknowledged), (resolved, State::Resolved)];
        let named = states.into_iter().find(|(words, _)| words.contains(&word));
        Ok(named.map_or(State::Unnamed(word), |(_, state)| state))
    }
}

fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        _ => return None,
    };
    (!id.trim().is_empty() && id.len() <= ID_BYTES).then_some(id)
}

/// What stands at a pointer of a text, however poisoned that is beside it.
pub fn value_at(text: &str, pointer: &str) -> Option<Value> {
    serde_json::from_str(raw_at(text, pointer)?).ok()
}

/// The text that stands there, if any does: numbers and flags are written as JSON writes them.
///
/// # Errors
/// A sentence: it is a list or an object.
pub fn text_at(element: &Value, pointer: Option<&str>) -> Result<Option<String>, String> {
    match pointer.and_then(|pointer| Some((pointer, element.pointer(pointer)?))) {
        Some((pointer, value)) => text_of(value, pointer),
        None => Ok(None),
    }
}

fn text_of(value: &Value, pointer: &str) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) => Ok(Some(value.to_string())),
        Value::Array(_) => Err(format!("{pointer} is a list")),
        Value::Object(_) => Err(format!("{pointer} is an object")),
    }
}

/// What stands at a pointer, as it came: what is poisoned beside it is not read.
fn raw_at<'a>(text: &'a str, pointer: &str) -> Option<&'a str> {
    pointer
        .split('/')
        .skip(1)
        .try_fold(text, |text, token| elements::member(text, &token.replace("~1", "/").replace("~0", "~")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn listing() -> Listing {
        let text = "list = '/page/items'\nid = '/key'\ntitle = '/what'\nstate = '/at/phase'\nnext = '/page/next'\n\
                    states = { open = ['new', '1'], acknowledged = ['held'], resolved = ['closed', 'false'] }";
        toml::from_str(text).unwrap()
    }

    #[test]
    fn elements_are_found_where_they_stand_however_poisoned_their_neighbours_are() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let body = format!(r#"{{"x":{deep},"page":{{"items":[{deep},{{"key":7}}],"next":null}}}}"#);
        let elements = listing().elements(&body).unwrap();
        assert_eq!((elements.len(), elements[1].get()), (2, r#"{"key":7}"#));
        for body in
            ["null", "[]", "{}", r#"{"page":{"items":null}}"#, r#"{"page":{"items":{}}}"#, "", "<html>"]
        {
            assert!(listing().elements(body).is_err(), "{body}");
        }
        let whole = Listing { id: "/id".to_owned(), ..Listing::default() };
        assert_eq!(whole.elements(" [1, 2]").unwrap().len(), 2);
        let nth = Listing { list: "/1/a~1b".to_owned(), ..whole };
        assert_eq!(nth.elements(r#"[0, {"a/b": [1]}]"#).unwrap().len(), 1);
    }

    #[test]
    fn what_is_there_and_cannot_be_read_is_not_over() {
        let seven = Listed { listing: listing(), id: "7".to_owned() };
        let deep = "[".repeat(200) + &"]".repeat(200);
        let body = |id: u32| format!(r#"{{"page":{{"items":[{{"key":{id},"x":{deep}}}]}}}}"#);
        let fault = seven.find(&body(7)).unwrap_err();
        assert_eq!((fault.kind, fault.detail.raw()), (FaultKind::Malformed, "7 is there and cannot be read"));
        assert_eq!(seven.find(&body(8)), Ok(None));
    }

    #[test]
    fn an_id_is_exact_or_none() {
        let identity = |id: Value| listing().identity(&json!({ "key": id }));
        assert_eq!(identity(json!("INC-7")).as_deref(), Some("INC-7"));
        assert_eq!(identity(json!(u64::MAX)).as_deref(), Some("18446744073709551615"));
        for none in
            [json!(null), json!(""), json!(" "), json!(7.5), json!([7]), json!(true), json!("x".repeat(129))]
        {
            assert_eq!(identity(none.clone()), None, "{none}");
        }
        // A number that no integer holds would be rounded into another one's.
        let huge: Value = serde_json::from_str(r#"{"key":123456789012345678901234567890}"#).unwrap();
        assert_eq!(listing().identity(&huge), None);
    }

    #[test]
    fn a_word_that_is_not_named_is_none_of_those_that_are() {
        let state = |word: Value| listing().state_of(&json!({ "at": { "phase": word } }));
        assert_eq!(state(json!("held")), Ok(State::Acknowledged));
        assert_eq!((state(json!(1)), state(json!(false))), (Ok(State::Open), Ok(State::Resolved)));
        let unnamed = state(json!("resolved")).unwrap();
        assert_eq!(
            (unnamed.word().as_ref(), &unnamed),
            ("open (\"resolved\")", &State::Unnamed("resolved".into()))
        );
        assert_eq!(state(Value::Null), Ok(State::Unnamed(String::new())));
        assert_eq!(state(json!({})), Err("/at/phase is an object".to_owned()));
    }

    #[test]
    fn what_leads_on_is_a_text_or_a_number_or_nothing() {
        let next = |next: &str| listing().next_of(&format!(r#"{{"page":{{"next":{next}}}}}"#));
        for (said, leads) in
            [("null", None), ("\"\"", None), ("false", None), ("\"c2\"", Some("c2")), ("17", Some("17"))]
        {
            assert_eq!(next(said), Ok(leads.map(str::to_owned)), "{said}");
        }
        assert!(next("{}").is_err());
        assert_eq!(listing().next_of("{}"), Ok(None));
    }

    #[test]
    fn one_of_a_list_is_told_in_words_of_ours() {
        let listed = Listed { listing: listing(), id: "7".to_owned() };
        let body = r#"{"page":{"items":[{"key":8},{"key":7,"what":"burns","at":{"phase":"closed"}}]}}"#;
        let found = listed.find(body).unwrap().unwrap();
        assert_eq!(found, json!({ "id": "7", "title": "burns", "state": "resolved" }));
        assert_eq!(listed.find(r#"{"page":{"items":[]}}"#), Ok(None));
        assert_eq!(listed.find("[]").unwrap_err().kind, FaultKind::Malformed);
        let endless = format!(r#"{{"page":{{"items":[{}]}}}}"#, vec!["0"; elements::MOST + 1].join(","));
        assert_eq!(listed.find(&endless).unwrap_err().kind, FaultKind::TooLarge);
        // Said twice it is one; of two that differ, nobody knows which.
        let said = |what: &str| format!(r#"{{"page":{{"items":[{{"key":7}},{{"key":7{what}}}]}}}}"#);
        assert!(listed.find(&said("")).unwrap().is_some());
        let twins = listed.find(&said(r#","what":"burns""#)).unwrap_err();
        assert!(twins.detail.raw().contains("another one has the id 7 there"), "{twins:?}");
    }
}
