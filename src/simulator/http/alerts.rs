//! The alerts as an Alertmanager (API v2) shows them, and the pages they link to.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::answer;
use crate::simulator::Exchange;
use crate::simulator::alert::written;

pub(super) fn routes(base: &str) -> Router<Arc<Exchange>> {
    let base: Arc<str> = base.into();
    Router::new()
        .route("/-/ready", get(|| async { "OK" }))
        .route("/-/healthy", get(|| async { "OK" }))
        .route("/api/v2/status", get(status))
        .route("/api/v2/alerts", get(move |State(exchange)| alerts(exchange, base)))
        .route("/runbooks/{name}", get(runbook))
        .route("/rules/{name}", get(rule))
}

async fn alerts(exchange: Arc<Exchange>, base: Arc<str>) -> Response {
    let world = exchange.world();
    let alerts: Vec<Value> = world.alerts().iter().map(|alert| alert.json(&base, world.now())).collect();
    answer(200, Value::Array(alerts))
}

async fn status(State(exchange): State<Arc<Exchange>>) -> Response {
    let opened = written(exchange.world().opened());
    answer(
        200,
        json!({
            "cluster": { "status": "disabled", "peers": [] },
            "config": { "original": "" },
            "uptime": opened,
            "versionInfo": {
                "branch": "HEAD",
                "buildDate": "",
                "buildUser": "",
                "goVersion": "",
                "revision": "simulated",
                "version": "0.27.0",
            },
        }),
    )
}

async fn runbook(Path(name): Path<String>) -> String {
    format!(
        "Runbook {name} (simulated exchange)\n\n\
         1. Read the details of the alert: which account, key, replica or version is it?\n\
         2. Contain: freeze the account, revoke the key, take the replica out of rotation, or roll back.\n\
         3. Check that it took effect, then escalate with what is known.\n\
         4. Undo the containment once the cause is gone.\n"
    )
}

async fn rule(Path(name): Path<String>) -> String {
    format!("Alerting rule {name} of the simulated exchange.\n")
}
