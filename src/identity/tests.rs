//! Keys in files and with agents that behave, and with some that do not.

use std::os::unix::fs::PermissionsExt;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use super::*;
use crate::domain::plan::PlanHash;
use crate::domain::time::Span;

const NOW: Time = Time::UNIX_EPOCH;

fn plan() -> PlanHash {
    PlanHash("ab12".to_owned())
}

fn in_file(path: &Path) -> Settings {
    Settings { key_file: Some(path.to_owned()), agent: None }
}

fn refusal(settings: &Settings) -> String {
    let found = Identity::find(settings, None, None);
    found.map(|_| ()).unwrap_err().detail.raw().to_owned()
}

#[tokio::test]
async fn a_key_is_made_once_and_signs_what_it_is_shown() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("quell/identity");
    let made = Identity::make(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(Identity::make(&path).is_err(), "a key that is there is never replaced");

    let read = Identity::find(&Settings::default(), Some(&path), None).unwrap().unwrap();
    assert_eq!(read.id(), made.id());
    let (plan, other) = (plan(), PlanHash("cd34".to_owned()));
    let statement = Statement::Request { plan: &plan };
    let signature = read.sign(&statement, NOW).await.unwrap();
    assert_eq!(signature.key.id(), read.id());
    assert!(holds(&signature, &statement));
    assert!(!holds(&signature, &Statement::Request { plan: &other }));
    let later = Signature { at: NOW + chrono::TimeDelta::nanoseconds(1), ..signature.clone() };
    assert!(!holds(&later, &statement), "when it was signed is signed too");
    let mut wrong = signature.clone();
    wrong.bytes.replace_range(..1, if wrong.bytes.starts_with('0') { "1" } else { "0" });
    assert!(!holds(&wrong, &statement));
    let another = Identity::make(&home.path().join("another")).unwrap();
    let foreign = Signature { key: another.public().await.unwrap(), ..signature };
    assert!(!holds(&foreign, &statement));
}

#[test]
fn nobody_has_a_key_who_made_none() {
    let home = tempfile::tempdir().unwrap();
    let usual = home.path().join("identity");
    assert!(Identity::find(&Settings::default(), Some(&usual), None).unwrap().is_none());
    assert!(refusal(&in_file(&usual)).ends_with("`quell identity init` makes one"));
}

#[test]
fn a_key_that_others_may_read_is_refused_with_the_remedy() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("identity");
    Identity::make(&path).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o601] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(
            refusal(&in_file(&path)).ends_with(&format!("run: chmod 600 {}", path.display())),
            "{mode:o}"
        );
    }
}

#[test]
fn what_is_no_key_is_refused_and_not_repeated() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("identity");
    for text in
        [&b""[..], b"canary", b"-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n", b"\xff"]
    {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let said = refusal(&in_file(&path));
        assert!(said.contains("quell identity init") && !said.contains("canary"), "{said}");
    }
}

/// An agent that gives these answers, one to each question, and then is silent.
fn agent(folder: &Path, answers: Vec<Vec<u8>>) -> PathBuf {
    let path = folder.join("agent");
    let listener = UnixListener::bind(&path).unwrap();
    drop(crate::os::spawn::task("agent", async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for answer in answers {
            let length = stream.read_u32().await.unwrap();
            let mut question = vec![0; length as usize];
            stream.read_exact(&mut question).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
        std::future::pending::<()>().await;
    }));
    path
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    string(&[&[kind], body].concat())
}

fn holding(keys: &[Vec<u8>]) -> Vec<u8> {
    let count = u32::try_from(keys.len()).unwrap().to_be_bytes().to_vec();
    let listed = keys.iter().map(|blob| [string(blob), string(b"a comment")].concat());
    message(12, &[count, listed.collect::<Vec<_>>().concat()].concat())
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_lies_breaks_off_or_is_silent_signs_nothing() {
    let home = tempfile::tempdir().unwrap();
    let ours = Identity::make(&home.path().join("ours")).unwrap();
    let key = ours.public().await.unwrap();
    let plan = plan();
    let elsewhere =
        ours.sign(&Statement::Request { plan: &PlanHash::default() }, NOW).await.unwrap().raw().unwrap();
    let signed = |kind: &[u8], raw: &[u8]| message(14, &string(&[string(kind), string(raw)].concat()));
    let listed = holding(&[b"another kind of key".to_vec(), key.blob()]);
    let cases: Vec<(Vec<Vec<u8>>, &str)> = vec![
        (vec![holding(&[])], "does not hold"),
        (vec![message(5, b"")], "says no"),
        (vec![message(12, &[0, 0, 0, 9])], "cannot be read"),
        (vec![message(12, &[0xff; 4])], "cannot be read"),
        (vec![0xffff_ffff_u32.to_be_bytes().to_vec()], "says no"),
        (vec![0_u32.to_be_bytes().to_vec()], "says no"),
        (vec![], "did not answer within 2 s"),
        (vec![listed.clone()], "did not answer within 20 s"),
        (vec![listed.clone(), message(5, b"")], "says no"),
        (vec![listed.clone(), signed(b"ssh-ed25519", &elsewhere)], "does not sign"),
        (vec![listed.clone(), signed(b"ssh-rsa", &elsewhere)], "does not sign"),
        (vec![listed, signed(b"ssh-ed25519", b"short")], "does not sign"),
    ];
    for (number, (answers, why)) in cases.into_iter().enumerate() {
        let folder = home.path().join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        let settings = Settings { key_file: None, agent: Some(ours.id()) };
        let held = Identity::find(&settings, None, Some(agent(&folder, answers))).unwrap().unwrap();
        let fault = held.sign(&Statement::Request { plan: &plan }, NOW).await.unwrap_err();
        assert!(fault.detail.raw().contains(why), "case {number}: {:?} lacks {why:?}", fault.detail);
    }
}

#[tokio::test]
async fn without_an_agent_it_is_said_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let id = Identity::make(&home.path().join("ours")).unwrap().id();
    for socket in [None, Some(home.path().join("gone"))] {
        let settings = Settings { key_file: None, agent: Some(id.clone()) };
        let held = Identity::find(&settings, None, socket).unwrap().unwrap();
        assert!(held.public().await.unwrap_err().detail.raw().contains("SSH_AUTH_SOCK"));
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_signature_that_nothing_depends_on() {
    let home = tempfile::tempdir().unwrap();
    let ours = Identity::make(&home.path().join("ours")).unwrap();
    let settings = Settings { key_file: None, agent: Some(ours.id()) };
    let plan = plan();
    let statement = Statement::Request { plan: &plan };
    let waited = async |wanted: Signing, folder: &str| {
        let folder = home.path().join(folder);
        std::fs::create_dir(&folder).unwrap();
        let hung = vec![holding(&[ours.public().await.unwrap().blob()])];
        let held = Identity::find(&settings, None, Some(agent(&folder, hung))).unwrap().unwrap();
        let begun = tokio::time::Instant::now();
        let signed = held.sign_if(wanted, &statement, NOW).await;
        (signed.map(|signed| signed.is_ok()), begun.elapsed().as_secs())
    };
    assert_eq!(waited(Signing::Never, "never").await, (None, 0));
    assert_eq!(waited(Signing::IfSoon, "soon").await, (Some(false), 1));
    assert_eq!(waited(Signing::Needed, "needed").await, (Some(false), 20));
    let signed = ours.sign_if(Signing::IfSoon, &statement, NOW).await.unwrap().unwrap();
    assert!(holds(&signed, &statement));
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_hangs_is_waited_for_once_and_asked_again_later() {
    let home = tempfile::tempdir().unwrap();
    let ours = Identity::make(&home.path().join("ours")).unwrap();
    let settings = Settings { key_file: None, agent: Some(ours.id()) };
    let listed = holding(&[ours.public().await.unwrap().blob()]);
    let path = agent(home.path(), vec![listed]);
    let held = Identity::find(&settings, None, Some(path.clone())).unwrap().unwrap();
    let plan = plan();
    let statement = Statement::Request { plan: &plan };
    let waited = async |now: Time| {
        let begun = tokio::time::Instant::now();
        let signed = held.sign_if(Signing::IfSoon, &statement, now).await.unwrap();
        (signed.map_err(|fault| fault.detail.raw().to_owned()), begun.elapsed().as_secs())
    };
    assert_eq!(waited(NOW).await.1, 1);
    for target in 1..50 {
        let (signed, waited) = waited(NOW + Span::secs(target).delta()).await;
        assert!(signed.unwrap_err().contains("hangs") && waited == 0, "target {target}");
    }
    // Somebody has unlocked it, or put another in its place.
    std::fs::remove_file(&path).unwrap();
    let (signed, _) = waited(NOW + Span::secs(61).delta()).await;
    assert!(signed.unwrap_err().contains("cannot be reached"), "it is asked again");
}
