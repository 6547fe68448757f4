#![doc = include_str!("../ARCHITECTURE.md")]

pub mod backend;
pub mod channels;
pub mod config;
pub mod console;
pub mod domain;
pub mod engine;
pub mod ledger;
pub mod monitors;
pub mod net;
pub mod notify;
pub mod os;
pub mod playbooks;
pub mod runtime;
pub mod simulator;
pub mod sources;
pub mod view;
