//! How what people do moves an incident.

use super::{Illegal, Incident, Owner, illegal};
use crate::domain::action::Verb;
use crate::domain::escalation::Stopped;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Entry, Impact, Record};
use crate::domain::text::Outside;

impl Incident {
    pub(super) fn apply_work(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            Entry::Noted { text } if text.raw().trim().is_empty() => return illegal("a note needs words"),
            Entry::Noted { .. } => {}
            _ if self.phase == Phase::Closed => return illegal("it is closed; only notes can be added"),
            Entry::Acknowledged { lasts_s, from } => {
                let Some(name) = record.by.person() else { return illegal("only a person acknowledges") };
                match &self.owner {
                    Some(owner) if owner.name == name => {}
                    Some(owner) if from.as_ref() != Some(&owner.name) => {
                        return illegal(format!("{} holds it; taking over must name them", owner.name));
                    }
                    _ => {}
                }
                let until = record.at + chrono::TimeDelta::seconds(i64::try_from(*lasts_s).unwrap_or(0));
                self.owner =
                    Some(Owner { name: name.to_owned(), since: record.at, until, lasts_s: *lasts_s });
                self.stop_paths(&Stopped::Acknowledged(name.to_owned()));
            }
            Entry::AckExpired { owner } => match &self.owner {
                Some(held) if held.name == *owner && held.until <= record.at => {
                    self.owner = None;
                    self.resume_paths(record.at);
                }
                _ => return illegal(format!("{owner} does not hold it any more, or has acted since")),
            },
            Entry::LeadNamed { name } if name.raw().trim().is_empty() => {
                return illegal("a lead needs a name");
            }
            Entry::LeadNamed { name } => self.lead = Some(name.clone()),
            Entry::ImpactAssessed { impact } => {
                match impact {
                    Impact::Users { min, max } if min > max => return illegal("the range is upside down"),
                    Impact::Unknown { because } if because.raw().trim().is_empty() => {
                        return illegal("unknown needs a because");
                    }
                    _ => {}
                }
                self.impact = Some(impact.clone());
            }
            Entry::SeveritySet { severity } => {
                self.severity = *severity;
                self.severity_set = true;
            }
            Entry::CategorySet { category } => {
                self.category = *category;
                self.category_set = true;
            }
            Entry::PhaseMoved { to, waived } => self.move_phase(*to, has_words(waived.as_ref()))?,
            Entry::Closed { reason, note } => self.close(*reason, has_words(note.as_ref()), record)?,
            _ => {}
        }
        Ok(())
    }

    /// What the gates between here and `to` still need, one line each. Back is free.
    pub fn missing_for(&self, to: Phase) -> Vec<&'static str> {
        let leaves = |phase: Phase| self.phase <= phase && phase < to;
        let mut missing = Vec::new();
        if leaves(Phase::Identify) {
            if !self.severity_set {
                missing.push("severity confirmed (S)");
            }
            if !self.category_set {
                missing.push("category confirmed (C)");
            }
            if self.impact.is_none() {
                missing.push("impact assessed (I)");
            }
            if self.lead.is_none() {
                missing.push("a response lead (L)");
            }
        }
        if leaves(Phase::Contain) {
            use crate::domain::action::Contained;
            if self.contained() != Contained::Verified {
                missing.push("a verified containment, or why none is needed");
            }
        }
        missing
    }

    fn move_phase(&mut self, to: Phase, waived: bool) -> Result<(), Illegal> {
        if to == self.phase {
            return illegal(format!("it is in {} already", to.title()));
        }
        if to >= Phase::Review {
            return illegal("closing it with a reason is how it gets there");
        }
        let missing = self.missing_for(to);
        if to > self.phase && !missing.is_empty() && !waived {
            return illegal(format!("missing: {}", missing.join(", ")));
        }
        self.phase = to;
        self.closed = None;
        Ok(())
    }

    /// Why ending it for this reason needs a person's own words; `None` when it does not.
    pub fn closing_needs_words(&self, reason: CloseReason) -> Option<String> {
        let contained = self.actions.values().any(|a| matches!(a.plan.verb, Verb::Contain { .. }));
        let missing = self.missing_for(Phase::Review);
        match self.firing() {
            0 if reason != CloseReason::Resolved && contained => {
                Some("after a containment this needs a reason in words".to_owned())
            }
            0 if reason == CloseReason::Resolved && !missing.is_empty() => {
                Some(format!("missing: {}; a reason in words waives it", missing.join(", ")))
            }
            0 => None,
            1 => Some("its signal still fires; say in words why it ends all the same".to_owned()),
            firing => {
                Some(format!("{firing} of its signals still fire; say in words why it ends all the same"))
            }
        }
    }

    fn close(&mut self, reason: CloseReason, noted: bool, record: &Record) -> Result<(), Illegal> {
        let by_person = record.by.person().is_some();
        if let Some(open) = self.actions.values().find(|action| action.stage.is_open()) {
            return illegal(format!(
                "action #{} is {}; it must be settled first",
                open.id,
                open.stage.word()
            ));
        }
        if !by_person && (self.touched || self.firing() > 0) {
            return illegal("somebody looks at it, or a signal fires again");
        }
        if reason == CloseReason::Resolved && self.phase == Phase::Review {
            return illegal("it is in Review already");
        }
        if by_person
            && !noted
            && let Some(why) = self.closing_needs_words(reason)
        {
            return illegal(why);
        }
        self.phase = if reason == CloseReason::Resolved { Phase::Review } else { Phase::Closed };
        self.closed = Some((reason, record.at));
        self.stop_paths(&Stopped::Ended);
        Ok(())
    }
}

fn has_words(text: Option<&Outside>) -> bool {
    text.is_some_and(|text| !text.raw().trim().is_empty())
}
