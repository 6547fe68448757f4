//! `quell approve`: the second person of a change, and waiting for one.

use std::io::IsTerminal;
use std::time::Duration;

use clap::Args;

use super::boot::Boot;
use super::confirm::{self, sign};
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, settle};
use crate::backend::{Backend, Confirmation};
use crate::domain::action::ActionId;
use crate::domain::approval::{Ask, AskState};
use crate::domain::id::Cursor;
use crate::domain::identity::{Signing, Statement};
use crate::domain::plan::{Plan, PlanHash, sheet};
use crate::domain::story;
use crate::domain::time::{Time, clock_minute, clock_time};
use crate::engine::Engine;
use crate::os::clock;

/// How long one look for changes waits.
const LOOK: Duration = Duration::from_secs(1);

/// `quell approve [HASH (--yes | --confirm-target VALUE)]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell approve [<HASH> <--yes|--confirm-target <VALUE>>]")]
pub(super) struct Approve {
    /// The plan, or at least twelve characters of it; without it, what waits is listed
    hash: Option<String>,
    /// Confirm what a bare Enter would confirm
    #[arg(long, requires = "hash", conflicts_with = "confirm_target")]
    yes: bool,
    /// The target, typed
    #[arg(long, value_name = "VALUE", requires = "hash")]
    confirm_target: Option<String>,
    /// Send it although an earlier one on this target may have been done
    #[arg(long, requires = "hash")]
    twice: bool,
}

impl Approve {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.engine().await?;
        let asks = asks(&boot, &engine).await?;
        match &self.hash {
            Some(hash) => self.approve(&boot, &engine, out, meant(asks, hash)?).await,
            None => {
                let now = clock::now();
                let waiting: Vec<Ask> = asks.into_iter().filter(|ask| ask.waits(now)).collect();
                out.either(&waiting, || match waiting.as_slice() {
                    [] => vec!["nothing waits for a second person".to_owned()],
                    waiting => waiting.iter().map(line).collect(),
                });
                Ok(Exit::Ok)
            }
        }
    }

    async fn approve(&self, boot: &Boot, engine: &Engine, out: &Out, ask: Ask) -> Result<Exit, Failure> {
        if !out.json {
            out.line(line(&ask));
            sheet::text(&ask.plan).iter().for_each(|line| out.line(line));
        }
        if !self.yes && self.confirm_target.is_none() {
            return Err(Failure::new(Exit::Usage, "confirm it with --yes or --confirm-target"));
        }
        let confirmation = confirm::of(&ask.plan, self.confirm_target.as_deref(), self.twice)?;
        let hash = &ask.plan.hash;
        let approval = Statement::Approval { plan: hash, ask: ask.seq, until: ask.until };
        let signature = sign(boot, out, Signing::Needed, &approval).await;
        let confirmation = Confirmation { signature, ..confirmation };
        let receipt = engine.approve(&boot.operator, hash, confirmation).await?;
        let Some(number) = receipt.action else {
            return Err(Failure::new(Exit::Bug, "the plan was approved and is no action"));
        };
        settle::finish(boot, engine, out, &ask.plan, number).await
    }
}

/// Everything a second person was asked for, oldest first.
async fn asks(boot: &Boot, engine: &Engine) -> Result<Vec<Ask>, Failure> {
    let all = engine.changes(&boot.operator, &Cursor::default(), Duration::ZERO).await?;
    let mut asks: Vec<Ask> = all.incidents.iter().flat_map(|it| it.asks.values().cloned()).collect();
    asks.sort_by_key(|ask| ask.seq);
    Ok(asks)
}

/// The one that a person means.
fn meant(asks: Vec<Ask>, typed: &str) -> Result<Ask, Failure> {
    let typed = PlanHash(typed.to_owned());
    let mut found = asks.into_iter().filter(|ask| ask.plan.hash.is_meant_by(&typed));
    match (found.next(), found.next()) {
        (Some(ask), None) => Ok(ask),
        (None, _) => Err(Failure::new(
            Exit::Refused,
            "nobody asked for the approval of such a plan; `quell approve` lists what waits",
        )),
        (Some(_), Some(_)) => Err(Failure::new(Exit::Usage, "several begin like this; write more of it")),
    }
}

fn line(ask: &Ask) -> String {
    let (hash, id, what) = (ask.plan.hash.short(), &ask.plan.basis.incident, story::what(&ask.plan));
    let (by, at, until) = (&ask.by.name, clock_time(ask.at), clock_minute(ask.until));
    format!("{hash}  {id} {what}, asked by {by} at {at}, until {until}")
}

/// Says that a second person is waited for; waits on a terminal, or where that is asked for. The action it became;
/// `None` when its time ended before, or nobody waits.
pub(super) async fn wait(
    boot: &Boot,
    engine: &Engine,
    out: &Out,
    plan: &Plan,
    until: Time,
    insist: bool,
) -> Result<Option<ActionId>, Failure> {
    let hash = &plan.hash;
    let said =
        format!("waits for a second person until {}: quell approve {}", clock_minute(until), hash.short());
    if !insist && !std::io::stdout().is_terminal() {
        out.either(&serde_json::json!({ "plan": hash, "waits": until }), || vec![said]);
        return Ok(None);
    }
    out.aside(said);
    engine.follow();
    let mut cursor = Cursor::default();
    while clock::now() <= until {
        // It waits in the ledger, whether or not that can be read at this moment.
        let Ok(changes) = engine.changes(&boot.operator, &cursor, LOOK).await else {
            tokio::time::sleep(LOOK).await;
            continue;
        };
        cursor = changes.cursor;
        let ask = changes.incidents.iter().find_map(|incident| incident.asks.get(hash));
        if let Some(AskState::Used { action }) = ask.map(|ask| &ask.state) {
            return Ok(Some(*action));
        }
    }
    Err(Failure::new(
        Exit::Refused,
        format!("nobody approved it until {}; nothing was sent", clock_minute(until)),
    ))
}
