//! Health endpoints, and the token service's replicas.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::{answer, no_such_thing};
use crate::simulator::Exchange;
use crate::simulator::health::Service;

pub(super) fn routes() -> Router<Arc<Exchange>> {
    let replicas = Router::new()
        .route("/tokens/replicas", get(all_replicas))
        .route("/tokens/replicas/{id}", get(one_replica));
    Service::ALL.into_iter().fold(replicas, |router, service| {
        let path = format!("/{}/health", service.word());
        router.route(&path, get(move |State(exchange)| health(exchange, service)))
    })
}

async fn health(exchange: Arc<Exchange>, service: Service) -> Response {
    let health = exchange.world().health(service);
    tokio::time::sleep(health.takes.std()).await;
    answer(health.status, health.body)
}

async fn all_replicas(State(exchange): State<Arc<Exchange>>) -> Response {
    answer(200, json!({ "replicas": exchange.world().replicas() }))
}

async fn one_replica(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>) -> Response {
    let found = exchange.world().replica(&id);
    found.map_or_else(no_such_thing, |replica| answer(200, replica))
}
