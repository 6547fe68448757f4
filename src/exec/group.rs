//! A program and all that it started: its process group, and at its deadline also who left that.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::kin::Kin;

/// Between asking a group to end and ending it.
const GRACE: Duration = Duration::from_secs(2);
/// How long the kernel may take to end what it was told to.
const KILLED_WITHIN: Duration = Duration::from_secs(1);
/// Between two looks at whether anybody is left.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A process group. It is killed when this is dropped: what nobody waits for any more does not go on.
pub(super) struct Group {
    leader: Option<Pid>,
    kin: Kin,
}

impl Group {
    /// The group of a program that was made its leader, before its output is taken.
    pub(super) fn led_by(child: &Child) -> Self {
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Self { leader, kin: Kin::of(child) }
    }

    /// Asks everybody to end, also who left the group, waits a little, and ends whoever is left.
    pub(super) async fn end(&mut self, child: &mut Child) {
        // Who descends from whom is only known while those between them live.
        self.kin.ask();
        self.signal(Signal::TERM);
        let ended = async {
            child.wait().await.ok();
            while self.lives() || self.kin.live() {
                sleep(LOOK_EVERY).await;
            }
        };
        if timeout(GRACE, ended).await.is_err() {
            self.kin.kill();
            self.kill();
            timeout(KILLED_WITHIN, child.wait()).await.ok();
        }
    }

    /// Ends whoever is left.
    pub(super) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn lives(&self) -> bool {
        self.leader.is_some_and(|group| test_kill_process_group(group).is_ok())
    }

    fn signal(&self, signal: Signal) {
        // An empty group is what is wanted.
        self.leader.map(|group| kill_process_group(group, signal).ok());
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
