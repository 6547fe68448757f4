//! The bundle of an incident: the same every time, and checked by a real `python3` that knows nothing of quell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use quell::domain::evidence::{Evidence, EvidenceKind};
use quell::domain::id::IncidentId;
use quell::domain::operator::{Actor, Operator};
use quell::domain::record::Entry;
use quell::domain::text::Outside;
use quell::domain::time::Time;
use quell::ledger::account::Account;
use quell::ledger::bundle::{Contents, bundle, file_name};
use quell::ledger::evidence::Store;
use quell::ledger::{Draft, Ledger};

use crate::ledger::{block, opening};
use crate::support::real::Python;

const CONFIGURATION: &str = "source.prod-am.token = \"••••\"  # config.toml:4\n";

fn at(second: i64) -> Time {
    chrono::DateTime::from_timestamp(1_760_000_000 + second, 0).unwrap()
}

fn ana() -> Actor {
    Actor::Person(Operator::new("ana", "bastion"))
}

/// An account of two incidents, of which the second one is exported, and a kept file of it.
struct Case {
    folder: tempfile::TempDir,
    account: Account,
    kept: BTreeMap<String, Vec<u8>>,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let account = block(async {
            let ledger = Ledger::open(&folder.path().join("ledger.db"), "ANA").unwrap();
            for (second, title) in [(0, "gateway"), (1, "=cmd|' /C calc'!A0\u{1b}[2J \u{202e}logins")] {
                ledger.append(vec![Draft::opening(ana(), at(second), opening(title))]).await.unwrap();
            }
            let note = |text: &str| Entry::Noted { text: Outside::new(text) };
            for (second, number) in [(2, 2), (3, 1), (4, 2), (5, 2)] {
                let id = IncidentId::new("ANA", number);
                let text = format!("note at {second} \u{2028} ü");
                ledger.append(vec![Draft::of(&id, ana(), at(second), note(&text))]).await.unwrap();
            }
            let content = b"203.0.113.7 - - login 200\n";
            let sha256 = Store::of(folder.path()).keep(content).unwrap();
            let (name, kind) = (Outside::new("=access.log"), EvidenceKind::File);
            let evidence = Evidence { sha256, bytes: content.len() as u64, name, kind, note: None };
            let entry = Entry::EvidenceKept(evidence);
            ledger.append(vec![Draft::of(&IncidentId::new("ANA", 2), ana(), at(6), entry)]).await.unwrap();
            ledger.account_of(&IncidentId::new("ANA", 2)).await.unwrap()
        });
        let content = b"203.0.113.7 - - login 200\n".to_vec();
        let sha256 = Store::of(folder.path()).keep(&content).unwrap();
        Self { folder, account, kept: BTreeMap::from([(sha256, content)]) }
    }

    fn bundle(&self) -> Vec<u8> {
        let contents = Contents { account: &self.account, kept: &self.kept, configuration: CONFIGURATION };
        bundle(&contents).unwrap()
    }

    /// The bundle as `tar` unpacks it.
    fn unpacked(&self, python: &Python) -> PathBuf {
        let into = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let file = into.join("bundle.tar");
        std::fs::write(&file, self.bundle()).unwrap();
        python.unpack(&file, &into);
        into.join("quell-evidence-ANA-2")
    }
}

/// What the bundle says of itself: whether all is well, and how.
fn verified(python: &Python, folder: &Path) -> (bool, String) {
    let ran = python.run(&folder.join("verify.py"));
    (ran.code == Some(0), ran.stdout + &ran.stderr)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> =
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    all.sort();
    all
}

#[test]
fn a_bundle_says_of_itself_that_it_is_as_it_was_exported() {
    let Some(python) = Python::find() else { return };
    let case = Case::new();
    let folder = case.unpacked(&python);
    let (good, said) = verified(&python, &folder);
    assert!(good, "{said}");
    let local = "integrity: local only (not protected against the machine's owner)\n";
    let picture = std::fs::read_to_string(folder.join("timeline.svg")).unwrap();
    assert!(
        roxmltree::Document::parse(&picture)
            .unwrap()
            .root_element()
            .has_tag_name(("http://www.w3.org/2000/svg", "svg"))
    );
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    assert!(manifest.contains("image/svg+xml"), "{manifest}");
    assert!(said.starts_with("OK: 10 files, 5 records; ") && said.ends_with(local), "{said}");
}

#[test]
fn the_same_account_gives_the_same_bytes() {
    let case = Case::new();
    assert!(case.bundle() == case.bundle());
    assert_eq!(file_name(&IncidentId::new("ANA", 2), at(5)), "quell-evidence-ANA-2-20251009T085325Z.tar");
}

#[test]
fn one_changed_byte_is_named_in_whatever_file_it_is() {
    let Some(python) = Python::find() else { return };
    let case = Case::new();
    let folder = case.unpacked(&python);
    for file in files(&folder) {
        let name = file.strip_prefix(&folder).unwrap().display().to_string();
        let whole = std::fs::read(&file).unwrap();
        // In the verifier a byte of a comment, since with any other it may not run at all.
        let place = if name == "verify.py" { 3 } else { whole.len() / 2 };
        let mut changed = whole.clone();
        changed[place] ^= 1;
        std::fs::write(&file, &changed).unwrap();
        let (good, said) = verified(&python, &folder);
        // The seal and what it seals prove each other.
        let named = if name == "manifest.sha256" { "manifest.json" } else { name.as_str() };
        assert!(!good && said.contains(&format!("FAIL {named}: ")), "{name}: {said}");
        std::fs::remove_file(&file).unwrap();
        let (good, said) = verified(&python, &folder);
        assert!(
            !good && (name == "verify.py" || said.contains(&format!("FAIL {named}: "))),
            "{name}: {said}"
        );
        std::fs::write(&file, &whole).unwrap();
        assert!(verified(&python, &folder).0);
    }
    std::fs::write(folder.join("raw/more"), b"x").unwrap();
    assert_eq!(verified(&python, &folder), (false, "FAIL raw/more: it is not in the manifest\n".to_owned()));
}

/// Writes another `records.jsonl` and makes the manifest fit it.
fn forge(python: &Python, folder: &Path, change: impl Fn(&mut Vec<String>)) {
    let records = std::fs::read_to_string(folder.join("records.jsonl")).unwrap();
    let mut lines: Vec<String> = records.split_inclusive('\n').map(str::to_owned).collect();
    change(&mut lines);
    std::fs::write(folder.join("records.jsonl"), lines.concat()).unwrap();
    let fit = "import hashlib, json\n\
               data = open('records.jsonl', 'rb').read()\n\
               manifest = json.load(open('manifest.json'))\n\
               for file in manifest['files']:\n\
               \x20   if file['path'] == 'records.jsonl':\n\
               \x20       file['sha256'], file['bytes'] = hashlib.sha256(data).hexdigest(), len(data)\n\
               text = json.dumps(manifest).encode()\n\
               open('manifest.json', 'wb').write(text)\n\
               seal = hashlib.sha256(text).hexdigest() + '  manifest.json\\n'\n\
               open('manifest.sha256', 'w').write(seal)\n";
    python.lines(fit, folder).ok();
}

#[test]
fn a_changed_record_is_named_even_when_the_manifest_was_made_to_fit() {
    let Some(python) = Python::find() else { return };
    let case = Case::new();
    let seqs: Vec<u64> = case.account.stored.iter().map(|stored| stored.seq).collect();
    assert_eq!(seqs, [2, 3, 5, 6, 7]);
    type Change = fn(&mut Vec<String>);
    let cases: [(&str, Change); 5] = [
        ("FAIL record 5: its bytes do not match its hash\n", |lines| {
            lines[2] = lines[2].replace("note at 4", "note at 9");
        }),
        ("FAIL record 3: it does not follow the record before it\n", |lines| {
            let other =
                lines[1].replace(&lines[1][lines[1].find("\"prev\"").unwrap()..][..72], "\"prev\":\"");
            lines[1] = other.replace("\"prev\":\"\"", &format!("\"prev\":\"{}\"", "0".repeat(64)));
        }),
        ("FAIL record 3: it stands in another record's place\n", |lines| lines.swap(1, 2)),
        ("FAIL records.jsonl: it does not end where the manifest says\n", |lines| drop(lines.pop())),
        ("FAIL record after 3: it cannot be read: ", |lines| {
            lines[2] = "{\"seq\":\"\u{1b}[2J\"}\n".to_owned();
        }),
    ];
    for (named, change) in cases {
        let folder = case.unpacked(&python);
        forge(&python, &folder, change);
        let (good, said) = verified(&python, &folder);
        assert!(!good && said.contains(named), "{named}: {said}");
        assert!(said.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{said:?}");
    }
}

#[test]
fn a_kept_file_that_is_not_there_is_named() {
    let Some(python) = Python::find() else { return };
    let mut case = Case::new();
    let sha256 = case.kept.keys().next().unwrap().clone();
    case.kept.clear();
    let said = verified(&python, &case.unpacked(&python));
    assert_eq!(said, (false, format!("FAIL raw/{sha256}: record 7 names it, and it is not here\n")));
}

#[test]
fn the_verifier_is_short_enough_to_be_read() {
    let lines = crate::support::repository::text("assets/evidence/verify.py").lines().count();
    assert!(lines <= 80, "{lines} lines");
}
