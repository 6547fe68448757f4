//! What is due and done: `timer`, `callout`, `done`.

use clap::Args;

use super::{Setting, Writes, refused};
use crate::cli::failure::Failure;
use crate::cli::words::{self, outside};
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::incident::Incident;
use crate::domain::record::{DeadlineMet, DeadlineSet, Entry};
use crate::domain::text::Outside;
use crate::domain::time::{Span, date_time};

/// `quell timer ID WHO SPAN TEXT`.
#[derive(Debug, Args)]
#[command(override_usage = "quell timer <ID> <WHO> <SPAN> <TEXT>")]
pub(in crate::cli) struct Timer {
    /// Its id
    id: String,
    /// Who is asked
    #[arg(value_parser = words::text)]
    who: String,
    /// Within which time: 3m
    #[arg(value_parser = words::span)]
    span: Span,
    /// What is to be done
    #[arg(value_parser = words::text)]
    text: String,
}

/// `quell callout ID TEXT`.
#[derive(Debug, Args)]
#[command(override_usage = "quell callout <ID> <TEXT>")]
pub(in crate::cli) struct Callout {
    /// Its id
    id: String,
    /// What they said
    #[arg(value_parser = words::text)]
    text: String,
}

/// `quell done ID WHICH [NOTE]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell done <ID> <WHICH> [NOTE]")]
pub(in crate::cli) struct Done {
    /// Its id
    id: String,
    /// What is done, as `quell show` names it: timer/1, callout, regulator/dora-like/initial
    which: String,
    /// How
    note: Option<String>,
}

/// What a deadline is called: `timer/1`, `callout`.
pub(in crate::cli) fn name(deadline: &Deadline) -> String {
    let kind = deadline.kind.word();
    match Outside::new(deadline.name.clone()) {
        name if name.is_blank() => kind.to_owned(),
        name => format!("{kind}/{}", name.safe()),
    }
}

impl Writes for Timer {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        let title = Outside::new(format!("{}: {}", self.who.trim(), self.text.trim()));
        let (deadline, due) = (DeadlineKind::Timer, on.now + self.span.delta());
        Ok(vec![Entry::DeadlineSet(DeadlineSet { deadline, name: String::new(), title, due })])
    }

    fn said(&self, after: &Incident) -> String {
        let timers = after.deadlines.iter().rev();
        let set = timers.into_iter().find(|set| set.kind == DeadlineKind::Timer);
        let words = set.map(|set| format!("{} due {}: {}", name(set), date_time(set.due), set.title.safe()));
        format!("{} {}", after.id, words.unwrap_or_default())
    }
}

impl Writes for Callout {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        if !on.incident.met_by_word().iter().any(|open| open.kind == DeadlineKind::Callout) {
            let id = &on.incident.id;
            let when = "callouts run while a critical incident has a commander";
            return refused(format!("no callout is due on {id}: {when}; quell note {id} TEXT writes a note"));
        }
        let note = Some(outside(&self.text));
        Ok(vec![Entry::DeadlineMet(DeadlineMet {
            deadline: DeadlineKind::Callout,
            name: String::new(),
            note,
        })])
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} callout written down", after.id)
    }
}

impl Writes for Done {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        let open = on.incident.met_by_word();
        let called = |open: &&&Deadline| name(open) == self.which || open.name == self.which;
        let Some(met) = open.iter().find(called).filter(|_| !self.which.is_empty()) else {
            let names: Vec<String> = open.iter().map(|open| name(open)).collect();
            let (id, which) = (&on.incident.id, outside(&self.which));
            return refused(match names.as_slice() {
                [] => format!("nothing is due on {id} that a word ends; quell show {id} says what is due"),
                names => {
                    format!("nothing due on {id} is called {}; there is {}", which.safe(), names.join(", "))
                }
            });
        };
        let note = self.note.as_ref().map(outside);
        Ok(vec![Entry::DeadlineMet(DeadlineMet { deadline: met.kind, name: met.name.clone(), note })])
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} {} done", after.id, outside(&self.which).safe())
    }
}
