//! A merge that is asked about, what is left of both, links, and a storm as one row.

use super::*;

/// In every look, and large.
fn everywhere(name: &str, act: impl Fn(&mut Play)) {
    for (look, shot) in looks(|cols, rows| {
        let mut play = night_at(80, 24);
        act(&mut play);
        play.sized(cols, rows)
    }) {
        insta::assert_snapshot!(format!("{name}_{look}"), shot);
    }
}

fn at_80x24(name: &str, act: impl Fn(&mut Play)) {
    let mut play = night();
    act(&mut play);
    insta::assert_snapshot!(format!("{name}_80x24"), shot(&play, &COLOUR));
}

/// The final Enter, once it counts.
fn agree(play: &mut Play) {
    play.press("pgdn pgdn");
    play.wait(600);
    play.press("enter");
}

fn merged(play: &mut Play) {
    play.press("j j D j j j enter");
    agree(play);
    play.wait(2000);
}

#[test]
fn merging() {
    at_80x24("merge_choice", |play| play.press("j j D"));
    everywhere("merge", |play| play.press("j j D j j j enter"));
    at_80x24("merge_marked", |play| play.press("j j space space g D"));
    at_80x24("merge_paging", |play| play.press("g D j enter"));
    at_80x24("merge_changed", |play| {
        play.press("j j D j j j enter");
        let into = play.model.prompt.as_ref().and_then(|prompt| prompt.id()).unwrap().number();
        play.engine.by(
            "bo",
            into,
            "14:03:23",
            Entry::RoleTaken { role: quell::domain::role::Role::Lead, name: Outside::new("bo"), from: None },
        );
        play.poll();
    });
}

#[test]
fn merged_incidents() {
    everywhere("merged", merged);
    at_80x24("merged_page", |play| {
        merged(play);
        play.press("enter");
    });
    at_80x24("merged_away_page", |play| {
        merged(play);
        let away = play.model.selected().unwrap().taken_in[0].id.clone();
        play.model.screen = quell::console::model::Screen::Incident { id: away, top: 0 };
        play.wait(2000);
    });
    at_80x24("unmerge", |play| {
        merged(play);
        play.wait(1000);
        play.press("u");
    });
    at_80x24("linked", |play| {
        play.press(":");
        play.typing("link 1029");
        play.press("enter");
        play.wait(2000);
    });
    at_80x24("link_line", |play| {
        play.press(":");
        play.typing("link 10");
    });
    at_80x24("link_signal", |play| {
        play.press(":");
        play.typing("link 1029 5f3c1047");
        play.press("enter");
    });
}

/// Critical incidents of one service, a few of them called otherwise.
fn storm(play: &mut Play) {
    for n in 0..37_u64 {
        let title = match n {
            3 | 9 => "Matching engine lags behind by 40 s",
            20 => "Consumer lag orders-v2",
            _ => "Order gateway refuses connections",
        };
        let clock = format!("14:02:{n:02}");
        play.engine.put(with_labels(1100 + n, Severity::Critical, &clock, title, &[("service", "trading")]));
    }
    play.poll();
    play.wait(2000);
}

#[test]
fn storms() {
    everywhere("storm", storm);
    at_80x24("storm_selected", |play| {
        storm(play);
        play.press("j");
    });
    at_80x24("storm_open", |play| {
        storm(play);
        play.press("j enter j");
    });
    at_80x24("storm_marked", |play| {
        storm(play);
        play.press("j");
        play.wait(2000);
        play.press("space");
    });
    at_80x24("close_marked", |play| {
        play.press("space j space X j j j enter");
    });
}
