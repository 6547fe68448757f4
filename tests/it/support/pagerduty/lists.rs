//! What can be read: lists that are cut in pages, move while they are read, and end at ten thousand.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::account::{Account, ME, POLICIES, user};
use super::{Asked, Reply};

impl Account {
    pub(super) fn read(&mut self, asked: &Asked) -> Reply {
        let segments: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
        match segments.as_slice() {
            ["incidents"] => {
                let mut reply = self.list(asked);
                if self.endless && reply.status == 200 {
                    reply.body["more"] = true.into();
                }
                self.pages += 1;
                if let Some(mut change) = self.on_page.take() {
                    change(self, self.pages);
                    self.on_page = Some(change);
                }
                reply
            }
            ["incidents", id] => match self.find(id) {
                Some(incident) => {
                    let reply = Reply::ok(json!({ "incident": incident }));
                    let id = incident["id"].as_str().unwrap().to_owned();
                    self.looked_at(&id);
                    reply
                }
                None => Reply::no(404, 5001, "Incident Not Found"),
            },
            ["incidents", id, "alerts"] => {
                cut("alerts", self.alerts.get(*id).cloned().unwrap_or_default(), asked)
            }
            ["incidents", id, "notes"] => {
                Reply::ok(json!({ "notes": self.notes.get(*id).cloned().unwrap_or_default() }))
            }
            ["incidents", id, "log_entries"] => self.log_entries(asked, Some(id)),
            ["log_entries"] => self.log_entries(asked, None),
            ["priorities"] if !self.abilities.contains(&"priorities") => {
                Reply::no(402, 2014, "Your account does not have the ability to use this feature")
            }
            ["priorities"] => {
                let one =
                    |name: &str| json!({ "id": format!("PRI{name}"), "type": "priority", "summary": name });
                cut("priorities", ["P1", "P2", "P3"].map(one).to_vec(), asked)
            }
            ["escalation_policies"] => {
                let one = |(id, name): &(&str, &str)| json!({ "id": id, "type": "escalation_policy", "name": name });
                cut("escalation_policies", POLICIES.iter().map(one).collect(), asked)
            }
            ["abilities"] => Reply::ok(json!({ "abilities": self.abilities })),
            ["oncalls"] => self.on_call(asked),
            ["users", "me"] if self.account_key => {
                Reply::no(400, 2001, "the user cannot be told from this key")
            }
            ["users", "me"] => {
                Reply::ok(json!({ "user": { "id": "PUSR1", "name": "Ana Ito", "email": ME } }))
            }
            _ => Reply::no(404, 2100, "Not Found"),
        }
    }

    pub(super) fn find(&self, id: &str) -> Option<&Value> {
        let number = id.parse::<u64>().ok();
        self.incidents
            .get(id)
            .or_else(|| self.incidents.values().find(|it| it["incident_number"].as_u64() == number))
    }

    fn list(&self, asked: &Asked) -> Reply {
        let statuses: Vec<&str> = asked.all("statuses[]").collect();
        if statuses.iter().any(|status| !["triggered", "acknowledged", "resolved"].contains(status)) {
            return Reply::no(400, 2001, "Invalid Input Provided");
        }
        // The quirk that hides what has been burning for long.
        let month = (asked.one("date_range") != Some("all")).then(|| self.now() - TimeDelta::days(30));
        let began = |it: &Value| it["created_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let fits = |it: &&Value| {
            (statuses.is_empty() || statuses.contains(&it["status"].as_str().unwrap()))
                && month.is_none_or(|since| began(it) >= since)
        };
        let mut all: Vec<&Value> = self.incidents.values().filter(fits).collect();
        all.sort_by_cached_key(|it| {
            (it["urgency"] != "high", std::cmp::Reverse(began(it)), it["id"].to_string())
        });
        cut("incidents", all, asked)
    }

    fn log_entries(&self, asked: &Asked, of: Option<&str>) -> Reply {
        let Ok(since) = asked.one("since").unwrap_or("1970-01-01T00:00:00Z").parse::<DateTime<Utc>>() else {
            return Reply::no(400, 2001, "Invalid Input Provided");
        };
        let whole = asked.all("include[]").any(|it| it == "incidents");
        let at = |entry: &Value| entry["created_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let meant = |entry: &Value| of.is_none_or(|id| entry["incident"]["id"] == id);
        let newest_first = self.log.iter().rev().filter(|entry| at(entry) >= since && meant(entry));
        let entries = newest_first.map(|entry| {
            let mut entry = entry.clone();
            let incident = entry["incident"]["id"].as_str().and_then(|id| self.incidents.get(id));
            if let (true, Some(incident)) = (whole, incident) {
                entry["incident"] = incident.clone();
            }
            entry
        });
        cut("log_entries", entries.collect(), asked)
    }

    fn on_call(&self, asked: &Asked) -> Reply {
        let policies: Vec<&str> = asked.all("escalation_policy_ids[]").collect();
        let one = |level: &u32| {
            json!({ "escalation_policy": { "id": "PPOL1", "summary": "Trading on call" }, "escalation_level": level,
                    "user": user(&format!("PUSR{level}")), "schedule": null, "start": null, "end": null })
        };
        let known = policies.is_empty() || policies.contains(&"PPOL1");
        cut("oncalls", self.levels.iter().filter(|_| known).map(one).collect(), asked)
    }
}

/// A page of a list, or why there is none.
fn cut(under: &str, all: Vec<impl serde::Serialize>, asked: &Asked) -> Reply {
    let number = |name: &str, otherwise: usize| asked.one(name).map_or(Ok(otherwise), str::parse::<usize>);
    let (Ok(limit), Ok(offset)) = (number("limit", 25), number("offset", 0)) else {
        return Reply::no(400, 2001, "Invalid Input Provided");
    };
    let limit = limit.min(100);
    if offset + limit > 10_000 {
        return Reply::no(400, 2002, "Offset and limit together must not exceed 10000");
    }
    let total = if asked.one("total") == Some("true") { json!(all.len()) } else { Value::Null };
    let more = offset + limit < all.len();
    let page: Vec<Value> = all.into_iter().skip(offset).take(limit).map(|it| json!(it)).collect();
    Reply::ok(json!({ under: page, "limit": limit, "offset": offset, "total": total, "more": more }))
}
