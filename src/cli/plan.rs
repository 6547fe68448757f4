//! `quell plan`: the literal plan of a containment, and nothing sent.

use clap::Args;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::words;
use crate::backend::Backend;
use crate::domain::action::Verb;
use crate::domain::plan::{HttpRequest, Plan, Request};
use crate::domain::text::SafeText;

/// `quell plan ID PLAYBOOK --set account=…`.
#[derive(Debug, Args)]
#[command(override_usage = "quell plan <ID> <PLAYBOOK> [--set <KEY=VALUE>]...")]
pub(super) struct DryRun {
    /// The incident
    id: String,
    /// The playbook
    playbook: String,
    /// A parameter's value
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = words::pair)]
    set: Vec<(String, String)>,
}

impl DryRun {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let incident = engine.incident(&boot.operator, &self.id).await?.incident;
        let verb = Verb::Contain { playbook: self.playbook.clone() };
        let plan = engine.plan(&boot.operator, &incident.id, verb, words::values(&self.set)).await?;
        out.either(&plan, || lines(&plan));
        Ok(Exit::Ok)
    }
}

/// Everything a person should see before it is carried out.
pub(super) fn lines(plan: &Plan) -> Vec<String> {
    let exact = |text: &str| SafeText::exact(text).to_string();
    let mut lines = vec![format!("{} on {}", plan.title, plan.basis.incident), format!("  {}", plan.blast)];
    // The letter says what was given for a bulletin.
    let given = (!matches!(plan.request, Request::Publish(_))).then_some(&plan.parameters);
    for (name, value) in given.into_iter().flatten() {
        lines.push(format!("  {name} = {} ({})", value.value.exact(), value.origin.words()));
    }
    if let Some(look_up) = &plan.look_up {
        let shown = look_up.shown.iter().map(|(pointer, value)| format!("{pointer} = {}", value.exact()));
        lines.extend(shown.map(|line| format!("  its own record: {line}")));
    }
    match &plan.request {
        Request::Http(request) => lines.extend(http(request)),
        Request::Exec(program) => {
            lines.extend(program.argv.iter().map(|part| format!("  {}", exact(part))));
            lines.extend(program.terms().map(|line| format!("    {line}")));
        }
        Request::Publish(publication) => {
            for posting in &publication.postings {
                lines.push(format!("  on {}: {}", posting.channel, posting.subject.safe()));
                lines.extend(posting.body.lines(200).iter().map(|line| format!("    {line}")));
            }
        }
        Request::Tell(telling) => {
            lines.push(format!("  to {}: {}", telling.to.join(", "), telling.subject.safe()));
            for (item, value) in &telling.packet {
                let value =
                    value.as_ref().map_or("not yet known".to_owned(), |value| value.safe().to_string());
                lines.push(format!("    {item}: {value}"));
            }
        }
    }
    for capture in &plan.before {
        let (name, read) = (exact(&capture.name), capture.read.line());
        lines.push(format!("  kept before: {name}, from {read} within {}", capture.within));
    }
    if let Some(verify) = &plan.verify {
        let expected: Vec<String> = verify
            .expect
            .iter()
            .map(|(pointer, value)| format!("{pointer} = {}", exact(&value.to_string())))
            .collect();
        let proof = if expected.is_empty() { "its success".to_owned() } else { expected.join(", ") };
        lines.push(format!("  verified by {}: {proof} within {}", verify.read.line(), verify.within));
    }
    if let Some(undone_by) = &plan.undone_by {
        lines.push(format!("  undone by {}", exact(undone_by)));
    }
    lines.extend(plan.caps.iter().map(|cap| format!("  cap: {}", exact(cap))));
    lines.extend(
        plan.approval_because.iter().map(|why| format!("  a second person must approve: {}", exact(why))),
    );
    lines.extend(plan.warnings.iter().map(|warning| format!("  warning: {warning}")));
    lines.push(format!("plan {}", plan.hash.0));
    lines
}

fn http(request: &HttpRequest) -> Vec<String> {
    let exact = |text: &str| SafeText::exact(text).to_string();
    let mut lines = vec![format!("  {} {} (api:{})", request.method, exact(&request.url), request.api)];
    lines.extend(request.headers.iter().map(|(name, value)| format!("    {name}: {}", exact(value))));
    lines.extend(request.body.iter().map(|body| format!("    {}", exact(body))));
    lines
}
