//! An account takeover, from its first alert to the published post-mortem, with the keyboard only.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::{Outside, clock, to_type};
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::until_shown;

/// Somebody who knows the keys, and looks before each of them.
struct Responder(Pty);

impl Responder {
    /// Presses keys once the screen shows what they are for.
    fn when(&self, shown: &str, keys: &str) -> &Self {
        self.0.shows(shown);
        self.0.keys(keys);
        self
    }

    /// Waits for what takes its time: as long as the screen's clock still moves, two minutes at most.
    fn patiently(&self, wanted: &str) {
        for _ in 0..120 {
            let before = self.0.screen();
            let moved = |screen: &str| screen.contains(wanted) || clock(screen) != clock(&before);
            if self.0.until(moved, wanted).contains(wanted) {
                return;
            }
        }
        panic!("two minutes and still no {wanted}:\n{}", self.0.screen());
    }

    /// Presses a key each time the screen's clock moves, until it shows what is wanted: a confirmation takes its time.
    fn insist(&self, key: &str, wanted: &str) -> String {
        for _ in 0..12 {
            let clocks = RefCell::new(BTreeSet::from([clock(&self.0.screen()).map(str::to_owned)]));
            self.0.keys(key);
            // A key that comes again within a second may be held down.
            let moved = |screen: &str| {
                clocks.borrow_mut().insert(clock(screen).map(str::to_owned));
                screen.contains(wanted) || clocks.borrow().len() > 2
            };
            let screen = self.0.until(moved, wanted);
            if screen.contains(wanted) {
                return screen;
            }
        }
        panic!("pressed {key} and still no {wanted}:\n{}", self.0.screen());
    }
}

#[test]
fn an_account_takeover_is_played_to_its_published_post_mortem_with_the_keyboard_only() {
    let scratch = Scratch::new();
    let mut command = scratch.quell(&["demo", "--seed", "1", "--keep"]);
    command.env("TMPDIR", scratch.path("cache"));
    let console = Responder(Pty::start(&command, 80, 24));

    // Identify: one key each, with what the screen offers.
    console.when("Credential stuffing", "/ \"Credential\" enter").when("1 shown", "");
    console.insist("a", "Held by");
    console.when("Held by", "S enter").when("critical: confirmed", "C enter");
    console.when("unauthorized-access: confirmed", "I \"1\" enter enter").when("written down", "L enter");
    // Contain: typed, confirmed, proved.
    console.when("you are lead", "c enter").when("Freeze account", "enter").when("4 to 12 digits", "enter");
    let target = to_type(&console.0.until(|screen| to_type(screen).is_some(), "what to type")).unwrap();
    // Keys that came before the question could be read are dropped.
    let again = format!("{} \"{target}\" pgdn pgdn", "backspace ".repeat(2 * target.len()));
    let typed = format!("> {target}");
    until_shown(&console.0, &again, |screen| screen.lines().any(|line| line.trim() == typed));
    console.insist("enter", "confirmed; see its row");
    console.0.shows("contained (verified");
    // The users hear of it, in words that the lint lets pass, with their own code.
    console.when("contained (verified", "b j enter").when("What is affected", "\"account log-in\" tab");
    console.when("the lint finds nothing", "ctrl-s").when("ress Enter to publish", "G");
    console.insist("enter", "bulletin on its way");
    // Mitigate and recover: what is missing is filled in from there, once the ledger has it that it is there.
    console.when("bulletin on its way", "P enter").when("▶Mitigate", "P enter");
    console.when("what was done", "enter \"froze the account, sessions ended\" enter");
    console.when("Enter will move it to Recover", "enter").when("▶Recover", "P enter");
    console.when("undo it, or keep it", "enter").when("keep it in force", "j enter");
    console.when("force", "\"until the owner has a new password\" enter");
    // Its signals go away, and stay away for long enough: then the users hear that it is over.
    let kept = |screen: &str| screen.lines().any(|it| it.starts_with(" ✓ ") && it.contains("stays in force"));
    console.0.until(kept, "that it is kept");
    console.when("that it is over", "enter").when("nobody is told", "");
    console.patiently("✓ healthy");
    console.when("✓ healthy", "enter").when("[resolved]", "");
    console.when("the lint finds nothing", "ctrl-s").when("ress Enter to publish", "G");
    console.insist("enter", "bulletin on its way");
    console.when("nobody waits for one", "");
    console.when("Enter will resolve it", "enter");
    // Review: why, what is done about it, and the page that is already written.
    console.when("in Review", "enter").when("r root cause", "r");
    console.when("begins a new line", "\"the password was reused elsewhere\" ctrl-s");
    console.when("the root cause is written down", "i");
    console.when(
        "enter goes on",
        "\"ask for a second factor\" tab \"bo\" tab \"14d\" tab \"none without it\" ctrl-s",
    );
    console.when("item 1 for bo", "p").when("Post-mortem of", "");
    console.when("a draft: p publishes it", "");
    // Not while something is written down about it that was not read yet.
    console.insist("p", "ress Enter to publish it");
    console.insist("enter", "published");

    let exchange = Outside::of(&scratch);
    assert_eq!(exchange.state(&target), "frozen", "it was kept in force");
    let letters = exchange.get("/sink/chat/mail%20all-users@exchange.example")["messages"].clone();
    let letters: Vec<&str> =
        letters.as_array().unwrap().iter().filter_map(|it| it["body"]["text"].as_str()).collect();
    assert_eq!(letters.len(), 2, "{letters:?}");
    assert!(letters.iter().all(|letter| letter.contains("Your own anti-phishing code: quiet-otter-41")));
    let reviews = exchange.folder.join("reviews");
    let mut written = std::fs::read_dir(&reviews).unwrap().map(|entry| entry.unwrap().path());
    let page = written.find(|path| path.extension().is_some_and(|end| end == "md")).unwrap();
    let page = std::fs::read_to_string(page).unwrap();
    let says =
        ["froze the account, sessions ended", "the password was reused elsewhere", "ask for a second factor"];
    for part in says.into_iter().chain(["until the owner has a new password", "users", "resolved"]) {
        assert!(page.contains(part), "{part} is missing:\n{page}");
    }
    for unfinished in ["not written yet", "TODO", "{{"] {
        assert!(!page.contains(unfinished), "{unfinished} stands in:\n{page}");
    }
}
