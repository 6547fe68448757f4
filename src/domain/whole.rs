//! Regular expressions that speak of a whole text.

use regex::{Regex, RegexBuilder};

/// What matches only a text that the pattern matches from its first character to its last, in any case of letters or
/// as they are written.
///
/// # Errors
/// Why it is no regular expression, in one line.
pub fn whole(pattern: &str, any_case: bool) -> Result<Regex, String> {
    // By itself first: nothing in it can end the group around it.
    Regex::new(pattern)
        .and_then(|_| RegexBuilder::new(&format!(r"\A(?:{pattern})\z")).case_insensitive(any_case).build())
        .map_err(|error| {
            let why = error.to_string();
            why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        })
}
