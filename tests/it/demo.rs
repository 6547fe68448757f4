//! The demo, played by somebody who presses only what the screen says.

mod response;
mod run;

use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::eventually;
use crate::support::http;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::leave;
use crate::support::vt;

/// So often somebody looks at a screen that offers nothing, while the clock goes on: what was asked for takes its time.
const PATIENCE: usize = 60;

/// A person who has read nothing: knows what is wanted, and looks for it on the screen.
struct Newcomer {
    console: Pty,
    pressed: usize,
    looked_at: String,
}

impl Newcomer {
    fn sit_down(scratch: &Scratch, seed: &str) -> Self {
        let mut command = scratch.quell(&["demo", "--seed", seed, "--keep"]);
        command.env("TMPDIR", scratch.path("cache"));
        Self { console: Pty::start(&command, 80, 24), pressed: 0, looked_at: String::new() }
    }

    /// Looks at the screen once its clock has moved on.
    fn look(&mut self) -> String {
        let last = clock(&self.looked_at);
        self.looked_at = self.console.until(|screen| clock(screen) != last, "the screen's clock to move");
        self.looked_at.clone()
    }

    /// Follows the screen until it shows what is wanted: the first of these words that stands beside a key is
    /// pressed, and what is to be typed is typed.
    fn follow(&mut self, words: &[&str], until: impl Fn(&str) -> bool, wanted: &str) -> String {
        let mut idle = 0;
        loop {
            let (screen, pressed) = (self.look(), self.pressed);
            if until(&screen) {
                return screen;
            }
            assert!(idle < PATIENCE, "nothing on the screen leads to {wanted}:\n{screen}");
            assert!(self.pressed < 60, "pressed {} keys and still no {wanted}:\n{screen}", self.pressed);
            if let Some(target) = to_type(&screen)
                && !screen.contains(&format!("> {target}"))
            {
                self.press(&format!("\"{target}\""), target.chars().count());
            } else if screen.contains("pgdn shows the rest") {
                self.press("G", 1);
            } else if let Some(key) = words.iter().find_map(|word| key_for(&screen, word)) {
                self.press(&key, 1);
            }
            idle = if self.pressed == pressed { idle + 1 } else { 0 };
        }
    }

    fn press(&mut self, keys: &str, count: usize) {
        self.pressed += count;
        self.console.keys(keys);
    }
}

/// The time in the header, `14:03:22Z`.
fn clock(screen: &str) -> Option<&str> {
    screen.lines().next()?.split_whitespace().rev().find(|word| word.ends_with('Z') && word.len() == 9)
}

/// What the screen asks to be typed: `Type 88213 and press Enter to contain:`, or `Read to the end, then type …`.
fn to_type(screen: &str) -> Option<String> {
    let (_, rest) = screen.split_once("Type ").or(screen.split_once(", then type "))?;
    Some(rest.split_once(" and press Enter")?.0.to_owned())
}

/// The key that stands beside a word on the last line (`a ack  c contain (2)  e escalate`).
fn key_for(screen: &str, word: &str) -> Option<String> {
    let hints = screen.lines().last()?.trim().split("  ");
    hints
        .filter_map(|hint| hint.split_once(' '))
        .find(|(_, says)| says.starts_with(word))
        .map(|(key, _)| key.to_owned())
}

/// The row under the cursor.
fn row(screen: &str) -> &str {
    screen.lines().find(|line| line.starts_with('▌')).unwrap_or_default()
}

/// The exchange of a demo, asked past the console.
struct Outside {
    folder: PathBuf,
    port: u16,
    token: String,
}

impl Outside {
    fn of(scratch: &Scratch) -> Self {
        let mut folders =
            std::fs::read_dir(scratch.path("cache")).unwrap().map(|entry| entry.unwrap().path());
        let folder = folders.find(|path| path.to_string_lossy().contains("quell-demo-")).unwrap();
        let config = std::fs::read_to_string(folder.join("config.toml")).unwrap();
        let (_, port) = config.split_once("http://127.0.0.1:").unwrap();
        let port = port.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
        let token = std::fs::read_to_string(folder.join("token")).unwrap();
        Self { folder, port, token }
    }

    fn get(&self, path: &str) -> Value {
        let bearer = format!("Bearer {}", self.token);
        http::request(self.port, "GET", path, &[("Authorization", &bearer)], "").unwrap().json()
    }

    /// What the admin API says of an account or a replica.
    fn state(&self, target: &str) -> String {
        let (path, key) = match target.starts_with("tok-") {
            true => (format!("/admin/replicas/{target}"), "rotation"),
            false => (format!("/admin/accounts/{target}"), "status"),
        };
        self.get(&path)[key].as_str().unwrap_or_default().to_owned()
    }
}

fn play(seed: &str) {
    let scratch = Scratch::new();
    let mut newcomer = Newcomer::sit_down(&scratch, seed);
    newcomer.console.shows("? keys");
    let exchange = Outside::of(&scratch);

    let verified = |screen: &str| row(screen).contains("contained");
    let steps = ["take it", "plan to confirm", "contain"];
    let mut target = None;
    let screen = newcomer.follow(&steps, |screen| verified(screen), "verified containment");
    let detail = screen.lines().find(|line| line.contains("contained (verified")).unwrap_or_default();
    // `#1 freeze-account 6446963 contained (verified 06:04:04Z)`
    target = target.or_else(|| detail.split_whitespace().nth(2).map(str::to_owned));
    let target = target.unwrap_or_else(|| panic!("the details name what was contained:\n{screen}"));
    assert!(
        ["frozen", "out"].contains(&exchange.state(&target).as_str()),
        "{target}: {}",
        exchange.state(&target)
    );

    newcomer.follow(
        &["take it", "escalate"],
        |screen| screen.contains("escalated; the receipts"),
        "escalation",
    );
    let id = row(&newcomer.looked_at).split_whitespace().nth(2).unwrap().to_owned();
    let chat = exchange.get("/sink/chat").to_string();
    assert!(chat.contains(&format!("-{id} ")), "{chat}");
    assert!(newcomer.pressed <= 25, "{} keys", newcomer.pressed);

    newcomer.follow(&["take it", "undo"], |screen| row(screen).contains("undone"), "undone containment");
    assert!(
        ["active", "in"].contains(&exchange.state(&target).as_str()),
        "{target}: {}",
        exchange.state(&target)
    );

    let config = exchange.folder.join("config.toml").display().to_string();
    let shown = scratch.run(&["--config", &config, "show", &id]).ok();
    for stage in [
        "confirmed #1",
        "#1 ",
        "accepted",
        "VERIFIED",
        "escalated, step 1",
        "accepted",
        "confirmed #2",
        "undo",
    ] {
        assert!(shown.contains(stage), "{stage} in:\n{shown}");
    }
    leave(&newcomer.console);
    let (exit, bytes) = newcomer.console.finish();
    assert_eq!(exit.code, 0);
    let said = String::from_utf8_lossy(&bytes).into_owned();
    assert!(said.contains(&exchange.folder.display().to_string()), "the folder is named on leaving");
    vt::assert_only_allowed(&bytes);
}

#[test]
fn the_screen_leads_a_newcomer_from_the_first_frame_to_contained_and_escalated() {
    play("7");
}

#[test]
fn and_with_other_troubles_too() {
    play("42");
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let scratch = Scratch::new();
    let mut command = scratch.quell(&["demo"]);
    command.env("TMPDIR", scratch.path("cache"));
    let console = Pty::start(&command, 80, 24);
    console.shows("? keys");
    console.keys("?").shows("Respond to the selected incident");
    console.keys("G").shows("this demo's configuration and ledger");
    console.keys("q").shows("enter open");
    leave(&console);
    assert_eq!(console.wait().code, 0);
    is_empty(&scratch);
}

fn is_empty(scratch: &Scratch) {
    eventually("an empty folder", || {
        std::fs::read_dir(scratch.path("cache")).unwrap().next().is_none().then_some(())
    });
}

#[test]
fn a_demo_whose_terminal_is_closed_or_that_is_told_to_end_leaves_nothing_behind_either() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::TERM, 143), (Signal::INT, 130)] {
        let scratch = Scratch::new();
        let mut command = scratch.quell(&["demo"]);
        command.env("TMPDIR", scratch.path("cache"));
        let console = Pty::start(&command, 80, 24);
        console.shows("? keys");
        console.signal(signal);
        assert_eq!(console.wait().code, code);
        is_empty(&scratch);
    }
}
