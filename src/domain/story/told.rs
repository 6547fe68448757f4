//! How a notice was told, as one sentence.

use crate::domain::notice::{FAILED, PROGRAM, WITHHELD};

use super::words::safe;

/// Who was told of it, where, and by what; or that nobody was, and why.
pub(super) fn sentence(who: &str, notice: u64, console: &str, how: &str) -> String {
    let place = safe(console);
    if how == WITHHELD {
        return format!("notice {notice} waits for the end of the quiet hours on {place}");
    }
    if let Some(why) = how.strip_prefix(FAILED) {
        return format!("notice {notice} did not reach {place}: {}", safe(why));
    }
    if console == PROGRAM {
        return format!("{place} was told of notice {notice}: {}", safe(how));
    }
    // What did not take it told nobody.
    let took: Vec<&str> = how.split(", ").filter(|rung| !rung.starts_with("no ")).collect();
    let how = if took.is_empty() { how.to_owned() } else { took.join(", ") };
    format!("{who} was told of notice {notice} by {} on {place}", safe(&how))
}
