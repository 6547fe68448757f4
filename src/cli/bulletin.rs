//! `quell bulletin`: what those outside are told, shown to the letter, sent once and waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::words::{self, outside};
use super::{Global, plan};
use crate::backend::{Backend, Confirmation};
use crate::domain::action::{Outcome, Verb};
use crate::domain::bulletin::difference::{Difference, Fate, difference};
use crate::domain::bulletin::template::Known;
use crate::domain::bulletin::{Audience, Bulletin, Part, Settings, Status};
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, Posted, SentBulletin};
use crate::domain::plan::{Plan, PlanHash, Publication, Request, sheet};
use crate::domain::story;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, date_time, whole_minute};
use crate::engine::Engine;
use crate::os::clock;

/// What is on the wire is waited for this long.
const AT_MOST: Duration = Duration::from_secs(60);

/// `quell bulletin ID --to users …`.
#[derive(Debug, Args)]
#[command(
    override_usage = "quell bulletin <ID> --to <AUDIENCE> [--template] [PART]... <--dry-run|--yes>\n       quell bulletin <ID> --plan <HASH> --yes"
)]
pub(super) struct Send {
    /// The incident
    id: String,
    /// Who it is for: users, partners, public, regulator or internal
    #[arg(long, value_name = "AUDIENCE", value_parser = words::audience, required_unless_present = "plan")]
    to: Option<Audience>,
    #[command(flatten)]
    parts: Parts,
    /// Exactly the one that --dry-run printed
    #[arg(long, value_name = "HASH", conflicts_with_all = ["to", "Parts"])]
    plan: Option<String>,
    /// Print it to the letter with its hash, and send nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Send it
    #[arg(long)]
    yes: bool,
}

/// What it says.
#[derive(Debug, Args)]
pub(super) struct Parts {
    /// investigating, identified, monitoring or resolved; what the record bears out unless it is said
    #[arg(long, value_parser = words::status)]
    status: Option<Status>,
    /// In one line
    #[arg(long, value_name = "TEXT")]
    headline: Option<String>,
    /// What happened
    #[arg(long, value_name = "TEXT")]
    happened: Option<String>,
    /// What it means for the reader
    #[arg(long, value_name = "TEXT")]
    impact: Option<String>,
    /// What the reader should do
    #[arg(long, value_name = "TEXT")]
    todo: Option<String>,
    /// Within which time the next one comes; what the configuration promises unless it is said
    #[arg(long, value_name = "SPAN", value_parser = words::span)]
    next: Option<Span>,
    /// Begin with the template of its audience and status
    #[arg(long)]
    template: bool,
    /// What does not work, as readers call it; the product area unless it is said
    #[arg(long, requires = "template")]
    product: Option<String>,
}

/// What became of it, channel by channel.
#[derive(Serialize)]
struct Sent<'a> {
    incident: &'a IncidentId,
    number: usize,
    plan: &'a PlanHash,
    channels: &'a BTreeMap<String, Posted>,
}

impl Send {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let incident = engine.incident(&boot.operator, &self.id).await?.incident;
        let plan = match (&self.plan, self.to) {
            (None, Some(audience)) => {
                let given =
                    self.parts.given(&incident, audience, &boot.config.setup.bulletins, clock::now())?;
                let verb = Verb::Publish { audience };
                engine.plan(&boot.operator, &incident.id, verb, given).await?
            }
            (hash, _) => {
                let hash = hash.clone().unwrap_or_default();
                plan::kept(&boot, &engine, &incident.id, &hash, "publish").await?
            }
        };
        let publication = publication(&plan)?;
        if !self.yes || !out.json {
            out.either(&plan, || lines(&plan, publication, &incident));
        }
        match (self.dry_run, self.yes) {
            (true, _) => Ok(Exit::Ok),
            (false, true) => send(&boot, &engine, out, &plan, publication).await,
            (false, false) => {
                let (id, hash) = (&incident.id, &plan.hash.0);
                let message = format!(
                    "nothing was sent; add --yes, or send exactly this: quell bulletin {id} --plan {hash} --yes"
                );
                Err(Failure::new(Exit::Usage, message))
            }
        }
    }
}

impl Parts {
    /// What was given, on top of the template where that is wanted.
    pub(super) fn given(
        &self,
        incident: &Incident,
        audience: Audience,
        settings: &Settings,
        now: Time,
    ) -> Result<BTreeMap<String, Outside>, Failure> {
        let status = self.status.unwrap_or(incident.fitting_status(audience));
        let promised = || settings.cadence.wait(incident.bulletins_due_since(), now);
        let next = self.next.or_else(|| (status != Status::Resolved).then(promised));
        let begun = self.begun(incident, audience, status, next, settings, now)?;
        let begun = begun.iter().flat_map(Bulletin::written).map(|(part, text)| (part, text.clone()));
        let typed = Part::WRITTEN.into_iter().zip([&self.headline, &self.happened, &self.impact, &self.todo]);
        let typed = typed.filter_map(|(part, text)| Some((part, outside(text.as_ref()?))));
        let frame = [(Part::Status, Some(status.word().to_owned())), (Part::Next, next.map(String::from))];
        let frame = frame.into_iter().filter_map(|(part, text)| Some((part, Outside::new(text?))));
        Ok(begun.chain(typed).chain(frame).map(|(part, text)| (part.key().to_owned(), text)).collect())
    }

    /// The filled template.
    fn begun(
        &self,
        incident: &Incident,
        audience: Audience,
        status: Status,
        next: Option<Span>,
        settings: &Settings,
        now: Time,
    ) -> Result<Option<Bulletin>, Failure> {
        if !self.template {
            return Ok(None);
        }
        let product = self.product.as_ref().map(outside).or_else(|| incident.classification.area.clone());
        let Some(product) = product.filter(|product| !product.is_blank()) else {
            let id = &incident.id;
            let message = format!(
                "the template says what does not work: add --product P, or quell classify {id} --area P"
            );
            return Err(Failure::new(Exit::Usage, message));
        };
        let next = next.map(|span| whole_minute(now + span.delta()));
        let known = Known::of(incident, product, next, now);
        let filled = settings.template(audience, status, &known).fill(audience, status, &known);
        filled.map(Some).map_err(|why| Failure::new(Exit::Usage, format!("the template: {why}")))
    }
}

fn publication(plan: &Plan) -> Result<&Publication, Failure> {
    match &plan.request {
        Request::Publish(publication) => Ok(publication),
        _ => Err(Failure::new(Exit::Bug, "a bulletin's plan publishes nothing")),
    }
}

/// The letter on each channel, and what is new in it.
fn lines(plan: &Plan, publication: &Publication, incident: &Incident) -> Vec<String> {
    let mut lines = sheet::text(plan);
    let hash = lines.pop();
    if let Some(last) = incident.last_bulletin(publication.bulletin.audience) {
        lines.push(format!("  since the last one, {}:", date_time(last.at)));
        let changed = difference(&last.bulletin, &publication.bulletin);
        let mut changed = changed.iter().filter(|part| part.is_any()).map(change).peekable();
        if changed.peek().is_none() {
            lines.push("    nothing changed".to_owned());
        }
        lines.extend(changed);
    }
    lines.extend(hash);
    lines
}

/// `    headline: orders are [-slow-]{+late+}`.
fn change(part: &Difference) -> String {
    let marked = part.runs.iter().map(|run| match run.fate {
        Fate::Kept => run.text.raw().to_owned(),
        Fate::Added => format!("{{+{}+}}", run.text.raw()),
        Fate::Removed => format!("[-{}-]", run.text.raw()),
    });
    format!("    {}: {}", part.part.word(), Outside::new(marked.collect::<String>()).safe())
}

async fn send(
    boot: &Boot,
    engine: &Engine,
    out: &Out,
    plan: &Plan,
    publication: &Publication,
) -> Result<Exit, Failure> {
    let who = &boot.operator;
    engine.submit(who, &plan.hash, Confirmation::default()).await?;
    engine.drain(AT_MOST).await;
    let incident = engine.incident(who, &plan.basis.incident.to_string()).await?.incident;
    let mine = |(_, sent): &(usize, &SentBulletin)| sent.bulletin == publication.bulletin;
    let Some((number, sent)) = (1..).zip(&incident.bulletins).filter(mine).last() else {
        return Err(Failure::new(Exit::Bug, "the bulletin was submitted and is not in the ledger"));
    };
    let (id, channels) = (&incident.id, &sent.channels);
    out.either(&Sent { incident: id, number, plan: &plan.hash, channels }, || {
        channels
            .iter()
            .map(|(name, posted)| format!("{id} bulletin {number} {}", said(name, posted)))
            .collect()
    });
    Ok(exit(channels.values()))
}

/// `on status-page: accepted, visible to readers: …`.
pub(super) fn said(channel: &str, posted: &Posted) -> String {
    let word = match posted.outcome {
        None => "on its way, OUTCOME UNKNOWN",
        Some(Outcome::Accepted) => "accepted",
        Some(Outcome::Refused) => "REFUSED",
        Some(Outcome::NotSent) => "NOT SENT",
        Some(Outcome::Unknown) => "OUTCOME UNKNOWN",
    };
    let seen = match posted.visible {
        None => "",
        Some(true) => ", visible to readers",
        Some(false) => ", NOT VISIBLE to readers",
    };
    let detail = story::tail(&posted.detail);
    format!("on {}: {word}{seen}{detail}", Outside::new(channel).safe())
}

/// Accepted everywhere; not taken by some; not known of some.
fn exit<'a>(channels: impl Iterator<Item = &'a Posted>) -> Exit {
    let of = |posted: &Posted| match posted.outcome {
        Some(Outcome::Accepted) => Exit::Ok,
        Some(Outcome::Refused | Outcome::NotSent) => Exit::Refused,
        Some(Outcome::Unknown) | None => Exit::Unknown,
    };
    let ends: Vec<Exit> = channels.map(of).collect();
    [Exit::Unknown, Exit::Refused].into_iter().find(|end| ends.contains(end)).unwrap_or(Exit::Ok)
}
