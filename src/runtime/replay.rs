//! Goes through a recording on the console's own screen. There is no backend here: nothing that was done is done again.

mod player;

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use self::player::Player;
use super::input::Input;
use super::keyboard::Keyboard;
use super::screen::Screen;
use super::signals::{Caught, Signals};
use super::tape::file::Recorded;
use super::{Ended, FRAME, apart, mode, take_over};
use crate::console::chord::{Chord, Key};
use crate::console::message::Message;
use crate::console::update;
use crate::domain::fault::Fault;
use crate::domain::time::Span;
use crate::os::ancestors::somebody_continues;
use crate::view;
use crate::view::theme::Theme;

/// The longest time between two frames: what counts down goes on.
const NAP: Duration = Duration::from_millis(250);

/// Goes through a recording until the person leaves; `crashes` is where crash files go.
///
/// # Errors
/// A local fault if there is no terminal, or it cannot be set up.
pub fn replay(recorded: Recorded, theme: Theme, crashes: PathBuf) -> Result<Ended, Fault> {
    apart(async {
        let (signals, screen) = take_over(theme, crashes)?;
        let (keyboard, player) = (Keyboard::listen()?, Player::new(recorded));
        let replaying =
            Replaying { player, signals, screen, keyboard, drawing: false, stale: true, refused: false };
        Ok(replaying.run().await)
    })
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Stay,
    Suspend,
    Redraw,
    Leave,
}

/// A replay that runs.
struct Replaying {
    player: Player,
    signals: Signals,
    screen: Screen,
    keyboard: Keyboard,
    /// A frame is on its way to the terminal.
    drawing: bool,
    /// The screen shows another moment.
    stale: bool,
    /// It was to be suspended, and nobody could have continued it.
    refused: bool,
}

impl Replaying {
    async fn run(mut self) -> Ended {
        let mut looked = Instant::now();
        let ended = loop {
            let now = Instant::now();
            self.player.elapse(now - looked);
            looked = now;
            if self.stale && !self.drawing {
                self.draw();
            }
            let nap = self.player.until_next().map_or(NAP, |next| next.clamp(FRAME, NAP));
            tokio::select! {
                biased;
                caught = self.signals.next() => match caught {
                    Caught::End(ended) => break ended,
                    // A hang-up continues whoever it finds.
                    Caught::Stop if self.suspend().await.is_err() => break Ended::HungUp,
                    Caught::Continued if self.screen.enter_again().is_err() => break Ended::HungUp,
                    Caught::Stop | Caught::Continued => looked = Instant::now(),
                    Caught::Resized => self.screen.resize(mode::size()),
                },
                input = self.keyboard.next() => match input {
                    None => break Ended::HungUp,
                    Some(Input::Key(chord)) => match pressed(&mut self.player, chord) {
                        Next::Stay => self.refused = false,
                        Next::Suspend => {
                            if self.suspend().await.is_err() {
                                break Ended::HungUp;
                            }
                            looked = Instant::now();
                        }
                        Next::Redraw => self.screen.redraw(),
                        Next::Leave => break Ended::Quit,
                    },
                    Some(Input::Paste(_) | Input::Focus(_)) => {}
                },
                () = self.screen.written(self.drawing) => {
                    self.drawing = false;
                    if self.screen.is_gone() {
                        break Ended::HungUp;
                    }
                    continue;
                }
                () = sleep(nap) => {}
            }
            self.stale = true;
        };
        self.screen.leave().await;
        self.screen.left().await;
        ended
    }

    async fn suspend(&mut self) -> Result<(), Fault> {
        self.refused = !somebody_continues();
        if self.refused { Ok(()) } else { self.screen.suspend(&mut self.signals).await }
    }

    fn draw(&mut self) {
        let (mut shown, now) = (self.player.shown(mode::size()), self.player.at());
        if self.refused {
            drop(update(&mut shown, now, Message::NotSuspended));
        }
        self.screen.draw(|canvas| view::sketch(&shown, now, canvas));
        (self.drawing, self.stale) = (true, false);
    }
}

fn pressed(player: &mut Player, chord: Chord) -> Next {
    let (near, far) = (Span::secs(10).delta(), Span::mins(1).delta());
    match (chord.ctrl, chord.key) {
        (true, Key::Char('c')) | (false, Key::Char('q') | Key::Esc) => return Next::Leave,
        (true, Key::Char('z')) => return Next::Suspend,
        (true, Key::Char('l')) => return Next::Redraw,
        (false, Key::Char(' ')) => player.pause(),
        (false, Key::Right | Key::Char('l' | 'j') | Key::Down) => player.step(),
        (false, Key::Left | Key::Char('h' | 'k') | Key::Up) => player.back(),
        (false, Key::Char(']') | Key::PageDown) => player.jump(near),
        (false, Key::Char('[') | Key::PageUp) => player.jump(-near),
        (false, Key::Char('}')) => player.jump(far),
        (false, Key::Char('{')) => player.jump(-far),
        (false, Key::Char('+' | '=')) => player.faster(),
        (false, Key::Char('-')) => player.slower(),
        (false, Key::Char('g') | Key::Home) => player.begin(),
        (false, Key::Char('G') | Key::End) => player.end(),
        _ => {}
    }
    Next::Stay
}
