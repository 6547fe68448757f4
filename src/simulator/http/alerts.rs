//! The alerts as an Alertmanager (API v2) shows them, and the pages they link to.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{answer, no_such_thing};
use crate::simulator::Exchange;
use crate::simulator::alert::written;
use crate::simulator::silences::{Matcher, Wanted};

pub(super) fn routes(base: &str) -> Router<Arc<Exchange>> {
    let base: Arc<str> = base.into();
    Router::new()
        .route("/-/ready", get(|| async { "OK" }))
        .route("/-/healthy", get(|| async { "OK" }))
        .route("/api/v2/status", get(status))
        .route("/api/v2/alerts", get(move |State(exchange), query| alerts(exchange, base, query)))
        .route("/api/v2/silences", get(silences).post(silence))
        .route("/api/v2/silence/{id}", get(one_silence).delete(expire))
        .route("/runbooks/{name}", get(runbook))
        .route("/rules/{name}", get(rule))
}

async fn alerts(exchange: Arc<Exchange>, base: Arc<str>, RawQuery(query): RawQuery) -> Response {
    let Some(filters) = filters(query.as_deref().unwrap_or_default()) else {
        return answer(400, Value::from("bad matcher format"));
    };
    let (world, silences) = (exchange.world(), exchange.silences());
    let all = world.alerts();
    let wanted = all.iter().filter(|alert| filters.iter().all(|filter| filter.holds(alert)));
    let now = world.now();
    let alerts: Vec<Value> = wanted.map(|it| it.json(&base, &silences.of(it, now), now)).collect();
    answer(200, Value::Array(alerts))
}

/// The conditions of a query, where each can be read.
fn filters(query: &str) -> Option<Vec<Matcher>> {
    let url = reqwest::Url::parse(&format!("http://127.0.0.1/?{query}")).ok()?;
    let filters = url.query_pairs().filter(|(name, _)| name == "filter");
    filters.map(|(_, text)| Matcher::parse(&text)).collect()
}

async fn silences(State(exchange): State<Arc<Exchange>>) -> Response {
    let now = exchange.world().now();
    answer(200, Value::Array(exchange.silences().all(now)))
}

async fn silence(State(exchange): State<Arc<Exchange>>, Json(wanted): Json<Wanted>) -> Response {
    let now = exchange.world().now();
    match exchange.silences().put(wanted, now) {
        Ok(id) => answer(200, json!({ "silenceID": id })),
        Err(why) => answer(400, Value::from(why)),
    }
}

async fn one_silence(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>) -> Response {
    let now = exchange.world().now();
    exchange.silences().one(&id, now).map_or_else(no_such_thing, |silence| answer(200, silence))
}

async fn expire(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>) -> Response {
    let now = exchange.world().now();
    if exchange.silences().expire(&id, now) { answer(200, json!({})) } else { no_such_thing() }
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
