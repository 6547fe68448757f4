//! Every integration test, in one binary: it links once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test says what went wrong by panicking, and measures real time"
)]

mod alertmanager;
mod architecture;
mod bulletins;
mod channels;
mod cli;
mod config;
mod crash;
mod demo;
mod docs;
mod emitter;
mod engine;
mod escalation;
mod evidence;
mod faults;
mod flow;
mod harness;
mod http_json;
mod identity;
mod intake;
mod interleavings;
mod keyring;
mod ledger;
mod ledger_faults;
mod monitors;
mod notices;
mod outputs;
mod pagerduty;
mod programs;
mod prometheus;
mod pty;
mod replay;
mod response;
mod screens;
mod sources;
mod support;
mod tls;
mod torture;
mod two_processes;
mod wall;
