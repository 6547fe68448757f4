//! What the next key may show is drawn before it, and is what would be drawn after it.

use super::*;
use quell::console::chord::Chord;
use quell::console::message::Message;
use quell::console::reading;
use quell::domain::time::Span;
use quell::runtime::emitter::Emitter;
use quell::view::{self, Canvas, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

/// A canvas on which frame follows frame, an emitter behind it, and how often a frame was made ahead.
struct Screen {
    canvas: Canvas,
    emitter: Emitter,
    ahead: usize,
}

impl Screen {
    fn new(cols: u16, rows: u16) -> Self {
        let emitter = Emitter::new(Size::new(cols, rows), false);
        Self { canvas: Canvas::new(Theme::default(), cols, rows), emitter, ahead: 0 }
    }

    /// Draws a frame, which is what a canvas shows that is used for the first time; then the next one ahead.
    fn look(&mut self, play: &mut Play) -> Buffer {
        let seen = |canvas: &mut Canvas, play: &Play| {
            canvas.begin();
            view::sketch(&play.model, play.now, canvas);
            painted(canvas)
        };
        let drawn = seen(&mut self.canvas, play);
        self.emitter.draw(&self.canvas);
        self.emitter.take();
        let mut fresh = Canvas::new(Theme::default(), self.canvas.area.cols, self.canvas.area.rows);
        assert!(drawn == seen(&mut fresh, play), "while {} is selected", play.selected());
        self.prepare(play);
        drawn
    }

    /// Draws ahead, which does not change the model.
    fn prepare(&mut self, play: &mut Play) {
        let (before, now) = (play.model.clone(), play.now);
        let selected = before.selected_id().cloned();
        reading::as_if_next(&mut play.model, now, |model| {
            let next = model.selected_id();
            assert!(next.is_some() && next != selected.as_ref(), "{next:?}");
            assert_eq!(model.detail.as_ref().map(|detail| &detail.incident.id), next);
            self.canvas.begin();
            view::sketch(model, now, &mut self.canvas);
            self.emitter.ahead(&self.canvas);
            self.ahead += 1;
        });
        assert_eq!(play.model, before);
    }
}

fn key_of(key: &str) -> Message {
    Message::Pressed(Chord::parse(key).unwrap())
}

/// So many incidents, of which none stands in a fold.
fn many(count: u64) -> Play {
    console().board((0..count).map(|n| {
        let mut it = incident(2000 + n, Severity::High, "13:57:00", &format!("Consumer {n} lags"));
        it.opening.service = Outside::new(format!("s-{n}"));
        it
    }))
}

#[test]
fn a_frame_after_a_key_is_what_is_drawn_anew_whatever_was_drawn_ahead() {
    for (cols, rows) in [(200, 60), (80, 24), (40, 12)] {
        let mut play = many(30).sized(cols, rows);
        let mut screen = Screen::new(cols, rows);
        screen.look(&mut play);
        assert_eq!(screen.ahead, 0, "nobody has touched a key");
        for key in "j j j k k j V j j enter esc j m j esc G k k j f j / esc n esc j u".split(' ') {
            play.now += Span::millis(35).delta();
            play.tell(key_of(key));
            screen.look(&mut play);
        }
        assert_eq!(screen.ahead > 10, rows > 12, "{} times at {cols}x{rows}", screen.ahead);
    }
}

/// A debug build draws what is kept once more, and finds out where that is something else by now.
#[test]
#[cfg(debug_assertions)]
fn the_frame_after_a_key_has_what_was_drawn_ahead() {
    let changes: [fn(&mut Play); 3] = [
        |_| {},
        |play| play.model.settings.build = "another one".to_owned(),
        |play| play.model.detail.as_mut().unwrap().records.clear(),
    ];
    for (keys, moved) in [("j", "j"), ("j k j j k", "k"), ("G k", "k")] {
        let differs = changes.map(|change| {
            // So wide that the build has room behind the keys.
            let mut play = many(10).sized(400, 60);
            let mut screen = Screen::new(400, 60);
            for key in keys.split(' ') {
                play.tell(key_of(key));
                screen.look(&mut play);
            }
            play.now += Span::millis(35).delta();
            play.tell(key_of(moved));
            change(&mut play);
            screen.canvas.begin();
            let draw = || view::sketch(&play.model, play.now, &mut screen.canvas);
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(draw)).is_err()
        });
        assert_eq!(differs, [false, true, true], "after {keys} {moved}");
    }
}

#[test]
fn the_frame_after_a_key_is_the_one_that_was_made_before_it() {
    let digests = |screen: &Screen| (0..60).map(|y| screen.canvas.digest(y, 200)).collect::<Vec<_>>();
    let mut play = many(80).sized(200, 60);
    let mut screen = Screen::new(200, 60);
    play.press("j");
    screen.look(&mut play);
    // Through all that is in sight, and on where the list scrolls.
    for _ in 0..60 {
        let made = digests(&screen);
        play.now += Span::millis(10).delta();
        play.tell(key_of("j"));
        screen.canvas.begin();
        view::sketch(&play.model, play.now, &mut screen.canvas);
        assert!(digests(&screen) == made, "{} is selected", play.selected());
        screen.look(&mut play);
    }
    assert_eq!(screen.ahead, 61);
}

#[test]
fn what_is_drawn_ahead_is_old_once_more_is_known_or_a_second_has_passed() {
    let mut play = many(10).sized(200, 60);
    let mut screen = Screen::new(200, 60);
    play.press("j");
    screen.look(&mut play);
    assert_eq!(screen.ahead, 1);
    // It is the next one that somebody takes, and no more is read of it yet.
    play.silent = true;
    let taken = Entry::Acknowledged { lasts_s: 1800, from: None };
    play.engine.by("bo", 2002, "14:03:20", taken);
    play.poll();
    play.tell(key_of("j"));
    let seen = screen.look(&mut play);
    let text: String = seen.content.iter().map(ratatui::buffer::Cell::symbol).collect();
    assert!(text.contains("INC-2002 ── ") && text.contains("Held by bo"), "{text}");
    // Then it is read.
    let read = play.engine.answer(&Effect::Load("INC-2002".to_owned()), play.now);
    play.tell(read.unwrap());
    assert!(screen.look(&mut play) != seen, "the timeline says who");
    play.now += Span::secs(1).delta();
    play.tell(key_of("j"));
    screen.look(&mut play);
}

#[test]
fn it_is_drawn_where_the_cursor_goes_while_somebody_uses_the_keys_and_nothing_is_asked() {
    let mut play = many(10).sized(200, 60);
    let next = |play: &mut Play| {
        let mut next = None;
        reading::as_if_next(&mut play.model, play.now, |model| {
            next = model.selected_id().map(quell::domain::id::IncidentId::number);
        });
        next
    };
    assert_eq!(next(&mut play), None, "nobody has touched a key");
    for (key, selected, comes) in [
        ("j", 2001, Some(2002)),
        ("j", 2002, Some(2003)),
        ("k", 2001, Some(2000)),
        ("k", 2000, Some(2001)),
        ("G", 2009, None),
        ("k", 2008, Some(2007)),
        ("n", 2008, None),
        ("esc", 2008, Some(2007)),
        ("enter", 2008, None),
        ("esc", 2008, Some(2007)),
    ] {
        play.press(key);
        assert_eq!((play.selected(), next(&mut play)), (selected, comes), "after {key}");
    }
    play.now += quell::console::model::WATCHED_AFTER_KEY.delta();
    assert_eq!(next(&mut play), None, "nobody has touched a key for long");
    let mut play = many(10).sized(40, 12);
    play.press("j");
    assert_eq!(next(&mut play), None, "no detail has room");
}

#[test]
fn a_fold_is_not_drawn_ahead_and_what_stands_beside_it_is() {
    let mut play = console().sized(200, 60).board(
        (0..12).map(|n| incident(2000 + n, Severity::High, "13:57:00", &format!("Consumer {n} lags"))),
    );
    play.engine.put(incident(1047, Severity::Critical, "14:01:22", "Order gateway refuses connections"));
    play.poll();
    play.wait(2000);
    let mut screen = Screen::new(200, 60);
    for key in "j k j enter j j k k enter k j".split(' ') {
        play.now += Span::millis(300).delta();
        play.tell(key_of(key));
        screen.look(&mut play);
    }
    assert!(screen.ahead > 0);
}

#[test]
fn only_an_answer_that_is_read_ahead_shows_nothing() {
    let mut play = many(30).sized(200, 60);
    play.press("j j j j j j j");
    play.silent = true;
    play.press("j");
    let ahead = play.asked.iter().rev().find_map(|effect| match effect {
        Effect::ReadAhead(id) => Some(id.to_string()),
        _ => None,
    });
    assert_eq!(ahead.as_deref(), Some("INC-2010"));
    let is_ahead = |play: &Play, asked| reading::is_ahead(&play.model, asked);
    assert!(is_ahead(&play, "INC-2010") && !is_ahead(&play, "INC-2008") && !is_ahead(&play, "INC-2011"));
    for keys in ["j", "j"] {
        play.press(keys);
    }
    assert!(!is_ahead(&play, "INC-2010"), "it is selected by now");
    play.press("k n");
    assert!(!is_ahead(&play, "INC-2010"), "something is asked");
}
