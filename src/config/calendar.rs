//! The `[calendar]` table: zone, weekdays, holidays, and the iCalendar files that hold more of them.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::de::DeValue;

use super::show::Origin;
use super::walk::{Entry, Typed, Walk, get};
use super::{Config, keys};
use crate::domain::calendar::ics::{self, MOST_BYTES, Skipped};
use crate::domain::calendar::{Calendar, Holiday, Weekdays, Zone};
use crate::domain::text::Outside;

/// How many skipped entries of a file are told one by one.
const MOST_TOLD: usize = 20;

#[derive(Deserialize)]
struct Typing {
    zone: Option<Zone>,
    weekdays: Option<Weekdays>,
    #[serde(default)]
    holidays: Vec<NaiveDate>,
}

/// Reads the calendar into `config`; its files only `with_files`.
pub(super) fn read(walk: &mut Walk<'_>, root: &Typed<'_>, config: &mut Config, with_files: bool) {
    let Some(entry) = walk.one::<Typing>(root, "calendar", &keys::CALENDAR) else { return };
    let mut calendar = Calendar::default();
    calendar.zone = entry.value.zone.clone().unwrap_or(calendar.zone);
    calendar.weekdays = entry.value.weekdays.unwrap_or(calendar.weekdays);
    calendar.add(entry.value.holidays.iter().map(|day| Holiday { day: *day, name: Outside::default() }));
    for (path, at) in with_files.then(|| files(walk, &entry)).into_iter().flatten() {
        match text_of(&path) {
            Err((why, remedy)) => walk.wrong(at, why, remedy),
            Ok(text) => match ics::holidays(&text) {
                Err(error) => {
                    let (why, remedy) = error.why.split_once("; ").unwrap_or((&error.why, ""));
                    let message = format!("{}:{} is no calendar: {why}", path.escape_default(), error.line);
                    walk.wrong(at, message, remedy);
                }
                Ok((holidays, skipped)) => {
                    let found = format!("holidays: {}, skipped: {}", holidays.len(), skipped.len());
                    walk.setting("calendar.ics", &path, found, Origin::File(path.clone(), 1));
                    tell(&path, &skipped, &mut config.skipped);
                    calendar.add(holidays);
                }
            },
        }
    }
    config.setup.calendar = calendar;
}

/// The files' paths, with where they are named. What is wrong with the list is noted already.
fn files(walk: &Walk<'_>, entry: &Entry<'_, Typing>) -> Vec<(String, Range<usize>)> {
    let Some(DeValue::Array(items)) = get(entry.table, "ics").map(toml::Spanned::get_ref) else {
        return Vec::new();
    };
    let right = items.iter().filter(|item| !walk.is_wrong(&item.span()));
    right.filter_map(|item| Some((item.get_ref().as_str()?.to_owned(), item.span()))).collect()
}

/// The text of a file that is not too large, or why there is none and what to do.
fn text_of(path: &str) -> Result<String, (String, String)> {
    let shown = path.escape_default();
    let wrong = |why: String, remedy: &str| (format!("the file {shown} {why}"), remedy.to_owned());
    let unreadable = |error: std::io::Error| {
        wrong(
            format!("cannot be read: {error}"),
            "name a file that this user can read, or remove it from `ics`",
        )
    };
    // A pipe would be waited for.
    if !std::fs::metadata(Path::new(path)).map_err(unreadable)?.is_file() {
        return Err(wrong("is no plain file".to_owned(), "name the .ics file itself"));
    }
    let mut bytes = Vec::new();
    // One byte more than is read shows that it is too large.
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(unreadable)?;
    match bytes.len() > MOST_BYTES {
        true => Err(wrong(
            format!("is larger than {} MiB", MOST_BYTES / 1024 / 1024),
            "keep only the holidays in it",
        )),
        false => String::from_utf8(bytes).map_err(|error| {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            (format!("{shown}:{line} is not UTF-8"), "save it as UTF-8".to_owned())
        }),
    }
}

fn tell(path: &str, skipped: &[Skipped], told: &mut Vec<String>) {
    let shown = path.escape_default();
    told.extend(skipped.iter().take(MOST_TOLD).map(|entry| {
        let name = match entry.name.is_blank() {
            true => "this".to_owned(),
            false => format!("\"{}\"", entry.name.capped_safe(60)),
        };
        format!("{shown}:{}: no holiday: {name} {}", entry.line, entry.why)
    }));
    if let Some(more @ 1..) = skipped.len().checked_sub(MOST_TOLD) {
        told.push(format!("{shown}: {more} more entries are no holidays"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Problems;
    use crate::domain::calendar::Within;

    /// Loads a configuration beside a file `holidays.ics` with this content; `{}` stands for its path.
    fn load(content: &[u8], table: &str) -> Result<Config, Problems> {
        let folder = tempfile::tempdir().unwrap();
        let (ics, file) = (folder.path().join("holidays.ics"), folder.path().join("config.toml"));
        std::fs::write(&ics, content).unwrap();
        std::fs::write(&file, table.replace("{}", &ics.display().to_string())).unwrap();
        Config::load(Some(&file), None, None, |_| None)
    }

    fn said(content: &[u8], table: &str) -> String {
        let problems = load(content, table).unwrap_err();
        assert_eq!(problems.list.len(), 1, "{problems}");
        problems.list[0].place.as_ref().map_or(String::new(), |place| format!("line {}: ", place.line))
            + &problems.list[0].message
    }

    const NAMED: &str = "[calendar]\nzone = \"Europe/Paris\"\nholidays = [\"2027-01-01\"]\nics = [\"{}\"]\n";
    const CHRISTMAS: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\nSUMMARY:Christmas\nEND:VEVENT\n\
                             BEGIN:VEVENT\nDTSTART:20261224T120000\nSUMMARY:lunch\nEND:VEVENT\nEND:VCALENDAR\n";

    #[test]
    fn what_is_configured_reaches_the_engine() {
        let config = load(CHRISTMAS.as_bytes(), NAMED).unwrap_or_else(|problems| panic!("{problems}"));
        let began = "2026-12-23T16:00:00Z".parse().unwrap();
        let due = config.setup.calendar.due(began, Within::parse("5 business days").unwrap());
        assert_eq!(due.to_string(), "2026-12-31 22:59:59 UTC");
        let [skipped] = config.skipped.as_slice() else { panic!("{:?}", config.skipped) };
        assert!(skipped.contains("holidays.ics:6: no holiday: \"lunch\" has a time of day"), "{skipped}");
        let read = config.settings.iter().find(|setting| setting.key.starts_with("calendar.ics./")).unwrap();
        assert_eq!(read.value, "holidays: 1, skipped: 1");
    }

    #[test]
    fn a_table_without_keys_is_the_calendar_there_is_without_it() {
        let calendar = |text| Config::read(text, "config.toml", None).unwrap().setup.calendar;
        assert_eq!(calendar("[calendar]\n"), Calendar::default());
        assert_eq!(calendar(""), Calendar::default());
        let shown = |key: &str| {
            let settings = Config::read("", "config.toml", None).unwrap().settings;
            settings.into_iter().find(|setting| setting.key == key).unwrap().value
        };
        let defaults = ["zone", "weekdays", "holidays", "ics"]
            .map(|key| format!("{key} = {}\n", shown(&format!("calendar.{key}"))));
        assert_eq!(calendar(&format!("[calendar]\n{}", defaults.concat())), Calendar::default());
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_line() {
        let broken = said(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", NAMED);
        assert!(
            broken.starts_with("line 4: /")
                && broken.ends_with("holidays.ics:2 is no calendar: VEVENT has no end")
        );
        let latin1 = said(b"BEGIN:VCALENDAR\nSUMMARY:No\xebl\n", NAMED);
        assert!(latin1.ends_with("holidays.ics:2 is not UTF-8"), "{latin1}");
        let missing = said(b"", &NAMED.replace("{}", "/nowhere/holidays.ics"));
        assert!(missing.starts_with("line 4: the file /nowhere/holidays.ics cannot be read"), "{missing}");
        assert!(said(b"", &NAMED.replace("{}", "/dev/zero")).contains("is no plain file"));
        assert!(said(&vec![b' '; MOST_BYTES + 1], NAMED).contains("is larger than 2 MiB"));
    }

    #[test]
    fn not_every_skipped_entry_of_a_long_file_is_told() {
        let many = "BEGIN:VTODO\nEND:VTODO\n".repeat(MOST_TOLD + 5);
        let text = format!("BEGIN:VCALENDAR\n{many}END:VCALENDAR\n");
        let told = load(text.as_bytes(), NAMED).unwrap().skipped;
        assert_eq!(told.len(), MOST_TOLD + 1);
        assert!(told.last().unwrap().ends_with(": 5 more entries are no holidays"));
    }
}
