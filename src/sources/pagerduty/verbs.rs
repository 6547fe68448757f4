//! What PagerDuty can be asked about an incident, each as a playbook that looks first, asks, and reads back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::directory::{Directory, Me};
use super::wire::ACCEPT;
use crate::domain::parameter::{Kind, Parameter};
use crate::domain::plan::Meant;
use crate::domain::playbook::{Call, Carry, Class, Confirm, Playbook};
use crate::domain::query::Query;
use crate::domain::time::Span;

/// The incident there that is meant.
const TARGET: &str = "pd_id";
const INCIDENT: &str = "/incidents/{{pd_id}}";
const ID: &str = "[A-Za-z0-9]{2,64}";
const ID_SAYS: &str = "an id there: 2 to 64 letters and digits";
const ADDRESS: &str = r"[^\s@]+@[^\s@]+";

/// Whom it goes to, or who is asked to help.
#[derive(Clone, Copy)]
enum Whom {
    Person,
    Policy,
}

/// What the verbs of one source have in common.
pub(super) struct Verbs<'a> {
    /// The source's name.
    pub(super) name: &'a str,
    /// The api its calls go through.
    pub(super) api: &'a str,
    /// On whose behalf; asked for where nobody has said it.
    pub(super) from: Option<&'a str>,
    /// Who and what there is.
    pub(super) directory: &'a Directory,
}

impl Verbs<'_> {
    /// All of them, those that only tell first.
    pub(super) fn all(&self) -> Vec<Playbook> {
        vec![
            self.acknowledge(),
            self.note(),
            self.escalate(),
            self.responders(Whom::Person),
            self.responders(Whom::Policy),
            self.status_update(),
            self.resolve(),
            self.reassign(),
            self.reassign_policy(),
            self.priority(),
            self.snooze(),
            self.merge(),
        ]
    }

    /// A repeat could come after somebody has resolved it, and would open it again: it is sent once.
    fn acknowledge(&self) -> Playbook {
        let verify = self.expects([("/incident/status", json!("acknowledged"))]);
        let body = json!({ "status": "acknowledged" });
        Playbook {
            verify,
            ..self.change(
                "acknowledge",
                "Acknowledge",
                "stops its paging until the acknowledgement ends there",
                body,
            )
        }
    }

    fn resolve(&self) -> Playbook {
        Playbook {
            class: Class::Change,
            confirm: Confirm::TypeTarget,
            idempotent: true,
            verify: self.expects([("/incident/status", json!("resolved"))]),
            parameter: self.asking([said("resolution", "what resolved it")]),
            ..self.change(
                "resolve",
                "Resolve",
                "closes it there: nobody is paged about it any more",
                json!({ "status": "resolved", "resolution": "{{resolution}}" }),
            )
        }
    }

    fn escalate(&self) -> Playbook {
        let level = Parameter {
            name: "level".to_owned(),
            title: Some("level of its policy".to_owned()),
            kind: Kind::Integer,
            min: Some("1".to_owned()),
            max: Some("20".to_owned()),
            ..Parameter::default()
        };
        Playbook {
            // The level is absolute: the same one twice pages the same people.
            parameter: self.asking([level]),
            // No answer says at which level it stands; the log says that somebody escalated it.
            verify: self.logs("escalate_log_entry"),
            ..self.change(
                "escalate",
                "Escalate to a level",
                "pages whoever is on call at that level",
                json!({ "escalation_level": "{{level}}" }),
            )
        }
    }

    fn reassign(&self) -> Playbook {
        let (user, id) = self.whom(Whom::Person);
        Playbook {
            class: Class::Change,
            verify: self.expects([("/incident/assignments/0/assignee/id", json!(id))]),
            parameter: self.asking([user]),
            ..self.change(
                "reassign",
                "Reassign",
                "pages that person; its policy pages nobody further",
                json!({ "assignments": [{ "assignee": { "id": id, "type": "user_reference" } }] }),
            )
        }
    }

    fn reassign_policy(&self) -> Playbook {
        let (policy, id) = self.whom(Whom::Policy);
        // The policy may be the one it has: that it pages by it again is proved by how it is assigned.
        let goes_on = [
            ("/incident/escalation_policy/id", json!(id)),
            ("/incident/assigned_via", json!("escalation_policy")),
        ];
        Playbook {
            class: Class::Change,
            verify: self.expects(goes_on),
            parameter: self.asking([policy]),
            ..self.change(
                "reassign-policy",
                "Reassign to a policy",
                "pages whoever is on call for that policy, level by level",
                json!({ "escalation_policy": { "id": id, "type": "escalation_policy_reference" } }),
            )
        }
    }

    fn priority(&self) -> Playbook {
        let known: Vec<String> =
            self.directory.priorities.iter().map(|it| it.name.raw().to_owned()).collect();
        let priority = Parameter { name: "priority".to_owned(), ..chosen(known) };
        Playbook {
            class: Class::Change,
            barred: self.directory.why_no_priorities(),
            verify: self.expects([("/incident/priority/summary", json!("{{priority}}"))]),
            parameter: self.asking([priority]),
            ..self.change(
                "priority",
                "Set priority",
                "changes how urgent others take it to be",
                json!({ "priority": "{{priority}}" }),
            )
        }
    }

    fn snooze(&self) -> Playbook {
        let span = Parameter {
            name: "for".to_owned(),
            title: Some("how long".to_owned()),
            kind: Kind::Duration,
            min: Some("1m".to_owned()),
            max: Some("7d".to_owned()),
            ..Parameter::default()
        };
        Playbook {
            class: Class::Change,
            parameter: self.asking([span]),
            verify: self.logs("snooze_log_entry"),
            ..self.call(
                "snooze",
                "Snooze",
                "pages nobody until then",
                "POST",
                "/snooze",
                json!({ "duration": "{{for.seconds}}" }),
            )
        }
    }

    fn note(&self) -> Playbook {
        Playbook {
            parameter: self.asking([said("text", "what it says")]),
            verify: self.lists("/notes", "/notes", "/created_at", [("/content", "{{text}}")], "/user/id"),
            ..self.call(
                "note",
                "Add a note",
                "everybody who sees it there reads it",
                "POST",
                "/notes",
                json!({ "note": { "content": "{{text}}" } }),
            )
        }
    }

    fn merge(&self) -> Playbook {
        let into =
            Parameter { name: "into".to_owned(), title: Some("id of the one that stays".to_owned()), ..id() };
        let merge = self.call(
            "merge",
            "Merge into another",
            "closes it there; its alerts go to the other one, which is looked up",
            "PUT",
            "",
            json!({ "source_incidents": [{ "id": "{{pd_id}}", "type": "incident_reference" }] }),
        );
        let path = "/incidents/{{into}}/merge".to_owned();
        let mut stays = Call { path: "/incidents/{{into}}".to_owned(), ..self.looks() };
        stays.refuse.insert("/incident/id".to_owned(), json!("{{pd_id}}"));
        let carry = merge.carry.http.clone().map(|call| Call { path, ..call }).unwrap_or_default().into();
        Playbook {
            class: Class::Change,
            confirm: Confirm::TypeTarget,
            verify: self.expects([("/incident/status", json!("resolved"))]),
            parameter: self.asking([into]),
            carry,
            // What stays is looked at: what closes is the incident one stands in, and its id is typed.
            lookup: Some(stays.into()),
            ..merge
        }
    }

    fn responders(&self, whom: Whom) -> Playbook {
        let (target, id) = self.whom(whom);
        let mut asked = vec![target, said("message", "what they are asked")];
        let requester = match self.directory.me() {
            Some(me) => me.id.clone(),
            None => {
                let title = Some("id of the user who asks".to_owned());
                asked.push(Parameter { name: "requester".to_owned(), title, ..self::id() });
                "{{requester}}".to_owned()
            }
        };
        let (verb, title, blast, kind, list, at) = match whom {
            Whom::Person => (
                "responders",
                "Request a responder",
                "pages that person to come and help",
                "user_reference",
                "/incident/incidents_responders",
                "/user/id",
            ),
            Whom::Policy => (
                "responders-policy",
                "Request a policy's responders",
                "pages whoever is on call for that policy to come and help",
                "escalation_policy_reference",
                "/incident/responder_requests",
                "/responder_request_targets/0/responder_request_target/id",
            ),
        };
        let target = json!({ "responder_request_target": { "id": id, "type": kind } });
        let asks = [(at, id), ("/message", "{{message}}")];
        Playbook {
            barred: self.directory.why_no_responders(),
            parameter: self.asking(asked),
            verify: self.lists("", list, "/requested_at", asks, "/requester/id"),
            ..self.call(
                verb,
                title,
                blast,
                "POST",
                "/responder_requests",
                json!({
                    "requester_id": requester, "message": "{{message}}",
                    "responder_request_targets": [target],
                }),
            )
        }
    }

    /// Nothing lists what was sent: it is accepted, and never more.
    fn status_update(&self) -> Playbook {
        Playbook {
            parameter: self.asking([said("message", "what stakeholders read")]),
            ..self.call(
                "status-update",
                "Send a status update",
                "mails everybody who subscribed to it",
                "POST",
                "/status_updates",
                json!({ "message": "{{message}}" }),
            )
        }
    }

    /// Changes a field of the incident itself.
    fn change(&self, verb: &str, title: &str, blast: &str, mut fields: Value) -> Playbook {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("type".to_owned(), "incident_reference".into());
        }
        self.call(verb, title, blast, "PUT", "", json!({ "incident": fields }))
    }

    fn call(&self, verb: &str, title: &str, blast: &str, method: &str, path: &str, json: Value) -> Playbook {
        let mut headers = self.headers();
        headers.insert("From".to_owned(), self.from.unwrap_or("{{from}}").to_owned());
        let call = Call {
            api: self.api.to_owned(),
            method: Some(method.to_owned()),
            path: format!("{INCIDENT}{path}"),
            headers,
            json: Some(json),
            ..Call::default()
        };
        let (id, title) = (format!("{}/{verb}", self.name), format!("{title} ({})", self.name));
        Playbook {
            when: Query::parse(&format!("source:{} label:pd_id", self.name)).unwrap_or_default(),
            target: Some(TARGET.to_owned()),
            class: Class::Tell,
            confirm: Confirm::Enter,
            parameter: self.asking([]),
            lookup: Some(self.looks().into()),
            carry: call.into(),
            ..Playbook::new(id, title, blast)
        }
    }

    /// What is resolved there is refused: almost any change would open it again.
    fn looks(&self) -> Call {
        let show = ["/incident/title", "/incident/status", "/incident/assignments/0/assignee/summary"];
        Call {
            show: show.map(str::to_owned).to_vec(),
            refuse: [("/incident/status".to_owned(), json!("resolved"))].into(),
            ..self.reads()
        }
    }

    fn expects<const N: usize>(&self, all: [(&str, Value); N]) -> Option<Carry> {
        let expect = all.map(|(at, value)| (at.to_owned(), value)).into();
        Some(Call { expect, within: Some(Span::secs(30)), ..self.reads() }.into())
    }

    /// The log of an incident says that this was done.
    fn logs(&self, kind: &str) -> Option<Carry> {
        let path = "/log_entries?limit=100&since={{quell.since}}";
        self.lists(path, "/log_entries", "/created_at", [("/type", kind)], "/agent/id")
    }

    /// Of a list that is read afterwards, an element has these values, came to be since this was planned, and is by
    /// whoever asked, where that is known.
    fn lists<const N: usize>(
        &self,
        path: &str,
        list: &str,
        since: &str,
        has: [(&str, &str); N],
        by: &str,
    ) -> Option<Carry> {
        let by = self.asker().map(|me| (by, me.id.as_str()));
        let has = has.into_iter().chain(by).map(|(at, value)| (at.to_owned(), json!(value)));
        let meant = Meant {
            list: Some(list.to_owned()),
            among: has.collect(),
            since: [(since.to_owned(), "{{quell.since}}".to_owned())].into(),
            listed: None,
        };
        let path = format!("{INCIDENT}{path}");
        Some(Call { path, meant, within: Some(Span::secs(30)), ..self.reads() }.into())
    }

    /// The key's user, where it is asked on their behalf.
    fn asker(&self) -> Option<&Me> {
        self.directory.me().filter(|me| self.from == Some(me.email.as_str()))
    }

    fn reads(&self) -> Call {
        Call {
            api: self.api.to_owned(),
            path: INCIDENT.to_owned(),
            headers: self.headers(),
            ..Call::default()
        }
    }

    fn headers(&self) -> BTreeMap<String, String> {
        [("Accept".to_owned(), ACCEPT.to_owned())].into()
    }

    /// The incident that is meant, what a verb asks for besides, and on whose behalf where nobody said it.
    fn asking(&self, besides: impl IntoIterator<Item = Parameter>) -> Vec<Parameter> {
        let target = Parameter {
            name: TARGET.to_owned(),
            title: Some("incident there".to_owned()),
            from: Some("label:pd_id".to_owned()),
            ..id()
        };
        let from = self.from.is_none().then(|| Parameter {
            name: "from".to_owned(),
            title: Some("your address at PagerDuty".to_owned()),
            allow: Some(ADDRESS.to_owned()),
            allow_says: Some("a mail address".to_owned()),
            ..Parameter::default()
        });
        std::iter::once(target).chain(besides).chain(from).collect()
    }

    /// One of those on call, or one of the policies, where they are known, else by id; and what stands for the id in a
    /// template.
    fn whom(&self, whom: Whom) -> (Parameter, &'static str) {
        let (name, title, choices, picked, typed) = match whom {
            Whom::Person => ("user", "who", self.directory.people(), "{{user.id}}", "{{user}}"),
            Whom::Policy => {
                ("policy", "which policy", self.directory.policies(), "{{policy.id}}", "{{policy}}")
            }
        };
        let (parameter, id) =
            if choices.is_empty() { (self::id(), typed) } else { (chosen(choices), picked) };
        (Parameter { name: name.to_owned(), title: Some(title.to_owned()), ..parameter }, id)
    }
}

/// One of these; any text where they are not known.
fn chosen(choices: Vec<String>) -> Parameter {
    match choices.is_empty() {
        true => Parameter {
            allow: Some(".{1,100}".to_owned()),
            allow_says: Some("1 to 100 plain characters".to_owned()),
            ..Parameter::default()
        },
        false => Parameter { kind: Kind::Choice, choices, ..Parameter::default() },
    }
}

fn id() -> Parameter {
    let allow_says = Some(ID_SAYS.to_owned());
    Parameter { allow: Some(ID.to_owned()), allow_says, ..Parameter::default() }
}

/// A text somebody writes.
fn said(name: &str, title: &str) -> Parameter {
    let allow = Some(r"[^\x00-\x1f]{1,2000}".to_owned());
    let allow_says = Some("one line of at most 2000 characters".to_owned());
    let title = Some(title.to_owned());
    Parameter { name: name.to_owned(), title, allow, allow_says, ..Parameter::default() }
}
