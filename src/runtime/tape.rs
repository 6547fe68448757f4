//! Writes a session down, step by step, in a thread of its own: a slow disk delays neither a key nor a frame.

mod blackout;
pub mod file;

use std::fs::File;
use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::time::timeout;

use self::blackout::Blackout;
use super::fault;
use crate::console::message::Message;
use crate::console::model::Model;
use crate::console::tape::{Lean, Step};
use crate::domain::fault::Fault;
use crate::domain::time::Time;
use crate::engine::Engine;
use crate::os::spawn;

/// Steps that wait for the disk.
const WAITING: usize = 4096;
/// How long the last steps are waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// A recording ends at this size.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What writes a session down.
pub(super) struct Recorder {
    into: SyncSender<(Time, Step)>,
    answers: Sender<Message>,
    writing: JoinHandle<()>,
}

impl Recorder {
    /// Begins with the model as it is.
    ///
    /// # Errors
    /// The machine has no room for a thread, or the file takes nothing.
    pub(super) fn begin(
        mut file: File,
        model: &Model,
        at: Time,
        engine: Option<Engine>,
        answers: Sender<Message>,
    ) -> Result<Self, Fault> {
        let bytes = file::begin(&mut file, model, at);
        let bytes = bytes.map_err(|error| fault("the recording cannot be written", &error))?;
        let (into, steps) = sync_channel(WAITING);
        let ended = answers.clone();
        let body = move || {
            if let Some(why) = write(&mut file, bytes, &steps, Blackout::new(engine)) {
                // Nobody listens any more once the console has ended.
                ended.blocking_send(Message::RecordingEnded(why)).ok();
            }
        };
        let writing = spawn::thread("recorder", body);
        let writing = writing.map_err(|error| fault("the recorder cannot start", &error))?;
        Ok(Self { into, answers, writing })
    }

    /// Writes down what has happened; `asked` says that something was asked when it did. Says whether it goes on.
    pub(super) fn note(&self, at: Time, asked: bool, message: Message, model: &Model) -> bool {
        let Some(step) = Step::of(asked, message, model) else { return true };
        match self.into.try_send((at, step)) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                let why = "the disk is too slow for it".to_owned();
                self.answers.try_send(Message::RecordingEnded(why)).ok();
                false
            }
            // It has said why.
            Err(TrySendError::Disconnected(_)) => false,
        }
    }

    /// Waits until all of it is written, but not for a disk that takes nothing.
    pub(super) async fn finish(self) {
        let Self { into, writing, .. } = self;
        drop(into);
        drop(timeout(PATIENCE, spawn::blocking(move || writing.join())).await);
    }
}

/// Writes until nothing more comes, or says why it ends before.
fn write(
    file: &mut File,
    mut bytes: u64,
    steps: &Receiver<(Time, Step)>,
    mut blackout: Blackout,
) -> Option<String> {
    let mut lean = Lean::default();
    while let Ok((at, step)) = steps.recv() {
        let step = blackout.over(&lean.of(step));
        if step == blackout::left_out() {
            lean.forget();
        }
        let line = line(at, &step);
        bytes += line.len() as u64;
        if bytes > LARGEST {
            return Some(format!("it has {} MiB, and may not grow beyond", LARGEST / 1024 / 1024));
        }
        if let Err(error) = file.write_all(line.as_bytes()) {
            return Some(format!("it cannot be written: {error}"));
        }
    }
    None
}

/// A line of a recording.
fn line(at: Time, step: &str) -> String {
    let at = serde_json::to_string(&at).unwrap_or_default();
    format!("{{\"at\":{at},\"step\":{step}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::model::{Settings, Size};

    #[test]
    fn it_ends_at_its_size_and_says_so() {
        let mut file = tempfile::tempfile().unwrap();
        let (into, steps) = sync_channel(4);
        into.send((Time::UNIX_EPOCH, Step::LeftOut)).unwrap();
        drop(into);
        let why = write(&mut file, LARGEST, &steps, Blackout::new(None));
        assert_eq!(why.as_deref(), Some("it has 64 MiB, and may not grow beyond"));
        assert_eq!(file.metadata().unwrap().len(), 0);
    }

    #[test]
    fn a_disk_that_takes_nothing_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "").unwrap();
        let mut file = File::open(&path).unwrap();
        let (into, steps) = sync_channel(4);
        into.send((Time::UNIX_EPOCH, Step::LeftOut)).unwrap();
        let why = write(&mut file, 0, &steps, Blackout::new(None)).unwrap();
        assert!(why.starts_with("it cannot be written: "), "{why}");
    }

    #[test]
    fn what_is_recorded_is_read_again() {
        let settings = Settings {
            operator: "ana".to_owned(),
            config: String::new(),
            reviews: String::new(),
            build: String::new(),
            remark: None,
            keymap: crate::console::keymap::Keymap::default(),
            views: Vec::new(),
            opener: None,
        };
        let model = Model::new(settings, Size { cols: 80, rows: 24 }, Time::UNIX_EPOCH);
        let head = file::head(&model, Time::UNIX_EPOCH);
        let step = serde_json::to_string(&Step::Message(Message::Ticked)).unwrap();
        let text = head + &line(Time::UNIX_EPOCH, &step);
        let tape = file::Recorded::read(text, "x").unwrap();
        assert_eq!((tape.model.clone(), tape.steps()), (model, 1));
        assert_eq!(tape.step(0).unwrap(), (Time::UNIX_EPOCH, Step::Message(Message::Ticked)));
    }
}
