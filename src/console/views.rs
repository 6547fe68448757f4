//! Saved views: filters that a digit shows.

use serde::{Deserialize, Serialize};

use crate::domain::query::Query;

/// A filter that a digit shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// The digit, from 1 to 9.
    pub key: u8,
    /// What it is called.
    pub name: String,
    /// What it shows.
    pub filter: Query,
}

/// The view of a digit, if one is saved.
pub fn of_key(views: &[View], key: u8) -> Option<&View> {
    views.iter().find(|view| view.key == key)
}
