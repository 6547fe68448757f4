//! Keys in, effects out.

use quell::console::effect::Effect;
use quell::console::prompt::Prompt;
use quell::domain::action::Verb;
use quell::domain::record::Entry;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;

mod bulletin;
mod contain;
mod escalation;
mod leave;
mod report;
mod rows;
mod steady;
mod verbs;

use crate::support::play::{Play, at, console, id, incident};
