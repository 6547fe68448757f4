//! What an engine is configured with, adapters aside.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::path::PathBuf;

use crate::backend::Catalogue;
use crate::domain::bulletin::{self, Reach};
use crate::domain::calendar::{Calendar, Within};
use crate::domain::duty::Duty;
use crate::domain::escalation::Path;
use crate::domain::identity::Person;
use crate::domain::monitor::Streaks;
use crate::domain::monitor::maintenance::Window;
use crate::domain::packet::Patterns;
use crate::domain::playbook::Playbook;
use crate::domain::protected::Protected;
use crate::domain::rule::{Rule, shipped};
use crate::domain::sensitive::Sensitive;
use crate::domain::severity::Severity;
use crate::domain::snooze::Limits;
use crate::domain::time::{Span, Time};
use crate::notify::quiet::Quiet;

/// A monitor's schedule and weight, as the engine needs them.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// The monitor's name.
    pub name: String,
    /// `http`, `tcp`, …
    pub kind: String,
    /// The service it watches.
    pub service: String,
    /// What it probes, without secrets.
    pub target: String,
    /// The interval.
    pub every: Span,
    /// How bad it is when down.
    pub severity: Severity,
    /// When it turns.
    pub streaks: Streaks,
    /// When nothing opens.
    pub maintenance: Vec<Window>,
    /// Whether somebody tells it that what it watches lives.
    pub is_fed: bool,
}

/// When an acknowledgement is due, and how long it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Ack {
    /// From opening, for a critical.
    pub critical: Option<Span>,
    /// From opening, for a high.
    pub high: Option<Span>,
    /// From opening, for the rest.
    pub normal: Option<Span>,
    /// Without an act of the owner.
    pub expires: Span,
}

impl Default for Ack {
    fn default() -> Self {
        Self {
            critical: Some(Span::mins(5)),
            high: Some(Span::mins(15)),
            normal: None,
            expires: Span::mins(30),
        }
    }
}

impl Ack {
    /// When somebody must have acknowledged an incident that opened at `at`.
    pub fn due(&self, severity: Severity, at: Time) -> Option<Time> {
        let within = match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Normal => self.normal,
        };
        within.map(|span| at + span.delta())
    }
}

/// What an engine is configured with, adapters aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Where its files stand: locks, live tables.
    pub state: PathBuf,
    /// The terminal of this process, where it has one.
    pub tty: Option<String>,
    /// All of it as it was written, a line each, with no secret in it.
    pub configuration: String,
    /// Its monitors' schedules, by the order of the adapters.
    pub watches: Vec<Watch>,
    /// The configured rules, then the shipped ones.
    pub rules: Vec<Rule>,
    /// The labels whose values are shown only to those who ask for them.
    pub sensitive: Sensitive,
    /// The labels that signals of one incident share.
    pub group_by: Vec<String>,
    /// How long the signals of an untouched incident must be gone.
    pub clear_after: Span,
    /// Acknowledgements.
    pub ack: Ack,
    /// For how long an incident may be put off.
    pub snooze: Limits,
    /// Which days are business days.
    pub calendar: Calendar,
    /// Containments.
    pub playbooks: Vec<Playbook>,
    /// Escalation paths, the compiled-in ones with what was configured for them.
    pub paths: Vec<Path>,
    /// How the channels that carry bulletins reach their readers, by name.
    pub reaches: BTreeMap<String, Reach>,
    /// Bulletins.
    pub bulletins: bulletin::Settings,
    /// How the values of packets are recognised: the configured patterns, then the shipped ones.
    pub patterns: Patterns,
    /// The digest of every table of the configuration, by name; empty where there is none.
    pub tables: BTreeMap<String, String>,
    /// Whether verbs of the change class are on.
    pub actions_enabled: bool,
    /// While this file exists, they are off all the same.
    pub safety_file: Option<PathBuf>,
    /// Targets that nobody may touch, or nobody alone.
    pub protected: Vec<Protected>,
    /// How many containments one operator may do within an hour.
    pub per_hour: u32,
    /// Whose keys are known.
    pub people: Vec<Person>,
    /// How long what watches an incident must be healthy before it counts as recovered.
    pub healthy_for: Span,
    /// How often the commander of a critical incident asks everybody.
    pub callout_every: Span,
    /// By when a review is due, from the resolution.
    pub review_within: Within,
    /// Reports that must be made.
    pub duties: Vec<Duty>,
    /// Those that can tell people.
    pub tellers: Vec<String>,
    /// How often an unacknowledged critical is told again.
    pub repeat: Option<Span>,
    /// When only what is critical is told to the program that hears of notices.
    pub quiet: Option<Quiet>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            state: PathBuf::new(),
            tty: None,
            configuration: String::new(),
            watches: Vec::new(),
            rules: shipped(),
            sensitive: Sensitive::default(),
            group_by: vec!["alertname".to_owned(), "service".to_owned()],
            clear_after: Span::mins(5),
            ack: Ack::default(),
            snooze: Limits::default(),
            calendar: Calendar::default(),
            playbooks: Vec::new(),
            paths: Path::compiled_in(),
            reaches: BTreeMap::new(),
            bulletins: bulletin::Settings::default(),
            patterns: Patterns::default(),
            tables: BTreeMap::new(),
            actions_enabled: false,
            safety_file: None,
            protected: Vec::new(),
            per_hour: 10,
            people: Vec::new(),
            healthy_for: Span::mins(10),
            callout_every: Span::mins(10),
            review_within: Within::BusinessDays(NonZeroU16::MIN.saturating_add(4)),
            duties: Vec::new(),
            tellers: Vec::new(),
            repeat: None,
            quiet: None,
        }
    }
}

impl Setup {
    pub(super) fn catalogue(&self) -> Catalogue {
        Catalogue {
            playbooks: self.playbooks.clone(),
            paths: self.paths.clone(),
            tellers: self.tellers.clone(),
            reaches: self.reaches.clone(),
            bulletins: self.bulletins.clone(),
            ack_lasts_s: self.ack.expires.as_millis() / 1000,
            snooze: self.snooze,
            calendar: self.calendar.clone(),
            people: self.people.clone(),
        }
    }

    pub(super) fn playbook(&self, id: &str) -> Option<&Playbook> {
        self.playbooks.iter().find(|playbook| playbook.id == id)
    }

    pub(super) fn path(&self, id: &str) -> Option<&Path> {
        self.paths.iter().find(|path| path.id == id)
    }
}
