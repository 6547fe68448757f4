//! Where a replay stands: the model as it was at a moment of the recording, and how it is got there.

use std::time::Duration;

use chrono::TimeDelta;

use crate::console::model::{Model, Size};
use crate::console::tape::{Playing, follow, shown};
use crate::domain::time::Time;
use crate::runtime::tape::file::Recorded;

/// How fast it can go.
const SPEEDS: [u32; 3] = [1, 4, 16];
/// The model is kept so often that going back is going forth a little.
const KEPT: usize = 64;
/// It is kept after so many steps at least.
const APART: usize = 256;

/// A recording, and where in it one is.
pub struct Player {
    tape: Recorded,
    model: Model,
    /// How many steps are done.
    done: usize,
    at: Time,
    speed: u32,
    paused: bool,
    kept: Vec<(usize, Model)>,
}

impl Player {
    /// At its beginning, playing.
    pub fn new(tape: Recorded) -> Self {
        let (model, at) = (tape.model.clone(), tape.at);
        Self { kept: vec![(0, model.clone())], tape, model, done: 0, at, speed: 1, paused: false }
    }

    /// The moment that is shown.
    pub fn at(&self) -> Time {
        self.at
    }

    /// What is shown at a terminal's size.
    pub fn shown(&self, size: Size) -> Model {
        shown(&self.model, self.at, size.cols, size.rows, self.playing())
    }

    /// How it is gone through.
    pub fn playing(&self) -> Playing {
        let since = |at: Time| u64::try_from((at - self.tape.at).num_seconds()).unwrap_or(0);
        let (at, of) = (since(self.at), since(self.tape.end()));
        let cut = self.tape.cut && self.done == self.tape.steps();
        Playing { speed: self.speed, paused: self.paused, at, of, cut }
    }

    /// So much time has passed for who looks at it.
    pub fn elapse(&mut self, by: Duration) {
        if self.paused {
            return;
        }
        let by = TimeDelta::from_std(by * self.speed).unwrap_or_default();
        self.at = (self.at + by).min(self.tape.end());
        while self.tape.moment(self.done).is_some_and(|(at, _)| at <= self.at) {
            self.advance();
        }
        self.paused = self.done == self.tape.steps();
    }

    /// How long until the next step, for who looks at it.
    pub fn until_next(&self) -> Option<Duration> {
        let (at, _) = self.tape.moment(self.done).filter(|_| !self.paused)?;
        (at - self.at).to_std().ok().map(|until| until / self.speed)
    }

    /// Stands still, or goes on; at its end it begins again.
    pub fn pause(&mut self) {
        if self.paused && self.done == self.tape.steps() {
            self.begin();
        }
        self.paused = !self.paused;
    }

    /// Goes to the next thing that happened, and stands still.
    pub fn step(&mut self) {
        self.paused = true;
        while let Some((at, quiet)) = self.tape.moment(self.done) {
            self.at = at;
            self.advance();
            if !quiet {
                return;
            }
        }
    }

    /// Goes back to before the last thing that happened, and stands still.
    pub fn back(&mut self) {
        self.paused = true;
        let heard = |step: &usize| self.tape.moment(*step).is_some_and(|(_, quiet)| !quiet);
        let last = (0..self.done).rev().find(heard).unwrap_or(0);
        self.go_to(last);
        self.at =
            last.checked_sub(1).and_then(|step| self.tape.moment(step)).map_or(self.tape.at, |(at, _)| at);
    }

    /// Goes so far in time.
    pub fn jump(&mut self, by: TimeDelta) {
        let to = (self.at + by).clamp(self.tape.at, self.tape.end().max(self.tape.at));
        let later = |step: &usize| self.tape.moment(*step).is_some_and(|(at, _)| at > to);
        let steps = self.tape.steps();
        self.go_to((0..steps).find(later).unwrap_or(steps));
        self.at = to;
    }

    /// Goes to its beginning, and stands still.
    pub fn begin(&mut self) {
        self.go_to(0);
        (self.at, self.paused) = (self.tape.at, true);
    }

    /// Goes to its end.
    pub fn end(&mut self) {
        self.go_to(self.tape.steps());
        (self.at, self.paused) = (self.tape.end(), true);
    }

    /// Goes through it faster.
    pub fn faster(&mut self) {
        self.speed = SPEEDS.into_iter().find(|speed| *speed > self.speed).unwrap_or(self.speed);
    }

    /// Goes through it slower.
    pub fn slower(&mut self) {
        self.speed = SPEEDS.into_iter().rev().find(|speed| *speed < self.speed).unwrap_or(self.speed);
    }

    fn go_to(&mut self, step: usize) {
        if step < self.done
            && let Some((done, model)) = self.kept.iter().rev().find(|(done, _)| *done <= step)
        {
            (self.done, self.model) = (*done, model.clone());
        }
        while self.done < step {
            self.advance();
        }
    }

    fn advance(&mut self) {
        if let Some((at, step)) = self.tape.step(self.done) {
            follow(&mut self.model, at, step);
        }
        self.done += 1;
        let apart = APART.max(self.tape.steps() / KEPT);
        if self.kept.last().is_none_or(|(done, _)| self.done >= done + apart) {
            self.kept.push((self.done, self.model.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::keymap::Keymap;
    use crate::console::model::Settings;

    fn at(secs: i64) -> Time {
        Time::from_timestamp(secs, 0).unwrap()
    }

    /// Ten seconds: each second a tick, and at the third and the seventh help is opened and left.
    fn recorded() -> Recorded {
        Recorded::read(text(), "x").unwrap()
    }

    fn text() -> String {
        let (operator, none) = ("ana".to_owned(), String::new);
        let settings = Settings {
            operator,
            config: none(),
            reviews: none(),
            build: String::new(),
            remark: None,
            keymap: Keymap::default(),
            views: Vec::new(),
            opener: None,
        };
        let model = Model::new(settings, Size { cols: 80, rows: 24 }, at(0));
        let mut text = crate::runtime::tape::file::head(&model, at(0));
        for second in 1..=10 {
            let message = match second {
                3 => r#"{"pressed":"?"}"#,
                7 => r#"{"pressed":"q"}"#,
                _ => r#""ticked""#,
            };
            text +=
                &format!("{{\"at\":\"{}\",\"step\":{{\"message\":{message}}}}}\n", at(second).to_rfc3339());
        }
        text
    }

    fn helps(player: &Player) -> bool {
        player.shown(Size { cols: 80, rows: 24 }).screen != crate::console::model::Screen::Triage
    }

    #[test]
    fn time_passes_as_fast_as_it_is_asked_to_and_ends() {
        let mut player = Player::new(recorded());
        player.elapse(Duration::from_secs(2));
        assert!(!helps(&player));
        assert_eq!(player.until_next(), Some(Duration::from_secs(1)));
        player.faster();
        assert_eq!(player.until_next(), Some(Duration::from_millis(250)));
        player.elapse(Duration::from_millis(250));
        assert_eq!((helps(&player), player.at()), (true, at(3)));
        player.faster();
        player.faster();
        assert_eq!(player.playing(), Playing { speed: 16, paused: false, at: 3, of: 10, cut: false });
        player.elapse(Duration::from_secs(1));
        assert_eq!((helps(&player), player.at(), player.playing().paused), (false, at(10), true));
        assert_eq!(player.until_next(), None);
        player.pause();
        assert_eq!((player.at(), player.playing().paused), (at(0), false), "it begins again");
        player.slower();
        player.slower();
        assert_eq!(player.playing().speed, 1);
    }

    #[test]
    fn steps_go_to_what_happened_and_back() {
        let mut player = Player::new(recorded());
        player.step();
        assert_eq!((helps(&player), player.at()), (true, at(3)));
        player.step();
        assert_eq!((helps(&player), player.at()), (false, at(7)));
        player.back();
        assert_eq!((helps(&player), player.at()), (true, at(6)));
        player.back();
        assert_eq!((helps(&player), player.at()), (false, at(2)));
        player.elapse(Duration::from_secs(60));
        assert_eq!(player.at(), at(2), "who steps stands still");
    }

    #[test]
    fn a_recording_that_was_cut_off_says_so_where_it_ends_and_only_there() {
        let (whole, mut torn) = (text(), text());
        torn.truncate(whole.len() - 5);
        for (text, cut) in [(torn, true), (whole, false)] {
            let mut player = Player::new(Recorded::read(text, "x").unwrap());
            player.elapse(Duration::from_secs(5));
            assert!(!player.playing().cut, "it goes on");
            player.elapse(Duration::from_secs(60));
            assert_eq!((player.playing().cut, player.playing().paused), (cut, true));
            player.back();
            assert!(!player.playing().cut);
            player.end();
            assert_eq!(player.playing().cut, cut);
        }
    }

    #[test]
    fn any_moment_can_be_gone_to() {
        let mut player = Player::new(recorded());
        for (secs, helping) in [(4, true), (4, false), (-3, true), (-9, false), (99, false)] {
            player.jump(TimeDelta::seconds(secs));
            assert_eq!(helps(&player), helping, "{secs} to {}", player.at());
        }
        assert_eq!(player.at(), at(10));
        player.begin();
        assert_eq!((helps(&player), player.at()), (false, at(0)));
        player.end();
        assert_eq!(player.at(), at(10));
    }
}
