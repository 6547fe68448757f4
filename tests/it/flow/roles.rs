//! Who plays which role.

use super::verbs::recorded;
use super::*;
use quell::console::banner::banner;
use quell::console::hints::hints;
use quell::domain::role::Role;

fn taken(role: Role, name: &str, from: Option<&str>) -> Entry {
    Entry::RoleTaken { role, name: Outside::new(name), from: from.map(Outside::new) }
}

#[test]
fn the_lead_is_taken_by_two_keys_and_named_by_a_few_more() {
    let mut play = console().usual();
    assert_eq!(recorded(&play.keys("L enter")), [(1047, taken(Role::Lead, "ana", None))]);
    assert_eq!(play.toast(), "you are lead of INC-1047");
    let mut play = console().usual();
    play.press("L");
    play.typing("bo");
    assert_eq!(recorded(&play.keys("enter")), [(1047, taken(Role::Lead, "bo", None))]);
}

#[test]
fn other_roles_are_a_line_below() {
    let mut play = console().usual();
    assert_eq!(recorded(&play.keys("L j o down enter")), [(1047, taken(Role::Commander, "jo", None))]);
    assert_eq!(recorded(&play.keys("L tab tab enter")), [(1047, taken(Role::Communications, "ana", None))]);
}

#[test]
fn a_role_that_is_held_is_offered_and_taken_over_only_from_its_holder_by_name() {
    let mut play = console().usual();
    play.engine.by("bo", 1047, "14:02:00", taken(Role::Lead, "bo", None));
    play.poll();
    assert_eq!(play.keys("L enter"), []);
    let Some(Prompt::Roles(roles)) = &play.model.prompt else { panic!() };
    assert_eq!(roles.error.as_deref(), Some("bo is lead: Enter again takes it over from them"));
    assert_eq!(recorded(&play.keys("enter")), [(1047, taken(Role::Lead, "ana", Some("bo")))]);
    play.press("L");
    play.typing("cy");
    let offered = Entry::RoleOffered { role: Role::Lead, to: Outside::new("cy") };
    assert_eq!(recorded(&play.keys("enter")), [(1047, offered)]);
    assert_eq!(play.keys("L enter"), [], "it is mine already");
}

#[test]
fn what_another_holds_is_not_mine_to_give_away() {
    let mut play = console().usual();
    play.engine.by("bo", 1047, "14:02:00", taken(Role::Lead, "bo", None));
    play.poll();
    play.press("L");
    play.typing("cy");
    assert_eq!(play.keys("enter"), []);
    let Some(Prompt::Roles(roles)) = &play.model.prompt else { panic!() };
    let why = "bo is lead, and only they offer it; without a name you take it over";
    assert_eq!(roles.error.as_deref(), Some(why));
}

#[test]
fn what_is_offered_to_me_is_seen_at_once_and_accepted_by_two_keys() {
    let mut play = console().usual();
    play.engine.by("bo", 1047, "14:02:00", taken(Role::Commander, "bo", None));
    let offered = Entry::RoleOffered { role: Role::Commander, to: Outside::new("ana") };
    play.engine.by("bo", 1047, "14:02:10", offered);
    play.poll();
    let (line, _) = banner(&play.model, play.now).unwrap();
    assert_eq!(line.text(), "  ! bo offers you commander of INC-1047  L on it accepts");
    assert_eq!(hints(&play.model, play.now)[0], ("L".to_owned(), "accept commander".to_owned()));
    assert_eq!(recorded(&play.keys("L enter")), [(1047, Entry::RoleAccepted { role: Role::Commander })]);
    assert_eq!(banner(&play.model, play.now), None);
}
