//! The elements of a list, each as it stands in the answer: one that is poisoned hides no other, and no list is endless.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::domain::fault::{Fault, FaultKind};

/// More than anything that is true fits into an answer of the largest size.
pub(super) const MOST: usize = 100_000;

/// What the reader is told of more than that.
const ENDLESS: &str = "too many elements";

/// That a list has more than [`MOST`] elements.
pub(super) fn endless() -> Fault {
    Fault::new(FaultKind::TooLarge, format!("the answer is a list of more than {MOST} elements"))
}

/// What a list holds, not looked at yet.
#[derive(Debug)]
pub(super) struct Elements<'a>(pub(super) Vec<&'a RawValue>);

impl<'a> Elements<'a> {
    /// Reads what is a list, or holds one.
    ///
    /// # Errors
    /// It is none, which is said like this, or it has too many elements.
    pub(super) fn read<T: Deserialize<'a>>(text: &'a str, none: impl FnOnce() -> Fault) -> Result<T, Fault> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
