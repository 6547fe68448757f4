//! What tmux says about itself.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

const ANSWER_WITHIN: Duration = Duration::from_secs(1);

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
    let output = Command::new("tmux")
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    match tokio::time::timeout(ANSWER_WITHIN, output).await {
        Ok(Ok(output)) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        _ => String::new(),
    }
}
