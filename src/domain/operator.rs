//! Who did it.

use serde::{Deserialize, Serialize};

use super::identity::{KeyId, Standing};
use super::version::VERSION;

/// A person at a console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// As configured, else the OS user. Visible ASCII.
    pub name: String,
    /// The host quell runs on.
    pub host: String,
    /// The terminal, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tty: Option<String>,
    /// Where the SSH connection comes from, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh: Option<String>,
    /// The key that is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
    /// It was only named: nobody has shown that they hold it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unproven: bool,
    /// What that key may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Standing>,
    /// The OS user, where that is another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The version of quell.
    pub version: String,
}

impl Operator {
    /// An operator of that name on that host.
    pub fn new(name: impl Into<String>, host: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            host: host.into(),
            tty: None,
            ssh: None,
            key: None,
            unproven: false,
            roles: Vec::new(),
            user: None,
            version: VERSION.to_owned(),
        }
    }

    /// The same, who has just shown with a signature that they hold their key.
    #[must_use]
    pub fn proven(&self) -> Self {
        Self { unproven: false, ..self.clone() }
    }

    /// The console this person sits at.
    pub fn console(&self) -> String {
        let tty = self.tty.as_deref().map(|tty| format!(":{tty}")).unwrap_or_default();
        format!("{}{tty}", self.seat())
    }

    /// Whether this person sits, or sat, at that console of this host.
    pub fn sat_at(&self, console: &str) -> bool {
        let rest = console.strip_prefix(&self.seat());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    fn seat(&self) -> String {
        format!("{}@{}", self.name, self.host)
    }
}

/// Who stands behind a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// A person.
    Person(Operator),
    /// The engine, by rule.
    Engine,
}

impl Actor {
    /// The person's name, or that it was quell itself.
    pub fn name(&self) -> &str {
        self.person().unwrap_or("quell")
    }

    /// The person's name, if it was a person.
    pub fn person(&self) -> Option<&str> {
        match self {
            Self::Person(operator) => Some(&operator.name),
            Self::Engine => None,
        }
    }
}
