//! A failure of the outside, as data.

use serde::{Deserialize, Serialize};

use super::action::Outcome;
use super::text::Outside;
use super::time::Span;

/// What kind of failure it was; policy branches on this, never on text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// No connection: the request was certainly not sent (name lookup, refused, TLS handshake).
    Unreachable,
    /// The connection stood, and then no (whole) answer came in time.
    NoAnswer,
    /// 401 or 403.
    Unauthorised,
    /// There is no secret to sign the request with: it was certainly not sent.
    Unsigned,
    /// 429, with how long to wait.
    Throttled,
    /// 5xx.
    Broken,
    /// Another status that is no success.
    Refused,
    /// 3xx where none is followed.
    Redirected,
    /// An answer that is not what the protocol says.
    Malformed,
    /// An answer over the size limit.
    TooLarge,
    /// A secret, file or setting on this machine was not usable.
    Local,
}

/// A failure of the outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of failure.
    pub kind: FaultKind,
    /// One line for a person; may hold text from outside, never a secret.
    pub detail: Outside,
    /// The HTTP status, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long the other side asks to be left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Span>,
    /// It lies on this machine and may be over by itself. Needed only while somebody may try again.
    #[serde(skip)]
    pub passes: bool,
}

impl Fault {
    /// A fault of this kind, said in one line.
    pub fn new(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: Outside::new(detail), status: None, retry_after: None, passes: false }
    }

    /// Something on this machine was not usable.
    pub fn local(detail: impl Into<String>) -> Self {
        Self::new(FaultKind::Local, detail)
    }

    /// Something on this machine was not usable, and may be usable again soon.
    pub fn passing(detail: impl Into<String>) -> Self {
        Self { passes: true, ..Self::local(detail) }
    }

    /// Whether the same once more may go well: what is broken or busy mends itself, what is missing here or refused there
    /// does not.
    pub fn may_pass(&self) -> bool {
        use FaultKind::{Broken, Local, NoAnswer, Throttled, Unreachable};
        match self.kind {
            Unreachable | NoAnswer | Throttled | Broken => true,
            Local => self.passes,
            _ => false,
        }
    }

    /// Whether it is about credentials: asking again and again may lock them, or have somebody type them each time.
    pub fn is_of_credentials(&self) -> bool {
        matches!(self.kind, FaultKind::Unauthorised | FaultKind::Unsigned)
    }

    /// Whether it lies on this side, and nothing was sent: it says nothing of the other side.
    pub fn is_ours(&self) -> bool {
        matches!(self.kind, FaultKind::Unsigned | FaultKind::Local)
    }

    /// Whether quell itself asked nothing, since the other side grants nothing yet: no attempt, so none that failed.
    pub fn is_held_back(&self) -> bool {
        self.kind == FaultKind::Throttled && self.status.is_none()
    }

    /// What a write that ended like this amounts to: a definite no is a refusal, what certainly never left was not
    /// sent, and everything else may have been done.
    pub fn outcome(&self) -> Outcome {
        use FaultKind::{Local, Refused, Throttled, Unauthorised, Unreachable, Unsigned};
        match (self.kind, self.status) {
            (Unreachable | Unsigned, _) | (Local, None) => Outcome::NotSent,
            // Said by a protocol that has no HTTP statuses.
            (Unauthorised | Throttled | Refused, None) => Outcome::Refused,
            (
                _,
                Some(
                    400 | 401 | 402 | 403 | 404 | 405 | 406 | 409 | 410 | 411 | 412 | 413 | 415 | 420 | 422
                    | 428 | 429 | 431,
                ),
            ) => Outcome::Refused,
            _ => Outcome::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_is_called_certain() {
        let outcome = |kind, status| Fault { status, ..Fault::new(kind, "") }.outcome();
        assert_eq!(outcome(FaultKind::Unreachable, None), Outcome::NotSent);
        assert_eq!(outcome(FaultKind::Local, None), Outcome::NotSent);
        assert_eq!(outcome(FaultKind::Unsigned, None), Outcome::NotSent);
        assert_eq!(outcome(FaultKind::Refused, Some(409)), Outcome::Refused);
        assert_eq!(outcome(FaultKind::Refused, Some(402)), Outcome::Refused);
        assert_eq!(outcome(FaultKind::Refused, None), Outcome::Refused);
        assert_eq!(outcome(FaultKind::Refused, Some(408)), Outcome::Unknown);
        assert_eq!(outcome(FaultKind::Broken, Some(500)), Outcome::Unknown);
        assert_eq!(outcome(FaultKind::Redirected, Some(307)), Outcome::Unknown);
        assert_eq!(outcome(FaultKind::NoAnswer, None), Outcome::Unknown);
        assert_eq!(outcome(FaultKind::TooLarge, Some(200)), Outcome::Unknown);
    }
}
