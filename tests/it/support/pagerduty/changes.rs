//! What can be changed: by whom, on what, and the quirk that an acknowledgement opens again what was resolved.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::account::{Account, ME, POLICIES, user, wire};
use super::{Asked, Reply};

/// Notes of one incident.
const NOTES: usize = 2000;

impl Account {
    pub(super) fn write(&mut self, asked: &Asked) -> Reply {
        let path = asked.path.clone();
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let ["incidents", id, rest @ ..] = segments.as_slice() else {
            return Reply::no(404, 2100, "Not Found");
        };
        let Some(id) = self.find(id).map(|it| it["id"].as_str().unwrap().to_owned()) else {
            return Reply::no(404, 5001, "Incident Not Found");
        };
        match asked.header("from") {
            _ if rest == ["responder_requests"] => {}
            Some(ME) => {}
            Some(_) => return Reply::no(400, 1008, "Requester User Not Found"),
            None => return Reply::no(400, 2001, "The From header is required"),
        }
        let body = &asked.body;
        match (asked.method.as_str(), rest) {
            ("PUT", []) => self.change(&id, &body["incident"]),
            ("POST", ["notes"]) => {
                let room = self.notes.get(&id).is_none_or(|notes| notes.len() < NOTES);
                let Some(content) = body["note"]["content"].as_str().filter(|_| room) else {
                    return Reply::no(400, 2001, "Invalid Input Provided");
                };
                let at = self.tick();
                let note = self.note(&id, "PUSR1", content, at);
                self.note_down(&id, "annotate_log_entry");
                Reply::ok(json!({ "note": note }))
            }
            ("POST", ["snooze"]) => match body["duration"].as_u64() {
                _ if self.status(&id) != "acknowledged" => Reply::no(400, 1012, "Incident Not Acknowledged"),
                Some(seconds @ 1..=604_800) => {
                    let until = self.tick() + TimeDelta::seconds(i64::try_from(seconds).unwrap());
                    self.set(&id, "pending_actions", json!([{ "type": "unacknowledge", "at": wire(until) }]));
                    self.note_down(&id, "snooze_log_entry");
                    Reply { status: 201, body: json!({ "incident": self.incidents[&id] }) }
                }
                _ => Reply::no(400, 1013, "Invalid Snooze Duration"),
            },
            ("POST", ["status_updates"]) if body["message"].is_string() => {
                Reply::ok(json!({ "status_update": { "message": body["message"] } }))
            }
            ("POST", ["responder_requests"]) => self.request(&id, body),
            ("PUT", ["merge"]) => self.merge(&id, body),
            _ => Reply::no(400, 2001, "Invalid Input Provided"),
        }
    }

    fn change(&mut self, id: &str, change: &Value) -> Reply {
        if self.changed_since(id) {
            return Reply::no(400, 1005, "Data Updated Since Last Request");
        }
        let resolved = self.status(id) == "resolved";
        let held = self.status(id) == "acknowledged";
        let Some(fields) = change.as_object() else { return Reply::no(400, 2001, "Invalid Input Provided") };
        for (field, value) in fields {
            let said = match (field.as_str(), value.as_str()) {
                ("type" | "resolution", _) => Ok(()),
                ("status", Some("resolved")) if resolved => Err((1001, "Incident Already Resolved")),
                ("status", Some("resolved")) => {
                    self.resolve(id);
                    Ok(())
                }
                ("status", Some("acknowledged")) if held => Err((1002, "Incident Already Acknowledged")),
                // Also of one that is resolved: it opens again.
                ("status", Some("acknowledged")) => {
                    self.acknowledge(id, "Ana Ito");
                    Ok(())
                }
                ("status", _) => Err((1003, "Invalid Status Provided")),
                _ if resolved => Err((1001, "Incident Already Resolved")),
                ("escalation_level", _) => self.escalate(id, value.as_u64()),
                ("assignments", _) => self.reassign(id, value),
                ("escalation_policy", _) => self.reassign_to_policy(id, value),
                ("priority", Some(name)) if ["P1", "P2", "P3"].contains(&name) => {
                    self.set(id, "priority", json!({ "id": format!("PRI{name}"), "summary": name }));
                    self.note_down(id, "field_value_change_log_entry");
                    Ok(())
                }
                ("priority", _) => Err((1020, "Invalid Priority")),
                _ => Err((2001, "Invalid Input Provided")),
            };
            if let Err((code, message)) = said {
                return Reply::no(400, code, message);
            }
        }
        Reply::ok(json!({ "incident": self.incidents[id] }))
    }

    fn escalate(&mut self, id: &str, level: Option<u64>) -> Result<(), (u32, &'static str)> {
        let level =
            level.and_then(|level| u32::try_from(level).ok()).ok_or((2001, "Invalid Input Provided"))?;
        match level {
            1 | 2 if !self.levels.contains(&level) => Err((1015, "Escalation Policy Has No User On Call")),
            1 | 2 => {
                let assignee = user(&format!("PUSR{level}"));
                self.set(id, "assignments", json!([{ "assignee": assignee }]));
                self.note_down(id, "escalate_log_entry");
                Ok(())
            }
            _ => Err((1006, "Incident Cannot Be Escalated")),
        }
    }

    /// The policy pages nobody any more: what nobody says.
    fn reassign(&mut self, id: &str, to: &Value) -> Result<(), (u32, &'static str)> {
        let user_id = to[0]["assignee"]["id"].as_str().unwrap_or_default();
        if !["PUSR1", "PUSR2"].contains(&user_id) {
            return Err((1007, "Assignee User Not Found"));
        }
        self.set(id, "assignments", json!([{ "assignee": user(user_id) }]));
        self.set(id, "assigned_via", "direct_assignment".into());
        self.set(id, "pending_actions", json!([]));
        self.note_down(id, "assign_log_entry");
        Ok(())
    }

    /// That policy pages from its first level on.
    fn reassign_to_policy(&mut self, id: &str, to: &Value) -> Result<(), (u32, &'static str)> {
        let named = POLICIES.iter().find(|(id, _)| to["id"] == *id);
        let (Some((policy, name)), "escalation_policy_reference") =
            (named, to["type"].as_str().unwrap_or(""))
        else {
            return Err((2001, "Invalid Input Provided"));
        };
        let policy = json!({ "id": policy, "type": "escalation_policy_reference", "summary": name });
        self.set(id, "escalation_policy", policy);
        self.set(id, "assignments", json!([{ "assignee": user("PUSR1") }]));
        self.set(id, "assigned_via", "escalation_policy".into());
        self.note_down(id, "assign_log_entry");
        Ok(())
    }

    fn request(&mut self, id: &str, body: &Value) -> Reply {
        if !self.abilities.contains(&"coordinated_responding") {
            return Reply::no(402, 2014, "Your account does not have the ability to use this feature");
        }
        match body["requester_id"].as_str() {
            Some("PUSR1") => {
                let (at, target) = (self.tick(), &body["responder_request_targets"][0]);
                let target = &target["responder_request_target"];
                let request = json!({
                    "requester": user("PUSR1"), "requested_at": wire(at), "message": body["message"],
                    "responder_request_targets": [{ "responder_request_target": target }],
                });
                self.append(id, "responder_requests", request);
                // Of a policy, whoever is on call for it is asked.
                let asked = match target["type"].as_str() {
                    Some("escalation_policy_reference") => "PUSR1",
                    _ => target["id"].as_str().unwrap_or_default(),
                };
                let one = json!({
                    "state": "pending", "user": user(asked), "message": body["message"],
                    "requester": user("PUSR1"), "requested_at": wire(at),
                });
                self.append(id, "incidents_responders", one);
                Reply::ok(json!({ "responder_request": body }))
            }
            _ => Reply::no(400, 1008, "Requester User Not Found"),
        }
    }

    fn append(&mut self, id: &str, list: &str, one: Value) {
        let mut all = self.incidents[id][list].as_array().cloned().unwrap_or_default();
        all.push(one);
        self.set(id, list, all.into());
    }

    fn merge(&mut self, into: &str, body: &Value) -> Reply {
        let sources = body["source_incidents"].as_array().cloned().unwrap_or_default();
        assert!(sources.iter().all(|it| it["id"] != into), "nobody asks what comes of that");
        if self.status(into) == "resolved" {
            return Reply::no(400, 1001, "Incident Already Resolved");
        }
        for source in sources.iter().filter_map(|it| it["id"].as_str()) {
            self.resolve(source);
        }
        Reply::ok(json!({ "incident": self.incidents[into] }))
    }
}
