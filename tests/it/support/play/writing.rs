//! What that engine makes of forms: bulletins, packets, reports.

use std::collections::BTreeMap;
use std::sync::Arc;

use quell::backend::Report;
use quell::domain::action::Verb;
use quell::domain::bulletin::render::render;
use quell::domain::bulletin::{
    Audience, Bulletin, Outlet, Posting, Reach, Settings, Status, VerificationCode,
};
use quell::domain::escalation::Path;
use quell::domain::id::IncidentId;
use quell::domain::incident::Incident;
use quell::domain::opening::Opening;
use quell::domain::packet::{Fact, Item, Packet, Whence};
use quell::domain::plan::{Basis, Plan, Publication, Request};
use quell::domain::playbook::Confirm;
use quell::domain::record::{BulletinStarted, Entry};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time, whole_minute};

use super::Engine;
use crate::support::board::{at, id, person, record};

/// How the channels of bulletins reach their readers.
pub fn reaches() -> BTreeMap<String, Reach> {
    [("mailer", Reach::PerRecipient), ("status-page", Reach::Broadcast)]
        .map(|(name, reach)| (name.to_owned(), reach))
        .into()
}

fn outlet(audience: Audience, to: &[&str]) -> Outlet {
    let to = to.iter().map(|name| (*name).to_owned()).collect();
    Outlet { audience, to, templates: Default::default() }
}

fn settings(outlets: Vec<Outlet>) -> Settings {
    let mut settings = Settings { outlets, ..Settings::default() };
    settings.rules.links = vec!["status.example.com".to_owned()];
    settings
}

/// Users read mail and the status page, partners mail.
pub fn told_by_mail() -> Settings {
    settings(vec![
        outlet(Audience::Users, &["mailer", "status-page"]),
        outlet(Audience::Partners, &["mailer"]),
    ])
}

/// Users read the status page; nobody else is told.
pub fn broadcast() -> Settings {
    settings(vec![outlet(Audience::Users, &["status-page"])])
}

/// What is written down before a bulletin leaves.
pub fn started(publication: &Publication) -> Entry {
    Entry::BulletinStarted(BulletinStarted {
        number: publication.postings[0].number,
        bulletin: Box::new(publication.bulletin.clone()),
        code: publication.code.clone(),
        to: publication.postings.iter().map(|posting| posting.channel.clone()).collect(),
    })
}

impl Engine {
    pub(super) fn publication(
        &self,
        incident: &Incident,
        audience: Audience,
        values: &BTreeMap<String, Outside>,
        now: Time,
    ) -> Plan {
        let text = |name: &str| values.get(name).cloned().unwrap_or_default();
        let next =
            values.get("next").map(|next| whole_minute(now + Span::parse(next.raw()).unwrap().delta()));
        let bulletin = Bulletin {
            audience,
            status: Status::parse(text("status").raw()).unwrap(),
            headline: text("headline"),
            happened: text("happened"),
            impact: text("impact"),
            todo: text("todo"),
            next_at: next,
        };
        let code = incident.code.clone().unwrap_or_else(|| VerificationCode::from_random([7; 8]));
        let number = u32::try_from(incident.bulletins.len() + 1).unwrap();
        let outlet = self.bulletins.outlet(audience).unwrap();
        let posting = |channel: &String| {
            let letter = render(&bulletin, reaches()[channel], &code, self.bulletins.rules.checked_at());
            Posting {
                channel: channel.clone(),
                incident: incident.id.clone(),
                number,
                key: format!("{}/bulletin/{number}/{channel}", incident.id),
                audience,
                status: bulletin.status,
                subject: letter.subject,
                body: letter.body,
                series: None,
            }
        };
        let postings = outlet.to.iter().map(posting).collect();
        Plan {
            hash: Default::default(),
            verb: Verb::Publish { audience },
            title: format!("Bulletin {number} to {}", audience.word()),
            target: None,
            parameters: BTreeMap::new(),
            request: Request::Publish(Publication { bulletin, code, postings }),
            look_up: None,
            verify: None,
            undone_by: None,
            blast: format!("{} read it on {}", audience.word(), outlet.to.join(", ")),
            confirm: Confirm::Enter,
            approvals: 0,
            approval_because: Vec::new(),
            caps: Vec::new(),
            room: None,
            before: Vec::new(),
            idempotent: false,
            key_lifetime: None,
            key: format!("{}/bulletin/{number}", incident.id),
            warnings: Vec::new(),
            basis: Basis {
                incident: incident.id.clone(),
                open: !incident.is_closed(),
                severity: incident.severity,
                owner: incident.owner.as_ref().map(|owner| owner.name.clone()),
                parameters: BTreeMap::new(),
                look_up: None,
                earlier: Vec::new(),
                ends: Vec::new(),
            },
            made_at: now,
        }
        .seal()
    }

    /// The start is known, order ids were found in three places, and whatever people filled in.
    pub(super) fn packet(&self, of: &IncidentId, path: &str) -> Packet {
        let incident = &self.incidents[of];
        let paths = Path::compiled_in();
        let names = &paths.iter().find(|it| it.id == path).unwrap().packet;
        let fact = |value: &str, whence| Fact { value: Outside::new(value), whence };
        let label = || Whence::Label {
            signal: Outside::new("OrderGatewayDown"),
            label: Outside::new("order_id"),
            cleared: None,
        };
        let item = |name: &String| {
            let values = match (incident.filled.get(name), name.as_str()) {
                (Some(filled), _) => {
                    let whence = Whence::Person { name: filled.by.clone(), at: filled.at };
                    vec![Fact { value: filled.value.clone(), whence }]
                }
                (None, "start time") => vec![fact("2026-11-20 14:01:22Z", Whence::Incident)],
                (None, "order ids") => vec![
                    fact("ord-7f3a91", label()),
                    fact("ord-7f3a92", Whence::Note { by: "ana".into(), at: at("14:03:00") }),
                ],
                _ => Vec::new(),
            };
            Item { name: name.clone(), required: true, values, more: 0 }
        };
        Packet { incident: of.clone(), path: path.into(), items: names.iter().map(item).collect(), unread: 0 }
    }

    pub(super) fn open(&mut self, report: &Report, now: Time) -> Arc<Incident> {
        let number = self.incidents.keys().map(IncidentId::number).max().unwrap_or(0) + 1;
        let opening = Opening {
            title: report.title.clone(),
            severity: report.severity,
            unmapped: false,
            category: report.category,
            service: report.service.clone(),
            group: None,
            signal: None,
            because: Outside::new("opened by ana"),
            labels: report.labels.clone().into(),
            ack_due: None,
            recurrence_of: None,
            reported: report.reported.clone().map(Box::new),
        };
        let record = record(number, now, person("ana"), Entry::Opened(Box::new(opening)));
        self.put(Incident::open(&record).unwrap());
        Arc::clone(&self.incidents[&id(number)])
    }
}
