//! Saying to those outside what goes on, planned to the letter.

mod posting;
mod written;

use std::collections::BTreeMap;

use super::Engine;
use super::plans::refused;
use crate::backend::{Applicable, Refusal, RefusalKind};
use crate::domain::action::Verb;
use crate::domain::bulletin::lint::{self, Context, Finding, Rule};
use crate::domain::bulletin::render::render;
use crate::domain::bulletin::{Audience, Bulletin, Outlet, Part, Posting, Reach, VerificationCode};
use crate::domain::incident::Incident;
use crate::domain::parameter::{Kind, Origin};
use crate::domain::plan::{Plan, Publication, Request, Value};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::os::random;
use written::{basis, warnings, written};

impl Engine {
    /// A bulletin for each audience that reads somewhere.
    pub(super) fn bulletins(&self, incident: &Incident) -> Vec<Applicable> {
        let offer = |outlet: &Outlet| Applicable {
            verb: Verb::Publish { audience: outlet.audience },
            title: format!("Bulletin to {}", outlet.audience.word()),
            blast: format!("posts to {}", outlet.to.join(", ")),
            asked: Vec::new(),
            target: None,
            steps: Vec::new(),
            barred: is_over(incident, outlet.audience).then(|| OVER.to_owned()),
            suggested: false,
        };
        self.0.setup.bulletins.outlets.iter().map(offer).collect()
    }

    pub(super) async fn plan_bulletin(
        &self,
        incident: &Incident,
        audience: Audience,
        given: &BTreeMap<String, Outside>,
    ) -> Result<Plan, Refusal> {
        let settings = &self.0.setup.bulletins;
        let outlet = settings.outlet(audience).ok_or_else(|| {
            let word = audience.word();
            Refusal::new(
                RefusalKind::Usage,
                format!("nothing says where {word} read; add a [[bulletin]] with audience = \"{word}\""),
            )
        })?;
        if is_over(incident, audience) {
            return Err(refused(OVER));
        }
        let now = self.now();
        let bulletin = written(incident, audience, given, now)?;
        let code = match &incident.code {
            Some(code) => code.clone(),
            None => {
                VerificationCode::from_random(random::bytes().map_err(|fault| refused(fault.detail.raw()))?)
            }
        };
        let publication = self.publication(incident, outlet, bulletin, code)?;
        let findings = self.findings(incident, &publication, now).await;
        if !findings.is_empty() {
            let differences = findings
                .iter()
                .map(|it| format!("{}, {}: {}; {}", it.part.word(), it.rule.word(), it.message, it.remedy))
                .collect();
            return Err(Refusal { differences, ..refused("the bulletin may not leave like this") });
        }
        let parameters: BTreeMap<String, Value> = given
            .iter()
            .map(|(name, value)| {
                (name.clone(), Value { value: value.clone(), origin: Origin::Person, kind: Kind::String })
            })
            .collect();
        let verb = Verb::Publish { audience };
        let number = incident.bulletins.len() + 1;
        let (basis, key) =
            (basis(incident, &verb, &parameters), format!("{}/bulletin/{number}", incident.id));
        let plan = Plan {
            title: format!("Bulletin {number} to {}", audience.word()),
            parameters,
            warnings: warnings(incident, &publication, &settings.cadence, now),
            blast: format!("{} on {}", read_by(audience), outlet.to.join(", ")),
            ..Plan::of(verb, Request::Publish(publication), basis, key, now)
        };
        Ok(plan.seal())
    }

    /// What each channel of the outlet would post.
    fn publication(
        &self,
        incident: &Incident,
        outlet: &Outlet,
        bulletin: Bulletin,
        code: VerificationCode,
    ) -> Result<Publication, Refusal> {
        let number = u32::try_from(incident.bulletins.len() + 1).unwrap_or(u32::MAX);
        let posting = |channel: &String| self.posting(incident, number, &bulletin, &code, channel);
        let postings = outlet.to.iter().map(posting).collect::<Result<_, Refusal>>()?;
        Ok(Publication { bulletin, code, postings })
    }

    /// What one channel posts, to the letter.
    fn posting(
        &self,
        incident: &Incident,
        number: u32,
        bulletin: &Bulletin,
        code: &VerificationCode,
        channel: &str,
    ) -> Result<Posting, Refusal> {
        let checked_at = self.0.setup.bulletins.rules.checked_at();
        let letter = render(bulletin, self.reach(channel)?, code, checked_at);
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Posting {
            channel: channel.to_owned(),
            incident: incident.id.clone(),
            number,
            key: format!("{}/bulletin/{number}/{channel}", incident.id),
            audience: bulletin.audience,
            status: bulletin.status,
            subject: letter.subject,
            body: letter.body,
            series: incident.series_before(place, bulletin.audience, channel).cloned(),
        })
    }

    fn reach(&self, channel: &str) -> Result<Reach, Refusal> {
        let reach = self.0.setup.reaches.get(channel).copied();
        reach.ok_or_else(|| refused(format!("the channel {channel} carries no bulletins")))
    }

    /// Everything the publication may not leave with, on whichever channel.
    async fn findings(&self, incident: &Incident, publication: &Publication, now: Time) -> Vec<Finding> {
        let Publication { bulletin, code, postings } = publication;
        let context = Context::of(incident, bulletin.audience, code.clone(), now);
        let rules = &self.0.setup.bulletins.rules;
        let mut findings: Vec<Finding> = Vec::new();
        for posting in postings {
            let Ok(reach) = self.reach(&posting.channel) else { continue };
            let letter = render(bulletin, reach, code, rules.checked_at());
            for finding in lint::lint(bulletin, &letter, reach, rules, &context) {
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
        if bulletin.audience.needs_code() {
            // What its writer has read, its readers may not.
            let veil = self.veil_now(None, incident).await;
            for (part, text) in bulletin.written() {
                findings.extend(veil.said_in(text).into_iter().map(|label| sensitive(part, label)));
            }
        }
        findings
    }
}

/// Who reads a bulletin, as a sentence begins.
fn read_by(audience: Audience) -> String {
    match audience {
        Audience::Users | Audience::Partners => format!("{} read it", audience.word()),
        Audience::Public | Audience::Regulator => format!("the {} reads it", audience.word()),
        Audience::Internal => "people inside read it".to_owned(),
    }
}

fn sensitive(part: Part, label: &str) -> Finding {
    Finding {
        rule: Rule::Secrets,
        part,
        message: format!("what is sensitive, the value of {}", Outside::new(label).safe()),
        remedy: "remove it: this is read outside the house".to_owned(),
    }
}

const OVER: &str = "the incident is closed, and these readers wait for no last word";

/// Whether there is nothing left to say: who was told of it is told of its end, however late.
fn is_over(incident: &Incident, audience: Audience) -> bool {
    incident.is_closed() && !incident.open_series().iter().any(|(_, waits)| *waits == audience)
}
