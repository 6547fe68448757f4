//! What waits for a second person: the screen, the line in an incident, and what a plan that is approved begins with.

use crate::domain::text::Width;

use super::{Line, Page, Role, detail, fitted, gap, moment, own, pair, table_rows, wrapped};
use crate::console::approvals::{self, Sought};
use crate::console::command::Command;
use crate::console::layout;
use crate::console::model::Model;
use crate::console::prompt::Consent;
use crate::domain::approval::AskState;
use crate::domain::incident::Incident;
use crate::domain::story;
use crate::domain::time::{Span, Time, clock_time, countdown};

/// From here on a plan's title, its target and who asked stand beside each other.
const ROOMY: u16 = 60;
/// From here on people have a seat.
const WIDE: u16 = 100;
/// So little time left is no longer calm.
const HURRY: Span = Span::mins(2);

/// `Approvals ── 2 wait · 1 for you`
pub fn title(model: &Model, now: Time) -> String {
    let open = approvals::all(&model.board, now).iter().filter(|it| it.is_open(now)).count();
    let mine = approvals::for_me(model, now).len();
    match (open, mine) {
        (0, _) => "Approvals".to_owned(),
        (open, 0) => format!("Approvals ── {open} {}", if open == 1 { "waits" } else { "wait" }),
        (1, _) => "Approvals ── 1 waits for you".to_owned(),
        (open, mine) => format!("Approvals ── {open} wait · {mine} for you"),
    }
}

/// As many lines as there is room for: what waits, and more about what is under the cursor.
pub fn page(model: &Model, now: Time) -> Page {
    let Some(body) = layout::regions(model.size).map(|regions| regions.body) else { return Page::new() };
    let all = approvals::all(&model.board, now);
    if all.is_empty() {
        let mut out = vec![Line::of(Role::Plain, " Nothing waits for a second person.")];
        let how = "What a playbook with approvals = 1 asks for stands here for fifteen minutes, until somebody else has read it and approved it.";
        out.extend(wrapped(Role::Dim, " ", how, body.cols));
        return out;
    }
    let columns = Columns::of(&all, body.cols);
    let (at, top) = (model.approvals.place(&all), model.approvals.top);
    let mut out = vec![columns.head()];
    let rows = (top..).zip(all.iter().skip(top)).take(table_rows(body.rows));
    out.extend(rows.map(|(place, it)| columns.line(model, *it, place == at, now)));
    out.push(gap());
    out.extend(all.get(at).map(|it| about(model, *it, body.cols, now)).unwrap_or_default());
    out.truncate(usize::from(body.rows));
    out
}

/// How wide everything stands.
struct Columns {
    cols: usize,
    incident: usize,
    what: usize,
    target: usize,
    wide: bool,
}

impl Columns {
    fn of(all: &[Sought<'_>], cols: u16) -> Self {
        let widest =
            |text: fn(&Sought<'_>) -> String| all.iter().map(|it| text(it).width()).max().unwrap_or(0);
        let wide = cols >= WIDE;
        let (what, target) = match cols {
            0..ROOMY => (0, 0),
            _ => (
                widest(what).clamp(4, if wide { 40 } else { 20 }),
                widest(target).clamp(6, if wide { 28 } else { 14 }),
            ),
        };
        let incident = if what == 0 { widest(number).max(4) } else { widest(id).max(8) };
        Self { cols: usize::from(cols), incident, what, target, wide }
    }

    fn head(&self) -> Line {
        let (incident, what, target) = (self.incident, self.what, self.target);
        let head = match what {
            0 => format!(" {:>5}  {:<incident$} SEV  WHAT", "LEFT", "INC"),
            _ => format!(
                " {:>5}  {:<incident$} SEV  {:<what$} {:<target$} ASKED BY",
                "LEFT", "INCIDENT", "WHAT", "TARGET"
            ),
        };
        Line::of(Role::Dim, head)
    }

    fn line(&self, model: &Model, it: Sought<'_>, here: bool, now: Time) -> Line {
        let open = it.is_open(now);
        let as_shown = |role| match (here, open) {
            (true, _) => Role::Chosen,
            (false, false) => Role::Dim,
            (false, true) => role,
        };
        let left = if open { countdown(it.ask.until, now) } else { "ended".to_owned() };
        let hurry = if it.ask.until - now < HURRY.delta() { Role::Bad } else { Role::Warn };
        let mark = if here { "▌" } else { " " };
        let incident = if self.what == 0 { number(&it) } else { id(&it) };
        let head = format!("  {incident:<0$} {1:<4} ", self.incident, it.incident.severity.short());
        let what = match self.what {
            0 => story::what(&it.ask.plan),
            what => format!("{} {} ", fitted(&self::what(&it), what), fitted(&target(&it), self.target)),
        };
        let strong = if approvals::is_for_me(model, it, now) { Role::Strong } else { Role::Plain };
        let mut line = Line::of(as_shown(hurry), format!("{mark}{left:>5}")).and(as_shown(Role::Plain), head);
        let room = |line: &Line| self.cols.saturating_sub(line.text().width());
        let clipped = own(&what).clip(room(&line));
        let what = if self.what == 0 { clipped } else { what };
        line = line.and(as_shown(strong), what);
        if self.what > 0 {
            let who = own(&self.who(it, open, now)).clip(room(&line));
            line = line.and(as_shown(Role::Plain), who);
        }
        // One even bar.
        let rest = if here { " ".repeat(room(&line)) } else { String::new() };
        line.and(as_shown(Role::Plain), rest)
    }

    fn who(&self, it: Sought<'_>, open: bool, now: Time) -> String {
        match &it.ask.state {
            _ if !open => outcome(it, now),
            AskState::Approved { by, .. } => format!("approved by {by}"),
            _ if self.wide => format!("{} {}", it.ask.by.console(), clock_time(it.ask.at)),
            _ => format!("{} {}", it.ask.by.name, clock_time(it.ask.at)),
        }
    }
}

fn id(it: &Sought<'_>) -> String {
    it.incident.id.to_string()
}

fn number(it: &Sought<'_>) -> String {
    it.incident.id.number().to_string()
}

fn what(it: &Sought<'_>) -> String {
    own(&it.ask.plan.title).to_string()
}

fn target(it: &Sought<'_>) -> String {
    it.ask.plan.target.as_ref().map_or("-".to_owned(), |(_, value)| value.exact().to_string())
}

/// How it ended.
fn outcome(it: Sought<'_>, now: Time) -> String {
    match &it.ask.state {
        AskState::Used { action } => match it.incident.actions.get(action) {
            Some(action) => format!("#{} {}", action.id, detail::standing(action, now).1),
            None => format!("#{action}"),
        },
        _ if it.incident.is_closed() => "its incident is closed".to_owned(),
        AskState::Approved { by, .. } => format!("{by} approved it, not carried out"),
        AskState::Waiting if it.overtaken().is_some() => "overtaken by what was done since".to_owned(),
        AskState::Waiting => "nobody approved it".to_owned(),
    }
}

/// More about what is under the cursor.
fn about(model: &Model, it: Sought<'_>, cols: u16, now: Time) -> Page {
    let (incident, ask) = (it.incident, it.ask);
    let title = format!("{} {}", incident.severity.word(), incident.title().safe());
    let mut out = pair("Incident", Role::Plain, &title, cols);
    out.extend(pair("Does", Role::Strong, &own(&ask.plan.blast), cols));
    for (place, why) in ask.plan.approval_because.iter().enumerate() {
        out.extend(pair(if place == 0 { "Because" } else { "" }, Role::Warn, &own(why), cols));
    }
    let until = format!(
        "{}, asked {}, until {}",
        own(&ask.by.console()),
        moment(ask.at, now),
        moment(ask.until, now)
    );
    out.extend(pair("By", Role::Plain, &until, cols));
    let state = match approvals::barred(model, it, now) {
        None if it.is_open(now) => {
            let key = model.settings.keymap.key(Command::Open);
            (Role::Good, format!("{key} shows the whole plan, to read and then approve"))
        }
        None => (Role::Dim, outcome(it, now)),
        Some(why) if it.is_open(now) => (Role::Warn, why),
        Some(why) => (Role::Dim, why),
    };
    out.extend(pair("You", state.0, &state.1, cols));
    out
}

/// What waits about an incident, a line each where it fits.
pub fn lines(model: &Model, incident: &Incident, cols: u16, now: Time) -> Page {
    let key = model.settings.keymap.key(Command::Approve);
    let line = |it: &Sought<'_>| {
        let (what, by) = (story::what(&it.ask.plan), own(&it.ask.by.name));
        // Whoever cannot approve it has no key for that.
        let key = if approvals::is_for_me(model, *it, now) { format!(" · {key}") } else { String::new() };
        let text = format!("for a second person: {what}, asked by {by}{key}");
        wrapped(Role::Plain, &format!(" {} left ", countdown(it.ask.until, now)), &text, cols)
    };
    let mut out: Page = approvals::of(incident, now).iter().flat_map(line).collect();
    for line in &mut out {
        if let Some((role, _)) = line.0.first_mut() {
            *role = Role::Warn;
        }
    }
    out
}

/// Who asked for what is shown, and how long that stands.
pub fn sought(consent: &Consent, cols: u16, now: Time) -> Page {
    let left = countdown(consent.until, now);
    let hurry = if consent.until - now < HURRY.delta() { Role::Bad } else { Role::Warn };
    let (by, at, until) = (own(&consent.by.console()), moment(consent.at, now), moment(consent.until, now));
    pair("Asked by", hurry, &format!("{by} {at}; {left} left, until {until}"), cols)
}
