//! Line three: the one thing that needs attention now.

use super::approvals::{self, Sought};
use super::board::{Board, Sight};
use super::command::Command;
use super::ledger::Check;
use super::model::{Banner, Model, Screen};
use super::page::{Line, Role, ledger, moment, own};
use super::prompt::roles;
use crate::domain::chain::Verdict;
use crate::domain::fault::Fault;
use crate::domain::freshness::{SourceState, SourceStatus};
use crate::domain::id::IncidentId;
use crate::domain::notice::{Notice, NoticeKind, is_told_again};
use crate::domain::role::Role as Part;
use crate::domain::sight::still_holds;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, clock_time, countdown, day};

/// From here on it is said who asked for an approval, and how many more wait.
const ROOMY: u16 = 60;
/// From here on it is said how all that was told is shown.
const WIDE: u16 = 100;
/// What shows every notice.
const ALL_OF_THEM: &str = ":ledger notice";
/// How long something stands in the banner that is for one person alone, or tells of what is over.
const STANDS: Span = Span::mins(15);
/// Clocks that differ by so much make people misread when something happened.
const SKEWED_SECS: i64 = 60;

/// Line three, and whether it shouts.
pub fn banner(model: &Model, now: Time) -> Option<(Line, bool)> {
    let sight = model.sight(now);
    if let Some(text) = no_engine(&sight) {
        return Some((Line::of(Role::Bad, format!(" !! {text}")), true));
    }
    if sight == Sight::Blind {
        return Some((Line::of(Role::Bad, format!(" !! BLIND: {}", blindness(model, now))), true));
    }
    let verified = ledger::verified(model);
    if let (Some(Check::Done(_, Verdict::Bad { .. })), Some((at, said))) = (&model.ledger.check, &verified) {
        let said = format!(" !! {said} (checked {})", clock_time(*at));
        return Some((Line::of(Role::Bad, said), true));
    }
    // What waits for an approval has a line of its own, which counts down.
    let is_pending = |it: &&Banner| {
        let kind = it.notice.kind;
        kind != NoticeKind::Approval && matters(model, &it.notice, now) && !is_read(model, it, now)
    };
    let pending: Vec<&Banner> = model.banners.iter().rev().filter(is_pending).collect();
    let approval = approval(model, now);
    let urgency = |it: &&Banner| {
        let about = it.notice.incident.as_ref().and_then(|id| model.board.get(id));
        urgency(it.notice.kind, it.notice.is_critical(about.map(AsRef::as_ref)))
    };
    let waits = approval.is_some();
    let outranked = |it: &&Banner| waits && it.notice.kind == NoticeKind::Deadline;
    let first = pending.iter().copied().min_by_key(urgency);
    if let Some(first) = first.filter(|first| !outranked(first)) {
        return Some((notice(model, first, pending.len() - 1, now), false));
    }
    if let Some((since, fault)) = &model.board.ledger {
        return Some((Line::of(Role::Bad, format!(" !! {}", unwritten(*since, fault))), true));
    }
    if let Some(line) = approval {
        return Some((line, false));
    }
    if let Some(line) = offer(model) {
        return Some((line, false));
    }
    if let Some(offer) = model.offered_to_me() {
        let key = model.settings.keymap.key(Command::Watch);
        let said = format!("  {} offers you the watch since {}", own(&offer.by), moment(offer.at, now));
        return Some((
            Line::of(Role::Warn, said).and(Role::Plain, format!(": {key} shows the card and takes it")),
            false,
        ));
    }
    if let Some((at, said)) = verified.filter(|_| model.screen == Screen::Ledger) {
        return Some((Line::of(Role::Good, format!("  ✓ {said} {}", clock_time(at))), false));
    }
    let troubled =
        model.board.watched().find(|s| !matches!(s.state(now), SourceState::Live | SourceState::Never));
    if let Some(status) = troubled {
        return Some((Line::of(Role::Warn, format!("  ! {}", trouble(status, now))), false));
    }
    if let Some(why) = &model.board.deaf {
        return Some((Line::of(Role::Warn, format!("  ! {}", deaf(why))), false));
    }
    if let Some(skewed) = model.board.sources.iter().find(|source| skew(source).is_some()) {
        return Some((Line::of(Role::Warn, format!("  ! {}", skew_of(skewed, &model.board.sources))), false));
    }
    if let Some(said) = model.board.sources.iter().find_map(to_mend) {
        return Some((Line::of(Role::Warn, format!("  ! {said}")), false));
    }
    None
}

/// Which of several notices stands on line three, the lowest first; of those that are as urgent, the newest. What is due comes
/// last, also after somebody who waits for an approval.
fn urgency(kind: NoticeKind, is_critical: bool) -> u8 {
    match kind {
        // Something may have been changed, and nobody knows.
        NoticeKind::UnknownOutcome => 0,
        // It burns, and nobody has it.
        NoticeKind::NewCritical | NoticeKind::Upgraded | NoticeKind::Unacknowledged => 1,
        NoticeKind::Escalation | NoticeKind::AckExpired => 2 - u8::from(is_critical),
        // Somebody asked to be told.
        NoticeKind::Awake => 3,
        // Some of it is not seen; that nothing is has a line of its own.
        NoticeKind::Blind => 4,
        // It was done.
        NoticeKind::BreakGlass => 5,
        // It may be due for hours.
        NoticeKind::Deadline | NoticeKind::Approval => 6,
    }
}

/// `APPROVE 12:41 left ANA-42 freeze-account, asked by ana · A`: whom it hits stands in the plan, for who opens it.
fn approval(model: &Model, now: Time) -> Option<Line> {
    let all = approvals::for_me(model, now);
    let Sought { incident, ask } = all.first()?;
    let (left, key) = (countdown(ask.until, now), model.settings.keymap.key(Command::Approve));
    let (what, by) = (own(ask.plan.verb.of()), own(&ask.by.name));
    let (head, text, more) = if model.size.cols < ROOMY {
        (format!("  ! APPROVE {left} "), format!("{} {what}", incident.id.number()), String::new())
    } else {
        let more = if all.len() > 1 { format!("  +{} more", all.len() - 1) } else { String::new() };
        (format!("  ! APPROVE {left} left "), format!("{} {what}, asked by {by}", incident.id), more)
    };
    let key = format!(" · {key}");
    // The text gives way: what to press must stay in sight.
    let taken: usize = [&head, &key, &more].into_iter().map(|text| text.chars().count()).sum();
    let text = own(&text).clip(usize::from(model.size.cols).saturating_sub(taken));
    Some(Line::of(Role::Warn, head).and(Role::Strong, text).and(Role::Key, key).and(Role::Warn, more))
}

/// Since when and why no engine keeps watch or takes in what it sees, if none does.
pub fn no_engine(sight: &Sight) -> Option<String> {
    match sight {
        Sight::Lost(since, fault) => {
            let why = fault.detail.safe();
            Some(format!("DOWN since {}: the engine does not answer: {why}", clock_time(*since)))
        }
        Sight::Stalled(holder) => {
            let tty = holder.tty.as_deref().map(|tty| format!(", {}", own(tty))).unwrap_or_default();
            let since = holder.beat.map(|beat| format!(" since {}", clock_time(beat))).unwrap_or_default();
            let pid = holder.pid;
            Some(format!("DOWN{since}: engine stalled (pid {pid}{tty}): nothing is polled or escalated"))
        }
        Sight::Frozen(since, fault) => Some(unwritten(*since, fault)),
        _ => None,
    }
}

/// What it means that the program does not hear, and why.
pub fn deaf(why: &Outside) -> String {
    format!("notify.exec did not hear of the last notice: {}", why.safe())
}

/// Since when and why nothing can be written down.
fn unwritten(since: Time, fault: &Fault) -> String {
    format!("LEDGER since {}, no verb works: {}", clock_time(since), fault.detail.safe())
}

/// A role that waits for this person to accept it, who offers it, and of which incident.
fn offered(model: &Model) -> Option<(String, Part, &IncidentId)> {
    let me = &model.settings.operator;
    let (incident, role) = model.board.offering().find_map(|it| Some((it, roles::offered_to(it, me)?)))?;
    let from = incident.role(role).map(|name| name.capped_safe(24).to_string()).unwrap_or_default();
    Some((from, role, &incident.id))
}

fn offer(model: &Model) -> Option<Line> {
    let (from, role, id) = offered(model)?;
    let key = model.settings.keymap.key(Command::Roles);
    let head = format!("  ! {from} offers you {} of {id}", role.word());
    Some(Line::of(Role::Strong, head).and(Role::Dim, format!("  {key} on it accepts")))
}

/// The same in a few words, while line three is taken by something else: `bo: lead of 1047 is yours? L`.
pub fn aside(model: &Model, now: Time) -> Option<String> {
    let shown = || banner(model, now).map(|(line, _)| line);
    if let Some(it) = approvals::for_me(model, now).first().filter(|_| shown() != approval(model, now)) {
        let (left, key) = (countdown(it.ask.until, now), model.settings.keymap.key(Command::Approve));
        return Some(format!("{key} approves {}, {left} left", it.incident.id.number()));
    }
    let (from, role, id) = offered(model)?;
    let taken = shown() != offer(model);
    let key = model.settings.keymap.key(Command::Roles);
    taken.then(|| format!("{from} offers you {} of {} ({key})", role.word(), id.number()))
}

/// How far a source's clock is ahead of ours, in seconds, where that is worth a banner.
fn skew(status: &SourceStatus) -> Option<i64> {
    status.vitals.skew_ms.map(|ms| ms / 1000).filter(|secs| secs.abs() >= SKEWED_SECS)
}

/// What somebody has to mend of a source that shows all there is.
fn to_mend(status: &SourceStatus) -> Option<String> {
    let remark = status.vitals.remarks.iter().find(|remark| remark.warns)?;
    Some(format!("{}: {}", own(&status.name), remark.text.safe()))
}

/// Whose clock is wrong: where all say the same, it is ours.
fn skew_of(status: &SourceStatus, all: &[SourceStatus]) -> String {
    let secs = skew(status).unwrap_or_default();
    let side = if secs > 0 { "ahead of" } else { "behind" };
    let agree =
        all.iter().filter(|other| skew(other).is_some_and(|it| (it - secs).abs() < SKEWED_SECS)).count();
    if agree > 1 && agree == all.len() {
        let side = if secs > 0 { "behind" } else { "ahead of" };
        return format!("this machine's clock is {} s {side} all its sources: check it", secs.abs());
    }
    format!("the clock of {} is {} s {side} this machine's: check both", own(&status.name), secs.abs())
}

/// Why nothing can be seen.
fn blindness(model: &Model, now: Time) -> String {
    let board = &model.board;
    if board.watched().any(|status| status.state(now).sees()) {
        let missing: Vec<String> =
            board.sources.iter().flat_map(|s| &s.watchdog_missing).map(|w| own(w).to_string()).collect();
        return format!("watchdog {} is missing: alerts may not reach us", missing.join(", "));
    }
    let last = board.watched().filter_map(|s| s.as_of).max();
    let seen = last.map_or("nothing was ever read".to_owned(), |at| format!("last data {}", clock_time(at)));
    let why = board
        .watched()
        .find_map(|s| s.fault.as_ref())
        .map(|f| format!("; {}", f.detail.safe()))
        .unwrap_or_default();
    let next = board.watched().filter_map(|s| s.next_poll).filter(|at| *at > now).min();
    let next = next.map(|at| format!("; next try {}", clock_time(at))).unwrap_or_default();
    format!("no source answers; {seen}{next}{why}")
}

/// Whether a notice still asks for somebody: what it is about has neither ended nor found its owner.
pub fn matters(model: &Model, notice: &Notice, now: Time) -> bool {
    let incident = notice.incident.as_ref().and_then(|id| model.board.get(id));
    match (notice.kind, incident) {
        (NoticeKind::Blind, _) => {
            let sight = model.sight(now);
            let blind = sight == Sight::Blind || no_engine(&sight).is_some();
            still_holds(notice, blind, &model.board.monitors, now)
        }
        (NoticeKind::Unacknowledged, None) => {
            // Each of those is counted: where there is none, nobody looks for it.
            model.board.tally().unacked > 0 && model.board.ranked().any(|it| is_told_again(it, now))
        }
        (_, None) => false,
        (NoticeKind::Approval, Some(it)) => {
            approvals::of(it, now).into_iter().any(|it| approvals::is_for_me(model, it, now))
        }
        (_, Some(it)) => {
            let is_mine = notice.to.as_ref().is_none_or(|to| *to == model.settings.operator);
            is_mine && notice.still_asks(it, now)
        }
    }
}

/// Whether what nothing else would take away has stood there for long enough: what is for one person alone, unless who
/// holds the incident has acted since, and what was done without an approval about what is over.
fn is_read(model: &Model, banner: &Banner, now: Time) -> bool {
    let Notice { kind, to, incident: Some(id), .. } = &banner.notice else { return false };
    let incident = model.board.get(id);
    let stood = now - banner.at > STANDS.delta();
    if *kind == NoticeKind::BreakGlass {
        return stood && !incident.is_some_and(|it| it.is_on_triage());
    }
    let owner = incident.and_then(|it| it.owner.as_ref());
    let acted = owner.map(|owner| owner.until - Span::secs(owner.lasts_s).delta());
    to.is_some() && (stood || acted.is_some_and(|at| at > banner.at))
}

/// How it was told, and that the program did not hear of the last one: that has no line of its own while this stands there.
fn told(model: &Model, banner: &Banner) -> Option<String> {
    let no_exec = model.board.deaf.as_ref().map(|_| "no exec");
    let how: Vec<&str> = banner.how.as_deref().into_iter().chain(no_exec).collect();
    (!how.is_empty()).then(|| how.join(", "))
}

/// How it was told as a word that always has room, where nothing but the bell, or nothing at all, took it.
fn hardly_told(how: Option<&str>) -> &'static str {
    let pieces = || how.into_iter().flat_map(|how| how.split(", "));
    let failed = pieces().any(|piece| piece.starts_with("no "));
    let rang = pieces().any(|piece| piece == "bell");
    let taken = pieces().any(|piece| !piece.starts_with("no "));
    match (failed, rang) {
        (true, true) => "  [bell!]",
        (true, false) if !taken => "  [!]",
        (false, _) if how == Some("bell") => "  [bell]",
        _ => "",
    }
}

/// What happened, to which incident, and what: that gives way last. Where it does not fit, the words that lead to the others
/// go first, then how it was told, but for that it hardly was, and then since when it stands there.
fn notice(model: &Model, banner: &Banner, more: usize, now: Time) -> Line {
    let id = banner.notice.incident.as_ref();
    let cols = usize::from(model.size.cols);
    let narrow = model.size.cols < ROOMY;
    let kind = format!(" !! {} ", banner.notice.kind.word());
    let clock = clock_time(banner.at);
    let said = banner.notice.text.safe().to_string();
    let named =
        id.and_then(|id| said.strip_prefix(&id.to_string())).filter(|rest| rest.starts_with([':', ' ']));
    let word = id.and_then(|id| model.board.get(id)).map(|it| it.severity.word().to_uppercase());
    let number = id.map(|id| format!("{} ", id.number())).unwrap_or_default();
    let (what, brief) = match named {
        Some(rest) => {
            let rest = of_today(rest, now);
            let id = id.map(ToString::to_string).unwrap_or_default();
            (format!("{id}{rest}"), format!("{}{rest}", number.trim_end()))
        }
        // A text that names its incident further on needs no number before it.
        None if id.is_some_and(|id| said.contains(&id.to_string())) => (said.clone(), said.clone()),
        None => {
            let word = word.map(|word| format!("{word} ")).unwrap_or_default();
            (format!("{word}{number}{said}"), format!("{number}{said}"))
        }
    };
    let told = told(model, banner);
    let how = told.as_ref().map(|how| format!("  [{}]", own(how))).unwrap_or_default();
    let hardly = if narrow { "" } else { hardly_told(told.as_deref()) };
    let more = match more {
        0 => String::new(),
        more if narrow => format!("  +{more}"),
        more => format!("  +{more} more"),
    };
    let led = match model.size.cols < WIDE || more.is_empty() {
        true => more.clone(),
        false => format!("{more}, {ALL_OF_THEM}"),
    };
    // When something is due stands in what it says.
    let clocked = named.is_none() || banner.notice.kind != NoticeKind::Deadline;
    let before = if clocked { format!("{clock} ") } else { String::new() };
    let (kind, before, how, more) = (kind.as_str(), before.as_str(), how.as_str(), more.as_str());
    let rooms =
        [(before, how, led.as_str()), (before, how, more), (before, hardly, more), ("", hardly, more)];
    let taken = |(before, how, more): &(&str, &str, &str)| {
        [kind, before, how, more].into_iter().map(own_width).sum::<usize>()
    };
    let chosen = rooms.into_iter().find(|room| taken(room) + own_width(&what) <= cols);
    let (room, what) = match chosen {
        Some(room) => (room, &what),
        None => (("", hardly, more), if narrow { &brief } else { &what }),
    };
    let left = cols.saturating_sub(taken(&room));
    let (before, how, more) = room;
    let role = if how == hardly { Role::Warn } else { Role::Dim };
    Line::of(Role::Bad, format!("{kind}{before}"))
        .and(Role::Strong, own(what).clip(left))
        .and(role, how)
        .and(Role::Warn, more)
}

fn own_width(text: &str) -> usize {
    text.chars().count()
}

/// `: bulletin to users due 2026-11-22 10:02:31Z: title` as it reads today: `: bulletin to users, 10:02Z: title`.
fn of_today(text: &str, now: Time) -> String {
    let Some((before, rest)) = text.split_once(&format!(" due {} ", day(now))) else {
        return text.to_owned();
    };
    match rest.split_at_checked("10:02:31Z".len()) {
        Some((clock, after)) if clock.ends_with('Z') && clock.is_ascii() => {
            format!("{before}, {}Z{after}", clock.get(..5).unwrap_or(clock))
        }
        _ => text.to_owned(),
    }
}

/// What comes of asking at once: whoever is to be left alone is asked then.
pub fn asked_now(board: &Board, now: Time) -> String {
    let later = board.watched().filter_map(|status| Some((own(&status.name), status.left_alone(now)?)));
    let later: Vec<String> = later.map(|(name, at)| format!("{name} at {}", clock_time(at))).collect();
    match later.is_empty() {
        true => "every source is asked now".to_owned(),
        false => format!("every source is asked now, but {}", later.join(", ")),
    }
}

/// What is wrong with a source, and when it is tried again.
pub fn trouble(status: &SourceStatus, now: Time) -> String {
    let state = status.state(now);
    let since = status.as_of.map(|at| format!(" since {}", clock_time(at))).unwrap_or_default();
    let why = match (&status.fault, state) {
        (Some(fault), _) => format!(": {}", fault.detail.safe()),
        (None, SourceState::Partial) if status.vitals.remarks.iter().any(|remark| remark.partial) => {
            let partial = status.vitals.remarks.iter().find(|remark| remark.partial);
            partial.map(|remark| format!(": {}", remark.text.safe())).unwrap_or_default()
        }
        (None, SourceState::Partial) if status.left_out > 0 => {
            format!(": {} left out of the last answer", status.left_out)
        }
        (None, SourceState::Partial) => {
            let missing: Vec<String> = status.watchdog_missing.iter().map(|w| own(w).to_string()).collect();
            format!(": watchdog {} is missing", missing.join(", "))
        }
        _ => String::new(),
    };
    let next = status.next_poll.filter(|at| *at > now).map(|at| format!("; next try {}", clock_time(at)));
    let since = if state.sees() { String::new() } else { since };
    format!("{} is {}{since}{why}{}", own(&status.name), state.word(), next.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Span;

    #[test]
    fn whoever_asks_for_answers_hears_who_is_left_alone_and_until_when() {
        let now: Time = "2026-11-20T14:03:22Z".parse().unwrap();
        let mut board = Board::new(now);
        let alone_until = Some(now + Span::secs(39).delta());
        board.sources = vec![
            SourceStatus::never("prod-am", Span::secs(15)),
            SourceStatus { alone_until, ..SourceStatus::never("pd", Span::secs(15)) },
        ];
        assert_eq!(asked_now(&board, now), "every source is asked now, but pd at 14:04:01Z");
        assert_eq!(asked_now(&board, now + Span::secs(39).delta()), "every source is asked now");
    }
}
