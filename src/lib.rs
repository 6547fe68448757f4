#![doc = include_str!("../ARCHITECTURE.md")]

pub mod backend;
pub mod console;
pub mod domain;
pub mod ledger;
pub mod net;
pub mod os;
pub mod simulator;
