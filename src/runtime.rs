//! The console's loop: one inbox, one model, one screen.
//!
//! Signals come first, then keys, then the frame, then answers: a flood of answers delays neither a key nor a frame.
//! Nothing here waits for the terminal or the backend. The loop has a thread to itself, which reads and writes the terminal: what a
//! key changes is on its way before anybody else has to run. Whatever takes longer runs on the workers.

mod able;
mod crash;
mod editing;
mod effects;
pub mod emitter;
mod frames;
mod input;
mod keyboard;
mod leaving;
mod mode;
mod replay;
mod review;
mod screen;
mod signals;
mod suspending;
mod tape;
mod tell;
mod terminal;
pub mod wall;
mod writer;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use self::editing::{Draft, Editing, ended};
use self::effects::Caller;
use self::frames::{FRAME, Frames, at, shown, stands, until};
use self::input::Input;
use self::keyboard::Keyboard;
use self::screen::Screen;
use self::signals::{Caught, Signals};
use self::tape::Recorder;
use self::tell::Teller;
use crate::backend::Backend;
use crate::console::banner::matters;
use crate::console::editing::Handed;
use crate::console::message::Message;
use crate::console::model::{Model, Said, Settings};
use crate::console::reading;
use crate::console::tape::Tape;
use crate::console::update;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::SourceStatus;
use crate::domain::id::IncidentId;
use crate::domain::notice::is_noticed;
use crate::domain::operator::Operator;
use crate::domain::time::Time;
use crate::engine::Engine;
use crate::identity::Identity;
use crate::notify::Ladder;
use crate::os;
use crate::os::clock::Clock;
use crate::os::sleep::Slept;
use crate::os::spawn;
use crate::view;
use crate::view::theme::Theme;

pub use self::crash::ends_the_program as ends_on_panic;
pub use self::replay::replay;
pub use self::tape::file::{Recorded, create as create_recording};

/// Answers that wait for the loop.
const ANSWERS: usize = 64;
/// The longest and the shortest sleep between two looks at the clock.
const NAP: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));
/// So long after a frame the next one is prepared.
const AFTER_FRAME: Duration = Duration::from_millis(4);
/// What is under way when the console ends is waited for this long.
const FINISH: Duration = Duration::from_secs(12);

/// What the console is made of.
pub struct Console {
    /// Whom it talks to.
    pub backend: Arc<dyn Backend>,
    /// The engine in this process, if there is one, not yet started: it lets go of the lease while the console is stopped, and
    /// finishes what is under way before it ends.
    pub engine: Option<Engine>,
    /// Who sits at it.
    pub operator: Operator,
    /// The key they act with, if they have one.
    pub identity: Option<Arc<Identity>>,
    /// What the model begins with.
    pub settings: Settings,
    /// The incident to begin with, as given on the command line.
    pub open: Option<String>,
    /// How it looks.
    pub theme: Theme,
    /// The ways to reach the operator.
    pub ladder: Ladder,
    /// The clock.
    pub clock: Clock,
    /// Where crash files go.
    pub crashes: PathBuf,
    /// Where published post-mortems go.
    pub reviews: PathBuf,
    /// Where texts stand while they are edited.
    pub drafts: PathBuf,
    /// The program that shows links, with its arguments; empty where they are copied.
    pub opener: Vec<String>,
    /// What the demo's channels receive.
    pub sink: Option<tokio::sync::watch::Receiver<Vec<Said>>>,
    /// Where it is recorded, if it is.
    pub record: Option<File>,
}

/// Why the console ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The person left.
    Quit,
    /// The terminal is gone (`SIGHUP`).
    HungUp,
    /// `SIGTERM`.
    Terminated,
    /// `SIGINT`.
    Interrupted,
}

impl Ended {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// Takes the terminal over. From here on a panic in any task or thread ends the program.
fn take_over(theme: Theme, crashes: PathBuf) -> Result<(Signals, Screen), Fault> {
    mode::check()?;
    crash::ends_the_program(crashes);
    Ok((Signals::listen()?, Screen::enter(theme)?))
}

/// Runs the console until it ends, on this thread of a runtime. From here on a panic in any task or thread ends the program.
///
/// # Errors
/// A [`FaultKind::Local`] fault if there is no terminal, or it cannot be set up.
pub fn run(console: Console) -> Result<Ended, Fault> {
    apart(async {
        let (signals, screen) = take_over(console.theme, console.crashes.clone())?;
        if let Some(engine) = &console.engine {
            // Not before: a panic in one of its tasks must end the program.
            engine.start();
        }
        let mut running = Running::new(console, signals, screen)?;
        Ok(running.run().await)
    })
}

/// Runs a loop on this thread, which has it to itself.
fn apart(body: impl Future<Output = Result<Ended, Fault>>) -> Result<Ended, Fault> {
    spawn::apart(body).map_err(|error| fault("the console's loop cannot start", &error))?
}

/// What the loop does before anything else.
#[derive(Clone, Debug, PartialEq)]
enum Next {
    Suspend,
    Edit(Box<Handed>),
    Leave(Ended),
}

/// What the loop woke up for.
enum Woke {
    Caught(Caught),
    Input(Option<Input>),
    Edited(std::io::Result<std::process::ExitStatus>),
    Written,
    Frame,
    Answer(Message),
    Idle,
    Time,
}

/// A console that runs.
struct Running {
    model: Model,
    clock: Clock,
    engine: Option<Engine>,
    screen: Screen,
    signals: Signals,
    keyboard: Keyboard,
    answers: Receiver<Message>,
    caller: Caller,
    teller: Teller,
    reviews: PathBuf,
    drafts: PathBuf,
    opener: Vec<String>,
    /// The editor has the terminal.
    editing: Option<Editing>,
    /// What was written there, until it stands in its field.
    draft: Option<Draft>,
    loading: Option<JoinHandle<()>>,
    /// What is read once the next frame is written.
    ahead: Option<IncidentId>,
    owed: Vec<JoinHandle<()>>,
    slept: Slept,
    next: Option<Next>,
    recorder: Option<Recorder>,
    /// The screen shows less than the model knows.
    stale: bool,
    /// A frame is on its way to the terminal.
    drawing: bool,
    /// The model wants to know when that frame is written.
    awaited: bool,
    /// Somebody may press a key next: from when on more of what it shows may be read and drawn.
    unprepared: Option<Instant>,
    frames: Frames,
}

impl Running {
    fn new(console: Console, signals: Signals, screen: Screen) -> Result<Self, Fault> {
        let now = console.clock.now();
        let (into, answers) = channel(ANSWERS);
        let caller = Caller {
            backend: console.backend,
            operator: Arc::new(console.operator),
            identity: console.identity,
            answers: into,
        };
        let mut model = Model::new(console.settings, mode::size(), now);
        let mut recorder = None;
        if let Some(file) = console.record {
            model.tape = Tape::Recording;
            let (engine, answers) = (console.engine.clone(), caller.answers.clone());
            recorder = Some(Recorder::begin(file, &model, now, engine, answers)?);
        }
        let mut running = Self {
            model,
            recorder,
            clock: console.clock,
            engine: console.engine,
            teller: Teller::new(console.ladder, caller.clone(), screen.writer(), now),
            screen,
            signals,
            keyboard: Keyboard::listen()?,
            answers,
            caller,
            reviews: console.reviews,
            drafts: console.drafts,
            opener: console.opener,
            editing: None,
            draft: None,
            loading: None,
            ahead: None,
            owed: Vec::new(),
            slept: Slept::watch(now),
            next: None,
            stale: true,
            drawing: false,
            awaited: false,
            unprepared: None,
            frames: Frames::new(),
        };
        drop(spawn::task("follow", running.caller.clone().follow()));
        if let Some(sink) = console.sink {
            drop(spawn::task("sink", running.caller.clone().hear(sink)));
        }
        running.take(Message::Started { open: console.open });
        Ok(running)
    }

    async fn run(&mut self) -> Ended {
        os::crash::task("main loop");
        loop {
            match self.next.take() {
                // What came of resuming counts before anything is drawn.
                Some(Next::Suspend) => {
                    self.suspend().await;
                    continue;
                }
                Some(Next::Edit(handed)) => self.edit(*handed).await,
                Some(Next::Leave(ended)) => return self.leave(ended).await,
                None => {}
            }
            match self.wake().await {
                // While the terminal changes hands its ctrl-c may still be ours: it is meant for the editor.
                Woke::Caught(Caught::End(Ended::Interrupted)) if self.editing.is_some() => {}
                Woke::Caught(Caught::End(ended)) => self.next = Some(Next::Leave(ended)),
                Woke::Caught(Caught::Stop) => self.next = Some(Next::Suspend),
                Woke::Caught(Caught::Continued) => self.resume(),
                Woke::Caught(Caught::Resized) => self.resize(),
                Woke::Input(Some(Input::Key(chord))) => self.take(Message::Pressed(chord)),
                Woke::Input(Some(Input::Paste(text))) => self.take(Message::Pasted(text)),
                Woke::Input(Some(Input::Focus(focused))) => self.take(Message::Focused(focused)),
                Woke::Input(None) => self.next = Some(Next::Leave(Ended::HungUp)),
                Woke::Edited(ended) => self.edited(ended),
                Woke::Written => self.written(),
                Woke::Frame => self.draw(),
                Woke::Answer(message) => self.take(message),
                Woke::Idle => self.prepare(),
                Woke::Time => self.take(Message::Ticked),
            }
            if self.slept.again(self.clock.now()).is_some() {
                self.take(Message::Resumed);
            }
        }
    }

    /// Waits for the next thing to do, the most urgent first.
    async fn wake(&mut self) -> Woke {
        let frame_due = self.frames.due();
        let Self {
            screen,
            signals,
            keyboard,
            answers,
            stale,
            drawing,
            editing,
            unprepared,
            model,
            clock,
            ..
        } = self;
        let seen = editing.is_none();
        tokio::select! {
            biased;
            caught = signals.next() => Woke::Caught(caught),
            input = keyboard.next() => Woke::Input(input),
            ended = ended(editing.as_mut()), if !seen => Woke::Edited(ended),
            () = screen.written(*drawing) => Woke::Written,
            () = until(frame_due), if *stale && !*drawing && seen => Woke::Frame,
            Some(message) = answers.recv() => Woke::Answer(message),
            () = at(*unprepared), if !*drawing && seen => Woke::Idle,
            // Looked at only where there is nothing else to do.
            () = async { sleep(nap(model, clock.now())).await } => Woke::Time,
        }
    }

    /// Tells the model what has happened, and carries out what it asks for.
    fn take(&mut self, message: Message) {
        let at = self.clock.now();
        if matches!(message, Message::Pressed(_) | Message::Pasted(_)) {
            self.frames.hurry();
        }
        let asked = matches!(&message, Message::Changed(changes) if changes.sources.iter().all(was_asked));
        if self.model.board.heard.is_none() && matches!(message, Message::Changed(_)) {
            self.frames.begin();
        }
        // That the engine lives is drawn with the clock, which ticks within the second.
        let lives = matches!(&message, Message::Changed(changes) if self.model.board.says_only_that_it_lives(changes));
        // Letters that went nowhere since a field did not open were meant for it.
        let asks = self.model.prompt.is_some() || self.model.typed_on.is_some();
        // What is read ahead is not shown yet.
        let ahead =
            matches!(&message, Message::Opened { asked, .. } if reading::is_ahead(&self.model, asked));
        let (stood, before) = (stands(&self.model), ahead.then(|| shown(&self.model)));
        let noted = self.recorder.is_some().then(|| (asks, message.clone()));
        for effect in update(&mut self.model, at, message) {
            self.perform(effect);
        }
        if let (Some(recorder), Some((asked, message))) = (&self.recorder, noted)
            && !recorder.note(at, asked, message, &self.model)
        {
            self.recorder = None;
        }
        let waits = reading::by(&self.model).is_some();
        self.frames.wait(waits);
        if waits {
            // What the frame waits for is not read after it.
            self.read_ahead();
        }
        let model = &self.model;
        let answered = || asked && model.board.ranked().all(|incident| is_noticed(incident));
        let about = |id: &IncidentId| model.board.get(id).cloned();
        self.teller.go_on(at, answered, |notice| matters(model, notice, at), about);
        let quiet = lives || before.is_some_and(|before| before == shown(model));
        self.stale |= !quiet || stands(model) != stood;
        if !self.stale && self.unprepared.is_none() {
            self.prepare_soon();
        }
    }

    fn draw(&mut self) {
        let (model, now) = (&self.model, self.clock.now());
        let changes = self.screen.draw(|canvas| view::sketch(model, now, canvas));
        self.awaited = self.model.awaits_frame();
        (self.drawing, self.stale) = (true, false);
        self.frames.drawn(changes);
    }

    /// What was written is on its way first: whoever goes on at once keeps the processor from those who carry it.
    fn prepare_soon(&mut self) {
        let wanted = self.ahead.is_some() || reading::is_used(&self.model, self.clock.now());
        self.unprepared = wanted.then(|| Instant::now() + AFTER_FRAME);
    }

    /// Nothing else is to be done: what the next key may show is read and drawn.
    fn prepare(&mut self) {
        self.unprepared = None;
        self.read_ahead();
        let (now, screen) = (self.clock.now(), &mut self.screen);
        reading::as_if_next(&mut self.model, now, |model| {
            screen.ahead(|canvas| view::sketch(model, now, canvas));
        });
    }

    fn written(&mut self) {
        self.drawing = false;
        self.prepare_soon();
        if self.screen.is_gone() {
            self.next = Some(Next::Leave(Ended::HungUp));
        } else if std::mem::take(&mut self.awaited) {
            self.take(Message::Drawn);
        }
    }

    fn resize(&mut self) {
        let size = mode::size();
        self.screen.resize(size);
        self.take(Message::Resized { cols: size.cols, rows: size.rows });
    }
}

/// How long nothing on the screen changes by itself.
fn nap(model: &Model, now: Time) -> Duration {
    let until = model.next_wake(now).and_then(|wake| (wake - now).to_std().ok());
    until.unwrap_or(NAP.1).clamp(NAP.0, NAP.1)
}

/// Whether a source has been asked, whatever came of it.
fn was_asked(source: &SourceStatus) -> bool {
    source.as_of.is_some() || source.failures > 0
}

/// What the machine refused.
fn fault(what: &str, error: &std::io::Error) -> Fault {
    Fault::new(FaultKind::Local, format!("{what}: {error}"))
}
