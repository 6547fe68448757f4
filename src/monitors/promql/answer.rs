//! What Prometheus answers to an instant query.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::text::Outside;

/// Of an error and of a series' name, what is said.
const SAID_BYTES: usize = 200;

/// What came of asking.
pub(super) enum Reached {
    /// Its values.
    Said(Vec<Series>),
    /// A sentence that says why not.
    Refused(Outside),
    /// Something else answered than Prometheus, or differently.
    Nothing(Outside),
}

/// One series.
pub(super) struct Series {
    labels: BTreeMap<String, String>,
    /// Its value.
    pub(super) value: f64,
}

impl Series {
    /// `lag{pod="a"}`, as far as it is short.
    pub(super) fn name(&self) -> String {
        let name = self.labels.get("__name__").map(String::as_str).unwrap_or_default();
        let labels = self.labels.iter().filter(|(label, _)| *label != "__name__");
        let labels: Vec<String> = labels.map(|(label, value)| format!("{label}={value:?}")).collect();
        let whole = format!("{name}{{{}}}", labels.join(", "));
        Outside::capped(whole, SAID_BYTES).raw().to_owned()
    }
}

#[derive(Deserialize)]
struct Envelope {
    status: String,
    error: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Vector(Vec<Sample>),
    Scalar((IgnoredAny, String)),
    String(IgnoredAny),
    Matrix(IgnoredAny),
}

#[derive(Deserialize)]
struct Sample {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    value: Option<(IgnoredAny, String)>,
}

/// Reads a body, whatever its status was.
pub(super) fn decode(body: &[u8]) -> Reached {
    let none = || Reached::Nothing(Outside::new("no answer of Prometheus; check the url"));
    let refused = |why: &str| Reached::Refused(Outside::new(why));
    let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else { return none() };
    let samples = match (envelope.status.as_str(), envelope.error, envelope.data) {
        ("error", error, _) => {
            let why = Outside::capped(error.unwrap_or_default(), SAID_BYTES);
            return refused(&format!("Prometheus refuses the query: {}", why.raw()));
        }
        ("success", _, Some(Data::Vector(samples))) => samples,
        ("success", _, Some(Data::Scalar(value))) => {
            vec![Sample { metric: BTreeMap::new(), value: Some(value) }]
        }
        ("success", _, Some(Data::String(_))) => return refused("the query gives a text; ask for a number"),
        ("success", _, Some(Data::Matrix(_))) => {
            return refused(
                "the query gives a range; put a function like rate() or max_over_time() around it",
            );
        }
        _ => return none(),
    };
    let mut series = Vec::new();
    for Sample { metric, value } in samples {
        let Some((_, value)) = value else {
            return refused("the query gives a histogram; put histogram_quantile() around it");
        };
        let Ok(value) = value.parse() else { return none() };
        series.push(Series { labels: metric, value });
    }
    Reached::Said(series)
}
