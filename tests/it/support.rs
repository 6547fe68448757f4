//! What the tests stand on: a terminal, a fault server, real servers, hostile payloads, private folders.
#![allow(dead_code, reason = "the ground is wider than the tests that stand on it so far")]

pub mod board;
pub mod desk;
pub mod dnsd;
pub mod double;
pub mod everything;
pub mod exchange;
pub mod faultd;
pub mod grid;
pub mod http;
pub mod keys;
pub mod lines;
pub mod mounts;
pub mod pagerduty;
pub mod play;
pub mod pty;
pub mod real;
pub mod repository;
pub mod response;
pub mod scratch;
pub mod smtpd;
pub mod tls;
pub mod torture;
pub mod venue;
pub mod vt;
pub mod watched;
pub mod wired;

use std::time::{Duration, Instant};

/// How long a test waits for anything before it fails.
pub const BOUND: Duration = Duration::from_secs(15);

/// Asks again and again until there is an answer; panics after [`BOUND`]. Only for the outside that cannot
/// tell us: whatever can notify is waited on by a condition variable instead.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + BOUND;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {BOUND:?} in vain for: {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}
