//! `quell plan`: what applies to an incident, and the literal plan of whatever leaves the machine; nothing is sent.

use clap::Args;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, bulletin, contain, escalate, words};
use crate::backend::{Applicable, Backend};
use crate::domain::action::{ActionId, Verb};
use crate::domain::bulletin::Audience;
use crate::domain::id::IncidentId;
use crate::domain::plan::{Plan, PlanHash, sheet};
use crate::engine::Engine;
use crate::os::clock;

/// `quell plan ID (PLAYBOOK --set account=… | --undo ACTION | --escalate PATH … | --bulletin AUDIENCE …)`.
#[derive(Debug, Args)]
#[command(override_usage = "quell plan <ID>\n       \
                      quell plan <ID> <PLAYBOOK> [--set <KEY=VALUE>]...\n       \
                      quell plan <ID> --undo <ACTION>\n       \
                      quell plan <ID> --escalate <PATH> [--step <N> | --steps <STEPS>] [--set <ITEM=VALUE>]...\n       \
                      quell plan <ID> --bulletin <AUDIENCE> [--template] [PART]...")]
pub(super) struct DryRun {
    /// The incident
    id: String,
    #[command(flatten)]
    what: What,
    /// A parameter's value, or an item of the packet
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = words::pair)]
    set: Vec<(String, String)>,
    #[command(flatten)]
    which: escalate::Which,
    #[command(flatten)]
    parts: bulletin::Parts,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct What {
    /// The playbook; without any, what applies is listed
    #[arg(conflicts_with_all = ["Which", "Parts"])]
    playbook: Option<String>,
    /// The number of an action to reverse
    #[arg(long, value_name = "ACTION", conflicts_with_all = ["set", "Which", "Parts"])]
    undo: Option<ActionId>,
    /// A path to escalate on
    #[arg(long, value_name = "PATH", conflicts_with = "Parts")]
    escalate: Option<String>,
    /// Who a bulletin is for: users, partners, public, regulator or internal
    #[arg(long, value_name = "AUDIENCE", value_parser = words::audience, conflicts_with_all = ["set", "Which"])]
    bulletin: Option<Audience>,
}

impl DryRun {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let incident = engine.incident(&boot.operator, &self.id).await?.incident;
        let mut given = words::values(&self.set);
        let verb = match &self.what {
            What { undo: Some(action), .. } => contain::undo(&incident, *action)?,
            What { escalate: Some(path), .. } => self.which.of(path.clone()),
            What { bulletin: Some(audience), .. } => {
                let settings = &boot.config.setup.bulletins;
                given = self.parts.given(&incident, *audience, settings, clock::now())?;
                Verb::Publish { audience: *audience }
            }
            What { playbook: Some(playbook), .. } => Verb::playbook(playbook),
            What { .. } => {
                let all = engine.applicable(&boot.operator, &incident.id).await?;
                out.either(&all, || all.iter().map(offer).collect());
                return Ok(Exit::Ok);
            }
        };
        let plan = engine.plan(&boot.operator, &incident.id, verb, given).await?;
        out.either(&plan, || sheet::text(&plan));
        Ok(Exit::Ok)
    }
}

/// `pd/snooze    Snooze    --set duration=…`, and why it cannot be done now.
fn offer(it: &Applicable) -> String {
    let set = |name: &str| match name.contains(' ') {
        true => format!("--set \"{name}=…\""),
        false => format!("--set {name}=…"),
    };
    let set: Vec<String> = it.asked.iter().map(|asked| set(&asked.name)).collect();
    let barred = it.barred.as_ref().map(|why| format!("({why})"));
    let words = [format!("{:<10} {:<20} {}", it.verb.word(), it.verb.of(), it.title), set.join(" ")];
    words.into_iter().chain(barred).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("  ")
}

/// The plan that was printed with this hash, or with a start of it, if it is this verb for this incident.
pub(super) async fn kept(
    boot: &Boot,
    engine: &Engine,
    incident: &IncidentId,
    hash: &str,
    verb: &str,
) -> Result<Plan, Failure> {
    let plan = engine.look_up_plan(&boot.operator, &PlanHash(hash.to_owned())).await?;
    let (is, about) = (plan.verb.word(), &plan.basis.incident);
    if is != verb || about != incident {
        let message = format!("that plan is to {is} {about}, not to {verb} {incident}");
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(plan)
}
