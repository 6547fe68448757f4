//! What quell knows and decides, as plain values: no clock, no network, no terminal.

pub mod action;
pub mod bulletin;
pub mod category;
pub mod escalation;
pub mod fault;
pub mod freshness;
pub mod id;
pub mod incident;
pub mod monitor;
pub mod notice;
pub mod operator;
pub mod packet;
pub mod phase;
pub mod plan;
pub mod playbook;
pub mod query;
pub mod rank;
pub mod record;
pub mod rule;
pub mod severity;
pub mod sight;
pub mod signal;
pub mod text;
pub mod time;
