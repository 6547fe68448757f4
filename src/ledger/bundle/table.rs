//! Custody as a table for spreadsheets.

use crate::domain::text::SafeText;
use crate::domain::time::date_time;
use crate::ledger::custody::Custody;

/// The table, a row for each time.
pub(super) fn table(rows: &[Custody]) -> String {
    let heads = ["record", "at", "what", "sha256", "by", "host", "to"].map(str::to_owned);
    let row = |row: &Custody| {
        let (seq, at, what) = (row.seq.to_string(), date_time(row.at), row.deed.word().to_owned());
        [seq, at, what, row.sha256.clone(), row.by.clone(), row.host.clone(), row.to.clone()]
    };
    let line = |cells: [String; 7]| cells.map(|text| cell(&text)).join(",") + "\r\n";
    std::iter::once(heads).chain(rows.iter().map(row)).map(line).collect()
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
