//! What makes a screen stand still while quell goes on behind it: nobody can be told of that on the screen itself.

use super::{Surroundings, Tmux};

/// Holds wherever quell runs.
const ANYWHERE: &str = "scrolling back, or text selected in some terminals, shows an old screen; ctrl-s does not. \
                        The clock on the first line stands still then";
const TMUX: &str = "the copy mode of tmux shows an old screen until q is pressed there";
const SCREEN: &str = "the copy mode of GNU screen shows an old screen until esc is pressed there";
const SSH: &str = "ssh does not say that it hears nothing any more: set ServerAliveInterval 5 and \
                   ServerAliveCountMax 3 for it, or use mosh, which says when it last heard";
const MOSH: &str = "mosh says when it last heard in a line of its own, over the first of quell's";

impl Surroundings {
    /// Which of that there is around here, and, where that can be seen, whether it is so right now.
    pub async fn freezes(&self) -> Vec<Result<String, String>> {
        let held = if self.tmux.is_some() { Tmux::held().await } else { Vec::new() };
        let held = held.iter().map(|pane| {
            Err(format!(
                "quell in pane {pane} of tmux shows an old screen: it is in copy mode; press q there"
            ))
        });
        self.can_freeze().into_iter().map(|said| Ok(said.to_owned())).chain(held).collect()
    }

    fn can_freeze(&self) -> Vec<&'static str> {
        let mosh = self.mosh || self.tmux.as_ref().is_some_and(|tmux| tmux.mosh);
        let ssh = self.is_elsewhere() && !mosh;
        let around =
            [(self.tmux.is_some(), TMUX), (self.screen, SCREEN), (ssh, SSH), (mosh, MOSH), (true, ANYWHERE)];
        around.into_iter().filter_map(|(is_there, said)| is_there.then_some(said)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_freeze_is_said_where_it_is_around() {
        let plain = Surroundings::default();
        assert_eq!(plain.can_freeze(), [ANYWHERE]);
        let ssh = Surroundings { ssh: true, ..Surroundings::default() };
        assert_eq!(ssh.can_freeze(), [SSH, ANYWHERE]);
        let mosh = Surroundings { mosh: true, ..ssh.clone() };
        assert_eq!(mosh.can_freeze(), [MOSH, ANYWHERE]);
        let tmux =
            Surroundings { tmux: Some(Tmux { ssh: true, ..Tmux::default() }), ..Surroundings::default() };
        assert_eq!(tmux.can_freeze(), [TMUX, SSH, ANYWHERE]);
        let screen = Surroundings { screen: true, ..Surroundings::default() };
        assert_eq!(screen.can_freeze(), [SCREEN, ANYWHERE]);
    }
}
