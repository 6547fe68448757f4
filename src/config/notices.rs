//! `[notify]`: how the operator is told, and what its keys say of each other.

use super::walk::{Typed, Walk, get};
use super::{Config, keys};
use crate::notify::Settings;
use crate::notify::exec::Exec;

/// Reads the table into `config`, after the calendar, whose zone is that of the quiet hours unless they name one.
pub(super) fn read(walk: &mut Walk<'_>, root: &Typed<'_>, config: &mut Config) {
    let Some(entry) = walk.one::<Settings>(root, "notify", &keys::NOTIFY) else { return };
    if let Err(fault) = Exec::new(&entry.value)
        && entry.sound
    {
        let (why, remedy) = fault.detail.raw().split_once("; ").unwrap_or((fault.detail.raw(), ""));
        let key = if why.starts_with("exec_env") { "exec_env" } else { "exec" };
        walk.wrong(entry.at(&[key]), why, remedy);
    }
    if entry.value.exec.is_none()
        && let Some(key) = ["exec_env", "exec_within"].into_iter().find(|key| get(entry.table, key).is_some())
    {
        walk.wrong(
            entry.at(&[key]),
            format!("{key} is for a program, and none is named"),
            "add exec, or remove it",
        );
    }
    config.notify = entry.value;
    if let Some(quiet) = &mut config.notify.quiet {
        quiet.zone.get_or_insert_with(|| config.setup.calendar.zone.clone());
    }
    config.setup.repeat = config.notify.repeat;
    config.setup.quiet = config.notify.quiet.clone();
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn wrong(text: &str) -> String {
        Config::read(text, "config.toml", None).unwrap_err().to_string()
    }

    #[test]
    fn quiet_hours_are_in_the_zone_of_the_calendar_unless_they_name_one() {
        let zone = |text: &str| {
            let config = Config::read(text, "config.toml", None).unwrap();
            assert_eq!(config.setup.quiet, config.notify.quiet);
            config.notify.quiet.unwrap().zone.unwrap().name().to_owned()
        };
        let quiet = "[notify.quiet]\nhours = [\"22:00-07:00\"]\n";
        assert_eq!(zone(quiet), "UTC");
        assert_eq!(zone(&format!("{quiet}[calendar]\nzone = \"Europe/Paris\"\n")), "Europe/Paris");
        assert_eq!(
            zone(&format!("{quiet}zone = \"Asia/Tokyo\"\n[calendar]\nzone = \"Europe/Paris\"\n")),
            "Asia/Tokyo"
        );
    }

    #[test]
    fn what_is_wrong_is_told_at_its_word() {
        for (text, why) in [
            ("[notify]\nexec = [\"page\", \"{{titel}}\"]", "exec names no field of a notice with `titel`"),
            ("[notify]\nexec = []", "`exec` is empty"),
            ("[notify]\nexec = [\"page\"]\nexec_env = [\"A=B\"]", "exec_env names what cannot be passed on"),
            ("[notify]\nexec_env = [\"HOME\"]", "exec_env is for a program, and none is named"),
            ("[notify]\nrepeat = \"5s\"", "write at least \"1m\""),
            ("[notify.quiet]\ndays = [\"sat\"]", "hours"),
            ("[notify.quiet]\nhours = [\"22:00-25:00\"]", "`22:00-25:00`, which names no hours"),
            ("[notify.quiet]\nhours = [\"22:00-07:00\"]\ndays = [\"satt\"]", "did you mean \"sat\"?"),
            (
                "[notify.quiet]\nhours = [\"22:00-07:00\"]\nzone = \"Europe/Pari\"",
                "did you mean \"Europe/Paris\"?",
            ),
        ] {
            let said = wrong(text);
            assert!(said.contains(why) && said.contains("config.toml:"), "{text}: {said}");
        }
    }
}
