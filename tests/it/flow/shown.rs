//! A plan that is only looked at, and one that is confirmed, by their words.

use super::*;
use quell::console::hints::hints;
use quell::console::page;

#[test]
fn what_leads_to_a_plan_says_whether_it_can_be_confirmed_there() {
    let mut play = console().usual();
    let key = |play: &Play, key: &str| {
        let all = hints(&play.model, play.now);
        all.into_iter().find(|(it, _)| it == key).map(|(_, word)| word)
    };
    play.press("c");
    if matches!(play.model.prompt, Some(Prompt::Choose(_))) {
        assert_eq!(key(&play, "p").as_deref(), Some("plan only"));
        play.press("enter");
    }
    let said = [key(&play, "enter"), key(&play, "ctrl-p")].map(Option::unwrap);
    assert_eq!(said, ["plan to confirm", "plan only"]);
    let foot = page::prompt::sheet(&play.model, 80, play.now).unwrap().foot;
    let foot: String = foot.iter().map(quell::console::page::Line::text).collect();
    assert_eq!(foot, " enter shows the plan to confirm, as ctrl-s does on any line");
    play.press("ctrl-p");
    assert!(matches!(play.model.prompt, Some(Prompt::Shown(_))), "{:?}", play.model.prompt);
    let title = page::prompt::sheet(&play.model, 80, play.now).unwrap().title;
    assert!(title.contains("plan only"), "{title}");
}
