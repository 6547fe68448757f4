//! Whether a query of Prometheus stays within its thresholds.

mod answer;

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Asked, Common, Monitor};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::monitor::Found;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::net::{Client, Connection, Environment, Limits, Login, LoginSettings, Request};
use answer::{Reached, Series};

const LIMITS: Limits = Limits { deadline: Span::secs(10), body: 4 << 20 };
/// Of a query, what rows show.
const QUERY_BYTES: usize = 120;

/// `[[monitor]] kind = "promql"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What every monitor says.
    #[serde(flatten)]
    pub common: Common,
    /// Where Prometheus is, or what speaks like it; `/api/v1/query` is added.
    pub url: String,
    /// What is asked.
    pub query: String,
    /// It is down when a value is greater than this.
    pub above: Option<f64>,
    /// It is down when a value is less than this.
    pub below: Option<f64>,
    /// What an answer without a series is.
    #[serde(default)]
    pub empty: Empty,
    /// Headers of every request, none of them secret: a tenant's, say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Its credentials.
    #[serde(flatten)]
    pub login: LoginSettings,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

/// What an answer without a series is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Empty {
    /// A failure: what is looked at is not there.
    #[default]
    Down,
    /// As expected.
    Ok,
}

impl Settings {
    pub(super) fn target(&self) -> String {
        Outside::capped(self.query.as_str(), QUERY_BYTES).raw().to_owned()
    }
}

/// A query of Prometheus.
pub struct Promql {
    request: Request,
    bounds: Bounds,
    empty: Empty,
    client: Client,
}

impl Promql {
    /// Makes a monitor; sends nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::for_polling(&settings.connection, Login::new(&settings.login, environment)?)?
            .with_headers(&settings.headers)?;
        client.check(&settings.url)?;
        if settings.url.contains(['?', '#']) {
            return Err(Fault::local("the url ends with its path; remove what follows ? or #"));
        }
        let bounds = Bounds { above: settings.above, below: settings.below };
        if bounds == (Bounds { above: None, below: None }) {
            return Err(Fault::local("neither above nor below is given; add one of them"));
        }
        let url = format!("{}/api/v1/query", settings.url.trim_end_matches('/'));
        let request =
            Request::query(&url, &[("query", &settings.query)])?.header("accept", "application/json")?;
        Ok(Self { request, bounds, empty: settings.empty, client })
    }

    /// What its values amount to, or why it gave none.
    async fn ask(&self) -> Result<Found, Fault> {
        let answer = self.client.exchange(&self.request, LIMITS).await?;
        let none = |why: Outside| Fault { detail: why, ..Fault::new(FaultKind::Malformed, "") };
        match answer::decode(&answer.body) {
            Reached::Said(said) => Ok(self.judge(&said).into()),
            // What a query is refused for stands in the body; whose key it does not take, with the key.
            Reached::Refused(why) => match answer.success() {
                Err(fault) if fault.is_of_credentials() => Err(fault),
                Err(fault) => Err(Fault { detail: why, ..fault }),
                Ok(_) => Err(none(why)),
            },
            Reached::Nothing(why) => Err(answer.success().err().unwrap_or_else(|| none(why))),
        }
    }

    fn judge(&self, series: &[Series]) -> Result<Outside, Outside> {
        if series.is_empty() {
            return match self.empty {
                Empty::Ok => Ok(Outside::new("no series, which is ok")),
                Empty::Down => Err(Outside::new("the query finds no series; empty = \"ok\" allows that")),
            };
        }
        let many = series.len() > 1;
        let wrong: Vec<(&Series, String)> =
            series.iter().filter_map(|one| Some((one, self.bounds.broken(one.value)?))).collect();
        let worst = wrong.iter().max_by(|(a, _), (b, _)| self.bounds.distance(a.value, b.value));
        match worst {
            Some((one, why)) if many => Err(Outside::new(format!(
                "{} of {} series: {} is {why}",
                wrong.len(),
                series.len(),
                one.name()
            ))),
            Some((_, why)) => Err(Outside::new(why.clone())),
            None => Ok(Outside::new(self.bounds.held(series))),
        }
    }
}

#[async_trait]
impl Monitor for Promql {
    async fn probe(&self, _asked: &Asked) -> Found {
        self.ask().await.unwrap_or_else(Found::Unseen)
    }
}

/// What a value must not be.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounds {
    above: Option<f64>,
    below: Option<f64>,
}

impl Bounds {
    /// Why a value is none that is expected.
    fn broken(self, value: f64) -> Option<String> {
        if value.is_nan() {
            return Some("NaN, which is no number".to_owned());
        }
        if let Some(above) = self.above.filter(|above| value > *above) {
            return Some(format!("{}, above {}", number(value), number(above)));
        }
        let below = self.below.filter(|below| value < *below)?;
        Some(format!("{}, below {}", number(value), number(below)))
    }

    /// Which of two values is further out; no number is furthest.
    fn distance(self, a: f64, b: f64) -> std::cmp::Ordering {
        let out = |value: f64| {
            let over = self.above.map_or(f64::NEG_INFINITY, |above| value - above);
            let under = self.below.map_or(f64::NEG_INFINITY, |below| below - value);
            if value.is_nan() { f64::INFINITY } else { over.max(under) }
        };
        out(a).total_cmp(&out(b))
    }

    /// What is seen while all is well: the value that is closest to its threshold, and the threshold.
    fn held(self, series: &[Series]) -> String {
        let closest = series.iter().map(|one| one.value).max_by(|a, b| self.distance(*a, *b));
        let value = closest.map(number).unwrap_or_default();
        let bounds = [("above", self.above), ("below", self.below)].into_iter();
        let bounds: Vec<String> =
            bounds.filter_map(|(word, bound)| Some(format!("{word} {}", number(bound?)))).collect();
        let many = if series.len() > 1 {
            format!(", the closest of {} series", series.len())
        } else {
            String::new()
        };
        format!("{value}, not {}{many}", bounds.join(" or "))
    }
}

/// At most four digits after the point; very large and very small ones as powers of ten.
fn number(value: f64) -> String {
    let size = value.abs();
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if size != 0.0 && !(1e-3..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Time;
    use crate::net::peer::{Act, Peer};

    async fn said(more: &str, body: &str) -> Result<String, String> {
        answered(more, Act::say(200, body.as_bytes())).await
    }

    async fn answered(more: &str, act: Act) -> Result<String, String> {
        let peer = Peer::new([act]);
        let text = format!("name = 'm'\nurl = '{}'\nquery = 'sum(x)'\n{more}", peer.url("/prom/"));
        let monitor = Promql::new(&toml::from_str(&text).unwrap(), |_| None).unwrap();
        let found = monitor.probe(&Asked::first(Time::UNIX_EPOCH)).await;
        assert!(
            peer.seen().concat().starts_with("GET /prom/api/v1/query?query=sum%28x%29 "),
            "{:?}",
            peer.seen()
        );
        match found {
            Found::Right(says) => Ok(says.raw().to_owned()),
            Found::Wrong(wrong) => Err(wrong.raw().to_owned()),
            Found::Unseen(fault) | Found::Busy(fault) => Err(format!("unseen: {}", fault.detail.raw())),
            Found::Early(_) => panic!("an answer is never too early"),
        }
    }

    fn vector(values: &[(&str, &str)]) -> String {
        let one = |(pod, value): &(&str, &str)| {
            format!(r#"{{"metric":{{"__name__":"lag","pod":"{pod}"}},"value":[1732190000.1,"{value}"]}}"#)
        };
        let all: Vec<String> = values.iter().map(one).collect();
        format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#, all.join(","))
    }

    #[tokio::test]
    async fn one_value_is_held_against_its_thresholds() {
        for (more, value, says) in [
            ("above = 5", "5", Ok("5, not above 5")),
            ("above = 5", "7.25", Err("7.25, above 5")),
            ("below = 0.5", "0.25", Err("0.25, below 0.5")),
            ("above = 5.0\nbelow = 1", "3", Ok("3, not above 5 or below 1")),
            ("above = 5", "NaN", Err("NaN, which is no number")),
            ("above = 5", "+Inf", Err("+Inf, above 5")),
            ("above = 5", "-Inf", Ok("-Inf, not above 5")),
            ("above = 5", "1e+12", Err("1.000e12, above 5")),
        ] {
            let expected = says.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(said(more, &vector(&[("a", value)])).await, expected, "{more} {value}");
        }
    }

    #[tokio::test]
    async fn of_several_series_the_worst_is_named() {
        let both = vector(&[("a", "6"), ("b", "9"), ("c", "1")]);
        let worst = "2 of 3 series: lag{pod=\"b\"} is 9, above 5";
        assert_eq!(said("above = 5", &both).await, Err(worst.to_owned()));
        let none = "9, not above 10, the closest of 3 series".to_owned();
        assert_eq!(said("above = 10", &both).await, Ok(none));
        let nan = vector(&[("a", "6"), ("b", "NaN")]);
        let worst = "2 of 2 series: lag{pod=\"b\"} is NaN, which is no number";
        assert_eq!(said("above = 5", &nan).await, Err(worst.to_owned()));
    }

    #[tokio::test]
    async fn no_series_is_a_failure_unless_it_may_be() {
        let none = "the query finds no series; empty = \"ok\" allows that".to_owned();
        assert_eq!(said("above = 5", &vector(&[])).await, Err(none));
        assert_eq!(
            said("above = 5\nempty = 'ok'", &vector(&[])).await,
            Ok("no series, which is ok".to_owned())
        );
    }

    #[tokio::test]
    async fn a_scalar_is_a_value_and_what_is_none_says_so() {
        let of = |kind: &str, result: &str| {
            format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#)
        };
        assert_eq!(said("above = 5", &of("scalar", r#"[1,"2"]"#)).await, Ok("2, not above 5".to_owned()));
        for (kind, result, words) in [
            ("string", r#"[1,"a"]"#, "a text"),
            ("matrix", "[]", "a range"),
            ("vector", r#"[{"metric":{},"histogram":[1,{}]}]"#, "histogram"),
            ("vector", r#"[{"metric":{},"value":[1,"seven"]}]"#, "no answer of Prometheus"),
        ] {
            let wrong = said("above = 5", &of(kind, result)).await.unwrap_err();
            assert!(wrong.starts_with("unseen: ") && wrong.contains(words), "{kind}: {wrong}");
        }
    }

    #[tokio::test]
    async fn what_prometheus_refuses_is_said_in_its_words() {
        let body = br#"{"status":"error","errorType":"bad_data","error":"parse error: unexpected \")\""}"#;
        let refused = "unseen: Prometheus refuses the query: parse error: unexpected \")\"".to_owned();
        assert_eq!(answered("above = 5", Act::say(400, body)).await, Err(refused));
        let broken = answered("above = 5", Act::say(503, b"<html>")).await;
        assert_eq!(broken, Err("unseen: status 503 Service Unavailable".to_owned()));
        let html = answered("above = 5", Act::say(200, b"<html>")).await;
        assert_eq!(html, Err("unseen: no answer of Prometheus; check the url".to_owned()));
    }

    #[tokio::test]
    async fn a_long_query_goes_out_as_a_form() {
        let peer = Peer::new([Act::say(200, vector(&[("a", "1")]).as_bytes())]);
        let query = format!("sum({})", "x".repeat(3000));
        let tenant = "headers = { X-Scope-OrgID = 'tenant-1' }";
        let text = format!("name = 'm'\nurl = '{}'\nquery = '{query}'\nabove = 5\n{tenant}", peer.url(""));
        let monitor = Promql::new(&toml::from_str(&text).unwrap(), |_| None).unwrap();
        assert!(matches!(monitor.probe(&Asked::first(Time::UNIX_EPOCH)).await, Found::Right(_)));
        let seen = peer.seen().concat();
        assert!(seen.contains("x-scope-orgid: tenant-1"), "{seen}");
        assert!(
            seen.starts_with("POST /api/v1/query HTTP/1.1\r\n") && seen.contains("\r\n\r\nquery=sum%28xxx"),
            "{seen}"
        );
    }

    #[test]
    fn without_a_threshold_there_is_no_monitor() {
        for text in ["", "above = 1\nurl = 'http://127.0.0.1:1/?a=b'"] {
            let url = if text.contains("url") { "" } else { "url = 'http://127.0.0.1:1'\n" };
            let settings = toml::from_str(&format!("name = 'm'\nquery = 'up'\n{url}{text}")).unwrap();
            assert!(Promql::new(&settings, |_| None).is_err(), "{text}");
        }
    }
}
