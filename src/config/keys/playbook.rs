//! The tables of a playbook.

use super::EVERY;
use crate::config::shape::Shape::{
    self, Argv, Flag, Headers, Json, Name, PointerList, Pointers, Query, Scalar, Table as One, Tables, Text,
    Texts, Whole, Wholes, Word,
};
use crate::config::shape::{Key, Table, choice, default, optional, required};
use crate::domain::playbook::MOST_TARGETS;

pub(super) const METHOD: Shape = Word(&["GET", "POST", "PUT", "PATCH", "DELETE"]);

pub(in crate::config) const PLAYBOOK: Table = Table {
    title: "[[playbook]]",
    groups: &[&[
        required("id", Name),
        required("title", Text),
        optional("when", Query),
        required("blast", Text),
        optional("target", Text),
        default("confirm", Word(&["enter", "type-target"]), "\"type-target\""),
        default("approvals", Whole(0, 1), "0"),
        default("idempotent", Flag, "false"),
        optional("key_lifetime", EVERY),
        default("max_targets", Whole(1, MOST_TARGETS as i64), "1"),
        optional("per_hour", Whole(1, 1000)),
        default("key_header", Text, "\"Idempotency-Key\""),
        optional("parameter", Tables(&PARAMETER)),
        optional("lookup", One(&LOOKUP)),
        default("lookup_optional", Flag, "false"),
        optional("before", Tables(&BEFORE)),
        required("do", One(&DO)),
        optional("verify", One(&VERIFY)),
        optional("undo", One(&UNDO)),
    ]],
};

pub(in crate::config) const PROTECTED: Table = Table {
    title: "[[protected]]",
    groups: &[&[
        required("targets", Texts(1)),
        optional("playbooks", Texts(1)),
        default("needs", Word(&["refuse", "approval"]), "\"refuse\""),
        required("because", Text),
    ]],
};

const PARAMETER: Table = Table {
    title: "[[playbook.parameter]]",
    groups: &[&[
        required("name", Text),
        optional("title", Text),
        default("kind", Word(&["string", "integer", "choice", "duration", "amount"]), "\"string\""),
        optional("from", Text),
        optional("allow", Text),
        optional("allow_says", Text),
        optional("choices", Texts(1)),
        optional("min", Scalar),
        optional("max", Scalar),
        optional("unit", Text),
        optional("default", Scalar),
    ]],
};

/// A program in the place of a call, and what a call says for itself.
const PROGRAM: &[Key] = &[choice("exec", Argv), optional("env", Texts(1)), optional("within", EVERY)];
const REFUSED: Key = optional("refused", Wholes(1, 255));

const LOOKUP: Table = Table {
    title: "[playbook.lookup]",
    groups: &[
        &[choice("http", One(&LOOKUP_HTTP))],
        PROGRAM,
        &[optional("show", PointerList), optional("refuse", Pointers)],
    ],
};
const DO: Table =
    Table { title: "[playbook.do]", groups: &[&[choice("http", One(&DO_HTTP))], PROGRAM, &[REFUSED]] };
const VERIFY: Table = Table {
    title: "[playbook.verify]",
    groups: &[&[choice("http", One(&VERIFY_HTTP))], PROGRAM, &[optional("expect", Pointers)]],
};
const UNDO: Table = Table {
    title: "[playbook.undo]",
    groups: &[&[choice("http", One(&UNDO_HTTP))], PROGRAM, &[REFUSED, optional("expect_after", Pointers)]],
};

const CALL: &[Key] = &[required("api", Text), required("path", Text), optional("headers", Headers)];
const READ: Key = default("method", Word(&["GET", "POST"]), "\"GET\"");
const WRITE: &[Key] = &[default("method", METHOD, "\"POST\""), optional("json", Json)];

const BEFORE: Table = Table {
    title: "[[playbook.before]]",
    groups: &[&[
        required("name", Text),
        choice("http", One(&BEFORE_HTTP)),
        choice("exec", Argv),
        optional("env", Texts(1)),
        default("within", EVERY, "\"5s\""),
    ]],
};
const BEFORE_HTTP: Table = Table { title: "[[playbook.before]] http", groups: &[CALL, &[READ]] };

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
