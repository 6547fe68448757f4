//! The terminal as this program reads and writes it: opened anew, so that neither ever waits.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::termios::tcgetpgrp;

use super::fault;
use crate::domain::fault::Fault;

/// A terminal, or a side of it.
pub struct Terminal {
    file: OwnedFd,
    /// It could not be opened anew: what is asked of it may wait, unless that is looked at before.
    waits: bool,
}

impl Terminal {
    /// The terminal behind standard input or output. That it never waits is a property of what was opened, which shells share with
    /// everything they start: so it is opened once more, and where that is not permitted (a user changed by `su -c`, which
    /// takes its controlling terminal away) read as soon as there is something, and written byte by byte.
    ///
    /// # Errors
    /// The machine has no room for a file.
    pub fn behind(given: BorrowedFd<'_>, access: OFlags) -> Result<Self, Fault> {
        let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let by_number = format!("/proc/self/fd/{}", given.as_raw_fd());
        // Whoever became another user may not open it by its own name, but as the one that controls them.
        let controls = !matches!(tcgetpgrp(given), Err(Errno::NOTTY));
        let found = [Some(by_number.as_str()), controls.then_some("/dev/tty")];
        let anew = found.into_iter().flatten().find_map(|name| open(name, flags, Mode::empty()).ok());
        if let Some(file) = anew {
            return Ok(Self { file, waits: false });
        }
        let file = fcntl_dupfd_cloexec(given, 3)
            .map_err(|error| fault("the terminal cannot be opened", &std::io::Error::from(error)))?;
        Ok(Self { file, waits: true })
    }

    /// What never waits although it is no terminal.
    #[cfg(test)]
    pub fn over(file: OwnedFd, waits: bool) -> Self {
        Self { file, waits }
    }

    /// Takes what there is; [`Errno::AGAIN`] while there is nothing.
    pub fn read(&self, bytes: &mut [u8]) -> Result<usize, Errno> {
        self.ready(PollFlags::IN)?;
        rustix::io::read(&self.file, bytes)
    }

    /// Writes as much as is taken now; [`Errno::AGAIN`] while that is nothing.
    pub fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        self.ready(PollFlags::OUT)?;
        // It says that it takes something, and not how much.
        let taken = if self.waits { bytes.get(..1).unwrap_or_default() } else { bytes };
        rustix::io::write(&self.file, taken)
    }

    /// Looks first, where it would wait.
    fn ready(&self, wanted: PollFlags) -> Result<(), Errno> {
        if !self.waits {
            return Ok(());
        }
        let mut ready = [PollFd::new(&self.file, wanted)];
        match poll(&mut ready, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))? {
            0 => Err(Errno::AGAIN),
            _ => Ok(()),
        }
    }
}

impl AsFd for Terminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl AsRawFd for Terminal {
    fn as_raw_fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }
}
