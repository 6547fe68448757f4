//! How roles look: sixteen colours, or none.

use ratatui::style::{Color, Modifier, Style};

use crate::console::page::Role;
use crate::domain::severity::Severity;

/// How roles look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// No colour at all, only bold, dim and reverse.
    pub mono: bool,
    /// ASCII only.
    pub ascii: bool,
}

impl Theme {
    /// How a piece of text looks.
    pub fn role(&self, role: Role) -> Style {
        let plain = Style::new();
        match role {
            Role::Plain => plain,
            Role::Dim => plain.add_modifier(Modifier::DIM),
            Role::Strong | Role::Heading => plain.add_modifier(Modifier::BOLD),
            Role::Bad => self.coloured(Color::LightRed).add_modifier(Modifier::BOLD),
            Role::Warn => self.coloured(Color::Yellow),
            Role::Good => self.coloured(Color::Green),
            Role::Typed => plain.add_modifier(Modifier::UNDERLINED),
            Role::Caret | Role::Chosen => plain.add_modifier(Modifier::REVERSED),
            Role::Key => self.coloured(Color::Cyan).add_modifier(Modifier::BOLD),
        }
    }

    /// How a severity looks; its word and sign say the same.
    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Critical => self.coloured(Color::LightRed).add_modifier(Modifier::BOLD),
            Severity::High => self.coloured(Color::Yellow),
            Severity::Normal => Style::new(),
        }
    }

    /// What must be seen across the room.
    pub fn alarm(&self) -> Style {
        self.coloured(Color::LightRed).add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    fn coloured(&self, colour: Color) -> Style {
        if self.mono { Style::new() } else { Style::new().fg(colour) }
    }
}
