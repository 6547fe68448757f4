//! What people write down about an incident: acknowledge, note, lead, impact, severity, category, phase, close.

use clap::{Args, Subcommand};

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{gate, words};
use crate::backend::{Backend, Refusal};
use crate::console::impact;
use crate::domain::category::Category;
use crate::domain::classification::Impact;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::date_time;
use crate::os::clock;

/// The verbs that stay in our ledger.
#[derive(Debug, Subcommand)]
pub(super) enum Work {
    /// Take an incident: you hold it until the acknowledgement expires
    #[command(override_usage = "quell ack <ID> [--take-over]")]
    Ack {
        /// Its id
        id: String,
        /// Take it over from whoever holds it
        #[arg(long)]
        take_over: bool,
    },
    /// Add a note
    #[command(override_usage = "quell note <ID> <TEXT>")]
    Note {
        /// Its id
        id: String,
        /// The note
        text: String,
    },
    /// Name the response lead
    #[command(override_usage = "quell lead <ID> <NAME>")]
    Lead {
        /// Its id
        id: String,
        /// Who leads
        name: String,
    },
    /// Say how many users are affected
    Impact(ImpactOf),
    /// Say how bad it is, or confirm it
    #[command(override_usage = "quell severity <ID> <SEVERITY>")]
    Severity {
        /// Its id
        id: String,
        /// critical, high or normal
        #[arg(value_parser = words::severity)]
        severity: Severity,
    },
    /// Say what sort of incident it is, or confirm it
    #[command(override_usage = "quell category <ID> <CATEGORY>")]
    Category {
        /// Its id
        id: String,
        /// unauthorized-access, anomaly, outage, integrity or integration
        #[arg(value_parser = words::category)]
        category: Category,
    },
    /// Say where the response stands
    #[command(override_usage = "quell phase <ID> <PHASE> [--waive <REASON>]")]
    Phase {
        /// Its id
        id: String,
        /// identify, contain, mitigate or recover
        #[arg(value_parser = words::phase)]
        phase: Phase,
        /// Why what is missing on the way is not needed
        #[arg(long, value_name = "REASON")]
        waive: Option<String>,
    },
    /// End it
    #[command(override_usage = "quell close <ID> <REASON> [--note <TEXT>]")]
    Close {
        /// Its id
        id: String,
        /// resolved, false-alarm, duplicate or cleared
        #[arg(value_parser = words::reason)]
        reason: CloseReason,
        /// In your words; needed after a containment
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}

/// `quell impact ID (--users N[..M] | --unknown "because")`.
#[derive(Debug, Args)]
#[command(override_usage = "quell impact <ID> <--users <N[..M]>|--unknown <BECAUSE>>")]
pub(super) struct ImpactOf {
    /// Its id
    id: String,
    #[command(flatten)]
    impact: HowMany,
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

impl Work {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.engine().await?;
        let before = engine.incident(&boot.operator, self.id()).await?.incident;
        let lasts_s = engine.catalogue(&boot.operator).await?.ack_lasts_s;
        let entry = self.entry(&before, &boot.operator.name, lasts_s)?;
        let recorded = engine.record(&boot.operator, &before.id, before.version, entry).await;
        let after = recorded.map_err(|refusal| self.explained(refusal, &before))?;
        out.either(&after, || vec![self.said(&after)]);
        Ok(Exit::Ok)
    }

    fn id(&self) -> &str {
        match self {
            Self::Ack { id, .. }
            | Self::Note { id, .. }
            | Self::Lead { id, .. }
            | Self::Impact(ImpactOf { id, .. })
            | Self::Severity { id, .. }
            | Self::Category { id, .. }
            | Self::Phase { id, .. }
            | Self::Close { id, .. } => id,
        }
    }

    fn entry(&self, incident: &Incident, me: &str, lasts_s: u64) -> Result<Entry, Failure> {
        let outside = |text: &String| Outside::new(text.clone());
        Ok(match self {
            Self::Ack { take_over, .. } => {
                let other = incident.owner.as_ref().map(|owner| &owner.name).filter(|name| *name != me);
                if let Some(name) = other.filter(|_| !take_over) {
                    let message = format!("{name} holds {}; add --take-over to take it over", incident.id);
                    return Err(Failure::new(Exit::Refused, message));
                }
                Entry::Acknowledged { lasts_s, from: other.cloned() }
            }
            Self::Note { text, .. } => Entry::Noted { text: outside(text) },
            Self::Lead { name, .. } => Entry::RoleTaken { role: Role::Lead, name: outside(name), from: None },
            Self::Impact(ImpactOf { impact, .. }) => Entry::ImpactAssessed {
                impact: match (impact.users, &impact.unknown) {
                    (Some((min, max)), _) => Impact::Users { min, max },
                    (None, because) => {
                        Impact::Unknown { because: because.as_ref().map(outside).unwrap_or_default() }
                    }
                },
                because: None,
            },
            Self::Severity { severity, .. } => Entry::SeveritySet { severity: *severity, because: None },
            Self::Category { category, .. } => Entry::CategorySet { category: *category, because: None },
            Self::Phase { phase, waive, .. } => {
                Entry::PhaseMoved { to: *phase, waived: waive.as_ref().map(outside) }
            }
            Self::Close { reason, note, .. } => {
                Entry::Closed { reason: *reason, note: note.as_ref().map(outside) }
            }
        })
    }

    /// Where a gate refuses: the commands that open it, in place of the console's keys.
    fn explained(&self, refusal: Refusal, before: &Incident) -> Failure {
        match self {
            Self::Phase { phase, .. } => gate::explained(refusal, before, *phase, clock::now()),
            Self::Close { reason: CloseReason::Resolved, .. } => {
                gate::explained(refusal, before, Phase::Review, clock::now())
            }
            _ => refusal.into(),
        }
    }

    fn said(&self, after: &Incident) -> String {
        let id = &after.id;
        match self {
            Self::Ack { .. } => {
                let until = after.owner.as_ref().map(|owner| date_time(owner.until)).unwrap_or_default();
                format!("{id} acknowledged until {until}")
            }
            Self::Note { .. } => format!("{id} noted"),
            Self::Lead { name, .. } => format!("{id} lead {name}"),
            Self::Impact(_) => format!("{id} impact assessed"),
            Self::Severity { severity, .. } => format!("{id} severity {}", severity.word()),
            Self::Category { category, .. } => format!("{id} category {}", category.word()),
            Self::Phase { phase, .. } => format!("{id} phase {}", phase.word()),
            Self::Close { reason, .. } => format!("{id} closed: {}", reason.word()),
        }
    }
}
