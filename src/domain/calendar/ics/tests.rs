//! Holidays from calendar files: as programs write them, as they break, and as an enemy would.

use chrono::{TimeZone, Weekday};
use proptest::prelude::*;
use rrule::{RRule, Unvalidated};

use super::*;

/// A calendar of entries, each given by its lines.
fn file(entries: &[&str]) -> String {
    let entries: String =
        entries.iter().map(|lines| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n")).collect();
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{entries}END:VCALENDAR\n")
}

fn days(entry: &str) -> Vec<String> {
    let (found, skipped) = holidays(&file(&[entry])).unwrap();
    assert_eq!(skipped, []);
    found.iter().map(|holiday| holiday.day.to_string()).collect()
}

fn why_skipped(entry: &str) -> String {
    let (found, skipped) = holidays(&file(&[entry])).unwrap();
    match (found.as_slice(), skipped.as_slice()) {
        ([], [one]) => one.why.clone(),
        other => panic!("{entry}: {other:?}"),
    }
}

#[test]
fn a_file_as_programs_write_it_is_read() {
    let text = "\u{feff}BEGIN:VCALENDAR\r\nPRODID:-//Jours fériés//FR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\n\
                TZID:Europe/Paris\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
                BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261226\r\n\
                SUMMARY;LANGUAGE=\"fr:FR\":Noël\\, jour \r\n férié\\; tou\r\n\ts\r\nTRANSP:TRANSPARENT\r\n\
                BEGIN:VALARM\r\nTRIGGER:-PT1H\r\nDTSTART:20200101\r\nEND:VALARM\r\nEND:VEVENT\r\n\
                BEGIN:VTODO\r\nSUMMARY:gifts\r\nEND:VTODO\r\n\
                BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Paris:20261224T120000\r\nSUMMARY:lunch\r\nEND:VEVENT\r\n\
                END:VCALENDAR\r\n";
    let (found, skipped) = holidays(text).unwrap();
    let name = Outside::new("Noël, jour férié; tous");
    assert_eq!(found, [Holiday { day: "2026-12-25".parse().unwrap(), name }]);
    let skipped: Vec<_> = skipped.iter().map(|s| (s.line, s.name.raw(), s.why.as_str())).collect();
    assert_eq!(
        skipped,
        [
            (23, "", "is a VTODO, not a VEVENT"),
            (26, "lunch", "has a time of day in DTSTART: only all-day entries are holidays"),
        ]
    );
}

#[test]
fn an_entry_lasts_until_the_day_before_its_end() {
    assert_eq!(days("DTSTART:20261225"), ["2026-12-25"]);
    let both = ["2026-12-25", "2026-12-26"];
    assert_eq!(days("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227"), both);
    assert_eq!(days("DTSTART;VALUE=DATE:20261225\nDURATION:P2D"), both);
    assert_eq!(days("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261225"), ["2026-12-25"]);
    assert_eq!(days("DTSTART:20261225\nDURATION:P1W").len(), 7);
}

#[test]
fn what_comes_again_comes_on_its_days() {
    let thanksgiving = "DTSTART:20241128\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20261126T000000Z";
    assert_eq!(days(thanksgiving), ["2024-11-28", "2025-11-27", "2026-11-26"]);
    let memorial = "DTSTART:20250526\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=3";
    assert_eq!(days(memorial), ["2025-05-26", "2026-05-25", "2027-05-31"]);
    assert_eq!(days("DTSTART:20240229\nRRULE:FREQ=YEARLY;COUNT=2"), ["2024-02-29", "2028-02-29"]);
    let every_other =
        "DTSTART:20241231\nDTEND:20250102\nRRULE:FREQ=YEARLY;INTERVAL=2;COUNT=2\nEXDATE;VALUE=DATE:20241231";
    assert_eq!(days(every_other), ["2026-12-31", "2027-01-01"]);
    assert_eq!(days("DTSTART:20260101\nRDATE:20260501,20270101"), ["2026-01-01", "2026-05-01", "2027-01-01"]);
    let for_ever = days("DTSTART:20200501\nRRULE:FREQ=YEARLY");
    assert_eq!((for_ever.len(), for_ever.last().map(String::as_str)), (80, Some("2099-05-01")));
}

#[test]
fn what_is_no_holiday_is_skipped_with_its_reason() {
    for (entry, why) in [
        ("SUMMARY:x", "has no DTSTART"),
        ("DTSTART:20260230", "has as DTSTART what is no date: `20260230`"),
        ("DTSTART:2026-12-25", "has as DTSTART what is no date: `2026-12-25`"),
        (
            "DTSTART:20261225\nDTEND:20261226T120000Z",
            "has a time of day in DTEND: only all-day entries are holidays",
        ),
        ("DTSTART:20261225\nDTEND:20261224", "ends before it begins"),
        ("DTSTART:20261225\nDTEND:20290101", "lasts longer than 366 days"),
        ("DTSTART:20261225\nDURATION:PT8H", "lasts `PT8H`, not whole days"),
        ("DTSTART:20261225\nSTATUS:CANCELLED", "is cancelled"),
        ("DTSTART:20261225\nDTSTART:20261226", "has more than one DTSTART"),
        ("DTSTART:20261225\nRRULE:FREQ=WEEKLY", "comes again by `FREQ=WEEKLY`, which is not read"),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;BYSETPOS=1", "comes again by `BYSETPOS=1`, which is not read"),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;BYDAY=0MO", "comes again by `BYDAY=0MO`, which is not read"),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;COUNT=0", "comes again by `COUNT=0`, which is not read"),
        (
            "DTSTART:20261225\nRRULE:FREQ=YEARLY;UNTIL=éé€€",
            "comes again by `UNTIL=\\u{e9}\\u{e9}\\u{20ac}\\u{20ac}`, which is not read",
        ),
        ("DTSTART:20261225\nRRULE:COUNT=2", "comes again, but its rule has no FREQ"),
        ("DTSTART:20261225\nEXDATE:20261225", "has no day left by its own EXDATE and UNTIL"),
        ("DTSTART:20261225\nEXDATE:soon", "has as EXDATE what is no date: `soon`"),
        ("DTSTART:00010101\nRRULE:FREQ=YEARLY", "begins outside the years 1583 to 2099"),
    ] {
        assert_eq!(why_skipped(entry), why);
    }
    assert!(why_skipped("DTSTART:20261225\nRECURRENCE-ID:20261226").starts_with("moves one day"));
}

#[test]
fn a_file_that_is_no_calendar_is_an_error_with_its_line() {
    for (text, line, why) in [
        ("", 1, "the file is empty"),
        ("<!DOCTYPE html>\n", 1, "NAME:value"),
        ("<a href=\"https:\">: login\n", 1, "NAME:value"),
        ("SUMMARY:x\n", 1, "BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\n", 2, "VEVENT has no end"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", 3, "END:VCALENDAR where VEVENT should end"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nDTSTART:20261225\n", 3, "BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\n\n garbage\n\u{1b}[2J:x\nEND:VCALENDAR\n", 4, "NAME:value"),
    ] {
        let error = holidays(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.why.contains(why), "{text:?}: {error}");
    }
}

#[test]
fn a_name_is_kept_as_it_came_but_not_without_end() {
    let long = format!("DTSTART:20261225\nSUMMARY:\u{1b}]0;x\u{7}\\N{}", "y".repeat(10_000));
    let (found, _) = holidays(&file(&[&long])).unwrap();
    let name = found[0].name.raw();
    assert!(name.starts_with("\u{1b}]0;x\u{7}\nyyy") && name.len() <= NAME_BYTES, "{name:?}");
    let odd = holidays(&file(&["DTSTART:20261225\nSUMMARY:a\\tb\\"])).unwrap().0;
    assert_eq!(odd[0].name.raw(), "a\\tb\\");
}

#[test]
fn bombs_are_refused() {
    let why = |text: &str| holidays(text).unwrap_err().why;
    assert!(why(&" ".repeat(MOST_BYTES + 1)).contains("larger than"));
    let every_day = "DTSTART:20000101\nRRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU";
    assert_eq!(why_skipped(every_day), "comes to more than 20000 days");
    let wide = "DTSTART:20000101\nDTEND:20010101\nRRULE:FREQ=YEARLY";
    assert_eq!(why_skipped(wide), "comes to more than 20000 days");
    assert!(
        why(&file(&["DTSTART:20000101\nRRULE:FREQ=YEARLY;BYDAY=MO"; 5])).contains("more than 20000 holidays")
    );
    assert!(why(&file(&["DTSTART:20260230\nRRULE:FREQ=YEARLY"; MOST_REPEATS + 1])).contains("come again"));
    let listed = format!("DTSTART:20261225\nRRULE:FREQ=YEARLY;BYMONTHDAY={}1", "1,".repeat(40));
    assert!(why_skipped(&listed).contains("not read"));
    assert!(why(&"BEGIN:VCALENDAR\n".repeat(50_000)).contains("no end"));
}

fn rules() -> impl Strategy<Value = (NaiveDate, String)> {
    let list = |part: &'static str, values: Vec<String>| match values.is_empty() {
        true => String::new(),
        false => format!(";{part}={}", values.join(",")),
    };
    let some = |range: std::ops::RangeInclusive<i32>| {
        let number = range.prop_filter("0 is no place", |n| *n != 0).prop_map(|n| n.to_string());
        proptest::collection::vec(number, 0..3)
    };
    let name = proptest::sample::select(&["MO", "TU", "WE", "TH", "FR", "SA", "SU"][..]);
    let place = (-5..6_i32).prop_filter("0 is no place", |n| *n != 0);
    // Numbered or not: for both in one list the other reader wants a day to be both.
    let numbered = (place, name.clone()).prop_map(|(nth, name)| format!("{nth}{name}"));
    let weekdays = prop_oneof![
        proptest::collection::vec(numbered, 0..3),
        proptest::collection::vec(name.prop_map(str::to_owned), 0..3),
    ];
    let first =
        (1990..2030, 1..=366_u32).prop_filter_map("a day", |(year, day)| NaiveDate::from_yo_opt(year, day));
    (first, 1..5, some(1..=12), some(-31..=31), weekdays).prop_map(
        move |(first, interval, months, days, weekdays)| {
            let parts = list("BYMONTH", months) + &list("BYMONTHDAY", days) + &list("BYDAY", weekdays);
            (first, format!("FREQ=YEARLY;INTERVAL={interval}{parts}"))
        },
    )
}

proptest! {
    // Each case is read for a hundred years, by both.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rules_give_the_days_that_another_reader_gives((first, rule) in rules()) {
        let start = rrule::Tz::UTC.from_utc_datetime(&first.and_hms_opt(0, 0, 0).unwrap());
        let theirs = rule.parse::<RRule<Unvalidated>>().unwrap().build(start).unwrap();
        let theirs = theirs.into_iter().map(|day| day.date_naive()).take_while(|day| day.year() <= LAST_YEAR);
        // The first day belongs to what comes again, also where the rule says otherwise.
        let theirs = std::iter::once(first).chain(theirs.filter(|day| *day > first));
        let ours = Repeat::parse(&rule).unwrap();
        let differ = ours.days(first).map(Some).chain([None]).zip(theirs.map(Some).chain([None]));
        let differ = differ.take(1500).find(|(ours, theirs)| ours != theirs);
        prop_assert_eq!(differ, None, "{} from {}", rule, first);
    }

}

proptest! {
    #[test]
    fn nothing_breaks_the_reader(lines in proptest::collection::vec(
        prop_oneof![
            "[A-Z;=:\\\\\", é\r\t]{0,20}",
            "(BEGIN|END):(VCALENDAR|VEVENT|VALARM|VTODO)",
            "(DTSTART|DTEND|EXDATE|RDATE)(;VALUE=DATE)?:[0-9]{4}(0[1-9]|1[0-2])[0-3][0-9]",
            "RRULE:FREQ=YEARLY(;(COUNT|INTERVAL|BYMONTH|BYMONTHDAY|BYDAY|UNTIL)=[-0-9]{0,9}(MO|SU)?){0,3}",
        ],
        0..30,
    )) {
        let bare = lines.join("\n");
        let framed = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{bare}\nEND:VEVENT\nEND:VCALENDAR");
        for text in [bare, framed] {
            match holidays(&text) {
                Ok((found, _)) => prop_assert!(found.len() <= MOST_DAYS),
                Err(error) => prop_assert!(error.line <= text.lines().count().max(1)),
            }
        }
    }
}

#[test]
fn a_weekday_is_a_weekday() {
    // Every Friday of a year, as half-days are sometimes written.
    let fridays = days("DTSTART:20260102\nRRULE:FREQ=YEARLY;BYDAY=FR;UNTIL=20261231");
    assert_eq!(fridays.len(), 52);
    assert!(fridays.iter().all(|day| day.parse::<NaiveDate>().unwrap().weekday() == Weekday::Fri));
}
