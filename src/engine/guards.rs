//! What stands between a plan and its target: protected targets, and how many containments an hour may see.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::plans::refused;
use super::{Engine, Setup};
use crate::backend::{Refusal, RefusalKind};
use crate::domain::action::{Action, Stage, Verb};
use crate::domain::incident::Incident;
use crate::domain::plan::Plan;
use crate::domain::playbook::Confirm;
use crate::domain::protected::Needs;
use crate::domain::text::Outside;
use crate::domain::time::{Time, clock_time};
use crate::ledger::lock::Lock;

/// What is counted.
const HOUR: TimeDelta = TimeDelta::hours(1);
/// How often, and with which pause, a process waits for its turn to contain.
const TURNS: usize = 200;
const PAUSE: Duration = Duration::from_millis(20);

/// What a plan must say because of its guards.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Guarded {
    /// Why a second person must approve it; nothing when none must.
    pub(super) approval_because: Vec<String>,
    /// What of its caps is used up.
    pub(super) caps: Vec<String>,
    /// How many more they allow.
    pub(super) room: Option<u32>,
}

/// Whether somebody may contain what a plan says, by what is protected and what was done within the hour. What is
/// undone is not held up by it.
///
/// # Errors
/// Why not, and when or how it is possible.
pub(super) fn guard(
    setup: &Setup,
    incidents: &[Arc<Incident>],
    who: &str,
    plan: &Plan,
    at: Time,
) -> Result<Guarded, String> {
    let Verb::Contain { playbook } = &plan.verb else { return Ok(Guarded::default()) };
    let approval_because = protected(setup, playbook, plan)?;
    let done: Vec<&Action> = incidents.iter().flat_map(|incident| counted(incident, at)).collect();
    let times = |is: &dyn Fn(&Action) -> bool| {
        let mut times: Vec<Time> = done.iter().filter(|action| is(action)).map(|action| action.at).collect();
        times.sort_unstable();
        times
    };
    let by = format!("by {who}");
    let mut all = vec![cap(&times(&|action| action.by == who), setup.per_hour, &by, "[actions] per_hour")?];
    if let Some(most) = setup.playbook(playbook).and_then(|playbook| playbook.per_hour) {
        let whole = format!("of {playbook} by anybody");
        let done = times(&|action| action.plan.verb.of() == playbook);
        all.push(cap(&done, most, &whole, "its per_hour")?);
    }
    let room = all.iter().map(|(_, room)| *room).min();
    Ok(Guarded { approval_because, caps: all.into_iter().map(|(said, _)| said).collect(), room })
}

/// Why a second person must approve it, from every entry that says so.
fn protected(setup: &Setup, playbook: &str, plan: &Plan) -> Result<Vec<String>, String> {
    // Where nothing is called the target, whatever it names may be one.
    let named = plan.parameters.values().map(|value| &value.value).filter(|_| plan.target.is_none());
    let targets: Vec<&str> =
        plan.target.iter().map(|(_, target)| target).chain(named).map(Outside::raw).collect();
    let covers = setup.protected.iter().filter(|it| it.covers(playbook, targets.iter().copied()));
    let mut because = Vec::new();
    for protected in covers {
        let said = format!("the target is protected: {}", protected.because);
        match protected.needs {
            Needs::Refuse => return Err(format!("{said}; {playbook} leaves it alone")),
            Needs::Approval => because.push(said),
        }
    }
    Ok(because)
}

/// The containments of an incident that count: those of the last hour, but for what surely did nothing.
fn counted(incident: &Incident, at: Time) -> impl Iterator<Item = &Action> {
    incident.actions.values().filter(move |action| {
        matches!(action.plan.verb, Verb::Contain { .. })
            && action.at > at - HOUR
            && !matches!(action.stage, Stage::NotSent | Stage::Refused)
    })
}

/// `3 of 10 this hour by ana` and that 7 more are possible, or when the next is.
fn cap(done: &[Time], most: u32, whose: &str, key: &str) -> Result<(String, u32), String> {
    let count = done.len();
    let said = format!("{count} of {most} this hour {whose}");
    let room = most.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
    // The next is possible when so many are left that one more fits.
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    match count.checked_sub(most).and_then(|over| done.get(over)) {
        None if count < most => Ok((said, room)),
        None => Err(format!("{said}: none is allowed ({key})")),
        Some(first) => Err(format!("{said}: the next is possible at {} ({key})", clock_time(*first + HOUR))),
    }
}

impl Engine {
    /// What a plan must say because of its guards, as things are now.
    pub(super) fn guarded(&self, who: &str, plan: &Plan) -> Result<Guarded, Refusal> {
        guard(&self.0.setup, &self.0.mirror.all(), who, plan, self.now()).map_err(refused)
    }

    /// The same once more, of a plan that is about to be carried out: nothing asks for more than when it was made.
    pub(super) fn still_guarded(&self, who: &str, plan: &Plan) -> Result<(), Refusal> {
        let because = self.guarded(who, plan)?.approval_because;
        let playbook = self.configured(&plan.verb)?;
        let second =
            because.first().map(|why| format!("{why}; plan it again: a second person must approve it"));
        let second = second.or_else(|| {
            let more = playbook.approvals > plan.approvals;
            more.then(|| format!("{} needs a second person by now; plan it again", playbook.id))
        });
        let typed = || {
            let more = playbook.confirm == Confirm::TypeTarget && plan.confirm == Confirm::Enter;
            more.then(|| format!("{} needs its target typed by now; plan it again", playbook.id))
        };
        match second.filter(|_| plan.approvals == 0).or_else(typed) {
            None => Ok(()),
            Some(why) => Err(Refusal::new(RefusalKind::Changed, why)),
        }
    }

    /// The turn of this process to contain: while it is held nobody else on this ledger writes an intent down, so that
    /// what was counted still holds.
    pub(super) async fn turn_to_contain(&self) -> Result<Lock, Refusal> {
        for _attempt in 0..TURNS {
            if let Some(lock) = self.try_lock("contain.lock") {
                // What others did in the meantime counts.
                self.catch_up().await?;
                return Ok(lock);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(refused("others contain at this moment and nothing was sent; try again"))
    }
}
