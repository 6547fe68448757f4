//! The palette: what a few letters mean, and why a command does nothing here.

use super::storm::storm;
use super::verbs::recorded;
use super::*;
use quell::console::applying::command_why_not;
use quell::console::command::{Command, Group, TABLE};
use quell::console::model::{Model, Screen, ToastState};
use quell::console::page::prompt::sheet;
use quell::domain::record::CloseReason;

/// The lines of what is asked.
fn lines(play: &Play) -> Vec<String> {
    let sheet = sheet(&play.model, 80, play.now).unwrap();
    std::iter::once(sheet.title)
        .chain(sheet.body.iter().chain(&sheet.foot).map(quell::console::page::Line::text))
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// The command that Enter would run.
fn first(typed: &str) -> String {
    let mut play = console().usual();
    play.press(":");
    play.typing(typed);
    let all = lines(&play);
    let marked = all.iter().find(|line| line.starts_with(" ▶")).map_or("", String::as_str);
    marked.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_few_letters_mean_what_they_fit_best_in_name_or_description() {
    for (typed, name) in [
        ("close", "close"),
        ("sev", "severity"),
        ("hov", "hand-over"),
        ("rcause", "root-cause"),
        ("duplicate", "merge"),
        ("paging", "acknowledge"),
        ("how many", "impact"),
        ("write note", "note"),
        ("zzz", ""),
    ] {
        assert_eq!(first(typed), name, "{typed}");
    }
}

#[test]
fn what_changes_something_runs_by_its_name_or_a_beginning_of_its_own_and_by_no_guess() {
    let left = |typed: &str| {
        let mut play = console().usual();
        play.press(":");
        play.typing(typed);
        let effects = play.keys("enter");
        (effects, play)
    };
    for typed in ["re", "a", "acknowledge", "reveal", "ack"] {
        let (effects, play) = left(typed);
        let sure = matches!(typed, "acknowledge" | "ack" | "reveal");
        assert_eq!(effects.len(), usize::from(sure), "{typed}: {effects:?} {:?}", play.model.prompt);
    }
    let (_, play) = left("ti");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("it ran") };
    assert_eq!(line.field.text(), "timer ", "what takes more is only completed");
    let (effects, mut play) = left("c");
    assert_eq!(effects, []);
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("it ran: {:?}", play.model.prompt) };
    assert!(line.error.as_ref().unwrap().says.starts_with("that could be contain, "), "{:?}", line.error);
    assert_eq!(line.field.text(), "c");
    play.press("down enter");
    assert!(!matches!(play.model.prompt, Some(Prompt::Line(_))), "what is chosen runs");
    let (effects, mut play) = left("paging");
    assert_eq!(effects, []);
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("it was only described") };
    assert_eq!((line.field.text(), line.error.clone()), ("acknowledge".to_owned(), None));
    assert_eq!(recorded(&play.keys("enter")).len(), 1);
    let (_, play) = left("m");
    assert!(matches!(play.model.prompt, Some(Prompt::Line(_))), "mark, merge, metrics, monitors");
    let (_, play) = left("mo");
    assert_eq!(play.model.screen, Screen::Monitors { top: 0 });
}

#[test]
fn what_somebody_means_more_often_stands_first() {
    let second = |typed: &str| {
        let mut play = console().usual();
        play.press(":");
        play.typing(typed);
        let all = lines(&play);
        let name = |line: &String| line.trim_start_matches(" ▶").split_whitespace().next().map(str::to_owned);
        (name(&all[1]).unwrap_or_default(), name(&all[2]).unwrap_or_default())
    };
    assert_eq!(second("rev"), ("review".to_owned(), "reveal".to_owned()));
    assert_eq!(second("sil"), ("upstream".to_owned(), "undo".to_owned()), "before what takes it back");
    let mut play = console().usual().in_review();
    play.press(": r e v enter");
    assert_eq!(play.model.screen, Screen::Review);
    play.press(": t r i enter");
    assert_eq!(play.model.screen, Screen::Triage);
}

#[test]
fn the_chosen_one_runs_and_what_takes_more_is_completed() {
    let mut play = console().usual();
    play.press(":");
    play.typing("met");
    play.press("enter");
    assert_eq!(play.model.screen, Screen::Metrics { top: 0 });
    play.press("esc : down down enter");
    assert!(
        matches!(play.model.prompt, Some(Prompt::Form(_) | Prompt::Choose(_) | Prompt::Waiting(_))),
        "contain"
    );
    play.press("esc esc :");
    play.typing("tmr");
    assert_eq!(play.keys("enter"), []);
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("it is gone") };
    assert_eq!(line.field.text(), "timer ");
    play.press("ctrl-u");
    play.typing("role co");
    play.press("down down enter");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("it ran") };
    assert_eq!(line.field.text(), "role communications ");
    assert_eq!(play.submitted(), 0);
}

#[test]
fn what_does_nothing_here_says_why_and_is_not_run() {
    let mut play = console().board([]);
    play.press(":");
    play.typing("ackn");
    assert!(lines(&play)[1].contains("not here: nothing is selected"), "{:#?}", lines(&play));
    assert_eq!(play.keys("enter"), []);
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("it is gone") };
    assert_eq!(line.error.as_ref().unwrap().says, "acknowledge does nothing here: nothing is selected");
    assert_eq!(line.field.text(), "ackn", "what was typed stands");
    let mut play = console().usual();
    play.press(":");
    play.typing("longer");
    assert!(lines(&play)[1].contains("not here: only on Hand-over and Metrics"));
    play.press("esc M :");
    play.typing("longer");
    assert!(!lines(&play)[1].contains("not here"));
}

#[test]
fn it_says_how_many_it_does_not_show_and_stays_as_high() {
    let mut play = console().usual();
    play.press(":");
    let all = lines(&play);
    let named = |name: &str| TABLE.iter().any(|row| row.name == name);
    let phrases = quell::console::phrase::PHRASES.iter().filter(|row| !named(row.name)).count();
    let unlisted = 9 + 1;
    let commands = TABLE.len() + phrases - unlisted;
    let more: usize = all[0].rsplit(' ').nth(1).unwrap().parse().unwrap();
    assert!(all[0].ends_with(" more"), "{all:#?}");
    assert_eq!(more + 7, commands, "{all:#?}");
    for keys in ["c", "o z z", "ctrl-u t i m e r space", "b o b space 3 x enter"] {
        play.press(keys);
        assert_eq!(lines(&play).len(), all.len(), "{keys}: {:#?}", lines(&play));
    }
    assert!(!lines(&play)[0].contains("more"));
}

#[test]
fn the_choice_is_a_name_and_not_a_place() {
    let mut play = console().usual();
    play.press(":");
    play.typing("merge ");
    play.press("down down");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!() };
    assert_eq!(line.chosen.as_deref(), Some("1051"));
    play.engine.put(incident(1060, Severity::Critical, "14:03:00", "Withdrawals hang"));
    play.poll();
    play.press("enter");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!() };
    assert_eq!(line.field.text(), "merge 1051 ");
}

/// What a key changed, apart from what it said.
fn changed(before: &Model, after: &Model) -> bool {
    let quiet = |model: &Model| {
        let mut model = model.clone();
        (model.toast, model.last_key, model.stroke, model.typed_on) = (None, None, None, None);
        (model.triage.touched, model.review.touched) = (true, true);
        model.reading = quell::console::reading::Reading::default();
        model
    };
    quiet(before) != quiet(after)
}

#[test]
fn what_is_said_to_do_nothing_does_nothing_and_everything_else_does_something() {
    let closed = || {
        let mut play = console().usual();
        let note = Some(Outside::new("it was a test"));
        play.press("enter");
        play.engine.by("ana", 1047, "14:03:00", Entry::Closed { reason: CloseReason::FalseAlarm, note });
        play.poll();
        play
    };
    let at = |keys: &'static str| {
        move || {
            let mut play = console().usual().in_review();
            play.press(keys);
            play
        }
    };
    type Made = Box<dyn Fn() -> Play>;
    let situations: [(&str, Made); 9] = [
        ("nothing there", Box::new(|| console().board([]))),
        ("triage", Box::new(at(""))),
        // For long enough that the key holds it for longer.
        (
            "held",
            Box::new(|| {
                let mut play = console().usual();
                play.press("a");
                play.wait(6000);
                play
            }),
        ),
        ("marked", Box::new(at("space"))),
        ("storm", Box::new(|| storm(12))),
        ("review", Box::new(at("tab"))),
        ("incident", Box::new(at("enter"))),
        ("closed", Box::new(closed)),
        ("monitors", Box::new(at("m"))),
    ];
    let mut refused = 0;
    for (name, situation) in situations {
        for row in TABLE
            .iter()
            .filter(|row| row.group != Group::Move && !row.keys.is_empty() && row.command != Command::Suspend)
        {
            let mut play = situation();
            let why = command_why_not(&play.model, row.command, play.now);
            let before = play.model.clone();
            let effects = play.keys(row.keys[0]);
            let only_asked = effects.iter().all(|effect| matches!(effect, Effect::FindApplicable(_)));
            let did = !only_asked || changed(&before, &play.model);
            // What only the engine knows is asked; that nothing applies is said then.
            let is_told = only_asked && !effects.is_empty() && why.is_none();
            assert!(is_told || did == why.is_none(), "{} at {name}: {why:?}, {effects:?}", row.name);
            let said = play.model.toast.as_ref().is_some_and(|toast| toast.state == ToastState::Failed);
            assert!(why.is_none() || said || !row.command.is_verb(), "{} at {name} says nothing", row.name);
            refused += usize::from(why.is_some());
        }
    }
    assert!(refused > 60, "{refused}");
    assert_eq!(recorded(&console().usual().keys("a")).len(), 1);
}

#[test]
fn the_line_says_what_means_all_that_are_marked_and_what_this_one_alone() {
    let mut play = console().usual();
    play.press("space space :");
    let mut titled = |typed: &str| {
        play.typing(typed);
        lines(&play).remove(0)
    };
    assert!(titled("").contains("── a c z W X n: all 2 marked"));
    assert!(titled("snooze ").contains(" ── all 2 marked"));
    assert!(titled("30m").contains(" ── all 2 marked"));
    play.press("ctrl-c I");
    assert!(lines(&play).remove(0).ends_with("── this one, not the 2 marked"), "an impact is of one");
}

#[test]
fn a_name_stands_there_with_all_it_takes_where_there_is_room() {
    let shown = |cols| {
        let mut play = console().usual().sized(cols, 40);
        play.press(":");
        play.typing("snooze");
        crate::screens::text(&play)
    };
    let whole = "snooze [FOR|until TIME] [WHY] z ";
    assert!(shown(200).contains(whole) && shown(120).contains(whole), "{}", shown(120));
    assert!(!shown(80).contains(whole) && shown(80).contains("put it off here: what is worse wakes it"));
}

#[test]
fn what_a_command_does_is_never_cut_within_its_example() {
    let shown = |cols| {
        let mut play = console().usual().sized(cols, 40);
        play.press(":");
        play.typing("filter");
        crate::screens::text(&play)
    };
    let whole = "show only what matches, as in: sev:critical -is:acked";
    assert!(shown(200).contains(whole), "{}", shown(200));
    let cut = shown(80);
    assert!(cut.lines().any(|line| line.trim_end().ends_with("/         show only what matches")), "{cut}");
}

#[test]
fn the_help_names_the_screens_on_which_one_looks_further_back() {
    let help = quell::console::page::help::page(&console().usual().model, 120);
    let lines: Vec<String> = help.iter().map(quell::console::page::Line::text).collect();
    let of =
        |key: &str| lines.iter().find(|line| line.trim_start().starts_with(key)).cloned().unwrap_or_default();
    assert!(of("left [").ends_with("Hand-over and Metrics: look less far back"), "{}", of("left ["));
    assert!(of("right ]").ends_with("Hand-over and Metrics: look further back"), "{}", of("right ]"));
}
