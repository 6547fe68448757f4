//! Two people, two configurations, one ledger: what one asks for, the other carries out.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use quell::domain::version::VERSION;
use serde_json::Value;

use crate::support::eventually;
use crate::support::exchange::Exchange;
use crate::support::real::SshAgent;
use crate::support::scratch::{Ran, Scratch, run};

const CONTAIN: [&str; 5] = ["contain", "1", "isolate-replica", "--confirm-target", "tok-1"];

/// An exchange with a machine that ana and bo share; isolating a replica takes both.
struct Scene {
    exchange: Exchange,
    machine: Scratch,
}

impl Scene {
    fn new() -> Self {
        let exchange = Exchange::start();
        let scene = Self { machine: exchange.machine("5s", ""), exchange };
        let key = |ran: Ran| ran.json()["key"].as_str().unwrap().to_owned();
        let ana = key(scene.ana(&["identity", "init", "--json"]));
        let bo = key(scene.bo(&["identity", "init", "--json"]));
        scene.configure(&ana, &bo, "");
        let open = ["open", "--severity", "high", "Late", "--service", "tokens", "--label", "replica=tok-1"];
        scene.ana(&open).ok();
        scene
    }

    /// Lists these keys in the configurations of both; `more` stands in bo's only.
    fn configure(&self, ana: &str, bo: &str, more: &str) {
        let person = |name, key, role| {
            format!("[[person]]\nname = \"{name}\"\nkey = \"{key}\"\nroles = [\"{role}\"]\n\n")
        };
        let people = person("ana", ana, "responder") + &person("bo", bo, "approver");
        let config = std::fs::read_to_string(self.machine.config_file()).unwrap();
        let acting = &config[config.find("[[api]]").unwrap()..];
        let alone = "id = \"isolate-replica\"\ntitle";
        let acting = acting.replace(alone, "id = \"isolate-replica\"\napprovals = 1\ntitle");
        let of = |name| format!("operator = \"{name}\"\nids = \"ANA\"\n\n");
        self.machine.write_config(&format!("{}{people}{acting}", of("ana")));
        let theirs = self.machine.path("bo/quell/config.toml");
        std::fs::write(&theirs, format!("{}{more}{people}{acting}", of("bo"))).unwrap();
        std::fs::set_permissions(theirs, PermissionsExt::from_mode(0o600)).unwrap();
    }

    fn ana(&self, arguments: &[&str]) -> Ran {
        self.machine.run(arguments)
    }

    fn bo(&self, arguments: &[&str]) -> Ran {
        run(self.machine.quell(arguments).env("XDG_CONFIG_HOME", self.machine.path("bo")))
    }

    fn isolated(&self) -> u64 {
        self.exchange.effects("isolate", "tok-1")
    }

    fn records(&self) -> Vec<Value> {
        let tail = self.ana(&["ledger", "tail", "-n", "1000", "--json"]).ok();
        tail.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Ana asks; what bo must type.
    fn asked(&self) -> String {
        let asked = self.ana(&CONTAIN);
        assert_eq!(asked.code, Some(1), "nothing is contained: {asked:?}");
        assert!(asked.stdout.contains("waits for a second person until "), "{asked:?}");
        let hash = asked.stdout.trim_end().rsplit(' ').next().unwrap().to_owned();
        assert!(asked.stdout.contains(&format!("quell approve {hash}")) && hash.len() == 12, "{asked:?}");
        hash
    }
}

#[test]
fn one_asks_and_another_approves_and_every_refusal_is_written_down() {
    let scene = Scene::new();
    assert_eq!(scene.bo(&["approve"]).ok(), "nothing waits for a second person\n");
    let hash = scene.asked();
    let approve = ["approve", &hash, "--confirm-target", "tok-1"];
    let own = scene.ana(&approve);
    assert!(own.code == Some(1) && own.stderr.contains("cannot be the second person"), "{own:?}");
    let listed = scene.bo(&["approve"]).ok();
    assert!(listed.starts_with(&hash) && listed.contains("ANA-1 isolate-replica tok-1, asked by ana at"));
    let shown = scene.bo(&["approve", &hash]);
    assert!(shown.code == Some(2) && shown.stdout.contains("/admin/replicas/tok-1/isolate"), "{shown:?}");
    let bare = scene.bo(&["approve", &hash, "--yes"]);
    assert!(bare.code == Some(2) && bare.stderr.contains("--confirm-target tok-1"), "{bare:?}");
    assert_eq!(scene.bo(&["approve", "0123456789ab", "--yes"]).code, Some(1));
    assert_eq!(scene.isolated(), 0);

    let done = scene.bo(&approve).ok();
    assert!(done.contains("ANA-1 #1 isolate-replica tok-1: verified"), "{done}");
    let again = scene.bo(&approve);
    assert!(again.code == Some(1) && again.stderr.contains("used already, for action #1"), "{again:?}");
    assert_eq!(scene.isolated(), 1);

    let show = scene.ana(&["show", "1"]).ok();
    assert!(show.contains("ana confirmed #1 isolate-replica tok-1, approved by bo"), "{show}");
    assert_eq!(show.matches("REFUSED").count(), 2, "{show}");
    let key = |ran: Ran| ran.json()["fingerprint"].clone();
    let ana = key(scene.ana(&["identity", "show", "--json"]));
    let bo = key(scene.bo(&["identity", "show", "--json"]));
    let records = scene.records();
    let by = |kind: &str| {
        let one = records.iter().find(|record| record["entry"].get(kind).is_some());
        one.unwrap_or_else(|| panic!("no {kind}"))["by"]["person"].clone()
    };
    assert_eq!((&by("approval-asked")["key"], &by("intended")["key"]), (&ana, &ana));
    let approved = by("approved");
    assert_eq!((&approved["name"], &approved["key"]), (&"bo".into(), &bo));
    assert_eq!((&approved["roles"][0], &approved["version"]), (&"approver".into(), &VERSION.into()));
    assert!(approved["host"].is_string(), "{approved}");
}

#[test]
fn whoever_asked_can_wait_for_the_end() {
    let scene = Scene::new();
    let mut command = scene.machine.quell(&CONTAIN);
    command.args(["--wait", "--json"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let waiting = command.spawn().unwrap();
    let hash = eventually("ana to ask", || {
        let waits = scene.bo(&["approve", "--json"]).json();
        Some(waits[0]["plan"]["hash"].as_str()?.to_owned())
    });
    let approved = scene.bo(&["approve", &hash, "--confirm-target", "tok-1", "--json"]).json();
    assert_eq!(
        (&approved["stage"], &approved["confirmed"]["approved_by"]),
        (&"verified".into(), &"bo".into())
    );
    let ended = waiting.wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    let action: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!((&action["stage"], &action["by"]), (&"verified".into(), &"ana".into()));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("waits for a second person until "));
    assert_eq!(scene.isolated(), 1);
}

#[test]
fn the_glass_is_broken_with_a_reason_and_loudly() {
    let scene = Scene::new();
    let breaking = |why| scene.ana(&[&CONTAIN[..], &["--break-glass", why]].concat());
    let short = breaking("now");
    assert!(short.code == Some(2) && short.stderr.contains("at least 10 characters"), "{short:?}");
    assert_eq!(scene.isolated(), 0);
    let done = breaking("tokens fail and nobody answers").ok();
    assert!(done.contains("verified"), "{done}");
    assert_eq!(scene.isolated(), 1);
    let show = scene.ana(&["show", "1"]).ok();
    assert!(show.contains("BREAKING THE GLASS: tokens fail and nobody answers"), "{show}");
    assert!(show.contains("BREAK-GLASS"), "everybody is told: {show}");
}

#[test]
fn nobody_asks_or_approves_without_a_key_that_is_listed() {
    let scene = Scene::new();
    let hash = scene.asked();
    std::fs::remove_file(scene.machine.path("bo/quell/identity")).unwrap();
    let approve = ["approve", &hash, "--confirm-target", "tok-1"];
    let unsigned = scene.bo(&approve);
    assert!(unsigned.code == Some(1) && unsigned.stderr.contains("must be signed"), "{unsigned:?}");
    scene.bo(&["identity", "init"]).ok();
    let unlisted = scene.bo(&approve);
    assert!(
        unlisted.code == Some(1) && unlisted.stderr.contains("no [[person]] has the key"),
        "{unlisted:?}"
    );
    let records = scene.records();
    let refused = records.iter().filter(|record| record["entry"].get("approval-refused").is_some());
    assert_eq!((refused.count(), scene.isolated()), (2, 0));
}

#[test]
fn an_approval_may_be_signed_by_a_real_agent() {
    let Some(agent) = SshAgent::start() else { return };
    let scene = Scene::new();
    let line = agent.hold("ed25519", "bo@bastion");
    let ana = scene.ana(&["identity", "show", "--json"]).json()["key"].as_str().unwrap().to_owned();
    let identity = format!("[identity]\nagent = \"{}\"\n\n", agent.fingerprint(&line));
    scene.configure(&ana, line.trim_end(), &identity);
    let hash = scene.asked();
    let approve = ["approve", &hash, "--confirm-target", "tok-1"];
    let mut as_bo = scene.machine.quell(&approve);
    as_bo.env("XDG_CONFIG_HOME", scene.machine.path("bo"));
    let locked_out = run(&mut as_bo);
    let said = "not signed: there is no SSH agent";
    assert!(locked_out.code == Some(1) && locked_out.stderr.contains(said), "{locked_out:?}");
    let done = run(as_bo.env("SSH_AUTH_SOCK", agent.socket())).ok();
    assert!(done.contains("verified") && scene.isolated() == 1, "{done}");
    let unproven = |entry: &str| {
        let records = scene.records();
        let said = records.iter().find(|record| !record["entry"][entry].is_null()).unwrap();
        said["by"]["person"]["unproven"].as_bool()
    };
    assert_eq!(unproven("approval-refused"), Some(true), "nobody showed that they hold bo's key");
    assert_eq!(unproven("approved"), None, "bo signed it");
}
