//! Inside a real tmux: who leaves it and comes back from another terminal finds the newest frame.

use crate::pty::screen::scratch_modes;
use crate::support::eventually;
use crate::support::real::Tmux;
use crate::support::venue::{Venue, critical, leave};
use crate::support::vt;

#[test]
fn who_detaches_and_attaches_from_a_smaller_terminal_sees_what_has_happened_meanwhile() {
    let before = scratch_modes();
    let venue = Venue::start();
    let scratch = venue.scratch();
    let Some(tmux) = Tmux::start(&scratch.quell(&[]), false, 120, 40) else { return };
    tmux.outer.until(|screen| screen.contains("● venue") && screen.contains("? keys"), "a fresh source");

    tmux.tell(&["detach-client"]).ok();
    assert_eq!(tmux.outer.finish().0.code, 0);
    assert_eq!(tmux.outer.modes(), before, "what tmux leaves is as it was");
    // Nobody looks; it goes on.
    venue.fire(&[critical("GatewayDown")]);
    let told = || tmux.tell(&["capture-pane", "-p"]).stdout.contains("CRIT 1").then_some(());
    eventually("a frame that nobody sees", told);

    let again = tmux.attach("xterm", 80, 24);
    // tmux shows what it has, and then what is drawn anew for the smaller screen.
    let all = ["CRIT 1 · 1 UNACKED", "GatewayDown is burning", "? keys"];
    let screen = again.until(|screen| all.iter().all(|it| screen.contains(it)), "all that has happened");
    assert!(
        screen.lines().count() <= 24 && screen.lines().all(|line| line.chars().count() <= 80),
        "{screen}"
    );
    again.keys("?").shows("Respond to the selected incident");
    // The incident is also seen above the keys: only their absence says that the next key comes by itself.
    again.keys("esc").until(|screen| !screen.contains("Respond to the selected"), "the keys gone");

    // Quell leaves, and with its only program tmux.
    leave(&again);
    assert_eq!(again.finish().0.code, 0);
    assert_eq!(again.modes(), before);
    assert!(vt::is_whole(&again.bytes()));
}
