//! What most incidents never have: a pointer wide while it is as it began, and made room for when it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a value is as long as nothing was put into it.
pub trait Bare: Clone + PartialEq + 'static {
    /// Nothing, of this kind; one for all that are.
    const BARE: &'static Self;
}

impl<T: Clone + PartialEq + 'static> Bare for Vec<T> {
    const BARE: &'static Self = &Self::new();
}

impl<T: Clone + PartialEq + 'static> Bare for BTreeSet<T> {
    const BARE: &'static Self = &Self::new();
}

impl<K: Clone + PartialEq + 'static, V: Clone + PartialEq + 'static> Bare for BTreeMap<K, V> {
    const BARE: &'static Self = &Self::new();
}

/// A value that is read and written like any other, and takes memory of its own only once it is written.
#[derive(Clone)]
pub struct Rare<T>(Option<Box<T>>);

/// Whether there is nothing in it, for what is not even written then.
pub fn is_bare<T: Bare>(rare: &Rare<T>) -> bool {
    **rare == *T::BARE
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Bare> Deref for Rare<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::BARE)
    }
}

impl<T: Bare> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_with(|| Box::new(T::BARE.clone()))
    }
}

impl<T: Bare> From<T> for Rare<T> {
    fn from(value: T) -> Self {
        Self((value != *T::BARE).then(|| Box::new(value)))
    }
}

impl<T: Bare> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Bare + Eq> Eq for Rare<T> {}

impl<T: Bare + fmt::Debug> fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<'a, T: Bare> IntoIterator for &'a Rare<T>
where
    &'a T: IntoIterator,
{
    type Item = <&'a T as IntoIterator>::Item;
    type IntoIter = <&'a T as IntoIterator>::IntoIter;
    fn into_iter(self) -> Self::IntoIter {
        (**self).into_iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Rare<T>
where
    &'a mut T: IntoIterator,
{
    type Item = <&'a mut T as IntoIterator>::Item;
    type IntoIter = std::iter::Flatten<std::option::IntoIter<&'a mut T>>;
    fn into_iter(self) -> Self::IntoIter {
        // Iterating over nothing allocates nothing.
        self.0.as_deref_mut().into_iter().flatten()
    }
}

impl<T: Bare + Serialize> Serialize for Rare<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de, T: Bare + Deserialize<'de>> Deserialize<'de> for Rare<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::incident::{Incident, Joined};

    #[test]
    fn an_incident_is_small_until_somebody_responds() {
        let bytes = size_of::<Incident>();
        assert!(bytes <= 520, "{bytes}: ten thousand of them are kept");
        let bytes = size_of::<Joined>();
        assert!(bytes <= 104, "{bytes}: each has one of them at least");
    }

    #[test]
    fn it_is_what_is_in_it_and_takes_no_room_while_that_is_nothing() {
        assert_eq!(size_of::<Rare<BTreeMap<String, String>>>(), size_of::<usize>());
        let mut rare = Rare::<Vec<u8>>::default();
        assert!(rare.is_empty() && rare == Rare::from(Vec::new()));
        rare.push(7);
        assert_eq!((rare.as_slice(), format!("{rare:?}")), (&[7][..], "[7]".to_owned()));
        assert_eq!(rare.clone(), Rare::from(vec![7]));
        rare.clear();
        assert_eq!(rare, Rare::default(), "what was emptied is as what was never filled");
        let (mut all, mut sum) = (Rare::from(vec![1, 2]), 0);
        for each in &mut all {
            *each += 1;
        }
        for each in &all {
            sum += each;
        }
        assert_eq!(sum, 5);
    }

    #[test]
    fn it_is_written_as_what_is_in_it() {
        for text in ["[]", "[1,2]"] {
            let rare: Rare<Vec<u8>> = serde_json::from_str(text).unwrap();
            assert_eq!(rare.0.is_some(), text != "[]");
            assert_eq!(serde_json::to_string(&rare).unwrap(), text);
        }
    }
}
