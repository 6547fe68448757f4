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
use crate::domain::time::{Span, date_time};
use crate::engine::Engine;

/// `quell handover [NAME] [--accept]`.
#[derive(Debug, Args)]
#[command(
    override_usage = "quell handover <NAME> [--since <TIME>]\n       quell handover [--accept]",
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
}

impl Handover {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        if let Some(name) = &self.name {
            self.offer(&boot, &engine, name).await?;
        }
        let Some(offer) = changes(&boot, &engine).await?.watch else {
            return Err(Failure::new(
                Exit::Refused,
                "nobody offers the watch; quell handover NAME offers yours",
            ));
        };
        if self.accept {
            engine.accept_watch(&boot.operator, offer.seq).await?;
        }
        out.either(&offer, || lines(&offer, self.accept));
        Ok(Exit::Ok)
    }

    async fn offer(&self, boot: &Boot, engine: &Engine, name: &str) -> Result<(), Failure> {
        let changes = changes(boot, engine).await?;
        let since = changes.now - self.since.delta();
        let card = report::watch_card(engine, boot, &changes, since).await?;
        Ok(engine.offer_watch(&boot.operator, name, Outside::new(card.markdown())).await?)
    }
}

async fn changes(boot: &Boot, engine: &Engine) -> Result<Changes, Failure> {
    Ok(engine.changes(&boot.operator, &Cursor::default(), Duration::ZERO).await?)
}

/// The card, and whose watch it is.
fn lines(offer: &WatchOffer, taken: bool) -> Vec<String> {
    let name = |name: &String| Outside::new(name.clone()).safe();
    let (by, to, at) = (name(&offer.by), name(&offer.to), date_time(offer.at));
    let mut lines: Vec<String> = offer.card.lines(usize::MAX).iter().map(ToString::to_string).collect();
    lines.push(String::new());
    lines.push(match taken {
        true => format!("the watch is yours, from {by}"),
        false => {
            format!("{by} offers the watch to {to} since {at}; they take it with quell handover --accept")
        }
    });
    lines
}
