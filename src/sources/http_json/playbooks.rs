//! What a backend of somebody's own can be asked about an incident, as its table says: looked up in its list first, sent
//! once, and read back from the list.

use serde_json::Value;

use super::{Ask, Settings};
use crate::domain::listing::{Listed, State};
use crate::domain::parameter::Parameter;
use crate::domain::plan::{HttpRequest, Meant};
use crate::domain::playbook::{Call, Carry, Class, Confirm, Playbook};
use crate::domain::query::Query;
use crate::domain::template;
use crate::domain::time::Span;

/// The incident there that is meant.
const TARGET: &str = "id";
/// What somebody writes.
const TEXT: &str = "text";
/// Where a look-up says the state, in words of ours.
const STATE: &str = "/state";

/// The label that says an incident's id at this source.
pub(super) fn id_label(source: &str) -> String {
    format!("{source}_id")
}

/// All of them, those that only tell first.
pub(super) fn all(settings: &Settings, list: &HttpRequest) -> Vec<Playbook> {
    let verbs = Verbs { settings, list };
    [verbs.acknowledge(), verbs.note(), verbs.resolve()].into_iter().flatten().collect()
}

struct Verbs<'a> {
    settings: &'a Settings,
    /// How the list is asked for.
    list: &'a HttpRequest,
}

impl Verbs<'_> {
    fn acknowledge(&self) -> Option<Playbook> {
        let ask = self.settings.acknowledge.as_ref()?;
        // Without a state there is nothing to be seen of it.
        let verify = self.settings.listing.state.as_ref().map(|_| self.expects(&State::Acknowledged));
        let playbook =
            self.asks(ask, "acknowledge", "Acknowledge", "tells everybody there that you hold it", "");
        Some(Playbook { class: Class::Tell, confirm: Confirm::Enter, verify, ..playbook })
    }

    fn note(&self) -> Option<Playbook> {
        let ask = self.settings.note.as_ref()?;
        let blast = "everybody who sees it there reads it";
        let playbook = self.asks(ask, "note", "Add a note", blast, "what it says");
        Some(Playbook { class: Class::Tell, confirm: Confirm::Enter, ..playbook })
    }

    fn resolve(&self) -> Option<Playbook> {
        let ask = self.settings.resolve.as_ref()?;
        let verify = Some(self.expects(&State::Resolved));
        let playbook = self.asks(ask, "resolve", "Resolve", "closes it there", "what resolved it");
        Some(Playbook { verify, ..playbook })
    }

    /// Sent once: a repeat could come after somebody has resolved it, and open it again.
    fn asks(&self, ask: &Ask, verb: &str, title: &str, blast: &str, text: &str) -> Playbook {
        let Settings { name, api, .. } = self.settings;
        let (id, title) = (format!("{name}/{verb}"), format!("{title} ({name})"));
        let call = Call {
            api: api.clone(),
            method: ask.method.clone(),
            path: ask.path.clone(),
            json: ask.json.clone(),
            ..Call::default()
        };
        let looks = Call {
            show: ["/title", STATE].map(str::to_owned).to_vec(),
            refuse: [(STATE.to_owned(), State::Resolved.word().into())].into(),
            ..self.reads()
        };
        Playbook {
            when: Query::parse(&format!("source:{name} label:{}", id_label(name))).unwrap_or_default(),
            target: Some(TARGET.to_owned()),
            parameter: std::iter::once(self.target()).chain(says(ask).then(|| said(text))).collect(),
            lookup: Some(looks.into()),
            carry: call.into(),
            ..Playbook::new(id, title, blast)
        }
    }

    fn target(&self) -> Parameter {
        Parameter {
            name: TARGET.to_owned(),
            title: Some("incident there".to_owned()),
            from: Some(format!("label:{}", id_label(&self.settings.name))),
            allow: Some(r"[^\p{C}]{1,128}".to_owned()),
            ..Parameter::default()
        }
    }

    fn expects(&self, state: &State) -> Carry {
        let expect = [(STATE.to_owned(), Value::from(state.word()))].into();
        Call { expect, within: Some(Span::secs(30)), ..self.reads() }.into()
    }

    /// The list, and in it the one that is meant.
    fn reads(&self) -> Call {
        let listed = Listed { listing: self.settings.listing.clone(), id: format!("{{{{{TARGET}}}}}") };
        Call {
            api: self.settings.api.clone(),
            path: self.settings.path.clone(),
            headers: self.list.headers.clone(),
            meant: Meant { listed: Some(listed), ..Meant::default() },
            ..Call::default()
        }
    }
}

/// Whether a text is asked for.
fn says(ask: &Ask) -> bool {
    ask.names().is_ok_and(|names| names.iter().any(|name| name == TEXT))
}

/// A text somebody writes.
fn said(title: &str) -> Parameter {
    let allow = Some(r"[^\x00-\x1f]{1,2000}".to_owned());
    Parameter { name: TEXT.to_owned(), title: Some(title.to_owned()), allow, ..Parameter::default() }
}

impl Ask {
    /// The names its templates use.
    ///
    /// # Errors
    /// A sentence when braces do not match.
    pub fn names(&self) -> Result<Vec<String>, String> {
        let mut names = template::names(&self.path)?;
        if let Some(json) = &self.json {
            names.extend(template::json_names(json)?);
        }
        Ok(names)
    }
}
