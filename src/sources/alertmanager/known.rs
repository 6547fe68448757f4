//! What each peer said last: an answer that says the same again is not parsed, and of another one only what is new or
//! has changed becomes a signal.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::decode::{self, ElementDigest};
use crate::domain::fault::Fault;
use crate::domain::signal::Signal;
use crate::domain::time::Time;

/// What is known of one peer.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Over the whole of its last answer.
    body: Option<[u8; 32]>,
    alerts: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    digest: ElementDigest,
    signal: Arc<Signal>,
}

impl Known {
    /// Takes its answer in; whether it says anything else than before.
    ///
    /// # Errors
    /// The answer is no list.
    pub(super) fn take(&mut self, body: &[u8], source: &str, now: Time) -> Result<bool, Fault> {
        let digest: [u8; 32] = Sha256::digest(body).into();
        if self.body == Some(digest) {
            return Ok(false);
        }
        let text = String::from_utf8_lossy(body);
        let elements = decode::elements(&text)?;
        let mut before = std::mem::take(&mut self.alerts).into_iter().peekable();
        let mut same = true;
        self.alerts.reserve(elements.len());
        for raw in elements {
            let element = decode::element(raw);
            let digest = element.digest();
            // Both are in order of fingerprint; one that is not is only made once more.
            let earlier = |held: &Held| {
                let fingerprint = held.signal.key.fingerprint.raw();
                held.digest != digest && element.fingerprint().is_some_and(|this| fingerprint < this)
            };
            while before.next_if(earlier).is_some() {
                same = false;
            }
            let held = before.next_if(|held| held.digest == digest).unwrap_or_else(|| {
                same = false;
                Held { digest, signal: Arc::new(element.signal(source, now)) }
            });
            self.alerts.push(held);
        }
        self.body = Some(digest);
        Ok(!same || before.next().is_some())
    }

    /// Everything it says.
    pub(super) fn signals(&self) -> impl Iterator<Item = &Arc<Signal>> {
        self.alerts.iter().map(|held| &held.signal)
    }
}
