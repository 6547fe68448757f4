//! The filter as it is typed: what it completes, what it finds, and how little work a key is.

use super::*;
use crate::support::play::{opening, with_labels};
use quell::console::news::New;
use quell::console::page::Line;
use quell::console::page::prompt::sheet;
use quell::console::sieve::{AT_ONCE, BYTES_AT_ONCE};
use quell::domain::id::IncidentId;
use quell::domain::sensitive::HIDDEN;

/// The lines of what is asked.
fn lines(play: &Play) -> Vec<String> {
    let sheet = sheet(&play.model, 80, play.now).unwrap();
    let rest = sheet.body.iter().chain(&sheet.foot).map(Line::text);
    std::iter::once(sheet.title).chain(rest).map(|line| line.trim_end().to_owned()).collect()
}

fn typed(play: &Play) -> String {
    let Some(Prompt::Filter { field, .. }) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    field.text()
}

/// Three services, one of them with a blank in its name.
fn services() -> Play {
    let with = |n, service: &str| {
        let mut it = incident(n, Severity::High, "14:00:00", "Consumer lag orders-v2");
        it.opening.service = Outside::new(service);
        it
    };
    console().board([with(1, "auth"), with(2, "auth"), with(3, "order book"), with(4, "web")])
}

#[test]
fn names_of_terms_and_values_on_the_board_are_completed() {
    let mut play = services();
    play.press("/");
    play.typing("ser");
    play.press("tab");
    assert_eq!(typed(&play), "service:");
    assert_eq!(play.rows().len(), 4, "a term that is only begun hides nothing");
    let all = lines(&play);
    assert!(all[1].contains("auth") && all[1].contains("2 open"), "the most frequent first: {all:#?}");
    play.press("down down enter");
    assert_eq!(typed(&play), "service:\"order book\"");
    assert_eq!(play.rows(), [3]);
    assert!(lines(&play)[0].contains("1 of 4 shown, 3 hidden"), "{:#?}", lines(&play));
    play.typing(" label:po");
    play.press("tab");
    play.typing("=");
    play.press("down enter");
    assert_eq!(typed(&play), "service:\"order book\" label:pod=gw-2");
    assert_eq!(play.rows(), [3]);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(play.model.prompt, None, "the filter stands");
}

#[test]
fn what_is_only_begun_is_no_error_and_what_is_wrong_is_pointed_at() {
    let mut play = services();
    play.press("/");
    let high = lines(&play).len();
    for begun in ["s", "ev:", "hi"] {
        play.typing(begun);
        let Some(Prompt::Filter { error, .. }) = &play.model.prompt else { panic!() };
        assert_eq!(*error, None, "{begun}");
    }
    play.press("enter");
    let Some(Prompt::Filter { error: Some(error), .. }) = &play.model.prompt else { panic!("it was taken") };
    assert_eq!((error.at, error.cells), (4, 2));
    play.typing("gh holdr:x sev:high");
    let all = lines(&play);
    assert_eq!(all.len(), high, "{all:#?}");
    let caret = all.iter().position(|line| line.starts_with(" find: ")).unwrap();
    assert_eq!(all[caret].find("holdr"), all[caret + 1].find("^^^^^"), "{all:#?}");
    assert!(all[caret + 2].contains("`holdr` is no term; possible are sev:"), "{all:#?}");
    play.press("ctrl-u");
    assert_eq!(lines(&play).len(), high, "what stands behind it does not jump");
}

#[test]
fn words_find_what_their_letters_mean_but_nothing_that_is_hidden() {
    let hidden = with_labels(
        7,
        Severity::Critical,
        "14:00:00",
        "Login failures for an account",
        &[("service", "auth"), ("account_id", HIDDEN)],
    );
    let mut play = console().board([
        hidden,
        with_labels(8, Severity::Critical, "14:00:00", "Withdrawals hang in eu-1", &[("service", "funds")]),
    ]);
    for (words, rows) in [
        ("wthd", vec![8]),
        ("withdraw", vec![8]),
        ("\"wthd\"", vec![]),
        ("inc7", vec![7]),
        ("lgn acc", vec![7]),
        ("-wthd", vec![7, 8]),
        ("-withdraw", vec![7]),
        ("88213", vec![]),
        ("••••", vec![]),
        ("label:account_id=", vec![]),
    ] {
        play.press("/ ctrl-u");
        play.typing(words);
        if words.ends_with('=') {
            assert!(lines(&play)[1..3].iter().all(|line| !line.contains('•')), "{:#?}", lines(&play));
        } else {
            assert_eq!(play.rows(), rows, "{words}");
        }
        play.press("esc");
    }
}

#[test]
fn a_key_looks_into_so_many_incidents_at_most_and_the_rest_follows_by_itself() {
    const ALL: u64 = 10_000;
    let one = |n: u64| {
        let title = if n.is_multiple_of(10) { "Zone transfer refused" } else { "Consumer lag orders-v2" };
        let severity = if n < 3000 { Severity::Critical } else { Severity::High };
        let mut it = incident(n, severity, "14:00:00", title);
        it.opening.service = Outside::new(format!("s-{n}"));
        it
    };
    let mut play = console().board((0..ALL).map(one));
    let left = |play: &Play| play.model.triage.unsifted();
    let all = usize::try_from(ALL).unwrap();
    play.press("/");
    play.typing("z");
    assert_eq!(left(&play), all - AT_ONCE, "one key looks into so many");
    assert!(lines(&play)[0].ends_with("not looked into yet"), "{:#?}", lines(&play));
    assert!(play.model.next_wake(play.now) < Some(play.now + chrono::TimeDelta::milliseconds(5)));
    let (mut steps, mut before) = (0, play.rows());
    while left(&play) > 0 {
        let was = left(&play);
        play.wait(1);
        assert!(was - left(&play) <= AT_ONCE);
        assert_eq!(play.rows()[..before.len()], before, "no row moves while others follow");
        (steps, before) = (steps + 1, play.rows());
    }
    assert_eq!(steps, all / AT_ONCE - 1);
    assert_eq!(play.rows().len(), all / 10);
    play.typing("on");
    while left(&play) > 0 {
        play.wait(1);
    }
    play.typing("e");
    assert_eq!(left(&play), 0, "what goes on looks only into what was found: {}", play.rows().len());
    assert_eq!(play.rows().len(), all / 10);
}

#[test]
fn all_rows_stand_as_they_did_before_the_filter_and_no_key_puts_ten_thousand_in_order() {
    let one = |n: u64| {
        let title = if n.is_multiple_of(10) { "Zone transfer refused" } else { "Consumer lag orders-v2" };
        let mut it = incident(n, Severity::High, "14:00:00", title);
        it.opening.service = Outside::new(format!("s-{n}"));
        it
    };
    for (all, at_once) in [(100, true), (10_000, false)] {
        let mut play = console().board((0..all).map(one));
        let before = play.rows();
        play.press("/");
        play.typing("zone");
        while play.model.triage.is_sifting() {
            play.wait(1);
        }
        play.press("enter j j");
        assert_eq!((play.rows().len(), play.selected()), (before.len() / 10, 20));
        play.press("esc");
        assert_eq!((play.rows(), play.selected()), (before.clone(), 20));
        assert!(!play.model.triage.is_behind(), "nothing has changed meanwhile");
        play.press("/");
        play.typing("zone");
        play.engine.put(incident(
            20_000,
            Severity::Critical,
            "14:03:00",
            "Order gateway refuses connections",
        ));
        play.poll();
        play.press("esc");
        let came = play.rows().contains(&20_000);
        assert_eq!((came, play.model.triage.waiting.len()), (at_once, usize::from(!at_once)));
        assert_eq!(play.selected(), 20);
        play.wait(1000);
        assert_eq!((play.rows()[0], play.rows().len()), (20_000, before.len() + 1), "as without a filter");
    }
}

#[test]
fn where_incidents_say_much_a_key_looks_into_fewer() {
    let long = "much is said of it ".repeat(50);
    let labels: Vec<(String, &str)> = (0..100).map(|n| (format!("note_{n}"), long.as_str())).collect();
    let labels: Vec<(&str, &str)> = labels.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let one = |n| crate::support::play::with_labels(n, Severity::High, "14:00:00", "Consumer lag", &labels);
    let mut play = console().board((0..30).map(one));
    play.press("/");
    play.typing("z");
    let left = play.model.triage.unsifted();
    assert_eq!(30 - left, BYTES_AT_ONCE / (100 * (long.len() + 10)), "as many as fit");
    let mut steps = 1;
    while play.model.triage.unsifted() > 0 {
        play.wait(1);
        steps += 1;
    }
    assert_eq!(steps, 6);
}

#[test]
fn what_is_looked_into_once_more_was_looked_into() {
    let mut play =
        console().board((0..2500).map(|n| incident(n, Severity::High, "14:00:00", "Consumer lag orders-v2")));
    play.press("/ l a g enter");
    while play.model.triage.unsifted() > 0 {
        play.wait(1);
    }
    play.wait(6000);
    assert!(play.model.triage.is_sifting(), "it looks once more");
    assert_eq!(play.model.triage.unsifted(), 0, "and says nothing of it");
    while play.model.triage.is_sifting() {
        play.wait(1);
    }
    assert_eq!(play.model.triage.shown(), 2500);
}

#[test]
fn who_reported_it_how_and_what_they_told_is_found() {
    use quell::domain::opening::{Reported, Reporter};
    use quell::domain::record::Record;
    let reported = |number: u64| {
        let mut it = incident(number, Severity::High, "14:00:00", "Keys leak");
        let told = [("technical details", "signature replayed from 203.0.113.9"), ("evidence", HIDDEN)];
        let told = told.map(|(item, text)| (item.to_owned(), Outside::new(text)));
        it.opening.reported = Some(Box::new(Reported {
            from: Reporter::Partner,
            by: Outside::new("Ada of Acme"),
            via: Outside::new("mail"),
            told: told.into(),
        }));
        let opened = Entry::Opened(Box::new(opening(&it)));
        let by = quell::domain::operator::Actor::Engine;
        let record: Record = crate::support::board::record(number, it.opened_at, by, opened);
        quell::domain::incident::Incident::open(&record).unwrap()
    };
    let mut play = console().board([reported(7), incident(8, Severity::High, "14:00:00", "Webhooks late")]);
    for (words, rows) in [
        ("acme", vec![7]),
        ("replayed", vec![7]),
        ("sigrepl", vec![7]),
        ("partner", vec![7]),
        ("\"203.0.113.9\"", vec![7]),
        ("-acme", vec![8]),
        ("••••", vec![]),
    ] {
        play.press("/ ctrl-u");
        play.typing(words);
        assert_eq!(play.rows(), rows, "{words}");
        play.press("esc");
    }
}

#[test]
fn a_pasted_word_takes_the_place_of_what_was_chosen() {
    let mut play = services();
    play.press("/ s e r down");
    play.tell(quell::console::message::Message::Pasted(Outside::new("v")));
    let Some(Prompt::Filter { chosen, .. }) = &play.model.prompt else { panic!() };
    assert_eq!(*chosen, None);
}

#[test]
fn a_filter_follows_the_board_and_the_time() {
    let mut play = console().usual();
    play.press("/");
    play.typing("age>4m -is:acked");
    play.press("enter");
    assert_eq!(play.rows(), [1050, 1051, 1029]);
    play.engine.by("bo", 1050, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.wait(2000);
    play.poll();
    assert_eq!(play.rows(), [1051, 1029], "bo has it");
    play.now = at("14:05:30");
    play.wait(0);
    assert_eq!(play.rows(), [1047, 1051, 1029], "it has grown old enough");
}

#[test]
fn what_came_or_changed_is_marked_for_a_moment_and_nothing_moves() {
    let mut play = console().usual();
    let sign = |play: &Play, number| play.model.news.of(&id(number), play.now).map(New::sign);
    assert_eq!(sign(&play, 1050), None, "what was there at first is no news");
    let rows = play.rows();
    play.press("j");
    play.engine.by("bo", 1050, "14:03:25", Entry::Noted { text: Outside::new("looking") });
    play.engine.put(incident(1060, Severity::Critical, "14:03:25", "Withdrawals hang"));
    play.poll();
    assert_eq!(play.rows(), rows, "rows are held");
    assert_eq!((sign(&play, 1050), sign(&play, 1060), sign(&play, 1051)), (Some("~"), Some("+"), None));
    play.wait(2000);
    play.engine.by("bo", 1060, "14:03:27", Entry::Noted { text: Outside::new("looking") });
    play.poll();
    assert_eq!(sign(&play, 1060), Some("+"), "it is new all the same");
    play.wait(3000);
    assert_eq!((sign(&play, 1050), sign(&play, 1060)), (None, Some("+")));
    play.wait(2000);
    assert_eq!(sign(&play, 1060), None);
}

#[test]
fn whoever_gives_a_filter_up_is_where_they_were() {
    let mut play = console().usual();
    play.press("j j");
    let was = play.selected();
    play.press("/");
    play.typing("sev:critical");
    assert_ne!(play.selected(), was, "it is not among them");
    play.press("esc");
    assert_eq!(play.selected(), was);
    play.press("/");
    play.typing("sev:critical");
    play.press("enter");
    assert_ne!(play.selected(), was, "who goes on stays there");
}

#[test]
fn while_it_is_typed_the_cursor_stays_on_what_it_stood_on_or_on_the_first_that_matches() {
    let mut play = services();
    let on = |play: &Play| play.model.selected_id().map(IncidentId::number);
    play.press("j j /");
    assert_eq!(on(&play), Some(3));
    play.typing("service:web");
    assert_eq!((play.rows(), on(&play)), (vec![4], Some(4)));
    play.typing(" or sev:high");
    assert_eq!((play.rows(), on(&play)), (vec![1, 2, 3, 4], Some(3)), "it matches again");
    play.press("enter");
    assert_eq!(on(&play), Some(3));
    play.press("j esc /");
    play.typing("service:auth");
    assert_eq!((play.rows(), on(&play)), (vec![1, 2], Some(1)), "the first, not what took its place");
}
