//! Prints on a thread of its own: whoever does not read holds up the lines, and nothing else.

use std::io::{self, Write};

use tokio::sync::{mpsc, oneshot};

use crate::os::spawn;

/// What is to be printed, and who hears what came of it.
type Page = (String, oneshot::Sender<io::Result<()>>);

/// A printer. Its thread ends with it, or with the process where nobody reads.
pub(super) struct Printer(mpsc::Sender<Page>);

impl Printer {
    /// One that prints there.
    ///
    /// # Errors
    /// The machine has no room for another thread.
    pub(super) fn start(mut to: impl Write + Send + 'static) -> io::Result<Self> {
        let (pages, mut waiting) = mpsc::channel::<Page>(1);
        spawn::thread("printer", move || {
            while let Some((text, printed)) = waiting.blocking_recv() {
                printed.send(to.write_all(text.as_bytes()).and_then(|()| to.flush())).ok();
            }
        })?;
        Ok(Self(pages))
    }

    /// Prints this, and waits until it was taken.
    ///
    /// # Errors
    /// Nobody reads it any more, or there is no room for it.
    pub(super) async fn print(&self, text: String) -> io::Result<()> {
        let (printed, taken) = oneshot::channel();
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.send((text, printed)).await.map_err(|_| gone())?;
        taken.await.unwrap_or_else(|_| Err(gone()))
    }
}
