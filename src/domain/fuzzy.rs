//! Whether a few typed letters mean a text.

/// Characters of a text that its letters are looked for in.
const LOOKED_AT: usize = 200;

/// How well letters fit a text, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// They are the text.
    Whole,
    /// It begins with them.
    Beginning,
    /// One of its words does.
    Word,
    /// They stand somewhere in it.
    Part,
    /// They stand in it in this order, each in the word of the one before or at the beginning of a later word: `gtwy`
    /// means `gateway`, `ogrc` means `order gateway refuses connections`.
    Letters,
}

/// How well what is `typed`, in lower case, fits a text, if it does.
pub fn fit(typed: &str, text: &str) -> Option<Fit> {
    let text = text.to_lowercase();
    let goes_on = |at: usize| text.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    match text.find(typed) {
        Some(0) if text.len() == typed.len() => Some(Fit::Whole),
        Some(0) => Some(Fit::Beginning),
        Some(_) if text.match_indices(typed).any(|(at, _)| !goes_on(at)) => Some(Fit::Word),
        Some(_) => Some(Fit::Part),
        None => has_letters(typed, &text).then_some(Fit::Letters),
    }
}

/// Whether the letters stand in the text as [`Fit::Letters`] says; both in lower case.
fn has_letters(typed: &str, text: &str) -> bool {
    // Most texts do not have them in this order at all, which is seen at once.
    let mut rest = text.chars().take(LOOKED_AT);
    if !typed.chars().all(|wanted| rest.any(|c| c == wanted)) {
        return false;
    }
    let text: Vec<char> = text.chars().take(LOOKED_AT).collect();
    let mut typed = typed.chars();
    let Some(first) = typed.next() else { return true };
    let begins = |at: usize| {
        at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|before| !before.is_alphanumeric())
    };
    // The places at which the letter before may stand.
    let mut places: Vec<bool> = text.iter().enumerate().map(|(at, c)| *c == first && begins(at)).collect();
    for wanted in typed {
        let (mut in_word, mut anywhere) = (false, false);
        let mut next = Vec::with_capacity(text.len());
        for ((at, c), place) in text.iter().enumerate().zip(&places) {
            in_word &= !begins(at);
            next.push(*c == wanted && (in_word || (anywhere && begins(at))));
            in_word |= place;
            anywhere |= place;
        }
        places = next;
    }
    places.contains(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_it_fits_the_earlier_it_comes() {
        let title = "Order gateway refuses connections, eu-1";
        for (typed, fits) in [
            ("order gateway refuses connections, eu-1", Some(Fit::Whole)),
            ("ord", Some(Fit::Beginning)),
            ("eu-1", Some(Fit::Word)),
            ("fuse", Some(Fit::Part)),
            ("gtwy", Some(Fit::Letters)),
            ("ogrc", Some(Fit::Letters)),
            ("ordconn", Some(Fit::Letters)),
            ("gatewya", None),
            ("teway1", None),
            ("wayeu", None),
            ("conngate", None),
        ] {
            assert_eq!(fit(typed, title), fits, "{typed}");
        }
        assert_eq!(fit("ci", "can it ci"), Some(Fit::Word));
        assert_eq!(fit("gro", "gear open"), Some(Fit::Letters));
        assert_eq!(fit("ünï", "Große ÜNÏcode"), Some(Fit::Word));
    }

    #[test]
    fn letters_that_are_strewn_over_other_words_mean_nothing() {
        for (typed, text) in
            [("auth", "Average queue throughput"), ("token", "Stock loan keeper nearly full")]
        {
            assert_eq!(fit(typed, text), None, "{typed} in {text}");
        }
    }
}
