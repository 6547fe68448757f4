//! The tables of who acts, and with which key.

use crate::config::shape::Shape::{Fingerprint, Operator, PublicKey, SecretFile, Words};
use crate::config::shape::{Table, optional, required};

pub(in crate::config) const IDENTITY: Table = Table {
    title: "[identity]",
    groups: &[&[optional("key_file", SecretFile), optional("agent", Fingerprint)]],
};

pub(in crate::config) const PERSON: Table = Table {
    title: "[[person]]",
    groups: &[&[
        required("name", Operator),
        required("key", PublicKey),
        required("roles", Words(&["responder", "approver"])),
    ]],
};
