//! What an incident's labels name, folded once, so that each part of a bulletin is only searched for it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fold::fold;
use crate::domain::signal::Labels;

/// Labels that name a part of the house, a thing in it, or an alert.
const THINGS: [&str; 36] = [
    "address",
    "alertname",
    "app",
    "cluster",
    "component",
    "container",
    "container_id",
    "database",
    "db",
    "deployment",
    "device",
    "endpoint",
    "env",
    "exporter",
    "file",
    "filename",
    "handler",
    "host",
    "hostname",
    "image",
    "instance",
    "ip",
    "job",
    "namespace",
    "node",
    "nodename",
    "path",
    "pod",
    "pod_name",
    "queue",
    "replica",
    "server",
    "target",
    "task",
    "topic",
    "workload",
];

/// Labels that name a person, an account, or what belongs to one.
const WHOM: [&str; 30] = [
    "account",
    "account_id",
    "accountid",
    "api_key",
    "card",
    "client",
    "client_id",
    "customer",
    "customer_id",
    "device_id",
    "email",
    "iban",
    "key_id",
    "mail",
    "member",
    "name",
    "order",
    "order_id",
    "phone",
    "request_id",
    "session",
    "session_id",
    "token",
    "trace_id",
    "tx",
    "user",
    "user_id",
    "username",
    "wallet",
    "webhook_event_id",
];

/// What an incident's labels name, each once however many signals say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Parts of the house and things in it: in small letters, and as an alert writes it.
    pub(super) things: BTreeSet<(String, String)>,
    /// Persons, accounts and what belongs to one: the value in small letters, and its label.
    pub(super) whom: BTreeSet<(String, String)>,
}

impl Names {
    /// Everything these labels name.
    pub fn of<'a>(labels: impl IntoIterator<Item = &'a Labels>) -> Self {
        let all: BTreeSet<_> = labels.into_iter().flatten().collect();
        let mut names = Self::default();
        for (key, value) in all {
            let name = key.raw().to_lowercase();
            if THINGS.contains(&name.as_str()) {
                names.things.extend(ids_in(value.raw()).map(|word| (word.to_lowercase(), word)));
            }
            if WHOM.contains(&name.as_str()) {
                let value = fold(value.raw()).to_lowercase();
                names.whom.extend(identifies(&value).then(|| (value, key.raw().to_owned())));
            }
        }
        names
    }
}

/// A label's value, and without its port, where it is no plain word.
fn ids_in(value: &str) -> impl Iterator<Item = String> {
    let value = fold(value);
    let host = value.rsplit_once(':').map(|(host, _)| host.to_owned());
    let is_id = |word: &String| {
        let inner = word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
        word.chars().count() > 2
            && (inner || word.chars().any(|c| c.is_ascii_digit() || "-_./:@".contains(c)))
    };
    let is_number = |word: &String| word.chars().all(|c| c.is_ascii_digit());
    [Some(value), host].into_iter().flatten().filter(move |word| is_id(word) && !is_number(word))
}

/// Whether a label's value identifies something: no plain word, and not a small number.
fn identifies(value: &str) -> bool {
    value.chars().count() > 3 && value.chars().any(|c| c.is_ascii_digit() || "-_@:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Outside;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| (Outside::new(*key), Outside::new(*value))).collect()
    }

    #[test]
    fn what_a_thousand_signals_say_alike_is_looked_for_once() {
        let one = labels(&[("Instance", "ｗd-Signer:9100"), ("account", "A-88213"), ("summary", "wd-7")]);
        let names = Names::of(&vec![one; 1000]);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            names.things.into_iter().collect::<Vec<_>>(),
            [pair("wd-signer", "wd-Signer"), pair("wd-signer:9100", "wd-Signer:9100")]
        );
        assert_eq!(names.whom.into_iter().collect::<Vec<_>>(), [pair("a-88213", "account")]);
    }

    #[test]
    fn a_plain_word_and_a_small_number_name_nothing() {
        let names =
            Names::of(&[labels(&[("app", "trading"), ("pod", "12"), ("user", "bo"), ("order", "eth")])]);
        assert_eq!(names, Names::default());
    }
}
