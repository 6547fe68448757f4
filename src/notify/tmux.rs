//! What tmux says about itself.

use crate::domain::time::Span;
use crate::exec;

const ANSWER_WITHIN: Span = Span::secs(1);

/// What tmux says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tmux {
    /// Whether it passes wrapped sequences on.
    pub passthrough: bool,
    /// What the attached terminal calls itself.
    pub outer: String,
}

impl Tmux {
    /// Asks the tmux this runs in. One that does not answer passes nothing on.
    pub(super) async fn ask() -> Self {
        let passthrough = say(&["show", "-gv", "allow-passthrough"]).await;
        let outer = say(&["display-message", "-p", "#{client_termtype} #{client_termname}"]).await;
        Self { passthrough: matches!(passthrough.trim(), "on" | "all"), outer: outer.trim().to_owned() }
    }
}

async fn say(arguments: &[&str]) -> String {
    let argv: Vec<String> = ["tmux"].iter().chain(arguments).map(|&word| word.to_owned()).collect();
    match exec::ask(&argv, ANSWER_WITHIN).await {
        Ok(ran) if ran.exit() == Some(0) => String::from_utf8_lossy(&ran.stdout.kept).into_owned(),
        _ => String::new(),
    }
}
