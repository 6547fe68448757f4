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
use crate::simulator::health::Service;
use crate::simulator::misbehaviour::Switch;

pub(super) fn routes(exchange: &Arc<Exchange>) -> Router<Arc<Exchange>> {
    Router::new()
        .route("/admin/accounts/{id}", get(account).put(open_account))
        .route("/admin/accounts/{id}/freeze", act(Verb::Freeze))
        .route("/admin/accounts/{id}/unfreeze", act(Verb::Unfreeze))
        .route("/admin/accounts/{id}/sessions/revoke", act(Verb::RevokeSessions))
        .route("/admin/accounts/{id}/keys", get(keys))
        .route("/admin/accounts/{id}/keys/{key}", get(key))
        .route("/admin/accounts/{id}/keys/{key}/revoke", act(Verb::RevokeKey))
        .route("/admin/services", get(services))
        .route("/admin/services/{service}", get(service))
        .route("/admin/services/{service}/versions/{version}", get(version))
        .route("/admin/services/{service}/versions/{version}/roll-back", act(Verb::RollBack))
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

/// A new customer, for those who need more than the storylines bring.
async fn open_account(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>) -> Response {
    let mut world = exchange.world();
    world.open_account(&id);
    world.account(&id).map_or_else(no_such_thing, |account| answer(201, account))
}

async fn keys(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>) -> Response {
    let found = exchange.world().keys(&id);
    found.map_or_else(no_such_thing, |keys| answer(200, json!({ "account": id, "keys": keys })))
}

async fn key(
    State(exchange): State<Arc<Exchange>>,
    Path((account, key)): Path<(String, String)>,
) -> Response {
    let found = exchange.world().key(&account, &key);
    found.map_or_else(no_such_thing, |key| answer(200, key))
}

async fn services(State(exchange): State<Arc<Exchange>>) -> Response {
    answer(200, json!({ "services": exchange.world().services() }))
}

async fn service(State(exchange): State<Arc<Exchange>>, Path(name): Path<String>) -> Response {
    let found = Service::named(&name).and_then(|service| exchange.world().service(service));
    found.map_or_else(no_such_thing, |service| answer(200, service))
}

async fn version(
    State(exchange): State<Arc<Exchange>>,
    Path((name, version)): Path<(String, String)>,
) -> Response {
    let found = Service::named(&name).and_then(|service| exchange.world().version(service, &version));
    found.map_or_else(no_such_thing, |version| answer(200, version))
}

async fn replica(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>) -> Response {
    let found = exchange.world().replica(&id);
    found.map_or_else(no_such_thing, |replica| answer(200, replica))
}

/// A change; its target is what the path names.
fn act(verb: Verb) -> MethodRouter<Arc<Exchange>> {
    post(
        async move |State(exchange): State<Arc<Exchange>>,
                    Path(target): Path<Vec<String>>,
                    headers: HeaderMap,
                    body: Bytes| {
            let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            let reason = body.get("reason").and_then(Value::as_str).map(str::to_owned);
            let done = exchange.world().act(verb, &target.join("/"), key, reason);
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
