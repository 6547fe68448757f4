//! Programs as containments, with the real binary: what they are given, what their end amounts to, and what is kept.

use serde_json::Value;

use crate::support::scratch::{Ran, Scratch, run};

/// A machine with an incident about one node, and a playbook whose parts are these.
struct Machine {
    scratch: Scratch,
}

const HEAD: &str = r#"
operator = "ana"
ids = "ANA"

[actions]
enabled = true

[[playbook]]
id = "cordon"
title = "Cordon a node"
blast = "one node takes no new work"
target = "node"
parameter = [{ name = "node", from = "label:node", allow = ".{0,200}" }]
"#;

impl Machine {
    /// `@HERE@` in the parts is a folder of its own, which is empty.
    fn new(parts: &str) -> Self {
        let scratch = Scratch::new();
        let here = scratch.path("home").display().to_string();
        scratch.write_config(&format!("{HEAD}\n{}", parts.replace("@HERE@", &here)));
        let machine = Self { scratch };
        let open = ["open", "--severity", "high", "A node misbehaves", "--label", "node=gw-2"];
        machine.scratch.run(&open).ok();
        machine
    }

    /// One that only does this: a shell's words, with `$1` for the node and `$2` for the folder.
    fn doing(script: &str, more: &str) -> Self {
        Self::new(&format!("do = {{ exec = {}, {more} }}", shell(script)))
    }

    fn contain(&self) -> Ran {
        self.scratch.run(&["contain", "1", "cordon", "--confirm-target", "gw-2"])
    }

    fn action(&self, number: u32) -> Value {
        let shown = self.scratch.run(&["show", "1", "--json"]).json();
        shown["incident"]["actions"][number.to_string()].clone()
    }

    fn note(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.scratch.path("home").join(name)).ok()
    }

    /// What is kept of this kind for the first action.
    fn evidence(&self, kind: &str) -> String {
        let shown = self.scratch.run(&["show", "1", "--json"]).json();
        let kept = shown["incident"]["evidence"].as_array().unwrap().clone();
        let mut kept = kept.iter().map(|kept| &kept["evidence"]);
        let piece = kept.find(|piece| piece["kind"][kind]["action"] == 1).unwrap();
        self.scratch.run(&["evidence", "show", piece["sha256"].as_str().unwrap()]).ok()
    }

    fn records(&self) -> Vec<Value> {
        let shown = self.scratch.run(&["show", "1", "--json"]).json();
        shown["records"].as_array().unwrap().clone()
    }
}

/// An argument list that gives this to a shell.
fn shell(script: &str) -> String {
    format!("['/bin/sh', '-c', {script:?}, 'sh', '{{{{node}}}}', '@HERE@']")
}

#[test]
fn a_program_contains_is_verified_and_undone() {
    let machine = Machine::new(&format!(
        "lookup = {{ exec = {}, show = ['/zone'], refuse = {{ '/protected' = true }} }}\n\
         do = {{ exec = {} }}\nverify = {{ exec = {}, expect = {{ '/cordoned' = true }}, within = '5s' }}\n\
         undo = {{ exec = {}, expect_after = {{ '/cordoned' = false }} }}",
        shell("echo '{\"zone\":\"eu-1\",\"protected\":false}'"),
        shell("echo \"$1 $QUELL_INCIDENT $QUELL_KEY\" >> \"$2/cordoned\""),
        shell("test -e \"$2/cordoned\" && echo '{\"cordoned\":true}' || echo '{\"cordoned\":false}'"),
        shell("rm \"$2/cordoned\""),
    ));
    let plan = machine.scratch.run(&["plan", "1", "cordon"]).ok();
    assert_eq!(machine.note("cordoned"), None, "a plan runs only what reads");
    let argv = "  Runs      /bin/sh\n            -c\n";
    for line in ["/zone = eu-1", argv, "\n            gw-2\n", "QUELL_KEY=quell-", "no shell, at most 10s"] {
        assert!(plan.contains(line), "no {line:?} in {plan}");
    }
    let done = machine.contain().ok();
    assert!(done.contains("ANA-1 #1 cordon gw-2: verified"), "{done}");
    let key = machine.action(1)["plan"]["key"].as_str().unwrap().to_owned();
    assert_eq!(machine.note("cordoned"), Some(format!("gw-2 ANA-1 {key}\n")), "once, with its key");
    machine.scratch.run(&["undo", "1", "1", "--confirm-target", "gw-2"]).ok();
    assert_eq!((machine.note("cordoned"), &machine.action(1)["stage"]), (None, &"undone".into()));
}

#[test]
fn how_a_program_ends_is_what_came_of_it() {
    for (script, more, stage, code, says) in [
        ("exit 0", "", "accepted", 0, "accepted (exit 0)"),
        ("echo busy >&2; exit 3", "", "unknown", 4, "exit 3: busy"),
        ("echo 'no such node' >&2; exit 3", "refused = [3]", "refused", 1, "exit 3: no such node"),
        ("kill -9 $$", "", "unknown", 4, "killed by signal 9"),
        ("trap '' TERM; while :; do :; done", "within = '1s'", "unknown", 4, "not done in 1s"),
        ("while :; do :; done & wait", "within = '1s'", "unknown", 4, "not done in 1s"),
    ] {
        let machine = Machine::doing(script, more);
        let ran = machine.contain();
        assert_eq!(ran.code, Some(code), "{script}: {ran:?}");
        let action = machine.action(1);
        assert_eq!(action["stage"], stage, "{script}: {action}");
        assert!(action["detail"].as_str().unwrap().contains(says), "{script}: {action}");
    }
}

#[test]
fn what_a_program_would_destroy_is_read_before_and_kept() {
    let machine = Machine::new(&format!(
        "do = {{ exec = {} }}\n[[playbook.before]]\nname = 'the node'\nexec = {}\nenv = ['HOME']\n\
         [[playbook.before]]\nname = 'its load'\nexec = {}\nwithin = '1s'",
        shell("rm \"$2/state\""),
        shell("cat \"$HOME/state\""),
        shell("while :; do :; done"),
    ));
    std::fs::write(machine.scratch.path("home").join("state"), "gw-2 serves 40 sessions\n").unwrap();
    machine.contain().ok();
    assert_eq!((machine.note("state"), machine.action(1)["stage"].as_str()), (None, Some("accepted")));
    assert_eq!(machine.evidence("capture"), "gw-2 serves 40 sessions\n");
    let missed =
        machine.records().into_iter().find_map(|record| record["entry"].get("capture-missed").cloned());
    assert!(missed.unwrap()["because"].as_str().unwrap().contains("not done in 1s"));
}

#[test]
fn what_cannot_be_run_is_refused_before_it_is_confirmed() {
    for (exec, why) in [
        ("['no-such-program-here']", "there is no program no-such-program-here on the PATH"),
        ("['/no/such/program']", "/no/such/program cannot be run"),
        ("['/etc/passwd']", "/etc/passwd cannot be run"),
    ] {
        let machine = Machine::new(&format!("do = {{ exec = {exec} }}"));
        let ran = machine.contain();
        assert_eq!(ran.code, Some(1), "{exec}: {ran:?}");
        assert!(ran.stderr.contains(why), "{exec}: {ran:?}");
        assert_eq!(machine.action(1), Value::Null, "nothing was intended");
    }
}

#[test]
fn what_stops_being_runnable_after_the_plan_was_not_sent() {
    let machine = Machine::new("do = { exec = ['@HERE@/cordon'] }");
    let program = machine.scratch.path("home").join("cordon");
    std::fs::copy("/bin/true", &program).unwrap();
    let busy = std::fs::OpenOptions::new().append(true).open(&program).unwrap();
    let ran = machine.contain();
    drop(busy);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let action = machine.action(1);
    assert_eq!(action["stage"], "not-sent", "{action}");
    assert!(action["detail"].as_str().unwrap().contains("Text file busy"), "{action}");
}

#[test]
fn a_value_stays_one_argument() {
    let machine = Machine::doing("printf '<%s>' \"$@\" > \"$2/given\"", "");
    for node in ["gw-2; touch /tmp/x", "$(reboot) `id`", "a  b\"c'd\\e", "--namespace=x y"] {
        let set = format!("node={node}");
        let typed = format!("--confirm-target={node}");
        let contain = ["contain", "1", "cordon", "--set", &set, &typed];
        let ran = machine.scratch.run(&contain);
        if node.starts_with('-') {
            assert_eq!(ran.code, Some(1), "{ran:?}");
            assert!(ran.stderr.contains("would become an option"), "{ran:?}");
            continue;
        }
        ran.ok();
        let home = machine.scratch.path("home");
        assert_eq!(machine.note("given"), Some(format!("<{node}><{}>", home.display())));
    }
}

#[test]
fn a_program_sees_no_secret_and_no_file_of_quells() {
    let script = "{ env; ls /proc/self/fd; pwd; cat; ps -o pgid= -p $$; echo $$; } > \"$2/seen\"";
    let machine = Machine::doing(script, "env = ['HOME']");
    let mut contain = machine.scratch.quell(&["contain", "1", "cordon", "--confirm-target", "gw-2"]);
    // What quell was started with, a shell would have passed on: a token, and an open file.
    contain.env("EXCHANGE_TOKEN", "canary-4417");
    let mut held = std::process::Command::new("/bin/sh");
    held.args(["-c", "exec 7</etc/passwd; exec \"$@\"", "sh"])
        .arg(contain.get_program())
        .args(contain.get_args());
    held.env_clear().envs(contain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run(&mut held).ok();
    let seen = machine.note("seen").unwrap();
    assert!(!seen.contains("canary") && !seen.contains("XDG_"), "{seen}");
    let home = machine.scratch.path("home").display().to_string();
    assert!(seen.contains(&format!("HOME={home}\n")), "{seen}");
    let lines: Vec<&str> = seen.lines().map(str::trim).skip_while(|line| *line != "0").collect();
    // The fourth is the folder that is listed.
    assert_eq!(lines[..5], ["0", "1", "2", "3", "/"], "{seen}");
    assert_eq!(lines[5], lines[6], "it leads a group of its own: {seen}");
}

#[test]
fn a_flood_with_escapes_is_drained_cut_and_shown_safely() {
    let flood =
        "printf '\\033]0;owned\\007\\n'; head -c 1000000000 /dev/zero; printf '\\033[2Jbad\\n' >&2; exit 9";
    let machine = Machine::doing(flood, "within = '60s'");
    let ran = machine.contain();
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.stdout.contains("exit 9: \\x1b[2Jbad") && !ran.stdout.contains('\u{1b}'), "{ran:?}");
    let answered = machine.records().into_iter().find_map(|record| record["entry"].get("answered").cloned());
    let answer = answered.unwrap()["answer"].clone();
    assert_eq!(answer["exit"], 9);
    let kept = machine.evidence("output");
    let head = "exit 9: \\x1b[2Jbad\nstdout: 65536 bytes kept, 999934475 more dropped\n\\x1b]0;owned\\x07\n";
    assert!(kept.starts_with(head), "{}", kept.chars().take(300).collect::<String>());
    assert!(kept.ends_with("\nstderr: 8 bytes\n\\x1b[2Jbad\n"));
    assert!(kept.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn what_a_program_printed_that_carried_a_message_is_kept() {
    let machine = Machine::new(&format!(
        "do = {{ exec = {} }}\n\n\
         [[channel]]\nkind = 'exec'\nname = 'pager'\nexec = ['/bin/sh', '-c', 'echo carried; echo slowly >&2']\n\n\
         [[path]]\nid = 'incident'\nsteps = [{{ after = '0m', to = ['pager'] }}]\n",
        shell("true")
    ));
    let told = machine.scratch.run(&["escalate", "1", "--path", "incident"]).ok();
    assert!(told.contains("told pager: exit 0"), "{told}");
    let shown = machine.scratch.run(&["show", "1", "--json"]).json();
    let kept = &shown["incident"]["evidence"][0]["evidence"];
    assert_eq!((&kept["kind"], &kept["name"]), (&"told".into(), &"pager: page".into()), "{shown:#}");
    let sha256 = kept["sha256"].as_str().unwrap();
    let said = machine.scratch.run(&["evidence", "show", sha256]).ok();
    assert!(said.contains("carried") && said.contains("slowly"), "{said}");
}
