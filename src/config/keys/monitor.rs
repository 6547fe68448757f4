//! The tables of monitors, one a kind.

use super::connected::{CONNECTION, LOGIN};
use super::{EVERY, SEVERITY};
use crate::config::shape::Shape::{
    Addresses, Headers, Moment, Name, Number, OfWeek, Pointers, Regex, Socket, Span, Table as One, Tables,
    Text, Whole, Wholes, Word, Words,
};
use crate::config::shape::{Key, Kind, Table, choice, default, optional, required};

/// The largest body that is looked at.
const LARGEST: i64 = 16 << 20;

pub(in crate::config) const MONITORS: &[Kind] = &[
    Kind { word: "http", table: Some(&HTTP) },
    Kind { word: "tcp", table: Some(&TCP) },
    Kind { word: "tls", table: Some(&TLS) },
    Kind { word: "dns", table: Some(&DNS) },
    Kind { word: "promql", table: Some(&PROMQL) },
    Kind { word: "heartbeat", table: Some(&HEARTBEAT) },
];

const MONITOR: &[Key] = &[
    required("kind", Text),
    required("name", Name),
    optional("service", Text),
    default("every", EVERY, "\"10s\""),
    default("severity", SEVERITY, "\"high\""),
    optional("maintenance", Tables(&MAINTENANCE)),
];

const STREAKS: &[Key] =
    &[default("down_after", Whole(1, 1000), "3"), default("up_after", Whole(1, 1000), "2")];

const MAINTENANCE: Table = Table {
    title: "maintenance",
    groups: &[&[
        choice("from", Moment),
        choice("to", Moment),
        choice("weekly", OfWeek),
        choice("lasts", Span(60_000)),
    ]],
};

const HTTP: Table = Table {
    title: "[[monitor]]",
    groups: &[
        MONITOR,
        STREAKS,
        &[
            required("url", Text),
            default("method", Word(&["GET", "HEAD", "OPTIONS", "POST"]), "\"GET\""),
            optional("headers", Headers),
            optional("body", Text),
            optional("expect", One(&EXPECT)),
        ],
        LOGIN,
        CONNECTION,
    ],
};

const EXPECT: Table = Table {
    title: "expect",
    groups: &[&[
        optional("status", Wholes(100, 599)),
        optional("json", Pointers),
        optional("matches", Regex),
        optional("min_bytes", Whole(0, LARGEST)),
        optional("max_bytes", Whole(0, LARGEST)),
        optional("under", Span(1)),
    ]],
};

const TCP: Table = Table { title: "[[monitor]]", groups: &[MONITOR, STREAKS, &[required("address", Text)]] };

const TLS: Table = Table {
    title: "[[monitor]]",
    groups: &[
        MONITOR,
        STREAKS,
        &[
            required("address", Text),
            optional("host", Text),
            default("days", Whole(0, 3650), "14"),
            optional("ca_file", Text),
        ],
    ],
};

const DNS: Table = Table {
    title: "[[monitor]]",
    groups: &[
        MONITOR,
        STREAKS,
        &[
            required("host", Text),
            default("answers", Addresses, "[]"),
            default("match", Word(&["exact", "any"]), "\"exact\""),
            optional("records", Words(&["A", "AAAA"])),
            optional("server", Socket),
            optional("under", Span(1)),
        ],
    ],
};

const PROMQL: Table = Table {
    title: "[[monitor]]",
    groups: &[
        MONITOR,
        STREAKS,
        &[
            required("url", Text),
            required("query", Text),
            choice("above", Number),
            choice("below", Number),
            default("empty", Word(&["down", "ok"]), "\"down\""),
            optional("headers", Headers),
        ],
        LOGIN,
        CONNECTION,
    ],
};

const HEARTBEAT: Table =
    Table { title: "[[monitor]]", groups: &[MONITOR, &[required("within", Span(1000))]] };
