//! The evidence of one incident as a tar file: the same account always gives the same bytes, and `python3` alone
//! can check them.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::account::Account;
use super::chain::Hash;
use super::custody::custody;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::plan::{Plan, hex, sheet};
use crate::domain::postmortem;
use crate::domain::record::{Entry, Record};
use crate::domain::time::Time;
use crate::domain::timeline_svg;
use crate::domain::version::VERSION;

mod table;

/// How far the bundle proves itself, as it says so itself.
const INTEGRITY: &str = "local only (not protected against the machine's owner)";

const VERIFIER: &str = include_str!("../../assets/evidence/verify.py");
const README: &str = include_str!("../../assets/evidence/README.txt");
const MANIFEST: &str = "manifest.json";

/// What a bundle is made of.
#[derive(Clone, Debug)]
pub struct Contents<'a> {
    /// The incident's records as they are stored.
    pub account: &'a Account,
    /// The kept files its records name, by SHA-256. One that is left out is named by the check.
    pub kept: &'a BTreeMap<String, Vec<u8>>,
    /// The configuration with its secrets left out.
    pub configuration: &'a str,
}

/// Where one file of the bundle is listed.
#[derive(Serialize)]
struct Listed<'a> {
    path: &'a str,
    sha256: String,
    bytes: usize,
    media_type: &'static str,
}

#[derive(Serialize)]
struct Manifest<'a> {
    version: u32,
    tool: String,
    incident: &'a IncidentId,
    from: Time,
    to: Time,
    /// The hash of the ledger's first record: which ledger it is.
    origin: String,
    /// Of the incident's last record.
    head: Head,
    records: usize,
    integrity: &'static str,
    files: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Head {
    seq: u64,
    hash: String,
}

/// One line of `records.jsonl`.
#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    prev: String,
    hash: String,
    bytes: &'a str,
}

/// What the bundle of an incident whose last record is of that time is called.
pub fn file_name(id: &IncidentId, last: Time) -> String {
    format!("quell-evidence-{id}-{}.tar", last.format("%Y%m%dT%H%M%SZ"))
}

/// The bundle.
///
/// # Errors
/// A sentence when a record cannot be read any more, so that nothing can be told of the incident.
pub fn bundle(contents: &Contents<'_>) -> Result<Vec<u8>, String> {
    let account = contents.account;
    let records = account.records()?;
    let incident =
        Incident::fold(&records).map_err(|illegal| format!("its records do not fit: {illegal}"))?;
    let (Some(incident), Some(last)) = (incident, account.stored.last()) else {
        return Err("it has no records".to_owned());
    };
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::from([
        ("README.txt".to_owned(), README.into()),
        ("verify.py".to_owned(), VERIFIER.into()),
        ("config.redacted.toml".to_owned(), contents.configuration.into()),
        ("timeline.md".to_owned(), postmortem::timeline(&incident, &records).into()),
        ("timeline.svg".to_owned(), timeline_svg::svg(&incident, &records).into()),
        ("custody.csv".to_owned(), table::table(&custody(&records, &account.handled)).into()),
        ("records.jsonl".to_owned(), lines(account).into()),
    ]);
    files.extend(records.iter().filter_map(screen));
    files.extend(contents.kept.iter().map(|(sha256, content)| (format!("raw/{sha256}"), content.clone())));
    let manifest = Manifest {
        version: 1,
        tool: format!("quell {VERSION}"),
        incident: &incident.id,
        from: incident.opened_at,
        to: incident.moved_at,
        origin: hex(&account.origin),
        head: Head { seq: last.seq, hash: hex(&last.hash) },
        records: records.len(),
        integrity: INTEGRITY,
        files: files.iter().map(|(path, content)| listed(path, content)).collect(),
    };
    let manifest = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
    let seal = format!("{}  {MANIFEST}\n", hex(&Sha256::digest(&manifest)));
    files.insert(MANIFEST.to_owned(), manifest.into());
    files.insert("manifest.sha256".to_owned(), seal.into());
    tar(&format!("quell-evidence-{}", incident.id), &files, incident.moved_at)
        .map_err(|error| format!("the tar file cannot be written: {error}"))
}

fn listed<'a>(path: &'a str, content: &[u8]) -> Listed<'a> {
    let media_type = match path.rsplit_once('.').map(|(_, kind)| kind) {
        Some("jsonl") => "application/jsonl",
        Some("toml") => "application/toml",
        Some("md") => "text/markdown",
        Some("svg") => "image/svg+xml",
        Some("csv") => "text/csv",
        Some("py") => "text/x-python",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    };
    Listed { path, sha256: hex(&Sha256::digest(content)), bytes: content.len(), media_type }
}

fn lines(account: &Account) -> String {
    let line = |seq: u64, prev: &Hash, hash: &Hash, bytes: &str| {
        let line = Line { seq, prev: hex(prev), hash: hex(hash), bytes };
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    };
    account.stored.iter().map(|stored| line(stored.seq, &stored.prev, &stored.hash, &stored.bytes)).collect()
}

/// What a person saw when they confirmed, where the record is of that.
fn screen(record: &Record) -> Option<(String, Vec<u8>)> {
    let plan: &Plan = match &record.entry {
        Entry::Intended { plan, .. } | Entry::ApprovalAsked { plan, .. } => plan,
        _ => return None,
    };
    Some((format!("screens/{}.txt", record.seq), (sheet::text(plan).join("\n") + "\n").into()))
}

/// A tar file in which nothing depends on who writes it, where, or when.
fn tar(folder: &str, files: &BTreeMap<String, Vec<u8>>, at: Time) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(at.timestamp().try_into().unwrap_or(0));
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, format!("{folder}/{path}"), content.as_slice())?;
    }
    tar.into_inner()
}
