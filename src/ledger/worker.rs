//! A thread that owns a connection and runs what is sent to it.

use std::sync::mpsc;

use rusqlite::Connection;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A thread that owns a connection; it ends when the last clone is dropped.
#[derive(Clone)]
pub(super) struct Worker(mpsc::Sender<Job>);

impl Worker {
    pub(super) fn start(name: &str, mut connection: Connection) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let run = move || queue.into_iter().for_each(|job| job(&mut connection));
        // Without a thread every later job answers "no longer open".
        drop(std::thread::Builder::new().name(name.to_owned()).spawn(run));
        Self(jobs)
    }

    /// Runs a job there; `None` when the thread is gone.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.send(move |connection| drop(reply.send(job(connection))));
        answer.await.ok()
    }

    /// Runs a job there that nobody waits for.
    pub(super) fn send(&self, job: impl FnOnce(&mut Connection) + Send + 'static) {
        // A dead thread drops the job, and with it whatever it would answer by.
        drop(self.0.send(Box::new(job)));
    }
}
