//! Whether a server's certificate is valid, for its name, and will be for a while.

use std::path::PathBuf;

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Asked, Common, Monitor};
use crate::domain::fault::Fault;
use crate::domain::monitor::Found;
use crate::domain::text::Outside;
use crate::domain::time::{Time, day};
use crate::net::tcp;
use crate::net::tls::{Chain, Distrust, Trust, server_name};

/// Names of a certificate that are said.
const NAMED: usize = 3;
/// Bytes of them.
const NAMED_BYTES: usize = 120;

/// `[[monitor]] kind = "tls"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What every monitor says.
    #[serde(flatten)]
    pub common: Common,
    /// `host:port`.
    pub address: String,
    /// The name the certificate must be for, where it is not the address's.
    pub host: Option<String>,
    /// How many days it must still be valid.
    #[serde(default = "days")]
    pub days: u16,
    /// The certificates that are trusted, instead of the system's; PEM.
    pub ca_file: Option<PathBuf>,
}

const fn days() -> u16 {
    14
}

/// A server's certificate.
#[derive(Debug)]
pub struct Tls {
    address: String,
    host: String,
    days: u16,
    trust: Option<Trust>,
}

impl Tls {
    /// Makes a monitor; sends nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        let (of_address, _) = tcp::split(&settings.address).map_err(Fault::local)?;
        let host = settings.host.clone().unwrap_or(of_address);
        server_name(&host)?;
        let trust = settings.ca_file.as_deref().map(Trust::of_file).transpose()?;
        Ok(Self { address: settings.address.clone(), host, days: settings.days, trust })
    }

    fn judge(&self, chain: &Chain, now: Time) -> Result<Outside, Outside> {
        let trust = self.trust.clone().unwrap_or_else(Trust::of_system);
        let ends: Vec<Option<Time>> = chain.ends().collect();
        let own = ends.first().copied().flatten();
        let mut wrong = Vec::new();
        if let Err(names) = chain.is_for(&self.host) {
            wrong.push(of_others(&names, &self.host));
        }
        match chain.trusted(&trust, now) {
            Err(Distrust::UnknownIssuer) => {
                wrong.push("is of an unknown issuer; name its authority in ca_file".to_owned());
                wrong.extend(own.filter(|end| self.is_soon(*end, now)).map(|end| self.ending(end, now)));
            }
            Err(Distrust::NotYet) => wrong.push("is not valid yet; check the clocks".to_owned()),
            Err(Distrust::Invalid(why)) => wrong.push(format!("cannot be believed: {why}")),
            Err(Distrust::Expired) => wrong.push(self.first_end(&ends, now, now)),
            // What was shown beside the path may end when it likes.
            Ok(()) => match ends.iter().flatten().filter(|end| ends_path(chain, &trust, **end)).min() {
                Some(end) if !self.is_soon(*end, now) && wrong.is_empty() => {
                    return Ok(Outside::new(format!("{} left ({})", in_days(*end, now), day(*end))));
                }
                Some(end) if !self.is_soon(*end, now) => {}
                Some(end) => wrong.push(self.first_end(&ends, *end, now)),
                None => wrong.push("says no day on which it ends".to_owned()),
            },
        }
        Err(Outside::new(format!("the certificate {}", wrong.join("; it "))))
    }

    fn is_soon(&self, end: Time, now: Time) -> bool {
        end <= now + TimeDelta::days(i64::from(self.days))
    }

    /// Which of its certificates ends by then, in words.
    fn first_end(&self, ends: &[Option<Time>], by: Time, now: Time) -> String {
        let ended = (1..).zip(ends).find_map(|(place, end)| Some((place, end.filter(|end| *end <= by)?)));
        match ended {
            Some((1, end)) => self.ending(end, now),
            Some((place, end)) => {
                format!("stands on certificate {place} of its chain, which {}", self.ending(end, now))
            }
            None => format!("stands on an authority that ended before {}", day(by)),
        }
    }

    /// `expires in 9 days (2026-12-01), wants 14`.
    fn ending(&self, end: Time, now: Time) -> String {
        if end <= now {
            format!("expired {} ago ({})", in_days(now, end), day(end))
        } else {
            format!("expires in {} ({}), wants {}", in_days(end, now), day(end), self.days)
        }
    }
}

/// Whether the chain is not believed any more once one of its certificates has ended.
fn ends_path(chain: &Chain, trust: &Trust, end: Time) -> bool {
    chain.trusted(trust, end + TimeDelta::seconds(1)).is_err()
}

/// `is for a.example.com, not api.example.com`.
fn of_others(names: &[String], host: &str) -> String {
    // They come as the library writes them: `DnsName("a.example.com")`.
    let bare = |name: &String| name.split('"').nth(1).unwrap_or(name).to_owned();
    let mut shown: Vec<String> = names.iter().take(NAMED).map(bare).collect();
    if names.len() > NAMED {
        shown.push(format!("{} more", names.len() - NAMED));
    }
    let shown = if shown.is_empty() { "no name".to_owned() } else { shown.join(", ") };
    let shown = Outside::capped(shown, NAMED_BYTES);
    format!("is for {}, not {host}", shown.raw())
}

/// Whole days from one moment to a later one.
fn in_days(later: Time, now: Time) -> String {
    let days = (later - now).num_days();
    format!("{days} day{}", if days == 1 { "" } else { "s" })
}

#[async_trait]
impl Monitor for Tls {
    async fn probe(&self, asked: &Asked) -> Found {
        match Chain::shown(&self.address, &self.host).await {
            Ok(chain) => self.judge(&chain, asked.now).into(),
            Err(fault) => Found::failed(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_few_and_short() {
        let names = |count: usize| -> Vec<String> {
            (0..count).map(|n| format!("DnsName(\"{n}.example.com\")")).collect()
        };
        assert_eq!(of_others(&names(1), "a.example"), "is for 0.example.com, not a.example");
        let many = of_others(&names(9), "a.example");
        assert_eq!(many, "is for 0.example.com, 1.example.com, 2.example.com, 6 more, not a.example");
        assert_eq!(of_others(&[], "a.example"), "is for no name, not a.example");
        assert!(of_others(&["x".repeat(5000)], "a").len() < 200);
    }

    #[test]
    fn an_address_and_a_host_must_be_some() {
        let made = |text: &str| Tls::new(&toml::from_str(&format!("name = 'm'\n{text}")).unwrap());
        assert_eq!(made("address = 'a.example:443'").unwrap().host, "a.example");
        assert_eq!(made("address = '10.0.0.7:443'\nhost = 'a.example'").unwrap().host, "a.example");
        assert!(made("address = '[::1]:443'").is_ok());
        for bad in ["address = 'a.example'", "address = 'a b:443'", "address = 'a:1'\nhost = ''"] {
            assert!(made(bad).is_err(), "{bad}");
        }
        let missing = made("address = 'a:1'\nca_file = '/nowhere/ca.pem'").unwrap_err();
        assert!(missing.detail.raw().contains("/nowhere/ca.pem"), "{missing:?}");
    }
}
