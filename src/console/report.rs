//! A report being written down: what a partner, or somebody of the house, told us; or what we saw ourselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fields::{Fields, Slot};
use crate::backend::Report;
use crate::domain::category::Category;
use crate::domain::escalation::{Path, SECURITY};
use crate::domain::opening::{Reported, Reporter};
use crate::domain::severity::Severity;
use crate::domain::signal::Labels;
use crate::domain::text::{Outside, capital};

/// A report being written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportForm {
    /// What is typed.
    pub fields: Fields,
    /// Why it was not opened.
    pub error: Option<Outside>,
    /// It was sent; the engine is writing it down.
    pub sent: bool,
}

/// Where a report comes from when nobody told it.
const ME: &str = "me";
/// What a key begins with that belongs to an item of the packet.
const ITEM: &str = "item:";

impl ReportForm {
    /// An empty report.
    pub fn new(paths: &[Path]) -> Self {
        let severity = Severity::ALL.iter().position(|severity| *severity == Severity::High);
        let mut slots = vec![
            Slot::choice("from", "Who says so", [ME, Reporter::Partner.word(), Reporter::Internal.word()], 0),
            Slot::line("title", "What is wrong", "in one line", ""),
            Slot::choice("severity", "Severity", Severity::ALL.map(Severity::word), severity.unwrap_or(0)),
            Slot::choice("category", "Category", Category::ALL.map(Category::word), 2),
            Slot::line("service", "Service", "which part of ours, like: trading", ""),
            Slot::line("by", "Reported by", "who told you: a name, a firm", ""),
            Slot::line("via", "How", "mail, phone, a chat room", ""),
        ];
        let compiled_in = Path::compiled_in();
        let security = paths.iter().chain(&compiled_in).find(|path| path.id == SECURITY);
        for item in security.map(|path| path.packet.as_slice()).unwrap_or_default() {
            slots.push(Slot::lines(&format!("{ITEM}{item}"), &capital(item), "not yet known", ""));
        }
        let mut form = Self { fields: Fields { slots, at: 1, leaving: false }, error: None, sent: false };
        form.reconsider();
        form
    }

    /// Who reported it, if anybody did.
    pub fn reporter(&self) -> Option<Reporter> {
        Reporter::parse(&self.fields.text("from"))
    }

    /// Asks only what belongs to who reported it.
    pub fn reconsider(&mut self) {
        let reporter = self.reporter();
        for slot in &mut self.fields.slots {
            slot.hidden = match slot.key.as_str() {
                "by" | "via" => reporter.is_none(),
                key if key.starts_with(ITEM) => reporter != Some(Reporter::Partner),
                _ => false,
            };
        }
    }

    /// What is typed, as a report.
    ///
    /// # Errors
    /// The field that needs something, and what.
    pub fn report(&self) -> Result<Report, (&'static str, &'static str)> {
        let text = |key: &str| Outside::new(self.fields.text(key).trim());
        let needed = |key: &'static str, what| {
            if self.fields.get(key).is_none_or(Slot::is_blank) { Err((key, what)) } else { Ok(text(key)) }
        };
        let title = needed("title", "say in one line what is wrong")?;
        let reported = match self.reporter() {
            Some(from) => Some(Reported {
                from,
                by: needed("by", "say who told you")?,
                via: needed("via", "say how they told you: mail, phone, a chat room")?,
                told: self.told(),
            }),
            None => None,
        };
        Ok(Report {
            title,
            severity: Severity::ALL
                .into_iter()
                .find(|severity| severity.word() == self.fields.text("severity"))
                .unwrap_or(Severity::High),
            category: Category::parse(&self.fields.text("category")).unwrap_or(Category::Outage),
            service: text("service"),
            labels: Labels::new(),
            reported,
        })
    }

    fn told(&self) -> BTreeMap<String, Outside> {
        let said = self.fields.slots.iter().filter(|slot| !slot.hidden && !slot.is_blank());
        said.filter_map(|slot| {
            Some((slot.key.strip_prefix(ITEM)?.to_owned(), Outside::new(slot.text().trim())))
        })
        .collect()
    }
}
