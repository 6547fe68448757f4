//! Holding an incident and writing down what is known: `ack`, `back`, `note`, `fill`.

use clap::Args;

use super::{Setting, Writes, refused};
use crate::cli::failure::Failure;
use crate::cli::words::outside;
use crate::domain::card::{self, Denied};
use crate::domain::incident::Incident;
use crate::domain::record::{Entry, Record};
use crate::domain::text::Outside;
use crate::domain::time::date_time;

/// `quell ack ID`.
#[derive(Debug, Args)]
#[command(override_usage = "quell ack <ID> [--take-over]")]
pub(in crate::cli) struct Ack {
    /// Its id
    id: String,
    /// Take it over from whoever holds it
    #[arg(long)]
    take_over: bool,
}

/// `quell back ID [BECAUSE]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell back <ID> [BECAUSE]")]
pub(in crate::cli) struct Back {
    /// Its id
    id: String,
    /// Why
    because: Option<String>,
}

/// `quell note ID TEXT`.
#[derive(Debug, Args)]
#[command(override_usage = "quell note <ID> <TEXT> [--hypothesis]")]
pub(in crate::cli) struct Note {
    /// Its id
    id: String,
    /// The note
    text: String,
    /// It says what you believe: it stands on the hand-over card until the cause is known
    #[arg(long)]
    hypothesis: bool,
}

/// `quell fill ID ITEM VALUE`.
#[derive(Debug, Args)]
#[command(override_usage = "quell fill <ID> <ITEM> <VALUE>")]
pub(in crate::cli) struct Fill {
    /// Its id
    id: String,
    /// The item, as `quell packet` names it: "affected endpoint"
    item: String,
    /// What is known
    value: String,
}

impl Writes for Ack {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        let holder = on.incident.owner.as_ref().map(|owner| &owner.name);
        let other = holder.filter(|name| *name != on.me);
        if let Some(name) = other.filter(|_| !self.take_over) {
            let name = Outside::new(name.clone());
            return refused(format!(
                "{} holds {}; add --take-over to take it over",
                name.safe(),
                on.incident.id
            ));
        }
        Ok(vec![Entry::Acknowledged { lasts_s: on.ack_lasts_s, from: other.cloned() }])
    }

    fn said(&self, after: &Incident) -> String {
        let until = after.owner.as_ref().map(|owner| date_time(owner.until)).unwrap_or_default();
        format!("{} acknowledged until {until}", after.id)
    }
}

impl Writes for Back {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::HandedBack { because: self.because.as_ref().map(outside) }])
    }

    fn said(&self, after: &Incident) -> String {
        let next = match after.escalation().and_then(|escalation| escalation.next()) {
            Some((_, step)) => format!("next on its path: {}", step.to.join(", ")),
            None => "nobody is next on a path".to_owned(),
        };
        format!("{} handed back; {next}", after.id)
    }
}

impl Note {
    fn written(&self) -> Outside {
        let text = outside(&self.text);
        if self.hypothesis && !text.is_blank() { card::hypothesis(&text) } else { text }
    }
}

impl Writes for Note {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::Noted { text: self.written() }])
    }

    fn beside(&self, records: &[Record]) -> Option<String> {
        Denied::by(&self.written())?.rules_nothing_out(records)
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} noted", after.id)
    }
}

impl Writes for Fill {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::PacketFilled { item: self.item.trim().to_owned(), value: outside(&self.value) }])
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} {} filled in", after.id, Outside::new(self.item.trim()).safe())
    }
}
