//! What goes wrong at the exchange, each as a story that repeats with new details.

pub mod account_takeover;
pub mod background;
pub mod bad_deploy;
pub mod stolen_key;
pub mod token_outage;
