//! What shows a link to the person at this console.

use crate::exec;

/// What desktops call theirs.
const USUAL: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// The configured program, else the desktop's where it shows to this person and not on the desk they left; nothing where
/// links are copied.
pub(super) fn opener(
    configured: &[String],
    elsewhere: bool,
    environment: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    if !configured.is_empty() {
        return configured.to_vec();
    }
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| environment(name).is_some());
    // The desktop of a Mac needs no variable.
    let here = !elsewhere && (display || cfg!(target_os = "macos"));
    if here && exec::find(USUAL).is_ok() { vec![USUAL.to_owned()] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_configured_shows_it_wherever_one_sits() {
        let mine = ["lemonade".to_owned(), "open".to_owned()];
        assert_eq!(opener(&mine, true, |_| None), mine);
        let display = |name: &str| (name == "DISPLAY").then(|| ":0".to_owned());
        assert_eq!(opener(&[], true, display), Vec::<String>::new(), "the display is on a desk they left");
        assert_eq!(opener(&[], false, |_| None), Vec::<String>::new(), "no display: links are copied");
    }
}
