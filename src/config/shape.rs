//! How the configuration file is shaped: tables, their keys, and what each value must be.

/// What a value must be.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Any text that is not empty.
    Text,
    /// Text that is never shown.
    Secret,
    /// The path of a file that holds a secret.
    SecretFile,
    /// The path of a file that every process must look for in the same place.
    WholePath,
    /// How rows and other tables call something.
    Name,
    /// Visible ASCII.
    Operator,
    /// A public key, as OpenSSH writes it.
    PublicKey,
    /// A key's fingerprint, as OpenSSH writes it.
    Fingerprint,
    /// What incident ids begin with.
    Prefix,
    /// At least so many texts.
    Texts(usize),
    /// At least one of these words.
    Words(&'static [&'static str]),
    /// Days as dates.
    Dates,
    /// Hours of a day.
    Hours,
    /// The name of a time zone.
    Zone,
    /// A regular expression.
    Regex,
    /// Addresses of machines.
    Addresses,
    /// The address of a machine and a port.
    Socket,
    /// A moment, in UTC or with an offset.
    Moment,
    /// A moment of every week, UTC.
    OfWeek,
    /// A number, whole or not.
    Number,
    /// A program and its arguments.
    Argv,
    /// Yes or no.
    Flag,
    /// A whole number between these two.
    Whole(i64, i64),
    /// Whole numbers between these two.
    Wholes(i64, i64),
    /// A length of time, of at least so many milliseconds.
    Span(u64),
    /// A length of time, or business days.
    Within,
    /// A whole number, or a text that says what is no whole number.
    Scalar,
    /// A query.
    Query,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Whatever JSON can say.
    Json,
    /// A JSON pointer.
    Pointer,
    /// JSON pointer → what stands there.
    Pointers,
    /// Pointers to show.
    PointerList,
    /// Name → text.
    Headers,
    /// Attribute → what it is, at least one.
    Attributes,
    /// What we say → what readers understand.
    Phrases,
    /// Command → its keys.
    Chords,
    /// A table.
    Table(&'static Table),
    /// Tables.
    Tables(&'static Table),
    /// Tables that say their `kind`.
    Kinds,
}

impl Shape {
    /// What to write, in words.
    pub(super) fn expected(self) -> String {
        match self {
            Self::Text | Self::Secret => "a text, in quotes".to_owned(),
            Self::WholePath => "a whole path, like \"/run/quell/safety-off\"".to_owned(),
            Self::SecretFile => "the path of a file, in quotes".to_owned(),
            Self::Name => {
                "a name of at most 32 of a-z 0-9 . _ - that begins with a letter or digit".to_owned()
            }
            Self::Operator => "a name of at most 32 visible ASCII characters".to_owned(),
            Self::PublicKey => {
                "a key, like \"ssh-ed25519 AAAA…\"; `quell identity show` prints yours".to_owned()
            }
            Self::Fingerprint => "a fingerprint, like \"SHA256:…\"; `ssh-add -l` prints them".to_owned(),
            Self::Prefix => "one to eight capital letters or digits, a letter first".to_owned(),
            Self::Words(words) => format!("a list of {}", quoted(words)),
            Self::Dates => "a list of dates in quotes, like [\"2026-12-25\"]".to_owned(),
            Self::Hours => "a list of hours, like [\"22:00-07:00\"]".to_owned(),
            Self::Zone => "a time zone, like \"Europe/Paris\" or \"UTC\"".to_owned(),
            Self::Texts(_) | Self::PointerList => "a list of texts, like [\"a\", \"b\"]".to_owned(),
            Self::Regex => "a regular expression, in quotes".to_owned(),
            Self::Addresses => "a list of addresses, like [\"203.0.113.7\"]".to_owned(),
            Self::Socket => "an address and a port, like \"127.0.0.1:53\"".to_owned(),
            Self::Moment => "a moment in quotes, like \"2026-12-01T02:00Z\"".to_owned(),
            Self::OfWeek => "a moment of the week in quotes, like \"sun 02:00Z\"".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Argv => "a program with its arguments, like [\"pass\", \"show\", \"token\"]".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Self::Wholes(least, most) => format!("a list of whole numbers from {least} to {most}"),
            Self::Span(_) => "a length of time, like \"15s\" or \"5m\"".to_owned(),
            Self::Within => {
                "a length of time or business days, like \"4h\" or \"5 business days\"".to_owned()
            }
            Self::Scalar => "a whole number, or anything else in quotes".to_owned(),
            Self::Query => "a query, like \"sev:critical\"".to_owned(),
            Self::Word(words) => format!("one of {}", quoted(words)),
            Self::Json => "a text, number, list or table".to_owned(),
            Self::Pointer => "a JSON pointer, like \"/id\"".to_owned(),
            Self::Pointers => {
                "a table from JSON pointers to values, like { \"/status\" = \"ok\" }".to_owned()
            }
            Self::Headers => "a table of texts, like { X-Reason = \"incident\" }".to_owned(),
            Self::Attributes => "a table of texts, like { service = \"quell\" }".to_owned(),
            Self::Phrases => "a table of texts, like { matcher = \"trading\" }".to_owned(),
            Self::Chords => "a table from commands to keys, like { acknowledge = \"Z\" }".to_owned(),
            Self::Table(_) => "a table".to_owned(),
            Self::Tables(table) => format!("tables, each beginning with {}", table.title),
            Self::Kinds => "tables, each in double brackets".to_owned(),
        }
    }
}

/// Whether a key must stand there, and what holds when it does not.
#[derive(Clone, Copy)]
pub(super) enum Need {
    /// It must.
    Required,
    /// It may.
    Optional,
    /// It or another of the table must; which is for the table's own check to say.
    Choice,
    /// It may; this holds otherwise, written as in the file.
    Default(&'static str),
    /// This build cannot do it; the text says what to do instead.
    NotYet(&'static str),
}

/// A key of a table.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) need: Need,
}

/// A key that must stand there.
pub(super) const fn required(name: &'static str, shape: Shape) -> Key {
    Key { name, shape, need: Need::Required }
}

/// A key that may stand there.
pub(super) const fn optional(name: &'static str, shape: Shape) -> Key {
    Key { name, shape, need: Need::Optional }
}

/// A key that stands there in the place of another.
pub(super) const fn choice(name: &'static str, shape: Shape) -> Key {
    Key { name, shape, need: Need::Choice }
}

/// A key that may stand there, and what holds otherwise.
pub(super) const fn default(name: &'static str, shape: Shape, value: &'static str) -> Key {
    Key { name, shape, need: Need::Default(value) }
}

/// A key that the product knows and this build does not.
pub(super) const fn not_yet(name: &'static str, instead: &'static str) -> Key {
    Key { name, shape: Shape::Json, need: Need::NotYet(instead) }
}

/// A table's keys.
pub(super) struct Table {
    /// As messages call it.
    pub(super) title: &'static str,
    /// Its keys, group by group.
    pub(super) groups: &'static [&'static [Key]],
}

impl Table {
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static Key> + use<> {
        self.groups.iter().flat_map(|group| group.iter())
    }
}

/// One kind of a kinded table.
pub(super) struct Kind {
    /// What `kind` says.
    pub(super) word: &'static str,
    /// Its keys; `None` when this build cannot do it.
    pub(super) table: Option<&'static Table>,
}

/// `"a", "b"`.
pub(super) fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// The known word that was probably meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close = |name: &&str| {
        let far = if is_swapped(word, name) { 1 } else { distance(word, name) };
        (far <= 1 + name.len() / 4).then_some(far)
    };
    known.into_iter().filter_map(|name| Some((close(&name)?, name))).min().map(|(_, name)| name)
}

/// Whether two neighbours that changed places are all the difference.
fn is_swapped(from: &str, to: &str) -> bool {
    let other: Vec<(char, char)> = from.chars().zip(to.chars()).skip_while(|(a, b)| a == b).collect();
    match other.as_slice() {
        [(a, b), (c, d), rest @ ..] => {
            a == d && b == c && from.len() == to.len() && rest.iter().all(|(a, b)| a == b)
        }
        _ => false,
    }
}

/// How many characters must be put in, taken out or changed.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, a) in (1..).zip(from.chars()) {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), line);
        let mut left = line;
        for (cell, b) in row.iter_mut().skip(1).zip(&to) {
            let least = (diagonal + usize::from(a != *b)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, least);
            left = least;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(nearest("url", ["name", "urls", "every"]), Some("urls"));
        assert_eq!(nearest("evry", ["name", "urls", "every"]), Some("every"));
        assert_eq!(nearest("akc", ["lead", "ack", "note"]), Some("ack"));
        assert_eq!(nearest("colour", ["name", "urls", "every"]), None);
    }
}
