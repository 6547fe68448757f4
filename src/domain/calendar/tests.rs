//! Due dates: some that a person can check on a wall calendar, and many by a second implementation.

use std::num::NonZeroU16;

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;

/// Both hemispheres, half and quarter hours, clocks changed at midnight, and a zone that crossed the date line.
const ZONES: [&str; 18] = [
    "UTC",
    "Europe/Paris",
    "Europe/Dublin",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Asuncion",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
];

/// The same zone of another library, which has clocks of its own.
fn judge(zone: &str) -> Tz {
    zone.parse().unwrap()
}

fn at(text: &str) -> Time {
    text.parse::<DateTime<Utc>>().unwrap()
}

fn calendar(zone: &str, weekdays: &[&str], holidays: &[&str]) -> Calendar {
    let weekdays: Vec<String> = weekdays.iter().map(|&word| word.to_owned()).collect();
    let mut calendar = Calendar { zone: zone.parse().unwrap(), ..Calendar::default() };
    if !weekdays.is_empty() {
        calendar.weekdays = weekdays.try_into().unwrap();
    }
    calendar.add(holidays.iter().map(|day| Holiday { day: day.parse().unwrap(), name: Outside::default() }));
    calendar
}

fn due(calendar: &Calendar, from: &str, within: &str) -> String {
    let due = calendar.due(at(from), Within::parse(within).unwrap());
    due.with_timezone(&judge(calendar.zone.name())).format("%a %F %T %Z").to_string()
}

#[test]
fn a_review_over_christmas_is_due_on_the_last_day_of_the_year() {
    // Thu 24, Mon 28, Tue 29, Wed 30, Thu 31.
    let paris = calendar("Europe/Paris", &[], &["2026-12-25", "2027-01-01"]);
    assert_eq!(due(&paris, "2026-12-23T17:00:00+01:00", "5 business days"), "Thu 2026-12-31 23:59:59 CET");
    assert_eq!(due(&paris, "2026-12-23T17:00:00+01:00", "6 business days"), "Mon 2027-01-04 23:59:59 CET");
}

#[test]
fn the_day_it_began_does_not_count_whatever_the_hour_or_day() {
    let utc = calendar("UTC", &[], &["2026-12-25"]);
    for began in
        ["2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z", "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z"]
    {
        assert_eq!(due(&utc, began, "1 business day"), "Mon 2026-11-23 23:59:59 UTC", "{began}");
    }
    assert_eq!(due(&utc, "2026-12-25T08:00:00Z", "1 business day"), "Mon 2026-12-28 23:59:59 UTC");
}

#[test]
fn the_zone_says_which_day_it_began_on() {
    let began = "2026-11-19T23:30:00Z";
    assert_eq!(due(&calendar("UTC", &[], &[]), began, "1 business day"), "Fri 2026-11-20 23:59:59 UTC");
    assert_eq!(
        due(&calendar("Europe/Paris", &[], &[]), began, "1 business day"),
        "Mon 2026-11-23 23:59:59 CET"
    );
    let sunday_to_thursday = calendar("Asia/Dubai", &["sun", "mon", "tue", "wed", "thu"], &[]);
    assert_eq!(due(&sunday_to_thursday, began, "1 business day"), "Sun 2026-11-22 23:59:59 +04");
}

#[test]
fn elapsed_time_counts_every_hour() {
    // A week-end on which Paris has one hour more.
    let paris = calendar("Europe/Paris", &[], &["2026-10-26"]);
    assert_eq!(due(&paris, "2026-10-23T12:00:00+02:00", "72h"), "Mon 2026-10-26 11:00:00 CET");
    assert_eq!(due(&paris, "2026-10-23T12:00:00+02:00", "4h"), "Fri 2026-10-23 16:00:00 CEST");
}

#[test]
fn a_day_ends_with_its_last_second_whatever_the_clocks_do() {
    let saturdays = |zone| calendar(zone, &["sat"], &[]);
    let ends = |zone, friday| saturdays(zone).due(at(friday), Within::parse("1 business day").unwrap());
    // Midnight is left out: clocks go from 24:00 to 01:00.
    assert_eq!(ends("Asia/Beirut", "2026-03-27T12:00:00Z"), at("2026-03-28T21:59:59Z"));
    // Clocks go back from 24:00 to 23:00: the last hour of the day comes twice.
    assert_eq!(ends("America/Santiago", "2026-04-03T12:00:00Z"), at("2026-04-05T03:59:59Z"));
    // Clocks go back from 01:00 to 00:00: the first hour of the next day comes twice.
    assert_eq!(ends("America/Havana", "2026-10-30T12:00:00Z"), at("2026-11-01T03:59:59Z"));
    // Clocks went back from 00:01 to 23:01: the next day had begun.
    assert_eq!(ends("America/St_Johns", "2006-10-27T12:00:00Z"), at("2006-10-29T03:29:59Z"));
}

#[test]
fn a_day_that_no_clock_showed_does_not_count() {
    // Apia went from Thursday, the 29th, to Saturday, the 31st.
    let apia = calendar("Pacific/Apia", &[], &[]);
    assert_eq!(due(&apia, "2011-12-28T12:00:00-10:00", "1 business day"), "Thu 2011-12-29 23:59:59 -10");
    assert_eq!(due(&apia, "2011-12-28T12:00:00-10:00", "2 business days"), "Mon 2012-01-02 23:59:59 +14");
}

#[test]
fn a_leap_day_is_a_day() {
    let utc = Calendar::default();
    assert_eq!(due(&utc, "2028-02-28T12:00:00Z", "1 business day"), "Tue 2028-02-29 23:59:59 UTC");
    assert_eq!(due(&utc, "2027-02-26T12:00:00Z", "1 business day"), "Mon 2027-03-01 23:59:59 UTC");
}

#[test]
fn the_end_of_time_is_the_last_deadline() {
    for zone in ["UTC", "Pacific/Kiritimati", "America/New_York"] {
        for within in ["1 business day", "4h"] {
            let within = Within::parse(within).unwrap();
            assert_eq!(calendar(zone, &[], &[]).due(Time::MAX_UTC, within), Time::MAX_UTC);
            assert!(calendar(zone, &[], &[]).due(Time::MIN_UTC, within) > Time::MIN_UTC);
        }
    }
}

#[test]
fn a_holiday_keeps_the_name_it_has() {
    let mut calendar = calendar("UTC", &[], &["2026-12-25"]);
    let named = |name| [Holiday { day: "2026-12-25".parse().unwrap(), name: Outside::new(name) }];
    calendar.add(named("Christmas"));
    calendar.add(named("Noël"));
    assert_eq!(calendar.holidays.into_values().collect::<Vec<_>>(), [Outside::new("Christmas")]);
}

#[test]
fn a_calendar_is_kept_as_it_is() {
    let calendar = calendar("Europe/Paris", &["sun", "mon"], &["2026-12-25"]);
    let json = serde_json::to_string(&calendar).unwrap();
    assert_eq!(json, r#"{"zone":"Europe/Paris","weekdays":["mon","sun"],"holidays":{"2026-12-25":""}}"#);
    assert_eq!(serde_json::from_str::<Calendar>(&json).unwrap(), calendar);
    for no_days in ["[]", "[\"Mon\"]"] {
        assert!(serde_json::from_str::<Weekdays>(no_days).is_err(), "{no_days}");
    }
}

/// When something is due, found by watching that clock from quarter of an hour to quarter of an hour: every new
/// date it shows that is a business day is counted, and the last moment it shows the last of them is the answer.
/// In these zones and years clocks change on quarters of an hour.
fn by_watching_the_clock(zone: Tz, calendar: &Calendar, from: Time, days: u16) -> i64 {
    const QUARTER: i64 = 15 * 60;
    let weekdays: Vec<&str> = calendar.weekdays.into();
    let holidays: Vec<String> = calendar.holidays.keys().map(ToString::to_string).collect();
    let shown = |second| Time::from_timestamp(second, 0).unwrap().with_timezone(&zone).date_naive();
    let mut latest = shown(from.timestamp());
    let (mut counted, mut end, mut second) = (0, None, from.timestamp().div_euclid(QUARTER) * QUARTER);
    loop {
        second += QUARTER;
        let date = shown(second);
        if date > latest {
            latest = date;
            let word = Weekdays::WORDS[usize::try_from(date.weekday().num_days_from_monday()).unwrap()];
            counted += u16::from(weekdays.contains(&word) && !holidays.contains(&date.to_string()));
            if counted == days && end.is_none() {
                end = Some((date, second));
            }
        }
        match &mut end {
            Some((last, end)) if date == *last => *end = second + QUARTER - 1,
            Some((_, end)) if second > *end + 48 * 3600 => return *end,
            _ => {}
        }
    }
}

/// Moments from 2000 to 2037: any, around a change of clocks, around the end of a February or year.
fn moments() -> impl Strategy<Value = (&'static str, Time)> {
    let span = at("2000-01-01T00:00:00Z").timestamp()..at("2037-01-01T00:00:00Z").timestamp();
    (proptest::sample::select(&ZONES[..]), span, 0..4, -9 * 86_400..2 * 86_400_i64).prop_map(
        |(zone, second, kind, shift)| {
            let year = Time::from_timestamp(second, 0).unwrap().year();
            let near = match kind {
                0 => Some(second),
                1 => Some(at(&format!("{year}-12-31T12:00:00Z")).timestamp()),
                2 => Some(at(&format!("{year}-03-01T00:00:00Z")).timestamp()),
                _ => {
                    let zone = jiff::tz::TimeZone::get(zone).unwrap();
                    let mut changes = zone.following(jiff::Timestamp::from_second(second).unwrap());
                    changes.next().map(|change| change.timestamp().as_second())
                }
            };
            (zone, Time::from_timestamp(near.unwrap_or(second).min(2_114_000_000) + shift, 0).unwrap())
        },
    )
}

proptest! {
    #[test]
    fn business_days_are_those_a_clock_shows(
        (zone, from) in moments(),
        days in 1..8_u16,
        words in proptest::sample::subsequence(&Weekdays::WORDS[..], 1..=7),
        holidays in proptest::collection::vec(0..25_u64, 0..6),
    ) {
        let mut calendar = calendar(zone, &words, &[]);
        let begun = calendar.day_of(from);
        let on = |days| Holiday { day: begun + chrono::Days::new(days), name: Outside::default() };
        calendar.add(holidays.into_iter().map(on));
        let within = Within::BusinessDays(NonZeroU16::new(days).unwrap());
        let expected = by_watching_the_clock(judge(zone), &calendar, from, days);
        prop_assert_eq!(calendar.due(from, within).timestamp(), expected, "{} {}", zone, from);
    }

    #[test]
    fn elapsed_time_is_the_difference_of_instants((zone, from) in moments(), minutes in 1..100_000_u64) {
        let calendar = calendar(zone, &["mon"], &[]);
        let expected = from.with_timezone(&judge(zone)) + TimeDelta::minutes(i64::try_from(minutes).unwrap());
        let due = calendar.due(from, Within::Elapsed(crate::domain::time::Span::mins(minutes)));
        prop_assert_eq!(due.timestamp(), expected.timestamp());
        // And the clocks of both agree on how it is read.
        prop_assert_eq!(calendar.zone.shown_at(due), expected.naive_local());
    }
}
