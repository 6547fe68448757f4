//! Labels whose values are shown only to those who ask for them, on record.

use std::collections::BTreeSet;

use super::incident::Incident;
use super::notice::Notice;
use super::opening::{Joining, Opening};
use super::packet::{Packet, Whence};
use super::record::{Entry, Moving, Record, Tied};
use super::signal::{Labels, Packed, Signal};
use super::text::Outside;

/// What stands in the place of a hidden value.
pub const HIDDEN: &str = "••••";

/// The names of those labels, in whatever case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sensitive(BTreeSet<String>);

impl Sensitive {
    /// The labels of these names.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(str::to_ascii_lowercase).collect())
    }

    /// No label is sensitive.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What hides the sensitive values of an incident, and of what its sources say of it now.
    pub fn veil(&self, incident: &Incident, signals: &[Signal]) -> Veil<'_> {
        let aside = incident.taken_in.iter().flat_map(|taken| taken.aside().values());
        let joined = incident.signals.values().chain(aside).flat_map(|signal| signal.labels.raw());
        let live = signals.iter().flat_map(|signal| [&signal.labels, &signal.annotations]);
        self.over(joined.chain(raw(live.chain(opened_with(&incident.opening)))))
    }

    fn over<'a>(&self, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Veil<'_> {
        let (mut labels, mut values) = (BTreeSet::new(), BTreeSet::new());
        for (name, value) in pairs.filter(|(name, _)| self.names(name)) {
            labels.insert(Outside::new(name));
            values.insert(value.trim().to_ascii_lowercase());
        }
        let mut values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        // The longest first: one that another is a part of is hidden whole.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Veil { sensitive: self, labels, values }
    }

    fn names(&self, label: &str) -> bool {
        self.0.contains(&label.to_ascii_lowercase())
    }
}

/// What hides the sensitive values of one incident: the one place where they become [`HIDDEN`]. It lies over what
/// sources say and what is made of that. What people wrote, and what they confirmed, stands as it is.
#[derive(Clone, Debug)]
pub struct Veil<'a> {
    sensitive: &'a Sensitive,
    labels: BTreeSet<Outside>,
    /// Lower case, the longest first.
    values: Vec<String>,
}

impl Veil<'_> {
    /// The sensitive labels there are.
    pub fn labels(&self) -> impl Iterator<Item = &Outside> {
        self.labels.iter()
    }

    /// The values it hides, in lower case.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Whether a text says what is hidden.
    pub fn hides(&self, text: &Outside) -> bool {
        self.text(text) != *text
    }

    /// The text without the hidden values that are whole words of it.
    pub fn text(&self, text: &Outside) -> Outside {
        Outside::new(without_words(text.raw(), &self.values))
    }

    /// The incident, its actions and what people said of it left as they are.
    pub fn incident(&self, incident: &Incident) -> Incident {
        let mut incident = incident.clone();
        self.opening(&mut incident.opening);
        self.moving(&mut incident.signals);
        for taken in &mut incident.taken_in {
            self.hide(&mut taken.title);
            let (groups, aside) = taken.kept_mut();
            groups.iter_mut().for_each(|group| self.hide_in(group));
            self.moving(aside);
        }
        incident
    }

    /// A signal.
    pub fn signal(&self, signal: &mut Signal) {
        self.hide(&mut signal.title);
        self.hide(&mut signal.description);
        self.set(&mut signal.labels);
        self.set(&mut signal.annotations);
        signal.runbook.iter_mut().chain(&mut signal.link).for_each(|link| self.hide(link));
        if let Some(upstream) = &mut signal.upstream {
            let comments = upstream.silences.iter_mut().map(|silence| &mut silence.comment);
            let others = upstream.inhibited_by.iter_mut().chain(&mut upstream.inhibits);
            comments.chain(others).for_each(|text| self.hide(text));
        }
    }

    /// A record, with what it says of signals that the incident has no more.
    pub fn record(&self, record: &mut Record) {
        let own = match &record.entry {
            Entry::Opened(opening) => self.sensitive.over(raw(opened_with(opening))),
            Entry::SignalJoined(joining) => self.sensitive.over(raw([&joining.labels])),
            Entry::Tied(tied) => self.sensitive.over(tied.came().flat_map(|(_, joined)| joined.labels.raw())),
            _ => self.sensitive.over([].into_iter()),
        };
        for veil in [self, &own] {
            match &mut record.entry {
                Entry::Opened(opening) => veil.opening(opening),
                Entry::SignalJoined(joining) => veil.joining(joining),
                Entry::Tied(tied) => veil.tied(tied),
                Entry::NoticeRaised(notice) => veil.notice(notice),
                _ => {}
            }
        }
    }

    /// A notice.
    pub fn notice(&self, notice: &mut Notice) {
        self.hide(&mut notice.text);
    }

    /// What an escalation would say.
    pub fn packet(&self, packet: &mut Packet) {
        for fact in packet.items.iter_mut().flat_map(|item| &mut item.values) {
            self.hide(&mut fact.value);
            if let Whence::Label { signal, .. } | Whence::Detail { signal, .. } = &mut fact.whence {
                self.hide(signal);
            }
        }
    }

    fn opening(&self, opening: &mut Opening) {
        self.hide(&mut opening.title);
        self.hide(&mut opening.because);
        self.set(&mut opening.labels);
        opening.group.iter_mut().for_each(|group| self.hide_in(group));
        opening.signal.iter_mut().for_each(|joining| self.joining(joining));
    }

    fn joining(&self, joining: &mut Joining) {
        self.hide(&mut joining.title);
        self.set(&mut joining.labels);
    }

    fn tied(&self, tied: &mut Tied) {
        match tied {
            Tied::TookIn { title, groups, signals, .. } => {
                self.hide(title);
                groups.iter_mut().for_each(|group| self.hide_in(group));
                self.moving(signals);
            }
            Tied::CameOut { signals, .. } | Tied::Linked { came: signals, .. } => self.moving(signals),
            Tied::MergedInto { .. } | Tied::LetGo { .. } | Tied::Unlinked { .. } => {}
        }
    }

    fn moving(&self, signals: &mut Moving) {
        for joined in signals.values_mut() {
            self.hide(&mut joined.title);
            let mut labels = joined.labels.unpacked();
            self.set(&mut labels);
            joined.labels = Packed::from(&labels);
        }
    }

    /// A sensitive label's value whatever it is, and of the others what says the same.
    fn set(&self, labels: &mut Labels) {
        for (name, value) in labels {
            if self.sensitive.names(name.raw()) {
                *value = Outside::new(HIDDEN);
            } else {
                self.hide(value);
            }
        }
    }

    fn hide(&self, text: &mut Outside) {
        *text = self.text(text);
    }

    fn hide_in(&self, text: &mut String) {
        *text = self.text(&Outside::new(text.as_str())).raw().to_owned();
    }
}

/// Names and values of all these labels, as they came.
fn raw<'a>(sets: impl IntoIterator<Item = &'a Labels>) -> impl Iterator<Item = (&'a str, &'a str)> {
    sets.into_iter().flatten().map(|(name, value)| (name.raw(), value.raw()))
}

/// The labels an incident began with, whatever became of its first signal.
fn opened_with(opening: &Opening) -> impl Iterator<Item = &Labels> {
    opening.signal.iter().map(|joining| &joining.labels).chain([&opening.labels])
}

/// The text without these values where they are whole words of it; they are in lower case, the longest first.
pub fn without_words(text: &str, values: &[String]) -> String {
    values.iter().fold(text.to_owned(), |text, value| without(text, value))
}

/// The text without a value where it is a whole word; what the text itself does not go on with needs no edge.
fn without(text: String, value: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut out, mut kept) = (String::new(), 0);
    for (at, found) in lower.match_indices(value) {
        let end = at + found.len();
        let (before, after) = (lower.get(..at).unwrap_or_default(), lower.get(end..).unwrap_or_default());
        let goes_on = found.starts_with(is_word) && before.ends_with(is_word)
            || found.ends_with(is_word) && after.starts_with(is_word);
        if !goes_on {
            out.push_str(text.get(kept..at).unwrap_or_default());
            out.push_str(HIDDEN);
            kept = end;
        }
    }
    if kept == 0 {
        return text;
    }
    out + text.get(kept..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hiding<'a>(sensitive: &'a Sensitive, pairs: &[(&str, &str)]) -> Veil<'a> {
        let labels: Labels =
            pairs.iter().map(|(name, value)| (Outside::new(*name), Outside::new(*value))).collect();
        sensitive.over(raw([&labels]))
    }

    #[test]
    fn whole_words_are_hidden_and_parts_of_words_are_not() {
        let sensitive = Sensitive::new(["Account", "email"]);
        let veil =
            hiding(&sensitive, &[("account", "88213"), ("EMAIL", "Ana@Example.com"), ("pod", "88213-1")]);
        for (text, shown) in [
            ("Login failures acct 88213, 4 IPs", "Login failures acct ••••, 4 IPs"),
            ("acct-88213 and 88213", "acct-•••• and ••••"),
            ("order 882130, key 188213, ord_88213", "order 882130, key 188213, ord_88213"),
            ("mail to ANA@example.com bounced", "mail to •••• bounced"),
            ("ana@example.community", "ana@example.community"),
            ("é88213", "é88213"),
            ("", ""),
        ] {
            assert_eq!(veil.text(&Outside::new(text)).raw(), shown);
        }
        assert_eq!(veil.labels().map(Outside::raw).collect::<Vec<_>>(), ["EMAIL", "account"]);
    }

    #[test]
    fn the_longer_value_goes_first_and_an_empty_one_hides_nothing() {
        let sensitive = Sensitive::new(["account", "desk", "note"]);
        let veil = hiding(&sensitive, &[("account", "88213"), ("desk", "88213 north"), ("note", " ")]);
        assert_eq!(veil.text(&Outside::new("desk 88213 north of 88213")).raw(), "desk •••• of ••••");
        assert!(!veil.hides(&Outside::new("a b  c")));
        assert!(hiding(&Sensitive::default(), &[("account", "88213")]).is_empty());
    }
}
