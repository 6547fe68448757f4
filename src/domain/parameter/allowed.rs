//! What may be given for a parameter, ready to judge values.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;

use super::Kind;
use crate::domain::amount::Amount;
use crate::domain::matcher::{ANCHORS, Matchers};
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::Span;
use crate::domain::whole::whole;

/// Values nothing may have, whatever else says so: they would widen a target.
pub(super) const NEVER: [&str; 4] = ["*", "all", "..", "."];
/// Of very many choices, so many are named.
const NAMED: usize = 24;
/// The greatest whole number that every reader of JSON understands the same.
pub(super) const GREATEST: i64 = (1 << 53) - 1;

/// What may be given for a parameter.
#[derive(Clone, Debug)]
pub struct Allowed {
    pub(super) limits: Limits,
    pub(super) allow: Option<Allow>,
}

/// What its kind asks for.
#[derive(Clone, Debug)]
pub(super) enum Limits {
    Any,
    Integer { least: i64, most: i64 },
    Choice(Vec<String>),
    Duration { least: Span, most: Option<Span> },
    Amount { least: Amount, most: Option<Amount>, unit: Option<String> },
    Matchers,
}

/// What the whole of it must match.
#[derive(Clone, Debug)]
pub(super) struct Allow {
    pattern: String,
    regex: Regex,
    /// The same in words.
    says: Option<String>,
}

/// What was made of the few expressions there are: one that counts characters beyond ASCII takes so long that a form, which
/// asks for it with every frame, would stand still.
static COMPILED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);

impl Allow {
    /// # Errors
    /// Why it is no regular expression.
    pub(super) fn new(pattern: &str, says: Option<&str>) -> Result<Self, String> {
        let known = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known().get(pattern).cloned();
        let regex = match before {
            Some(regex) => regex,
            None => whole(pattern, false)?,
        };
        known().insert(pattern.to_owned(), regex.clone());
        Ok(Self { pattern: pattern.to_owned(), regex, says: says.map(str::to_owned) })
    }

    /// `\d` and `.` speak of ASCII, unless the expression itself names something beyond it.
    fn accepts(&self, raw: &str) -> bool {
        let named = [r"\p", r"\x", r"\u"].iter().any(|escape| self.pattern.contains(escape));
        let beyond = named || !self.pattern.is_ascii();
        (raw.is_ascii() || beyond) && self.regex.is_match(raw)
    }
}

impl Allowed {
    /// The one way to write the value, if it may be given: what templates get.
    ///
    /// # Errors
    /// A sentence that shows the value exactly and says what would be accepted.
    pub fn admit(&self, name: &str, value: &Outside) -> Result<Outside, String> {
        let admitted = self.canonical(value.raw());
        admitted.map(Outside::new).ok_or_else(|| {
            format!("{} refuses \"{}\"; it takes {}", SafeText::exact(name), value.exact(), self.words())
        })
    }

    pub(super) fn canonical(&self, raw: &str) -> Option<String> {
        let wide = NEVER.contains(&raw.to_ascii_lowercase().as_str());
        if wide || raw.is_empty() || raw.trim() != raw || raw.chars().any(char::is_control) {
            return None;
        }
        let text = match &self.limits {
            Limits::Any => raw.to_owned(),
            Limits::Integer { least, most } => {
                let number: i64 = raw.parse().ok()?;
                ((*least..=*most).contains(&number) && number.to_string() == raw).then(|| raw.to_owned())?
            }
            Limits::Choice(choices) => {
                let meant = |choice: &&String| *choice == raw || id_of(choice) == Some(raw);
                choices.iter().find(meant)?.clone()
            }
            Limits::Duration { least, most } => {
                let span = Span::parse(raw).ok()?;
                let within = span >= *least && most.is_none_or(|most| span <= most);
                (within && span.as_millis().is_multiple_of(1000)).then(|| span.to_string())?
            }
            Limits::Amount { least, most, unit } => {
                let amount = Amount::parse(raw, unit.as_deref())?;
                let within = amount >= *least && most.as_ref().is_none_or(|most| amount <= *most);
                within.then(|| amount.to_string())?
            }
            Limits::Matchers => Matchers::parse(raw).ok()?.to_string(),
        };
        self.allow.as_ref().is_none_or(|allow| allow.accepts(&text)).then_some(text)
    }

    /// What would be accepted: `4 to 12 digits`, `integer 1…50`, `duration 1m…24h`, `one of eu-1, us-1`.
    pub fn words(&self) -> String {
        let range = |kind: &str, least: String, most: Option<String>, unit: &str| match most {
            Some(most) => format!("{kind} {least}…{most}{unit}"),
            None => format!("{kind} from {least}{unit}"),
        };
        let matchers = || {
            format!("matchers like alertname=Down,zone=~\"eu-.*\", one of them {}=…", ANCHORS.join("=… or "))
        };
        let says = self.allow.as_ref().and_then(|allow| allow.says.as_deref());
        let limits = match &self.limits {
            Limits::Any => match says {
                Some(says) => return says.to_owned(),
                None => "text".to_owned(),
            },
            Limits::Matchers => matchers(),
            Limits::Integer { least, most } => range(
                "integer",
                least.to_string(),
                Some(*most).filter(|most| *most < GREATEST).map(|n| n.to_string()),
                "",
            ),
            Limits::Choice(choices) => {
                let named: Vec<&str> = choices.iter().take(NAMED).map(String::as_str).collect();
                let more = choices.len().checked_sub(NAMED).filter(|more| *more > 0);
                let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
                format!("one of {}{more}", named.join(", "))
            }
            Limits::Duration { least, most } => {
                let words = range("duration", least.to_string(), most.map(|most| most.to_string()), "");
                format!("{words}, written like 90 min, 2h or 3 days")
            }
            Limits::Amount { least, most, unit } => {
                let unit = unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
                let most = most.as_ref().map(|most| most.number().to_owned());
                range("amount", least.number().to_owned(), most, &unit)
            }
        };
        // Words where there are some: at night nobody reads a regular expression.
        match (says, &self.allow) {
            (Some(says), _) => format!("{limits}, {says}"),
            (None, Some(allow)) => format!("{limits} matching {}", allow.pattern),
            (None, None) => limits,
        }
    }

    /// What can be chosen, where one of several is.
    pub fn choices(&self) -> &[String] {
        match &self.limits {
            Limits::Choice(choices) => choices,
            _ => &[],
        }
    }
}

/// What templates can name of a value that was admitted: by which name, its text, and whether it is a number in JSON.
pub fn parts(name: &str, kind: Kind, value: &Outside) -> Vec<(String, Outside, bool)> {
    let whole = (name.to_owned(), value.clone(), kind == Kind::Integer);
    let part = |part: &str, text: &str, number| (format!("{name}.{part}"), Outside::new(text), number);
    match kind {
        Kind::String | Kind::Integer | Kind::Matchers => vec![whole],
        Kind::Choice => {
            std::iter::once(whole).chain(id_of(value.raw()).map(|id| part("id", id, false))).collect()
        }
        Kind::Duration => {
            let seconds = Span::parse(value.raw()).map(|span| (span.as_millis() / 1000).to_string());
            let seconds = seconds.map(|seconds| part("seconds", &seconds, true));
            std::iter::once(whole).chain(seconds).collect()
        }
        Kind::Amount => match value.raw().split_once(' ') {
            Some((number, unit)) => vec![whole, part("number", number, false), part("unit", unit, false)],
            None => vec![whole, part("number", value.raw(), false)],
        },
    }
}

/// What a choice is called by machines: the last thing in it, in parentheses, as in `B. Okafor (PXJ29D)`.
pub(super) fn id_of(choice: &str) -> Option<&str> {
    let (_, id) = choice.strip_suffix(')')?.rsplit_once(" (")?;
    Some(id).filter(|id| !id.is_empty() && !id.contains(char::is_whitespace))
}
