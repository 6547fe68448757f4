//! The weekdays on which there is business: at least one.

use chrono::{Datelike, NaiveDate, Weekday, WeekdaySet};
use serde::{Deserialize, Serialize};

const NAMED: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// The weekday of a word: `sun`.
pub fn weekday(word: &str) -> Option<Weekday> {
    NAMED.into_iter().find(|(name, _)| *name == word).map(|(_, weekday)| weekday)
}

/// Weekdays as configuration writes them: `["mon", "tue"]`, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<&'static str>")]
pub struct Weekdays(WeekdaySet);

impl Weekdays {
    /// How they are written, Monday first.
    pub const WORDS: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// Whether a day's weekday is among them.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.0.contains(day.weekday())
    }
}

/// Monday to Friday.
impl Default for Weekdays {
    fn default() -> Self {
        use Weekday::{Fri, Mon, Thu, Tue, Wed};
        Self(WeekdaySet::from_array([Mon, Tue, Wed, Thu, Fri]))
    }
}

impl TryFrom<Vec<String>> for Weekdays {
    type Error = String;
    fn try_from(words: Vec<String>) -> Result<Self, String> {
        let mut set = WeekdaySet::EMPTY;
        for word in &words {
            let Some(weekday) = weekday(word) else {
                return Err(format!(
                    "`{}` is no weekday; write {}",
                    word.escape_default(),
                    Self::WORDS.join(", ")
                ));
            };
            set.insert(weekday);
        }
        match set.is_empty() {
            true => Err("no weekday is a business day; write at least one, like [\"mon\"]".to_owned()),
            false => Ok(Self(set)),
        }
    }
}

impl From<Weekdays> for Vec<&'static str> {
    fn from(days: Weekdays) -> Self {
        NAMED.into_iter().filter(|(_, weekday)| days.0.contains(*weekday)).map(|(name, _)| name).collect()
    }
}
