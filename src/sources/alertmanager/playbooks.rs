//! What an Alertmanager can be asked: a silence made, extended or ended.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Alertmanager, Settings};
use crate::domain::fault::Fault;
use crate::domain::parameter::{Kind, Parameter};
use crate::domain::plan::Meant;
use crate::domain::playbook::{Call, Carry, Confirm, Playbook};
use crate::net::{Api, ApiSettings};
use crate::sources::api_name;

/// What tells our silence from every other, also once somebody has edited it and its id is another.
const COMMENT: &str = "{{comment}} ({{incident.id}}, {{quell.key}})";
const STATE: &str = "/status/state";
const ALL: &str = "/api/v2/silences";
const ONE: &str = "/api/v2/silence/{{silence}}";

/// Every one of them.
pub(super) fn all(settings: &Settings) -> Vec<Playbook> {
    vec![silence(settings), extend(settings), expire(settings)]
}

fn silence(settings: &Settings) -> Playbook {
    let api = &api_name(&settings.name);
    let ours =
        || Call { meant: Meant { among: map([("/comment", COMMENT)]), ..Meant::default() }, ..get(api, ALL) };
    let matchers = Parameter { name: "matchers".into(), kind: Kind::Matchers, ..Parameter::default() };
    let comment = Parameter {
        name: "comment".into(),
        title: Some("why".into()),
        allow: Some(r"[^\p{C}]{3,200}".into()),
        allow_says: Some("3 to 200 characters".into()),
        ..Parameter::default()
    };
    let body = json!({
        "matchers": "{{matchers}}", "startsAt": "{{quell.now}}", "endsAt": "{{for.until}}",
        "createdBy": "{{quell.operator}}", "comment": COMMENT,
    });
    let hits = Call { most: Some(settings.silence_hits), ..get(api, "/api/v2/alerts?{{matchers.query}}") };
    let shown = Call {
        show: ["/createdBy", "/endsAt", STATE].map(str::to_owned).into(),
        refuse: map([(STATE, "expired")]),
        take: [("id", "/id")].map(pair).into(),
        ..ours()
    };
    let delete = Call {
        expect_after: map([(STATE, "expired")]),
        ..call(api, "DELETE", "/api/v2/silence/{{found.id}}")
    };
    Playbook {
        target: Some("matchers".into()),
        parameter: vec![matchers, duration(settings), comment],
        lookup: Some(carry(hits)),
        carry: carry(Call { json: Some(body), ..call(api, "POST", ALL) }),
        verify: Some(carry(Call { expect: map([(STATE, "active")]), ..ours() })),
        undo: Some(carry(delete)),
        undo_lookup: Some(carry(shown)),
        ..named(settings, "silence", "Silence", "nobody hears of the alerts that match, until it ends")
    }
}

fn extend(settings: &Settings) -> Playbook {
    let api = &api_name(&settings.name);
    let body = json!({
        "id": "{{found.id}}", "matchers": "{{found.matchers}}", "startsAt": "{{found.starts}}",
        "endsAt": "{{for.until}}", "createdBy": "{{found.by}}", "comment": "{{found.comment}}",
    });
    let take = [
        ("id", "/id"),
        ("matchers", "/matchers"),
        ("starts", "/startsAt"),
        ("by", "/createdBy"),
        ("comment", "/comment"),
        ("ends", "/endsAt"),
    ];
    // Whoever made it may have hidden more than could be hidden from here.
    let hits =
        Call { most: Some(settings.silence_hits), ..get(api, "/api/v2/alerts?{{found.matchers.query}}") };
    let found = Call {
        take: take.map(pair).into(),
        outlasts: Some("ends".to_owned()),
        counts: Some(Box::new(hits)),
        ..known(api)
    };
    // One that has not begun yet stays pending.
    let until = map([("/endsAt", "{{for.until}}")]);
    Playbook {
        parameter: vec![which(), duration(settings)],
        confirm: Confirm::Enter,
        lookup: Some(carry(found)),
        carry: carry(Call { json: Some(body), ..call(api, "POST", ALL) }),
        verify: Some(carry(Call { expect: until, ..get(api, ONE) })),
        ..named(settings, "extend-silence", "Extend the silence", "the silence ends so long from now")
    }
}

fn expire(settings: &Settings) -> Playbook {
    let api = &api_name(&settings.name);
    Playbook {
        parameter: vec![which()],
        confirm: Confirm::Enter,
        lookup: Some(carry(known(api))),
        carry: carry(call(api, "DELETE", ONE)),
        verify: Some(carry(Call { expect: map([(STATE, "expired")]), ..get(api, ONE) })),
        ..named(settings, "expire-silence", "End the silence", "what it kept quiet is heard again")
    }
}

fn named(settings: &Settings, verb: &str, title: &str, blast: &str) -> Playbook {
    let id = format!("{}/{verb}", settings.name);
    let title = format!("{title} at {}", settings.name);
    // Whose silences these are may depend on them, so that a plan shows them and holds for them alone.
    let headers: String =
        settings.headers.iter().map(|(name, value)| format!("; sent with {name}: {value}")).collect();
    Playbook { target: Some("silence".into()), ..Playbook::new(id, title, &format!("{blast}{headers}")) }
}

/// A silence that is there and not over.
fn known(api: &str) -> Call {
    let show = ["/matchers", "/createdBy", "/comment", "/endsAt"].map(str::to_owned).into();
    Call { show, refuse: map([(STATE, "expired")]), ..get(api, ONE) }
}

fn which() -> Parameter {
    Parameter {
        name: "silence".into(),
        from: Some("signal:silence".into()),
        allow: Some("[0-9a-fA-F-]{8,64}".into()),
        allow_says: Some("a silence's id: 8 to 64 of 0-9, a-f and -".into()),
        ..Parameter::default()
    }
}

fn duration(settings: &Settings) -> Parameter {
    let most = settings.silence_at_most;
    Parameter {
        name: "for".into(),
        kind: Kind::Duration,
        min: Some("1m".into()),
        max: Some(most.to_string()),
        default: Some(most.min(super::SILENCE_FOR).to_string()),
        ..Parameter::default()
    }
}

fn call(api: &str, method: &str, path: &str) -> Call {
    Call { api: api.to_owned(), method: Some(method.to_owned()), path: path.to_owned(), ..Call::default() }
}

fn get(api: &str, path: &str) -> Call {
    call(api, "GET", path)
}

fn carry(call: Call) -> Carry {
    Carry::from(call)
}

fn map<const N: usize>(pairs: [(&str, &str); N]) -> std::collections::BTreeMap<String, Value> {
    pairs.map(|(at, value)| (at.to_owned(), Value::from(value))).into()
}

fn pair((name, at): (&str, &str)) -> (String, String) {
    (name.to_owned(), at.to_owned())
}

impl Alertmanager {
    /// Silences spread from whichever peer takes them to the others.
    pub(super) fn cluster(&self) -> Result<Api, Fault> {
        let (name, urls) = (api_name(&self.settings.name), &self.settings.urls);
        let (login, connection) = (self.settings.login.clone(), self.settings.connection.clone());
        let (first, others) =
            urls.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let settings = ApiSettings { name, url: first.trim_end_matches('/').to_owned(), login, connection };
        let api = Api::new(&settings, self.environment)?.with_peers(others, Arc::clone(&self.up))?;
        let api = api.with_headers(&self.settings.headers)?;
        Ok(api.reading(super::words::meaning))
    }
}
