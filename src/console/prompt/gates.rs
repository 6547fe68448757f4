//! The gate sheet: what is missing before the response moves on, each line filled in from there.

use serde::{Deserialize, Serialize};

use crate::domain::action::ActionId;
use crate::domain::bulletin::Audience;
use crate::domain::gate::Gate;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::time::Time;

/// What is missing on the way to a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gates {
    /// Of which incident.
    pub id: IncidentId,
    /// The version that was shown.
    pub seen: u64,
    /// On the way to here.
    pub to: Phase,
    /// What was missing when it was opened: each keeps its line, so that nothing jumps when one is filled in.
    pub asked: Vec<Gate>,
    /// The line the person chose; until then the first that is missing.
    pub at: Option<Row>,
    /// Why a line cannot be filled in.
    pub error: Option<String>,
    /// When a letter of a text was typed for which there is no field here.
    #[serde(default)]
    pub typed: Option<Time>,
}

/// One line of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// A gate.
    Gate(Gate),
    /// A containment in force that nobody has decided about.
    Undecided(ActionId),
    /// An audience that waits for a bulletin.
    Owed(Audience),
}

impl Row {
    /// The gate it belongs to.
    pub fn gate(self) -> Gate {
        match self {
            Self::Gate(gate) => gate,
            Self::Undecided(_) => Gate::InForce,
            Self::Owed(_) => Gate::Bulletins,
        }
    }
}

impl Gates {
    /// The sheet on the way to a phase.
    pub fn new(incident: &Incident, seen: u64, to: Phase, now: Time) -> Self {
        let asked = incident.missing_for(to, now);
        Self { id: incident.id.clone(), seen, to, asked, at: None, error: None, typed: None }
    }

    /// What is missing, and what the phases still ahead have got already.
    pub fn rows(&self, incident: &Incident, now: Time) -> Vec<Row> {
        let missing = incident.missing_for(self.to, now);
        let shown = |gate: &Gate| {
            missing.contains(gate)
                || self.asked.contains(gate)
                || (gate.phase() >= incident.phase && gate.phase() < self.to)
        };
        let rows = |gate: Gate| {
            let undecided = incident.undecided();
            match gate {
                Gate::InForce if missing.contains(&gate) && !undecided.is_empty() => {
                    undecided.iter().map(|action| Row::Undecided(action.id)).collect()
                }
                Gate::Bulletins if missing.contains(&gate) => {
                    incident.owed_bulletins(now).into_iter().map(Row::Owed).collect()
                }
                gate => vec![Row::Gate(gate)],
            }
        };
        Gate::ALL.into_iter().filter(shown).flat_map(rows).collect()
    }

    /// The place of the highlighted line among these.
    pub fn place(&self, incident: &Incident, rows: &[Row], now: Time) -> usize {
        let missing = incident.missing_for(self.to, now);
        let chosen = self.at.and_then(|at| rows.iter().position(|row| *row == at));
        // The cursor passes over health, which only time brings.
        let open = |row: &Row| missing.contains(&row.gate());
        let first = rows.iter().position(|row| open(row) && row.gate() != Gate::Health);
        chosen.or(first).or_else(|| rows.iter().position(open)).unwrap_or(0)
    }
}
