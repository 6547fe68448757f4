//! The same in the real program: line 2 of its screen while one after the other fails.

use regex::Regex;

use crate::support::everything::Everything;
use crate::support::faultd::Reply;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::until_shown;

/// Line 2 says this, and the screen calls nothing clear.
fn says(console: &Pty, said: &str) {
    let said = Regex::new(said).unwrap();
    let line = |screen: &str| screen.lines().nth(1).unwrap_or_default().to_owned();
    // Who was refused is asked seldom, unless somebody wants to know.
    until_shown(console, "R", |screen| said.is_match(&line(screen)));
    let screen = console.screen();
    assert!(!(said.is_match(&line(&screen)) && screen.contains("All clear")), "{screen}");
}

fn is_well(console: &Pty) {
    let live = Regex::new(r"● am \S+ +● prom \S+ +● pd \S+ +● desk \S+").unwrap();
    until_shown(console, "R", |screen| live.is_match(screen.lines().nth(1).unwrap_or_default()));
}

#[test]
fn line_two_of_the_real_program_tells_the_truth() {
    let Some(mut everything) = Everything::start() else { return };
    let machine = Scratch::with_config(&format!("operator = \"ana\"\n{}", everything.tables()));
    let console = machine.console(&[], 160, 30);
    is_well(&console);
    everything.places[0].stop();
    says(&console, r"✗ am DOWN \S+.*● prom \S+.*● pd ");
    everything.places[0].mends();
    is_well(&console);
    everything.places[1].says(Reply::body(200, "text/html", "<html>log in</html>"));
    says(&console, r"● am \S+.*✗ prom DOWN \S+.*● pd ");
    everything.places[1].mends();
    is_well(&console);
    everything.places[2].says(Reply::status(401));
    says(&console, r"● am \S+.*● prom \S+.*✗ pd AUTH ");
    everything.places[2].mends();
    is_well(&console);
    everything.places[3].says(Reply::status(503));
    says(&console, r"● am \S+.*● prom \S+.*● pd \S+.*✗ desk DOWN ");
    everything.places[3].mends();
    is_well(&console);
    everything.web.on("GET /health", [Reply::status(503)]);
    // Nobody says that the job lives.
    says(&console, r"◍ monitors 4/6 up");
}
