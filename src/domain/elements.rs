//! The parts of an answer, each as it stands there: one that is poisoned hides no other, what is not asked for is
//! skipped, and no list is endless.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::{Fault, FaultKind};

/// More than anything that is true fits into an answer of the largest size.
pub const MOST: usize = 100_000;

/// What the reader is told of more than that.
const ENDLESS: &str = "too many elements";

/// That a list has more than [`MOST`] elements.
pub fn endless() -> Fault {
    Fault::new(FaultKind::TooLarge, format!("the answer is a list of more than {MOST} elements"))
}

/// What a list holds, not looked at yet.
#[derive(Debug)]
pub struct Elements<'a>(pub Vec<&'a RawValue>);

impl<'a> Elements<'a> {
    /// Reads what is a list, or holds one.
    ///
    /// # Errors
    /// It is none, which is said like this, or it has too many elements.
    pub fn read<T: Deserialize<'a>>(text: &'a str, none: impl FnOnce() -> Fault) -> Result<T, Fault> {
        serde_json::from_str(text)
            .map_err(|error| if error.to_string().starts_with(ENDLESS) { endless() } else { none() })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Elements<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Elements<'de>, S::Error> {
                let mut all = Vec::new();
                while let Some(raw) = list.next_element()? {
                    if all.len() == MOST {
                        return Err(S::Error::custom(ENDLESS));
                    }
                    all.push(raw);
                }
                Ok(Elements(all))
            }
        }
        from.deserialize_seq(Reader)
    }
}

/// What stands under a name in an object, or at a place in a list.
pub fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let found = Member(name).deserialize(&mut reader).ok()??;
    reader.end().ok()?;
    Some(found.get())
}

struct Member<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Self::Value, M::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<Cow<'_, str>>()? {
            if name == self.0 {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        let Ok(place) = self.0.parse::<usize>() else { return Err(S::Error::custom("no place in a list")) };
        for _ in 0..place {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = list.next_element()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_member_is_read_and_the_others_are_skipped() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let object = format!(r#" {{"x":{deep},"a":1,"b":"\ud800","a":{{"c":[2]}}}}"#);
        assert_eq!(member(&object, "a"), Some(r#"{"c":[2]}"#), "the last one counts");
        assert_eq!((member(&object, "c"), member("7", "a"), member("", "a")), (None, None, None));
        let list = format!("[{deep}, 1, 2]");
        assert_eq!((member(&list, "2"), member(&list, "3"), member(&list, "a")), (Some("2"), None, None));
        assert_eq!((member("[1", "0"), member("[1] 2", "0")), (None, None), "it is no JSON");
    }

    #[test]
    fn a_list_has_an_end() {
        let list = |length: usize| format!("[{}]", vec!["0"; length].join(","));
        let read = |text: &str| {
            let read = Elements::read::<Elements<'_>>(text, || Fault::new(FaultKind::Malformed, "no list"));
            read.map(|all| all.0.len()).map_err(|fault| fault.kind)
        };
        assert_eq!((read("[]"), read(&list(MOST))), (Ok(0), Ok(MOST)));
        assert_eq!(read(&list(MOST + 1)), Err(FaultKind::TooLarge));
        assert_eq!(read("{}"), Err(FaultKind::Malformed));
    }
}
