//! What a silence is about: conditions on labels that all must hold, read strictly and written in one way.

use std::fmt;

use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};

use super::signal::Packed;

/// The labels of which one must be named exactly: a silence without is about no one thing.
pub const ANCHORS: [&str; 2] = ["alertname", "service"];
/// How many one silence may have.
const MOST: usize = 32;

/// How a label's value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Is,
    IsNot,
    Fits,
    FitsNot,
}

impl Compare {
    /// Longest first: `=~` begins as `=` does.
    const ALL: [(&'static str, Self); 4] =
        [("=~", Self::Fits), ("!~", Self::FitsNot), ("!=", Self::IsNot), ("=", Self::Is)];

    fn sign(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, it)| *it == self).map_or("=", |(sign, _)| sign)
    }
}

/// One condition: `service="orders"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    name: String,
    compare: Compare,
    value: String,
}

impl Matcher {
    /// A label with exactly this value.
    pub fn is(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), compare: Compare::Is, value: value.to_owned() }
    }

    /// As Alertmanager takes it.
    pub fn json(&self) -> Value {
        let regex = matches!(self.compare, Compare::Fits | Compare::FitsNot);
        let equal = matches!(self.compare, Compare::Is | Compare::Fits);
        json!({ "name": self.name, "value": self.value, "isRegex": regex, "isEqual": equal })
    }

    /// Whether a label with this value fulfils it; one that is not there is empty.
    fn holds_for(&self, value: &str) -> bool {
        let fits = || Regex::new(&format!("^(?:{})$", self.value)).is_ok_and(|it| it.is_match(value));
        match self.compare {
            Compare::Is => self.value == value,
            Compare::IsNot => self.value != value,
            Compare::Fits => fits(),
            Compare::FitsNot => !fits(),
        }
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, self.compare.sign())?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
        if !self.value.is_empty() && self.value.chars().all(plain) {
            f.write_str(&self.value)
        } else {
            write!(f, "\"{}\"", self.value.replace('\\', "\\\\").replace('"', "\\\""))
        }
    }
}

/// Conditions that are about some one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matchers(Vec<Matcher>);

impl Matchers {
    /// These, where together they are about some one thing.
    ///
    /// # Errors
    /// A sentence that says what they lack.
    pub fn new(mut all: Vec<Matcher>) -> Result<Self, String> {
        all.sort_by(|one, other| one.name.cmp(&other.name));
        if all.is_empty() || all.len() > MOST {
            return Err(format!("a silence has 1 to {MOST} matchers"));
        }
        if all.iter().all(|it| it.holds_for("")) {
            return Err("these matchers fit everything".to_owned());
        }
        let anchored = |it: &Matcher| {
            it.compare == Compare::Is && !it.value.is_empty() && ANCHORS.contains(&it.name.as_str())
        };
        if !all.iter().any(anchored) {
            return Err("one matcher must be alertname=… or service=…".to_owned());
        }
        Ok(Self(all))
    }

    /// Reads `alertname=Down,service="order gateway",zone=~"eu-.*"`.
    ///
    /// # Errors
    /// A sentence that says what cannot be read, or is too broad.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.trim();
        let mut all = Vec::new();
        while !rest.is_empty() {
            let (matcher, after) = one(rest)?;
            all.push(matcher);
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if after.is_empty() => after,
                None => return Err("matchers are separated by commas".to_owned()),
            };
        }
        Self::new(all)
    }

    /// Whether they all hold for these labels.
    pub fn fit(&self, labels: &Packed) -> bool {
        self.0.iter().all(|it| it.holds_for(labels.raw_value(&it.name).unwrap_or_default()))
    }

    /// As Alertmanager takes them.
    pub fn json(&self) -> Value {
        self.0.iter().map(Matcher::json).collect()
    }

    /// As filters of a query: `filter=alertname%3D%22Down%22&filter=…`.
    pub fn query(&self) -> String {
        query(&self.0)
    }
}

/// A matcher as Alertmanager says it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    name: String,
    value: String,
    is_regex: bool,
    #[serde(default = "yes")]
    is_equal: bool,
}

const fn yes() -> bool {
    true
}

/// As filters of a query, what a silence there is about, however broad; none where that cannot be read.
pub fn query_of(said: &Value) -> Option<String> {
    let said = Vec::<Said>::deserialize(said).ok().filter(|said| !said.is_empty())?;
    let matcher = |it: Said| {
        let compare = match (it.is_regex, it.is_equal) {
            (false, true) => Compare::Is,
            (false, false) => Compare::IsNot,
            (true, true) => Compare::Fits,
            (true, false) => Compare::FitsNot,
        };
        Matcher { name: it.name, compare, value: it.value }
    };
    Some(query(&said.into_iter().map(matcher).collect::<Vec<_>>()))
}

fn query(all: &[Matcher]) -> String {
    let quoted = |it: &Matcher| {
        let value = it.value.replace('\\', "\\\\").replace('"', "\\\"");
        format!("filter={}", escaped(&format!("{}{}\"{value}\"", it.name, it.compare.sign())))
    };
    all.iter().map(quoted).collect::<Vec<_>>().join("&")
}

impl fmt::Display for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&all.join(","))
    }
}

/// The first matcher of a text, and what follows it.
fn one(text: &str) -> Result<(Matcher, &str), String> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("a matcher begins with a label, like alertname=Down".to_owned());
    }
    let signs = Compare::ALL.into_iter();
    let found = signs.filter_map(|(sign, it)| Some((it, rest.strip_prefix(sign)?))).next();
    let (compare, rest) = found.ok_or_else(|| format!("after {name} comes =, !=, =~ or !~"))?;
    let (value, rest) = value(rest)?;
    if matches!(compare, Compare::Fits | Compare::FitsNot) && Regex::new(&value).is_err() {
        return Err(format!("what {name} is to fit is no regular expression"));
    }
    Ok((Matcher { name: name.to_owned(), compare, value }, rest))
}

/// A value, quoted or as far as the next comma, and what follows it.
fn value(text: &str) -> Result<(String, &str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        let value = value.trim_end();
        let odd = |c: char| c.is_whitespace() || "\"\\={}".contains(c);
        return match value.contains(odd) {
            false => Ok((value.to_owned(), rest)),
            true => Err("a value with spaces or signs in it is quoted as a whole".to_owned()),
        };
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok((value, chars.as_str())),
            '\\' => value.extend(chars.next().filter(|c| matches!(c, '"' | '\\'))),
            other => value.push(other),
        }
    }
    Err("a quoted value does not end".to_owned())
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signal::Labels;
    use crate::domain::text::Outside;

    #[test]
    fn they_are_written_in_one_way_that_reads_as_itself() {
        for (text, written) in [
            ("service=orders, alertname=\"Down\"", "alertname=Down,service=orders"),
            ("alertname=Down,zone=~\"eu-.*\"", "alertname=Down,zone=~\"eu-.*\""),
            (r#"service="a \"b\" \\c, d",pod!=gw-2"#, r#"pod!=gw-2,service="a \"b\" \\c, d""#),
            ("alertname=Down,", "alertname=Down"),
        ] {
            let read = Matchers::parse(text).unwrap();
            assert_eq!(read.to_string(), written);
            assert_eq!(Matchers::parse(written), Ok(read));
        }
    }

    #[test]
    fn they_fit_what_alertmanager_would_hide_with_them() {
        let labels: Labels = [("alertname", "Down"), ("zone", "eu-1")]
            .map(|(name, value)| (Outside::new(name), Outside::new(value)))
            .into_iter()
            .collect();
        for (text, fits) in [
            ("alertname=Down", true),
            ("alertname=Down,zone=~\"eu-.*\"", true),
            ("alertname=Down,zone=~eu", false),
            ("alertname=Down,zone!=eu-1", false),
            ("alertname=Down,pod!=gw-2", true),
            ("alertname=Up", false),
        ] {
            assert_eq!(Matchers::parse(text).unwrap().fit(&Packed::from(&labels)), fits, "{text}");
        }
    }

    #[test]
    fn what_is_about_everything_or_nothing_in_particular_is_refused() {
        for text in [
            "",
            ",",
            "alertname",
            "alertname=",
            "alertname=~Down",
            "alertname!=Down",
            "severity=critical",
            "service=~.*",
            "alertname=~\".+\",service=~\".+\"",
            "=x",
            "9a=x",
            "alertname=Down service=x",
            "alertname=\"Down",
            "alertname=Down,zone=~\"(\"",
            "alertname=\"\"",
        ] {
            assert!(Matchers::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn they_reach_alertmanager_whatever_is_in_them() {
        let matchers = Matchers::parse(r#"alertname=Down,pod!~"gw-[0-9]&x=\"é""#).unwrap();
        assert_eq!(
            matchers.json(),
            json!([
                { "name": "alertname", "value": "Down", "isRegex": false, "isEqual": true },
                { "name": "pod", "value": "gw-[0-9]&x=\"é", "isRegex": true, "isEqual": false },
            ])
        );
        assert_eq!(
            matchers.query(),
            "filter=alertname%3D%22Down%22&filter=pod%21~%22gw-%5B0-9%5D%26x%3D%5C%22%C3%A9%22"
        );
    }
}
