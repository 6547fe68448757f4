//! A program and all that it started: its process group, and at its deadline also who left that.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::kin::Kin;
use crate::os::spawn;

/// Between asking a group to end and ending it.
const GRACE: Duration = Duration::from_secs(2);
/// How long the kernel may take to end what it was told to.
const KILLED_WITHIN: Duration = Duration::from_secs(1);
/// Between two looks at whether anybody is left; each is one at every process of the machine.
const LOOK_EVERY: Duration = Duration::from_millis(200);

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

    /// Asks everybody to end, also who left the group, waits a little, and ends whoever is left. Who is older than the
    /// program and prints where it does is left alone, and named.
    pub(super) async fn end(&mut self, child: &mut Child) -> Vec<String> {
        let older = self.look(Kin::older).await;
        // Who descends from whom is only known while those between them live.
        self.look(Kin::ask).await;
        self.signal(Signal::TERM);
        let ended = async {
            child.wait().await.ok();
            while self.lives() || self.look(Kin::live).await {
                sleep(LOOK_EVERY).await;
            }
        };
        if timeout(GRACE, ended).await.is_err() {
            self.look(Kin::kill).await;
            self.kill();
            timeout(KILLED_WITHIN, child.wait()).await.ok();
        }
        older
    }

    /// Looks at who there is where that holds up no task: a machine may have thousands of processes.
    async fn look<T: Send + 'static>(&mut self, at: fn(&mut Kin) -> T) -> T {
        let mut kin = self.kin.clone();
        let (kin, seen) = spawn::blocking(move || {
            let seen = at(&mut kin);
            (kin, seen)
        })
        .await;
        self.kin = kin;
        seen
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
