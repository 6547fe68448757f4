//! Merging, linking and taking it back: what is asked, what is bound to what was shown, what is left alone.

use super::*;
use crate::support::play::joining;
use quell::console::prompt::{Agreement, Picked};
use quell::domain::incident::Incident;
use quell::domain::operator::Actor;
use quell::domain::phase::Phase;
use quell::domain::record::Tied;
use quell::domain::tie::Tie;

fn ties(effects: &[Effect]) -> Vec<(Tie, Vec<u64>, u64)> {
    let tie = |effect: &Effect| match effect {
        Effect::Tie(tying) => {
            let of = tying.of.iter().map(|seen| seen.id.number()).collect();
            Some((tying.tie.clone(), of, tying.to.id.number()))
        }
        _ => None,
    };
    effects.iter().filter_map(tie).collect()
}

fn at_number(play: &Play, number: u64) -> &Incident {
    &play.engine.incidents[&id(number)]
}

/// Presses the final Enter once it counts.
fn agree(play: &mut Play) -> Vec<(Tie, Vec<u64>, u64)> {
    play.wait(600);
    ties(&play.keys("enter"))
}

#[test]
fn a_duplicate_is_merged_into_one_that_is_chosen() {
    let mut play = console().usual();
    play.press("j D");
    assert_eq!(offered(&play), [1051, 1047, 1029], "what is as bad stands first");
    assert_eq!(play.keys("j j enter"), [], "it is shown first");
    assert!(
        matches!(&play.model.prompt, Some(Prompt::Agree(agree)) if matches!(agree.to, Agreement::Tie { .. }))
    );
    assert_eq!(agree(&mut play), [(Tie::Merge, vec![1050], 1047)]);
    assert_eq!(play.toast(), "INC-1050 merged into INC-1047; u on INC-1047 takes the merge back");
    assert_eq!((play.selected(), play.rows()), (1050, vec![1047, 1050, 1051, 1029]), "rows hold still");
    play.press("k j");
    play.wait(2000);
    assert_eq!((play.selected(), play.rows()), (1047, vec![1047, 1051, 1029]), "where it goes on");
    play.press("a");
    assert_eq!(play.toast(), "list moved: press again");
    assert_eq!((at_number(&play, 1047).firing(), at_number(&play, 1050).phase), (2, Phase::Closed));
}

/// What it could be merged into.
fn offered(play: &Play) -> Vec<u64> {
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let into = |picked: &Picked| match picked {
        Picked::Into(id) => id.number(),
        other => panic!("{other:?}"),
    };
    choose.choices.iter().map(|choice| into(&choice.picked)).collect()
}

#[test]
fn keys_pressed_ahead_merge_nothing_that_nobody_looked_at() {
    let mut play = console().usual();
    play.press("j D enter");
    play.wait(2000);
    assert_eq!(ties(&play.keys("enter")), []);
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert!(choose.error.as_ref().is_some_and(|why| why.starts_with("none is chosen yet")), "{choose:?}");
    play.press("k");
    assert!(matches!(&play.model.prompt, Some(Prompt::Choose(choose)) if choose.at == 2), "from below");
    play.press("esc");
    assert_eq!((play.model.prompt.clone(), at_number(&play, 1050).phase), (None, Phase::Identify));
}

#[test]
fn all_that_are_marked_are_merged_into_the_one_under_the_cursor() {
    let mut play = console().usual();
    play.press("j space space");
    assert_eq!(play.selected(), 1029);
    play.press("k k k D");
    assert_eq!(agree(&mut play), [(Tie::Merge, vec![1050, 1051], 1047)]);
    assert!(play.model.marks.ids.is_empty());
    assert_eq!(at_number(&play, 1047).taken_in.len(), 2);
}

#[test]
fn what_is_marked_and_cannot_be_merged_stays_marked() {
    let mut play = console().usual();
    // It has a containment on its way.
    play.press("j j c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter g j space space k k k D");
    assert_eq!(agree(&mut play), [(Tie::Merge, vec![1050], 1047)]);
    assert_eq!(
        play.model.marks.ids.iter().map(quell::domain::id::IncidentId::number).collect::<Vec<_>>(),
        [1051]
    );
}

#[test]
fn hidden_marks_are_merged_into_nothing() {
    let mut play = console().usual();
    play.press("j space k /");
    play.typing("sev:critical");
    play.press("enter");
    assert_eq!(play.keys("D"), []);
    assert!(play.toast().starts_with("1 of 1 marked are hidden"), "{}", play.toast());
    assert_eq!(play.model.prompt, None);
}

#[test]
fn what_changes_while_it_is_asked_is_shown_and_enter_counts_anew() {
    let mut play = console().usual();
    play.press("j D j j enter");
    play.wait(600);
    play.engine.by("bo", 1047, "14:03:25", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    assert_eq!(ties(&play.keys("enter")), [], "not what was read");
    let Some(Prompt::Agree(asked)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let Agreement::Tie { news, .. } = &asked.to else { panic!() };
    assert_eq!(news, &["INC-1047: who holds it"]);
    assert_eq!(agree(&mut play), [(Tie::Merge, vec![1050], 1047)]);
}

#[test]
fn what_cannot_be_merged_any_more_says_so_and_is_not_sent() {
    let mut play = console().usual();
    play.press("j D j j enter");
    play.engine.by("bo", 1050, "14:03:25", Entry::Tied(Tied::MergedInto { into: id(1029) }));
    play.poll();
    assert_eq!(agree(&mut play), []);
    let Some(Prompt::Agree(asked)) = &play.model.prompt else { panic!() };
    assert_eq!(asked.guard.nudge.as_deref(), Some("INC-1050: bo merged it into INC-1029 at 14:03Z"));
}

#[test]
fn a_refusal_stays_on_the_page_it_is_about() {
    let mut play = console().usual();
    play.press("j D j j enter");
    let why = "INC-1050 changed since you looked: its phase";
    play.engine.refuse = Some(quell::backend::Refusal::new(quell::backend::RefusalKind::Changed, why));
    agree(&mut play);
    let Some(Prompt::Agree(asked)) = &play.model.prompt else { panic!() };
    assert_eq!((asked.guard.nudge.as_deref(), asked.guard.sent), (Some(why), false));
}

#[test]
fn nothing_is_merged_by_escape_nor_by_an_enter_that_came_too_soon() {
    let mut play = console().usual();
    play.press("j D j j enter");
    assert_eq!(ties(&play.keys("enter")), [], "within half a second of its first frame");
    play.press("esc esc");
    assert_eq!((play.model.prompt.clone(), at_number(&play, 1050).phase), (None, Phase::Identify));
}

#[test]
fn u_takes_a_merge_back_from_either_side() {
    let mut play = console().usual();
    play.press("j D j j enter");
    agree(&mut play);
    play.wait(2000);
    play.wait(1000);
    play.press("u");
    assert_eq!(agree(&mut play), [(Tie::Unmerge, vec![1050], 1047)]);
    assert_eq!(play.toast(), "INC-1050 stands by itself again");
    play.wait(2000);
    assert_eq!(play.rows(), [1047, 1050, 1051, 1029]);

    play.press("j D j j enter");
    agree(&mut play);
    play.model.screen = quell::console::model::Screen::Incident { id: id(1050), top: 0 };
    play.press("u");
    assert_eq!(agree(&mut play), [(Tie::Unmerge, vec![1050], 1047)]);
}

#[test]
fn u_offers_beside_a_merge_whatever_else_can_be_taken_back() {
    let mut play = console().usual();
    play.press("j D j j enter");
    agree(&mut play);
    play.wait(2000);
    // The list has moved: the first press does nothing.
    play.press("a");
    play.wait(600);
    play.press("a");
    play.wait(2000);
    play.press("u");
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let titles: Vec<&str> = choose.choices.iter().map(|choice| choice.title.as_str()).collect();
    assert_eq!(titles, ["take INC-1050 out", "hand it back"]);
    play.press("enter");
    assert_eq!(agree(&mut play), [(Tie::Unmerge, vec![1050], 1047)]);
}

#[test]
fn of_several_that_were_merged_one_is_chosen_to_come_out() {
    let mut play = console().usual();
    play.press("j space space k k k D");
    agree(&mut play);
    play.press("u");
    assert!(matches!(play.model.prompt, Some(Prompt::Choose(_))));
    play.press("j enter");
    assert_eq!(agree(&mut play), [(Tie::Unmerge, vec![1050], 1047)]);
}

#[test]
fn a_link_is_written_at_once_and_shown_on_both() {
    let mut play = console().usual();
    play.press(":");
    play.typing("link 1029");
    assert_eq!(ties(&play.keys("enter")), [(Tie::Link { signals: Vec::new() }, vec![1047], 1029)]);
    assert_eq!(play.toast(), "INC-1047 is linked with INC-1029; u takes it back");
    assert!(
        at_number(&play, 1029).links.contains(&id(1047)) && at_number(&play, 1047).links.contains(&id(1029))
    );
    play.press(":");
    play.typing("unlink 1029");
    assert_eq!(ties(&play.keys("enter")), [(Tie::Unlink, vec![1047], 1029)]);
    assert!(at_number(&play, 1029).links.is_empty());
}

#[test]
fn u_takes_a_link_back_and_asks_where_more_could_be_meant() {
    let mut play = console().usual();
    let link = |play: &mut Play| {
        play.press(":");
        play.typing("link 1029");
        play.press("enter");
    };
    link(&mut play);
    assert_eq!(ties(&play.keys("u")), [(Tie::Unlink, vec![1047], 1029)]);
    assert_eq!(play.toast(), "INC-1047 is no longer linked with INC-1029");
    assert!(at_number(&play, 1029).links.is_empty());

    link(&mut play);
    play.press("a");
    assert_eq!(ties(&play.keys("u")), []);
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let titles: Vec<&str> = choose.choices.iter().map(|choice| choice.title.as_str()).collect();
    assert_eq!(titles, ["unlink INC-1029", "hand it back"]);
    assert_eq!(ties(&play.keys("enter")), [(Tie::Unlink, vec![1047], 1029)]);
    play.press("u");
    assert!(
        matches!(&play.model.prompt, Some(Prompt::Text(_))),
        "nothing else is left but that one holds it"
    );
}

#[test]
fn a_signal_that_is_linked_is_asked_about_first() {
    let mut play = console().usual();
    play.press(":");
    play.typing("link 1029 5f3c1047");
    assert_eq!(ties(&play.keys("enter")), []);
    let moved = "prod-am\u{0}5f3c1047".to_owned();
    assert_eq!(agree(&mut play), [(Tie::Link { signals: vec![moved] }, vec![1047], 1029)]);
    assert_eq!((at_number(&play, 1047).firing(), at_number(&play, 1029).firing()), (0, 2));
}

#[test]
fn a_line_says_which_word_names_no_incident_or_two() {
    let wrong = |line: &str| {
        let mut play = console().usual();
        let like = at_number(&play, 1051).signals.values().next().unwrap().clone();
        let joining = Box::new(joining("am\u{0}1029", &like));
        play.engine.apply(1051, at("14:03:00"), Actor::Engine, Entry::SignalJoined(joining)).unwrap();
        play.poll();
        play.press(":");
        play.typing(line);
        assert_eq!(ties(&play.keys("enter")), [], "{line}");
        let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
        line.error.as_ref().map(|wrong| wrong.says.clone()).unwrap_or_default()
    };
    assert_eq!(wrong("merge "), "which incident, as in: merge 1042");
    assert_eq!(wrong("merge 7"), "no incident that is kept here is called that");
    assert_eq!(wrong("link 1029"), "that is INC-1051 and INC-1029; say which");
    assert_eq!(wrong("link inc-1050 abcd"), "INC-1047 has no signal of that upstream id");
    assert_eq!(wrong("unmerge "), "nothing was merged into INC-1047, nor it into another one");
    assert_eq!(wrong("unmerge"), "unmerge does nothing here: nothing was merged into it");
}

#[test]
fn ids_are_completed_from_the_list() {
    let mut play = console().usual();
    play.press(":");
    play.typing("merge 102");
    play.press("tab");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!() };
    assert_eq!(line.field.text(), "merge 1029 ");
}
