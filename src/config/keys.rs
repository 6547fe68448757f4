//! Every table and key of the configuration file.

mod bulletin;
mod connected;
mod monitor;
mod people;
mod playbook;

use super::shape::Shape::{
    Argv, Chords, Dates, Flag, Hours, Kinds, Name, Operator, Prefix, Query, Span, Table as One, Tables, Text,
    Texts, Whole, WholePath, Within, Word, Words, Zone,
};
use super::shape::{Shape, Table, default, not_yet, optional, required};
use crate::console::look::Look;
use crate::domain::calendar::Weekdays;
use crate::domain::duty;

pub(super) use bulletin::{BULLETIN, BULLETINS};
pub(super) use connected::{API, CHANNELS, DEAD_MAN, SOURCES};
pub(super) use monitor::MONITORS;
pub(super) use people::{IDENTITY, PERSON};
pub(super) use playbook::{PLAYBOOK, PROTECTED};

/// The shortest interval at which anything is asked.
const EVERY: Shape = Span(1000);
const SEVERITY: Shape = Word(&["critical", "high", "normal"]);
const CATEGORY: Shape = Word(&["unauthorized-access", "anomaly", "outage", "integrity", "integration"]);

/// The file itself.
pub(super) const ROOT: Table = Table {
    title: "the configuration",
    groups: &[&[
        optional("operator", Operator),
        optional("ids", Prefix),
        optional("identity", One(&IDENTITY)),
        optional("person", Tables(&PERSON)),
        default("group_by", Texts(1), "[\"alertname\", \"service\"]"),
        default("clear_after", Span(0), "\"5m\""),
        default("sensitive", Texts(0), "[]"),
        optional("source", Kinds),
        optional("monitor", Kinds),
        optional("api", Tables(&API)),
        optional("channel", Kinds),
        optional("playbook", Tables(&PLAYBOOK)),
        optional("protected", Tables(&PROTECTED)),
        optional("path", Tables(&PATH)),
        optional("pattern", Tables(&PATTERN)),
        optional("rule", Tables(&RULE)),
        optional("bulletins", One(&BULLETINS)),
        optional("bulletin", Tables(&BULLETIN)),
        optional("ack", One(&ACK)),
        optional("snooze", One(&SNOOZE)),
        optional("recovery", One(&RECOVERY)),
        optional("commander", One(&COMMANDER)),
        optional("review", One(&REVIEW)),
        optional("deadline_sets", Words(&duty::SETS)),
        optional("deadline", Tables(&DEADLINE)),
        optional("calendar", One(&CALENDAR)),
        optional("notify", One(&NOTIFY)),
        optional("actions", One(&ACTIONS)),
        optional("view", Tables(&VIEW)),
        optional("keys", Chords),
        optional("open", Argv),
        default("theme", Word(&Look::NAMES), "\"dark\""),
        optional("dead_man", One(&DEAD_MAN)),
        not_yet("backend", "attach to a team's server; remove [backend] to use the ledger on this machine"),
    ]],
};

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

pub(super) const SNOOZE: Table = Table {
    title: "[snooze]",
    groups: &[&[default("at_most", EVERY, "\"8h\""), default("critical", EVERY, "\"1h\"")]],
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
        optional("at_most", Within),
        optional("after", Name),
        optional("once_resolved", Flag),
    ]],
};

pub(super) const NOTIFY: Table = Table {
    title: "[notify]",
    groups: &[&[
        default("desktop", Flag, "true"),
        default("terminal", Word(&["auto", "osc9", "osc777", "osc99", "off"]), "\"auto\""),
        default("detail", Word(&["brief", "full"]), "\"brief\""),
        optional("exec", Argv),
        default("exec_env", Texts(0), "[]"),
        default("exec_within", EVERY, "\"10s\""),
        optional("repeat", Span(60_000)),
        optional("quiet", One(&QUIET)),
    ]],
};

const QUIET: Table = Table {
    title: "[notify.quiet]",
    groups: &[&[
        required("hours", Hours),
        optional("days", Words(&Weekdays::WORDS)),
        optional("zone", Zone),
        default("critical", Flag, "true"),
    ]],
};

pub(super) const VIEW: Table = Table {
    title: "[[view]]",
    groups: &[&[required("key", Whole(1, 9)), required("name", Text), required("filter", Query)]],
};

pub(super) const ACTIONS: Table = Table {
    title: "[actions]",
    groups: &[&[
        default("enabled", Flag, "false"),
        default("per_hour", Whole(1, 1000), "10"),
        optional("safety_file", WholePath),
    ]],
};
