//! A picture of how an incident went, as SVG that needs nothing else: no script, no font, no link.

mod draw;
mod lanes;

use super::incident::Incident;
use super::record::Record;

/// The picture from the opening to the end of the response, or to the last record while it goes on.
pub fn svg(incident: &Incident, records: &[Record]) -> String {
    draw::svg(incident, &lanes::Lanes::of(incident, records))
}
