//! Whether a query can find nothing that an earlier one did not: then only what that one found is looked at again.

use super::{Expr, LOOSE_FROM, Query, Term};

impl Query {
    /// Whether everything this one finds was found by the earlier one as well, as far as that is seen from how they are
    /// written.
    pub fn narrows(&self, earlier: &Self) -> bool {
        let mine = parts(&self.expr);
        parts(&earlier.expr).iter().all(|wider| mine.iter().any(|part| implies(part, wider)))
    }
}

/// What must all hold.
fn parts(expr: &Expr) -> &[Expr] {
    match expr {
        Expr::All(parts) => parts,
        one => std::slice::from_ref(one),
    }
}

fn implies(part: &Expr, wider: &Expr) -> bool {
    match (part, wider) {
        // A short word means only itself, and a longer one may mean what does not contain it.
        (Expr::Term(Term::Word(longer)), Expr::Term(Term::Word(word)))
            if word.chars().count() >= LOOSE_FROM =>
        {
            longer.starts_with(word.as_str())
        }
        (part, wider) => part == wider,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_narrows_and_what_changes_does_not() {
        let narrows =
            |after: &str, before: &str| Query::parse(after).unwrap().narrows(&Query::parse(before).unwrap());
        for (after, before) in [
            ("token", ""),
            ("toke", "tok"),
            ("token auth", "token"),
            ("token -auth", "token"),
            ("sev:high token", "token sev:high"),
            ("(a or b) c", "(a or b)"),
        ] {
            assert!(narrows(after, before), "{before} -> {after}");
        }
        for (after, before) in [
            ("", "token"),
            ("tok", "to"),
            ("tok", "token"),
            ("a or b", "a"),
            ("-token", "-tok"),
            ("\"token\"", "token"),
            ("sev:high,critical", "sev:high"),
        ] {
            assert!(!narrows(after, before), "{before} -> {after}");
        }
    }
}
