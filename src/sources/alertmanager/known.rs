//! What each peer said last: an answer that says the same again is not parsed, and of another one only what is new or
//! has changed becomes a signal.

use std::sync::Arc;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::decode::{self, ElementDigest};
use crate::domain::fault::Fault;
use crate::domain::plan::hex;
use crate::domain::signal::Signal;
use crate::domain::time::Time;

/// What is known of one peer.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Over the whole of its last answer.
    body: Option<[u8; 32]>,
    /// Over all of it that counts.
    said: Option<String>,
    /// Its alerts; `None` while only that digest is known, from an earlier process.
    alerts: Option<Vec<Held>>,
}

#[derive(Debug)]
struct Held {
    digest: ElementDigest,
    signal: Arc<Signal>,
}

impl Known {
    /// One that is known to have said this.
    pub(super) fn recalled(said: String) -> Self {
        Self { body: None, said: Some(said), alerts: None }
    }

    /// A digest of what it said.
    pub(super) fn said(&self) -> Option<&str> {
        self.said.as_deref()
    }

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
        let digests: Vec<ElementDigest> = elements.iter().map(|raw| decode::element(raw).digest()).collect();
        let said = hex(&Sha256::digest(digests.concat()));
        self.body = Some(digest);
        if self.said.as_ref() == Some(&said) {
            return Ok(false);
        }
        self.said = Some(said);
        self.join(&elements, digests, source, now);
        Ok(true)
    }

    /// Makes signals of an answer of which only the digest was known.
    ///
    /// # Errors
    /// The answer is no list.
    pub(super) fn complete(&mut self, body: &[u8], source: &str, now: Time) -> Result<(), Fault> {
        if self.alerts.is_some() {
            return Ok(());
        }
        (self.body, self.said) = (None, None);
        self.take(body, source, now).map(drop)
    }

    /// Joins what is said now with what was said before: both are in order of fingerprint, and where they are not,
    /// what did not change is only made once more.
    fn join(&mut self, elements: &[&RawValue], digests: Vec<ElementDigest>, source: &str, now: Time) {
        let mut before = self.alerts.take().unwrap_or_default().into_iter().peekable();
        let join = |(raw, digest): (&&RawValue, ElementDigest)| {
            if let Some(same) = before.next_if(|held| held.digest == digest) {
                return same;
            }
            let element = decode::element(raw);
            let earlier = |held: &Held| {
                element.fingerprint().is_some_and(|this| held.signal.key.fingerprint.raw() < this)
            };
            while before.next_if(earlier).is_some() {}
            let same = before.next_if(|held| held.digest == digest);
            same.unwrap_or_else(|| Held { digest, signal: Arc::new(element.signal(source, now)) })
        };
        self.alerts = Some(elements.iter().zip(digests).map(join).collect());
    }

    /// Everything it says.
    pub(super) fn signals(&self) -> impl Iterator<Item = &Arc<Signal>> {
        self.alerts.iter().flatten().map(|held| &held.signal)
    }
}
