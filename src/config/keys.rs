//! Every table and key of the configuration file.

use super::shape::Shape::{
    Argv, Chords, Dates, Flag, Headers, Json, Kinds, Name, Operator, Phrases, PointerList, Pointers, Prefix,
    Query, Secret, SecretFile, Span, Table as One, Tables, Text, Texts, Whole, Wholes, Within, Word, Words,
    Zone,
};
use super::shape::{Key, Kind, Table, default, not_yet, optional, required};
use crate::domain::calendar::Weekdays;
use crate::domain::duty;

/// The shortest interval at which anything is asked.
const EVERY: super::shape::Shape = Span(1000);
const SEVERITY: super::shape::Shape = Word(&["critical", "high", "normal"]);
const CATEGORY: super::shape::Shape =
    Word(&["unauthorized-access", "anomaly", "outage", "integrity", "integration"]);
const METHOD: super::shape::Shape = Word(&["GET", "POST", "PUT", "PATCH", "DELETE"]);

/// The file itself.
pub(super) const ROOT: Table = Table {
    title: "the configuration",
    groups: &[&[
        optional("operator", Operator),
        optional("ids", Prefix),
        default("group_by", Texts(1), "[\"alertname\", \"service\"]"),
        default("clear_after", Span(0), "\"5m\""),
        optional("source", Kinds),
        optional("monitor", Kinds),
        optional("api", Tables(&API)),
        optional("channel", Kinds),
        optional("playbook", Tables(&PLAYBOOK)),
        optional("path", Tables(&PATH)),
        optional("pattern", Tables(&PATTERN)),
        optional("rule", Tables(&RULE)),
        optional("bulletins", One(&BULLETINS)),
        optional("bulletin", Tables(&BULLETIN)),
        optional("ack", One(&ACK)),
        optional("recovery", One(&RECOVERY)),
        optional("commander", One(&COMMANDER)),
        optional("review", One(&REVIEW)),
        optional("deadline_sets", Words(&duty::SETS)),
        optional("deadline", Tables(&DEADLINE)),
        optional("calendar", One(&CALENDAR)),
        optional("notify", One(&NOTIFY)),
        optional("actions", One(&ACTIONS)),
        optional("keys", Chords),
        not_yet("backend", "attach to a team's server; remove [backend] to use the ledger on this machine"),
    ]],
};

const LOGIN: &[Key] = &[
    optional("token_command", Argv),
    optional("token_file", SecretFile),
    optional("token_env", Text),
    optional("basic", Text),
    optional("header", Text),
];

const CONNECTION: &[Key] = &[
    optional("ca_file", Text),
    optional("client_cert", SecretFile),
    optional("proxy", Text),
    default("insecure_http", Flag, "false"),
];

pub(super) const SOURCES: &[Kind] = &[
    Kind { word: "alertmanager", table: Some(&ALERTMANAGER) },
    Kind { word: "pagerduty", table: None },
    Kind { word: "prometheus", table: None },
    Kind { word: "grafana", table: None },
    Kind { word: "opsgenie", table: None },
];

const ALERTMANAGER: Table = Table {
    title: "[[source]]",
    groups: &[
        &[
            required("kind", Text),
            required("name", Name),
            required("urls", Texts(1)),
            default("every", EVERY, "\"15s\""),
            default("watchdog", Texts(0), "[]"),
        ],
        LOGIN,
        CONNECTION,
    ],
};

pub(super) const MONITORS: &[Kind] = &[
    Kind { word: "http", table: Some(&HTTP) },
    Kind { word: "tcp", table: Some(&TCP) },
    Kind { word: "tls", table: None },
    Kind { word: "dns", table: None },
    Kind { word: "promql", table: None },
    Kind { word: "heartbeat", table: None },
];

const MONITOR: &[Key] = &[
    required("kind", Text),
    required("name", Name),
    optional("service", Text),
    default("every", EVERY, "\"10s\""),
    default("down_after", Whole(1, 1000), "3"),
    default("up_after", Whole(1, 1000), "2"),
    default("severity", SEVERITY, "\"high\""),
];

const HTTP: Table = Table {
    title: "[[monitor]]",
    groups: &[MONITOR, &[required("url", Text), optional("expect", One(&EXPECT))], LOGIN, CONNECTION],
};

const EXPECT: Table = Table {
    title: "expect",
    groups: &[&[
        optional("status", Wholes(100, 599)),
        optional("json", Pointers),
        optional("under", Span(1)),
    ]],
};

const TCP: Table = Table { title: "[[monitor]]", groups: &[MONITOR, &[required("address", Text)]] };

pub(super) const API: Table = Table {
    title: "[[api]]",
    groups: &[&[required("name", Name), required("url", Text)], LOGIN, CONNECTION],
};

pub(super) const CHANNELS: &[Kind] = &[
    Kind { word: "webhook", table: Some(&WEBHOOK) },
    Kind { word: "pagerduty-events", table: Some(&PAGERDUTY_EVENTS) },
    Kind { word: "mail", table: Some(&MAIL) },
    Kind { word: "statuspage", table: Some(&STATUSPAGE) },
    Kind { word: "cachet", table: Some(&CACHET) },
    Kind { word: "exec", table: Some(&EXEC) },
];

const REACH: Key = optional("reach", Word(&["broadcast", "per-recipient"]));

const WEBHOOK: Table = Table {
    title: "[[channel]]",
    groups: &[
        &[
            required("kind", Text),
            required("name", Name),
            required("style", Word(&["slack", "teams", "generic"])),
            REACH,
            optional("url", Secret),
            optional("url_command", Argv),
            optional("url_file", SecretFile),
            optional("url_env", Text),
        ],
        LOGIN,
        CONNECTION,
    ],
};

const PAGERDUTY_EVENTS: Table = Table {
    title: "[[channel]]",
    groups: &[
        &[
            required("kind", Text),
            required("name", Name),
            default("url", Text, "\"https://events.pagerduty.com/v2/enqueue\""),
            optional("routing_key", Secret),
            optional("routing_key_command", Argv),
            optional("routing_key_file", SecretFile),
            optional("routing_key_env", Text),
        ],
        CONNECTION,
    ],
};

const MAIL: Table = Table {
    title: "[[channel]]",
    groups: &[&[
        required("kind", Text),
        required("name", Name),
        required("address", Text),
        default("tls", Word(&["starttls", "implicit", "none"]), "\"starttls\""),
        required("from", Text),
        required("to", Texts(1)),
        default("cc", Texts(0), "[]"),
        REACH,
        optional("user", Text),
        optional("password_command", Argv),
        optional("password_file", SecretFile),
        optional("password_env", Text),
        optional("ca_file", Text),
    ]],
};

const PAGE_KEY: &[Key] =
    &[optional("token_command", Argv), optional("token_file", SecretFile), optional("token_env", Text)];

const STATUSPAGE: Table = Table {
    title: "[[channel]]",
    groups: &[
        &[
            required("kind", Text),
            required("name", Name),
            required("page", Text),
            default("url", Text, "\"https://api.statuspage.io\""),
            optional("public_url", Text),
            default("components", Texts(0), "[]"),
            default("notify", Flag, "true"),
        ],
        PAGE_KEY,
        CONNECTION,
    ],
};

const CACHET: Table = Table {
    title: "[[channel]]",
    groups: &[
        &[
            required("kind", Text),
            required("name", Name),
            required("url", Text),
            default("notify", Flag, "true"),
        ],
        PAGE_KEY,
        CONNECTION,
    ],
};

const EXEC: Table = Table {
    title: "[[channel]]",
    groups: &[&[
        required("kind", Text),
        required("name", Name),
        required("exec", Argv),
        default("env", Texts(0), "[]"),
        default("within", EVERY, "\"10s\""),
    ]],
};

pub(super) const PLAYBOOK: Table = Table {
    title: "[[playbook]]",
    groups: &[&[
        required("id", Name),
        required("title", Text),
        optional("when", Query),
        required("blast", Text),
        optional("target", Text),
        default("confirm", Word(&["enter", "type-target"]), "\"type-target\""),
        default("approvals", Whole(0, 9), "0"),
        default("idempotent", Flag, "false"),
        default("key_header", Text, "\"Idempotency-Key\""),
        optional("parameter", Tables(&PARAMETER)),
        optional("lookup", One(&LOOKUP)),
        default("lookup_optional", Flag, "false"),
        required("do", One(&DO)),
        optional("verify", One(&VERIFY)),
        optional("undo", One(&UNDO)),
    ]],
};

const PARAMETER: Table = Table {
    title: "[[playbook.parameter]]",
    groups: &[&[
        required("name", Text),
        optional("from", Text),
        required("allow", Text),
        optional("default", Text),
    ]],
};

/// A program in the place of a call, and what a call says for itself.
const PROGRAM: &[Key] = &[optional("exec", Argv), optional("env", Texts(1)), optional("within", EVERY)];
const REFUSED: Key = optional("refused", Wholes(1, 255));

const LOOKUP: Table = Table {
    title: "[playbook.lookup]",
    groups: &[
        &[optional("http", One(&LOOKUP_HTTP))],
        PROGRAM,
        &[optional("show", PointerList), optional("refuse", Pointers)],
    ],
};
const DO: Table =
    Table { title: "[playbook.do]", groups: &[&[optional("http", One(&DO_HTTP))], PROGRAM, &[REFUSED]] };
const VERIFY: Table = Table {
    title: "[playbook.verify]",
    groups: &[&[optional("http", One(&VERIFY_HTTP))], PROGRAM, &[optional("expect", Pointers)]],
};
const UNDO: Table = Table {
    title: "[playbook.undo]",
    groups: &[&[optional("http", One(&UNDO_HTTP))], PROGRAM, &[REFUSED, optional("expect_after", Pointers)]],
};

const CALL: &[Key] = &[required("api", Text), required("path", Text), optional("headers", Headers)];
const READ: Key = default("method", Word(&["GET", "POST"]), "\"GET\"");
const WRITE: &[Key] = &[default("method", METHOD, "\"POST\""), optional("json", Json)];

const LOOKUP_HTTP: Table = Table {
    title: "[playbook.lookup] http",
    groups: &[CALL, &[READ, optional("show", PointerList), optional("refuse", Pointers)]],
};
const DO_HTTP: Table = Table { title: "[playbook.do] http", groups: &[CALL, WRITE] };
const VERIFY_HTTP: Table = Table {
    title: "[playbook.verify] http",
    groups: &[CALL, &[READ, required("expect", Pointers), default("within", EVERY, "\"30s\"")]],
};
const UNDO_HTTP: Table =
    Table { title: "[playbook.undo] http", groups: &[CALL, WRITE, &[optional("expect_after", Pointers)]] };

pub(super) const PATH: Table = Table {
    title: "[[path]]",
    groups: &[&[
        required("id", Name),
        optional("title", Text),
        optional("when", Query),
        optional("steps", Tables(&STEP)),
        optional("packet", Texts(1)),
        optional("complete", Flag),
    ]],
};

const STEP: Table =
    Table { title: "a step", groups: &[&[required("after", Span(0)), required("to", Texts(1))]] };

pub(super) const PATTERN: Table = Table {
    title: "[[pattern]]",
    groups: &[&[
        required("item", Text),
        default("in", Words(PLACES), "[\"labels\", \"details\", \"notes\", \"probes\"]"),
        optional("keys", Texts(1)),
        optional("find", Text),
        default("only", Flag, "false"),
    ]],
};

const PLACES: &[&str] = &["labels", "details", "notes", "probes"];

pub(super) const RULE: Table = Table {
    title: "[[rule]]",
    groups: &[&[
        required("when", Query),
        optional("severity", SEVERITY),
        optional("category", CATEGORY),
        optional("service", Text),
    ]],
};

pub(super) const BULLETINS: Table = Table {
    title: "[bulletins]",
    groups: &[&[
        default("when", Query, "\"sev:critical\""),
        default("first", EVERY, "\"5m\""),
        default("every", EVERY, "\"20m\""),
        default("until", Span(0), "\"2h\""),
        default("later", EVERY, "\"1h\""),
        default("links", Texts(0), "[]"),
        default("internal", Texts(0), "[]"),
        default("words", Phrases, "{}"),
        default("acronyms", Texts(0), "[]"),
    ]],
};

pub(super) const BULLETIN: Table = Table {
    title: "[[bulletin]]",
    groups: &[&[
        required("audience", Word(&["users", "partners", "public", "regulator", "internal"])),
        required("to", Texts(1)),
        optional("templates", One(&TEMPLATES)),
    ]],
};

const TEMPLATES: Table = Table {
    title: "[[bulletin]] templates",
    groups: &[&[
        optional("investigating", One(&TEMPLATE)),
        optional("identified", One(&TEMPLATE)),
        optional("monitoring", One(&TEMPLATE)),
        optional("resolved", One(&TEMPLATE)),
    ]],
};

const TEMPLATE: Table = Table {
    title: "a template",
    groups: &[&[
        required("headline", Text),
        required("happened", Text),
        required("impact", Text),
        required("todo", Text),
    ]],
};

pub(super) const ACK: Table = Table {
    title: "[ack]",
    groups: &[&[optional("within", One(&ACK_WITHIN)), default("expires", EVERY, "\"30m\"")]],
};

const ACK_WITHIN: Table = Table {
    title: "[ack] within",
    groups: &[&[
        default("critical", EVERY, "\"5m\""),
        default("high", EVERY, "\"15m\""),
        optional("normal", EVERY),
    ]],
};

pub(super) const CALENDAR: Table = Table {
    title: "[calendar]",
    groups: &[&[
        default("zone", Zone, "\"UTC\""),
        default("weekdays", Words(&Weekdays::WORDS), "[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]"),
        default("holidays", Dates, "[]"),
        default("ics", Texts(0), "[]"),
    ]],
};

pub(super) const RECOVERY: Table =
    Table { title: "[recovery]", groups: &[&[default("healthy_for", EVERY, "\"10m\"")]] };

pub(super) const COMMANDER: Table =
    Table { title: "[commander]", groups: &[&[default("callout", Span(60_000), "\"10m\"")]] };

pub(super) const REVIEW: Table =
    Table { title: "[review]", groups: &[&[default("within", Within, "\"5 business days\"")]] };

pub(super) const DEADLINE: Table = Table {
    title: "[[deadline]]",
    groups: &[&[
        required("set", Name),
        required("id", Name),
        default("kind", Word(&["regulator", "partner"]), "\"regulator\""),
        required("title", Text),
        default("when", Query, "\"sev:critical\""),
        required("within", Within),
        optional("after", Name),
    ]],
};

pub(super) const NOTIFY: Table = Table {
    title: "[notify]",
    groups: &[&[
        default("desktop", Flag, "true"),
        default("terminal", Word(&["auto", "osc9", "osc777", "osc99", "off"]), "\"auto\""),
        not_yet("exec", "run a program for a notice; use desktop and terminal"),
        not_yet("repeat", "repeat notices; remove it"),
    ]],
};

pub(super) const ACTIONS: Table = Table {
    title: "[actions]",
    groups: &[&[default("enabled", Flag, "false"), optional("safety_file", Text)]],
};
