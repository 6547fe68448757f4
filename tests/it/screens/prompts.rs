//! Every prompt.

use super::*;
use quell::domain;
use quell::domain::classification::{Fact, Urgency};
use quell::domain::parameter::Parameter;
use quell::domain::record::BulletinAnswered;

/// A prompt at every size and in every look.
fn everywhere(name: &str, keys: &str) {
    everywhere_after(name, |play| play.press(keys));
}

pub(super) fn everywhere_after(name: &str, act: impl Fn(&mut Play)) {
    let at = |cols, rows| {
        let mut play = night_at(80, 24);
        act(&mut play);
        play.sized(cols, rows)
    };
    for (look, shot) in looks(at) {
        insta::assert_snapshot!(format!("{name}_{look}"), shot);
    }
}

#[test]
fn local_verbs() {
    everywhere("note", "n g w - 2");
    everywhere("impact", "I m a n y enter enter");
    everywhere("severity", "S");
    everywhere("phase", "P");
    everywhere("waiver", "P enter w");
    everywhere("classify", "K i tab tab s tab tab");
    everywhere("roles", "L j o");
    everywhere("hand_back", "j a B");
    everywhere("command_line", ":");
    everywhere("close", "X");
    everywhere("take_over", "j j j j a");
    everywhere("explain", "x");
    everywhere("leave", "q");
    everywhere("find", "/ s e v : l o u d");
}

#[test]
fn what_was_said_before_is_changed_with_a_reason() {
    everywhere("severity_change", "S enter S j enter");
    everywhere("impact_change", "I 5 ctrl-s I 7 ctrl-s");
    everywhere_after("classify_change", |play| {
        classified(play);
        play.press("K right ctrl-s");
    });
}

fn classified(play: &mut Play) {
    for fact in [Fact::Urgency(Urgency::Immediate), Fact::Area(Outside::new("spot trading"))] {
        play.engine.by("ana", 1047, "14:02:00", Entry::Classified { fact, because: None });
    }
    play.poll();
}

#[test]
fn gates() {
    everywhere("gates", "P enter");
    everywhere("gates_filled", "P j enter enter enter j enter 5 enter enter");
    everywhere_after("gates_resolve", |play| {
        recovering(play);
        play.press("X enter");
    });
    everywhere_after("gates_met", |play| {
        play.press("P enter enter enter enter enter enter 5 enter enter enter enter");
    });
    everywhere_after("gates_decide", |play| {
        recovering(play);
        play.press("X enter enter");
    });
}

#[test]
fn roles_change_hands() {
    let held = |play: &mut Play| {
        let name = || Outside::new("bo");
        for role in [domain::role::Role::Lead, domain::role::Role::Scribe] {
            play.engine.by("bo", 1047, "14:02:00", Entry::RoleTaken { role, name: name(), from: None });
        }
        let to = Outside::new("ana");
        play.engine.by("bo", 1047, "14:02:30", Entry::RoleOffered { role: domain::role::Role::Lead, to });
        play.poll();
    };
    everywhere_after("roles_offered", |play| {
        held(play);
        play.press("L");
    });
    let mut play = night();
    held(&mut play);
    insta::assert_snapshot!("triage_role_offered", shot(&play, &COLOUR));
    everywhere_after("roles_take_over", |play| {
        held(play);
        play.press("L up enter");
    });
}

#[test]
fn command_lines() {
    everywhere("command_line_timer", ": t i m e r space b o b space 3 x space c h e c k enter");
    everywhere("command_line_usage", ": t i m e r space b o b space 3 m space c");
}

/// One of each kind but text.
fn typed_parameters() -> Vec<Parameter> {
    let all = [
        "name = 'hold'\ntitle = 'for how long'\nkind = 'duration'\nmin = '15m'\nmax = '72h'",
        "name = 'desk'\nkind = 'choice'\nchoices = ['fraud', 'compliance', 'support']",
        "name = 'stages'\nkind = 'integer'\nmin = 1\nmax = 5\ndefault = 1",
        "name = 'above'\nkind = 'amount'\nunit = 'USDT'\nmax = 1000000\ndefault = '1000.50'",
    ];
    all.iter().map(|toml| toml::from_str(toml).unwrap()).collect()
}

#[test]
fn contain() {
    everywhere("contain_form", "j j c");
    everywhere("contain_plan", "j j c enter 8 8 2");
    everywhere_after("contain_values", |play| {
        play.engine.offers = vec!["88213", "90001"];
        play.press("j j c down");
    });
    everywhere_after("contain_typed", |play| {
        play.engine.parameters = typed_parameters();
        play.press("j j c 1 h tab right");
    });
    everywhere_after("contain_flawed", |play| {
        play.engine.parameters = typed_parameters();
        play.press("j j c 1 m tab 2 tab 6 enter");
    });
    everywhere_after("contain_disarmed", |play| {
        play.press("j j c enter");
        play.engine.by("bo", 1051, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
        play.poll();
    });
    everywhere_after("contain_refused", |play| {
        play.press("j j c");
        let text = "account refuses \"*\"; it must match ^[0-9]{4,12}$";
        play.engine.refuse = Some(Refusal::new(RefusalKind::Refused, text));
        play.press("enter");
    });
    everywhere_after("contain_again", |play| {
        play.press("j j c enter");
        play.typing("88213");
        play.press("enter");
    });
}

#[test]
fn escalate() {
    everywhere("escalate", "e");
    everywhere("escalate_plan", "e enter");
}

#[test]
fn what_cannot_be_chosen_says_why() {
    let mut play = night();
    play.press("e");
    let all = shot(&play, &COLOUR);
    assert!(all.contains("cannot: its path has no steps; add them under [[path]]"), "{all}");
}

/// A bulletin that is begun.
pub(super) fn a_bulletin() -> Play {
    let mut play = night();
    spoken_for(&mut play);
    play.press("b enter");
    play.typing("withdrawals");
    play
}

/// A plan that is asked for.
pub(super) fn unanswered() -> Play {
    let mut play = night();
    play.press("j j c");
    play.silent = true;
    play.press("enter");
    play
}

/// A console whose users read mail and the status page.
fn spoken_for(play: &mut Play) {
    play.engine.bulletins = told_by_mail();
    play.tell(Message::Resumed);
}

#[test]
fn bulletin() {
    let begun = |play: &mut Play, keys: &str| {
        spoken_for(play);
        play.press("b enter");
        play.typing("withdrawals");
        play.press(keys);
    };
    everywhere_after("bulletin_audience", |play| {
        spoken_for(play);
        play.press("b");
    });
    everywhere_after("bulletin_empty", |play| {
        spoken_for(play);
        play.press("b enter");
    });
    everywhere_after("bulletin_form", |play| begun(play, "tab tab tab"));
    everywhere_after("bulletin_findings", |play| {
        begun(play, "tab tab tab");
        play.typing(" The pod gw-2 crashed; we guarantee it is fixed.");
    });
    everywhere_after("bulletin_leaving", |play| begun(play, "esc"));
    everywhere_after("bulletin_preview", |play| begun(play, "ctrl-p"));
    everywhere_after("bulletin_plan", |play| begun(play, "ctrl-s"));
    let sent = |play: &mut Play, outcome, detail: &str| {
        begun(play, "ctrl-s end");
        play.wait(600);
        play.press("enter");
        let answered = Entry::BulletinAnswered(BulletinAnswered {
            number: 1,
            channel: "mailer".into(),
            outcome,
            detail: Outside::new(detail),
            reference: None,
        });
        play.engine.rule(1047, "14:03:40", answered);
        play.poll();
    };
    everywhere_after("bulletin_unknown", |play| {
        sent(play, Outcome::Unknown, "no answer within 10s");
        play.press("U");
    });
    everywhere_after("bulletin_settled", |play| {
        sent(play, Outcome::Unknown, "no answer within 10s");
        play.press("U j enter");
    });
    everywhere_after("bulletin_difference", |play| {
        sent(play, Outcome::Accepted, "202");
        play.press("b enter shift-tab shift-tab shift-tab i ctrl-l");
    });
}

#[test]
fn escalation_form() {
    everywhere("escalation_form", "e f");
    everywhere("escalation_item", "e f e u - 1");
    everywhere_after("escalation_steps", |play| {
        play.press("j a j e f up up up");
        play.press("right up 5 m enter");
    });
}

#[test]
fn report() {
    everywhere("report", "N");
    everywhere("report_of_a_partner", "N p tab tab tab tab tab");
    everywhere("report_incomplete", "N tab ctrl-s");
}

/// The engine has not answered yet.
#[test]
fn waiting() {
    everywhere_after("waiting", |play| {
        play.press("j j c");
        play.silent = true;
        play.press("enter");
    });
}
