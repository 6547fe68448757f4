//! What this machine does not give: files, threads, memory. What is said then is no calm lie, and no bug.

use serde_json::Value;

use super::rig::alertmanager;
use crate::support::faultd::{Faultd, Reply};
use crate::support::pty::Pty;
use crate::support::scratch::{Scratch, run};

const ALERTS: &str = "GET /api/v2/alerts";

#[test]
fn f29_with_too_few_files_it_says_what_it_cannot_open() {
    let server = Faultd::start();
    server.on(ALERTS, [Reply::ok("[]")]);
    let tables: String = ["am", "bm"].map(|name| alertmanager(name, "1h", &server.url())).concat();
    let mut said = String::new();
    for files in [12, 16, 18, 19, 20, 21, 22, 24, 64] {
        let machine = Scratch::with_config(&tables);
        machine.run(&["note", "1", "x"]);
        let ran = run(&mut machine.limited(&format!("--nofile={files}"), &["list", "--json"]));
        assert!(matches!(ran.code, Some(0 | 2 | 3)), "{files}: {ran:?}");
        assert!(!ran.stderr.contains("bug"), "{files}: {ran:?}");
        if let Ok(list) = serde_json::from_str::<Value>(&ran.stdout)
            && list["sources"].is_array()
        {
            let sources = list["sources"].as_array().unwrap();
            let live = sources.iter().filter(|source| source["state"] == "LIVE").count();
            assert_eq!(ran.code == Some(0), live > 0, "{files}: {ran:?}");
            said.extend(sources.iter().filter_map(|it| it["fault"].as_str()));
        }
        said.push_str(&ran.stderr);
    }
    let told = ["Too many open files", "nothing new is taken in: the ledger cannot be opened"];
    assert!(told.iter().any(|told| said.contains(told)), "{said}");
}

#[test]
fn f30_with_too_few_threads_it_says_so_at_the_start_and_starts_nothing() {
    let server = Faultd::start();
    server.on(ALERTS, [Reply::ok("[]")]);
    let machine = Scratch::of_a_plain_user();
    machine.write_config(&alertmanager("am", "1s", &server.url()));
    let mut refused = 0;
    for threads in [1, 2, 3, 5, 8, 11] {
        let ran = run(&mut machine.limited(&format!("--nproc={threads}"), &["list", "--json"]));
        assert!(matches!(ran.code, Some(0 | 3)), "{threads}: {ran:?}");
        if ran.code == Some(3) {
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(said.contains("this machine gives quell no more threads"), "{threads}: {ran:?}");
            refused += 1;
        }
    }
    assert!(refused > 0);
    assert!(run(&mut machine.limited("--nproc=4000", &["list", "--json"])).ok().contains("LIVE"));
}

#[test]
fn f31_with_little_memory_whatever_is_answered_stays_within_its_limits() {
    let huge = format!("[{}]", " ".repeat(17 << 20));
    let many = format!("[{}]", vec!["0"; 2_000_000].join(","));
    for (what, reply, said) in [
        ("a huge body", Reply::ok(&huge), "the answer is over 16384 KiB"),
        ("a gzip bomb", Reply::gzip_bomb(512), "the answer is over 16384 KiB"),
        ("two million elements", Reply::ok(&many), "the answer is a list of more than 100000 elements"),
    ] {
        let server = Faultd::start();
        server.on(ALERTS, [reply]);
        let machine = Scratch::with_config(&alertmanager("am", "1s", &server.url()));
        // The address space of a debug build, of eight threads and what they allocate in.
        let ran = run(&mut machine.limited("--as=1200000000", &["list", "--json"]));
        let list: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        let fault = list["sources"][0]["fault"].as_str().unwrap_or_default();
        assert!(
            ran.code == Some(3) && (fault == said || fault.contains("no memory left")),
            "{what}: {ran:?}"
        );
    }
}

#[test]
fn f31_with_too_little_memory_it_says_so_before_it_takes_the_terminal() {
    let server = Faultd::start();
    server.on(ALERTS, [Reply::ok("[]")]);
    let machine = Scratch::with_config(&alertmanager("am", "1s", &server.url()));
    // Under such limits allocations fail that nobody can answer for, once there are threads.
    for megabytes in [250, 300, 400, 600, 1000] {
        let ran = run(&mut machine.limited(&format!("--as={megabytes}000000"), &["list", "--json"]));
        let said = "of address space and needs 1024; raise the limit (ulimit -v), or remove it";
        assert!(ran.code == Some(3) && ran.stderr.contains(said), "{megabytes}: {ran:?}");
    }
    let console = Pty::start(&machine.limited("--as=300000000", &[]), 80, 24);
    let (exit, bytes) = console.finish();
    assert_eq!(exit.code, 3, "{}", String::from_utf8_lossy(&bytes));
    assert!(!bytes.contains(&0x1b), "the terminal was never taken: {}", String::from_utf8_lossy(&bytes));
    assert_eq!(server.requests(), []);
}
