//! Whether a name leads where it should, and whether that is found out in time.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Asked, Common, Monitor, since};
use crate::domain::fault::Fault;
use crate::domain::monitor::Found;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::net::dns::{self, Family};
use crate::os::clock;

/// Addresses that are named of those that were found.
const NAMED: usize = 4;

/// `[[monitor]] kind = "dns"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What every monitor says.
    #[serde(flatten)]
    pub common: Common,
    /// The name that is looked up.
    pub host: String,
    /// The addresses it must have, in any order; without any, it must have one.
    #[serde(default)]
    pub answers: Vec<IpAddr>,
    /// How they are compared.
    #[serde(default, rename = "match")]
    pub comparison: Comparison,
    /// Which records are asked for: those of the answers, or else both.
    #[serde(default)]
    pub records: Vec<Record>,
    /// Who is asked instead of whom this machine asks: `address:port`.
    pub server: Option<SocketAddr>,
    /// How long it may take.
    pub under: Option<Span>,
}

/// How the addresses that were found are compared with those expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Comparison {
    /// These, and no others.
    #[default]
    Exact,
    /// At least one of these.
    Any,
}

/// A record of DNS that holds an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Record {
    /// Of IPv4.
    A,
    /// Of IPv6.
    Aaaa,
}

impl Settings {
    pub(super) fn target(&self) -> String {
        match self.server {
            Some(server) => format!("{} at {server}", self.host),
            None => self.host.clone(),
        }
    }

    fn families(&self) -> Vec<Family> {
        let said = self.records.iter().map(|record| match record {
            Record::A => Family::V4,
            Record::Aaaa => Family::V6,
        });
        let expected = self.answers.iter().copied().map(Family::of);
        let families: BTreeSet<Family> = said.collect();
        let families = if families.is_empty() { expected.collect() } else { families };
        if families.is_empty() { vec![Family::V4, Family::V6] } else { families.into_iter().collect() }
    }
}

/// A name.
#[derive(Debug)]
pub struct Dns {
    settings: Settings,
    families: Vec<Family>,
}

impl Dns {
    /// Makes a monitor; sends nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        if !dns::is_name(&settings.host) {
            return Err(Fault::local(
                "host is no name that can be looked up; write it like \"api.example.com\"",
            ));
        }
        Ok(Self { settings: settings.clone(), families: settings.families() })
    }

    async fn look_up(&self) -> Result<BTreeSet<IpAddr>, Fault> {
        let Some(server) = self.settings.server else {
            return dns::system(&self.settings.host, &self.families).await;
        };
        let mut found = BTreeSet::new();
        for family in &self.families {
            found.extend(dns::ask(server, &self.settings.host, *family).await?);
        }
        Ok(found)
    }

    fn judge(&self, found: &BTreeSet<IpAddr>, took: Span) -> Result<Outside, Outside> {
        let wanted: BTreeSet<IpAddr> = self.settings.answers.iter().copied().collect();
        let right = match self.settings.comparison {
            _ if wanted.is_empty() => !found.is_empty(),
            Comparison::Exact => *found == wanted,
            Comparison::Any => !found.is_disjoint(&wanted),
        };
        if found.is_empty() {
            let records: Vec<&str> = self.families.iter().map(|family| family.word()).collect();
            return Err(Outside::new(format!("the name has no {} record", records.join(" or "))));
        }
        if !right {
            let expected = match self.settings.comparison {
                Comparison::Any => format!("expected one of {}", list(&wanted)),
                Comparison::Exact => format!("expected {}", list(&wanted)),
            };
            return Err(Outside::new(format!("leads to {}, {expected}", list(found))));
        }
        match self.settings.under.filter(|under| took >= *under) {
            Some(under) => Err(Outside::new(format!("took {}ms, expected under {under}", took.as_millis()))),
            None => Ok(Outside::new(list(found))),
        }
    }
}

fn list(addresses: &BTreeSet<IpAddr>) -> String {
    let mut shown: Vec<String> = addresses.iter().take(NAMED).map(ToString::to_string).collect();
    if addresses.len() > NAMED {
        shown.push(format!("{} more", addresses.len() - NAMED));
    }
    shown.join(", ")
}

#[async_trait]
impl Monitor for Dns {
    async fn probe(&self, _asked: &Asked) -> Found {
        let began = clock::monotonic();
        match self.look_up().await {
            Ok(found) => self.judge(&found, since(began)).into(),
            Err(fault) => Found::failed(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(more: &str) -> Dns {
        Dns::new(&toml::from_str(&format!("name = 'm'\nhost = 'localhost'\n{more}")).unwrap()).unwrap()
    }

    fn judged(more: &str, found: &[&str]) -> Result<String, String> {
        let found = found.iter().map(|address| address.parse().unwrap()).collect();
        let said = made(more).judge(&found, Span::millis(40));
        said.map(|says| says.raw().to_owned()).map_err(|wrong| wrong.raw().to_owned())
    }

    #[test]
    fn answers_are_a_set() {
        let two = "answers = ['203.0.113.8', '203.0.113.7']";
        let any = "answers = ['203.0.113.8', '203.0.113.7']\nmatch = 'any'";
        for (more, found, said) in [
            ("", &["203.0.113.7"][..], Ok("203.0.113.7")),
            ("", &[], Err("the name has no A or AAAA record")),
            ("records = ['AAAA']", &[], Err("the name has no AAAA record")),
            (two, &["203.0.113.7", "203.0.113.8"], Ok("203.0.113.7, 203.0.113.8")),
            (two, &["203.0.113.7"], Err("leads to 203.0.113.7, expected 203.0.113.7, 203.0.113.8")),
            (any, &["203.0.113.7", "192.0.2.1"], Ok("192.0.2.1, 203.0.113.7")),
            (any, &["192.0.2.1"], Err("leads to 192.0.2.1, expected one of 203.0.113.7, 203.0.113.8")),
            ("under = '41ms'", &["::1"], Ok("::1")),
            ("under = '40ms'", &["::1"], Err("took 40ms, expected under 40ms")),
        ] {
            let said = said.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(judged(more, found), said, "{more} {found:?}");
        }
        let many: Vec<String> = (1..9).map(|last| format!("203.0.113.{last}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let said = judged("", &many).unwrap();
        assert!(said.ends_with("203.0.113.4, 4 more"), "{said}");
    }

    #[test]
    fn the_records_are_those_of_the_answers_unless_they_are_said() {
        let families = |more: &str| made(more).families;
        assert_eq!(families(""), [Family::V4, Family::V6]);
        assert_eq!(families("answers = ['203.0.113.7']"), [Family::V4]);
        assert_eq!(families("answers = ['::1', '203.0.113.7']"), [Family::V4, Family::V6]);
        assert_eq!(families("answers = ['203.0.113.7']\nrecords = ['AAAA', 'A']"), [Family::V4, Family::V6]);
    }

    #[tokio::test]
    async fn the_machine_itself_knows_this_host() {
        let asked = Asked::first(crate::domain::time::Time::UNIX_EPOCH);
        let found = made("records = ['A']\nanswers = ['127.0.0.1']").probe(&asked).await;
        assert_eq!(found, Found::Right(Outside::new("127.0.0.1")));
    }
}
