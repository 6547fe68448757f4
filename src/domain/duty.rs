//! Reports that must be made by a certain time once an incident is classified.

use serde::{Deserialize, Serialize};

use super::calendar::Within;
use super::deadline::DeadlineKind;
use super::query::Query;
use super::text::Outside;

/// A report that must be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    /// The set it belongs to.
    pub set: String,
    /// Which one of its set.
    pub id: String,
    /// To an authority, or to a partner.
    pub kind: DeadlineKind,
    /// What is to be done, in one line.
    pub title: Outside,
    /// The incidents it is for, once a person has said how bad they are and of what sort.
    pub when: Query,
    /// By when, counted from the classification, or from when `after` was met.
    pub within: Within,
    /// By when at the latest, counted from the opening; it binds only what was classified before that.
    pub at_most: Option<Within>,
    /// The duty of the same set that comes before it.
    pub after: Option<String>,
    /// It is for what is over, where that was only after `after` was met: counted from the resolution.
    pub once_resolved: bool,
}

impl Duty {
    /// How deadlines name it: `dora-like/initial`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.set, self.id)
    }
}

/// The sets quell ships.
pub const SETS: [&str; 1] = ["dora-like"];

/// The duties of a shipped set; none when it is not known.
///
/// `dora-like` follows the time limits for major incidents in Regulation (EU) 2022/2554 and its technical standards
/// of 2025: four hours from classification and a day from the opening, 72 hours from the initial notification, again
/// within a day once it is over, one month (30 days here) from the intermediate report. It is an example: who must report
/// what is for your compliance people to say.
pub fn shipped(set: &str) -> Vec<Duty> {
    let duty = |id: &str, title: &str, hours: u64, after: Option<&str>| Duty {
        set: set.to_owned(),
        id: id.to_owned(),
        kind: DeadlineKind::Regulator,
        title: Outside::new(title),
        when: Query::critical(),
        within: Within::Elapsed(super::time::Span::mins(hours * 60)),
        at_most: None,
        after: after.map(str::to_owned),
        once_resolved: false,
    };
    let day = Some(Within::Elapsed(super::time::Span::mins(24 * 60)));
    match set {
        "dora-like" => vec![
            Duty { at_most: day, ..duty("initial", "initial notification to the authority", 4, None) },
            duty("intermediate", "intermediate report to the authority", 72, Some("initial")),
            Duty {
                once_resolved: true,
                ..duty("recovered", "intermediate report again: it is over", 24, Some("intermediate"))
            },
            duty("final", "final report to the authority", 30 * 24, Some("intermediate")),
        ],
        _ => Vec::new(),
    }
}
