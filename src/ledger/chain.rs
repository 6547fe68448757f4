//! The chain over stored bytes, and its verification.

use std::path::Path;

use rusqlite::{OptionalExtension, Row};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

use super::{LedgerError, reading};
pub use crate::domain::chain::Verdict;
use crate::domain::plan::hex;
use crate::domain::record::FORMAT;

/// A link of the chain.
pub type Hash = [u8; 32];

/// What stands before the first record.
pub const GENESIS: Hash = [0; 32];

/// `SHA256(0x00 ‖ prev ‖ length ‖ bytes)`, the length as eight bytes, big-endian.
pub fn link(prev: &Hash, bytes: &[u8]) -> Hash {
    let length = (bytes.len() as u64).to_be_bytes();
    Sha256::digest([&[0][..], prev, &length, bytes].concat()).into()
}

/// Reads the whole chain as it stands at one moment and names the first bad record. Nothing is re-serialised.
///
/// # Errors
/// [`LedgerError::Broken`] when the file cannot be read at all, or a newer quell wrote on it.
pub fn verify(path: &Path) -> Result<Verdict, LedgerError> {
    let broken = |why: String| LedgerError::Broken { path: path.display().to_string(), why };
    let unreadable = |error: rusqlite::Error| broken(format!("cannot be read: {error}"));
    let (connection, complete) = reading::open(path).map_err(unreadable)?;
    if !complete {
        return Err(broken(
            "cannot be read whole: part of it is in a log beside it that cannot be opened".to_owned(),
        ));
    }
    // Others go on writing meanwhile.
    let moment = connection.unchecked_transaction().map_err(unreadable)?;
    let mut statement =
        moment.prepare("SELECT seq, incident, bytes, hash FROM records ORDER BY seq").map_err(unreadable)?;
    let mut rows = statement.query([]).map_err(unreadable)?;
    let (mut prev, mut expected) = (GENESIS, 1u64);
    loop {
        let checked = match rows.next() {
            Ok(Some(row)) => check(row, expected, &prev),
            Ok(None) => break,
            Err(error) => Err(Wrong::Bad(format!("cannot be read: {error}"))),
        };
        prev = match checked {
            Ok(link) => link,
            Err(Wrong::Bad(why)) => return Ok(Verdict::Bad { seq: expected, why }),
            Err(Wrong::Newer(version)) => {
                return Err(broken(format!(
                    "has a record {expected} that was written by a newer quell (format {version}); verify it with that one"
                )));
            }
        };
        expected += 1;
    }
    // The chain cannot miss what was cut off its end; the projection, written with every record, can.
    let projected: Option<u64> =
        moment.query_row("SELECT seq FROM projected", [], |row| row.get(0)).optional().map_err(unreadable)?;
    match projected {
        Some(last) if last >= expected => {
            Ok(Verdict::Bad { seq: expected, why: format!("it is missing, as is all up to {last}") })
        }
        _ => Ok(Verdict::Intact { records: expected - 1, head: hex(&prev) }),
    }
}

/// What is wrong with a row.
enum Wrong {
    Bad(String),
    Newer(u32),
}

impl From<&str> for Wrong {
    fn from(why: &str) -> Self {
        Self::Bad(why.to_owned())
    }
}

/// What a record says of its own place. The rest is read over: its bytes are what the chain is about.
#[derive(Deserialize)]
struct Head<'a> {
    v: u32,
    seq: u64,
    #[serde(borrow, default)]
    incident: Option<&'a str>,
    #[serde(rename = "at")]
    _at: IgnoredAny,
    #[serde(rename = "by")]
    _by: IgnoredAny,
    #[serde(rename = "entry")]
    _entry: IgnoredAny,
}

/// The format alone, of a record of whatever shape.
#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Whether a record in the order this format is written in says that this is its place. Reading all of it takes longer than hashing
/// it; whatever looks otherwise is read.
fn stands_at(bytes: &[u8], seq: u64, incident: Option<&str>) -> bool {
    const ENTRY: &[u8] = b",\"entry\":";
    let head = memchr::memmem::find(bytes, ENTRY).and_then(|end| bytes.get(..end)).unwrap_or_default();
    let (v, rest) = number(head.strip_prefix(b"{\"v\":").unwrap_or_default());
    let (place, _) = number(rest.strip_prefix(b",\"seq\":").unwrap_or_default());
    let about = match incident {
        Some(id) => {
            let before = head.strip_suffix(b"\"").and_then(|head| head.strip_suffix(id.as_bytes()));
            before.is_some_and(|before| before.ends_with(b",\"incident\":\""))
        }
        // An incident would be the last thing before the entry, and a string.
        None => head.ends_with(b"}") || head.ends_with(b",\"by\":\"engine\""),
    };
    v.is_some_and(|v| v <= u64::from(FORMAT)) && place == Some(seq) && about
}

/// The number that this begins with, and what follows it.
fn number(bytes: &[u8]) -> (Option<u64>, &[u8]) {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = bytes.split_at(digits);
    (std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()), rest)
}

/// The link of a row that is in its place.
fn check(row: &Row<'_>, expected: u64, prev: &Hash) -> Result<Hash, Wrong> {
    let columns = || -> rusqlite::Result<_> {
        let (seq, incident): (i64, _) = (row.get(0)?, row.get_ref(1)?.as_str_or_null()?);
        Ok((seq, incident, row.get_ref(2)?.as_blob()?, row.get_ref(3)?.as_blob()?))
    };
    let Ok((seq, incident, bytes, hash)) = columns() else {
        return Err("its columns are not of the right kind".into());
    };
    match u64::try_from(seq) {
        Ok(seq) if seq == expected => {}
        Ok(seq) if seq > expected => return Err("it is missing".into()),
        _ => return Err(Wrong::Bad(format!("a record that was never written ({seq}) stands before it"))),
    }
    let link = link(prev, bytes);
    if link != hash {
        return Err("its bytes do not match the chain".into());
    }
    if stands_at(bytes, expected, incident) {
        return Ok(link);
    }
    let newer = |v: u32| if v > FORMAT { Err(Wrong::Newer(v)) } else { Ok(()) };
    let Ok(head) = serde_json::from_slice::<Head<'_>>(bytes) else {
        serde_json::from_slice(bytes).map_or(Ok(()), |Version { v }| newer(v))?;
        return Err("it is not a record".into());
    };
    newer(head.v)?;
    if head.seq != expected {
        return Err("it stands in another record's place".into());
    }
    if head.incident != incident {
        return Err("it is filed under another incident".into());
    }
    Ok(link)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::id::IncidentId;
    use crate::domain::operator::{Actor, Operator};
    use crate::domain::record::{Entry, Record};
    use crate::domain::text::Outside;

    #[test]
    fn the_place_of_what_is_written_today_is_seen_without_reading_it() {
        let incident = IncidentId::parse("INC-7").unwrap();
        for (by, about) in
            [(Actor::Engine, None), (Actor::Person(Operator::new("ana", "bastion")), Some(incident))]
        {
            let entry = Entry::Noted { text: Outside::new("a note") };
            let id = about.as_ref().map(ToString::to_string);
            let record =
                Record { v: FORMAT, seq: 12, at: DateTime::UNIX_EPOCH, by, on: None, incident: about, entry };
            let bytes = serde_json::to_vec(&record).unwrap();
            assert!(stands_at(&bytes, 12, id.as_deref()), "{}", String::from_utf8_lossy(&bytes));
            assert!(!stands_at(&bytes, 1, id.as_deref()) && !stands_at(&bytes, 12, Some("INC-8")));
            let newer = serde_json::to_vec(&Record { v: FORMAT + 1, ..record }).unwrap();
            assert!(!stands_at(&newer, 12, id.as_deref()), "it is read, and said to be newer");
        }
    }
}
