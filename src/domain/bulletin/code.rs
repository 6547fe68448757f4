//! The code by which anybody can check that a bulletin read by everybody is ours: `QK7-4PM-9T2`.

use serde::{Deserialize, Serialize};

/// Nothing that looks or sounds like another; a prime number of them, so that the last symbol finds every slip.
const SYMBOLS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Symbols of a code, the check symbol included.
const LENGTH: usize = 9;

/// The code of one incident: nine symbols in three groups, the last of which checks the others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerificationCode(Box<str>);

impl VerificationCode {
    /// The code these random bytes stand for. It is published: it must be hard to guess before that, not after.
    pub fn from_random(random: [u8; 8]) -> Self {
        let mut values: Vec<usize> = random.iter().map(|byte| usize::from(*byte) % SYMBOLS.len()).collect();
        values.push(check(&values));
        Self::of(&values)
    }

    /// Reads a code as a person writes it: in any case, grouped or not. `None` when a symbol is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let symbols = text.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
        let value = |byte: u8| SYMBOLS.iter().position(|symbol| *symbol == byte.to_ascii_uppercase());
        let values: Vec<usize> = symbols.map(value).collect::<Option<_>>()?;
        let (last, rest) = values.split_last()?;
        (values.len() == LENGTH && check(rest) == *last).then(|| Self::of(&values))
    }

    /// The symbols without their groups.
    pub fn symbols(&self) -> String {
        self.0.replace('-', "")
    }

    fn of(values: &[usize]) -> Self {
        let symbol = |value: &usize| SYMBOLS.get(*value).map(|symbol| char::from(*symbol));
        let groups: Vec<String> =
            values.chunks(3).map(|group| group.iter().filter_map(symbol).collect()).collect();
        Self(groups.join("-").into())
    }
}

/// Every symbol has another weight: one that is wrong, or two that changed places, change the sum.
fn check(values: &[usize]) -> usize {
    values.iter().zip(1..).map(|(value, weight)| value * weight).sum::<usize>() % SYMBOLS.len()
}

impl std::fmt::Display for VerificationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for VerificationCode {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "this is no verification code; it looks like QK7-4PM-9T2".to_owned())
    }
}

impl From<VerificationCode> for String {
    fn from(code: VerificationCode) -> Self {
        code.0.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_grouped_and_read_as_people_write_it() {
        let code = VerificationCode::from_random([0, 1, 2, 3, 40, 50, 60, 255]);
        assert_eq!(code.to_string(), "234-5BN-Y96");
        for written in ["234-5BN-Y96", "234 5bn y96", "2345bny96"] {
            assert_eq!(VerificationCode::parse(written).as_ref(), Some(&code), "{written}");
        }
        for wrong in ["", "234-5BN-Y9", "234-5BN-Y962", "O34-5BN-Y96", "２34-5BN-Y96", "THE-BIG-CAT"] {
            assert_eq!(VerificationCode::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn one_slip_is_found(random: [u8; 8], at in 0usize..9, other in 0usize..31) {
            let code = VerificationCode::from_random(random);
            prop_assert_eq!(VerificationCode::parse(&code.to_string()), Some(code.clone()));
            let symbols = code.symbols().into_bytes();
            let mut slip = symbols.clone();
            slip[at] = SYMBOLS[other];
            let mut swapped = symbols.clone();
            swapped.swap(at, (at + 1).min(8));
            for wrong in [slip, swapped] {
                let read = VerificationCode::parse(std::str::from_utf8(&wrong).unwrap());
                prop_assert_eq!(read.is_some(), wrong == symbols);
            }
        }
    }
}
