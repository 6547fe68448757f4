//! The console as values: what happened goes in, what to show and what to ask for comes out.
//!
//! [`update()`] is the only function that changes the [`Model`]; it reads no clock and does nothing itself.

pub mod applying;
pub mod approvals;
pub mod asked;
pub mod banner;
pub mod board;
pub mod bulk;
pub mod bulletin;
pub mod choosing;
pub mod chord;
pub mod command;
pub mod completing;
pub mod due;
pub mod editing;
pub mod effect;
pub mod escalation;
pub mod field;
pub mod fields;
pub mod folds;
pub mod guard;
pub mod handover;
pub mod hints;
pub mod impact;
pub mod keymap;
pub mod layout;
pub mod ledger;
pub mod lesson;
pub mod links;
pub mod list;
pub mod look;
pub mod marks;
pub mod measure;
pub mod message;
pub mod model;
pub mod news;
pub mod page;
pub mod palette;
pub mod phrase;
pub mod prompt;
pub mod reading;
pub mod recording;
pub mod report;
pub mod sieve;
pub mod standing;
pub mod tape;
pub mod toast;
pub mod tying;
mod update;
pub mod views;
pub mod wall;

pub use model::Model;
pub use update::update;
