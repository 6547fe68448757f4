//! Silences, as an Alertmanager keeps them: which alerts nobody is to hear of, and until when.

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::alert::{Alert, fnv, written};
use crate::domain::time::Time;

/// A condition on one label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    name: String,
    value: String,
    is_regex: bool,
    #[serde(default = "yes")]
    is_equal: bool,
}

const fn yes() -> bool {
    true
}

impl Matcher {
    /// Reads `name="value"`, as a filter writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let signs = [("=~", true, true), ("!~", true, false), ("!=", false, false), ("=", false, true)];
        let at = text.find(['=', '!'])?;
        let (name, rest) = text.split_at_checked(at)?;
        let (sign, is_regex, is_equal) = signs.into_iter().find(|(sign, ..)| rest.starts_with(sign))?;
        let quoted = rest.strip_prefix(sign)?;
        let value = serde_json::from_str(quoted).unwrap_or_else(|_| quoted.to_owned());
        Some(Self { name: name.trim().to_owned(), value, is_regex, is_equal })
    }

    /// Whether it holds for an alert.
    pub fn holds(&self, alert: &Alert) -> bool {
        let value = alert.value(&self.name);
        let fits = match self.is_regex {
            true => Regex::new(&format!("^(?:{})$", self.value)).is_ok_and(|it| it.is_match(value)),
            false => value == self.value,
        };
        fits == self.is_equal
    }
}

/// What is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    #[serde(default)]
    id: Option<String>,
    matchers: Vec<Matcher>,
    starts_at: Time,
    ends_at: Time,
    created_by: String,
    comment: String,
}

#[derive(Clone, Debug)]
struct Silence {
    id: String,
    wanted: Wanted,
}

/// Every silence there was.
#[derive(Debug, Default)]
pub struct Silences(Vec<Silence>);

impl Silences {
    /// Makes one, or puts another in its place: the id stays where only its time changes.
    ///
    /// # Errors
    /// Why not, as Alertmanager says it.
    pub fn put(&mut self, mut wanted: Wanted, now: Time) -> Result<String, &'static str> {
        if wanted.ends_at <= now {
            return Err("Failed to create silence: end time can't be in the past");
        }
        if wanted.matchers.is_empty() {
            return Err("silence invalid: at least one matcher required");
        }
        wanted.starts_at = wanted.starts_at.max(now);
        if let Some(known) = self.0.iter_mut().find(|it| Some(&it.id) == wanted.id.as_ref()) {
            if known.wanted.matchers == wanted.matchers && known.wanted.ends_at > now {
                wanted.starts_at = known.wanted.starts_at;
                known.wanted = wanted;
                return Ok(known.id.clone());
            }
            known.wanted.ends_at = known.wanted.ends_at.min(now);
        }
        let digits = format!("{:032x}", u128::from(fnv(format!("{}{now}", self.0.len()).as_bytes())));
        let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
        let id = [part(16, 24), part(24, 28), part(28, 32), part(0, 4), part(4, 16)].join("-");
        self.0.push(Silence { id: id.clone(), wanted });
        Ok(id)
    }

    /// Ends one; whether there is one of that id.
    pub fn expire(&mut self, id: &str, now: Time) -> bool {
        let found = self.0.iter_mut().find(|it| it.id == id);
        found.map(|it| it.wanted.ends_at = it.wanted.ends_at.min(now)).is_some()
    }

    /// All of them.
    pub fn all(&self, now: Time) -> Vec<Value> {
        self.0.iter().map(|it| it.json(now)).collect()
    }

    /// One of them.
    pub fn one(&self, id: &str, now: Time) -> Option<Value> {
        self.0.iter().find(|it| it.id == id).map(|it| it.json(now))
    }

    /// The ids of those that keep an alert quiet.
    pub fn of(&self, alert: &Alert, now: Time) -> Vec<&str> {
        let quiets = |it: &&Silence| {
            it.wanted.ends_at > now && it.wanted.matchers.iter().all(|matcher| matcher.holds(alert))
        };
        self.0.iter().filter(quiets).map(|it| it.id.as_str()).collect()
    }
}

impl Silence {
    fn json(&self, now: Time) -> Value {
        let Wanted { matchers, starts_at, ends_at, created_by, comment, .. } = &self.wanted;
        let state = if *ends_at > now { "active" } else { "expired" };
        json!({
            "id": self.id, "matchers": matchers, "startsAt": written(*starts_at),
            "endsAt": written(*ends_at), "updatedAt": written(*starts_at), "createdBy": created_by,
            "comment": comment, "status": { "state": state },
        })
    }
}
