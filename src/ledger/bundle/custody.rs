//! Who kept, read and exported which file, as a table for spreadsheets.

use crate::domain::record::Record;
use crate::domain::text::SafeText;

/// The heads of the table.
pub(super) fn table(_records: &[Record], _handled: &[Record]) -> String {
    cell("record") + "\r\n"
}

/// A cell that is text to whatever opens it: no formula, no second cell, no control.
fn cell(text: &str) -> String {
    let text = SafeText::exact(text);
    let lead = if text.trim_start().starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if text.contains(['"', ',', ';']) || !lead.is_empty() {
        format!("\"{lead}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_or_two_cells() {
        for (text, written) in [
            ("access.log", "access.log"),
            ("", ""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1,2", "\"'+1,2\""),
            (" -1", "\"' -1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\\t=1"),
            ("a\"b\nc", "\"a\"\"b\\nc\""),
            ("a;b", "\"a;b\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
