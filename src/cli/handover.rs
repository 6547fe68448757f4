//! `quell handover`: the watch offered to the next person with its card, looked at, and taken.

use std::time::Duration;

use clap::Args;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::backend::{Backend, WatchOffer};
use crate::domain::id::Cursor;
use crate::domain::text::Outside;
use crate::domain::time::date_time;

/// `quell handover [--accept]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell handover [--accept]")]
pub(super) struct Handover {
    /// Take the watch that is offered to you, with what its giver holds and the roles they play
    #[arg(long)]
    accept: bool,
}

impl Handover {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.engine().await?;
        let who = &boot.operator;
        let changes = engine.changes(who, &Cursor::default(), Duration::ZERO).await?;
        let Some(offer) = changes.watch else {
            return Err(Failure::new(Exit::Refused, "nobody offers the watch"));
        };
        if self.accept {
            engine.accept_watch(who, offer.seq).await?;
        }
        out.either(&offer, || lines(&offer, self.accept));
        Ok(Exit::Ok)
    }
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
