//! A decimal with an optional word for what it counts: `1000.50 USDT`. Compared exactly, never through floats.

use std::cmp::Ordering;

/// Digits after the point.
const FRACTION: usize = 18;
/// Digits before it.
const WHOLE: usize = 20;

/// A decimal, with what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    number: String,
    unit: Option<String>,
    /// In 10⁻¹⁸.
    parts: i128,
}

impl Amount {
    /// Reads `1000.50`, or `1000.50 USDT` where `USDT` is its unit; the unit may be left out. No sign but `-`, no
    /// separators, no leading zeros, at most 20 digits before the point and 18 after it.
    pub fn parse(text: &str, unit: Option<&str>) -> Option<Self> {
        let number = match text.split_once(' ') {
            Some((number, word)) if Some(word) == unit => number,
            Some(_) => return None,
            None => text,
        };
        let (negative, digits) = match number.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, number),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if (1..=FRACTION).contains(&fraction.len()) => (whole, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        let plain = (1..=WHOLE).contains(&whole.len()) && (whole == "0" || !whole.starts_with('0'));
        if !plain || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let parts: i128 = format!("{whole}{fraction:0<FRACTION$}").parse().ok()?;
        // `-0` would be two ways to write nothing.
        if negative && parts == 0 {
            return None;
        }
        let parts = if negative { -parts } else { parts };
        Some(Self { number: number.to_owned(), unit: unit.map(str::to_owned), parts })
    }

    /// Nothing of a unit.
    pub fn zero(unit: Option<&str>) -> Self {
        Self { number: "0".to_owned(), unit: unit.map(str::to_owned), parts: 0 }
    }

    /// The decimal alone.
    pub fn number(&self) -> &str {
        &self.number
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.unit {
            Some(unit) => write!(f, "{} {unit}", self.number),
            None => f.write_str(&self.number),
        }
    }
}

/// By how much it is: `1.5` and `1.50` are as much. Whatever is compared counts the same thing.
impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.unit == other.unit).then(|| self.parts.cmp(&other.parts))
    }
}

/// Whether something can be called this: a letter, then at most fifteen letters, digits, `.`, `_` and `-`.
pub fn is_unit(text: &str) -> bool {
    text.len() <= 16
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usdt(text: &str) -> Option<String> {
        Amount::parse(text, Some("USDT")).map(|amount| amount.to_string())
    }

    #[test]
    fn an_amount_is_written_in_one_way() {
        assert_eq!(usdt("1000.50").as_deref(), Some("1000.50 USDT"));
        assert_eq!(usdt("1000.50 USDT").as_deref(), Some("1000.50 USDT"));
        assert_eq!(usdt("-0.000000000000000001").as_deref(), Some("-0.000000000000000001 USDT"));
        for bad in [
            "",
            " ",
            ".",
            "1.",
            ".5",
            "01",
            "00",
            "-0",
            "-0.0",
            "+1",
            "1,000",
            "1e3",
            "1_000",
            "NaN",
            "inf",
            "1 usdt",
            "1 BTC",
            "1  USDT",
            "1 USDT ",
            " 1",
            "1\n",
            "\u{0661}",
            "0.0000000000000000001",
            "123456789012345678901",
        ] {
            assert_eq!(usdt(bad), None, "{bad:?}");
        }
        assert_eq!(Amount::parse("1 USDT", None), None, "what it counts is for the playbook to say");
    }

    #[test]
    fn what_counts_different_things_is_not_compared() {
        let one = |unit| Amount::parse("1", unit).unwrap();
        assert_eq!(one(Some("BTC")).partial_cmp(&one(Some("USDT"))), None);
        assert_eq!(one(None).partial_cmp(&Amount::zero(None)), Some(Ordering::Greater));
    }

    proptest! {
        #[test]
        fn amounts_compare_as_they_are_written(a in -10_000_i64..10_000, b in -10_000_i64..10_000) {
            let amount = |n: i64| {
                let sign = if n < 0 { "-" } else { "" };
                Amount::parse(&format!("{sign}{}.{:02}", n.abs() / 100, n.abs() % 100), None).unwrap()
            };
            prop_assert_eq!(amount(a).partial_cmp(&amount(b)), Some(a.cmp(&b)));
        }
    }
}
