#![doc = include_str!("../ARCHITECTURE.md")]

pub mod backend;
pub mod channels;
pub mod domain;
pub mod ledger;
pub mod monitors;
pub mod net;
pub mod notify;
pub mod os;
pub mod simulator;
pub mod sources;
