//! Labels in one piece of memory: ten thousand signals have a hundred thousand of them, and incidents keep them all.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::Labels;
use crate::domain::text::Outside;

/// How much of a length one character says; one from there on says that another follows.
const STEP: usize = 64;

/// Labels, in order of their names, as one text: of each the name and the value, each after its length.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Packed(Box<str>);

impl Packed {
    /// The labels as they were.
    pub fn unpacked(&self) -> Labels {
        self.iter().collect()
    }

    /// Its labels, one by one.
    pub fn iter(&self) -> impl Iterator<Item = (Outside, Outside)> {
        self.raw().map(|(name, value)| (Outside::new(name), Outside::new(value)))
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }

    /// Names and values as they came, for comparing and matching; never for showing.
    pub fn raw(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            #[cfg(test)]
            tests::READ.with(|count| count.set(count.get() + 1));
            let (name, behind) = first(rest)?;
            let (value, behind) = first(behind)?;
            rest = behind;
            Some((name, value))
        })
    }

    /// A label's value as it came, for comparing and matching; never for showing.
    pub fn raw_value(&self, name: &str) -> Option<&str> {
        self.raw().find(|(this, _)| *this == name).map(|(_, value)| value)
    }
}

/// The text that stands first, and what follows it.
fn first(packed: &str) -> Option<(&str, &str)> {
    // Nearly all are as short as that, and a hundred thousand are read for one frame.
    if let [length @ 0..64, ..] = packed.as_bytes() {
        return packed.get(1..)?.split_at_checked(usize::from(*length));
    }
    let (mut length, mut unit, mut digits) = (0, 1, 0);
    for digit in packed.bytes() {
        let digit = usize::from(digit);
        length += digit % STEP * unit;
        unit *= STEP;
        digits += 1;
        if digit < STEP {
            return packed.get(digits..)?.split_at_checked(length);
        }
    }
    None
}

/// Adds a text behind those before it.
fn add(packed: &mut String, text: &str) {
    let mut length = text.len();
    while length >= STEP {
        packed.push(digit(STEP + length % STEP));
        length /= STEP;
    }
    packed.push(digit(length));
    packed.push_str(text);
}

/// One character of a length.
fn digit(value: usize) -> char {
    u8::try_from(value).map_or('\0', char::from)
}

impl From<&Labels> for Packed {
    fn from(labels: &Labels) -> Self {
        let mut packed = String::new();
        for (name, value) in labels {
            add(&mut packed, name.raw());
            add(&mut packed, value.raw());
        }
        Self(packed.into())
    }
}

impl From<Labels> for Packed {
    fn from(labels: Labels) -> Self {
        Self::from(&labels)
    }
}

impl<const N: usize> From<[(Outside, Outside); N]> for Packed {
    fn from(labels: [(Outside, Outside); N]) -> Self {
        Self::from(Labels::from(labels))
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unpacked().fmt(f)
    }
}

impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.raw())
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Packed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Packed, M::Error> {
        let mut packed = String::with_capacity(512);
        while map.next_key_seed(Part(&mut packed))?.is_some() {
            map.next_value_seed(Part(&mut packed))?;
        }
        let packed = Packed(packed.into());
        let in_order = packed.raw().map(|(name, _)| name).is_sorted_by(|one, next| one < next);
        Ok(if in_order { packed } else { Packed::from(&packed.unpacked()) })
    }
}

/// Adds a text to those before it.
struct Part<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Part<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        add(self.0, text);
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    thread_local! {
        /// How many labels were read in this test, and how often it was seen that there are no more.
        pub(crate) static READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    proptest! {
        #[test]
        fn what_is_packed_is_as_it_was(pairs in prop::collection::btree_map(".{0,9}", ".{0,9}", 0..9)) {
            let labels: Labels =
                pairs.iter().map(|(name, value)| (Outside::new(name), Outside::new(value))).collect();
            let packed = Packed::from(&labels);
            prop_assert_eq!(packed.unpacked(), labels.clone());
            for (name, value) in &pairs {
                prop_assert_eq!(packed.raw_value(name), Some(value.as_str()));
            }
            let json = serde_json::to_string(&packed).unwrap();
            prop_assert_eq!(&json, &serde_json::to_string(&labels).unwrap());
            prop_assert_eq!(serde_json::from_str::<Packed>(&json).unwrap(), packed);
        }
    }

    #[test]
    fn texts_of_any_length_are_told_apart() {
        let texts = [0, 1, 63, 64, 65, 4095, 4096, 300_000]
            .map(|length| "é".repeat(length / 2) + &"x".repeat(length % 2));
        let pairs = texts.iter().map(|text| (Outside::new(format!("n{text}")), Outside::new(text)));
        let labels: Labels = pairs.collect();
        assert_eq!(Packed::from(&labels).unpacked(), labels);
    }

    #[test]
    fn names_in_any_order_and_twice_are_as_a_map_has_them() {
        let json = r#"{"b":"1","a":"2\n","b":"3"}"#;
        let labels: Labels = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::from_str::<Packed>(json).unwrap(), Packed::from(&labels));
        assert!(serde_json::from_str::<Packed>(r#"{"a":1}"#).is_err());
    }

    #[test]
    fn what_it_is_printed_as_is_safe() {
        let labels = Labels::from([(Outside::new("a"), Outside::new("\u{202e}x"))]);
        assert_eq!(format!("{:?}", Packed::from(&labels)), format!("{labels:?}"));
    }
}
