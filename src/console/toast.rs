//! What became of the person's own action, on the line above the keys.

use serde::{Deserialize, Serialize};

use crate::domain::id::IncidentId;
use crate::domain::time::Time;

/// What became of the person's own action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Toast {
    /// In one line.
    pub text: String,
    /// Whether it worked.
    pub state: ToastState,
    /// Since when it is shown.
    pub at: Time,
    /// What the person has just done: until another key, undo takes that back, wherever the cursor went.
    #[serde(default)]
    pub reverse: Option<(Reverse, IncidentId)>,
    /// It came before what is asked now was asked.
    #[serde(default)]
    pub before: bool,
    /// What the source of this one was not told: whoever acknowledges it once more tries that again.
    #[serde(default)]
    pub untold: Option<IncidentId>,
}

/// What takes back what was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reverse {
    /// What was put off is taken up again.
    Wake,
    /// What was closed is opened again.
    Reopen,
}

/// Whether the person's own action worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToastState {
    /// The engine has not answered yet; the text says what will have been done.
    Pending,
    /// It did.
    Done,
    /// It did not; the text says why.
    Failed,
    /// The key did not count, and must be pressed again; gone once something is asked.
    Again,
}
