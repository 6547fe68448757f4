//! A whole response as its records tell it, every text from outside of the test's choosing.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use quell::domain::action::{Outcome, Settlement, Verb};
use quell::domain::bulletin::{Audience, Bulletin, Status, VerificationCode};
use quell::domain::category::Category;
use quell::domain::classification::{Fact, Funds, Impact};
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Receipt, Step};
use quell::domain::id::IncidentId;
use quell::domain::incident::Incident;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::opening::{Joining, Opening};
use quell::domain::operator::{Actor, Operator};
use quell::domain::phase::Phase;
use quell::domain::plan::{Basis, HttpRequest, Meant, Plan, Request, Verify};
use quell::domain::playbook::Confirm;
use quell::domain::record::{
    BulletinAnswered, BulletinSeen, BulletinStarted, CloseReason, DeadlineMet, DeadlinePassed, DeadlineSet,
    Entry, FORMAT, PathArmed, Record, StepMissed, StepSent, StepStarted,
};
use quell::domain::review::Item;
use quell::domain::role::Role;
use quell::domain::severity::Severity;
use quell::domain::signal::{Labels, Packed, SignalKey};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};

/// When it begins.
pub fn began() -> Time {
    "2026-11-20T14:01:22Z".parse().unwrap()
}

/// Which it is.
pub fn id() -> IncidentId {
    IncidentId::new("ANA", 42)
}

/// What records amount to.
pub fn fold(records: &[Record]) -> Incident {
    Incident::fold(records).unwrap().unwrap()
}

/// A response from the first alert to the closed review. Each text goes through `say` before it stands anywhere.
pub fn records(say: impl Fn(&str) -> String) -> Vec<Record> {
    let mut told = Told { say, records: Vec::new() };
    told.begins();
    told.is_identified();
    told.is_contained();
    told.is_spoken_about();
    told.is_mended();
    told.is_reviewed();
    told.records
}

/// Plain words, as people and sources use them.
pub fn plain(words: &str) -> String {
    words.to_owned()
}

struct Told<S> {
    say: S,
    records: Vec<Record>,
}

impl<S: Fn(&str) -> String> Told<S> {
    fn outside(&self, words: &str) -> Outside {
        Outside::new((self.say)(words))
    }

    fn add(&mut self, seconds: i64, by: &str, entry: Entry) {
        let by = if by == "quell" { Actor::Engine } else { Actor::Person(Operator::new(by, "bastion")) };
        let seq = self.records.len() as u64 + 1;
        let at = began() + TimeDelta::seconds(seconds);
        self.records.push(Record { v: FORMAT, on: None, seq, at, by, incident: Some(id()), entry });
    }

    fn key(&self, fingerprint: &str) -> SignalKey {
        SignalKey { source: (self.say)("prod-am"), fingerprint: Outside::new(fingerprint) }
    }

    fn joining(&self, fingerprint: &str, title: &str) -> Joining {
        Joining {
            sensitive: quell::domain::sensitive::Said::new(),
            key: self.key(fingerprint),
            title: self.outside(title),
            severity: Severity::High,
            unmapped: false,
            labels: Packed::default(),
            since: began(),
            policy: None,
            held_by: None,
            watched: false,
        }
    }

    fn begins(&mut self) {
        let opening = Opening {
            title: self.outside("Logins from new countries with withdrawals"),
            severity: Severity::High,
            unmapped: false,
            category: Category::Anomaly,
            service: self.outside("auth"),
            group: None,
            signal: Some(Box::new(self.joining("5f3c", "Login failures, account 88213"))),
            because: self.outside("rule: severity=page"),
            labels: Labels::new().into(),
            ack_due: Some(began() + TimeDelta::minutes(15)),
            recurrence_of: Some(Box::new(IncidentId::new("ANA", 12))),
            reported: None,
        };
        self.add(0, "quell", Entry::Opened(Box::new(opening)));
        let text = self.outside("new");
        let notice = Notice::new(NoticeKind::NewCritical, Some(id()), text);
        self.add(1, "quell", Entry::NoticeRaised(notice));
        self.add(
            2,
            "ana",
            Entry::NoticeDelivered { notice: 2, console: "bastion".into(), how: "bell".into() },
        );
        let joining = self.joining("9a1b", "Withdrawals to new addresses");
        self.add(20, "quell", Entry::SignalJoined(Box::new(joining)));
        let step = |minutes, to: &str| Step { after: Span::mins(minutes), to: vec![(self.say)(to)] };
        let steps = vec![step(0, "inc-room"), step(5, "pd-platform"), step(15, "security")];
        let path = (self.say)("security");
        self.add(30, "quell", Entry::PathArmed(PathArmed { path: path.clone(), steps }));
        let missing = vec![(self.say)("affected endpoint")];
        self.add(
            30,
            "quell",
            Entry::StepStarted(StepStarted { path: path.clone(), step: 1, resumes: false, missing }),
        );
        let detail = self.outside("200");
        let receipts = vec![Receipt { channel: (self.say)("inc-room"), accepted: true, detail }];
        self.add(31, "quell", Entry::StepSent(StepSent { path: path.clone(), step: 1, receipts }));
        self.add(400, "quell", Entry::StepMissed(StepMissed { path, step: 2 }));
        self.add(430, "ana", Entry::Acknowledged { lasts_s: 1800, from: None });
    }

    fn is_identified(&mut self) {
        let lead = self.outside("bo");
        self.add(440, "ana", Entry::RoleTaken { role: Role::Lead, name: lead, from: None });
        let text = self.outside("Hypothesis: passwords from another site's leak");
        self.add(450, "bo", Entry::Noted { text });
        let because = Some(self.outside("money leaves accounts"));
        self.add(470, "bo", Entry::SeveritySet { severity: Severity::Critical, because });
        let commander = self.outside("cy");
        self.add(475, "cy", Entry::RoleTaken { role: Role::Commander, name: commander, from: None });
        let because = Some(self.outside("somebody else signs in"));
        self.add(480, "bo", Entry::CategorySet { category: Category::UnauthorizedAccess, because });
        let impact = Impact::Users { min: 40, max: 120 };
        self.add(500, "bo", Entry::ImpactAssessed { impact, because: None });
        let fact = Fact::Area(self.outside("withdrawals"));
        self.add(505, "bo", Entry::Classified { fact, because: None });
        self.add(506, "bo", Entry::Classified { fact: Fact::Funds(Funds::Yes), because: None });
    }

    fn plan(&self, verb: Verb, title: &str, target: &str) -> Plan {
        let call = || HttpRequest {
            api: "exchange".into(),
            method: "POST".into(),
            url: "https://exchange.example/admin".into(),
            headers: BTreeMap::new(),
            body: None,
            instead: Vec::new(),
        };
        Plan {
            hash: Default::default(),
            verb,
            title: (self.say)(title),
            target: Some(("account".into(), self.outside(target))),
            parameters: BTreeMap::new(),
            request: Request::Http(call()),
            look_up: None,
            verify: Some(Verify {
                read: call().into(),
                meant: Meant::default(),
                expect: BTreeMap::new(),
                within: Span::secs(30),
            }),
            undone_by: None,
            blast: String::new(),
            confirm: Confirm::Enter,
            approvals: 0,
            approval_because: Vec::new(),
            caps: Vec::new(),
            room: None,
            before: Vec::new(),
            idempotent: true,
            key_lifetime: None,
            key: "k".into(),
            warnings: Vec::new(),
            basis: Basis {
                incident: id(),
                open: true,
                severity: Severity::Critical,
                owner: None,
                parameters: BTreeMap::new(),
                look_up: None,
                earlier: Vec::new(),
                ends: Vec::new(),
            },
            made_at: began(),
        }
    }

    fn act(&mut self, seconds: i64, action: u32, plan: Plan, outcome: Outcome) {
        self.add(seconds, "ana", Entry::intended(action, Box::new(plan)));
        self.add(seconds, "quell", Entry::Sent { action });
        let detail = self.outside("HTTP 200");
        self.add(seconds + 1, "quell", Entry::answered(action, outcome, detail));
        if outcome == Outcome::Accepted {
            let detail = self.outside("/frozen is true");
            let settlement = Settlement::Verified;
            self.add(seconds + 4, "quell", Entry::Settled { action, settlement, detail });
        }
    }

    fn is_contained(&mut self) {
        let contain = |of: &Self, name: &str| Verb::Contain { playbook: (of.say)(name) };
        let freeze = self.plan(contain(self, "freeze-account"), "Freeze account", "88213");
        self.act(560, 1, freeze, Outcome::Accepted);
        let isolate = self.plan(contain(self, "isolate-replica"), "Isolate replica", "auth-2");
        self.act(600, 2, isolate, Outcome::Accepted);
        let undo = Verb::Undo { playbook: (self.say)("isolate-replica"), action: 2 };
        let undo = self.plan(undo, "Isolate replica", "auth-2");
        self.act(720, 3, undo, Outcome::Accepted);
        let revoke = self.plan(contain(self, "revoke-key"), "Revoke key", "k-17");
        self.act(760, 4, revoke, Outcome::Refused);
    }

    fn is_spoken_about(&mut self) {
        let bulletin = |of: &Self, status, minutes: Option<i64>| Bulletin {
            audience: Audience::Users,
            status,
            headline: of.outside("Withdrawals are paused for some accounts"),
            happened: of.outside("We saw logins that are not yours."),
            impact: of.outside("Withdrawals wait."),
            todo: of.outside("Change your password."),
            next_at: minutes.map(|minutes| began() + TimeDelta::minutes(minutes)),
        };
        let (status, mail) = ((self.say)("status-page"), (self.say)("mail"));
        let to = if status == mail { vec![mail.clone()] } else { vec![status.clone(), mail.clone()] };
        let first = Box::new(bulletin(self, Status::Investigating, Some(35)));
        let code = VerificationCode::from_random([7; 8]);
        self.add(
            800,
            "bo",
            Entry::BulletinStarted(BulletinStarted {
                number: 1,
                bulletin: first,
                code: code.clone(),
                to: to.clone(),
            }),
        );
        let answered = |of: &Self, number, channel: &str, outcome| {
            Entry::BulletinAnswered(BulletinAnswered {
                number,
                channel: channel.to_owned(),
                outcome,
                detail: of.outside("201"),
                reference: None,
            })
        };
        let entry = answered(self, 1, &status, Outcome::Accepted);
        self.add(801, "quell", entry);
        if status != mail {
            let entry = answered(self, 1, &mail, Outcome::Refused);
            self.add(802, "quell", entry);
        }
        let detail = self.outside("found on the page");
        self.add(
            830,
            "quell",
            Entry::BulletinSeen(BulletinSeen { number: 1, channel: status.clone(), visible: true, detail }),
        );
        let title = self.outside("next bulletin to users");
        let (deadline, name, due) =
            (DeadlineKind::Bulletin, "users".to_owned(), began() + TimeDelta::minutes(35));
        self.add(830, "quell", Entry::DeadlineSet(DeadlineSet { deadline, name: name.clone(), title, due }));
        let title = self.outside("initial report");
        let (regulator, report) = (DeadlineKind::Regulator, (self.say)("dora/initial"));
        let by = began() + TimeDelta::hours(4);
        self.add(
            840,
            "quell",
            Entry::DeadlineSet(DeadlineSet { deadline: regulator, name: report.clone(), title, due: by }),
        );
        let note = Some(self.outside("sent as case 4711"));
        self.add(1000, "bo", Entry::DeadlineMet(DeadlineMet { deadline: regulator, name: report, note }));
        self.add(2101, "quell", Entry::DeadlinePassed(DeadlinePassed { deadline, name, due }));
        let last = Box::new(bulletin(self, Status::Resolved, None));
        self.add(2400, "bo", Entry::BulletinStarted(BulletinStarted { number: 2, bulletin: last, code, to }));
        let entry = answered(self, 2, &mail, Outcome::Accepted);
        self.add(2402, "quell", entry);
        if status != mail {
            let entry = answered(self, 2, &status, Outcome::Accepted);
            self.add(2403, "quell", entry);
        }
    }

    fn is_mended(&mut self) {
        let waived = Some(self.outside("the freeze mends it. Nothing else to do."));
        self.add(2500, "bo", Entry::PhaseMoved { to: Phase::Recover, waived });
        for flap in 0..5 {
            let (key, because) = (self.key("9a1b"), (self.say)("absent"));
            self.add(2510 + flap * 20, "quell", Entry::SignalCleared { key, because });
            let key = self.key("9a1b");
            self.add(2520 + flap * 20, "quell", Entry::SignalReturned { key });
        }
        for fingerprint in ["9a1b", "5f3c"] {
            let (key, because) = (self.key(fingerprint), (self.say)("absent from complete answers"));
            self.add(2700, "quell", Entry::SignalCleared { key, because });
        }
        let (needs, detail) = (Span::mins(10), self.outside("every monitor of auth"));
        self.add(2710, "quell", Entry::HealthTurned { healthy: true, needs, detail });
        let because = self.outside("the customer asked for it");
        self.add(2900, "bo", Entry::ContainmentKept { action: 1, because });
        self.add(3600, "bo", Entry::Closed { reason: CloseReason::Resolved, note: None });
    }

    fn is_reviewed(&mut self) {
        let title = self.outside("review");
        let due = began() + TimeDelta::days(7);
        let (deadline, name) = (DeadlineKind::Review, String::new());
        self.add(3601, "quell", Entry::DeadlineSet(DeadlineSet { deadline, name, title, due }));
        let text =
            self.outside("Passwords leaked elsewhere were tried here.\n\nNothing slowed the attempts down.");
        self.add(7200, "bo", Entry::RootCauseFound { text });
        for text in ["Slow down logins from new countries", "Ask for a second factor"] {
            let item = Item {
                text: self.outside(text),
                owner: self.outside("dee"),
                due: began() + TimeDelta::days(11),
                check: self.outside("a test sends 1000 logins"),
                done: None,
            };
            self.add(7300, "bo", Entry::ItemAdded { item });
        }
        let proof = self.outside("merged, and the test passes");
        self.add(90_000, "dee", Entry::ItemDone { item: 1, proof });
    }
}
