//! How long there is until something is due: elapsed time, or business days.

use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use crate::domain::time::Span;

/// How long there is, as configuration writes it: `4h`, `72h` (every hour counts) or `5 business days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Within {
    /// Elapsed time: nights, week-ends and holidays count.
    Elapsed(Span),
    /// So many business days after the day on which it began, at most [`Within::MOST_DAYS`] as configuration writes it.
    BusinessDays(NonZeroU16),
}

impl Within {
    /// The most business days that can be given.
    pub const MOST_DAYS: u16 = 1000;

    /// Reads `4h` or `5 business days`.
    ///
    /// # Errors
    /// A sentence that says how to write it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let days =
            |number: &str| number.parse().ok().filter(|days: &NonZeroU16| days.get() <= Self::MOST_DAYS);
        let named =
            text.split_once(' ').filter(|(_, unit)| matches!(*unit, "business day" | "business days"));
        let read = match named {
            Some((number, _)) => days(number).map(Self::BusinessDays),
            None => Span::parse(text).ok().filter(|span| span.as_millis() > 0).map(Self::Elapsed),
        };
        read.ok_or_else(|| {
            format!(
                "`{}` is no time to be due within; write \"4h\" for elapsed time, or \"5 business days\" (1 to {})",
                text.escape_default(),
                Self::MOST_DAYS
            )
        })
    }
}

impl TryFrom<String> for Within {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Within> for String {
    fn from(within: Within) -> Self {
        within.to_string()
    }
}

impl std::fmt::Display for Within {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Elapsed(span) => write!(f, "{span}"),
            Self::BusinessDays(NonZeroU16::MIN) => f.write_str("1 business day"),
            Self::BusinessDays(days) => write!(f, "{days} business days"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["4h", "3d", "1 business day", "5 business days", "1000 business days"] {
            assert_eq!(Within::parse(text).map(String::from), Ok(text.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_told_how_to_write_it() {
        for bad in [
            "",
            "0h",
            "5",
            "5bd",
            "5 working days",
            "5  business days",
            "0 business days",
            "-1 business days",
            "1001 business days",
            "99999 business days",
            "five business days",
            "5 business days ",
            "5 Business Days",
        ] {
            let why = Within::parse(bad).unwrap_err();
            assert!(why.contains("\"5 business days\""), "{bad}: {why}");
        }
    }
}
