//! A console that is stopped, by its key or by a signal: whoever has the terminal gives it back first, and the lease is free
//! meanwhile.

use super::{Ended, Next, Running};
use crate::console::message::Message;
use crate::os::ancestors::somebody_continues;

impl Running {
    /// Stops the process as its shell asked, and goes on when the shell lets it; nothing happens where none could.
    pub(super) async fn suspend(&mut self) {
        if !somebody_continues() {
            self.take(Message::NotSuspended);
            return;
        }
        if let Some(engine) = &self.engine {
            engine.release().await;
        }
        match &mut self.editing {
            Some(editing) => editing.stop().await,
            None => self.screen.leave().await,
        }
        self.signals.stop().await;
        self.resume();
    }

    /// Takes the terminal over again after the process was stopped, or gives it to the editor again; what was typed
    /// meanwhile does not count.
    pub(super) fn resume(&mut self) {
        match &self.editing {
            Some(editing) => editing.go_on(),
            None => {
                if self.screen.enter_again().is_err() {
                    // A hang-up continues whoever it finds.
                    self.next = Some(Next::Leave(Ended::HungUp));
                    return;
                }
                self.screen.retitle(&self.model.title);
                self.keyboard.take_back();
            }
        }
        if let Some(engine) = &self.engine {
            engine.resume();
        }
        self.resize();
        self.take(Message::Resumed);
    }
}
