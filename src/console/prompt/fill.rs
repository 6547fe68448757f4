//! What people say about how much an incident weighs: a value, and why, for each thing they say.

use serde::{Deserialize, Serialize};

use crate::console::choosing::stepped;
use crate::console::field::Field;
use crate::console::impact;
use crate::domain::classification::{Fact, Funds, Scope, Urgency};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::Entry;
use crate::domain::text::Outside;

/// What is being said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fill {
    /// About which incident.
    pub id: IncidentId,
    /// The version that was shown.
    pub seen: u64,
    /// About what of it.
    pub about: About,
    /// Each thing.
    pub slots: Vec<Slot>,
    /// The place of the one with the caret.
    pub at: usize,
    /// The caret is in its why.
    pub on_why: bool,
    /// Why it will not do.
    pub error: Option<String>,
    /// It is asked whether to throw it away.
    #[serde(default)]
    pub leaving: bool,
}

/// What of an incident it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// How many are affected.
    Impact,
    /// How soon, how far, which part, which environment, what is at risk.
    Classification,
}

/// One thing that can be said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// What.
    pub name: String,
    /// How to say it.
    pub says: String,
    /// One of these; none where words are typed.
    pub choices: Vec<String>,
    /// What is said now.
    pub value: Field,
    /// What was said before.
    pub was: Option<Outside>,
    /// Why.
    pub why: Field,
}

/// What keeps a form from being written down: where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The place of the slot.
    pub at: usize,
    /// It is its why.
    pub on_why: bool,
    /// What to do about it.
    pub says: String,
}

impl Slot {
    fn new(name: &str, says: &str, choices: &[&str], was: Option<Outside>) -> Self {
        let value = was.as_ref().map(|was| Field::with(was.raw())).unwrap_or_default();
        Self {
            name: name.to_owned(),
            says: says.to_owned(),
            choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
            value,
            was,
            why: Field::default(),
        }
    }

    /// It says something else than before.
    pub fn is_changed(&self) -> bool {
        !self.value.is_blank() && self.was.as_ref().is_none_or(|was| was.raw() != self.value.text().trim())
    }

    /// Its line for a why is shown.
    pub fn shows_why(&self) -> bool {
        self.is_changed() || !self.why.is_blank()
    }

    /// Takes the next of its choices.
    pub fn cycle(&mut self, by: isize) {
        let here = self.choices.iter().position(|choice| *choice == self.value.text());
        let next = stepped(here, by, self.choices.len());
        if let Some(choice) = next.and_then(|place| self.choices.get(place)) {
            self.value = Field::with(choice.clone());
        }
    }

    fn because(&self) -> Option<Outside> {
        (!self.why.is_blank()).then(|| Outside::new(self.why.text().trim()))
    }
}

impl Fill {
    /// How many are affected.
    pub fn impact(incident: &Incident) -> Self {
        let says = "120, or 100..500, or: unknown because …";
        let mut users = Slot::new("users affected", says, &[], None);
        users.was = incident.impact.as_ref().map(crate::domain::classification::Impact::words);
        Self::of(incident, About::Impact, vec![users])
    }

    /// How much it weighs otherwise.
    pub fn classification(incident: &Incident) -> Self {
        let known = &incident.classification;
        let word = |word: Option<&str>| word.map(Outside::new);
        let all = |words: Vec<&'static str>| words;
        let urgencies = all(Urgency::ALL.iter().map(|it| it.word()).collect());
        let scopes = all(Scope::ALL.iter().map(|it| it.word()).collect());
        let funds = all(Funds::ALL.iter().map(|it| it.word()).collect());
        let slots = vec![
            Slot::new(
                "urgency",
                "how soon it must be over",
                &urgencies,
                word(known.urgency.map(Urgency::word)),
            ),
            Slot::new(
                "scope",
                "how many of the customers it reaches",
                &scopes,
                word(known.scope.map(Scope::word)),
            ),
            Slot::new("product area", "as in: spot trading, withdrawals, API", &[], known.area.clone()),
            Slot::new("environment", "as in: production, sandbox", &[], known.environment.clone()),
            Slot::new("funds at risk", "unknown counts as yes", &funds, word(known.funds.map(Funds::word))),
        ];
        Self::of(incident, About::Classification, slots)
    }

    fn of(incident: &Incident, about: About, slots: Vec<Slot>) -> Self {
        let (id, seen) = (incident.id.clone(), incident.version);
        Self { id, seen, about, slots, at: 0, on_why: false, error: None, leaving: false }
    }

    /// Whether a slot's line for a why is shown.
    pub fn shows_why(&self, slot: &Slot) -> bool {
        self.about == About::Impact || slot.shows_why()
    }

    /// The lines a caret can stand on, in order: the slot's place, and whether it is its why.
    pub fn stops(&self) -> Vec<(usize, bool)> {
        let each = |(place, slot): (usize, &Slot)| {
            let why = self.shows_why(slot).then_some((place, true));
            std::iter::once((place, false)).chain(why)
        };
        self.slots.iter().enumerate().flat_map(each).collect()
    }

    /// The field with the caret, unless one of several is chosen there.
    pub fn field(&mut self) -> Option<&mut Field> {
        let slot = self.slots.get_mut(self.at)?;
        match self.on_why {
            true => Some(&mut slot.why),
            false if slot.choices.is_empty() => Some(&mut slot.value),
            false => None,
        }
    }

    /// Whether somebody typed or chose something.
    pub fn is_changed(&self) -> bool {
        self.slots.iter().any(Slot::shows_why)
    }

    /// Takes note of what is said about the incident by now; what is typed stays.
    pub fn rebind(&mut self, incident: &Incident) {
        let now = match self.about {
            About::Impact => Self::impact(incident),
            About::Classification => Self::classification(incident),
        };
        self.seen = now.seen;
        for (slot, now) in self.slots.iter_mut().zip(now.slots) {
            slot.was = now.was;
        }
    }

    /// What is to be written down: only what changes.
    ///
    /// # Errors
    /// Where the first flaw is.
    pub fn entries(&self) -> Result<Vec<Entry>, Flaw> {
        let mut out = Vec::new();
        for (at, slot) in self.slots.iter().enumerate() {
            if self.about == About::Classification && !slot.is_changed() {
                continue;
            }
            let flaw = |on_why, says| Flaw { at, on_why, says };
            let entry = self.entry(slot).map_err(|says| flaw(false, says))?;
            if slot.was.is_some() && slot.why.is_blank() {
                return Err(flaw(true, format!("{}: it was said before, say why it changes", slot.name)));
            }
            out.push(entry);
        }
        if out.is_empty() {
            let says = "nothing has changed; esc leaves it as it is".to_owned();
            return Err(Flaw { at: self.at, on_why: self.on_why, says });
        }
        Ok(out)
    }

    /// Why what is typed in the line with the caret will not do as it stands.
    pub fn unfit(&self) -> Option<String> {
        let slot = self.slots.get(self.at).filter(|slot| !self.on_why && slot.is_changed())?;
        self.entry(slot).err()
    }

    fn entry(&self, slot: &Slot) -> Result<Entry, String> {
        let (typed, because) = (slot.value.text(), slot.because());
        let words = || Outside::new(typed.trim());
        let one_of = || format!("{}: {}", slot.name, slot.choices.join(", "));
        Ok(match (self.about, slot.name.as_str()) {
            (About::Impact, _) => Entry::ImpactAssessed { impact: impact::read(&typed)?, because },
            (_, "urgency") => {
                let urgency = Urgency::parse(&typed).ok_or_else(one_of)?;
                Entry::Classified { fact: Fact::Urgency(urgency), because }
            }
            (_, "scope") => {
                let scope = Scope::parse(&typed).ok_or_else(one_of)?;
                Entry::Classified { fact: Fact::Scope(scope), because }
            }
            (_, "funds at risk") => {
                let funds = Funds::parse(&typed).ok_or_else(one_of)?;
                Entry::Classified { fact: Fact::Funds(funds), because }
            }
            (_, "product area") => Entry::Classified { fact: Fact::Area(words()), because },
            _ => Entry::Classified { fact: Fact::Environment(words()), because },
        })
    }
}
