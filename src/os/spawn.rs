//! The only place where tasks and threads start, so that one that panics is known by name.

use std::cell::RefCell;
use std::panic::resume_unwind;

use tokio::runtime::{Builder, Handle};

thread_local! {
    /// Where tasks run that this thread starts, if not where it is itself.
    static WORKERS: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// Runs a loop on this thread, which waits by itself for its timers and whatever it reads and writes: no other thread has to be
/// woken to hear of them. What it starts runs on the workers of the runtime this is called in.
///
/// # Errors
/// The machine has no room for what waits.
pub fn apart<T>(body: impl Future<Output = T>) -> std::io::Result<T> {
    let workers = Handle::current();
    tokio::task::block_in_place(|| {
        let own = Builder::new_current_thread().enable_all().build()?;
        WORKERS.set(Some(workers));
        let ended = own.block_on(body);
        WORKERS.set(None);
        // A thread that hangs in a system call must not keep the program.
        own.shutdown_background();
        Ok(ended)
    })
}

fn workers() -> Handle {
    WORKERS.with_borrow(Clone::clone).unwrap_or_else(Handle::current)
}

/// Starts a task.
pub fn task<F>(name: &'static str, future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    workers().spawn(async move {
        super::crash::task(name);
        future.await
    })
}

/// Starts a named thread.
///
/// # Errors
/// The machine has no room for another thread.
pub fn thread<T: Send + 'static>(
    name: &'static str,
    body: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<std::thread::JoinHandle<T>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        super::crash::task(name);
        body()
    })
}

/// Whether the machine lets this program have so many threads more: whoever begins with too few stops half way.
///
/// # Errors
/// Why it does not.
pub fn room_for(threads: usize) -> std::io::Result<()> {
    let (mut started, mut refused) = (Vec::new(), Ok(()));
    for _ in 0..threads {
        // Each is there until its end of the channel is dropped.
        let (leave, stay) = std::sync::mpsc::channel::<()>();
        match std::thread::Builder::new().spawn(move || stay.recv().unwrap_or_default()) {
            Ok(thread) => started.push((leave, thread)),
            Err(error) => refused = Err(error),
        }
    }
    let (leave, threads): (Vec<_>, Vec<_>) = started.into_iter().unzip();
    drop(leave);
    threads.into_iter().for_each(|thread| drop(thread.join()));
    refused
}

/// Runs what waits for a disk, where it holds up no task.
pub async fn blocking<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> T {
    match workers().spawn_blocking(body).await {
        Ok(done) => done,
        Err(error) => resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_loop_apart_has_its_thread_to_itself_and_its_tasks_run_elsewhere() {
        let here = std::thread::current().id();
        let ended = apart(async {
            let (into, told) = tokio::sync::oneshot::channel();
            drop(task("apart", async move { into.send(std::thread::current().id()) }));
            let task = told.await.unwrap();
            let blocking = blocking(|| std::thread::current().id()).await;
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            assert_eq!(std::thread::current().id(), here);
            task != here && blocking != here
        });
        assert!(ended.unwrap());
        assert!(task("after", async {}).await.is_ok());
    }
}
