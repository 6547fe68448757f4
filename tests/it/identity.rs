//! The key a person acts with: made, shown, refused, with the agent, and in what is written down.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use quell::domain::identity::{KeyId, Statement};
use quell::domain::plan::PlanHash;
use quell::identity::{Identity, Settings, holds};

use crate::support::real::SshAgent;
use crate::support::scratch::{Ran, Scratch, run};

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

fn openssl(arguments: &[&str]) -> Ran {
    run(Command::new("openssl").args(arguments))
}

#[test]
fn a_key_is_made_once_and_shown_as_others_must_list_it() {
    let machine = Scratch::with_config("operator = \"ana\"\n");
    let none = machine.run(&["identity", "show"]);
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.stderr.contains("`quell identity init` makes one"), "{none:?}");

    let made = machine.run(&["identity", "init"]).ok();
    let file = machine.path("config/quell/identity");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let table = &made[made.find("[[person]]").unwrap()..];
    let again = machine.run(&["identity", "init"]);
    assert_eq!(again.code, Some(1), "{again:?}");

    let shown = machine.run(&["identity", "show"]).ok();
    assert!(shown.ends_with(table) && shown.contains("roles        none"), "{shown}");
    machine.write_config(&format!("operator = \"ana\"\n{table}"));
    let listed = machine.run(&["identity", "show", "--json"]).json();
    assert_eq!(
        (&listed["listed"], listed["roles"].to_string()),
        (&true.into(), r#"["responder"]"#.to_owned())
    );
    let key = listed["key"].as_str().unwrap();
    assert!(table.contains(key) && made.contains(listed["fingerprint"].as_str().unwrap()), "{made}");
}

#[test]
fn what_is_wrong_with_a_configuration_keeps_nobody_from_their_key() {
    let machine = Scratch::with_config(
        "[[api]]\nname = \"admin\"\nurl = \"http://127.0.0.1:1\"\n[[playbook]]\nid = \"odd\"\ntitle = \"Odd\"\n\
         blast = \"nobody\"\nconfirm = \"enter\"\napprovals = 1\ndo.http = { api = \"admin\", path = \"/\" }\n",
    );
    let wrong = machine.run(&["config", "check"]);
    assert!(wrong.stderr.contains("nobody may approve this"), "{wrong:?}");
    assert!(machine.run(&["identity", "init"]).ok().contains("[[person]]"));
}

#[test]
fn a_key_file_is_what_openssl_reads_and_writes() {
    let machine = Scratch::new();
    let made = machine.run(&["identity", "init", "--json"]).json();
    let file = machine.path("config/quell/identity");
    openssl(&["pkey", "-in", file.to_str().unwrap(), "-noout", "-check"]).ok();
    let other = machine.path("other.pem");
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", other.to_str().unwrap()]).ok();
    mode(&other, 0o600);
    machine.write_config(&format!("[identity]\nkey_file = {other:?}\n"));
    let shown = machine.run(&["identity", "show", "--json"]).json();
    assert!(shown["lives"].as_str().unwrap().ends_with("other.pem"));
    assert_ne!(shown["key"], made["key"]);
}

#[test]
fn a_key_that_is_open_to_others_is_refused_with_the_remedy() {
    let machine = Scratch::new();
    machine.run(&["identity", "init"]).ok();
    let file = machine.path("config/quell/identity");
    mode(&file, 0o640);
    let remedy = format!("chmod 600 {}", file.display());
    for command in [&["identity", "show"][..], &["list"], &["open", "--severity", "high", "Late"]] {
        let refused = machine.run(command);
        assert_eq!(refused.code, Some(2), "{command:?}: {refused:?}");
        assert!(refused.stderr.contains(&remedy), "{command:?}: {refused:?}");
    }
    machine.write_config(&format!("[identity]\nkey_file = {file:?}\n"));
    let refused = machine.run(&["config", "check"]);
    assert!(refused.code == Some(2) && refused.stderr.contains(&remedy), "{refused:?}");
}

#[tokio::test]
async fn a_real_agent_signs_with_the_key_that_is_named() {
    let Some(agent) = SshAgent::start() else { return };
    agent.hold("rsa", "another-kind");
    agent.hold("ed25519", "another-one");
    let line = agent.hold("ed25519", "ana@bastion");
    let fingerprint = agent.fingerprint(&line);

    let machine =
        Scratch::with_config(&format!("operator = \"ana\"\n[identity]\nagent = \"{fingerprint}\"\n"));
    let show = || run(machine.quell(&["identity", "show", "--json"]).env("SSH_AUTH_SOCK", agent.socket()));
    let shown = show().json();
    assert_eq!(
        (shown["fingerprint"].as_str(), &shown["lives"]),
        (Some(&*fingerprint), &"the SSH agent".into())
    );
    assert!(line.starts_with(shown["key"].as_str().unwrap()), "{line} {shown}");

    let doctor = || run(machine.quell(&["doctor"]).env("SSH_AUTH_SOCK", agent.socket())).stdout;
    assert!(doctor().contains(&format!("ok            identity: {fingerprint}, the SSH agent")));
    let settings = Settings { key_file: None, agent: Some(KeyId::parse(&fingerprint).unwrap()) };
    let held = Identity::find(&settings, None, Some(agent.socket())).unwrap().unwrap();
    let plan = PlanHash("ab12".to_owned());
    let signature = held.sign(&Statement::Request { plan: &plan }, quell::os::clock::now()).await.unwrap();
    assert!(holds(&signature, &Statement::Request { plan: &plan }));
    assert!(!holds(&signature, &Statement::Request { plan: &PlanHash::default() }));

    agent.forget();
    assert!(doctor().contains("not available identity: the SSH agent does not hold"));
    let gone = show();
    assert!(gone.code == Some(2) && gone.stderr.contains("add it with `ssh-add`"), "{gone:?}");
    let nobody = machine.run(&["identity", "show"]);
    assert!(nobody.stderr.contains("SSH_AUTH_SOCK is not set"), "{nobody:?}");
}

#[test]
fn who_shares_a_machine_is_called_by_the_key() {
    let machine = Scratch::new();
    let bo = machine.path("bo");
    let as_bo = |arguments: &[&str]| run(machine.quell(arguments).env("XDG_CONFIG_HOME", &bo));
    let made = as_bo(&["identity", "init", "--json"]).json();
    let person = format!(
        "[[person]]\nname = \"bo\"\nkey = \"{}\"\nroles = [\"responder\"]\n",
        made["key"].as_str().unwrap()
    );
    machine.write_config(&person);
    let config = machine.config_file();
    let shared = ["--config", config.to_str().unwrap()];
    as_bo(&[&shared[..], &["open", "--severity", "high", "Late"]].concat()).ok();
    as_bo(&[&shared[..], &["note", "1", "seen"]].concat()).ok();
    machine.run(&["note", "1", "seen too"]).ok();
    let tail = machine.run(&["ledger", "tail"]).ok();
    assert!(tail.contains("bo: seen\n") && tail.contains("ana: seen too"), "{tail}");

    machine.write_config(&format!("operator = \"ana\"\n{person}"));
    let mixed = as_bo(&[&shared[..], &["note", "1", "who?"]].concat());
    assert_eq!(mixed.code, Some(2), "{mixed:?}");
    assert!(mixed.stderr.contains("the key at hand is bo's"), "{mixed:?}");
}
