//! What a failed exchange means: above all, whether anything was sent.

use std::error::Error;
use std::io;

use rustix::io::Errno;
use rustls::{AlertDescription, CertificateError};

use super::guard::LookUpError;
use crate::domain::fault::{Fault, FaultKind};

/// The fault a failed exchange stands for. Its text never holds the URL, which may be a secret.
pub(super) fn of_exchange(error: &reqwest::Error) -> Fault {
    if let Some(error) = chain(error).find_map(|cause| cause.downcast_ref::<LookUpError>()) {
        return of_look_up(*error);
    }
    // Whatever this machine lacks after it has connected, something may have been sent.
    let none_left = error.is_connect() && chain(error).any(is_of_this_machine);
    let kind = if error.is_builder() || none_left {
        FaultKind::Local
    } else if error.is_connect() || of_tls(error).is_some_and(is_of_our_certificate) {
        // Who refuses our certificate has not let the request in, although TLS 1.3 says so only after it was sent.
        FaultKind::Unreachable
    } else if chain(error).any(|cause| io_kind(cause) == Some(io::ErrorKind::InvalidData)) {
        FaultKind::Malformed
    } else {
        FaultKind::NoAnswer
    };
    Fault { passes: none_left, ..Fault::new(kind, reason(error)) }
}

/// The fault a failed connection stands for.
pub(super) fn of_connecting(error: &io::Error) -> Fault {
    match is_of_this_machine(error) {
        true => Fault::passing(reason(error)),
        false => Fault::new(FaultKind::Unreachable, reason(error)),
    }
}

/// The fault a failed look-up stands for.
pub(super) fn of_look_up(error: LookUpError) -> Fault {
    // Whoever has no file left cannot ask a name server either, and is told only that it failed.
    match std::fs::File::open("/dev/null") {
        Err(none) if is_of_this_machine(&none) => of_connecting(&none),
        _ => Fault::new(FaultKind::Unreachable, error.to_string()),
    }
}

/// Whether this machine, or what it allows quell, has no more files or memory for a connection.
pub(super) fn is_of_this_machine(error: &(dyn Error + 'static)) -> bool {
    let spent = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS];
    let code = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
    code.is_some_and(|code| spent.iter().any(|errno| errno.raw_os_error() == code))
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
    if let Some(words) = of_tls(error).and_then(tls_words) {
        return words.to_owned();
    }
    // The outer errors repeat the URL; the innermost says what happened.
    chain(error)
        .skip(usize::from(ours.is_some()))
        .last()
        .map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

/// What TLS itself says went wrong.
fn of_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    chain(error).find_map(|cause| {
        // An I/O error does not count what it holds among its sources, and may hold another.
        let held = |outer: &'a (dyn Error + 'static)| {
            outer.downcast_ref::<io::Error>()?.get_ref().map(|held| held as &'a (dyn Error + 'static))
        };
        std::iter::successors(Some(cause), |outer| held(*outer)).find_map(|one| one.downcast_ref())
    })
}

fn is_of_our_certificate(error: &rustls::Error) -> bool {
    use AlertDescription::{
        AccessDenied, BadCertificate, CertificateExpired, CertificateRequired, CertificateRevoked,
        CertificateUnknown, DecryptError, UnknownCA, UnsupportedCertificate,
    };
    let rustls::Error::AlertReceived(alert) = error else { return false };
    matches!(
        alert,
        AccessDenied
            | BadCertificate
            | CertificateExpired
            | CertificateRequired
            | CertificateRevoked
            | CertificateUnknown
            | DecryptError
            | UnknownCA
            | UnsupportedCertificate
    )
}

/// What to do about it, where that is known.
fn tls_words(error: &rustls::Error) -> Option<&'static str> {
    use CertificateError as Bad;
    Some(match error {
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server asks for a client certificate; name one in client_cert"
        }
        refused if is_of_our_certificate(refused) => {
            "the server refuses the client certificate; check client_cert"
        }
        rustls::Error::InvalidMessage(_) => "the other side does not speak TLS",
        rustls::Error::InconsistentKeys(_) => "the key does not belong to the certificate",
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer => {
                "the server's certificate is of an unknown issuer; name its authority in ca_file"
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
                "the server's certificate is for another name; check the host in the URL"
            }
            Bad::Expired | Bad::ExpiredContext { .. } => "the server's certificate has expired",
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet; check the clocks"
            }
            Bad::BadEncoding => "a certificate cannot be decoded",
            _ => return None,
        },
        _ => return None,
    })
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    error.downcast_ref::<io::Error>().map(io::Error::kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_machine_lacks_is_no_fault_of_the_other_side() {
        let of = |errno: Errno| of_connecting(&io::Error::from_raw_os_error(errno.raw_os_error()));
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS] {
            assert_eq!((of(errno).kind, of(errno).is_ours()), (FaultKind::Local, true), "{errno:?}");
            assert!(of(errno).may_pass(), "{errno:?}");
        }
        for errno in [Errno::CONNREFUSED, Errno::HOSTUNREACH, Errno::TIMEDOUT] {
            assert_eq!((of(errno).kind, of(errno).is_ours()), (FaultKind::Unreachable, false), "{errno:?}");
        }
        assert_eq!(of_look_up(LookUpError::Failed).kind, FaultKind::Unreachable);
    }
}
