//! What is wrong with a parameter as written, and otherwise what it allows.

use std::collections::BTreeSet;

use super::allowed::{Allow, GREATEST, Limits};
use super::{Allowed, Kind, Parameter};
use crate::domain::amount::{Amount, is_unit};
use crate::domain::text::Outside;
use crate::domain::time::Span;

/// Why a parameter cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Which of its keys is wrong.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// What was found wrong on the way.
struct Flaws(Vec<Flaw>);

impl Flaws {
    fn wrong(&mut self, key: &'static str, message: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Flaw { key, message: message.into(), remedy: remedy.into() });
    }
}

impl Parameter {
    /// What may be given for it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn allowed(&self) -> Result<Allowed, Vec<Flaw>> {
        let mut flaws = Flaws(Vec::new());
        self.name_and_from(&mut flaws);
        self.strangers(&mut flaws);
        let limits = self.limits(&mut flaws);
        let allow = self.allow(&mut flaws);
        if !flaws.0.is_empty() {
            return Err(flaws.0);
        }
        let allowed = Allowed { limits, allow };
        self.examples(&allowed, &mut flaws);
        if flaws.0.is_empty() { Ok(allowed) } else { Err(flaws.0) }
    }

    fn name_and_from(&self, flaws: &mut Flaws) {
        let name = self.name.as_str();
        if name.is_empty() || name.contains(['{', '}', '.']) || name.trim() != name {
            let message = format!("no parameter can be called `{}`", name.escape_default());
            flaws.wrong("name", message, "give it a plain name");
        }
        if self.from.is_some() && self.prefill().is_none() {
            flaws.wrong(
                "from",
                "`from` names neither a label nor an item of the packet",
                "write it like from = \"label:account_id\" or from = \"packet:accounts\"",
            );
        }
    }

    /// Keys that belong to other kinds.
    fn strangers(&self, flaws: &mut Flaws) {
        let measured = matches!(self.kind, Kind::Integer | Kind::Duration | Kind::Amount);
        let strangers = [
            ("choices", !self.choices.is_empty() && self.kind != Kind::Choice, "choice"),
            ("min", self.min.is_some() && !measured, "integer\", \"duration\" or \"amount"),
            ("max", self.max.is_some() && !measured, "integer\", \"duration\" or \"amount"),
            ("unit", self.unit.is_some() && self.kind != Kind::Amount, "amount"),
        ];
        if self.allow_says.is_some() && self.allow.is_none() {
            let message = "`allow_says` has no `allow` of which it says what that asks for";
            flaws.wrong("allow_says", message, "remove it, or add allow");
        }
        for (key, _, kinds) in strangers.iter().filter(|(_, strange, _)| *strange) {
            let message = format!("`{key}` means nothing here");
            flaws.wrong(key, message, format!("remove it, or write kind = \"{kinds}\""));
        }
    }

    fn allow(&self, flaws: &mut Flaws) -> Option<Allow> {
        match self.allow.as_deref().map(|allow| Allow::new(allow, self.allow_says.as_deref())) {
            Some(Ok(allow)) => Some(allow),
            Some(Err(why)) => {
                flaws.wrong("allow", format!("`allow` is no regular expression: {why}"), "");
                None
            }
            None if self.kind == Kind::String => {
                let remedy = "add what the whole of it must match, like allow = \"^[0-9]{4,12}$\"";
                flaws.wrong("allow", format!("`{}` takes any text", self.name.escape_default()), remedy);
                None
            }
            None => None,
        }
    }

    fn limits(&self, flaws: &mut Flaws) -> Limits {
        match self.kind {
            Kind::String => Limits::Any,
            Kind::Integer => {
                let read = |text: &str| {
                    text.parse::<i64>().ok().filter(|number| (-GREATEST..=GREATEST).contains(number))
                };
                let like = format!("write a whole number of at most {GREATEST}");
                let (least, most) = self.bounds(flaws, read, &like);
                Limits::Integer { least: least.unwrap_or(0), most: most.unwrap_or(GREATEST) }
            }
            Kind::Choice => {
                self.choose(flaws);
                Limits::Choice(self.choices.clone())
            }
            Kind::Matchers => Limits::Matchers,
            Kind::Duration => {
                let whole = |span: &Span| span.as_millis().is_multiple_of(1000);
                let read = |text: &str| Span::parse(text).ok().filter(whole);
                let (least, most) =
                    self.bounds(flaws, read, "write whole seconds, like \"90s\", \"15m\" or \"24h\"");
                Limits::Duration { least: least.unwrap_or(Span::secs(1)), most }
            }
            Kind::Amount => {
                if let Some(unit) = self.unit.as_deref().filter(|unit| !is_unit(unit)) {
                    let message = format!("`unit` cannot be `{}`", unit.escape_default());
                    flaws.wrong(
                        "unit",
                        message,
                        "write a word of at most 16 of a-z A-Z 0-9 . _ -, like \"USDT\"",
                    );
                }
                let unit = self.unit.as_deref().filter(|unit| is_unit(unit));
                let like = match unit {
                    Some(unit) => {
                        format!("write a decimal in quotes, like \"1000.50\" or \"1000.50 {unit}\"")
                    }
                    None => {
                        "write a decimal in quotes, like \"1000.50\"; unit = says what it counts".to_owned()
                    }
                };
                let (least, most) = self.bounds(flaws, |text| Amount::parse(text, unit), &like);
                let least = least.unwrap_or_else(|| Amount::zero(unit));
                Limits::Amount { least, most, unit: unit.map(str::to_owned) }
            }
        }
    }

    fn bounds<T: PartialOrd>(
        &self,
        flaws: &mut Flaws,
        read: impl Fn(&str) -> Option<T>,
        like: &str,
    ) -> (Option<T>, Option<T>) {
        let mut bound = |key: &'static str, text: &Option<String>| {
            let text = text.as_deref()?;
            let bound = read(text);
            if bound.is_none() {
                flaws.wrong(key, format!("`{key}` cannot be `{}`", text.escape_default()), like);
            }
            bound
        };
        let (least, most) = (bound("min", &self.min), bound("max", &self.max));
        if matches!((&least, &most), (Some(least), Some(most)) if least > most) {
            flaws.wrong("min", "`min` is more than `max`: nothing could be given", "change one of them");
        }
        (least, most)
    }

    fn choose(&self, flaws: &mut Flaws) {
        if self.choices.is_empty() {
            let remedy = "add what can be chosen, like choices = [\"eu-1\", \"us-1\"]";
            flaws.wrong("choices", format!("`{}` has no choices", self.name.escape_default()), remedy);
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = self.choices.iter().find(|choice| !seen.insert(choice.as_str())) {
            let message = format!("`choices` holds `{}` twice", twice.escape_default());
            flaws.wrong("choices", message, "keep one of them");
        }
    }

    /// What stands in it as a value must be one that may be given.
    fn examples(&self, allowed: &Allowed, flaws: &mut Flaws) {
        if let Some(refused) = self.choices.iter().find(|choice| allowed.canonical(choice).is_none()) {
            let message = format!("`choices` holds `{}`, which would be refused", refused.escape_default());
            let remedy = "a choice is not empty, *, all, . or .., has no spaces around it, and matches allow";
            flaws.wrong("choices", message, remedy);
        }
        if let Some(default) = self.default.as_ref().filter(|default| allowed.canonical(default).is_none()) {
            let message =
                format!("`default` is `{}`, which would be refused", Outside::new(default.clone()).exact());
            flaws.wrong("default", message, format!("write {}", allowed.words()));
        }
    }
}
