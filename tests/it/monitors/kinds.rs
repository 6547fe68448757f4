//! What the suite must know of each kind of monitor.

use std::path::Path;
use std::time::Duration;

use quell::domain::fault::FaultKind;
use quell::domain::time::Span;
use serde_json::{Value, json};
use simple_dns::RCODE;

use super::peer::{Peer, Speaks};
use super::{Case, SECRET, Said};
use crate::support::dnsd::{Says, addresses};
use crate::support::faultd::Reply;
use crate::support::tls::Authority;
use Said::{Busy, Early, Right, Unseen, Wrong};

/// A kind of monitor.
pub struct Kind {
    /// Its table, probing `host:port`.
    pub table: fn(address: &str) -> String,
    pub speaks: Speaks,
    /// Whether it looks at what comes back.
    pub reads: bool,
    /// Whether the peer is asked about what is watched, and is not that itself: its failures are no failure of that.
    pub asks_about: bool,
    /// What may happen; files go to this folder.
    pub cases: fn(&Path) -> Vec<Case>,
    pub hostile: Hostile,
}

/// How hostile text reaches a kind.
pub enum Hostile {
    /// A peer says it where something else should be, which is wrong; the text is added to the table to see it.
    Said(&'static str, fn(&str) -> Peer),
    /// A peer says it and nobody listens: this is said all the same.
    Unheard(&'static str, fn(&str) -> Peer),
    /// No text comes from anywhere.
    Wordless,
}

fn case(more: impl Into<String>, peer: Peer, said: Said) -> Case {
    Case { more: more.into(), peer, said }
}

pub const HTTP: Kind = Kind {
    table: |address| {
        format!(
            "kind = 'http'\nname = 'm'\ntoken_env = 'TOKEN'\nurl = 'http://{address}/health?key={SECRET}'"
        )
    },
    speaks: Speaks::Streams,
    reads: true,
    asks_about: false,
    cases: |_| {
        let json = "json = { '/status' = 'ok' }";
        let late = Duration::from_millis(300);
        let of = |expect: &str, reply: Reply, said: Said| {
            case(format!("expect = {{ {expect} }}"), Peer::Http(reply), said)
        };
        vec![
            of("", Reply::status(204), Right("status 204, 0 B")),
            of("", Reply::status(401), Wrong("status 401, expected 2xx")),
            of("", Reply::status(503), Wrong("status 503, expected 2xx")),
            of("", Reply::status(429), Wrong("status 429, expected 2xx")),
            of(
                "",
                Reply::status(429).header("Retry-After", "30"),
                Busy(FaultKind::Throttled, "status 429 Too Many Requests"),
            ),
            of("status = [429]", Reply::status(429).header("Retry-After", "30"), Right("status 429, 0 B")),
            of("", Reply::redirect(302, "http://127.0.0.1:1/"), Wrong("status 302, expected 2xx")),
            of("", Reply::hang(), Wrong("no answer within 10s")),
            of("", Reply::reset(), Wrong("connection reset")),
            of("", Reply::ok("[1]").cut_after(77), Wrong("connection closed before the whole answer came")),
            of("", Reply::gzip_bomb(4), Right("status 200, over 1.0 MiB")),
            of(
                "matches = 'x'",
                Reply::gzip_bomb(4),
                Wrong("the answer is over 1.0 MiB; expect.max_bytes says"),
            ),
            of("", Reply::ok("[1]").dripping(1, Duration::from_millis(400)), Wrong("no answer within 10s")),
            of("status = [401]", Reply::status(401), Right("status 401, 0 B")),
            of("status = [200, 204]", Reply::status(201), Wrong("status 201, expected 200 or 204")),
            of(json, Reply::ok(&json!({ "status": "ok" })), Right("status 200, 15 B")),
            of(json, Reply::ok(&json!({ "status": 1 })), Wrong("\"/status\" is 1, expected \"ok\"")),
            of(json, Reply::ok("{}"), Wrong("\"/status\" is missing, expected \"ok\"")),
            of(json, Reply::body(200, "text/html", "<html>log in</html>"), Wrong("the answer is not JSON")),
            of(json, Reply::body(200, "application/json", ""), Wrong("the answer is not JSON")),
            of("matches = 'lag: [0-9]$'", Reply::ok("lag: 3"), Right("status 200, 6 B")),
            of("matches = 'lag: [0-9]$'", Reply::ok("lag: 31"), Wrong("the answer does not match \"lag: ")),
            of("min_bytes = 1", Reply::status(200), Wrong("the answer has 0 B, expected at least 1 B")),
            of("max_bytes = 2", Reply::ok("[1]"), Wrong("the answer has 3 B, expected at most 2 B")),
            of("under = '9s'", Reply::status(200).delayed(late), Right("status 200, 0 B")),
            of("under = '100ms'", Reply::status(200).delayed(late), Wrong("took ")),
            case("method = 'POST'\nbody = '{}'", Peer::Http(Reply::status(200)), Right("status 200, 0 B")),
        ]
    },
    hostile: Hostile::Said("expect = { json = { '/a' = 1 } }", |text| {
        Peer::Http(Reply::ok(&json!({ "a": text })))
    }),
};

pub const TCP: Kind = Kind {
    table: |address| format!("kind = 'tcp'\nname = 'm'\naddress = '{address}'"),
    speaks: Speaks::Streams,
    // A connection that stands is all that is asked for.
    reads: false,
    asks_about: false,
    cases: |_| {
        let up = Right("accepts connections");
        vec![
            case("", Peer::Http(Reply::hang()), up),
            case("", Peer::Http(Reply::reset()), up),
            case("", Peer::Http(Reply::status(503)), up),
        ]
    },
    hostile: Hostile::Unheard("accepts connections", |text| {
        Peer::Bytes(Speaks::Streams, text.as_bytes().to_vec())
    }),
};

/// A day of this or the next year.
type Day = (i32, u8, u8);

pub const TLS: Kind = Kind {
    table: |address| format!("kind = 'tls'\nname = 'm'\naddress = '{address}'\nhost = 'localhost'"),
    speaks: Speaks::Streams,
    reads: true,
    asks_about: false,
    cases: |folder| {
        const BEFORE: Day = (2020, 1, 1);
        const DECEMBER: Day = (2026, 12, 1);
        const JANUARY: Day = (2027, 1, 2);
        let authority = Authority::new("ours");
        let file = |name: &str, authority: &Authority| {
            let path = folder.join(name);
            std::fs::write(&path, &authority.pem).unwrap();
            format!("ca_file = '{}'", path.display())
        };
        let trusting = file("ours.pem", &authority);
        let shown = |name: &str, from: Day, to: Day| Peer::Tls(authority.server_between(name, from, to));
        let below = authority.below("intermediate", DECEMBER);
        let on_it = || below.server_between("localhost", BEFORE, JANUARY).with(&below);
        let asking = Peer::AskingTls(authority.server_between("localhost", BEFORE, JANUARY));
        let ending = Wrong("the certificate expires in 9 days (2026-12-01), wants 14");
        let right = Right("41 days left (2027-01-02)");
        let other = Wrong("the certificate is for other.example, not localhost");
        vec![
            case(&trusting, shown("localhost", BEFORE, JANUARY), right),
            case(&trusting, shown("localhost", BEFORE, DECEMBER), ending),
            case(
                format!("{trusting}\ndays = 9"),
                shown("localhost", BEFORE, DECEMBER),
                Right("9 days left (2026-12-01)"),
            ),
            case(
                &trusting,
                shown("localhost", BEFORE, (2026, 11, 18)),
                Wrong("the certificate expired 3 days ago (2026-11-18)"),
            ),
            case(
                &trusting,
                shown("localhost", DECEMBER, JANUARY),
                Wrong("the certificate is not valid yet; check the clocks"),
            ),
            case(&trusting, shown("other.example", BEFORE, JANUARY), other),
            case(
                &trusting,
                shown("other.example", BEFORE, DECEMBER),
                Wrong(
                    "the certificate is for other.example, not localhost; it expires in 9 days (2026-12-01), wants 14",
                ),
            ),
            case(
                file("theirs.pem", &Authority::new("theirs")),
                shown("localhost", BEFORE, JANUARY),
                Wrong("the certificate is of an unknown issuer; name its authority in ca_file"),
            ),
            // The system knows nothing of an authority that was made for a test.
            case("", shown("localhost", BEFORE, JANUARY), Wrong("the certificate is of an unknown issuer")),
            case(
                &trusting,
                Peer::Tls(on_it()),
                Wrong(
                    "the certificate stands on certificate 2 of its chain, which expires in 9 days (2026-12-01), wants 14",
                ),
            ),
            case(format!("{trusting}\ndays = 5"), Peer::Tls(on_it()), Right("9 days left (2026-12-01)")),
            // Whom it would let in is not asked here.
            case(&trusting, asking, right),
            case("", Peer::Silent, Wrong("no answer within 10s")),
        ]
    },
    // The whole of what a handshake shows is 64 KiB at most.
    hostile: Hostile::Said("", |text| {
        let text: String = text.chars().take(4000).collect();
        Peer::Tls(Authority::new(&text).naming(&text))
    }),
};

pub const DNS: Kind = Kind {
    table: |address| format!("kind = 'dns'\nname = 'm'\nhost = 'api.example.com'\nserver = '{address}'"),
    speaks: Speaks::Datagrams,
    reads: true,
    asks_about: false,
    cases: |_| {
        let seven = || addresses(&["203.0.113.7"]);
        let both = || addresses(&["203.0.113.8", "203.0.113.7", "2001:db8::7"]);
        let many: Vec<_> = (1..=100).map(|last| format!("203.0.113.{last}").parse().unwrap()).collect();
        let exact = "answers = ['203.0.113.7', '203.0.113.8']";
        let any = "answers = ['203.0.113.7']\nmatch = 'any'";
        let one = Right("203.0.113.7");
        let of = |more: &str, says: Says, said: Said| case(more, Peer::Dns(says), said);
        vec![
            of("", Says::Addresses(both()), Right("203.0.113.7, 203.0.113.8, 2001:db8::7")),
            of(exact, Says::Addresses(both()), Right("203.0.113.7, 203.0.113.8")),
            of(
                exact,
                Says::Addresses(seven()),
                Wrong("leads to 203.0.113.7, expected 203.0.113.7, 203.0.113.8"),
            ),
            of(any, Says::Addresses(both()), Right("203.0.113.7, 203.0.113.8")),
            of("records = ['AAAA']", Says::Addresses(both()), Right("2001:db8::7")),
            of("records = ['AAAA']", Says::Addresses(seven()), Wrong("the name has no AAAA record")),
            of("", Says::Addresses(Vec::new()), Wrong("the name has no A or AAAA record")),
            of("", Says::Code(RCODE::NameError), Wrong("there is no such name (NXDOMAIN)")),
            of("", Says::Code(RCODE::ServerFailure), Wrong("the server could not look it up (SERVFAIL)")),
            of("", Says::Code(RCODE::Refused), Wrong("the server refuses to look it up (REFUSED)")),
            of("", Says::Nothing, Wrong("no answer within 5s")),
            of("", Says::Bytes(b"\x80\x00not dns".to_vec()), Wrong("the answer is none of DNS")),
            of("", Says::Forged(seven()), one),
            of(any, Says::Late(seven()), one),
            of(
                "records = ['A']",
                Says::Cut(many),
                Right("203.0.113.1, 203.0.113.2, 203.0.113.3, 203.0.113.4, 96 more"),
            ),
            of(&format!("{any}\nunder = '1ms'"), Says::Late(seven()), Wrong("took ")),
        ]
    },
    // It leads from the name to another one, and nowhere from there.
    hostile: Hostile::Said("", |text| {
        let name = labels(text);
        let head = [0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0];
        let alias = [0, 5, 0, 1, 0, 0, 0, 60, 0, u8::try_from(name.len()).unwrap()];
        Peer::Dns(Says::Bytes([&head, name.as_slice(), &alias, &name].concat()))
    }),
};

/// The beginning of a text as a name of DNS.
fn labels(text: &str) -> Vec<u8> {
    let label = |part: &[u8]| [&[u8::try_from(part.len()).unwrap()], part].concat();
    let mut name: Vec<u8> = text.as_bytes().chunks(63).take(3).flat_map(label).collect();
    name.push(0);
    name
}

fn vector(metric: &Value, value: &str) -> Reply {
    let result = json!([{ "metric": metric, "value": [1_732_190_000.1, value] }]);
    Reply::ok(&json!({ "status": "success", "data": { "resultType": "vector", "result": result } }))
}

pub const PROMQL: Kind = Kind {
    table: |address| {
        format!(
            "kind = 'promql'\nname = 'm'\ntoken_env = 'TOKEN'\nurl = 'http://{address}'\n\
             query = 'sum(x)'\nabove = 5"
        )
    },
    speaks: Speaks::Streams,
    reads: true,
    asks_about: true,
    cases: |_| {
        let of = |reply: Reply, said: Said| case("", Peer::Http(reply), said);
        let refused = json!({ "status": "error", "errorType": "timeout", "error": "query timed out" });
        let unlike = Unseen(FaultKind::Malformed, "no answer of Prometheus; check the url");
        vec![
            of(vector(&json!({}), "3"), Right("3, not above 5")),
            of(vector(&json!({}), "7.5"), Wrong("7.5, above 5")),
            of(vector(&json!({}), "NaN"), Wrong("NaN, which is no number")),
            of(
                Reply::status(401),
                Unseen(
                    FaultKind::Unauthorised,
                    "status 401 Unauthorized: what the variable TOKEN holds is refused",
                ),
            ),
            of(
                Reply::body(403, "application/json", refused.to_string()),
                Unseen(FaultKind::Unauthorised, "status 403 Forbidden: what the variable TOKEN holds"),
            ),
            of(
                Reply::status(429).header("Retry-After", "30"),
                Unseen(FaultKind::Throttled, "status 429 Too Many Requests"),
            ),
            of(Reply::status(503), Unseen(FaultKind::Broken, "status 503 Service Unavailable")),
            of(
                Reply::body(503, "application/json", refused.to_string()),
                Unseen(FaultKind::Broken, "Prometheus refuses the query: query timed out"),
            ),
            of(
                Reply::redirect(302, "http://127.0.0.1:1/"),
                Unseen(FaultKind::Redirected, "status 302 Found: redirects are not followed"),
            ),
            of(Reply::hang(), Unseen(FaultKind::NoAnswer, "no answer within 10s")),
            of(Reply::reset(), Unseen(FaultKind::NoAnswer, "connection reset")),
            of(Reply::gzip_bomb(16), Unseen(FaultKind::TooLarge, "the answer is over 4096 KiB")),
            of(Reply::body(200, "text/html", "<html>log in</html>"), unlike),
            of(Reply::ok(&"[".repeat(200_000)), unlike),
            of(Reply::ok(&json!({ "status": "success" })), unlike),
        ]
    },
    hostile: Hostile::Said("", |text| {
        let one = json!({ "metric": { "__name__": text, "pod": text }, "value": [1, "9"] });
        let result = json!([one, { "metric": {}, "value": [1, "7"] }]);
        let data = json!({ "resultType": "vector", "result": result });
        Peer::Http(Reply::ok(&json!({ "status": "success", "data": data })))
    }),
};

pub const HEARTBEAT: Kind = Kind {
    table: |_| "kind = 'heartbeat'\nname = 'm'\nwithin = '10m'".to_owned(),
    speaks: Speaks::Nothing,
    reads: false,
    asks_about: false,
    cases: |_| {
        vec![
            case("", Peer::Beat(Span::mins(10)), Right("beat 2026-11-21 11:50:00Z")),
            case(
                "",
                Peer::Beat(Span::mins(11)),
                Wrong("no beat since 2026-11-21 11:49:00Z, wants one every 10m"),
            ),
            case("", Peer::Nobody, Early("waits for its first beat until 2026-11-21 12:05:00Z")),
        ]
    },
    // A beat is a moment.
    hostile: Hostile::Wordless,
};
