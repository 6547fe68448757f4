//! A panic anywhere ends the program: the terminal is given back, a crash file is written, one safe line is said.

use std::backtrace::Backtrace;
use std::fs::OpenOptions;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::mode;
use crate::domain::text::Outside;
use crate::domain::version::VERSION;
use crate::os::{clock, files, spawn};

/// The exit code of a bug.
const BUG: i32 = 70;
/// Characters of a panic's text that are shown.
const SHOWN: usize = 200;
/// The program ends after this even if the crash file or the terminal do not come back.
const AT_MOST: Duration = Duration::from_millis(900);

/// Makes every panic the end of the program; `folder` is where crash files go.
pub fn ends_the_program(folder: PathBuf) {
    let begun = AtomicBool::new(false);
    std::panic::set_hook(Box::new(move |panic| {
        if !begun.swap(true, Ordering::SeqCst) {
            end(panic, &folder);
        }
        // A second panic, of whatever thread, waits for the end the first one brings.
        std::thread::park_timeout(AT_MOST);
        leave();
    }));
}

fn end(panic: &PanicHookInfo<'_>, folder: &Path) -> ! {
    drop(spawn::thread("last resort", || {
        std::thread::park_timeout(AT_MOST);
        leave();
    }));
    mode::abandon();
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let told = told(text, thread.name().unwrap_or("unnamed"), &place);
    let file =
        folder.join(format!("crash-{}-{}.txt", clock::now().format("%Y%m%dT%H%M%SZ"), std::process::id()));
    let kept = files::write_private(&file, format!("quell {VERSION} {told}\n").as_bytes());
    let where_to = match &kept {
        Ok(()) => format!("; see {}", Outside::new(file.to_string_lossy()).safe()),
        Err(_) => String::new(),
    };
    complain(&format!("quell stopped because of a bug: {told}{where_to}\n"));
    if kept.is_ok()
        && let Ok(mut file) = OpenOptions::new().append(true).open(&file)
    {
        // Last, because finding the names can take long.
        drop(write!(file, "{}", Backtrace::force_capture()));
    }
    leave()
}

/// What is said of a panic: one line without anything a terminal would act on.
fn told(text: &str, thread: &str, place: &str) -> String {
    let text: String = Outside::new(text).safe().chars().take(SHOWN).collect();
    format!("{text} ({}, {})", Outside::new(thread).safe(), Outside::new(place).safe())
}

/// Writes to standard error past every buffer; `eprintln` would panic on a terminal that is gone.
fn complain(line: &str) {
    rustix::io::write(rustix::stdio::stderr(), line.as_bytes()).ok();
}

#[expect(clippy::exit, reason = "a console that lost a thread must not look alive")]
fn leave() -> ! {
    std::process::exit(BUG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_panic_is_safe_and_short() {
        let hostile = format!("boom \x1b]0;x\x07 {}", "é日".repeat(500));
        let told = told(&hostile, "poller", "src/x.rs:1:2");
        assert!(!told.chars().any(char::is_control), "{told}");
        assert!(told.starts_with("boom "));
        assert!(told.chars().count() < SHOWN + 40);
        assert!(told.ends_with("(poller, src/x.rs:1:2)"));
    }
}
