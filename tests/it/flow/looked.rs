//! What sources say of the incident that is shown is read again when they say more, without a record of it.

use super::*;

fn loads(play: &Play) -> usize {
    play.asked.iter().filter(|effect| matches!(effect, Effect::Load(_))).count()
}

#[test]
fn a_detail_is_read_again_once_its_source_has_answered_and_not_more_often_than_that() {
    let mut play = console().usual();
    let before = loads(&play);
    play.wait(10_000);
    assert_eq!(loads(&play), before, "no source has answered since");
    play.poll();
    assert_eq!(loads(&play), before + 1);
    play.wait(1000);
    play.poll();
    assert_eq!(loads(&play), before + 1, "so soon it is not read again");
    play.wait(3000);
    assert_eq!(loads(&play), before + 2, "what was said meanwhile is");
    play.wait(60_000);
    assert_eq!(loads(&play), before + 2);
}

#[test]
fn what_is_not_on_the_screen_is_not_read() {
    for (cols, rows, keys) in [(40, 12, ""), (80, 24, "m")] {
        let mut play = console().usual().sized(cols, rows);
        play.press(keys);
        let before = loads(&play);
        play.wait(10_000);
        play.poll();
        assert_eq!(loads(&play), before, "{cols}x{rows} {keys}");
    }
}

#[test]
fn nothing_disappears_while_it_is_read_again() {
    let mut play = console().usual();
    play.press("enter");
    play.wait(10_000);
    let shown = play.model.detail.clone();
    let changes = play.engine.changes(play.now);
    let mut changes = changes;
    changes.sources.iter_mut().for_each(|source| source.as_of = Some(play.now));
    let asked = quell::console::update(
        &mut play.model,
        play.now,
        quell::console::message::Message::Changed(Box::new(changes)),
    );
    assert_eq!(asked, [Effect::Load("INC-1047".into())]);
    assert_eq!(play.model.detail, shown);
}

#[test]
fn a_line_that_is_shown_of_what_was_selected_does_not_move_when_the_rest_is_read() {
    use quell::console::page::{Line, detail};
    let mut play = console().usual();
    play.press("j");
    let shown = |play: &Play, now| -> Vec<String> {
        detail::page(&play.model, 80, 12, now).iter().map(Line::text).collect()
    };
    let whole = shown(&play, play.now);
    play.model.detail = None;
    assert!(shown(&play, play.now).len() > 3, "what cannot be read is not waited for");
    play.model.loading = Some("INC-1050".to_owned());
    let first = shown(&play, play.now);
    assert_eq!((first.len(), &first[0]), (1, &whole[0]), "what stands above all that is read");
    let later = play.now + quell::domain::time::Span::millis(150).delta();
    assert_eq!(play.model.next_wake(play.now), Some(later), "it is drawn when it takes longer");
    assert!(shown(&play, later).len() > 3, "what is known is not kept back");
}

fn ahead(play: &Play) -> Vec<u64> {
    let id = |effect: &Effect| match effect {
        Effect::ReadAhead(id) => Some(id.number()),
        _ => None,
    };
    play.asked.iter().filter_map(id).collect()
}

fn shown(play: &Play) -> Option<u64> {
    let detail = play.model.detail.as_ref()?;
    Some(detail.incident.id.number()).filter(|number| *number == play.selected())
}

#[test]
fn what_a_key_selects_was_read_before_and_nothing_is_waited_for() {
    let mut play = console().usual();
    assert_eq!(ahead(&play), Vec::<u64>::new(), "nobody has touched a key");
    play.press("j");
    assert_eq!(play.rows(), [1047, 1050, 1051, 1029]);
    assert_eq!(ahead(&play), [1051, 1029], "the one above was read when it was selected");
    let before = loads(&play);
    play.silent = true;
    for (key, number) in [("j", 1051), ("j", 1029), ("k", 1051), ("k", 1050), ("k", 1047)] {
        play.press(key);
        assert_eq!(shown(&play), Some(number), "no answer has come since");
        assert_eq!(quell::console::reading::by(&play.model), None, "its frame waits for nothing");
    }
    assert_eq!((loads(&play), ahead(&play).len()), (before, 2), "all of them were read once");
}

#[test]
fn one_neighbour_is_read_at_a_time_and_one_that_has_changed_again() {
    let numbers = 2000..2040u64;
    let one = |n| incident(n, Severity::High, "13:57:00", &format!("Consumer {n} lags"));
    let mut play = console().board(numbers.map(|n| {
        let mut it = one(n);
        it.opening.service = Outside::new(format!("s-{n}"));
        it
    }));
    play.press("j j j");
    let read = ahead(&play);
    assert_eq!(read, (2002..=2009).collect::<Vec<_>>(), "the first key reads on, the others need nobody");
    play.engine.by("bo", 2005, "14:03:20", Entry::Noted { text: Outside::new("looks into it") });
    play.wait(300);
    play.poll();
    assert_eq!(ahead(&play)[read.len()..], [2005, 2010, 2011], "more has happened than was read");
    play.silent = true;
    let asked = (loads(&play), ahead(&play).len());
    play.press("j j");
    assert_eq!((loads(&play), ahead(&play).len()), asked, "all of it is there");
    assert_eq!(shown(&play), Some(2005));
    let records = &play.model.detail.as_ref().unwrap().records;
    assert!(matches!(records.last().unwrap().entry, Entry::Noted { .. }), "what was read last is shown");
    for _ in 0..6 {
        play.press("j");
    }
    assert_eq!(ahead(&play)[asked.1..], [2012], "one is under way");
    assert_eq!(loads(&play), asked.0);
}

#[test]
fn nothing_is_shown_of_another_one_and_keys_that_select_nothing_keep_nothing_from_sight() {
    use quell::console::reading::{by, is_awaited};
    let mut play = console().usual();
    play.silent = true;
    play.press("G");
    assert_eq!((play.selected(), shown(&play), play.model.detail.is_none()), (1029, None, true));
    let until = play.now + quell::domain::time::Span::millis(150).delta();
    assert_eq!(by(&play.model), Some(until));
    for _ in 0..3 {
        play.now += chrono::TimeDelta::milliseconds(60);
        play.typing(" ");
        assert_eq!(by(&play.model), Some(until), "counted from when it was selected");
    }
    assert!(!is_awaited(&play.model, play.now));
}

#[test]
fn what_cannot_be_read_ahead_is_asked_for_no_more_until_the_engine_is_heard_again() {
    let mut play = console().usual();
    play.silent = true;
    play.press("j");
    let refused = |asked: &str| quell::console::message::Message::Opened {
        asked: asked.to_owned(),
        detail: Err(quell::backend::Refusal::new(quell::backend::RefusalKind::Unreachable, "the disk")),
    };
    play.tell(refused("INC-1050"));
    assert_eq!(ahead(&play), [1051]);
    play.tell(refused("INC-1051"));
    play.wait(300);
    assert_eq!(ahead(&play), [1051]);
    play.poll();
    assert_eq!(ahead(&play), [1051], "what is selected comes first");
    play.tell(refused("INC-1050"));
    assert_eq!(ahead(&play), [1051, 1051]);
}
