//! What this machine does not give: files, threads, memory. What is said then is no calm lie, and no bug.

use serde_json::Value;

use super::rig::alertmanager;
use crate::support::faultd::{Faultd, Reply};
use crate::support::lines::Printing;
use crate::support::pty::Pty;
use crate::support::scratch::{Scratch, run};

const ALERTS: &str = "GET /api/v2/alerts";

#[test]
fn f29_with_no_file_left_it_says_so_of_the_source_and_goes_on_when_there_are_some_again() {
    let server = Faultd::start();
    // Each question needs a connection of its own.
    server.on(ALERTS, [Reply::ok("[]").cut_after(usize::MAX)]);
    let machine = Scratch::with_config(&alertmanager("am", "1s", &server.url()));
    let watching = Printing::start(machine.quell(&["watch"]));
    watching.says("every source is LIVE");
    // Once it holds the lease, and asks by itself.
    server.wait_for(ALERTS, 3);
    watching.allows_files(false);
    // What has its file goes on.
    machine.run(&["open", "--severity", "high", "Orders are late"]).ok();
    watching.says("Orders are late");
    let down = watching.says("am is DOWN");
    assert!(down.contains("data as of") && down.contains("Too many open files"), "{down}");
    watching.says("BLIND: no source can be seen");
    watching.allows_files(true);
    watching.says("quell sees again: every source is LIVE");
}

#[test]
fn f29_with_too_few_files_at_the_start_it_says_what_it_cannot_do_and_calls_nothing_calm() {
    let server = Faultd::start();
    server.on(ALERTS, [Reply::ok("[]")]);
    let machine = Scratch::with_config(&alertmanager("am", "1h", &server.url()));
    let list = |files: u32| run(&mut machine.limited(&format!("--nofile={files}"), &["list", "--json"]));
    let none = list(8);
    assert_eq!((none.code, none.stdout.as_str()), (Some(3), ""), "{none:?}");
    assert!(none.stderr.contains("cannot be started: Too many open files"), "{none:?}");
    for files in 9..32 {
        let ran = list(files);
        assert!(!ran.stderr.contains("bug"), "{files}: {ran:?}");
        match ran.code {
            Some(0) => assert!(ran.stdout.contains("LIVE"), "{files}: {ran:?}"),
            _ => assert!(
                !ran.stdout.contains("LIVE") && !format!("{}{}", ran.stdout, ran.stderr).is_empty(),
                "{ran:?}"
            ),
        }
    }
    assert_eq!(list(64).code, Some(0));
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
