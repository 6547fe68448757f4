//! A life of the hostile incident in which everything is said in its own words.

use quell::console::effect::Effect;
use quell::console::message::Message;
use quell::domain::action::{Outcome, Settlement, Verb};
use quell::domain::bulletin::{Audience, Bulletin, Status, VerificationCode};
use quell::domain::category::Category;
use quell::domain::classification::{Fact, Funds, Impact, Urgency};
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Receipt, Step};
use quell::domain::evidence::{Evidence, EvidenceKind};
use quell::domain::identity::{PublicKey, Signature};
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::operator::{Actor, Operator};
use quell::domain::phase::Phase;
use quell::domain::record::{
    BulletinAnswered, BulletinSeen, BulletinStarted, DeadlineMet, DeadlinePassed, DeadlineSet, Entry, Moving,
    PathArmed, StepSent, StepStarted, Tied,
};
use quell::domain::review::Item;
use quell::domain::role::Role;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Span;

use super::play::Play;
use super::{HARMLESS, HOSTILE};
use crate::support::board::{at, id, person};

impl Play {
    /// Everything that can happen to an incident, said in its own words.
    pub(super) fn live_through(&mut self) {
        let text = || Outside::new(self.text.as_str());
        let word = || self.text.clone();
        let ana = || person("ana");
        let bo = || person(&self.text);
        let channel = Receipt { channel: word(), accepted: true, detail: text() };
        let refused = Receipt { accepted: false, ..channel.clone() };
        let step = |after| Step { after: Span::mins(after), to: vec![word()] };
        let item = || Entry::ItemAdded {
            item: Item { text: text(), owner: text(), due: at("14:02:30"), check: text(), done: None },
        };
        let answered = |action, outcome| Entry::answered(action, outcome, text());
        let by_hand = |action, settlement| Entry::Settled { action, settlement, detail: text() };
        let classified = |fact| Entry::Classified { fact, because: Some(text()) };
        let due = |deadline, name: &str, due: &str| {
            Entry::DeadlineSet(DeadlineSet { deadline, name: name.to_owned(), title: text(), due: at(due) })
        };
        let bulletin = || {
            Box::new(Bulletin {
                audience: Audience::Users,
                status: Status::Investigating,
                headline: text(),
                happened: text(),
                impact: text(),
                todo: text(),
                next_at: None,
            })
        };
        let entries = vec![
            (ana(), Entry::PathArmed(PathArmed { path: word(), steps: vec![step(0), step(5)] })),
            (
                ana(),
                Entry::StepStarted(StepStarted {
                    path: word(),
                    step: 1,
                    resumes: false,
                    missing: Vec::new(),
                }),
            ),
            (ana(), Entry::StepSent(StepSent { path: word(), step: 1, receipts: vec![channel, refused] })),
            (
                ana(),
                Entry::Tied(Tied::TookIn {
                    said: quell::domain::sensitive::Said::new(),
                    from: id(HOSTILE + 900),
                    title: text(),
                    groups: vec![word()],
                    signals: Moving::new(),
                    paths: vec![word()],
                }),
            ),
            (
                ana(),
                Entry::Tied(Tied::Linked { with: id(HOSTILE + 901), came: Moving::new(), went: Vec::new() }),
            ),
            (ana(), Entry::MonitorTurned { monitor: word(), up: false, detail: text() }),
            (ana(), Entry::RoleTaken { role: Role::Lead, name: text(), from: None }),
            (ana(), Entry::ImpactAssessed { impact: Impact::Unknown { because: text() }, because: None }),
            (ana(), Entry::RoleTaken { role: Role::Commander, name: text(), from: None }),
            (ana(), Entry::RoleTaken { role: Role::Scribe, name: text(), from: None }),
            (bo(), Entry::RoleOffered { role: Role::Commander, to: Outside::new("ana") }),
            (bo(), Entry::RoleOffered { role: Role::Scribe, to: Outside::new(format!("to {}", self.text)) }),
            (bo(), Entry::SeveritySet { severity: Severity::Critical, because: Some(text()) }),
            (bo(), Entry::CategorySet { category: Category::Outage, because: Some(text()) }),
            (bo(), classified(Fact::Urgency(Urgency::Immediate))),
            (bo(), classified(Fact::Area(text()))),
            (bo(), classified(Fact::Environment(text()))),
            (bo(), classified(Fact::Funds(Funds::Unknown))),
            (bo(), Entry::PacketFilled { item: word(), value: text() }),
            (bo(), Entry::NothingToContain { because: text() }),
            (bo(), Entry::Mitigated { what: text() }),
            (Actor::Engine, Entry::HealthTurned { healthy: false, needs: Span::mins(10), detail: text() }),
            (bo(), due(DeadlineKind::Timer, "", "14:02:30")),
            (bo(), due(DeadlineKind::Timer, "", "14:30:00")),
            (Actor::Engine, due(DeadlineKind::Regulator, &self.text, "18:00:00")),
            (Actor::Engine, due(DeadlineKind::Partner, &self.text, "14:20:00")),
            (Actor::Engine, due(DeadlineKind::Bulletin, "users", "14:10:00")),
            (
                Actor::Engine,
                Entry::DeadlinePassed(DeadlinePassed {
                    deadline: DeadlineKind::Timer,
                    name: "1".into(),
                    due: at("14:02:30"),
                }),
            ),
            (
                bo(),
                Entry::DeadlineMet(DeadlineMet {
                    deadline: DeadlineKind::Timer,
                    name: "2".into(),
                    note: Some(text()),
                }),
            ),
            (
                bo(),
                Entry::BulletinStarted(BulletinStarted {
                    number: 1,
                    bulletin: bulletin(),
                    code: VerificationCode::from_random([3; 8]),
                    to: vec![word()],
                }),
            ),
            (
                Actor::Engine,
                Entry::BulletinAnswered(BulletinAnswered {
                    number: 1,
                    channel: word(),
                    outcome: Outcome::Accepted,
                    detail: text(),
                    reference: Some(text()),
                }),
            ),
            (
                Actor::Engine,
                Entry::BulletinSeen(BulletinSeen {
                    number: 1,
                    channel: word(),
                    visible: false,
                    detail: text(),
                }),
            ),
            (bo(), Entry::Noted { text: Outside::new(format!("hypothesis: {}", self.text)) }),
            (ana(), Entry::RootCauseFound { text: text() }),
            (ana(), item()),
            (ana(), item()),
            (bo(), Entry::ItemDone { item: 1, proof: text() }),
            (bo(), Entry::Noted { text: text() }),
            (
                bo(),
                Entry::PhaseMoved {
                    to: Phase::Mitigate,
                    waived: Some(Outside::new(format!("because {}", self.text))),
                },
            ),
            (
                ana(),
                Entry::BulletinStarted(BulletinStarted {
                    number: 2,
                    bulletin: bulletin(),
                    code: VerificationCode::from_random([3; 8]),
                    to: vec![word()],
                }),
            ),
            (
                ana(),
                Entry::BulletinAnswered(BulletinAnswered {
                    number: 2,
                    channel: word(),
                    outcome: Outcome::Unknown,
                    detail: text(),
                    reference: Some(text()),
                }),
            ),
            (
                ana(),
                Entry::DeadlineSet(DeadlineSet {
                    deadline: DeadlineKind::Bulletin,
                    name: word(),
                    title: text(),
                    due: at("14:20:00"),
                }),
            ),
            (ana(), Entry::NoticeRaised(Notice::new(NoticeKind::Upgraded, None, text()))),
            (bo(), Entry::NoticeDelivered { notice: 1, console: word(), how: word() }),
        ];
        let actions = vec![
            vec![answered(1, Outcome::Accepted), by_hand(1, Settlement::Verified)],
            vec![answered(2, Outcome::Refused)],
            vec![answered(3, Outcome::Unknown)],
        ];
        let hold = (bo(), Entry::Acknowledged { lasts_s: 1800, from: None });
        for (by, entry) in entries {
            // A blank text is refused here and there, as it would be by the engine.
            let done = self.engine.apply(HOSTILE, at("14:02:00"), by, entry.clone());
            assert!(done.is_ok() || self.text != HARMLESS, "{done:?}: {entry:?}");
        }
        for entries in actions {
            let verb = Verb::Contain { playbook: self.text.clone() };
            let parameters = [("account".to_owned(), Outside::new(self.text.as_str()))].into();
            let plan = Effect::Plan { id: id(HOSTILE), verb, parameters };
            let Some(Message::Planned { plan: Ok(plan), .. }) = self.engine.answer(&plan, at("14:02:00"))
            else {
                panic!("no plan")
            };
            let submit = Effect::Submit { hash: plan.hash, confirmation: Default::default() };
            self.engine.answer(&submit, at("14:02:10"));
            for entry in entries {
                self.engine.apply(HOSTILE, at("14:02:20"), person("ana"), entry).unwrap();
            }
        }
        let evidence = Evidence {
            sha256: "ab".repeat(32),
            bytes: 7,
            name: text(),
            kind: EvidenceKind::Capture { action: 1 },
            note: Some(text()),
        };
        let missed = Entry::CaptureMissed { action: 1, name: word(), because: text() };
        for entry in [Entry::EvidenceKept(evidence), missed] {
            self.engine.apply(HOSTILE, at("14:02:25"), Actor::Engine, entry).unwrap();
        }
        let kept = Entry::ContainmentKept { action: 1, because: text() };
        let done = self.engine.apply(HOSTILE, at("14:02:30"), bo(), kept);
        assert!(done.is_ok() || self.text != HARMLESS, "{done:?}");
        self.engine.apply(HOSTILE, at("14:03:00"), hold.0, hold.1).unwrap();
        self.asked();
    }
    /// A second person is asked, twice, by somebody with a name like that.
    fn asked(&mut self) {
        let key = PublicKey::new([7; 32]);
        let signature = Signature::new(key, at("14:03:00"), &[7; 64]);
        let by = Operator { key: Some(key.id()), ..Operator::new(&self.text, &self.text) };
        self.engine.approvals = 1;
        for account in [self.text.clone(), "88213".to_owned()] {
            let verb = Verb::Contain { playbook: self.text.clone() };
            let parameters = [("account".to_owned(), Outside::new(account))].into();
            let plan = Effect::Plan { id: id(HOSTILE), verb, parameters };
            let Some(Message::Planned { plan: Ok(plan), .. }) = self.engine.answer(&plan, at("14:03:01"))
            else {
                panic!("no plan")
            };
            let (until, signature) = (at("14:45:00"), signature.clone());
            let asked = Entry::ApprovalAsked { plan, until, typed: None, signature };
            self.engine.apply(HOSTILE, at("14:03:01"), Actor::Person(by.clone()), asked).unwrap();
        }
        self.engine.approvals = 0;
    }
}
