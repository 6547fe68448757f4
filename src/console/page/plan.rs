//! A plan's lines, wrapped and coloured.

use crate::domain::text::Width;

use super::{Page, Role, moment, pair, wrapped};
use crate::console::board::Board;
use crate::domain::plan::Plan;
use crate::domain::plan::sheet::{self, Shape, Weight};
use crate::domain::time::{Time, age};

/// The plan, and how many lines at its top say what is hit.
pub fn page(board: &Board, plan: &Plan, cols: u16, now: Time) -> (Page, usize) {
    of(board, plan, cols, now, |_| true)
}

/// The same above a question that says itself whether a second person is needed.
pub fn asked(board: &Board, plan: &Plan, cols: u16, now: Time) -> (Page, usize) {
    of(board, plan, cols, now, |line| line.shape != Shape::Approval)
}

fn of(
    board: &Board,
    plan: &Plan,
    cols: u16,
    now: Time,
    wanted: impl Fn(&sheet::Line) -> bool,
) -> (Page, usize) {
    let incident = board.get(&plan.basis.incident);
    let mut out = Page::new();
    if let Some(incident) = incident {
        let title = format!("{} {}", incident.severity.word(), incident.title().safe());
        out.extend(pair("Incident", Role::Plain, &title, cols));
    }
    let said = sheet::lines(plan).into_iter().filter(wanted);
    let (head, rest): (Vec<_>, Vec<_>) = said.partition(|line| line.shape == Shape::Head);
    out.extend(head.iter().flat_map(|line| shown(line, cols)));
    let top = out.len();
    out.extend(rest.iter().flat_map(|line| shown(line, cols)));
    let made = format!("plan {} made {}", plan.hash.short(), moment(plan.made_at, now));
    match incident.and_then(|incident| Some((incident, board.as_of(incident)?))) {
        Some((incident, as_of)) => {
            let stale = board.is_stale(incident, now);
            let word = if stale { ", STALE" } else { "" };
            let text = format!("as of {}, {} old{word}; {made}", moment(as_of, now), age(as_of, now));
            out.extend(pair("Alerts", if stale { Role::Warn } else { Role::Dim }, &text, cols));
        }
        None => out.extend(pair("Made", Role::Dim, &made, cols)),
    }
    (out, top)
}

/// One of its lines.
pub(super) fn shown(line: &sheet::Line, cols: u16) -> Page {
    let role = role(line.weight);
    let mut out = match line.shape {
        Shape::Head | Shape::Fact | Shape::Approval => pair(&line.label, role, &line.text, cols),
        Shape::Item => wrapped(role, &format!("   {:<20} ", line.label), &line.text, cols),
        Shape::Letter => wrapped(role, "   ", &line.text, cols),
    };
    let Some((weight, beside)) = &line.beside else { return out };
    let room = usize::from(cols).saturating_sub(3 + beside.width());
    match out.pop() {
        Some(last) if last.text().width() <= room => {
            out.push(last.and(self::role(*weight), format!("   {beside}")));
        }
        Some(last) => {
            out.push(last);
            out.extend(pair("", self::role(*weight), beside, cols));
        }
        None => {}
    }
    out
}

fn role(weight: Weight) -> Role {
    match weight {
        Weight::Plain => Role::Plain,
        Weight::Dim => Role::Dim,
        Weight::Strong => Role::Strong,
        Weight::Warn => Role::Warn,
        Weight::Good => Role::Good,
    }
}
