//! Text from outside, and the only way it becomes text on a screen.

use serde::{Deserialize, Serialize};

/// Text from outside, exactly as received. It has no `Display`: it cannot be formatted by accident.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outside(String);

impl Outside {
    /// Takes text as it came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it came, for comparing and matching; never for showing.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Outside {
    fn borrow(&self) -> &str {
        &self.0
    }
}
