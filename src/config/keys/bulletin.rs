//! The tables of bulletins: when they are due, who reads where, and what they begin with.

use super::EVERY;
use crate::config::shape::Shape::{Phrases, Query, Span, Table as One, Text, Texts, Word};
use crate::config::shape::{Table, default, optional, required};

pub(in crate::config) const BULLETINS: Table = Table {
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

pub(in crate::config) const BULLETIN: Table = Table {
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
