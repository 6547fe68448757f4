//! `quell handover`: the watch offered to the next person with its card, looked at, and taken.

use std::time::Duration;

use clap::Args;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, report, words};
use crate::backend::{Backend, Changes, WatchOffer};
use crate::domain::id::Cursor;
use crate::domain::text::Outside;
use crate::domain::time::{Span, age, date_time};
use crate::engine::Engine;

/// `quell handover [NAME] [--accept]`.
#[derive(Debug, Args)]
#[command(
    override_usage = "quell handover <NAME> [--since <TIME>]\n       quell handover [--accept | --withdraw]",
    after_help = "Without a name it prints the card of the watch that is on offer."
)]
pub(super) struct Handover {
    /// To whom the watch is offered
    #[arg(value_parser = words::text)]
    name: Option<String>,
    /// How far back the card goes
    #[arg(long, value_name = "TIME", value_parser = words::span, default_value = "12h", conflicts_with = "accept")]
    since: Span,
    /// Take the watch that is offered to you, with what its giver holds and the roles they play
    #[arg(long, conflicts_with = "name")]
    accept: bool,
    /// Take back the watch that you offered
    #[arg(long, conflicts_with_all = ["name", "accept", "since"])]
    withdraw: bool,
}

impl Handover {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        if let Some(name) = &self.name
            && !self.offer(&boot, &engine, name).await?
            && !out.json
        {
            let name = Outside::new(name.as_str());
            out.aside(format!("nobody called {} has been seen here", name.safe()));
        }
        let now = changes(&boot, &engine).await?;
        let Some(offer) = now.watch else {
            return Err(Failure::new(
                Exit::Refused,
                "nobody offers the watch; quell handover NAME offers yours",
            ));
        };
        if self.accept && offer.to != boot.operator.name || self.withdraw && offer.by != boot.operator.name {
            return Err(Failure::new(Exit::Refused, not_theirs(&offer)));
        }
        if self.accept || self.withdraw {
            engine.accept_watch(&boot.operator, offer.seq).await?;
        }
        let ago = self.name.is_none().then(|| age(offer.at, now.now));
        out.either(&offer, || match self.withdraw {
            true => vec![format!("the watch stays with you; {} cannot take it any more", safe(&offer.to))],
            false => lines(&offer, self.accept, ago.as_deref()),
        });
        Ok(Exit::Ok)
    }

    /// Whether anybody of that name has been seen here.
    async fn offer(&self, boot: &Boot, engine: &Engine, name: &str) -> Result<bool, Failure> {
        let changes = changes(boot, engine).await?;
        let since = changes.now - self.since.delta();
        let card = report::watch_card(engine, boot, &changes, since).await?;
        Ok(engine.offer_watch(&boot.operator, name, Outside::new(card.markdown())).await?)
    }
}

async fn changes(boot: &Boot, engine: &Engine) -> Result<Changes, Failure> {
    Ok(engine.changes(&boot.operator, &Cursor::default(), Duration::ZERO).await?)
}

/// Why it can be neither taken nor taken back, and what can be done.
fn not_theirs(offer: &WatchOffer) -> String {
    let (by, to) = (safe(&offer.by), safe(&offer.to));
    format!(
        "the watch was offered to {to}: they take it with quell handover --accept, {by} takes it back with \
         --withdraw, and whoever has it offers it to somebody else with quell handover NAME"
    )
}

fn safe(name: &str) -> String {
    Outside::new(name).safe().to_string()
}

/// The card, of what time it is where that is long ago, and whose watch it is.
fn lines(offer: &WatchOffer, taken: bool, ago: Option<&str>) -> Vec<String> {
    let (by, to, at) = (safe(&offer.by), safe(&offer.to), date_time(offer.at));
    let mut lines: Vec<String> = Vec::new();
    if let Some(ago) = ago {
        lines.push(format!(
            "as it was when {by} offered it to {to}, {at}, {ago} ago: what it counts down, counts from then"
        ));
        lines.push("as of now: quell report --since 12h".to_owned());
        lines.push(String::new());
    }
    lines.extend(offer.card.lines(usize::MAX).iter().map(ToString::to_string));
    lines.push(String::new());
    lines.push(match taken {
        true => format!("the watch is yours, from {by}"),
        false => {
            format!("{by} offers the watch to {to} since {at}; they take it with quell handover --accept")
        }
    });
    lines
}
