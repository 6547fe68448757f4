//! The query language, term by term, and its errors.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

/// An incident as the queries below see it.
struct Case {
    severity: Option<Severity>,
    phase: Option<Phase>,
    owner: Option<&'static str>,
    users: Option<Users>,
    age: TimeDelta,
    stale: bool,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            severity: Some(Severity::Critical),
            phase: Some(Phase::Contain),
            owner: None,
            users: None,
            age: TimeDelta::minutes(12),
            stale: false,
        }
    }
}

fn now() -> Time {
    Time::UNIX_EPOCH + TimeDelta::days(20_000)
}

impl Subject for Case {
    fn severity(&self) -> Option<Severity> {
        self.severity
    }
    fn phase(&self) -> Option<Phase> {
        self.phase
    }
    fn category(&self) -> Option<Category> {
        Some(Category::UnauthorizedAccess)
    }
    fn service(&self) -> &str {
        "auth api"
    }
    fn label(&self, key: &str) -> Vec<&str> {
        match key {
            "account_id" => vec!["88213", "88214"],
            "empty" => vec![""],
            "path" => vec!["a*b"],
            _ => vec![],
        }
    }
    fn sources(&self) -> Vec<&str> {
        vec!["prod-am", "pd"]
    }
    fn owner(&self) -> Option<&str> {
        self.owner
    }
    fn is_stale(&self) -> bool {
        self.stale
    }
    fn is_unknown(&self) -> bool {
        false
    }
    fn opened_at(&self) -> Option<Time> {
        Some(now() - self.age)
    }
    fn users(&self) -> Option<Users> {
        self.users
    }
    fn text(&self) -> Vec<Cow<'_, str>> {
        ["Token issuance FAILING 38 %", "auth api", "INC-1042", "pd:4711", "Ünïcode (x)", "a and b"]
            .map(Cow::Borrowed)
            .into()
    }
    fn told(&self) -> Vec<Cow<'_, str>> {
        vec!["Ada of Acme".into()]
    }
    fn id(&self) -> Option<String> {
        Some("OPS-717".to_owned())
    }
}

fn asked(query: &str, case: &Case) -> bool {
    let query = Query::parse(query).unwrap_or_else(|e| panic!("{query}: {e}"));
    query.matches(case, &Asker { me: "ana", now: now() })
}

fn assert_all(case: &Case, yes: &[&str], no: &[&str]) {
    for query in yes {
        assert!(asked(query, case), "should match: {query}");
    }
    for query in no {
        assert!(!asked(query, case), "should not match: {query}");
    }
}

#[test]
fn words_of_closed_lists() {
    let yes =
        ["sev:critical", "sev:CRIT", "SEV:normal,critical", "phase:contain", "category:unauthorized-access"];
    assert_all(&Case::default(), &yes, &["sev:high", "sev:high,normal", "phase:identify", "category:outage"]);
    assert_all(
        &Case { severity: None, phase: None, ..Case::default() },
        &["-sev:critical"],
        &["phase:contain"],
    );
}

#[test]
fn values_match_exactly_or_by_stars() {
    let yes = [
        "service:\"auth api\"",
        "service:auth*",
        "service:*",
        "service:a*t*i",
        "source:pd",
        "source:x,prod-*",
        "label:account_id",
        "label:none,account_id",
        "label:account_id=88213",
        "label:account_id=1,88214",
        "label:account_id=882*",
        "label:empty=\"\"",
        "label:path=\"a*b\"",
        "label:\"account_id\"=\"88213\"",
    ];
    let no = [
        "service:auth",
        "service:\"auth*\"",
        "service:AUTH*",
        "service:auth*x",
        "source:prod",
        "label:none",
        "label:account_id=8821",
        "label:account_id=*9",
        "label:none=*",
    ];
    assert_all(&Case::default(), &yes, &no);
}

#[test]
fn a_star_needs_every_piece_in_its_own_place() {
    let matches = |pattern: &str, text: &str| {
        let mut built = Pattern::default();
        pattern.chars().for_each(|c| if c == '*' { built.push_any() } else { built.push(c) });
        built.matches(text)
    };
    assert!(matches("ab*ba", "abba") && !matches("ab*ba", "aba"));
    assert!(matches("a*b*c", "aXbYc") && !matches("a*b*c", "aXcYb"));
    assert!(matches("**", "") && matches("", "") && !matches("", "x"));
}

#[test]
fn text_is_searched_in_any_case() {
    let yes = [
        "token",
        "\"issuance failing\"",
        "inc-1042",
        "\"pd:4711\"",
        "ünÏcode",
        "38 %",
        "tok*ing",
        "\"(x)\"",
        "\"a and b\"",
        "\"or\" or token",
        "1042 auth",
    ];
    assert_all(
        &Case::default(),
        &yes,
        &["tokens", "token missing", "\"tok*ing\"", "100%_match\\", "--icon=/x token -auth"],
    );
}

#[test]
fn states_ages_and_users() {
    let mine = Case { owner: Some("ana"), stale: true, ..Case::default() };
    let yes =
        ["is:acked", "is:mine", "is:stale", "is:unknown,mine", "age>10m", "age>=12m", "age<=12m", "age<1h"];
    assert_all(&mine, &yes, &["is:unknown", "age>12m", "age<12m", "-is:acked"]);
    assert_all(&Case { owner: Some("bo"), ..Case::default() }, &["is:acked"], &["is:mine", "is:stale"]);

    let users = |users| Case { users, ..Case::default() };
    assert_all(&users(Some(Users::Unknown)), &["users>100", "users>=18446744073709551615"], &["users<100"]);
    assert_all(
        &users(Some(Users::Between(50, 200))),
        &["users>100", "users<=200"],
        &["users<100", "users>200"],
    );
    assert_all(&users(None), &["-users>0"], &["users>0", "users<1"]);
}

#[test]
fn holders_are_named_and_me_is_whoever_asks() {
    let held = |owner| Case { owner: Some(owner), ..Case::default() };
    assert_all(
        &held("ana"),
        &["holder:ana", "holder:me", "holder:bo,me", "holder:a*"],
        &["holder:bo", "-holder:me"],
    );
    assert_all(&held("bo"), &["holder:bo", "-holder:me"], &["holder:me"]);
    assert_all(&Case::default(), &["-holder:*"], &["holder:me", "holder:*"]);
}

#[test]
fn who_looks_for_something_finds_what_is_like_it() {
    let finds = |query: &str| {
        let query = Query::parse(query).unwrap();
        query.finds(&Case::default(), &Asker { me: "ana", now: now() })
    };
    for (query, found) in [
        ("tkn", true),
        ("tokiss", true),
        ("inc1042", true),
        ("iss sev:critical", true),
        ("\"tkn\"", false),
        ("t*n", true),
        ("tk", false),
        ("-tkn", true),
        ("-token", false),
        ("kentok", false),
    ] {
        assert_eq!(finds(query), found, "{query}");
    }
    assert_all(&Case::default(), &["t*n"], &["tkn", "tokiss", "inc1042"]);
}

#[test]
fn people_mean_ids_and_what_was_told_and_rules_do_not() {
    let asker = Asker { me: "ana", now: now() };
    for (query, loosely) in [
        ("717", false),
        ("ops-717", false),
        ("acme", false),
        ("\"Ada of\"", false),
        ("ac*me", false),
        ("sev:critical acme", false),
        ("adacm", true),
        ("ops717", true),
    ] {
        let query = Query::parse(query).unwrap();
        assert!(!query.matches(&Case::default(), &asker), "a rule: {query}");
        assert!(query.finds(&Case::default(), &asker), "{query}");
        assert_eq!(query.means(&Case::default(), &asker), !loosely, "{query}");
    }
    for (query, rule) in [("-acme", true), ("-717", true), ("-token", false)] {
        let query = Query::parse(query).unwrap();
        assert_eq!(query.matches(&Case::default(), &asker), rule, "{query}");
        assert!(!query.finds(&Case::default(), &asker) && !query.means(&Case::default(), &asker), "{query}");
    }
    assert!(!Query::parse("ops").unwrap().means(&Case::default(), &asker), "it would be every id");
}

#[test]
fn and_binds_stronger_than_or() {
    let yes = [
        "",
        "  ",
        "sev:critical or sev:high nothing",
        "nothing sev:high OR token",
        "(sev:high or sev:critical) token",
        "(nothing)or(token)",
        "-(nothing or sev:high)",
        "--token",
        "-sev:high -is:acked \"token\"",
        "sev:critical phase:contain age>10m -is:acked \"token\"",
    ];
    assert_all(&Case::default(), &yes, &["(sev:critical or token) nothing", "-(nothing or token)", "-token"]);
    assert_eq!(Query::parse(" ").map(|q| q.expr), Ok(Query::everything().expr));
}

#[test]
fn errors_point_at_the_word() {
    let cases = [
        ("sev:hihg", "hihg", "`hihg` is no sev; possible are critical, high, normal"),
        ("token sev: x", "sev:", "`sev:` needs a value; possible are critical, high, normal"),
        ("sev:high,", "", "a value for `sev` is missing here; an empty one is \"\""),
        ("a=b sev>high", ">", "`sev` is followed by a colon: sev:"),
        (
            "a servce:x",
            "servce",
            "`servce` is no term; possible are sev: phase: category: service: source: holder: label: is: age> users>; quote it to search for it",
        ),
        ("age:10m", ":", "`age` is compared with <, <=, > or >=, like age>10m"),
        (
            "age>10x",
            "10x",
            "`10x` is not a length of time; write it like \"15s\", \"5m\", \"90 min\", \"2h\", \"14 days\" or \"2w\"",
        ),
        ("users>many", "many", "`many` is not a number of users; write it like users>100"),
        ("users>=", "", "a value is missing here; write it like users>100"),
        ("label: x", " ", "`label:` needs the name of a label, like label:account_id"),
        (
            "label:a,b=c",
            "b",
            "one label with values stands alone; write the others as terms of their own, with or",
        ),
        ("a (b or c", "(", "`(` is never closed; close it with )"),
        ("a b) c", ")", "`)` closes nothing; remove it or open one before with ("),
        (
            "a or",
            "",
            "a term is missing here; possible are text and sev: phase: category: service: source: holder: label: is: age> users>",
        ),
        ("a \"b c", "\"b c", "the quotation mark is never closed; end the text with \""),
        (
            "a and b",
            "and",
            "terms beside each other must all hold: leave `and` out, or quote it to search for it",
        ),
        ("a - b", "-", "`-` must stand right before a term; quote it to search for it"),
        ("\"a\":b", ":", "a space is missing after the quoted text"),
        (
            ":b",
            ":",
            "a word is missing before this; possible are sev: phase: category: service: source: holder: label: is: age> users>",
        ),
    ];
    for (source, word, message) in cases {
        let error = Query::parse(source).expect_err(source);
        assert_eq!((source.get(error.at), error.message.as_str()), (Some(word), message), "{source}");
    }
}

#[test]
fn limits_hold() {
    assert!(Query::parse(&"x".repeat(4096)).is_ok());
    assert!(Query::parse(&"x".repeat(4097)).is_err());
    assert!(Query::parse(&format!("{}x{}", "(".repeat(32), ")".repeat(32))).is_ok());
    assert!(Query::parse(&format!("{}x{}", "(".repeat(33), ")".repeat(33))).is_err());
    assert!(Query::parse(&format!("{}x", "-".repeat(4000))).is_err());
}

#[test]
fn a_query_is_stored_as_its_source() {
    let query = Query::parse("sev:critical or \"x\"").unwrap();
    let json = serde_json::to_string(&query).unwrap();
    assert_eq!(json, r#""sev:critical or \"x\"""#);
    assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), query);
    assert!(serde_json::from_str::<Query>("\"sev:\"").is_err());
}

/// A value as it can be written, with what it means.
fn value() -> impl Strategy<Value = (String, Pattern)> {
    let literal = |text: &str| {
        let mut pattern = Pattern::default();
        text.chars().for_each(|c| pattern.push(c));
        pattern
    };
    prop_oneof![
        "[b-d0-9._-]{0,3}é".prop_map(move |text| (text.clone(), literal(&text))),
        any::<String>().prop_map(move |text| {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            (format!("\"{quoted}\""), literal(&text))
        }),
    ]
}

/// An expression with a source it must be read from.
fn written() -> impl Strategy<Value = (String, Expr)> {
    let term = prop_oneof![
        prop::sample::select(&Severity::ALL)
            .prop_map(|s| (format!("sev:{}", s.word()), Term::Severity(vec![s]))),
        (value(), value())
            .prop_map(|((a, x), (b, y))| (format!("service:{a},{b}"), Term::Service(vec![x, y]))),
        (value(), value())
            .prop_map(|((a, x), (b, y))| (format!("label:{a}={b}"), Term::Label(x.text(), vec![y]))),
        any::<u64>().prop_map(|n| (format!("users>={n}"), Term::Users(Comparison::AtLeast, n))),
        value().prop_filter("a leading minus negates", |(text, _)| !text.starts_with('-')).prop_map(
            |(text, pattern)| {
                let pattern = pattern.to_lowercase();
                let quoted = text.starts_with('"');
                let term = if quoted { Term::Text(pattern) } else { Term::Word(pattern.text()) };
                (text, term)
            }
        ),
    ];
    let leaf = term.prop_map(|(source, term)| (source, Expr::Term(term)));
    leaf.prop_recursive(4, 24, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 2..4);
        let join = |parts: Vec<(String, Expr)>, with: &str| {
            let (sources, exprs): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            (format!("({})", sources.join(with)), exprs)
        };
        prop_oneof![
            list.clone().prop_map(move |parts| {
                let (source, exprs) = join(parts, " ");
                (source, Expr::All(exprs))
            }),
            list.prop_map(move |parts| {
                let (source, exprs) = join(parts, " or ");
                (source, Expr::Any(exprs))
            }),
            inner.prop_map(|(source, expr)| (format!("-{source}"), Expr::Not(Box::new(expr)))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read((source, expr) in written()) {
        prop_assume!(source.len() <= 4096);
        let query = Query::parse(&source).map_err(|e| TestCaseError::fail(format!("{source}: {e:?}")))?;
        prop_assert_eq!(&query.expr, &expr);
        prop_assert_eq!(Query::parse(&query.to_string()), Ok(query));
    }

    #[test]
    fn reading_never_panics(source in "([-()\":=<>,* \\\\]|sev|label|age|or|is|é|\\PC|.){0,60}") {
        match Query::parse(&source) {
            Ok(query) => {
                query.matches(&Case::default(), &Asker { me: "ana", now: now() });
            }
            Err(error) => {
                prop_assert!(source.get(error.at).is_some());
                prop_assert!(!error.message.chars().any(char::is_control));
            }
        }
    }
}

#[test]
fn what_a_query_asks_about_is_known_from_its_terms_and_not_its_letters() {
    for (source, age, phase) in [
        ("age>10m", true, false),
        ("sev:high or -(service:a age<1h)", true, false),
        ("-phase:review", false, true),
        ("is:snoozed", true, false),
        ("is:acked", false, false),
        ("label:severity=page", false, false),
        ("\"phase:review age>10m\"", false, false),
    ] {
        let query = Query::parse(source).unwrap();
        assert_eq!((query.asks_age(), query.asks_phase()), (age, phase), "{source}");
    }
}

#[test]
fn the_query_for_what_is_critical_reads_as_it_is_written() {
    assert_eq!(Query::parse("sev:critical"), Ok(Query::critical()));
}
