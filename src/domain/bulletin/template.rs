//! What to begin a bulletin with: templates whose `{{names}}` are filled from what is known of the incident.

mod shipped;

use serde::{Deserialize, Serialize};

use super::{Audience, Bulletin, Part, Status};
use crate::domain::classification::Impact;
use crate::domain::incident::Incident;
use crate::domain::template;
use crate::domain::text::{Outside, capital, grouped};
use crate::domain::time::Time;

pub use shipped::shipped;

/// The names a template may use.
pub const NAMES: [&str; 4] = ["product", "started", "users", "next"];

/// A text for each part, with `{{names}}` in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// One line.
    pub headline: String,
    /// What happened.
    pub happened: String,
    /// What it means for the reader.
    pub impact: String,
    /// What the reader should do.
    pub todo: String,
}

/// What is known of an incident, for the names of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// `{{product}}`: what does not work, as readers call it: `withdrawals`.
    pub product: Outside,
    /// `{{started}}`: since when.
    pub started: Time,
    /// `{{users}}`: how many are affected.
    pub users: Option<Impact>,
    /// `{{next}}`: when the next bulletin comes; the last one has none.
    pub next: Option<Time>,
    /// A containment of what burns now holds: how far it reaches is limited.
    pub limited: bool,
    /// Readers may have to look after their accounts or their money.
    pub at_stake: bool,
}

impl Known {
    /// What the incident says of itself now; it began with its earliest signal.
    pub fn of(incident: &Incident, product: Outside, next: Option<Time>, now: Time) -> Self {
        let first = incident.signals.values().map(|signal| signal.since).min();
        let started = first.map_or(incident.opened_at, |first| first.min(incident.opened_at));
        let (limited, at_stake) = (incident.is_limited(now), incident.concerns_accounts());
        Self { product, started, users: incident.impact.clone(), next, limited, at_stake }
    }

    fn value(&self, name: &str) -> Option<String> {
        match name {
            "product" => Some(self.product.raw().trim().to_owned()).filter(|product| !product.is_empty()),
            "started" => Some(self.started.format("%H:%M UTC on %-d %B").to_string()),
            "users" => Some(users(self.users.as_ref())),
            "next" => self.next.map(|at| at.format("%H:%M UTC").to_string()),
            _ => None,
        }
    }
}

/// `about 1,200 customers`.
fn users(impact: Option<&Impact>) -> String {
    match impact {
        Some(Impact::Users { min: 0, max: 0 }) => "no customers".to_owned(),
        Some(Impact::Users { min: 0, max }) => format!("up to {} customers", grouped(*max, ',')),
        Some(Impact::Users { min: 1, max: 1 }) => "one customer".to_owned(),
        Some(Impact::Users { min, max }) if min == max => format!("about {} customers", grouped(*max, ',')),
        Some(Impact::Users { min, max }) => {
            format!("between {} and {} customers", grouped(*min, ','), grouped(*max, ','))
        }
        Some(Impact::Unknown { .. }) | None => "some customers".to_owned(),
    }
}

impl Template {
    /// Its texts, with the keys they have in a file.
    pub fn texts(&self) -> [(&'static str, &str); 4] {
        [
            (Part::Headline.key(), &self.headline),
            (Part::Happened.key(), &self.happened),
            (Part::Impact.key(), &self.impact),
            (Part::Todo.key(), &self.todo),
        ]
    }

    /// What a headline that was made of this names, where it still reads like one.
    pub fn product_in<'a>(&self, headline: &'a str) -> Option<&'a str> {
        let (before, after) = self.headline.split_once("{{product}}")?;
        let product = headline.strip_prefix(before)?.strip_suffix(after)?.trim();
        Some(product).filter(|product| !product.is_empty())
    }

    /// The bulletin this makes of what is known. A value is put in as it is: the lint reads it like all the rest.
    ///
    /// # Errors
    /// A sentence when a name has no value.
    pub fn fill(&self, audience: Audience, status: Status, known: &Known) -> Result<Bulletin, String> {
        // A value may stand at its beginning, hence the capital.
        let part = |text: &str| {
            template::fill(text, |name| known.value(name)).map(|text| Outside::new(capital(&text)))
        };
        Ok(Bulletin {
            audience,
            status,
            headline: part(&self.headline)?,
            happened: part(&self.happened)?,
            impact: part(&self.impact)?,
            todo: part(&self.todo)?,
            next_at: known.next,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(users: Option<Impact>, next: Option<Time>) -> Known {
        let (product, started) = (Outside::new("withdrawals"), Time::UNIX_EPOCH);
        Known { product, started, users, next, limited: false, at_stake: false }
    }

    fn template(happened: &str) -> Template {
        let text = |text: &str| text.to_owned();
        Template { headline: text("h"), happened: text(happened), impact: text("i"), todo: text("t") }
    }

    #[test]
    fn every_name_is_filled_and_a_missing_value_is_an_error() {
        let all = template("{{product}} since {{started}}: {{users}}, next {{next}}");
        let fill = |known: &Known| all.fill(Audience::Users, Status::Identified, known);
        let exact = known(Some(Impact::Users { min: 1_234_567, max: 1_234_567 }), Some(Time::UNIX_EPOCH));
        assert_eq!(
            fill(&exact).unwrap().happened.raw(),
            "Withdrawals since 00:00 UTC on 1 January: about 1,234,567 customers, next 00:00 UTC"
        );
        assert_eq!(fill(&known(None, None)), Err("next has no value".to_owned()));
        let unknown = template("{{weather}}").fill(Audience::Users, Status::Identified, &exact);
        assert_eq!(unknown, Err("weather has no value".to_owned()));
    }

    #[test]
    fn it_began_with_the_first_signal_and_not_when_quell_saw_it() {
        let at = |time: &str| -> Time { format!("2026-11-20T{time}:00Z").parse().unwrap() };
        let opened = |since: Option<&str>| {
            let signal = since.map(|since| {
                serde_json::json!({
                    "key": { "source": "prod-am", "fingerprint": "f1" }, "title": "slow", "severity": "high",
                    "unmapped": false, "labels": {}, "since": at(since),
                })
            });
            let record = serde_json::json!({
                "v": 1, "seq": 1, "at": at("14:05"), "by": "engine", "incident": "ANA-1",
                "entry": { "opened": {
                    "title": "slow", "severity": "high", "unmapped": false, "category": "outage", "service": "",
                    "group": null, "signal": signal, "because": "", "labels": {}, "ack_due": null,
                    "recurrence_of": null,
                } },
            });
            let incident = Incident::open(&serde_json::from_value(record).unwrap()).unwrap();
            Known::of(&incident, Outside::new("withdrawals"), None, at("14:06")).started
        };
        assert_eq!(opened(Some("13:40")), at("13:40"));
        assert_eq!(opened(Some("14:06")), at("14:05"), "a clock that is ahead moves nothing");
        assert_eq!(opened(None), at("14:05"));
    }

    #[test]
    fn a_value_is_no_template() {
        let known = Known { product: Outside::new("{{next}}"), ..known(None, None) };
        let bulletin = template("{{product}}").fill(Audience::Users, Status::Identified, &known).unwrap();
        assert_eq!(bulletin.happened.raw(), "{{next}}");
    }

    #[test]
    fn users_are_counted_in_words() {
        let said = |min, max| users(Some(&Impact::Users { min, max }));
        assert_eq!(said(0, 0), "no customers");
        assert_eq!(said(0, 900), "up to 900 customers");
        assert_eq!(said(1_000, 25_000), "between 1,000 and 25,000 customers");
        assert_eq!(users(Some(&Impact::Unknown { because: Outside::new("x") })), "some customers");
    }

    #[test]
    fn shipped_templates_use_no_unknown_name() {
        let all = Audience::ALL.into_iter().flat_map(|a| Status::ALL.map(|s| (a, s)));
        let all = all.flat_map(|it| [(it, false), (it, true)]);
        for ((audience, status), known_more) in all {
            let known = Known { limited: known_more, at_stake: known_more, ..known(None, None) };
            for (key, text) in shipped(audience, status, &known).texts() {
                for name in template::names(text).unwrap() {
                    assert!(NAMES.contains(&name.as_str()), "{audience:?} {status:?} {key}: {name}");
                    assert!(status != Status::Resolved || name != "next", "the last one names no next");
                }
            }
        }
    }
}
