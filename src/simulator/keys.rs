//! API keys of accounts: programs trade and withdraw with them until they are revoked.

use serde_json::{Value, json};

use super::alert::written;
use crate::domain::time::Time;

/// One key.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiKey {
    label: &'static str,
    scopes: &'static str,
    made: Time,
    made_from: String,
    /// Withdrawals made with it.
    pub withdrawals: u64,
    /// Since when it opens nothing.
    pub revoked: Option<Time>,
}

impl ApiKey {
    /// A key as its owner names it, made from an address; `scopes` is what it may do, parted by spaces.
    pub fn new(label: &'static str, scopes: &'static str, made: Time, made_from: impl Into<String>) -> Self {
        Self { label, scopes, made, made_from: made_from.into(), withdrawals: 0, revoked: None }
    }

    /// As the admin API shows it. Whose account is protected, so are its keys.
    pub fn json(&self, id: &str, account: &str, protected: bool) -> Value {
        json!({
            "id": id,
            "account": account,
            "label": self.label,
            "scopes": self.scopes,
            "state": if self.revoked.is_some() { "revoked" } else { "active" },
            "created_at": written(self.made),
            "created_from": self.made_from,
            "revoked_at": self.revoked.map(written),
            "withdrawals": self.withdrawals,
            "protected": protected,
        })
    }
}
