//! Drives a real program in a real pseudo-terminal, and watches its screen.

mod terminal;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal};
use rustix::termios::{OptionalActions, SpecialCodeIndex};

use super::{BOUND, keys, vt};
use terminal::{Shared, State, Terminal};

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code; 1 when a signal ended it.
    pub code: u32,
    /// The signal that ended it, in the system's words ("Hangup").
    pub signal: Option<String>,
}

/// What `stty -a` would show, to compare before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modes(BTreeMap<&'static str, String>);

/// A program in a pseudo-terminal.
pub struct Pty {
    shared: Arc<Shared>,
    master: Option<Box<dyn MasterPty + Send>>,
    tty: PathBuf,
    pid: Pid,
}

impl Pty {
    /// Starts a program. It gets `PATH`, `LANG` and `TERM`, and whatever else the command itself sets.
    pub fn start(command: &Command, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = portable_pty::native_pty_system().openpty(size).unwrap();
        let tty = pair.master.tty_name().expect("a pseudo-terminal has a name");
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let mut child = pair.slave.spawn_command(described(command)).unwrap();
        // Only the program may hold the other side: its end must end our reading.
        drop(pair.slave);
        let pid = Pid::from_raw(child.process_id().unwrap().cast_signed()).unwrap();
        let (tall, wide) = (cells(rows), cells(columns));
        let state = State {
            screen: vt100::Parser::new_with_callbacks(tall, wide, 0, Terminal::default()),
            bytes: Vec::new(),
            writer: Some(writer),
            unsent: Vec::new(),
            paused: false,
            hanging_up: false,
            reader_done: false,
            exit: None,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let reading = Arc::clone(&shared);
        std::thread::spawn(move || reading.read(&mut *reader));
        let waiting = Arc::clone(&shared);
        std::thread::spawn(move || {
            let status = child.wait().unwrap();
            let exit = Exit { code: status.exit_code(), signal: status.signal().map(str::to_owned) };
            waiting.change(|state| state.exit = Some(exit));
        });
        Self { shared, master: Some(pair.master), tty, pid }
    }

    /// Presses keys, in the product's notation: `j ctrl-d enter "typed text"`.
    pub fn keys(&self, notation: &str) -> &Self {
        for press in keys::parse(notation) {
            self.send(&press.bytes);
            if press.lone_escape {
                self.until_read();
            }
        }
        self
    }

    /// Sends raw bytes, as a terminal or a paste would.
    pub fn send(&self, bytes: &[u8]) -> &Self {
        let mut writer = self.shared.lock().writer.take().expect("the terminal is still there");
        // Not under the lock: a program that does not read would stop our reader as well.
        let written = writer.write_all(bytes).and_then(|()| writer.flush());
        let mut state = self.shared.lock();
        state.writer = Some(writer);
        state.answer();
        drop(state);
        written.unwrap();
        self
    }

    /// Somebody else writes to the terminal: a broadcast, the kernel, a job in the background.
    pub fn scribble(&self, bytes: &[u8]) -> &Self {
        let tty = rustix::fs::open(&self.tty, OFlags::WRONLY | OFlags::NOCTTY, Mode::empty()).unwrap();
        File::from(tty).write_all(bytes).unwrap();
        self
    }

    /// Waits until the screen is as asked, and returns it. Panics with the screen after [`BOUND`].
    pub fn until(&self, shows: impl Fn(&str) -> bool, what: &str) -> String {
        self.wait_until(what, BOUND, |state| {
            let text = state.screen.screen().contents();
            shows(&text).then_some(text)
        })
    }

    /// Waits until the screen contains this text.
    pub fn shows(&self, text: &str) -> String {
        self.until(|screen| screen.contains(text), text)
    }

    /// Waits until the bell rang.
    pub fn rings(&self) {
        self.wait_until("the bell", BOUND, |state| (state.screen.callbacks().bells > 0).then_some(()));
    }

    /// Waits until what was received so far is as asked, and ends with a whole sequence.
    pub fn until_bytes(&self, found: impl Fn(&[u8]) -> bool, what: &str) -> Vec<u8> {
        let whole = |bytes: &[u8]| found(bytes) && vt::is_whole(bytes);
        self.wait_until(what, BOUND, |state| whole(&state.bytes).then(|| state.bytes.clone()))
    }

    /// Everything received so far, once it ends with a whole sequence: what to judge a running program by.
    pub fn whole_bytes(&self) -> Vec<u8> {
        self.until_bytes(|_| true, "the rest of a sequence")
    }

    /// The screen's text.
    pub fn screen(&self) -> String {
        self.shared.lock().screen.screen().contents()
    }

    /// Everything received so far; its last sequence may still be on its way.
    pub fn bytes(&self) -> Vec<u8> {
        self.shared.lock().bytes.clone()
    }

    /// How often the bell rang.
    pub fn bells(&self) -> usize {
        self.shared.lock().screen.callbacks().bells
    }

    /// The window's title.
    pub fn title(&self) -> String {
        self.shared.lock().screen.callbacks().title.clone()
    }

    /// Whether the program is on the alternate screen.
    pub fn on_alternate_screen(&self) -> bool {
        self.shared.lock().screen.screen().alternate_screen()
    }

    /// Resizes the terminal; the program gets SIGWINCH.
    pub fn resize(&self, columns: u16, rows: u16) -> &Self {
        self.shared.change(|state| state.screen.set_size(cells(rows), cells(columns)));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().expect("the terminal is still there").resize(size).unwrap();
        self
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) -> &Self {
        rustix::process::kill_process(self.pid, signal).unwrap();
        self
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_pid().cast_unsigned()
    }

    /// The processor time it has used so far, to see that it does not spin.
    pub fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        // Fields 14 and 15, counted behind the name, which may hold anything; in ticks of 10 ms.
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let ticks = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().unwrap());
        Duration::from_millis(ticks.sum::<u64>() * 10)
    }

    /// The bytes of memory it has in use.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        resident.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The terminal's modes now; they outlive the program.
    pub fn modes(&self) -> Modes {
        let modes = rustix::termios::tcgetattr(self.open_tty()).unwrap();
        let text = [
            ("input", format!("{:?}", modes.input_modes)),
            ("output", format!("{:?}", modes.output_modes)),
            ("control", format!("{:?}", modes.control_modes)),
            ("local", format!("{:?}", modes.local_modes)),
            ("special", format!("{:?}", modes.special_codes)),
        ];
        Modes(BTreeMap::from(text))
    }

    /// Stops taking the program's output, as a stalled connection does; up to one read still arrives.
    pub fn stall(&self) -> &Self {
        self.shared.change(|state| state.paused = true);
        self
    }

    /// Stops taking the program's output, and has it draw whole frames until the terminal takes no more of them.
    pub fn fill(&self) -> &Self {
        self.stall();
        let tty = self.open_tty();
        let is_full = || {
            let mut ready = [PollFd::new(&tty, PollFlags::OUT)];
            poll(&mut ready, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) == Ok(0)
        };
        let (deadline, mut full) = (Instant::now() + BOUND, 0);
        // What the kernel moves on makes room once more, for which the next frame waits.
        for columns in (100..200).cycle() {
            full = if is_full() { full + 1 } else { 0 };
            if full > 50 {
                break;
            }
            assert!(Instant::now() < deadline, "the terminal takes more and more");
            self.resize(columns, 60);
            std::thread::park_timeout(Duration::from_millis(5));
        }
        self
    }

    /// Takes the program's output again.
    pub fn resume(&self) -> &Self {
        self.shared.change(|state| state.paused = false);
        self
    }

    /// Takes the terminal away, as a dropped connection does; the program gets SIGHUP.
    pub fn close_master(&mut self) {
        let Some(master) = self.master.take() else { return };
        self.shared.change(|state| {
            state.hanging_up = true;
            state.paused = false;
        });
        let tty = self.open_tty();
        // Its writer types Enter and end-of-file when dropped, unless there is no such character; a hang-up
        // types nothing.
        let mut modes = rustix::termios::tcgetattr(&tty).unwrap();
        modes.special_codes[SpecialCodeIndex::VEOF] = 0;
        rustix::termios::tcsetattr(&tty, OptionalActions::Now, &modes).unwrap();
        let writer = self.shared.lock().writer.take();
        drop((writer, master));
        // The reader holds the terminal too and waits inside a read: give it a byte to return with.
        let _woken = File::from(tty).write(b"\0");
        self.wait_until("the reader to let go", BOUND, |state| state.reader_done.then_some(()));
    }

    /// Waits for the program to end. Panics with the screen after [`BOUND`].
    pub fn wait(&self) -> Exit {
        self.wait_until("the program to end", BOUND, |state| state.exit.clone())
    }

    /// Waits for the program to end and for its last byte.
    pub fn finish(&self) -> (Exit, Vec<u8>) {
        let exit = self.wait();
        self.wait_until("the last byte", BOUND, |state| state.reader_done.then_some(()));
        (exit, self.bytes())
    }

    /// How the program ended, if it has.
    pub fn ended(&self) -> Option<Exit> {
        self.shared.lock().exit.clone()
    }

    fn open_tty(&self) -> rustix::fd::OwnedFd {
        rustix::fs::open(&self.tty, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap()
    }

    /// Waits until the program has read everything it was sent, or a second: one that is not reading gets
    /// its keys late, as from a real terminal.
    fn until_read(&self) {
        let tty = self.open_tty();
        let deadline = Instant::now() + Duration::from_secs(1);
        while rustix::io::ioctl_fionread(&tty).is_ok_and(|waiting| waiting > 0) && Instant::now() < deadline {
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    fn wait_until<T>(&self, what: &str, bound: Duration, ask: impl Fn(&State) -> Option<T>) -> T {
        let deadline = Instant::now() + bound;
        let mut state = self.shared.lock();
        loop {
            if let Some(answer) = ask(&state) {
                return answer;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            // Whatever is not on the screen when the last byte has come will never be.
            let over = state.reader_done && state.exit.is_some();
            if left.is_zero() || over {
                let screen = state.screen.screen().contents();
                let exit = state.exit.clone();
                drop(state);
                panic!(
                    "waited in vain for: {what}\nexit: {exit:?}\n--- screen ---\n{screen}\n--------------"
                );
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap().0;
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if self.ended().is_none() {
            let _gone = rustix::process::kill_process(self.pid, Signal::KILL);
        }
        if !std::thread::panicking() {
            self.close_master();
        }
    }
}

/// A terminal without cells (0x0 happens) is drawn here on one.
fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

/// The same command, for a pseudo-terminal.
fn described(command: &Command) -> CommandBuilder {
    let mut builder = CommandBuilder::new(command.get_program());
    builder.args(command.get_args());
    builder.env_clear();
    builder.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    builder.env("LANG", "C.UTF-8");
    builder.env("TERM", "xterm-256color");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => builder.env(name, value),
            None => builder.env_remove(name),
        }
    }
    let folder = command.get_current_dir().map_or_else(|| std::env::current_dir().unwrap(), PathBuf::from);
    builder.cwd(folder);
    builder
}
