//! A panic in whatever task or thread ends the program at once, and gives the terminal back.

use std::collections::BTreeSet;

use regex::Regex;

use crate::pty::given_back;
use crate::pty::screen::scratch_modes;
use crate::support::pty::{Modes, Pty};
use crate::support::repository;
use crate::support::scratch::Scratch;
use crate::support::venue::{Venue, ask_to_freeze, fill_in_freeze, type_target};

/// What else is watched, told and probed, so that there is a task of each kind.
const MORE: &str = r#"
[[monitor]]
kind = "tcp"
name = "gate"
address = "127.0.0.1:1"
every = "1s"

[[channel]]
kind = "webhook"
name = "room"
style = "generic"
url = "@URL@/room"

[[path]]
id = "incident"
when = "sev:critical"
steps = [{ after = "0m", to = ["room"] }]

[dead_man]
url = "@URL@/alive"
every = "1s"

[notify]
exec = ["/bin/true"]
"#;
const QUIET: &str = "[notify.quiet]\nhours = [\"00:00-24:00\"]\ncritical = false\n";

/// How a task is started.
enum Begun {
    /// By starting this.
    By(&'static [&'static str]),
    /// By starting a console with this in its configuration.
    With(&'static str),
    /// By these keys on the list.
    Keys(&'static str),
    /// By asking for the plan of a containment.
    Planning,
    /// By carrying a containment out.
    Containing,
}

const TASKS: &[(&str, Begun)] = &[
    ("main loop", Begun::By(&[])),
    ("draw", Begun::By(&[])),
    ("follow", Begun::By(&[])),
    ("catalogue", Begun::By(&[])),
    ("load", Begun::By(&[])),
    ("lease", Begun::By(&[])),
    ("ledger-tail", Begun::By(&[])),
    ("ledger-trouble", Begun::By(&[])),
    ("safety", Begun::By(&[])),
    ("poller", Begun::By(&[])),
    ("monitor", Begun::By(&[])),
    ("bell", Begun::By(&[])),
    ("tell", Begun::By(&[])),
    ("telling", Begun::By(&[])),
    ("recorder", Begun::By(&["--record", "x.quell"])),
    ("dead man's switch", Begun::By(&["wall"])),
    ("exchange", Begun::By(&["demo"])),
    ("mailer", Begun::By(&["demo"])),
    ("sink", Begun::By(&["demo"])),
    ("record", Begun::Keys("a")),
    ("applicable", Begun::Keys("c")),
    ("read watch", Begun::Keys("H")),
    ("count", Begun::Keys("M")),
    ("records", Begun::Keys("l")),
    ("verify", Begun::Keys("l v")),
    ("refresh", Begun::Keys("R")),
    ("plan", Begun::Planning),
    ("notify exec", Begun::By(&[])),
    ("withhold", Begun::With(QUIET)),
    ("submit", Begun::Containing),
    ("action", Begun::Containing),
];

/// Tasks that are begun just like one above, in the same lines.
const ALIKE: &[(&str, &str)] = &[
    ("desktop", "tell"),
    ("approve", "submit"),
    ("read ahead", "load"),
    ("stored", "records"),
    ("tie", "submit"),
    ("offer watch", "submit"),
    ("take watch", "submit"),
    ("publish", "submit"),
    ("packet", "applicable"),
    ("open", "submit"),
    ("bulletin", "telling"),
    ("read-back", "action"),
    ("mail", "mailer"),
    ("open link", "refresh"),
    ("refuse", "tell"),
];

/// What runs outside any console, or ends it: a command that asks once, what prints for `watch`, and the last resort of a
/// panic itself.
const NONE: [&str; 3] = ["asking", "printer", "last resort"];

/// Starts a console in which this task panics, and brings it about.
fn panicking(task: &str, begun: &Begun) -> (Venue, Scratch, Pty) {
    let venue = Venue::under_attack();
    let more = if let Begun::With(more) = begun { more } else { "" };
    let always = MORE.replace("@URL@", &venue.server.url());
    let scratch = Scratch::with_config(&format!("{}{always}{more}", venue.config()));
    let arguments = if let Begun::By(arguments) = begun { arguments } else { &[][..] };
    let mut command = scratch.quell(arguments);
    command.env("QUELL_PANIC_AT", task).env("TMPDIR", scratch.path("cache"));
    let console = Pty::start(&command, 80, 24);
    match begun {
        Begun::By(_) | Begun::With(_) => {}
        Begun::Keys(keys) => {
            console.shows("c contain");
            // A list that has just moved takes no verb: again, until there is nobody to take it.
            crate::support::eventually(&format!("the end by {task}"), || {
                console.keys(keys);
                std::thread::park_timeout(std::time::Duration::from_millis(300));
                console.ended()
            });
        }
        Begun::Planning | Begun::Containing => {
            if let Begun::Containing = begun {
                ask_to_freeze(&console);
                type_target(&console);
            } else {
                fill_in_freeze(&console);
            }
            crate::support::eventually(&format!("the end by {task}"), || {
                console.keys("enter");
                std::thread::park_timeout(std::time::Duration::from_millis(300));
                console.ended()
            });
        }
    }
    (venue, scratch, console)
}

fn ends_well(task: &str, begun: &Begun, before: &Modes) {
    let (_venue, scratch, console) = panicking(task, begun);
    let (exit, bytes) = console.finish();
    assert_eq!(exit.code, 70, "{task}: {exit:?}");
    assert_eq!(console.modes(), *before, "{task}");
    if bytes.windows(8).any(|part| part == b"\x1b[?1049h") {
        given_back(&console, before);
    }
    let said = String::from_utf8_lossy(&bytes).into_owned();
    assert!(said.contains("quell stopped because of a bug: asked to"), "{task}: {said}");
    assert!(!said.contains("owned\u{7}"), "{task}: {said}");
    if *begun_at(begun) == ["demo"] {
        // Its folder is its own.
        return;
    }
    let crash = std::fs::read_dir(scratch.state()).unwrap().map(|entry| entry.unwrap().path());
    let crash = crash.into_iter().find(|path| path.to_string_lossy().contains("/crash-")).unwrap();
    let kept = std::fs::read_to_string(crash).unwrap();
    assert!(kept.contains("asked to") && !kept.contains('\u{1b}'), "{task}: {kept}");
}

fn begun_at(begun: &Begun) -> &'static [&'static str] {
    if let Begun::By(arguments) = begun { arguments } else { &[] }
}

#[test]
fn a_panic_in_any_task_ends_the_program_and_restores_the_terminal() {
    let before = scratch_modes();
    let (first, second) = TASKS.split_at(TASKS.len() / 2);
    std::thread::scope(|scope| {
        for part in [first, second] {
            scope.spawn(|| part.iter().for_each(|(task, begun)| ends_well(task, begun, &before)));
        }
    });
}

#[test]
fn no_task_is_forgotten() {
    let started = Regex::new(r#"(?:spawn::(?:task|thread)|\.ask|crash::task)\(\s*"([a-z][^"]*)""#).unwrap();
    let ours = repository::files("src").into_iter().filter(|file| !file.to_string_lossy().contains("tests"));
    let all: BTreeSet<String> = ours
        .filter(|file| file.extension().is_some_and(|end| end == "rs"))
        .flat_map(|file| {
            // Behind a file's own tests there is no task of the program.
            let text = repository::text(&file);
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            started.captures_iter(&text).map(|found| found[1].to_owned()).collect::<Vec<_>>()
        })
        .collect();
    let known = TASKS.iter().map(|(task, _)| *task).chain(ALIKE.iter().map(|(task, _)| *task)).chain(NONE);
    let known: BTreeSet<String> = known.map(str::to_owned).collect();
    assert_eq!(all, known, "each task that is started is made to panic, or begins like one that is");
    assert!(ALIKE.iter().all(|(_, like)| TASKS.iter().any(|(task, _)| task == like)));
}
