//! PagerDuty as a source that a responder can live in, against a double that has its quirks.

mod acting;
mod beside;
mod command;
mod console;
mod reading;
mod refused;
mod shift;
