//! `quell evidence`: files kept with an incident, who had them in hand, and the bundle for those who ask later.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::words;
use crate::backend::Backend;
use crate::domain::evidence::{EvidenceKind, Kept};
use crate::domain::plan::hex;
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::date_time;
use crate::ledger::bundle;
use crate::ledger::custody::{Custody, Deed, custody};
use crate::ledger::evidence::{MAX_BYTES, Store};
use crate::os::files;

/// The version of what `--json` prints.
const VERSION: u32 = 1;

/// `quell evidence add|list|show|export`.
#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    /// Keep a file with an incident, under its SHA-256
    Add(Add),
    /// List what is kept with an incident, and who had it in hand
    List {
        /// The incident
        id: String,
    },
    /// Print kept evidence as safe text; the reading is recorded
    Show {
        /// Its SHA-256, or at least eight of its first digits
        sha256: String,
    },
    /// Write everything about an incident into a tar file that python3 alone can check
    Export(Export),
}

/// `quell evidence add ID FILE`.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// The incident
    id: String,
    /// The file; - reads what is piped in
    file: PathBuf,
    /// What it is called; otherwise as the file
    #[arg(long, value_parser = words::text)]
    name: Option<String>,
    /// Where it comes from, and what it shows
    #[arg(long, value_parser = words::text)]
    note: Option<String>,
}

/// `quell evidence export ID`.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The incident
    id: String,
    /// A new file; otherwise one in this folder, named after the incident
    #[arg(long, value_name = "FILE.tar")]
    to: Option<PathBuf>,
}

/// A piece of evidence and whose hands it went through.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    kept: &'a Kept,
    custody: Vec<&'a Custody>,
}

impl Evidence {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        match self {
            Self::Add(add) => add.run(&boot, out).await,
            Self::List { id } => list(id, &boot, out).await,
            Self::Show { sha256 } => show(sha256, &boot, out).await,
            Self::Export(export) => export.run(&boot, out).await,
        }
    }
}

impl Add {
    async fn run(&self, boot: &Boot, out: &Out) -> Result<Exit, Failure> {
        let content = content(&self.file)?;
        let engine = boot.engine().await?;
        let id = engine.incident(&boot.operator, &self.id).await?.incident.id.clone();
        let file = self.file.file_name().map(|name| name.to_string_lossy().into_owned());
        let piped = self.file == Path::new("-");
        let name = self.name.clone().or(file.filter(|_| !piped)).unwrap_or_else(|| "piped in".to_owned());
        let (bytes, sha256) = (content.len(), hex(&Sha256::digest(&content)));
        let note = self.note.clone().map(Outside::new);
        engine.keep_evidence(&boot.operator, &id, Outside::new(name.clone()), content, note).await?;
        let json = serde_json::json!({ "id": id, "sha256": sha256, "bytes": bytes, "name": name });
        let name = SafeText::display(&name);
        out.either(&json, || vec![format!("{id} keeps {name}, {bytes} bytes, SHA-256 {sha256}")]);
        Ok(Exit::Ok)
    }
}

/// What is to be kept, read no further than it could be.
fn content(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut content)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut content))
    };
    read.map_err(|error| {
        Failure::new(Exit::Usage, format!("the file {} cannot be read: {error}", file.display()))
    })?;
    Ok(content)
}

async fn list(id: &str, boot: &Boot, out: &Out) -> Result<Exit, Failure> {
    let engine = boot.engine().await?;
    let detail = engine.incident(&boot.operator, id).await?;
    let incident = &detail.incident;
    let first = detail.records.first().map_or(1, |record| record.seq);
    let custody = custody(&detail.records, &engine.ledger().handled_since(first).await?);
    let (exported, of_one): (Vec<&Custody>, Vec<&Custody>) =
        custody.iter().partition(|custody| custody.deed == Deed::Exported);
    let evidence: Vec<Listed<'_>> = incident
        .evidence
        .iter()
        .map(|kept| {
            let own = of_one.iter().filter(|custody| custody.sha256 == kept.evidence.sha256);
            Listed { kept, custody: own.copied().collect() }
        })
        .collect();
    let json = serde_json::json!({
        "version": VERSION, "id": incident.id, "evidence": evidence, "exported": exported,
    });
    out.either(&json, || {
        if evidence.is_empty() {
            return vec![format!("{} keeps no evidence", incident.id)];
        }
        let exported = exported.iter().map(|custody| line(custody));
        evidence.iter().flat_map(lines).chain(exported).collect()
    });
    Ok(Exit::Ok)
}

fn lines(listed: &Listed<'_>) -> Vec<String> {
    let evidence = &listed.kept.evidence;
    let what = format!("{} ({}, {} bytes)", evidence.name.safe(), said(evidence.kind), evidence.bytes);
    let note = evidence.note.iter().map(|note| format!("  {}", note.safe()));
    let custody = listed.custody.iter().map(|custody| format!("  {}", line(custody)));
    std::iter::once(format!("{}  {what}", evidence.sha256)).chain(note).chain(custody).collect()
}

/// `file`, or `capture of action #3`.
fn said(kind: EvidenceKind) -> String {
    kind.action()
        .map_or_else(|| kind.word().to_owned(), |action| format!("{} of action #{action}", kind.word()))
}

/// `2026-11-20 14:03:22Z exported by ana on bastion to x.tar, SHA-256 …`.
fn line(custody: &Custody) -> String {
    let (at, what, by) = (date_time(custody.at), custody.deed.word(), SafeText::display(&custody.by));
    let host = if custody.host.is_empty() {
        String::new()
    } else {
        format!(" on {}", SafeText::display(&custody.host))
    };
    let to = match custody.deed {
        Deed::Exported => format!(" to {}, SHA-256 {}", SafeText::display(&custody.to), custody.sha256),
        Deed::Kept | Deed::Read => String::new(),
    };
    format!("{at} {what} by {by}{host}{to}")
}

async fn show(sha256: &str, boot: &Boot, out: &Out) -> Result<Exit, Failure> {
    let engine = boot.engine().await?;
    let content = engine.evidence(&boot.operator, sha256).await?;
    let bytes = content.len();
    let json = serde_json::json!({
        "sha256": hex(&Sha256::digest(&content)), "bytes": bytes, "text": String::from_utf8_lossy(&content),
    });
    out.either(&json, || match String::from_utf8(content) {
        Ok(text) => Outside::new(text).lines(usize::MAX).iter().map(ToString::to_string).collect(),
        Err(_) => vec![format!(
            "{bytes} bytes that are no text; `quell evidence export` writes them out as they are"
        )],
    });
    Ok(Exit::Ok)
}

impl Export {
    async fn run(&self, boot: &Boot, out: &Out) -> Result<Exit, Failure> {
        let engine = boot.engine().await?;
        let incident = engine.incident(&boot.operator, &self.id).await?.incident;
        let id = &incident.id;
        let path = self.to.clone().unwrap_or_else(|| bundle::file_name(id, incident.moved_at).into());
        let path = std::path::absolute(&path).unwrap_or(path);
        let shown = path.display().to_string();
        // Made before the export is recorded: where nothing can be written, nothing was exported.
        let mut file = files::new_private(&path)?;
        let exported: Result<Vec<u8>, Failure> = async {
            let bundle = engine.export(&boot.operator, id, &shown).await?;
            let written = file.write_all(&bundle).and_then(|()| file.sync_all());
            written.map_err(|error| files::unwritable(&path, &error))?;
            Ok(bundle)
        }
        .await;
        if exported.is_err() {
            // What cannot be removed is said by the failure that led here.
            drop(std::fs::remove_file(&path));
        }
        let bundle = exported?;
        let (bytes, sha256) = (bundle.len(), hex(&Sha256::digest(&bundle)));
        let store = Store::of(&boot.state);
        let pieces = incident.evidence.iter().map(|kept| &kept.evidence.sha256);
        let left_out: Vec<String> =
            pieces.filter_map(|sha256| store.read(sha256).err()).map(|why| why.to_string()).collect();
        let json = serde_json::json!({
            "id": id, "file": shown, "bytes": bytes, "sha256": sha256, "left_out": left_out,
        });
        out.either(&json, || {
            let written = format!("{shown} written, {bytes} bytes, SHA-256 {sha256}");
            let check = "unpacked, it checks itself: python3 verify.py".to_owned();
            let left_out = left_out.iter().map(|why| format!("LEFT OUT: {why}"));
            [written, check].into_iter().chain(left_out).collect()
        });
        Ok(Exit::Ok)
    }
}
