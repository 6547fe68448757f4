//! How bulletins are configured: when they are due, how often, what they may say, and where each audience reads.

use serde::{Deserialize, Serialize};

use super::lint::Rules;
use super::template::{self, Known, Template};
use super::{Audience, Cadence, Status};
use crate::domain::query::Query;

/// `[bulletins]` and the `[[bulletin]]` tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The incidents for which bulletins are due; the critical ones unless configured otherwise.
    #[serde(default = "Query::critical")]
    pub when: Query,
    /// How often readers hear from us.
    #[serde(flatten)]
    pub cadence: Cadence,
    /// What bulletins may say.
    #[serde(flatten)]
    pub rules: Rules,
    /// Where each audience reads.
    #[serde(default)]
    pub outlets: Vec<Outlet>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            when: Query::critical(),
            cadence: Cadence::default(),
            rules: Rules::default(),
            outlets: Vec::new(),
        }
    }
}

impl Settings {
    /// Where this audience reads, if anywhere.
    pub fn outlet(&self, audience: Audience) -> Option<&Outlet> {
        self.outlets.iter().find(|outlet| outlet.audience == audience)
    }

    /// What to begin with for this audience and status: the configured template, else the shipped one that says no more
    /// than is known.
    pub fn template(&self, audience: Audience, status: Status, known: &Known) -> Template {
        let own = self.outlet(audience).and_then(|outlet| outlet.templates.get(status));
        own.cloned().unwrap_or_else(|| template::shipped(audience, status, known))
    }
}

/// A `[[bulletin]]`: where one audience reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlet {
    /// Who it is for.
    pub audience: Audience,
    /// The names of channels.
    pub to: Vec<String>,
    /// Templates of its own.
    #[serde(default)]
    pub templates: Templates,
}

/// An outlet's own templates, by status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Templates {
    /// While we are looking.
    pub investigating: Option<Template>,
    /// Once we know.
    pub identified: Option<Template>,
    /// Once it is mended.
    pub monitoring: Option<Template>,
    /// When it is over.
    pub resolved: Option<Template>,
}

impl Templates {
    /// The one for a status.
    pub fn get(&self, status: Status) -> Option<&Template> {
        match status {
            Status::Investigating => self.investigating.as_ref(),
            Status::Identified => self.identified.as_ref(),
            Status::Monitoring => self.monitoring.as_ref(),
            Status::Resolved => self.resolved.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criticals_are_told_unless_configured_otherwise() {
        assert_eq!(Settings::default().when.source(), "sev:critical");
    }
}
