//! What a person did at the confirmation of a plan, and whether that confirms it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Refusal, RefusalKind};
use crate::domain::identity::{Signature, Signing};
use crate::domain::plan::{Plan, PlanHash, Request};
use crate::domain::playbook::together;
use crate::domain::text::Outside;

/// What the person did at the confirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The target as typed, where that was asked for; of several at once, the playbook and how many there are.
    pub typed: Option<Outside>,
    /// The plans that are confirmed at once, this one among them; none where it is confirmed by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<PlanHash>,
    /// The extra prompt "this may happen twice" was answered.
    pub twice: bool,
    /// Why it cannot wait for the second person it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<Outside>,
    /// The person's, over the [`Statement`](crate::domain::identity::Statement) of what is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

impl Confirmation {
    /// Whether this confirms that plan: what is typed names its target, whether or not it had to be typed; of several
    /// plans at once, their playbook and how many they are.
    ///
    /// # Errors
    /// What was typed instead, or what must be typed.
    pub fn confirms(&self, plan: &Plan) -> Result<(), Refusal> {
        let refused = |what: String| Err(Refusal::new(RefusalKind::Refused, what));
        if !self.together.is_empty() {
            return match self.confirms_together(plan) {
                true => Ok(()),
                false => refused(format!("several {} at once were not confirmed", plan.verb.of())),
            };
        }
        let is_target = |typed: &Outside| plan.target.as_ref().is_some_and(|(_, target)| typed == target);
        match (&self.typed, plan.named_by()) {
            (None, named) => match plan.typed_target().and(named) {
                None => Ok(()),
                Some((named, word)) => {
                    let (what, word) = (named.words(), word.exact());
                    let what = format!("this needs {what} typed: --confirm-target {word}");
                    Err(Refusal::new(RefusalKind::Usage, what))
                }
            },
            (Some(typed), Some((_, word))) if *typed == word || is_target(typed) => Ok(()),
            (Some(typed), Some((named, word))) => {
                refused(format!("typed {}, but {} is {}", typed.exact(), named.words(), word.exact()))
            }
            (Some(typed), None) => refused(format!("typed {}, but this names no target", typed.exact())),
        }
    }
    /// Whether a request for that plan is signed.
    pub fn signing(&self, plan: &Plan) -> Signing {
        match plan.request {
            Request::Tell(_) | Request::Publish(_) => Signing::Never,
            Request::Http(_) | Request::Exec(_) if plan.approvals == 0 || self.break_glass.is_some() => {
                Signing::IfSoon
            }
            Request::Http(_) | Request::Exec(_) => Signing::Needed,
        }
    }

    fn confirms_together(&self, plan: &Plan) -> bool {
        let count = self.together.iter().collect::<BTreeSet<_>>().len();
        let wanted = together(plan.verb.of(), count);
        count == self.together.len()
            && count > 1
            && self.together.contains(&plan.hash)
            && self.typed.as_ref().is_some_and(|typed| typed.raw() == wanted)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::action::Verb;
    use crate::domain::id::IncidentId;
    use crate::domain::parameter::{Kind, Origin};
    use crate::domain::plan::{Basis, HttpRequest, LookUp, Value};
    use crate::domain::playbook::Confirm;
    use crate::domain::severity::Severity;
    use crate::domain::time::Time;

    const MATCHERS: &str = "alertname=Lag,service=orders";

    fn call() -> HttpRequest {
        let (api, method, url) = ("am".to_owned(), "GET".to_owned(), "http://127.0.0.1/".to_owned());
        HttpRequest { api, method, url, headers: BTreeMap::new(), body: None, instead: Vec::new() }
    }

    /// A silence that hides so many alerts, where that was counted.
    fn silence(hits: Option<u32>) -> Plan {
        let basis = Basis {
            incident: IncidentId::new("INC", 7),
            open: true,
            severity: Severity::High,
            owner: None,
            parameters: BTreeMap::new(),
            look_up: None,
            earlier: Vec::new(),
            ends: Vec::new(),
        };
        let verb = Verb::Upstream { playbook: "am/silence".into() };
        let value = Value { value: Outside::new(MATCHERS), origin: Origin::Person, kind: Kind::Matchers };
        Plan {
            target: Some(("matchers".into(), Outside::new(MATCHERS))),
            parameters: BTreeMap::from([("matchers".into(), value)]),
            look_up: Some(LookUp { hits, ..LookUp::of(call().into()) }),
            confirm: Confirm::TypeTarget,
            ..Plan::of(verb, Request::Http(call()), basis, "k".into(), Time::UNIX_EPOCH)
        }
    }

    #[test]
    fn a_silence_is_confirmed_by_how_many_alerts_it_hides() {
        let typing = |word: &str| Confirmation { typed: Some(Outside::new(word)), ..Default::default() };
        let plan = silence(Some(14));
        assert_eq!(plan.typed_target(), Some(Outside::new("14")));
        for word in ["14", MATCHERS] {
            assert_eq!(typing(word).confirms(&plan), Ok(()), "{word}");
        }
        let refused = |typed: &Confirmation, plan| typed.confirms(plan).unwrap_err().message.raw().to_owned();
        assert_eq!(refused(&typing("15"), &plan), "typed 15, but how many alerts it hides is 14");
        assert_eq!(
            refused(&Confirmation::default(), &plan),
            "this needs how many alerts it hides typed: --confirm-target 14"
        );
        let plan = silence(None);
        assert_eq!(typing("INC-7").confirms(&plan), Ok(()), "what was not counted is named by its incident");
        assert_eq!(refused(&typing("14"), &plan), "typed 14, but the incident is INC-7");
    }
}
