//! What a person can read on a frame.

use std::collections::BTreeMap;

use quell::console::layout;
use quell::console::model::{Model, Screen, Size};
use quell::console::page::prompt as page;
use quell::console::prompt::Prompt;
use quell::domain::id::IncidentId;
use quell::domain::query::Query;
use quell::domain::time::Time;
use quell::view::{self, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// What could be read on a frame.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The line a prompt begins with; it says what is asked.
    pub rule: Option<String>,
    /// All that stands below it.
    pub page: String,
    /// The incident a prompt names.
    pub asks: Option<IncidentId>,
    /// The incident a verb would hit, as the screen shows it.
    pub selected: Option<u64>,
    /// Number → line, of the rows of a list.
    pub rows: BTreeMap<u64, u16>,
    /// A list fills the screen.
    pub list: Option<Screen>,
    /// How many of its rows stand above the first one.
    pub above: usize,
    /// Which of its rows were asked for.
    asked: Asked,
}

/// What a person asks of a list, in the place of the rows it has.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    filter: Option<Query>,
    view: Option<u8>,
    /// A filter is being typed: leaving it asks for all rows.
    types: bool,
    /// The cursor is on a fold, open or not: a key opens or closes it.
    fold: Option<bool>,
}

/// Reads a frame of this model.
pub fn frame(model: &Model, now: Time, size: Size) -> Frame {
    let mut terminal = Terminal::new(TestBackend::new(size.cols, size.rows)).unwrap();
    terminal.draw(|frame| view::draw(model, &Theme::default(), now, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let line =
        |y: u16, cols: u16| -> String { (0..cols).map(|x| buffer[(x, y)].symbol()).collect::<String>() };
    let mut read = Frame::default();
    let Some(regions) = layout::regions(model.size).filter(|_| size == model.size) else { return read };
    let mut last = regions.list.y + regions.list.rows;
    if let Some(sheet) = page::sheet(model, regions.body.cols, now) {
        let area = layout::sheet(&regions, sheet.body.len() + sheet.foot.len());
        let rule = line(area.y, area.cols);
        read.asks = named(&rule).unwrap_or_else(|| panic!("a prompt names nothing: {rule:?}"));
        read.page = (area.y..area.y + area.rows).map(|y| line(y, area.cols) + "\n").collect();
        read.rule = Some(rule);
        last = last.min(area.y);
    }
    match model.screen {
        Screen::Triage | Screen::Review => {
            read.list = Some(model.screen.clone());
            let list = model.list().expect("a list");
            read.above = list.top;
            read.asked = Asked {
                filter: list.filter().cloned(),
                view: list.view,
                types: matches!(model.prompt, Some(Prompt::Filter { .. })),
                fold: list.fold().map(|fold| fold.open),
            };
            for y in regions.list.y..last {
                let text = line(y, regions.list.cols);
                let columns: String = text.chars().skip(10).collect();
                let number = columns.split_whitespace().next().and_then(|word| word.parse().ok());
                let Some(number) = number.filter(|_| is_row(&text)) else { continue };
                read.rows.insert(number, y);
                if text.starts_with('▌') {
                    read.selected = Some(number);
                }
            }
        }
        Screen::Incident { .. } | Screen::PostMortem { .. } => {
            read.selected = named(&line(regions.rule.y, regions.body.cols)).flatten().map(|id| id.number());
        }
        _ => {}
    }
    read
}

impl Frame {
    /// The rows that stand elsewhere than before: number, where from, where to.
    pub fn moved(&self, before: &Self) -> Vec<(u64, u16, u16)> {
        if self.list.is_none() || self.list != before.list {
            return Vec::new();
        }
        let moved = |(number, y): (&u64, &u16)| {
            let was = before.rows.get(number).filter(|was| *was != y)?;
            Some((*number, *was, *y))
        };
        self.rows.iter().filter_map(moved).collect()
    }

    /// Those of them that a key moved from among the others which stayed, and was not meant to: it may scroll, and ask for
    /// other rows.
    pub fn torn(&self, before: &Self) -> Vec<(u64, u16, u16)> {
        let (was, is) = (&before.asked, &self.asked);
        let left = was.types && !is.types;
        let turned = was.fold.is_some() && was.fold != is.fold;
        if left || turned || (&was.filter, was.view) != (&is.filter, is.view) {
            return Vec::new();
        }
        if self.list.is_none() || self.list != before.list {
            return Vec::new();
        }
        let place = |y: u16, frame: &Self| usize::from(y) + frame.above;
        let both =
            self.rows.iter().filter_map(|(number, is)| Some((*number, *before.rows.get(number)?, *is)));
        both.filter(|(_, was, is)| place(*was, before) != place(*is, self)).collect()
    }
}

fn is_row(line: &str) -> bool {
    ["CRIT", "HIGH", "NORM"].contains(&line.chars().skip(4).take(4).collect::<String>().as_str())
}

/// The incident a rule names; `Some(None)` when it asks something else.
fn named(line: &str) -> Option<Option<IncidentId>> {
    // A filter is about none, and so is a command line over an empty list.
    let of_all = line.contains(" marked") && !line.contains(" this one, not the ");
    let of_none = of_all
        || ["leave quell?", "open an incident by hand", "offer the watch", "take the watch"]
            .iter()
            .any(|title| line.contains(title));
    let of_list =
        ["command ", "find "].iter().any(|title| line.trim_start_matches(['─', ' ']).starts_with(title));
    if of_none || of_list {
        return Some(None);
    }
    line.split_whitespace().find_map(|word| IncidentId::parse(word.trim_end_matches(':'))).map(Some)
}
