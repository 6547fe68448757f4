//! How many are affected, as people write it.

use crate::domain::classification::Impact;
use crate::domain::packet::same_item;
use crate::domain::text::Outside;

/// Reads `120`, `100..150` or `unknown because …`.
///
/// # Errors
/// How to write it.
pub fn read(text: &str) -> Result<Impact, String> {
    let Some(because) = text.trim().strip_prefix("unknown") else {
        let (min, max) = users(text).map_err(|how| format!("{how}, or: unknown because …"))?;
        return Ok(Impact::Users { min, max });
    };
    let because = because.trim().strip_prefix("because").map(str::trim).unwrap_or_default();
    if because.is_empty() {
        return Err("say why: unknown because …".to_owned());
    }
    Ok(Impact::Unknown { because: Outside::new(because) })
}

/// What is wrong with what a packet is to say of how many are affected. Whoever reads it welcomes more words than the number,
/// as in `about 500, from the logs`; without one it says nothing.
pub fn flaw(item: &str, text: &str) -> Option<String> {
    let counts = same_item(item, "affected users") && !text.contains(|c: char| c.is_ascii_digit());
    counts.then(|| read(text).err()).flatten()
}

/// Reads `120` or `100..150`; `1_200`, `1,200` and `1 200` are numbers as well.
///
/// # Errors
/// How to write it.
pub fn users(text: &str) -> Result<(u64, u64), String> {
    let number = |text: &str| text.trim().replace(['_', ',', ' '], "").parse::<u64>();
    let (min, max) = text.split_once("..").unwrap_or((text, text));
    match (number(min), number(max)) {
        (Ok(min), Ok(max)) if min <= max => Ok((min, max)),
        (Ok(min), Ok(max)) => Err(format!("the range is upside down: write {max}..{min}")),
        _ => Err("write a number, a range like 100..150".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ranges_and_reasons_are_read() {
        assert_eq!(users("5"), Ok((5, 5)));
        assert_eq!(users(" 1,200 .. 1_500 "), Ok((1200, 1500)));
        assert_eq!(users("7..5"), Err("the range is upside down: write 5..7".to_owned()));
        assert!(users("many").is_err() && users("").is_err() && users("..").is_err());
        assert_eq!(read("5..7"), Ok(Impact::Users { min: 5, max: 7 }));
        let because = Outside::new("logs are gone");
        assert_eq!(read("unknown because logs are gone"), Ok(Impact::Unknown { because }));
        assert!(read("unknown").is_err() && read("many").is_err());
    }

    #[test]
    fn what_a_packet_says_of_how_many_has_a_number_or_says_why_not() {
        let how = "write a number, a range like 100..150, or: unknown because …";
        assert_eq!(flaw("Affected Users", "xyz").as_deref(), Some(how));
        assert_eq!(flaw("affected users", "unknown").as_deref(), Some("say why: unknown because …"));
        for good in ["120", "100..150", "about 500, from the logs", "unknown because the logs are gone"] {
            assert_eq!(flaw("affected users", good), None, "{good}");
        }
        assert_eq!(flaw("impact scope", "xyz"), None);
    }
}
