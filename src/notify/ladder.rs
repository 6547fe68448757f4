//! The rungs of one console: which there are, what each says of itself, and who takes a popup.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::time::{Duration, Instant};

use super::desktop::{Desktop, Late, Shown, Unseen};
use super::exec::Exec;
use super::quiet::Quiet;
use super::surroundings::NOBODY;
use super::terminal::{self, Form, Through, Way};
use super::{Bell, Choice, Detail, Popup, Settings, Surroundings, Tmux};
use crate::domain::fault::Fault;
use crate::domain::time::Time;

/// What tmux said counts for so long: somebody may attach to it from another terminal at any time.
const ASK_TMUX_AGAIN: Duration = Duration::from_secs(1);
/// One that did not answer is left alone for so long: every notice would wait for it.
const LEAVE_TMUX_ALONE: Duration = Duration::from_secs(180);

/// What is said where no program is told.
const NO_EXEC: &str = "none is configured; set notify.exec";

/// A way to reach the operator, tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Its name, as the banner says it.
    pub name: &'static str,
    /// What was found, or why it is dead and what brings it to life.
    pub tested: Result<String, String>,
}

impl Rung {
    /// Whether it needs a terminal.
    pub fn is_of_terminal(&self) -> bool {
        !matches!(self.name, "banner" | "desktop" | "exec" | "focus")
    }
}

/// How a popup was delivered.
#[derive(Default)]
pub struct Delivery {
    /// What the terminal is to be asked for, in one piece, and what that rung is called.
    pub asked: Option<(&'static str, Vec<u8>)>,
    /// Why the desktop did not take it, where it was tried.
    pub failed: Option<Fault>,
    /// The popup on the desktop, where that took it.
    pub shown: Option<Shown>,
    /// The one that it may take yet.
    pub late: Option<Late>,
}

/// The rungs of this console.
#[derive(Debug)]
pub struct Ladder {
    desktop: Arc<Desktop>,
    wants_desktop: bool,
    choice: Choice,
    surroundings: Surroundings,
    tmux: Mutex<Asked>,
    detail: Detail,
    quiet: Option<Quiet>,
}

impl Ladder {
    /// The rungs these surroundings have.
    pub fn new(settings: &Settings, surroundings: &Surroundings) -> Self {
        Self {
            desktop: Arc::default(),
            wants_desktop: settings.desktop,
            choice: settings.terminal,
            surroundings: surroundings.clone(),
            tmux: Mutex::new(Asked::first(surroundings.tmux.clone())),
            detail: settings.detail,
            quiet: settings.quiet.clone(),
        }
    }

    /// When only what is critical is told.
    pub fn quiet(&self) -> Option<&Quiet> {
        self.quiet.as_ref()
    }

    /// How much is said where others may read it.
    pub fn detail(&self) -> Detail {
        self.detail
    }

    /// What becomes of a bell that is sent now. tmux is asked anew: whoever was attached may have left a moment ago.
    pub async fn bell(&self) -> Bell {
        if self.surroundings.tmux.is_none() {
            return self.surroundings.bell();
        }
        let mut asked = self.tmux.lock().await;
        // Not every notice waits for one that does not answer, unless it said before that nobody is there.
        if !asked.is_fresh() || asked.answers || asked.tmux.away {
            asked.take(Tmux::ask().await);
        }
        self.surroundings.clone().within(asked.tmux.clone()).bell()
    }

    /// The bytes that ring.
    pub fn ringing(&self) -> Vec<u8> {
        terminal::bell(self.surroundings.through())
    }

    /// The bytes that put a text into the clipboard of the person's own terminal, wherever that is.
    pub fn clipboard(&self, text: &str) -> Vec<u8> {
        terminal::clipboard(text, self.surroundings.through())
    }

    /// Takes a popup away from the desktop.
    pub async fn close(&self, shown: Shown) {
        self.desktop.close(shown).await;
    }

    /// Takes everything away from the desktop that was shown there.
    pub async fn close_all(&self) {
        self.desktop.close_all().await;
    }

    /// Delivers a popup by the first rung that takes it.
    pub async fn deliver(&self, popup: &Popup) -> Delivery {
        let (mut delivery, now) = (Delivery::default(), self.now().await);
        if now.desktop(self.wants_desktop).is_ok() {
            match self.desktop.show(popup).await {
                Ok(shown) => {
                    delivery.shown = Some(shown);
                    return delivery;
                }
                Err(Unseen { fault, late }) => (delivery.failed, delivery.late) = (Some(fault), late),
            }
        }
        if let Ok(form) = now.terminal(self.choice) {
            delivery.asked = Some((form.name(), terminal::sequence(form, popup, now.way())));
        }
        delivery
    }

    /// Tests every rung and the program, in the order they are tried, without showing anything.
    pub async fn test(&self, exec: Option<&Exec>) -> Vec<Rung> {
        let now = self.now().await;
        let desktop = match now.desktop(self.wants_desktop) {
            Ok(()) => self.desktop.test().await.map(buttons).map_err(|fault| said(&fault)),
            Err(why) => Err(why),
        };
        let terminal = terminal_rung(now.terminal(self.choice), "is sent", now.way());
        let exec = match exec {
            Some(exec) => exec
                .file()
                .map(|file| format!("{file} runs, where this console keeps watch"))
                .map_err(|fault| said(&fault)),
            None => Err(NO_EXEC.to_owned()),
        };
        self.all(
            desktop,
            terminal,
            exec,
            self.rings(now.bell(), "always rings; it cannot be heard from here"),
        )
    }

    /// Sends a popup by every rung and the program, and says what became of it; the bytes are for the terminal, in one
    /// piece.
    pub async fn try_all(&self, popup: &Popup, exec: Option<&Exec>, now: Time) -> (Vec<Rung>, Vec<u8>) {
        let surroundings = self.now().await;
        let desktop = match surroundings.desktop(self.wants_desktop) {
            Ok(()) => self
                .desktop
                .show(popup)
                .await
                .map(|_| "sent; the desktop took it".to_owned())
                .map_err(|unseen| said(&unseen.fault)),
            Err(why) => Err(why),
        };
        let form = surroundings.terminal(self.choice);
        let way = surroundings.way();
        let mut bytes =
            form.as_ref().map_or_else(|_| Vec::new(), |form| terminal::sequence(*form, popup, way));
        bytes.extend(self.ringing());
        let terminal = terminal_rung(form, "was sent", way);
        let exec = match exec {
            Some(exec) => exec
                .tell(popup, now)
                .await
                .map(|()| "it ran, exit 0".to_owned())
                .map_err(|fault| said(&fault)),
            None => Err(NO_EXEC.to_owned()),
        };
        let bell = self.rings(surroundings.bell(), "rang; whether it was heard cannot be seen from here");
        (self.all(desktop, terminal, exec, bell), bytes)
    }

    fn all(
        &self,
        desktop: Result<String, String>,
        terminal: Rung,
        exec: Result<String, String>,
        bell: Result<String, String>,
    ) -> Vec<Rung> {
        let banner = Rung { name: "banner", tested: Ok("the console always shows it".to_owned()) };
        let bell = Rung { name: "bell", tested: bell };
        let rungs = [
            banner,
            Rung { name: "desktop", tested: desktop },
            terminal,
            Rung { name: "exec", tested: exec },
            bell,
        ];
        rungs.into_iter().chain(self.focus()).collect()
    }

    /// What is said of a bell that becomes this; `rings` where it rings.
    fn rings(&self, bell: Bell, rings: &str) -> Result<String, String> {
        match bell {
            Bell::Rings if self.surroundings.through() == Through::Screen => {
                Ok(format!("{rings}; GNU screen passes it on from the window you look at"))
            }
            Bell::Rings => Ok(rings.to_owned()),
            Bell::Waits => Err(NOBODY.to_owned()),
            Bell::Mute(why) => Err(why.to_owned()),
        }
    }

    /// tmux keeps to itself who has the focus unless it is told not to: pop-ups then come while somebody looks.
    fn focus(&self) -> Option<Rung> {
        self.surroundings.tmux.as_ref().filter(|tmux| !tmux.focus)?;
        let why = "tmux does not say whether you look, so pop-ups come all the same; run: tmux set -g focus-events on";
        Some(Rung { name: "focus", tested: Err(why.to_owned()) })
    }

    /// What is around at this moment: who is attached to tmux changes.
    async fn now(&self) -> Surroundings {
        if self.surroundings.tmux.is_none() {
            return self.surroundings.clone();
        }
        let mut asked = self.tmux.lock().await;
        if !asked.is_fresh() {
            asked.take(Tmux::ask().await);
        }
        self.surroundings.clone().within(asked.tmux.clone())
    }
}

/// What tmux said last.
#[derive(Debug)]
struct Asked {
    tmux: Tmux,
    /// When it is asked again.
    again: Instant,
    /// Whether it did the last time.
    answers: bool,
}

impl Asked {
    /// What was found at the start needs no second question right then; one that did not answer then gets one.
    fn first(found: Option<Tmux>) -> Self {
        let tmux = found.unwrap_or_default();
        let fresh = if tmux == Tmux::default() { Duration::ZERO } else { ASK_TMUX_AGAIN };
        Self { again: Instant::now() + fresh, tmux, answers: true }
    }

    fn is_fresh(&self) -> bool {
        Instant::now() < self.again
    }

    /// Takes an answer in. None is no answer, and no "no": what was known stays.
    fn take(&mut self, answer: Option<Tmux>) {
        self.answers = answer.is_some();
        let fresh = if self.answers { ASK_TMUX_AGAIN } else { LEAVE_TMUX_ALONE };
        self.again = Instant::now() + fresh;
        self.tmux = answer.unwrap_or_else(|| std::mem::take(&mut self.tmux));
    }
}

fn terminal_rung(form: Result<Form, String>, verb: &str, way: Way) -> Rung {
    let name = form.as_ref().map_or("terminal", |form| form.name());
    Rung { name, tested: form.map(|form| sent(form, verb, way)) }
}

/// How it is sent, and what passes it on or may not.
fn sent(form: Form, verb: &str, way: Way) -> String {
    let through = match way {
        [Through::Nothing, Through::Nothing] => "to the terminal",
        [Through::Tmux, Through::Nothing] => "through tmux, which passes it on",
        [Through::Screen, Through::Nothing] => "through GNU screen, which passes it on",
        [_, Through::Tmux] => {
            "through a tmux around this, which passes it on if this was run there: tmux set -g allow-passthrough all (on before 3.4)"
        }
        [_, Through::Screen] => {
            "through a GNU screen around this, which passes it on; a tmux that calls itself screen does not, \
             run where it runs: tmux set -g default-terminal tmux-256color"
        }
    };
    format!("{} {verb} {through}; whether it is shown cannot be seen from here", form.sequence())
}

fn buttons(has_buttons: bool) -> String {
    match has_buttons {
        true => "the notification server answers; its button acknowledges".to_owned(),
        false => "the notification server answers; it has no buttons to acknowledge with".to_owned(),
    }
}

fn said(fault: &Fault) -> String {
    fault.detail.safe().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IncidentId;
    use crate::domain::notice::{Notice, NoticeKind};
    use crate::domain::text::Outside;

    fn popup() -> Popup {
        let text = Outside::new("gateway \u{1b}]0;x\u{7} refuses");
        let incident = Some(IncidentId::new("INC", 7));
        let notice = Notice::new(NoticeKind::NewCritical, incident, text);
        Popup::of(&notice, None, Detail::Full)
    }

    fn ladder(surroundings: &Surroundings) -> Ladder {
        Ladder::new(&Settings::default(), surroundings)
    }

    fn named(name: &str) -> Surroundings {
        Surroundings { ssh: true, name: name.to_owned(), ..Surroundings::default() }
    }

    #[tokio::test]
    async fn without_desktop_and_terminal_the_banner_and_the_bell_are_left() {
        let ladder = ladder(&named("xterm"));
        let delivery = ladder.deliver(&popup()).await;
        assert!(delivery.asked.is_none() && delivery.shown.is_none() && delivery.failed.is_none());
        let rungs = ladder.test(None).await;
        let alive: Vec<_> = rungs.iter().filter(|rung| rung.tested.is_ok()).map(|rung| rung.name).collect();
        assert_eq!(alive, ["banner", "bell"]);
        for (at, why) in [(1, "in SSH"), (2, "set notify.terminal"), (3, "set notify.exec")] {
            assert!(rungs[at].tested.as_ref().unwrap_err().contains(why), "{rungs:?}");
        }
        let (_, bytes) = ladder.try_all(&popup(), None, Time::UNIX_EPOCH).await;
        assert_eq!(bytes, b"\x07");
    }

    #[tokio::test]
    async fn a_test_of_the_terminal_says_which_sequence_and_whether_tmux_passes_it() {
        for (tmux, expected) in [
            (None, Ok("OSC 9 is sent to the terminal")),
            (Some(true), Ok("OSC 9 is sent through tmux, which passes it on")),
            (Some(false), Err("tmux drops OSC 9; run: tmux set -g allow-passthrough on")),
        ] {
            let outer = "iTerm2 3.5".to_owned();
            let tmux = tmux.map(|passthrough| Tmux { passthrough, outer, ..Tmux::default() });
            let rungs = ladder(&Surroundings { tmux: tmux.clone(), ..named("iTerm.app") }).test(None).await;
            let begins = |said: &str, expected: &str| assert!(said.starts_with(expected), "{said}");
            match (&rungs[2].tested, expected) {
                (Ok(said), Ok(expected)) | (Err(said), Err(expected)) => begins(said, expected),
                (tested, _) => panic!("{tested:?}, expected {expected:?}"),
            }
            assert_eq!(rungs.iter().any(|rung| rung.name == "focus"), tmux.is_some(), "{rungs:?}");
        }
    }

    #[tokio::test]
    async fn a_bell_that_is_kept_from_whoever_sits_there_is_no_way_to_reach_them() {
        let why = "tmux passes no bell on; run: tmux set -g bell-action any";
        let mute = Tmux { mute: Some(why), ..Tmux::default() };
        let away = Tmux { away: true, ..Tmux::default() };
        for (tmux, said) in [(mute, why), (away, NOBODY)] {
            let mut ladder = ladder(&Surroundings { tmux: Some(tmux.clone()), ..named("xterm") });
            // Nobody asks a real one here.
            ladder.tmux =
                Mutex::new(Asked { tmux, again: Instant::now() + ASK_TMUX_AGAIN * 60, answers: true });
            let (sent, _) = ladder.try_all(&popup(), None, Time::UNIX_EPOCH).await;
            for rungs in [ladder.test(None).await, sent] {
                let bell = rungs.into_iter().find(|rung| rung.name == "bell").unwrap();
                assert_eq!(bell.tested, Err(said.to_owned()));
            }
        }
    }

    #[tokio::test]
    async fn what_was_chosen_is_wrapped_for_each_that_stands_between() {
        let settings = Settings { terminal: Choice::Osc9, desktop: false, ..Settings::default() };
        let within = |outer: &str| Surroundings {
            tmux: Some(Tmux { passthrough: true, outer: outer.to_owned(), ..Tmux::default() }),
            ..Surroundings::default()
        };
        for (surroundings, begins, says) in [
            (named("tmux-256color"), "\u{1b}Ptmux;\u{1b}\u{1b}]9;", "a tmux around this"),
            (named("screen-256color"), "\u{1b}P\u{1b}]9;", "a GNU screen around this"),
            (within("xterm-kitty"), "\u{1b}Ptmux;\u{1b}\u{1b}]9;", "through tmux, which"),
            (
                within("tmux 3.4 screen-256color"),
                "\u{1b}Ptmux;\u{1b}\u{1b}Ptmux;\u{1b}\u{1b}\u{1b}\u{1b}]9;",
                "a tmux around this",
            ),
            (within("screen.xterm"), "\u{1b}Ptmux;\u{1b}\u{1b}P\u{1b}\u{1b}]9;", "a GNU screen around"),
        ] {
            let mut ladder = Ladder::new(&settings, &surroundings);
            // Nobody asks a real one here.
            ladder.tmux.get_mut().again = Instant::now() + ASK_TMUX_AGAIN * 60;
            let (rungs, bytes) = ladder.try_all(&popup(), None, Time::UNIX_EPOCH).await;
            assert!(bytes.starts_with(begins.as_bytes()), "{:?}", String::from_utf8_lossy(&bytes));
            let said = rungs[2].tested.as_ref().unwrap();
            assert!(said.contains(says), "{said}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_tmux_that_does_not_answer_has_not_said_no() {
        let passes = Tmux { passthrough: true, outer: "iTerm2".to_owned(), ..Tmux::default() };
        let mut asked = Asked::first(Some(passes.clone()));
        assert!(asked.is_fresh());
        tokio::time::advance(ASK_TMUX_AGAIN).await;
        assert!(!asked.is_fresh());
        asked.take(None);
        assert_eq!(asked.tmux, passes);
        assert!(asked.is_fresh(), "not each notice waits for it");
        tokio::time::advance(ASK_TMUX_AGAIN).await;
        assert!(asked.is_fresh());
        tokio::time::advance(LEAVE_TMUX_ALONE - ASK_TMUX_AGAIN).await;
        assert!(!asked.is_fresh(), "it may answer by now");
        asked.take(Some(Tmux { passthrough: false, ..passes.clone() }));
        assert!(asked.is_fresh() && !asked.tmux.passthrough);
        assert!(!Asked::first(Some(Tmux::default())).is_fresh(), "it did not answer at the start");
    }

    #[tokio::test]
    async fn the_terminal_takes_what_the_desktop_cannot() {
        let delivery = ladder(&named("xterm-ghostty")).deliver(&popup()).await;
        let (by, bytes) = delivery.asked.unwrap();
        assert_eq!(by, "osc777");
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text, "\u{1b}]777;notify;NEW INC-7;gateway \\x1b]0,x\\x07 refuses\u{1b}\\");
    }
}
