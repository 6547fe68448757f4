//! Every pattern of a configuration, compiled once, when a packet is first asked for.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::pattern::{Pattern, Place, compile, squeeze};
use super::{shipped, topic};

/// Matches of one expression in one text that are looked at.
const MATCHES: usize = 1000;

/// The patterns in use, ready to be asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<Pattern>", into = "Vec<Pattern>")]
pub struct Patterns {
    list: Vec<Pattern>,
    compiled: Arc<OnceLock<Compiled>>,
}

#[derive(Debug, Default)]
struct Compiled {
    /// The items that are looked for, one per topic.
    items: Vec<String>,
    rules: Vec<Rule>,
    /// Key → rules.
    named: HashMap<String, Vec<usize>>,
    /// Keys with `*` in them.
    loose: Vec<(Regex, usize)>,
    /// Ends of JSON pointers.
    pointers: Vec<(Regex, usize)>,
    /// Rules that need no key.
    free: Vec<usize>,
}

#[derive(Debug)]
struct Rule {
    item: usize,
    within: Vec<Place>,
    find: Option<Regex>,
}

impl Default for Patterns {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl PartialEq for Patterns {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl From<Vec<Pattern>> for Patterns {
    fn from(list: Vec<Pattern>) -> Self {
        Self { list, compiled: Arc::default() }
    }
}

impl From<Patterns> for Vec<Pattern> {
    fn from(patterns: Patterns) -> Self {
        patterns.list
    }
}

impl Patterns {
    /// The configured patterns, then the shipped ones for every item that is not said to be configured `only`.
    /// One with flaws finds nothing.
    pub fn new(configured: &[Pattern]) -> Self {
        let replaced: Vec<String> = configured.iter().filter(|p| p.only).map(|p| topic(&p.item)).collect();
        let kept =
            shipped::patterns().into_iter().filter(|pattern| !replaced.contains(&topic(&pattern.item)));
        configured.iter().cloned().chain(kept).collect::<Vec<_>>().into()
    }

    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| Compiled::of(&self.list))
    }

    /// The items that are looked for, one per topic.
    pub fn items(&self) -> &[String] {
        &self.compiled().items
    }

    /// What the rules for a key, or for the end of a pointer, make of the text under it: the item's place among
    /// [`Patterns::items`] and a value.
    pub(super) fn under(
        &self,
        place: Place,
        key: &str,
        pointer: &str,
        text: &str,
        mut take: impl FnMut(usize, &str),
    ) {
        let key = squeeze(key);
        let compiled = self.compiled();
        let named = compiled.named.get(&key).into_iter().flatten();
        let loose = compiled.loose.iter().filter(|(regex, _)| regex.is_match(&key)).map(|(_, rule)| rule);
        let pointer = squeeze(pointer);
        let ends =
            compiled.pointers.iter().filter(|(regex, _)| regex.is_match(&pointer)).map(|(_, rule)| rule);
        for rule in named.chain(loose).chain(ends).filter_map(|rule| compiled.rules.get(*rule)) {
            rule.look(place, text, &mut take);
        }
    }

    /// What the rules that need no key find in a text.
    pub(super) fn anywhere(&self, place: Place, text: &str, mut take: impl FnMut(usize, &str)) {
        let compiled = self.compiled();
        for rule in compiled.free.iter().filter_map(|rule| compiled.rules.get(*rule)) {
            rule.look(place, text, &mut take);
        }
    }
}

impl Compiled {
    fn of(list: &[Pattern]) -> Self {
        let mut compiled = Self::default();
        for pattern in list.iter().filter(|pattern| pattern.flaws().is_empty()) {
            compiled.add(pattern);
        }
        compiled
    }

    fn add(&mut self, pattern: &Pattern) {
        let find = match pattern.find.as_deref().map(compile) {
            None => None,
            Some(Ok(find)) => Some(find),
            Some(Err(_)) => return,
        };
        let about = topic(&pattern.item);
        let item = self.items.iter().position(|item| topic(item) == about).unwrap_or_else(|| {
            self.items.push(pattern.item.clone());
            self.items.len() - 1
        });
        let rule = self.rules.len();
        self.rules.push(Rule { item, within: pattern.within.clone(), find });
        if pattern.keys.is_empty() {
            self.free.push(rule);
        }
        for key in &pattern.keys {
            let squeezed = squeeze(key);
            let is_pointer = squeezed.starts_with('/');
            if !is_pointer && !squeezed.contains('*') {
                self.named.entry(squeezed).or_default().push(rule);
            } else if let Ok(regex) = glob(&squeezed, is_pointer) {
                if is_pointer { &mut self.pointers } else { &mut self.loose }.push((regex, rule));
            }
        }
    }
}

/// A key with `*` in it: a pointer is matched at its end, a name as a whole.
fn glob(key: &str, is_pointer: bool) -> Result<Regex, String> {
    let parts: Vec<String> = key.split('*').map(regex::escape).collect();
    match is_pointer {
        true => compile(&format!("(?s){}$", parts.join("[^/]*"))),
        false => compile(&format!("(?s)^{}$", parts.join(".*"))),
    }
}

impl Rule {
    fn look(&self, place: Place, text: &str, take: &mut impl FnMut(usize, &str)) {
        if !self.within.contains(&place) {
            return;
        }
        let Some(find) = &self.find else { return take(self.item, text) };
        for found in find.captures_iter(text).take(MATCHES) {
            if let Some(value) = found.get(1).or(found.get(0)) {
                take(self.item, value.as_str());
            }
        }
    }
}
