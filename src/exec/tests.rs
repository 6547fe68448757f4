//! Real programs of every temper.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use rustix::fs::{Mode, OFlags};
use rustix::process::Pid;

use super::*;
use crate::domain::action::Outcome;

fn program(argv: &[&str]) -> Program {
    Program {
        argv: argv.iter().map(|&argument| argument.to_owned()).collect(),
        env: BTreeMap::from([("QUELL_KEY".to_owned(), "quell-1".to_owned())]),
        pass: Vec::new(),
        within: Span::secs(20),
        refused: Vec::new(),
    }
}

/// No file is written for it: a test beside this one could still hold that open.
fn script(body: &str) -> Program {
    program(&["/bin/sh", "-c", body])
}

fn text(output: &Output) -> &str {
    std::str::from_utf8(&output.kept).unwrap()
}

fn pid(text: &str) -> Option<Pid> {
    Pid::from_raw(text.trim().parse().ok()?)
}

/// Waits until there is no such process, or only what its new parent has not collected yet.
async fn gone(pid: Pid) {
    let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        tokio::task::yield_now().await;
    }
}

fn outcome(ran: &Ran, refused: &[i32]) -> Outcome {
    ran.success(refused).map_or_else(|fault| fault.outcome(), |()| Outcome::Accepted)
}

#[tokio::test]
async fn a_program_sees_its_arguments_and_nothing_of_quells() {
    let held = rustix::fs::open("/etc/passwd", OFlags::RDONLY, Mode::empty()).unwrap();
    let body = "pwd; env; ls /proc/self/fd; cat; for a; do echo \"<$a>\"; done";
    let argv = ["/bin/sh", "-c", body, "sh", "a b", "$(reboot)", "; ls *", "-x"];
    let ran = run(&program(&argv)).await.unwrap();
    drop(held);
    assert_eq!(ran.exit(), Some(0));
    let said: Vec<&str> = text(&ran.stdout).lines().collect();
    assert_eq!(said[0], "/");
    // The shell's own variables stand among them, and the folder that `ls` itself opens is the fourth file.
    let own = |line: &&str| ["PWD=/", "OLDPWD=", "SHLVL=", "_="].iter().any(|own| line.starts_with(own));
    let rest: Vec<&str> = said[1..].iter().copied().filter(|line| !own(line)).collect();
    assert_eq!(rest, ["QUELL_KEY=quell-1", "0", "1", "2", "3", "<a b>", "<$(reboot)>", "<; ls *>", "<-x>"]);
}

#[tokio::test]
async fn only_named_variables_pass() {
    let pass = vec!["PATH".into(), "QUELL_NO_SUCH".into()];
    let ran = run(&Program { pass, ..program(&["/usr/bin/env"]) }).await.unwrap();
    let mut said: Vec<&str> = text(&ran.stdout).lines().collect();
    said.sort_unstable();
    assert_eq!(said, [format!("PATH={}", env::var("PATH").unwrap()).as_str(), "QUELL_KEY=quell-1"]);
}

#[tokio::test]
async fn how_it_ends_says_what_was_done() {
    for (body, refused, amounts_to, says) in [
        ("exit 0", &[][..], Outcome::Accepted, ""),
        ("echo no such node >&2; exit 3", &[][..], Outcome::Unknown, "exit 3: no such node"),
        ("echo no such node >&2; exit 3", &[2, 3][..], Outcome::Refused, "exit 3: no such node"),
        ("kill -9 $$", &[][..], Outcome::Unknown, "killed by signal 9"),
        ("kill -TERM $$", &[15, 143][..], Outcome::Unknown, "killed by signal 15"),
    ] {
        let ran = run(&script(body)).await.unwrap();
        assert_eq!(outcome(&ran, refused), amounts_to, "{body}");
        let said = ran.success(refused).err().map(|fault| fault.detail.raw().to_owned());
        assert_eq!(said.unwrap_or_default(), says);
    }
}

#[tokio::test]
async fn what_cannot_start_was_never_sent() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("script");
    std::fs::write(&path, "#!/bin/sh\n").unwrap();
    let name = path.to_str().unwrap();
    let refused = async |argv: &[&str], why: &str| {
        let fault = run(&program(argv)).await.unwrap_err();
        assert_eq!(fault.outcome(), Outcome::NotSent);
        assert!(fault.detail.raw().contains(why), "{:?}", fault.detail);
    };
    refused(&["/nowhere/at/all"], "No such file").await;
    refused(&[name], "ermission denied").await;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let writer = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    refused(&[name], "busy").await;
    drop(writer);
    refused(&["/bin/true", "a\0b"], "zero byte").await;
    refused(&["/bin/true", &"x".repeat(4 * 1024 * 1024)], "too long").await;
    refused(&[], "name one").await;
}

#[tokio::test]
async fn whoever_does_not_end_is_ended_with_all_it_started() {
    let stay = "trap '' TERM; while :; do :; done";
    let body = format!("echo begun; ({stay}) & echo $! >&2; {stay}");
    let ran = run(&Program { within: Span::secs(2), ..script(&body) }).await.unwrap();
    assert_eq!(ran.ending, Ending::OutOfTime(Span::secs(2)));
    assert_eq!((text(&ran.stdout), outcome(&ran, &[])), ("begun\n", Outcome::Unknown));
    gone(pid(text(&ran.stderr)).unwrap()).await;
}

#[tokio::test]
async fn whoever_leaves_the_group_is_ended_with_it() {
    // The first descends from the program, the second only prints where it does, and neither wants to end.
    let stay = "trap '' TERM; echo $$; while :; do sleep 1; done";
    let body = format!("setsid sh -c \"{0}\" & (setsid sh -c \"{0}\" &); wait", stay.replace('$', "\\$"));
    let ran = run(&Program { within: Span::secs(2), ..script(&body) }).await.unwrap();
    assert_eq!(ran.ending, Ending::OutOfTime(Span::secs(2)));
    let left: Vec<Pid> = text(&ran.stdout).lines().filter_map(pid).collect();
    assert_eq!(left.len(), 2, "{}", text(&ran.stdout));
    for pid in left {
        gone(pid).await;
    }
}

#[tokio::test]
async fn whoever_ran_before_a_program_is_left_alone_whatever_it_was_handed() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let wait = |name: &str| format!("while [ ! -s {} ]; do sleep 0.05; done", path(name));
    let take =
        format!("{}; exec 3>/proc/$(cat {})/fd/1; echo it > {}", wait("pid"), path("pid"), path("held"));
    let mut older = std::process::Command::new("/bin/sh");
    let mut older = older.args(["-c", &format!("{take}; exec sleep 1000")]).spawn().unwrap();
    let ticks = || std::fs::read_to_string("/proc/uptime").unwrap().split(' ').next().unwrap().to_owned();
    let began = ticks();
    // The kernel counts when a process began in hundredths of a second.
    while ticks() == began {
        tokio::task::yield_now().await;
    }
    let body =
        format!("trap '' TERM; echo $$ > {}; {}; while :; do sleep 1; done", path("pid"), wait("held"));
    let ran = run(&Program { within: Span::secs(3), ..script(&body) }).await.unwrap();
    let lives = older.try_wait().unwrap().is_none();
    older.kill().unwrap();
    older.wait().unwrap();
    assert_eq!(ran.ending, Ending::OutOfTime(Span::secs(3)));
    assert!(lives && std::fs::exists(path("held")).unwrap());
    let said = ran.success(&[]).unwrap_err().detail.raw().to_owned();
    assert!(said.contains(&format!("sleep ({}) ran before it", older.id())), "{said}");
}

#[tokio::test]
async fn what_a_program_was_trusted_with_is_kept_out_of_what_it_says() {
    let (name, value) =
        std::env::vars().find(|(name, value)| name.starts_with("CARGO_") && value.len() > 12).unwrap();
    let body = format!("echo \"it is ${name}\"; echo \"denied for ${name}\" >&2; exit 3");
    let ran = run(&Program { pass: vec![name], ..script(&body) }).await.unwrap();
    assert!(text(&ran.stdout).contains(&value), "what is read by quell itself is what was said");
    let said = ran.transcript();
    assert_eq!(said.matches("••••").count(), 3, "{said}");
    assert!(!said.contains(&value), "{said}");
    assert!(ran.success(&[]).unwrap_err().detail.raw().ends_with("denied for ••••"));
}

#[tokio::test]
async fn whoever_ends_when_asked_is_not_killed() {
    let body = "trap 'echo cleaned up; exit 0' TERM; echo begun; while :; do sleep 0.05; done";
    let ran = run(&Program { within: Span::secs(2), ..script(body) }).await.unwrap();
    assert_eq!(ran.ending, Ending::OutOfTime(Span::secs(2)));
    assert_eq!(text(&ran.stdout), "begun\ncleaned up\n");
}

#[tokio::test]
async fn what_a_program_leaves_behind_ends_with_it() {
    let ran = run(&script("while :; do :; done & echo $!")).await.unwrap();
    assert_eq!(ran.exit(), Some(0));
    gone(pid(text(&ran.stdout)).unwrap()).await;
}

#[tokio::test]
async fn who_is_not_waited_for_any_more_is_ended() {
    let home = tempfile::tempdir().unwrap();
    let note = home.path().join("pid");
    let body = "echo $$ > \"$1\"; while :; do :; done";
    let program = program(&["/bin/sh", "-c", body, "sh", note.to_str().unwrap()]);
    let running = crate::os::spawn::task("program", async move { run(&program).await.map(|ran| ran.ending) });
    let begun = loop {
        match pid(&std::fs::read_to_string(&note).unwrap_or_default()) {
            Some(pid) => break pid,
            None => tokio::task::yield_now().await,
        }
    };
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    gone(begun).await;
}

#[tokio::test]
async fn a_flood_is_drained_and_its_start_is_kept() {
    let owned = "printf '\\033[2Jowned\\n'; head -c 100000000 /dev/zero";
    let body = format!("{owned}; printf 'bad \\033]0;x\\007\\n' >&2; exit 4");
    let ran = run(&script(&body)).await.unwrap();
    assert_eq!((ran.exit(), ran.stdout.kept.len()), (Some(4), OUTPUT_BYTES));
    assert_eq!(ran.stdout.dropped, 100_000_010 - OUTPUT_BYTES as u64);
    let said = ran.transcript();
    let head = "exit 4: bad \\x1b]0;x\\x07\nstdout: 65536 bytes kept, 99934474 more dropped\n\\x1b[2Jowned\n";
    assert!(said.starts_with(head), "{}", said.chars().take(200).collect::<String>());
    assert!(said.ends_with("\nstderr: 11 bytes\nbad \\x1b]0;x\\x07\n"));
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()));
}

#[tokio::test]
async fn a_program_of_the_users_finds_what_quell_finds() {
    let argv = ["sh", "-c", "pwd; printf %s \"$PATH\""].map(str::to_owned);
    let ran = ask(&argv, Span::secs(20)).await.unwrap();
    let here = std::env::current_dir().unwrap();
    assert_eq!(text(&ran.stdout), format!("{}\n{}", here.display(), env::var("PATH").unwrap()));
}
