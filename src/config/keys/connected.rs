//! The tables of what quell connects to, monitors aside: sources, apis and channels.

use super::EVERY;
use super::playbook::METHOD;
use crate::config::shape::Shape::{
    Argv, Attributes, Flag, Headers, Json, Name, Pointer, Secret, SecretFile, Span, Table as One, Text,
    Texts, Whole, Word,
};
use crate::config::shape::{Key, Kind, Table, default, optional, required};

pub(super) const LOGIN: &[Key] = &[
    optional("token_command", Argv),
    optional("token_keyring", Attributes),
    optional("token_file", SecretFile),
    optional("token_env", Text),
    optional("basic", Text),
    optional("header", Text),
];

pub(super) const CONNECTION: &[Key] = &[
    optional("ca_file", Text),
    optional("client_cert", SecretFile),
    optional("proxy", Text),
    default("insecure_http", Flag, "false"),
];

pub(in crate::config) const SOURCES: &[Kind] = &[
    Kind { word: "alertmanager", table: Some(&ALERTMANAGER) },
    Kind { word: "pagerduty", table: Some(&PAGERDUTY) },
    Kind { word: "prometheus", table: Some(&PROMETHEUS) },
    Kind { word: "http-json", table: Some(&HTTP_JSON) },
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
            default("silence_at_most", Span(60_000), "\"24h\""),
            default("silence_hits", Whole(1, 100_000), "100"),
            optional("headers", Headers),
        ],
        LOGIN,
        CONNECTION,
    ],
};

const PAGERDUTY: Table = Table {
    title: "[[source]]",
    groups: &[
        &[
            required("kind", Text),
            required("name", Name),
            default("url", Text, "\"https://api.pagerduty.com\""),
            default("every", EVERY, "\"15s\""),
            default("whole_every", Span(60_000), "\"5m\""),
            default("teams", Texts(0), "[]"),
            optional("from", Text),
            default("acknowledge", Flag, "true"),
        ],
        KEY,
        CONNECTION,
    ],
};

const PROMETHEUS: Table = Table {
    title: "[[source]]",
    groups: &[
        &[
            required("kind", Text),
            required("name", Name),
            required("url", Text),
            default("every", EVERY, "\"15s\""),
            default("watchdog", Texts(0), "[]"),
            optional("headers", Headers),
        ],
        LOGIN,
        CONNECTION,
    ],
};

const HTTP_JSON: Table = Table {
    title: "[[source]]",
    groups: &[
        &[
            required("kind", Text),
            required("name", Name),
            required("api", Text),
            required("path", Text),
            default("every", EVERY, "\"15s\""),
            optional("list", Pointer),
            optional("next", Pointer),
            optional("cursor", Text),
            required("id", Pointer),
            required("title", Pointer),
            optional("description", Pointer),
            optional("severity", Pointer),
            optional("service", Pointer),
            optional("since", Pointer),
            optional("link", Pointer),
            optional("labels", Pointer),
            optional("state", Pointer),
            optional("states", One(&STATES)),
            optional("held_by", Pointer),
        ],
        &[
            optional("acknowledge", One(&ACKNOWLEDGE)),
            optional("note", One(&NOTE)),
            optional("resolve", One(&RESOLVE)),
        ],
    ],
};

const STATES: Table = Table {
    title: "states",
    groups: &[&[
        optional("open", Texts(1)),
        optional("acknowledged", Texts(1)),
        optional("resolved", Texts(1)),
    ]],
};

const ASK: &[Key] = &[optional("method", METHOD), required("path", Text), optional("json", Json)];
const ACKNOWLEDGE: Table = Table { title: "acknowledge", groups: &[ASK] };
const NOTE: Table = Table { title: "note", groups: &[ASK] };
const RESOLVE: Table = Table { title: "resolve", groups: &[ASK] };

pub(in crate::config) const API: Table = Table {
    title: "[[api]]",
    groups: &[&[required("name", Name), required("url", Text)], LOGIN, CONNECTION],
};

pub(in crate::config) const CHANNELS: &[Kind] = &[
    Kind { word: "webhook", table: Some(&WEBHOOK) },
    Kind { word: "pagerduty-events", table: Some(&PAGERDUTY_EVENTS) },
    Kind { word: "mail", table: Some(&MAIL) },
    Kind { word: "statuspage", table: Some(&STATUSPAGE) },
    Kind { word: "cachet", table: Some(&CACHET) },
    Kind { word: "exec", table: Some(&EXEC) },
];

const REACH: Key = optional("reach", Word(&["broadcast", "per-recipient"]));

/// A URL that is a secret.
const URL: &[Key] = &[
    optional("url", Secret),
    optional("url_command", Argv),
    optional("url_keyring", Attributes),
    optional("url_file", SecretFile),
    optional("url_env", Text),
];

pub(in crate::config) const DEAD_MAN: Table = Table {
    title: "[dead_man]",
    groups: &[
        // Without defaults: where the table is not there, no switch is.
        &[
            optional("every", EVERY),
            optional("ca_file", Text),
            optional("client_cert", SecretFile),
            optional("proxy", Text),
            optional("insecure_http", Flag),
        ],
        URL,
    ],
};

const WEBHOOK: Table = Table {
    title: "[[channel]]",
    groups: &[
        &[
            required("kind", Text),
            required("name", Name),
            required("style", Word(&["slack", "teams", "generic"])),
            REACH,
        ],
        URL,
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
            optional("routing_key_keyring", Attributes),
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
        optional("password_keyring", Attributes),
        optional("password_file", SecretFile),
        optional("password_env", Text),
        optional("ca_file", Text),
    ]],
};

const KEY: &[Key] = &[
    optional("token_command", Argv),
    optional("token_keyring", Attributes),
    optional("token_file", SecretFile),
    optional("token_env", Text),
];

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
        KEY,
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
        KEY,
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
