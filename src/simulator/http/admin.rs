//! The admin API, behind a bearer token: look at, change, and count.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{answer, no_such_thing};
use crate::simulator::Exchange;
use crate::simulator::effects::Verb;
use crate::simulator::misbehaviour::Switch;

pub(super) fn routes(exchange: &Arc<Exchange>) -> Router<Arc<Exchange>> {
    Router::new()
        .route("/admin/accounts/{id}", get(account))
        .route("/admin/accounts/{id}/freeze", act(Verb::Freeze))
        .route("/admin/accounts/{id}/unfreeze", act(Verb::Unfreeze))
        .route("/admin/accounts/{id}/sessions/revoke", act(Verb::RevokeSessions))
        .route("/admin/replicas/{id}", get(replica))
        .route("/admin/replicas/{id}/isolate", act(Verb::Isolate))
        .route("/admin/replicas/{id}/restore", act(Verb::Restore))
        .route("/admin/effects", get(effects))
        .route("/admin/faults", get(faults).post(add_fault).delete(clear_faults))
        .route_layer(from_fn_with_state(exchange.clone(), admit))
}

/// Lets only the bearer of the token in.
async fn admit(State(exchange): State<Arc<Exchange>>, request: Request, next: Next) -> Response {
    let wanted = format!("Bearer {}", exchange.token);
    if request.headers().get(AUTHORIZATION).is_some_and(|given| given.as_bytes() == wanted.as_bytes()) {
        next.run(request).await
    } else {
        answer(401, json!({ "error": "send the admin token as a bearer token" }))
    }
}

async fn account(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>) -> Response {
    let found = exchange.world().account(&id);
    found.map_or_else(no_such_thing, |account| answer(200, account))
}

async fn replica(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>) -> Response {
    let found = exchange.world().replica(&id);
    found.map_or_else(no_such_thing, |replica| answer(200, replica))
}

fn act(verb: Verb) -> MethodRouter<Arc<Exchange>> {
    post(
        async move |State(exchange): State<Arc<Exchange>>,
                    Path(target): Path<String>,
                    headers: HeaderMap,
                    body: Bytes| {
            let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            let reason = body.get("reason").and_then(Value::as_str).map(str::to_owned);
            let done = exchange.world().act(verb, &target, key, reason);
            answer(done.status, done.body)
        },
    )
}

async fn effects(State(exchange): State<Arc<Exchange>>) -> Response {
    answer(200, exchange.world().effects().json())
}

async fn faults(State(exchange): State<Arc<Exchange>>) -> Response {
    answer(200, json!({ "faults": exchange.switches().on() }))
}

async fn add_fault(State(exchange): State<Arc<Exchange>>, Json(switch): Json<Switch>) -> Response {
    exchange.switches().add(switch);
    answer(201, json!({ "faults": exchange.switches().on() }))
}

async fn clear_faults(State(exchange): State<Arc<Exchange>>) -> Response {
    exchange.switches().clear();
    answer(200, json!({ "faults": [] }))
}
