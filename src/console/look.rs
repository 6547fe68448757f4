//! The looks there are, by name; what each is made of is the view's.

use serde::{Deserialize, Serialize};

/// A look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// The terminal's own dark ground, and its sixteen colours.
    #[default]
    Dark,
    /// A white ground.
    Light,
    /// Black, white and what is brightest.
    HighContrast,
    /// Colours that differ for everybody (Okabe and Ito's).
    ColourBlind,
    /// No colour at all: bold, dim and reverse.
    Mono,
}

impl Look {
    /// Every look.
    pub const ALL: [Self; 5] = [Self::Dark, Self::Light, Self::HighContrast, Self::ColourBlind, Self::Mono];
    /// Their names.
    pub const NAMES: [&'static str; 5] = ["dark", "light", "high-contrast", "colour-blind", "mono"];

    /// The look of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::NAMES.into_iter().zip(Self::ALL);
        all.find(|(known, _)| *known == name).map(|(_, look)| look)
    }
}
