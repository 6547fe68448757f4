//! An answer as it comes: as long as it repeats the last one, byte for byte, it is neither parsed nor kept; from where it
//! differs it is read element by element, and only what is new or has changed becomes a signal.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::decode::{self, ElementDigest, Next};
use super::known::{Block, Held, Known, Place, Trace};
use crate::domain::fault::Fault;
use crate::domain::time::Time;
use crate::sources::elements::{MOST, endless};

/// Bytes by which an answer is compared with the last one; about so many of it are in memory at once.
const BLOCK: usize = 128 * 1024;

/// One answer of a peer, as far as it came.
pub(super) struct Incoming<'a> {
    source: &'a str,
    now: Time,
    /// What was said before.
    before: Known,
    /// How many of the alerts before are behind.
    passed: usize,
    /// How many bytes came, and over them.
    came: usize,
    digest: Sha256,
    /// The blocks that are full.
    blocks: Vec<Block>,
    /// Whether it was the last answer's bytes until now.
    repeats: bool,
    /// The last place known, and the bytes from there on.
    place: Place,
    rest: Vec<u8>,
    /// So many of these are needed before it makes sense to look for the next element again.
    enough: usize,
    /// Its alerts up to there, where they are asked for.
    alerts: Option<Vec<Held>>,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(before: Known, source: &'a str, now: Time) -> Self {
        let repeats = before.trace.bytes.is_some();
        let mut reading = Self {
            source,
            now,
            before,
            passed: 0,
            came: 0,
            digest: Sha256::new(),
            blocks: Vec::new(),
            repeats,
            place: Place::default(),
            rest: Vec::new(),
            enough: 0,
            alerts: None,
        };
        if !repeats {
            reading.begin();
        }
        reading
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// The answer is no list.
    pub(super) fn take(&mut self, mut piece: &[u8]) -> Result<(), Fault> {
        while !piece.is_empty() {
            let room = BLOCK - self.came % BLOCK;
            let (this, later) = piece.split_at(room.min(piece.len()));
            self.digest.update(this);
            self.rest.extend_from_slice(this);
            self.came += this.len();
            if !self.repeats {
                self.elements()?;
            }
            if self.came.is_multiple_of(BLOCK) {
                self.end_block()?;
            }
            piece = later;
        }
        Ok(())
    }

    /// That was all of it: what is known now, and whether it says anything else than before.
    ///
    /// # Errors
    /// The answer is no list.
    pub(super) fn finish(mut self) -> Result<(Known, bool), Fault> {
        let bytes = self.digest.clone().finalize().into();
        if self.repeats {
            if self.before.trace.bytes == Some(bytes) {
                return Ok((self.before, false));
            }
            self.differ()?;
        }
        self.enough = 0;
        if !self.elements()? {
            return Err(decode::no_list());
        }
        let said = self.place.said;
        let trace = Trace { blocks: self.blocks, bytes: Some(bytes), said };
        let news = self.before.trace.bytes.is_none() || self.before.trace.said != said;
        Ok((Known { trace, alerts: self.alerts.map(Arc::from) }, news))
    }

    /// A block is full: where it is the last answer's, its bytes are known already.
    fn end_block(&mut self) -> Result<(), Fault> {
        let bytes = self.digest.clone().finalize().into();
        if self.repeats {
            match self.before.trace.blocks.get(self.blocks.len()).filter(|known| known.bytes == bytes) {
                Some(known) => {
                    self.rest.drain(..(known.place.at - self.place.at).min(self.rest.len()));
                    self.place = known.place.clone();
                }
                None => self.differ()?,
            }
        }
        self.blocks.push(Block { bytes, place: self.place.clone() });
        Ok(())
    }

    /// It is another answer from the last place on.
    fn differ(&mut self) -> Result<(), Fault> {
        self.repeats = false;
        self.begin();
        self.elements().map(drop)
    }

    fn begin(&mut self) {
        #[cfg(test)]
        super::tests::PARSED.set(super::tests::PARSED.get() + 1);
        self.passed = self.place.elements;
        self.alerts =
            self.before.alerts.as_ref().map(|before| before.iter().take(self.passed).cloned().collect());
    }

    /// Reads the elements that are all there; whether the list ended with them.
    fn elements(&mut self) -> Result<bool, Fault> {
        if self.rest.len() < self.enough {
            return Ok(false);
        }
        let mut rest = std::mem::take(&mut self.rest);
        let mut read = 0;
        let ended = loop {
            let text = rest.get(read..).unwrap_or_default();
            match decode::next(text, self.place.elements == 0)? {
                Next::Element { .. } if self.place.elements == MOST => return Err(endless()),
                Next::Element { raw, digest, end } => {
                    self.element(raw, digest);
                    read += end;
                }
                Next::End => break true,
                Next::More => break false,
            }
        };
        rest.drain(..read);
        self.rest = rest;
        self.place.at += read;
        // One that comes in many pieces is not looked at with each of them.
        self.enough = self.rest.len() * 2;
        Ok(ended)
    }

    /// Joins an element with what was said before: both are in order of fingerprint, and where they are not, what did
    /// not change is only made once more.
    fn element(&mut self, raw: &[u8], digest: ElementDigest) {
        self.place.elements += 1;
        self.place.said = Sha256::new().chain_update(self.place.said).chain_update(digest).finalize().into();
        let (Some(alerts), Some(before)) = (&mut self.alerts, &self.before.alerts) else { return };
        let same = |passed| before.get(passed).filter(|held: &&Held| held.digest == digest);
        if let Some(held) = same(self.passed) {
            self.passed += 1;
            return alerts.push(held.clone());
        }
        let text = String::from_utf8_lossy(raw);
        let element = decode::element(&text);
        let earlier =
            |held: &Held| element.fingerprint().is_some_and(|this| held.signal.key.fingerprint.raw() < this);
        while before.get(self.passed).is_some_and(earlier) {
            self.passed += 1;
        }
        match same(self.passed) {
            Some(held) => {
                self.passed += 1;
                alerts.push(held.clone());
            }
            None => alerts.push(Held { digest, signal: Arc::new(element.signal(self.source, self.now)) }),
        }
    }
}

#[cfg(test)]
mod tests;
