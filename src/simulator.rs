//! A small trading exchange on loopback that gets into trouble on its own: for the demo, for drills and for tests.

mod alert;
mod chance;
mod demo;
mod effects;
mod floor;
mod growth;
mod health;
mod http;
mod keys;
mod line;
mod mailer;
mod misbehaviour;
mod releases;
mod silences;
mod sink;
mod storyline;
mod world;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;

use crate::os::clock::Clock;

pub use alert::Alert;
pub use demo::demo_config;
pub use effects::{Answer, Call, Effects, Verb};
pub use floor::MARKET_MAKER;
pub use health::{Health, Service};
pub use mailer::serve_mail;
pub use world::World;

/// The exchange: its world, moved on by every request, and what people asked of it.
pub struct Exchange {
    token: String,
    clock: Clock,
    world: Mutex<World>,
    switches: Mutex<misbehaviour::Switches>,
    sink: Mutex<sink::Sink>,
    silences: Mutex<silences::Silences>,
}

impl Exchange {
    /// An exchange that opens now. Equal seeds have equal troubles; `token` is the bearer token of the admin API.
    pub fn new(seed: u64, token: impl Into<String>, clock: Clock) -> Arc<Self> {
        let world = World::new(seed, clock.now());
        Arc::new(Self {
            token: token.into(),
            clock,
            world: Mutex::new(world),
            switches: Mutex::default(),
            sink: Mutex::default(),
            silences: Mutex::default(),
        })
    }

    /// The world as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = lock(&self.world);
        world.advance(self.clock.now());
        world
    }

    fn switches(&self) -> MutexGuard<'_, misbehaviour::Switches> {
        lock(&self.switches)
    }

    /// What the rooms have received, oldest first: when, where and what.
    pub fn posted(&self) -> Vec<(crate::domain::time::Time, String, String)> {
        self.sink().texts()
    }

    fn silences(&self) -> MutexGuard<'_, silences::Silences> {
        lock(&self.silences)
    }

    fn sink(&self) -> MutexGuard<'_, sink::Sink> {
        lock(&self.sink)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves the exchange until the task is dropped.
///
/// # Errors
/// The listener has no address.
pub async fn serve(listener: TcpListener, exchange: Arc<Exchange>) -> std::io::Result<()> {
    let base = format!("http://{}", listener.local_addr()?);
    let routes = http::router(exchange, &base).into_make_service_with_connect_info::<line::Line>();
    axum::serve(line::Lines(listener), routes).await
}
