//! What stands for the confirmation of a plan on the command line.

use clap::Args;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::backend::Confirmation;
use crate::domain::identity::{Signature, Signing, Statement};
use crate::domain::plan::{Named, Plan};
use crate::domain::text::Outside;
use crate::os::clock;

/// Of what a person does themselves.
#[derive(Debug, Args)]
pub(super) struct Confirm {
    #[command(flatten)]
    how: How,
    /// Send it although an earlier one on this target may have been done
    #[arg(long)]
    twice: bool,
    /// Do not wait for the second person it needs, because of this; everybody is told
    #[arg(long, value_name = "REASON")]
    break_glass: Option<String>,
    /// Wait for the second person it needs, as on a terminal
    #[arg(long)]
    pub(super) wait: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct How {
    /// Confirm what a bare Enter would confirm
    #[arg(long)]
    yes: bool,
    /// The target, typed
    #[arg(long, value_name = "VALUE")]
    confirm_target: Option<String>,
}

impl Confirm {
    /// The confirmation of this plan, not yet signed.
    pub(super) fn of(&self, plan: &Plan) -> Result<Confirmation, Failure> {
        let confirmation = of(plan, self.how.confirm_target.as_deref(), self.twice)?;
        Ok(Confirmation { break_glass: self.break_glass.clone().map(Outside::new), ..confirmation })
    }
}

/// `--yes` is a bare Enter; where the prompt would ask for the target, only the target confirms.
pub(super) fn of(plan: &Plan, typed: Option<&str>, twice: bool) -> Result<Confirmation, Failure> {
    let confirmation = Confirmation { typed: typed.map(Outside::new), twice, ..Confirmation::default() };
    match plan.typed_target() {
        Some(target) if typed.is_none() => {
            let is = match plan.named_by() {
                Some((Named::Target, _)) | None => String::new(),
                Some((named, _)) => format!(": {}", named.words()),
            };
            let message = format!("--yes does not suffice; add --confirm-target {}{is}", target.exact());
            Err(Failure::new(Exit::Usage, message))
        }
        _ => Ok(confirmation.confirms(plan).map(|()| confirmation)?),
    }
}

/// The operator's signature, where one is wanted. Where it cannot be had the engine decides whether it can do without.
pub(super) async fn sign(
    boot: &Boot,
    out: &Out,
    wanted: Signing,
    statement: &Statement<'_>,
) -> Option<Signature> {
    let signed = boot.identity.as_ref()?.sign_if(wanted, statement, clock::now()).await?;
    signed.inspect_err(|fault| out.aside(format!("not signed: {}", fault.detail.safe()))).ok()
}
