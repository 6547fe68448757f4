//! What quell is measured beside: a table of as many rows, drawn by ratatui as it comes, whose ages tick once a second.

use std::io::stdout;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event, KeyCode};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{Block, Borders, Paragraph, Row, Table, TableState};

use crate::world::title;

/// Shows a table of this many rows until `q` is pressed. Only what is in sight is made, as whoever cares would.
pub fn run(rows: u64) {
    ratatui::crossterm::terminal::enable_raw_mode().unwrap();
    ratatui::crossterm::execute!(stdout(), ratatui::crossterm::terminal::EnterAlternateScreen).unwrap();
    let mut terminal = Terminal::new(CrosstermBackend::new(stdout())).unwrap();
    let (mut selected, mut top) = (0_u64, 0_u64);
    let began = Instant::now();
    loop {
        let age = began.elapsed().as_secs();
        terminal.draw(|frame| draw(frame, rows, selected, &mut top, age)).unwrap();
        let tick = Duration::from_secs(age + 1).saturating_sub(began.elapsed());
        if !event::poll(tick).unwrap() {
            continue;
        }
        match event::read().unwrap() {
            Event::Key(key) if key.code == KeyCode::Char('j') => selected = (selected + 1).min(rows - 1),
            Event::Key(key) if key.code == KeyCode::Char('q') => break,
            _ => {}
        }
    }
    ratatui::crossterm::execute!(stdout(), ratatui::crossterm::terminal::LeaveAlternateScreen).unwrap();
    ratatui::crossterm::terminal::disable_raw_mode().unwrap();
}

fn draw(frame: &mut ratatui::Frame<'_>, rows: u64, selected: u64, top: &mut u64, age: u64) {
    // As much of the screen as quell gives its list.
    let [head, list, detail, foot] = Layout::vertical([
        Constraint::Length(3),
        Constraint::Min(5),
        Constraint::Length(20),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(Paragraph::new(format!(" CRIT 0   HIGH {}   NORM {}", rows / 3, rows)), head);
    let height = u64::from(list.height - 1);
    *top = (*top).clamp(selected.saturating_sub(height - 1), selected);
    let age = format!("{age}s");
    let lines = (*top..rows.min(*top + height)).map(|number| {
        let style = if number.is_multiple_of(3) { Style::new().fg(Color::Yellow) } else { Style::new() };
        let cells = ["  !", "HIGH", &age, "Identify", "-"].map(str::to_owned);
        Row::new(cells.into_iter().chain([number.to_string(), title(number)])).style(style)
    });
    let widths = [3, 5, 5, 9, 9, 6, 120].map(Constraint::Length);
    let table = Table::new(lines, widths)
        .block(Block::new().borders(Borders::TOP).title(" Triage "))
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let place = usize::try_from(selected - *top).unwrap_or(0);
    frame.render_stateful_widget(table, list, &mut TableState::new().with_selected(place));
    let text =
        format!("{}\nservice=orders-{}  pod=gw-{selected}  region=eu-1", title(selected), selected % 40);
    frame.render_widget(Paragraph::new(text).block(Block::new().borders(Borders::TOP)), detail);
    frame.render_widget(Paragraph::new(" a ack  c contain  e escalate  ? keys"), foot);
}
