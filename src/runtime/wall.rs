//! The wall's loop: what the engine tells goes in, a frame comes out, and no key acts but the one that leaves.
//!
//! A frame with fresh data from every source that has reached the terminal is what the dead man's switch waits for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, sleep_until};

use super::effects::Caller;
use super::frames::until;
use super::input::Input;
use super::keyboard::Keyboard;
use super::screen::Screen;
use super::signals::{Caught, Signals};
use super::{ANSWERS, Ended, FINISH, FRAME, NAP, apart, mode, take_over};
use crate::backend::Backend;
use crate::console::chord::Chord;
use crate::console::message::Message;
use crate::console::wall::Wall;
use crate::domain::fault::Fault;
use crate::domain::operator::Operator;
use crate::domain::time::Time;
use crate::engine::Engine;
use crate::notify::dead_man::DeadMan;
use crate::os::ancestors::somebody_continues;
use crate::os::clock::Clock;
use crate::os::spawn;
use crate::view;
use crate::view::theme::Theme;

/// The one that leaves; nothing is asked.
const LEAVES: &str = "ctrl-c";
/// Who writes on the wall from elsewhere is not seen for longer: nobody sits there who could draw it anew.
const REPAINTED: Duration = Duration::from_secs(60);

/// What the wall is made of.
pub struct Parts {
    /// Whom it listens to.
    pub backend: Arc<dyn Backend>,
    /// The engine in this process, if there is one, not yet started.
    pub engine: Option<Engine>,
    /// As whom it listens: nobody, who has read nothing that is hidden.
    pub operator: Operator,
    /// The file in which a first source would be added.
    pub config: String,
    /// Which quell this is, and what it is configured with, in a few digits.
    pub build: String,
    /// How it looks.
    pub theme: Theme,
    /// The clock.
    pub clock: Clock,
    /// Where crash files go.
    pub crashes: PathBuf,
    /// What is told that the wall lives.
    pub dead_man: Option<DeadMan>,
}

/// Shows the wall until it is told to end. From here on a panic in any task or thread ends the program.
///
/// # Errors
/// A local fault if there is no terminal, or it cannot be set up.
pub fn run(parts: Parts) -> Result<Ended, Fault> {
    apart(show(parts))
}

async fn show(parts: Parts) -> Result<Ended, Fault> {
    let (signals, screen) = take_over(parts.theme, parts.crashes.clone())?;
    if let Some(engine) = &parts.engine {
        engine.start();
    }
    let mut running = Running::new(&parts, signals, screen)?;
    let ended = running.run().await;
    if let Some(engine) = &parts.engine {
        running.screen.during(engine.leave(FINISH)).await;
    }
    running.screen.left().await;
    Ok(ended)
}

/// A wall that runs.
struct Running {
    wall: Wall,
    clock: Clock,
    engine: Option<Engine>,
    screen: Screen,
    signals: Signals,
    keyboard: Keyboard,
    answers: Receiver<Message>,
    switch: Option<Switch>,
    /// The screen shows less than the wall knows.
    stale: bool,
    /// A frame is on its way to the terminal; whether every source was fresh when it was drawn.
    drawing: Option<bool>,
    drawn_at: Instant,
    repainted_at: Instant,
}

/// The dead man's switch, and when it is held next.
struct Switch {
    dead_man: Arc<DeadMan>,
    next: Instant,
    /// What became of each word to it.
    held: Receiver<Result<(), Fault>>,
    said: tokio::sync::mpsc::Sender<Result<(), Fault>>,
}

/// What the loop woke up for.
enum Woke {
    Caught(Caught),
    Input(Option<Input>),
    Written,
    Frame,
    Answer(Message),
    Held(Result<(), Fault>),
    Time,
}

impl Running {
    fn new(parts: &Parts, signals: Signals, screen: Screen) -> Result<Self, Fault> {
        let (into, answers) = channel(ANSWERS);
        let caller = Caller {
            backend: parts.backend.clone(),
            operator: Arc::new(parts.operator.clone()),
            identity: None,
            answers: into,
        };
        drop(spawn::task("follow", caller.follow()));
        Ok(Self {
            wall: Wall::new(parts.config.clone(), parts.build.clone(), mode::size(), parts.clock.now()),
            clock: parts.clock.clone(),
            engine: parts.engine.clone(),
            screen,
            signals,
            keyboard: Keyboard::listen()?,
            answers,
            switch: parts.dead_man.clone().map(Switch::new),
            stale: true,
            drawing: None,
            drawn_at: Instant::now(),
            repainted_at: Instant::now(),
        })
    }

    async fn run(&mut self) -> Ended {
        loop {
            let ended = match self.wake().await {
                Woke::Caught(Caught::End(ended)) => Some(ended),
                Woke::Caught(Caught::Stop) => self.suspend().await.err().map(|_| Ended::HungUp),
                // A hang-up continues whoever it finds.
                Woke::Caught(Caught::Continued) if self.screen.enter_again().is_err() => Some(Ended::HungUp),
                Woke::Caught(Caught::Continued) => {
                    self.resize();
                    None
                }
                Woke::Caught(Caught::Resized) => {
                    self.resize();
                    None
                }
                Woke::Input(Some(Input::Key(chord))) => leaves(chord).then_some(Ended::Quit),
                Woke::Input(Some(_)) => None,
                Woke::Input(None) => Some(Ended::HungUp),
                Woke::Written => self.written(),
                Woke::Frame => {
                    self.draw();
                    None
                }
                Woke::Answer(message) => {
                    self.take(message);
                    None
                }
                Woke::Held(outcome) => {
                    self.wall.ping = Some((self.clock.now(), outcome.err()));
                    None
                }
                Woke::Time => {
                    self.take(Message::Ticked);
                    None
                }
            };
            if let Some(ended) = ended {
                self.answers.close();
                self.screen.leave().await;
                return ended;
            }
        }
    }

    /// Waits for the next thing to do, the most urgent first.
    async fn wake(&mut self) -> Woke {
        let look_again = Instant::now() + until_next_second(self.clock.now());
        let frame_due = self.drawn_at + FRAME;
        let Self { screen, signals, keyboard, answers, switch, stale, drawing, .. } = self;
        tokio::select! {
            biased;
            caught = signals.next() => Woke::Caught(caught),
            input = keyboard.next() => Woke::Input(input),
            () = screen.written(drawing.is_some()) => Woke::Written,
            () = until(frame_due), if *stale && drawing.is_none() => Woke::Frame,
            Some(message) = answers.recv() => Woke::Answer(message),
            Some(outcome) = held(switch.as_mut()) => Woke::Held(outcome),
            () = sleep_until(look_again) => Woke::Time,
        }
    }

    fn take(&mut self, message: Message) {
        self.wall.take(self.clock.now(), message);
        self.stale = true;
    }

    fn draw(&mut self) {
        let (wall, now) = (&self.wall, self.clock.now());
        if self.repainted_at.elapsed() >= REPAINTED {
            self.screen.repaint();
            self.repainted_at = Instant::now();
        }
        self.screen.draw(|canvas| view::wall::sketch(wall, now, canvas));
        self.drawing = Some(wall.is_whole(now));
        (self.stale, self.drawn_at) = (false, Instant::now());
    }

    /// A frame has reached the terminal, or the terminal is gone.
    fn written(&mut self) -> Option<Ended> {
        let fresh = self.drawing.take().unwrap_or_default();
        if self.screen.is_gone() {
            return Some(Ended::HungUp);
        }
        let fresh = fresh && self.wall.is_whole(self.clock.now());
        if let Some(switch) = self.switch.as_mut().filter(|_| fresh) {
            switch.hold();
        }
        None
    }

    /// Stops the process as it was told, and goes on when it is continued; whoever waits for the lease has it meanwhile.
    /// Nothing happens where nobody could continue it.
    async fn suspend(&mut self) -> Result<(), Fault> {
        if !somebody_continues() {
            return Ok(());
        }
        if let Some(engine) = &self.engine {
            engine.release().await;
        }
        self.screen.suspend(&mut self.signals).await?;
        if let Some(engine) = &self.engine {
            engine.resume();
        }
        self.resize();
        Ok(())
    }

    fn resize(&mut self) {
        let size = mode::size();
        self.screen.resize(size);
        self.take(Message::Resized { cols: size.cols, rows: size.rows });
    }
}

impl Switch {
    fn new(dead_man: DeadMan) -> Self {
        let (said, held) = channel(1);
        Self { dead_man: Arc::new(dead_man), next: Instant::now(), held, said }
    }

    /// Holds it, if it is time to, and the last word is through.
    fn hold(&mut self) {
        let now = Instant::now();
        let Some(permit) = self.said.clone().try_reserve_owned().ok().filter(|_| now >= self.next) else {
            return;
        };
        self.next = now + self.dead_man.every().std();
        let dead_man = self.dead_man.clone();
        drop(spawn::task("dead man's switch", async move { permit.send(dead_man.hold().await) }));
    }
}

/// The next word from the switch; never, where there is none.
async fn held(switch: Option<&mut Switch>) -> Option<Result<(), Fault>> {
    match switch {
        Some(switch) => switch.held.recv().await,
        None => std::future::pending().await,
    }
}

fn leaves(pressed: Chord) -> bool {
    Chord::parse(LEAVES) == Some(pressed)
}

/// Nothing on the wall changes by itself before that.
fn until_next_second(now: Time) -> Duration {
    let passed = u64::from(now.timestamp_subsec_nanos()) % 1_000_000_000;
    Duration::from_nanos(1_000_000_000 - passed).clamp(NAP.0, NAP.1)
}
