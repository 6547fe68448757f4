//! Second persons in that engine: who there is, what they ask for, and what they agree to.

use std::collections::BTreeMap;
use std::sync::Arc;

use quell::backend::{Confirmation, Receipt};
use quell::console::tying::Tying;
use quell::domain::action::Verb;
use quell::domain::approval::{Confirmed, STANDS_FOR};
use quell::domain::identity::{Person, PublicKey, Signature, Standing};
use quell::domain::incident::Incident;
use quell::domain::operator::{Actor, Operator};
use quell::domain::plan::{Plan, PlanHash};
use quell::domain::record::Entry;
use quell::domain::text::Outside;
use quell::domain::time::Time;

use super::Engine;
use crate::support::board::{at, id, person};

fn key(name: &str) -> PublicKey {
    PublicKey::new([name.bytes().next().unwrap(); 32])
}

fn signature(name: &str) -> Signature {
    Signature::new(key(name), at("14:03:00"), &[7; 64])
}

/// Somebody at a console, with the key that is theirs.
fn keyed(name: &str) -> Actor {
    let operator = Operator::new(name, "bastion");
    Actor::Person(Operator { key: Some(key(name).id()), tty: Some("pts/3".into()), ..operator })
}

/// Somebody who is listed.
pub fn listed(name: &str, standing: Standing) -> Person {
    Person { name: name.into(), key: key(name), roles: vec![standing] }
}

impl Engine {
    /// What a person says of incidents and another one, on all of them.
    pub(super) fn tie(&mut self, tying: &Tying, now: Time) -> Result<Vec<Arc<Incident>>, String> {
        let to = tying.to.id.number();
        for one in tying.of.iter().map(|seen| seen.id.number()) {
            let (first, second) = tying.tie.sides(&self.incidents[&id(one)], &self.incidents[&id(to)]);
            self.apply(one, now, person("ana"), Entry::Tied(first))?;
            self.apply(to, now, person("ana"), Entry::Tied(second))?;
        }
        Ok(tying.all().map(|seen| Arc::clone(&self.incidents[&seen.id])).collect())
    }

    /// Somebody asks that this account is frozen.
    pub fn asks(&mut self, who: &str, number: u64, clock: &str, account: &str) -> PlanHash {
        let approvals = std::mem::replace(&mut self.approvals, 1);
        let verb = Verb::Contain { playbook: "freeze-account".into() };
        let values = BTreeMap::from([("account".to_owned(), Outside::new(account))]);
        let plan = self.plan(&id(number), &verb, &values, at(clock));
        self.approvals = approvals;
        self.ask(who, &plan, at(clock)).unwrap();
        plan.hash
    }

    pub(super) fn ask(&mut self, who: &str, plan: &Plan, now: Time) -> Result<Receipt, String> {
        let until = now + STANDS_FOR.delta();
        let typed = plan.typed_target();
        let asked =
            Entry::ApprovalAsked { plan: Box::new(plan.clone()), until, typed, signature: signature(who) };
        let incident = self.apply(plan.basis.incident.number(), now, keyed(who), asked)?;
        Ok(Receipt { incident, action: None, repeated: false, waits: Some(until) })
    }

    /// Somebody agrees, and it is carried out.
    pub fn approves(&mut self, who: &str, hash: &PlanHash, now: Time) -> Result<Receipt, String> {
        let of = |it: &&std::sync::Arc<quell::domain::incident::Incident>| it.asks.contains_key(hash);
        let incident = self.incidents.values().find(of).ok_or("nobody asked for such a plan")?;
        let ask = incident.asks[hash].clone();
        let approved = Entry::Approved { plan: hash.clone(), ask: ask.seq, signature: signature(who) };
        self.apply(ask.plan.basis.incident.number(), now, keyed(who), approved)?;
        let confirmed = Confirmed { approved_by: Some(who.to_owned()), ..Confirmed::default() };
        self.carry_out(&ask.by.name, &ask.plan, confirmed, now)
    }

    /// What a person confirmed is asked for, or carried out.
    pub(super) fn confirmed(&mut self, plan: &Plan, by: &Confirmation, now: Time) -> Result<Receipt, String> {
        if plan.approvals > 0 && by.break_glass.is_none() {
            return self.ask("ana", plan, now);
        }
        let confirmed = Confirmed { break_glass: by.break_glass.clone(), ..Confirmed::default() };
        self.carry_out("ana", plan, confirmed, now)
    }

    fn carry_out(
        &mut self,
        who: &str,
        plan: &Plan,
        confirmed: Confirmed,
        now: Time,
    ) -> Result<Receipt, String> {
        let number = plan.basis.incident.number();
        let action = self.incidents[&id(number)].next_action();
        let (plan, confirmed) = (Box::new(plan.clone()), Box::new(confirmed));
        self.apply(number, now, person(who), Entry::Intended { action, plan, confirmed })?;
        let incident = self.apply(number, now, person(who), Entry::Sent { action })?;
        Ok(Receipt { incident, action: Some(action), repeated: false, waits: None })
    }
}
