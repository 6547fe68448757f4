//! The only place where tasks and threads start, so that one that panics is noticed.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use tokio::runtime::{Builder, Handle};

/// What is told of a panic: the name of the task or thread, and the panic's message.
type Hook = Arc<dyn Fn(&'static str, &str) + Send + Sync>;

static HOOK: Mutex<Option<Hook>> = Mutex::new(None);

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

/// Sets what happens when a task or thread panics; replaces the earlier choice. The runtime ends the program here:
/// a console that lost a task must not look alive.
pub fn on_panic(hook: impl Fn(&'static str, &str) + Send + Sync + 'static) {
    *HOOK.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(hook));
}

/// Starts a task. Its handle reports a panic as tokio does.
pub fn task<F>(name: &'static str, future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    workers().spawn(async move {
        let body = async {
            super::crash::task(name);
            future.await
        };
        let ended = AssertUnwindSafe(body).catch_unwind().await;
        ended.unwrap_or_else(|panic| report(name, panic))
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
    let body = move || {
        super::crash::task(name);
        body()
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| report(name, panic)))
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
    let body = move || catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| report("blocking", panic));
    match workers().spawn_blocking(body).await {
        Ok(done) => done,
        Err(error) => resume_unwind(error.into_panic()),
    }
}

fn report(name: &'static str, panic: Box<dyn Any + Send>) -> ! {
    let hook = HOOK.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(hook) = hook {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        hook(name, text.unwrap_or("no message"));
    }
    resume_unwind(panic)
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

    #[tokio::test]
    async fn a_panic_is_reported_once_and_ends_only_its_task() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let into = seen.clone();
        on_panic(move |name, text| into.lock().unwrap().push((name, text.to_owned())));
        assert!(task("poller", async { panic!("lost {}", 1) }).await.is_err());
        assert!(thread("input", || panic!("gone")).unwrap().join().is_err());
        assert_eq!(task("fine", async { 7 }).await.unwrap(), 7);
        let seen = seen.lock().unwrap();
        for panic in [("poller", "lost 1"), ("input", "gone")] {
            assert_eq!(seen.iter().filter(|(name, text)| (*name, text.as_str()) == panic).count(), 1);
        }
    }
}
