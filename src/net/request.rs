//! What is asked and what is answered.

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, StatusCode, Url};

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::Budget;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// The longest wait another side can ask for.
const LONGEST_WAIT: Span = Span::secs(60);

/// What a clock's whole seconds explain.
const EXPLAINED_MS: i64 = 2000;

/// Bytes of what another side says of its no.
const WORDS_BYTES: usize = 1024;

/// Bytes of parameters that every server and proxy takes in a URL.
const LONGEST_QUERY: usize = 2000;

/// Headers that are the connection's or the login's to set.
const OURS: [&str; 11] = [
    "host",
    "authorization",
    "proxy-authorization",
    "cookie",
    "content-length",
    "connection",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
];

/// Why a plan's request may not bring a header of this name, and what to do, if it may not.
pub fn header_flaw(name: &str) -> Option<(&'static str, &'static str)> {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
        return Some(("is no header's name", "write letters, digits and hyphens"));
    };
    let ours = OURS.contains(&name.as_str());
    ours.then_some(("is not a playbook's to set", "remove it; credentials stand in the [[api]]"))
}

/// A request. Its URL may be a secret, so it has no `Debug`.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
    /// Sending it twice does no more than sending it once.
    pub(super) may_repeat: bool,
}

impl Request {
    /// A read.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: Method::GET, url: url.into(), headers: HeaderMap::new(), body: None, may_repeat: true }
    }

    /// A read with these parameters: in the URL, or as a form where they are too long for one.
    ///
    /// # Errors
    /// The URL is none.
    pub fn query(url: &str, parameters: &[(&str, &str)]) -> Result<Self, Fault> {
        let mut url = Url::parse(url).map_err(|_| Fault::local("the address is no URL"))?;
        url.set_query(None);
        let bare = url.to_string();
        url.query_pairs_mut().extend_pairs(parameters);
        let form = url.query().unwrap_or_default();
        if form.len() <= LONGEST_QUERY {
            return Ok(Self::get(url));
        }
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
        Ok(Self { method: Method::POST, headers, ..Self::get(bare) }.body(form))
    }

    /// A write of a JSON value.
    pub fn post_json(url: impl Into<String>, body: &serde_json::Value) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let post = Self { method: Method::POST, headers, may_repeat: false, ..Self::get(url) };
        post.body(body.to_string())
    }

    /// A change by a JSON value.
    pub fn patch_json(url: impl Into<String>, body: &serde_json::Value) -> Self {
        Self { method: Method::PATCH, ..Self::post_json(url, body) }
    }

    /// A request with any method.
    ///
    /// # Errors
    /// There is no such method.
    pub fn new(method: &str, url: impl Into<String>) -> Result<Self, Fault> {
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| Fault::new(FaultKind::Local, "the request's method is none of HTTP"))?;
        Ok(Self { may_repeat: method.is_safe(), method, ..Self::get(url) })
    }

    /// The same, that may be sent twice: whoever takes it drops repeats, or does not mind them.
    #[must_use]
    pub fn repeatable(self) -> Self {
        Self { may_repeat: true, ..self }
    }

    /// The same, that is sent once only, whatever its method promises.
    #[must_use]
    pub fn once(self) -> Self {
        Self { may_repeat: false, ..self }
    }

    /// With these pairs at the end of its query.
    #[must_use]
    pub fn with_query(mut self, pairs: &[(&str, &str)]) -> Self {
        // What is no URL is refused when it is sent.
        if let Ok(mut url) = Url::parse(&self.url)
            && !pairs.is_empty()
        {
            url.query_pairs_mut().extend_pairs(pairs);
            self.url = url.into();
        }
        self
    }

    /// With one more header.
    ///
    /// # Errors
    /// The name or value is none that HTTP can carry.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Fault> {
        let refused = || Fault::new(FaultKind::Local, "a header of the request is none that HTTP can carry");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        let value = HeaderValue::from_str(value).map_err(|_| refused())?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// With a body, byte for byte.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }
}

/// An answer, whole and within its limits.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, decompressed. Of an answer that is no success, what could be read of it.
    pub body: Vec<u8>,
    /// How long it took from the first byte sent to the last one read.
    pub(super) took: Span,
    /// The same, once it was known which credentials are sent.
    pub alone: Span,
    pub(super) headers: HeaderMap,
    /// Where the credentials are refused, what is known of them.
    credentials: Option<String>,
    /// Which peer gave it, where the first could not be reached.
    by: Option<String>,
}

impl Answer {
    pub(super) fn new(status: u16, headers: HeaderMap) -> Self {
        Self {
            status,
            body: Vec::new(),
            took: Span::millis(0),
            alone: Span::millis(0),
            headers,
            credentials: None,
            by: None,
        }
    }

    /// Which peer of a cluster gave it, and why not the one before; none where the first did.
    pub fn given_by(&self) -> Option<&str> {
        self.by.as_deref()
    }

    /// The same, given by this peer.
    pub(super) fn by(self, peer: String) -> Self {
        Self { by: Some(peer), ..self }
    }

    /// Whether the credentials are refused, or may not do that.
    pub(super) fn is_unauthorised(&self) -> bool {
        matches!(self.status, 401 | 403)
    }

    /// The same, with what is to be said of the credentials if they are refused.
    pub(super) fn refused_with(self, credentials: String) -> Self {
        Self { credentials: Some(credentials), ..self }
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The other side's clock when it answered.
    pub fn date(&self) -> Option<Time> {
        http_date(self.text(&DATE)?)
    }

    /// How far the other side's clock is ahead of ours, which said `asked` when the request was sent, in milliseconds;
    /// nothing within what its whole seconds and the way explain: at which moment until now it answered, nobody knows.
    pub fn skew_ms(&self, asked: Time) -> Option<i64> {
        let behind = (self.date()? - asked).num_milliseconds();
        let ahead = (self.date()? - (asked + self.took.delta())).num_milliseconds();
        [behind.min(0), ahead.max(0)].into_iter().find(|ms| ms.abs() > EXPLAINED_MS)
    }

    /// How many requests the other side still grants at `now`, where it says so in `ratelimit-*` headers; for a minute
    /// at most.
    pub fn budget(&self, now: Time) -> Option<Budget> {
        let [left, of, reset] = ["remaining", "limit", "reset"].map(|name| self.limit(name));
        let reset = Span::secs(reset?.into()).min(LONGEST_WAIT);
        Some(Budget { left: left?, of: of?, until: now + reset.delta() })
    }

    /// How long the other side asks to be left alone; at most a minute.
    pub fn retry_after(&self) -> Option<Span> {
        let Some(text) = self.text(&RETRY_AFTER) else {
            let spent = self.status == 429 || self.limit("remaining") == Some(0);
            let reset = self.limit("reset").filter(|_| spent)?;
            return Some(Span::secs(reset.into()).min(LONGEST_WAIT));
        };
        let asked = match text.parse::<u32>() {
            Ok(secs) => Span::secs(secs.into()),
            Err(_) => {
                let wait = (http_date(text)? - self.date()?).num_milliseconds();
                Span::millis(u64::try_from(wait).unwrap_or(0))
            }
        };
        Some(asked.min(LONGEST_WAIT))
    }

    /// The answer if it is a success, else the fault its status stands for.
    ///
    /// # Errors
    /// The status is not 2xx.
    pub fn success(self) -> Result<Self, Fault> {
        if self.is_success() {
            return Ok(self);
        }
        let reason = StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        let said = [Some(format!("status {}", self.status)), reason.map(str::to_owned)];
        let said = said.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let (kind, detail) = match self.status {
            300..=399 => (
                FaultKind::Redirected,
                format!("{said}: redirects are not followed; configure the final address"),
            ),
            401 | 403 => {
                let credentials = self.credentials.as_deref().unwrap_or("check the credentials");
                (FaultKind::Unauthorised, format!("{said}: {credentials}"))
            }
            // 420 is how some said it before there was a status for it.
            420 | 429 => (FaultKind::Throttled, said),
            500.. => (FaultKind::Broken, said),
            _ => (FaultKind::Refused, said),
        };
        Err(Fault { status: Some(self.status), retry_after: self.retry_after(), ..Fault::new(kind, detail) })
    }

    /// As [`Answer::success`], with what the other side says of it in words of its own. Who is not let in is told so by
    /// whatever stands before it: there only what is known of the credentials is said.
    ///
    /// # Errors
    /// The status is not 2xx.
    pub fn success_or(self, words: impl FnOnce(&Self) -> Option<String>) -> Result<Self, Fault> {
        let said = if self.is_success() || self.is_unauthorised() { None } else { words(&self) };
        self.success().map_err(|fault| match said {
            Some(said) => {
                let detail = Outside::capped(format!("{}: {said}", fault.detail.raw()), WORDS_BYTES);
                Fault { detail: Outside::new(detail.safe().to_string()), ..fault }
            }
            None => fault,
        })
    }

    fn limit(&self, name: &str) -> Option<u32> {
        self.headers.get(format!("ratelimit-{name}"))?.to_str().ok()?.trim().parse().ok()
    }

    fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn http_date(text: &str) -> Option<Time> {
    Some(chrono::DateTime::parse_from_rfc2822(text).ok()?.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)]) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        Answer::new(status, headers)
    }

    #[test]
    fn a_status_stands_for_a_kind_of_fault() {
        let kind = |status| answer(status, &[]).success().map(|_| ()).map_err(|fault| fault.kind);
        assert_eq!(kind(204), Ok(()));
        assert_eq!(kind(307), Err(FaultKind::Redirected));
        assert_eq!(kind(403), Err(FaultKind::Unauthorised));
        assert_eq!(kind(409), Err(FaultKind::Refused));
        assert_eq!(kind(429), Err(FaultKind::Throttled));
        assert_eq!(kind(503), Err(FaultKind::Broken));
    }

    #[test]
    fn whoever_is_not_let_in_hears_of_the_credentials_and_everybody_else_why() {
        let said = |status| {
            let fault = answer(status, &[]).success_or(|_| Some("no \u{1b}[2J such thing".to_owned()));
            fault.map(drop).map_err(|fault| fault.detail.raw().to_owned())
        };
        assert_eq!(said(200), Ok(()));
        assert_eq!(said(401), Err("status 401 Unauthorized: check the credentials".to_owned()));
        assert_eq!(said(403), Err("status 403 Forbidden: check the credentials".to_owned()));
        let why = said(422).unwrap_err();
        assert!(why.starts_with("status 422 Unprocessable Entity: no ") && !why.contains('\u{1b}'), "{why}");
    }

    #[test]
    fn a_clock_that_differs_by_less_than_it_tells_does_not_differ() {
        let answer = answer(200, &[("date", "Fri, 20 Nov 2026 14:00:00 GMT")]);
        let skew = |now: &str| answer.skew_ms(now.parse().unwrap());
        assert_eq!((skew("2026-11-20T14:00:01.5Z"), skew("2026-11-20T13:59:59Z")), (None, None));
        assert_eq!(skew("2026-11-20T14:01:00Z"), Some(-60_000));
        assert_eq!(skew("2026-11-20T13:00:00Z"), Some(3_600_000));
        // Whoever answers after five seconds may have looked at its clock at the end of them, or at their beginning.
        let slow = Answer { took: Span::secs(5), ..answer };
        let skew = |now: &str| slow.skew_ms(now.parse().unwrap());
        assert_eq!((skew("2026-11-20T13:59:55Z"), skew("2026-11-20T14:00:00Z")), (None, None));
        assert_eq!(skew("2026-11-20T13:59:45Z"), Some(10_000));
        assert_eq!(skew("2026-11-20T14:00:05Z"), Some(-5000));
    }

    #[test]
    fn parameters_go_where_they_fit() {
        let short = Request::query("https://a.example/q?old=1", &[("query", "a{b=\"c d\"} & 1")]).unwrap();
        assert_eq!(short.url, "https://a.example/q?query=a%7Bb%3D%22c+d%22%7D+%26+1");
        assert_eq!((short.method, short.body), (Method::GET, None));
        let text = "x".repeat(LONGEST_QUERY);
        let long = Request::query("https://a.example/q", &[("query", text.as_str())]).unwrap();
        assert_eq!((long.method, long.url.as_str()), (Method::POST, "https://a.example/q"));
        assert_eq!(long.body.unwrap(), format!("query={text}").into_bytes());
        assert!(Request::query("a.example", &[]).is_err());
    }

    #[test]
    fn a_wait_is_honoured_up_to_a_minute() {
        assert_eq!(answer(429, &[("retry-after", "7")]).retry_after(), Some(Span::secs(7)));
        assert_eq!(answer(429, &[("retry-after", "86400")]).retry_after(), Some(Span::secs(60)));
        let dates =
            [("date", "Fri, 20 Nov 2026 14:00:00 GMT"), ("retry-after", "Fri, 20 Nov 2026 14:00:09 GMT")];
        assert_eq!(answer(503, &dates).retry_after(), Some(Span::secs(9)));
        assert_eq!(answer(503, &[("retry-after", "soon")]).retry_after(), None);
        assert_eq!(answer(429, &[("ratelimit-reset", "9")]).retry_after(), Some(Span::secs(9)));
        assert_eq!(answer(200, &[("ratelimit-reset", "9")]).retry_after(), None);
    }

    #[test]
    fn a_budget_is_what_all_three_headers_say() {
        let said = [("ratelimit-limit", "960"), ("ratelimit-remaining", "17"), ("ratelimit-reset", "42")];
        let budget = answer(200, &said).budget(Time::UNIX_EPOCH);
        let until = Time::UNIX_EPOCH + Span::secs(42).delta();
        assert_eq!(budget, Some(Budget { left: 17, of: 960, until }));
        assert_eq!(answer(200, &said[..2]).budget(Time::UNIX_EPOCH), None);
        // Some gateways say when, not how long.
        let epoch =
            [("ratelimit-limit", "960"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "1795183200")];
        let until = Time::UNIX_EPOCH + LONGEST_WAIT.delta();
        assert_eq!(answer(200, &epoch).budget(Time::UNIX_EPOCH).unwrap().until, until);
    }

    #[test]
    fn what_a_query_holds_stays_within_its_pair() {
        let request = Request::get("https://a.example/x?a=1").with_query(&[("b[]", "1&c=2"), ("d", "é #")]);
        assert_eq!(request.url, "https://a.example/x?a=1&b%5B%5D=1%26c%3D2&d=%C3%A9+%23");
    }
}
