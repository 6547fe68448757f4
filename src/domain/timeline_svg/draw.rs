//! The lanes as lines, bands and marks.

use chrono::TimeDelta;

use super::lanes::{Bar, Kind, Lanes, Mark};
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::text::SafeText;
use crate::domain::time::{Time, date_time, lasted};

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 110.0;
const RIGHT: f64 = 980.0;
/// A line of text.
const LINE: f64 = 20.0;
/// About the width of a character.
const CELL: f64 = 6.4;
/// Lines of one lane that have labels.
const LINES: usize = 12;
/// Marks of the time axis, at most about.
const TICKS: i64 = 8;

/// Light unless the reader asks for dark; what is bad is hollow as well as red.
const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#1b1f24}.big{font-size:16px;font-weight:600}.dim{fill:#57606a}\
.page{fill:#fff}.grid{stroke:#d0d7de}.bar{fill:#d4a72c}.mark{fill:#0550ae;stroke:#0550ae;stroke-width:2}\
.bad{fill:none;stroke:#cf222e;stroke-width:2}.ack{stroke:#0550ae;stroke-dasharray:4 3}\
.identify{fill:#ffd8b5}.contain{fill:#fff0b3}.mitigate{fill:#c8e1ff}.recover{fill:#bef5cb}.review{fill:#e1d5f5}\
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.dim{fill:#9198a1}.page{fill:#0d1117}.grid{stroke:#3d444d}\
.bar{fill:#9e6a03}.mark{fill:#79c0ff;stroke:#79c0ff}.bad{stroke:#ff7b72}.ack{stroke:#79c0ff}\
.identify{fill:#5a3312}.contain{fill:#4d4010}.mitigate{fill:#123a66}.recover{fill:#12502a}.review{fill:#3c2a66}}";

/// The drawing as far as it has come.
struct Drawing<'a> {
    lanes: &'a Lanes,
    out: String,
    /// The top of what comes next.
    y: f64,
}

pub(super) fn svg(incident: &Incident, lanes: &Lanes) -> String {
    let mut drawing = Drawing { lanes, out: String::new(), y: 0.0 };
    drawing.heading(incident);
    let top = drawing.y;
    drawing.phases();
    drawing.bars();
    for kind in Kind::ALL {
        drawing.marks(kind);
    }
    let grid = drawing.axis(top);
    drawing.legend(incident);
    let Drawing { out, y, .. } = drawing;
    let title = xml(&format!("Timeline of {}: {}", incident.id, incident.title().safe()));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" width=\"{WIDTH}\" height=\"{y}\" \
         role=\"img\"><title>{title}</title><style>{STYLE}</style>\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{y}\"/>\n{grid}{out}</svg>\n"
    )
}

impl Drawing<'_> {
    fn heading(&mut self, incident: &Incident) {
        let title = SafeText::display(&format!("{} {}", incident.id, incident.title().safe()));
        self.text(20.0, 28.0, "big", &title.clip(105));
        let until = if self.lanes.over { "response over" } else { "last record" };
        let (from, to) = (self.lanes.from, self.lanes.to);
        let line = format!(
            "{}, {}, opened {}, {until} {}, {}",
            incident.severity.word(),
            incident.category.word(),
            date_time(from),
            date_time(to),
            lasted(from, to)
        );
        self.text(20.0, 48.0, "dim", &line);
        self.y = 66.0;
    }

    fn phases(&mut self) {
        self.lane("Phase");
        for (phase, from, to) in &self.lanes.phases {
            let (left, right) = (self.x(*from), self.x(*to));
            let words = format!("{}, {}", phase.title(), lasted(*from, *to));
            self.out.push_str(&format!(
                "<rect class=\"{}\" x=\"{left:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"22\"><title>{words}</title></rect>\n",
                phase.word(),
                self.y,
                right - left
            ));
            let y = self.y + 15.0;
            let fits = |words: &str| cells(words) * CELL + 8.0 < right - left;
            match (fits(&words), fits(phase.title())) {
                (true, _) => self.text(left + 4.0, y, "", &words),
                (false, true) => self.text(left + 4.0, y, "", phase.title()),
                (false, false) => {}
            }
        }
        self.y += 34.0;
    }

    fn bars(&mut self) {
        let lanes = self.lanes;
        if lanes.bars.is_empty() {
            return;
        }
        self.lane("Signals");
        for Bar { label, spans } in &lanes.bars {
            for (from, to) in spans.iter().filter(|(from, _)| *from <= lanes.to) {
                let (left, right) = (self.x(*from), self.x(to.unwrap_or(lanes.to)));
                let (y, width) = (self.y + 15.0, (right - left).max(2.0));
                self.out.push_str(&format!(
                    "<rect class=\"bar\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"6\"/>\n"
                ));
            }
            // Above its own line, so that no bar is too short for its name.
            let start = spans.first().map_or(LEFT, |(from, _)| self.x(*from));
            let start = start.min(RIGHT - cells(label) * CELL).max(LEFT);
            let y = self.y + 11.0;
            self.text(start, y, "", label);
            self.y += 26.0;
        }
        if lanes.more_bars > 0 {
            let y = self.y + 11.0;
            self.text(LEFT, y, "dim", &format!("and {} more", lanes.more_bars));
            self.y += LINE;
        }
        self.y += 8.0;
    }

    fn marks(&mut self, kind: Kind) {
        let lanes = self.lanes;
        let Some(marks) = lanes.marks.get(&kind) else { return };
        self.lane(kind.title());
        // How far each line is taken.
        let mut taken: Vec<f64> = Vec::new();
        let mut unlabelled = 0;
        for mark in marks {
            let x = self.x(mark.at);
            let width = cells(&mark.label) * CELL + 12.0;
            let before = x + width > RIGHT;
            let (left, right) = if before { (x - width, x + 8.0) } else { (x - 8.0, x + width) };
            let free = taken.iter().position(|end| *end + 4.0 <= left);
            let line = free.unwrap_or(taken.len().min(LINES));
            match taken.get_mut(line) {
                Some(end) if line < LINES => *end = right,
                _ if line < LINES => taken.push(right),
                _ => unlabelled += 1,
            }
            let y = self.y + line.min(LINES) as f64 * LINE + 10.0;
            self.out.push_str(&shape(kind, x, y, mark));
            match (line < LINES, before) {
                (false, _) => {}
                (true, false) => self.text(x + 10.0, y + 4.0, "", &mark.label),
                (true, true) => self.text(x - width + 2.0, y + 4.0, "", &mark.label),
            }
        }
        self.y += (taken.len() + usize::from(unlabelled > 0)) as f64 * LINE + 8.0;
    }

    /// Names a lane.
    fn lane(&mut self, title: &str) {
        let y = self.y + 15.0;
        self.text(20.0, y, "dim", title);
    }

    /// The time axis under everything, and the lines that go up from it to `top`.
    fn axis(&mut self, top: f64) -> String {
        let (bottom, span) = (self.y, self.lanes.to - self.lanes.from);
        let step = step(span);
        let pattern = match (step < 60, span > TimeDelta::days(1)) {
            (true, _) => "%H:%M:%SZ",
            (false, false) => "%H:%MZ",
            (false, true) => "%m-%d %H:%MZ",
        };
        let mut grid = String::new();
        let first = self.lanes.from.timestamp().div_euclid(step) + 1;
        let ticks = (first..).map_while(|tick| Time::from_timestamp(tick * step, 0));
        for at in ticks.take_while(|at| *at <= self.lanes.to) {
            let x = self.x(at);
            grid.push_str(&format!("<path class=\"grid\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>\n"));
            let label = at.format(pattern).to_string();
            let left = (x - cells(&label) * CELL / 2.0).min(RIGHT - cells(&label) * CELL);
            self.text(left, bottom + 16.0, "dim", &label);
        }
        if let Some(first) = self.lanes.acknowledged {
            let x = self.x(first);
            grid.push_str(&format!("<path class=\"ack\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>\n"));
        }
        self.y += 34.0;
        grid
    }

    fn legend(&mut self, incident: &Incident) {
        let mut x = LEFT;
        for kind in Kind::ALL.into_iter().filter(|kind| self.lanes.marks.contains_key(kind)) {
            let y = self.y + 10.0;
            let title = match kind {
                Kind::Deadline => "deadline missed",
                Kind::Response => "response",
                Kind::Escalation => "escalation",
                Kind::Action => "action",
                Kind::Bulletin => "bulletin",
            };
            let mark = Mark { at: self.lanes.from, label: String::new(), bad: kind == Kind::Deadline };
            self.out.push_str(&shape(kind, x + 6.0, y, &mark));
            self.text(x + 18.0, y + 4.0, "", title);
            x += cells(title) * CELL + 40.0;
        }
        let y = self.y + 14.0;
        self.text(x, y, "dim", "hollow: failed, missed or unknown");
        if self.lanes.acknowledged.is_some() {
            self.text(x + 230.0, y, "dim", "dashed: acknowledged");
        }
        self.y += 30.0;
        let review = incident.phases.iter().rev().find(|(phase, _)| *phase == Phase::Review);
        let mut after = match (self.lanes.over, review) {
            (true, Some((_, at))) => format!("In review since {}. ", date_time(*at)),
            (true, None) => String::new(),
            (false, _) => "It is not over. ".to_owned(),
        };
        if self.lanes.later > 0 {
            after.push_str(&format!("What happened after it is not drawn: {} marks. ", self.lanes.later));
        }
        after.push_str("Times are UTC.");
        let y = self.y + 4.0;
        self.text(LEFT, y, "dim", &after);
        self.y += 18.0;
    }

    fn text(&mut self, x: f64, y: f64, class: &str, words: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.out.push_str(&format!("<text{class} x=\"{x:.1}\" y=\"{y:.1}\">{}</text>\n", xml(words)));
    }

    fn x(&self, at: Time) -> f64 {
        let (from, to) = (self.lanes.from, self.lanes.to);
        let all = (to - from).num_milliseconds().max(1) as f64;
        let part = (at.clamp(from, to) - from).num_milliseconds() as f64;
        LEFT + part / all * (RIGHT - LEFT)
    }
}

/// Seconds between two marks of the axis.
fn step(span: TimeDelta) -> i64 {
    let steps = [5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
    let fits = |step: &i64| span.num_seconds() / step <= TICKS;
    steps.into_iter().find(fits).unwrap_or_else(|| (span.num_days() / TICKS + 1) * 86_400)
}

fn shape(kind: Kind, x: f64, y: f64, mark: &Mark) -> String {
    let class = if mark.bad { "bad" } else { "mark" };
    let body = match kind {
        Kind::Response => format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>"),
        Kind::Escalation => path(class, x, y, "m0 -6 6 6 -6 6 -6 -6z"),
        Kind::Action => path(class, x, y, "m0 -6 6 11h-12z"),
        Kind::Bulletin => path(class, x, y, "m-5 -5h10v10h-10z"),
        Kind::Deadline => path(class, x, y, "m-5 -5 10 10m0 -10 -10 10"),
    };
    let said =
        if mark.label.is_empty() { String::new() } else { format!("{}: {}", date_time(mark.at), mark.label) };
    format!("<g><title>{}</title>{body}</g>\n", xml(&said))
}

fn path(class: &str, x: f64, y: f64, way: &str) -> String {
    format!("<path class=\"{class}\" d=\"M{x:.1} {y:.1}{way}\"/>")
}

fn cells(text: &str) -> f64 {
    SafeText::display(text).width() as f64
}

/// Text as XML may hold it.
fn xml(text: &str) -> String {
    let safe = if text.is_empty() { String::new() } else { SafeText::display(text).to_string() };
    let mut out = String::with_capacity(safe.len());
    for c in safe.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
