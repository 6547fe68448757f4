//! A command that goes on printing, and the lines it has printed so far.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, prlimit};

use super::eventually;

/// A command that goes on printing. Ends when dropped.
pub struct Printing {
    process: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Printing {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (lines, stdout) = (Arc::default(), process.stdout.take().unwrap());
        let into: Arc<Mutex<Vec<String>>> = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
                into.lock().unwrap().push(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Self { process, lines }
    }

    /// Starts it with an output that nobody reads beyond the first line.
    pub fn read_once(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut first = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut first).unwrap();
        Self { process, lines: Arc::new(Mutex::new(vec![first])) }
    }

    /// Starts it with this output, of which nothing is read here.
    pub fn onto(mut command: Command, output: impl Into<Stdio>) -> Self {
        command.stdin(Stdio::null()).stdout(output).stderr(Stdio::piped());
        Self { process: command.spawn().unwrap(), lines: Arc::default() }
    }

    /// Starts it with an output of which nothing is read; that end of it.
    pub fn unread(mut command: Command) -> (Self, ChildStdout) {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let stdout = process.stdout.take().unwrap();
        (Self { process, lines: Arc::default() }, stdout)
    }

    /// Gives it no more files than it has, or as many as this process may have.
    pub fn allows_files(&self, many: bool) {
        let limit = getrlimit(Resource::Nofile);
        let limit = Rlimit { current: if many { limit.current } else { Some(3) }, ..limit };
        prlimit(Some(Pid::from_child(&self.process)), Resource::Nofile, limit).unwrap();
    }

    /// Waits for a line with this in it, and returns it.
    pub fn says(&self, text: &str) -> String {
        eventually(&format!("{text:?} among {:?}", self.lines()), || {
            self.lines().into_iter().find(|line| line.contains(text))
        })
    }

    /// What was printed so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> &Self {
        rustix::process::kill_process(Pid::from_child(&self.process), signal).unwrap();
        self
    }

    /// Waits for its end: its exit code, and what it complained of.
    pub fn finish(mut self) -> (Option<i32>, String) {
        let status = eventually("the command to end", || self.process.try_wait().unwrap());
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status.code(), said)
    }
}

impl Drop for Printing {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _gone = self.process.kill();
        }
    }
}
