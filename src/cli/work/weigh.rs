//! Saying how much an incident weighs: `impact`, `severity`, `category`, `classify`.

use clap::Args;

use super::{Setting, Writes, refused};
use crate::backend::Refusal;
use crate::cli::failure::Failure;
use crate::cli::words::{self, outside};
use crate::console::impact;
use crate::domain::category::Category;
use crate::domain::classification::{Fact, Funds, Impact, Scope, Urgency};
use crate::domain::incident::Incident;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::story;
use crate::domain::text::Outside;

/// Why something is said, or said anew.
#[derive(Debug, Args)]
struct Because {
    /// Why; needed to change what was said before
    #[arg(long, value_name = "TEXT")]
    because: Option<String>,
}

impl Because {
    fn text(&self) -> Option<Outside> {
        self.because.as_ref().map(outside)
    }
}

/// `quell impact ID (--users N[..M] | --unknown "because")`.
#[derive(Debug, Args)]
#[command(override_usage = "quell impact <ID> <--users <N[..M]>|--unknown <BECAUSE>> [--because <TEXT>]")]
pub(in crate::cli) struct ImpactOf {
    /// Its id
    id: String,
    #[command(flatten)]
    impact: HowMany,
    #[command(flatten)]
    because: Because,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct HowMany {
    /// How many, or between which numbers
    #[arg(long, value_name = "N[..M]", value_parser = impact::users)]
    users: Option<(u64, u64)>,
    /// Nobody knows, and why
    #[arg(long, value_name = "BECAUSE")]
    unknown: Option<String>,
}

/// `quell severity ID SEVERITY`.
#[derive(Debug, Args)]
#[command(override_usage = "quell severity <ID> <SEVERITY> [--because <TEXT>]")]
pub(in crate::cli) struct SeverityOf {
    /// Its id
    id: String,
    /// critical, high or normal
    #[arg(value_parser = words::severity)]
    severity: Severity,
    #[command(flatten)]
    because: Because,
}

/// `quell category ID CATEGORY`.
#[derive(Debug, Args)]
#[command(override_usage = "quell category <ID> <CATEGORY> [--because <TEXT>]")]
pub(in crate::cli) struct CategoryOf {
    /// Its id
    id: String,
    /// unauthorized-access, anomaly, outage, integrity or integration
    #[arg(value_parser = words::category)]
    category: Category,
    #[command(flatten)]
    because: Because,
}

/// `quell classify ID [--urgency U] [--scope S] [--area A] [--environment E] [--funds F]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell classify <ID> <FACT>... [--because <TEXT>]")]
pub(in crate::cli) struct Classify {
    /// Its id
    id: String,
    #[command(flatten)]
    facts: Facts,
    #[command(flatten)]
    because: Because,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Facts {
    /// How soon it must be over: immediate, today or later
    #[arg(long, value_parser = words::urgency)]
    urgency: Option<Urgency>,
    /// How far it reaches: one, some, all or internal
    #[arg(long, value_parser = words::scope)]
    scope: Option<Scope>,
    /// Which part of the product
    #[arg(long, value_parser = words::text)]
    area: Option<String>,
    /// Which environment
    #[arg(long, value_parser = words::text)]
    environment: Option<String>,
    /// Whether funds are at risk: yes, no or unknown
    #[arg(long, value_parser = words::funds)]
    funds: Option<Funds>,
}

impl Facts {
    fn all(&self) -> Vec<Fact> {
        let facts = [
            self.urgency.map(Fact::Urgency),
            self.scope.map(Fact::Scope),
            self.area.as_ref().map(|area| Fact::Area(outside(area))),
            self.environment.as_ref().map(|environment| Fact::Environment(outside(environment))),
            self.funds.map(Fact::Funds),
        ];
        facts.into_iter().flatten().collect()
    }
}

/// The refusal to change what was said before, in words of the command line.
fn reasoned(refusal: Refusal) -> Failure {
    let failure = Failure::from(refusal);
    Failure { message: failure.message.replace("say why it changes", "add --because TEXT"), ..failure }
}

impl Writes for ImpactOf {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        let impact = match (self.impact.users, &self.impact.unknown) {
            (Some((min, max)), _) => Impact::Users { min, max },
            (None, because) => Impact::Unknown { because: because.as_ref().map(outside).unwrap_or_default() },
        };
        Ok(vec![Entry::ImpactAssessed { impact, because: self.because.text() }])
    }

    fn explained(&self, refusal: Refusal, _now: &Incident) -> Failure {
        reasoned(refusal)
    }

    fn said(&self, after: &Incident) -> String {
        let impact = after.impact.as_ref().map(story::impact).unwrap_or_default();
        format!("{} impact assessed: {impact}", after.id)
    }
}

impl Writes for SeverityOf {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::SeveritySet { severity: self.severity, because: self.because.text() }])
    }

    fn explained(&self, refusal: Refusal, _now: &Incident) -> Failure {
        reasoned(refusal)
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} severity {}", after.id, self.severity.word())
    }
}

impl Writes for CategoryOf {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::CategorySet { category: self.category, because: self.because.text() }])
    }

    fn explained(&self, refusal: Refusal, _now: &Incident) -> Failure {
        reasoned(refusal)
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} category {}", after.id, self.category.word())
    }
}

impl Writes for Classify {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        let (facts, because) = (self.facts.all(), self.because.text());
        // Each is a record of its own: all or none are written.
        if because.as_ref().is_none_or(Outside::is_blank) {
            let known = on.incident.classification.facts();
            let anew = |fact: &&Fact| known.iter().any(|was| was.name() == fact.name() && was != *fact);
            if let Some(fact) = facts.iter().find(anew) {
                return refused(format!("{} was said before; add --because TEXT", fact.name()));
            }
        }
        Ok(facts.into_iter().map(|fact| Entry::Classified { fact, because: because.clone() }).collect())
    }

    fn explained(&self, refusal: Refusal, _now: &Incident) -> Failure {
        reasoned(refusal)
    }

    fn said(&self, after: &Incident) -> String {
        let facts = self.facts.all();
        let words = facts.iter().map(|fact| format!("{} {}", fact.name(), fact.value().safe()));
        format!("{} {}", after.id, words.collect::<Vec<_>>().join(", "))
    }
}
