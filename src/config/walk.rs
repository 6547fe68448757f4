//! Walks the file as typed against its shape: finds every unknown key, missing key and wrong value, with its place.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::problem::{HIDDEN, Place, Problem, holds_login, line_of};
use super::shape::{Key, Kind, Need, Shape, Table, nearest, quoted};
use super::show::{Origin, Setting};
use super::value;

/// A table as typed.
pub(super) type Typed<'a> = DeTable<'a>;

/// A table as read, without those of its keys that are wrong.
pub(super) struct Entry<'a, T> {
    pub(super) value: T,
    /// Whether its shape is right: what is missing from it otherwise may be there under a wrong name.
    pub(super) sound: bool,
    pub(super) table: &'a Typed<'a>,
    pub(super) span: Range<usize>,
}

impl<T> Entry<'_, T> {
    /// Where a value stands: the keys that lead to it, as far as they do. A number leads to that one of several.
    pub(super) fn at(&self, keys: &[&str]) -> Range<usize> {
        let Some((first, rest)) = keys.split_first() else { return self.span.clone() };
        let Some(mut value) = get(self.table, first) else { return self.span.clone() };
        for key in rest {
            let inner = match value.get_ref() {
                DeValue::Table(table) => get(table, key),
                DeValue::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
                _ => None,
            };
            let Some(inner) = inner else { break };
            value = inner;
        }
        value.span()
    }

    /// Where one of several values in a list stands.
    pub(super) fn at_element(&self, list: &str, index: usize) -> Range<usize> {
        let item = get(self.table, list).and_then(|value| value.get_ref().as_array()?.get(index));
        item.map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Where a key of one of several tables within stands.
    pub(super) fn at_item(&self, tables: &str, index: usize, key: &str) -> Range<usize> {
        let item = get(self.table, tables).and_then(|value| value.get_ref().as_array()?.get(index));
        let value = item.and_then(|item| get(item.get_ref().as_table()?, key).or(Some(item)));
        value.map_or_else(|| self.span.clone(), Spanned::span)
    }
}

/// A key's value.
pub(super) fn get<'a, 'i>(table: &'a Typed<'i>, name: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

/// What a kinded table is.
enum Of {
    /// Of this shape.
    Kind(&'static Table),
    /// Wrong in its kind, and probably of one of these shapes.
    Probably(Vec<&'static Table>),
}

/// What was found on the way.
pub(super) struct Walk<'t> {
    pub(super) text: &'t str,
    pub(super) file: &'t str,
    found: Vec<(Range<usize>, Problem)>,
    secrets: Vec<Range<usize>>,
    /// Every value with where it came from.
    pub(super) settings: Vec<Setting>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(text: &'t str, file: &'t str) -> Self {
        Self { text, file, found: Vec::new(), secrets: Vec::new(), settings: Vec::new() }
    }

    /// Notes something wrong.
    pub(super) fn wrong(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let remedy = Some(remedy.into()).filter(|remedy| !remedy.is_empty());
        self.found.push((span, Problem { message: message.into(), remedy, place: None }));
    }

    /// Whether something wrong is noted at this place.
    pub(super) fn is_wrong(&self, at: &Range<usize>) -> bool {
        self.found.iter().any(|(span, _)| span == at)
    }

    /// Everything wrong so far, in the order of the file.
    pub(super) fn finish(mut self) -> (Vec<Problem>, Vec<Setting>) {
        let (text, secrets) = (self.text, &self.secrets);
        self.found.sort_by_key(|(span, _)| span.start);
        let place = |(span, problem): (Range<usize>, Problem)| Problem {
            place: Some(Place::of(text, &span, secrets)),
            ..problem
        };
        (self.found.into_iter().map(place).collect(), self.settings)
    }

    /// Whether a value given inline is a secret.
    pub(super) fn secrets(&self) -> &[Range<usize>] {
        &self.secrets
    }

    /// Repeats nothing of what stands there.
    pub(super) fn hide(&mut self, span: Range<usize>) {
        self.secrets.push(span);
    }

    /// Checks the keys of the file itself; its tables are read one by one.
    pub(super) fn root(&mut self, root: &Typed<'_>, shape: &Table) {
        for (name, value) in root {
            match shape.keys().find(|key| key.name == name.get_ref()) {
                Some(Key {
                    need: Need::Optional,
                    shape: Shape::Table(_) | Shape::Tables(_) | Shape::Kinds,
                    ..
                }) => {}
                Some(key) => self.value(key, name.span(), value, ""),
                None => self.unknown(name, shape),
            }
        }
        for key in shape.keys() {
            match (key.need, key.shape) {
                (Need::Default(value), _) if get(root, key.name).is_none() => {
                    self.setting("", key.name, value.to_owned(), Origin::Default);
                }
                (Need::Optional, Shape::Table(table)) if get(root, key.name).is_none() => {
                    self.defaults(key.name, table);
                }
                _ => {}
            }
        }
    }

    /// Notes what holds in a table that is not there.
    fn defaults(&mut self, crumb: &str, shape: &Table) {
        for key in shape.keys() {
            match (key.need, key.shape) {
                (Need::Default(value), _) => self.setting(crumb, key.name, value.to_owned(), Origin::Default),
                (Need::Optional, Shape::Table(table)) => {
                    self.defaults(&format!("{crumb}.{}", key.name), table);
                }
                _ => {}
            }
        }
    }

    /// Reads one table that says nothing of its kind.
    pub(super) fn one<'a, T: DeserializeOwned>(
        &mut self,
        root: &'a Typed<'a>,
        name: &str,
        shape: &Table,
    ) -> Option<Entry<'a, T>> {
        let value = get(root, name)?;
        self.entry(value, name, shape)
    }

    /// Reads every `[[name]]`.
    pub(super) fn all<'a, T: DeserializeOwned>(
        &mut self,
        root: &'a Typed<'a>,
        name: &str,
        shape: &Table,
    ) -> Vec<Entry<'a, T>> {
        let tables = self.tables(root, name, shape.title);
        let numbered = (1..).zip(tables);
        numbered.filter_map(|(number, value)| self.entry(value, &crumb(name, number, value), shape)).collect()
    }

    /// Reads every `[[name]]`, each by its `kind`.
    pub(super) fn kinded<'a, T: DeserializeOwned>(
        &mut self,
        root: &'a Typed<'a>,
        name: &str,
        kinds: &[Kind],
    ) -> Vec<Entry<'a, T>> {
        let title = format!("[[{name}]]");
        let tables = self.tables(root, name, &title);
        let mut entries = Vec::new();
        for (number, value) in (1..).zip(tables) {
            let Some(table) = value.get_ref().as_table() else { continue };
            let crumb = crumb(name, number, value);
            match self.shape_of(table, value.span(), name, kinds) {
                Of::Kind(shape) => entries.extend(self.entry(value, &crumb, shape)),
                Of::Probably(shapes) => self.present(table, &crumb, &shapes),
            }
        }
        entries
    }

    fn shape_of(&mut self, table: &Typed<'_>, span: Range<usize>, name: &str, kinds: &[Kind]) -> Of {
        let all = || kinds.iter().filter_map(|kind| kind.table).collect::<Vec<_>>();
        let can: Vec<&str> = kinds.iter().filter(|kind| kind.table.is_some()).map(|kind| kind.word).collect();
        let Some(kind) = get(table, "kind") else {
            self.wrong(
                span,
                format!("[[{name}]] lacks `kind`"),
                format!("add kind = one of {}", quoted(&can)),
            );
            return Of::Probably(all());
        };
        let Some(word) = kind.get_ref().as_str() else {
            self.wrong(kind.span(), "`kind` must be a text", format!("write one of {}", quoted(&can)));
            return Of::Probably(all());
        };
        match kinds.iter().find(|known| known.word == word) {
            Some(Kind { table: Some(shape), .. }) => Of::Kind(shape),
            Some(_) => {
                let instead = format!("use {}", can.join(" or "));
                self.wrong(kind.span(), format!("this build cannot do `{word}` {name}s yet"), instead);
                // Its keys are its own.
                Of::Probably(Vec::new())
            }
            None => {
                let shown = word.escape_default();
                let meant = nearest(word, can.iter().copied());
                let remedy = match meant {
                    Some(meant) => format!("did you mean \"{meant}\"?"),
                    None => format!("the kinds are {}", quoted(&can)),
                };
                self.wrong(kind.span(), format!("`{shown}` is no kind of {name}"), remedy);
                let probably = kinds.iter().filter(|kind| meant == Some(kind.word));
                Of::Probably(probably.filter_map(|kind| kind.table).collect())
            }
        }
    }

    fn tables<'a>(&mut self, root: &'a Typed<'a>, name: &str, title: &str) -> Vec<&'a Spanned<DeValue<'a>>> {
        let Some(value) = get(root, name) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) if items.iter().all(|item| item.get_ref().is_table()) => {
                items.iter().collect()
            }
            _ => {
                self.wrong(
                    value.span(),
                    format!("`{name}` must be tables"),
                    format!("begin each with {title}"),
                );
                Vec::new()
            }
        }
    }

    fn entry<'a, T: DeserializeOwned>(
        &mut self,
        value: &'a Spanned<DeValue<'a>>,
        crumb: &str,
        shape: &Table,
    ) -> Option<Entry<'a, T>> {
        let before = self.found.len();
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(value.span(), format!("`{crumb}` must be a table"), format!("write {}", shape.title));
            return None;
        };
        self.table(table, value.span(), crumb, shape);
        let wrong: Vec<usize> = self.found.iter().skip(before).map(|(span, _)| span.start).collect();
        let sound = wrong.is_empty();
        match T::deserialize(ValueDeserializer::from(without(value, table, &wrong))) {
            Ok(read) => Some(Entry { value: read, sound, table, span: value.span() }),
            // What is wrong with it is noted.
            Err(_) if !sound => None,
            Err(error) => {
                let span = error.span().unwrap_or_else(|| value.span());
                let (what, remedy) = error.message().split_once("; ").unwrap_or((error.message(), ""));
                self.wrong(span, what, remedy);
                None
            }
        }
    }

    /// Checks what stands in a table that is probably of one of these shapes. What it lacks is not known.
    fn present(&mut self, table: &Typed<'_>, crumb: &str, shapes: &[&'static Table]) {
        let Some(first) = shapes.first() else { return };
        for (name, value) in table.iter().filter(|(name, _)| name.get_ref() != "kind") {
            match shapes.iter().flat_map(|shape| shape.keys()).find(|key| key.name == name.get_ref()) {
                Some(key) => self.value(key, name.span(), value, crumb),
                None => self.unknown(name, first),
            }
        }
    }

    /// Checks a table's keys and values.
    pub(super) fn table(&mut self, table: &Typed<'_>, span: Range<usize>, crumb: &str, shape: &Table) {
        for (name, value) in table {
            match shape.keys().find(|key| key.name == name.get_ref()) {
                Some(key) => self.value(key, name.span(), value, crumb),
                None => self.unknown(name, shape),
            }
        }
        let refused = |key: &Key| matches!(key.need, Need::NotYet(_)) && get(table, key.name).is_some();
        let refused = shape.keys().any(refused);
        for key in shape.keys() {
            match key.need {
                // What is refused probably stands in the place of what is missing.
                Need::Required if refused => {}
                Need::Required if get(table, key.name).is_none() => {
                    let remedy = format!("add {} = {}", key.name, key.shape.expected());
                    self.wrong(span.clone(), format!("{} lacks `{}`", shape.title, key.name), remedy);
                }
                Need::Default(value) if get(table, key.name).is_none() => {
                    self.setting(crumb, key.name, value.to_owned(), Origin::Default);
                }
                Need::Optional if get(table, key.name).is_none() => {
                    if let Shape::Table(within) = key.shape {
                        self.defaults(&format!("{crumb}.{}", key.name), within);
                    }
                }
                _ => {}
            }
        }
    }

    fn unknown(&mut self, name: &Spanned<std::borrow::Cow<'_, str>>, shape: &Table) {
        let known = || shape.keys().filter(|key| !matches!(key.need, Need::NotYet(_))).map(|key| key.name);
        let remedy = match nearest(name.get_ref(), known()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it knows {}", known().collect::<Vec<_>>().join(", ")),
        };
        let shown = name.get_ref().escape_default();
        self.wrong(name.span(), format!("`{shown}` is no key of {}", shape.title), remedy);
    }

    fn value(&mut self, key: &Key, name: Range<usize>, value: &Spanned<DeValue<'_>>, crumb: &str) {
        if let Need::NotYet(instead) = key.need {
            let (what, remedy) = instead.split_once("; ").unwrap_or((instead, ""));
            self.wrong(name, format!("this build cannot {what} yet"), remedy);
            return;
        }
        let deeper = format!("{crumb}.{}", key.name);
        let deeper = deeper.trim_start_matches('.');
        match (key.shape, value.get_ref()) {
            (Shape::Table(shape), DeValue::Table(table)) => self.table(table, value.span(), deeper, shape),
            (Shape::Tables(shape), DeValue::Array(items)) if items.iter().all(|i| i.get_ref().is_table()) => {
                for (number, item) in (1..).zip(items) {
                    if let Some(table) = item.get_ref().as_table() {
                        self.table(table, item.span(), &format!("{deeper}.{number}"), shape);
                    }
                }
            }
            _ => match value::check(key.shape, value) {
                Ok(()) => {
                    let secret = matches!(key.shape, Shape::Secret);
                    if secret {
                        self.secrets.push(value.span());
                    }
                    let typed = self.text.get(value.span()).unwrap_or_default();
                    let shown =
                        if secret || holds_login(typed) { HIDDEN.to_owned() } else { one_line(typed) };
                    let line = line_of(self.text, value.span().start);
                    self.setting(crumb, key.name, shown, Origin::File(self.file.to_owned(), line));
                }
                Err(wrong) => {
                    if matches!(key.shape, Shape::Secret) {
                        self.secrets.push(value.span());
                    }
                    let at = wrong.at.unwrap_or_else(|| value.span());
                    self.wrong(at, format!("`{}` {}", key.name, wrong.message), wrong.remedy);
                }
            },
        }
    }

    /// Notes a value and where it came from.
    pub(super) fn setting(&mut self, crumb: &str, name: &str, value: String, origin: Origin) {
        let key = if crumb.is_empty() { name.to_owned() } else { format!("{crumb}.{name}") };
        self.settings.push(Setting { key, value, origin });
    }
}

/// A table without the keys at, or in the values of, which something is wrong.
fn without<'a>(value: &Spanned<DeValue<'a>>, table: &Typed<'a>, wrong: &[usize]) -> Spanned<DeValue<'a>> {
    let right = |(name, value): &(&Spanned<_>, &Spanned<_>)| {
        !wrong.iter().any(|at| name.span().contains(at) || value.span().contains(at))
    };
    let kept = table.iter().filter(right).map(|(name, value)| (name.clone(), value.clone())).collect();
    Spanned::new(value.span(), DeValue::Table(kept))
}

/// `source.prod-am`, or `rule.2` where there is no name.
fn crumb(name: &str, number: usize, value: &Spanned<DeValue<'_>>) -> String {
    let table = value.get_ref().as_table();
    let called = table.and_then(|table| {
        ["name", "id", "audience"].iter().find_map(|key| get(table, key))?.get_ref().as_str()
    });
    match called {
        Some(called) => format!("{name}.{called}"),
        None => format!("{name}.{number}"),
    }
}

fn one_line(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ")
}
