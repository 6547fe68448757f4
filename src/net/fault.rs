//! What a failed exchange means: above all, whether anything was sent.

use std::error::Error;
use std::io;

use super::guard::LookUpError;
use crate::domain::fault::{Fault, FaultKind};

/// The fault a failed exchange stands for. Its text never holds the URL, which may be a secret.
pub(super) fn of_exchange(error: &reqwest::Error) -> Fault {
    let kind = if error.is_builder() {
        FaultKind::Local
    } else if error.is_connect() {
        FaultKind::Unreachable
    } else if chain(error).any(|cause| io_kind(cause) == Some(io::ErrorKind::InvalidData)) {
        FaultKind::Malformed
    } else {
        FaultKind::NoAnswer
    };
    Fault::new(kind, reason(error))
}

/// The fault a failed connection stands for.
pub(super) fn of_connecting(error: &io::Error) -> Fault {
    Fault::new(FaultKind::Unreachable, reason(error))
}

/// The fault a failed look-up stands for.
pub(super) fn of_look_up(error: LookUpError) -> Fault {
    Fault::new(FaultKind::Unreachable, error.to_string())
}

fn reason(error: &(dyn Error + 'static)) -> String {
    let ours = error.downcast_ref::<reqwest::Error>();
    if ours.is_some_and(|error| error.is_connect() && error.is_timeout()) {
        return "no connection within 3s".to_owned();
    }
    let known = chain(error).filter_map(io_kind).find_map(|kind| match kind {
        io::ErrorKind::ConnectionRefused => Some("connection refused"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Some("connection reset"),
        io::ErrorKind::UnexpectedEof => Some("connection closed before the whole answer came"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some("no route to the host"),
        io::ErrorKind::TimedOut => Some("connection timed out"),
        _ => None,
    });
    if let Some(known) = known {
        return known.to_owned();
    }
    // The outer errors repeat the URL; the innermost says what happened.
    chain(error)
        .skip(usize::from(ours.is_some()))
        .last()
        .map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    error.downcast_ref::<io::Error>().map(io::Error::kind)
}
