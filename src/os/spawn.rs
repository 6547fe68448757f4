//! The only place where tasks and threads start, so that one that panics is known by name.

use std::panic::resume_unwind;

/// Starts a task on the current runtime.
#[expect(clippy::disallowed_methods, reason = "this is the place that starts tasks")]
pub fn task<F>(name: &'static str, future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(async move {
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
    match tokio::task::spawn_blocking(body).await {
        Ok(done) => done,
        Err(error) => resume_unwind(error.into_panic()),
    }
}
