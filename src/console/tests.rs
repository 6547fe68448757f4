//! Keys in, effects out.

use super::effect::Effect;
use super::prompt::Prompt;
use crate::domain::action::Verb;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;

mod contain;
mod due;
mod gates;
mod leave;
mod line;
mod roles;
mod rows;
mod steady;
pub(crate) mod support;
mod verbs;

use support::{Play, console, id, incident};
