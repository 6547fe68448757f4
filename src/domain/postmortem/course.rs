//! How it went: the timeline, and the time in each phase.

use super::{line, moves, name};
use crate::domain::gate::sentence;
use crate::domain::incident::{Incident, Waiver};
use crate::domain::markdown::Page;
use crate::domain::phase::Phase;
use crate::domain::record::Record;
use crate::domain::text::capital;
use crate::domain::time::{Time, date_time, lasted};

/// Changes of signals and monitors in a row that are all written out.
const IN_A_ROW: usize = 5;

pub(super) fn timeline(page: &mut Page, incident: &Incident, records: &[&Record]) {
    page.section("Timeline");
    let told: Vec<&Record> =
        records.iter().copied().filter(|record| moves::matters(record, records)).collect();
    let mut rows = Vec::new();
    for run in told.chunk_by(|one, next| moves::is_of_signals(one) && moves::is_of_signals(next)) {
        match run {
            [first, folded @ .., last] if run.len() > IN_A_ROW => {
                rows.push(row(first, incident));
                rows.push(fold(folded));
                rows.push(row(last, incident));
            }
            run => rows.extend(run.iter().map(|record| row(record, incident))),
        }
    }
    page.table(["Time (UTC)", "By", "What happened"], rows);
}

fn row(record: &Record, incident: &Incident) -> [String; 3] {
    let (by, what) = moves::said(record, incident);
    [date_time(record.at), by, capital(&what)]
}

fn fold(folded: &[&Record]) -> [String; 3] {
    let until = folded.last().map(|record| date_time(record.at)).unwrap_or_default();
    let from = folded.first().map(|record| date_time(record.at)).unwrap_or_default();
    [from, "quell".to_owned(), format!("{} more changes of signals and monitors until {until}", folded.len())]
}

pub(super) fn phases(page: &mut Page, incident: &Incident) {
    page.section("Phases");
    let ends = incident.phases.iter().skip(1).map(|(_, at)| Some(*at)).chain([None]);
    let row = |((phase, from), to): (&(Phase, Time), Option<Time>)| {
        let lasted = match (phase, to) {
            (_, Some(to)) => lasted(*from, to),
            (Phase::Closed, None) => "Over".to_owned(),
            (_, None) => "Not left yet".to_owned(),
        };
        [phase.title().to_owned(), date_time(*from), to.map(date_time).unwrap_or_default(), lasted]
    };
    page.table(["Phase", "From", "To", "Lasted"], incident.phases.iter().zip(ends).map(row));
    if incident.waived.is_empty() {
        return page.paragraph("No gate was waived.");
    }
    page.paragraph("These gates were waived:");
    let row = |waiver: &Waiver| {
        let void = if waiver.void { " (it came back since, so they counted again)" } else { "" };
        let why = format!("{}{void}", line(&waiver.because));
        [capital(&sentence(&waiver.gates)), why, name(&waiver.by).to_string(), date_time(waiver.at)]
    };
    page.table(["Waived", "Because", "By", "When"], incident.waived.iter().map(row));
}
