//! Rungs: the ways to reach the operator at the console, best first, and why one is dead.

pub mod dead_man;
pub mod desktop;
pub mod exec;
mod freezes;
mod ladder;
mod mosh;
pub mod pace;
pub mod quiet;
mod screen;
mod storm;
mod surroundings;
pub mod terminal;
mod tmux;

use serde::{Deserialize, Serialize};

use self::quiet::Quiet;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::Span;

pub use ladder::{Delivery, Ladder, Rung};
pub use surroundings::{Bell, Surroundings};
pub use tmux::Tmux;

/// `[notify]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether the desktop is tried.
    pub desktop: bool,
    /// How the terminal is asked.
    pub terminal: Choice,
    /// How much is said where others may read it.
    pub detail: Detail,
    /// A program that is run besides, with its arguments.
    pub exec: Option<Vec<String>>,
    /// The names of the variables it is given of quell's own environment.
    pub exec_env: Vec<String>,
    /// How long it may run.
    pub exec_within: Span,
    /// How often an unacknowledged critical is told again.
    pub repeat: Option<Span>,
    /// When only what is critical is told.
    pub quiet: Option<Quiet>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            desktop: true,
            terminal: Choice::Auto,
            detail: Detail::Brief,
            exec: None,
            exec_env: Vec::new(),
            exec_within: exec::WITHIN,
            repeat: None,
            quiet: None,
        }
    }
}

/// How the terminal is asked for a notification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// As the terminal found understands it.
    #[default]
    Auto,
    /// OSC 9.
    Osc9,
    /// OSC 777.
    Osc777,
    /// OSC 99.
    Osc99,
    /// Not at all.
    Off,
}

/// How much a popup says, and a program is told: a screen that is locked shows it to anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// Which incident, how bad, and of which service.
    #[default]
    Brief,
    /// What its sources say as well.
    Full,
}

/// Where something is shown about an incident; what is shown there later takes its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Of which it speaks.
    pub incident: IncidentId,
    /// Whether it is what an acknowledgement settles: that and what else there is to say do not replace each other.
    pub waits: bool,
}

/// What a rung shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Popup {
    /// A word for programs: the kind of its notice, `summary` or `test`.
    pub kind: &'static str,
    /// Where it is shown, if it speaks of one incident.
    pub place: Option<Place>,
    /// A few words.
    pub title: SafeText,
    /// One line.
    pub body: SafeText,
    /// Whether it should break through what mutes others.
    pub critical: bool,
    /// Whether a button acknowledges its incident.
    pub acknowledges: bool,
}

impl Popup {
    /// For one notice, and the incident it speaks of.
    pub fn of(notice: &Notice, about: Option<&Incident>, detail: Detail) -> Self {
        let incident = notice.incident.as_ref().map_or_else(String::new, |id| format!(" {id}"));
        let waits = notice.is_settled_by_acknowledging();
        let place = notice.incident.clone().map(|incident| Place { incident, waits });
        let body = match detail {
            Detail::Full => notice.text.safe(),
            Detail::Brief => Outside::new(brief(notice, about)).safe(),
        };
        Self {
            kind: notice.kind.name(),
            critical: notice.kind.is_critical(),
            acknowledges: place.is_some()
                && waits
                && !about.is_some_and(|it| it.is_acked() || it.is_closed()),
            place,
            ..Self::plain(Outside::new(format!("{}{incident}", notice.kind.word())).safe(), body)
        }
    }

    /// The incident it speaks of, where it is one.
    pub fn incident(&self) -> Option<&IncidentId> {
        self.place.as_ref().map(|place| &place.incident)
    }

    /// For several that were held back.
    pub fn of_many(count: u32) -> Self {
        let notices = if count == 1 { "notice" } else { "notices" };
        let title = Outside::new(format!("{count} more {notices}")).safe();
        let body = Outside::new("held back in a storm; see the console").safe();
        Self { critical: true, ..Self::plain(title, body) }
    }

    /// To see whether rungs work.
    pub fn test() -> Self {
        let title = Outside::new("quell doctor").safe();
        Self { kind: "test", ..Self::plain(title, Outside::new("a test; nothing has happened").safe()) }
    }

    /// One that says no more than this.
    pub fn plain(title: SafeText, body: SafeText) -> Self {
        Self { kind: "summary", place: None, title, body, critical: false, acknowledges: false }
    }
}

/// What anybody may read: how bad it is and of which service, and nothing a source said about it.
fn brief(notice: &Notice, about: Option<&Incident>) -> String {
    match (&notice.incident, about) {
        // It counts and numbers incidents.
        (None, _) if notice.kind == NoticeKind::Unacknowledged => notice.text.raw().to_owned(),
        (Some(_), Some(about)) if about.opening.service.is_blank() => about.severity.word().to_owned(),
        (Some(_), Some(about)) => format!("{}, {}", about.severity.word(), about.opening.service.raw()),
        _ => "the console says more".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::opening::Opening;
    use crate::domain::operator::Actor;
    use crate::domain::record::{Entry, Record};
    use crate::domain::severity::Severity;
    use crate::domain::signal::Labels;
    use crate::domain::time::Time;

    fn notice(kind: NoticeKind) -> Notice {
        let text = Outside::new("customer 88213 at gw-2 cannot withdraw");
        Notice::new(kind, Some(IncidentId::new("ANA", 7)), text)
    }

    fn about(service: &str) -> Incident {
        let opening = Opening {
            title: Outside::new("customer 88213 cannot withdraw"),
            severity: Severity::Critical,
            unmapped: false,
            category: crate::domain::category::Category::Outage,
            service: Outside::new(service),
            group: None,
            signal: None,
            because: Outside::new("opened by ana"),
            labels: Labels::from([(Outside::new("account"), Outside::new("88213"))]).into(),
            ack_due: None,
            recurrence_of: None,
            reported: None,
        };
        let record = Record {
            v: 1,
            on: None,
            seq: 1,
            at: Time::UNIX_EPOCH,
            by: Actor::Engine,
            incident: Some(IncidentId::new("ANA", 7)),
            entry: Entry::Opened(Box::new(opening)),
        };
        Incident::open(&record).unwrap()
    }

    #[test]
    fn on_a_locked_screen_stands_what_anybody_may_read_unless_more_is_asked_for() {
        let said = |service: &str, detail| {
            let popup = Popup::of(&notice(NoticeKind::NewCritical), Some(&about(service)), detail);
            (popup.title.to_string(), popup.body.to_string())
        };
        let title = "NEW ANA-7".to_owned();
        assert_eq!(said("funds", Detail::Brief), (title.clone(), "critical, funds".to_owned()));
        assert_eq!(said("", Detail::Brief), (title.clone(), "critical".to_owned()));
        assert_eq!(said("funds", Detail::Full).1, "customer 88213 at gw-2 cannot withdraw");
        let gone = Popup::of(&notice(NoticeKind::NewCritical), None, Detail::Brief);
        assert_eq!(gone.body.to_string(), "the console says more");
        let several = Notice { incident: None, ..notice(NoticeKind::Unacknowledged) };
        let several = Notice { text: Outside::new("3 critical incidents wait for somebody"), ..several };
        assert_eq!(Popup::of(&several, None, Detail::Brief).body, several.text.safe(), "it only counts");
    }

    #[test]
    fn what_waits_for_somebody_and_what_else_is_said_do_not_take_each_others_place() {
        let place = |notice: &Notice| {
            let popup = Popup::of(notice, None, Detail::Brief);
            (popup.place.unwrap(), popup.acknowledges)
        };
        let (new, button) = place(&notice(NoticeKind::NewCritical));
        assert!(button);
        assert_eq!(place(&notice(NoticeKind::Unacknowledged)), (new.clone(), true));
        for kind in [NoticeKind::Deadline, NoticeKind::UnknownOutcome, NoticeKind::Approval] {
            let (place, button) = place(&notice(kind));
            assert!(place != new && !button, "{kind:?}");
        }
        let awake = Notice { to: Some("ana".into()), ..notice(NoticeKind::Awake) };
        assert!(!place(&awake).1, "whoever asked to be told need not take it");
    }
}
