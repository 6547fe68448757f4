//! `quell ledger tail`: the last records, and those that come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::{BATCH, Boot, Exit, Failure, Out, Records};
use crate::backend::Backend;
use crate::cli::words::whole;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::Record;
use crate::domain::sensitive::{Known, Sensitive};
use crate::domain::story;
use crate::domain::time::date_time;

/// How often a followed ledger is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// `quell ledger tail [-n N] [--follow] [--incident ID]`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Tail {
    /// How many
    #[arg(short = 'n', long, default_value_t = 20, value_name = "N", value_parser = whole)]
    last: u64,
    /// Go on printing
    #[arg(short, long)]
    follow: bool,
    /// Only those about this incident
    #[arg(long, value_name = "ID")]
    incident: Option<String>,
}

impl Tail {
    pub(super) async fn run(&self, boot: &Boot, out: &Out) -> Result<Exit, Failure> {
        let about = match &self.incident {
            Some(id) => Some(boot.engine().await?.incident(&boot.operator, id).await?.incident.id.clone()),
            None => None,
        };
        let ledger = &boot.ledger()?;
        let most = usize::try_from(self.last).unwrap_or(usize::MAX);
        let mut next = ledger.last_seq().await? + 1;
        let sensitive = &boot.config.setup.sensitive;
        let mut teller = Teller { ledger, out, sensitive, incidents: BTreeMap::new() };
        let last = match &about {
            Some(id) => {
                let all = ledger.records_of(id).await?;
                let skipped = all.len().saturating_sub(most);
                all.into_iter().skip(skipped).collect()
            }
            None => ledger.newest(Some(next), most).await?,
        };
        teller.tell(last.iter().filter(|record| record.seq < next)).await?;
        if !self.follow {
            return Ok(Exit::Ok);
        }
        loop {
            let records = ledger.records(next, BATCH).await?;
            match records.last() {
                Some(last) => next = last.seq + 1,
                None => tokio::time::sleep(LOOK).await,
            }
            let wanted = |record: &&Record| about.is_none() || record.incident == about;
            teller.tell(records.iter().filter(wanted)).await?;
        }
    }
}

/// Prints records.
struct Teller<'a> {
    ledger: &'a Records,
    out: &'a Out,
    sensitive: &'a Sensitive,
    incidents: BTreeMap<IncidentId, Arc<Incident>>,
}

impl Teller<'_> {
    async fn tell(&mut self, records: impl Iterator<Item = &Record>) -> Result<(), Failure> {
        // Each is read once, and knows then what these records are about.
        self.incidents.clear();
        for record in records {
            let incident = match &record.incident {
                Some(id) => self.incident(id).await?,
                None => None,
            };
            let mut record = record.clone();
            let said = incident.as_deref().map(|it| self.sensitive.said_of(it)).unwrap_or_default();
            self.sensitive.veil(&said, Known::new()).record(&mut record);
            if self.out.json {
                self.out.value(&record);
            } else {
                self.out.line(line(&record, incident.as_deref()));
            }
        }
        Ok(())
    }

    async fn incident(&mut self, id: &IncidentId) -> Result<Option<Arc<Incident>>, Failure> {
        if !self.incidents.contains_key(id)
            && let Some(now) = self.ledger.incident(id).await?
        {
            self.incidents.insert(id.clone(), now);
        }
        Ok(self.incidents.get(id).cloned())
    }
}

/// One record in words. Its actions are named after the incident as it is now.
fn line(record: &Record, incident: Option<&Incident>) -> String {
    let about = record.incident.as_ref().map_or("-".to_owned(), ToString::to_string);
    let said = story::sentence(record, incident).1;
    format!("{} {} {} {about} {said}", record.seq, date_time(record.at), story::who(record))
}
