//! What a record says, as one sentence.

mod again;
mod naming;
mod note;
#[cfg(test)]
mod tests;
mod told;
mod words;

use serde::{Deserialize, Serialize};

use crate::domain::action::{Outcome, Settlement};
use crate::domain::classification::Impact;
use crate::domain::deadline::DeadlineKind;
use crate::domain::escalation::{Receipt, Stopped};
use crate::domain::incident::Incident;
use crate::domain::operator::Actor;
use crate::domain::plan::Purpose;
use crate::domain::record::{
    BulletinAnswered, BulletinSeen, BulletinSettled, BulletinStarted, DeadlineMet, DeadlineNear,
    DeadlinePassed, DeadlineSet, DeadlineWithdrawn, Entry, PathArmed, PathHeld, PathStopped, Record,
    SnoozeEnded, Snoozed, StepMissed, StepSent, StepStarted, Tied, Told, UndoneWith,
};
use crate::domain::text::Outside;
use crate::domain::time::{Time, clock_minute, clock_time, date_minute, day};

use self::words::safe;

pub use self::again::heard_again;
pub use self::naming::{brief, what};
pub use self::note::{in_lines, lines};
pub use self::words::{paren, short, tail};

/// How much a sentence matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// A step forward.
    Good,
    /// A step that matters.
    Act,
    /// Something went wrong.
    Bad,
    /// The rest.
    Quiet,
    /// It only follows from what another record says, or prepares it.
    Aside,
}

/// Who stands behind a record: `ana` or `quell`.
pub fn who(record: &Record) -> String {
    match &record.by {
        Actor::Person(operator) => Outside::new(operator.name.clone()).safe().to_string(),
        Actor::Engine => "quell".to_owned(),
    }
}

/// What a record says. Actions are named after the plans of the incident, where it is about one.
pub fn sentence(record: &Record, incident: Option<&Incident>) -> (Tone, String) {
    let who = who(record);
    // Its intent has said in full what it is.
    let plan = |id: &u32| incident?.actions.get(id).map(|action| format!(" {}", brief(&action.plan)));
    let name = |id: &u32| format!("#{id}{}", plan(id).unwrap_or_default());
    match &record.entry {
        Entry::Opened(opening) => {
            let from = match &opening.signal {
                Some(signal) => format!("from {}", safe(&signal.key.source)),
                None => format!("by {who}"),
            };
            let said = opening.because.raw() == format!("opened {from}");
            let because = if said { String::new() } else { paren(&opening.because) };
            (Tone::Act, format!("opened {from}, severity {}{because}", opening.severity.word()))
        }
        Entry::SignalJoined(signal) => {
            (Tone::Quiet, format!("signal joined from {}: {}", safe(&signal.key.source), signal.title.safe()))
        }
        Entry::SignalReturned { key } => (Tone::Act, format!("signal fires again at {}", safe(&key.source))),
        Entry::SignalCleared { key, because } => {
            (Tone::Good, format!("signal cleared at {}: {}", safe(&key.source), safe(because)))
        }
        Entry::SignalResorted { severity, .. } => {
            (Tone::Act, format!("a signal's severity is now {}", severity.word()))
        }
        Entry::SignalFlapped { times, .. } => (Tone::Quiet, format!("a signal came and went {times} times")),
        Entry::UpstreamTurned { key, exhausted: true, .. } => {
            (Tone::Bad, format!("{}: nobody answered at any level of its policy", safe(&key.source)))
        }
        Entry::UpstreamTurned { key, held_by: Some(by), .. } => {
            (Tone::Good, format!("acknowledged at {} by {}", safe(&key.source), by.safe()))
        }
        Entry::UpstreamTurned { key, unnamed_state: Some(word), .. } => {
            let word = word.safe();
            (
                Tone::Act,
                format!("its state at {} is \"{word}\", which `states` does not name", safe(&key.source)),
            )
        }
        Entry::UpstreamTurned { key, pages_again: true, .. } => {
            (Tone::Act, format!("{}: somebody is paged about it again", safe(&key.source)))
        }
        Entry::UpstreamTurned { key, held_by: None, .. } => {
            (Tone::Act, format!("nobody holds it at {} any more", safe(&key.source)))
        }
        Entry::Tied(tied) => (Tone::Act, format!("{who} {}", self::tied(tied))),
        Entry::MonitorTurned { monitor, up: true, detail } => {
            (Tone::Good, format!("monitor {} is up{}", safe(monitor), tail(detail)))
        }
        Entry::MonitorTurned { monitor, up: false, detail } => {
            (Tone::Bad, format!("monitor {} is down{}", safe(monitor), tail(detail)))
        }
        Entry::Acknowledged { from: Some(from), .. } => {
            (Tone::Good, format!("{who} took it over from {}", safe(from)))
        }
        Entry::Acknowledged { from: None, .. } => (Tone::Good, format!("{who} acknowledged it")),
        Entry::AckExpired { owner } => (Tone::Bad, format!("the acknowledgement of {} expired", safe(owner))),
        Entry::Noted { text } => (Tone::Act, format!("{who}: {}", note::in_one_line(text))),
        Entry::HandedBack { because } => {
            (Tone::Act, format!("{who} handed it back{}", because.as_ref().map(tail).unwrap_or_default()))
        }
        Entry::Snoozed(Snoozed { until, because }) => {
            (Tone::Act, format!("{who} snoozed it until {}{}", date_minute(*until), why(because)))
        }
        Entry::SnoozeEnded(SnoozeEnded { because: Some(worse) }) => {
            (Tone::Act, format!("awake: {}", worse.words()))
        }
        Entry::SnoozeEnded(_) if record.by.person().is_some() => (Tone::Act, format!("{who} woke it")),
        Entry::SnoozeEnded(_) => (Tone::Act, "awake: its snooze is over".to_owned()),
        Entry::RoleTaken { role, name, from } => {
            let from = from.as_ref().map(|from| format!(", from {}", from.safe())).unwrap_or_default();
            match name.safe().to_string() == who {
                true => (Tone::Quiet, format!("{who} is {}{from}", role.word())),
                false => (Tone::Quiet, format!("{who} named {} {}{from}", name.safe(), role.word())),
            }
        }
        Entry::RoleOffered { role, to } => {
            (Tone::Quiet, format!("{who} offered {} to {}", role.word(), to.safe()))
        }
        Entry::RoleAccepted { role } => (Tone::Quiet, format!("{who} accepted to be {}", role.word())),
        Entry::ImpactAssessed { impact, because } => {
            (Tone::Quiet, format!("{who} assessed the impact: {}{}", self::impact(impact), why(because)))
        }
        Entry::SeveritySet { severity, because } => {
            (Tone::Act, format!("{who} set severity {}{}", severity.word(), why(because)))
        }
        Entry::CategorySet { category, because } => {
            (Tone::Quiet, format!("{who} set category {}{}", category.word(), why(because)))
        }
        Entry::Classified { fact, because } => {
            (Tone::Quiet, format!("{who} set {} {}{}", fact.name(), fact.value().safe(), why(because)))
        }
        Entry::PacketFilled { item, value } => {
            (Tone::Quiet, format!("{who} filled in {}: {}", safe(item), value.safe()))
        }
        Entry::NothingToContain { because } => {
            (Tone::Act, format!("{who}: nothing to contain{}", tail(because)))
        }
        Entry::Mitigated { what } => (Tone::Act, format!("{who} mitigated it{}", tail(what))),
        Entry::ContainmentKept { action, because } => {
            (Tone::Act, format!("{who} keeps {} in force{}", name(action), tail(because)))
        }
        Entry::HealthTurned { healthy: true, needs, detail } => {
            (Tone::Good, format!("healthy, to stay so for {needs}{}", tail(detail)))
        }
        Entry::HealthTurned { healthy: false, detail, .. } => {
            (Tone::Bad, format!("not healthy{}", tail(detail)))
        }
        Entry::RootCauseFound { text } => {
            (Tone::Act, format!("{who} found the root cause: {}", text.in_one_line()))
        }
        Entry::ItemAdded { item } => {
            let (text, owner) = (item.text.safe(), item.owner.safe());
            (Tone::Quiet, format!("{who} added an action item for {owner}, due {}: {text}", day(item.due)))
        }
        Entry::ItemDone { item, proof } => {
            (Tone::Good, format!("{who} proved item {item} done{}", tail(proof)))
        }
        Entry::Published { .. } => (Tone::Act, format!("{who} published the post-mortem")),
        Entry::PhaseMoved { to, waived: Some(why) } => {
            (Tone::Act, format!("{who} moved it to {}, waiving what was missing: {}", to.title(), why.safe()))
        }
        Entry::PhaseMoved { to, waived: None } => (Tone::Act, format!("{who} moved it to {}", to.title())),
        Entry::Closed { reason, note } => {
            let note = note.as_ref().map(tail).unwrap_or_default();
            (Tone::Act, format!("closed by {who}: {}{note}", reason.word()))
        }
        Entry::ApprovalAsked { plan, until, .. } => {
            let text = format!("{who} asks a second person for {}, until {}", what(plan), clock_time(*until));
            (Tone::Act, text)
        }
        Entry::Approved { plan, .. } => (Tone::Act, format!("{who} approved plan {}", plan.short())),
        Entry::ApprovalRefused { plan, because } => {
            (Tone::Bad, format!("{who}'s approval of plan {} REFUSED{}", plan.short(), tail(because)))
        }
        Entry::EvidenceKept(evidence) => {
            let (kind, name) = (evidence.kind.word(), evidence.name.safe());
            let tone = if record.by == Actor::Engine { Tone::Aside } else { Tone::Quiet };
            (tone, format!("{who} kept {kind} {name}, {} bytes", evidence.bytes))
        }
        Entry::CaptureMissed { action, name: capture, because } => (
            Tone::Bad,
            format!("{} went on WITHOUT capture {}{}", name(action), safe(capture), tail(because)),
        ),
        Entry::SensitiveRead { labels } => {
            let labels: Vec<String> = labels.iter().map(|label| label.safe().to_string()).collect();
            (Tone::Quiet, format!("{who} read what is sensitive: {}", labels.join(", ")))
        }
        Entry::EvidenceRead { sha256 } => (Tone::Quiet, format!("{who} read evidence {}", short(sha256))),
        Entry::Exported { what, sha256, bytes, to } => {
            let text =
                format!("{who} exported {} to {}: {bytes} bytes, {}", safe(what), to.safe(), short(sha256));
            (Tone::Act, text)
        }
        Entry::ConfigurationLoaded { sha256, actions, changed, .. } => {
            let actions = if *actions { "actions on" } else { "read-only" };
            let changed = if changed.is_empty() {
                String::new()
            } else {
                format!("; changed: {}", safe(&changed.join(", ")))
            };
            (Tone::Quiet, format!("configuration {} counts, {actions}{changed}", short(sha256)))
        }
        Entry::SafetyTurned { off: true, file } => {
            (Tone::Bad, format!("SAFETY OFF: every change is off while {} exists", safe(file)))
        }
        Entry::SafetyTurned { off: false, file } => {
            (Tone::Act, format!("{} is gone: changes are on again", safe(file)))
        }
        Entry::Intended { action, plan, confirmed } => {
            let with = match (&confirmed.break_glass, &confirmed.approved_by) {
                (Some(why), _) => format!(", BREAKING THE GLASS: {}", why.safe()),
                (None, Some(by)) => format!(", approved by {}", safe(by)),
                (None, None) => String::new(),
            };
            (Tone::Act, format!("{who} confirmed #{action} {}{with}", what(plan)))
        }
        Entry::Sent { action } => (Tone::Aside, format!("{} sent", name(action))),
        Entry::SentAgain { action, attempt, because } => {
            (Tone::Quiet, format!("{} sent again, attempt {attempt}{}", name(action), tail(because)))
        }
        Entry::Answered { action, outcome, detail, .. } => match outcome {
            Outcome::Accepted => (Tone::Act, format!("{} {}", name(action), accepted(detail))),
            Outcome::Refused => (Tone::Bad, format!("{} REFUSED{}", name(action), tail(detail))),
            Outcome::NotSent => (Tone::Bad, format!("{} NOT SENT{}", name(action), tail(detail))),
            Outcome::Unknown => (Tone::Bad, format!("{}: OUTCOME UNKNOWN{}", name(action), tail(detail))),
        },
        Entry::Settled { action, settlement, detail } => match settlement {
            Settlement::Verified => (Tone::Good, format!("{} VERIFIED{}", name(action), tail(detail))),
            Settlement::NotDone => (
                Tone::Act,
                format!("{who} settled {} by hand: it was NOT done{}", name(action), tail(detail)),
            ),
            Settlement::ByHand => {
                (Tone::Act, format!("{who} settled {} by hand: it was done{}", name(action), tail(detail)))
            }
            Settlement::NotVerified => {
                (Tone::Bad, format!("{} NOT VERIFIED in time{}", name(action), tail(detail)))
            }
        },
        Entry::UndoneWith(UndoneWith { action, incident: of, undo }) => {
            let of =
                incident.filter(|here| here.id == *of).map_or_else(|| format!("{of} "), |_| String::new());
            (Tone::Act, format!("{} UNDONE: {of}#{undo} undid the same target", name(action)))
        }
        Entry::PathArmed(PathArmed { path, steps }) => {
            let first = steps.first().filter(|step| !step.after.is_zero());
            let first = first.map(|step| format!(", the first in {}", step.after)).unwrap_or_default();
            (Tone::Aside, format!("escalation {} armed, {} steps{first}", safe(path), steps.len()))
        }
        Entry::PathHeld(PathHeld { path, because, .. }) => {
            (Tone::Quiet, format!("escalation {} not armed: {}", safe(path), stopped(because)))
        }
        Entry::PathStopped(PathStopped { path, because }) => {
            (Tone::Quiet, format!("escalation {} stopped: {}", safe(path), stopped(because)))
        }
        Entry::StepStarted(StepStarted { path, step, .. }) => {
            (Tone::Aside, format!("escalation {} step {step} begins", safe(path)))
        }
        Entry::StepSent(StepSent { step, receipts, .. }) => {
            let said = receipts.iter().map(receipt);
            let good = receipts.iter().any(|receipt| receipt.accepted);
            let said = said.collect::<Vec<_>>().join(", ");
            (if good { Tone::Good } else { Tone::Bad }, format!("escalated, step {step}, to {said}"))
        }
        Entry::StepMissed(StepMissed { step, .. }) => {
            (Tone::Bad, format!("escalation step {step} was MISSED; e sends it"))
        }
        Entry::Told(Told { purpose, items, receipts, .. }) => {
            let said = receipts.iter().map(receipt).collect::<Vec<_>>().join(", ");
            let in_vain = !receipts.is_empty() && !receipts.iter().any(|receipt| receipt.accepted);
            (if in_vain { Tone::Bad } else { Tone::Quiet }, format!("{}; told {said}", told(purpose, items)))
        }
        Entry::BulletinStarted(BulletinStarted { number, bulletin, to, .. }) => {
            let to: Vec<String> = to.iter().map(|name| safe(name)).collect();
            let (audience, status) = (bulletin.audience.word(), bulletin.status.word());
            let text = format!("{who} sends bulletin {number} to {audience} on {}: {status}", to.join(", "));
            (Tone::Act, text)
        }
        Entry::BulletinAnswered(BulletinAnswered { number, channel, outcome, detail, .. }) => {
            let (tone, said) = match outcome {
                Outcome::Accepted => (Tone::Good, accepted(detail)),
                Outcome::Refused => (Tone::Bad, format!("REFUSED{}", tail(detail))),
                Outcome::NotSent => (Tone::Bad, format!("NOT SENT{}", tail(detail))),
                Outcome::Unknown => (Tone::Bad, format!("OUTCOME UNKNOWN{}", tail(detail))),
            };
            (tone, format!("bulletin {number} on {}: {said}", safe(channel)))
        }
        Entry::BulletinSeen(BulletinSeen { number, channel, visible, detail }) => {
            let (tone, word) = if *visible { (Tone::Good, "visible") } else { (Tone::Bad, "NOT VISIBLE") };
            (tone, format!("bulletin {number} on {}: {word} to readers{}", safe(channel), tail(detail)))
        }
        Entry::BulletinSettled(BulletinSettled { number, channel, posted, note }) => {
            let word = if *posted { "it was posted" } else { "it was NOT posted" };
            let on = safe(channel);
            (Tone::Act, format!("{who} settled bulletin {number} on {on} by hand: {word}{}", tail(note)))
        }
        Entry::DeadlineSet(DeadlineSet { deadline, name, title, due }) => {
            let text =
                format!("{} due {}: {}", one_of(*deadline, name), beside(*due, record.at), title.safe());
            match record.by {
                Actor::Engine => (Tone::Aside, text),
                Actor::Person(_) => (Tone::Quiet, format!("{who} set a {text}")),
            }
        }
        Entry::DeadlineMet(DeadlineMet { deadline, name, note }) => {
            let note = note.as_ref().map(tail).unwrap_or_default();
            (Tone::Good, format!("{who} met {}{note}", one_of(*deadline, name)))
        }
        Entry::DeadlineWithdrawn(DeadlineWithdrawn { deadline, name, because }) => {
            (Tone::Quiet, format!("{} is due no more{}", one_of(*deadline, name), tail(because)))
        }
        Entry::DeadlineNear(DeadlineNear { deadline, name, due }) => {
            (Tone::Quiet, format!("{} is due {}", one_of(*deadline, name), beside(*due, record.at)))
        }
        Entry::DeadlinePassed(DeadlinePassed { deadline, name, due }) => {
            let due = beside(*due, record.at);
            let text = match deadline {
                DeadlineKind::Ack => format!("nobody acknowledged it by {due}"),
                _ => format!("the deadline of {} passed at {due}", one_of(*deadline, name)),
            };
            (Tone::Bad, text)
        }
        Entry::WatchOffered { to, .. } => (Tone::Act, format!("{who} offered the watch to {}", safe(to))),
        Entry::WatchAccepted { .. } => (Tone::Act, format!("{who} took the watch")),
        Entry::WatchWithdrawn { .. } => (Tone::Act, format!("{who} took the offer of the watch back")),
        Entry::SourceTurned { source, from, to, fault } => {
            let why = fault.as_ref().map(|fault| tail(&fault.detail)).unwrap_or_default();
            let tone = if to.sees() { Tone::Good } else { Tone::Bad };
            (tone, format!("source {} went from {} to {}{why}", safe(source), from.word(), to.word()))
        }
        Entry::NoticeRaised(notice) => {
            (Tone::Aside, format!("notice raised: {}{}", notice.kind.word(), tail(&notice.text)))
        }
        Entry::NoticeDelivered { notice, console, how } => {
            (Tone::Aside, told::sentence(&who, *notice, console, how))
        }
    }
}

fn why(because: &Option<Outside>) -> String {
    because.as_ref().map(|because| format!(", because {}", because.safe())).unwrap_or_default()
}

/// What somebody did with this incident and another.
fn tied(tied: &Tied) -> String {
    let signals = |n: usize| if n == 1 { "its signal".to_owned() } else { format!("its {n} signals") };
    match tied {
        Tied::MergedInto { into } => format!("merged it into {into}"),
        Tied::TookIn { from, title, signals: came, .. } => {
            let came =
                if came.is_empty() { String::new() } else { format!(", with {}", signals(came.len())) };
            format!("merged {from} into it{came}: {}", title.safe())
        }
        Tied::CameOut { of, .. } => format!("took it out of {of} again"),
        Tied::LetGo { of } => format!("took {of} out of it again"),
        Tied::Linked { with, came, went } => match (came.len(), went.len()) {
            (0, 0) => format!("linked it with {with}"),
            (0, went) => format!("linked it with {with}, which has {went} of its signals now"),
            (came, _) => format!("linked it with {with}, of which it has {} now", signals(came)),
        },
        Tied::Unlinked { from } => format!("unlinked it from {from}"),
    }
}

/// `timer 2`, `bulletin users`, `review`.
fn one_of(kind: DeadlineKind, name: &str) -> String {
    if name.is_empty() { kind.word().to_owned() } else { format!("{} {}", kind.word(), safe(name)) }
}

/// A time as it is said beside another: its day only where that is another one.
fn beside(at: Time, other: Time) -> String {
    if at.date_naive() == other.date_naive() { clock_minute(at) } else { date_minute(at) }
}

/// Why those who were paged are told more: `ana holds it`.
pub fn told(purpose: &Purpose, items: &[String]) -> String {
    match purpose {
        Purpose::Page => "paged".to_owned(),
        Purpose::Filled => {
            format!("now known: {}", items.iter().map(|it| safe(it)).collect::<Vec<_>>().join(", "))
        }
        Purpose::Acknowledged(by) => format!("{} holds it", safe(by)),
        Purpose::Ended => "it ended".to_owned(),
        Purpose::Merged(into) => format!("it goes on in {into}"),
        Purpose::Reopened => "it is NOT over".to_owned(),
    }
}

/// What a channel answered: `inc-room: accepted (200)`.
pub fn receipt(receipt: &Receipt) -> String {
    let word = if receipt.accepted { "accepted" } else { "NOT ACCEPTED" };
    format!("{}: {word}{}", safe(&receipt.channel), paren(&receipt.detail))
}

/// `accepted (200)`: what the other side said, its yes once.
pub fn accepted(detail: &Outside) -> String {
    match detail.raw().strip_prefix("accepted") {
        Some(rest) => format!("accepted{}", Outside::new(rest).safe()),
        None => format!("accepted{}", tail(detail)),
    }
}

/// How many are affected, in words.
pub fn impact(impact: &Impact) -> String {
    impact.words().safe().to_string()
}

/// Why nothing more is sent by itself.
pub fn stopped(why: &Stopped) -> String {
    match why {
        Stopped::Acknowledged(by) => format!("acknowledged by {}", safe(by)),
        Stopped::Ended => "the incident ended".to_owned(),
        Stopped::Merged(into) => format!("it goes on in {into}"),
        Stopped::LetGo(of) => format!("{of}, for which it paged, stands by itself again"),
        Stopped::Cleared => "its signals went away".to_owned(),
        Stopped::CoveredBy(id) => {
            format!("covered by {id}, which pages; it counts five minutes after that is held or over")
        }
        Stopped::BurningBefore => "it was burning before quell saw it; e arms it".to_owned(),
        Stopped::Exhausted => "EXHAUSTED: no step is left and nobody acknowledged".to_owned(),
    }
}
